//! A collection with its rows and how to find them.

use super::order;
use super::points::Points;
use super::shapes::{Shape, Shapes};
use crate::columns::{Bitmap, Column, InPieces, Pieces, Taken, Text};
use crate::geometry::simplify::Position;
use crate::geometry::{Bounds, wkb};
use crate::model::{CollectionSpec, Geometries, Role, Table};
use geo::{Coord, Geometry};
use std::fmt;
use std::sync::Arc;

/// A batch of rows with typed values and geometries, for readers of its columns. Row numbers are places in its table and
/// mean nothing elsewhere.
pub trait RowSource: fmt::Debug + Send + Sync {
    /// What the manifest says about the collection.
    fn spec(&self) -> &CollectionSpec;

    /// The rows: ids, geometries in WGS 84 degrees, a column per property of the collection.
    fn table(&self) -> &Table;

    /// The geometry of a row in the square of the world, prepared for drawing; a collection of geometries has several
    /// parts. Empty for rows of point collections, whose positions are in the table.
    fn shapes(&self, row: usize) -> &[Shape];

    /// Where to write a row's name, in the square of the world; for rows that are no points.
    fn label(&self, row: usize) -> Option<Position>;

    /// The row with this feature id.
    fn find(&self, id: &str) -> Option<usize>;

    /// The id of a row.
    fn id(&self, row: usize) -> &str {
        self.table().ids.value(row)
    }

    /// The text of a property of a row.
    fn text(&self, property: &str, row: usize) -> Option<&str> {
        self.table().columns[self.spec().property(property)?.0].text(row)
    }

    /// The name of a row: the property that the manifest names, else the address of a place, else the id.
    fn name(&self, row: usize) -> &str {
        let name = self.spec().name.as_deref().and_then(|p| self.text(p, row));
        let address = || self.text(self.spec().places.as_ref()?.address.as_deref()?, row);
        name.or_else(address).unwrap_or_else(|| self.id(row))
    }

    /// The English name of a row, else its name.
    fn name_en(&self, row: usize) -> &str {
        let name = self.spec().name_en.as_deref().and_then(|p| self.text(p, row));
        name.unwrap_or_else(|| self.name(row))
    }
}

/// A collection with its rows and how to find them. A copy shares its rows and indexes.
#[derive(Clone, Debug)]
pub struct Layer {
    /// What the manifest says.
    pub(crate) spec: CollectionSpec,
    /// The rows; those of a point collection in Hilbert order, unlocated ones last.
    pub(crate) table: Arc<Table>,
    /// How to find rows in space.
    pub(crate) index: Arc<Index>,
    /// Box around all rows.
    pub(crate) bounds: Bounds,
    by_id: Arc<[u32]>,
}

/// How to find rows in space.
#[derive(Debug)]
pub enum Index {
    /// A collection of points: runs of the Hilbert order.
    Points(Points),
    /// Anything else: an R-tree.
    Shapes(Shapes),
}

impl RowSource for Layer {
    fn spec(&self) -> &CollectionSpec {
        &self.spec
    }

    fn table(&self) -> &Table {
        &self.table
    }

    fn find(&self, id: &str) -> Option<usize> {
        self.row(id)
    }

    fn shapes(&self, row: usize) -> &[Shape] {
        if let Index::Shapes(shapes) = &*self.index { shapes.shape(row) } else { &[] }
    }

    fn label(&self, row: usize) -> Option<Position> {
        if let Index::Shapes(shapes) = &*self.index { shapes.label(row) } else { None }
    }
}

impl Layer {
    pub(super) fn new(spec: CollectionSpec, table: Table) -> Self {
        let (table, index, by_id) = match table.geometries {
            Geometries::Points { .. } => {
                let (order, points) = Points::new(&table.geometries);
                let table = order::take(table, &order);
                let by_id = order::by_id(&table.ids, Some(&order));
                (table, Index::Points(points), by_id)
            }
            Geometries::Any(ref geometries) => {
                // statistics count every row of the register that lies anywhere
                let shapes = Shapes::new(geometries, spec.role == Role::Register);
                let by_id = order::by_id(&table.ids, None);
                (table, Index::Shapes(shapes), by_id)
            }
        };
        let mut bounds = Bounds::EMPTY;
        match &table.geometries {
            Geometries::Points { lon, lat, located } => {
                located.iter().for_each(|row| bounds.extend(Coord { x: lon[row], y: lat[row] }));
            }
            Geometries::Any(rows) => rows.iter().flatten().for_each(|g| bounds.join(&Bounds::of(g))),
        }
        Self { spec, table: Arc::new(table), index: Arc::new(index), bounds, by_id: by_id.into() }
    }

