//! How many different questions a reader may ask in a day whose sums are protected: of areas drawn by the reader and under
//! conditions. The noise withstands more; the number shows an administrator who is trying.

use moka::sync::Cache;
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

/// Questions a day where nothing else is said: more than anybody asks by hand.
pub const PROTECTED_QUESTIONS: u32 = 5_000;
/// Questions of a reader that are remembered.
const DIGESTS: usize = 50_000;
/// Readers that are remembered.
const REMEMBERED: u64 = 1_000;

/// What became of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spent {
    /// The reader has asked it before on that day.
    Again,
    /// It is another than before.
    New,
    /// There are none left on that day.
    NoneLeft,
}

/// What each reader has asked today.
#[derive(Debug)]
pub struct Budget {
    per_day: usize,
    readers: Cache<String, Arc<Mutex<Asked>>>,
}

/// A day, and the digests of the questions asked on it.
#[derive(Debug, Default)]
struct Asked {
    day: i64,
    questions: HashSet<u64>,
}

impl Budget {
    /// So many different questions a day; 0 for any number.
    pub fn new(per_day: u32) -> Self {
        Self { per_day: per_day as usize, readers: Cache::new(REMEMBERED) }
    }

    /// Counts a question of a reader.
    pub fn spend(&self, reader: &str, question: &str, day: i64) -> Spent {
        let asked = self.readers.get_with_by_ref(reader, Arc::default);
        let mut asked = asked.lock().unwrap_or_else(PoisonError::into_inner);
        if asked.day != day {
            *asked = Asked { day, questions: HashSet::new() };
        }
        let mut hash = DefaultHasher::new();
        question.hash(&mut hash);
        let digest = hash.finish();
        if asked.questions.contains(&digest) {
            return Spent::Again;
        }
        if self.per_day > 0 && asked.questions.len() >= self.per_day {
            return Spent::NoneLeft;
        }
        // of so many nobody needs to know which were asked twice
        if asked.questions.len() < DIGESTS {
            asked.questions.insert(digest);
        }
        Spent::New
    }
}

#[cfg(test)]
mod tests {
    use super::Spent::{Again, New, NoneLeft};
    use super::*;

    #[test]
    fn a_question_counts_once_a_day_for_each_reader() {
        let budget = Budget::new(2);
        assert_eq!(["a", "a", "b", "a"].map(|q| budget.spend("x", q, 1)), [New, Again, New, Again]);
        assert_eq!(budget.spend("x", "c", 1), NoneLeft);
        assert_eq!(budget.spend("x", "a", 1), Again, "what was answered is answered again");
        assert_eq!(budget.spend("y", "c", 1), New, "another reader");
        assert_eq!(budget.spend("x", "c", 2), New, "another day");
        let unlimited = Budget::new(0);
        assert!((0..100).all(|i| unlimited.spend("x", &i.to_string(), 1) == New));
    }
}
