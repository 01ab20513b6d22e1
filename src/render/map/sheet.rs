//! Puts a map together: the sheet around it, the drawing, what is drawn over it, and last the names in the space that
//! is left.

use super::annotation;
use super::ask::{Ask, Ground, TooLarge};
use super::draw::{Drawing, MOST_VERTICES, Painter};
use super::frame::Frame;
use super::furniture::{arrow, marks, scale_bar};
use super::heading::{matched, subtitle, title};
use super::labels::FreeSpace;
use super::layout::{Sheet, free_corner};
use super::legend::{Card, Sizes, entries};
use super::palette::{Ink, Theme};
use super::scene::{Anchor, Group, Item, Line, Look, Rect, Scene, Stroke, boxed};
use super::seal::seal;
use super::zooms::Zooms;
use super::{shapes, words};
use crate::core::model::{Lang, Role};
use crate::core::query::Bound;
use crate::core::snapshot::{Description, Shape};
use crate::render::drawing::PaintError;

/// Paper is read closer than a screen: names and symbols are drawn from so much less zoom on.
const PAPER: f64 = 0.7;

/// Why there is no picture.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MapError {
    /// It would be too large.
    #[error("{} x {} pixels; at most {} a side", .0.width, .0.height, Ask::LONGEST)]
    TooLarge(TooLarge),
    /// Its shapes would have too many corners.
    #[error("the shapes in the box have more than {MOST_VERTICES} corners")]
    TooMuch,
    /// No font has these characters.
    #[error("no font has the characters {0}")]
    NoFont(String),
    /// The picture could not be made; what the library says.
    #[error("the picture could not be made: {0}")]
    Picture(String),
}

impl From<PaintError> for MapError {
    fn from(e: PaintError) -> Self {
        match e {
            PaintError::NoFont(characters) => Self::NoFont(characters),
            PaintError::Picture(why) => Self::Picture(why),
        }
    }
}

/// Draws everything that belongs to the ground, without names.
fn paint<'a>(about: &'a Description, ask: &'a Ask, parts: &Sheet, size: [f64; 2]) -> Result<Painter<'a>, MapError> {
    let map = parts.map(size);
    let (width, height) = (map[2] - map[0], map[3] - map[1]);
    let sheet = parts.margin > 0.0;
    let frame = match ask.bbox {
        // a picture without a sheet is its box and nothing else; a sheet shows the whole box, true to scale
        Some(bbox) if !sheet => Frame { crs: ask.crs, bbox, width, height },
        Some(bbox) => Frame::holding(ask.crs, bbox, [width, height], 0.0),
        None => {
            let bbox = ask.crs.project_bounds(&ask.bounds(about));
            Frame::holding(ask.crs, bbox, [width, height], width.min(height) * 0.04)
        }
    };
    let districts = |place: usize| about.collections[place].spec.role == Role::Districts;
    let of_register = |q: &&Bound| about.register.as_ref().is_some_and(|r| r.collection == q.collection());
    let mut painter = Painter {
        about,
        classes: ask.queries.iter().find(of_register).map_or(&*about.classes, |q| q.classes()),
        ask,
        frame,
        origin: (map[0], map[1]),
        zoom: frame.zoom() - Zooms::of(about).shift,
        nearer: if sheet { PAPER } else { 0.0 },
        apart: ask.is_apart() || !ask.queries.iter().any(|q| districts(q.collection())),
        type_size: if parts.compact { 0.85 } else { 1.0 },
        lang: ask.lang,
        theme: Theme::Light,
        drawing: Drawing::default(),
        space: FreeSpace::new(map),
    };
    painter.layers(&ask.queries);
    if painter.drawing.vertices > MOST_VERTICES {
        return Err(MapError::TooMuch);
    }
    painter.bring_out();
    painter.drawing.clusters.sort_unstable();
    painter.drawing.clusters.dedup();
    Ok(painter)
}

