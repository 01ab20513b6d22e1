//! Points of a reader's own: positions with names, in a file or as pasted lines, that belong to no register.

use super::finding::{Finding, Findings, Refusal, shorten};
use super::locate::{Columns, locate};
use super::mapping::stated_system;
use super::sheet::{Cells, Column, Kind, Limits, Row, Sheet, read};
use super::system::number;
use super::unknown::{HeadRole, Heads};
use super::{System, vocabulary};
use crate::core::geometry::Bounds;
use crate::core::model::Text;
use crate::data::load::Severity;
use geo::Coord;
use std::io::Cursor;

/// Most points at once.
pub const MOST_POINTS: usize = 5_000;
/// Most characters of a name; more are cut.
pub const LONGEST_NAME: usize = 120;
/// Findings of a kind that are kept.
const KEPT: usize = 20;
/// Heads of names beside those that every register knows.
const NAMES: [&str; 8] = ["name", "title", "label", "名字", "地名", "标题", "点位", "地址"];
/// Names of the columns of lines without a head, and of positions of geometries.
const LINES: [&str; 3] = ["longitude", "latitude", "name"];

/// A point with its name.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnPoint {
    /// Row of the file, or line.
    pub row: u32,
    /// What it is called; empty where nothing says it.
    pub name: String,
    /// Longitude and latitude in WGS 84.
    pub at: Coord<f64>,
}

/// What was read.
#[derive(Clone, Debug)]
pub struct OwnPoints {
    /// The points, in the order of the file.
    pub points: Vec<OwnPoint>,
    /// The system in which the positions were given.
    pub system: System,
    /// Worksheets or layers of the file.
    pub sheets: Vec<String>,
    /// Rows that are no points, and what was done to others.
    pub findings: Findings,
}

/// Reads points: a table with a head in any format of an import, or lines such as `120.1, 30.2, name`. `around` is where the data
/// lies: it tells coordinates that are swapped.
pub fn own_points(
    bytes: &[u8],
    worksheet: Option<&str>,
    asked: Option<System>,
    around: &Bounds,
) -> Result<OwnPoints, Refusal> {
    let limits = Limits {
        file_bytes: 8 << 20,
        unpacked_bytes: 64 << 20,
        held_bytes: 32 << 20,
        rows: 200_000,
        cells: 2_000_000,
        memory_bytes: 64 << 20,
        ..Limits::default()
    };
    let heads = Heads::new([]);
    let sheet = match lines(bytes) {
        Some(sheet) => sheet,
        None => read(Cursor::new(bytes), worksheet, &limits, &heads).map_err(headless)?,
    };
    let columns = positions(&sheet, &heads).ok_or_else(|| headless(Refusal::new("no-head", Text::default())))?;
    let n = sheet.cells.len();
    if n > MOST_POINTS {
        let text = Text::new(
            format!("有 {n} 行,一次最多 {MOST_POINTS} 个点"),
            format!("{n} rows, and at most {MOST_POINTS} points at once"),
        );
        return Err(Refusal::new("too-many-points", text));
    }
    let system = system(&sheet, columns, asked)?;
    let mut findings = Findings::new(KEPT);
    // a head that is missing, or a worksheet that was chosen, is no row's fault
    sheet.findings.iter().cloned().for_each(|finding| findings.add(finding));
    let swapped = swapped(&sheet.cells, columns, system, around);
    if swapped {
        let text = Text::new(
            "经度与纬度两列整列填反了,已对调",
            "longitude and latitude are swapped throughout; they were put right",
        );
        findings.add(Finding::warning("columns-swapped", text).cell(columns.first(), ""));
    }
    let name = name(&sheet, &heads, columns);
    let mut points = Vec::new();
    for row in 0..sheet.cells.len() {
        let mut notes = Vec::new();
        let found = locate(columns, &sheet.cells, row, (system, swapped), around, &mut notes).map(|p| p.at);
        let at = found.or_else(|| far(columns, &sheet.cells, row, (system, swapped), &mut notes));
        let text = name.map(|column| sheet.cells.cell(row, column).text).unwrap_or_default();
        if at.is_none() && notes.is_empty() {
            let (line, shown) = (sheet.cells.number(row), shorten(text));
            let said = Text::new(format!("第 {line} 行 没有坐标:{shown}"), format!("row {line}: no position: {shown}"));
            notes.push(Finding::error("position-missing", said).row(line));
        }
        notes.into_iter().for_each(|note| findings.add(note));
        let name: String = text.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect();
        points.extend(at.map(|at| OwnPoint { row: sheet.cells.number(row), name: name.trim().to_owned(), at }));
    }
    if points.is_empty() {
        let said = findings.kept().iter().find(|f| f.row.is_some()).map(|f| f.message.clone());
        let said = said.unwrap_or_else(|| Text::new("没有一行数据", "there is no row"));
        let (zh, en) = (format!("没有读出一个点:{}", said.zh), format!("no point was read: {}", said.en));
        return Err(Refusal::new("no-points", Text::new(zh, en)));
    }
    Ok(OwnPoints { points, system, sheets: sheet.names, findings })
}

