//! Briefings that the service makes by itself: when (schedules), and those that were made, one of a schedule and a month. The row of a
//! briefing is the claim of the copy of the program that makes it, with lease and fencing token as a report job has them, so that of many
//! copies one makes it.

use super::database::{Database, DatabaseError, Row, StatementError, Transaction, params};
use super::reports::LEASE;
use crate::core::model::{Lang, Text};

/// Most schedules.
pub const MOST_SCHEDULES: i64 = 8;
/// Briefings of a schedule that are kept: two years.
pub const MOST_BRIEFINGS: i64 = 24;
/// How often one is tried, and after how many seconds again.
pub const MOST_ATTEMPTS: i64 = 5;
const PAUSE: i64 = 600;
/// A moment that is met so many seconds later was missed.
const MISSED: i64 = 900;

const SCHEDULE: &str = "id, title, day, hour, languages, kind, zone, active, changed, changed_by";
const BRIEFING: &str =
    "schedule, period, due, since, until, late, state, attempts, fence, retry, ended, revision, still, zh, en";

/// When the service makes a briefing by itself, and of what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BriefingSchedule {
    /// Its id.
    pub id: String,
    /// What its briefings are called.
    pub title: String,
    /// The day of the month, 1 to 28; none: its last.
    pub day: Option<u8>,
    /// The hour of the day, where the dataset is.
    pub hour: u8,
    /// The languages of its papers.
    pub languages: Vec<Lang>,
    /// The kind of the zones; none: the one that divides the whole.
    pub kind: Option<String>,
    /// One zone instead of all of a kind.
    pub zone: Option<String>,
    /// Whether it is followed.
    pub active: bool,
    /// When it was made or changed, in seconds since 1970: moments before count for nothing.
    pub changed: i64,
    /// By whom.
    pub changed_by: String,
}

/// A moment at which a briefing is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// The month of it, `YYYY-MM`.
    pub period: String,
    /// In seconds since 1970.
    pub at: i64,
    /// The last day that the briefing is about.
    pub until: String,
    /// The first, where no briefing was made before.
    pub since: String,
}

/// How far a briefing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum BriefingState {
    /// A copy of the program makes it.
    Running,
    /// It is there.
    Made,
    /// It could not be made; it may be tried again.
    Failed,
}

impl BriefingState {
    /// All with their names.
    pub const ALL: [(Self, &str); 3] = [(Self::Running, "running"), (Self::Made, "made"), (Self::Failed, "failed")];

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(state, _)| *state == self).map_or("", |(_, name)| name)
    }
}

/// A briefing of a schedule and a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Briefing {
    /// Id of the schedule.
    pub schedule: String,
    /// The month of the moment, `YYYY-MM`.
    pub period: String,
    /// The moment.
    pub due: i64,
    /// The days that it is about.
    pub since: String,
    /// The last of them.
    pub until: String,
    /// Whether it is made up for a moment that was missed.
    pub late: bool,
    /// How far it is.
    pub state: BriefingState,
    /// How often it was tried.
    pub attempts: i64,
    /// What is done under a lower number comes too late.
    pub fence: i64,
    /// When it is tried again.
    pub retry: Option<i64>,
    /// When it was made or failed.
    pub ended: Option<i64>,
    /// Revision of the data that it is made of.
    pub revision: Option<String>,
    /// Whether nothing has changed in its time.
    pub still: Option<bool>,
    /// Why it failed.
    pub error: Option<Text>,
    /// Its files in a list: name and size.
    pub files: Vec<(String, u64)>,
}

/// A file of a briefing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BriefingFile {
    /// Language and format, as `zh.docx`.
    pub name: String,
    /// The name under which it is saved.
    pub title: String,
    /// The bytes.
    pub content: Vec<u8>,
}

/// What is kept of a briefing that is made.
#[derive(Clone, Debug)]
pub struct MadeBriefing {
    /// Revision of the data.
    pub revision: String,
    /// Whether nothing has changed.
    pub still: bool,
    /// The files.
    pub files: Vec<BriefingFile>,
}

