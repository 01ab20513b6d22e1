//! The legend: what the drawing shows, and nothing else.

use super::draw::{Drawing, Painter};
use super::palette::Ink;
use super::scene::{Anchor, Item, Line, Look, Point, Rect, Stroke, boxed, path};
use super::table::{Color, Drawn, Marker, Paint, RULES, stack};
use super::{symbols, words};
use crate::core::model::{Lang, Role, Text};

/// One line of a legend.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// The layers it stands for.
    pub(super) layers: Vec<String>,
    pub(super) text: String,
    pub(super) key: Key,
}

/// The picture before the text.
#[derive(Clone, Debug)]
pub(super) enum Key {
    /// None: a heading.
    Heading,
    /// An area.
    Area(Look),
    /// A line over, perhaps, a wide one.
    Lines(Vec<Stroke>),
    /// A diamond: side, status, colour.
    Diamond(f64, String, &'static str),
    /// A lead enterprise.
    Square,
    /// A counted circle.
    Cell,
    /// The symbol of a layer, in its colour.
    Marker(Marker, &'static str),
    /// A dot or the disc of a cluster.
    Disc(String, Option<String>),
}

/// Sizes of a legend's parts in pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    pub(super) text: f64,
    pub(super) row: f64,
    pub(super) key: f64,
    pub(super) padding: f64,
}

impl Sizes {
    pub(super) fn new(compact: bool) -> Self {
        if compact {
            Self { text: 10.0, row: 15.0, key: 22.0, padding: 7.0 }
        } else {
            Self { text: 12.0, row: 20.0, key: 30.0, padding: 10.0 }
        }
    }
}

/// What the drawing calls for, in the order of the page's legend.
#[allow(clippy::too_many_lines, reason = "one entry after the other, in their order")]
pub(super) fn entries(painter: &Painter<'_>, drawing: &Drawing) -> Vec<Entry> {
    let lang = painter.lang;
    let has = |id: &str| drawing.groups.iter().any(|g| g.id == id);
    let words = painter.about.wording();
    let say = |zh: &str, en: &str| words.fill(lang, if lang == Lang::Zh { zh } else { en });
    let color = |ink| painter.theme.color(ink);
    let line = |id: &str| {
        let rule = RULES.iter().find(|r| r.id == id)?;
        let Paint::Line { color: Color::Ink(ink), width, opacity, dash, cap } = rule.paint else { return None };
        let mut stroke = Stroke::new(color(ink), width);
        (stroke.opacity, stroke.dash) = (opacity, dash.iter().map(|d| d * width).collect());
        stroke.round_cap = cap == super::table::Cap::Round;
        Some(stroke)
    };
    let mut out = Vec::new();
    let mut add = |layers: &[&str], text: String, key: Key| {
        out.push(Entry { layers: layers.iter().map(|l| (*l).to_owned()).collect(), text, key });
    };
    if let Some(classes) = drawing.classes.as_ref().filter(|_| has("districts-shade")) {
        add(&[], classes.title.clone(), Key::Heading);
        for (text, shade) in &classes.entries {
            let fill = shade.as_deref().unwrap_or(color(Ink::Land));
            let look = Look::filled(fill, 1.0).and_line(color(Ink::Border), 0.8);
            add(&["districts-shade"], text.clone(), Key::Area(look));
        }
    }
    if has("register-cell") {
        let classified = !painter.classes.is_empty();
        let (zh, en) = if classified { (",环为{class}构成", "; the ring: their {classes}") } else { ("", "") };
        let text = say(&format!("多{{counter}}{{row}}（数字为{{row}}数{zh}）"), &format!("{{Rows}}, counted{en}"));
        add(&["register-cell", "register-cell-ring"], text, Key::Cell);
    }
    // how rows of the register are drawn: a class is shown by the first of these
    let drawn =
        ["register-dot", "register-area", "register-line", "register-cell-ring"].into_iter().filter(|id| has(id));
    let drawn: Vec<&str> = drawn.collect();
    if let Some(&first) = drawn.first() {
        let (marked, classified) = (painter.drawing_marks(), !painter.classes.is_empty());
        let entries = painter.classes.list();
        for &place in &drawing.clusters {
            let text = entries.get(place).map(|e| name(&e.name, lang));
            let none = || if classified { say("未分类", "Unclassified") } else { say("{row}", "{Rows}") };
            let text = text.unwrap_or_else(none);
            let mark = entries.get(place).map(|e| e.mark.clone()).filter(|_| marked);
            let color = painter.cluster_color(place);
            let key = match first {
                "register-area" => Key::Area(Look::filled(&color, 0.6).and_line(&color, 1.2)),
                "register-line" => Key::Lines(vec![Stroke::new(&color, 3.0)]),
                _ => Key::Disc(color, mark),
            };
            add(&drawn, text, key);
        }
    }
    // a layout's parts have their own titles, zones that of their kind, other collections their own
    let titled = |drawn: &Drawn<'_>| {
        let spec = &painter.about.collections[drawn.place].spec;
        let kind = painter.about.zone_kinds.iter().find(|k| k.collections.contains(&drawn.place));
        let kind = kind.filter(|_| spec.role == Role::Zones).map(|k| &k.title);
        drawn.part.map(|p| &p.title).or(kind).unwrap_or(&spec.title).get(lang).to_owned()
    };
    let shown: Vec<Drawn<'_>> = stack(painter.about).into_iter().filter(|d| has(&d.id)).collect();
    let by = |rule: &'static str| shown.iter().filter(move |d| d.rule.id == rule);
    for (id, wide) in [("axis", None), ("belt", Some("belt-wide"))] {
        for drawn in by(id) {
            let strokes = wide.into_iter().chain([id]).filter_map(line).collect();
            add(&[&drawn.id], titled(drawn), Key::Lines(strokes));
        }
    }
    let node = by("nodes").next().map(titled);
    for (layer, text, key) in places(painter, drawing, node.as_deref()) {
        add(&[layer], text, key);
    }
    if has("lead") {
        let lead = painter.about.by_role(Role::Lead).map_or("", |c| c.spec.title.get(lang));
        add(&["lead"], lead.to_owned(), Key::Square);
    }
    for (outline, ink) in [("zones-line", Ink::Zone), ("corridor-line", Ink::Plan)] {
        let mut titles: Vec<(String, Vec<&str>)> = Vec::new();
        for drawn in by(outline) {
            let title = titled(drawn);
            match titles.iter_mut().find(|(t, _)| *t == title) {
                Some((_, layers)) => layers.push(&drawn.id),
                None => titles.push((title, vec![&drawn.id])),
            }
        }
        for (title, layers) in titles {
            let mut look = Look::filled(color(ink), 0.05);
            look.stroke = line(outline);
            add(&layers, title, Key::Area(look));
        }
    }
    for (layers, text, key) in features(painter, drawing) {
        add(&layers.iter().map(String::as_str).collect::<Vec<_>>(), text, key);
    }
    let own = &painter.ask.points;
    if !own.points.is_empty() {
        let title = if own.title.is_empty() { say("自有点位", "Own points") } else { own.title.clone() };
        add(&["own-points"], title, Key::Disc(super::annotation::INK.to_owned(), None));
    }
    if has("chosen") {
        add(&["chosen"], say("所选范围", "Chosen area"), Key::Area(Look::lined(color(Ink::Chosen), 2.5)));
    }
    if has("districts-line") {
        let strokes = line("districts-line").into_iter().collect();
        let kind = painter.about.district_kind().map_or("", |k| k.title.get(lang));
        add(&["districts-line"], say("{}界", "{} border").replacen("{}", kind, 1), Key::Lines(strokes));
    }
    for drawn in by("water") {
        let look = Look::filled(color(Ink::Water), 1.0);
        add(&[&drawn.id], titled(drawn), Key::Area(look));
    }
    out
}

