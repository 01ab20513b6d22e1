//! Answers that are kept for the next reader are kept for readers with the same permission: whoever asks first, an editor's
//! sums reach no viewer. Compared with services in which one of them asks alone.

use super::World;
use crate::common::service::Answer;
use axum::http::StatusCode;
use serde_json::Value;
use shigu::http::Authentication;
use std::collections::BTreeSet;

/// Every resource whose answers are kept, asked so that restricted values or small sums are in the answer.
const QUESTIONS: [&str; 12] = [
    "/zones?kind=district&cluster=robot&size=large",
    "/choropleth?kind=district&cluster=robot&size=large&choropleth=by:revenue",
    "/summary?zone=330110&cluster=robot&size=large",
    "/summary/periods?zone=330110&cluster=robot&size=large",
    "/summary/lq?zone=330110&size=large&weight=revenue",
    "/zones/lq?kind=district&size=large&weight=revenue",
    "/zones/profile?kind=district&size=large&weight=revenue",
    "/zones/chain?kind=district&class=robot&size=large&weight=revenue",
    "/zones/change?kind=district&cluster=robot&size=large&weight=revenue",
    "/zones/ranking?kind=district&cluster=robot&size=large&choropleth=by:revenue",
    "/xyz/enterprises/13/6830/3370.mvt?cells=64",
    "/tiles/WebMercatorQuad/13/3370/6830?collections=enterprises",
];

/// The same, asked under a condition that only an editor may set.
const CONDITIONS: [&str; 6] = [
    "/zones?kind=district&filter=revenue_2025%20%3E%201000",
    "/summary?filter=revenue_2025%20%3E%201000",
    "/xyz/enterprises/10/853/421.mvt?filter=revenue_2025%20%3E%201000",
    "/tiles/WebMercatorQuad/10/421/853?collections=enterprises&filter=revenue_2025%20%3E%201000",
    "/map?width=100&f=svg&filter=revenue_2025%20%3E%201000",
    "/collections/enterprises/map?width=100&f=svg&filter=revenue_2025%20%3E%201000",
];

struct Readers {
    world: World,
    editor: String,
    viewer: String,
}

impl Readers {
    async fn new() -> Self {
        let world = World::new(true).await;
        let editor = world.account("e", "editor", Value::Null).await;
        let viewer = world.account("v", "viewer", Value::Null).await;
        Self { world, editor, viewer }
    }

    fn restart(&mut self) {
        self.world.restart(Authentication { anonymous: true, ..Authentication::default() });
    }

    async fn of(&self, uri: &str, reader: &str) -> Answer {
        self.world.get(uri, reader).await
    }
}

#[tokio::test]
async fn whoever_asks_first_each_reader_gets_their_own_answer() {
    let mut readers = Readers::new().await;
    // what each of them gets where nobody asked before
    let (mut full, mut limited) = (Vec::new(), Vec::new());
    for uri in QUESTIONS {
        full.push(readers.of(uri, &readers.editor).await);
    }
    readers.restart();
    for uri in QUESTIONS {
        limited.push(readers.of(uri, &readers.viewer).await);
    }
    for (i, uri) in QUESTIONS.iter().enumerate() {
        assert_eq!((full[i].status, limited[i].status), (StatusCode::OK, StatusCode::OK), "{uri}");
        assert!(full[i].body != limited[i].body, "{uri}: both see the same, so it tests nothing");
    }
    for order in [[true, false], [false, true]] {
        readers.restart();
        for (i, uri) in QUESTIONS.iter().enumerate() {
            // twice, so that both answers are kept when they are requested again
            for editor in [order, order].concat() {
                let answer = readers.of(uri, if editor { &readers.editor } else { &readers.viewer }).await;
                let expected = if editor { &full[i] } else { &limited[i] };
                assert!(answer.body == expected.body, "{uri}: not their own answer; an editor: {editor}");
            }
            // nobody who has not logged in sees more than a viewer
            assert!(readers.of(uri, "").await.body == limited[i].body, "{uri}");
        }
    }
    let revenue = |answer: &Answer| {
        let tile = crate::common::decode(&answer.body);
        let features: Vec<Value> = tile.values().flat_map(|all| all.as_array().unwrap().clone()).collect();
        let single = features.iter().filter(|f| f["properties"]["n"].is_null());
        single.map(|f| f["properties"]["revenue"].is_null()).collect::<BTreeSet<bool>>()
    };
    let tile = QUESTIONS.into_iter().find(|uri| uri.starts_with("/xyz")).unwrap();
    assert!(revenue(&readers.of(tile, &readers.editor).await).contains(&false));
    assert_eq!(revenue(&readers.of(tile, &readers.viewer).await), [true].into(), "a single firm's revenue");
}

#[tokio::test]
async fn a_kept_answer_under_a_restricted_condition_is_refused_to_a_viewer() {
    let readers = Readers::new().await;
    for uri in CONDITIONS {
        for round in 0..2 {
            let full = readers.of(uri, &readers.editor).await;
            assert_eq!(full.status, 200, "{uri} {round}: {}", String::from_utf8_lossy(&full.body));
            assert!(!full.body.is_empty(), "{uri}");
            for reader in [readers.viewer.as_str(), ""] {
                let refused = readers.of(uri, reader).await;
                assert_eq!(refused.status, 403, "{uri} {round}");
            }
        }
    }
}
