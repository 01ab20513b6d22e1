//! Consultations: participants see layouts as they were when it began, comment on them until a day, and what becomes of each comment is
//! decided and said. It is a kind of round: links, deadlines and participants are those of `rounds`.

mod content;
mod error;

pub use content::{About, Content, PlanFigure, Said};
pub use error::{ConsultationsError, LARGEST_ATTACHMENT};

use crate::core::model::Text;
use crate::service::clock;
use crate::service::drafts::{Drafts, PlanContent};
use crate::service::imports::file_name;
use crate::service::rounds::{RoundsError, check_head, check_names};
use crate::service::store::{
    Access, Attachment, Comment, CommentChanged, Database, Decision, NewParticipant, Participant, Round,
};
use crate::service::task::blocking;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The kind of rounds in which layouts are commented on.
pub const CONSULTATION: &str = "consultation";
/// Most layouts of a consultation.
const MOST_LAYOUTS: usize = 5;
/// Characters of a reason.
const LONGEST_REASON: usize = 2_000;
/// Bytes of what participants see.
const LARGEST_CONTENT: usize = 24 << 20;

/// A consultation to begin.
#[derive(Clone, Debug)]
pub struct NewConsultation {
    /// Its title.
    pub title: String,
    /// What participants are told.
    pub note: String,
    /// Ids of the layouts.
    pub layouts: Vec<String>,
    /// The text of the plan; empty lines divide its paragraphs.
    pub text: String,
    /// Its figures.
    pub figures: Vec<PlanFigure>,
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
#[schema(as = ConsultedStage)]
pub enum Stage {
    /// It has not looked yet.
    Unseen,
    /// It has looked and said nothing.
    Seen,
    /// It has comments and has not said that these are all.
    Commented,
    /// It has answered in full, with or without comments.
    Answered,
}

/// A participant and what it has said.
#[derive(Clone, Debug)]
pub struct Consulted {
    /// The participant.
    pub participant: Participant,
    /// How far it is.
    pub stage: Stage,
    /// What it says.
    pub comments: Vec<CommentRow>,
}

/// A comment with all that is known of it.
#[derive(Clone, Debug)]
pub struct CommentRow {
    /// The comment.
    pub comment: Comment,
    /// Its files.
    pub files: Vec<Attachment>,
    /// What it is about, in words.
    pub place: Text,
    /// The version that carried it out: the one that is named, else that which put its layout into force.
    pub carried: Option<u64>,
}

/// A consultation with all that was said.
#[derive(Clone, Debug)]
pub struct Board {
    /// The round.
    pub round: Round,
    /// Whether participants may still come.
    pub open: bool,
    /// Its participants in their order.
    pub rows: Vec<Consulted>,
    /// What they see.
    pub content: Content,
}

impl Board {
    /// What one participant sees of it.
    fn own(self, participant: String) -> Result<(Consulted, Content), ConsultationsError> {
        let own = self.rows.into_iter().find(|row| row.participant.id == participant);
        own.map(|own| (own, self.content)).ok_or(ConsultationsError::Unknown(participant))
    }
}

/// A consultation among others: what of it lists show.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The round.
    pub round: Round,
    /// Whether participants may still come.
    pub open: bool,
    /// The version that was in force when it began, and the layouts.
    pub head: Head,
    /// How far each participant is.
    pub stages: Vec<Stage>,
    /// What became of each comment.
    pub verdicts: Vec<Option<String>>,
}

/// What lists show of what participants see.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Head {
    /// The version that was in force when it began.
    pub version: u64,
    /// Ids of the layouts and their titles then.
    pub layouts: Vec<(String, String)>,
}

impl Head {
    fn of(plan: &PlanContent) -> Self {
        let layouts = plan.layouts.iter().map(|layout| (layout.id.clone(), layout.title.clone()));
        Self { version: plan.version, layouts: layouts.collect() }
    }
}

/// The consultations of a data folder. Clones share everything.
#[derive(Clone, Debug)]
pub struct Consultations(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    database: Arc<Database>,
    drafts: Drafts,
}

impl Consultations {
    /// The consultations about layouts of `drafts`.
    pub fn new(database: Arc<Database>, drafts: Drafts) -> Self {
        Self(Arc::new(Inner { database, drafts }))
    }

