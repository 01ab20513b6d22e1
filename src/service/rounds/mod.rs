//! Rounds: what is asked of participants by a day. A participant comes by a link and sees what is its own (`Access`); who may edit
//! makes rounds and sees the board. Of a collection of figures each gets a workbook of its own zones, what comes back is judged at
//! once (`judge`), and all that is accepted becomes one version (`merge`).

mod error;
mod judge;
mod merge;

pub use error::{LARGEST_DELIVERY, RoundsError};
pub use judge::{Found, Report, Verdict};

use crate::core::model::{Lang, Role, Text};
use crate::data::intake::{Ground, of_table, prefilled};
use crate::service::clock;
use crate::service::imports::file_name;
use crate::service::store::{
    Access, Database, Delivered, Delivery, FullRound, MOST_PARTICIPANTS, NewParticipant, Participant, Round,
    RoundChange, Store, Version,
};
use crate::service::task::blocking;
use judge::Held;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;

/// The kind of rounds that collect figures.
pub const COLLECTION: &str = "collection";
/// Characters of a title, of a participant's name, of a note.
const LONGEST: [usize; 3] = [120, 80, 2_000];
/// Longest grace, in seconds.
const LONGEST_GRACE: i64 = 366 * clock::DAY;
/// Files that are judged at once: each holds the file and the zones' rows.
const AT_ONCE: usize = 2;

/// A round to make.
#[derive(Clone, Debug)]
pub struct NewRound {
    /// Its title.
    pub title: String,
    /// The id of the table that it asks for.
    pub table: String,
    /// What participants are told.
    pub note: String,
    /// When it ends, in seconds since 1970.
    pub deadline: i64,
    /// Seconds after it in which what comes is late.
    pub grace: i64,
    /// Who is asked.
    pub participants: Vec<NewParticipant>,
}

/// How far a participant is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = ParticipantStage)]
pub enum Stage {
    /// Nothing came.
    Missing,
    /// What came last is to be mended.
    Faulty,
    /// What came last is accepted.
    Delivered,
    /// What came last is in a version.
    Merged,
}

/// A participant on the board.
#[derive(Clone, Debug)]
pub struct BoardRow {
    /// The participant.
    pub participant: Participant,
    /// How far it is.
    pub stage: Stage,
    /// Whether what counts came after the deadline, or the deadline is over and nothing is accepted.
    pub late: bool,
    /// What it sent, the latest first.
    pub deliveries: Vec<Delivery>,
}

/// A round with all participants.
#[derive(Clone, Debug)]
pub struct Board {
    /// The round.
    pub round: Round,
    /// Whether participants may still come.
    pub open: bool,
    /// The version that is current.
    pub version: u64,
    /// Its participants in their order.
    pub rows: Vec<BoardRow>,
}

/// The rounds of a data folder. Clones share everything.
#[derive(Clone, Debug)]
pub struct Rounds(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Arc<Store>,
    database: Arc<Database>,
    /// What was loaded last, for the table of this id.
    held: Mutex<Option<(String, Arc<Held>)>>,
    judging: Semaphore,
    /// One merges at a time.
    merging: Mutex<()>,
}

impl Rounds {
    /// The rounds of a data folder, whose figures become versions in `store`.
    pub fn new(store: Arc<Store>, database: Arc<Database>) -> Self {
        let judging = Semaphore::new(AT_ONCE);
        Self(Arc::new(Inner { store, database, held: Mutex::default(), judging, merging: Mutex::default() }))
    }

    /// All collections of figures, the latest first.
    pub async fn list(&self) -> Result<Vec<Board>, RoundsError> {
        self.on_disk(|inner| {
            let rounds = inner.database.rounds()?;
            rounds.iter().filter(|round| round.kind == COLLECTION).map(|round| inner.board(&round.id)).collect()
        })
        .await
    }

    /// A round and how far its participants are.
    pub async fn board(&self, id: String) -> Result<Board, RoundsError> {
        self.on_disk(move |inner| inner.board(&id)).await
    }

