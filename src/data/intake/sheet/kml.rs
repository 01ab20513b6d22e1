//! KML and KMZ: placemarks with their name, description and extended data, in the order of the file.

use super::budget::{Bounded, Excess};
use super::cells::Kind;
use super::encoding::{BLOCK, Decoding, Found, TRIED, by_start, fits, sniff};
use super::package::{damaged, read_up_to};
use super::table::{Place, Table};
use super::{Limits, Sheet, unreadable};
use crate::core::model::Text;
use crate::data::intake::finding::Refusal;
use crate::data::intake::system::System;
use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesStart, Event};
use std::io::{BufReader, Read, Seek, SeekFrom};

/// Elements inside each other.
const DEEPEST: usize = 64;
/// Bytes of text of one element.
const LONGEST: usize = 1 << 20;

/// Whether text is KML, by its start.
pub fn is_kml(start: &[u8]) -> bool {
    memchr::memmem::find(start, b"<kml").is_some() || memchr::memmem::find(start, b":kml").is_some()
}

/// Reads a KML.
pub fn read<R: Read + Seek>(mut reader: R, limits: &Limits) -> Result<Sheet, Refusal> {
    let found = sniff(&mut reader).map_err(|e| unreadable(&e))?.ok_or_else(|| broken(&"encoding"))?;
    reader.seek(SeekFrom::Start(0)).map_err(|e| unreadable(&e))?;
    let mut table = Table::default();
    table.encoding(found.name());
    placemarks(Decoding::new(reader, found.encoding), &mut table, &mut 0, limits)?;
    finish(table)
}

/// Reads all KMLs of a KMZ; each is unpacked again for each encoding that it may have.
pub fn read_packed<R: Read + Seek>(reader: R, limits: &Limits) -> Result<Sheet, Refusal> {
    let mut archive = zip::ZipArchive::new(reader).map_err(|e| damaged(&e))?;
    let (mut table, mut number) = (Table::default(), 0);
    for place in 0..archive.len() {
        let mut part = archive.by_index(place).map_err(|e| damaged(&e))?;
        if !part.name_raw().to_ascii_lowercase().ends_with(b".kml") {
            continue;
        }
        let mut start = vec![0; BLOCK];
        let n = read_up_to(&mut part, &mut start).map_err(|e| damaged(&e))?;
        drop(part);
        let mut found = by_start(&start[..n]);
        for encoding in TRIED {
            let part = archive.by_index(place).map_err(|e| damaged(&e))?;
            if found.is_none() && fits(part, encoding).map_err(|e| damaged(&e))? {
                found = Some(Found { encoding, marked: false });
            }
        }
        let found = found.ok_or_else(|| broken(&"encoding"))?;
        table.encoding(found.name());
        let part = archive.by_index(place).map_err(|e| damaged(&e))?;
        placemarks(Decoding::new(part, found.encoding), &mut table, &mut number, limits)?;
    }
    finish(table)
}

fn finish(mut table: Table) -> Result<Sheet, Refusal> {
    // the format knows no other
    table.system(Ok(System::Wgs84));
    table.finish()
}

/// What is known of the placemark that is being read.
#[derive(Default)]
struct Mark {
    key: String,
    places: usize,
    place: Option<Place>,
}

fn placemarks(text: impl Read, table: &mut Table, number: &mut u32, limits: &Limits) -> Result<(), Refusal> {
    let mut reader = Reader::from_reader(BufReader::with_capacity(BLOCK, Bounded::new(text)));
    let mut event = Vec::new();
    // the names of the elements that are open, without their prefixes
    let mut open: Vec<String> = Vec::new();
    let mut mark: Option<Mark> = None;
    let mut words = String::new();
    loop {
        event.clear();
        match reader.read_event_into(&mut event).map_err(|e| failed(&e))? {
            Event::Start(e) => {
                let name = local(&e);
                begin(&e, &name, &mut mark, number)?;
                words.clear();
                open.push(name);
                if open.len() > DEEPEST {
                    return Err(broken(&"too deep"));
                }
            }
            Event::Empty(e) => begin(&e, &local(&e), &mut None, number)?,
            Event::End(_) => {
                let name = open.pop().unwrap_or_default();
                let inside = open.last().map(String::as_str);
                if let Some(m) = &mut mark {
                    if name == "Placemark" {
                        table.place(if m.places > 1 { Place::Other } else { m.place.unwrap_or(Place::None) });
                        table.end_row(*number, limits)?;
                        mark = None;
                    } else {
                        end(&name, inside, words.trim(), m, table)?;
                    }
                }
                words.clear();
            }
            Event::Text(t) => words.push_str(&t.into_inner()),
            Event::CData(t) => words.push_str(&t.into_inner()),
            Event::GeneralRef(r) => match entity(&r.into_inner()) {
                Some(c) => words.push(c),
                // entities that the file declares itself are not expanded
                None => return Err(broken(&"entity")),
            },
            Event::Eof if open.is_empty() => return Ok(()),
            Event::Eof => return Err(broken(&"it is cut off")),
            _ => {}
        }
        if words.len() > LONGEST {
            // coordinates of areas may be long, and are not wanted
            words.clear();
        }
    }
}

