//! Insets: parts of the ground that lie far from the rest, drawn smaller in a corner of maps of the whole.

use super::ask::Ask;
use super::draw::{Drawing, Painter};
use super::frame::Frame;
use super::labels::FreeSpace;
use super::layout::{Sheet, free_corner};
use super::palette::Ink;
use super::scene::{Anchor, Group, Item, Line, Look, Rect, boxed};
use super::words;
use super::zooms::Zooms;
use crate::core::geometry::{Bounds, clip};
use crate::core::model::{InsetSpec, Lang};
use crate::core::query::AreaKind;

/// Of the map's height and width an inset takes at most so much.
const SHARE: [f64; 2] = [0.24, 0.32];
/// Side of the square that shapes are scaled to before they are cut, in tenths of a pixel.
const SQUARE: i32 = 40_000;

impl Painter<'_> {
    /// The insets of the dataset where the whole is shown: their groups, lowest first. The boxes that they take are taken.
    /// Where no corner is free they stand beside the map, under its legend, if they may.
    pub(super) fn insets(&mut self, map: Rect, parts: &Sheet, beside: bool) -> Vec<(Rect, Vec<Group>)> {
        let (about, ask) = (self.about, self.ask);
        let of_register = |f: &crate::core::query::Bound| f.area().kind == AreaKind::City;
        let whole = ask.bbox.is_none() && ask.queries.len() > 1 && ask.focus.as_ref().is_none_or(of_register);
        if !whole || about.scope.is_some() {
            return vec![];
        }
        let all = about.manifest.map.insets.iter().enumerate();
        all.map(|(order, spec)| {
            let rect = self.place(spec, map, parts, beside);
            self.space.take(rect);
            (rect, self.inset(order, spec, rect, ask, parts))
        })
        .collect()
    }

    /// A free corner for an inset; where there is none, the place beside the map or the lower right corner.
    fn place(&self, spec: &InsetSpec, map: Rect, parts: &Sheet, beside: bool) -> Rect {
        let [left, top, right, bottom] = map;
        let shape =
            Frame::height_for(self.frame.crs, self.frame.crs.project_bounds(&Bounds::from_array(spec.bbox)), 1.0);
        let (most_wide, most_high) = ((right - left) * SHARE[0], (bottom - top) * SHARE[1]);
        let wide = most_wide.min(most_high / shape);
        let size = [wide, wide * shape];
        let gap = parts.gap();
        let bar = if parts.compact { 24.0 } else { 40.0 };
        let usual = [right - gap - size[0], bottom - gap - bar - size[1], right - gap, bottom - gap - bar];
        let column = parts.aside - gap;
        let next_to = (beside && column >= size[0] * 0.6).then(|| {
            let wide = column.min(most_high / shape);
            [right + gap, bottom - wide * shape, right + gap + wide, bottom]
        });
        free_corner(self, map, size, parts).or(next_to).unwrap_or(usual)
    }

    fn inset(&mut self, order: usize, spec: &InsetSpec, rect: Rect, ask: &Ask, parts: &Sheet) -> Vec<Group> {
        let [left, top, right, bottom] = rect;
        let bbox = self.frame.crs.project_bounds(&Bounds::from_array(spec.bbox));
        let frame = Frame::holding(self.frame.crs, bbox, [right - left, bottom - top], 0.0);
        let mut painter = Painter {
            about: self.about,
            classes: self.classes,
            ask,
            frame,
            origin: (left, top),
            zoom: frame.zoom() - Zooms::of(self.about).shift,
            nearer: self.nearer,
            apart: self.apart,
            type_size: self.type_size * 0.8,
            lang: self.lang,
            theme: self.theme,
            drawing: Drawing::default(),
            space: FreeSpace::new(rect),
        };
        painter.layers(&ask.queries);
        let title = painter.title(spec, self.frame.metres(1.0) / frame.metres(1.0), parts);
        let drawing = std::mem::take(&mut painter.drawing);
        self.drawing.vertices += drawing.vertices;
        self.drawing.sample |= drawing.sample;
        self.drawing.schematic |= drawing.schematic;
        let mut wishes = drawing.wishes;
        wishes.sort_by_key(|w| w.rank);
        let names = wishes.iter().filter_map(|w| painter.space.place(w)).flat_map(|(lines, _)| lines).map(Item::Text);
        let names: Vec<Item> = names.collect();
        let id = |name: &str| format!("inset-{}-{name}", order + 1);
        let group = |name: &str, items: Vec<Item>| Group { id: id(name), clipped: false, items };
        let sea = boxed(rect, Look::filled(self.theme.color(Ink::Sea), 1.0));
        let edge = boxed(rect, Look::lined(self.theme.color(Ink::Soft), 1.0));
        let drawn = drawing.groups.into_iter().map(|g| {
            let items = g.items.into_iter().filter_map(|item| cut(item, rect)).collect();
            group(&g.id, items)
        });
        let all = std::iter::once(group("sea", vec![sea])).chain(drawn);
        all.chain([group("names", names), group("title", title), group("edge", vec![edge])]).collect()
    }

    /// The title at the foot of an inset, and how its scale compares with the map's.
    fn title(&mut self, spec: &InsetSpec, scale: f64, parts: &Sheet) -> Vec<Item> {
        let size = if parts.compact { 8.5 } else { 11.0 };
        let [left, _, right, bottom] = self.sight();
        let percent = format!("{:.0}", scale * 100.0);
        let said = match self.lang {
            Lang::Zh => format!("比例尺为主图的 {percent}%"),
            Lang::En => format!("{percent}% of the map's scale"),
        };
        let lines =
            [(said, size * 0.8, bottom - 4.0), (spec.title.get(self.lang).to_owned(), size, bottom - 5.0 - size)];
        let halo = Some((self.theme.color(Ink::Halo).to_owned(), 1.8));
        let line = |(text, size, y): (String, f64, f64)| Line {
            text: words::fitted(&text, size, right - left - 6.0),
            at: (left.midpoint(right), y),
            size,
            anchor: Anchor::Middle,
            color: self.theme.color(Ink::Text).to_owned(),
            halo: halo.clone(),
            bold: false,
        };
        let items: Vec<Item> = lines.map(line).map(Item::Text).into();
        self.space.take([left, bottom - 8.0 - size * 2.0, right, bottom]);
        items
    }
}