fn note(painter: &Painter<'_>) -> &'static str {
    match (painter.drawing.schematic, painter.lang) {
        (false, _) => "",
        (true, Lang::Zh) => "布局图形均为示意",
        (true, Lang::En) => "Layout is schematic",
    }
}

impl Scene {
    /// Draws a map.
    #[allow(clippy::too_many_lines, reason = "one layer after the other, the lowest first")]
    pub fn draw(about: &Description, ask: &Ask) -> Result<Self, MapError> {
        let pixels = ask.size(about).map_err(MapError::TooLarge)?;
        let size = pixels.map(|p| f64::from(p) / ask.ratio);
        // on a picture with hardly any space for a map the sheet is left out
        let sheet = ask.sheet && size[0] >= 200.0 && size[1] >= 150.0;
        let mut parts = Sheet::new(size, sheet);
        let mut painter = paint(about, ask, &parts, size)?;
        let mut insets = if sheet { painter.insets(parts.map(size), &parts, true) } else { vec![] };
        let mut legend = if sheet && ask.legend { entries(&painter, &painter.drawing) } else { vec![] };
        let mut card = None;
        if sheet && ask.legend {
            let map = parts.map(size);
            let space = [(map[2] - map[0]) * 0.5, (map[3] - map[1]) * 0.72];
            let inside = Card::new(&legend, note(&painter), Sizes::new(parts.compact), space);
            let free = inside.as_ref().filter(|_| ask.bbox.is_none());
            let free = free.and_then(|c| free_corner(&painter, map, c.size, &parts));
            card = inside.zip(free);
            // next to the map where it would cover what the map is about
            let mut wider = None;
            for _ in 0..6 {
                let space = [size[0] * 0.42, map[3] - map[1]];
                let fitting = || Card::fitting(&mut legend, note(&painter), Sizes::new(parts.compact), space);
                let Some(side_card) = card.is_none().then(fitting).flatten() else { break };
                let needed = side_card.size[0] + parts.gap();
                if needed <= parts.aside && (wider.is_some() || parts.aside - needed < 1.0) {
                    let left = parts.map(size)[2] + parts.gap();
                    let rect = [left, map[1], left + side_card.size[0], map[1] + side_card.size[1]];
                    card = Some((side_card, rect));
                    break;
                }
                // a narrower map may call for a narrower legend, and then a wider map for a wider one: back to what
                // held
                parts.aside = match wider {
                    Some(held) => held,
                    None if needed < parts.aside => {
                        wider = Some(parts.aside);
                        needed
                    }
                    None => needed,
                };
                painter = paint(about, ask, &parts, size)?;
                insets = painter.insets(parts.map(size), &parts, true);
                legend = entries(&painter, &painter.drawing);
            }
        }
        let map = parts.map(size);
        let meets = |a: &Rect, b: &Rect| a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
        if let Some((_, legend)) = &card
            && insets.iter().any(|(rect, _)| meets(rect, legend))
        {
            insets = painter.insets(map, &parts, false);
        }
        let mut scene = Self {
            size,
            ratio: ask.ratio,
            map,
            frame: painter.frame,
            title: title(about, ask),
            ground: match &ask.ground {
                Ground::Style if sheet => Some(painter.theme.color(Ink::Halo).to_owned()),
                Ground::Style => Some(painter.theme.color(Ink::Sea).to_owned()),
                Ground::Transparent => None,
                Ground::Color(color) => Some(color.clone()),
            },
            groups: vec![],
            labels: vec![],
            cards: vec![],
            legend: vec![],
            scale_bar: None,
            matched: matched(about, ask),
        };
        scene.cards.extend(insets.iter().map(|(rect, _)| *rect));
        let mut over = Vec::new();
        if sheet {
            over = scene.furnish(&mut painter, &parts, ask);
        }
        if let Some((card, rect)) = card {
            let items = card.items((rect[0], rect[1]), &legend, &painter);
            over.push(Group { id: "legend".into(), clipped: false, items });
            scene.card(&mut painter, rect);
            scene.legend = legend.into_iter().flat_map(|e| e.layers).collect();
        }
        if sheet
            && ask.seal
            && let Some((items, rect)) = seal(&painter, map, &scene.cards, parts.compact)
        {
            over.push(Group { id: "seal".into(), clipped: false, items });
            scene.card(&mut painter, rect);
        }
        let (items, rects) = marks(&painter, map, size, sheet, parts.compact, ask);
        over.push(Group { id: "marks".into(), clipped: false, items });
        rects.into_iter().for_each(|rect| scene.card(&mut painter, rect));

        let drawing = std::mem::take(&mut painter.drawing);
        let (dots, named) = annotation::dots(&ask.points, &painter.frame, (map[0], map[1]), painter.type_size);
        let mut wishes = drawing.wishes;
        wishes.extend(named);
        wishes.sort_by_key(|w| w.rank);
        let mut names = Vec::new();
        for (lines, rect) in wishes.iter().filter_map(|w| painter.space.place(w)) {
            names.extend(lines.into_iter().map(Item::Text));
            scene.labels.push(rect);
        }
        if sheet && ask.ground != Ground::Transparent {
            let sea = boxed(map, Look::filled(painter.theme.color(Ink::Sea), 1.0));
            scene.groups.push(Group { id: "sea".into(), clipped: true, items: vec![sea] });
        }
        scene.groups.extend(drawing.groups);
        scene.groups.push(Group { id: "own-points".into(), clipped: true, items: dots });
        scene.groups.push(Group { id: "names".into(), clipped: true, items: names });
        let written = annotation::items(&ask.annotations, &painter.frame, (map[0], map[1]), painter.type_size);
        scene.groups.push(Group { id: "annotations".into(), clipped: true, items: written });
        for (_, groups) in insets {
            scene.groups.extend(groups);
        }
        scene.groups.extend(over);
        scene.groups.retain(|g| !g.items.is_empty());
        if ask.lang == Lang::En {
            scene.straighten();
        }
        Ok(scene)
    }

    /// In a Chinese font the curled apostrophe is as wide as an ideograph.
    fn straighten(&mut self) {
        for item in self.groups.iter_mut().flat_map(|g| &mut g.items) {
            if let Item::Text(line) = item {
                line.text = line.text.replace('’', "'");
            }
        }
    }

    /// What a sheet has besides its legend and marks.
    fn furnish(&mut self, painter: &mut Painter<'_>, parts: &Sheet, ask: &Ask) -> Vec<Group> {
        let group = |id: &str, items| Group { id: id.to_owned(), clipped: false, items };
        let (north, rect) = arrow(painter, self.map, parts.compact);
        self.card(painter, rect);
        let (bar, rect, length) = scale_bar(painter, self.map, parts.compact);
        self.card(painter, rect);
        self.scale_bar = Some(length);
        let edge = boxed(self.map, Look::lined(painter.theme.color(Ink::Soft), 1.0));
        vec![
            group("north", north),
            group("scale", bar),
            group("neatline", vec![edge]),
            group("title", self.heading(painter, parts, ask)),
        ]
    }

    fn card(&mut self, painter: &mut Painter<'_>, rect: Rect) {
        painter.space.take(rect);
        self.cards.push(rect);
    }

    /// Title and, under it, what is asked.
    fn heading(&self, painter: &Painter<'_>, parts: &Sheet, ask: &Ask) -> Vec<Item> {
        let (size, small) = if parts.compact { (14.0, 10.0) } else { (22.0, 13.0) };
        let middle = self.size[0] / 2.0;
        let line = |text: &str, size: f64, y: f64, bold: bool, ink: Ink| {
            let text = words::fitted(text, size, self.size[0] - 2.0 * parts.margin);
            let color = painter.theme.color(ink).to_owned();
            Item::Text(Line { text, at: (middle, y), size, anchor: Anchor::Middle, color, halo: None, bold })
        };
        let first = if parts.compact { 17.0 } else { 31.0 };
        let said = subtitle(painter.about, ask, self.matched);
        vec![
            line(&self.title, size, first, true, Ink::Text),
            line(&said, small, first + small * 1.45, false, Ink::Soft),
        ]
    }
}

impl Painter<'_> {
    /// Outlines the area that is in question, and veils the rest.
    fn bring_out(&mut self) {
        let Some(polygon) = self.ask.focus.as_ref().and_then(|f| f.outline()) else { return };
        let (shape, turns) = (Shape::of(&polygon.clone().into()), self.frame.turns());
        let Some((parts, closed)) = shape.first().map(|s| shapes::parts_in(s, &turns, self.origin)) else { return };
        if parts.is_empty() {
            return;
        }
        let (x, y) = self.origin;
        let (right, bottom) = (x + self.frame.width, y + self.frame.height);
        let tenths = |v: f64| (v * 10.0).round() as i32;
        let edge = [(x, y), (right, y), (right, bottom), (x, bottom)].map(|(x, y)| (tenths(x), tenths(y))).to_vec();
        let veil = Item::Path {
            parts: std::iter::once(edge).chain(parts.iter().cloned()).collect(),
            closed: true,
            look: Look::filled(self.theme.color(Ink::Halo), 0.5),
        };
        let mut stroke = Stroke::new(self.theme.color(Ink::Chosen), 2.5);
        stroke.round_join = true;
        let line = Item::Path { parts, closed, look: Look { fill: None, stroke: Some(stroke) } };
        // over the ground, under the structure and the enterprises
        let areas =
            |g: &&Group| matches!(g.id.as_str(), "districts-fill" | "districts-shade" | "water" | "districts-line");
        let at = self.drawing.groups.iter().rposition(|g| areas(&g)).map_or(0, |i| i + 1);
        self.drawing.groups.insert(at, Group { id: "chosen".into(), clipped: true, items: vec![veil, line] });
    }

    /// Whether single rows carry the character of their cluster.
    pub(super) fn drawing_marks(&self) -> bool {
        self.drawing.groups.iter().any(|g| g.id == "register-mark")
    }
}