/// How many briefings there are by state, and when the latest was made.
pub type BriefingCounts = (Vec<(&'static str, u64)>, Option<i64>);

/// What is to be done about a moment that has come.
enum Step {
    /// To make the briefing, which nobody has tried, about the time since this day.
    First(String),
    /// To try it again.
    Again(Box<Briefing>),
    /// To say that it was tried often enough.
    GiveUp(Box<Briefing>),
    Nothing,
}

impl Database {
    /// All schedules in the order in which they were made.
    pub fn briefing_schedules(&self) -> Result<Vec<BriefingSchedule>, DatabaseError> {
        self.read(|t| t.all(&format!("SELECT {SCHEDULE} FROM briefing_schedule ORDER BY id"), &[], schedule))
    }

    /// Makes a schedule; `false` where there are too many.
    pub fn add_briefing_schedule(&self, new: &BriefingSchedule) -> Result<bool, DatabaseError> {
        self.write(|t| {
            let there: i64 = t.one("SELECT count(*) FROM briefing_schedule", &[], |row| row.get(0))?;
            if there >= MOST_SCHEDULES {
                return Ok(false);
            }
            let sql = "INSERT INTO briefing_schedule (id, title, day, hour, languages, kind, zone, active, changed, changed_by)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
            put_schedule(t, sql, new)?;
            Ok(true)
        })
    }

    /// Changes a schedule; whether there is one.
    pub fn change_briefing_schedule(&self, new: &BriefingSchedule) -> Result<bool, DatabaseError> {
        let sql = "UPDATE briefing_schedule SET title = ?2, day = ?3, hour = ?4, languages = ?5, kind = ?6, zone = ?7,
            active = ?8, changed = ?9, changed_by = ?10 WHERE id = ?1";
        self.write(|t| put_schedule(t, sql, new)).map(|n| n > 0)
    }

    /// Removes a schedule with its briefings; whether there was one.
    pub fn drop_briefing_schedule(&self, id: &str) -> Result<bool, DatabaseError> {
        self.write(|t| t.execute("DELETE FROM briefing_schedule WHERE id = ?1", params![id])).map(|n| n > 0)
    }

    /// All briefings, the latest first, without the bytes of their files.
    pub fn briefings(&self) -> Result<Vec<Briefing>, DatabaseError> {
        self.read(|t| {
            let sql = format!("SELECT {BRIEFING} FROM briefing ORDER BY period DESC, due DESC, schedule");
            let mut all = t.all(&sql, &[], briefing)?;
            let files = "SELECT name, bytes FROM briefing_file WHERE schedule = ?1 AND period = ?2 ORDER BY name DESC";
            for one in &mut all {
                one.files = t.all(files, params![one.schedule, one.period], |row| {
                    Ok((row.get(0)?, row.get::<_, i64>(1)?.cast_unsigned()))
                })?;
            }
            Ok(all)
        })
    }

    /// How many briefings there are by state, and when the latest was made.
    pub fn count_briefings(&self) -> Result<BriefingCounts, DatabaseError> {
        self.read(|t| {
            let of = |name: &'static str| -> Result<(&'static str, u64), StatementError> {
                let sql = "SELECT count(*) FROM briefing WHERE state = ?1";
                Ok((name, t.one(sql, params![name], |row| row.get::<_, i64>(0))?.cast_unsigned()))
            };
            let counts = BriefingState::ALL.iter().map(|(_, name)| of(name)).collect::<Result<_, StatementError>>()?;
            let latest = t.one("SELECT max(ended) FROM briefing WHERE state = 'made'", &[], |row| row.get(0))?;
            Ok((counts, latest))
        })
    }

    /// A file of a briefing.
    pub fn briefing_file(
        &self,
        schedule: &str,
        period: &str,
        name: &str,
    ) -> Result<Option<BriefingFile>, DatabaseError> {
        let sql = "SELECT name, title, content FROM briefing_file WHERE schedule = ?1 AND period = ?2 AND name = ?3";
        self.read(|t| {
            t.first(sql, params![schedule, period, name], |row| {
                Ok(BriefingFile { name: row.get(0)?, title: row.get(1)?, content: row.get(2)? })
            })
        })
    }

    /// Takes a briefing whose moment has come, so that no other copy of the program makes it; none where there is nothing to do.
    /// Transactions that write follow one another, so of two copies one finds the other's row.
    pub fn claim_briefing(
        &self,
        of: &BriefingSchedule,
        due: &Due,
        copy: &str,
        now: i64,
    ) -> Result<Option<Briefing>, DatabaseError> {
        // to look costs nobody a turn
        if matches!(self.read(|t| step(t, of, due, now))?, Step::Nothing) {
            return Ok(None);
        }
        self.write(|t| {
            let claimed = match step(t, of, due, now)? {
                Step::Nothing => return Ok(None),
                Step::GiveUp(one) => {
                    let why = Text::new(
                        format!("制作时程序 {MOST_ATTEMPTS} 次中断,不再重试;请管理员查看日志。"),
                        format!("The program ended {MOST_ATTEMPTS} times while it was made; it is not tried again. The administrator reads the log."),
                    );
                    end(t, &one, &why, None, now)?;
                    return Ok(None);
                }
                Step::First(since) => {
                    let sql = "INSERT INTO briefing (schedule, period, due, since, until, late, state, attempts, copy, lease, fence)
                        VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'running', 1, ?7, ?8, 1)";
                    let late = i64::from(now > due.at + MISSED);
                    t.execute(sql, params![of.id, due.period, due.at, since, due.until, late, copy, now + LEASE])?;
                    superseded(t, &of.id, &due.period, now)?;
                    t.execute(
                        "DELETE FROM briefing WHERE schedule = ?1 AND period NOT IN
                        (SELECT period FROM briefing WHERE schedule = ?1 ORDER BY period DESC LIMIT ?2)",
                        params![of.id, MOST_BRIEFINGS],
                    )?;
                    find(t, &of.id, &due.period)?
                }
                Step::Again(one) => {
                    let sql = "UPDATE briefing SET state = 'running', attempts = attempts + 1, fence = fence + 1, copy = ?3,
                        lease = ?4, retry = NULL, ended = NULL, zh = NULL, en = NULL WHERE schedule = ?1 AND period = ?2";
                    t.execute(sql, params![one.schedule, one.period, copy, now + LEASE])?;
                    find(t, &of.id, &due.period)?
                }
            };
            Ok(claimed)
        })
    }

    /// A copy answers for the briefing that it makes for a while longer.
    pub fn renew_briefing(&self, claim: &Briefing, until: i64) -> Result<(), DatabaseError> {
        let sql =
            "UPDATE briefing SET lease = ?4 WHERE schedule = ?1 AND period = ?2 AND fence = ?3 AND state = 'running'";
        self.write(|t| t.execute(sql, params![claim.schedule, claim.period, claim.fence, until])).map(drop)
    }

    /// Keeps a briefing with its files, all of them or nothing. `false` where another copy has taken it over, or its schedule is gone.
    pub fn keep_briefing(&self, claim: &Briefing, made: &MadeBriefing, now: i64) -> Result<bool, DatabaseError> {
        self.write(|t| {
            let sql = "UPDATE briefing SET state = 'made', ended = ?4, revision = ?5, still = ?6
                WHERE schedule = ?1 AND period = ?2 AND fence = ?3 AND state = 'running'";
            let Briefing { schedule, period, fence, .. } = claim;
            if t.execute(sql, params![schedule, period, fence, now, made.revision, i64::from(made.still)])? == 0 {
                return Ok(false);
            }
            for file in &made.files {
                let sql = "INSERT INTO briefing_file (schedule, period, name, title, bytes, content)
                    VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
                let bytes = file.content.len() as i64;
                t.execute(sql, params![schedule, period, file.name, file.title, bytes, file.content])?;
            }
            Ok(true)
        })
    }

    /// Says why a briefing could not be made; after a pause it is tried again, so many times.
    pub fn fail_briefing(&self, claim: &Briefing, why: &Text, now: i64) -> Result<bool, DatabaseError> {
        let again = (claim.attempts < MOST_ATTEMPTS).then_some(now + PAUSE);
        self.write(|t| end(t, claim, why, again, now)).map(|n| n > 0)
    }
}

