//! Dense areas: where rows lie closer together than elsewhere, set against the areas that were planned.

use super::places::{Input, Places, naming_kinds, planned_kinds};
use super::{
    CollectionWord, DenseMethod, Gate, HotspotChoice, HotspotFeature, HotspotHead, HotspotParameter, Notes, head,
};
use crate::cancel::{self, Pace};
use crate::geometry::{measure, overlay};
use crate::model::{Role, Text};
use crate::query::Question;
use crate::query::answer::{AreaKind, ZoneName};
use crate::query::engine::Bound;
use crate::query::query_error::QueryError;
use crate::stats::dense::{Clusters, dbscan};
use crate::stats::hierarchy::{Asked, Stage, watched};
use crate::stats::plane::{Metres, Plane};
use crate::stats::quotient::{Counts, QuotientTest};
use crate::stats::scale::{extent, neighbour_distance, rounded};
use geo::{ConvexHull, Coord, MultiPoint, MultiPolygon, Polygon};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The part of rows that have enough others within the distance where nobody chose one.
const CORE_PART: f64 = 0.25;
/// Metres below which HDBSCAN* takes distances for this one: towers of one address are no areas of their own.
const NEAREST: f64 = 50.0;
/// Rows whose hull is found at a time.
const PART: usize = 1 << 14;
/// Corners of the circles by which outlines go beyond the outermost rows.
const CORNERS: u32 = 16;

/// A part of a dense area in a zone.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ZonePart {
    /// The zone.
    #[serde(flatten)]
    pub zone: ZoneName,
    /// Rows of the area in it.
    pub count: u64,
}

/// The class that most rows of a dense area are of.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LeadClass {
    /// Code.
    pub code: String,
    /// Name.
    pub name: Text,
    /// Rows of it in the area.
    pub count: u64,
    /// Its share of the rows of the area, 0 to 1.
    pub share: f64,
    /// Location quotient: that share over the one among all rows in question.
    pub lq: Option<f64>,
    /// How sure the quotient is.
    pub lq_test: Option<QuotientTest>,
}

/// What is found of a dense area.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AreaFinding {
    /// All of its rows lie in planned areas.
    Planned,
    /// Some do.
    PartlyPlanned,
    /// None does: the plan misses it.
    Missed,
    /// There is nothing planned to compare it with.
    NotCompared,
}

/// A dense area.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HotArea {
    /// Its rank by number of rows, from 1; `null` where it is withheld.
    pub rank: Option<u32>,
    /// What it is called: by the zone that most of its rows lie in.
    pub name: Text,
    /// The zones that its rows lie in, from the largest kind to the smallest, and within one kind by number of rows.
    pub zones: Vec<ZonePart>,
    /// Rows; `null` where they are withheld.
    pub count: Option<u64>,
    /// Of them, those with enough others within the distance.
    pub core: Option<u64>,
    /// Addresses: rows at one place count once.
    pub places: Option<u64>,
    /// Area of the outline in square kilometres.
    pub area_km2: Option<f64>,
    /// Rows to a square kilometre of it.
    pub density: Option<f64>,
    /// The class that most of its rows are of.
    pub lead: Option<LeadClass>,
    /// Rows in planned areas.
    pub planned: Option<u64>,
    /// Rows in none.
    pub missed: Option<u64>,
    /// The planned areas that hold any of its rows, those with most first.
    pub in_planned: Vec<ZonePart>,
    /// What is found of it.
    pub finding: AreaFinding,
    /// Whether it has too few rows to be shown.
    pub withheld: bool,
}

/// A planned area beside the dense ones.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PlannedArea {
    /// The zone.
    #[serde(flatten)]
    pub zone: ZoneName,
    /// Whether its outline is schematic (示意).
    pub schematic: bool,
    /// `existing`, `planned` or `later`, where the data says so.
    pub status: Option<String>,
    /// Rows in it; `null` where they are withheld.
    pub count: Option<u64>,
    /// Of them, those in dense areas.
    pub dense: Option<u64>,
    /// Its area in square kilometres, as far as it lies in the area in question; `null` where that could not be found.
    pub area_km2: Option<f64>,
    /// Of that, what lies in no dense area: ground without a concentration of rows. `null` where it could not be found.
    pub empty_km2: Option<f64>,
    /// Whether that holds no row at all.
    pub without_rows: bool,
}

