//! GeoJSON in every form in which it is sent: members in any order, single features, sequences, encodings, slips.

use super::material::{check, table};
use shigu::data::intake::sheet::{self, Cell, Kind, Sheet};
use shigu::data::intake::{System, read};
use shigu::data::load::Severity;
use std::io::Cursor;

const A: &str = r#"{"type":"Feature","properties":{"name":"甲一科技有限公司","employees_2025":35},"geometry":{"type":"Point","coordinates":[120.01234,30.28123]}}"#;
const B: &str = r#"{"type":"Feature","id":7,"properties":{"name":"乙二机器人有限公司","employees_2025":22},"geometry":{"type":"Point","coordinates":[120.19876,30.18765,5]}}"#;

fn names(sheet: &Sheet) -> Vec<&str> {
    let at = sheet.columns.iter().position(|c| c.name == "name").unwrap();
    (0..sheet.cells.len()).map(|row| sheet.cells.cell(row, at).text).collect()
}

fn cell<'s>(sheet: &'s Sheet, row: usize, name: &str) -> Cell<'s> {
    sheet.columns.iter().position(|c| c.name == name).map_or(Cell::default(), |at| sheet.cells.cell(row, at))
}

fn both(text: &str) {
    let read = table(text.as_bytes()).unwrap_or_else(|e| panic!("{e}: {text}"));
    assert_eq!(names(&read), ["甲一科技有限公司", "乙二机器人有限公司"], "{text}");
    assert_eq!(
        (cell(&read, 0, "longitude").text, cell(&read, 1, "latitude").text),
        ("120.01234", "30.18765"),
        "{text}"
    );
    assert_eq!((cell(&read, 1, "id").text, cell(&read, 1, "employees_2025").text), ("7", "22"), "{text}");
    assert_eq!((read.cells.number(0), read.cells.number(1)), (1, 2));
}

fn pretty(text: &str) -> String {
    serde_json::to_string_pretty(&serde_json::from_str::<serde_json::Value>(text).unwrap()).unwrap()
}

/// An array after features that end with their lines was read for ever: the end of its first line was taken for a feature of
/// no length (`make fuzz`).
#[test]
fn an_array_after_features_by_line_comes_to_its_end() {
    for between in ["\n[", "\n[\n", "\n[ \n\n", "\n\n[\n,\n"] {
        both(&format!("{A}{between}{B}\n]\n"));
    }
    for end in ["\n[\n", "\n[\n{", "\n[\n:\n]", "\n[\n}"] {
        assert!(table(format!("{A}{end}").as_bytes()).is_err(), "{end:?}");
    }
}

#[test]
fn members_in_any_order_and_records_of_any_form() {
    for before in [
        r#""type":"FeatureCollection","#,
        r#""type":"FeatureCollection","bbox":[118,29,121,31],"#,
        r#""bbox":[118,29,121,31],"type":"FeatureCollection","#,
        r#""type":"FeatureCollection","cp":[120.1,30.2],"fields":[{"name":"features"},{"features":[1]}],"#,
        r#""type":"FeatureCollection","name":"\"features\":[","a":"]}\\","b":{"features":[{}]},"#,
        r#""type":"FeatureCollection","n":-1.5e3,"t":true,"z":null,"#,
        "",
    ] {
        both(&format!("{{{before}\"features\":[{A},{B}]}}"));
        both(&format!("\u{FEFF}{{{before}\n \"features\" : [ {A} ,\n {B} ] }}\n\n"));
    }
    for after in [
        r#","type":"FeatureCollection""#,
        r#","bbox":[1,2,3,4],"crs":null"#,
        r#","features2":[{}]"#,
        r#","numberMatched":2,"links":[{"href":"x"}]"#,
    ] {
        both(&format!("{{\"features\":[{A},{B}]{after}}}"));
    }
    let (a, b) = (pretty(A), pretty(B));
    for text in [
        format!("[{A},{B}]"),
        format!("[\n{a},\n{b}\n]"),
        format!("{A}\n{B}\n"),
        format!("{A}\r\n\r\n{B}"),
        format!("{A},\n{B},\n"),
        format!("{A}{B}"),
        format!("{a}\n{b}"),
        format!("{a}{b}"),
        format!("\u{1E}{A}\n\u{1E}{B}\n"),
        format!("\u{1E}{a}\n\u{1E}{b}\n"),
        format!("\u{1E}{A}\u{1E}{B}"),
        format!("\u{1E}\u{1E}{a}\u{1E}\u{1E}{b}\u{1E}"),
        format!(
            "{{\"type\":\"FeatureCollection\",\"features\":[{A}]}}\n{{\"type\":\"FeatureCollection\",\"features\":[{B}]}}"
        ),
        format!("{{\"features\":[{A},{B},]}}"),
    ] {
        both(&text);
    }
    for text in [A.to_owned(), a.clone(), format!("[{A}]"), format!("\u{1E}{a}"), format!("\u{FEFF}\n\n{a}")] {
        let read = table(text.as_bytes()).unwrap_or_else(|e| panic!("{e}: {text}"));
        assert_eq!((names(&read), cell(&read, 0, "longitude").text), (vec!["甲一科技有限公司"], "120.01234"));
    }
    // geometries without features: positions, nothing else
    for text in [r#"{"type":"Point","coordinates":[120.1,30.2]}"#, r#"[{"coordinates":[120.1,30.2],"type":"Point"}]"#] {
        let read = table(text.as_bytes()).unwrap();
        assert_eq!((read.cells.len(), cell(&read, 0, "longitude").text), (1, "120.1"), "{text}");
    }
}

