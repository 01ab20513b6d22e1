//! The rows of jobs and their files.

use super::{HANDLE, Job, JobFile, JobState, LEASE, Reports};
use crate::core::model::Text;
use crate::service::store::database::{DatabaseError, Row, StatementError, Transaction, params};
use crate::service::store::random::same;
use rusqlite::ToSql;

/// Which copy answers for a job, and until when.
type Answers = (Option<String>, Option<i64>);

impl Reports {
    /// A job with its files.
    pub fn get(&self, id: &str) -> Result<Option<Job>, DatabaseError> {
        self.database.read(|t| Ok(with_files(t, jobs(t, "WHERE id = ?1", params![id])?)?.pop()))
    }

    /// A job with its files, for somebody who may be guessing: how long it takes tells nothing about the secret part of an id.
    pub fn find(&self, id: &str) -> Result<Option<Job>, DatabaseError> {
        let Some(handle) = id.get(..HANDLE.min(id.len())) else { return Ok(None) };
        let sought = "WHERE substr(id, 1, ?1) = ?2";
        let found = self.database.read(|t| with_files(t, jobs(t, sought, params![HANDLE as i64, handle])?))?;
        Ok(found.into_iter().find(|job| same(&job.id, id)))
    }

    /// A job without its files.
    pub fn head(&self, id: &str) -> Result<Option<Job>, DatabaseError> {
        self.database.read(|t| Ok(jobs(t, "WHERE id = ?1", params![id])?.pop()))
    }

    /// The jobs of somebody without their files, the latest first; those that show what only some may see where `whole`.
    pub fn list(&self, actor: &str, whole: bool) -> Result<Vec<Job>, DatabaseError> {
        self.database.read(|t| jobs(t, "WHERE actor = ?1 AND whole <= ?2", params![actor, whole]))
    }

    /// All jobs with their files, the latest first.
    pub(super) fn all(&self) -> Result<Vec<Job>, DatabaseError> {
        self.database.read(|t| with_files(t, jobs(t, "", &[])?))
    }

    /// How many jobs there are in each state, those without any, too.
    pub fn count(&self) -> Result<Vec<(&'static str, u64)>, DatabaseError> {
        let sql = "SELECT state, count(*) FROM report_job GROUP BY state";
        let found: Vec<(String, i64)> =
            self.database.read(|t| t.all(sql, &[], |row| Ok((row.get(0)?, row.get(1)?))))?;
        let of = |name: &str| found.iter().find(|(state, _)| state == name).map_or(0, |(_, n)| n.cast_unsigned());
        Ok(JobState::ALL.iter().map(|(_, name)| (*name, of(name))).collect())
    }

    /// Whether somebody still waits for its files, and no other copy makes them.
    pub fn running(&self, id: &str, fence: i64) -> Result<bool, DatabaseError> {
        let one = "SELECT count(*) FROM report_job WHERE id = ?1 AND state = 'running' AND copy = ?2 AND fence = ?3";
        self.database.read(|t| t.one(one, params![id, &*self.copy, fence], |row| row.get::<_, i64>(0))).map(|n| n > 0)
    }

    /// Its turn has come. `false` where nobody wants it any more, or another copy has taken it over.
    pub fn begin(&self, id: &str) -> Result<bool, DatabaseError> {
        let turn = "UPDATE report_job SET state = 'running' WHERE id = ?1 AND state = 'queued' AND copy = ?2";
        self.database.write(|t| t.execute(turn, params![id, &*self.copy])).map(|n| n > 0)
    }

    /// Takes over jobs for which no copy answers any longer, the oldest first, at most so many. Transactions that write follow one
    /// another (ADR 85), so no two copies take the same.
    pub fn take_over(&self, most: usize, now: i64) -> Result<Vec<Job>, DatabaseError> {
        let overdue = "WHERE state IN ('queued', 'running') AND lease < ?1 AND copy <> ?2 AND resumption IS NOT NULL";
        let given = params![now, &*self.copy];
        if most == 0 || self.database.read(|t| jobs(t, overdue, given))?.is_empty() {
            return Ok(Vec::new());
        }
        self.database.write(|t| {
            let mut taken = jobs(t, overdue, given)?;
            taken.reverse();
            taken.truncate(most);
            let one = "UPDATE report_job SET state = 'queued', copy = ?2, lease = ?3, fence = ?4 WHERE id = ?1";
            for job in &mut taken {
                job.fence += 1;
                job.state = JobState::Queued;
                t.execute(one, params![job.id, &*self.copy, now + LEASE, job.fence])?;
            }
            with_files(t, taken)
        })
    }

