//! What a city says of itself to everybody, in all its answers of a kind: rows and sums of the whole and of the zones of each level
//! that divides it, by class and period, and rows in the cells of tiles. It is what the city's own gate lets out to who sees sums
//! only; what it withholds is marked as withheld here, and stays so.

use super::packed::{Packer, Unpacker};
use super::sums::{ClassOf, MetricOf, Sum};
use crate::core::cancel;
use crate::core::geometry::Bounds;
use crate::core::geometry::mercator::{MAX_ZOOM, TileId};
use crate::core::model::{MetricSpec, Period, Text, ZoneKind};
use crate::core::query::{
    Amounts, Bound, ClusterCount, ClusterRow, Detail, Disclosure, QueryError, Question, Summary, ZoneRow,
};
use crate::core::snapshot::{Class, Snapshot};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use twox_hash::XxHash3_64;

/// The form in which it is kept.
pub(super) const FORM: u32 = 1;
/// Cells a side of the tile whose cells are kept together, as a power of two: those of `cells=8`.
pub const CELL_BITS: u8 = 3;
/// The deepest zoom of tiles over all cities; from the next on rows are in the city's own.
pub const DEEPEST_TILE: u8 = 13;
/// Figures of a city at most; levels of more are left out, and it is said so.
const MOST_FIGURES: usize = 8_000_000;
/// Rows of a tile that are looked at one by one.
const ROWS_AT_ONCE: usize = 100_000;
/// Stands for rows of no class that has a code.
const NO_CLASS: u16 = u16::MAX;

/// What is known of a city beside the figures.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct CityAbout {
    pub(super) form: u32,
    /// Revision of the data.
    pub revision: String,
    /// Digest of the figures of the whole: the same data have others where the noise in protected figures is another.
    pub mark: String,
    /// Id of the main table.
    pub table: String,
    /// What a row is called.
    pub row: Text,
    pub(super) metrics: Vec<Metric>,
    /// The classes that have a code.
    pub classes: Vec<ClassOf>,
    pub(super) periods: Vec<PeriodOf>,
    /// The levels of zones that divide the whole.
    pub levels: Vec<Level>,
    /// The level where none is named.
    pub usual: Option<String>,
    /// Levels that have too many zones to be kept.
    pub left_out: Vec<String>,
    /// West, south, east, north of the data in degrees, where there are any with a position.
    pub extent: Option<[f64; 4]>,
}

/// A metric, in the manifest's order.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub(super) struct Metric {
    id: String,
    unit: Text,
    decimals: u8,
}

/// A period that can be asked for (none: the latest of each figure), and of which period each metric then is.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub(super) struct PeriodOf {
    asked: Option<Period>,
    metrics: Vec<Option<Period>>,
}

/// Zones of a kind that divide the whole.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Level {
    /// Id of the kind.
    pub id: String,
    /// Its title.
    pub title: Text,
    /// The zones, and what none of them holds.
    pub zones: Vec<ZoneOf>,
}

/// A zone, or what no zone holds.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct ZoneOf {
    /// Its id in the city; `outside` and `undeclared` for what no zone holds.
    pub id: String,
    /// Name.
    pub name: String,
    /// English name.
    pub name_en: String,
    /// Id of the zone above it.
    pub parent: Option<String>,
    /// Whether it is what no zone holds.
    pub rest: bool,
}

impl CityAbout {
    /// The metrics as figures of an asked period are of them; none where there are no figures of it.
    pub fn metrics(&self, asked: Option<Period>) -> Option<Vec<MetricOf>> {
        let of = self.periods.iter().find(|of| of.asked == asked)?;
        let metric = |(metric, period): (&Metric, &Option<Period>)| MetricOf {
            id: metric.id.clone(),
            unit_zh: metric.unit.zh.clone(),
            unit_en: metric.unit.en.clone(),
            period: *period,
        };
        Some(self.metrics.iter().zip(&of.metrics).map(metric).collect())
    }

