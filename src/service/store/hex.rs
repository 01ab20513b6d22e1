//! Bytes as hexadecimal digits.

use std::fmt::Write as _;

/// Small digits, two for each byte.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut s, b| {
        let _ = write!(s, "{b:02x}");
        s
    })
}
