//! Consultations: what participants see, what they say of it, the files that they add, and what becomes of each comment.

use super::database::{Database, DatabaseError, Row, StatementError, Transaction, params};
use super::hex::hex;
use sha2::{Digest, Sha256};

/// Most comments of a participant.
pub const MOST_COMMENTS: i64 = 300;
/// Most files of a comment.
pub const MOST_ATTACHMENTS: i64 = 3;
/// Most bytes of a participant's files.
pub const MOST_ATTACHED: i64 = 64 << 20;

const COMMENT: &str = "id, participant, number, made, changed, late, about, layout, target, geometry, text, verdict, \
                       reason, version, decided, decided_by, serial";

/// Something that a participant says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comment {
    /// Its id.
    pub id: String,
    /// Who says it.
    pub participant: String,
    /// Its number among those of the participant, from 1.
    pub number: u64,
    /// When it was made, in seconds since 1970.
    pub made: i64,
    /// When the participant changed it last.
    pub changed: i64,
    /// Whether that was after the deadline.
    pub late: bool,
    /// `whole`, `feature`, `outline`, `figure` or `paragraph`.
    pub about: String,
    /// The layout that it is about.
    pub layout: Option<String>,
    /// `collection:id` of a feature, the id of a figure, the number of a paragraph.
    pub target: Option<String>,
    /// GeoJSON: the outline that it is about, or that is proposed for the feature.
    pub geometry: Option<String>,
    /// What it says.
    pub text: String,
    /// What becomes of it: `adopted`, `partly` or `declined`.
    pub verdict: Option<String>,
    /// Why.
    pub reason: String,
    /// The version that carried it out, where one is named.
    pub version: Option<u64>,
    /// When that was decided.
    pub decided: Option<i64>,
    /// Who decided it.
    pub decided_by: Option<String>,
    /// Rises with each change.
    pub serial: u64,
}

/// A file of a comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Its id.
    pub id: String,
    /// The comment.
    pub comment: String,
    /// Its name where it came from.
    pub file: String,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of its bytes.
    pub sha256: String,
}

/// What becomes of a comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// `adopted`, `partly` or `declined`.
    pub verdict: String,
    /// Why.
    pub reason: String,
    /// The version that carried it out.
    pub version: Option<u64>,
    /// Who decides.
    pub by: String,
}

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommentChanged {
    /// It is kept.
    Kept,
    /// There is no such comment.
    Unknown,
    /// It was changed since it was seen.
    Stale,
    /// It is decided already.
    Decided,
    /// There are too many.
    Full,
    /// The participant's time is over.
    Ended,
}

impl Database {
    /// What the participants of a round see; none where it is no consultation.
    pub fn consulted(&self, round: &str) -> Result<Option<String>, DatabaseError> {
        let sql = "SELECT content FROM consultation WHERE round = ?1";
        self.read(|t| t.first(sql, params![round], |row| row.get(0)))
    }

    /// What lists show of a consultation; where an earlier build kept none of that, what its participants see.
    pub fn consulted_head(&self, round: &str) -> Result<Option<Result<String, String>>, DatabaseError> {
        let sql = "SELECT head, CASE WHEN head IS NULL THEN content END FROM consultation WHERE round = ?1";
        let found = self.read(|t| {
            t.first(sql, params![round], |row| Ok((row.get::<_, Option<String>>(0)?, row.get::<_, Option<String>>(1)?)))
        })?;
        Ok(found.map(|(head, content)| head.ok_or_else(|| content.unwrap_or_default())))
    }

    /// Whose each comment of a round is, and what became of it.
    pub fn verdicts(&self, round: &str) -> Result<Vec<(String, Option<String>)>, DatabaseError> {
        let sql = "SELECT comment.participant, comment.verdict FROM comment
            JOIN participant ON participant.id = comment.participant WHERE participant.round = ?1";
        self.read(|t| t.all(sql, params![round], |row| Ok((row.get(0)?, row.get(1)?))))
    }

    /// The comments of a round with their files: by participants in their order, then in the order in which they were made.
    pub fn comments(&self, round: &str) -> Result<Vec<(Comment, Vec<Attachment>)>, DatabaseError> {
        self.read(|t| {
            let columns = COMMENT.split(", ").map(|c| format!("comment.{c}")).collect::<Vec<_>>().join(", ");
            let sql = format!(
                "SELECT {columns} FROM comment JOIN participant ON participant.id = comment.participant
                WHERE participant.round = ?1 ORDER BY participant.position, comment.number"
            );
            let all = t.all(&sql, params![round], comment)?;
            let files = "SELECT id, comment, file, bytes, sha256 FROM attachment WHERE comment IN \
                         (SELECT comment.id FROM comment JOIN participant ON participant.id = comment.participant \
                          WHERE participant.round = ?1) ORDER BY id";
            let files = t.all(files, params![round], attachment)?;
            let with = |one: Comment| {
                let own = files.iter().filter(|file| file.comment == one.id).cloned().collect();
                (one, own)
            };
            Ok(all.into_iter().map(with).collect())
        })
    }