    /// The zones of a level.
    pub fn level(&self, id: &str) -> Option<&Level> {
        self.levels.iter().find(|level| level.id == id)
    }

    /// Whether it is of these data, with the noise that their protected figures have.
    pub fn is_of(&self, snapshot: &Arc<Snapshot>) -> Result<bool, QueryError> {
        let of = Whole::of(snapshot, None)?;
        Ok(self.revision == snapshot.describe().revision && of.is_some_and(|of| of.mark() == self.mark))
    }
}

/// Rows and sums of one area.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line {
    /// Rows.
    pub rows: u64,
    /// The sum of each metric.
    pub sums: Vec<Sum>,
}

/// Lines of one level (none: the whole), period and class (none: all rows).
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Table {
    pub(super) level: Option<String>,
    pub(super) period: Option<Period>,
    pub(super) class: Option<usize>,
    /// The zones of the level in their order; the whole last.
    pub(super) lines: Vec<Line>,
}

impl Table {
    /// The lines as bytes: a sum is 0 where there is none, 1 where it is withheld, else 2 and the sum.
    pub(super) fn pack(&self, place: &str) -> Vec<u8> {
        let mut packer = Packer::default();
        for line in &self.lines {
            packer.number(line.rows);
            for sum in &line.sums {
                match sum.units {
                    Some(units) => {
                        packer.number(2);
                        packer.signed(units);
                    }
                    None => packer.number(sum.withheld.into()),
                }
            }
        }
        packer.finish(place)
    }

    /// The lines of a city out of bytes; none where they are not what was kept in the place.
    pub(super) fn unpack(bytes: &[u8], place: &str, about: &CityAbout) -> Option<Vec<Line>> {
        let (mut from, mut lines) = (Unpacker::open(bytes, place)?, Vec::new());
        while !from.is_empty() {
            let rows = from.number()?;
            let mut sums = Vec::with_capacity(about.metrics.len());
            for Metric { decimals, .. } in &about.metrics {
                let of = |units, withheld| Sum { units, decimals: *decimals, withheld };
                sums.push(match from.number()? {
                    0 => of(None, false),
                    1 => of(None, true),
                    2 => of(Some(from.signed()?), false),
                    _ => return None,
                });
            }
            lines.push(Line { rows, sums });
        }
        Some(lines)
    }
}

/// Rows in the cells of a tile.
#[derive(Clone, Debug, PartialEq)]
pub struct TileCells {
    /// The tile.
    pub tile: TileId,
    /// The cells that hold rows.
    pub cells: Vec<CellRows>,
}

/// Rows of a cell.
#[derive(Clone, Debug, PartialEq)]
pub struct CellRows {
    /// Its column and row in the tile.
    pub at: (u32, u32),
    /// All rows.
    pub rows: u64,
    /// Rows of classes, by their places in [`CityAbout::classes`].
    pub classes: Vec<(usize, u64)>,
}

impl TileCells {
    pub(super) fn pack(&self, place: &str) -> Vec<u8> {
        let mut packer = Packer::default();
        for cell in &self.cells {
            packer.number(u64::from(cell.at.0 | cell.at.1 << CELL_BITS));
            packer.number(cell.rows);
            packer.number(cell.classes.len() as u64);
            for (class, rows) in &cell.classes {
                packer.number(*class as u64);
                packer.number(*rows);
            }
        }
        packer.finish(place)
    }

    pub(super) fn unpack(bytes: &[u8], place: &str, tile: TileId, about: &CityAbout) -> Option<Self> {
        let (mut from, mut cells) = (Unpacker::open(bytes, place)?, Vec::new());
        while !from.is_empty() {
            let at = u32::try_from(from.number()?).ok().filter(|at| *at < 1 << (2 * CELL_BITS))?;
            let (rows, n) = (from.number()?, from.number()?);
            let class = |_| {
                let class = usize::try_from(from.number()?).ok().filter(|class| *class < about.classes.len())?;
                Some((class, from.number()?))
            };
            let classes = (0..n).map(class).collect::<Option<_>>()?;
            let side = (1 << CELL_BITS) - 1;
            cells.push(CellRows { at: (at & side, at >> CELL_BITS), rows, classes });
        }
        Some(Self { tile, cells })
    }
}

