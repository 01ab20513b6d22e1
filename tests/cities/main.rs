//! Several cities in one service: each answers below its prefix as it does alone (`alike`), no state of one is seen by another
//! (`apart`), figures over several are those of each (`sums`, `zones`, `tiles`), how they are kept (`kept`), and what leads to the
//! cities (`whole`). Foreign cities only.

use crate::common;

pub(crate) mod alike;
mod apart;
mod engine;
mod kept;
mod questions;
mod sums;
mod tiles;
mod whole;
mod zones;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::middleware::map_request;
use common::service::{Answer, Service, front, kept};
use serde_json::{Value, json};
use shigu::core::model::{Lang, Text};
use shigu::core::query::Disclosure;
use shigu::data::load::{Limits, Source};
use shigu::http::{
    App, Authentication, CitiesApp, CitiesConfig, CityService, Config, ConfigError, FrontSettings, Peer, Places,
    Resources, Site, cities_router,
};
use shigu::service::cities::questions::{NationalEngine, Questions, RowsFolder};
use shigu::service::cities::{Aggregates, Cities, City, Refusal, aggregates};
use shigu::service::store::{CityFolders, Database, Incoming, KEPT, Reports, Store};
use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

/// Cities of three countries, by the folder of tests/data.
pub(crate) const FOREIGN: [&str; 3] = ["orchards", "quayside", "lanes"];

/// Several cities in one service, with a folder for them and one for what they keep.
pub(crate) struct World {
    pub(crate) service: Service,
    pub(crate) app: CitiesApp,
    pub(crate) folder: TempDir,
    pub(crate) data: TempDir,
}

/// How a world is made.
#[derive(Clone)]
pub(crate) struct Made {
    pub(crate) budget: u64,
    pub(crate) disclosure: Disclosure,
    pub(crate) accounts: Option<Authentication>,
    pub(crate) front: FrontSettings,
    /// What answers questions over the rows of all cities.
    pub(crate) engine: Option<Arc<dyn NationalEngine>>,
}

impl Made {
    /// As on the machine of the owner.
    pub(crate) fn of_owner() -> Self {
        Self { budget: u64::MAX, disclosure: Disclosure::Full, accounts: None, front: front(), engine: None }
    }

    /// With accounts; whether who has not logged in reads.
    pub(crate) fn with_accounts(anonymous: bool) -> Self {
        let accounts = Some(Authentication { anonymous, ..Authentication::default() });
        Self { disclosure: Disclosure::Aggregates, accounts, ..Self::of_owner() }
    }
}

impl World {
    /// The cities, by id and the folder of tests/data.
    pub(crate) fn new(cities: &[(&str, &str)], made: Made) -> Self {
        let (folder, data) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        cities.iter().for_each(|(id, of)| put(folder.path(), id, of));
        Self::over(folder, data, made)
    }

    /// The program is started again on the same folders.
    pub(crate) fn again(self, made: Made) -> Self {
        let Self { folder, data, service, app } = self;
        drop((service, app));
        Self::over(folder, data, made)
    }

    fn over(folder: TempDir, data: TempDir, made: Made) -> Self {
        let folders = CityFolders::new(data.path(), None, None, aggregates).unwrap();
        Self::keeping(folder, data, made, folders)
    }

    /// The cities of a folder, which keep what they keep there.
    pub(crate) fn keeping(folder: TempDir, data: TempDir, made: Made, folders: CityFolders) -> Self {
        let (resources, folders) = (Resources::new(0), Arc::new(folders));
        let aggregates = Arc::new(Aggregates::open(Some(data.path())).unwrap());
        let questions = made.engine.clone().map(|engine| {
            let rows = Arc::new(RowsFolder::open(data.path()).unwrap());
            Arc::new(Questions::new(engine, rows, 200_000_000))
        });
        let rows = questions.as_ref().map(|questions| questions.rows().clone());
        let (with, shared, kept, figures) = (made.clone(), resources.clone(), folders.clone(), aggregates.clone());
        let open = move |city: &City| {
            let places = Places { aggregates: figures.clone(), shared: None, rows: rows.clone() };
            opened(city, &with, (shared.beside(0), places), &kept).map_err(Refusal::from)
        };
        let cities = Cities::open(folder.path().to_owned(), Limits::default(), made.budget, open).unwrap();
        let Made { front, disclosure, accounts, .. } = made;
        let (site, folders) = (Site::default(), Some(folders));
        let config =
            CitiesConfig { cities, front, disclosure, accounts, site, folders, aggregates, questions, resources };
        let app = CitiesApp::new(config);
        Self { service: here(cities_router(app.clone())), app, folder, data }
    }

