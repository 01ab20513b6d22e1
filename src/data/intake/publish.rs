//! The new register, written as GeoJSON, its manifest, and what a check leaves for it.

use super::kept::{JudgedRows, Kept};
use super::prepare::Import;
use super::register::{NewRegister, Slot};
use super::schema;
use crate::core::model::{CollectionSpec, Text};
use crate::data::load::{Limits, MadeRow, Maker};
use geo::Geometry;
use geojson::GeometryValue;
use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::PoisonError;

/// How many features the new register has, by where they come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Features in all.
    pub features: usize,
    /// Of them new.
    pub new: usize,
    /// Of them as they were.
    pub untouched: usize,
    /// Enterprises that went.
    pub removed: usize,
}

impl NewRegister<'_> {
    /// Writes the register as GeoJSON.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<Written> {
        let mut written = Written::default();
        let properties = self.properties();
        out.write_all(b"{\"type\":\"FeatureCollection\",\"features\":[")?;
        let mut line = Vec::new();
        for place in 0..self.slots() {
            let row = match self.slot(place) {
                Slot::New(row) => {
                    written.new += 1;
                    row
                }
                Slot::Untouched(row) => {
                    written.untouched += 1;
                    row
                }
                Slot::Changed(row) => row,
                Slot::Removed => {
                    written.removed += 1;
                    continue;
                }
                Slot::Nothing => continue,
            };
            feature(&row, &properties, &mut line)?;
            out.write_all(if written.features == 0 { b"\n" } else { b",\n" })?;
            out.write_all(&line)?;
            written.features += 1;
        }
        written.removed += self.replaced();
        out.write_all(b"\n]}\n")?;
        Ok(written)
    }
}

fn feature(row: &MadeRow, properties: &[&str], out: &mut Vec<u8>) -> io::Result<()> {
    out.clear();
    out.extend_from_slice(b"{\"type\":\"Feature\",\"id\":");
    serde_json::to_writer(&mut *out, &row.id)?;
    match row.geometry.as_deref() {
        Some(Geometry::Point(at)) => {
            write!(out, ",\"geometry\":{{\"type\":\"Point\",\"coordinates\":[{},{}]}}", at.x(), at.y())?;
        }
        Some(shape) => {
            let shape = geojson::Geometry::new(GeometryValue::from(shape));
            out.extend_from_slice(b",\"geometry\":");
            serde_json::to_writer(&mut *out, &shape)?;
        }
        None => out.extend_from_slice(b",\"geometry\":null"),
    }
    out.extend_from_slice(b",\"properties\":{");
    for (i, (name, value)) in properties.iter().zip(&row.values).enumerate() {
        if i > 0 {
            out.push(b',');
        }
        serde_json::to_writer(&mut *out, name)?;
        out.push(b':');
        serde_json::to_writer(&mut *out, value)?;
    }
    out.extend_from_slice(b"}}");
    Ok(())
}

impl Import<'_> {
    /// Writes the register as it is after the import, one feature a line: those that there were in their order, then the
    /// new ones in the order of the file. Rows with errors change nothing.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<Written> {
        NewRegister::new(self, &[]).write(out)
    }

    /// The file of the register in a dataset folder: GeoJSON, whatever it was read from.
    pub fn register_file(&self) -> String {
        let name = self.schema.spec.file.rsplit('/').next().unwrap_or_default();
        if name.ends_with(".geojson") { name.to_owned() } else { format!("{}.geojson", self.schema.spec.id) }
    }

    /// The most features that the new register can have.
    pub fn most(&self) -> usize {
        self.schema.table.ids.len() + self.sheet.cells.len()
    }

    /// Rows of the file.
    pub fn rows(&self) -> usize {
        self.sheet.cells.len()
    }

    /// The id of the table that it changes.
    pub fn table(&self) -> &str {
        &self.schema.spec.id
    }

    /// The manifest of the dataset after the import, with the register in the file `to`; `None` when the text is no
    /// manifest with a register.
    pub fn manifest(&self, text: &str, to: &str) -> Option<String> {
        self.manifest_with(&[], text, to)
    }

    /// The same after the import of this table and others.
    pub fn manifest_with(&self, others: &[&Self], text: &str, to: &str) -> Option<String> {
        let file = &self.options.file;
        let source = if self.replaces_sample {
            Text::new(format!("由 {file} 导入"), format!("imported from {file}"))
        } else {
            let old = &self.schema.spec.source;
            let edited = self.options.exact.is_some();
            let (zh, en) = if edited {
                ("在页面上修改".to_owned(), "edited on the page".to_owned())
            } else {
                (format!("由 {file} 更新"), format!("updated from {file}"))
            };
            let add = |old: &str, new: String| if old.contains(&new) { old.to_owned() } else { format!("{old};{new}") };
            Text::new(add(&old.zh, zh), add(&old.en, en))
        };
        schema::manifest(text, &self.schema, &self.used_with(others), &source, self.replaces_sample, to)
    }
}

impl Import<'_> {
    /// What makes the rows of the new register as it is after this import alone.
    pub(super) fn maker(&self) -> Option<Maker> {
        // edits are few
        if self.options.exact.is_some() {
            return None;
        }
        let mut used = self.used().into_iter();
        let mut spec: CollectionSpec = self.schema.spec.clone();
        spec.properties.retain(|_| used.next() == Some(true));
        let names: Vec<String> = spec.properties.iter().map(|p| p.name.clone()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        Maker::of(spec, self.codelists, &Limits::default(), &names)
    }

    /// Keeps what a check has judged, in the place of what was kept before.
    pub(super) fn keep(&self, maker: Maker, kept: Option<Kept>, named: HashMap<usize, usize>) {
        let judged = kept.map(|kept| JudgedRows::new(maker, kept, named));
        *self.judged.lock().unwrap_or_else(PoisonError::into_inner) = judged;
    }

    /// Gives away what the check has judged, where a register that is made by `maker` holds it as it is.
    pub(super) fn take_judged(&self, maker: &Maker) -> Option<JudgedRows> {
        let mut judged = self.judged.lock().unwrap_or_else(PoisonError::into_inner);
        judged.take().filter(|judged| judged.are_of(maker))
    }

    /// How many rows name each district, where the check has counted them.
    pub(super) fn named(&self) -> Option<HashMap<usize, usize>> {
        self.judged.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(|judged| judged.named.clone())
    }
}
