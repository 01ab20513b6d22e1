//! Rounds, their participants and what these delivered. A participant comes by a link, of whose token only the SHA-256 is kept.

use super::comments::keep;
use super::database::{Database, DatabaseError, Row, StatementError, Transaction, params};
use super::hex::hex;
use super::random;
use sha2::{Digest, Sha256};

/// Most rounds.
pub const MOST_ROUNDS: i64 = 500;
/// Most participants of a round.
pub const MOST_PARTICIPANTS: usize = 200;
/// Most deliveries of a participant that are kept with their files; of earlier ones the record is.
pub const MOST_DELIVERIES: i64 = 5;
/// That a link was used is written down this often, in seconds.
const NOTED: i64 = 300;

const ROUND: &str = "id, kind, title, subject, note, deadline, grace, created, created_by, closed";
const PARTICIPANT: &str =
    "id, round, name, zones, token IS NOT NULL AS open, created, revoked, first_seen, last_seen, account, answered";
const DELIVERY: &str = "id, participant, number, received, file, bytes, sha256, late, version, verdict, report, merged";

/// A round.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Round {
    /// Its id.
    pub id: String,
    /// What kind of round it is.
    pub kind: String,
    /// Its title.
    pub title: String,
    /// What it is about: of a collection of figures the id of the table.
    pub subject: String,
    /// What participants are told.
    pub note: String,
    /// When it ends, in seconds since 1970.
    pub deadline: i64,
    /// Seconds after it in which what comes is late.
    pub grace: i64,
    /// When it was made.
    pub created: i64,
    /// Who made it.
    pub created_by: String,
    /// When it was closed.
    pub closed: Option<i64>,
}

impl Round {
    /// Whether participants may still come.
    pub fn is_open(&self, now: i64) -> bool {
        self.closed.is_none() && now <= self.deadline.saturating_add(self.grace)
    }
}

/// A participant of a round.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Participant {
    /// Its id.
    pub id: String,
    /// The round.
    pub round: String,
    /// What it is called.
    pub name: String,
    /// Ids of the zones that it answers for.
    pub zones: Vec<String>,
    /// Whether its link leads in.
    pub open: bool,
    /// When its link was made.
    pub created: i64,
    /// When its link was revoked.
    pub revoked: Option<i64>,
    /// When it came first.
    pub first_seen: Option<i64>,
    /// When it came last.
    pub last_seen: Option<i64>,
    /// The account that needs no link.
    pub account: Option<String>,
    /// When it said that it has answered in full.
    pub answered: Option<i64>,
}

/// A participant to add.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewParticipant {
    /// What it is called.
    pub name: String,
    /// Ids of the zones that it answers for.
    pub zones: Vec<String>,
    /// The account that needs no link.
    pub account: Option<String>,
}

/// Whoever comes by a link.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Access {
    /// The participant.
    pub participant: Participant,
    /// Its round.
    pub round: Round,
}

/// A file that a participant sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Its id.
    pub id: String,
    /// The participant.
    pub participant: String,
    /// Its number among those of the participant, from 1.
    pub number: u64,
    /// When it came, in seconds since 1970.
    pub received: i64,
    /// Its name where it came from.
    pub file: String,
    /// Its size.
    pub bytes: u64,
    /// Digest of its bytes, hexadecimal.
    pub sha256: String,
    /// Whether it came after the deadline.
    pub late: bool,
    /// The version that it was judged against.
    pub version: u64,
    /// `accepted`, `faulty` or `refused`.
    pub verdict: String,
    /// What was found, as JSON.
    pub report: String,
    /// The version that it went into.
    pub merged: Option<u64>,
}

/// What became of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivered {
    /// It is kept.
    Kept(Box<Delivery>),
    /// The link does not lead in any more.
    Ended,
}

/// What is to be different about a round.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoundChange {
    /// When it ends.
    pub deadline: Option<i64>,
    /// Seconds of grace.
    pub grace: Option<i64>,
    /// Whether it is closed.
    pub closed: Option<bool>,
}

