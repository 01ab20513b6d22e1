//! Where a question applies: the city, a zone, what no district holds, or an area that the reader drew.

use super::{AreaInfo, AreaKind, Combined, Drawn, QueryError, ZoneName};
use crate::columns::Bitmap;
use crate::geometry::{Bounds, Region};
use crate::model::{Text, capital};
use crate::snapshot::{Rest, Snapshot};
use geo::MultiPolygon;
use std::sync::Arc;

/// Where.
#[derive(Clone, Debug)]
pub enum Area {
    /// Everywhere.
    City,
    /// In a zone, by its place in `snapshot.zones.list`.
    Zone(usize),
    /// In what no zone of a kind holds.
    Rest(Rest),
    /// In an area that the reader drew; only located rows can be in it.
    Drawn(Drawn),
    /// In an area put together from others.
    Combined(Arc<Combined>),
}

impl Area {
    /// A zone by its id; `city` is an id too, and so are those of what no zone holds (`Zones::rest_of_id`).
    pub fn named(snapshot: &Snapshot, id: &str) -> Result<Self, QueryError> {
        let rest = || snapshot.zones.rest_of_id(id).map(Self::Rest);
        let area = match id {
            "city" => Some(Self::City),
            _ => snapshot.zones.find(id).map(|(i, _)| Self::Zone(i)).or_else(rest),
        };
        let area = area.ok_or_else(|| QueryError::UnknownZone(id.into()))?;
        let seen = match area {
            // a zone, or what lies in a zone that is shown and in none below it
            Self::Zone(zone) | Self::Rest(Rest { parent: Some(zone), .. }) => snapshot.shows_zone(zone),
            Self::Rest(_) => snapshot.whole().is_none(),
            _ => true,
        };
        if seen { Ok(area) } else { Err(QueryError::OutOfScope(id.into())) }
    }

    /// The rows of `layer` in this area; `None` for all rows. Zones know the members of the register; the rows of any
    /// other layer are found by their points.
    pub(super) fn rows(&self, snapshot: &Snapshot, layer: usize) -> Option<Bitmap> {
        let is_register = snapshot.register.as_ref().is_some_and(|r| r.layer == layer);
        let l = &snapshot.layers[layer];
        match self {
            Self::City => None,
            Self::Zone(z) if is_register => Some(snapshot.zones.list[*z].members.bitmap(l.len())),
            Self::Rest(rest) if is_register => Some(snapshot.zones.rest(*rest)),
            Self::Zone(z) => {
                let zone = &snapshot.zones.list[*z];
                Some(l.within(&Region::new(&zone.polygon)))
            }
            Self::Rest(_) => Some(Bitmap::none(l.len())),
            Self::Drawn(d) => Some(d.rows(l)),
            Self::Combined(c) => Some(c.rows(snapshot, layer).0),
        }
    }

    /// Its outline in degrees, where it has one.
    pub fn shape<'a>(&'a self, snapshot: &'a Snapshot) -> Option<&'a MultiPolygon<f64>> {
        match self {
            Self::Zone(z) => Some(&snapshot.zones.list[*z].polygon),
            Self::Drawn(drawn) => drawn.shape(),
            Self::Combined(combined) => combined.outline().map(super::Outline::polygon),
            Self::City | Self::Rest(_) => None,
        }
    }

