//! KML and KMZ: placemarks with their name, description, extended data and folders, in the order of the file. What programs
//! write into a description as a table of HTML becomes columns ([`super::html`]).

use super::budget::{Bounded, Excess};
use super::cells::Kind;
use super::collect::GROUP;
use super::encoding::{BLOCK, Decoding, by_start, detect, sniff};
use super::html;
use super::package::{damaged, is_added};
use super::table::{Place, Table};
use super::{Limits, Sheet, Words, unreadable};
use crate::core::model::Text;
use crate::data::intake::finding::{Finding, Refusal, shorten};
use crate::data::intake::system::System;
use geo::{Coord, LineString, MultiPolygon, Polygon};
use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesStart, Event};
use std::collections::{HashMap, HashSet};
use std::io::{BufReader, Read, Seek, SeekFrom};

/// Elements inside each other.
const DEEPEST: usize = 64;
/// Bytes of text of one element.
const LONGEST: usize = 1 << 20;
/// The same, of a file of boundaries.
const LONGEST_RING: usize = 64 << 20;

/// Names of columns that are made of the folders, the outermost first; one has no number.
const FOLDER: &str = "文件夹";
/// Folders inside each other that become columns.
const FOLDERS: usize = 4;

/// Whether text is KML, by its start, in whatever encoding.
pub fn is_kml(start: &[u8]) -> bool {
    let encoding = by_start(start).map_or(encoding_rs::UTF_8, |found| found.encoding);
    let (text, _) = encoding.decode_with_bom_removal(start);
    text.contains("<kml") || text.contains(":kml")
}

/// Reads a KML.
pub fn read<R: Read + Seek>(mut reader: R, limits: &Limits, known: &dyn Words) -> Result<Sheet, Refusal> {
    let found = sniff(&mut reader).map_err(|e| unreadable(&e))?.ok_or_else(|| broken(&"encoding"))?;
    let start = |reader: &mut R| reader.seek(SeekFrom::Start(0)).map_err(|e| unreadable(&e));
    start(&mut reader)?;
    let mut about = About::default();
    about.look(Decoding::new(&mut reader, found.encoding))?;
    start(&mut reader)?;
    let mut table = Table::default();
    table.encoding(found.name());
    let columns = about.columns(known);
    Reading { table: &mut table, number: &mut 0, limits, known, about: &about, columns: &columns }
        .placemarks(Decoding::new(reader, found.encoding))?;
    finish(table, &about, &columns)
}

/// Reads all KMLs of a KMZ; each is unpacked again for each encoding that it may have.
pub fn read_packed<R: Read + Seek>(reader: R, limits: &Limits, known: &dyn Words) -> Result<Sheet, Refusal> {
    let mut archive = zip::ZipArchive::new(reader).map_err(|e| damaged(&e))?;
    let (mut parts, mut about) = (Vec::new(), About::default());
    for place in 0..archive.len() {
        let part = archive.by_index_raw(place).map_err(|e| damaged(&e))?;
        let name = String::from_utf8_lossy(part.name_raw()).into_owned();
        if !name.to_ascii_lowercase().ends_with(".kml") || is_added(&name) {
            continue;
        }
        drop(part);
        let found = detect(&mut |take| take(&mut archive.by_index(place).map_err(std::io::Error::other)?));
        let found = found.map_err(|e| damaged(&e))?.ok_or_else(|| broken(&"encoding"))?;
        let part = archive.by_index(place).map_err(|e| damaged(&e))?;
        about.look(Decoding::new(part, found.encoding))?;
        parts.push((place, found));
    }
    let (mut table, mut number) = (Table::default(), 0);
    let columns = about.columns(known);
    for (place, found) in parts {
        table.encoding(found.name());
        let part = archive.by_index(place).map_err(|e| damaged(&e))?;
        let mut reading =
            Reading { table: &mut table, number: &mut number, limits, known, about: &about, columns: &columns };
        reading.placemarks(Decoding::new(part, found.encoding))?;
    }
    finish(table, &about, &columns)
}

fn finish(mut table: Table, about: &About, columns: &[(usize, String)]) -> Result<Sheet, Refusal> {
    // the format knows no other
    table.system(Ok(System::Wgs84));
    if about.varies.contains(&true) {
        let names: Vec<String> = about.folders.iter().flatten().take(5).map(|n| shorten(n)).collect();
        let names = names.join("、");
        let column = columns.iter().find(|(_, name)| name == GROUP).map_or(FOLDER, |(_, name)| name.as_str());
        table.note(Finding::warning(
            "folders-as-column",
            Text::new(
                format!("要素分放在多个文件夹里({names} 等),文件夹名已读为“{column}”列"),
                format!(
                    "the features lie in several folders ({names} ...), whose names were read as the column “{column}”"
                ),
            ),
        ));
    }
    table.finish()
}