    /// The foreign cities under their own names.
    pub(crate) fn foreign(made: Made) -> Self {
        Self::new(&FOREIGN.map(|of| (of, of)), made)
    }

    pub(crate) async fn get(&self, uri: &str) -> Answer {
        self.service.get(uri).await
    }

    pub(crate) async fn send(&self, method: &str, uri: &str, cookie: &str, body: &Value) -> Answer {
        self.service.send_as(method, uri, cookie, body).await
    }

    /// Id and state of all cities.
    pub(crate) async fn states(&self) -> Vec<(String, String)> {
        let list = self.service.json("/cities").await;
        let of = |one: &Value| (text(&one["id"]), text(&one["state"]));
        list["cities"].as_array().unwrap().iter().map(of).collect()
    }

    /// Ids of loaded cities.
    pub(crate) async fn ready(&self) -> Vec<String> {
        self.states().await.into_iter().filter(|(_, state)| state == "ready").map(|(id, _)| id).collect()
    }

    /// The first administrator of a city, logged in.
    pub(crate) async fn administrator(&self, city: &str) -> String {
        // the city makes its database
        assert!(self.get(&format!("/cities/{city}/session")).await.status.is_success());
        let database = Database::open(self.data.path().join("cities").join(city).as_path()).unwrap();
        let token = database.offer_claim(None, crate::accounts::now()).unwrap();
        let body = json!({"token": token, "name": format!("admin-of-{city}"), "password": crate::accounts::PASSWORD});
        let answer = self.send("POST", &format!("/cities/{city}/session/claim"), "", &body).await;
        assert_eq!(answer.status, 200, "{}", answer.json());
        let set = answer.header("set-cookie");
        assert!(set.contains(&format!("; Path=/cities/{city}/;")), "{set}");
        set.split(';').next().unwrap().to_owned()
    }
}

/// Requests come from this machine, unless a test says otherwise.
fn here(router: Router) -> Service {
    Service(router.layer(map_request(|mut request: Request<Body>| async {
        request.extensions_mut().get_or_insert(Peer(Ipv4Addr::LOCALHOST.into()));
        request
    })))
}

/// Makes a city of a folder of tests/data.
pub(crate) fn put(folder: &Path, id: &str, of: &str) {
    fs::create_dir_all(folder.join(id)).unwrap();
    common::copy_dataset(&format!("tests/data/{of}"), &folder.join(id));
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn opened(
    city: &City,
    made: &Made,
    (resources, places): (Resources, Places),
    folders: &CityFolders,
) -> Result<CityService, Text> {
    let folder = folders.city(&city.id).unwrap();
    let path = format!("/cities/{}", city.id);
    let public_url = made.front.public_url.as_ref().map(|url| format!("{url}{path}"));
    let source = Source::Folder(city.folder.clone());
    let (store, _) = Store::open_in(&folder, KEPT, source, Limits::default()).map_err(|e| e.text())?;
    let config = Config {
        front: FrontSettings { public_url, path, ..made.front.clone() },
        accounts: made.accounts.clone(),
        database: Some(Database::open(&folder).unwrap()),
        incoming: Some(Incoming::open(&folder).unwrap()),
        reports: Some(Reports::open(&folder, 0).unwrap()),
        folder: Some(folder.path().to_owned()),
        site: Site { of_several: true, ..Site::default() },
        protected_questions: 0,
        resources: Some(resources),
        ..Config::new(Arc::new(store), made.disclosure)
    };
    let (app, shared) = (App::new(config).map_err(ConfigError::text)?, folder.shared().unwrap());
    Ok(CityService::new(city.id.clone(), app, Vec::new(), Places { shared, ..places }))
}

/// A city alone, as the service of one dataset, over a data folder of its own.
pub(crate) fn alone(of: &str, data: &Path, made: &Made) -> Service {
    let source = Source::Folder(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(of));
    let (store, _) = Store::open_in(kept(data), KEPT, source, Limits::default())
        .unwrap_or_else(|e| panic!("{}", e.text().get(Lang::En)));
    Service::new(Config {
        front: made.front.clone(),
        accounts: made.accounts.clone(),
        database: Some(Database::open(kept(data)).unwrap()),
        incoming: Some(Incoming::open(kept(data)).unwrap()),
        reports: Some(Reports::open(kept(data), 0).unwrap()),
        protected_questions: 0,
        ..Config::new(Arc::new(store), made.disclosure)
    })
}
