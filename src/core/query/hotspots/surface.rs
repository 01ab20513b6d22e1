//! How many rows there are to a square kilometre, as a smooth surface in bands.

use super::places::{Input, naming_kinds};
use super::{CollectionWord, Gate, HotspotChoice, HotspotFeature, HotspotHead, HotspotParameter, Notes, head};
use crate::cancel;
use crate::geometry::{Region, measure, overlay};
use crate::model::Text;
use crate::query::Question;
use crate::query::answer::ZoneName;
use crate::query::engine::Bound;
use crate::query::query_error::QueryError;
use crate::stats::density::{Raster, behind, raster};
use crate::stats::plane::{Metres, Plane};
use crate::stats::scale::{bandwidth, extent, rounded};
use geo::{Coord, LineString, MapCoords, MultiPolygon, Polygon};
use serde::Serialize;

/// Positions a side of the raster at most.
const MOST_SIDE: f64 = 400.0;
/// Bands: each begins at half of the density of the next.
const BANDS: u32 = 6;
/// Peaks that are named.
const PEAKS: usize = 10;

/// Ground of one band of densities.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DensityBand {
    /// Its number, from 0 of the thinnest.
    pub band: u32,
    /// From so many rows to a square kilometre.
    pub from: f64,
    /// To fewer than these; `null` of the densest.
    pub to: Option<f64>,
    /// Its ground in square kilometres.
    pub area_km2: f64,
    /// Rows on it; `null` where they are withheld.
    pub count: Option<u64>,
}

/// A place denser than all around it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DensityPeak {
    /// Longitude and latitude.
    pub position: [f64; 2],
    /// Rows to a square kilometre.
    pub density: f64,
    /// The smallest zone of a partition that holds it.
    pub zone: Option<ZoneName>,
}

/// A surface of densities.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DensitySurface {
    /// `FeatureCollection`.
    #[serde(rename = "type")]
    pub kind: CollectionWord,
    /// What it is of and how it was made.
    #[serde(flatten)]
    pub head: HotspotHead,
    /// Metres between two positions at which the density was found.
    pub step: f64,
    /// The highest density, rows to a square kilometre; `null` where there is none to be shown.
    pub highest: Option<f64>,
    /// The peaks, the densest first.
    pub peaks: Vec<DensityPeak>,
    /// The bands, the thinnest first.
    pub features: Vec<HotspotFeature<DensityBand>>,
}

/// The kernel density of the rows of a question.
pub fn density(bound: &Bound, choice: &HotspotChoice) -> Result<DensitySurface, QueryError> {
    surface(&Input::of(bound)?, choice)
}

/// The same of what was found before.
pub(super) fn surface(input: &Input<'_>, choice: &HotspotChoice) -> Result<DensitySurface, QueryError> {
    let Input { bound, gate, ref metres, .. } = *input;
    let mut out = (Vec::new(), 0.0, None, Vec::new(), Vec::new(), 0);
    if let Some((plane, points)) = metres {
        let plane = *plane;
        let wide = choice.bandwidth.or_else(|| bandwidth(points).map(|h| rounded(h.max(50.0)))).unwrap_or(1000.0);
        let surface = Surface::new(points, wide, gate);
        let (bands, withheld) = surface.bands(points, plane, gate);
        out = (
            vec![said(choice, wide)],
            surface.raster.step,
            surface.highest(),
            surface.peaks(bound, plane)?,
            bands,
            withheld,
        );
    }
    let (parameters, step, highest, peaks, features, withheld) = out;
    let mut notes = Notes::new(bound);
    notes.common(input.counted(), gate.0);
    notes.add(
        "bandwidth",
        "带宽越大越平滑:不同带宽的图不能直接比较;密度是平滑后的估计,不是某一格的实数。",
        "A larger bandwidth is smoother: surfaces of different bandwidths can't be compared, and a density is a smoothed estimate, not a count.",
    );
    notes.add(
        "border",
        "边界不作校正:靠近数据边界处密度偏低;山、水等无法落户的地方也摊到了密度。",
        "Nothing is corrected at borders: near those of the data densities come out low; hills and water get a density, too.",
    );
    Ok(DensitySurface {
        kind: CollectionWord::FeatureCollection,
        head: head(bound, method(bound), parameters, input.counted(), withheld, notes),
        step,
        highest,
        peaks,
        features,
    })
}

