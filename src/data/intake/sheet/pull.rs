//! JSON value by value from a stream: each is found by its brackets and held alone, so that one that is broken costs itself
//! and a file may be larger than memory.

use super::budget::{self, Excess};
use super::encoding::BLOCK;
use crate::core::cancel;
use std::io::{self, Read};

/// The separator of RFC 8142 and RFC 7464. It can't stand inside JSON text: strings escape it.
pub const RECORD: u8 = 0x1E;

/// Why a value can't be taken.
#[derive(Debug)]
pub enum Fault {
    /// Something else stands where it should begin, go on or end.
    Unexpected,
    /// The text ends in the middle of it.
    End,
    /// It is too large.
    Excess(Excess),
    /// The file can't be read.
    Io(io::Error),
}

impl From<io::Error> for Fault {
    fn from(e: io::Error) -> Self {
        Excess::of(&e).map_or(Self::Io(e), Self::Excess)
    }
}

/// Text that is taken byte by byte.
pub struct Pull<R> {
    inner: R,
    block: Vec<u8>,
    at: usize,
    end: usize,
    ended: bool,
    /// Whether a value ends with its line.
    pub by_line: bool,
    /// Whether there was nothing but blanks since the last end of a line.
    fresh_line: bool,
}

impl<R: Read> Pull<R> {
    pub fn new(inner: R) -> Self {
        Self { inner, block: vec![0; BLOCK], at: 0, end: 0, ended: false, by_line: false, fresh_line: true }
    }

    fn fill(&mut self) -> Result<bool, Fault> {
        cancel::check();
        while self.at == self.end && !self.ended {
            (self.at, self.end) = (0, self.inner.read(&mut self.block)?);
            self.ended = self.end == 0;
        }
        Ok(self.at < self.end)
    }

    /// The next byte, without taking it.
    pub fn peek(&mut self) -> Result<Option<u8>, Fault> {
        Ok(if self.fill()? { Some(self.block[self.at]) } else { None })
    }

    /// Takes a byte that was looked at.
    pub fn take(&mut self) {
        let byte = self.block[self.at];
        self.fresh_line = byte == b'\n' || (self.fresh_line && byte.is_ascii_whitespace());
        self.at += 1;
    }

    /// The next byte that is no white space.
    pub fn next(&mut self) -> Result<Option<u8>, Fault> {
        while let Some(byte) = self.peek()? {
            if !byte.is_ascii_whitespace() || (self.by_line && byte == b'\n') {
                return Ok(Some(byte));
            }
            self.take();
        }
        Ok(None)
    }

    /// Takes this byte, after white space.
    pub fn expect(&mut self, wanted: u8) -> Result<(), Fault> {
        match self.next()? {
            Some(byte) if byte == wanted => self.take(),
            Some(_) => return Err(Fault::Unexpected),
            None => return Err(Fault::End),
        }
        Ok(())
    }

    /// Takes a value as it stands; `out` holds it unless it is not wanted. At most so many bytes.
    pub fn value(&mut self, mut out: Option<&mut Vec<u8>>, most: usize) -> Result<(), Fault> {
        if let Some(out) = &mut out {
            out.clear();
        }
        let first = self.next()?.ok_or(Fault::End)?;
        let (mut depth, mut quoted, mut escaped, mut length) = (0_usize, false, false, 0_usize);
        let bare = !matches!(first, b'{' | b'[' | b'"');
        // an end of a line, where that counts, is no value: nothing would be taken, again and again
        if matches!(first, b'}' | b']' | b',' | b':' | b'\n' | RECORD) {
            return Err(Fault::Unexpected);
        }
        loop {
            if !self.fill()? {
                return if bare && length > 0 { Ok(()) } else { Err(Fault::End) };
            }
            let (from, mut done) = (self.at, false);
            while self.at < self.end && !done {
                let byte = self.block[self.at];
                if bare {
                    // a number or a word ends before what can't belong to it
                    if byte.is_ascii_whitespace() || matches!(byte, b',' | b'}' | b']' | b':' | RECORD) {
                        done = true;
                        continue;
                    }
                } else if byte == RECORD || (byte == b'\n' && (quoted || self.by_line)) {
                    return Err(Fault::Unexpected);
                } else if quoted {
                    (quoted, escaped) = (escaped || byte != b'"', !escaped && byte == b'\\');
                    done = !quoted && depth == 0;
                } else {
                    match byte {
                        b'"' => quoted = true,
                        b'{' | b'[' => depth += 1,
                        b'}' | b']' => depth -= 1,
                        _ => {}
                    }
                    done = depth == 0 && !quoted;
                }
                self.at += 1;
            }
            length += self.at - from;
            self.fresh_line = false;
            match &mut out {
                Some(_) if length > most => return Err(Fault::Excess(Excess::Row(most))),
                Some(out) => out.extend_from_slice(&self.block[from..self.at]),
                None => {}
            }
            if done {
                return Ok(());
            }
        }
    }

    /// Goes on to where a record may begin: after a separator, or an object on a line of its own.
    pub fn resume(&mut self) -> Result<(), Fault> {
        while let Some(byte) = self.peek()? {
            if byte == RECORD || (byte == b'{' && self.fresh_line) {
                break;
            }
            self.take();
        }
        Ok(())
    }

    /// Whether a line ends before anything else comes.
    pub fn line_ends(&mut self) -> Result<bool, Fault> {
        while let Some(byte) = self.peek()? {
            if !matches!(byte, b' ' | b'\t' | b'\r') {
                return Ok(byte == b'\n');
            }
            self.take();
        }
        Ok(false)
    }
}

/// As much as one record may have.
pub const MOST: usize = budget::FEATURE;