/// A round, its participants and what they delivered.
pub type FullRound = (Round, Vec<Participant>, Vec<Delivery>);

impl Database {
    /// All rounds, the latest first.
    pub fn rounds(&self) -> Result<Vec<Round>, DatabaseError> {
        self.read(|t| t.all(&format!("SELECT {ROUND} FROM round ORDER BY created DESC, id DESC"), &[], round))
    }

    /// A round with its participants in their order, and the deliveries of all, the latest of each first.
    pub fn round(&self, id: &str) -> Result<Option<FullRound>, DatabaseError> {
        self.read(|t| {
            let Some(round) = find(t, id)? else { return Ok(None) };
            let own = format!("SELECT {PARTICIPANT} FROM participant WHERE round = ?1 ORDER BY position");
            let sent = format!(
                "SELECT {DELIVERY} FROM delivery WHERE participant IN (SELECT id FROM participant WHERE round = ?1) \
                 ORDER BY participant, number DESC"
            );
            let participants = t.all(&own, params![id], participant)?;
            Ok(Some((round, participants, t.all(&sent, params![id], delivery)?)))
        })
    }

    /// Keeps a round and its participants; gives the tokens of their links in the same order, or nothing where there are too many
    /// rounds. Ids are made from `round.id`. `content` is what participants of a consultation see, with
    /// what lists show of it.
    pub fn add_round(
        &self,
        round: &Round,
        new: &[NewParticipant],
        content: Option<[&str; 2]>,
    ) -> Result<Option<Vec<String>>, DatabaseError> {
        let tokens: Vec<String> = new.iter().map(|_| random::token::<32>()).collect();
        self.write(|t| {
            let there: i64 = t.one("SELECT count(*) FROM round", &[], |row| row.get(0))?;
            if there >= MOST_ROUNDS {
                return Ok(None);
            }
            t.execute(
                &format!("INSERT INTO round ({ROUND}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"),
                params![
                    round.id,
                    round.kind,
                    round.title,
                    round.subject,
                    round.note,
                    round.deadline,
                    round.grace,
                    round.created,
                    round.created_by,
                    round.closed
                ],
            )?;
            for ((at, new), token) in (1_i64..).zip(new).zip(&tokens) {
                let zones = serde_json::to_string(&new.zones).unwrap_or_default();
                t.execute(
                    "INSERT INTO participant (id, round, position, name, zones, token, created, account)
                    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                    params![
                        format!("{}-{at}", round.id),
                        round.id,
                        at,
                        new.name,
                        zones,
                        digest(token),
                        round.created,
                        new.account
                    ],
                )?;
            }
            content.map_or(Ok(()), |content| keep(t, &round.id, content))?;
            Ok(Some(tokens))
        })
    }

    /// Changes a round; whether there is one.
    pub fn change_round(&self, id: &str, change: &RoundChange, now: i64) -> Result<bool, DatabaseError> {
        self.write(|t| {
            let Some(mut round) = find(t, id)? else { return Ok(false) };
            round.deadline = change.deadline.unwrap_or(round.deadline);
            round.grace = change.grace.unwrap_or(round.grace);
            match change.closed {
                Some(true) => round.closed = round.closed.or(Some(now)),
                Some(false) => round.closed = None,
                None => {}
            }
            let sql = "UPDATE round SET deadline = ?2, grace = ?3, closed = ?4 WHERE id = ?1";
            t.execute(sql, params![id, round.deadline, round.grace, round.closed])?;
            Ok(true)
        })
    }

    /// Another link for a participant: its token. The one of before leads nowhere. Nothing where there is no such participant.
    pub fn renew_link(&self, round: &str, participant: &str, now: i64) -> Result<Option<String>, DatabaseError> {
        let token = random::token::<32>();
        let sql = "UPDATE participant SET token = ?3, created = ?4, revoked = NULL WHERE id = ?2 AND round = ?1";
        let changed = self.write(|t| t.execute(sql, params![round, participant, digest(&token), now]))?;
        Ok((changed > 0).then_some(token))
    }

