//! The service in this process: requests without a socket.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode};
use axum::middleware::map_request;
use calamine::{Data, Reader, Xlsx};
use http_body_util::BodyExt;
use serde_json::Value;
use shigu::core::query::Disclosure;
use shigu::data::load::{Limits, Source, fonts};
use shigu::http::{App, Authentication, Config, FrontSettings, Peer, Site, router};
use shigu::render::map::Fonts;
use shigu::render::renderer::Program;
use shigu::service::store::{DataFolder, Database, Incoming, KEPT, Reports, Store};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Cursor;
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;
use tower::ServiceExt;

/// An answer, read to its end.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&self.body)))
    }

    /// The rows of a sheet of a workbook, as texts.
    pub fn sheet(&self, name: &str) -> Vec<Vec<String>> {
        assert_eq!(self.status, 200, "{}", String::from_utf8_lossy(&self.body));
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(self.body.to_vec())).unwrap();
        let sheet = book.worksheet_range(name).unwrap();
        let text = |cell: &Data| if *cell == Data::Empty { String::new() } else { cell.to_string() };
        sheet.rows().map(|row| row.iter().map(text).collect()).collect()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }
}

/// A data folder; beside a PostgreSQL server (`make test-postgres`) with its database there, in a schema of the folder's own.
pub fn kept(data: &Path) -> DataFolder {
    let Ok(server) = std::env::var("SHIGU_TEST_POSTGRES") else { return data.into() };
    let mut name = DefaultHasher::new();
    data.hash(&mut name);
    let address = format!("{server}&options=-csearch_path%3Di{:x}", name.finish());
    DataFolder::new(data, Some(&address)).unwrap_or_else(|e| panic!("{}", e.text().en))
}

fn folder_of(folder: &str) -> Source {
    Source::Folder(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder))
}

fn with_store(store: Store, disclosure: Disclosure) -> Config {
    let config = Config::new(Arc::new(store), disclosure);
    // an attacker without limits is the one to withstand
    Config { front: front(), protected_questions: 0, ..config }
}

/// How readers come: under a name of the tests.
pub fn front() -> FrontSettings {
    FrontSettings { host_names: vec!["shigu.test".into()], instance: "test".into(), ..FrontSettings::default() }
}

fn config(folder: &str, disclosure: Disclosure) -> Config {
    let (store, _) = Store::open(folder_of(folder), Limits::default())
        .unwrap_or_else(|report| panic!("{}", report.render(shigu::core::model::Lang::En)));
    with_store(store, disclosure)
}

fn config_in(folder: &str, disclosure: Disclosure, data: &Path) -> Config {
    let (store, _) = Store::open_in(kept(data), KEPT, folder_of(folder), Limits::default())
        .unwrap_or_else(|e| panic!("{}", e.text().en));
    let incoming = Some(Incoming::open(kept(data)).unwrap());
    Config { incoming, folder: Some(data.to_owned()), ..with_store(store, disclosure) }
}

pub fn installed_fonts() -> Fonts {
    let (faces, first) = fonts(None).expect("the fonts of this computer");
    Fonts::new(faces, first)
}

/// The service over a dataset folder of this repository.
pub struct Service(pub Router);

impl Service {
    pub fn new(config: Config) -> Self {
        Self::of(App::new(config).unwrap_or_else(|e| panic!("{}", e.text().en)))
    }

    pub fn of(app: App) -> Self {
        let router = router(app);
        // requests come from this machine, unless a test says otherwise
        Self(router.layer(map_request(|mut request: Request<Body>| async {
            request.extensions_mut().get_or_insert(Peer(Ipv4Addr::LOCALHOST.into()));
            request
        })))
    }

    pub fn open(folder: &str, disclosure: Disclosure) -> Self {
        Self::new(Config { fonts: installed_fonts(), ..config(folder, disclosure) })
    }

    /// The service as it is behind a proxy, where nobody is the owner.
    pub fn behind(folder: &str, public_url: &str) -> Self {
        let front = FrontSettings { public_url: Some(public_url.to_owned()), ..front() };
        Self::new(Config { front, fonts: installed_fonts(), ..config(folder, Disclosure::Aggregates) })
    }

    /// The service with an origin whose pages may read.
    pub fn allowing(folder: &str, disclosure: Disclosure, origin: &str) -> Self {
        let front = FrontSettings { allow_origins: vec![origin.into()], ..front() };
        Self::new(Config { front, ..config(folder, disclosure) })
    }

    /// The service with a database of its own.
    pub fn with_database(folder: &str, disclosure: Disclosure, database: Database) -> Self {
        Self::new(Config { database: Some(database), ..config(folder, disclosure) })
    }

    /// The service with a data folder: versions of the register, and files on their way in.
    pub fn in_data_folder(folder: &str, disclosure: Disclosure, data: &Path) -> Self {
        Self::new(config_in(folder, disclosure, data))
    }

