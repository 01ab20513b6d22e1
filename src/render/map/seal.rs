//! A box on a printed map for the seal, with the approval number or a line to write it on.

use super::draw::Painter;
use super::palette::Ink;
use super::scene::{Anchor, Item, Line, Look, Rect, boxed, path};
use crate::core::model::{Lang, MapApproval};

/// The box in the first corner of the map where it lies over none of the cards; `None` where every corner is taken.
pub(super) fn seal(painter: &Painter<'_>, map: Rect, cards: &[Rect], compact: bool) -> Option<(Vec<Item>, Rect)> {
    let (wide, high, gap, size) = if compact { (110.0, 66.0, 6.0, 9.0) } else { (190.0, 112.0, 12.0, 12.0) };
    let zh = painter.lang == Lang::Zh;
    let [left, top, right, bottom] = map;
    let corners = [
        [left + gap, bottom - gap - high, left + gap + wide, bottom - gap],
        [left + gap, top + gap, left + gap + wide, top + gap + high],
        [right - gap - wide, top + gap + 60.0, right - gap, top + gap + 60.0 + high],
        [right - gap - wide, bottom - gap - 48.0 - high, right - gap, bottom - gap - 48.0],
    ];
    let meets = |a: &Rect, b: &Rect| a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
    let rect = corners.into_iter().find(|corner| !cards.iter().any(|card| meets(card, corner)))?;
    let (ink, soft, halo) =
        (painter.theme.color(Ink::Text), painter.theme.color(Ink::Soft), painter.theme.color(Ink::Halo));
    let line = |text: String, at: (f64, f64), color: &str| {
        Item::Text(Line { text, at, size, anchor: Anchor::Start, color: color.to_owned(), halo: None, bold: false })
    };
    let (x, foot) = (rect[0] + size * 0.8, rect[3] - size * 0.9);
    let mut items = vec![boxed(rect, Look::filled(halo, 0.94).and_line(ink, 1.0))];
    items.push(line(if zh { "盖章" } else { "Seal" }.into(), (x, rect[1] + size * 1.6), soft));
    match &painter.about.manifest.map_approval {
        MapApproval::NotNeeded => {}
        MapApproval::Number(number) => {
            let said = if zh { format!("审图号：{number}") } else { format!("Map approval no. {number}") };
            items.push(line(said, (x, foot), ink));
        }
        MapApproval::Missing => {
            let (said, from) = if zh { ("审图号：", size * 4.2) } else { ("Map approval no.", size * 8.4) };
            items.push(line(said.into(), (x, foot), ink));
            let blank = [(x + from, foot + 2.0), (rect[2] - size * 0.8, foot + 2.0)];
            items.push(path(&blank, false, Look::lined(ink, 0.8)));
        }
    }
    Some((items, rect))
}