    /// Keeps a new comment, or another wording of one that is not decided. `seen` is the serial of the one that is changed.
    pub fn put_comment(&self, new: &Comment, seen: Option<u64>) -> Result<CommentChanged, DatabaseError> {
        self.write(|t| {
            let Some(late) = late(t, &new.participant, new.changed)? else { return Ok(CommentChanged::Ended) };
            let Some(seen) = seen else { return add(t, new, late) };
            let found = match open(t, &new.participant, &new.id)? {
                Ok(found) => found,
                Err(why) => return Ok(why),
            };
            if found.serial != seen {
                return Ok(CommentChanged::Stale);
            }
            t.execute(
                "UPDATE comment SET changed = ?2, late = ?3, about = ?4, layout = ?5, target = ?6, geometry = ?7, \
                 text = ?8, serial = serial + 1 WHERE id = ?1",
                params![
                    new.id,
                    new.changed,
                    i64::from(late),
                    new.about,
                    new.layout,
                    new.target,
                    new.geometry,
                    new.text
                ],
            )?;
            Ok(CommentChanged::Kept)
        })
    }

    /// Takes a comment back that is not decided.
    pub fn drop_comment(&self, participant: &str, id: &str, now: i64) -> Result<CommentChanged, DatabaseError> {
        self.write(|t| {
            if late(t, participant, now)?.is_none() {
                return Ok(CommentChanged::Ended);
            }
            if let Err(why) = open(t, participant, id)? {
                return Ok(why);
            }
            t.execute("DELETE FROM attachment WHERE comment = ?1", params![id])?;
            t.execute("DELETE FROM comment WHERE id = ?1", params![id])?;
            Ok(CommentChanged::Kept)
        })
    }

    /// Adds a file to a comment that is not decided; its digest is found here.
    pub fn attach(
        &self,
        participant: &str,
        new: &Attachment,
        content: &[u8],
        now: i64,
    ) -> Result<CommentChanged, DatabaseError> {
        self.write(|t| {
            if late(t, participant, now)?.is_none() {
                return Ok(CommentChanged::Ended);
            }
            if let Err(why) = open(t, participant, &new.comment)? {
                return Ok(why);
            }
            let sql = "SELECT count(*) FROM attachment WHERE comment = ?1";
            let files: i64 = t.one(sql, params![new.comment], |row| row.get(0))?;
            let sql = "SELECT cast(coalesce(sum(bytes), 0) AS BIGINT) FROM attachment WHERE comment IN \
                       (SELECT id FROM comment WHERE participant = ?1)";
            let bytes: i64 = t.one(sql, params![participant], |row| row.get(0))?;
            if files >= MOST_ATTACHMENTS || bytes + content.len() as i64 > MOST_ATTACHED {
                return Ok(CommentChanged::Full);
            }
            t.execute(
                "INSERT INTO attachment (id, comment, file, bytes, sha256, content) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![new.id, new.comment, new.file, content.len() as i64, hex(&Sha256::digest(content)), content],
            )?;
            Ok(CommentChanged::Kept)
        })
    }

    /// A file of a round: its name and bytes. With a participant only one of its own.
    pub fn attached(
        &self,
        round: &str,
        participant: Option<&str>,
        id: &str,
    ) -> Result<Option<(String, Vec<u8>)>, DatabaseError> {
        let sql = "SELECT attachment.file, attachment.content FROM attachment \
                   JOIN comment ON comment.id = attachment.comment \
                   JOIN participant ON participant.id = comment.participant \
                   WHERE attachment.id = ?1 AND participant.round = ?2 AND participant.id = coalesce(?3, participant.id)";
        self.read(|t| t.first(sql, params![id, round, participant], |row| Ok((row.get(0)?, row.get(1)?))))
    }

    /// Says what becomes of a comment of a round, if it is still what was seen.
    pub fn decide(
        &self,
        round: &str,
        id: &str,
        decision: &Decision,
        seen: u64,
        now: i64,
    ) -> Result<CommentChanged, DatabaseError> {
        self.write(|t| {
            let own = "SELECT serial FROM comment WHERE id = ?1 AND participant IN \
                       (SELECT id FROM participant WHERE round = ?2)";
            match t.first(own, params![id, round], |row| row.get::<_, i64>(0))? {
                None => return Ok(CommentChanged::Unknown),
                Some(serial) if serial.cast_unsigned() != seen => return Ok(CommentChanged::Stale),
                Some(_) => {}
            }
            t.execute(
                "UPDATE comment SET verdict = ?2, reason = ?3, version = ?4, decided = ?5, decided_by = ?6, \
                 serial = serial + 1 WHERE id = ?1",
                params![
                    id,
                    decision.verdict,
                    decision.reason,
                    decision.version.map(u64::cast_signed),
                    now,
                    decision.by
                ],
            )?;
            Ok(CommentChanged::Kept)
        })
    }

