//! A dataset prepared for questions: all of its parts, built once.

use super::classes::{ClassFault, ClassSpec, Classes};
use super::description::{Description, Newest, TableInfo};
use super::figures::{Figures, Read};
use super::gazetteers::Gazetteers;
use super::kept::Kept;
use super::layer::Layer;
use super::names::Names;
use super::protection::Protection;
use super::register::{self, Register};
use super::steps::Steps;
use super::zones::Zones;
use crate::cancel;
use crate::columns::{Block, Pieces, Taken};
use crate::geometry::Bounds;
use crate::model::{Dataset, Manifest, Period, Role};
use sha2::{Digest, Sha256};
use std::cell::{Cell, RefCell};
use std::fmt::Write as _;
use std::ops::Deref;
use std::sync::Arc;

/// A dataset ready for questions: one of its tables as the register, and the others beside it. A copy shares everything.
///
/// Every table that statistics are made of has a [`View`] of the dataset. What is asked of a snapshot is answered by its
/// own view; [`Snapshot::table`] gives the snapshot of another one.
#[derive(Clone, Debug)]
pub struct Snapshot {
    view: Arc<View>,
    /// A view per table, the main one first; one view where there is no table.
    views: Arc<[Arc<View>]>,
    /// What the manifest says of all tables.
    manifest: Arc<Manifest>,
    warnings: usize,
    restored: bool,
}

/// A dataset as it is for one of its tables. Rows, indexes, outlines and names are shared with the views of others.
#[derive(Debug)]
pub struct View {
    /// What there is to ask about.
    pub(crate) description: Description,
    /// One layer per collection, in the manifest's order.
    pub(crate) layers: Vec<Arc<Layer>>,
    /// The statistical register, where the dataset has one.
    pub(crate) register: Option<Register>,
    /// Areas that answer "which enterprises are inside?".
    pub(crate) zones: Zones,
    /// Names of everything that has one.
    pub(crate) names: Arc<Names>,
    /// Tables of places, by which addresses become points.
    pub(crate) gazetteers: Arc<Gazetteers>,
    /// What was worked out for earlier questions.
    pub(crate) kept: Kept,
    /// Restricted figures as they may be used in sums.
    pub(crate) protection: Protection,
    /// The snapshot that this one is a part of.
    pub(crate) whole: Option<Arc<Snapshot>>,
}

impl Deref for Snapshot {
    type Target = View;

    fn deref(&self) -> &View {
        &self.view
    }
}

impl Snapshot {
    /// Sorts, indexes and joins a dataset, once.
    pub fn new(dataset: Dataset) -> Self {
        Self::prepare(dataset, None)
    }

    /// The same of a dataset that is what readers see who are limited to some districts of a whole.
    pub(super) fn prepare(mut dataset: Dataset, part_of: Option<(&Arc<Self>, &[String])>) -> Self {
        let tables = std::mem::take(&mut dataset.tables);
        let layers = dataset.manifest.collections.iter().cloned().zip(tables).map(|(s, t)| Layer::new(s, t)).collect();
        let names = |layers: &[Layer]| Names::new(layers);
        Self::assemble(dataset, layers, part_of, names, Zones::joined)
    }

