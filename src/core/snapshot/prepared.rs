//! A dataset prepared for questions: all of its parts, built once.

use super::classes::{ClassFault, ClassSpec, Classes};
use super::description::Description;
use super::kept::Kept;
use super::layer::Layer;
use super::names::Names;
use super::protection::Protection;
use super::register::{self, Register};
use super::zones::Zones;
use crate::core::geometry::Bounds;
use crate::core::model::{Dataset, Role};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::sync::Arc;

/// A dataset ready for questions.
#[derive(Debug)]
pub struct Snapshot {
    /// What there is to ask about.
    pub(in crate::core) description: Description,
    /// One layer per collection, in the manifest's order.
    pub(in crate::core) layers: Vec<Arc<Layer>>,
    /// The statistical register, where the dataset has one.
    pub(in crate::core) register: Option<Register>,
    /// Areas that answer "which enterprises are inside?".
    pub(in crate::core) zones: Zones,
    /// Names of everything that has one.
    pub(in crate::core) names: Names,
    /// What was worked out for earlier questions.
    pub(in crate::core) kept: Kept,
    /// Restricted figures as they may be used in sums.
    pub(in crate::core) protection: Protection,
    /// The snapshot that this one is a part of.
    pub(in crate::core) whole: Option<Arc<Snapshot>>,
}

impl Snapshot {
    /// Sorts, indexes and joins a dataset, once.
    pub fn new(dataset: Dataset) -> Self {
        let Dataset { manifest, codelists, plan, indicators, tables, content_hash, .. } = dataset;
        let mut layers: Vec<Layer> =
            manifest.collections.iter().cloned().zip(tables).map(|(s, t)| Layer::new(s, t)).collect();
        let classes = Arc::new(Classes::usual(&manifest, &codelists));
        let register = Register::new(&layers, &classes);
        let zones = Zones::new(manifest.zone_kinds(), &layers, register.as_ref());
        zones.say_parents(&mut layers);
        let names = Names::new(&layers);
        let layers: Vec<Arc<Layer>> = layers.into_iter().map(Arc::new).collect();
        let mut bounds = Bounds::EMPTY;
        let framing = |l: &&Arc<Layer>| l.spec.role == Role::Districts;
        let frame: Vec<&Arc<Layer>> = layers.iter().filter(framing).collect();
        let all: Vec<&Arc<Layer>> = layers.iter().collect();
        (if frame.is_empty() { all } else { frame }).iter().for_each(|l| bounds.join(&l.bounds));
        let description = Description {
            collections: Description::collections(&layers),
            register: register.as_ref().map(Description::of_register),
            zone_kinds: zones.kinds.clone(),
            zones: Description::zones(&zones),
            revision: revision(&content_hash),
            manifest,
            codelists,
            classes,
            plan,
            indicators,
            bounds,
            scope: None,
        };
        let protection = Protection::new(&layers, register.as_ref());
        Self { description, layers, register, zones, names, kept: Kept::default(), protection, whole: None }
    }

    /// What there is to ask about.
    pub fn describe(&self) -> &Description {
        &self.description
    }

    /// Builds what is otherwise built by the first question that needs it. What sums of restricted figures are made of is
    /// apart ([`Snapshot::warm_protected`]), since not everybody's answers need it.
    pub fn warm(&self) {
        self.names.warm(&self.layers);
    }

    /// The layer of a collection, with its place.
    pub(in crate::core) fn layer(&self, id: &str) -> Option<(usize, &Layer)> {
        self.layers.iter().map(|l| &**l).enumerate().find(|(_, l)| l.spec.id == id)
    }

    /// A reading of the classes; kept for the next question that asks for it.
    pub(in crate::core) fn classes(&self, spec: &ClassSpec) -> Result<Arc<Classes>, ClassFault> {
        let usual = &self.description.classes;
        if *spec == ClassSpec::default() {
            return Ok(usual.clone());
        }
        let ClassSpec { level, parent, version } = spec.clone();
        self.kept.classes((level, parent, version), || Classes::read(usual, &self.description.codelists, spec))
    }

    /// The group of each row in a reading, where it is not the dataset's own.
    pub(in crate::core) fn groups(&self, classes: &Classes) -> Option<Arc<Vec<u8>>> {
        let (layer, register) = self.register().filter(|_| !classes.is_usual())?;
        Some(self.kept.groups(classes.key(), || register::groups(layer, register.cluster, classes)))
    }

    /// The register's layer and what its columns mean.
    pub(in crate::core) fn register(&self) -> Option<(&Layer, &Register)> {
        self.register.as_ref().map(|r| (&*self.layers[r.layer], r))
    }
}

/// Part of every revision. Raise it with any change after which the same data give another answer (counts, sums, notes,
/// tiles, styles, pictures) while the package keeps its version: clients keep tiles under a revision for a year.
const ENGINE_EPOCH: u32 = 4;

/// The revision of a dataset of this content, as this engine answers about it.
pub fn revision(content_hash: &str) -> String {
    revision_of(content_hash, ENGINE_EPOCH)
}

fn revision_of(content_hash: &str, epoch: u32) -> String {
    let mut hash = Sha256::new();
    hash.update(content_hash);
    hash.update(epoch.to_le_bytes());
    hash.update(env!("CARGO_PKG_VERSION"));
    hash.finalize().iter().take(8).fold(String::new(), |mut s, b| {
        let _ = write!(s, "{b:02x}");
        s
    })
}

#[cfg(test)]
mod tests {
    use super::revision_of;

    #[test]
    fn a_revision_is_of_the_content_and_of_the_engine() {
        let all = [revision_of("a", 1), revision_of("b", 1), revision_of("a", 2)];
        assert!(all[0] != all[1] && all[0] != all[2] && all[1] != all[2], "{all:?}");
        assert_eq!(revision_of("a", 1), all[0]);
    }
}
