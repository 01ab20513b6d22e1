//! Rounds in answers: for who may edit with all participants, for a participant with what is its own.

use crate::http::admin::versions::moment;
use crate::http::schemas::Text;
use crate::service::rounds::{Board, BoardRow, Report, Stage, Verdict};
use crate::service::store::{Delivery, Participant, Round};
use serde::Serialize;
use utoipa::ToSchema;

/// How many participants are how far.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct RoundCounts {
    /// Participants in all.
    participants: usize,
    /// Of them nothing came.
    missing: usize,
    /// What came last is to be mended.
    faulty: usize,
    /// What came last is accepted.
    delivered: usize,
    /// What came last is in a version.
    merged: usize,
    /// Of all: what came last came after the deadline, or the deadline is over and nothing is accepted.
    late: usize,
}

/// A file that a participant sent.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeliveryInfo {
    /// Its id.
    id: String,
    /// Its number among those of the participant, from 1; the highest counts.
    number: u64,
    /// When it came (RFC 3339, UTC).
    received: String,
    /// Its name where it came from.
    file: String,
    /// Its size.
    bytes: u64,
    /// SHA-256 of its bytes.
    sha256: String,
    /// Whether it came after the deadline.
    late: bool,
    /// The version of the data that it was judged against.
    version: u64,
    /// What becomes of it.
    verdict: Verdict,
    /// What was found; of the latest only.
    report: Option<Report>,
    /// The version that it went into.
    merged: Option<u64>,
}

impl DeliveryInfo {
    /// With what was found.
    pub(super) fn of(d: Delivery) -> Self {
        let report = serde_json::from_str(&d.report).ok();
        Self { report, ..Self::brief(d) }
    }

    fn brief(d: Delivery) -> Self {
        Self {
            id: d.id,
            number: d.number,
            received: moment(d.received),
            file: d.file,
            bytes: d.bytes,
            sha256: d.sha256,
            late: d.late,
            version: d.version,
            verdict: Verdict::of(&d.verdict),
            report: None,
            merged: d.merged,
        }
    }

    fn all(deliveries: Vec<Delivery>) -> Vec<Self> {
        deliveries.into_iter().enumerate().map(|(i, d)| if i == 0 { Self::of(d) } else { Self::brief(d) }).collect()
    }
}

/// A participant on the board.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ParticipantInfo {
    /// Its id.
    id: String,
    /// What it is called.
    name: String,
    /// Ids of the zones that it answers for.
    zones: Vec<String>,
    /// How far it is.
    stage: Stage,
    /// Whether what came last came after the deadline, or the deadline is over and nothing is accepted.
    late: bool,
    /// When its link was revoked (RFC 3339, UTC).
    revoked: Option<String>,
    /// When it came first.
    first_seen: Option<String>,
    /// When it came last, within some minutes.
    last_seen: Option<String>,
    /// What it sent, the latest first.
    deliveries: Vec<DeliveryInfo>,
}

/// A round.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RoundInfo {
    /// Its id.
    id: String,
    /// `collection`.
    kind: String,
    /// Its title.
    title: String,
    /// Id of the table that it asks for.
    table: String,
    /// What participants are told.
    note: String,
    /// When it ends (RFC 3339, UTC).
    deadline: String,
    /// Until when files are taken: deadline and grace (RFC 3339, UTC).
    accepts_until: String,
    /// When it was made (RFC 3339, UTC).
    created: String,
    /// Who made it.
    created_by: String,
    /// When it was closed (RFC 3339, UTC).
    closed: Option<String>,
    /// Whether files are taken now.
    open: bool,
    /// The version of the data that is current: what was judged against another is judged anew before it is merged.
    version: u64,
    /// How far its participants are.
    counts: RoundCounts,
    /// Its participants in their order; not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    participants: Option<Vec<ParticipantInfo>>,
}

fn until(round: &Round) -> String {
    moment(round.deadline.saturating_add(round.grace))
}

impl RoundInfo {
    /// A round among others.
    pub(super) fn in_list(board: Board) -> Self {
        Self { participants: None, ..Self::of(board) }
    }