/// All figures of a city.
#[derive(Clone, Debug)]
pub struct CityFigures {
    /// What is known of it beside them.
    pub about: CityAbout,
    pub(super) tables: Vec<Table>,
    pub(super) tiles: Vec<TileCells>,
}

impl CityFigures {
    /// What a city says to who sees sums only; none where it has no table that is counted.
    pub fn of(snapshot: &Arc<Snapshot>) -> Result<Option<Self>, QueryError> {
        let about = snapshot.describe();
        let (Some(latest), Some(table)) = (Whole::of(snapshot, None)?, about.tables.first()) else { return Ok(None) };
        let classes = latest.classes();
        let asked: Vec<Option<Period>> =
            std::iter::once(None).chain(about.periods().iter().rev().copied().map(Some)).collect();
        let (mut periods, mut tables) = (Vec::new(), Vec::new());
        for period in &asked {
            cancel::check();
            let Some(whole) = Whole::of(snapshot, *period)? else { continue };
            periods.push(PeriodOf { asked: *period, metrics: whole.periods() });
            tables.extend(whole.tables(&classes));
        }
        let (mut levels, mut left_out, mut figures) = (Vec::new(), Vec::new(), 0);
        for (place, kind) in about.zone_kinds.iter().enumerate().filter(|(_, kind)| kind.partition) {
            let zones = about.zones.iter().filter(|zone| zone.kind == place).count();
            figures += (zones + 3) * (1 + classes.len()) * (1 + latest.specs.len()) * asked.len();
            if figures > MOST_FIGURES {
                left_out.push(kind.id.clone());
                continue;
            }
            let (level, of_level) = of_level(snapshot, kind, &asked, (&classes, latest.specs))?;
            levels.push(level);
            tables.extend(of_level);
        }
        let first = levels.first().map(|level| level.id.clone());
        let usual = about.usual_kind().map(|kind| kind.id.clone());
        let metric =
            |spec: &MetricSpec| Metric { id: spec.id.clone(), unit: spec.unit.clone(), decimals: spec.decimals };
        let tiles = tiles(snapshot, &classes)?;
        let known = CityAbout {
            form: FORM,
            revision: about.revision.clone(),
            mark: latest.mark(),
            table: table.id.clone(),
            row: Text::new(&table.row.zh, &table.row.en),
            metrics: latest.specs.iter().map(metric).collect(),
            classes,
            periods,
            usual: usual.filter(|id| levels.iter().any(|level| level.id == *id)).or(first),
            levels,
            left_out,
            extent: Some(about.bounds).filter(|bounds| !bounds.is_empty()).map(Bounds::to_array),
        };
        Ok(Some(Self { about: known, tables, tiles }))
    }
}

/// The answer about the whole.
struct Whole<'a> {
    specs: &'a [MetricSpec],
    period: Option<Period>,
    summary: Summary,
}

impl<'a> Whole<'a> {
    fn of(snapshot: &'a Arc<Snapshot>, period: Option<Period>) -> Result<Option<Self>, QueryError> {
        let Some(register) = snapshot.describe().register() else { return Ok(None) };
        let specs = register.spec.register.as_ref().map_or(&[][..], |register| &register.metrics);
        let summary = Question::register().in_period(period).bind(snapshot, Disclosure::Aggregates)?.summarize()?;
        Ok(Some(Self { specs, period, summary }))
    }

    fn classes(&self) -> Vec<ClassOf> {
        let class = |row: &ClusterRow| {
            let (code, Text { zh, en }) = (row.code.clone()?, row.name.clone());
            Some(ClassOf { code, zh, en })
        };
        self.summary.clusters.iter().filter(|row| row.part.is_none()).filter_map(class).collect()
    }