    /// What a summary says about the area.
    pub fn info(&self, snapshot: &Snapshot) -> AreaInfo {
        match self {
            Self::City => AreaInfo {
                id: None,
                name: snapshot.scope_name().map_or_else(|| whole(snapshot).zh, |names| names.zh),
                name_en: snapshot.scope_name().map_or_else(|| whole(snapshot).en, |names| names.en),
                kind: AreaKind::City,
                zone_kind: None,
                parents: vec![],
                basis: None,
                status: None,
                schematic: false,
                partial: snapshot.whole().is_some(),
                area_km2: None,
                bbox: Some(snapshot.description.view()).filter(|view| !view.is_empty()).map(Bounds::to_array),
                source: None,
                outline: None,
            },
            Self::Zone(at) => {
                let z = &snapshot.zones.list[*at];
                AreaInfo {
                    id: Some(z.id.clone()),
                    name: z.name.clone(),
                    name_en: z.name_en.clone(),
                    kind: AreaKind::Zone,
                    zone_kind: Some(snapshot.zones.kinds[z.kind].id.clone()),
                    parents: parents(snapshot, *at),
                    basis: z.basis.clone(),
                    status: z.status.clone(),
                    schematic: z.schematic,
                    partial: snapshot.shows_part(*at),
                    area_km2: Some(z.area_km2),
                    bbox: Some(z.bounds.to_array()),
                    source: Some(z.source.clone()),
                    outline: None,
                }
            }
            Self::Rest(rest) => {
                let Text { zh, en } = snapshot.zones.name_of_rest(*rest);
                AreaInfo { id: Some(snapshot.zones.id_of_rest(*rest)), ..unnamed(zh, en, AreaKind::Rest) }
            }
            Self::Drawn(d) => {
                let row = &snapshot.description.manifest.terms.row;
                let (zh, en, kind) = match d {
                    Drawn::Polygon(_) => ("圈选范围".into(), "drawn area".into(), AreaKind::Drawn),
                    Drawn::Circle(_, r) => (format!("{r} 米范围"), format!("within {r} m"), AreaKind::Circle),
                    Drawn::Buffer(_, metres, name) => {
                        let (zh, en) = name.as_ref().map_or(("所绘图形", "what was drawn"), |n| (&n.zh, &n.en));
                        (format!("距{zh} {metres} 米以内"), format!("within {metres} m of {en}"), AreaKind::Buffer)
                    }
                    Drawn::Nearest(_, k) => {
                        let text = row.count(*k as u64, &k.to_string());
                        (format!("最近的 {}", text.zh), format!("the nearest {}", text.en), AreaKind::Nearest)
                    }
                };
                let outline = d.outline();
                let bbox = outline.map(|(b, _)| b.to_array());
                AreaInfo { area_km2: outline.map(|(_, km2)| km2), bbox, ..unnamed(zh, en, kind) }
            }
            Self::Combined(c) => {
                let (zh, en) = c.name(snapshot);
                let extent = c.outline().map(super::Outline::extent);
                let bbox = extent.filter(|(b, _)| !b.is_empty()).map(|(b, _)| b.to_array());
                let schematic = c.schematic(snapshot);
                AreaInfo { area_km2: extent.map(|e| e.1), bbox, schematic, ..unnamed(zh, en, AreaKind::Combined) }
            }
        }
    }
}

/// The zones above a zone, the highest first, as far as the reader sees them.
fn parents(snapshot: &Snapshot, zone: usize) -> Vec<ZoneName> {
    let list = &snapshot.zones.list;
    let above = std::iter::successors(list[zone].parent, |place| list[*place].parent);
    let mut names: Vec<ZoneName> =
        above.filter(|place| snapshot.shows_zone(*place)).map(|place| ZoneName::of(snapshot, place)).collect();
    names.reverse();
    names
}

/// The name of everything, as a heading.
fn whole(snapshot: &Snapshot) -> Text {
    let whole = &snapshot.description.manifest.terms.whole;
    Text::new(&whole.zh, capital(&whole.en))
}

fn unnamed(name: String, name_en: String, kind: AreaKind) -> AreaInfo {
    let (id, basis, status, area_km2, bbox, source) = (None, None, None, None, None, None);
    AreaInfo {
        id,
        name,
        name_en,
        kind,
        zone_kind: None,
        parents: vec![],
        basis,
        status,
        schematic: false,
        partial: false,
        area_km2,
        bbox,
        source,
        outline: None,
    }
}