/// A refusal in the words of who brings points and no register.
fn headless(refusal: Refusal) -> Refusal {
    if refusal.code != "no-head" {
        return refusal;
    }
    Refusal::new("no-positions", Text::new("找不到经度、纬度两列", "no columns of longitude and latitude were found"))
}

/// A point away from the data is a point: it is said that it is.
fn far(
    columns: Columns,
    cells: &Cells,
    row: usize,
    (system, swapped): (System, bool),
    notes: &mut [Finding],
) -> Option<Coord<f64>> {
    let note = notes.last_mut().filter(|note| note.code == "coordinate-far")?;
    let (a, b) = columns.numbers(cells, row)?;
    let at = if swapped { system.locate(b, a) } else { system.locate(a, b) }?;
    note.severity = Severity::Warning;
    let n = cells.number(row);
    note.message = Text::new(
        format!("第 {n} 行 位置 {:.5}, {:.5} 远离数据范围,照样列入", at.x, at.y),
        format!("row {n}: {:.5}, {:.5} is far from the area of the data; it was taken", at.x, at.y),
    );
    Some(at)
}

/// The columns that hold the positions.
fn positions(sheet: &Sheet, heads: &Heads) -> Option<Columns> {
    use vocabulary::Target;
    // those that are made of geometries are sure
    let own = |name: &str| sheet.columns.iter().position(|c| c.name == name);
    if let (Some(x), Some(y)) = (own(LINES[0]), own(LINES[1])) {
        return Some(Columns::Two(x, y));
    }
    let best = |target: Target| {
        let sure = |(place, column): (usize, &Column)| {
            let meaning = heads.meaning(&column.name).filter(|m| m.target == target)?;
            Some((place, meaning.confidence))
        };
        let all = sheet.columns.iter().enumerate().filter_map(sure);
        all.reduce(|a, b| if b.1 > a.1 { b } else { a }).map(|(place, _)| place)
    };
    match (best(Target::X), best(Target::Y), best(Target::Pair)) {
        (Some(x), Some(y), _) => Some(Columns::Two(x, y)),
        (_, _, Some(pair)) => Some(Columns::One(pair)),
        _ => None,
    }
}

/// The column of names: one that is called so, else the first one of words.
fn name(sheet: &Sheet, heads: &Heads, positions: Columns) -> Option<usize> {
    let named = |column: &Column| {
        let role = heads.role(&column.name).filter(|(role, _)| *role == HeadRole::Name);
        let other = || NAMES.contains(&vocabulary::plain(&column.name).as_str()).then_some(0.9);
        role.map(|(_, sure)| sure).or_else(other)
    };
    let best = sheet.columns.iter().enumerate().filter_map(|(place, column)| Some((place, named(column)?)));
    let best = best.reduce(|a, b| if b.1 > a.1 { b } else { a }).map(|(place, _)| place);
    best.or_else(|| {
        let positions = match positions {
            Columns::Two(x, y) => [x, y],
            Columns::One(one) => [one; 2],
        };
        (0..sheet.columns.len()).filter(|column| !positions.contains(column)).find(|column| {
            let cell = (0..sheet.cells.len()).map(|row| sheet.cells.cell(row, *column)).find(|c| c.kind != Kind::Empty);
            cell.is_some_and(|cell| cell.text.chars().any(char::is_alphabetic))
        })
    })
}

