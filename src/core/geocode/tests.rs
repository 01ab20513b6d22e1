//! The index beside a scan over all rows, of addresses that are known in parts and written in many ways.

use super::*;
use crate::columns::{Bitmap, ColumnBuilder, ColumnType, Text, Value};
use crate::model::{Divisions, Geometries, PlacesSpec, PropertySpec, Text as Title};
use proptest::prelude::*;

/// An address as it is meant.
#[derive(Clone, Debug, PartialEq)]
struct Meant {
    road: &'static str,
    number: u32,
    suffix: &'static str,
    rest: &'static str,
}

const ROADS: [&str; 4] = ["文三路", "2号大街", "幸福里", "Harbour Street"];

impl Meant {
    /// One of the ways to write it.
    fn written(&self, way: u8) -> String {
        let Self { road, number, suffix, rest } = self;
        if road.is_ascii() {
            let rest = if rest.is_empty() { String::new() } else { format!("{rest}, ") };
            let number = format!("{number}{suffix}");
            return match way % 4 {
                0 => format!("{rest}{number} {road}"),
                1 => format!("{rest}{road} {number}"),
                2 => format!("{rest}{number} {}, Alba 06001", road.to_uppercase()),
                _ => format!("{rest}{number}  {}", road.replace("Street", "St.")),
            };
        }
        let wide = |text: String| -> String {
            text.chars()
                .map(|c| char::from_u32(u32::from(c) + 0xFEE0).filter(|_| c.is_ascii_digit()).unwrap_or(c))
                .collect()
        };
        match way % 4 {
            0 => format!("{road}{number}{suffix}号{rest}"),
            1 => format!("甲省乙市丙区{road} {number}{suffix} 号 {rest}"),
            2 => wide(format!("丙区{road}{number}{suffix}号{rest}")),
            _ if rest.is_empty() => format!("甲乙丙区{road}{number}{suffix}"),
            _ => format!("{road}{number}{suffix}号,{rest}"),
        }
    }
}

fn meant() -> impl Strategy<Value = Meant> {
    (0..4usize, 1..60u32, 0..4usize, 0..3usize).prop_map(|(road, number, suffix, rest)| {
        let road = ROADS[road];
        let rests = if road.is_ascii() { ["", "Flat 3", "Old Mill"] } else { ["", "3幢", "3幢502室"] };
        Meant { road, number, suffix: ["", "", "a", "-2"][suffix], rest: rests[rest] }
    })
}

fn spec() -> CollectionSpec {
    let words = [("St".to_owned(), "Street".to_owned())].into();
    CollectionSpec {
        properties: vec![PropertySpec::text("address", Title::new("地址", "Address"))],
        places: Some(PlacesSpec { address: Some("address".into()), reach: 6, words }),
        ..CollectionSpec::named("places", "places.geojson")
    }
}

fn table(texts: &[String]) -> Table {
    let (mut ids, mut column) = (Text::default(), ColumnBuilder::new(ColumnType::Text));
    for (row, text) in texts.iter().enumerate() {
        ids.push(&row.to_string());
        column.push(Value::Text(text)).unwrap();
    }
    let n = texts.len();
    let geometries = Geometries::Points { lon: vec![0.0; n], lat: vec![0.0; n], located: Bitmap::all(n) };
    Table { ids, geometries, columns: vec![column.finish()] }
}

fn words(spec: &CollectionSpec) -> Words {
    let divisions =
        Divisions { above: ["甲省", "乙市", "丙区", "Alba"].map(str::to_owned).into(), ..Divisions::default() };
    Words::new(std::iter::empty(), &divisions, spec.places.as_ref().unwrap())
}

type Keep<'a> = &'a dyn Fn(&Meant) -> bool;

