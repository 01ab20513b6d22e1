//! Draws collections by the style table: shapes into groups, names into wishes.

use super::ask::Ask;
use super::crowd::{Feature, Spot as Spotted, crowd, few};
use super::frame::Frame;
use super::labels::{FreeSpace, Spot, Wish};
use super::palette::{Ink, Theme};
use super::scene::{Anchor, Group, Item, Line, Look, Point, Rect, Stroke};
use super::table::{
    CROWD, Cap, Color, Drawn, Icon, Label, Marker, Paint, Pick, Picture, REGISTER_FROM, RING_RADIUS, Ramp, Rule, Words,
    stack,
};
use super::{shapes, symbols, words};
use crate::core::cancel;
use crate::core::model::{Draw, Lang, Role};
use crate::core::query::{Bound, Share, TWELFTHS};
use crate::core::snapshot::{Classes, Description, RowSource, Shape};
use std::collections::HashMap;

/// What is drawn, and what the legend has to say of it.
#[derive(Debug, Default)]
pub(super) struct Drawing {
    pub(super) groups: Vec<Group>,
    pub(super) wishes: Vec<Wish>,
    /// What districts are coloured by, where they are.
    pub(super) classes: Option<ClassLegend>,
    /// Places of the clusters of single rows that are drawn, in the codelist's order; the place after the last is none.
    pub(super) clusters: Vec<usize>,
    /// Families and statuses of the symbols that are drawn.
    pub(super) statuses: Vec<(&'static str, String)>,
    /// Whether something schematic, something of the sample register is drawn.
    pub(super) schematic: bool,
    pub(super) sample: bool,
    /// Corners of all shapes; beyond [`MOST_VERTICES`] the drawing is not whole.
    pub(super) vertices: usize,
}

/// The legend of coloured districts.
#[derive(Debug)]
pub(super) struct ClassLegend {
    pub(super) title: String,
    /// What each colour stands for; without one zones are left as they are.
    pub(super) entries: Vec<(String, Option<String>)>,
}

/// More corners are refused: an SVG of 10 MB.
pub(super) const MOST_VERTICES: usize = 1_000_000;

/// Draws into a frame whose upper left corner stands at `origin` of the sheet.
pub(super) struct Painter<'a> {
    pub(super) about: &'a Description,
    /// How classes are read.
    pub(super) classes: &'a Classes,
    pub(super) ask: &'a Ask,
    pub(super) frame: Frame,
    pub(super) origin: Point,
    pub(super) zoom: f64,
    /// So much is added to the zoom before a rule is asked whether it draws.
    pub(super) nearer: f64,
    /// Whether the register is drawn itself however far away: a part of the city is in question.
    pub(super) apart: bool,
    /// Of names, as a part of the usual size.
    pub(super) type_size: f64,
    pub(super) lang: Lang,
    pub(super) theme: Theme,
    pub(super) drawing: Drawing,
    pub(super) space: FreeSpace,
}

