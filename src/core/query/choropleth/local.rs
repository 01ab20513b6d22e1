//! Zones by local Moran: a figure that is, with its neighbours, further from the mean than chance would have it. Made of values that are
//! shown to the same reader: what is withheld or missing is compared with nothing.

use super::breaks::ClassRange;
use super::{Apart, Choropleth, ClassedZones, Measured, ZoneClass, ZoneMoran, shown};
use crate::model::Text;
use crate::query::{Bound, Note, QueryError, ZoneRow};
use crate::stats::hexagons::{FALSE_DISCOVERIES, Quadrant};
use crate::stats::moran::{DRAWS, LocalMoran, local_moran, nearest};

/// Nearest zones that a zone is compared with.
const NEIGHBOURS: usize = 8;
/// With fewer zones there are too few different draws to tell chance from pattern.
const LEAST_ZONES: usize = 30;
/// Seed of the draws: the same question has the same answer.
const SEED: u64 = 1;

/// The classes, from low among low to high among high; the middle one is of what is not significant.
const TITLES: [(&str, &str); 5] = [
    ("低值聚集(低–低)", "low among low"),
    ("低值被高值包围(低–高)", "low among high"),
    ("不显著", "not significant"),
    ("高值被低值包围(高–低)", "high among low"),
    ("高值聚集(高–高)", "high among high"),
];

/// The zones of a question by local Moran of their values.
pub(super) fn classed(bound: &Bound, asked: &Choropleth, mut of: Measured) -> Result<ClassedZones, QueryError> {
    // a zone without any is one of the smallest values here
    let value = |(row, value): (&ZoneRow, &super::Value)| {
        let value = if *value == Err(Apart::Zero) { Ok(0.0) } else { *value };
        Some((value.ok()?, direction(row.label_point?)))
    };
    let known: Vec<Option<(f64, [f64; 3])>> = of.list.zones.iter().zip(&of.values).map(value).collect();
    let (values, points): (Vec<f64>, Vec<[f64; 3]>) = known.iter().flatten().copied().unzip();
    let near = if values.len() < LEAST_ZONES { None } else { nearest(&points, NEIGHBOURS) };
    let Some(near) = near else { return Err(too_few(values.len())) };
    let mut found = local_moran(&values, &near, NEIGHBOURS, DRAWS, SEED).into_iter();
    let zone = |((row, value), known): ((&ZoneRow, &super::Value), &Option<_>)| {
        let found = known.as_ref().and_then(|_| found.next());
        let moran = found.map(|LocalMoran { index, around, p, q, .. }| ZoneMoran { index, around, p, q });
        let apart = if found.is_some() { None } else { value.err().or(Some(Apart::Missing)) };
        ZoneClass { id: row.id.clone(), value: shown(*value), class: found.as_ref().map(class), apart, moran }
    };
    let zones: Vec<ZoneClass> = of.list.zones.iter().zip(&of.values).zip(&known).map(zone).collect();
    let range = |(place, (zh, en)): (usize, (&str, &str))| {
        let within: Vec<f64> = zones.iter().filter(|z| z.class == Some(place)).filter_map(|z| z.value).collect();
        ClassRange {
            from: within.iter().copied().reduce(f64::min),
            to: within.iter().copied().reduce(f64::max),
            count: within.len() as u64,
            title: Some(Text::new(zh, en)),
        }
    };
    let classes = TITLES.into_iter().enumerate().map(range).collect();
    of.title = Text::new(format!("{}·局部莫兰", of.title.zh), format!("{}, local Moran", of.title.en));
    let left_out = zones.iter().filter(|z| z.class.is_none()).count();
    Ok(ClassedZones { notes: notes(values.len(), left_out), ..of.classed(bound, asked, classes, zones) })
}

fn class(found: &LocalMoran) -> usize {
    match found.quadrant {
        _ if found.q > FALSE_DISCOVERIES => 2,
        Quadrant::LowLow => 0,
        Quadrant::LowHigh => 1,
        Quadrant::HighLow => 3,
        Quadrant::HighHigh => 4,
    }
}

/// A position in degrees as a direction from the middle of the globe.
fn direction([longitude, latitude]: [f64; 2]) -> [f64; 3] {
    let ((east, north), (up, level)) = (longitude.to_radians().sin_cos(), latitude.to_radians().sin_cos());
    [level * north, level * east, up]
}

fn too_few(zones: usize) -> QueryError {
    QueryError::Choropleth(Text::new(
        format!(
            "局部莫兰(cut:moran)至少要 {LEAST_ZONES} 个有值的区域,这里只有 {zones} 个:太少,分不清偶然与规律。请选区域更多的一级,或换一种分级"
        ),
        format!(
            "local Moran (cut:moran) needs {LEAST_ZONES} zones with a value and here are {zones}: too few to tell chance from pattern. Choose a level with more zones, or another cut"
        ),
    ))
}

fn notes(zones: usize, left_out: usize) -> Vec<Note> {
    let rate = FALSE_DISCOVERIES;
    let mut out = vec![Note::new(
        "local-moran",
        format!(
            "局部莫兰(Anselin 1995):固定某区自身,其最近 {NEIGHBOURS} 个区域(按标注点距离)之和与从其余 {} 个区域中随机抽同样多个之和相比,是否少见。随机抽 {DRAWS} 次,双侧 p,全部区域一并按 Benjamini–Hochberg(1995)校正为 q,q ≤ {rate} 的着色。",
            zones - 1
        ),
        format!(
            "Local Moran (Anselin 1995): a zone held fixed, would as many of the other {} zones, drawn at random, rarely have the sum of its {NEIGHBOURS} nearest (by label points)? {DRAWS} draws, two-sided p, adjusted over all zones to q (Benjamini and Hochberg 1995); coloured where q is at most {rate}.",
            zones - 1
        ),
    )];
    if left_out > 0 {
        out.push(Note::new(
            "left-out",
            format!("{left_out} 个区域无数据或不公开,不参与比较。"),
            format!("{left_out} zones without data or with withheld figures are not compared."),
        ));
    }
    out.push(Note::new(
        "zones",
        "换一种分区,结果会不同;总量大的区域往往只是面积大,可改用密度或占比。相邻区域共用邻区,检验彼此相关。聚集不说明原因。",
        "Other zones give other results; a large sum may only mean a large zone: try densities or shares. Zones share neighbours, so their tests depend on each other. A pattern names no cause.",
    ));
    out
}
