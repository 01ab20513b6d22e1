//! A city: its manifest and everything the manifest names.

use super::{Codelist, CollectionSpec, Divisions, Indicator, Manifest, Role, Table};
use std::collections::BTreeMap;

/// Where a dataset was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The folder built into the binary.
    Embedded,
    /// A folder.
    Folder(std::path::PathBuf),
}

/// A dataset as loaded and checked: ids are unique, coordinates are WGS 84, polygons are closed, valid and wound by
/// RFC 7946, codes are codes of their codelist, required properties are there.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// The manifest (inferred when the folder has none).
    pub manifest: Manifest,
    /// Codelists by name.
    pub codelists: BTreeMap<String, Codelist>,
    /// Former administrative divisions.
    pub divisions: Divisions,
    /// The plan's own terms, as in the file.
    pub plan: Option<serde_json::Value>,
    /// Indicators, actual and target.
    pub indicators: Vec<Indicator>,
    /// The rows, one table per entry of `manifest.collections`.
    pub tables: Vec<Table>,
    /// Hash over the content of all files read: 64 lower-case hexadecimal digits.
    pub content_hash: String,
    /// How many warnings the loading gave.
    pub warnings: usize,
}

impl Dataset {
    /// The collections with their rows.
    pub fn collections(&self) -> impl Iterator<Item = (&CollectionSpec, &Table)> {
        self.manifest.collections.iter().zip(&self.tables)
    }

    /// The first collection with this role; of tables the main one.
    pub fn by_role(&self, role: Role) -> Option<(&CollectionSpec, &Table)> {
        let place = match role {
            Role::Register => self.manifest.tables().first().copied()?,
            _ => self.manifest.collections.iter().position(|c| c.role == role)?,
        };
        Some((&self.manifest.collections[place], &self.tables[place]))
    }

    /// The dataset as it is for one of its tables, by its id: [`Manifest::of_table`]; `None` where there is no such table.
    pub fn of_table(self, id: &str) -> Option<Self> {
        let table = self.manifest.table(id)?;
        Some(Self { manifest: self.manifest.of_table(table), ..self })
    }

    /// The cluster codelist, where the dataset has one.
    pub fn clusters(&self) -> Option<&Codelist> {
        let class = self.by_role(Role::Register).and_then(|(spec, _)| spec.class_codelist());
        self.codelists.get(class.unwrap_or("clusters"))
    }
}
