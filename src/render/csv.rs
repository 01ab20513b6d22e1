//! CSV for spreadsheets: UTF-8 with BOM so that Excel reads it right, CRLF, quoting by RFC 4180.

use csv::{Terminator, Writer, WriterBuilder};

/// A writer of such a file; lines of one file may differ in length.
pub(super) fn writer() -> Writer<Vec<u8>> {
    WriterBuilder::new().terminator(Terminator::CRLF).flexible(true).from_writer("\u{FEFF}".as_bytes().to_vec())
}

/// What was written.
pub(super) fn finish(writer: Writer<Vec<u8>>) -> Result<Vec<u8>, csv::Error> {
    Ok(writer.into_inner().map_err(|e| std::io::Error::other(e.to_string()))?)
}
