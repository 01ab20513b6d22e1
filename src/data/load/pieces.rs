//! A file read in pieces, on several threads. **Speculate, then prove**: the file is cut at every so many bytes. A reader
//! looks for the first object at or after its cut that follows a comma and begins with the first feature's first key;
//! such bytes cannot stand inside a string, where the quote would be escaped, but they may be a nested object. So each
//! reader goes on to the first feature at or after the *next* cut, and says where that is. The first reader starts at a
//! proven feature; a reader is proven when it started where the proven one before it ended; where they differ, its rows
//! are thrown away and read again from the proven place. No byte is stepped over unproven.
//!
//! Only what gives no finding for any feature is read so: `collection::read` is the truth, and reads all other files.

use super::collection::check_frame;
use super::fast_path::FastPath;
use super::folder::{BLOCK, Digested, Found, Pieces, digest};
use super::infer::Guess;
use super::report::{Place, Report};
use super::rows::Rows;
use super::rows::{Loaded, Task};
use super::scan::Scanner;
use super::stream::{self, Frame};
use super::text::{Cursor, Mark, decode};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

/// Bytes before a cut in which the comma before a feature is looked for.
const BEFORE: u64 = 64;
/// Bytes after the next cut in which a feature is expected to end.
const AFTER: u64 = 64 << 10;
/// Bytes after the next cut that are read at most for a feature that does not end.
const AFTER_AT_MOST: u64 = 64 << 20;
/// Threads at most.
const THREADS: usize = 8;

/// What a file read in pieces holds.
pub struct Whole<'s> {
    rows: Rows<'s>,
    /// What was seen of the properties, where that was asked.
    pub guess: Option<Guess>,
    /// The file without its features.
    frame: Vec<u8>,
    /// The digests of the file's blocks.
    pub digests: Vec<Digested>,
}

impl Whole<'_> {
    /// The finished collection, after saying what there is to say of the whole file.
    pub fn finish(self, report: &mut Report) -> Loaded {
        decode(&self.frame, &self.rows.task.spec.file, report);
        self.rows.finish(true, report)
    }
}

/// Reads a file; `None` where there is anything to say about a feature, or anything unusual: then it is to be read from
/// one end to the other.
pub fn read<'s>(file: &Found, task: &'s Task<'s>, guess: bool, size: u64) -> Option<Whole<'s>> {
    let len = file.len();
    let (first, key) = prelude(file, size)?;
    let count = len.div_ceil(size) as usize;
    let plan = Plan { file, len, size, key, task, guess: guess.then(|| Guess::of(&task.spec.properties)) };
    let given_up = AtomicBool::new(false);
    let next = AtomicUsize::new(0);
    let merge = Mutex::new(Merge {
        plan: &plan,
        at: first,
        mark: (1, 1),
        next: 0,
        waiting: BTreeMap::new(),
        rows: Rows::new(task),
        guess: plan.guess.clone(),
        digests: Vec::new(),
        closed: false,
    });
    let work = || -> Option<()> {
        let mut reader = Reader::new(&plan)?;
        loop {
            let i = next.fetch_add(1, Relaxed);
            if i >= count || given_up.load(Relaxed) {
                return Some(());
            }
            let begin = if i == 0 { Begin::First(first) } else { Begin::Guess };
            let piece = reader.piece(i as u64, begin);
            let Some(digest) = reader.digest else { break };
            let Ok(mut merge) = merge.lock() else { break };
            merge.waiting.insert(i, (piece, digest));
            if merge.proceed(&mut reader).is_none() {
                break;
            }
        }
        given_up.store(true, Relaxed);
        None
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(THREADS).min(count);
    std::thread::scope(|scope| {
        (1..threads).for_each(|_| drop(scope.spawn(work)));
        work();
    });
    let merge = merge.into_inner().ok()?;
    if given_up.into_inner() || !merge.closed {
        return None;
    }
    let (at, rows, guess, digests) = (merge.at, merge.rows, merge.guess, merge.digests);
    if task.inferred != Some(super::rows::Numbering::ByPosition) && !rows.ids_differ() {
        return None;
    }
    let frame = frame(file, first, at, task)?;
    Some(Whole { rows, guess, frame, digests })
}

/// Where the first feature (or the end of the array) is looked for, and the first feature's first key with its value, if
/// that is its type.
fn prelude(file: &Found, size: u64) -> Option<(u64, Vec<u8>)> {
    let mut bytes = vec![0; file.len().min(size.max(1 << 16)) as usize];
    file.open().ok()?.fill(0, &mut bytes).ok()?;
    let text = valid(&bytes, false)?;
    let mut s = Scanner::new(text, if bytes.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 });
    s.eat(b'{')?;
    loop {
        let name = s.key()?;
        s.peek();
        if name == "features" {
            break;
        }
        s.raw().ok()??;
        if s.ends(b'}')? {
            return None;
        }
    }
    s.eat(b'[')?;
    let first = s.at as u64;
    if s.peek() == b']' {
        return Some((first, Vec::new()));
    }
    s.eat(b'{')?;
    s.peek();
    let from = s.at;
    s.plain()?;
    Some((first, s.since(from).as_bytes().to_vec()))
}

