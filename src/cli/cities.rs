//! `shigu serve --cities`: a dataset folder for each city, loaded when it is asked for.

use super::beside::{beside, notice};
use super::both;
use super::installation::{Installation, Place, Refused, Service};
use crate::core::model::Text;
use crate::data::load::Source;
use crate::http::{CITIES, CitiesApp, CitiesConfig, CityService, Resources, cities_monitoring, cities_router};
use crate::service::cities::{Cities, City};
use crate::service::store::DataFolder;
use crate::service::task::blocking;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::MissedTickBehavior;

/// How often it is looked whether a city can be unloaded.
const LOOK: Duration = Duration::from_secs(2);
/// Characters of findings that are kept of a city whose data are refused; the log has all.
const LONGEST_REASON: usize = 4_000;

/// Begins the service of the cities of a folder. Each keeps what it keeps in a folder of its own below `cities` of the data
/// folder.
pub(super) fn begin(installation: &Arc<Installation>, folder: PathBuf, reached: String) -> Result<Service, String> {
    let args = &installation.args;
    let resources = Resources::new(args.protected_questions);
    let (with, shared, own) = (installation.clone(), resources.clone(), Mutex::new(HashMap::new()));
    let shown = folder.display().to_string();
    let open = move |city: &City| {
        let mut own = own.lock().unwrap_or_else(PoisonError::into_inner);
        // what a city counts outlasts it
        let resources = own.entry(city.id.clone()).or_insert_with(|| shared.beside(with.args.protected_questions));
        let resources = Resources::clone(resources);
        drop(own);
        opened(&with, city, resources, &reached).map_err(|e| {
            tracing::error!(city = city.id, "the city can't be served\n{}", both(&e));
            Text::new(shortened(e.zh), shortened(e.en))
        })
    };
    let budget = args.cities.cities_memory;
    let cities = Cities::open(folder, args.data.limits(), budget, open)
        .map_err(|e| format!("--cities {shown} 读不出 / --cities {shown} can't be read: {e}"))?;
    unfit(&cities);
    if args.data.data_dir.is_some() || args.accounts {
        notice(
            args.operating.log_format,
            "各城市的运行数据与帐户互不相通,在 --data-dir 的 cities/城市标识 中 / what each city keeps, its accounts included, is its own: in cities/ID of --data-dir",
        );
    }
    let hangup = signal(SignalKind::hangup()).map_err(|e| e.to_string())?;
    tokio::spawn(look_after(hangup, cities.clone()));
    let app = CitiesApp::new(CitiesConfig {
        site: installation.site(None).map_err(|e| both(&e))?,
        front: installation.front.clone(),
        disclosure: installation.disclosure,
        accounts: installation.accounts.clone(),
        folder: args.data.data_dir.clone(),
        cities: cities.clone(),
        resources,
    });
    let n = cities.list().len();
    Ok(Service {
        monitoring: cities_monitoring(app.clone()),
        router: cities_router(app),
        said: format!("{n} 个城市 / {n} cities  {shown}"),
        close: Box::new(move || cities.close()),
    })
}

/// Loads a city and begins what goes on beside its requests.
fn opened(with: &Installation, city: &City, resources: Resources, reached: &str) -> Result<CityService, Text> {
    let span = tracing::info_span!("city", id = city.id).entered();
    let began = Instant::now();
    let path = format!("{}{}", CITIES, city.id);
    let folder = with.args.data.data_dir.as_deref().map(|data| data_folder(data, &city.id)).transpose()?;
    let place = Place { source: Source::Folder(city.folder.clone()), folder, path: path.clone() };
    let opened = with.open(place, Some(resources)).map_err(|e: Refused| e.text())?;
    let running = beside(with, &opened, &format!("{reached}{path}")).map_err(|e| Text::new(&e, &e))?;
    let (ms, warnings) = (began.elapsed().as_millis() as u64, opened.warnings);
    tracing::info!(revision = opened.store.snapshot().describe().revision, warnings, ms, "loaded");
    drop(span);
    Ok(CityService::new(opened.app, running))
}

/// The data folder of a city, made when missing.
fn data_folder(data: &Path, id: &str) -> Result<DataFolder, Text> {
    let folder = data.join("cities").join(id);
    let shown = folder.display();
    std::fs::create_dir_all(&folder)
        .map_err(|e| Text::new(format!("无法建立 {shown}:{e}"), format!("can't make {shown}: {e}")))?;
    DataFolder::new(&folder, None).map_err(|e| e.text())
}

/// Looks at the folder again at each SIGHUP, and unloads what nobody needs.
async fn look_after(mut hangup: Signal, cities: Cities<CityService>) {
    let mut look = tokio::time::interval(LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let hung_up = tokio::select! {
            hung_up = hangup.recv() => match hung_up { Some(()) => true, None => return },
            _ = look.tick() => false,
        };
        let of = cities.clone();
        let looking = move || {
            if hung_up {
                match of.rescan() {
                    Ok(()) => {
                        tracing::info!(cities = of.list().len(), "the folder of the cities was looked at again");
                        unfit(&of);
                    }
                    Err(e) => tracing::error!(error = %e, "the folder of the cities can't be read, the cities stay"),
                }
            }
            // what was published since is in sums over cities, whenever the city is unloaded
            of.list().iter().filter_map(|one| one.shard.as_ref()).for_each(|shard| drop(shard.keep_sums()));
            of.trim();
        };
        if let Err(e) = blocking(looking).await {
            tracing::error!(error = %e, "the cities were not looked after");
        }
    }
}

fn unfit(cities: &Cities<CityService>) {
    for name in cities.unfit() {
        tracing::warn!(
            "文件夹“{name}”不能作为城市标识(小写字母、数字、- 与 _),未提供 / the folder {name:?} is no id of a city (lower-case letters, digits, - and _) and is not served"
        );
    }
}

/// The beginning of a text.
fn shortened(text: String) -> String {
    match text.char_indices().nth(LONGEST_REASON) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}
