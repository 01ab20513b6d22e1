//! Writes a drawing as SVG 1.1: shapes and real text, no scripts, no other files, no fonts inside.

use super::Drawing;
use super::items::{Anchor, Item, Line, Look};
use std::fmt::Write as _;

/// The fonts that a reader's computer may have, best first; the first that is there is used.
pub(super) const FONTS: &str =
    "'Source Han Sans SC','Noto Sans CJK SC','Noto Sans SC','Microsoft YaHei','PingFang SC',sans-serif";

/// A drawing as SVG.
pub fn svg(drawing: &Drawing<'_>) -> String {
    let [width, height] = drawing.size;
    let (w, h) = (width * drawing.ratio, height * drawing.ratio);
    let mut out = String::with_capacity(1 << 16);
    let _ = write!(
        out,
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="{}" height="{}" viewBox="0 0 {} {}" font-family="{FONTS}"><title>{}</title>"#,
        number(w),
        number(h),
        number(width),
        number(height),
        escaped(&drawing.title)
    );
    // several drawings may stand in one page: only one of them is cut
    if drawing.groups.iter().any(|g| g.clipped) {
        let [l, t, r, b] = drawing.clip;
        let _ = write!(
            out,
            r#"<clipPath id="map"><rect x="{}" y="{}" width="{}" height="{}"/></clipPath>"#,
            number(l),
            number(t),
            number(r - l),
            number(b - t)
        );
    }
    if let Some(color) = &drawing.ground {
        let _ = write!(out, r#"<rect width="100%" height="100%" fill="{color}"/>"#);
    }
    // one clip around all that stand together: each costs whoever paints it a picture of its own
    for run in drawing.groups.chunk_by(|a, b| a.clipped == b.clipped) {
        out.push_str(if run[0].clipped { r#"<g clip-path="url(#map)">"# } else { "<g>" });
        for group in run {
            match group.id.as_str() {
                "" => out.push_str("<g>"),
                id => drop(write!(out, r#"<g id="{}">"#, escaped(id))),
            }
            group.items.iter().for_each(|item| write_item(&mut out, item));
            out.push_str("</g>");
        }
        out.push_str("</g>");
    }
    out.push_str("</svg>\n");
    out
}

fn write_item(out: &mut String, item: &Item) {
    match item {
        Item::Path { parts, closed, look } => {
            out.push_str(r#"<path d=""#);
            for part in parts {
                for (i, (x, y)) in part.iter().enumerate() {
                    let letter = if i == 0 { 'M' } else { 'L' };
                    let _ = write!(out, "{letter}{} {}", tenths(*x), tenths(*y));
                }
                if *closed {
                    out.push('Z');
                }
            }
            out.push('"');
            write_look(out, look);
        }
        Item::Circle { at, radius, look } => {
            let _ = write!(out, r#"<circle cx="{}" cy="{}" r="{}""#, number(at.0), number(at.1), number(*radius));
            write_look(out, look);
        }
        Item::Text(line) => write_text(out, line),
    }
}

fn write_look(out: &mut String, look: &Look) {
    match &look.fill {
        None => out.push_str(r#" fill="none""#),
        Some((color, opacity)) => {
            let _ = write!(out, r#" fill="{color}" fill-rule="evenodd""#);
            if *opacity < 1.0 {
                let _ = write!(out, r#" fill-opacity="{}""#, fine(*opacity));
            }
        }
    }
    if let Some(stroke) = &look.stroke {
        let _ = write!(out, r#" stroke="{}" stroke-width="{}""#, stroke.color, number(stroke.width));
        if stroke.opacity < 1.0 {
            let _ = write!(out, r#" stroke-opacity="{}""#, fine(stroke.opacity));
        }
        if !stroke.dash.is_empty() {
            let dash: Vec<String> = stroke.dash.iter().map(|d| number(*d)).collect();
            let _ = write!(out, r#" stroke-dasharray="{}""#, dash.join(" "));
        }
        if stroke.round_join {
            out.push_str(r#" stroke-linejoin="round""#);
        }
        if stroke.round_cap {
            out.push_str(r#" stroke-linecap="round""#);
        }
    }
    out.push_str("/>");
}

/// A halo is the same text below, with a wide line: older readers don't know `paint-order`.
fn write_text(out: &mut String, line: &Line) {
    let said = escaped(&line.text);
    let mut one = |paint: &str| {
        let _ = write!(
            out,
            r#"<text x="{}" y="{}" font-size="{}""#,
            number(line.at.0),
            number(line.at.1),
            number(line.size)
        );
        match line.anchor {
            Anchor::Start => {}
            Anchor::Middle => out.push_str(r#" text-anchor="middle""#),
            Anchor::End => out.push_str(r#" text-anchor="end""#),
        }
        if line.bold {
            out.push_str(r#" font-weight="bold""#);
        }
        let _ = write!(out, "{paint}>{said}</text>");
    };
    if let Some((color, width)) = &line.halo {
        one(&format!(
            r#" fill="{color}" stroke="{color}" stroke-width="{}" stroke-linejoin="round" aria-hidden="true""#,
            number(width * 2.0)
        ));
    }
    one(&format!(r#" fill="{}""#, line.color));
}

/// At most one decimal.
fn number(v: f64) -> String {
    tenths((v * 10.0).round() as i32)
}

fn tenths(v: i32) -> String {
    let sign = if v < 0 { "-" } else { "" };
    let v = v.unsigned_abs();
    if v.is_multiple_of(10) { format!("{sign}{}", v / 10) } else { format!("{sign}{}.{}", v / 10, v % 10) }
}

fn fine(v: f64) -> String {
    format!("{v:.3}").trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Text as XML takes it; characters that XML can't hold become blanks.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
