//! GeoParquet 1.1, a row group a part.

use super::schema::Schema;
use super::system::{placed, system};
use super::{BulkError, Writer};
use crate::core::query::Selection;
use crate::data::geoparquet::{self, Field, Layout, Rows};

pub(super) struct GeoParquet(geoparquet::Writer);

impl GeoParquet {
    pub(super) fn new(schema: &Schema, selection: &Selection) -> Result<Self, BulkError> {
        let field = |f: &super::schema::Field| Field {
            name: f.name.clone(),
            property: selection.spec().properties[f.column].name.clone(),
            kind: f.kind,
        };
        let layout = Layout {
            id: schema.id.clone(),
            geometry: schema.geometry.clone(),
            fields: schema.fields.iter().map(field).collect(),
            crs: system(schema.crs).json.and_then(|s| serde_json::from_str(&s).ok()),
        };
        Ok(Self(geoparquet::Writer::new(layout)?))
    }
}

impl Writer for GeoParquet {
    fn begin(&mut self, _: &Selection, _: &Schema, _: &mut Vec<u8>) -> Result<(), BulkError> {
        Ok(())
    }

    fn rows(&mut self, of: &Selection, schema: &Schema, rows: &[u32], out: &mut Vec<u8>) -> Result<(), BulkError> {
        let geometry = |row| of.table().geometries.value(row).map(|g| placed(schema.crs, g));
        let columns = schema.fields.iter().map(|f| &of.table().columns[f.column]).collect();
        let all = Rows { ids: &of.table().ids, columns, geometry: &geometry };
        Ok(self.0.group(&[(&all, rows)], out)?)
    }

    fn end(&mut self, out: &mut Vec<u8>) -> Result<(), BulkError> {
        Ok(self.0.end(out)?)
    }
}
