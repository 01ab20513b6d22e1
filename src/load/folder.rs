//! The only place that reads files: names in a folder, bytes of a file, nothing outside it.

use super::Source;
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

/// The city that is built into the binary.
#[derive(RustEmbed)]
#[folder = "geodata/hangzhou"]
#[allow_missing = true]
struct BuiltIn;

/// Why a file could not be read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("is not a plain path inside the folder")]
    Outside,
    #[error("does not exist")]
    Missing,
    #[error("is not a regular file")]
    NotAFile,
    #[error("holds {0} bytes")]
    TooLarge(u64),
    #[error("cannot be read: {0}")]
    Io(#[from] std::io::Error),
}

/// A folder whose files are counted into one hash as they are read.
pub struct Folder {
    root: Option<PathBuf>,
    file_bytes: u64,
    digests: BTreeMap<String, (u64, [u8; 32])>,
}

impl Folder {
    /// Opens a folder; no file is read yet.
    pub fn open(source: &Source, file_bytes: u64) -> Result<Self, FileError> {
        let root = match source {
            Source::WithoutRegister(source) => return Self::open(source, file_bytes),
            Source::Embedded => None,
            Source::Folder(path) => {
                let root = path.canonicalize().map_err(missing_or_io)?;
                if !root.is_dir() {
                    return Err(FileError::NotAFile);
                }
                Some(root)
            }
        };
        // offsets of text columns have 32 bits
        let file_bytes = file_bytes.min(u64::from(u32::MAX));
        Ok(Self { root, file_bytes, digests: BTreeMap::new() })
    }

    /// The names of the files at the top of the folder, sorted.
    pub fn names(&self) -> Result<Vec<String>, FileError> {
        let mut names: Vec<String> = match &self.root {
            None => BuiltIn::iter().map(Cow::into_owned).filter(|n| !n.contains('/')).collect(),
            Some(root) => {
                let entries: Result<Vec<_>, _> = std::fs::read_dir(root)?.collect();
                // a name that is not Unicode cannot be named in a manifest or in a URL
                entries?.into_iter().filter_map(|e| e.file_name().into_string().ok()).collect()
            }
        };
        names.retain(|n| !n.starts_with('.'));
        names.sort_unstable();
        Ok(names)
    }

    /// The bytes of a file.
    pub fn read(&mut self, name: &str) -> Result<Cow<'static, [u8]>, FileError> {
        let relative = Path::new(name);
        let inside = relative.components().all(|c| matches!(c, Component::Normal(_)));
        if !inside || name.is_empty() || name.contains(['\\', '\0']) {
            return Err(FileError::Outside);
        }
        let bytes = match &self.root {
            None => BuiltIn::get(name).ok_or(FileError::Missing)?.data,
            Some(root) => Cow::Owned(read_inside(root, relative, self.file_bytes)?),
        };
        if bytes.len() as u64 > self.file_bytes {
            return Err(FileError::TooLarge(bytes.len() as u64));
        }
        let digest = Sha256::digest(&bytes).into();
        self.digests.insert(name.to_owned(), (bytes.len() as u64, digest));
        Ok(bytes)
    }

    /// SHA-256 over name, length and SHA-256 of each file read so far, by name.
    pub fn content_hash(&self) -> String {
        let mut all = Sha256::new();
        for (name, (length, digest)) in &self.digests {
            all.update((name.len() as u64).to_le_bytes());
            all.update(name.as_bytes());
            all.update(length.to_le_bytes());
            all.update(digest);
        }
        let nibbles = all.finalize().iter().flat_map(|b| [b >> 4, b & 15]).collect::<Vec<_>>();
        nibbles.into_iter().filter_map(|n| char::from_digit(u32::from(n), 16)).collect()
    }
}

fn missing_or_io(e: std::io::Error) -> FileError {
    if e.kind() == std::io::ErrorKind::NotFound { FileError::Missing } else { e.into() }
}

fn read_inside(root: &Path, relative: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
    let path = root.join(relative).canonicalize().map_err(missing_or_io)?;
    if !path.starts_with(root) {
        return Err(FileError::Outside);
    }
    let about = path.metadata()?;
    if !about.is_file() {
        return Err(FileError::NotAFile);
    }
    if about.len() > limit {
        return Err(FileError::TooLarge(about.len()));
    }
    let mut bytes = Vec::with_capacity(about.len() as usize);
    // the file may be growing while it is read
    std::fs::File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