/// Collections without a role of their own, by how their features are drawn.
fn features(painter: &Painter<'_>, drawing: &Drawing) -> Vec<(Vec<String>, String, Key)> {
    let color = painter.theme.color(Ink::Cell);
    let mut out = Vec::new();
    for layer in painter.about.collections.iter().filter(|l| l.spec.role == Role::Features) {
        let mut drawn = ["-fill", "-line", "-point"].map(|s| format!("{}{s}", layer.spec.id)).to_vec();
        drawn.retain(|id| drawing.groups.iter().any(|g| g.id == *id));
        let Some(last) = drawn.last() else { continue };
        let marker = Marker::of(painter.about.manifest.symbol(&layer.spec));
        let key = if last.ends_with("-point") {
            marker.map_or_else(|| Key::Disc(color.to_owned(), None), |shape| Key::Marker(shape, color))
        } else if drawn.len() > 1 {
            Key::Area(Look::filled(color, 0.15).and_line(color, 1.2))
        } else {
            Key::Lines(vec![Stroke::new(color, 1.2)])
        };
        out.push((drawn, name(&layer.spec.title, painter.lang), key));
    }
    out
}

/// Nodes, by the title of their part, and platforms, by how far they are built.
fn places(painter: &Painter<'_>, drawing: &Drawing, node: Option<&str>) -> Vec<(&'static str, String, Key)> {
    let platforms = painter.about.by_role(Role::Platforms).map_or("", |c| c.spec.title.get(painter.lang));
    let mut out = Vec::new();
    for (family, side, ink, names) in [
        (
            "node",
            15.0,
            Ink::Plan,
            [("已有{}", "{}, existing"), ("规划后新增{}", "{}, added later"), ("规划{}", "{}, planned")],
        ),
        (
            "platform",
            12.0,
            Ink::Lead,
            [
                if node.is_some() { ("其他{}", "{}, other") } else { ("{}", "{}") },
                ("{}（新增）", "{}, added later"),
                ("{}（规划）", "{}, planned"),
            ],
        ),
    ] {
        for (status, (zh, en)) in ["existing", "later", "planned"].into_iter().zip(names) {
            if drawing.statuses.iter().any(|(f, s)| *f == family && s == status) {
                let layer = if family == "node" { "nodes" } else { "platforms" };
                let text = if painter.lang == Lang::Zh { zh } else { en };
                let title = if family == "node" { node.unwrap_or_default() } else { platforms };
                let key = Key::Diamond(side, status.to_owned(), painter.theme.color(ink));
                out.push((layer, text.replacen("{}", title, 1), key));
            }
        }
    }
    out
}

