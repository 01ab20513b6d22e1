//! Districts shaded by number and named, and the names of axis and belt.

use super::draw::{ClassLegend, Painter};
use super::labels::Spot;
use super::palette::{Ink, Theme};
use super::scene::{Group, Item, Look, Point};
use super::{ramps, shapes, words};
use crate::core::model::{CodelistEntry, Lang};
use crate::core::query::{Apart, Bound, ClassRange, ClassedZones, Measure, Question, Selection, choropleth};
use crate::core::snapshot::{Path, RowSource, Shape, ZoneInfo};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

impl<'a> Painter<'a> {
    /// The name of an axis or belt, at its outer end.
    pub(super) fn line_name(&mut self, source: &dyn RowSource, row: usize) {
        let Some(Shape::Lines(lines)) = source.shapes(row).first() else { return };
        let ends = lines.iter().flat_map(|l| [l.positions().first(), l.positions().last()]).flatten();
        let turns = self.frame.turns();
        let ends = ends.flat_map(|p| turns.iter().map(|frame| frame.pixel(*p)));
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

    /// Colours the districts by the chosen figure where the register itself is not drawn, and names them.
    pub(super) fn districts(&mut self, query: Option<&Bound>) {
        let counted = query.filter(|_| !self.counts_cells());
        let asked = self.ask.choropleth.clone().unwrap_or_default();
        let classed = counted
            .zip(self.about.district_kind())
            .and_then(|(q, kind)| choropleth(&q.of_kind(&kind.id).ok()?, &asked).ok());
        let (mut colors, mut zones) = (vec![], HashMap::new());
        if let Some(classed) = classed {
            // a class of any level, not only of the level that is read
            let class = classed.of.as_ref().and_then(|code| self.about.class(code));
            let hue = class.map(|e| if self.theme == Theme::Light { &e.color } else { &e.color_dark });
            let hue = hue.filter(|color| !color.is_empty()).map(String::as_str);
            colors = ramps::colors(&asked, &classed.classes, classed.pivot, hue, self.theme);
            self.drawing.classes = Some(self.explained(&classed, &colors, class));
            self.drawing.sample |= self.about.sample();
            let unit = classed.unit.get(self.lang).to_owned();
            for zone in classed.zones {
                let said = zone.value.map(|value| self.said(value, classed.decimals, &unit));
                zones.insert(zone.id, (zone.class, zone.apart, said));
            }
        }
        let mut items = Vec::new();
        let turns = self.frame.turns();
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
                let (parts, closed) = shapes::parts_in(shape, &turns, self.origin);
                let fill = zones.get(&zone.id).and_then(|(class, apart, _)| match apart {
                    Some(apart) => apart_color(*apart),
                    None => colors.get((*class)?).map(String::as_str),
                });
                if let (false, Some(fill)) = (parts.is_empty(), fill) {
                    let look = Look::filled(fill, 1.0);
                    items.push(Item::Path { parts: parts.clone(), closed, look });
                }
                seen.extend(parts);
            }
            let size = self.type_size * if zones.is_empty() { 15.0 } else { 13.0 };
            let name = if self.lang == Lang::Zh { &zone.name } else { &zone.name_en };
            let mut lines = vec![(name.clone(), size)];
            if let Some((_, _, Some(said))) = zones.get(&zone.id) {
                lines.push((said.clone(), size * 0.93));
            }
            let places = shapes::places(&seen, self.sight()).into_iter().map(Spot::Middle).collect();
            self.wish(lines, Ink::Text, 1.8, true, places, (0, order as u32));
        }
        if !items.is_empty() {
            let at = self.drawing.groups.iter().position(|g| g.id == "districts-fill").map_or(0, |i| i + 1);
            self.drawing.groups.insert(at, Group { id: "districts-shade".into(), clipped: true, items });
        }
    }

    /// A value beside a name: counts with their counter, sums and ratios as numbers, their unit is in the legend.
    fn said(&self, value: f64, decimals: u8, unit: &str) -> String {
        let number = words::number(value, decimals);
        let usual = self.ask.choropleth.as_ref().is_none_or(|c| c.by.is_none() && c.measure == Measure::Value);
        if unit == "%" {
            format!("{number}%")
        } else if usual && self.lang == Lang::Zh {
            format!("{number} {unit}")
        } else {
            number
        }
    }

    /// What the legend says of the colours.
    fn explained(&self, classed: &ClassedZones, colors: &[String], of: Option<&CodelistEntry>) -> ClassLegend {
        let zh = self.lang == Lang::Zh;
        let number = |value: f64| words::number(value, classed.decimals);
        let range = |range: &ClassRange| match (range.from, range.to) {
            (Some(from), Some(to)) if number(from) == number(to) => number(from),
            (Some(from), Some(to)) => format!("{}–{}", number(from), number(to)),
            (None, Some(to)) => format!("< {}", number(to)),
            (Some(from), None) => format!("≥ {}", number(from)),
            (None, None) => (if zh { "全部" } else { "all" }).to_owned(),
        };
        let class = |one: &ClassRange| match &one.title {
            Some(title) => format!("{} ({})", title.get(self.lang), one.count),
            None => range(one),
        };
        let mut entries: Vec<(String, Option<String>)> = Vec::new();
        let mut apart: Vec<Apart> = classed.zones.iter().filter_map(|z| z.apart).collect();
        apart.sort_unstable();
        apart.dedup();
        for one in apart {
            let text = match one {
                Apart::Zero => "0",
                Apart::Missing if zh => "无数据",
                Apart::Missing => "no data",
                Apart::Withheld if zh => "不公开",
                Apart::Withheld => "withheld",
            };
            entries.push((text.to_owned(), apart_color(one).map(str::to_owned)));
        }
        entries.extend(classed.classes.iter().zip(colors).map(|(range, color)| (class(range), Some(color.clone()))));
        let of = of.map(|e| e.name.get(self.lang));
        let (title, unit) = (classed.title.get(self.lang), classed.unit.get(self.lang));
        let name = match of {
            Some(of) if zh => format!("{of}{title}"),
            Some(of) => format!("{of}: {title}"),
            None => title.to_owned(),
        };
        // a plural that is its own unit is not said twice
        let title = match unit {
            "" => name,
            unit if unit.eq_ignore_ascii_case(title) => name,
            unit if zh => format!("{name}（{unit}）"),
            unit => format!("{name} ({unit})"),
        };
        ClassLegend { title, entries }
    }
}

/// The colour of zones in no class; zones that have none are left as they are.
fn apart_color(apart: Apart) -> Option<&'static str> {
    match apart {
        Apart::Zero => None,
        Apart::Missing => Some(ramps::MISSING),
        Apart::Withheld => Some(ramps::WITHHELD),
    }
}
