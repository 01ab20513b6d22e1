//! `shigu serve --cities`: a dataset folder for each city, loaded when it is asked for.

use super::beside::{beside, notice};
use super::both;
use super::installation::{Installation, Place, Service};
use crate::core::model::Text;
use crate::data::load::Source;
use crate::http::{CITIES, CitiesApp, CitiesConfig, CityService, Places, Resources, cities_monitoring, cities_router};
use crate::service::cities::questions::{Questions, RowsFolder};
use crate::service::cities::{Aggregates, Cities, City, Refusal, aggregates};
use crate::service::store::{CityFolders, DataFolder, OpenError};
use crate::service::task::blocking;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::MissedTickBehavior;

/// How often it is looked whether a city can be unloaded.
const LOOK: Duration = Duration::from_secs(2);
/// Characters of findings that are kept of a city whose data are refused; the log has all.
const LONGEST_REASON: usize = 4_000;

/// Begins the service of the cities of a folder. Each keeps what it keeps in a folder of its own below `cities` of the data
/// folder, with a schema of its own in the database and a folder in the object store where there are such.
pub(super) fn begin(installation: &Arc<Installation>, folder: PathBuf, reached: String) -> Result<Service, String> {
    let args = &installation.args;
    let resources = Resources::new(args.protected_questions);
    let folders = args.data.folders(aggregates)?.map(Arc::new);
    let (with, kept) = (installation.clone(), folders.clone());
    let (shared, own) = (resources.clone(), Mutex::new(HashMap::new()));
    let shown = folder.display().to_string();
    let figures = Arc::new(Aggregates::open(args.data.data_dir.as_deref()).map_err(|e| e.to_string())?);
    let questions = questions(installation)?;
    let of_all = (figures.clone(), questions.as_ref().map(|questions| questions.rows().clone()));
    let open = move |city: &City| {
        let mut own = own.lock().unwrap_or_else(PoisonError::into_inner);
        // what a city counts outlasts it
        let resources = own.entry(city.id.clone()).or_insert_with(|| shared.beside(with.args.protected_questions));
        let resources = Resources::clone(resources);
        drop(own);
        opened(&with, kept.as_deref(), city, (resources, &of_all), &reached).map_err(|Refusal { why, passes }| {
            tracing::error!(city = city.id, "the city can't be served\n{}", both(&why));
            Refusal { why: Text::new(shortened(why.zh), shortened(why.en)), passes }
        })
    };
    let budget = args.cities.cities_memory;
    let cities = Cities::open(folder, args.data.limits(), budget, open)
        .map_err(|e| format!("--cities {shown} 读不出 / --cities {shown} can't be read: {e}"))?;
    if let Some(folders) = &folders {
        folders.share_among(cities.list().len());
    }
    unfit(&cities);
    if args.data.data_dir.is_some() || args.accounts {
        notice(
            args.operating.log_format,
            if folders.as_ref().is_some_and(|folders| folders.is_shared()) {
                "各城市的运行数据与帐户互不相通,在数据库的 schema city_城市标识 中 / what each city keeps, its accounts included, is its own: in the schema city_ID of the database"
            } else {
                "各城市的运行数据与帐户互不相通,在 --data-dir 的 cities/城市标识 中 / what each city keeps, its accounts included, is its own: in cities/ID of --data-dir"
            },
        );
    }
    let hangup = signal(SignalKind::hangup()).map_err(|e| e.to_string())?;
    tokio::spawn(look_after(hangup, cities.clone(), (folders.clone(), figures.clone(), questions.clone())));
    let app = CitiesApp::new(CitiesConfig {
        site: installation.site(None).map_err(|e| both(&e))?,
        front: installation.front.clone(),
        disclosure: installation.disclosure,
        accounts: installation.accounts.clone(),
        folders,
        aggregates: figures,
        questions: questions.clone(),
        cities: cities.clone(),
        resources,
    });
    let n = cities.list().len();
    Ok(Service {
        monitoring: cities_monitoring(app.clone()),
        router: cities_router(app),
        said: format!("{n} 个城市 / {n} cities  {shown}"),
        close: Box::new(move || {
            questions.iter().for_each(|questions| questions.close());
            cities.close();
        }),
    })
}

