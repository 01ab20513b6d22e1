//! Districts shaded by number and named, and the names of axis and belt.

use super::classes::{class_of, classes};
use super::draw::Painter;
use super::labels::Spot;
use super::palette::{Ink, mix};
use super::scene::{Group, Item, Look, Point};
use super::table::SHADES;
use super::{shapes, words};
use crate::core::model::Lang;
use crate::core::query::{Bound, Question, Selection};
use crate::core::snapshot::{Path, RowSource, Shape, ZoneInfo};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

impl<'a> Painter<'a> {
    /// The name of an axis or belt, at its outer end.
    pub(super) fn line_name(&mut self, source: &dyn RowSource, row: usize) {
        let Some(Shape::Lines(lines)) = source.shapes(row).first() else { return };
        let ends = lines.iter().flat_map(|l| [l.positions().first(), l.positions().last()]).flatten();
        let ends = ends.map(|p| self.frame.pixel(*p));
        // away from the middle of what is drawn of the structure, not of the map
        let all = (0..source.table().ids.len())
            .flat_map(|r| source.shapes(r))
            .filter_map(|s| if let Shape::Lines(l) = s { Some(l) } else { None });
        let (mut sum, mut n) = ((0.0, 0.0), 0.0);
        for (x, y) in all.flatten().flat_map(Path::positions).map(|p| self.frame.pixel(*p)) {
            (sum, n) = ((sum.0 + x, sum.1 + y), n + 1.0);
        }
        let away = |p: &Point| (p.0 - sum.0 / n).hypot(p.1 - sum.1 / n);
        let mut ends: Vec<Point> = ends.filter(|p| self.shows(*p)).collect();
        ends.sort_by(|a, b| away(b).total_cmp(&away(a)));
        let places = ends.into_iter().flat_map(|p| Spot::around(self.at(p), 14.0, 16.0)).collect();
        let lines = words::wrap(self.name(source, row), 12.0);
        let lines = lines.into_iter().map(|l| (l, 12.5 * self.type_size)).collect();
        self.wish(lines, Ink::Plan, 1.8, true, places, (1, row as u32));
    }

    /// The zones that are named: those of a partition below the zone that the map is of, else the districts.
    fn named(&self) -> Vec<&'a ZoneInfo> {
        let about = self.about;
        let of = self.ask.focus.as_ref().and_then(|focus| focus.area().id);
        let below = |z: &&ZoneInfo| z.parent.is_some() && z.parent == of && about.zone_kinds[z.kind].partition;
        let below: Vec<&ZoneInfo> = about.zones.iter().filter(below).collect();
        if below.is_empty() { about.districts().collect() } else { below }
    }

    /// Shades the districts by number where the register itself is not drawn, and names them.
    pub(super) fn districts(&mut self, query: Option<&Bound>) {
        let counted = query.filter(|_| !self.counts_cells());
        let list = counted.zip(self.about.district_kind()).and_then(|(q, kind)| q.of_kind(&kind.id).ok()?.zones().ok());
        let counts: HashMap<String, u64> =
            list.map(|l| l.zones.into_iter().map(|z| (z.id, z.count)).collect()).unwrap_or_default();
        let cut = classes(&counts.values().copied().collect::<Vec<_>>(), SHADES.len());
        let colors: Vec<String> = SHADES[SHADES.len() - cut.len()..]
            .iter()
            .map(|part| mix(self.ink(Ink::Shade), self.ink(Ink::Land), *part))
            .collect();
        self.drawing.none = counts.values().any(|&count| count == 0);
        self.drawing.classes = cut.iter().copied().zip(colors.iter().cloned()).collect();
        if !counts.is_empty() {
            self.drawing.sample |= self.about.sample();
        }
        let mut items = Vec::new();
        let (about, ask) = (self.about, self.ask);
        let named = self.named();
        let mut outlines: HashMap<usize, Selection> = HashMap::new();
        for zone in &named {
            let question = Question::of(about.collections[zone.collection].spec.id.as_str());
            if let Entry::Vacant(place) = outlines.entry(zone.collection)
                && let Some(rows) = ask.queries.first().and_then(|q| q.ask(&question).ok())
            {
                place.insert(rows.select(0, usize::MAX));
            }
        }
        for (order, zone) in named.into_iter().enumerate() {
            let Some(source) = outlines.get(&zone.collection).map(|rows| &**rows.source()) else { continue };
            let Some(row) = source.find(&zone.id) else { continue };
            let mut seen = Vec::new();
            for shape in source.shapes(row) {
                let (parts, closed) = shapes::parts(shape, &self.frame, self.origin);
                let class = counts.get(&zone.id).and_then(|&count| class_of(count, &cut));
                if let (false, Some(class)) = (parts.is_empty(), class) {
                    let look = Look::filled(&colors[class], 1.0);
                    items.push(Item::Path { parts: parts.clone(), closed, look });
                }
                seen.extend(parts);
            }
            let size = self.type_size * if counts.is_empty() { 15.0 } else { 13.0 };
            let name = if self.lang == Lang::Zh { &zone.name } else { &zone.name_en };
            let mut lines = vec![(name.clone(), size)];
            if let Some(count) = counts.get(&zone.id) {
                let said = if self.lang == Lang::Zh {
                    format!("{} {}", words::grouped(*count), about.manifest.terms.row.counter)
                } else {
                    words::grouped(*count)
                };
                lines.push((said, size * 0.93));
            }
            let places = shapes::places(&seen, self.sight()).into_iter().map(Spot::Middle).collect();
            self.wish(lines, Ink::Text, 1.8, true, places, (0, order as u32));
        }
        if !items.is_empty() {
            let at = self.drawing.groups.iter().position(|g| g.id == "districts-fill").map_or(0, |i| i + 1);
            self.drawing.groups.insert(at, Group { id: "districts-shade".into(), clipped: true, items });
        }
    }
}
