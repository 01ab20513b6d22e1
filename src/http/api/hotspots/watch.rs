//! Answers that are watched while they are worked out: `stage` and `progress` events, and one `end` with the whole.

use crate::http::extract::context::Context;
use crate::http::middleware::cache::Place;
use crate::http::problem::Problem;
use crate::http::response::answer::to_json;
use crate::http::response::events;
use axum::body::Bytes;
use axum::response::Response;
use serde::Serialize;
use tokio::sync::mpsc;

/// Events of one answer: there are not so many.
const EVENTS: usize = 32;

/// What is done before there is anything to tell.
#[derive(Serialize)]
struct Stage {
    stage: &'static str,
}

/// Whom work tells how far it is.
pub(super) struct Telling(mpsc::Sender<Bytes>);

impl Telling {
    /// Says what is begun.
    pub(super) fn stage(&self, stage: &'static str) {
        self.tell("stage", &Stage { stage });
    }

    /// Says what is known so far.
    pub(super) fn progress<T: Serialize>(&self, so_far: &T) {
        self.tell("progress", so_far);
    }

    /// Work never waits for who reads slowly, since others wait for its place; who has gone is noticed elsewhere.
    fn tell<T: Serialize>(&self, name: &str, found: &T) {
        drop(event(name, found).map(|event| self.0.try_send(event)));
    }
}

/// The events of work that may take long, of which there is not much at a time; its end is kept at its place.
pub(super) fn watched<T: Serialize + 'static>(
    context: &Context,
    place: Place,
    work: impl FnOnce(&Telling) -> Result<T, Problem> + Send + 'static,
) -> Response {
    let (send, receive) = mpsc::channel(EVENTS);
    let permits = context.0.resources.permits.clone();
    let telling = Telling(send.clone());
    // said before there is a place, so that who waits for others knows it
    telling.stage("waiting");
    tokio::spawn(async move {
        let work = permits.run(move || work(&telling).and_then(|found| event("end", &found)));
        let done = tokio::select! {
            done = work => done,
            () = send.closed() => return,
        };
        // without an `end` the browser asks again after a while, by when there is perhaps a permit
        let Ok(Ok(end)) = done else { return };
        place.keep(events::head(), end.clone()).await;
        let _ = send.send(end).await;
    });
    events::stream(receive)
}

fn event<T: Serialize>(name: &str, found: &T) -> Result<Bytes, Problem> {
    let mut event = Vec::from(format!("event: {name}\ndata: "));
    event.extend(to_json(found)?);
    event.extend(b"\n\n");
    Ok(event.into())
}