    /// A round with its participants.
    pub(super) fn of(Board { round, open, version, rows }: Board) -> Self {
        let mut counts = RoundCounts { participants: rows.len(), ..RoundCounts::default() };
        for row in &rows {
            let count = match row.stage {
                Stage::Missing => &mut counts.missing,
                Stage::Faulty => &mut counts.faulty,
                Stage::Delivered => &mut counts.delivered,
                Stage::Merged => &mut counts.merged,
            };
            *count += 1;
            counts.late += usize::from(row.late);
        }
        Self {
            deadline: moment(round.deadline),
            accepts_until: until(&round),
            created: moment(round.created),
            closed: round.closed.map(moment),
            id: round.id,
            kind: round.kind,
            title: round.title,
            table: round.subject,
            note: round.note,
            created_by: round.created_by,
            open,
            version,
            counts,
            participants: Some(rows.into_iter().map(ParticipantInfo::from).collect()),
        }
    }
}

impl From<BoardRow> for ParticipantInfo {
    fn from(BoardRow { participant: p, stage, late, deliveries }: BoardRow) -> Self {
        Self {
            id: p.id,
            name: p.name,
            zones: p.zones,
            stage,
            late,
            revoked: p.revoked.map(moment),
            first_seen: p.first_seen.map(moment),
            last_seen: p.last_seen.map(moment),
            deliveries: DeliveryInfo::all(deliveries),
        }
    }
}

/// All rounds.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RoundList {
    /// The latest first; without their participants.
    pub(super) rounds: Vec<RoundInfo>,
}

/// A participant's link. The service keeps no more than a digest of its token: it is shown once.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ParticipantLink {
    /// Id of the participant.
    participant: String,
    /// What it is called.
    name: String,
    /// The address. The token stands behind `#`, which browsers do not send; programs send it as `Authorization: Bearer`.
    link: String,
}

impl ParticipantLink {
    /// Where the token stands no server is told it, so that no log has it.
    pub(in crate::http::admin) fn of(base: &str, of: &Participant, token: &str) -> Self {
        let link = format!("{base}/?round={}#{token}", of.round);
        Self { participant: of.id.clone(), name: of.name.clone(), link }
    }
}

/// A round that was made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NewRoundInfo {
    /// The round.
    pub(super) round: RoundInfo,
    /// The links of its participants, in their order.
    pub(super) links: Vec<ParticipantLink>,
}

/// A zone that a participant answers for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OwnZone {
    /// Its id.
    pub(super) id: String,
    /// Its name.
    #[schema(value_type = Text)]
    pub(super) name: crate::core::model::Text,
}

/// A round as a participant sees it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OwnRound {
    /// Id of the round.
    id: String,
    /// `collection` of figures or `consultation`, of which `/rounds/{round}/own/consultation` has the rest.
    kind: String,
    /// Its title.
    title: String,
    /// What is asked for.
    #[schema(value_type = Text)]
    table: crate::core::model::Text,
    /// What participants are told.
    note: String,
    /// When it ends (RFC 3339, UTC).
    deadline: String,
    /// Until when files are taken (RFC 3339, UTC).
    accepts_until: String,
    /// What the participant is called.
    name: String,
    /// The zones that it answers for.
    zones: Vec<OwnZone>,
    /// How far it is.
    stage: Stage,
    /// Whether what came last came after the deadline, or the deadline is over and nothing is accepted.
    late: bool,
    /// What it sent, the latest first.
    deliveries: Vec<DeliveryInfo>,
}

impl OwnRound {
    pub(super) fn of(round: &Round, row: BoardRow, table: crate::core::model::Text, zones: Vec<OwnZone>) -> Self {
        Self {
            id: round.id.clone(),
            kind: round.kind.clone(),
            title: round.title.clone(),
            table,
            note: round.note.clone(),
            deadline: moment(round.deadline),
            accepts_until: until(round),
            name: row.participant.name,
            zones,
            stage: row.stage,
            late: row.late,
            deliveries: DeliveryInfo::all(row.deliveries),
        }
    }
}
