//! The snapshot file: a dataset that was loaded and prepared, as it lay in memory, so that a start reads instead of parsing.
//!
//! It is derived. What it was made from, by which engine and in which layout, is its key; each block has a digest. A file with
//! another key, of another length or with one wrong bit is not read at all: the dataset is loaded and the file written anew.
//!
//! Little-endian. A head of 64 bytes: the magic number, the format, how many blocks there are, the key (SHA-256), the length of
//! the file, XXH3 of the head and the directory. Then the directory, 32 bytes a block: kind, elements, place, XXH3. Then the
//! blocks, each from a multiple of 64 on.

use super::folder::VERSION;
use super::{Limits, Report, Source, load, loader};
use crate::core::columns::{Block, Number};
use crate::core::model::Dataset;
use crate::core::snapshot::{LAYOUT, Snapshot, revision};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use twox_hash::XxHash3_64;

const MAGIC: [u8; 8] = *b"ShiguSnp";
/// Raise it with any change of what stands outside the blocks.
const FORMAT: u32 = 1;
const HEAD: usize = 64;
const ENTRY: usize = 32;
/// Blocks begin at multiples of it.
const ALIGNED: u64 = 64;
/// More blocks than any dataset has.
const MOST: usize = 1 << 20;
/// Bytes that are read and digested at a time, while they are in the cache.
const PIECE: usize = 1 << 18;

/// Reads a dataset ready for questions: from its snapshot file, where one is named and fits, else by [`load`].
pub fn open(source: &Source, limits: &Limits, file: Option<&Path>) -> (Option<Snapshot>, Report) {
    if let Some((snapshot, report)) = file.and_then(|file| restore(source, limits, file)) {
        return (Some(snapshot), report);
    }
    let (dataset, report) = load(source, limits);
    (dataset.map(Snapshot::new), report)
}

/// Reads it from its snapshot file; `None` where that does not fit. Of a version this is the content that its folder is named by:
/// of the files in the folder the manifest alone is read, and counts.
pub fn restore(source: &Source, limits: &Limits, file: &Path) -> Option<(Snapshot, Report)> {
    let snapshot = stored(source, limits, file)?;
    let report = Report::of_checked(snapshot.warnings());
    Some((snapshot, report))
}

fn stored(source: &Source, limits: &Limits, file: &Path) -> Option<Snapshot> {
    let file = File::open(file).ok()?;
    let head = Head::read(&file)?;
    let about = About::of(source, limits, false)?;
    if head.key != about.key {
        return None;
    }
    let mut blocks = head.blocks(&file)?;
    // the hash over all files stands after the snapshot's own blocks
    let Some(Block::Text(content_hash)) = blocks.pop() else { return None };
    Snapshot::restore(Dataset { content_hash: content_hash.into_owned(), ..about.head }, blocks)
}

/// What a snapshot is made from.
struct About {
    head: Dataset,
    key: [u8; 32],
    /// Over all files, where those of a version were read, too.
    content_hash: String,
}

impl About {
    /// `whole`: the files of a version are read as well, of which otherwise its name tells what they hold.
    fn of(source: &Source, limits: &Limits, whole: bool) -> Option<Self> {
        let (head, mut folder) = loader::head(source, limits)?;
        let (of_version, own): (Vec<&str>, Vec<&str>) =
            head.manifest.collections.iter().map(|c| c.file.as_str()).partition(|file| file.starts_with(VERSION));
        own.into_iter().try_for_each(|file| folder.digest(file)).ok()?;
        let version = match source {
            Source::Version { folder, .. } => folder.file_name()?.to_str()?,
            _ => "",
        };
        let mut key = Sha256::new();
        for part in [env!("CARGO_PKG_VERSION"), version, &folder.content_hash(), &revision(""), &format!("{limits:?}")]
        {
            key.update((part.len() as u64).to_le_bytes());
            key.update(part);
        }
        key.update(LAYOUT.to_le_bytes());
        key.update(FORMAT.to_le_bytes());
        if whole {
            of_version.into_iter().try_for_each(|file| folder.digest(file)).ok()?;
        }
        Some(Self { head, key: key.finalize().into(), content_hash: folder.content_hash() })
    }
}

/// A snapshot as it is to be written.
#[derive(Debug)]
pub struct SnapshotFile<'a> {
    /// Head and directory.
    head: Vec<u8>,
    blocks: Vec<Block<'a>>,
    length: u64,
}