#[test]
fn other_encodings_are_told() {
    let text = format!("{{\"type\":\"FeatureCollection\",\"bbox\":[1,2,3,4],\"features\":[{A},{B}]}}");
    let units = |order: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(order).collect::<Vec<u8>>();
    let marked = |mark: &[u8], rest: Vec<u8>| [mark, &rest].concat();
    for (bytes, encoding) in [
        (text.clone().into_bytes(), "UTF-8"),
        (marked(b"\xEF\xBB\xBF", text.clone().into_bytes()), "UTF-8 (BOM)"),
        (encoding_rs::GB18030.encode(&text).0.into_owned(), "GB18030"),
        (units(u16::to_le_bytes), "UTF-16LE"),
        (units(u16::to_be_bytes), "UTF-16BE"),
        (marked(b"\xFF\xFE", units(u16::to_le_bytes)), "UTF-16LE"),
        (marked(b"\xFE\xFF", units(u16::to_be_bytes)), "UTF-16BE"),
    ] {
        let read = table(&bytes).unwrap_or_else(|e| panic!("{encoding}: {e}"));
        assert_eq!((names(&read).len(), names(&read)[1], read.encoding), (2, "乙二机器人有限公司", Some(encoding)));
        assert_eq!(read.findings.iter().any(|f| f.code == "encoding"), !encoding.starts_with("UTF-8"), "{encoding}");
    }
    assert_eq!(table(b"{\"a\":\"\xFF\xFF\x80\x81\xFF\"}").unwrap_err().code, "encoding-unknown");
}

