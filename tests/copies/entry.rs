//! Who comes in: sessions that end at one copy end at all, wrong passwords count together, links of the first start lead in.

use super::{Copy, Shared, TINYVILLE, eventually, served};
use serde_json::{Value, json};
use std::time::Instant;

const PASSWORD: &str = "一个够长的口令 1234";

/// The token of the link for the first administrator that a copy printed.
fn token(copy: &Copy) -> String {
    let rest = copy.said.split("claim=").nth(1).unwrap_or_else(|| panic!("no link: {}", copy.said));
    rest.chars().take_while(char::is_ascii_hexdigit).collect()
}

/// Makes the first administrator; the session.
pub(super) fn administrator(copy: &Copy) -> String {
    let claim = json!({"token": token(copy), "name": "管理员", "password": PASSWORD});
    let answer = copy.post("/session/claim", "", &claim);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.cookies()
}

/// Makes an account, and sets its password at the same copy; the session.
#[cfg(feature = "postgres")]
pub(super) fn account(copy: &Copy, administrator: &str, name: &str, role: &str) -> String {
    let made = copy.post("/accounts", administrator, &json!({"name": name, "role": role, "scope": []}));
    assert_eq!(made.status, 201, "{}", made.text());
    let made = made.json();
    let token = made["link"].as_str().unwrap().split("claim=").nth(1).unwrap();
    let claimed = copy.post("/session/claim", "", &json!({"token": token, "password": PASSWORD}));
    assert_eq!(claimed.status, 200, "{}", claimed.text());
    claimed.cookies()
}

fn log_in(copy: &Copy, password: &str) -> super::Answer {
    copy.post("/session", "", &json!({"name": "管理员", "password": password}))
}

fn what_one_copy_knows_of_readers_all_know(shared: &Shared) {
    let a = shared.copy(&["--accounts"]);
    // B's start voids nothing
    let b = shared.copy(&["--accounts"]);
    let first = administrator(&a);
    assert_eq!(served(&b, &first), served(&a, &first));
    let late = json!({"token": token(&b), "name": "另一人", "password": PASSWORD});
    assert_eq!(b.post("/session/claim", "", &late).status, 403, "there is an administrator now");

    // a session that B has looked up a moment ago ends at A
    for _ in 0..3 {
        let entered = log_in(&b, PASSWORD);
        assert_eq!(entered.status, 200, "{}", entered.text());
        let session = entered.cookies();
        assert_eq!(b.get("/dataset", &session).status, 200);
        assert_eq!(a.send("DELETE", "/session", &session, &Value::Null).status, 204);
        let left = Instant::now();
        eventually("the end of the session, at the other", || b.get("/dataset", &session).status == 401);
        println!("refused after {:.2} s", left.elapsed().as_secs_f64());
    }

    // wrong passwords at either copy
    let wrong = |copy: &Copy| log_in(copy, "不对不对不对不对").status;
    assert_eq!([&a, &b, &a, &b, &a].map(wrong), [401; 5]);
    let delayed = log_in(&b, PASSWORD);
    assert_eq!((delayed.status, delayed.json()["code"].clone()), (429, json!("too-many-attempts")));
    let restarted = shared.copy(&["--accounts"]);
    assert_eq!(wrong(&restarted), 429);
}

#[test]
fn what_one_copy_knows_of_readers_all_know_in_a_folder() {
    what_one_copy_knows_of_readers_all_know(&Shared::folder(TINYVILLE));
}

#[cfg(feature = "postgres")]
#[test]
#[ignore = "needs PostgreSQL: make test-postgres"]
fn what_one_copy_knows_of_readers_all_know_over_postgres() {
    what_one_copy_knows_of_readers_all_know(&Shared::postgres(TINYVILLE));
}
