//! Consultations in answers: for who may edit with all participants, for a participant with what is its own.

use crate::http::admin::rounds::ParticipantLink;
use crate::http::admin::versions::moment;
use crate::http::schemas::Text;
use crate::service::consultations::{About, Board, CommentRow, Consulted, Content, Listed, Stage};
use crate::service::store::{Attachment, Participant, Round};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use utoipa::ToSchema;

/// What becomes of a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = CommentOutcome)]
pub(crate) enum Outcome {
    /// It is carried out (采纳).
    Adopted,
    /// A part of it is (部分采纳).
    Partly,
    /// It is not (不采纳).
    Declined,
}

impl Outcome {
    const ALL: [(Self, &str); 3] = [(Self::Adopted, "adopted"), (Self::Partly, "partly"), (Self::Declined, "declined")];

    pub(super) fn name(self) -> &'static str {
        Self::ALL.iter().find(|(outcome, _)| *outcome == self).map_or("", |(_, name)| name)
    }

    pub(super) fn of(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(outcome, _)| *outcome)
    }
}

/// A file of a comment.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AttachmentInfo {
    /// Its id.
    id: String,
    /// Its name where it came from.
    file: String,
    /// Its size.
    bytes: u64,
    /// SHA-256 of its bytes.
    sha256: String,
}

impl From<Attachment> for AttachmentInfo {
    fn from(Attachment { id, file, bytes, sha256, .. }: Attachment) -> Self {
        Self { id, file, bytes, sha256 }
    }
}

/// Something that a participant says.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CommentInfo {
    /// Its id.
    id: String,
    /// Its number among those of the participant, from 1.
    number: u64,
    /// What `If-Match` names it by; another after each change.
    tag: String,
    /// Id of the participant.
    participant: String,
    /// What the participant is called.
    name: String,
    /// When it was made (RFC 3339, UTC).
    made: String,
    /// When the participant changed it last (RFC 3339, UTC).
    changed: String,
    /// Whether that was after the deadline.
    late: bool,
    /// What it is about.
    about: About,
    /// Id of the layout that it is about.
    layout: Option<String>,
    /// Which feature, figure or paragraph.
    target: Option<String>,
    /// What it is about, in words.
    #[schema(value_type = Text)]
    place: crate::core::model::Text,
    /// The outline that it is about, or that is proposed for the feature (GeoJSON).
    #[schema(value_type = Option<Object>)]
    geometry: Option<Json>,
    /// What it says.
    text: String,
    /// What becomes of it; null while that is open.
    outcome: Option<Outcome>,
    /// Why.
    reason: String,
    /// The version that carried it out.
    version: Option<u64>,
    /// When that was decided (RFC 3339, UTC).
    decided: Option<String>,
    /// Who decided it; null for participants.
    decided_by: Option<String>,
    /// Its files.
    files: Vec<AttachmentInfo>,
}

impl CommentInfo {
    fn of(CommentRow { comment: c, files, place, carried }: CommentRow, by: &Participant) -> Self {
        Self {
            id: c.id,
            number: c.number,
            tag: c.serial.to_string(),
            participant: by.id.clone(),
            name: by.name.clone(),
            made: moment(c.made),
            changed: moment(c.changed),
            late: c.late,
            about: About::of(&c.about),
            layout: c.layout,
            target: c.target,
            place,
            geometry: c.geometry.and_then(|g| serde_json::from_str(&g).ok()),
            text: c.text,
            outcome: c.verdict.as_deref().and_then(Outcome::of),
            reason: c.reason,
            version: carried,
            decided: c.decided.map(moment),
            decided_by: c.decided_by,
            files: files.into_iter().map(AttachmentInfo::from).collect(),
        }
    }

    /// As the participant sees it.
    pub(super) fn own(row: CommentRow, by: &Participant) -> Self {
        Self { decided_by: None, ..Self::of(row, by) }
    }
}

/// A participant on the board.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AskedInfo {
    /// Its id.
    id: String,
    /// What it is called.
    name: String,
    /// The account that answers for it without a link.
    account: Option<String>,
    /// How far it is.
    stage: Stage,
    /// How many comments it has.
    comments: usize,
    /// When its link was revoked (RFC 3339, UTC).
    revoked: Option<String>,
    /// When it looked first (RFC 3339, UTC).
    first_seen: Option<String>,
    /// When it looked last (RFC 3339, UTC).
    last_seen: Option<String>,
    /// When it said that all comments are made (RFC 3339, UTC).
    answered: Option<String>,
}

/// How many participants and comments are how far.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct ConsultationCounts {
    /// Participants in all.
    participants: usize,
    /// Who has not looked yet.
    unseen: usize,
    /// Who has looked and said nothing.
    seen: usize,
    /// Who has comments and has not said that these are all.
    commented: usize,
    /// Who has answered in full.
    answered: usize,
    /// Comments in all.
    comments: usize,
    /// Comments of which nothing is decided.
    open: usize,
    /// Comments that are carried out.
    adopted: usize,
    /// Comments that are carried out in part.
    partly: usize,
    /// Comments that are not.
    declined: usize,
}