/// The file without its features, if that is a sound collection of none.
fn frame(file: &Found, first: u64, end: u64, task: &Task) -> Option<Vec<u8>> {
    let left = file.len() - end;
    if left > AFTER_AT_MOST {
        return None;
    }
    let mut frame = vec![0; (first + left) as usize];
    let (head, tail) = frame.split_at_mut(first as usize);
    let mut opened = file.open().ok()?;
    opened.fill(0, head).ok()?;
    opened.fill(end, tail).ok()?;
    let mut report = Report::new(1);
    let text = decode(&frame, &task.spec.file, &mut report)?;
    let (mut read, mut others) = (Frame::default(), false);
    stream::features(text, &mut read, &mut |_| others = true).ok()?;
    check_frame(&read, task.origin, Place::file(&task.spec.file), &mut report);
    (!others && !report.has_errors()).then_some(frame)
}

/// As much of the bytes as is text; the last character may be cut off unless this is the end of the file.
fn valid(bytes: &[u8], whole: bool) -> Option<&str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(e) if !whole && e.error_len().is_none() => std::str::from_utf8(&bytes[..e.valid_up_to()]).ok(),
        Err(_) => None,
    }
}

/// The first object after a comma that begins with the key, at or after `from`.
fn guess_start(bytes: &[u8], from: usize, key: &[u8]) -> Option<usize> {
    let space = |b: &u8| matches!(b, b' ' | b'\n' | b'\r' | b'\t');
    let skip = |at: usize| at + bytes[at..].iter().take_while(|b| space(b)).count();
    memchr::memchr_iter(b'{', &bytes[from..]).map(|i| from + i).find(|&i| {
        let comma = bytes[..i].iter().rev().find(|b| !space(b)) == Some(&b',');
        let name = skip(i + 1);
        if !comma || !bytes[name..].starts_with(key) {
            return false;
        }
        let colon = skip(name + key.len());
        if bytes.get(colon) != Some(&b':') {
            return false;
        }
        // most nested objects with a type are no features
        key != b"\"type\"" || bytes[skip(colon + 1)..].starts_with(b"\"Feature\"")
    })
}

/// What all readers know.
struct Plan<'p, 's> {
    file: &'p Found,
    len: u64,
    size: u64,
    /// The first feature's first key, in quotes.
    key: Vec<u8>,
    task: &'s Task<'s>,
    guess: Option<Guess>,
}

/// The rows between two places of the file.
struct Piece<'s> {
    begin: u64,
    /// The first feature after it, or the end of the array.
    end: u64,
    last: bool,
    rows: Rows<'s>,
    guess: Option<Guess>,
    /// Line and column of `end`, counted from `begin`.
    mark: (usize, usize),
}

#[derive(Clone, Copy)]
enum Begin {
    /// Before the first feature.
    First(u64),
    /// At a proven feature.
    At(u64),
    /// Wherever there seems to be one.
    Guess,
}

/// Reads pieces on one thread.
struct Reader<'p, 's> {
    plan: &'p Plan<'p, 's>,
    opened: Box<dyn Pieces + 'p>,
    buffer: Vec<u8>,
    /// Rows of the piece before: what they learnt of the columns.
    like: Rows<'s>,
    digest: Option<Digested>,
}

impl<'p, 's> Reader<'p, 's> {
    fn new(plan: &'p Plan<'p, 's>) -> Option<Self> {
        let opened = plan.file.open().ok()?;
        Some(Self { plan, opened, buffer: Vec::new(), like: Rows::new(plan.task), digest: None })
    }