    /// The service with accounts, kept in a data folder; whether who has not logged in may read.
    pub fn with_accounts(folder: &str, data: &Path, authentication: Authentication) -> Self {
        Self::of(Self::copy(folder, data, authentication, installed_fonts()))
    }

    /// A copy of that service, with what it does in the background.
    pub fn copy(folder: &str, data: &Path, authentication: Authentication, fonts: Fonts) -> App {
        let config = Config {
            fonts,
            database: Some(Database::open(kept(data)).unwrap()),
            accounts: Some(authentication),
            reports: Some(Reports::open(kept(data), 0).unwrap()),
            ..config_in(folder, Disclosure::Aggregates, data)
        };
        App::new(config).unwrap_or_else(|e| panic!("{}", e.text().en))
    }

    /// The service with accounts, where another than who made a change publishes it.
    pub fn of_two_persons(folder: &str, data: &Path, authentication: Authentication) -> Self {
        Self::new(Config {
            database: Some(Database::open(kept(data)).unwrap()),
            accounts: Some(authentication),
            two_persons: true,
            ..config_in(folder, Disclosure::Aggregates, data)
        })
    }

    /// The service with accounts and an identity provider, under its public address.
    #[cfg(feature = "oidc")]
    pub fn with_provider(
        folder: &str,
        data: &Path,
        public_url: &str,
        provider: shigu::service::oidc::Provider,
    ) -> Self {
        Self::new(Config {
            front: FrontSettings { public_url: Some(public_url.to_owned()), ..front() },
            oidc: Some(provider),
            database: Some(Database::open(kept(data)).unwrap()),
            accounts: Some(Authentication::default()),
            ..config_in(folder, Disclosure::Aggregates, data)
        })
    }

    /// The service with a place for reports made in batches.
    pub fn with_reports(folder: &str, disclosure: Disclosure, reports: Reports) -> Self {
        Self::new(Config { fonts: installed_fonts(), reports: Some(reports), ..config(folder, disclosure) })
    }

    /// The service over a store of its own.
    pub fn over(store: Arc<Store>, disclosure: Disclosure) -> Self {
        let config = Config::new(store, disclosure);
        Self::new(Config { front: front(), ..config })
    }

    /// The service where readers may ask so many questions in a day whose sums are protected.
    pub fn with_questions(folder: &str, questions: u32) -> Self {
        Self::new(Config { protected_questions: questions, ..config(folder, Disclosure::Aggregates) })
    }

    /// The service with the settings of an installation.
    pub fn with_site(folder: &str, site: Site) -> Self {
        Self::new(Config { site, ..config(folder, Disclosure::Full) })
    }

    /// The service on a computer without fonts.
    pub fn fontless(folder: &str) -> Self {
        Self::new(config(folder, Disclosure::Full))
    }

    /// The same with a place for reports made in batches.
    pub fn with_reports_fontless(folder: &str, reports: Reports) -> Self {
        Self::new(Config { reports: Some(reports), ..config(folder, Disclosure::Full) })
    }

    /// The service with a program that draws maps.
    pub fn with_renderer(folder: &str, program: Program) -> Self {
        let fonts = installed_fonts();
        Self::new(Config { fonts, renderer: Some(program), ..config(folder, Disclosure::Full) })
    }

    pub fn hangzhou(disclosure: Disclosure) -> Self {
        Self::open("geodata/hangzhou", disclosure)
    }

    /// As a client would: HTTP/1.1 always names the host.
    pub async fn send(&self, mut request: Request<Body>) -> Answer {
        request.headers_mut().entry("host").or_insert(HeaderValue::from_static("shigu.test"));
        let response = self.0.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// JSON, or nothing where the body is null, by whoever holds this cookie; an empty one is nobody's.
    pub async fn send_as(&self, method: &str, uri: &str, cookie: &str, body: &Value) -> Answer {
        let mut request = Request::builder().method(method).uri(uri);
        if !cookie.is_empty() {
            request = request.header("cookie", cookie);
        }
        let body = if body.is_null() {
            Body::empty()
        } else {
            request = request.header("content-type", "application/json");
            Body::from(body.to_string())
        };
        self.send(request.body(body).unwrap()).await
    }

    pub async fn get(&self, uri: &str) -> Answer {
        self.get_with(uri, &[]).await
    }

    pub async fn get_with(&self, uri: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::get(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::empty()).unwrap()).await
    }

    pub async fn post(&self, uri: &str, kind: &str, body: impl Into<Body>) -> Answer {
        self.send(Request::post(uri).header("content-type", kind).body(body.into()).unwrap()).await
    }

    /// A 200 with JSON.
    pub async fn json(&self, uri: &str) -> Value {
        let answer = self.get(uri).await;
        assert_eq!(answer.status, 200, "{uri}: {}", String::from_utf8_lossy(&answer.body));
        answer.json()
    }
}