    /// The period of each metric.
    fn periods(&self) -> Vec<Option<Period>> {
        self.specs.iter().map(|spec| self.summary.totals.get(&spec.id)?.period).collect()
    }

    /// All rows, and those of each class.
    fn tables(&self, classes: &[ClassOf]) -> Vec<Table> {
        let Self { specs, period, summary } = self;
        let table = |class, line| Table { level: None, period: *period, class, lines: vec![line] };
        let all = Line { rows: summary.counts.matched, sums: sums(specs, &summary.totals) };
        let mut tables = vec![table(None, all)];
        for (place, class) in classes.iter().enumerate() {
            let row = summary.clusters.iter().find(|row| row.part.is_none() && row.code.as_ref() == Some(&class.code));
            let line =
                row.map_or_else(|| nothing(specs), |row| Line { rows: row.count, sums: sums(specs, &row.amounts) });
            tables.push(table(Some(place), line));
        }
        tables
    }

    fn mark(&self) -> String {
        let packed = self.tables(&self.classes()).into_iter().flat_map(|table| table.pack("mark"));
        format!("{:016x}", XxHash3_64::oneshot(&packed.collect::<Vec<u8>>()))
    }
}

/// The zones of a kind in all periods: one answer of the city for each, with the sums of classes in it.
fn of_level(
    snapshot: &Arc<Snapshot>,
    kind: &ZoneKind,
    periods: &[Option<Period>],
    (classes, specs): (&[ClassOf], &[MetricSpec]),
) -> Result<(Level, Vec<Table>), QueryError> {
    let (mut level, mut tables) =
        (Level { id: kind.id.clone(), title: kind.title.clone(), zones: Vec::new() }, Vec::new());
    for period in periods {
        cancel::check();
        let question = Question::register().in_period(*period).of_kind(Some(kind.id.clone())).with_statistics(true);
        let answer = question.bind(snapshot, Disclosure::Aggregates)?.zones()?;
        let zone = |rest: bool| {
            move |zone: &ZoneRow| ZoneOf {
                id: zone.id.clone(),
                name: zone.name.clone(),
                name_en: zone.name_en.clone(),
                parent: zone.parent.clone(),
                rest,
            }
        };
        // the same zones in each period
        level.zones = answer.zones.iter().map(zone(false)).chain(answer.rest.iter().map(zone(true))).collect();
        let zones = answer.zones.iter().chain(&answer.rest).map(|zone| (zone.count, &zone.amounts, &zone.clusters));
        let areas: Vec<_> = zones.chain([(answer.city.count, &answer.city.amounts, &answer.city.clusters)]).collect();
        let table = |class, lines| Table { level: Some(kind.id.clone()), period: *period, class, lines };
        let all = areas.iter().map(|(rows, amounts, _)| Line { rows: *rows, sums: sums(specs, amounts) });
        tables.push(table(None, all.collect()));
        for (place, class) in classes.iter().enumerate() {
            let is = |row: &&ClusterCount| row.part.is_none() && row.code.as_ref() == Some(&class.code);
            let of = |row: &ClusterCount| Line { rows: row.count, sums: sums(specs, &row.amounts) };
            let lines = areas.iter().map(|(_, _, rows)| rows.iter().find(is).map_or_else(|| nothing(specs), of));
            tables.push(table(Some(place), lines.collect()));
        }
    }
    Ok((level, tables))
}

fn nothing(specs: &[MetricSpec]) -> Line {
    Line { rows: 0, sums: sums(specs, &Amounts::new()) }
}

fn sums(specs: &[MetricSpec], amounts: &Amounts) -> Vec<Sum> {
    let of = |spec: &MetricSpec| {
        let (decimals, amount) = (spec.decimals, amounts.get(&spec.id));
        Sum {
            // a sum has at most 15 digits, so none is lost
            units: amount.and_then(|a| a.sum).map(|sum| (sum * 10_f64.powi(i32::from(decimals))).round() as i64),
            decimals,
            withheld: amount.is_some_and(|a| a.withheld),
        }
    };
    specs.iter().map(of).collect()
}