    /// Revokes a participant's link; whether there is such a participant.
    pub fn revoke_link(&self, round: &str, participant: &str, now: i64) -> Result<bool, DatabaseError> {
        let sql = "UPDATE participant SET token = NULL, revoked = coalesce(revoked, ?3) WHERE id = ?2 AND round = ?1";
        Ok(self.write(|t| t.execute(sql, params![round, participant, now]))? > 0)
    }

    /// Whoever comes by a link; none where it never led in or does no more.
    pub fn access(&self, token: &str, now: i64) -> Result<Option<Access>, DatabaseError> {
        self.noted(self.read(|t| by_token(t, token))?, now)
    }

    /// The participant of a round that has this account; none where there is none, or its time is over.
    pub fn access_of(&self, round: &str, account: &str, now: i64) -> Result<Option<Access>, DatabaseError> {
        let found = self.read(|t| {
            let sql = format!("SELECT {PARTICIPANT} FROM participant WHERE round = ?1 AND account = ?2");
            let Some(participant) = t.first(&sql, params![round, account], participant)? else { return Ok(None) };
            Ok(find(t, round)?.map(|round| Access { participant, round }))
        })?;
        self.noted(found, now)
    }

    /// Whoever may still come, after it is written down that they came.
    fn noted(&self, found: Option<Access>, now: i64) -> Result<Option<Access>, DatabaseError> {
        let Some(access) = found.filter(|a| a.round.is_open(now)) else { return Ok(None) };
        if access.participant.last_seen.is_none_or(|seen| seen < now - NOTED) {
            let sql = "UPDATE participant SET first_seen = coalesce(first_seen, ?2), last_seen = ?2 WHERE id = ?1";
            self.write(|t| t.execute(sql, params![access.participant.id, now]))?;
        }
        Ok(Some(access))
    }

    /// Keeps a file of a participant, in the place of those of before, if its link still leads in. Number, lateness and digest are
    /// found here; of files that are long superseded only the record is kept.
    pub fn add_delivery(&self, new: &Delivery, content: &[u8]) -> Result<Delivered, DatabaseError> {
        self.write(|t| {
            let one = format!("SELECT {PARTICIPANT} FROM participant WHERE id = ?1");
            let sender = t.first(&one, params![new.participant], participant)?.filter(|p| p.open);
            let of = sender.map(|p| find(t, &p.round)).transpose()?.flatten().filter(|r| r.is_open(new.received));
            let Some(of) = of else { return Ok(Delivered::Ended) };
            let last = "SELECT coalesce(max(number), 0) FROM delivery WHERE participant = ?1";
            let last: i64 = t.one(last, params![new.participant], |row| row.get(0))?;
            let late = new.received > of.deadline;
            let sha256 = hex(&Sha256::digest(content));
            let kept = Delivery { number: (last + 1).cast_unsigned(), late, sha256, ..new.clone() };
            t.execute(
                "INSERT INTO delivery (id, participant, number, received, file, bytes, sha256, content, late, version, \
                 verdict, report) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
                params![
                    kept.id,
                    kept.participant,
                    last + 1,
                    kept.received,
                    kept.file,
                    kept.bytes.cast_signed(),
                    kept.sha256,
                    content,
                    i64::from(late),
                    kept.version.cast_signed(),
                    kept.verdict,
                    kept.report
                ],
            )?;
            let old = "UPDATE delivery SET content = ?3 WHERE participant = ?1 AND number <= ?2";
            let none: &[u8] = &[];
            t.execute(old, params![kept.participant, last + 1 - MOST_DELIVERIES, none])?;
            Ok(Delivered::Kept(Box::new(kept)))
        })
    }