fn method(bound: &Bound) -> Text {
    bound.describe().wording().text(
        "核密度,四次核(Silverman 1986):3/(πh²)·(1−d²/h²)²,每{counter}{row}在带宽 h 内摊开,总和等于{row}数;单位为{counter}/平方公里。色带自最高密度起逐级减半。",
        "Kernel density, quartic (Silverman 1986): 3/(πh²)·(1−d²/h²)²; each of the {rows} is spread within the bandwidth h, and they add up to their number; in {rows} to a square kilometre. Each band begins at half of the next.",
    )
}

fn said(choice: &HotspotChoice, wide: f64) -> HotspotParameter {
    HotspotParameter {
        id: "bandwidth",
        title: Text::new("带宽", "Bandwidth"),
        value: wide,
        unit: Text::new("米", "m"),
        derived: choice.bandwidth.is_none().then(|| {
            Text::new(
                "按数据推定:0.9·min(标准距离, √(1/ln2)·中位距离)·n^(−1/5)(Silverman 1986)",
                "from the data: 0.9 min(standard distance, sqrt(1/ln 2) median distance) n^(-1/5) (Silverman 1986)",
            )
        }),
    }
}

struct Surface {
    raster: Raster,
    /// `None` where too few rows are behind it.
    density: Vec<Option<f64>>,
    withheld: u64,
}

impl Surface {
    fn new(points: &[Metres], wide: f64, gate: Gate) -> Self {
        let [width, height] = extent(points);
        let low = [0, 1].map(|axis| points.iter().map(|p| p[axis]).fold(f64::INFINITY, f64::min));
        let step = rounded((wide / 5.0).max((width.max(height) + 2.0 * wide) / MOST_SIDE));
        let side = |length: f64| ((length + 2.0 * wide) / step).ceil() as usize + 1;
        let raster_of =
            Raster { origin: [low[0] - wide, low[1] - wide], step, columns: side(width), rows: side(height) };
        let all = raster(points, wide, raster_of);
        let density: Vec<Option<f64>> = if gate.lets(1) {
            // how many rows are behind a density matters where few of them may not be shown
            all.into_iter().map(Some).collect()
        } else {
            let shown = |(density, number): (f64, u32)| gate.lets(number.into()).then_some(density);
            all.into_iter().zip(behind(points, wide, raster_of)).map(shown).collect()
        };
        let withheld = density.iter().filter(|d| d.is_none()).count() as u64;
        Self { raster: raster_of, density, withheld }
    }

    /// The highest density that is shown.
    fn highest(&self) -> Option<f64> {
        self.density.iter().copied().flatten().reduce(f64::max)
    }

    /// Where bands begin, the thinnest first.
    fn thresholds(&self) -> Vec<f64> {
        let Some(highest) = self.highest().filter(|highest| *highest > 0.0) else { return vec![] };
        // the densest band begins at half of the highest, in two digits
        let top = rounded(highest / 2.0);
        (0..BANDS).rev().map(|step| rounded(top / 2f64.powi(step as i32))).collect()
    }