    /// All of it as blocks, as it lies in memory, what was built for first questions included; [`Snapshot::restore`] takes it
    /// back. `None` where something would not come back the same.
    pub fn blocks(&self) -> Option<Vec<Block<'_>>> {
        if self.whole.is_some() {
            return None;
        }
        let mut to = Pieces::default();
        to.count(self.warnings);
        for (layer, spec) in self.layers.iter().zip(&self.manifest.collections) {
            // columns that the preparation added are added again
            layer.put(spec.properties.len(), &mut to)?;
        }
        self.names.put_indexes(&mut to);
        self.views.iter().filter(|view| view.register.is_some()).for_each(|view| view.zones.put_members(&mut to));
        for steps in self.steps() {
            to.give(steps.numbers().to_vec());
        }
        Some(to.finish())
    }

    /// The snapshot whose blocks these are; `head` is its dataset but for the tables. `None` where they are something else: what
    /// is indexed with is checked, so that nothing breaks later.
    pub fn restore(head: Dataset, blocks: Vec<Block<'static>>) -> Option<Self> {
        let mut from = Taken::new(blocks)?;
        let warnings = from.count()?;
        let specs = head.manifest.collections.iter().cloned();
        let layers: Option<Vec<Layer>> = specs.map(|spec| Layer::take_back(spec, &mut from)).collect();
        let from = RefCell::new(from);
        let sound = Cell::new(true);
        let names = |layers: &[Layer]| {
            let names = Names::new(layers);
            sound.set(sound.get() && names.take_indexes(layers, &mut from.borrow_mut()).is_some());
            names
        };
        let joined = |zones: Zones, layer: &Layer, _: &Register| {
            let found = if sound.get() { zones.rejoined(layer, &mut from.borrow_mut()) } else { None };
            sound.set(found.is_some());
            found.unwrap_or_default()
        };
        let snapshot = Self::assemble(Dataset { warnings, ..head }, layers?, None, names, joined);
        let mut from = from.into_inner();
        if let Some((layer, register)) = snapshot.register().filter(|_| sound.get()) {
            for metric in 0..register.metrics.len() {
                // a metric without figures has none
                let steps = from.numbers().filter(|steps| steps.is_empty() || steps.len() == layer.len())?;
                let steps = Steps::of(steps);
                snapshot.steps_of(register, (metric, None), false, || steps);
            }
        }
        (sound.get() && from.is_done()).then_some(Self { restored: true, ..snapshot })
    }

    /// Puts a snapshot together of layers that are ready, and of what tells the names and the members of zones.
    fn assemble(
        dataset: Dataset,
        mut layers: Vec<Layer>,
        part_of: Option<(&Arc<Self>, &[String])>,
        names: impl FnOnce(&[Layer]) -> Names,
        joined: impl Fn(Zones, &Layer, &Register) -> Zones,
    ) -> Self {
        let Dataset { manifest, codelists, divisions, plan, indicators, content_hash, warnings, .. } = dataset;
        let zones = Zones::new(manifest.zone_kinds(), &layers);
        zones.say_parents(&mut layers);
        let names = Arc::new(names(&layers));
        let newest: Vec<Newest> = layers.iter().map(|layer| Newest::of(&layer.spec, &layer.table)).collect();
        let gazetteers = Arc::new(Gazetteers::new(&layers, divisions));
        let mut bounds = Bounds::EMPTY;
        let frame: Vec<&Layer> = layers.iter().filter(|l| l.spec.role == Role::Districts).collect();
        (if frame.is_empty() { layers.iter().collect() } else { frame }).iter().for_each(|l| bounds.join(&l.bounds));
        let tables = manifest.tables();
        let revision = revision(&content_hash);
        let view = |table: Option<usize>| {
            let said = |place: usize| manifest.clone().of_table(place);
            let own = table.map_or_else(|| manifest.clone(), said);
            let layers: Vec<Arc<Layer>> =
                layers.iter().zip(&own.collections).map(|(l, spec)| Arc::new(l.under(spec))).collect();
            let classes = Arc::new(Classes::usual(&own, &codelists));
            let register = table.and_then(|place| Register::new(place, &layers[place], &classes));
            let zones = match &register {
                Some(register) => joined(zones.clone(), &layers[register.layer], register),
                None => zones.clone(),
            };
            let info = |place: &usize| TableInfo {
                id: manifest.collections[*place].id.clone(),
                collection: *place,
                row: said(*place).terms.row,
                spec: manifest.collections[*place].clone(),
            };
            let whole = part_of.map(|(whole, _)| {
                let id = table.map(|place| manifest.collections[place].id.as_str());
                id.and_then(|id| whole.table(id)).map_or_else(|| (*whole).clone(), Arc::new)
            });
            let description = Description {
                collections: Description::collections(&layers, register.as_ref(), &newest),
                register: register.as_ref().map(Description::of_register),
                tables: tables.iter().map(info).collect(),
                zone_kinds: zones.kinds.clone(),
                zones: Description::zones(&zones),
                revision: revision.clone(),
                manifest: own,
                codelists: codelists.clone(),
                classes,
                plan: plan.clone(),
                indicators: indicators.clone(),
                bounds,
                scope: part_of.map(|(_, districts)| districts.to_vec()),
            };
            let protection = Protection::new(&layers, register.as_ref());
            Arc::new(View {
                description,
                layers,
                register,
                zones,
                names: names.clone(),
                gazetteers: gazetteers.clone(),
                kept: Kept::default(),
                protection,
                whole,
            })
        };
        let views: Arc<[Arc<View>]> = match tables.as_slice() {
            [] => [view(None)].into(),
            all => all.iter().map(|place| view(Some(*place))).collect(),
        };
        Self { view: views[0].clone(), views, manifest: Arc::new(manifest), warnings, restored: false }
    }

    /// How many warnings there were when the dataset was loaded.
    pub fn warnings(&self) -> usize {
        self.warnings
    }

    /// Whether it was taken back from blocks.
    pub fn is_restored(&self) -> bool {
        self.restored
    }

    /// The snapshot of another of its tables, or of the same, by the id of the table.
    pub fn table(&self, id: &str) -> Option<Self> {
        let of = |view: &&Arc<View>| view.register.as_ref().is_some_and(|r| view.layers[r.layer].spec.id == id);
        Some(Self { view: self.views.iter().find(of)?.clone(), ..self.clone() })
    }

    /// The snapshot that answers a question of a collection: that of the table where the collection is one.
    pub(crate) fn answering(self: &Arc<Self>, collection: Option<&str>) -> Arc<Self> {
        let other = collection.filter(|id| self.register().is_none_or(|(layer, _)| layer.spec.id != *id));
        other.and_then(|id| self.table(id)).map_or_else(|| self.clone(), Arc::new)
    }

    /// The snapshots of all tables, the main one first.
    pub(crate) fn all(&self) -> impl Iterator<Item = Self> + '_ {
        self.views.iter().map(|view| Self { view: view.clone(), ..self.clone() })
    }

    /// What the manifest says of all tables.
    pub(super) fn manifest(&self) -> &Manifest {
        &self.manifest
    }
}

