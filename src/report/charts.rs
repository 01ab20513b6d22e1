//! Charts: a small writer of our own, so that paper, page and workbook's neighbours show one picture.

use crate::drawing::{Anchor, Drawing, Group, Item, Line, Look, Rect, boxed, ink_on, path};
use std::borrow::Cow;

const WIDTH: f64 = 720.0;
const TEXT: f64 = 15.0;
const ROW: f64 = 30.0;
const INK: &str = "#1C232B";
const SOFT: &str = "#525B66";
const RULE: &str = "#C9CDD2";
const BAR: &str = "#3F5F9A";
/// Where bars begin, and where they end at the latest.
const LEFT: f64 = 176.0;
const RIGHT: f64 = 600.0;

/// One thing in a chart by rows.
pub(super) struct Entry<'a> {
    pub(super) mark: &'a str,
    pub(super) name: &'a str,
    pub(super) color: &'a str,
    pub(super) value: Option<f64>,
    /// What is written at its end.
    pub(super) label: String,
}

/// Bars, one to a row.
pub(super) fn bars(title: &str, entries: &[Entry<'_>]) -> Drawing<'static> {
    let most = entries.iter().filter_map(|e| e.value).fold(0.0, f64::max).max(1e-9);
    let mut items = vec![line((LEFT, 4.0), (LEFT, 8.0 + ROW * entries.len() as f64), RULE, 1.0)];
    for (i, e) in entries.iter().enumerate() {
        let top = 8.0 + ROW * i as f64;
        head(&mut items, e, top);
        let end = LEFT + e.value.unwrap_or(0.0) / most * (RIGHT - LEFT);
        if end > LEFT {
            items.push(boxed([LEFT, top + 5.0, end, top + ROW - 7.0], Look::filled(e.color, 1.0)));
        }
        items.push(text(&e.label, (end + 8.0, top + 20.0), Anchor::Start, INK));
    }
    drawing(title, 16.0 + ROW * entries.len() as f64, items)
}

/// Quotients as dots on a stem from 1: right of the line above the city's average, left of it below.
pub(super) fn quotients(title: &str, one: &str, entries: &[Entry<'_>]) -> Drawing<'static> {
    let most = entries.iter().filter_map(|e| e.value).fold(1.5, f64::max);
    let most = (most * 2.0).ceil() / 2.0;
    let at = |v: f64| LEFT + v / most * (RIGHT - LEFT);
    let bottom = 8.0 + ROW * entries.len() as f64;
    let mut items = vec![line((LEFT, 4.0), (LEFT, bottom), RULE, 1.0), line((at(1.0), 4.0), (at(1.0), bottom), SOFT, 1.5)];
    for (i, e) in entries.iter().enumerate() {
        let top = 8.0 + ROW * i as f64;
        let middle = top + ROW / 2.0 - 1.0;
        head(&mut items, e, top);
        let Some(value) = e.value else {
            items.push(text(&e.label, (LEFT + 8.0, top + 20.0), Anchor::Start, SOFT));
            continue;
        };
        items.push(line((at(1.0), middle), (at(value), middle), e.color, 4.0));
        items.push(Item::Circle { at: (at(value), middle), radius: 7.0, look: Look::filled(e.color, 1.0) });
        let (x, anchor) = if value >= 1.0 { (at(value) + 13.0, Anchor::Start) } else { (at(1.0) + 8.0, Anchor::Start) };
        items.push(text(&e.label, (x, top + 20.0), anchor, INK));
    }
    for tick in 0..=(most * 2.0) as u32 {
        let v = f64::from(tick) / 2.0;
        items.push(text(&format!("{v:.1}"), (at(v), bottom + 18.0), Anchor::Middle, SOFT));
    }
    items.push(text(one, (at(1.0), bottom + 38.0), Anchor::Middle, SOFT));
    drawing(title, bottom + 46.0, items)
}

/// Columns, one to a year: label above, what stands below it, and a line under that.
pub(super) fn columns(title: &str, entries: &[(String, Option<f64>, String, String)]) -> Drawing<'static> {
    const HIGH: f64 = 170.0;
    let most = entries.iter().filter_map(|e| e.1).fold(0.0, f64::max).max(1e-9);
    let step = (WIDTH - 40.0) / entries.len().max(1) as f64;
    let base = 30.0 + HIGH;
    let mut items = Vec::new();
    for (i, (name, value, label, below)) in entries.iter().enumerate() {
        let middle = 20.0 + step * (i as f64 + 0.5);
        let high = value.unwrap_or(0.0).max(0.0) / most * HIGH;
        let half = (step * 0.3).min(34.0);
        if high > 0.0 {
            items.push(boxed([middle - half, base - high, middle + half, base], Look::filled(BAR, 1.0)));
        }
        items.push(text(label, (middle, base - high - 8.0), Anchor::Middle, INK));
        items.push(text(name, (middle, base + 20.0), Anchor::Middle, INK));
        let mut small = text(below, (middle, base + 40.0), Anchor::Middle, SOFT);
        if let Item::Text(line) = &mut small {
            line.size = 12.5;
        }
        items.push(small);
    }
    items.push(line((20.0, base), (WIDTH - 20.0, base), RULE, 1.0));
    drawing(title, base + 50.0, items)
}

/// The mark of a cluster and its name.
fn head(items: &mut Vec<Item>, e: &Entry<'_>, top: f64) {
    let badge: Rect = [4.0, top + 3.0, 26.0, top + 25.0];
    items.push(boxed(badge, Look::filled(e.color, 1.0)));
    items.push(text(e.mark, (15.0, top + 19.5), Anchor::Middle, ink_on(e.color)));
    items.push(text(&fitted(e.name), (34.0, top + 20.0), Anchor::Start, INK));
}

/// A name in the room that there is.
fn fitted(name: &str) -> String {
    let width = |c: char| if c.is_ascii() { TEXT * 0.56 } else { TEXT };
    let mut left = LEFT - 44.0;
    let whole = name.chars().map(width).sum::<f64>() <= left;
    let kept = name.chars().take_while(|c| {
        left -= width(*c);
        whole || left >= TEXT
    });
    let mut out: String = kept.collect();
    if !whole {
        out = out.trim_end().to_owned() + "…";
    }
    out
}

fn line(from: (f64, f64), to: (f64, f64), color: &str, width: f64) -> Item {
    path(&[from, to], false, Look::lined(color, width))
}

fn text(text: &str, at: (f64, f64), anchor: Anchor, color: &str) -> Item {
    Item::Text(Line { text: text.to_owned(), at, size: TEXT, anchor, color: color.to_owned(), halo: None, bold: false })
}

fn drawing(title: &str, height: f64, items: Vec<Item>) -> Drawing<'static> {
    Drawing {
        size: [WIDTH, height],
        ratio: 2.0,
        title: Cow::Owned(title.to_owned()),
        ground: Some(Cow::Borrowed("#FFFFFF")),
        clip: [0.0, 0.0, WIDTH, height],
        groups: Cow::Owned(vec![Group { id: String::new(), clipped: false, items }]),
    }
}
