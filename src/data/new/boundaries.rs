//! The boundaries of a new folder: areas with an id and a name, in longitude and latitude.

use super::decision::{Deciding, Decision, Key, Wishes};
use super::names;
use crate::core::geometry::Bounds;
use crate::core::model::Text;
use crate::data::intake::sheet::{Cell, Limits, Sheet, read};
use crate::data::intake::{Finding, HeadRole, Heads, Refusal, System};
use crate::data::load::{author, repaired};
use geo::{BoundingRect, Coord, Geometry, MapCoords, MultiPolygon, Polygon};
use geojson::GeometryValue;
use serde_json::{Value as Json, json};
use std::collections::HashSet;
use std::io::Cursor;

/// The file of the areas.
pub const FILE: &str = "districts.geojson";
/// Bytes in which the author of a file shows.
const BEGINNING: usize = 1 << 16;
/// Decimals of a degree that are kept: a centimetre.
const DECIMALS: f64 = 1e7;

/// A file of boundaries as it was read.
#[derive(Debug)]
pub struct Boundaries {
    /// Its name.
    pub file: String,
    sheet: Sheet,
    /// The rows that are areas.
    areas: Vec<(usize, MultiPolygon<f64>)>,
    /// Who made it, and the system of their positions, where that shows.
    author: Option<(&'static str, &'static str)>,
    /// What was repaired before it was read.
    mended: Vec<Finding>,
}

/// The areas of a file, what was decided about them, and what was found.
pub type FileAreas = (Vec<FileArea>, Vec<Decision>, Vec<Finding>);

/// An area of a file by itself.
#[derive(Clone, Debug)]
pub struct FileArea {
    /// Its row in the file.
    pub row: usize,
    /// Its id; none where the file has no column of ids.
    pub id: Option<String>,
    /// Its name; none where the file has no column of names.
    pub name: Option<String>,
    /// Its English name.
    pub name_en: Option<String>,
    /// Its outline (GeoJSON, WGS 84), repaired.
    pub geometry: Json,
}

/// The areas.
pub struct Areas {
    pub geojson: Vec<u8>,
    pub findings: Vec<Finding>,
    /// Ids and names.
    pub words: Vec<(String, String)>,
    /// Whether they lie in China.
    pub chinese: bool,
    with_english: bool,
}

impl Boundaries {
    /// Reads any file that an import reads, with its areas. `layer` is the one that is requested.
    pub fn read(file: &str, bytes: Vec<u8>, layer: Option<&str>) -> Result<Self, Refusal> {
        let beginning = &bytes[..bytes.len().min(BEGINNING)];
        let author = author(&file.to_lowercase(), beginning);
        // rings that are not closed would be refused when they are read
        let (bytes, mended) = repaired(&bytes, file).map_or((bytes, vec![]), |(new, mended)| (new, mended));
        let mended = mended.into_iter().map(|m| note(m.repaired, &m.feature, &m.text)).collect();
        let limits = Limits { shapes: true, ..Limits::default() };
        let mut sheet = read(Cursor::new(bytes), layer, &limits, &|_: &str| false)?;
        let mut areas = Vec::new();
        for (row, shape) in std::mem::take(&mut sheet.shapes).into_iter().enumerate() {
            match shape {
                Some(Geometry::Polygon(polygon)) => areas.push((row, MultiPolygon(vec![polygon]))),
                Some(Geometry::MultiPolygon(polygons)) => areas.push((row, polygons)),
                Some(Geometry::GeometryCollection(parts)) => {
                    let polygons: Vec<_> = parts.0.into_iter().flat_map(polygons).collect();
                    if !polygons.is_empty() {
                        areas.push((row, MultiPolygon(polygons)));
                    }
                }
                _ => {}
            }
        }
        if areas.is_empty() {
            let n = sheet.cells.len();
            return Err(Refusal::new(
                "no-areas",
                Text::new(
                    format!("{file} 里没有面(共 {n} 个要素),边界需要面"),
                    format!("{file} holds no areas among its {n} features; boundaries are areas"),
                ),
            )
            .with_remedy(Text::new("换成面图层的文件", "take the file of the areas")));
        }
        Ok(Self { file: file.to_owned(), sheet, areas, author, mended })
    }

