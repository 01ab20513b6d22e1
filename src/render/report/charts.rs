//! Charts: a small writer of our own, so that all documents show the same picture.

use crate::core::query::DistanceCurve;
use crate::render::drawing::{Anchor, Drawing, Group, Item, Line, Look, Rect, boxed, ink_on, path};
use std::borrow::Cow;

const WIDTH: f64 = 720.0;
const TEXT: f64 = 14.0;
const ROW: f64 = 28.0;
const INK: &str = "#1C232B";
const SOFT: &str = "#525B66";
const RULE: &str = "#C9CDD2";
const BAR: &str = "#3F5F9A";
/// Room for heads above the rows.
const TOP: f64 = 30.0;

/// A cluster in a chart.
pub(super) struct Entry<'a> {
    pub(super) mark: &'a str,
    pub(super) name: &'a str,
    pub(super) color: &'a str,
    pub(super) count: u64,
    /// What is written at the end of its bar.
    pub(super) label: String,
    pub(super) quotient: Option<f64>,
}

/// Clusters by rows: bars of their enterprises, and next to them, where `quotient` names it, location quotients as
/// dots on a stem from 1 (right of that line above the city's average, left of it below).
pub(super) fn clusters(
    title: &str,
    count: &str,
    quotient: Option<(&str, &str)>,
    entries: &[Entry<'_>],
) -> Drawing<'static> {
    // bars begin where the longest name ends
    let longest = entries.iter().map(|e| width(e.name)).fold(0.0, f64::max);
    let left = 46.0 + longest.clamp(70.0, 190.0);
    let right = if quotient.is_some() { 370.0 } else { 600.0 };
    let most = entries.iter().map(|e| e.count).max().unwrap_or(0).max(1) as f64;
    let bottom = TOP + ROW * entries.len() as f64;
    let mut items =
        vec![text(count, (left, 18.0), Anchor::Start, SOFT), line((left, TOP - 4.0), (left, bottom), RULE, 1.0)];
    for (i, e) in entries.iter().enumerate() {
        let top = TOP + ROW * i as f64;
        head(&mut items, e, top, left - 40.0);
        let end = left + e.count as f64 / most * (right - left);
        if e.count > 0 {
            items.push(boxed([left, top + 5.0, end, top + ROW - 7.0], Look::filled(e.color, 1.0)));
        }
        items.push(text(&e.label, (end + 7.0, top + 18.0), Anchor::Start, INK));
    }
    let Some((name, one)) = quotient else { return drawing(title, bottom + 8.0, items) };
    quotients(&mut items, name, one, bottom, entries);
    drawing(title, bottom + 46.0, items)
}

fn quotients(items: &mut Vec<Item>, name: &str, one: &str, bottom: f64, entries: &[Entry<'_>]) {
    let (left, right) = (478.0, 672.0);
    let most = entries.iter().filter_map(|e| e.quotient).fold(1.5, f64::max);
    let most = (most * 2.0).ceil() / 2.0;
    let at = |v: f64| left + v / most * (right - left);
    items.push(text(name, (left, 18.0), Anchor::Start, SOFT));
    items.push(line((left, TOP - 4.0), (left, bottom), RULE, 1.0));
    items.push(line((at(1.0), TOP - 4.0), (at(1.0), bottom), SOFT, 1.5));
    for (i, e) in entries.iter().enumerate() {
        let top = TOP + ROW * i as f64;
        let middle = top + ROW / 2.0 - 1.0;
        let Some(value) = e.quotient else {
            items.push(text("—", (at(1.0) + 8.0, top + 18.0), Anchor::Start, SOFT));
            continue;
        };
        items.push(line((at(1.0), middle), (at(value), middle), e.color, 4.0));
        items.push(Item::Circle { at: (at(value), middle), radius: 6.0, look: Look::filled(e.color, 1.0) });
        let x = if value >= 1.0 { at(value) + 11.0 } else { at(1.0) + 8.0 };
        items.push(text(&format!("{value:.2}"), (x, top + 18.0), Anchor::Start, INK));
    }
    // ticks at every half, at every whole where there would be too many
    let step = if most > 4.0 { (most / 4.0).ceil() } else { 0.5 };
    for tick in 0..=(most / step) as u32 {
        let v = f64::from(tick) * step;
        items.push(text(&format!("{v:.1}"), (at(v), bottom + 18.0), Anchor::Middle, SOFT));
    }
    items.push(text(one, (at(1.0), bottom + 37.0), Anchor::Middle, SOFT));
}

/// Columns, one to a period, named as far as there is room: label above, what stands below it, and a line under that.
pub(super) fn columns(title: &str, entries: &[(String, Option<f64>, String, String)]) -> Drawing<'static> {
    const HIGH: f64 = 150.0;
    let most = entries.iter().filter_map(|e| e.1).fold(0.0, f64::max).max(1e-9);
    let step = (WIDTH - 40.0) / entries.len().max(1) as f64;
    // the last is always named
    let widest = entries.iter().map(|e| width(&e.0).max(width(&e.2))).fold(0.0, f64::max);
    let every = ((widest + 6.0) / step).ceil().max(1.0) as usize;
    let base = 30.0 + HIGH;
    let mut items = Vec::new();
    for (i, (name, value, label, below)) in entries.iter().enumerate() {
        let middle = 20.0 + step * (i as f64 + 0.5);
        let high = value.unwrap_or(0.0).max(0.0) / most * HIGH;
        let half = (step * 0.3).min(34.0);
        if high > 0.0 {
            items.push(boxed([middle - half, base - high, middle + half, base], Look::filled(BAR, 1.0)));
        }
        if !(entries.len() - 1 - i).is_multiple_of(every) {
            continue;
        }
        items.push(text(label, (middle, base - high - 8.0), Anchor::Middle, INK));
        items.push(text(name, (middle, base + 20.0), Anchor::Middle, INK));
        if every > 1 {
            continue;
        }
        let mut small = text(below, (middle, base + 40.0), Anchor::Middle, SOFT);
        if let Item::Text(line) = &mut small {
            line.size = 12.5;
        }
        items.push(small);
    }
    items.push(line((20.0, base), (WIDTH - 20.0, base), RULE, 1.0));
    drawing(title, base + 50.0, items)
}

