//! What there is to ask about: collections, codelists, the register, zones. Plain data, no rows.

use super::classes::Classes;
use super::layer::{Index, Layer};
use super::register::Register;
use super::validity::Validity;
use super::zones::{Zone, Zones};
use crate::columns::Column;
use crate::geometry::{Bounds, Crs};
use crate::model::{
    Codelist, CodelistEntry, CollectionSpec, Indicator, Manifest, MetricSpec, Period, Role, Table, Term, Wording,
    ZoneKind,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A dataset as its landing page, collections and legends describe it.
#[derive(Clone, Debug)]
pub struct Description {
    /// What the manifest says.
    pub manifest: Manifest,
    /// Codelists by name.
    pub codelists: BTreeMap<String, Codelist>,
    /// The classes as they are read where nothing else is asked for.
    pub classes: Arc<Classes>,
    /// The plan's own terms, as in the file.
    pub plan: Option<serde_json::Value>,
    /// Indicators, actual and target.
    pub indicators: Vec<Indicator>,
    /// The collections, in the manifest's order.
    pub collections: Vec<CollectionInfo>,
    /// The statistical register, where the dataset has one.
    pub register: Option<RegisterInfo>,
    /// All tables that statistics are made of, the main one first.
    pub tables: Vec<TableInfo>,
    /// The kinds of zones.
    pub zone_kinds: Vec<ZoneKind>,
    /// Areas that answer "which enterprises are inside?", in the order of their collections.
    pub zones: Vec<ZoneInfo>,
    /// Box around the districts, or around all collections where there are none; degrees.
    pub bounds: Bounds,
    /// Hash of content, schema and engine version: 16 hexadecimal digits. Alike for the same input on every machine.
    pub revision: String,
    /// Codes of the districts to whose enterprises it is limited; none for the whole city.
    pub scope: Option<Vec<String>>,
}

/// One collection.
#[derive(Clone, Debug)]
pub struct CollectionInfo {
    /// What the manifest says.
    pub spec: CollectionSpec,
    /// Rows.
    pub rows: usize,
    /// Rows with a geometry.
    pub located: usize,
    /// Bytes of memory that rows and indexes take, geometries other than points apart; 0 where they lie elsewhere.
    pub bytes: usize,
    /// Whether it holds points only, so that tiles count them in cells.
    pub points: bool,
    /// Box around all rows, in degrees; empty where none has a geometry.
    pub bounds: Bounds,
    /// Of when its rows are.
    pub newest: Newest,
}

/// Of when the rows of a collection are, as far as they say it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Newest {
    /// Metric -> the latest published period of which a row has a figure.
    pub periods: BTreeMap<String, Period>,
    /// The latest day of the property that its maintenance names, `YYYY-MM-DD`.
    pub day: Option<String>,
}

impl Newest {
    /// What the rows of a collection say, by what the manifest says of it as a table.
    pub fn of(spec: &CollectionSpec, table: &Table) -> Self {
        let column = |name: &str| table.columns.get(spec.property(name)?.0);
        let any = |column: &Column| column.valid().map_or(!column.is_empty(), |valid| valid.count() > 0);
        let metrics = spec.register.iter().flat_map(|register| &register.metrics);
        let period = |metric: &MetricSpec| {
            let mut latest_first = metric.columns.iter().rev();
            latest_first.find(|(_, name)| column(name).is_some_and(any)).map(|(period, _)| *period)
        };
        let days = spec.maintenance.dated_by.as_deref().and_then(column);
        let day = days.and_then(|days| (0..days.len()).filter_map(|row| days.text(row)).max());
        Self {
            periods: metrics.filter_map(|metric| Some((metric.id.clone(), period(metric)?))).collect(),
            day: day.map(str::to_owned),
        }
    }
}

/// The statistical register.
#[derive(Clone, Debug)]
pub struct RegisterInfo {
    /// Its place among the collections.
    pub collection: usize,
    /// Periods for which there are figures, ascending: published, or made of shorter ones.
    pub periods: Vec<Period>,
    /// The latest of which any metric is published.
    pub latest: Option<Period>,
    /// The latest of which every metric has figures.
    pub latest_common: Option<Period>,
}

