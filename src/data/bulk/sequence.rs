//! GeoJSON text sequences (RFC 8142): one feature after the other, each behind a record separator.

use super::schema::Schema;
use super::{BulkError, Writer};
use crate::core::cancel;
use crate::core::query::{FeatureWriter, Selection};

/// Begins a record (RFC 7464).
const SEPARATOR: u8 = 0x1E;

pub(super) struct Sequence;

impl Writer for Sequence {
    fn begin(&mut self, _: &Selection, _: &Schema, _: &mut Vec<u8>) -> Result<(), BulkError> {
        Ok(())
    }

    fn rows(&mut self, of: &Selection, schema: &Schema, rows: &[u32], out: &mut Vec<u8>) -> Result<(), BulkError> {
        let writer = FeatureWriter::new(of, schema.crs);
        for &row in rows {
            cancel::check();
            out.push(SEPARATOR);
            writer.write(out, row);
            out.push(b'\n');
        }
        Ok(())
    }

    fn end(&mut self, _: &mut Vec<u8>) -> Result<(), BulkError> {
        Ok(())
    }
}