/// What is to be done.
fn step(t: &dyn Transaction, of: &BriefingSchedule, due: &Due, now: i64) -> Result<Step, StatementError> {
    if let Some(one) = find(t, &of.id, &due.period)? {
        let lease = "SELECT lease FROM briefing WHERE schedule = ?1 AND period = ?2";
        let lease: i64 = t.one(lease, params![of.id, due.period], |row| row.get(0))?;
        return Ok(match one.state {
            BriefingState::Failed if one.retry.is_some_and(|at| at <= now) => Step::Again(Box::new(one)),
            BriefingState::Running if lease < now && one.attempts >= MOST_ATTEMPTS => Step::GiveUp(Box::new(one)),
            BriefingState::Running if lease < now => Step::Again(Box::new(one)),
            _ => Step::Nothing,
        });
    }
    // what was read before may be another by now
    let sql = format!("SELECT {SCHEDULE} FROM briefing_schedule WHERE id = ?1");
    if t.first(&sql, params![of.id], schedule)?.as_ref() != Some(of) {
        return Ok(Step::Nothing);
    }
    let last = "SELECT until FROM briefing WHERE schedule = ?1 AND state = 'made' ORDER BY period DESC LIMIT 1";
    let since: Option<String> = t.first(last, params![of.id], |row| row.get(0))?;
    let since = since.unwrap_or_else(|| due.since.clone());
    // days are in the order of their texts
    Ok(if since < due.until { Step::First(since) } else { Step::Nothing })
}