    /// Makes a round; gives the tokens of its participants' links in their order. `is_zone` knows the zones that there are.
    pub async fn create(
        &self,
        new: NewRound,
        actor: String,
        is_zone: impl Fn(&str) -> bool,
    ) -> Result<(Board, Vec<String>), RoundsError> {
        let NewRound { title, table, note, deadline, grace, participants } = checked(new, is_zone)?;
        let (id, created) = (clock::new_id(), clock::seconds());
        let (kind, subject, created_by) = (COLLECTION.to_owned(), table, actor);
        let round = Round { id, kind, title, subject, note, deadline, grace, created, created_by, closed: None };
        self.on_disk(move |inner| {
            let tokens = inner.database.add_round(&round, &participants, None)?.ok_or(RoundsError::Full)?;
            Ok((inner.board(&round.id)?, tokens))
        })
        .await
    }

    /// Moves the deadline of a round, closes or opens it.
    pub async fn change(&self, id: String, change: RoundChange) -> Result<Board, RoundsError> {
        if change.grace.is_some_and(|grace| !(0..=LONGEST_GRACE).contains(&grace)) {
            return Err(unfit_grace());
        }
        self.on_disk(move |inner| {
            if !inner.database.change_round(&id, &change, clock::seconds())? {
                return Err(RoundsError::Unknown(id));
            }
            inner.board(&id)
        })
        .await
    }

    /// Another link for a participant: its token.
    pub async fn renew(&self, id: String, participant: String) -> Result<(Participant, String), RoundsError> {
        self.on_disk(move |inner| {
            let token = inner.database.renew_link(&id, &participant, clock::seconds())?;
            let token = token.ok_or_else(|| RoundsError::Unknown(participant.clone()))?;
            let (_, all, _) = inner.find(&id)?;
            let found = all.into_iter().find(|p| p.id == participant);
            found.map(|p| (p, token)).ok_or(RoundsError::Unknown(participant))
        })
        .await
    }

    /// Revokes a participant's link.
    pub async fn revoke(&self, id: String, participant: String) -> Result<(), RoundsError> {
        self.on_disk(move |inner| {
            let known = inner.database.revoke_link(&id, &participant, clock::seconds())?;
            if known { Ok(()) } else { Err(RoundsError::Unknown(participant)) }
        })
        .await
    }

    /// Whoever comes by a link; none where it leads in no more.
    pub async fn access(&self, token: String) -> Result<Option<Access>, RoundsError> {
        self.on_disk(move |inner| Ok(inner.database.access(&token, clock::seconds())?)).await
    }

    /// The participant of a round that has this account; none where its time is over.
    pub async fn access_of(&self, round: String, account: String) -> Result<Option<Access>, RoundsError> {
        self.on_disk(move |inner| Ok(inner.database.access_of(&round, &account, clock::seconds())?)).await
    }

    /// What a participant sent, the latest first.
    pub async fn own(&self, access: &Access) -> Result<BoardRow, RoundsError> {
        let (round, id) = (access.round.id.clone(), access.participant.id.clone());
        let own = move |inner: &Inner| {
            inner.board(&round)?.rows.into_iter().find(|r| r.participant.id == id).ok_or(RoundsError::Ended)
        };
        self.on_disk(own).await
    }

    /// A participant's workbook: what the data have of its zones now, and how many rows that is.
    pub async fn workbook(&self, access: &Access) -> Result<(Vec<u8>, usize), RoundsError> {
        let (table, zones) = (access.round.subject.clone(), access.participant.zones.clone());
        self.judging(move |inner| {
            let held = inner.held(&table)?;
            let own = held.of_zones(&zones);
            let rows = own.by_role(Role::Register).map_or(0, |(_, table)| table.ids.len());
            Ok((prefilled(&own, &held.ground, &zones)?, rows))
        })
        .await
    }