impl View {
    /// What there is to ask about.
    pub fn describe(&self) -> &Description {
        &self.description
    }

    /// Builds what is otherwise built by the first question that needs it. What sums of restricted figures are made of is
    /// apart ([`Snapshot::warm_protected`]), since not everybody's answers need it.
    pub fn warm(&self) {
        // the first question about all zones comes before the first search, and its steps take less time than the names
        self.steps();
        self.names.warm(&self.layers);
        self.gazetteers.warm(&self.layers);
    }

    /// The steps of each metric's latest figures.
    pub(crate) fn steps(&self) -> Vec<Arc<Steps>> {
        let Some((layer, register)) = self.register() else { return vec![] };
        let read = Read { classes: &self.description.classes, groups: None };
        let figures = Figures::new(layer, register, None, read, false, |_| None);
        let make = |metric| figures.steps(metric).unwrap_or_default();
        let of = |metric| self.steps_of(register, (metric, None), false, || make(metric));
        cancel::pieces(register.metrics.len(), 1, |metric| of(metric.start))
    }

    /// Of how many figures the steps are kept that order statistics are made with: those that were worked out for a question, or came
    /// with the blocks.
    pub fn steps_kept(&self) -> usize {
        self.kept.steps_number()
    }

    /// The steps of a metric's figures in a period, none for the latest; `protected` where others stand in for its own.
    pub(crate) fn steps_of(
        &self,
        register: &Register,
        (metric, period): (usize, Option<Period>),
        protected: bool,
        make: impl FnOnce() -> Steps,
    ) -> Arc<Steps> {
        // the latest period, asked for or not, is one
        self.kept.steps((metric, register.metrics[metric].period(period), protected), make)
    }

    /// The layer of a collection, with its place.
    pub(crate) fn layer(&self, id: &str) -> Option<(usize, &Layer)> {
        self.layers.iter().map(|l| &**l).enumerate().find(|(_, l)| l.spec.id == id)
    }

    /// A reading of the classes; kept for the next question that asks for it.
    pub(crate) fn classes(&self, spec: &ClassSpec) -> Result<Arc<Classes>, ClassFault> {
        let usual = &self.description.classes;
        if *spec == ClassSpec::default() {
            return Ok(usual.clone());
        }
        let ClassSpec { level, parent, version } = spec.clone();
        self.kept.classes((level, parent, version), || Classes::read(usual, &self.description.codelists, spec))
    }

    /// The group of each row in a reading, where it is not the dataset's own.
    pub(crate) fn groups(&self, classes: &Classes) -> Option<Arc<Vec<u8>>> {
        let (layer, register) = self.register().filter(|_| !classes.is_usual())?;
        Some(self.kept.groups(classes.key(), || register::groups(layer, register.cluster, classes)))
    }

    /// The register's layer and what its columns mean.
    pub(crate) fn register(&self) -> Option<(&Layer, &Register)> {
        self.register.as_ref().map(|r| (&*self.layers[r.layer], r))
    }
}

/// Part of every revision. Raise it with any change after which the same data give another answer (counts, sums, notes,
/// tiles, styles, pictures) while the package keeps its version: clients keep tiles under a revision for a year.
const ENGINE_EPOCH: u32 = 8;

/// What [`Snapshot::blocks`] gives, and in which order. Raise it with any change of either, and of what prepares the blocks: a
/// file of before is then written anew.
pub const LAYOUT: u32 = 1;

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
