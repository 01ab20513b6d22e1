//! Three-valued logic over whole columns: each row is true, unknown, or false.

use crate::columns::Bitmap;

/// The rows that are true and those that are unknown; the rest is false. No row is both.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Truth {
    pub(super) yes: Bitmap,
    pub(super) unknown: Bitmap,
}

impl Truth {
    /// False everywhere.
    pub(super) fn none(rows: usize) -> Self {
        Self { yes: Bitmap::none(rows), unknown: Bitmap::none(rows) }
    }

    /// True in these rows, false elsewhere.
    pub(super) fn of(yes: Bitmap) -> Self {
        Self { unknown: Bitmap::none(yes.len()), yes }
    }

    /// The same in all rows of `care`.
    pub(super) fn known(value: Option<bool>, care: &Bitmap) -> Self {
        let mut out = Self::none(care.len());
        match value {
            Some(true) => out.yes = care.clone(),
            Some(false) => {}
            None => out.unknown = care.clone(),
        }
        out
    }

    /// Asks about each row of `care`.
    pub(super) fn ask(care: &Bitmap, mut decide: impl FnMut(usize) -> Option<bool>) -> Self {
        let mut out = Self::none(care.len());
        for row in care.iter() {
            match decide(row) {
                Some(true) => out.yes.insert(row),
                Some(false) => {}
                None => out.unknown.insert(row),
            }
        }
        out
    }

    /// The rows of `care` that are not false.
    pub(super) fn possible(&self) -> Bitmap {
        let mut out = self.yes.clone();
        out.or(&self.unknown);
        out
    }

    /// Takes part: true where both are true, false where either is false.
    pub(super) fn and(&mut self, other: &Self) {
        let mut unknown = self.unknown.clone();
        unknown.and(&other.possible());
        let mut mine = self.yes.clone();
        mine.and(&other.unknown);
        unknown.or(&mine);
        self.unknown = unknown;
        self.yes.and(&other.yes);
    }

    /// Takes part: true where either is true, false where both are false.
    pub(super) fn or(&mut self, other: &Self) {
        self.yes.or(&other.yes);
        self.unknown.or(&other.unknown);
        self.unknown.and_not(&self.yes);
    }

    /// True where both are true or both false, unknown where either is.
    pub(super) fn same(&self, other: Self, care: &Bitmap) -> Self {
        let mut both = self.clone();
        both.and(&other);
        let mut either = other;
        either.or(self);
        let mut out = either.negate(care);
        out.or(&both);
        out
    }

    /// False where it was true and true where it was false, among `care`.
    pub(super) fn negate(self, care: &Bitmap) -> Self {
        let mut yes = care.clone();
        yes.and_not(&self.yes);
        yes.and_not(&self.unknown);
        Self { yes, unknown: self.unknown }
    }
}
