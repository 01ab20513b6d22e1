//! A version that one copy publishes: whoever published it never sees the one before, whichever copy answers; others soon.

use super::{Shared, TINYVILLE, eventually, firms, served};
use std::time::Instant;

fn whoever_publishes_never_sees_what_was_before(shared: &Shared) {
    let (a, b) = (shared.copy(&[]), shared.copy(&[]));
    for n in 1..6 {
        let id = a.checked(&firms(0..n * 10));
        let made = a.publish(&id);
        assert_eq!(made.status, 201, "{}", made.text());
        let (cookie, published) = (made.cookies(), Instant::now());
        assert!(cookie.contains(&format!("shigu_version={n}")), "{cookie:?} {}", made.head);
        // at once, at the copy that was not asked to publish
        for _ in 0..20 {
            assert_eq!(served(&b, &cookie), u64::from(n * 10));
        }
        println!("seen by who published after {:.2} s", published.elapsed().as_secs_f64());
    }
    // others
    let id = b.checked(&firms(0..70));
    assert_eq!(b.publish(&id).status, 201);
    let published = Instant::now();
    eventually("the version, at the other", || served(&a, "") == 70);
    println!("seen by others after {:.2} s", published.elapsed().as_secs_f64());
    // a version that there is not is overlooked
    assert_eq!(served(&a, "shigu_version=999"), 70);
    assert_eq!(served(&a, "shigu_version=many"), 70);
    // what only reads sets no cookie
    assert_eq!(a.get("/dataset", "").cookies(), "");
}

#[test]
fn whoever_publishes_never_sees_what_was_before_in_a_folder() {
    whoever_publishes_never_sees_what_was_before(&Shared::folder(TINYVILLE));
}

#[cfg(feature = "postgres")]
#[test]
#[ignore = "needs PostgreSQL: make test-postgres"]
fn whoever_publishes_never_sees_what_was_before_over_postgres() {
    whoever_publishes_never_sees_what_was_before(&Shared::postgres(TINYVILLE));
}

#[cfg(all(feature = "postgres", feature = "objects"))]
#[test]
#[ignore = "needs PostgreSQL and a server of S3: make test-postgres"]
fn whoever_publishes_never_sees_what_was_before_over_objects() {
    whoever_publishes_never_sees_what_was_before(&Shared::objects(TINYVILLE));
}
