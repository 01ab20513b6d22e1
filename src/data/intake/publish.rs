//! The new register, written as GeoJSON: what the file changes, and all that it leaves alone.

use super::diff::{Class, held};
use super::judge::Judged;
use super::prepare::{Absent, Import};
use super::schema;
use crate::core::model::{Geometries, Text};
use geo::Geometry;
use geojson::GeometryValue;
use serde_json::Value as Json;
use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{self, Write};

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

impl Import<'_> {
    /// Writes the register as it is after the import, one feature a line: those that there were in their order, then the
    /// new ones in the order of the file. Rows with errors change nothing.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<Written> {
        self.write_with(&[], out)
    }

    /// The same for several tables of different rows, all prepared against the same register: this one and others.
    pub fn write_with(&self, others: &[&Self], out: &mut dyn Write) -> io::Result<Written> {
        let all: Vec<&Self> = std::iter::once(self).chain(others.iter().copied()).collect();
        let mut written = Written::default();
        let used = self.used_with(others);
        let remove: Vec<_> = all.iter().map(|import| import.removed()).collect();
        out.write_all(b"{\"type\":\"FeatureCollection\",\"features\":[")?;
        let mut feature = Vec::new();
        if self.replaces_sample {
            written.removed = self.schema.table.ids.len();
        } else {
            for existing in 0..self.schema.table.ids.len() {
                let found = |import: &&Self| import.keys.found(existing).map(|row| import.judge(row));
                let judged = all.iter().find_map(|import| found(import).filter(|j| j.class != Class::Problem));
                if judged.is_none() && remove.iter().any(|goes| goes(existing)) {
                    written.removed += 1;
                    continue;
                }
                written.untouched += usize::from(judged.as_ref().is_none_or(|j| j.class == Class::Unchanged));
                self.existing(existing, judged.as_ref(), &used, &mut feature)?;
                next(out, &feature, &mut written)?;
            }
        }
        for import in all {
            import.write_new(&used, &mut written, out)?;
        }
        out.write_all(b"\n]}\n")?;
        Ok(written)
    }

    fn write_new(&self, used: &[bool], written: &mut Written, out: &mut dyn Write) -> io::Result<()> {
        let mut feature = Vec::new();
        for row in 0..self.sheet.cells.len() {
            if self.keys.existing(row).is_some() {
                continue;
            }
            let judged = self.judge(row);
            if judged.class == Class::New {
                written.new += 1;
                let shape = self.sheet.shapes.get(row).and_then(Option::as_ref).map(Cow::Borrowed);
                let at = shape.or_else(|| judged.position.as_ref().map(|p| Cow::Owned(Geometry::Point(p.at.into()))));
                self.feature(&judged.id, at.as_deref(), used, &mut feature, |i| judged.values[i].clone())?;
                next(out, &feature, written)?;
            }
        }
        Ok(())
    }

    /// Which properties the new register has values for, of this table or of others.
    fn used_with(&self, others: &[&Self]) -> Vec<bool> {
        others.iter().fold(self.used(), |used, other| used.iter().zip(other.used()).map(|(a, b)| *a || b).collect())
    }

    /// Which enterprises go because the file doesn't name them.
    fn removed(&self) -> impl Fn(usize) -> bool + '_ {
        let mut named: HashMap<usize, usize> = HashMap::new();
        if self.options.absent == Absent::Remove {
            for row in 0..self.sheet.cells.len() {
                if let Some(d) = self.judge(row).district {
                    *named.entry(d).or_default() += 1;
                }
            }
        }
        let covered = self.covered(&named);
        move |existing| {
            if let Some(exact) = &self.options.exact {
                return exact.removes(existing);
            }
            self.keys.found(existing).is_none()
                && self.declared_in_register(existing).is_some_and(|d| covered.contains(&d))
        }
    }

    fn existing(&self, row: usize, judged: Option<&Judged>, used: &[bool], out: &mut Vec<u8>) -> io::Result<()> {
        let table = self.schema.table;
        let moved = || judged.and_then(|j| j.position.as_ref()).map(|p| Cow::Owned(Geometry::Point(p.at.into())));
        // a position in a table says nothing of the outline of an area
        let at = match &table.geometries {
            Geometries::Points { .. } => {
                moved().or_else(|| table.geometries.point(row).map(|at| Cow::Owned(Geometry::Point(at.into()))))
            }
            Geometries::Any(all) => match all[row].as_ref() {
                None | Some(Geometry::Point(_)) => moved().or_else(|| all[row].as_ref().map(Cow::Borrowed)),
                Some(shape) => Some(Cow::Borrowed(shape)),
            },
        };
        self.feature(table.ids.value(row), at.as_deref(), used, out, |i| match judged.map(|j| &j.values[i]) {
            Some(value) if !value.is_null() => value.clone(),
            _ if judged.is_some_and(|j| j.cleared.contains(&i)) => Json::Null,
            _ => held(table, row, i),
        })
    }

    fn feature(
        &self,
        id: &str,
        at: Option<&Geometry<f64>>,
        used: &[bool],
        out: &mut Vec<u8>,
        value: impl Fn(usize) -> Json,
    ) -> io::Result<()> {
        out.clear();
        out.extend_from_slice(b"{\"type\":\"Feature\",\"id\":");
        serde_json::to_writer(&mut *out, id)?;
        match at {
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
        let mut first = true;
        for (i, spec) in self.schema.spec.properties.iter().enumerate().filter(|(i, _)| used[*i]) {
            if !std::mem::take(&mut first) {
                out.push(b',');
            }
            serde_json::to_writer(&mut *out, &spec.name)?;
            out.push(b':');
            match value(i) {
                Json::Null if self.is_list(i) => out.extend_from_slice(b"[]"),
                value => serde_json::to_writer(&mut *out, &value)?,
            }
        }
        out.extend_from_slice(b"}}");
        Ok(())
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

fn next(out: &mut dyn Write, feature: &[u8], written: &mut Written) -> io::Result<()> {
    out.write_all(if written.features == 0 { b"\n" } else { b",\n" })?;
    out.write_all(feature)?;
    written.features += 1;
    Ok(())
}