impl ConsultationCounts {
    fn of<'a>(stages: impl Iterator<Item = Stage>, verdicts: impl Iterator<Item = Option<&'a str>>) -> Self {
        let mut counts = Self::default();
        for stage in stages {
            counts.participants += 1;
            *match stage {
                Stage::Unseen => &mut counts.unseen,
                Stage::Seen => &mut counts.seen,
                Stage::Commented => &mut counts.commented,
                Stage::Answered => &mut counts.answered,
            } += 1;
        }
        for verdict in verdicts {
            counts.comments += 1;
            *match verdict.and_then(Outcome::of) {
                Some(Outcome::Adopted) => &mut counts.adopted,
                Some(Outcome::Partly) => &mut counts.partly,
                Some(Outcome::Declined) => &mut counts.declined,
                None => &mut counts.open,
            } += 1;
        }
        counts
    }
}

/// A layout of a consultation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConsultedLayout {
    /// Its id.
    id: String,
    /// Its title when the consultation began.
    title: String,
}

/// A consultation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConsultationInfo {
    /// Its id, which is that of its round.
    id: String,
    /// Its title.
    title: String,
    /// What participants are told.
    note: String,
    /// When it ends (RFC 3339, UTC).
    deadline: String,
    /// Until when comments are taken: deadline and grace (RFC 3339, UTC).
    accepts_until: String,
    /// When it began (RFC 3339, UTC).
    created: String,
    /// Who began it.
    created_by: String,
    /// When it was closed (RFC 3339, UTC).
    closed: Option<String>,
    /// Whether comments are taken now.
    open: bool,
    /// The version that was in force when it began.
    version: u64,
    /// The layouts.
    layouts: Vec<ConsultedLayout>,
    /// How far it is.
    counts: ConsultationCounts,
    /// Its participants in their order; not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    participants: Option<Vec<AskedInfo>>,
    /// What they say, by participants in their order; not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    comments: Option<Vec<CommentInfo>>,
}

impl ConsultationInfo {
    /// A consultation among others.
    pub(super) fn in_list(Listed { round, open, head, stages, verdicts }: Listed) -> Self {
        let counts = ConsultationCounts::of(stages.into_iter(), verdicts.iter().map(Option::as_deref));
        let layouts = head.layouts.into_iter().map(|(id, title)| ConsultedLayout { id, title });
        Self::headed(round, open, head.version, layouts.collect(), counts)
    }

    fn headed(
        round: Round,
        open: bool,
        version: u64,
        layouts: Vec<ConsultedLayout>,
        counts: ConsultationCounts,
    ) -> Self {
        Self {
            deadline: moment(round.deadline),
            accepts_until: moment(round.deadline.saturating_add(round.grace)),
            created: moment(round.created),
            closed: round.closed.map(moment),
            id: round.id,
            title: round.title,
            note: round.note,
            created_by: round.created_by,
            open,
            version,
            layouts,
            counts,
            participants: None,
            comments: None,
        }
    }

    /// A consultation with all that was said.
    pub(super) fn of(Board { round, open, rows, content }: Board) -> Self {
        let verdicts = rows.iter().flat_map(|row| &row.comments).map(|row| row.comment.verdict.as_deref());
        let counts = ConsultationCounts::of(rows.iter().map(|row| row.stage), verdicts);
        let layout = |l: crate::service::drafts::PlanLayout| ConsultedLayout { id: l.id, title: l.title };
        let (mut participants, mut comments) = (Vec::new(), Vec::new());
        for Consulted { participant: p, stage, comments: own } in rows {
            let n = own.len();
            comments.extend(own.into_iter().map(|row| CommentInfo::of(row, &p)));
            participants.push(AskedInfo {
                id: p.id,
                name: p.name,
                account: p.account,
                stage,
                comments: n,
                revoked: p.revoked.map(moment),
                first_seen: p.first_seen.map(moment),
                last_seen: p.last_seen.map(moment),
                answered: p.answered.map(moment),
            });
        }
        let layouts = content.plan.layouts.into_iter().map(layout).collect();
        let headed = Self::headed(round, open, content.plan.version, layouts, counts);
        Self { participants: Some(participants), comments: Some(comments), ..headed }
    }
}

/// All consultations.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConsultationList {
    /// The latest first; without participants and comments.
    pub(super) consultations: Vec<ConsultationInfo>,
}

/// A consultation that begins.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NewConsultationInfo {
    /// The consultation.
    pub(super) consultation: ConsultationInfo,
    /// The links of its participants, in their order.
    pub(super) links: Vec<ParticipantLink>,
}

/// A consultation as a participant sees it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OwnConsultation {
    /// Id of its round.
    id: String,
    /// Its title.
    title: String,
    /// What participants are told.
    note: String,
    /// When it ends (RFC 3339, UTC).
    deadline: String,
    /// Until when comments are taken (RFC 3339, UTC).
    accepts_until: String,
    /// What the participant is called.
    name: String,
    /// How far it is.
    stage: Stage,
    /// What it sees.
    content: Content,
    /// What it said.
    comments: Vec<CommentInfo>,
}

impl OwnConsultation {
    pub(super) fn of(round: &Round, own: Consulted, content: Content) -> Self {
        let Consulted { participant, stage, comments } = own;
        Self {
            id: round.id.clone(),
            title: round.title.clone(),
            note: round.note.clone(),
            deadline: moment(round.deadline),
            accepts_until: moment(round.deadline.saturating_add(round.grace)),
            stage,
            content,
            comments: comments.into_iter().map(|row| CommentInfo::own(row, &participant)).collect(),
            name: participant.name,
        }
    }
}