/// Says of earlier briefings that were not made that the next one is about their time, too.
fn superseded(t: &dyn Transaction, schedule: &str, period: &str, now: i64) -> Result<(), StatementError> {
    let why = Text::new("没有做成,这段时间并入下一期。", "It was not made; the next one is about its time, too.");
    let sql = "UPDATE briefing SET state = 'failed', ended = ?3, retry = NULL, fence = fence + 1, zh = ?4, en = ?5
        WHERE schedule = ?1 AND period < ?2 AND (state = 'running' OR retry IS NOT NULL)";
    t.execute(sql, params![schedule, period, now, why.zh, why.en]).map(drop)
}

fn end(
    t: &dyn Transaction,
    claim: &Briefing,
    why: &Text,
    retry: Option<i64>,
    now: i64,
) -> Result<usize, StatementError> {
    let sql = "UPDATE briefing SET state = 'failed', ended = ?4, retry = ?5, zh = ?6, en = ?7
        WHERE schedule = ?1 AND period = ?2 AND fence = ?3 AND state = 'running'";
    t.execute(sql, params![claim.schedule, claim.period, claim.fence, now, retry, why.zh, why.en])
}

fn find(t: &dyn Transaction, schedule: &str, period: &str) -> Result<Option<Briefing>, StatementError> {
    let sql = format!("SELECT {BRIEFING} FROM briefing WHERE schedule = ?1 AND period = ?2");
    t.first(&sql, params![schedule, period], briefing)
}

fn put_schedule(t: &dyn Transaction, sql: &str, s: &BriefingSchedule) -> Result<usize, StatementError> {
    let languages: Vec<&str> = s.languages.iter().map(|lang| lang.pick("zh", "en")).collect();
    let (day, languages) = (s.day.map(i64::from), serde_json::json!(languages).to_string());
    let (hour, active) = (i64::from(s.hour), i64::from(s.active));
    let row = params![s.id, s.title, day, hour, languages, s.kind, s.zone, active, s.changed, s.changed_by];
    t.execute(sql, row)
}

fn schedule(row: &dyn Row) -> Result<BriefingSchedule, StatementError> {
    let (day, hour): (Option<i64>, i64) = (row.get("day")?, row.get("hour")?);
    let languages: String = row.get("languages")?;
    let languages: Vec<String> = serde_json::from_str(&languages).unwrap_or_default();
    Ok(BriefingSchedule {
        id: row.get("id")?,
        title: row.get("title")?,
        // the table holds no others
        day: day.and_then(|day| u8::try_from(day).ok()),
        hour: u8::try_from(hour).unwrap_or_default(),
        languages: languages.iter().map(|code| if code == "en" { Lang::En } else { Lang::Zh }).collect(),
        kind: row.get("kind")?,
        zone: row.get("zone")?,
        active: row.get("active")?,
        changed: row.get("changed")?,
        changed_by: row.get("changed_by")?,
    })
}

fn briefing(row: &dyn Row) -> Result<Briefing, StatementError> {
    let state: String = row.get("state")?;
    let known = BriefingState::ALL.iter().find(|(one, _)| one.name() == state);
    let (zh, en): (Option<String>, Option<String>) = (row.get("zh")?, row.get("en")?);
    Ok(Briefing {
        schedule: row.get("schedule")?,
        period: row.get("period")?,
        due: row.get("due")?,
        since: row.get("since")?,
        until: row.get("until")?,
        late: row.get("late")?,
        state: known.map_or(BriefingState::Failed, |(state, _)| *state),
        attempts: row.get("attempts")?,
        fence: row.get("fence")?,
        retry: row.get("retry")?,
        ended: row.get("ended")?,
        revision: row.get("revision")?,
        still: row.get("still")?,
        error: zh.zip(en).map(|(zh, en)| Text { zh, en }),
        files: vec![],
    })
}

#[cfg(test)]
mod tests;
