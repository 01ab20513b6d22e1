//! Accounts: who comes in (`entry`), what readers leave here (`belongings`), what the service makes by itself (`briefings`) and take away (`audit`), what each role may ask of each route (`routes`), what participants of a round see by their links and what comes of it (`rounds`, `consultations`), what a reader limited to a district
//! sees (`scope`); who is taken for whom (`trust`); that no answer that is kept reaches another (`kept`).

use crate::common;
mod audit;
mod belongings;
mod briefings;
mod consultations;
mod entry;
mod kept;
#[cfg(feature = "oidc")]
mod oidc;
mod progress;
mod rounds;
mod routes;
mod saved;
mod scope;
mod trust;

use common::service::{Answer, Service, kept};
use serde_json::{Value, json};
use shigu::http::Authentication;

pub(crate) const PASSWORD: &str = "一个够长的口令 1234";

/// The service with an administrator, in a data folder of its own.
pub(crate) struct World {
    pub(crate) service: Service,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) administrator: String,
}

impl World {
    pub(crate) async fn new(anonymous: bool) -> Self {
        Self::with(Authentication { anonymous, ..Authentication::default() }).await
    }

    pub(crate) async fn with(authentication: Authentication) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let token =
            shigu::service::store::Database::open(kept(folder.path())).unwrap().offer_claim(None, now()).unwrap();
        let service = Service::with_accounts("geodata/hangzhou", folder.path(), authentication);
        let mut world = Self { service, folder, administrator: String::new() };
        let body = json!({"token": token, "name": "管理员", "password": PASSWORD});
        let answer = world.send("POST", "/session/claim", "", &body).await;
        assert_eq!(answer.status, 200, "{}", answer.json());
        world.administrator = cookie(&answer);
        world
    }

    /// The same where another than who made a change publishes it.
    pub(crate) async fn of_two_persons() -> Self {
        let mut world = Self::new(true).await;
        let authentication = Authentication { anonymous: true, ..Authentication::default() };
        world.service = Service::of_two_persons("geodata/hangzhou", world.folder.path(), authentication);
        world
    }

    /// The program is ended and started again: nothing is kept in memory, everything in the data folder.
    pub(crate) fn restart(&mut self, authentication: Authentication) {
        self.service = Service::with_accounts("geodata/hangzhou", self.folder.path(), authentication);
    }

    /// A request by whoever holds this cookie; an empty one is nobody's.
    pub(crate) async fn send(&self, method: &str, uri: &str, cookie: &str, body: &Value) -> Answer {
        self.service.send_as(method, uri, cookie, body).await
    }

    pub(crate) async fn get(&self, uri: &str, cookie: &str) -> Answer {
        self.send("GET", uri, cookie, &Value::Null).await
    }

    /// Makes an account, sets its password by the link, and gives its session.
    pub(crate) async fn account(&self, name: &str, role: &str, scope: Value) -> String {
        let body = json!({"name": name, "role": role, "scope": scope});
        let made = self.send("POST", "/accounts", &self.administrator, &body).await;
        assert_eq!(made.status, 201, "{}", made.json());
        let made = made.json();
        let token = made["link"].as_str().unwrap().split("claim=").nth(1).unwrap();
        let claimed = self.send("POST", "/session/claim", "", &json!({"token": token, "password": PASSWORD})).await;
        assert_eq!(claimed.status, 200, "{}", claimed.json());
        cookie(&claimed)
    }

    pub(crate) async fn log_in(&self, name: &str, password: &str) -> Answer {
        self.send("POST", "/session", "", &json!({"name": name, "password": password})).await
    }
}

/// The session of an answer, as a browser sends it back.
pub(crate) fn cookie(answer: &Answer) -> String {
    let set = answer.header("set-cookie");
    assert!(set.contains("; HttpOnly") && set.contains("; SameSite=Strict") && set.contains("; Path=/;"), "{set}");
    set.split(';').next().unwrap().to_owned()
}

pub(crate) fn now() -> i64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() as i64
}

/// Whether caches are told that the answer depends on who asks.
pub(crate) fn varies(answer: &Answer) -> bool {
    answer.headers.get_all("vary").iter().any(|v| v.to_str().unwrap().contains("cookie"))
}