    /// The bytes of a delivery.
    pub fn delivered(&self, id: &str) -> Result<Option<Vec<u8>>, DatabaseError> {
        self.read(|t| t.first("SELECT content FROM delivery WHERE id = ?1", params![id], |row| row.get(0)))
    }

    /// What was found when a delivery was judged anew.
    pub fn judge_delivery(&self, id: &str, version: u64, verdict: &str, report: &str) -> Result<(), DatabaseError> {
        let sql = "UPDATE delivery SET version = ?2, verdict = ?3, report = ?4 WHERE id = ?1 AND merged IS NULL";
        self.write(|t| t.execute(sql, params![id, version.cast_signed(), verdict, report])).map(drop)
    }
}

/// Marks deliveries as gone into a version, if each is the latest of its participant and in none yet; whether they are.
pub(super) fn merge(t: &dyn Transaction, deliveries: &[String], version: u64) -> Result<bool, StatementError> {
    for id in deliveries {
        let sql = "UPDATE delivery SET merged = ?2 WHERE id = ?1 AND merged IS NULL AND NOT EXISTS \
                   (SELECT 1 FROM delivery AS later WHERE later.participant = delivery.participant \
                    AND later.number > delivery.number)";
        let marked = t.execute(sql, params![id, version.cast_signed()])?;
        if marked == 0 {
            return Ok(false);
        }
    }
    Ok(true)
}