    /// Writes down that a participant has answered in full, or takes that back; whether its time was not over.
    pub fn answer(&self, participant: &str, done: bool, now: i64) -> Result<bool, DatabaseError> {
        self.write(|t| {
            if late(t, participant, now)?.is_none() {
                return Ok(false);
            }
            let sql = "UPDATE participant SET answered = ?2 WHERE id = ?1";
            Ok(t.execute(sql, params![participant, done.then_some(now)])? > 0)
        })
    }
}

/// Keeps what the participants of a round see.
pub(super) fn keep(t: &dyn Transaction, round: &str, [content, head]: [&str; 2]) -> Result<(), StatementError> {
    let sql = "INSERT INTO consultation (round, content, head) VALUES (?1, ?2, ?3)";
    t.execute(sql, params![round, content, head]).map(drop)
}

fn add(t: &dyn Transaction, new: &Comment, late: bool) -> Result<CommentChanged, StatementError> {
    let there = "SELECT count(*) FROM comment WHERE participant = ?1";
    let there: i64 = t.one(there, params![new.participant], |row| row.get(0))?;
    if there >= MOST_COMMENTS {
        return Ok(CommentChanged::Full);
    }
    let last = "SELECT coalesce(max(number), 0) FROM comment WHERE participant = ?1";
    let last: i64 = t.one(last, params![new.participant], |row| row.get(0))?;
    t.execute(
        "INSERT INTO comment (id, participant, number, made, changed, late, about, layout, target, geometry, text, \
         reason, serial) VALUES (?1, ?2, ?3, ?4, ?4, ?5, ?6, ?7, ?8, ?9, ?10, '', 1)",
        params![
            new.id,
            new.participant,
            last + 1,
            new.changed,
            i64::from(late),
            new.about,
            new.layout,
            new.target,
            new.geometry,
            new.text
        ],
    )?;
    Ok(CommentChanged::Kept)
}

/// Whether what comes from a participant now is late; none where its time is over.
fn late(t: &dyn Transaction, participant: &str, now: i64) -> Result<Option<bool>, StatementError> {
    let sql = "SELECT round.deadline, round.grace, round.closed FROM participant JOIN round ON round.id = participant.round \
               WHERE participant.id = ?1";
    let found = t.first(sql, params![participant], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, Option<i64>>(2)?))
    })?;
    let open = found.filter(|(deadline, grace, closed)| closed.is_none() && now <= deadline.saturating_add(*grace));
    Ok(open.map(|(deadline, ..)| now > deadline))
}

/// A comment of a participant that may still be changed.
fn open(t: &dyn Transaction, participant: &str, id: &str) -> Result<Result<Comment, CommentChanged>, StatementError> {
    let sql = format!("SELECT {COMMENT} FROM comment WHERE id = ?1 AND participant = ?2");
    Ok(match t.first(&sql, params![id, participant], comment)? {
        None => Err(CommentChanged::Unknown),
        Some(found) if found.verdict.is_some() => Err(CommentChanged::Decided),
        Some(found) => Ok(found),
    })
}

fn comment(row: &dyn Row) -> Result<Comment, StatementError> {
    let number = |name: &str| row.get::<_, i64>(name).map(i64::cast_unsigned);
    Ok(Comment {
        id: row.get("id")?,
        participant: row.get("participant")?,
        number: number("number")?,
        made: row.get("made")?,
        changed: row.get("changed")?,
        late: row.get("late")?,
        about: row.get("about")?,
        layout: row.get("layout")?,
        target: row.get("target")?,
        geometry: row.get("geometry")?,
        text: row.get("text")?,
        verdict: row.get("verdict")?,
        reason: row.get("reason")?,
        version: row.get::<_, Option<i64>>("version")?.map(i64::cast_unsigned),
        decided: row.get("decided")?,
        decided_by: row.get("decided_by")?,
        serial: number("serial")?,
    })
}

fn attachment(row: &dyn Row) -> Result<Attachment, StatementError> {
    Ok(Attachment {
        id: row.get("id")?,
        comment: row.get("comment")?,
        file: row.get("file")?,
        bytes: row.get::<_, i64>("bytes")?.cast_unsigned(),
        sha256: row.get("sha256")?,
    })
}