/// The answer by looking at every row.
fn scan(rows: &[Meant], wanted: &Meant, reach: u32) -> Option<Match> {
    let of = |keep: &dyn Fn(&Meant) -> bool| -> Vec<u32> {
        (0..rows.len()).filter(|i| rows[*i].road == wanted.road && keep(&rows[*i])).map(|i| i as u32).collect()
    };
    let here = |m: &Meant| m.number == wanted.number;
    let grades: [(How, Keep); 5] = [
        (How::Exact, &|m| m == wanted),
        (How::House, &|m| here(m) && m.suffix == wanted.suffix && m.rest.is_empty()),
        (How::House, &|m| here(m) && m.suffix == wanted.suffix),
        (How::House, &|m| here(m) && m.suffix.is_empty()),
        (How::House, &here),
    ];
    if let Some((how, rows)) = grades.into_iter().map(|(how, keep)| (how, of(keep))).find(|(_, rows)| !rows.is_empty())
    {
        return Some(Match { how, rows });
    }
    let same = rows.iter().filter(|m| m.road == wanted.road);
    let (off, number) = same.map(|m| (m.number.abs_diff(wanted.number), m.number)).min()?;
    (off <= reach).then(|| Match { how: How::Nearest { off, number }, rows: of(&|m| m.number == number) })
}

proptest! {
    #[test]
    fn the_index_finds_what_a_scan_finds(
        rows in proptest::collection::vec((meant(), any::<u8>()), 1..40),
        wanted in proptest::collection::vec((meant(), any::<u8>()), 1..20),
    ) {
        let spec = spec();
        let texts: Vec<String> = rows.iter().map(|(m, way)| m.written(*way)).collect();
        let table = table(&texts);
        let places = PlaceTable::of(&spec, &table).unwrap();
        let index = Geocoder::new(places, words(&spec));
        let rows: Vec<Meant> = rows.into_iter().map(|(m, _)| m).collect();
        for (wanted, way) in wanted {
            let text = wanted.written(way);
            let found = index.find(places, &index.read(&text));
            prop_assert_eq!(found, scan(&rows, &wanted, 6), "{} among {:?}", text, texts);
        }
    }

    #[test]
    fn any_text_is_read(text in "\\PC{0,40}|[0-9号路室幢 ,-]{0,20}") {
        let spec = spec();
        let table = table(std::slice::from_ref(&text));
        let places = PlaceTable::of(&spec, &table).unwrap();
        let index = Geocoder::new(places, words(&spec));
        let address = index.read(&text);
        // what there is, is found as it stands
        let found = index.find(places, &address).map(|m| (m.how, m.rows));
        prop_assert_eq!(found, (!address.road.is_empty()).then(|| (How::Exact, vec![0])));
    }
}

#[test]
fn rows_without_a_place_answer_for_nothing() {
    let (spec, mut table) = (spec(), table(&["文三路1号".to_owned()]));
    table.geometries = Geometries::Points { lon: vec![f64::NAN], lat: vec![f64::NAN], located: Bitmap::none(1) };
    let places = PlaceTable::of(&spec, &table).unwrap();
    let index = Geocoder::new(places, words(&spec));
    assert_eq!(index.find(places, &index.read("文三路1号")), None);
}

/// A million addresses: `cargo test --locked --lib -- --ignored a_million --nocapture`.
#[test]
#[ignore = "takes long without optimisation; prints what it takes"]
fn a_million_addresses() {
    let spec = spec();
    let road = |n: usize| {
        format!("{}{}路", ["文", "武", "江", "湖", "山"][n % 5], char::from_u32(0x4E00 + (n / 5) as u32).unwrap())
    };
    let texts: Vec<String> =
        (0..1_000_000).map(|i| format!("甲省乙市丙区{}{}号", road(i / 500), i % 500 + 1)).collect();
    let table = table(&texts);
    let places = PlaceTable::of(&spec, &table).unwrap();
    let at = std::time::Instant::now();
    let index = Geocoder::new(places, words(&spec));
    let built = at.elapsed();
    let at = std::time::Instant::now();
    let found = texts
        .iter()
        .step_by(10)
        .filter(|text| index.find(places, &index.read(text)).is_some_and(|m| m.how == How::Exact && m.rows.len() == 1));
    let n = found.count();
    println!("built in {built:?}, {} MB; {n} found in {:?}", index.bytes() / 1_000_000, at.elapsed());
    assert_eq!(n, 100_000);
}
