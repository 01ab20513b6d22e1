//! The folder of a job: each file is written under another name, brought to stable storage, then renamed.

use super::super::disk::{Disk, Draft};
use super::{Job, ReportsError};
use serde_json::json;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// Name of the archive.
pub(super) const ARCHIVE: &str = "all.zip";
/// What names of files in the making end with.
pub(super) const PART: &str = "part";

/// The name under which a file lies: no two copies of the program write the same, so that what comes too late spoils nothing.
pub(super) fn kept_as(name: &str, fence: i64) -> String {
    if fence == 0 { name.to_owned() } else { format!("{fence}-{name}") }
}

/// The folder of a job.
pub(super) struct Folder {
    pub(super) disk: Arc<dyn Disk>,
    pub(super) path: PathBuf,
}

impl Folder {
    /// Writes a file: it has its name only once it is whole and on stable storage.
    pub(super) fn write<E: From<io::Error>>(
        &self,
        name: &str,
        write: impl FnOnce(&mut Draft) -> Result<(), E>,
    ) -> Result<(), E> {
        self.disk.make_folder(&self.path)?;
        let path = self.path.join(name);
        let mut draft = Draft::create(&self.disk, path.with_added_extension(PART))?;
        write(&mut draft)?;
        Ok(draft.keep(&path)?)
    }

    /// Packs the files of a job, by name, with a list of what they are; its bytes depend on theirs and on nothing else.
    /// They are packed already, or small, so the archive only holds them together.
    pub(super) fn archive(&self, job: &Job) -> Result<u64, ReportsError> {
        let plain = SimpleFileOptions::default()
            .last_modified_time(DateTime::default())
            .compression_method(CompressionMethod::Stored);
        let archive = kept_as(ARCHIVE, job.fence);
        self.write(&archive, |out| {
            let mut zip = ZipWriter::new(out);
            for file in &job.files {
                zip.start_file(file.name.as_str(), plain)?;
                io::copy(&mut File::open(self.path.join(kept_as(&file.name, file.fence)))?, &mut zip)?;
            }
            zip.start_file("manifest.json", plain)?;
            zip.write_all(manifest(job).as_bytes())?;
            zip.finish()?;
            Ok::<_, ReportsError>(())
        })?;
        Ok(self.path.join(archive).metadata()?.len())
    }

    /// Removes everything but the files of a job and its archive.
    pub(super) fn keep_only(&self, job: &Job) -> io::Result<()> {
        let entries = match fs::read_dir(&self.path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name();
            let wanted = job.files.iter().any(|f| name == *kept_as(&f.name, f.fence))
                || (job.zip.is_some() && name == *kept_as(ARCHIVE, job.fence));
            if !wanted {
                self.disk.remove_file(&entry.path())?;
            }
        }
        Ok(())
    }

    /// Whether a file is there, with so many bytes.
    pub(super) fn has(&self, name: &str, bytes: u64) -> bool {
        self.path.join(name).metadata().is_ok_and(|m| m.is_file() && m.len() == bytes)
    }

    /// Removes a file; one that isn't there is removed already.
    pub(super) fn remove(&self, name: &str) -> io::Result<()> {
        self.disk.unlink(&self.path.join(name))
    }

    /// Removes everything.
    pub(super) fn remove_all(&self) -> io::Result<()> {
        self.disk.clear(&self.path)
    }
}

/// What the files are, for whoever gets the archive by mail.
fn manifest(job: &Job) -> String {
    let files: Vec<_> = job
        .files
        .iter()
        .map(|f| json!({"name": f.name, "zone": f.zone, "format": f.format, "query": f.query, "bytes": f.bytes, "sha256": f.sha256}))
        .collect();
    let question: serde_json::Value = serde_json::from_str(&job.question).unwrap_or_default();
    format!("{:#}\n", json!({"revision": job.revision, "question": question, "files": files}))
}