    /// Its system: as asked for, as the file says, as its author is known for, or degrees.
    fn system(&self, deciding: &mut Deciding) -> Result<System, Refusal> {
        let first = self.areas.iter().find_map(|(_, area)| area.0.first()?.exterior().0.first().copied());
        let degrees = first.is_some_and(|at| at.x.abs() <= 360.0 && at.y.abs() <= 360.0);
        let asked = deciding.wishes.values.contains_key(&(None, Key::BoundariesCrs));
        let (proposal, reason, certain) = match (self.sheet.stated, &self.sheet.foreign, self.author) {
            (_, Some(words), _) if !asked => {
                return Err(needed(
                    "--boundaries-crs",
                    &format!("边界文件写明的坐标系“{words}”不支持"),
                    &format!("the boundaries are in a system that is not supported, {words}"),
                ));
            }
            (Some(System::Wgs84) | None, _, Some((name, system))) => (
                system.to_owned(),
                Text::new(format!("{name}的数据通常是 {system}"), format!("data of {name} usually is in {system}")),
                false,
            ),
            (Some(system), ..) => (system.code().into_owned(), Text::new("文件写明", "the file says so"), true),
            (None, ..) if degrees => (
                System::Wgs84.code().into_owned(),
                Text::new("数值是经纬度;CGCS2000 与之相同", "the numbers are degrees; CGCS2000 is the same"),
                true,
            ),
            (None, ..) if !asked => {
                return Err(needed(
                    "--boundaries-crs",
                    "边界的坐标以米计,文件没有写明坐标系",
                    "the boundaries are in metres, and the file does not say in which system",
                ));
            }
            (None, ..) => (String::new(), Text::default(), false),
        };
        let question = Text::new(
            "边界的坐标系(wgs84、gcj02、bd09、epsg:N)",
            "System of the boundaries (wgs84, gcj02, bd09, epsg:N)",
        );
        let choices = vec!["wgs84".to_owned(), "gcj02".to_owned(), "bd09".to_owned()];
        let words = deciding.take(Key::BoundariesCrs, question, choices, proposal, reason, certain);
        let Some(Ok(system)) = System::of_words(&words) else {
            let (zh, en) = (format!("不认识坐标系“{words}”"), format!("the system {words:?} is not known"));
            return Err(needed("--boundaries-crs", &zh, &en));
        };
        Ok(first.map_or(system, |at| system.numbered_like((at.x, at.y))))
    }

    /// The texts of a column in the rows that are areas.
    fn column(&self, column: usize) -> Vec<&str> {
        self.areas.iter().map(|(row, _)| self.sheet.cells.cell(*row, column).text.trim()).collect()
    }