    /// Takes a file of a participant and judges it; it takes the place of what the participant sent before.
    pub async fn deliver(&self, access: &Access, file: String, bytes: Vec<u8>) -> Result<Delivery, RoundsError> {
        let file = file_name(&file).ok_or_else(|| {
            RoundsError::Unfit(Text::new(
                "file 应为文件名(不含路径,最多 200 字)。",
                "file is the name of the file (without its folder, at most 200 characters).",
            ))
        })?;
        if bytes.len() > LARGEST_DELIVERY {
            return Err(RoundsError::TooLarge);
        }
        let (table, participant) = (access.round.subject.clone(), access.participant.clone());
        let received = clock::seconds();
        self.judging(move |inner| {
            let held = inner.held(&table)?;
            let (verdict, report) = held.judge(&participant.zones, &file, &bytes);
            let new = Delivery {
                id: clock::new_id(),
                participant: participant.id,
                number: 0,
                received,
                file,
                bytes: bytes.len() as u64,
                sha256: String::new(),
                late: false,
                version: held.base.version,
                verdict: verdict.name().to_owned(),
                report: serde_json::to_string(&report).unwrap_or_default(),
                merged: None,
            };
            match inner.database.add_delivery(&new, &bytes)? {
                Delivered::Kept(kept) => Ok(*kept),
                Delivered::Ended => Err(RoundsError::Ended),
            }
        })
        .await
    }

    /// The rows to mend of what a participant sent last, as a workbook; none where there are no such rows.
    pub async fn faults(&self, id: String, participant: String, lang: Lang) -> Result<Option<Vec<u8>>, RoundsError> {
        self.judging(move |inner| {
            let (round, all, deliveries) = inner.find(&id)?;
            let found = all.iter().find(|p| p.id == participant);
            let found = found.ok_or_else(|| RoundsError::Unknown(participant.clone()))?;
            let delivery = latest(&deliveries, &participant).ok_or(RoundsError::NotDelivered)?;
            let bytes = inner.database.delivered(&delivery.id)?.unwrap_or_default();
            inner.held(&round.subject)?.faults(&found.zones, &delivery.file, &bytes, lang)
        })
        .await
    }

    /// Makes one version of the accepted deliveries that are in none yet, but those of the participants `without`.
    pub async fn merge(
        &self,
        id: String,
        without: Vec<String>,
        note: String,
        actor: String,
    ) -> Result<Version, RoundsError> {
        self.on_disk(move |inner| {
            let _one = inner.merging.lock().unwrap_or_else(PoisonError::into_inner);
            inner.merge(&id, &without, note, actor)
        })
        .await
    }

    /// Lets go of what was loaded to judge files.
    pub fn rest(&self) {
        *self.0.held.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Runs work that holds a file, when its turn has come.
    async fn judging<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> Result<T, RoundsError> + Send + 'static,
    ) -> Result<T, RoundsError> {
        // the semaphore is never closed
        let _turn = self.0.judging.acquire().await;
        self.on_disk(work).await
    }

    /// Runs work on the database and the data off the threads that serve.
    async fn on_disk<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> Result<T, RoundsError> + Send + 'static,
    ) -> Result<T, RoundsError> {
        let inner = self.0.clone();
        blocking(move || work(&inner)).await?
    }
}

impl Inner {
    fn find(&self, id: &str) -> Result<FullRound, RoundsError> {
        self.database.round(id)?.ok_or_else(|| RoundsError::Unknown(id.to_owned()))
    }

    fn board(&self, id: &str) -> Result<Board, RoundsError> {
        let (round, participants, deliveries) = self.find(id)?;
        let now = clock::seconds();
        let row = |participant: Participant| {
            let own: Vec<Delivery> = deliveries.iter().filter(|d| d.participant == participant.id).cloned().collect();
            let stage = own.first().map_or(Stage::Missing, stage);
            let over = now > round.deadline && matches!(stage, Stage::Missing | Stage::Faulty);
            BoardRow { late: over || own.first().is_some_and(|d| d.late), participant, stage, deliveries: own }
        };
        let rows = participants.into_iter().map(row).collect();
        Ok(Board { open: round.is_open(now), version: self.store.base().version, rows, round })
    }

