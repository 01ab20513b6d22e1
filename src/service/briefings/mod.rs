//! Briefings of what happened in a month, made by the service itself at a time that an administrator sets (`due`). Of many copies of the
//! program one makes each, a moment that was missed is made up once, and nothing is sent out: those that may read all find them in a list.

mod content;
mod due;
mod error;

pub use content::found;
pub use error::{BriefingsError, FoundError};

use crate::core::columns::Moment;
use crate::core::model::{Lang, Text, TimeZone};
use crate::core::query::{Disclosure, Question};
use crate::render::drawing::Fonts;
use crate::render::report::{MovementPaper, PaperFile};
use crate::service::clock;
use crate::service::jobs::Jobs;
use crate::service::store::{
    Briefing, BriefingFile, BriefingSchedule, Database, LEASE, MadeBriefing, Store, new_job_id,
};
use crate::service::task::{RenderPermits, blocking};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Characters of a title.
const LONGEST_TITLE: usize = 80;
/// The files that are made in each language.
const FILES: [PaperFile; 2] = [PaperFile::Docx, PaperFile::Pdf];

/// What an administrator sets.
#[derive(Clone, Debug)]
pub struct Setting {
    /// What the briefings are called.
    pub title: String,
    /// The day of the month, 1 to 28; none: its last.
    pub day: Option<u8>,
    /// The hour of the day.
    pub hour: u8,
    /// The languages.
    pub languages: Vec<Lang>,
    /// The kind of the zones; none: the one that divides the whole.
    pub kind: Option<String>,
    /// One zone instead of all of a kind.
    pub zone: Option<String>,
    /// Whether it is followed.
    pub active: bool,
}

/// A briefing that this copy of the program has made, or failed to make.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The briefing, as it was taken.
    pub briefing: Briefing,
    /// Why there is none.
    pub error: Option<Text>,
}

/// The briefings of a data folder. Clones share everything.
#[derive(Clone, Debug)]
pub struct Briefings(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Arc<Store>,
    database: Arc<Database>,
    permits: RenderPermits,
    fonts: Fonts,
    /// The words for an error, as a reader would have read them.
    explain: fn(BriefingsError) -> Text,
    /// Which copy of the program this is, another after each start.
    copy: String,
    closed: AtomicBool,
}

impl Briefings {
    /// The briefings of a data folder.
    pub fn new(
        store: Arc<Store>,
        database: Arc<Database>,
        permits: RenderPermits,
        fonts: Fonts,
        explain: fn(BriefingsError) -> Text,
    ) -> Self {
        let (copy, closed) = (new_job_id(), AtomicBool::default());
        Self(Arc::new(Inner { store, database, permits, fonts, explain, copy, closed }))
    }

    /// All schedules, each with the moment of its next briefing, and all briefings, the latest first.
    pub async fn list(&self) -> Result<(Vec<(BriefingSchedule, Option<i64>)>, Vec<Briefing>), BriefingsError> {
        self.on_disk(|inner| {
            let (schedules, briefings) = (inner.database.briefing_schedules()?, inner.database.briefings()?);
            let (zone, now) = (inner.zone(), clock::seconds());
            let with_next = |schedule: BriefingSchedule| {
                let has = |month: &str| briefings.iter().any(|b| b.schedule == schedule.id && b.period == month);
                let next = due::next(&schedule, now, &zone, has).filter(|_| schedule.active);
                (schedule, next)
            };
            Ok((schedules.into_iter().map(with_next).collect(), briefings))
        })
        .await
    }

