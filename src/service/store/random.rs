//! Random numbers that nobody can guess, as text, and how such texts are compared.

use super::hex::hex;

/// Fills bytes with random numbers of the system.
pub(super) fn fill(bytes: &mut [u8]) {
    // without random numbers nobody may come in and nothing is protected
    assert!(getrandom::fill(bytes).is_ok(), "the system gives no random numbers");
}

/// `N` random bytes in hexadecimal digits.
pub(super) fn token<const N: usize>() -> String {
    let mut bytes = [0; N];
    fill(&mut bytes);
    hex(&bytes)
}

/// Whether two texts are the same, in a time that tells nothing about where they differ.
pub(super) fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |all, (a, b)| all | (a ^ b)) == 0
}