    /// Layouts beside what is in force, as they are now: at most as many as a consultation has.
    pub async fn plan(&self, layouts: Vec<String>) -> Result<PlanContent, ConsultationsError> {
        let once: HashSet<&String> = layouts.iter().collect();
        if once.len() != layouts.len() || !(1..=MOST_LAYOUTS).contains(&layouts.len()) {
            return Err(unfit(
                format!("应选 1 到 {MOST_LAYOUTS} 个不同的方案。"),
                format!("Choose 1 to {MOST_LAYOUTS} layouts, each once."),
            ));
        }
        Ok(self.0.drafts.plan(layouts).await?)
    }

    /// Begins a consultation; gives the tokens of its participants' links in their order.
    pub async fn create(
        &self,
        new: NewConsultation,
        actor: String,
    ) -> Result<(Board, Vec<String>), ConsultationsError> {
        check_head(&new.title, &new.note, new.grace)?;
        check_names(&new.participants)?;
        let mut accounts = HashSet::new();
        if !new.participants.iter().filter_map(|p| p.account.as_ref()).all(|account| accounts.insert(account)) {
            return Err(unfit(
                "一个帐户只能代表一个单位。".to_owned(),
                "An account stands for one participant only.".to_owned(),
            ));
        }
        let paragraphs = content::paragraphs(&new.text)?;
        let plan = self.plan(new.layouts.clone()).await?;
        let NewConsultation { title, note, figures, deadline, grace, participants, .. } = new;
        let kept = Content { plan, paragraphs, figures };
        let text = serde_json::to_string(&kept).unwrap_or_default();
        if text.len() > LARGEST_CONTENT {
            return Err(unfit(
                "图层太大,不能作为征求意见稿;请简化图层或减少方案。".to_owned(),
                "The layers are too large for a consultation; simplify them or choose fewer layouts.".to_owned(),
            ));
        }
        let head = serde_json::to_string(&Head::of(&kept.plan)).unwrap_or_default();
        let subject = serde_json::to_string(&kept.plan.layouts.iter().map(|l| &l.id).collect::<Vec<_>>());
        let round = Round {
            id: clock::new_id(),
            kind: CONSULTATION.to_owned(),
            title: title.trim().to_owned(),
            subject: subject.unwrap_or_default(),
            note,
            deadline,
            grace,
            created: clock::seconds(),
            created_by: actor,
            closed: None,
        };
        let trimmed = |p: NewParticipant| NewParticipant { name: p.name.trim().to_owned(), ..p };
        let participants: Vec<NewParticipant> = participants.into_iter().map(trimmed).collect();
        self.on_disk(move |inner| {
            let tokens =
                inner.database.add_round(&round, &participants, Some([&text, &head]))?.ok_or(RoundsError::Full)?;
            Ok((inner.board(&round.id)?, tokens))
        })
        .await
    }

    /// All consultations, the latest first.
    pub async fn list(&self) -> Result<Vec<Listed>, ConsultationsError> {
        self.on_disk(|inner| {
            let all = inner.database.rounds()?.into_iter().filter(|round| round.kind == CONSULTATION);
            all.map(|round| inner.listed(&round.id)).collect()
        })
        .await
    }

    /// A consultation with all that was said.
    pub async fn board(&self, id: String) -> Result<Board, ConsultationsError> {
        self.on_disk(move |inner| inner.board(&id)).await
    }

    /// What a participant sees, and what it said.
    pub async fn own(&self, access: &Access) -> Result<(Consulted, Content), ConsultationsError> {
        let (round, id) = (access.round.id.clone(), access.participant.id.clone());
        self.on_disk(move |inner| inner.board(&round)?.own(id)).await
    }

    /// Keeps what a participant says: a new comment, or, `of` one that it made, another wording. Gives its id, and what the
    /// participant sees now.
    pub async fn say(
        &self,
        access: &Access,
        of: Option<(String, u64)>,
        said: Said,
    ) -> Result<(String, Consulted, Content), ConsultationsError> {
        let (round, participant) = (access.round.id.clone(), access.participant.id.clone());
        self.on_disk(move |inner| {
            let content = inner.content(&round)?;
            let (id, seen) = of.map_or_else(|| (clock::new_id(), None), |(id, seen)| (id, Some(seen)));
            let changed = clock::seconds();
            let comment =
                Comment { id: id.clone(), participant: participant.clone(), changed, ..content.accept(said)? };
            done(inner.database.put_comment(&comment, seen)?, &id)?;
            let (own, content) = inner.board_of(&round, content)?.own(participant)?;
            Ok((id, own, content))
        })
        .await
    }