    /// The data for the table of a round, read again when they have changed.
    fn held(&self, table: &str) -> Result<Arc<Held>, RoundsError> {
        let base = self.store.base();
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, held)) = held.as_ref().filter(|(of, held)| of == table && held.base == base) {
            return Ok(held.clone());
        }
        let (dataset, base) = self.store.dataset()?;
        let dataset = of_table(dataset, Some(table))?;
        let fresh = Arc::new(Held { ground: Ground::of(&dataset), dataset, base });
        *held = Some((table.to_owned(), fresh.clone()));
        Ok(fresh)
    }
}

/// The latest of a participant; deliveries come the latest first.
fn latest<'a>(deliveries: &'a [Delivery], participant: &str) -> Option<&'a Delivery> {
    deliveries.iter().find(|d| d.participant == participant)
}

fn stage(latest: &Delivery) -> Stage {
    match Verdict::of(&latest.verdict) {
        _ if latest.merged.is_some() => Stage::Merged,
        Verdict::Accepted => Stage::Delivered,
        Verdict::Faulty | Verdict::Refused => Stage::Faulty,
    }
}

fn unfit_grace() -> RoundsError {
    RoundsError::Unfit(Text::new("宽限期为 0 到 366 天。", "The grace is 0 to 366 days."))
}

/// Refuses what does not fit.
fn checked(new: NewRound, is_zone: impl Fn(&str) -> bool) -> Result<NewRound, RoundsError> {
    check_head(&new.title, &new.note, new.grace)?;
    check_names(&new.participants)?;
    let unfit = |zh: String, en: String| Err(RoundsError::Unfit(Text { zh, en }));
    for participant in &new.participants {
        let shown = &participant.name;
        if participant.zones.is_empty() {
            return unfit(format!("“{shown}”没有负责的区域。"), format!("{shown} answers for no zone."));
        }
        if let Some(unknown) = participant.zones.iter().find(|zone| !is_zone(zone)) {
            let unknown: String = unknown.chars().take(40).collect();
            return unfit(
                format!("“{shown}”负责的区域 {unknown} 不存在。"),
                format!("{shown} answers for a zone that there is not: {unknown}."),
            );
        }
    }
    let trimmed = |text: &str| text.trim().to_owned();
    let named = |p: &NewParticipant| NewParticipant { name: trimmed(&p.name), ..p.clone() };
    let participants = new.participants.iter().map(named).collect();
    Ok(NewRound { title: trimmed(&new.title), participants, ..new })
}

fn fits(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.trim().chars().count())
}

/// Refuses a title, a note or a grace that no round has.
pub(super) fn check_head(said: &str, told: &str, grace: i64) -> Result<(), RoundsError> {
    let unfit = |zh: String, en: String| Err(RoundsError::Unfit(Text { zh, en }));
    let [title, _, note] = LONGEST;
    if !fits(said, title) {
        return unfit(format!("标题为 1 到 {title} 字。"), format!("The title has 1 to {title} characters."));
    }
    if told.chars().count() > note {
        return unfit(format!("说明最多 {note} 字。"), format!("The note has at most {note} characters."));
    }
    if !(0..=LONGEST_GRACE).contains(&grace) {
        return Err(unfit_grace());
    }
    Ok(())
}

/// Refuses participants that are too many, have no name or have that of another.
pub(super) fn check_names(all: &[NewParticipant]) -> Result<(), RoundsError> {
    let unfit = |zh: String, en: String| Err(RoundsError::Unfit(Text { zh, en }));
    let name = LONGEST[1];
    if !(1..=MOST_PARTICIPANTS).contains(&all.len()) {
        return unfit(
            format!("参与单位为 1 到 {MOST_PARTICIPANTS} 个。"),
            format!("There are 1 to {MOST_PARTICIPANTS} participants."),
        );
    }
    let mut names = HashSet::new();
    for participant in all {
        let shown: String = participant.name.chars().take(name).collect();
        if !fits(&participant.name, name) || !names.insert(participant.name.trim()) {
            return unfit(
                format!("参与单位的名称为 1 到 {name} 字,不得重复:“{shown}”。"),
                format!("Names of participants have 1 to {name} characters, each once: {shown}."),
            );
        }
    }
    Ok(())
}