fn digest(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

fn find(t: &dyn Transaction, id: &str) -> Result<Option<Round>, StatementError> {
    t.first(&format!("SELECT {ROUND} FROM round WHERE id = ?1"), params![id], round)
}

fn by_token(t: &dyn Transaction, token: &str) -> Result<Option<Access>, StatementError> {
    let sql = format!("SELECT {PARTICIPANT} FROM participant WHERE token = ?1");
    let Some(participant) = t.first(&sql, params![digest(token)], participant)? else { return Ok(None) };
    Ok(find(t, &participant.round)?.map(|round| Access { participant, round }))
}

fn round(row: &dyn Row) -> Result<Round, StatementError> {
    Ok(Round {
        id: row.get("id")?,
        kind: row.get("kind")?,
        title: row.get("title")?,
        subject: row.get("subject")?,
        note: row.get("note")?,
        deadline: row.get("deadline")?,
        grace: row.get("grace")?,
        created: row.get("created")?,
        created_by: row.get("created_by")?,
        closed: row.get("closed")?,
    })
}

fn participant(row: &dyn Row) -> Result<Participant, StatementError> {
    let zones: String = row.get("zones")?;
    Ok(Participant {
        id: row.get("id")?,
        round: row.get("round")?,
        name: row.get("name")?,
        zones: serde_json::from_str(&zones).unwrap_or_default(),
        open: row.get("open")?,
        created: row.get("created")?,
        revoked: row.get("revoked")?,
        first_seen: row.get("first_seen")?,
        last_seen: row.get("last_seen")?,
        account: row.get("account")?,
        answered: row.get("answered")?,
    })
}

fn delivery(row: &dyn Row) -> Result<Delivery, StatementError> {
    let number = |name: &str| row.get::<_, i64>(name).map(i64::cast_unsigned);
    Ok(Delivery {
        id: row.get("id")?,
        participant: row.get("participant")?,
        number: number("number")?,
        received: row.get("received")?,
        file: row.get("file")?,
        bytes: number("bytes")?,
        sha256: row.get("sha256")?,
        late: row.get("late")?,
        version: number("version")?,
        verdict: row.get("verdict")?,
        report: row.get("report")?,
        merged: row.get::<_, Option<i64>>("merged")?.map(i64::cast_unsigned),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::clock::DAY;

    fn open() -> (tempfile::TempDir, Database, Vec<String>) {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(folder.path()).unwrap();
        let round = Round {
            id: "r1".into(),
            kind: "collection".into(),
            title: "Figures".into(),
            subject: "firms".into(),
            note: String::new(),
            deadline: 10 * DAY,
            grace: 2 * DAY,
            created: 0,
            created_by: "owner".into(),
            closed: None,
        };
        let new = ["north", "south"].map(|name| NewParticipant {
            name: name.into(),
            zones: vec![name.into()],
            account: None,
        });
        let tokens = database.add_round(&round, &new, None).unwrap().unwrap();
        (folder, database, tokens)
    }

    fn file(id: &str, at: i64) -> Delivery {
        Delivery {
            id: id.into(),
            participant: "r1-1".into(),
            number: 0,
            received: at,
            file: "a.xlsx".into(),
            bytes: 1,
            sha256: String::new(),
            late: false,
            version: 0,
            verdict: "accepted".into(),
            report: "{}".into(),
            merged: None,
        }
    }

    #[test]
    fn a_link_leads_in_until_the_grace_ends_or_it_is_revoked_or_the_round_closed() {
        let (_folder, database, tokens) = open();
        let name = |token: &str, now| database.access(token, now).unwrap().map(|a| a.participant.name);
        assert_eq!(name(&tokens[0], 5).as_deref(), Some("north"));
        assert_eq!(name(&tokens[1], 12 * DAY).as_deref(), Some("south"));
        assert_eq!(name(&tokens[1], 12 * DAY + 1), None);
        assert_eq!(name("anything", 5), None);
        let renewed = database.renew_link("r1", "r1-1", 6).unwrap().unwrap();
        assert_eq!((name(&tokens[0], 7), name(&renewed, 7).as_deref()), (None, Some("north")));
        assert!(database.revoke_link("r1", "r1-1", 8).unwrap());
        assert_eq!(name(&renewed, 9), None);
        assert!(!database.revoke_link("another", "r1-1", 8).unwrap(), "of this round only");
        let closed = RoundChange { closed: Some(true), ..RoundChange::default() };
        assert!(database.change_round("r1", &closed, 10).unwrap());
        assert_eq!(name(&tokens[1], 11), None);
        let (_, participants, _) = database.round("r1").unwrap().unwrap();
        assert_eq!(
            (participants[0].first_seen, participants[0].revoked, participants[1].last_seen),
            (Some(5), Some(8), Some(12 * DAY))
        );
    }

    #[test]
    fn the_latest_file_counts_and_the_earlier_stay_on_record() {
        let (_folder, database, _) = open();
        let send = |id: &str, at| match database.add_delivery(&file(id, at), id.as_bytes()).unwrap() {
            Delivered::Kept(kept) => Some((kept.number, kept.late)),
            Delivered::Ended => None,
        };
        assert_eq!((send("a", 5), send("b", 11 * DAY), send("c", 13 * DAY)), (Some((1, false)), Some((2, true)), None));
        assert_eq!(database.delivered("a").unwrap().unwrap(), b"a");
        let (_, _, sent) = database.round("r1").unwrap().unwrap();
        assert_eq!(sent.iter().map(|d| d.id.as_str()).collect::<Vec<_>>(), ["b", "a"]);
        for id in ["d", "e", "f", "g"] {
            send(id, 6);
        }
        assert_eq!(database.delivered("a").unwrap().unwrap(), b"", "the record alone");
        assert_eq!(database.delivered("b").unwrap().unwrap(), b"b");
    }

    #[test]
    fn only_the_latest_goes_into_a_version_and_once() {
        let (_folder, database, _) = open();
        for id in ["a", "b"] {
            database.add_delivery(&file(id, 5), b"x").unwrap();
        }
        let go = |id: &str| database.write(|t| merge(t, &[id.to_owned()], 3)).unwrap();
        assert_eq!((go("a"), go("b"), go("b")), (false, true, false));
        let (_, _, sent) = database.round("r1").unwrap().unwrap();
        assert_eq!((sent[0].id.as_str(), sent[0].merged), ("b", Some(3)));
    }
}
