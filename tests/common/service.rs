//! The service in this process: requests without a socket.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;
use shigu::core::query::Disclosure;
use shigu::data::load::{Limits, Source, fonts};
use shigu::http::{App, Entrance, Site, router};
use shigu::render::map::Fonts;
use shigu::render::renderer::Program;
use shigu::service::store::{Database, Incoming, KEPT, Reports, Store};
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

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }
}

fn app(folder: &str, disclosure: Disclosure, public_url: Option<&str>) -> App {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let (store, _) = Store::open(Source::Folder(path), Limits::default())
        .unwrap_or_else(|report| panic!("{}", report.render(shigu::core::model::Lang::En)));
    App::new(Arc::new(store), disclosure, public_url.map(str::to_owned), "test".into())
}

/// The service over a dataset folder of this repository.
pub struct Service(pub Router);

impl Service {
    pub fn open(folder: &str, disclosure: Disclosure) -> Self {
        Self::behind(folder, disclosure, Some("http://shigu.test"))
    }

    /// The service as it is behind a proxy, or nowhere in particular.
    pub fn behind(folder: &str, disclosure: Disclosure, public_url: Option<&str>) -> Self {
        let (faces, first) = fonts(None).expect("the fonts of this computer");
        Self(router(app(folder, disclosure, public_url).with_fonts(Fonts::new(faces, first))))
    }

    /// The service with a memory of its own.
    pub fn keeping(folder: &str, disclosure: Disclosure, database: Database) -> Self {
        Self(router(app(folder, disclosure, Some("http://shigu.test")).with_database(Some(database))))
    }

    /// The service with a data folder: versions of the register, and files on their way in.
    pub fn in_data_folder(folder: &str, disclosure: Disclosure, data: &Path) -> Self {
        let source = Source::Folder(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder));
        let (store, _) =
            Store::open_in(data, KEPT, source, Limits::default()).unwrap_or_else(|e| panic!("{}", e.text().en));
        let app = App::new(Arc::new(store), disclosure, Some("http://shigu.test".into()), "test".into());
        Self(router(app.with_incoming(Some(Incoming::open(data).unwrap()))))
    }

    /// The service with accounts, kept in a data folder; whether who has not logged in may read.
    pub fn with_accounts(folder: &str, data: &Path, entrance: Entrance) -> Self {
        let source = Source::Folder(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder));
        let (store, _) =
            Store::open_in(data, KEPT, source, Limits::default()).unwrap_or_else(|e| panic!("{}", e.text().en));
        let (faces, first) = fonts(None).expect("the fonts of this computer");
        let app = App::new(Arc::new(store), Disclosure::Aggregates, Some("http://shigu.test".into()), "test".into())
            .with_fonts(Fonts::new(faces, first))
            .with_incoming(Some(Incoming::open(data).unwrap()))
            .with_database(Some(Database::open(data).unwrap()))
            .with_accounts(Some(entrance));
        Self(router(app))
    }

    /// The service with a place for reports made in batches.
    pub fn with_reports(folder: &str, disclosure: Disclosure, reports: Reports) -> Self {
        let (faces, first) = fonts(None).expect("the fonts of this computer");
        let app = app(folder, disclosure, Some("http://shigu.test")).with_fonts(Fonts::new(faces, first));
        Self(router(app.with_reports(Some(reports))))
    }

    /// The service over a store of its own.
    pub fn over(store: Arc<Store>, disclosure: Disclosure) -> Self {
        Self(router(App::new(store, disclosure, Some("http://shigu.test".into()), "test".into())))
    }

    /// The service with the settings of an installation.
    pub fn with_site(folder: &str, site: Site) -> Self {
        Self(router(app(folder, Disclosure::Full, Some("http://shigu.test")).with_site(site)))
    }

    /// The service on a computer without fonts.
    pub fn fontless(folder: &str) -> Self {
        Self(router(app(folder, Disclosure::Full, Some("http://shigu.test"))))
    }

    /// The same with a place for reports made in batches.
    pub fn with_reports_fontless(folder: &str, reports: Reports) -> Self {
        Self(router(app(folder, Disclosure::Full, Some("http://shigu.test")).with_reports(Some(reports))))
    }

    /// The service with a program that draws maps.
    pub fn with_renderer(folder: &str, program: Program) -> Self {
        let (faces, first) = fonts(None).expect("the fonts of this computer");
        let app = app(folder, Disclosure::Full, Some("http://shigu.test")).with_fonts(Fonts::new(faces, first));
        Self(router(app.with_renderer(Some(program))))
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