    /// Takes back what a participant said.
    pub async fn unsay(&self, access: &Access, id: String) -> Result<(), ConsultationsError> {
        let participant = access.participant.id.clone();
        self.on_disk(move |inner| done(inner.database.drop_comment(&participant, &id, clock::seconds())?, &id)).await
    }

    /// Adds a file to a comment of the participant.
    pub async fn attach(
        &self,
        access: &Access,
        comment: String,
        file: String,
        bytes: Vec<u8>,
    ) -> Result<(), ConsultationsError> {
        let file = file_name(&file).ok_or(ConsultationsError::Kind)?;
        if bytes.len() > LARGEST_ATTACHMENT {
            return Err(ConsultationsError::TooLarge);
        }
        if !is_taken(&file, &bytes) {
            return Err(ConsultationsError::Kind);
        }
        let participant = access.participant.id.clone();
        self.on_disk(move |inner| {
            let new = Attachment { id: clock::new_id(), comment, file, bytes: 0, sha256: String::new() };
            done(inner.database.attach(&participant, &new, &bytes, clock::seconds())?, &new.comment)
        })
        .await
    }

    /// A file of a comment: its name and bytes. With a participant only one of its own.
    pub async fn file(
        &self,
        round: String,
        participant: Option<String>,
        id: String,
    ) -> Result<(String, Vec<u8>), ConsultationsError> {
        self.on_disk(move |inner| {
            let found = inner.database.attached(&round, participant.as_deref(), &id)?;
            found.ok_or(ConsultationsError::Unknown(id))
        })
        .await
    }

    /// Writes down that a participant has answered in full, or takes that back. Gives what it sees now.
    pub async fn answer(&self, access: &Access, all: bool) -> Result<(Consulted, Content), ConsultationsError> {
        let (round, participant) = (access.round.id.clone(), access.participant.id.clone());
        self.on_disk(move |inner| {
            let content = inner.content(&round)?;
            if !inner.database.answer(&participant, all, clock::seconds())? {
                return Err(RoundsError::Ended.into());
            }
            inner.board_of(&round, content)?.own(participant)
        })
        .await
    }

    /// Says what becomes of a comment. `seen` is the serial of the comment that was seen, `versions` how many there are.
    pub async fn decide(
        &self,
        round: String,
        id: String,
        decision: Decision,
        seen: u64,
        versions: u64,
    ) -> Result<Board, ConsultationsError> {
        let Decision { reason, version, .. } = &decision;
        if reason.chars().count() > LONGEST_REASON || decision.verdict != "adopted" && reason.trim().is_empty() {
            return Err(unfit(
                format!("部分采纳、不采纳须写明理由;理由最多 {LONGEST_REASON} 字。"),
                format!("What is not adopted in full needs a reason, of at most {LONGEST_REASON} characters."),
            ));
        }
        if let Some(version) = version.filter(|version| *version == 0 || *version > versions) {
            return Err(unfit(format!("没有版本 v{version}。"), format!("There is no version {version}.")));
        }
        self.on_disk(move |inner| {
            let content = inner.content(&round)?;
            done(inner.database.decide(&round, &id, &decision, seen, clock::seconds())?, &id)?;
            inner.board_of(&round, content)
        })
        .await
    }

    async fn on_disk<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> Result<T, ConsultationsError> + Send + 'static,
    ) -> Result<T, ConsultationsError> {
        let inner = self.0.clone();
        blocking(move || work(&inner)).await?
    }
}

impl Stage {
    fn of(participant: &Participant, has_comments: bool) -> Self {
        match () {
            () if participant.answered.is_some() => Self::Answered,
            () if has_comments => Self::Commented,
            () if participant.last_seen.is_some() => Self::Seen,
            () => Self::Unseen,
        }
    }
}

impl Inner {
    /// A consultation without what its participants see and say.
    fn listed(&self, id: &str) -> Result<Listed, ConsultationsError> {
        let unknown = || ConsultationsError::Unknown(id.to_owned());
        let (round, participants, _) = self.database.round(id)?.ok_or_else(unknown)?;
        let head = match self.database.consulted_head(id)?.ok_or_else(unknown)? {
            Ok(head) => serde_json::from_str(&head).map_err(|_| unknown())?,
            Err(content) => Head::of(&serde_json::from_str::<Content>(&content).map_err(|_| unknown())?.plan),
        };
        let said = self.database.verdicts(id)?;
        let stage = |one: &Participant| Stage::of(one, said.iter().any(|(by, _)| *by == one.id));
        let stages = participants.iter().map(stage).collect();
        let verdicts = said.into_iter().map(|(_, verdict)| verdict).collect();
        Ok(Listed { open: round.is_open(clock::seconds()), round, head, stages, verdicts })
    }