impl<'a> SnapshotFile<'a> {
    /// Of what was loaded from a source; `None` where the source is no longer what it was, has no manifest, or can't be kept so.
    pub fn of(snapshot: &'a Snapshot, source: &Source, limits: &Limits) -> Option<Self> {
        // the numbers of other machines would have to be turned round
        if cfg!(target_endian = "big") {
            return None;
        }
        let about = About::of(source, limits, true)?;
        if revision(&about.content_hash) != snapshot.describe().revision {
            return None;
        }
        let mut blocks = snapshot.blocks()?;
        blocks.push(Block::Text(about.content_hash.into()));
        Self::new(&about.key, blocks)
    }

    fn new(key: &[u8; 32], blocks: Vec<Block<'a>>) -> Option<Self> {
        let count = u32::try_from(blocks.len()).ok().filter(|n| *n as usize <= MOST)?;
        let mut end = (HEAD + blocks.len() * ENTRY) as u64;
        let mut directory = Vec::with_capacity(blocks.len() * ENTRY);
        for block in &blocks {
            let (kind, bytes) = (Kind::of(block), bytes(block));
            let start = end.next_multiple_of(ALIGNED);
            let elements = bytes.len() / kind.width();
            let digest = XxHash3_64::oneshot(bytes);
            for number in [kind as u64, elements as u64, start, digest] {
                directory.extend_from_slice(&number.to_le_bytes());
            }
            end = start + bytes.len() as u64;
        }
        let mut head = Vec::with_capacity(HEAD + directory.len());
        head.extend_from_slice(&MAGIC);
        head.extend_from_slice(&FORMAT.to_le_bytes());
        head.extend_from_slice(&count.to_le_bytes());
        head.extend_from_slice(key);
        head.extend_from_slice(&end.to_le_bytes());
        let digest = sealed(&head, &directory);
        head.extend_from_slice(&digest.to_le_bytes());
        head.extend_from_slice(&directory);
        Some(Self { head, blocks, length: end })
    }

    /// Bytes.
    pub fn bytes(&self) -> u64 {
        self.length
    }

    /// Writes it.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(&self.head)?;
        let mut at = self.head.len() as u64;
        for block in &self.blocks {
            let start = at.next_multiple_of(ALIGNED);
            out.write_all(&[0; ALIGNED as usize][..(start - at) as usize])?;
            let bytes = bytes(block);
            out.write_all(bytes)?;
            at = start + bytes.len() as u64;
        }
        Ok(())
    }
}

/// The digest over head and directory.
fn sealed(head: &[u8], directory: &[u8]) -> u64 {
    let mut digest = XxHash3_64::new();
    std::hash::Hasher::write(&mut digest, head);
    std::hash::Hasher::write(&mut digest, directory);
    std::hash::Hasher::finish(&digest)
}

/// What a block holds.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    U8 = 1,
    I8,
    U16,
    I16,
    U32,
    I32,
    U64,
    I64,
    F64,
    Text,
}

impl Kind {
    const ALL: [Self; 10] =
        [Self::U8, Self::I8, Self::U16, Self::I16, Self::U32, Self::I32, Self::U64, Self::I64, Self::F64, Self::Text];

    fn of(block: &Block) -> Self {
        match block {
            Block::U8(_) => Self::U8,
            Block::I8(_) => Self::I8,
            Block::U16(_) => Self::U16,
            Block::I16(_) => Self::I16,
            Block::U32(_) => Self::U32,
            Block::I32(_) => Self::I32,
            Block::U64(_) => Self::U64,
            Block::I64(_) => Self::I64,
            Block::F64(_) => Self::F64,
            Block::Text(_) => Self::Text,
        }
    }

    fn width(self) -> usize {
        match self {
            Self::U8 | Self::I8 | Self::Text => 1,
            Self::U16 | Self::I16 => 2,
            Self::U32 | Self::I32 => 4,
            Self::U64 | Self::I64 | Self::F64 => 8,
        }
    }
}

fn bytes<'b>(block: &'b Block) -> &'b [u8] {
    match block {
        Block::U8(v) => v,
        Block::I8(v) => bytemuck::cast_slice(v),
        Block::U16(v) => bytemuck::cast_slice(v),
        Block::I16(v) => bytemuck::cast_slice(v),
        Block::U32(v) => bytemuck::cast_slice(v),
        Block::I32(v) => bytemuck::cast_slice(v),
        Block::U64(v) => bytemuck::cast_slice(v),
        Block::I64(v) => bytemuck::cast_slice(v),
        Block::F64(v) => bytemuck::cast_slice(v),
        Block::Text(v) => v.as_bytes(),
    }
}

/// A block of a file.
#[derive(Clone, Copy, Debug)]
struct Entry {
    kind: Kind,
    elements: usize,
    at: u64,
    digest: u64,
}

/// The head of a file that is whole, as far as it can be told without its blocks.
struct Head {
    key: [u8; 32],
    directory: Vec<Entry>,
}