fn name(text: &Text, lang: Lang) -> String {
    text.get(lang).to_owned()
}

/// A legend laid out in columns, its upper left corner at the origin.
#[derive(Clone, Debug)]
pub(super) struct Card {
    pub(super) size: [f64; 2],
    rows: usize,
    column: f64,
    sizes: Sizes,
    title: f64,
    note: Vec<String>,
}

impl Card {
    /// The narrowest layout no taller than `most`; `None` where even several columns don't fit.
    pub(super) fn new(entries: &[Entry], note: &str, sizes: Sizes, most: [f64; 2]) -> Option<Self> {
        let Sizes { text, row, key, padding } = sizes;
        let widest = entries.iter().map(|e| words::width(&e.text, text)).fold(0.0, f64::max);
        let column = key + 6.0 + widest;
        let title = row * 1.15;
        (1..=4).find_map(|columns| {
            let rows = entries.len().div_ceil(columns);
            let width = columns as f64 * column + (columns - 1) as f64 * 14.0 + 2.0 * padding;
            let small = text - 1.0;
            let note = if note.is_empty() { vec![] } else { words::wrap(note, (width - 2.0 * padding) / small) };
            let height = title + rows as f64 * row + note.len() as f64 * small * 1.4 + 2.0 * padding;
            let fits = height <= most[1] && width <= most[0] && !entries.is_empty();
            fits.then_some(Self { size: [width, height], rows, column, sizes, title, note })
        })
    }

    /// The same; where it doesn't fit, what is too wide is left out, then from the end on what every reader knows:
    /// water, borders, areas.
    pub(super) fn fitting(entries: &mut Vec<Entry>, note: &str, sizes: Sizes, most: [f64; 2]) -> Option<Self> {
        let widest = most[0] - sizes.key - 6.0 - 2.0 * sizes.padding;
        entries.retain(|e| words::width(&e.text, sizes.text) <= widest);
        while !entries.is_empty() {
            if let Some(card) = Self::new(entries, note, sizes, most) {
                return Some(card);
            }
            entries.pop();
        }
        None
    }