/// A stage in a diagram.
pub(super) struct Stage {
    pub(super) column: usize,
    pub(super) name: String,
    /// What sort of stage it is.
    pub(super) kind: String,
    /// What is counted there.
    pub(super) label: String,
    /// Whether nothing is seen there.
    pub(super) is_gap: bool,
    /// The places of those that feed it.
    pub(super) after: Vec<usize>,
}

/// Stages in columns, an arrow from each to those that it feeds; dashed where nothing is seen.
pub(super) fn stages(title: &str, all: &[Stage]) -> Drawing<'static> {
    const HIGH: f64 = 78.0;
    const DOWN: f64 = 14.0;
    const ACROSS: f64 = 36.0;
    let columns = all.iter().map(|stage| stage.column + 1).max().unwrap_or(1);
    let in_column = |column: usize| all.iter().filter(|stage| stage.column == column).count() as f64;
    let most = (0..columns).map(in_column).fold(1.0, f64::max);
    let height = most * (HIGH + DOWN) - DOWN;
    let wide = ((WIDTH - 8.0 + ACROSS) / columns as f64 - ACROSS).min(200.0);
    let mut filled = vec![0.0; columns];
    let boxes: Vec<Rect> = all
        .iter()
        .map(|stage| {
            let free = (height - (in_column(stage.column) * (HIGH + DOWN) - DOWN)) / 2.0;
            let (left, top) =
                (4.0 + stage.column as f64 * (wide + ACROSS), 4.0 + free + filled[stage.column] * (HIGH + DOWN));
            filled[stage.column] += 1.0;
            [left, top, left + wide, top + HIGH]
        })
        .collect();
    let mut items = Vec::new();
    for (stage, to) in all.iter().zip(&boxes) {
        for from in stage.after.iter().map(|place| boxes[*place]) {
            let (x1, y1, x2, y2) = (from[2], f64::midpoint(from[1], from[3]), to[0], f64::midpoint(to[1], to[3]));
            let bend = x2 - ACROSS / 2.0;
            items.push(path(&[(x1, y1), (bend, y1), (bend, y2), (x2 - 6.0, y2)], false, Look::lined(SOFT, 1.2)));
            items.push(path(&[(x2, y2), (x2 - 8.0, y2 - 4.0), (x2 - 8.0, y2 + 4.0)], true, Look::filled(SOFT, 1.0)));
        }
    }
    for (stage, rect) in all.iter().zip(&boxes) {
        let mut look = Look::filled("#FFFFFF", 1.0).and_line(if stage.is_gap { SOFT } else { BAR }, 1.4);
        if let Some(stroke) = look.stroke.as_mut().filter(|_| stage.is_gap) {
            stroke.dash = vec![5.0, 4.0];
        }
        items.push(boxed(*rect, look));
        let (left, top) = (rect[0] + 8.0, rect[1]);
        let lines = broken(&stage.name, wide - 16.0);
        let kind = if lines.len() > 1 { "" } else { stage.kind.as_str() };
        let counted = (stage.label.as_str(), if stage.is_gap { SOFT } else { BAR });
        let said = lines.iter().map(|line| (line.as_str(), INK)).chain([(kind, SOFT), counted]);
        for (i, (said, color)) in said.filter(|(said, _)| !said.is_empty()).enumerate() {
            items.push(text(&fitted(said, wide - 14.0), (left, top + 22.0 + i as f64 * 22.0), Anchor::Start, color));
        }
    }
    drawing(title, height + 8.0, items)
}