/// The system that was asked for, else the one that the file says, else degrees.
fn system(sheet: &Sheet, columns: Columns, asked: Option<System>) -> Result<System, Refusal> {
    let first = (0..sheet.cells.len()).find_map(|row| columns.numbers(&sheet.cells, row));
    let numbered = |system: System| first.map_or(system, |at| system.numbered_like(at));
    if let Some(system) = asked {
        return Ok(numbered(system));
    }
    match stated_system(sheet) {
        Some(Ok(system)) => Ok(numbered(system)),
        Some(Err(name)) => Err(super::unsupported(&name)),
        None if first.is_some_and(|(a, b)| a.abs() > 360.0 && b.abs() > 360.0) => Err(Refusal::new(
            "crs-needed",
            Text::new(
                "坐标以米计,没有写明坐标系,请选一个(如 EPSG:4549)",
                "the positions are in metres and do not say in which system; choose one (such as EPSG:4549)",
            ),
        )
        .with_remedy(Text::new("选坐标系后再读一次", "choose the system and read it again"))),
        None => Ok(System::Wgs84),
    }
}

/// Whether every position that lies near the data does so with its coordinates exchanged.
fn swapped(cells: &Cells, columns: Columns, system: System, around: &Bounds) -> bool {
    let near = |a, b| system.locate(a, b).is_some_and(|at| around.contains(at.x, at.y));
    let read = (0..cells.len()).filter_map(|row| columns.numbers(cells, row));
    let (straight, exchanged) = read.fold((0, 0), |(straight, exchanged), (a, b)| {
        (straight + usize::from(near(a, b)), exchanged + usize::from(near(b, a)))
    });
    straight == 0 && exchanged > 0
}

/// Lines without a head, `120.1, 30.2, name` or `name 120.1 30.2`, as a table; `None` where the first line has no two coordinates
/// side by side, so that it is a file with a head, or no text at all.
fn lines(bytes: &[u8]) -> Option<Sheet> {
    let text = std::str::from_utf8(bytes).ok()?.trim_start_matches('\u{FEFF}');
    let all = || text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    coordinates(&pieces(all().next()?.1))?;
    let columns = LINES.map(|name| Column { name: name.to_owned(), unit: None }).into();
    let mut sheet = Sheet { columns, ..Sheet::default() };
    let mut row = Row::default();
    for (number, line) in all() {
        row.clear();
        let pieces = pieces(line);
        if let Some(at) = coordinates(&pieces) {
            row.push(Kind::Text, pieces[at]);
            row.push(Kind::Text, pieces[at + 1]);
            let rest: Vec<&str> = pieces[..at].iter().chain(&pieces[at + 2..]).copied().collect();
            row.push(Kind::Text, rest.join(" ").trim());
        } else {
            // it has a name only, and so it is said that it has no position
            row.push(Kind::Empty, "");
            row.push(Kind::Empty, "");
            row.push(Kind::Text, line.trim());
        }
        sheet.cells.push(u32::try_from(number + 1).unwrap_or(u32::MAX), &row);
    }
    Some(sheet)
}

/// The parts of a line: between tabs, commas or semicolons where it has any, else between blanks.
fn pieces(line: &str) -> Vec<&str> {
    let marks = |c: char| matches!(c, '\t' | ',' | ';' | '\u{FF0C}' | '\u{FF1B}' | '、');
    let marked = line.contains(marks);
    let parts = line.split(move |c: char| if marked { marks(c) } else { c.is_whitespace() });
    parts.map(|part| part.trim().trim_matches('"').trim()).filter(|part| marked || !part.is_empty()).collect()
}

