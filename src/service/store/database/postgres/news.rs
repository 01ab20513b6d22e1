//! What copies tell one another: that there is another version in a schema (`NOTIFY`, by a trigger). One connection of a copy hears it for
//! all cities, so that none has to look whether there is news five times a second. What it has not heard, a look every two seconds finds.

use super::connections::{AWAY, Connections, PATIENCE};
use crate::service::clock;
use ::postgres::fallible_iterator::FallibleIterator as _;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::Duration;

/// What a copy hears; the trigger is a step of the schema.
const HEAR: &str = "LISTEN shigu_version";
/// How long nothing may be heard before the connection is tried.
const STILL: Duration = Duration::from_secs(5);
/// How often it is looked all the same.
const LOOK: Duration = Duration::from_secs(2);

/// What was heard.
#[derive(Debug, Default)]
pub struct News(Mutex<Heard>);

#[derive(Debug, Default)]
struct Heard {
    /// Whether anything would be heard.
    listens: bool,
    /// Schemas that somebody asks for, and how often something was heard of each.
    schemas: HashMap<String, u64>,
}

impl News {
    /// Begins to listen beside the connections, until nobody has these any more.
    pub fn begin(connections: &Arc<Connections>) -> std::io::Result<Arc<Self>> {
        let news = Arc::new(Self::default());
        let (of, to) = (Arc::downgrade(connections), Arc::downgrade(&news));
        thread::Builder::new().name("news".to_owned()).spawn(move || {
            while let Some(connections) = of.upgrade() {
                let heard = listen(&connections, &to);
                drop(connections);
                let Some(news) = to.upgrade() else { return };
                news.heard().listens = false;
                drop(news);
                if let Err(e) = heard {
                    tracing::debug!(error = %e, "nothing is heard of other copies");
                }
                thread::sleep(AWAY);
            }
        })?;
        Ok(news)
    }

    /// What is heard of a schema from here on.
    pub fn of(self: &Arc<Self>, schema: &str) -> Hearing {
        let known = *self.heard().schemas.entry(schema.to_owned()).or_default();
        Hearing { news: self.clone(), schema: schema.to_owned(), last: Mutex::new((known, clock::running())) }
    }

    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From here on all is heard; what was before is not known.
    fn begun(&self) {
        let mut heard = self.heard();
        heard.listens = true;
        heard.schemas.values_mut().for_each(|count| *count += 1);
    }

    fn told(&self, schema: &str) {
        // anybody may say anything
        if let Some(count) = self.heard().schemas.get_mut(schema) {
            *count += 1;
        }
    }
}

fn listen(connections: &Connections, news: &Weak<News>) -> Result<(), ::postgres::Error> {
    let mut client = connections.another()?;
    client.batch_execute(HEAR)?;
    if let Some(news) = news.upgrade() {
        news.begun();
    }
    loop {
        let told = client.notifications().timeout_iter(STILL).next()?;
        let Some(news) = news.upgrade() else { return Ok(()) };
        match told {
            Some(told) => news.told(told.payload()),
            None if client.is_closed() => return Ok(()),
            None => client.is_valid(PATIENCE)?,
        }
    }
}

/// What is heard of one schema.
#[derive(Debug)]
pub struct Hearing {
    news: Arc<News>,
    schema: String,
    /// How often something was heard when it was looked last, and when that was.
    last: Mutex<(u64, Duration)>,
}

impl Hearing {
    /// Whether it is to be looked: something was heard, or would not be, or it is long ago.
    pub fn has_news(&self) -> bool {
        let now = clock::running();
        let heard = self.news.heard();
        let (listens, count) = (heard.listens, heard.schemas.get(&self.schema).copied().unwrap_or_default());
        drop(heard);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let news = !listens || count != last.0 || now >= last.1 + LOOK;
        if news {
            *last = (count, now);
        }
        news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_hears_nothing_looks_and_who_heard_something_looks_once() {
        let news = Arc::new(News::default());
        let (a, b) = (news.of("city_a"), news.of("city_b"));
        assert!(a.has_news() && a.has_news(), "nobody listens");
        news.begun();
        assert!(a.has_news() && b.has_news(), "what was before is not known");
        assert!(!a.has_news() && !b.has_news());
        news.told("city_a");
        news.told("city_of_nobody");
        assert!(a.has_news() && !a.has_news() && !b.has_news());
        assert_eq!(news.heard().schemas.len(), 2);
    }
}