    /// Puts down rows and indexes, with so many of the columns; `None` where they would not come back the same.
    pub(super) fn put<'a>(&'a self, columns: usize, to: &mut Pieces<'a>) -> Option<()> {
        let Bounds { west, south, east, north } = self.bounds;
        to.give(vec![west, south, east, north]);
        to.lend(&self.by_id);
        self.table.ids.put(to);
        to.count(columns);
        self.table.columns.get(..columns)?.iter().for_each(|column| column.put(to));
        match (&self.table.geometries, &*self.index) {
            (Geometries::Points { lon, lat, located }, Index::Points(points)) => {
                to.count(0);
                to.lend(lon);
                to.lend(lat);
                located.put(to);
                points.put(to);
            }
            (Geometries::Any(geometries), Index::Shapes(_)) => {
                to.count(1);
                let (mut all, mut lengths) = (Vec::new(), Vec::with_capacity(geometries.len()));
                for geometry in geometries {
                    let start = all.len();
                    if let Some(geometry) = geometry {
                        wkb::write(&mut all, geometry);
                        let same = wkb::read(&all[start..]).is_some_and(|(read, _)| read == *geometry);
                        same.then_some(())?;
                    }
                    lengths.push((all.len() - start) as u64);
                }
                to.give(lengths);
                to.give(all);
            }
            _ => return None,
        }
        Some(())
    }

    /// Takes back what [`Layer::put`] has put down.
    pub(super) fn take_back(spec: CollectionSpec, from: &mut Taken) -> Option<Self> {
        let bounds = Bounds::from_array(from.exactly(4)?.try_into().ok()?);
        let by_id: Vec<u32> = from.numbers()?;
        let ids = Text::take_back(from)?;
        let rows = ids.len();
        let count = from.count().filter(|count| *count == spec.properties.len())?;
        let columns: Option<Vec<Column>> = (0..count).map(|_| Column::take_back(from)).collect();
        let columns = columns.filter(|columns| columns.iter().all(|column| column.len() == rows))?;
        let (geometries, index) = match from.count()? {
            0 => {
                let (lon, lat) = (from.exactly(rows)?, from.exactly(rows)?);
                let located = Bitmap::take_back(from).filter(|located| located.len() == rows)?;
                let points = Points::take_back(from)?;
                // located rows come first
                let first = points.located();
                (first == located.count() && located.range(0, first).count() == first).then_some(())?;
                (Geometries::Points { lon, lat, located }, Index::Points(points))
            }
            1 => {
                let lengths: Vec<u64> = from.exactly(rows)?;
                let all: Vec<u8> = from.numbers()?;
                let (mut rest, mut geometries) = (all.as_slice(), Vec::with_capacity(rows));
                for length in lengths {
                    let (one, others) = rest.split_at_checked(usize::try_from(length).ok()?)?;
                    geometries.push(if one.is_empty() { None } else { Some(wkb::read(one)?.0) });
                    rest = others;
                }
                rest.is_empty().then_some(())?;
                let shapes = Shapes::new(&geometries, spec.role == Role::Register);
                (Geometries::Any(geometries), Index::Shapes(shapes))
            }
            _ => return None,
        };
        let known = by_id.len() == rows && by_id.iter().all(|row| (*row as usize) < rows);
        let table = Arc::new(Table { ids, geometries, columns });
        known.then(|| Self { spec, table, index: Arc::new(index), bounds, by_id: by_id.into() })
    }

    /// The layer under what a manifest says of it for one table of the dataset. Properties that the preparation added stay.
    pub(super) fn under(&self, spec: &CollectionSpec) -> Self {
        let mut spec = spec.clone();
        spec.properties.extend(self.spec.properties.iter().skip(spec.properties.len()).cloned());
        Self { spec, ..self.clone() }
    }

    /// Rows.
    pub fn len(&self) -> usize {
        self.table.ids.len()
    }

    /// Bytes that rows and indexes take, geometries other than points apart.
    pub fn bytes(&self) -> usize {
        let index = if let Index::Points(points) = &*self.index { points.bytes() } else { 0 };
        self.table.bytes() + size_of_val(&*self.by_id) + index
    }

    /// Where a row lies, in degrees: its point, and of areas and lines of the register the point that stands for them
    /// (`assign` of the manifest).
    pub fn place(&self, row: usize) -> Option<Coord<f64>> {
        match (&self.table.geometries, &*self.index) {
            (Geometries::Points { lon, lat, located }, _) => {
                located.contains(row).then(|| Coord { x: lon[row], y: lat[row] })
            }
            (Geometries::Any(geometries), Index::Shapes(shapes)) => match &geometries[row] {
                Some(Geometry::Point(p)) => Some(p.0),
                _ => shapes.place(row),
            },
            (Geometries::Any(_), Index::Points(_)) => None,
        }
    }

    /// The row with this feature id.
    pub fn row(&self, id: &str) -> Option<usize> {
        let at =
            self.by_id.binary_search_by(|r| order::key(self.table.ids.value(*r as usize)).cmp(&order::key(id))).ok()?;
        Some(self.by_id[at] as usize)
    }
}
