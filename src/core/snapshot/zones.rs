//! Zones: areas that answer "which enterprises are inside?", with their members.
//!
//! A located row belongs to zones by its point (`geometry::Region`'s half-open rule), an unlocated one to the zone that it
//! declares and to the zones above that one. Zones of a partition share no row, and hold no row that the zone above them
//! does not hold. So a partition, outside and undeclared are the whole, and the children of a zone with what lies in none
//! of them are that zone, each row once (`docs/adr/0058-levels-of-zones.md`).

use super::layer::{Layer, RowSource};
use super::register::Register;
use crate::cancel;
use crate::columns::{Bitmap, ColumnBuilder, ColumnType, InPieces, Pieces, Runs, Taken, Value};
use crate::geometry::{Bounds, Region, areas, measure};
use crate::model::{PropertySpec, Text, ZoneKind};
use geo::{Coord, MultiPolygon};
use std::collections::HashMap;
use std::sync::Arc;

/// The property of features that holds the id of the zone above.
const PARENT: &str = "parent";

/// An area with its members.
#[derive(Clone, Debug)]
pub struct Zone {
    /// Zone id, unique in the dataset.
    pub(crate) id: String,
    /// Name.
    pub(crate) name: String,
    /// English name.
    pub(crate) name_en: String,
    /// Place of its kind in [`Zones::kinds`].
    pub(crate) kind: usize,
    /// Place of its layer.
    pub(crate) layer: usize,
    /// `official_text`, `reconstruction` or `schematic`, where the data says so.
    pub(crate) basis: Option<String>,
    /// `existing`, `planned` or `later`, where the data says so.
    pub(crate) status: Option<String>,
    /// Whether the outline is schematic.
    pub(crate) schematic: bool,
    /// Where the outline comes from.
    pub(crate) source: Text,
    /// The outline.
    pub(crate) polygon: Arc<MultiPolygon<f64>>,
    /// Box around it.
    pub(crate) bounds: Bounds,
    /// Where to write its name.
    pub(crate) label: Option<[f64; 2]>,
    /// Area on the ellipsoid, in square kilometres.
    pub(crate) area_km2: f64,
    /// Rows of the register that belong to it.
    pub(crate) members: Runs,
    /// Place of the zone above it, where there is one.
    pub(crate) parent: Option<usize>,
}

/// What no zone of a kind holds: of everything, or of the zone above.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rest {
    /// Which rows.
    pub(crate) part: RestPart,
    /// Place of the kind; `None` where a dataset has no districts.
    pub(crate) kind: Option<usize>,
    /// Place of the zone above.
    pub(crate) parent: Option<usize>,
}

/// Which rows no zone holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestPart {
    /// Located, but in no zone of the kind.
    Outside,
    /// Neither located nor declared for a zone of the kind, or of one below.
    Undeclared,
}

impl RestPart {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Outside, Self::Undeclared];

    /// The beginning of its zone id.
    pub fn id(self) -> &'static str {
        match self {
            Self::Outside => "outside",
            Self::Undeclared => "undeclared",
        }
    }
}

/// All zones of a dataset, and the register's rows by how they came to their district. A copy shares the outlines.
#[derive(Clone, Debug, Default)]
pub struct Zones {
    /// The kinds of zones.
    pub(crate) kinds: Vec<ZoneKind>,
    /// The zones, in the order of their collections.
    pub(crate) list: Vec<Zone>,
    /// Rows with a position.
    pub(crate) located: Bitmap,
    /// Rows whose position lies in a zone that rows can declare: a district, or one above or below.
    pub(crate) by_point: Bitmap,
    /// Rows without position that are declared for such a zone.
    pub(crate) by_declared: Bitmap,
    /// Rows whose position does not lie in the zone that they declare.
    pub(crate) mismatch: Bitmap,
    /// Rows that the zones of each kind hold.
    covered: Vec<Bitmap>,
    by_id: HashMap<String, usize>,
    by_parent: Vec<Vec<u32>>,
}