/// The rows of each cell of the tiles of all zooms, from the deepest up; none of a table that is no collection of points.
fn tiles(snapshot: &Arc<Snapshot>, classes: &[ClassOf]) -> Result<Vec<TileCells>, QueryError> {
    let bound = Question::register().bind(snapshot, Disclosure::Aggregates)?;
    let about = bound.describe();
    if !about.collections[bound.collection()].points {
        return Ok(Vec::new());
    }
    let place = |class: &Class| {
        let is = |of: &ClassOf| class.part.is_none() && class.code.as_ref() == Some(&of.code);
        classes.iter().position(is).map_or(NO_CLASS, |place| place as u16)
    };
    let places: Vec<u16> = bound.classes().list().iter().map(place).collect();
    let mut cells: FxHashMap<Cell, u64> = FxHashMap::default();
    let shift = 32 - u32::from(DEEPEST_TILE + CELL_BITS);
    count(&bound, &mut |at, class| {
        let class = places.get(class).copied().unwrap_or(NO_CLASS);
        *cells.entry((at.0 >> shift, at.1 >> shift, class)).or_default() += 1;
    });
    let mut tiles = Vec::new();
    for z in (0..=DEEPEST_TILE).rev() {
        tiles.extend(in_tiles(z, &cells));
        let mut above: FxHashMap<Cell, u64> = FxHashMap::default();
        cells.iter().for_each(|((x, y, class), rows)| *above.entry((x >> 1, y >> 1, *class)).or_default() += rows);
        cells = above;
    }
    Ok(tiles)
}

/// Column and row of a cell in the world, and the place of a class.
type Cell = (u32, u32, u16);

/// A tile, a cell in it, the place of a class, and rows.
type InTile = ((u32, u32), (u32, u32), u16, u64);

/// Tells position and class of each row that a map shows as a dot.
fn count(bound: &Bound, row: &mut impl FnMut((u32, u32), usize)) {
    let mut left: Vec<TileId> = TileId::new(0, 0, 0).into_iter().collect();
    while let Some(tile) = left.pop() {
        cancel::check();
        let below = tile.z + CELL_BITS;
        let detail = if below <= MAX_ZOOM { Detail::RowsUpTo(ROWS_AT_ONCE, CELL_BITS) } else { Detail::Rows };
        let Some(points) = bound.points(tile, detail) else { continue };
        for mark in points.marks() {
            let shift = 32 - u32::from(below);
            match TileId::new(below, mark.at.0 >> shift, mark.at.1 >> shift) {
                Some(tile) if points.bits().is_some() && mark.count > 1 => left.push(tile),
                _ => row(mark.at, mark.cluster),
            }
        }
    }
}

/// The tiles of a zoom with their cells.
fn in_tiles(z: u8, cells: &FxHashMap<Cell, u64>) -> Vec<TileCells> {
    let side = (1 << CELL_BITS) - 1;
    let mut all: Vec<InTile> = cells
        .iter()
        .map(|((x, y, class), rows)| ((x >> CELL_BITS, y >> CELL_BITS), (x & side, y & side), *class, *rows))
        .collect();
    all.sort_unstable();
    let cell = |rows: &[InTile]| CellRows {
        at: rows[0].1,
        rows: rows.iter().map(|of| of.3).sum(),
        classes: rows.iter().filter(|of| of.2 != NO_CLASS).map(|of| (usize::from(of.2), of.3)).collect(),
    };
    let tile = |rows: &[InTile]| {
        let (x, y) = rows[0].0;
        Some(TileCells { tile: TileId::new(z, x, y)?, cells: rows.chunk_by(|a, b| a.1 == b.1).map(cell).collect() })
    };
    all.chunk_by(|a, b| a.0 == b.0).filter_map(tile).collect()
}
