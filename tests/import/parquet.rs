//! GeoParquet as pyarrow, DuckDB, GDAL and Spark write it: compressions, encodings of geometry, timestamps, whole numbers.

use super::material::table;
use shigu::data::intake::sheet::{Cell, Kind, Sheet};

fn file(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/import/files/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn cell<'s>(sheet: &'s Sheet, row: usize, name: &str) -> Cell<'s> {
    let at = sheet.columns.iter().position(|c| c.name == name);
    sheet.cells.cell(row, at.unwrap_or_else(|| panic!("no {name} in {:?}", sheet.columns)))
}

#[test]
fn pages_of_every_compression() {
    for codec in ["none", "snappy", "gzip", "brotli", "lz4", "zstd"] {
        let read = table(&file(&format!("codec-{codec}.parquet"))).unwrap_or_else(|e| panic!("{codec}: {e}"));
        assert_eq!(read.cells.len(), 3, "{codec}");
        let row = |row, name| cell(&read, row, name).text;
        assert_eq!(
            (row(0, "企业名称"), row(1, "longitude"), row(2, "longitude")),
            ("甲公司", "120.19876", ""),
            "{codec}"
        );
        assert_eq!((row(1, "从业人数2025年"), row(2, "从业人数2025年")), ("22", ""), "{codec}");
    }
}

#[test]
fn positions_that_are_no_binary() {
    for name in ["point", "point-z", "multipoint"] {
        let read = table(&file(&format!("arrow-{name}.parquet"))).unwrap_or_else(|e| panic!("{name}: {e}"));
        let at = |row| (cell(&read, row, "longitude").text, cell(&read, row, "latitude").text);
        assert_eq!((at(0), at(1), at(2)), (("120.01234", "30.28123"), ("120.19876", "30.18765"), ("", "")), "{name}");
    }
    for name in ["linestring", "polygon", "multilinestring", "multipolygon"] {
        let read = table(&file(&format!("arrow-{name}.parquet"))).unwrap_or_else(|e| panic!("{name}: {e}"));
        let said: Vec<&str> = read.findings.iter().map(|f| f.code).collect();
        assert_eq!((read.cells.len(), said), (3, vec!["crs-in-file", "not-a-point"]), "{name}");
    }
    let refused = table(&file("arrow-unknown.parquet")).unwrap_err();
    assert_eq!(refused.code, "not-geoparquet");
    assert!(refused.message.zh.contains("geoarrow.box") && refused.message.en.contains("geoarrow.box"), "{refused:?}");
}

/// An instant is handed on with its zone, for who knows the dataset's; a clock on the wall is a day.
#[test]
fn timestamps_with_a_zone_and_without() {
    let read = table(&file("stamps.parquet")).unwrap();
    for name in ["utc_us", "utc_ms", "utc_ns"] {
        assert_eq!(cell(&read, 0, name), Cell { kind: Kind::Text, text: "2014-12-31T16:00:00Z" }, "{name}");
    }
    for name in ["wall_us", "wall_ms", "wall_ns", "day"] {
        assert_eq!(cell(&read, 0, name), Cell { kind: Kind::Date, text: "2015-01-01" }, "{name}");
    }
    let spark = table(&file("stamps-int96.parquet")).unwrap();
    assert_eq!(cell(&spark, 2, "wall"), Cell { kind: Kind::Date, text: "2015-01-01" });
}

/// What the file holds as a whole number has lost nothing; what it holds as a float may have.
#[test]
fn codes_of_18_digits_are_whole() {
    let read = table(&file("stamps.parquet")).unwrap();
    for name in ["code", "code_u"] {
        assert_eq!(cell(&read, 0, name), Cell { kind: Kind::Text, text: "913301107996550580" }, "{name}");
    }
    assert_eq!((cell(&read, 0, "float").kind, cell(&read, 0, "small").kind), (Kind::Number, Kind::Number));
    assert_eq!(cell(&read, 2, "code").kind, Kind::Empty);
}
