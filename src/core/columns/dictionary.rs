//! The distinct words of a column, found by word.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A column of text with at most this many distinct words is kept as a dictionary.
pub const MAX_WORDS: usize = 4096;

/// Words in the order of their first appearance.
#[derive(Debug, Default)]
pub struct Dictionary {
    pub words: Vec<String>,
    codes: HashMap<String, u16, BuildHasherDefault<Quick>>,
}

impl Dictionary {
    /// Of words in the order of their codes.
    pub fn of(words: Vec<String>) -> Self {
        let codes = words.iter().zip(0..).map(|(word, code)| (word.clone(), code)).collect();
        Self { words, codes }
    }

    /// The code of a word, which is added while the dictionary is not full.
    #[inline]
    pub fn code(&mut self, word: &str) -> Option<i64> {
        if let Some(&code) = self.codes.get(word) {
            return Some(code.into());
        }
        if self.words.len() >= MAX_WORDS {
            return None;
        }
        let code = self.words.len() as u16;
        self.words.push(word.to_owned());
        self.codes.insert(word.to_owned(), code);
        Some(code.into())
    }
}

/// Eight bytes at a time. A dictionary is small, so that words made to collide do no harm.
#[derive(Debug, Default)]
struct Quick(u64);

impl Hasher for Quick {
    fn write(&mut self, bytes: &[u8]) {
        const K: u64 = 0x9E37_79B9_7F4A_7C15;
        let mut mix = |n: u64| self.0 = (self.0.rotate_left(23) ^ n).wrapping_mul(K);
        let (eights, rest) = bytes.as_chunks::<8>();
        eights.iter().for_each(|b| mix(u64::from_le_bytes(*b)));
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        mix(u64::from_le_bytes(last) ^ (bytes.len() as u64) << 56);
    }

    fn write_u8(&mut self, _: u8) {}

    fn finish(&self) -> u64 {
        self.0 ^ self.0 >> 29
    }
}