/// What has to be known of the whole file before its placemarks are read.
#[derive(Default)]
struct About {
    /// Display names of fields, by the id of their schema and their name; without an id where fields of all schemas agree.
    fields: HashMap<(String, String), String>,
    /// Of each level of folders, the first names that hold placemarks.
    folders: [Vec<String>; FOLDERS],
    /// Whether the folders of a level differ.
    varies: [bool; FOLDERS],
    /// Names of data.
    names: HashSet<String>,
}

/// Fields of schemas that are kept.
const FIELDS: usize = 4096;

impl About {
    /// Reads the schemas and folders.
    fn look(&mut self, text: impl Read) -> Result<(), Refusal> {
        let mut walk = Walk::new(text, LONGEST);
        let (mut schema, mut field) = (String::new(), String::new());
        let mut folders: Vec<String> = Vec::new();
        while let Some(step) = walk.step()? {
            match step {
                Step::Start(e, name) => match name.as_str() {
                    "Schema" => {
                        schema = attribute(&e, "id")?.or(attribute(&e, "name")?).unwrap_or_default();
                    }
                    "SimpleField" | "SimpleArrayField" => {
                        field = attribute(&e, "name")?.unwrap_or_default();
                    }
                    "Data" | "SimpleData" if self.names.len() < FIELDS => {
                        let name = attribute(&e, "name")?.unwrap_or_default();
                        let shown = self.shown("", &name).cloned();
                        self.names.extend(shown);
                        self.names.insert(name);
                    }
                    "Folder" => folders.push(String::new()),
                    "Placemark" => self.in_folders(&folders),
                    _ => {}
                },
                Step::End(name, inside, words) => match (name.as_str(), inside) {
                    ("displayName", Some("SimpleField" | "SimpleArrayField"))
                        if !words.is_empty() && self.fields.len() < FIELDS =>
                    {
                        self.fields.insert((schema.clone(), field.clone()), words);
                    }
                    ("name", Some("Folder")) => {
                        if let Some(last) = folders.last_mut() {
                            *last = words;
                        }
                    }
                    ("Folder", _) => drop(folders.pop()),
                    _ => {}
                },
            }
        }
        Ok(())
    }

    fn in_folders(&mut self, folders: &[String]) {
        for (level, names) in self.folders.iter_mut().enumerate() {
            let name = folders.get(level).map_or("", String::as_str);
            if !names.iter().any(|n| n == name) && names.len() < 6 {
                names.push(name.to_owned());
            }
            // a level that is only sometimes there is one of another sort
            self.varies[level] = names.len() > 1;
        }
    }

    /// The columns of the folders: level and name.
    fn columns(&self, known: &dyn Words) -> Vec<(usize, String)> {
        let levels: Vec<usize> = (0..FOLDERS).filter(|level| self.varies[*level]).collect();
        let own = self.names.iter().any(|n| known.district(n));
        let groups = |level: usize| self.folders[level].iter().all(|n| known.group(n));
        let group = levels.iter().copied().find(|level| !own && groups(*level));
        let name = |(n, level): (usize, &usize)| {
            let name = match levels.len() {
                // folders that are called by what the register divides by
                _ if group == Some(*level) => GROUP.to_owned(),
                1 => FOLDER.to_owned(),
                _ => format!("{FOLDER}{}", n + 1),
            };
            (*level, name)
        };
        levels.iter().enumerate().map(name).collect()
    }

    /// The name of a field for people.
    fn shown(&self, schema: &str, field: &str) -> Option<&String> {
        let id = schema.rsplit('#').next().unwrap_or_default();
        self.fields.get(&(id.to_owned(), field.to_owned())).or_else(|| {
            let mut same = self.fields.iter().filter(|((_, name), _)| name == field).map(|(_, shown)| shown);
            same.next().filter(|first| same.all(|other| other == *first))
        })
    }
}

