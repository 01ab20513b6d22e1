//! What stands around a map: scale bar, north arrow, and the marks that say what it may be used for.

use super::ask::Ask;
use super::draw::Painter;
use super::palette::Ink;
use super::scene::{Anchor, Item, Line, Look, Rect, boxed, path};
use super::words;
use crate::core::model::{Lang, MapApproval, Role, Text};
use crate::core::snapshot::CollectionInfo;

/// An arrow to the north in the upper right corner. Both systems have north at the top.
pub(super) fn arrow(painter: &Painter<'_>, map: Rect, compact: bool) -> (Vec<Item>, Rect) {
    let (gap, half, high) = if compact { (6.0, 6.0, 18.0) } else { (14.0, 9.0, 30.0) };
    let size = if compact { 10.0 } else { 13.0 };
    let x = map[2] - gap - half - 4.0;
    let top = map[1] + gap;
    let (tip, foot) = (top + size * 1.2, top + size * 1.2 + high);
    let (ink, halo) = (painter.theme.color(Ink::Text), painter.theme.color(Ink::Halo));
    let waist = foot - high * 0.25;
    let west = path(&[(x, tip), (x - half, foot), (x, waist)], true, Look::filled(ink, 1.0));
    let east = path(&[(x, tip), (x + half, foot), (x, waist)], true, Look::filled(halo, 1.0).and_line(ink, 1.0));
    let text = if painter.lang == Lang::Zh { "北" } else { "N" };
    let letter = Line {
        text: text.into(),
        at: (x, top + size * 0.9),
        size,
        anchor: Anchor::Middle,
        color: ink.to_owned(),
        halo: Some((halo.to_owned(), 1.8)),
        bold: true,
    };
    (vec![west, east, Item::Text(letter)], [x - half - 3.0, top - 2.0, x + half + 3.0, foot + 3.0])
}

/// A scale bar in the lower right corner, right at the middle of the map; its items, its box, its metres and pixels.
pub(super) fn scale_bar(painter: &Painter<'_>, map: Rect, compact: bool) -> (Vec<Item>, Rect, (f64, f64)) {
    let most = ((map[2] - map[0]) * 0.2).clamp(50.0, 180.0);
    let metres = round_length(painter.frame.metres(most));
    // a metre is as long everywhere along the middle of the map
    let pixels = most * metres / painter.frame.metres(most);
    let (gap, size) = if compact { (10.0, 9.5) } else { (18.0, 11.5) };
    let (right, y) = (map[2] - gap, map[3] - gap * 0.75);
    let left = right - pixels;
    let (ink, halo) = (painter.theme.color(Ink::Text), painter.theme.color(Ink::Halo));
    let high = if compact { 3.0 } else { 4.5 };
    let half = left.midpoint(right);
    let text = |said: String, x: f64, anchor| {
        let halo = Some((halo.to_owned(), 2.0));
        Item::Text(Line {
            text: said,
            at: (x, y - high - size * 0.35),
            size,
            anchor,
            color: ink.to_owned(),
            halo,
            bold: false,
        })
    };
    let said = said_length(metres, painter.lang);
    let wide = words::width(&said, size);
    // the length ends with the bar where the bar is short, so that it stays on the map
    let (at, anchor) = if wide / 2.0 + 4.0 > gap { (right, Anchor::End) } else { (right, Anchor::Middle) };
    let reach = if anchor == Anchor::End { 0.0 } else { wide / 2.0 };
    let rect = [(right - wide).min(left) - 6.0, y - high - size * 1.4, right + reach + 4.0, y + 4.0];
    let mut items = vec![
        boxed(rect, Look::filled(halo, 0.7)),
        boxed([left, y - high, right, y], Look::filled(halo, 1.0).and_line(ink, 1.0)),
        boxed([left, y - high, half, y], Look::filled(ink, 1.0)),
        text(said, at, anchor),
    ];
    if pixels > wide + 2.0 * size {
        items.push(text("0".into(), left, Anchor::Middle));
    }
    (items, rect, (metres, pixels))
}

/// The longest of 1, 2, 5, 10 ... that is no longer.
fn round_length(metres: f64) -> f64 {
    let ten = 10f64.powf(metres.log10().floor());
    [5.0, 2.0, 1.0].map(|n| n * ten).into_iter().find(|n| *n <= metres).unwrap_or(ten)
}

fn said_length(metres: f64, lang: Lang) -> String {
    let (n, zh, en) = if metres >= 1000.0 { (metres / 1000.0, "公里", "km") } else { (metres, "米", "m") };
    let n = if n >= 1.0 { format!("{n:.0}") } else { format!("{n}") };
    if lang == Lang::Zh { format!("{n} {zh}") } else { format!("{n} {en}") }
}