fn local(e: &BytesStart) -> String {
    let name = e.name();
    let name: &[u8] = name.as_ref().as_ref();
    String::from_utf8_lossy(name.rsplit(|b| *b == b':').next().unwrap_or_default()).into_owned()
}

fn begin(e: &BytesStart, name: &str, mark: &mut Option<Mark>, number: &mut u32) -> Result<(), Refusal> {
    match (name, mark) {
        ("Placemark", mark) if mark.is_none() => {
            *number += 1;
            *mark = Some(Mark::default());
        }
        ("Placemark", _) => return Err(broken(&"a placemark inside a placemark")),
        ("Data" | "SimpleData", Some(mark)) => {
            let key = e.try_get_attribute("name").map_err(|e| broken(&e))?;
            let plain = |k: Attribute| unescape(&k.value).map(std::borrow::Cow::into_owned).map_err(|e| broken(&e));
            mark.key = key.map(plain).transpose()?.unwrap_or_default();
        }
        ("Point" | "LineString" | "LinearRing" | "Polygon" | "Model" | "Track", Some(mark)) => {
            mark.places += 1;
            if name != "Point" {
                mark.place = Some(Place::Other);
            }
        }
        _ => {}
    }
    Ok(())
}

fn end(name: &str, inside: Option<&str>, words: &str, mark: &mut Mark, table: &mut Table) -> Result<(), Refusal> {
    match (name, inside) {
        ("name", Some("Placemark")) => table.put("name", Kind::Text, words.to_owned()),
        ("description", Some("Placemark")) if !words.is_empty() => table.put("description", Kind::Text, plain(words)),
        ("SimpleData", _) | ("value", Some("Data")) if !mark.key.is_empty() => {
            table.put(&mark.key, Kind::Text, words.to_owned());
        }
        ("coordinates", Some("Point")) if !words.is_empty() => {
            let mut parts = words.split(',').map(|p| p.trim().parse::<f64>());
            let (Some(Ok(x)), Some(Ok(y))) = (parts.next(), parts.next()) else {
                return Err(broken(&crate::data::intake::finding::shorten(words)));
            };
            mark.place = Some(Place::Point(x, y));
        }
        _ => {}
    }
    Ok(())
}

/// Text without the tags of HTML.
fn plain(html: &str) -> String {
    let mut out = String::new();
    let mut tag = false;
    for c in html.chars() {
        match c {
            '<' => tag = true,
            '>' if tag => {
                tag = false;
                out.push(' ');
            }
            c if !tag => out.push(c),
            _ => {}
        }
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The five entities of XML and numbers of characters.
fn entity(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let code =
                number.strip_prefix('x').map_or_else(|| number.parse().ok(), |h| u32::from_str_radix(h, 16).ok());
            char::from_u32(code?)
        }
    }
}

fn failed(e: &quick_xml::Error) -> Refusal {
    let excess = if let quick_xml::Error::Io(e) = e { Excess::of(e) } else { None };
    match excess {
        Some(Excess::DocumentType) | None => broken(e),
        Some(excess) => excess.refusal(),
    }
}

fn broken(e: &dyn std::fmt::Display) -> Refusal {
    let e = crate::data::intake::finding::shorten(&e.to_string());
    Refusal::new("kml-broken", Text::new(format!("KML 读不下去:{e}"), format!("the KML can't be read on: {e}")))
}