/// What comes next in the file.
enum Step<'w> {
    /// An element begins; its name is without prefix.
    Start(BytesStart<'static>, String),
    /// An element ends, inside another, with its text.
    End(String, Option<&'w str>, String),
}

/// Goes through the elements of a file.
struct Walk<R: Read> {
    reader: Reader<BufReader<Bounded<R>>>,
    event: Vec<u8>,
    /// The names of the elements that are open, without their prefixes.
    open: Vec<String>,
    words: String,
    /// Bytes of text of one element.
    longest: usize,
    /// An empty element has begun, and ends next.
    empty: Option<String>,
}

impl<R: Read> Walk<R> {
    fn new(text: R, longest: usize) -> Self {
        let mut reader = Reader::from_reader(BufReader::with_capacity(BLOCK, Bounded::new(text)));
        // `A&B`, as people and some programs write it
        reader.config_mut().allow_dangling_amp = true;
        Self { reader, event: Vec::new(), open: Vec::new(), words: String::new(), longest, empty: None }
    }

    fn step(&mut self) -> Result<Option<Step<'_>>, Refusal> {
        if let Some(name) = self.empty.take() {
            return Ok(Some(Step::End(name, self.open.last().map(String::as_str), String::new())));
        }
        loop {
            self.event.clear();
            match self.reader.read_event_into(&mut self.event).map_err(|e| failed(&e))? {
                Event::Start(e) => {
                    let name = local(&e);
                    self.words.clear();
                    self.open.push(name.clone());
                    if self.open.len() > DEEPEST {
                        return Err(broken(&"too deep"));
                    }
                    return Ok(Some(Step::Start(e.into_owned(), name)));
                }
                Event::Empty(e) => {
                    let name = local(&e);
                    self.empty = Some(name.clone());
                    return Ok(Some(Step::Start(e.into_owned(), name)));
                }
                Event::End(_) => {
                    let name = self.open.pop().unwrap_or_default();
                    let words = self.words.trim().to_owned();
                    self.words.clear();
                    return Ok(Some(Step::End(name, self.open.last().map(String::as_str), words)));
                }
                Event::Text(t) => self.words.push_str(&t.into_inner()),
                Event::CData(t) => self.words.push_str(&t.into_inner()),
                Event::GeneralRef(r) => {
                    let name = r.into_inner();
                    match html::entity(&name) {
                        Some(text) => self.words.push_str(&text),
                        // neither of XML nor of HTML: it stays as it stands
                        None => self.words.extend(["&", &*name, ";"]),
                    }
                }
                Event::Eof if self.open.is_empty() => return Ok(None),
                Event::Eof => return Err(broken(&"it is cut off")),
                _ => {}
            }
            if self.words.len() > self.longest {
                // coordinates of areas may be long, and are not wanted
                self.words.clear();
            }
        }
    }
}

/// What is known of the placemark that is being read.
#[derive(Default)]
struct Mark {
    key: String,
    /// What people are to see instead of the key.
    shown: Option<String>,
    schema: String,
    points: Vec<(f64, f64)>,
    others: bool,
    /// The rings of its polygons, the outer one first.
    polygons: Vec<Vec<LineString<f64>>>,
    description: String,
    /// Columns that have a value from other sources than the description.
    given: Vec<String>,
}

/// Reads the placemarks of a file.
struct Reading<'a> {
    table: &'a mut Table,
    number: &'a mut u32,
    limits: &'a Limits,
    known: &'a dyn Words,
    about: &'a About,
    columns: &'a [(usize, String)],
}