/// Where the first two coordinates side by side are.
fn coordinates(pieces: &[&str]) -> Option<usize> {
    // a year or a running number is none: they have fractions, or are metres
    let exact = |text: &str| {
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        (text.contains(['.', '°', '度']) || digits > 5) && number(text).is_some()
    };
    (0..pieces.len().saturating_sub(1)).find(|at| exact(pieces[*at]) && exact(pieces[at + 1]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const AROUND: Bounds = Bounds { west: 118.0, south: 29.0, east: 121.0, north: 31.0 };

    fn read(text: &str, asked: Option<System>) -> OwnPoints {
        own_points(text.as_bytes(), None, asked, &AROUND).unwrap()
    }

    fn names(read: &OwnPoints) -> Vec<(u32, &str, f64, f64)> {
        read.points.iter().map(|p| (p.row, p.name.as_str(), p.at.x, p.at.y)).collect()
    }

    #[test]
    fn pasted_lines_need_no_head() {
        let own = read(
            "120.1004,30.2004,西站\n\n120.2004, 30.3004\n东站\t120.3004\t30.4004\n120.4004 30.5004 North Gate\n",
            None,
        );
        assert_eq!(own.system, System::Wgs84);
        assert_eq!(
            names(&own),
            [
                (1, "西站", 120.1004, 30.2004),
                (3, "", 120.2004, 30.3004),
                (4, "东站", 120.3004, 30.4004),
                (5, "North Gate", 120.4004, 30.5004)
            ]
        );
        assert!(own.findings.kept().is_empty(), "{:?}", own.findings.kept());
    }

    #[test]
    fn a_line_that_is_no_point_is_named_and_the_others_stay() {
        let own = read("120.1004,30.2004,a\nabc\n120.2004,30.3004,b\n,,c\n0.0,0.0,d\n", None);
        assert_eq!(own.points.len(), 2);
        let said: Vec<(Option<u32>, &str)> = own.findings.kept().iter().map(|f| (f.row, f.code)).collect();
        assert_eq!(said.len(), 3, "{said:?}");
        assert_eq!(said[0], (Some(2), "position-missing"));
        assert!(own.findings.kept().iter().all(|f| !f.remedy.zh.is_empty() && !f.remedy.en.is_empty()), "{said:?}");
    }

    #[test]
    fn a_table_says_its_columns_and_its_system() {
        let own = read("序号,项目名称,高德经度,高德纬度\n1,西站,120.1004,30.2004\n2,东站,120.2004,30.3004\n", None);
        assert_eq!(own.system, System::Gcj02);
        assert_eq!(own.points[0].name, "西站");
        assert_eq!(own.points[0].row, 2);
        let plain = read("120.1004,30.2004,西站", None);
        let shift = (own.points[0].at.x - plain.points[0].at.x).abs();
        assert!((0.001..0.02).contains(&shift), "{shift}");
        // as when it is asked for
        assert_eq!(read("120.1004,30.2004", Some(System::Gcj02)).points[0].at, own.points[0].at);
    }

    #[test]
    fn latitude_before_longitude_is_put_right_and_said() {
        let own = read("30.2004,120.1004,a\n30.3004,120.2004,b\n", None);
        assert_eq!(names(&own), [(1, "a", 120.1004, 30.2004), (2, "b", 120.2004, 30.3004)]);
        assert_eq!(own.findings.kept()[0].code, "columns-swapped");
    }

    #[test]
    fn a_point_elsewhere_is_kept_and_said() {
        let own = read("120.1004,30.2004,a\n2.3522,48.8566,Paris\n", None);
        assert_eq!(own.points[1].at, Coord { x: 2.3522, y: 48.8566 });
        assert_eq!(own.findings.kept()[0].code, "coordinate-far");
        assert_eq!(own.findings.kept()[0].severity, Severity::Warning);
    }

    #[test]
    fn features_and_what_can_not_be_read() {
        let geojson = r#"{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Point","coordinates":[120.1004,30.2004]},"properties":{"name":"西站","lon":1}}]}"#;
        assert_eq!(names(&read(geojson, None)), [(1, "西站", 120.1004, 30.2004)]);
        let refused = |text: &str| own_points(text.as_bytes(), None, None, &AROUND).unwrap_err();
        assert_eq!(refused("a,b\n1,2\n").code, "no-positions");
        assert_eq!(refused("514433.6,3350053.7").code, "crs-needed");
        assert_eq!(refused("0.0,0.0").code, "no-points");
        let many = "120.1004,30.2004\n".repeat(MOST_POINTS + 1);
        assert_eq!(refused(&many).code, "too-many-points");
        for text in ["a,b\n1,2\n", "514433.6,3350053.7", "0.0,0.0", &many, ""] {
            let remedy = refused(text).remedy;
            assert!(!remedy.zh.is_empty() && !remedy.en.is_empty(), "{text:.20}");
        }
        let plane = read("514433.611,3350053.697,a", Some(System::of_epsg(4549).unwrap()));
        assert!((plane.points[0].at.x - 120.15).abs() < 1e-6 && (plane.points[0].at.y - 30.27).abs() < 1e-6);
    }
}