impl Head {
    /// No more memory is taken than the file has bytes: lengths are compared with its own before anything is reserved.
    fn read(file: &File) -> Option<Self> {
        let length = file.metadata().ok().filter(std::fs::Metadata::is_file)?.len();
        let mut head = [0; HEAD];
        file.read_exact_at(&mut head, 0).ok()?;
        let number = |at: usize| head[at..].first_chunk().map(|bytes| u64::from_le_bytes(*bytes));
        let small = |at: usize| head[at..].first_chunk().map(|bytes| u32::from_le_bytes(*bytes));
        let count = small(12)? as usize;
        let fits = head[..8] == MAGIC && small(8)? == FORMAT && number(48)? == length;
        if !fits || count == 0 || count > MOST || (HEAD + count * ENTRY) as u64 > length {
            return None;
        }
        let mut directory = vec![0; count * ENTRY];
        file.read_exact_at(&mut directory, HEAD as u64).ok()?;
        if sealed(&head[..56], &directory) != number(56)? {
            return None;
        }
        let mut end = (HEAD + directory.len()) as u64;
        let mut entries = Vec::with_capacity(count);
        for entry in directory.as_chunks::<ENTRY>().0 {
            let (numbers, _) = entry.as_chunks::<8>();
            let [kind, elements, at, digest] = [0, 1, 2, 3].map(|i| u64::from_le_bytes(numbers[i]));
            let kind = Kind::ALL.into_iter().find(|known| *known as u64 == kind)?;
            let after = elements.checked_mul(kind.width() as u64)?.checked_add(at)?;
            if at < end || after > length {
                return None;
            }
            end = after;
            entries.push(Entry { kind, elements: usize::try_from(elements).ok()?, at, digest });
        }
        Some(Self { key: head[16..].first_chunk().copied()?, directory: entries })
    }

    /// All blocks, read on all cores, the largest first; `None` where one is not what it was.
    fn blocks(&self, file: &File) -> Option<Vec<Block<'static>>> {
        let mut order: Vec<usize> = (0..self.directory.len()).collect();
        order.sort_by_key(|i| std::cmp::Reverse(self.directory[*i].elements * self.directory[*i].kind.width()));
        let next = AtomicUsize::new(0);
        let work = || -> Option<Vec<(usize, Block<'static>)>> {
            let mut done = Vec::new();
            while let Some(place) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
                if let Some(block) = self.directory[*place].read(file) {
                    done.push((*place, block));
                } else {
                    // nobody needs the others then
                    next.store(order.len(), Ordering::Relaxed);
                    return None;
                }
            }
            Some(done)
        };
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(8);
        let mut all = std::thread::scope(|scope| {
            let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
            let mut all = work();
            for other in others {
                let done = other.join().ok().flatten();
                all = all.zip(done).map(|(mut all, mut done)| {
                    all.append(&mut done);
                    all
                });
            }
            all
        })?;
        all.sort_unstable_by_key(|(place, _)| *place);
        (all.len() == self.directory.len()).then(|| all.into_iter().map(|(_, block)| block).collect())
    }
}

impl Entry {
    fn read(&self, file: &File) -> Option<Block<'static>> {
        Some(match self.kind {
            Kind::U8 => self.numbers::<u8>(file)?,
            Kind::I8 => self.numbers::<i8>(file)?,
            Kind::U16 => self.numbers::<u16>(file)?,
            Kind::I16 => self.numbers::<i16>(file)?,
            Kind::U32 => self.numbers::<u32>(file)?,
            Kind::I32 => self.numbers::<i32>(file)?,
            Kind::U64 => self.numbers::<u64>(file)?,
            Kind::I64 => self.numbers::<i64>(file)?,
            Kind::F64 => self.numbers::<f64>(file)?,
            Kind::Text => Block::Text(String::from_utf8(self.filled(file)?).ok()?.into()),
        })
    }

    fn numbers<T: Number + bytemuck::Pod>(&self, file: &File) -> Option<Block<'static>> {
        Some(T::block(self.filled::<T>(file)?.into()))
    }

    /// The numbers, read to where they stay.
    fn filled<T: bytemuck::Pod>(&self, file: &File) -> Option<Vec<T>> {
        let mut numbers = vec![T::zeroed(); self.elements];
        let (mut at, mut digest) = (self.at, XxHash3_64::new());
        for piece in bytemuck::cast_slice_mut::<T, u8>(&mut numbers).chunks_mut(PIECE) {
            file.read_exact_at(piece, at).ok()?;
            std::hash::Hasher::write(&mut digest, piece);
            at += piece.len() as u64;
        }
        (std::hash::Hasher::finish(&digest) == self.digest).then_some(numbers)
    }
}