    fn bands(&self, points: &[Metres], plane: Plane, gate: Gate) -> (Vec<HotspotFeature<DensityBand>>, u64) {
        let from = self.thresholds();
        let band_of = |density: Option<f64>| density.and_then(|d| from.partition_point(|f| *f <= d).checked_sub(1));
        let Raster { columns, rows, step, origin } = self.raster;
        let mut strips: Vec<Vec<MultiPolygon<f64>>> = vec![vec![]; from.len()];
        for row in 0..rows {
            cancel::check();
            let mut column = 0;
            while column < columns {
                let band = band_of(self.density[row * columns + column]);
                let begin = column;
                while column < columns && band_of(self.density[row * columns + column]) == band {
                    column += 1;
                }
                if let Some(band) = band {
                    strips[band].push(strip([begin as f64, row as f64], [column as f64, row as f64 + 1.0]));
                }
            }
        }
        let mut counts = vec![0_u64; from.len()];
        for point in points {
            let place = |axis: usize| ((point[axis] - origin[axis]) / step + 0.5).floor().max(0.0) as usize;
            let (column, row) = (place(0).min(columns - 1), place(1).min(rows - 1));
            if let Some(band) = band_of(self.density[row * columns + column]) {
                counts[band] += 1;
            }
        }
        let mut out = Vec::new();
        for (band, strips) in strips.into_iter().enumerate().filter(|(_, strips)| !strips.is_empty()) {
            cancel::check();
            // cells are squares around their positions
            let degrees = |c: Coord<f64>| {
                Coord::from(plane.degrees([origin[0] + (c.x - 0.5) * step, origin[1] + (c.y - 0.5) * step]))
            };
            let Ok(cells) = overlay::union_all(&strips) else { continue };
            let shape = cells.map_coords(degrees);
            let row = DensityBand {
                band: band as u32,
                from: from[band],
                to: from.get(band + 1).copied(),
                area_km2: measure::area_km2(&shape),
                count: gate.said(counts[band]),
            };
            out.push(HotspotFeature::new(format!("band-{band}"), Some(shape), row));
        }
        (out, self.withheld)
    }

    /// Positions that are denser than the eight around them.
    fn peaks(&self, bound: &Bound, plane: Plane) -> Result<Vec<DensityPeak>, QueryError> {
        let Raster { columns, rows, .. } = self.raster;
        let at = |column: usize, row: usize| self.density[row * columns + column];
        cancel::check();
        let mut found: Vec<(f64, usize, usize)> = Vec::new();
        for row in 1..rows.saturating_sub(1) {
            for column in 1..columns.saturating_sub(1) {
                let Some(own) = at(column, row).filter(|d| *d > 0.0) else { continue };
                let mut near = (row - 1..=row + 1).flat_map(|r| (column - 1..=column + 1).map(move |c| (c, r)));
                // of a plateau the first counts
                let higher = near.any(|(c, r)| {
                    (c, r) != (column, row) && at(c, r).is_some_and(|d| d > own || (d >= own && (r, c) < (row, column)))
                });
                if !higher {
                    found.push((own, column, row));
                }
            }
        }
        found.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.2, a.1).cmp(&(b.2, b.1))));
        found.truncate(PEAKS);
        let mut out: Vec<DensityPeak> = found
            .into_iter()
            .map(|(density, column, row)| {
                let position = plane.degrees(self.raster.position(column, row));
                DensityPeak { position: position.map(|v| (v * 1e6).round() / 1e6), density, zone: None }
            })
            .collect();
        let about = bound.describe();
        for (kind, _) in naming_kinds(bound) {
            for zone in about.zones.iter().filter(|z| z.kind == kind) {
                cancel::check();
                let inside = |p: &DensityPeak| zone.bounds.contains(p.position[0], p.position[1]);
                if !out.iter().any(inside) {
                    continue;
                }
                let asked = match bound.ask(&Question::register().in_zone(&zone.id)) {
                    Err(QueryError::OutOfScope(_)) => continue,
                    other => other?,
                };
                let Some(region) = asked.outline().map(Region::new) else { continue };
                for peak in out.iter_mut().filter(|p| region.contains(p.position[0], p.position[1])) {
                    peak.zone = Some(ZoneName::described(about, zone));
                }
            }
        }
        Ok(out)
    }
}

fn strip(low: [f64; 2], high: [f64; 2]) -> MultiPolygon<f64> {
    let ring: LineString<f64> =
        [(low[0], low[1]), (high[0], low[1]), (high[0], high[1]), (low[0], high[1]), (low[0], low[1])].to_vec().into();
    MultiPolygon(vec![Polygon::new(ring, vec![])])
}
