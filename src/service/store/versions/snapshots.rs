//! Snapshot files: `<data folder>/snapshots/<SHA-256 of the version's content>`. They are derived and save time only: that there
//! is none, or a damaged one, is no fault.

use super::super::disk::Draft;
use super::super::random::token;
use super::Version;
use super::files::free;
use super::retained::{Kept, OpenError};
use crate::core::snapshot::Snapshot;
use crate::data::load::{Limits, Report, SnapshotFile, Source, open, restore};
use std::fs;
use std::io;
use std::path::PathBuf;

/// The folder of the files.
pub const SNAPSHOTS: &str = "snapshots";
/// What names of files in the making begin with.
const PART: &str = ".part-";
/// The name of the file of the dataset folder, where nothing was published.
const SEED: &str = "seed";
/// Bytes that are left to versions and all else.
const RESERVE: u64 = 500_000_000;

fn name(version: &Version) -> &str {
    version.sha256.as_deref().unwrap_or(SEED)
}

impl Kept {
    fn snapshots(&self) -> PathBuf {
        self.root.with_file_name(SNAPSHOTS)
    }

    /// Where the snapshot file of a version lies, if it is there.
    fn snapshot_file(&self, version: &Version) -> PathBuf {
        self.snapshots().join(name(version))
    }

    /// Reads a version, from its snapshot file where that fits. Its files are proven meanwhile to be what they were.
    pub fn read(
        &self,
        base: &Source,
        version: &Version,
        limits: &Limits,
    ) -> Result<(Option<Snapshot>, Report), OpenError> {
        let source = match &version.sha256 {
            Some(sha256) => Source::Version { base: Box::new(base.clone()), folder: self.root.join(sha256) },
            None => base.clone(),
        };
        std::thread::scope(|scope| {
            let proof = scope.spawn(|| self.source(base, version));
            let restored = restore(&source, limits, &self.snapshot_file(version));
            let proven = proof.join().unwrap_or(Err(OpenError::Damaged(version.number)))?;
            Ok(match restored {
                Some((snapshot, report)) => (Some(snapshot), report),
                None => open(&proven, limits, None),
            })
        })
    }

    /// Writes the snapshot file of the current version, in the place of those of others; how many bytes it has, 0 where it can't
    /// be written for what it would hold.
    pub fn write_snapshot(
        &self,
        version: &Version,
        base: &Source,
        snapshot: &Snapshot,
        limits: &Limits,
    ) -> io::Result<u64> {
        let source = self.source(base, version).map_err(|e| io::Error::other(e.to_string()))?;
        let Some(file) = SnapshotFile::of(snapshot, &source, limits) else { return Ok(0) };
        if free(&self.root)? < file.bytes() + RESERVE {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let folder = self.snapshots();
        self.disk.make_folder(&folder)?;
        // copies of the program may write the same file at once
        let mut draft = Draft::create(&self.disk, folder.join(PART.to_owned() + &token::<8>()))?;
        file.write(&mut draft)?;
        draft.keep(&self.snapshot_file(version))?;
        let own = name(version);
        self.remove_snapshots(|name| name == own || name.starts_with(PART))?;
        Ok(file.bytes())
    }

    /// Removes the files of versions that are not needed, and what was not written to its end.
    pub fn tidy_snapshots(&self, needed: &[String]) -> io::Result<()> {
        self.remove_snapshots(|name| name == SEED || needed.iter().any(|own| own == name))
    }

    fn remove_snapshots(&self, keep: impl Fn(&str) -> bool) -> io::Result<()> {
        let Ok(entries) = fs::read_dir(self.snapshots()) else { return Ok(()) };
        for entry in entries {
            let entry = entry?;
            if !entry.file_name().to_str().is_some_and(&keep) && entry.file_type()?.is_file() {
                self.disk.unlink(&entry.path())?;
            }
        }
        Ok(())
    }
}