    /// Ends a job that this copy can't make. `false` where it was at its end already, or another copy has taken it over.
    pub fn fail(&self, id: &str, fence: i64, state: JobState, why: &Text, now: i64) -> Result<bool, DatabaseError> {
        let end = "UPDATE report_job SET state = ?2, ended = ?3, zh = ?4, en = ?5
            WHERE id = ?1 AND state IN ('queued', 'running') AND copy = ?6 AND fence = ?7";
        let given = params![id, state.name(), now, why.zh, why.en, &*self.copy, fence];
        self.database.write(|t| t.execute(end, given)).map(|n| n > 0)
    }

    /// Ends a job before all of its files are there. `false` where it was at its end already.
    pub fn end(&self, id: &str, state: JobState, why: Option<&Text>, now: i64) -> Result<bool, DatabaseError> {
        let end = "UPDATE report_job SET state = ?2, ended = ?3, zh = ?4, en = ?5
            WHERE id = ?1 AND state IN ('queued', 'running')";
        let (zh, en) = (why.map(|w| &w.zh), why.map(|w| &w.en));
        self.database.write(|t| t.execute(end, params![id, state.name(), now, zh, en])).map(|n| n > 0)
    }

    /// Ends a job with its archive.
    pub(super) fn end_with(&self, id: &str, fence: i64, now: i64, zip: u64) -> Result<bool, DatabaseError> {
        let end = "UPDATE report_job SET state = 'finished', ended = ?2, zip = ?3
            WHERE id = ?1 AND state = 'running' AND fence = ?4";
        self.database.write(|t| t.execute(end, params![id, now, zip.cast_signed(), fence])).map(|n| n > 0)
    }

    pub(super) fn interrupt(&self, now: i64) -> Result<(), DatabaseError> {
        let all = "UPDATE report_job SET state = 'interrupted', ended = ?1 WHERE state IN ('queued', 'running')";
        self.database.write(|t| t.execute(all, params![now])).map(drop)
    }

    /// No copy answers any longer for the jobs of this one.
    pub(super) fn release(&self, now: i64) -> Result<(), DatabaseError> {
        let own = "UPDATE report_job SET lease = ?1 WHERE state IN ('queued', 'running') AND copy = ?2";
        self.database.write(|t| t.execute(own, params![now - 1, &*self.copy])).map(drop)
    }

    /// Says that jobs are interrupted for which no copy answers and which none can take over; how many. Those of builds that did not
    /// answer have no lease.
    pub(super) fn interrupt_overdue(&self, now: i64) -> Result<usize, DatabaseError> {
        let overdue = "UPDATE report_job SET state = 'interrupted', ended = ?1
            WHERE state IN ('queued', 'running') AND lease < ?1 AND resumption IS NULL";
        self.database.write(|t| t.execute(overdue, params![now]))
    }

    /// Which copy makes each job that is not at its end, and until when it answers for it.
    pub(super) fn under_way(&self) -> Result<Vec<Answers>, DatabaseError> {
        let all = "SELECT copy, lease FROM report_job WHERE state IN ('queued', 'running')";
        self.database.read(|t| t.all(all, &[], |row| Ok((row.get(0)?, row.get(1)?))))
    }

    /// Answers for the jobs of this copy for a while.
    pub(super) fn renew(&self, now: i64) -> Result<(), DatabaseError> {
        let own = "UPDATE report_job SET lease = ?1 WHERE state IN ('queued', 'running') AND copy = ?2";
        self.database.write(|t| t.execute(own, params![now + LEASE, &*self.copy])).map(drop)
    }

    /// Files of a finished job are gone.
    pub(super) fn lost(&self, id: &str) -> Result<(), DatabaseError> {
        let one = "UPDATE report_job SET state = 'interrupted', zip = NULL WHERE id = ?1 AND state = 'finished'";
        self.database.write(|t| t.execute(one, params![id])).map(drop)
    }