    /// The columns that could be ids, the likeliest first: each row has another value that can stand in a URL.
    fn ids(&self, heads: &Heads) -> Vec<(i32, usize)> {
        let fit = |text: &&str| {
            (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        };
        let mut found = Vec::new();
        for (column, head) in self.sheet.columns.iter().enumerate() {
            let values = self.column(column);
            let different = values.iter().collect::<HashSet<_>>().len() == values.len();
            let whole = |text: &&str| text.parse::<f64>().is_err() || text.bytes().all(|b| b.is_ascii_digit());
            if !values.iter().all(fit) || !different || !values.iter().all(whole) {
                continue;
            }
            let plain = plain(&head.name);
            let role = heads.role(&head.name).map(|(role, _)| role);
            let numbers = ["objectid", "fid", "ogcfid", "gid", "shapeleng", "shapearea", "cartodbid"];
            let same_length = values.iter().all(|v| v.len() == values[0].len());
            let digits = values.iter().any(|v| v.bytes().any(|b| b.is_ascii_digit()));
            let score = 4 * i32::from(plain == "id")
                + 5 * i32::from(role == Some(HeadRole::District))
                + 3 * i32::from(["id", "code", "cod", "码", "编号"].iter().any(|w| plain.ends_with(w)))
                + i32::from(same_length)
                + i32::from(digits)
                - 8 * i32::from(numbers.contains(&plain.as_str()));
            found.push((score, column));
        }
        found.sort_by_key(|(score, column)| (-score, *column));
        found
    }

    /// The columns that could be names, the likeliest first: text, nearly always another.
    fn names(&self, heads: &Heads) -> Vec<(i32, usize)> {
        let mut found = Vec::new();
        for (column, head) in self.sheet.columns.iter().enumerate() {
            let values = self.column(column);
            let text = values.iter().filter(|v| v.chars().any(char::is_alphabetic)).count();
            let different = values.iter().collect::<HashSet<_>>().len();
            if text * 10 < values.len() * 9 || different * 10 < values.len() * 9 {
                continue;
            }
            let plain = plain(&head.name);
            let exact = [
                "name",
                "名称",
                "names",
                "nom",
                "naam",
                "nombre",
                "nome",
                "navn",
                "namn",
                "label",
                "title",
                "shapename",
            ];
            let code =
                values.iter().all(|v| v.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-'));
            let score = 6 * i32::from(exact.contains(&plain.as_str()))
                + 3 * i32::from(["name", "名", "nom"].iter().any(|w| plain.contains(w)))
                + 3 * i32::from(heads.role(&head.name).is_some_and(|(role, _)| role == HeadRole::District))
                - i32::from(is_english(&plain))
                - 6 * i32::from(code);
            found.push((score, column));
        }
        found.sort_by_key(|(score, column)| (-score, *column));
        found
    }

    /// The areas with their ids and names.
    pub(super) fn areas(&self, deciding: &mut Deciding) -> Result<Areas, Refusal> {
        let heads = Heads::new([]);
        let system = self.system(deciding)?;
        let head = |column: usize| self.sheet.columns[column].name.clone();
        let listed = |all: &[(i32, usize)]| all.iter().map(|(_, c)| head(*c)).collect::<Vec<_>>();
        let sure = |all: &[(i32, usize)]| match all {
            [only] => only.0 > 0,
            [first, second, ..] => first.0 > second.0 && first.0 > 1,
            [] => false,
        };
        let ids = self.ids(&heads);
        let proposal = ids.first().filter(|(score, _)| *score > 0).map_or(String::new(), |(_, c)| head(*c));
        let id = deciding.take(
            Key::ZoneId,
            Text::new("区域的编号在哪一列(不选则按顺序编号)", "Column of the areas' ids (none: they are numbered)"),
            listed(&ids),
            proposal,
            Text::new("每行一个不同的值", "every row has another value"),
            sure(&ids) || ids.is_empty(),
        );
        let id = self.column_named(&id, &ids)?;
        let all_names = self.names(&heads);
        let proposal = all_names.first().map_or(String::new(), |(_, c)| head(*c));
        let name = deciding.take(
            Key::ZoneName,
            Text::new("区域的名称在哪一列", "Column of the areas' names"),
            listed(&all_names),
            proposal,
            Text::new("几乎每行一个不同的文字", "text, nearly always another"),
            sure(&all_names),
        );
        let name = self.column_named(&name, &all_names)?;
        let english = all_names.iter().map(|(_, c)| *c).find(|c| Some(*c) != name && is_english(&plain(&head(*c))));

        let mut findings: Vec<Finding> = self.sheet.findings.clone();
        findings.extend(self.mended.clone());
        let rows = self.sheet.cells.len();
        if self.areas.len() < rows {
            let n = rows - self.areas.len();
            let text =
                Text::new(format!("{n} 个要素不是面,未采用"), format!("{n} features are no areas and were left out"));
            findings.push(Finding::warning("no-area", text));
        }
        let used: Vec<usize> = [id, name, english].into_iter().flatten().collect();
        let left: Vec<String> =
            (0..self.sheet.columns.len()).filter(|c| !used.contains(c)).map(head).take(20).collect();
        if !left.is_empty() {
            let text = Text::new(
                format!("边界文件的这些列未采用:{}", left.join("、")),
                format!("columns of the boundaries left out: {}", left.join(", ")),
            );
            findings.push(Finding::info("columns-left", text));
        }

        let (mut features, mut words, mut bounds) = (Vec::new(), Vec::new(), Bounds::EMPTY);
        let width = self.areas.len().to_string().len();
        for (n, (row, area)) in self.areas.iter().enumerate() {
            let text = |column: Option<usize>| column.map(|c| self.sheet.cells.cell(*row, c).text.trim().to_owned());
            let id = text(id).unwrap_or_else(|| format!("A{:0width$}", n + 1));
            let name = text(name).filter(|n| !n.is_empty()).unwrap_or_else(|| id.clone());
            let area = located(area, system).ok_or_else(|| {
                let code = system.code();
                needed(
                    "--boundaries-crs",
                    &format!("区域“{name}”的坐标不是 {code} 的坐标"),
                    &format!("the positions of “{name}” are none of {code}"),
                )
            })?;
            if let Some(rect) = area.bounding_rect() {
                bounds.extend(rect.min());
                bounds.extend(rect.max());
            }
            let mut properties = json!({"name": name});
            if let Some(english) = text(english) {
                properties["name_en"] = json!(english);
            }
            let geometry = match area.0.as_slice() {
                [only] => GeometryValue::from(only),
                _ => GeometryValue::from(&area),
            };
            let geometry = geojson::Geometry::new(geometry).to_string();
            let id_text = json!(id).to_string();
            features.push(format!(
                "{{\"type\":\"Feature\",\"id\":{id_text},\"properties\":{properties},\"geometry\":{geometry}}}"
            ));
            words.push((id, name));
        }
        let geojson =
            format!("{{\"type\":\"FeatureCollection\",\"features\":[\n{}\n]}}\n", features.join(",\n")).into_bytes();
        let (geojson, mended) = repaired(&geojson, FILE).map_or((geojson, vec![]), |(new, mended)| (new, mended));
        findings.extend(mended.iter().map(|m| note(m.repaired, &m.feature, &m.text)));
        let chinese = bounds.west >= 72.0 && bounds.east <= 138.0 && bounds.south >= 0.8 && bounds.north <= 56.0;
        Ok(Areas { geojson, findings, words, chinese, with_english: english.is_some() })
    }

    /// The areas one by one, with what was decided about them and found.
    pub fn features(&self, wishes: &Wishes) -> Result<FileAreas, Refusal> {
        let mut deciding = Deciding { wishes, table: None, taken: Vec::new() };
        let Areas { geojson, mut findings, .. } = self.areas(&mut deciding)?;
        // which columns are used is for the caller to say
        findings.retain(|finding| finding.code != "columns-left");
        let taken = deciding.taken;
        let has = |key: Key| taken.iter().any(|decision| decision.key == key && !decision.value.is_empty());
        let (with_id, with_name) = (has(Key::ZoneId), has(Key::ZoneName));
        let mut written: Json = serde_json::from_slice(&geojson).unwrap_or_default();
        let written = written["features"].as_array_mut().map(std::mem::take).unwrap_or_default();
        let one = |((row, _), feature): (&(usize, MultiPolygon<f64>), Json)| {
            let text = |value: &Json| value.as_str().map(str::to_owned);
            FileArea {
                row: *row,
                id: text(&feature["id"]).filter(|_| with_id),
                name: text(&feature["properties"]["name"]).filter(|_| with_name),
                name_en: text(&feature["properties"]["name_en"]).filter(|name| !name.is_empty()),
                geometry: feature["geometry"].clone(),
            }
        };
        Ok((self.areas.iter().zip(written).map(one).collect(), taken, findings))
    }

    /// The names of the file's columns.
    pub fn heads(&self) -> impl Iterator<Item = &str> {
        self.sheet.columns.iter().map(|column| &*column.name)
    }

    /// A cell, without blanks around it.
    pub fn cell(&self, row: usize, column: usize) -> Cell<'_> {
        let cell = self.sheet.cells.cell(row, column);
        Cell { text: cell.text.trim(), ..cell }
    }

    /// The column of this name; none for an empty one.
    fn column_named(&self, name: &str, usable: &[(i32, usize)]) -> Result<Option<usize>, Refusal> {
        if name.is_empty() {
            return Ok(None);
        }
        let found = usable.iter().map(|(_, c)| *c).find(|c| self.sheet.columns[*c].name == name);
        found.map(Some).ok_or_else(|| {
            let usable: Vec<&str> = usable.iter().map(|(_, c)| self.sheet.columns[*c].name.as_str()).collect();
            Refusal::new(
                "column-not-usable",
                Text::new(
                    format!("边界文件的“{name}”列不能这样用;可用的有:{}", usable.join("、")),
                    format!(
                        "the column “{name}” of the boundaries can't be used for this; these can: {}",
                        usable.join(", ")
                    ),
                ),
            )
            .with_remedy(Text::new("换一列", "take another column"))
        })
    }
}

impl Areas {
    /// Their collection in the manifest.
    pub fn collection(&self, word: &Text, wishes: &Wishes) -> Json {
        let title = json!({"zh": word.zh, "en": crate::core::model::capital(&word.en)});
        let source = wishes.source.as_deref().unwrap_or("来源待填写 / source to be written");
        let mut collection = json!({
            "id": "districts",
            "file": FILE,
            "role": "districts",
            "title": title,
            "geometry": "polygon",
            "name": "name",
            "source": names::text(source),
            "licence": wishes.licence,
            "zone": {"kind": names::slug(&word.en, '-', "area")},
            "properties": [{"name": "name", "title": {"zh": "名称", "en": "Name"}, "type": "string", "required": true}],
        });
        if self.with_english {
            collection["name_en"] = json!("name_en");
            if let Some(properties) = collection["properties"].as_array_mut() {
                properties.push(
                    json!({"name": "name_en", "title": {"zh": "英文名", "en": "English name"}, "type": "string"}),
                );
            }
        }
        collection
    }
}

fn plain(head: &str) -> String {
    head.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
}

fn is_english(plain: &str) -> bool {
    plain.contains("英文")
        || ["nameen", "nameeng", "nameenglish", "englishname", "nameascii", "namelatin"].contains(&plain)
}

fn polygons(geometry: Geometry<f64>) -> Vec<Polygon<f64>> {
    match geometry {
        Geometry::Polygon(polygon) => vec![polygon],
        Geometry::MultiPolygon(polygons) => polygons.0,
        Geometry::GeometryCollection(parts) => parts.0.into_iter().flat_map(polygons).collect(),
        _ => vec![],
    }
}

/// A geometry in longitude and latitude.
pub(super) fn located<G: MapCoords<f64, f64, Output = G>>(geometry: &G, system: System) -> Option<G> {
    let fine =
        |at: Coord<f64>| Coord { x: (at.x * DECIMALS).round() / DECIMALS, y: (at.y * DECIMALS).round() / DECIMALS };
    Some(system.locate_all(geometry)?.map_coords(fine))
}

fn note(repaired: bool, feature: &str, text: &Text) -> Finding {
    let text = Text::new(format!("{feature}:{}", text.zh), format!("{feature}: {}", text.en));
    if repaired { Finding::info("repaired", text) } else { Finding::warning("not-repaired", text) }
}

/// Refuses to go on without a system that a flag can name.
pub(super) fn needed(flag: &str, zh: &str, en: &str) -> Refusal {
    Refusal::new("crs-needed", Text::new(zh, en)).with_remedy(Text::new(
        format!("用 {flag} 指定,如 {flag} EPSG:4549"),
        format!("say which with {flag}, as in {flag} EPSG:4549"),
    ))
}