impl Zones {
    /// The zones, without members.
    pub(super) fn new(kinds: Vec<ZoneKind>, layers: &[Layer]) -> Self {
        let mut zones = Self { kinds, ..Self::default() };
        for (layer, l) in layers.iter().enumerate() {
            let Some(kind) = zones.kinds.iter().position(|k| k.collections.contains(&layer)) else { continue };
            for row in 0..l.len() {
                let Some(polygon) = l.table.geometries.value(row).and_then(areas) else { continue };
                zones.list.push(Zone::new(l, layer, row, kind, polygon));
            }
        }
        zones.by_id = zones.list.iter().enumerate().map(|(i, z)| (z.id.clone(), i)).collect();
        zones.put_under_parents(layers);
        zones
    }

    /// Finds the parent of each zone: by the property that names it, else by the zone's label point.
    fn put_under_parents(&mut self, layers: &[Layer]) {
        let mut regions: HashMap<usize, Vec<(usize, Region)>> = HashMap::new();
        for place in 0..self.list.len() {
            let zone = &self.list[place];
            let above = self.kinds[zone.kind].parent.as_deref().and_then(|id| self.kind(id));
            let Some(above) = above.filter(|above| self.kinds[*above].level < self.kinds[zone.kind].level) else {
                continue;
            };
            let layer = &layers[zone.layer];
            let spec = layer.spec.zone.as_ref().and_then(|z| z.parent.as_ref());
            self.list[place].parent = if let Some(property) = spec.and_then(|p| p.property.as_deref()) {
                let named = layer.row(&zone.id).and_then(|row| layer.text(property, row));
                named.and_then(|id| self.by_id.get(id)).copied().filter(|p| self.list[*p].kind == above)
            } else {
                let found = regions.entry(above).or_insert_with(|| {
                    self.of_kind(above).map(|(place, z)| (place, Region::new(&z.polygon))).collect()
                });
                let inside = |&(_, region): &&(usize, Region)| zone.label.is_some_and(|[x, y]| region.contains(x, y));
                found.iter().find(inside).map(|(place, _)| *place)
            };
        }
        self.by_parent = vec![vec![]; self.list.len()];
        for (place, zone) in self.list.iter().enumerate() {
            if let Some(parent) = zone.parent {
                self.by_parent[parent].push(place as u32);
            }
        }
    }

    /// The same zones with the rows of a table, each row in its zones, the levels from the top.
    pub(super) fn joined(mut self, layer: &Layer, register: &Register) -> Self {
        let rows = layer.len();
        for of in [&mut self.by_point, &mut self.by_declared, &mut self.mismatch] {
            *of = Bitmap::none(rows);
        }
        self.located = layer.located();
        let mut unlocated = Bitmap::all(rows);
        unlocated.and_not(&self.located);
        self.covered = vec![Bitmap::none(rows); self.kinds.len()];
        let declarable: Vec<bool> = self.kinds.iter().map(|k| k.is_declarable(&self.kinds)).collect();
        // rows without position, and those at another place than declared
        let declared = register.district.map(|place| &layer.table.columns[place]);
        let by_declaration = |row: usize| declared?.text(row).and_then(|id| self.by_id.get(id)).copied();
        let by_declaration = |row: usize| by_declaration(row).filter(|z| declarable[self.list[*z].kind]);
        let mut declaring: HashMap<usize, Bitmap> = HashMap::new();
        for row in unlocated.iter() {
            for place in std::iter::successors(by_declaration(row), |z| self.list[*z].parent) {
                declaring.entry(place).or_insert_with(|| Bitmap::none(rows)).insert(row);
                self.by_declared.insert(row);
            }
        }
        let mut found = self.holding(rows, |region| layer.within(region));
        for (place, members) in found.iter_mut().enumerate() {
            let kind = self.list[place].kind;
            if declarable[kind] {
                members.add_to(&mut self.by_point);
            }
            if let Some(declaring) = declaring.get(&place) {
                let mut both = declaring.clone();
                members.add_to(&mut both);
                *members = Runs::of(&both);
            }
            members.add_to(&mut self.covered[kind]);
        }
        for row in self.located.iter() {
            if by_declaration(row).is_some_and(|place| !found[place].contains(row)) {
                self.mismatch.insert(row);
            }
        }
        self.list.iter_mut().zip(found).for_each(|(zone, members)| zone.members = members);
        self
    }