    pub(super) fn insert(&self, job: &Job) -> Result<(), DatabaseError> {
        let one =
            "INSERT INTO report_job (id, actor, whole, asked, state, question, revision, total, scope, copy, lease, resumption)
            VALUES (?1, ?2, ?3, ?4, 'queued', ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
        let Job { id, actor, whole, requested, question, revision, total, scope, resumed_by, .. } = job;
        let resumption = resumed_by.as_ref().map(|given| serde_json::json!(given).to_string());
        let scope = scope.as_ref().map(|codes| serde_json::json!(codes).to_string());
        let lease = requested + LEASE;
        let (copy, total) = (&*self.copy, total.cast_signed());
        let row = params![id, actor, whole, requested, question, revision, total, scope, copy, lease, resumption];
        self.database.write(|t| t.execute(one, row)).map(drop)
    }

    pub(super) fn insert_file(&self, job: &str, f: &JobFile) -> Result<bool, DatabaseError> {
        let one = "INSERT INTO report_file (job, name, zone, format, query, bytes, sha256, fence)
            SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 FROM report_job WHERE id = ?1 AND state = 'running' AND fence = ?8";
        let row = params![job, f.name, f.zone, f.format, f.query, f.bytes.cast_signed(), f.sha256, f.fence];
        self.database.write(|t| t.execute(one, row)).map(|n| n > 0)
    }

    pub(super) fn bytes_of(&self, job: &str) -> Result<u64, DatabaseError> {
        let sum = "SELECT CAST(coalesce(sum(bytes), 0) AS BIGINT) FROM report_file WHERE job = ?1";
        self.database.read(|t| t.one(sum, params![job], |row| row.get::<_, i64>(0))).map(i64::cast_unsigned)
    }

    pub(super) fn delete(&self, id: &str) -> Result<(), DatabaseError> {
        self.database.write(|t| t.execute("DELETE FROM report_job WHERE id = ?1", params![id])).map(drop)
    }

    pub(super) fn delete_file(&self, job: &str, name: &str) -> Result<(), DatabaseError> {
        let one = "DELETE FROM report_file WHERE job = ?1 AND name = ?2";
        self.database.write(|t| t.execute(one, params![job, name])).map(drop)
    }
}

fn jobs(t: &dyn Transaction, which: &str, given: &[&dyn ToSql]) -> Result<Vec<Job>, StatementError> {
    let sql = format!(
        "SELECT *, (SELECT count(*) FROM report_file WHERE job = id) AS done FROM report_job {which}
        ORDER BY asked DESC, id DESC"
    );
    t.all(&sql, given, job)
}

fn with_files(t: &dyn Transaction, mut jobs: Vec<Job>) -> Result<Vec<Job>, StatementError> {
    for job in &mut jobs {
        job.files = t.all("SELECT * FROM report_file WHERE job = ?1 ORDER BY name", params![job.id], file)?;
    }
    Ok(jobs)
}

fn job(row: &dyn Row) -> Result<Job, StatementError> {
    let state: String = row.get("state")?;
    let state = JobState::ALL.iter().find(|(_, name)| *name == state).map_or(JobState::Failed, |(state, _)| *state);
    let (zh, en): (Option<String>, Option<String>) = (row.get("zh")?, row.get("en")?);
    let scope: Option<String> = row.get("scope")?;
    let resumption: Option<String> = row.get("resumption")?;
    Ok(Job {
        id: row.get("id")?,
        actor: row.get("actor")?,
        whole: row.get("whole")?,
        // what can't be read is no district
        scope: scope.map(|s| serde_json::from_str(&s).unwrap_or_default()),
        requested: row.get("asked")?,
        ended: row.get("ended")?,
        state,
        question: row.get("question")?,
        revision: row.get("revision")?,
        // what can't be read can't be gone on with
        resumed_by: resumption.and_then(|text| serde_json::from_str(&text).ok()),
        fence: row.get("fence")?,
        total: row.get::<_, i64>("total")?.cast_unsigned(),
        zip: row.get::<_, Option<i64>>("zip")?.map(i64::cast_unsigned),
        error: zh.zip(en).map(|(zh, en)| Text { zh, en }),
        done: row.get::<_, i64>("done")?.cast_unsigned(),
        files: Vec::new(),
    })
}

fn file(row: &dyn Row) -> Result<JobFile, StatementError> {
    Ok(JobFile {
        name: row.get("name")?,
        zone: row.get("zone")?,
        format: row.get("format")?,
        query: row.get("query")?,
        bytes: row.get::<_, i64>("bytes")?.cast_unsigned(),
        sha256: row.get("sha256")?,
        fence: row.get("fence")?,
    })
}