    fn content(&self, round: &str) -> Result<Content, ConsultationsError> {
        let text = self.database.consulted(round)?.ok_or_else(|| ConsultationsError::Unknown(round.to_owned()))?;
        serde_json::from_str(&text).map_err(|_| ConsultationsError::Unknown(round.to_owned()))
    }

    fn board(&self, id: &str) -> Result<Board, ConsultationsError> {
        self.board_of(id, self.content(id)?)
    }

    /// That of a consultation whose content was read.
    fn board_of(&self, id: &str, content: Content) -> Result<Board, ConsultationsError> {
        let unknown = || ConsultationsError::Unknown(id.to_owned());
        let (round, participants, _) = self.database.round(id)?.ok_or_else(unknown)?;
        let layouts = self.database.layouts()?.into_iter();
        let in_force: HashMap<String, u64> = layouts.filter_map(|l| Some((l.id, l.version?))).collect();
        let mut by: HashMap<String, Vec<CommentRow>> = HashMap::new();
        for (comment, files) in self.database.comments(id)? {
            let followed = matches!(comment.verdict.as_deref(), Some("adopted" | "partly"));
            let of_layout = || in_force.get(comment.layout.as_ref()?).copied();
            let carried = comment.version.or_else(|| if followed { of_layout() } else { None });
            let place = content.place(&comment);
            let own = by.entry(comment.participant.clone()).or_default();
            own.push(CommentRow { comment, files, place, carried });
        }
        let row = |participant: Participant| {
            let comments = by.remove(&participant.id).unwrap_or_default();
            Consulted { stage: Stage::of(&participant, !comments.is_empty()), participant, comments }
        };
        let rows = participants.into_iter().map(row).collect();
        Ok(Board { open: round.is_open(clock::seconds()), round, rows, content })
    }
}

fn done(changed: CommentChanged, id: &str) -> Result<(), ConsultationsError> {
    match changed {
        CommentChanged::Kept => Ok(()),
        CommentChanged::Unknown => Err(ConsultationsError::Unknown(id.to_owned())),
        CommentChanged::Stale => Err(ConsultationsError::Stale),
        CommentChanged::Decided => Err(ConsultationsError::Decided),
        CommentChanged::Full => Err(ConsultationsError::Full),
        CommentChanged::Ended => Err(RoundsError::Ended.into()),
    }
}

fn unfit(zh: String, en: String) -> ConsultationsError {
    ConsultationsError::Unfit(Text { zh, en })
}

/// Whether a file is of a kind that is taken, by its name and by what is in it.
fn is_taken(file: &str, bytes: &[u8]) -> bool {
    let end = file.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    let has = |part: &[u8]| memchr::memmem::find(bytes, part).is_some();
    let office = |part: &[u8]| bytes.starts_with(b"PK\x03\x04") && has(b"[Content_Types].xml") && has(part);
    match end.as_str() {
        "pdf" => bytes.starts_with(b"%PDF-"),
        "png" => bytes.starts_with(b"\x89PNG\r\n\x1a\n"),
        "jpg" | "jpeg" => bytes.starts_with(&[0xff, 0xd8, 0xff]),
        "docx" => office(b"word/document.xml"),
        "xlsx" => office(b"xl/workbook.xml"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_taken;

    #[test]
    fn a_file_is_what_its_name_says() {
        assert!(is_taken("a.PDF", b"%PDF-1.7"));
        assert!(is_taken("a.jpeg", &[0xff, 0xd8, 0xff, 0xe0]));
        assert!(is_taken("a.docx", b"PK\x03\x04..[Content_Types].xml..word/document.xml"));
        for (name, bytes) in [
            ("a.pdf", &b"<html>"[..]),
            ("a.html", b"<html>"),
            ("a.svg", b"<svg/>"),
            ("a.docx", b"PK\x03\x04..[Content_Types].xml..xl/workbook.xml"),
            ("pdf", b""),
            ("a.exe", b"MZ"),
        ] {
            assert!(!is_taken(name, bytes), "{name}");
        }
    }
}