    /// Puts down which rows each zone holds, and how they came to theirs.
    pub(super) fn put_members<'a>(&'a self, to: &mut Pieces<'a>) {
        [&self.by_point, &self.by_declared, &self.mismatch].into_iter().for_each(|rows| rows.put(to));
        self.covered.iter().for_each(|rows| rows.put(to));
        self.list.iter().for_each(|zone| zone.members.put(to));
    }

    /// The same zones with the rows of a table as [`Zones::put_members`] has put them down.
    pub(super) fn rejoined(mut self, layer: &Layer, from: &mut Taken) -> Option<Self> {
        let rows = layer.len();
        let set = |from: &mut Taken| Bitmap::take_back(from).filter(|set| set.len() == rows);
        self.located = layer.located();
        (self.by_point, self.by_declared, self.mismatch) = (set(from)?, set(from)?, set(from)?);
        let covered: Option<Vec<Bitmap>> = self.kinds.iter().map(|_| set(from)).collect();
        self.covered = covered?;
        for zone in &mut self.list {
            zone.members = Runs::take_back(from).filter(|members| members.end() <= rows)?;
        }
        Some(self)
    }

    /// Which of so many positions each zone holds; `within` tells which lie in a region.
    fn holding(&self, positions: usize, within: impl Fn(&Region) -> Bitmap) -> Vec<Runs> {
        let mut order: Vec<usize> = (0..self.list.len()).collect();
        order.sort_by_key(|place| self.kinds[self.list[*place].kind].level);
        let mut covered = vec![Bitmap::none(positions); self.kinds.len()];
        let mut found = vec![Runs::default(); self.list.len()];
        for place in order {
            let zone = &self.list[place];
            let mut members = within(&Region::new(&zone.polygon));
            if self.kinds[zone.kind].partition {
                // where two of a partition overlap by a sliver the first one counts
                members.and_not(&covered[zone.kind]);
                if let Some(parent) = zone.parent {
                    members.and(&found[parent].bitmap(positions));
                }
                covered[zone.kind].or(&members);
            }
            found[place] = Runs::of(&members);
        }
        found
    }

    /// The zones that hold each of some points, by their places: by the rule by which rows with a position belong to them.
    pub fn around(&self, points: &[Coord<f64>]) -> Vec<Vec<usize>> {
        let found = self.holding(points.len(), |region| {
            cancel::check();
            Bitmap::from_fn(points.len(), |point| region.contains(points[point].x, points[point].y))
        });
        let mut out = vec![vec![]; points.len()];
        for (zone, members) in found.iter().enumerate() {
            members.iter().for_each(|point| out[point].push(zone));
        }
        out
    }

    /// The place of the kind with this id.
    pub fn kind(&self, id: &str) -> Option<usize> {
        self.kinds.iter().position(|k| k.id == id)
    }

    /// The place of the kind that the collection of role `districts` has.
    pub fn district_kind(&self) -> Option<usize> {
        self.kinds.iter().position(|k| k.districts)
    }

    /// The zones of a kind, with their places.
    pub fn of_kind(&self, kind: usize) -> impl Iterator<Item = (usize, &Zone)> {
        self.list.iter().enumerate().filter(move |(_, z)| z.kind == kind)
    }

    /// The districts, with their places.
    pub fn districts(&self) -> impl Iterator<Item = (usize, &Zone)> {
        self.district_kind().into_iter().flat_map(|kind| self.of_kind(kind))
    }

    /// The zone with this id, with its place.
    pub fn find(&self, id: &str) -> Option<(usize, &Zone)> {
        self.by_id.get(id).map(|&i| (i, &self.list[i]))
    }

    /// Gives the features of collections whose zones have parents a property that holds the parent's id, where they have none
    /// of that name: so items, tiles and files carry it.
    pub(super) fn say_parents(&self, layers: &mut [Layer]) {
        for (place, layer) in layers.iter_mut().enumerate() {
            let with_parents = self.list.iter().any(|z| z.layer == place && z.parent.is_some());
            if !with_parents || layer.spec.property(PARENT).is_some() {
                continue;
            }
            let mut column = ColumnBuilder::new(ColumnType::Text);
            for row in 0..layer.len() {
                let zone = self.find(layer.table.ids.value(row)).filter(|(_, zone)| zone.layer == place);
                let parent = zone.and_then(|(_, zone)| zone.parent).map(|parent| self.list[parent].id.as_str());
                // a text always fits into a column of texts
                let _ = column.push(parent.map_or(Value::Null, Value::Text));
            }
            Arc::make_mut(&mut layer.table).columns.push(column.finish());
            let parent = PropertySpec::text(PARENT, Text::new("上级区域", "Zone above"));
            layer.spec.properties.push(PropertySpec { derived: true, ..parent });
        }
    }

    /// The zones right below a zone, by their places.
    pub fn children(&self, zone: usize) -> impl Iterator<Item = usize> + '_ {
        self.by_parent[zone].iter().map(|place| *place as usize)
    }

    /// The rest with this id: `outside` and `undeclared` of the districts, `outside:<kind>` of another kind,
    /// `outside:<kind>:<zone>` of what lies in the zone above.
    pub fn rest_of_id(&self, id: &str) -> Option<Rest> {
        let mut words = id.splitn(3, ':');
        let word = words.next()?;
        let part = RestPart::ALL.into_iter().find(|part| part.id() == word)?;
        let kind = match words.next() {
            None => self.district_kind(),
            Some(kind) => Some(self.kind(kind).filter(|kind| self.kinds[*kind].partition)?),
        };
        let parent = match words.next() {
            None => None,
            Some(zone) => Some(self.find(zone)?.0),
        };
        Some(Rest { part, kind, parent })
    }

    /// The id of a rest, as [`Zones::rest_of_id`] reads it.
    pub fn id_of_rest(&self, Rest { part, kind, parent }: Rest) -> String {
        let kind = kind.filter(|kind| parent.is_some() || !self.kinds[*kind].districts);
        let words = kind.map(|kind| self.kinds[kind].id.as_str()).into_iter();
        let words = words.chain(parent.map(|parent| self.list[parent].id.as_str()));
        words.fold(part.id().to_owned(), |id, word| id + ":" + word)
    }

    /// The name of a rest.
    pub fn name_of_rest(&self, Rest { part, kind, parent }: Rest) -> Text {
        let term = kind.map(|kind| &self.kinds[kind].term);
        let (zh, all) = term.map_or(("区域", "zones"), |term| (&*term.zh, &*term.plural));
        let (zh, en) = match part {
            RestPart::Outside => (format!("各{zh}之外"), format!("Outside all {all}")),
            RestPart::Undeclared => (format!("未填{zh}且无坐标"), "Neither located nor declared".to_owned()),
        };
        match parent.map(|parent| &self.list[parent]) {
            Some(zone) => Text::new(format!("{}:{zh}", zone.name), format!("{}: {en}", zone.name_en)),
            None => Text::new(zh, en),
        }
    }

    /// The rows of a rest.
    pub fn rest(&self, Rest { part, kind, parent }: Rest) -> Bitmap {
        let len = self.located.len();
        let mut rows = parent.map_or_else(|| Bitmap::all(len), |parent| self.list[parent].members.bitmap(len));
        match part {
            RestPart::Outside => rows.and(&self.located),
            RestPart::Undeclared => rows.and_not(&self.located),
        }
        match (kind, parent) {
            (None, _) => {}
            (Some(kind), None) => {
                if let Some(covered) = self.covered.get(kind) {
                    rows.and_not(covered);
                }
            }
            (Some(kind), Some(parent)) => {
                let children = self.children(parent).map(|place| &self.list[place]).filter(|z| z.kind == kind);
                children.for_each(|child| child.members.take_from(&mut rows));
            }
        }
        rows
    }
}

impl Zone {
    fn new(l: &Layer, layer: usize, row: usize, kind: usize, polygon: MultiPolygon<f64>) -> Self {
        let text = |property| l.text(property, row).map(str::to_owned);
        let basis = text("basis");
        Self {
            id: l.table.ids.value(row).to_owned(),
            name: l.name(row).to_owned(),
            name_en: l.name_en(row).to_owned(),
            kind,
            layer,
            schematic: l.spec.schematic,
            basis,
            status: text("status"),
            source: text("source").map_or_else(|| l.spec.source.clone(), |s| Text::new(&s, &s)),
            bounds: Bounds::of(&polygon.clone().into()),
            label: measure::label_point(&polygon).map(|c| [c.x, c.y]),
            area_km2: measure::area_km2(&polygon),
            members: Runs::default(),
            parent: None,
            polygon: Arc::new(polygon),
        }
    }
}