impl Reading<'_> {
    fn placemarks(&mut self, text: impl Read) -> Result<(), Refusal> {
        let longest = if self.limits.shapes { LONGEST_RING } else { LONGEST };
        let mut walk = Walk::new(text, longest);
        let columns = self.columns;
        let mut folders: Vec<String> = Vec::new();
        let mut mark: Option<Mark> = None;
        while let Some(step) = walk.step()? {
            match step {
                Step::Start(e, name) => {
                    if name == "Folder" {
                        folders.push(String::new());
                    }
                    self.begin(&e, &name, &mut mark)?;
                }
                Step::End(name, inside, words) => match (name.as_str(), &mut mark) {
                    ("Placemark", Some(_)) => {
                        let ended = mark.take().unwrap_or_default();
                        for (level, column) in columns {
                            if let Some(folder) = folders.get(*level) {
                                self.table.put(column, Kind::Text, folder.clone());
                            }
                        }
                        self.end_row(ended)?;
                    }
                    (name, Some(mark)) => self.end(name, inside, words, mark)?,
                    ("name", None) if inside == Some("Folder") => {
                        if let Some(last) = folders.last_mut() {
                            *last = words;
                        }
                    }
                    ("Folder", None) => drop(folders.pop()),
                    _ => {}
                },
            }
        }
        Ok(())
    }

    fn begin(&mut self, e: &BytesStart, name: &str, mark: &mut Option<Mark>) -> Result<(), Refusal> {
        match (name, mark) {
            ("Placemark", mark) if mark.is_none() => {
                *self.number += 1;
                *mark = Some(Mark::default());
            }
            ("Placemark", _) => return Err(broken(&"a placemark inside a placemark")),
            ("SchemaData", Some(mark)) => mark.schema = attribute(e, "schemaUrl")?.unwrap_or_default(),
            ("Data" | "SimpleData", Some(mark)) => {
                mark.key = attribute(e, "name")?.unwrap_or_default();
                mark.shown = if name == "Data" { None } else { self.about.shown(&mark.schema, &mark.key).cloned() };
            }
            ("LineString" | "LinearRing" | "Polygon" | "Model" | "Track" | "MultiTrack", Some(mark)) => {
                mark.others = true;
                if name == "Polygon" {
                    mark.polygons.push(Vec::new());
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, name: &str, inside: Option<&str>, words: String, mark: &mut Mark) -> Result<(), Refusal> {
        match (name, inside) {
            ("name", Some("Placemark")) => self.table.put("name", Kind::Text, words),
            ("description", Some("Placemark")) => mark.description = words,
            ("displayName", Some("Data")) if !words.is_empty() => mark.shown = Some(words),
            ("SimpleData", _) | ("value", Some("Data")) if !mark.key.is_empty() => {
                let column = self.column(&mark.key, mark.shown.as_deref());
                if !words.is_empty() {
                    mark.given.push(column.clone());
                }
                self.table.put(&column, Kind::Text, words);
            }
            ("coordinates", Some("Point")) if !words.is_empty() => {
                let mut parts = words.split(',').map(|p| p.trim().parse::<f64>());
                let (Some(Ok(x)), Some(Ok(y))) = (parts.next(), parts.next()) else {
                    return Err(no_place(&words));
                };
                mark.points.push((x, y));
            }
            ("coordinates", Some("LinearRing")) if self.limits.shapes => {
                let ring = ring(&words).ok_or_else(|| no_place(&words))?;
                if let Some(polygon) = mark.polygons.last_mut() {
                    polygon.push(ring);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The name for people where the field's is technical.
    fn column(&self, key: &str, shown: Option<&str>) -> String {
        let shown = shown.filter(|_| key.is_ascii() && self.known.head(key) <= 0.0);
        shown.unwrap_or(key).to_owned()
    }

    fn end_row(&mut self, mut mark: Mark) -> Result<(), Refusal> {
        let pairs = html::pairs(&mark.description);
        for (name, value) in &pairs {
            // extended data goes before what was made of it for reading
            if !mark.given.contains(name) {
                self.table.put(name, Kind::Text, value.clone());
            }
        }
        if pairs.is_empty() && !mark.description.is_empty() {
            self.table.put("description", Kind::Text, html::plain(&mark.description));
        }
        mark.points.dedup();
        self.table.place(match mark.points[..] {
            // a line or an area beside it is drawn around the same place
            [(x, y)] => Place::Point(x, y),
            [] if !mark.others => Place::None,
            _ => areas(mark.polygons),
        });
        self.table.end_row(*self.number, self.limits)
    }
}

/// The positions of a ring, separated by white space.
fn ring(words: &str) -> Option<LineString<f64>> {
    let position = |text: &str| {
        let mut parts = text.split(',').map(|p| p.trim().parse::<f64>().ok().filter(|n| n.is_finite()));
        Some(Coord { x: parts.next()??, y: parts.next()?? })
    };
    words.split_whitespace().map(position).collect()
}

fn areas(polygons: Vec<Vec<LineString<f64>>>) -> Place {
    let polygons = polygons.into_iter().filter_map(|rings| {
        let mut rings = rings.into_iter();
        Some(Polygon::new(rings.next()?, rings.collect()))
    });
    let polygons = MultiPolygon(polygons.collect());
    if polygons.0.is_empty() { Place::Other(None) } else { Place::shape(polygons) }
}

fn attribute(e: &BytesStart, name: &str) -> Result<Option<String>, Refusal> {
    let key = e.try_get_attribute(name).map_err(|e| broken(&e))?;
    let plain = |k: Attribute| unescape(&k.value).map(std::borrow::Cow::into_owned).map_err(|e| broken(&e));
    key.map(plain).transpose()
}

fn local(e: &BytesStart) -> String {
    let name = e.name();
    let name: &[u8] = name.as_ref().as_ref();
    String::from_utf8_lossy(name.rsplit(|b| *b == b':').next().unwrap_or_default()).into_owned()
}

fn failed(e: &quick_xml::Error) -> Refusal {
    Excess::of_xml(e, |e| broken(e))
}

/// Coordinates that are none: where they stand is said by what they are.
fn no_place(words: &str) -> Refusal {
    let words = shorten(words);
    let text =
        Text::new(format!("KML 中的坐标读不出:“{words}”"), format!("coordinates of the KML can't be read: “{words}”"));
    Refusal::new("kml-broken", text)
}

fn broken(e: &dyn std::fmt::Display) -> Refusal {
    let text = Text::new("KML 已损坏或不完整,读不下去", "the KML is damaged or incomplete and can't be read on");
    Refusal::broken("kml-broken", text, e)
}