/// What of an item lies in a box; discs and texts are kept where their middles do.
fn cut(item: Item, rect: Rect) -> Option<Item> {
    let [left, top, right, bottom] = rect;
    match item {
        Item::Path { parts, closed, look } => {
            let side = f64::from(SQUARE);
            let (sx, sy) = (side / (right - left) / 10.0, side / (bottom - top) / 10.0);
            let into = |&(x, y): &(i32, i32)| {
                (((f64::from(x) - left * 10.0) * sx).round() as i32, ((f64::from(y) - top * 10.0) * sy).round() as i32)
            };
            let back = |(x, y): (i32, i32)| {
                let (x, y) = (f64::from(x) / sx + left * 10.0, f64::from(y) / sy + top * 10.0);
                (x.round() as i32, y.round() as i32)
            };
            let scaled = parts.iter().map(|part| part.iter().map(into).collect::<Vec<_>>());
            let parts: Vec<Vec<(i32, i32)>> = if closed {
                scaled.map(|ring| clip::ring(&ring, 0, SQUARE)).filter(|ring| ring.len() > 2).collect()
            } else {
                scaled.flat_map(|line| clip::line(&line, 0, SQUARE)).collect()
            };
            let parts: Vec<Vec<_>> = parts.into_iter().map(|part| part.into_iter().map(back).collect()).collect();
            (!parts.is_empty()).then_some(Item::Path { parts, closed, look })
        }
        Item::Circle { at: (x, y), radius, .. } => {
            let inside = x - radius >= left && x + radius <= right && y - radius >= top && y + radius <= bottom;
            inside.then_some(item)
        }
        Item::Text(Line { at: (x, y), .. }) => {
            let inside = (left..=right).contains(&x) && (top..=bottom).contains(&y);
            inside.then_some(item)
        }
    }
}