    /// The card at a place.
    pub(super) fn items(&self, (left, top): Point, entries: &[Entry], painter: &Painter<'_>) -> Vec<Item> {
        let Sizes { text, row, key, padding } = self.sizes;
        let color = |ink| painter.theme.color(ink);
        let mut items = vec![ground([left, top, left + self.size[0], top + self.size[1]], painter)];
        let write = |x: f64, y: f64, said: &str, size: f64, bold: bool, ink: Ink| {
            let (said, color) = (said.to_owned(), color(ink).to_owned());
            Item::Text(Line { text: said, at: (x, y), size, anchor: Anchor::Start, color, halo: None, bold })
        };
        let heading = if painter.lang == Lang::Zh { "图例" } else { "Legend" };
        items.push(write(left + padding, top + padding + text * 0.95, heading, text + 1.0, true, Ink::Text));
        for (i, entry) in entries.iter().enumerate() {
            let (at_column, at_row) = (i / self.rows, i % self.rows);
            let x = left + padding + at_column as f64 * (self.column + 14.0);
            let y = top + padding + self.title + (at_row as f64 + 0.5) * row;
            let baseline = y + text * 0.36;
            if matches!(entry.key, Key::Heading) {
                items.push(write(x, baseline, &entry.text, text, true, Ink::Soft));
                continue;
            }
            items.extend(picture(&entry.key, [x, y, key, row], painter));
            items.push(write(x + key + 6.0, baseline, &entry.text, text, false, Ink::Text));
        }
        let mut y = top + padding + self.title + self.rows as f64 * row + (text - 1.0) * 1.1;
        for line in &self.note {
            items.push(write(left + padding, y, line, text - 1.0, false, Ink::Soft));
            y += (text - 1.0) * 1.4;
        }
        items
    }
}

/// A white background behind what is drawn over the map.
pub(super) fn ground(rect: Rect, painter: &Painter<'_>) -> Item {
    let look = Look::filled(painter.theme.color(Ink::Halo), 0.94).and_line(painter.theme.color(Ink::Border), 0.8);
    boxed(rect, look)
}

/// The picture of an entry: from the left, around a height, so wide and high.
fn picture(key: &Key, [x, y, wide, row]: [f64; 4], painter: &Painter<'_>) -> Vec<Item> {
    let middle = (x + wide / 2.0, y);
    let halo = painter.theme.color(Ink::Halo);
    match key {
        Key::Heading => vec![],
        Key::Area(look) => {
            let high = row * 0.3;
            vec![boxed([x + 2.0, y - high, x + wide - 2.0, y + high], look.clone())]
        }
        Key::Lines(strokes) => {
            let lines = strokes.iter().map(|stroke| {
                // round ends reach beyond the line
                let reach = if stroke.round_cap { stroke.width.min(row * 0.6) / 2.0 } else { 0.0 };
                let stroke = Stroke { width: stroke.width.min(row * 0.6), ..stroke.clone() };
                path(
                    &[(x + 1.0 + reach, y), (x + wide - 1.0 - reach, y)],
                    false,
                    Look { fill: None, stroke: Some(stroke) },
                )
            });
            lines.collect()
        }
        Key::Diamond(side, status, color) => symbols::diamond(middle, side.min(row - 3.0), status, color, halo),
        Key::Square => symbols::square(middle, painter.theme.color(Ink::Lead), halo),
        Key::Cell => {
            let (radius, size) = (row * 0.45, row * 0.5);
            let color = painter.theme.color(Ink::Text).to_owned();
            let at = (middle.0, y + size * 0.36);
            let text = Line { text: "8".into(), at, size, anchor: Anchor::Middle, color, halo: None, bold: false };
            let parts = [(painter.cluster_color(0), 7), (painter.cluster_color(1), 3)];
            let others = (painter.theme.color(Ink::Others).to_owned(), 2);
            let mut items = vec![Item::Circle { at: middle, radius, look: Look::filled(halo, 1.0) }];
            items.extend(symbols::ring(middle, radius, &[parts.as_slice(), &[others]].concat()));
            items.push(Item::Text(text));
            items
        }
        Key::Marker(shape, color) => vec![symbols::marker(middle, row * 0.24, *shape, color, halo)],
        Key::Disc(color, Some(mark)) => symbols::mark(middle, row * 0.9, mark, color, halo),
        Key::Disc(color, None) => vec![Item::Circle { at: middle, radius: row * 0.24, look: Look::filled(color, 1.0) }],
    }
}