    /// Sets when briefings are made, anew or in the place of a schedule.
    pub async fn set(
        &self,
        id: Option<String>,
        setting: Setting,
        actor: String,
    ) -> Result<BriefingSchedule, BriefingsError> {
        let is_new = id.is_none();
        let Setting { title, day, hour, languages, kind, zone, active } = checked(setting)?;
        let id = id.unwrap_or_else(clock::new_id);
        let (changed, changed_by) = (clock::seconds(), actor);
        let new = BriefingSchedule { id, title, day, hour, languages, kind, zone, active, changed, changed_by };
        self.on_disk(move |inner| {
            // what can't be answered is said to who sets it, not each month
            question(&new).bind(&inner.store.snapshot(), Disclosure::Aggregates).map_err(FoundError::from)?;
            if is_new {
                inner.database.add_briefing_schedule(&new)?.then_some(()).ok_or(BriefingsError::Full)?;
            } else if !inner.database.change_briefing_schedule(&new)? {
                return Err(BriefingsError::Unknown(new.id));
            }
            Ok(new)
        })
        .await
    }

    /// Removes a schedule with its briefings.
    pub async fn remove(&self, id: String) -> Result<(), BriefingsError> {
        self.on_disk(move |inner| {
            if inner.database.drop_briefing_schedule(&id)? { Ok(()) } else { Err(BriefingsError::Unknown(id)) }
        })
        .await
    }

    /// A file of a briefing.
    pub async fn file(&self, schedule: String, period: String, name: String) -> Result<BriefingFile, BriefingsError> {
        self.on_disk(move |inner| {
            let file = inner.database.briefing_file(&schedule, &period, &name)?;
            file.ok_or_else(|| BriefingsError::Unknown(format!("{period} {name}")))
        })
        .await
    }

    /// Begins no other briefing. What this copy makes is tried again by another, or after the next start.
    pub fn close(&self) {
        self.0.closed.store(true, Ordering::Relaxed);
    }

    /// Makes the briefings whose moment has come by `now`, one after the other; what came of each. To be called every [`Jobs::LOOK`].
    pub async fn look_after(&self, now: i64) -> Result<Vec<Outcome>, BriefingsError> {
        let mut out = Vec::new();
        while !self.is_closed() {
            let Some((schedule, claim)) = self.on_disk(move |inner| inner.claim(now)).await? else { break };
            let error = self.make(schedule, claim.clone(), now).await?;
            out.push(Outcome { briefing: claim, error });
        }
        Ok(out)
    }

    fn is_closed(&self) -> bool {
        self.0.closed.load(Ordering::Relaxed)
    }

    /// Makes a briefing and keeps it; why it could not be made. This copy answers for it meanwhile.
    async fn make(
        &self,
        schedule: BriefingSchedule,
        claim: Briefing,
        now: i64,
    ) -> Result<Option<Text>, BriefingsError> {
        let (inner, of) = (self.0.clone(), claim.clone());
        let mut made = Box::pin(self.0.permits.run_in_turn(move || inner.made(&schedule, &of)));
        let made = loop {
            tokio::select! {
                made = &mut made => break made.map_err(BriefingsError::from).flatten(),
                () = tokio::time::sleep(Jobs::LOOK) => {
                    let claim = claim.clone();
                    let renewed = self.on_disk(move |inner| Ok(inner.database.renew_briefing(&claim, clock::seconds() + LEASE)?));
                    if let Err(e) = renewed.await {
                        tracing::warn!(error = %e, "a briefing is made that this copy could not answer for");
                    }
                }
            }
        };
        self.on_disk(move |inner| match made {
            Ok(made) => {
                if !inner.database.keep_briefing(&claim, &made, now)? {
                    tracing::warn!(period = claim.period, "a briefing was made elsewhere meanwhile");
                }
                Ok(None)
            }
            Err(e) => {
                tracing::error!(period = claim.period, attempt = claim.attempts, error = %e, "a briefing was not made");
                let why = (inner.explain)(e);
                inner.database.fail_briefing(&claim, &why, now)?;
                Ok(Some(why))
            }
        })
        .await
    }

    async fn on_disk<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> Result<T, BriefingsError> + Send + 'static,
    ) -> Result<T, BriefingsError> {
        let inner = self.0.clone();
        blocking(move || work(&inner)).await?
    }
}