impl Painter<'_> {
    /// Draws every layer that one of the queries is for.
    pub(super) fn layers(&mut self, queries: &[Bound]) {
        for drawn in stack(self.about) {
            let covers = drawn.covers(self.about);
            let Drawn { id, place, rule, group, .. } = drawn;
            let Some(query) = queries.iter().find(|q| q.collection() == place) else { continue };
            if !self.draws(&rule) || !self.ask.draws(group) {
                continue;
            }
            let spec = &self.about.collections[place].spec;
            let items = self.rule(&rule, query);
            if items.is_empty() {
                continue;
            }
            self.drawing.schematic |= spec.schematic;
            self.drawing.sample |= spec.sample;
            let fading =
                covers.map(|covers| Group { id: format!("{id}-fade"), clipped: true, items: self.fade(covers) });
            self.drawing.groups.push(Group { id, clipped: true, items });
            self.drawing.groups.extend(fading.filter(|group| !group.items.is_empty()));
        }
        let districts = |q: &Bound| self.about.collections[q.collection()].spec.role == Role::Districts;
        if queries.iter().any(districts) {
            self.districts(self.ask.register(self.about));
        }
    }

    fn draws(&self, rule: &Rule<'_>) -> bool {
        let Some(from) = rule.from else { return true };
        match rule.role {
            Role::Register if from <= REGISTER_FROM => self.counts_cells(),
            Role::Register => self.zoom >= from,
            _ => self.zoom + self.nearer >= from,
        }
    }

    /// Whether the register is drawn itself; otherwise districts are shaded by number.
    pub(super) fn counts_cells(&self) -> bool {
        self.ask.choropleth.is_none() && (self.apart || self.zoom >= REGISTER_FROM)
    }

    pub(super) fn ink(&self, ink: Ink) -> &'static str {
        self.theme.color(ink)
    }

    pub(super) fn at(&self, (x, y): Point) -> Point {
        (x + self.origin.0, y + self.origin.1)
    }

    fn rule(&mut self, rule: &Rule<'_>, query: &Bound) -> Vec<Item> {
        match rule.paint {
            Paint::Fill { color, opacity, outline, .. } => {
                let opacity = opacity.at(self.zoom, 0);
                self.paths(rule, query, color, |painter, color| {
                    let mut look = Look::filled(color, opacity);
                    look.stroke = outline.map(|o| Stroke::new(painter.ink(o), 1.0));
                    look
                })
            }
            Paint::Line { color, width, opacity, dash, cap } => {
                let dash: Vec<f64> = dash.iter().map(|d| d * width).collect();
                let (round_join, round_cap) = (cap != Cap::Plain, cap == Cap::Round);
                self.paths(rule, query, color, |_, color| {
                    let (color, dash) = (color.to_owned(), dash.clone());
                    let stroke = Stroke { color, width, opacity, dash, round_join, round_cap };
                    Look { fill: None, stroke: Some(stroke) }
                })
            }
            Paint::Circle { color, radius, opacity } => self.circles(rule, query, (color, radius, opacity)),
            Paint::Marker { shape, color, radius } => self.markers(rule, query, shape, (self.ink(color), radius)),
            Paint::Symbol { icon, label } => self.symbols(rule, query, icon, label),
        }
    }

    fn markers(&mut self, rule: &Rule<'_>, query: &Bound, shape: Marker, (color, radius): (&str, f64)) -> Vec<Item> {
        let mut items = Vec::new();
        for spot in self.spots(rule, query) {
            cancel::check();
            let (at, radius) = (self.at(spot.at), if spot.row.is_none() { CROWD } else { radius });
            self.space.cherish(square(at, radius));
            items.push(symbols::marker(at, radius, shape, color, self.ink(Ink::Halo)));
        }
        items
    }

    /// The lines and areas of a rule, in a colour of the palette or each in that of its class.
    fn paths(&mut self, rule: &Rule<'_>, query: &Bound, color: Color, look: impl Fn(&Self, &str) -> Look) -> Vec<Item> {
        let structure = matches!(rule.part, Some(Draw::Axis | Draw::Belt));
        let mut items = Vec::new();
        let mut looks: HashMap<usize, Look> = HashMap::new();
        for frame in self.frame.turns() {
            let near = shapes::rows(query, &frame);
            let source = &**near.source();
            for (i, row) in near.rows().iter().map(|row| *row as usize).enumerate() {
                cancel::check();
                if !picked(source, rule.pick, row) {
                    continue;
                }
                let group = near.groups().get(i).copied().unwrap_or(usize::MAX);
                let look = looks.entry(group).or_insert_with(|| match color {
                    Color::Ink(ink) => look(self, self.ink(ink)),
                    Color::Cluster => look(self, &self.cluster_color(group)),
                });
                for shape in source.shapes(row) {
                    let wanted = match rule.pick {
                        Pick::Areas => matches!(shape, Shape::Polygons(_)),
                        Pick::Lines => matches!(shape, Shape::Lines(_)),
                        _ => true,
                    };
                    if !wanted {
                        continue;
                    }
                    // a fill needs an area, and only an area is shown by its fill
                    let fills = matches!(rule.paint, Paint::Fill { .. });
                    if fills && !matches!(shape, Shape::Polygons(_)) {
                        continue;
                    }
                    let (parts, closed) = shapes::parts(shape, &frame, self.origin);
                    if parts.is_empty() {
                        continue;
                    }
                    if structure && !closed {
                        shapes::along(&parts, |rect| self.space.cherish(rect));
                    }
                    self.drawing.vertices += parts.iter().map(Vec::len).sum::<usize>();
                    if self.drawing.vertices > MOST_VERTICES {
                        return items;
                    }
                    if color == Color::Cluster {
                        self.drawing.clusters.push(group);
                    }
                    items.push(Item::Path { parts, closed, look: look.clone() });
                }
                if structure && look.stroke.as_ref().is_some_and(|s| s.width < 6.0) {
                    self.line_name(source, row);
                }
            }
        }
        items
    }

    fn circles(&mut self, rule: &Rule<'_>, query: &Bound, (color, radius, opacity): (Color, Ramp, f64)) -> Vec<Item> {
        let mut items = Vec::new();
        for spot in self.spots(rule, query) {
            cancel::check();
            let fill = match (color, &spot.row) {
                (Color::Cluster, Some(row)) => {
                    let place = row.cluster;
                    self.drawing.clusters.push(place);
                    self.cluster_color(place)
                }
                (Color::Ink(ink), _) => self.ink(ink).to_owned(),
                (Color::Cluster, None) => continue,
            };
            // a crowd of other points is counted in a circle larger than a point's
            let crowded = spot.row.is_none() && rule.role == Role::Features;
            let (at, radius) = (self.at(spot.at), if crowded { CROWD } else { radius.at(self.zoom, spot.count) });
            self.space.cherish(square(at, radius));
            let look = Look::filled(&fill, opacity).and_line(self.ink(Ink::Halo), 1.0);
            items.push(Item::Circle { at, radius, look });
        }
        items
    }

    fn symbols(&mut self, rule: &Rule<'_>, query: &Bound, icon: Option<Icon>, label: Option<Label>) -> Vec<Item> {
        let mut items = Vec::new();
        for (order, spot) in self.spots(rule, query).into_iter().enumerate() {
            cancel::check();
            let at = self.at(spot.at);
            if let Some(label) = label.filter(|l| l.words == Words::Count) {
                let (text, size) = (words::grouped(spot.count), if spot.count < 1000 { 12.0 } else { 10.5 });
                let color = self.ink(label.ink).to_owned();
                let at = (at.0, at.1 + size * 0.36);
                items.push(Item::Text(Line { text, at, size, anchor: Anchor::Middle, color, halo: None, bold: false }));
                continue;
            }
            if let Some(Icon { picture: Picture::Ring, size: Some(size), .. }) = icon {
                items.extend(self.ring(at, RING_RADIUS * size.at(self.zoom, spot.count), spot.mix));
                continue;
            }
            let Some(Feature { source, row, cluster }) = spot.row else { continue };
            let source = &*source;
            let mut reach = 6.0;
            if let Some(icon) = icon {
                let scale = icon.size.map_or(1.0, |s| s.at(self.zoom, 1));
                let status = source.text("status", row).unwrap_or("existing").to_owned();
                let (drawn, side) = match icon.picture {
                    Picture::Status(family) => {
                        let node = family == "node";
                        let (side, ink) = if node { (18.0, Ink::Plan) } else { (13.0, Ink::Lead) };
                        self.drawing.statuses.push((family, status.clone()));
                        let side = side * scale;
                        (symbols::diamond(at, side, &status, self.ink(ink), self.ink(Ink::Halo)), side)
                    }
                    Picture::Ring => continue,
                    Picture::Lead => (symbols::square(at, self.ink(Ink::Lead), self.ink(Ink::Halo)), 10.0),
                    Picture::Mark => {
                        let entry = self.classes.get(cluster);
                        let text = entry.map_or(if self.lang == Lang::Zh { "他" } else { "?" }, |e| &e.mark);
                        let color = self.cluster_color(cluster);
                        (symbols::mark(at, 20.0 * scale, text, &color, self.ink(Ink::Halo)), 20.0 * scale)
                    }
                };
                let rect = square(at, side / 2.0 + 1.0);
                let may_overlap = icon.overlap.is_some_and(|zoom| self.zoom >= zoom);
                if !may_overlap && !self.space.is_free(rect) {
                    continue;
                }
                self.space.take(rect);
                items.extend(drawn);
                reach = side / 2.0 + 4.0;
            } else if matches!(source.spec().role, Role::Platforms | Role::Layout) {
                reach = 12.0;
            }
            if let Some(label) = label {
                self.name_wish(source, row, &label, (at, reach), order);
            }
        }
        items
    }

    /// The classes of a counted cell about its number.
    fn ring(&mut self, at: Point, radius: f64, mix: [Share; 3]) -> Vec<Item> {
        let others = TWELFTHS.saturating_sub(mix.iter().map(|share| share.twelfths).sum());
        let mut parts = Vec::new();
        for share in mix.into_iter().filter(|share| share.twelfths > 0) {
            self.drawing.clusters.push(share.class);
            parts.push((self.cluster_color(share.class), share.twelfths));
        }
        parts.push((self.ink(Ink::Others).to_owned(), others));
        symbols::ring(at, radius, &parts)
    }

    fn name_wish(
        &mut self,
        source: &dyn RowSource,
        row: usize,
        label: &Label,
        (at, reach): (Point, f64),
        order: usize,
    ) {
        let status = source.text("status", row).unwrap_or("existing");
        let name = match label.words {
            Words::Short if self.lang == Lang::Zh => source.text("short_name", row).unwrap_or(source.name(row)),
            Words::PlannedBelow(zoom) if self.zoom + self.nearer < zoom && status != "planned" => return,
            _ => self.name(source, row),
        };
        let rank = match (source.spec().role, status) {
            (Role::Layout, "planned") => 2,
            (Role::Layout, _) => 3,
            (Role::Platforms, "planned") => 4,
            (Role::Platforms, "existing") => 5,
            (Role::Platforms, _) => 6,
            (Role::Lead, _) => 7,
            (Role::Base, _) => 8,
            _ => 9,
        };
        let size = 12.0 * self.type_size;
        let lines: Vec<(String, f64)> = words::wrap(name, 9.0).into_iter().map(|l| (l, size)).collect();
        let high = lines.len() as f64 * size * super::labels::LEADING;
        let places = match label.place {
            super::table::Place::On => vec![Spot::Middle(at)],
            super::table::Place::Around(..) => Spot::around(at, reach, high),
            super::table::Place::Below => vec![Spot::Middle((at.0, at.1 + reach + 4.0 + high / 2.0))],
        };
        self.wish(lines, label.ink, label.halo.unwrap_or(1.2), false, places, (rank, order as u32));
    }

    /// Where the rows of a rule are drawn as points.
    fn spots(&self, rule: &Rule<'_>, query: &Bound) -> Vec<Spotted> {
        let collection = &self.about.collections[query.collection()];
        let spots: Vec<Spotted> = if !collection.points {
            self.marked(rule, query)
        } else if collection.spec.role == Role::Register {
            let wanted = |s: &Spotted| s.row.is_none() == (rule.pick == Pick::Cells);
            crowd(query, &self.frame).into_iter().filter(wanted).collect()
        } else {
            few(query, &self.frame)
        };
        let picked = |s: &Spotted| s.row.as_ref().is_none_or(|f| picked(&*f.source, rule.pick, f.row));
        spots.into_iter().filter(|s| self.shows(s.at) && picked(s)).collect()
    }

    /// Where points of mixed collections stand, or the names of lines and areas.
    fn marked(&self, rule: &Rule<'_>, query: &Bound) -> Vec<Spotted> {
        self.frame.turns().iter().flat_map(|frame| Self::marked_in(rule, query, frame)).collect()
    }

    fn marked_in(rule: &Rule<'_>, query: &Bound, frame: &Frame) -> Vec<Spotted> {
        let near = shapes::rows(query, frame);
        let source = near.source();
        let mut out = Vec::new();
        for (i, row) in near.rows().iter().map(|row| *row as usize).enumerate() {
            let cluster = near.groups().get(i).copied().unwrap_or(usize::MAX);
            let own = source.shapes(row).iter().flat_map(|s| if let Shape::Points(p) = s { p.as_slice() } else { &[] });
            let at: Vec<(u32, u32)> =
                if rule.pick == Pick::Names { source.label(row).into_iter().collect() } else { own.copied().collect() };
            out.extend(at.into_iter().map(|p| {
                let row = Some(Feature { source: source.clone(), row, cluster });
                Spotted { at: frame.pixel(p), count: 1, mix: [Share::default(); 3], row }
            }));
        }
        out
    }

    /// The box of the map on the sheet.
    pub(super) fn sight(&self) -> Rect {
        let (x, y) = self.origin;
        [x, y, x + self.frame.width, y + self.frame.height]
    }

    pub(super) fn wish(
        &mut self,
        lines: Vec<(String, f64)>,
        ink: Ink,
        halo: f64,
        bold: bool,
        places: Vec<Spot>,
        rank: (u8, u32),
    ) {
        let (color, halo) = (self.ink(ink).to_owned(), (self.ink(Ink::Halo).to_owned(), halo));
        // what the plan names and the districts are always worth a circle
        let shy = rank.0 > 4;
        self.drawing.wishes.push(Wish { lines, color, halo, bold, places, shy, rank });
    }

    /// Whether a position is in the frame, a circle's breadth at the edge included.
    pub(super) fn shows(&self, (x, y): Point) -> bool {
        (-20.0..=self.frame.width + 20.0).contains(&x) && (-20.0..=self.frame.height + 20.0).contains(&y)
    }

    pub(super) fn name<'b>(&self, source: &'b dyn RowSource, row: usize) -> &'b str {
        if self.lang == Lang::Zh { source.name(row) } else { source.name_en(row) }
    }

    /// The colour of a class by its place in the reading.
    pub(super) fn cluster_color(&self, place: usize) -> String {
        let entry = self.classes.get(place);
        let color = entry.map(|e| if self.theme == Theme::Light { &e.color } else { &e.color_dark });
        color.filter(|color| !color.is_empty()).cloned().unwrap_or_else(|| self.ink(Ink::Unclassified).to_owned())
    }
}

fn picked(source: &dyn RowSource, pick: Pick<'_>, row: usize) -> bool {
    match pick {
        Pick::Kind(kind) => source.text("kind", row) == Some(kind),
        Pick::NotNodes => source.text("layout_role", row) != Some("node"),
        _ => true,
    }
}

fn square((x, y): Point, reach: f64) -> Rect {
    [x - reach, y - reach, x + reach, y + reach]
}