    /// Reads the piece after the `i`th cut; `None` where there is no feature to start with, something to say about one,
    /// or a text that breaks.
    fn piece(&mut self, i: u64, begin: Begin) -> Option<Piece<'s>> {
        let plan = self.plan;
        let (cut, stop) = (i * plan.size, ((i + 1) * plan.size).min(plan.len));
        self.digest = None;
        let base = match begin {
            Begin::Guess => cut.saturating_sub(BEFORE),
            Begin::First(_) => 0,
            Begin::At(at) => at,
        };
        let mut after = AFTER.min(plan.size);
        self.fill(base, stop + after)?;
        if let Begin::Guess | Begin::First(_) = begin {
            let block = (cut - base) as usize..(stop - base) as usize;
            self.digest = Some(if plan.size == BLOCK as u64 { digest(&self.buffer[block]) } else { [0; 32] });
        }
        let (start, counted) = match begin {
            Begin::First(at) => (at as usize, if self.buffer.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 }),
            Begin::At(_) => (0, 0),
            Begin::Guess => {
                let at = guess_start(&self.buffer, (cut - base) as usize, &plan.key)?;
                if base + at as u64 >= stop {
                    return None;
                }
                (at, at)
            }
        };
        let mut rows = self.like.fresh();
        let mut guess = plan.guess.clone();
        let mut report = Report::new(1);
        let mut mark = Mark { offset: 0, line: 1, column: 1 };
        let (mut at, mut comma, mut first) = (start - counted, false, matches!(begin, Begin::First(_)));
        loop {
            let whole = base + self.buffer.len() as u64 == plan.len;
            // a text that begins in the middle of a character is cut before that
            let text = valid(&self.buffer[counted..], whole)?;
            let mut scanner = Scanner::new(text, at);
            let mut cursor = Cursor::resume(text, mark);
            let mut fast = FastPath::new();
            let ended = loop {
                at = scanner.at;
                let next = scanner.peek();
                if next == 0 {
                    break None;
                }
                let here = base + (counted + scanner.at) as u64;
                if comma || (first && next == b']') {
                    if next == b']' {
                        break Some((here, true));
                    }
                    (next == b',').then_some(())?;
                    scanner.at += 1;
                    comma = false;
                    continue;
                }
                if here >= stop {
                    break Some((here, false));
                }
                if !fast.feature(&mut scanner, &mut cursor, &mut rows, guess.as_mut(), &mut report).ok()? {
                    break None;
                }
                (comma, first) = (true, false);
            };
            if let Some((end, last)) = ended {
                if !report.is_silent() || !rows.is_whole() {
                    return None;
                }
                let mark = cursor.advance(scanner.at);
                self.like = rows.fresh();
                let begin = base + start as u64;
                return Some(Piece { begin, end, last, rows, guess, mark });
            }
            if whole || after >= AFTER_AT_MOST || !report.is_silent() || !rows.is_whole() {
                return None;
            }
            mark = cursor.mark();
            after *= 8;
            self.fill(base, stop + after)?;
        }
    }

    /// Reads the bytes from `from` to `to`, or to the end of the file.
    fn fill(&mut self, from: u64, to: u64) -> Option<()> {
        self.buffer.resize((to.min(self.plan.len) - from) as usize, 0);
        self.opened.fill(from, &mut self.buffer).ok()
    }
}

/// Puts the pieces together in the order of the file.
struct Merge<'p, 's> {
    plan: &'p Plan<'p, 's>,
    /// Where the proven part ends, with line and column.
    at: u64,
    mark: (usize, usize),
    next: usize,
    waiting: BTreeMap<usize, (Option<Piece<'s>>, Digested)>,
    rows: Rows<'s>,
    guess: Option<Guess>,
    digests: Vec<Digested>,
    closed: bool,
}

impl<'s> Merge<'_, 's> {
    /// Takes the pieces that follow; `None` where the file cannot be read in pieces.
    fn proceed(&mut self, reader: &mut Reader<'_, 's>) -> Option<()> {
        while let Some((piece, digest)) = self.waiting.remove(&self.next) {
            self.digests.push(digest);
            let i = self.next as u64;
            self.next += 1;
            // features may be longer than pieces, and other members may follow them
            if self.closed || (i > 0 && self.at >= ((i + 1) * self.plan.size).min(self.plan.len)) {
                continue;
            }
            let piece = match piece {
                Some(piece) if i == 0 || piece.begin == self.at => piece,
                _ if i == 0 => return None,
                _ => reader.piece(i, Begin::At(self.at))?,
            };
            if !self.rows.append(piece.rows, self.mark) {
                return None;
            }
            if let (Some(guess), Some(seen)) = (&mut self.guess, &piece.guess) {
                guess.join(seen);
            }
            let (line, column) = piece.mark;
            self.mark = (self.mark.0 + line - 1, if line == 1 { self.mark.1 + column - 1 } else { column });
            (self.at, self.closed) = (piece.end, piece.last);
        }
        Some(())
    }
}