impl Inner {
    /// The time zone of the dataset: it says which day it is.
    fn zone(&self) -> TimeZone {
        self.store.snapshot().describe().manifest.time_zone()
    }

    /// A briefing whose moment has come and that nobody has made.
    fn claim(&self, now: i64) -> Result<Option<(BriefingSchedule, Briefing)>, BriefingsError> {
        let zone = self.zone();
        for schedule in self.database.briefing_schedules()?.into_iter().filter(|schedule| schedule.active) {
            let Some(due) = due::latest(&schedule, now, &zone) else { continue };
            if let Some(claim) = self.database.claim_briefing(&schedule, &due, &self.copy, now)? {
                return Ok(Some((schedule, claim)));
            }
        }
        Ok(None)
    }

    /// The papers of a briefing, as any reader of all zones gets them who sees no restricted values.
    fn made(&self, schedule: &BriefingSchedule, claim: &Briefing) -> Result<MadeBriefing, BriefingsError> {
        let snapshot = self.store.snapshot();
        let bound = question(schedule).bind(&snapshot, Disclosure::Aggregates).map_err(FoundError::from)?;
        // days that the service itself has written
        let [since, until] = [&claim.since, &claim.until].map(|day| Moment::date(day).unwrap_or(Moment::of_days(0)));
        let found = found(&self.store, &snapshot, &bound, [since, until], true)?;
        let about = snapshot.describe();
        let mut files = Vec::new();
        for lang in &schedule.languages {
            let paper = MovementPaper {
                late: claim.late.then(|| self.moment(claim.due)),
                ..MovementPaper::of(&found, about, *lang)
            };
            for file in FILES {
                files.push(BriefingFile {
                    name: format!("{}.{}", lang.pick("zh", "en"), file.extension()),
                    title: format!("{}-{}.{}", schedule.title, paper.file_name(), file.extension()),
                    content: paper.render(file, &self.fonts)?,
                });
            }
        }
        Ok(MadeBriefing { revision: about.revision.clone(), still: found.is_still(), files })
    }

    /// A moment in words: the day and the hour where the dataset is.
    fn moment(&self, at: i64) -> String {
        let zone = self.zone();
        let day = zone.day(at as f64).unwrap_or_default();
        let midnight = zone.instant(&day, 0).unwrap_or_default().div_euclid(1_000_000);
        format!("{day} {:02}:00", (at - midnight).div_euclid(3600))
    }
}

/// What a schedule asks.
fn question(schedule: &BriefingSchedule) -> Question {
    let zone = schedule.zone.clone().unwrap_or_else(|| "city".to_owned());
    Question::register().of_kind(schedule.kind.clone()).in_zone(zone)
}

/// A setting as it is kept, or what does not fit.
fn checked(setting: Setting) -> Result<Setting, BriefingsError> {
    let unfit = |zh: &str, en: &str| Err(BriefingsError::Unfit(Text::new(zh, en)));
    let title = setting.title.trim().to_owned();
    if !(1..=LONGEST_TITLE).contains(&title.chars().count()) || title.chars().any(|c| c.is_control() || c == '/') {
        return unfit(
            "简报名称为 1 到 80 字,不含斜杠与换行。",
            "A title has 1 to 80 characters, without slashes and line breaks.",
        );
    }
    if setting.day.is_some_and(|day| !(1..=28).contains(&day)) || setting.hour > 23 {
        return unfit(
            "日期为每月 1 到 28 日或最后一天(null),时刻为 0 到 23 时。",
            "The day is 1 to 28 or the last of the month (null), the hour 0 to 23.",
        );
    }
    let mut languages = setting.languages;
    languages.sort_by_key(|lang| *lang as u8);
    languages.dedup();
    if languages.is_empty() {
        return unfit("请至少选一种语言。", "Choose a language at least.");
    }
    if setting.kind.is_some() && setting.zone.is_some() {
        return unfit("区域种类与单个区域只能选其一。", "Give either a kind of zones or one zone.");
    }
    Ok(Setting { title, languages, ..setting })
}