/// Loads a city and begins what goes on beside its requests.
fn opened(
    with: &Installation,
    folders: Option<&CityFolders>,
    city: &City,
    (resources, (figures, rows)): (Resources, &(Arc<Aggregates>, Option<Arc<RowsFolder>>)),
    reached: &str,
) -> Result<CityService, Refusal> {
    let span = tracing::info_span!("city", id = city.id).entered();
    let began = Instant::now();
    let path = format!("{}{}", CITIES, city.id);
    let folder = folders.map(|all| all.city(&city.id)).transpose().map_err(|e| not_kept(&e))?;
    let place = Place { source: Source::Folder(city.folder.clone()), folder: folder.clone(), path: path.clone() };
    let opened = with.open(place, Some(resources)).map_err(|e| Refusal { passes: e.passes(), why: e.text() })?;
    let running = beside(with, &opened, &format!("{reached}{path}")).map_err(|e| Text::new(&e, &e))?;
    let (ms, warnings) = (began.elapsed().as_millis() as u64, opened.warnings);
    tracing::info!(revision = opened.store.snapshot().describe().revision, warnings, ms, "loaded");
    drop(span);
    let shared = folder.as_ref().map_or(Ok(None), DataFolder::shared).map_err(|e| not_kept(&e.into()))?;
    let places = Places { aggregates: figures.clone(), shared, rows: rows.clone() };
    Ok(CityService::new(city.id.clone(), opened.app, running, places))
}

/// Questions over the rows of all cities, where there is an engine and a place for the rows.
fn questions(installation: &Installation) -> Result<Option<Arc<Questions>>, String> {
    let args = &installation.args;
    let Some(engine) = args.cities.engine()? else { return Ok(None) };
    let Some(folder) = args.data.data_dir.as_deref() else {
        if args.cities.engine.is_some() {
            return Err("--engine 需要 --data-dir:各城市的记录存放在其中 / --engine needs --data-dir: the rows of the cities lie in it".to_owned());
        }
        return Ok(None);
    };
    let rows = RowsFolder::open(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    tracing::info!("查询引擎 / engine: {}", engine.path().display());
    let memory = usize::try_from(args.cities.engine_memory).unwrap_or(usize::MAX);
    Ok(Some(Arc::new(Questions::new(Arc::new(engine), Arc::new(rows), memory))))
}

/// Why what a city keeps can't be had.
fn not_kept(e: &OpenError) -> Refusal {
    Refusal { passes: e.is_away(), why: e.text() }
}

/// Looks at the folder again at each SIGHUP, and unloads what nobody needs.
async fn look_after(
    mut hangup: Signal,
    cities: Cities<CityService>,
    (folders, figures, questions): (Option<Arc<CityFolders>>, Arc<Aggregates>, Option<Arc<Questions>>),
) {
    let mut look = tokio::time::interval(LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let hung_up = tokio::select! {
            hung_up = hangup.recv() => match hung_up { Some(()) => true, None => return },
            _ = look.tick() => false,
        };
        let (of, folders, kept, questions) = (cities.clone(), folders.clone(), figures.clone(), questions.clone());
        let looking = move || {
            if hung_up {
                match of.rescan() {
                    Ok(()) => {
                        tracing::info!(cities = of.list().len(), "the folder of the cities was looked at again");
                        unfit(&of);
                        if let Some(folders) = folders {
                            folders.share_among(of.list().len());
                        }
                    }
                    Err(e) => tracing::error!(error = %e, "the folder of the cities can't be read, the cities stay"),
                }
            }
            // what was published since is in sums over cities, whenever the city is unloaded
            let all = of.list();
            let ids = all.iter().map(|one| one.city.id.clone()).collect();
            if let Some(questions) = questions {
                questions.rows().retain(&ids);
                all.iter().filter_map(|one| one.shard.as_ref()).for_each(|shard| shard.keep_rows());
            }
            let cities = kept.retain(&ids).and_then(|()| kept.cities());
            match cities {
                Ok(cities) => {
                    all.iter().filter_map(|one| one.shard.as_ref()).for_each(|shard| shard.keep_figures(&cities));
                }
                Err(e) => tracing::error!(error = %e, "the figures of the cities can't be kept"),
            }
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