/// A name in two lines at most, broken at a space where there is one.
fn broken(name: &str, room: f64) -> Vec<String> {
    if width(name) <= room {
        return vec![name.to_owned()];
    }
    let fits = name.char_indices().map(|(at, _)| at).take_while(|at| width(&name[..*at]) <= room).last().unwrap_or(0);
    let at = name[..fits].rfind(' ').filter(|at| *at > 0).unwrap_or(fits);
    let (first, second) = name.split_at(at);
    [first.trim(), second.trim()].into_iter().filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// The mark of a cluster and its name.
fn head(items: &mut Vec<Item>, e: &Entry<'_>, top: f64, room: f64) {
    let badge: Rect = [4.0, top + 3.0, 26.0, top + 25.0];
    items.push(boxed(badge, Look::filled(e.color, 1.0)));
    items.push(text(e.mark, (15.0, top + 19.0), Anchor::Middle, ink_on(e.color)));
    items.push(text(&fitted(e.name, room), (34.0, top + 18.5), Anchor::Start, INK));
}

/// About how wide a text is.
fn width(text: &str) -> f64 {
    text.chars().map(|c| if c.is_ascii() { TEXT * 0.55 } else { TEXT }).sum()
}

/// A name, shortened to the space that there is.
fn fitted(name: &str, room: f64) -> String {
    if width(name) <= room {
        return name.to_owned();
    }
    let mut kept = String::new();
    for c in name.chars() {
        kept.push(c);
        if width(&kept) > room - TEXT {
            kept.pop();
            break;
        }
    }
    kept.trim_end().to_owned() + "…"
}

/// A function of distances, and what chance gives.
pub(super) struct Curve<'a> {
    pub(super) values: &'a DistanceCurve,
    /// Whether 1 is what the whole has, and the first values say little.
    pub(super) one: bool,
    /// What distances are said in: thousands of metres.
    pub(super) unit: &'a str,
}

/// A curve in its band; where it leaves the band, the axis is thick.
pub(super) fn curve(title: &str, of: &Curve<'_>) -> Drawing<'static> {
    const LEFT: f64 = 64.0;
    const RIGHT: f64 = WIDTH - 24.0;
    const BASE: f64 = 230.0;
    let DistanceCurve { distances, observed, low, high, above, below } = of.values;
    let far = distances.last().copied().unwrap_or(1.0).max(1.0);
    // few neighbours make the first values of M high, and say little
    let skipped = if of.one { 4 } else { 0 };
    let values = observed.iter().skip(skipped).chain(high.iter().skip(skipped));
    let step = nice(values.copied().fold(if of.one { 1.0 } else { 0.0 }, f64::max) * 1.1 / 4.0);
    let top = step * 4.0;
    let x = |metres: f64| LEFT + metres / far * (RIGHT - LEFT);
    let y = |value: f64| BASE - value.min(top) / top * (BASE - 16.0);
    let points = |values: &[f64]| distances.iter().zip(values).map(|(d, v)| (x(*d), y(*v))).collect::<Vec<_>>();
    let mut items = Vec::new();
    if !high.is_empty() {
        let ring: Vec<_> = points(high).into_iter().chain(points(low).into_iter().rev()).collect();
        items.push(path(&ring, true, Look::filled(RULE, 1.0)));
    }
    for tick in 0..=4 {
        let value = f64::from(tick) * step;
        items.push(line((LEFT, y(value)), (RIGHT, y(value)), RULE, if tick == 0 { 1.5 } else { 0.5 }));
        let digits = (1.0 - step.log10()).floor().clamp(0.0, 4.0) as usize;
        items.push(text(&format!("{value:.digits$}"), (LEFT - 8.0, y(value) + 5.0), Anchor::End, SOFT));
    }
    if of.one {
        items.push(line((LEFT, y(1.0)), (RIGHT, y(1.0)), SOFT, 1.5));
    }
    items.push(path(&points(observed), false, Look::lined(BAR, 2.5)));
    for (ranges, color) in [(above, BAR), (below, SOFT)] {
        for range in ranges {
            items.push(line((x(range.from) - 2.0, BASE), (x(range.to) + 2.0, BASE), color, 6.0));
        }
    }
    let across = nice(far / 5.0);
    for tick in 0..=(far / across) as u32 {
        let metres = f64::from(tick) * across;
        let digits = usize::from(across < 1000.0);
        items.push(text(&format!("{:.digits$}", metres / 1000.0), (x(metres), BASE + 22.0), Anchor::Middle, SOFT));
    }
    items.push(text(of.unit, (RIGHT, BASE + 40.0), Anchor::End, SOFT));
    drawing(title, BASE + 48.0, items)
}

/// The next of 1, 2 or 5 times a power of ten.
fn nice(step: f64) -> f64 {
    let unit = 10f64.powf(step.max(1e-9).log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|times| times * unit).find(|nice| *nice >= step).unwrap_or(step)
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