/// Dense areas.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HotAreas {
    /// `FeatureCollection`.
    #[serde(rename = "type")]
    pub kind: CollectionWord,
    /// What it is of and how it was made.
    #[serde(flatten)]
    pub head: HotspotHead,
    /// The kind of the planned areas, as `/dataset` lists it; `null` where there are none.
    pub against: Option<String>,
    /// The kinds that it can be set against.
    pub kinds: Vec<String>,
    /// Rows in dense areas that are shown.
    pub dense: u64,
    /// Of the rows in dense areas those in no planned area; `null` without planned areas.
    pub missed: Option<u64>,
    /// Planned areas that meet the area in question, those with most ground outside of dense areas first.
    pub planned: Vec<PlannedArea>,
    /// The dense areas, those with most rows first; what is withheld comes last.
    pub features: Vec<HotspotFeature<HotArea>>,
}

/// Dense areas among the rows of a question: DBSCAN, exact, in metres.
pub fn hot_areas(bound: &Bound, choice: &HotspotChoice) -> Result<HotAreas, QueryError> {
    watched_areas(bound, choice, &mut |_| ())
}

/// [`hot_areas`], telling what is begun: `positions`, `areas` or, by HDBSCAN*, `reaches`, `tree` and `hierarchy`, at last `outlines`.
pub fn watched_areas(
    bound: &Bound,
    choice: &HotspotChoice,
    tell: &mut dyn FnMut(&'static str),
) -> Result<HotAreas, QueryError> {
    tell("positions");
    told_areas(&Input::of(bound)?, choice, tell)
}

/// The same of what was found before.
pub(super) fn areas(input: &Input<'_>, choice: &HotspotChoice) -> Result<HotAreas, QueryError> {
    told_areas(input, choice, &mut |_| ())
}

fn told_areas(
    input: &Input<'_>,
    choice: &HotspotChoice,
    tell: &mut dyn FnMut(&'static str),
) -> Result<HotAreas, QueryError> {
    let Input { bound, gate, ref places, ref metres } = *input;
    let kind = against(bound, choice)?;
    let mut out = Vec::new();
    let (mut parameters, mut planned, mut missed, mut dense) = (Vec::new(), Vec::new(), None, 0);
    if let Some((plane, points)) = metres {
        let (clusters, distance);
        (clusters, distance, parameters) = choice.method.find(points, choice, tell);
        tell("outlines");
        let found = Found { bound, places, plane: *plane, points, distance, clusters: &clusters };
        let held = kind.map(|kind| places.by_zone(bound, kind)).transpose()?;
        let groups = found.groups();
        out = found.areas(&groups, held.as_deref(), gate)?;
        dense = out.iter().filter_map(|f| f.properties.count).sum();
        if let Some(held) = &held {
            missed = Some(out.iter().filter_map(|f| f.properties.missed).sum());
            planned = found.planned(held, &out, gate)?;
        }
    }
    let withheld = out.iter().filter(|f| f.properties.withheld).count() as u64;
    let mut notes = Notes::new(bound);
    notes.common(input.counted(), gate.0);
    say(&mut notes, choice.method, kind.is_some());
    if planned.iter().any(|area| area.schematic) {
        notes.add(
            "schematic",
            "示意的范围只作示意,不能据以认定在规划内或规划外。",
            "A schematic outline proves nothing about what is planned.",
        );
    }
    let about = bound.describe();
    Ok(HotAreas {
        kind: CollectionWord::FeatureCollection,
        head: head(bound, choice.method.said(bound), parameters, input.counted(), withheld, notes),
        against: kind.map(|kind| about.zone_kinds[kind].id.clone()),
        kinds: planned_kinds(bound).into_iter().map(|(_, k)| k.id.clone()).collect(),
        dense,
        missed,
        planned,
        features: out,
    })
}

impl DenseMethod {
    /// The clusters, the distance by half of which outlines are wider, and what they were made with.
    fn find(
        self,
        points: &[Metres],
        choice: &HotspotChoice,
        tell: &mut dyn FnMut(&'static str),
    ) -> (Clusters, f64, Vec<HotspotParameter>) {
        let least = choice.least.unwrap_or_else(|| usual_least(points.len()));
        match self {
            Self::Dbscan => {
                tell("dense");
                let distance = choice.distance.unwrap_or_else(|| usual_distance(points, least));
                (dbscan(points, distance, least), distance, said(choice, distance, least))
            }
            Self::Hdbscan => {
                let smallest = choice.smallest.unwrap_or_else(|| usual_smallest(points.len()));
                let mut tell = |stage| {
                    tell(match stage {
                        Stage::Reaches => "reaches",
                        Stage::Tree => "tree",
                        Stage::Hierarchy => "hierarchy",
                    });
                };
                let found = watched(points, Asked { least, smallest, nearest: NEAREST }, &mut tell);
                (found, NEAREST, said_of_hierarchy(choice, smallest, least))
            }
        }
    }

    fn said(self, bound: &Bound) -> Text {
        let words = bound.describe().wording();
        match self {
            Self::Dbscan => words.text(
                "DBSCAN(Ester 等 1996),精确计算:一{counter}{row}在给定距离内连同自己有足够多的{row},即为核心;彼此在距离内的核心连成一片,其边缘的{row}归入编号最小的一片,其余为零散。同一地址的{row}按家数计。范围为外缘{row}的凸包,外扩半个距离。",
                "DBSCAN (Ester and others 1996), exact: one of the {rows} with enough others within the distance, itself counted, is core; core ones within the distance of each other are one area, those at its edge belong to the one of smallest number, the rest to none. {Rows} at one address count one by one. The outline is the convex hull, wider by half the distance.",
            ),
            Self::Hdbscan => words.text(
                "HDBSCAN*(Campello 等 2015),精确计算:两{counter}{row}的距离取实际距离与各自到第“最少点数”近的{row}的距离三者之最大;密度由低到高逐级分开,取在最宽的密度范围内保持不散的片(质量盈余最大),整体不作为一片。各片密度可以不同,不必选距离。不足 50 米的距离按 50 米计,使一栋楼不自成一片。范围为{row}的凸包,外扩 25 米。",
                "HDBSCAN* (Campello and others 2015), exact: two of the {rows} are as far from each other as the largest of their distance and of how far each must look for the least number of {rows}; as the density grows they come apart, and those areas are taken that persist over the widest range of densities (excess of mass), the whole not among them. Areas may differ in density, and no distance is chosen. Distances below 50 m count as 50 m, so that no single tower is an area. The outline is the convex hull, wider by 25 m.",
            ),
        }
    }
}

/// The logarithm of the number of rows, so that large registers ask for more of an area.
fn usual_least(rows: usize) -> u32 {
    ((rows.max(1) as f64).ln().round() as u32).clamp(5, 20)
}

/// Half of the square root of the number of rows.
fn usual_smallest(rows: usize) -> u32 {
    (((rows as f64).sqrt() / 2.0).round() as u32).clamp(10, 500)
}

fn usual_distance(points: &[Metres], least: u32) -> f64 {
    let [width, height] = extent(points);
    let found = neighbour_distance(points, least as usize, CORE_PART).unwrap_or(0.0);
    // a stack of one address says nothing of distances; a neighbourhood is never as large as the whole
    rounded(found.clamp(50.0, (width.max(height) / 10.0).max(50.0)))
}

fn said(choice: &HotspotChoice, distance: f64, least: u32) -> Vec<HotspotParameter> {
    vec![
        HotspotParameter {
            id: "distance",
            title: Text::new("邻近距离", "Distance"),
            value: distance,
            unit: Text::new("米", "m"),
            derived: choice.distance.is_none().then(|| {
                Text::new(
                    "按数据推定:四分之一的点在此距离内有足够多的邻点",
                    "from the data: a quarter of the points have enough neighbours within it",
                )
            }),
        },
        said_least(choice, least),
    ]
}

fn said_least(choice: &HotspotChoice, least: u32) -> HotspotParameter {
    HotspotParameter {
        id: "least",
        title: Text::new("最少点数(含自身)", "Least number (itself counted)"),
        value: f64::from(least),
        unit: Text::default(),
        derived: choice.least.is_none().then(|| {
            Text::new(
                "按数据推定:点数的自然对数,5 至 20",
                "from the data: the natural logarithm of the number of points, 5 to 20",
            )
        }),
    }
}

fn said_of_hierarchy(choice: &HotspotChoice, smallest: u32, least: u32) -> Vec<HotspotParameter> {
    vec![
        HotspotParameter {
            id: "smallest",
            title: Text::new("一片最少点数", "Least number of an area"),
            value: f64::from(smallest),
            unit: Text::default(),
            derived: choice.smallest.is_none().then(|| {
                Text::new(
                    "按数据推定:点数平方根的一半,10 至 500",
                    "from the data: half of the square root of the number of points, 10 to 500",
                )
            }),
        },
        said_least(choice, least),
    ]
}

fn say(notes: &mut Notes<'_>, method: DenseMethod, compared: bool) {
    match method {
        DenseMethod::Dbscan => notes.add(
        "scale",
        "距离不同,片数和范围就不同:宜按步行距离等实际含义定,不宜按结果好看定。距离内密度相近处会连成一片。",
        "Another distance gives other areas: choose it by what it means, such as a walk, not by its result. Where the density is even, areas grow into one.",
        ),
        DenseMethod::Hdbscan => notes.add(
            "scale",
            "密度相差不大处,分成几片还是连成一片由细小差别决定:改动“一片最少点数”看哪些片仍在,再下结论。同一数据的片数和范围与 DBSCAN 不同,不能混用。",
            "Where densities differ little, small differences decide between one area and several: change the least number of an area, and see which remain. Its areas are not those of DBSCAN; don't mix them.",
        ),
    }
    notes.add(
        "hull",
        "凸包会包进凹处的空地,面积偏大、密度偏低;{row}是否在内按其归属算,不按轮廓算。",
        "A convex hull takes in bays without {rows}, so that areas come out large and densities low; which {rows} belong is decided by the method, not by the outline.",
    );
    if compared {
        notes.add(
            "plan",
            "“规划未覆盖”指不在所选规划范围内。“无集聚”的面积是规划范围中没有落在任何热点片内的部分,可能是山、水或已有其他用途。",
            "Missed by the plan means outside of the planned areas in question. Ground without a concentration is what of a planned area lies in no dense one: it may be hills, water or in other use.",
        );
    } else {
        notes.add("no-plan", "本数据集没有可对照的规划范围。", "The dataset has no planned areas to compare with.");
    }
}

/// The kind of zones that dense areas are set against.
fn against(bound: &Bound, choice: &HotspotChoice) -> Result<Option<usize>, QueryError> {
    let kinds = planned_kinds(bound);
    let about = bound.describe();
    if let Some(id) = &choice.against {
        let known = || kinds.iter().map(|(_, k)| k.id.as_str()).collect::<Vec<_>>().join(", ");
        let found = kinds.iter().find(|(_, k)| k.id == *id).map(|(place, _)| *place);
        return found.map(Some).ok_or_else(|| QueryError::UnknownKind { id: id.clone(), known: known() });
    }
    // areas of platforms have the ids of these; else what is declared as zones comes before what is drawn along a layout
    let platforms: BTreeSet<String> = match about.by_role(Role::Platforms) {
        None => BTreeSet::new(),
        Some(collection) => {
            let all = bound.ask(&Question::of(&collection.spec.id))?.select(0, usize::MAX);
            all.rows().iter().map(|row| all.table().ids.value(*row as usize).to_owned()).collect()
        }
    };
    let of_platforms = |kind: usize| about.zones.iter().filter(|z| z.kind == kind && platforms.contains(&z.id)).count();
    let zones = |kind: usize| {
        let of = |c: &usize| about.collections[*c].spec.role == Role::Zones;
        about.zone_kinds[kind].collections.iter().any(of)
    };
    // of equals the first
    let best = kinds.iter().rev().max_by_key(|(place, _)| (of_platforms(*place), zones(*place)));
    Ok(best.map(|(place, _)| *place))
}

type Held<'a> = (&'a crate::snapshot::ZoneInfo, Vec<u32>);

struct Found<'a> {
    bound: &'a Bound,
    places: &'a Places,
    plane: Plane,
    points: &'a [Metres],
    distance: f64,
    clusters: &'a Clusters,
}

impl Found<'_> {
    /// The points of each area by their places: those with most first, of equals that which lies furthest west.
    fn groups(&self) -> Vec<Vec<u32>> {
        let mut groups = vec![Vec::new(); self.clusters.number as usize];
        for (place, label) in (0..).zip(&self.clusters.labels) {
            if let Some(label) = label {
                groups[*label as usize].push(place);
            }
        }
        // points are in the order of their positions
        groups.sort_by(|a, b| b.len().cmp(&a.len()).then(a.first().cmp(&b.first())));
        groups
    }

    fn areas(
        &self,
        groups: &[Vec<u32>],
        held: Option<&[Held<'_>]>,
        gate: Gate,
    ) -> Result<Vec<HotspotFeature<HotArea>>, QueryError> {
        let area_of = self.area_of(groups);
        let named = naming_kinds(self.bound);
        let mut zones: Vec<Vec<ZonePart>> = vec![vec![]; groups.len()];
        for (kind, _) in &named {
            let parts = self.parts(&self.places.by_zone(self.bound, *kind)?, &area_of, groups.len());
            zones.iter_mut().zip(parts).for_each(|(to, from)| to.extend(from));
        }
        let planned = held.map(|held| self.parts(held, &area_of, groups.len()));
        // a firm in two planned areas counts once
        let mut in_plan = vec![false; self.points.len()];
        held.into_iter().flatten().flat_map(|(_, rows)| rows).for_each(|row| in_plan[*row as usize] = true);
        let leads = self.leads(groups);
        let mut ordinals: BTreeMap<String, u32> = BTreeMap::new();
        let mut features = Vec::with_capacity(groups.len());
        for (place, (group, lead)) in groups.iter().zip(leads).enumerate() {
            cancel::check();
            let count = group.len() as u64;
            let shown = gate.lets(count);
            let covered = group.iter().filter(|row| in_plan[**row as usize]).count() as u64;
            let within = std::mem::take(&mut zones[place]);
            let name = if shown { name(&within, &mut ordinals) } else { Text::new("不公开", "withheld") };
            let outline = shown.then(|| self.outline(group));
            let km2 = outline.as_ref().map(measure::area_km2);
            let parts = planned.as_ref().map(|p| p[place].clone()).unwrap_or_default();
            let split = held.is_some() && shown && gate.lets(covered) && gate.lets(count - covered);
            let area = HotArea {
                rank: shown.then_some(place as u32 + 1),
                name,
                zones: if shown { gated(within, gate) } else { vec![] },
                count: shown.then_some(count),
                core: (self.clusters.core.as_ref().filter(|_| shown))
                    .map(|core| group.iter().filter(|row| core[**row as usize]).count() as u64)
                    .and_then(|core| gate.said(core)),
                places: shown.then(|| self.addresses(group)),
                area_km2: km2,
                density: km2.filter(|km2| *km2 > 0.0).map(|km2| count as f64 / km2),
                lead: lead.filter(|lead| shown && gate.lets(lead.count)),
                planned: split.then_some(covered),
                missed: split.then_some(count - covered),
                in_planned: if shown { gated(parts, gate) } else { vec![] },
                finding: match (held.is_some() && shown, covered) {
                    (false, _) => AreaFinding::NotCompared,
                    (true, 0) => AreaFinding::Missed,
                    (true, n) if n == count => AreaFinding::Planned,
                    (true, _) => AreaFinding::PartlyPlanned,
                },
                withheld: !shown,
            };
            features.push(HotspotFeature::new(format!("area-{}", place + 1), outline, area));
        }
        Ok(features)
    }

    /// The area of each point.
    fn area_of(&self, groups: &[Vec<u32>]) -> Vec<Option<u32>> {
        let mut out = vec![None; self.points.len()];
        for (area, group) in (0..).zip(groups) {
            group.iter().for_each(|row| out[*row as usize] = Some(area));
        }
        out
    }

    /// For each area the zones that hold any of its points, those with most first.
    fn parts(&self, held: &[Held<'_>], area_of: &[Option<u32>], areas: usize) -> Vec<Vec<ZonePart>> {
        let mut out = vec![Vec::new(); areas];
        for (zone, rows) in held {
            let mut counts: BTreeMap<u32, u64> = BTreeMap::new();
            for area in rows.iter().filter_map(|row| area_of[*row as usize]) {
                *counts.entry(area).or_default() += 1;
            }
            for (area, count) in counts {
                out[area as usize].push(ZonePart { zone: ZoneName::described(self.bound.describe(), zone), count });
            }
        }
        // of equals the first in the dataset
        out.iter_mut().for_each(|parts: &mut Vec<ZonePart>| parts.sort_by_key(|p| std::cmp::Reverse(p.count)));
        out
    }

    fn addresses(&self, group: &[u32]) -> u64 {
        let place = |row: &u32| self.points[*row as usize].map(f64::to_bits);
        // those at one place stand side by side
        1 + group.windows(2).filter(|pair| place(&pair[0]) != place(&pair[1])).count() as u64
    }

    /// The convex hull of the points, wider by half the distance.
    fn outline(&self, group: &[u32]) -> MultiPolygon<f64> {
        // the corners of the whole are among those of its parts
        let mut corners: Vec<Coord<f64>> = Vec::new();
        for part in group.chunks(PART) {
            cancel::check();
            let points: MultiPoint<f64> = part.iter().map(|row| Coord::from(self.points[*row as usize])).collect();
            corners.extend(points.convex_hull().exterior().coords());
        }
        let hull = corners.into_iter().collect::<MultiPoint<f64>>().convex_hull();
        let radius = self.distance / 2.0;
        let corner = |i: u32| (std::f64::consts::TAU * f64::from(i) / f64::from(CORNERS)).sin_cos();
        let around = |c: &Coord<f64>| {
            let c = *c;
            (0..CORNERS).map(corner).map(move |(sin, cos)| Coord { x: c.x + radius * cos, y: c.y + radius * sin })
        };
        let wide: MultiPoint<f64> = hull.exterior().coords().flat_map(around).collect();
        let wide = wide.convex_hull();
        let degrees = |c: &Coord<f64>| Coord::from(self.plane.degrees([c.x, c.y]));
        MultiPolygon(vec![Polygon::new(wide.exterior().coords().map(degrees).collect(), vec![])])
    }

    /// The class that most rows of each area are of.
    fn leads(&self, groups: &[Vec<u32>]) -> Vec<Option<LeadClass>> {
        let about = self.bound.describe();
        let selection = &self.places.selection;
        let property = selection.spec().register.as_ref().and_then(|r| r.cluster.as_deref());
        let column =
            property.and_then(|name| selection.spec().property(name)).map(|(i, _)| &selection.table().columns[i]);
        let Some(column) = column else { return vec![None; groups.len()] };
        let code = |place: u32| column.text(self.places.rows[place as usize] as usize);
        let count = |rows: &mut dyn Iterator<Item = u32>| {
            let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
            let mut pace = Pace::default();
            for code in rows.filter_map(code) {
                pace.step(1);
                *counts.entry(code).or_default() += 1;
            }
            counts
        };
        let all = count(&mut (0..self.places.len() as u32));
        let lead = |group: &Vec<u32>| {
            let counts = count(&mut group.iter().copied());
            // of equals the first code
            let (code, both) = counts.into_iter().rev().max_by_key(|(_, n)| *n)?;
            let numbers = Counts { both, area: group.len() as u64, class: all[code], whole: self.places.len() as u64 };
            Some(LeadClass {
                name: about.class(code).map_or_else(|| Text::new(code, code), |class| class.name.clone()),
                code: code.to_owned(),
                count: both,
                share: both as f64 / group.len() as f64,
                lq: numbers.quotient(),
                lq_test: numbers.test(),
            })
        };
        groups.iter().map(lead).collect()
    }

    /// The planned areas beside the dense ones.
    fn planned(
        &self,
        held: &[Held<'_>],
        areas: &[HotspotFeature<HotArea>],
        gate: Gate,
    ) -> Result<Vec<PlannedArea>, QueryError> {
        let shapes: Vec<&MultiPolygon<f64>> = areas.iter().filter_map(|f| f.geometry.as_ref()).collect();
        let covered = overlay::union_all(shapes).ok();
        // an area without an outline, such as what no zone holds, has no ground to compare
        if self.bound.outline().is_none() && self.bound.area().kind != AreaKind::City {
            return Ok(vec![]);
        }
        let mut out = Vec::new();
        for (zone, rows) in held {
            cancel::check();
            let asked = self.bound.ask(&Question::register().in_zone(&zone.id))?;
            let info = asked.area();
            let dense = rows.iter().filter(|row| self.clusters.labels[**row as usize].is_some()).count() as u64;
            let count = rows.len() as u64;
            let both = gate.lets(count) && gate.lets(dense) && gate.lets(count - dense);
            // of a planned area only what lies in the area in question can be compared
            let own = match (asked.outline(), self.bound.outline()) {
                (Some(zone), Some(area)) => overlay::intersection(zone, area).ok(),
                (Some(zone), None) => Some(zone.clone()),
                (None, _) => None,
            };
            if count == 0 && own.as_ref().is_some_and(|own| own.0.is_empty()) {
                continue;
            }
            let empty = own
                .as_ref()
                .zip(covered.as_ref())
                .and_then(|(own, covered)| overlay::difference(own, covered).ok().map(|rest| measure::area_km2(&rest)));
            out.push(PlannedArea {
                zone: ZoneName::described(self.bound.describe(), zone),
                schematic: zone.schematic,
                status: info.status,
                count: gate.said(count),
                dense: both.then_some(dense),
                area_km2: own.as_ref().map(measure::area_km2),
                empty_km2: empty,
                without_rows: count == 0,
            });
        }
        out.sort_by(|a, b| b.empty_km2.unwrap_or(-1.0).total_cmp(&a.empty_km2.unwrap_or(-1.0)));
        Ok(out)
    }
}

/// Parts that have enough rows to be said.
fn gated(parts: Vec<ZonePart>, gate: Gate) -> Vec<ZonePart> {
    parts.into_iter().filter(|part| gate.lets(part.count)).collect()
}

/// A name by the largest part in the smallest kind of zones that holds half of the rows, else in the largest kind; numbered where
/// several areas would have one name.
fn name(zones: &[ZonePart], ordinals: &mut BTreeMap<String, u32>) -> Text {
    let mut first: Vec<&ZonePart> = Vec::new();
    for part in zones {
        if !first.iter().any(|p| p.zone.zone_kind == part.zone.zone_kind) {
            first.push(part);
        }
    }
    let most = first.first().map_or(0, |p| p.count);
    let named: Vec<&ZonePart> =
        first.iter().enumerate().filter(|(i, p)| *i == 0 || p.count * 2 >= most).map(|(_, p)| *p).collect();
    let join = |name: &dyn Fn(&ZonePart) -> String, between: &str| {
        named.iter().map(|p| name(p)).collect::<Vec<_>>().join(between)
    };
    let zh = join(&|p| p.zone.name.clone(), "");
    let en = join(&|p| p.zone.name_en.clone(), ", ");
    let (zh, en) = if named.is_empty() { ("界外".to_owned(), "Beyond all zones".to_owned()) } else { (zh, en) };
    let ordinal = ordinals.entry(zh.clone()).or_default();
    *ordinal += 1;
    if *ordinal == 1 { Text { zh, en } } else { Text { zh: format!("{zh} {ordinal}"), en: format!("{en} {ordinal}") } }
}