/// Chips at the lower left: approval number or its absence, sample data, schematic layout; on a sheet the source, year
/// and revision under them. The boxes that lie on the map come along.
pub(super) fn marks(
    painter: &Painter<'_>,
    map: Rect,
    size: [f64; 2],
    sheet: bool,
    compact: bool,
    ask: &Ask,
) -> (Vec<Item>, Vec<Rect>) {
    let zh = ask.lang == Lang::Zh;
    let manifest = &painter.about.manifest;
    let mut chips: Vec<(String, &str)> = match (&manifest.map_approval, zh) {
        (MapApproval::NotNeeded, _) => vec![],
        (MapApproval::Number(number), true) => vec![(format!("审图号：{number}"), "#1C232B")],
        (MapApproval::Number(number), false) => vec![(format!("Map approval no. {number}"), "#1C232B")],
        (MapApproval::Missing, true) => vec![("内部资料 未经审图".into(), "#A01D24")],
        (MapApproval::Missing, false) => vec![("Internal use, map not reviewed".into(), "#A01D24")],
    };
    if painter.drawing.sample {
        chips.push((if zh { "示例数据" } else { "Sample data" }.into(), "#7A5200"));
    }
    if painter.drawing.schematic {
        chips.push((if zh { "示意" } else { "Schematic" }.into(), "#A01D24"));
    }
    let mut x = if sheet { map[0] } else { 6.0f64.min(size[0] / 20.0) };
    // the first is on every picture, however small
    let usual: f64 = if compact { 9.5 } else { 11.5 };
    let text = usual
        .min((size[0] - 2.0 * x) / (chips.first().map_or(0.0, |(said, _)| words::width(said, 1.0)) + 1.0))
        .min(size[1] / 4.0);
    let (pad, high) = (text * 0.5, text * 1.6);
    let top = if sheet { map[3] + if compact { 3.0 } else { 6.0 } } else { size[1] - high - x };
    let first = x;
    let (mut items, mut rects) = (Vec::new(), Vec::new());
    for (said, color) in chips {
        let wide = words::width(&said, text) + 2.0 * pad;
        if x > first && x + wide > size[0] - first {
            break;
        }
        let rect = [x, top, x + wide, top + high];
        let fill = if color == "#7A5200" { "#FFF4D6" } else { "#FFFFFF" };
        items.push(boxed(rect, Look::filled(fill, 0.94).and_line(color, 0.8)));
        let at = (x + wide / 2.0, top + high / 2.0 + text * 0.36);
        let color = color.to_owned();
        items.push(Item::Text(Line {
            text: said,
            at,
            size: text,
            anchor: Anchor::Middle,
            color,
            halo: None,
            bold: false,
        }));
        if !sheet {
            rects.push(rect);
        }
        x += wide + 5.0;
    }
    if sheet {
        let small = if compact { 8.5 } else { 10.5 };
        let most = map[2] - map[0];
        let said = words::fitted(&source(painter, ask), small, most);
        let at = (map[0], top + high + small * 1.25);
        let color = painter.theme.color(Ink::Soft).to_owned();
        items.push(Item::Text(Line {
            text: said,
            at,
            size: small,
            anchor: Anchor::Start,
            color,
            halo: None,
            bold: false,
        }));
    }
    (items, rects)
}

/// Where the map comes from, of which year and revision it is, in which system it's drawn.
fn source(painter: &Painter<'_>, ask: &Ask) -> String {
    let zh = ask.lang == Lang::Zh;
    let about = painter.about;
    let base = |(place, layer): &(usize, &CollectionInfo)| {
        matches!(layer.spec.role, Role::Districts | Role::Base) && ask.queries.iter().any(|q| q.collection() == *place)
    };
    let based = about.collections.iter().enumerate().filter(base);
    let mut sources: Vec<&str> = based.map(|(_, l)| l.spec.source.get(ask.lang)).collect();
    sources.retain(|s| !s.is_empty());
    sources.dedup();
    let mut parts = Vec::new();
    if !sources.is_empty() {
        parts.push(format!(
            "{}{}",
            if zh { "底图：" } else { "Base data: " },
            sources.join(if zh { "、" } else { ", " })
        ));
    }
    let period = ask.queries.iter().filter_map(|q| q.question().period()).max();
    if let Some(period) = period {
        let of = period.whole_year().map_or_else(|| period.words().get(ask.lang).to_owned(), |year| year.to_string());
        let zh_of = period.whole_year().map_or("数据时期", |_| "数据年份");
        parts.push(if zh { format!("{zh_of} {of}") } else { format!("Data of {of}") });
    }
    let short = &about.revision[..about.revision.len().min(8)];
    parts.push(if zh { format!("数据版本 {short}") } else { format!("Revision {short}") });
    let crs = match ask.crs {
        super::Crs::Crs84 => Text::new("WGS 84 经纬度", "WGS 84 longitude and latitude"),
        super::Crs::WebMercator => Text::new("Web 墨卡托投影", "Web Mercator"),
    };
    parts.push(crs.get(ask.lang).to_owned());
    parts.join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_round() {
        for (metres, round, said) in [
            (9_999.0, 5_000.0, "5 公里"),
            (10_000.0, 10_000.0, "10 公里"),
            (432.0, 200.0, "200 米"),
            (2.7, 2.0, "2 米"),
        ] {
            assert!((round_length(metres) - round).abs() < 1e-9, "{metres}");
            assert_eq!(said_length(round, Lang::Zh), said);
        }
    }
}