/// One of the tables that statistics are made of.
#[derive(Clone, Debug)]
pub struct TableInfo {
    /// Its id: that of its collection.
    pub id: String,
    /// Its place among the collections.
    pub collection: usize,
    /// What its rows are called.
    pub row: Term,
    /// What the manifest says of it as a table; beside another one it is features like any others.
    pub spec: CollectionSpec,
}

/// One zone.
#[derive(Clone, Debug)]
pub struct ZoneInfo {
    /// Zone id, unique in the dataset.
    pub id: String,
    /// Name.
    pub name: String,
    /// English name.
    pub name_en: String,
    /// Place of its kind in [`Description::zone_kinds`].
    pub kind: usize,
    /// Place of its collection.
    pub collection: usize,
    /// Box around it, in degrees.
    pub bounds: Bounds,
    /// Whether its outline is schematic.
    pub schematic: bool,
    /// Rows of the register that belong to it.
    pub members: usize,
    /// Id of the zone above it, where there is one.
    pub parent: Option<String>,
}

impl Description {
    /// What maps of the whole show, in degrees: the box that the manifest states, else that around everything. Who is limited to
    /// districts sees theirs.
    pub fn view(&self) -> Bounds {
        let stated = self.manifest.map.bbox.filter(|_| self.scope.is_none());
        stated.map_or(self.bounds, Bounds::from_array)
    }

    pub(super) fn collections(
        layers: &[Arc<Layer>],
        register: Option<&Register>,
        newest: &[Newest],
    ) -> Vec<CollectionInfo> {
        let dates =
            |place| register.filter(|r| r.layer == place).and_then(|r| r.valid.as_ref()).map_or(0, Validity::bytes);
        let info = |(place, l): (usize, &Arc<Layer>)| CollectionInfo {
            spec: l.spec.clone(),
            rows: l.len(),
            located: l.table.geometries.located(),
            bytes: l.bytes() + dates(place),
            points: matches!(*l.index, Index::Points(_)),
            bounds: l.bounds,
            newest: newest[place].clone(),
        };
        layers.iter().enumerate().map(info).collect()
    }

    pub(super) fn zones(zones: &Zones) -> Vec<ZoneInfo> {
        let info = |z: &Zone| ZoneInfo {
            id: z.id.clone(),
            name: z.name.clone(),
            name_en: z.name_en.clone(),
            kind: z.kind,
            collection: z.layer,
            bounds: z.bounds,
            schematic: z.schematic,
            members: z.members.count(),
            parent: z.parent.map(|parent| zones.list[parent].id.clone()),
        };
        zones.list.iter().map(info).collect()
    }

    pub(super) fn of_register(register: &Register) -> RegisterInfo {
        RegisterInfo {
            collection: register.layer,
            periods: register.periods.clone(),
            latest: register.latest(),
            latest_common: register.latest_common(),
        }
    }

    /// The reference systems in which the data is offered, CRS84 first: the manifest's, else those that are usual on its
    /// ground.
    pub fn systems(&self) -> Vec<Crs> {
        let mut all = Crs::usual(&self.bounds);
        if !self.manifest.systems.is_empty() {
            all.truncate(1);
            let named = self.manifest.systems.iter().filter_map(|s| Crs::of_text(s).ok());
            named.for_each(|crs| {
                if !all.contains(&crs) && crs.code().is_some() {
                    all.push(crs);
                }
            });
        }
        all
    }

    /// The collection of this id, with its place.
    pub fn collection(&self, id: &str) -> Option<(usize, &CollectionInfo)> {
        self.collections.iter().enumerate().find(|(_, c)| c.spec.id == id)
    }

    /// The first collection of this role.
    pub fn by_role(&self, role: Role) -> Option<&CollectionInfo> {
        self.collections.iter().find(|c| c.spec.role == role)
    }

