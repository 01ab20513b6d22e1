//! What the questions over all cities have in common: which cities are known, what their answers are named by, and how they are asked.
//! No city is loaded for them: each has left what it says to everybody (`service::cities::aggregates`).

use super::Asked;
use crate::core::model::{Period, Text};
use crate::http::extract::values::{PeriodText, Word, Words, Year};
use crate::http::problem::Problem;
use crate::http::response::answer::Form;
use crate::http::response::links::JSON;
use crate::service::cities::{Abouts, CityState, FIGURES, FIGURES_OF};
use crate::service::store::DatabaseError;
use axum::http::HeaderMap;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::PoisonError;
use std::time::{Duration, Instant};
use utoipa::IntoParams;

/// Media type of tables as files.
pub(super) const CSV: &str = "text/csv; charset=utf-8";
/// The forms of tables.
pub(super) const TABLES: [(TableForm, &str); 2] = [(TableForm::Json, JSON), (TableForm::Csv, CSV)];

/// The form of a table over all cities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TableForm {
    Json,
    Csv,
}

impl Words for TableForm {
    fn words() -> Vec<(&'static str, Self)> {
        vec![("json", Self::Json), ("csv", Self::Csv)]
    }
}

// the description does not follow a type with parameters of its own
type TableFormWord = Word<TableForm>;

/// Which figures of the cities.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct AcrossParams {
    /// Year of the figures; the same as `period`.
    #[param(value_type = Option<u16>)]
    year: Option<Year>,
    /// Period of the figures: a year (`2025`), a quarter (`2025Q3`) or a month (`2025-03`); the latest of each figure when left out.
    #[param(value_type = Option<String>)]
    period: Option<PeriodText>,
    /// Code of a class.
    pub(super) class: Option<String>,
    /// The form of the answer; without it `Accept` decides.
    #[param(inline)]
    pub(super) f: Option<TableFormWord>,
}

impl AcrossParams {
    /// The period that is named.
    pub(super) fn period(&self) -> Result<Option<Period>, Problem> {
        PeriodText::named(self.year, self.period)
    }
}

/// How old what is known of the cities of a database may be, at least.
const FRESH: Duration = Duration::from_millis(200);
/// To look takes at most this part of the time.
const PART: u32 = 10;

/// Where copies share a database: takes what copies have left there, when that was looked for a while ago, and at once where a city
/// that is loaded here has other data than are known. While the database is away, what is known stays.
fn follow(asked: &Asked, titles: &BTreeMap<String, Text>, ahead: bool) -> Result<(), Problem> {
    let app = &asked.app.0;
    let Some(folders) = app.folders.as_deref().filter(|folders| folders.is_shared()) else { return Ok(()) };
    let mut next = app.followed.lock().unwrap_or_else(PoisonError::into_inner);
    let began = Instant::now();
    if !ahead && next.is_some_and(|next| began < next) {
        return Ok(());
    }
    let ids = titles.keys().cloned().collect();
    let left = match folders.left(FIGURES_OF, &ids) {
        Err(e @ DatabaseError::Server { .. }) if next.is_some() => {
            tracing::warn!(error = %e, "what cities have left can't be looked for, what is known of them stays");
            return Ok(());
        }
        left => left?,
    };
    let behind = app.aggregates.behind(&ids, &left)?;
    if !behind.is_empty() {
        app.aggregates.take(&folders.left(FIGURES, &behind)?)?;
    }
    *next = Some(Instant::now() + FRESH.max(began.elapsed() * PART));
    Ok(())
}

/// The cities of the service and their titles, those whose data were refused apart.
pub(super) struct Known {
    titles: BTreeMap<String, Text>,
    refused: BTreeSet<String>,
}

impl Known {
    /// Has loaded cities keep what they say, where their data are others than before. It waits for the disk.
    pub(super) fn of(asked: &Asked) -> Result<Self, Problem> {
        let (mut titles, mut refused) = (BTreeMap::new(), BTreeSet::new());
        let (cities, mut ahead) = (asked.app.0.aggregates.cities()?, false);
        for one in asked.cities().list() {
            if let Some(shard) = &one.shard {
                shard.keep_figures(&cities);
                ahead |= cities.get(&one.city.id).is_none_or(|about| about.revision != shard.of().0.1);
            }
            // what it said before its data were refused is no longer so
            if matches!(one.state, CityState::Failed(_)) {
                refused.insert(one.city.id.clone());
            }
            titles.insert(one.city.id.clone(), one.city.title.clone());
        }
        follow(asked, &titles, ahead)?;
        Ok(Self { titles, refused })
    }

    /// Whether figures of a city are given.
    pub(super) fn has(&self, id: &str) -> bool {
        self.titles.contains_key(id) && !self.refused.contains(id)
    }

    /// Whether the service has it.
    pub(super) fn is_listed(&self, id: &str) -> bool {
        self.titles.contains_key(id)
    }

    /// The title of a city of the service.
    pub(super) fn title(&self, id: &str) -> &Text {
        &self.titles[id]
    }

    /// The cities of the service of which nothing is known.
    pub(super) fn unknown(&self, cities: &Abouts) -> Vec<String> {
        self.titles.keys().filter(|id| !self.has(id) || !cities.contains_key(*id)).cloned().collect()
    }

    /// The tag of an answer: it follows from the data of all cities, and from what is unknown.
    pub(super) fn etag(&self, asked: &Asked, headers: &HeaderMap, cities: &Abouts, form: Form) -> String {
        let mut hash = DefaultHasher::new();
        (asked.front().base_url(headers), form.media_type, form.lang.map(|lang| lang as u8)).hash(&mut hash);
        for (id, title) in &self.titles {
            let about = cities.get(id).filter(|_| self.has(id));
            (id, &title.zh, &title.en, about.map(|about| (&about.revision, &about.mark))).hash(&mut hash);
        }
        format!("\"{:016x}\"", hash.finish())
    }
}
