//! The only place that reads files: names in a folder, bytes of a file, nothing outside it.

use super::Source;
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// The city that is built into the binary.
#[derive(RustEmbed)]
#[folder = "geodata/hangzhou"]
#[allow_missing = true]
struct BuiltIn;

/// The files of the city that is built into the binary.
pub fn built_in() -> impl Iterator<Item = (Cow<'static, str>, Cow<'static, [u8]>)> {
    BuiltIn::iter().filter_map(|name| BuiltIn::get(&name).map(|file| (name, file.data)))
}

/// Bytes that are digested at a time.
pub const BLOCK: usize = 4 << 20;

/// What names of files in the folder of a version begin with.
pub const VERSION: &str = "version/";

/// A digest.
pub type Digested = [u8; 32];

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
    /// The folder of a version, under [`VERSION`].
    version: Option<PathBuf>,
    file_bytes: u64,
    digests: BTreeMap<String, (u64, Digested)>,
}

impl Folder {
    /// Opens a folder; no file is read yet.
    pub fn open(source: &Source, file_bytes: u64) -> Result<Self, FileError> {
        let root = match source {
            Source::WithoutRegister(source) => return Self::open(source, file_bytes),
            Source::Version { base, folder } => {
                let version = Some(folder_at(folder)?);
                return Ok(Self { version, ..Self::open(base, file_bytes)? });
            }
            Source::Embedded => None,
            Source::Folder(path) => Some(folder_at(path)?),
        };
        // offsets of text columns have 32 bits
        let file_bytes = file_bytes.min(u64::from(u32::MAX));
        Ok(Self { root, version: None, file_bytes, digests: BTreeMap::new() })
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

    /// A file, not read yet.
    pub fn find(&self, name: &str) -> Result<Found, FileError> {
        let relative = Path::new(name);
        let inside = relative.components().all(|c| matches!(c, Component::Normal(_)));
        if !inside || name.is_empty() || name.contains(['\\', '\0']) {
            return Err(FileError::Outside);
        }
        let of_version = self.version.as_ref().zip(name.strip_prefix(VERSION));
        let found = match (of_version, &self.root) {
            (Some((version, name)), _) => find_inside(version, Path::new(name))?,
            (None, None) => Found::Bytes(BuiltIn::get(name).ok_or(FileError::Missing)?.data),
            (None, Some(root)) => find_inside(root, relative)?,
        };
        if found.len() > self.file_bytes { Err(FileError::TooLarge(found.len())) } else { Ok(found) }
    }

    /// The bytes of a file.
    pub fn read(&mut self, name: &str) -> Result<Cow<'static, [u8]>, FileError> {
        let bytes = match self.find(name)? {
            Found::Bytes(bytes) => bytes,
            Found::File(path, length) => {
                let mut bytes = Vec::with_capacity(length as usize);
                // the file may be growing while it is read
                std::fs::File::open(path)?.take(self.file_bytes + 1).read_to_end(&mut bytes)?;
                Cow::Owned(bytes)
            }
        };
        if bytes.len() as u64 > self.file_bytes {
            return Err(FileError::TooLarge(bytes.len() as u64));
        }
        let blocks: Vec<Digested> = bytes.chunks(BLOCK).map(digest).collect();
        self.count(name, bytes.len() as u64, &blocks);
        Ok(bytes)
    }

    /// Counts a file into the hash without holding it, on all cores.
    pub fn digest(&mut self, name: &str) -> Result<(), FileError> {
        let found = self.find(name)?;
        let blocks = found.len().div_ceil(BLOCK as u64) as usize;
        let next = AtomicUsize::new(0);
        let work = || -> std::io::Result<Vec<(usize, Digested)>> {
            let (mut opened, mut buffer, mut done) = (found.open()?, Vec::new(), Vec::new());
            loop {
                let block = next.fetch_add(1, Ordering::Relaxed);
                if block >= blocks {
                    return Ok(done);
                }
                let start = block as u64 * BLOCK as u64;
                buffer.resize((found.len() - start).min(BLOCK as u64) as usize, 0);
                opened.fill(start, &mut buffer)?;
                done.push((block, digest(&buffer)));
            }
        };
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(blocks);
        let mut digests = std::thread::scope(|scope| {
            let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
            let mut all = work()?;
            for other in others {
                let done = other.join().unwrap_or_else(|_| Err(std::io::ErrorKind::Other.into()));
                all.append(&mut done?);
            }
            Ok::<_, FileError>(all)
        })?;
        digests.sort_unstable_by_key(|(block, _)| *block);
        let digests: Vec<Digested> = digests.into_iter().map(|(_, digest)| digest).collect();
        self.count(name, found.len(), &digests);
        Ok(())
    }

    /// Counts a file into the hash, by the digests of its blocks.
    pub fn count(&mut self, name: &str, length: u64, blocks: &[Digested]) {
        self.digests.insert(name.to_owned(), (length, digest(blocks.as_flattened())));
    }

    /// SHA-256 over name, length and digest of each file read so far, by name. The digest of a file is the SHA-256 of
    /// the SHA-256s of its blocks, so that blocks can be digested side by side.
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

fn folder_at(path: &Path) -> Result<PathBuf, FileError> {
    let root = path.canonicalize().map_err(missing_or_io)?;
    if root.is_dir() { Ok(root) } else { Err(FileError::NotAFile) }
}

fn missing_or_io(e: std::io::Error) -> FileError {
    if e.kind() == std::io::ErrorKind::NotFound { FileError::Missing } else { e.into() }
}

fn find_inside(root: &Path, relative: &Path) -> Result<Found, FileError> {
    let path = root.join(relative).canonicalize().map_err(missing_or_io)?;
    if !path.starts_with(root) {
        return Err(FileError::Outside);
    }
    let about = path.metadata()?;
    if !about.is_file() {
        return Err(FileError::NotAFile);
    }
    Ok(Found::File(path, about.len()))
}

/// A file that is there.
pub enum Found {
    /// Its bytes.
    Bytes(Cow<'static, [u8]>),
    /// Where it lies, and its length.
    File(PathBuf, u64),
}

impl Found {
    /// Bytes.
    pub fn len(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::File(_, length) => *length,
        }
    }

    /// Opens it for reading here and there.
    pub fn open(&self) -> std::io::Result<Box<dyn Pieces + '_>> {
        Ok(match self {
            Self::Bytes(bytes) => Box::new(std::io::Cursor::new(&**bytes)),
            Self::File(path, _) => Box::new(std::fs::File::open(path)?),
        })
    }
}

/// What can be read here and there.
pub trait Pieces: Read + Seek {
    /// Fills the buffer with the bytes from `at`.
    fn fill(&mut self, at: u64, buffer: &mut [u8]) -> std::io::Result<()> {
        self.seek(SeekFrom::Start(at))?;
        self.read_exact(buffer)
    }
}

impl<T: Read + Seek> Pieces for T {}

/// SHA-256.
pub fn digest(bytes: &[u8]) -> Digested {
    Sha256::digest(bytes).into()
}