    /// The register's collection.
    pub fn register(&self) -> Option<&CollectionInfo> {
        self.register.as_ref().map(|r| &self.collections[r.collection])
    }

    /// The latest period for which there are figures.
    pub fn default_period(&self) -> Option<Period> {
        self.register.as_ref().and_then(|r| r.latest)
    }

    /// The periods for which there are figures, ascending.
    pub fn periods(&self) -> &[Period] {
        self.register.as_ref().map(|r| r.periods.as_slice()).unwrap_or_default()
    }

    /// Those of them that are as long as a period.
    pub fn periods_like(&self, period: Option<Period>) -> Vec<Period> {
        let length = period.map(Period::granularity);
        self.periods().iter().copied().filter(|p| Some(p.granularity()) == length).collect()
    }

    /// The codelist of the primary classification; none where the register has no classification.
    pub fn clusters(&self) -> Option<&Codelist> {
        self.codelists.get(self.class_codelist()?)
    }

    /// The name of the codelist of the primary classification.
    pub fn class_codelist(&self) -> Option<&str> {
        self.register().map_or(Some("clusters"), |c| c.spec.class_codelist())
    }

    /// The table that this describes, where it is not the main one: what `table` in an address names.
    pub fn table(&self) -> Option<&str> {
        let own = self.register.as_ref()?.collection;
        self.tables.iter().skip(1).find(|t| t.collection == own).map(|t| t.id.as_str())
    }

    /// The other tables.
    pub fn other_tables(&self) -> impl Iterator<Item = &TableInfo> {
        let own = self.register.as_ref().map(|r| r.collection);
        self.tables.iter().filter(move |t| Some(t.collection) != own)
    }

    /// The classes of the codelist, then those of its versions whose codes it does not have.
    pub fn every_class(&self) -> Vec<&CodelistEntry> {
        let Some(list) = self.clusters() else { return vec![] };
        let mut all: Vec<&CodelistEntry> = list.entries.iter().collect();
        for version in list.versions.iter().filter_map(|v| self.codelists.get(&v.codelist)) {
            let known: BTreeSet<&str> = all.iter().copied().map(|e| e.code.as_str()).collect();
            let new = version.entries.iter().filter(|e| !known.contains(e.code.as_str()) && !e.color.is_empty());
            all.extend(new.collect::<Vec<_>>());
        }
        all
    }

    /// The class of this code: of the codelist, else of one of its versions.
    pub fn class(&self, code: &str) -> Option<&CodelistEntry> {
        self.every_class().into_iter().find(|e| e.code == code)
    }

    /// Whether the register's rows are invented.
    pub fn sample(&self) -> bool {
        self.register().is_some_and(|c| c.spec.sample)
    }

    /// The zone of this id.
    pub fn zone(&self, id: &str) -> Option<&ZoneInfo> {
        self.zones.iter().find(|z| z.id == id)
    }

    /// The words of the dataset, ready to be put into texts.
    pub fn wording(&self) -> Wording {
        Wording::new(&self.manifest.terms, self.district_kind().map(|k| &k.term))
    }

    /// The kind that the collection of role `districts` has.
    pub fn district_kind(&self) -> Option<&ZoneKind> {
        self.zone_kinds.iter().find(|k| k.districts)
    }

    /// The kind of zones where none is named: that of the districts, else one that divides the whole, else the first.
    pub fn usual_kind(&self) -> Option<&ZoneKind> {
        self.district_kind().or_else(|| self.zone_kinds.iter().find(|k| k.partition)).or(self.zone_kinds.first())
    }

    /// The zones that make up the city: the administrative units.
    pub fn districts(&self) -> impl Iterator<Item = &ZoneInfo> {
        self.zones.iter().filter(|z| self.zone_kinds[z.kind].districts)
    }

    /// Whether there is a district of this code.
    pub fn is_district(&self, code: &str) -> bool {
        self.districts().any(|z| z.id == code)
    }
}
