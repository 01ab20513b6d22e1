//! Rows as CSV: UTF-8 with BOM so that Excel reads it right, CRLF, quoting by RFC 4180. Points have their coordinates in
//! two columns, other geometries as well-known text.

use super::schema::Schema;
use super::{BulkError, Writer, system};
use crate::core::cancel;
use crate::core::columns::Value;
use crate::core::filter::Expr;
use crate::core::formula;
use crate::core::query::{Selection, list_text, write_coordinate, write_value};
use std::fmt::Write as _;

pub(super) struct Csv;

impl Writer for Csv {
    fn begin(&mut self, _: &Selection, schema: &Schema, out: &mut Vec<u8>) -> Result<(), BulkError> {
        out.extend_from_slice("\u{FEFF}".as_bytes());
        text(out, &schema.id);
        for field in &schema.fields {
            out.push(b',');
            text(out, &field.name);
        }
        let metric = schema.crs.is_metric();
        let place: &[u8] = match (schema.points, metric) {
            (true, false) => b",longitude,latitude\r\n",
            (true, true) => b",x,y\r\n",
            (false, _) => b",WKT\r\n",
        };
        out.extend_from_slice(place);
        Ok(())
    }

    fn rows(&mut self, of: &Selection, schema: &Schema, rows: &[u32], out: &mut Vec<u8>) -> Result<(), BulkError> {
        let mut written = String::new();
        for &row in rows {
            cancel::check();
            let row = row as usize;
            text(out, of.table().ids.value(row));
            for field in &schema.fields {
                out.push(b',');
                match of.table().columns[field.column].value(row) {
                    Value::Null => {}
                    Value::Text(t) => text(out, t),
                    Value::Strings(list, row) => text(out, &list_text(list.row(row))),
                    number => write_value(out, number),
                }
            }
            let geometry = of.table().geometries.value(row).map(|g| system::placed(schema.crs, g));
            match geometry {
                None => out.extend_from_slice(if schema.points { b",," } else { b"," }),
                Some(geo::Geometry::Point(p)) if schema.points => {
                    for n in [p.x(), p.y()] {
                        out.push(b',');
                        write_coordinate(out, n);
                    }
                }
                Some(other) => {
                    written.clear();
                    // writing to memory can't fail
                    let _ = write!(written, "{}", Expr::Geometry(other));
                    out.push(b',');
                    quoted(out, &written);
                }
            }
            out.extend_from_slice(b"\r\n");
        }
        Ok(())
    }

    fn end(&mut self, _: &mut Vec<u8>) -> Result<(), BulkError> {
        Ok(())
    }
}

fn text(out: &mut Vec<u8>, text: &str) {
    quoted(out, &formula::escape(text));
}

fn quoted(out: &mut Vec<u8>, text: &str) {
    if !text.bytes().any(|b| matches!(b, b',' | b'"' | b'\r' | b'\n')) {
        return out.extend_from_slice(text.as_bytes());
    }
    out.push(b'"');
    out.extend_from_slice(text.replace('"', "\"\"").as_bytes());
    out.push(b'"');
}