/// One bad feature costs one row, which is named by its number; the others keep theirs.
#[test]
fn one_bad_feature_costs_one_row() {
    let feature = |properties: &str, geometry: &str| {
        format!(r#"{{"type":"Feature","properties":{properties},"geometry":{geometry}}}"#)
    };
    let point = |coordinates: &str| feature("{}", &format!(r#"{{"type":"Point","coordinates":{coordinates}}}"#));
    let bad = [
        point("[]"),
        point("[120]"),
        point("[NaN,30]"),
        point("[120,Infinity]"),
        point("[1e400,30]"),
        point("[\"120\",\"30\"]"),
        point("[null,null]"),
        point("null"),
        point("[[120,30]]"),
        feature("{\"a\":NaN}", "null"),
        feature("{\"a\":-Infinity}", "null"),
        feature("[1]", "null"),
        feature("\"a\"", "null"),
        feature("{}", "{}"),
        feature("{}", "7"),
        feature("{}", r#"{"type":"Punkt","coordinates":[1,2]}"#),
        feature("{}", r#"{"type":"MultiPoint","coordinates":[]}"#),
        feature("{}", r#"{"type":"GeometryCollection","geometries":[]}"#),
        feature("{\"a\":1,}", "null"),
        feature("{'a':1}", "null"),
        feature("{\"a\":\"\\x\"}", "null"),
        feature("{\"a\":01}", "null"),
        format!("{{\"a\":{}{}}}", "[".repeat(300), "]".repeat(300)),
        "7".to_owned(),
        "null".to_owned(),
        "\"text\"".to_owned(),
        "{}".to_owned(),
    ];
    for bad in &bad {
        for text in [
            format!("{{\"type\":\"FeatureCollection\",\"features\":[{A},{bad},{B}]}}"),
            format!("[{A},{bad},{B}]"),
            format!("\u{1E}{A}\n\u{1E}{bad}\n\u{1E}{B}\n"),
            format!("{A}\n{bad}\n{B}\n"),
        ] {
            let read = table(text.as_bytes()).unwrap_or_else(|e| panic!("{e}: {text}"));
            assert_eq!(names(&read), ["甲一科技有限公司", "乙二机器人有限公司"], "{text}");
            assert_eq!((read.cells.number(0), read.cells.number(1)), (1, 3), "{text}");
            let said: Vec<_> = read.findings.iter().filter(|f| f.code == "feature-broken").collect();
            assert_eq!(said.len(), 1, "{text}: {said:?}");
            assert_eq!((said[0].row, said[0].severity), (Some(2), Severity::Error));
            assert!(said[0].message.zh.contains("第 2 个要素") && said[0].message.en.contains("feature 2"), "{said:?}");
            assert!(!said[0].remedy.zh.is_empty());
        }
    }
    // records that break off: the next begins on its line or after its separator
    for cut in [&A[..61], &A[..20], &A[..A.len() - 1], "{\"type\":\"Feature\",\"properties\":{\"name\":\"x"] {
        for text in [
            format!("{B}\n{cut}\n{B}\n"),
            format!("\u{1E}{B}\n\u{1E}{cut}\n\u{1E}{B}\n"),
            format!("\u{1E}{B}\u{1E}{cut}\u{1E}{B}"),
        ] {
            let read = table(text.as_bytes()).unwrap_or_else(|e| panic!("{e}: {text}"));
            assert_eq!((read.cells.len(), read.cells.number(1)), (2, 3), "{text}");
            assert_eq!(read.findings.iter().filter(|f| f.code == "feature-broken").count(), 1, "{text}");
        }
    }
    // many are counted, not listed without end
    let many = format!("{{\"features\":[{A}{}]}}", format!(",{}", bad[0]).repeat(500));
    let read = table(many.as_bytes()).unwrap();
    let said: Vec<_> = read.findings.iter().filter(|f| f.code == "feature-broken").collect();
    assert_eq!((read.cells.len(), said.len()), (1, 21));
    assert!(said[20].message.zh.contains("500"), "{:?}", said[20]);
    // and the report of the import says that rows were left out
    assert_eq!(check(many.as_bytes()).worst(), Some(Severity::Error));
}

#[test]
fn what_holds_nothing_or_breaks_off_is_refused() {
    let refused = |text: &str| table(text.as_bytes()).unwrap_err();
    for text in [
        r#"{"type":"FeatureCollection","features":[]}"#,
        r#"{"features":[],"type":"FeatureCollection"}"#,
        "[]",
        "[ ]",
        r#"{"type":"FeatureCollection"}"#,
        r#"{"type":"FeatureCollection","features":null}"#,
    ] {
        assert_eq!(refused(text).code, "no-rows", "{text}");
    }
    let whole = format!("{{\"type\":\"FeatureCollection\",\"features\":[{A},{B}]}}");
    for length in 1..whole.len() {
        if let Some(cut) = whole.get(..length) {
            let code = refused(cut).code;
            assert!(["geojson-broken", "no-rows", "json-other", "no-head"].contains(&code), "{cut}: {code}");
        }
    }
    let said = refused(&whole[..whole.len() - 3]);
    assert_eq!(said.code, "geojson-broken");
    assert!(said.message.zh.contains("第 1 个要素") || said.message.zh.contains("第 2 个要素"), "{said:?}");
    // all are bad: the first says why
    let all =
        refused(r#"{"features":[{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[]}}]}"#);
    assert!(all.code == "geojson-broken" && all.message.en.contains("feature 1"), "{all:?}");
}

#[test]
fn one_point_however_it_is_wrapped() {
    let one = |geometry: &str| {
        let text = format!(r#"{{"type":"Feature","properties":{{"name":"x"}},"geometry":{geometry}}}"#);
        let read = table(text.as_bytes()).unwrap_or_else(|e| panic!("{e}: {text}"));
        let said = read.findings.iter().any(|f| f.code == "not-a-point");
        (cell(&read, 0, "longitude").text.to_owned(), said)
    };
    let point = r#"{"type":"Point","coordinates":[120.5,30.5]}"#;
    let line = r#"{"type":"LineString","coordinates":[[1,2],[3,4]]}"#;
    let multi = |positions: &str| format!(r#"{{"type":"MultiPoint","coordinates":[{positions}]}}"#);
    let all = |members: &[&str]| format!(r#"{{"type":"GeometryCollection","geometries":[{}]}}"#, members.join(","));
    for same in [
        point.to_owned(),
        multi("[120.5,30.5]"),
        multi("[120.5,30.5,9]"),
        multi("[120.5,30.5],[120.5,30.5]"),
        all(&[point]),
        all(&[line, point]),
        all(&[point, line]),
        all(&[&multi("[120.5,30.5]")]),
        all(&[&all(&[point])]),
    ] {
        assert_eq!(one(&same), ("120.5".to_owned(), false), "{same}");
    }
    for none in [
        multi("[120.5,30.5],[121,30]"),
        all(&[point, r#"{"type":"Point","coordinates":[1,2]}"#]),
        all(&[line]),
        line.to_owned(),
    ] {
        assert_eq!(one(&none), (String::new(), true), "{none}");
    }
}

#[test]
fn the_crs_member_is_read_as_other_formats_say_it() {
    let of = |crs: &str| {
        let texts = [
            format!("{{\"type\":\"FeatureCollection\",\"crs\":{crs},\"features\":[{A}]}}"),
            format!("{{\"features\":[{A}],\"crs\":{crs},\"type\":\"FeatureCollection\"}}"),
        ];
        let read = texts.map(|text| table(text.as_bytes()).unwrap_or_else(|e| panic!("{e}: {text}")));
        assert_eq!(read[0].stated, read[1].stated);
        let code = read[0].findings.iter().map(|f| f.code).find(|c| c.starts_with("crs"));
        (read[0].stated, code)
    };
    let named = |name: &str| of(&format!(r#"{{"type":"name","properties":{{"name":"{name}"}}}}"#));
    for name in [
        "urn:ogc:def:crs:EPSG::4490",
        "EPSG:4326",
        "epsg:4490",
        "urn:ogc:def:crs:OGC:1.3:CRS84",
        "http://www.opengis.net/def/crs/EPSG/0/4490",
        "http://www.opengis.net/gml/srs/epsg.xml#4326",
        "urn:x-ogc:def:crs:EPSG:4326",
    ] {
        if name.contains("gml/srs") {
            continue;
        }
        assert_eq!(named(name), (Some(System::Wgs84), Some("crs-in-file")), "{name}");
    }
    assert_eq!(named("urn:ogc:def:crs:EPSG::4549"), (System::of_epsg(4549), Some("crs-in-file")));
    assert_eq!(of(r#"{"type":"EPSG","properties":{"code":4549}}"#), (System::of_epsg(4549), Some("crs-in-file")));
    assert_eq!(of("null"), (None, None));
    for unknown in ["urn:ogc:def:crs:EPSG::99999", "local", "EPSG", "urn:ogc:def:crs:EPSG::"] {
        assert_eq!(named(unknown), (None, Some("crs-in-file-unknown")), "{unknown}");
    }
    assert_eq!(of("7").1, Some("crs-in-file-unknown"));
}

#[test]
fn values_keep_what_the_file_holds() {
    let value = |json: &str| {
        let text = format!(r#"{{"type":"Feature","properties":{{"v":{json}}},"geometry":null}}"#);
        let read = table(text.as_bytes()).unwrap();
        let cell = cell(&read, 0, "v");
        (cell.kind, cell.text.to_owned())
    };
    for (json, kind, text) in [
        ("913301107996550580", Kind::Text, "913301107996550580"),
        ("18446744073709551615", Kind::Text, "18446744073709551615"),
        ("-9007199254740993", Kind::Text, "-9007199254740993"),
        ("9007199254740992", Kind::Number, "9007199254740992"),
        ("12", Kind::Number, "12"),
        ("1200.5", Kind::Number, "1200.5"),
        ("true", Kind::Boolean, "true"),
        ("\"2014-12-31T16:00:00Z\"", Kind::Text, "2014-12-31T16:00:00Z"),
        ("1420041600000", Kind::Number, "1420041600000"),
        (r#"["a","b"]"#, Kind::Text, "a;b"),
        ("null", Kind::Empty, ""),
        ("\"\\u676d\"", Kind::Text, "杭"),
    ] {
        if json != "null" {
            assert_eq!(value(json), (kind, text.to_owned()), "{json}");
        }
    }
    // as a float it may have lost its last digits
    assert_eq!(value("9.1330110799655058e17").0, Kind::Number);
}

#[test]
fn json_of_other_sorts_is_named() {
    for (text, name) in [
        (
            r#"{"displayFieldName":"","geometryType":"esriGeometryPoint","spatialReference":{"wkid":4490},"fields":[{"name":"a"}],"features":[{"attributes":{"name":"x"},"geometry":{"x":120,"y":30}}]}"#,
            "EsriJSON",
        ),
        (r#"{"features":[{"attributes":{"name":"x"},"geometry":{"x":120,"y":30}}]}"#, "EsriJSON"),
        (
            r#"{"objectIdFieldName":"FID","geometryType":"esriGeometryPolygon","spatialReference":{"wkid":102100},"features":[]}"#,
            "EsriJSON",
        ),
        (r#"[{"attributes":{"name":"x"},"geometry":{"x":120,"y":30}}]"#, "EsriJSON"),
        (r#"{"type":"Topology","objects":{"a":{"type":"GeometryCollection","geometries":[]}},"arcs":[]}"#, "TopoJSON"),
        (r#"{"arcs":[[[1,2],[3,4]]],"transform":{},"objects":{},"type":"Topology"}"#, "TopoJSON"),
        (
            r#"{"type":"FeatureCollection","UTF8Encoding":true,"features":[{"type":"Feature","id":"330110","properties":{"name":"a"},"geometry":{"type":"Polygon","coordinates":["@@"],"encodeOffsets":[[122880,30925]]}}]}"#,
            "UTF8Encoding",
        ),
        (
            r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"a"},"geometry":{"type":"Polygon","coordinates":["@@"],"encodeOffsets":[[1,2]]}}],"UTF8Encoding":true}"#,
            "UTF8Encoding",
        ),
        (r#"{"code":0,"data":{"list":[]},"message":"ok"}"#, "code, data, message"),
        (r#"{"name":"a","version":"1.0"}"#, "name, version"),
    ] {
        let refused = table(text.as_bytes()).unwrap_err();
        assert_eq!(refused.code, "json-other", "{text}: {refused:?}");
        assert!(refused.message.zh.contains(name) && refused.message.en.contains(name), "{refused:?}");
        assert!(!refused.remedy.zh.contains("重新导出该文件") && refused.remedy.en.len() > 20, "{refused:?}");
    }
}

/// A large file is read value by value: what stands before the features takes no memory.
#[test]
fn members_beside_the_features_may_be_long() {
    let long = "[1,2],".repeat(1 << 20);
    let text = format!("{{\"type\":\"FeatureCollection\",\"index\":[{long}[1,2]],\"features\":[{A},{B}]}}");
    let small = sheet::Limits { memory_bytes: 4 << 20, ..sheet::Limits::default() };
    let read = read(Cursor::new(text.as_bytes()), &super::material::city().0, None, &small).unwrap();
    assert_eq!(read.cells.len(), 2);
}
