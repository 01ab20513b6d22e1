//! Whole numbers as bytes (LEB128), and a digest at the end that holds for one place only: bytes that are damaged, or that stand
//! where they were not put, are not read.

use std::hash::Hasher;
use twox_hash::XxHash3_64;

/// Bytes of the digest.
const DIGEST: usize = 8;

/// Numbers on their way into bytes.
#[derive(Debug, Default)]
pub(super) struct Packer(Vec<u8>);

impl Packer {
    /// Adds a number.
    pub(super) fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    /// Adds a number that may be below zero.
    pub(super) fn signed(&mut self, number: i64) {
        self.number(((number << 1) ^ (number >> 63)) as u64);
    }

    /// Adds text or other bytes.
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// Adds bytes that end where they end.
    pub(super) fn block(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.bytes(bytes);
    }

    /// The bytes, for a place.
    pub(super) fn finish(mut self, place: &str) -> Vec<u8> {
        let digest = digest(&self.0, place);
        self.0.extend_from_slice(&digest);
        self.0
    }
}

/// Numbers out of bytes.
#[derive(Debug)]
pub(super) struct Unpacker<'a>(&'a [u8]);

impl<'a> Unpacker<'a> {
    /// What was put into a place; none where it is not what was put there.
    pub(super) fn open(bytes: &'a [u8], place: &str) -> Option<Self> {
        let (content, said) = bytes.split_at_checked(bytes.len().checked_sub(DIGEST)?)?;
        (digest(content, place) == said).then_some(Self(content))
    }

    /// The next number.
    pub(super) fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let (&byte, rest) = self.0.split_first()?;
            self.0 = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    /// The next number, which may be below zero.
    pub(super) fn signed(&mut self) -> Option<i64> {
        let number = self.number()?;
        Some((number >> 1) as i64 ^ -((number & 1) as i64))
    }

    /// The next block of bytes.
    pub(super) fn block(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        let (block, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(block)
    }

    /// All that is left.
    pub(super) fn rest(self) -> &'a [u8] {
        self.0
    }

    /// Whether nothing is left.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn digest(content: &[u8], place: &str) -> [u8; DIGEST] {
    let mut digest = XxHash3_64::new();
    digest.write(&(place.len() as u64).to_le_bytes());
    digest.write(place.as_bytes());
    digest.write(content);
    digest.finish().to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_come_back_and_damage_does_not(numbers: Vec<(u64, i64)>, at: usize, bit in 0u8..8) {
            let mut packer = Packer::default();
            for (number, signed) in &numbers {
                packer.number(*number);
                packer.signed(*signed);
                packer.block(&signed.to_le_bytes());
            }
            let mut bytes = packer.finish("here");
            let mut read = Unpacker::open(&bytes, "here").unwrap();
            for (number, signed) in &numbers {
                prop_assert_eq!((read.number(), read.signed()), (Some(*number), Some(*signed)));
                prop_assert_eq!(read.block(), Some(&signed.to_le_bytes()[..]));
            }
            prop_assert!(read.is_empty());
            prop_assert!(read.number().is_none());
            prop_assert!(Unpacker::open(&bytes, "there").is_none());
            prop_assert!(Unpacker::open(&bytes[1..], "here").is_none());
            let place = at % bytes.len();
            bytes[place] ^= 1 << bit;
            prop_assert!(Unpacker::open(&bytes, "here").is_none());
        }

        #[test]
        fn no_bytes_panic(bytes: Vec<u8>) {
            prop_assert!(bytes.len() >= DIGEST || Unpacker::open(&bytes, "").is_none());
            let mut read = Unpacker(&bytes);
            while read.number().is_some() {}
            let mut read = Unpacker(&bytes);
            while read.block().is_some() {}
        }
    }
}
