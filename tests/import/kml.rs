//! KML as ArcGIS, Google Earth, QGIS and people write it: attributes in descriptions, display names and folders.

use super::material::table;
use shigu::data::intake::sheet::Sheet;
use std::io::{Cursor, Write};

fn kml(inside: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>{inside}</Document></kml>"#
    )
}

fn mark(inside: &str) -> String {
    kml(&format!(
        "<Placemark><name>甲公司</name>{inside}<Point><coordinates>120.1,30.2,0</coordinates></Point></Placemark>"
    ))
}

fn read(text: &str) -> Sheet {
    table(text.as_bytes()).unwrap_or_else(|e| panic!("{e}: {text}"))
}

fn cell<'s>(sheet: &'s Sheet, row: usize, name: &str) -> &'s str {
    let at = sheet.columns.iter().position(|c| c.name == name);
    sheet.cells.cell(row, at.unwrap_or_else(|| panic!("no {name} in {:?}", sheet.columns))).text
}

#[test]
fn attributes_in_descriptions() {
    let rows = "<tr><td>区县</td><td>余杭区</td></tr><tr><td>营业收入(万元)2025年</td><td>1200.5</td></tr>";
    for description in [
        format!("<![CDATA[<html><body><table>{rows}</table></body></html>]]>"),
        format!("<![CDATA[<table border=\"1\"><tbody>{rows}</tbody></table>]]>"),
        format!("<![CDATA[<table><tr><td>甲公司</td></tr><tr><td><table>{rows}</table></td></tr></table>]]>"),
        format!("<![CDATA[<table><tr><th colspan=\"2\">甲公司</th></tr>{rows}</table>]]>"),
        format!("<table>{rows}</table>").replace('<', "&lt;").replace('>', "&gt;"),
        "<![CDATA[<b>区县:</b> 余杭区<br><b>营业收入(万元)2025年:</b> 1200.5]]>".to_owned(),
        "<![CDATA[区县：余杭区\n营业收入(万元)2025年：1200.5]]>".to_owned(),
        "<![CDATA[<ul><li><strong>区县</strong>: 余杭区</li><li>营业收入(万元)2025年: 1200.5</li></ul>]]>".to_owned(),
    ] {
        let read = read(&mark(&format!("<description>{description}</description>")));
        assert_eq!(
            (cell(&read, 0, "区县"), cell(&read, 0, "营业收入(万元)2025年")),
            ("余杭区", "1200.5"),
            "{description}"
        );
        assert!(read.columns.iter().all(|c| c.name != "description"), "{description}");
    }
    // data goes before its description
    let both = read(&mark(
        "<description><![CDATA[<table><tr><td>区县</td><td>旧</td></tr></table>]]></description><ExtendedData><Data name=\"区县\"><value>新</value></Data></ExtendedData>",
    ));
    assert_eq!(cell(&both, 0, "区县"), "新");
    let words = read(&mark("<description>一家做视觉的公司</description>"));
    assert_eq!(cell(&words, 0, "description"), "一家做视觉的公司");
}

#[test]
fn names_for_people_stand_for_those_of_fields() {
    let schema = |id: &str| {
        format!(
            "<Schema name=\"a\" id=\"{id}\"><SimpleField type=\"string\" name=\"F1\"><displayName>区县</displayName></SimpleField><SimpleField type=\"double\" name=\"F2\"><displayName><![CDATA[从业人数2025年]]></displayName></SimpleField><SimpleField name=\"备注\"/></Schema>"
        )
    };
    let data = |url: &str| {
        format!(
            "<ExtendedData><SchemaData schemaUrl=\"{url}\"><SimpleData name=\"F1\">余杭区</SimpleData><SimpleData name=\"F2\">35</SimpleData><SimpleData name=\"备注\">无</SimpleData></SchemaData></ExtendedData>"
        )
    };
    let point = "<Point><coordinates>120.1,30.2</coordinates></Point>";
    for inside in [
        format!("{}<Placemark><name>a</name>{}{point}</Placemark>", schema("s"), data("#s")),
        // the schema after what it describes, and an address with more before the mark
        format!("<Placemark><name>a</name>{}{point}</Placemark>{}", data("http://x/y.kml#s"), schema("s")),
        format!("<Folder>{}<Placemark><name>a</name>{}{point}</Placemark></Folder>", schema("s"), data("s")),
        format!("{}<Placemark><name>a</name>{}{point}</Placemark>", schema("s"), data("")),
    ] {
        let read = read(&kml(&inside));
        assert_eq!(
            (cell(&read, 0, "区县"), cell(&read, 0, "从业人数2025年"), cell(&read, 0, "备注")),
            ("余杭区", "35", "无"),
            "{inside}"
        );
    }
    let of = |name: &str, shown: &str| {
        let read = read(&mark(&format!(
            "<ExtendedData><Data name=\"{name}\"><displayName>{shown}</displayName><value>7</value></Data></ExtendedData>"
        )));
        read.columns[1].name.clone()
    };
    assert_eq!(of("f1", "区县"), "区县");
    assert_eq!(of("Field_12", "某某指标"), "某某指标");
    assert_eq!(of("district", "所在地"), "district", "a name that is known stays");
    assert_eq!(of("区县", "District"), "区县");
    assert_eq!(of("f1", ""), "f1");
}

#[test]
fn folders_that_differ_are_a_column() {
    let mark = |name: &str| {
        format!("<Placemark><name>{name}</name><Point><coordinates>120.1,30.2</coordinates></Point></Placemark>")
    };
    let folder = |name: &str, inside: &str| format!("<Folder><name>{name}</name>{inside}</Folder>");
    let two = read(&kml(&(folder("余杭区", &mark("a")) + &folder("滨江区", &(mark("b") + &mark("c"))))));
    // folders that are called by districts are their column
    assert_eq!((cell(&two, 0, "所属区域"), cell(&two, 2, "所属区域")), ("余杭区", "滨江区"));
    let said = two.findings.iter().find(|f| f.code == "folders-as-column").expect("told");
    assert!(
        said.message.zh.contains("滨江区") && said.message.zh.contains("所属区域") && said.remedy.zh.contains("文件夹"),
        "{said:?}"
    );
    // a name after the placemarks, a level that is the same for all
    let late = read(&kml(&folder("杭州", &(folder("余杭区", &mark("a")) + &folder("滨江区", &mark("b"))))));
    assert_eq!((cell(&late, 0, "所属区域"), cell(&late, 1, "所属区域")), ("余杭区", "滨江区"));
    // others are not, nor are they where the placemarks have their own
    let other = read(&kml(&(folder("一组", &mark("a")) + &folder("二组", &mark("b")))));
    assert_eq!((cell(&other, 0, "文件夹"), cell(&other, 1, "文件夹")), ("一组", "二组"));
    let own = |name: &str| {
        mark(name)
            .replace("<Point>", "<ExtendedData><Data name=\"区县\"><value>西湖区</value></Data></ExtendedData><Point>")
    };
    let both = read(&kml(&(folder("余杭区", &own("a")) + &folder("滨江区", &own("b")))));
    assert_eq!((cell(&both, 0, "文件夹"), cell(&both, 0, "区县")), ("余杭区", "西湖区"));
    let deep =
        read(&kml(&(folder("余杭区", &folder("企业", &mark("a"))) + &folder("滨江区", &folder("机构", &mark("b"))))));
    assert_eq!((cell(&deep, 1, "所属区域"), cell(&deep, 1, "文件夹2")), ("滨江区", "机构"));
    for same in [folder("图层", &(mark("a") + &mark("b"))), mark("a") + &mark("b")] {
        assert!(read(&kml(&same)).columns.iter().all(|c| !c.name.starts_with("文件夹")));
    }
}

#[test]
fn entities_of_html_and_marks_that_are_none() {
    for (written, read_as) in [
        ("a&nbsp;b", "a b"),
        ("a&#160;b", "a b"),
        ("&copy; &mdash; &middot; &#x676d;", "© — · 杭"),
        ("a &amp;amp; b", "a &amp; b"),
        ("A&B 公司", "A&B 公司"),
        ("x &unheard; y", "x &unheard; y"),
        ("a & b", "a & b"),
    ] {
        let read = read(&mark(&format!("<description>{written}</description>")));
        let shown = cell(&read, 0, "description").replace('\u{A0}', " ");
        assert_eq!(shown, read_as, "{written}");
    }
    let named = read(&kml("<Placemark><name>甲&nbsp;乙&ldquo;丙&rdquo;</name></Placemark>"));
    assert_eq!(cell(&named, 0, "name").replace('\u{A0}', " "), "甲 乙“丙”");
}

#[test]
fn one_point_among_lines_and_areas() {
    let line = "<LineString><coordinates>120,30 120.1,30.1</coordinates></LineString>";
    let area = "<Polygon><outerBoundaryIs><LinearRing><coordinates>1,2 3,4 5,6 1,2</coordinates></LinearRing></outerBoundaryIs></Polygon>";
    let point = "<Point><coordinates>120.5,30.5,0</coordinates></Point>";
    let at = |inside: &str| {
        let read = read(&kml(&format!(
            "<Placemark><name>a</name>{inside}</Placemark><Placemark><name>b</name><Point><coordinates>1,2</coordinates></Point></Placemark>"
        )));
        (cell(&read, 0, "longitude").to_owned(), read.findings.iter().any(|f| f.code == "not-a-point"))
    };
    for inside in [
        point.to_owned(),
        format!("<MultiGeometry>{point}</MultiGeometry>"),
        format!("<MultiGeometry>{point}{line}</MultiGeometry>"),
        format!("<MultiGeometry>{area}{point}</MultiGeometry>"),
        format!("<MultiGeometry><MultiGeometry>{point}</MultiGeometry>{line}{area}</MultiGeometry>"),
        format!("<MultiGeometry>{point}{point}</MultiGeometry>"),
        format!("<kml:MultiGeometry xmlns:kml=\"x\">{point}</kml:MultiGeometry>"),
    ] {
        assert_eq!(at(&inside), ("120.5".to_owned(), false), "{inside}");
    }
    for inside in [
        line.to_owned(),
        area.to_owned(),
        format!("<MultiGeometry>{point}<Point><coordinates>1,2</coordinates></Point></MultiGeometry>"),
        "<gx:Track xmlns:gx=\"y\"><gx:coord>1 2 3</gx:coord></gx:Track>".to_owned(),
    ] {
        assert_eq!(at(&inside), (String::new(), true), "{inside}");
    }
    assert_eq!(at(""), (String::new(), false));
}

#[test]
fn other_encodings_prefixes_and_packages() {
    let text = mark("<ExtendedData><Data name=\"区县\"><value>余杭区</value></Data></ExtendedData>");
    let prefixed = text
        .replace("<kml xmlns", "<k:kml xmlns:gx=\"http://www.google.com/kml/ext/2.2\" xmlns:k")
        .replace("</kml>", "</k:kml>")
        .replace("<Placemark", "<k:Placemark")
        .replace("</Placemark", "</k:Placemark");
    let utf16: Vec<u8> =
        [0xFEFF].into_iter().chain(text.replace("UTF-8", "UTF-16").encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let gbk = encoding_rs::GB18030.encode(&text.replace("UTF-8", "GBK")).0.into_owned();
    for bytes in [text.clone().into_bytes(), prefixed.into_bytes(), utf16, gbk] {
        let read = table(&bytes).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!((cell(&read, 0, "name"), cell(&read, 0, "区县")), ("甲公司", "余杭区"));
    }
    let mut package = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in [("__MACOSX/._doc.kml", "\0\x05\x16"), ("doc.kml", text.as_str()), ("images/icon.png", "x")]
    {
        package.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        package.write_all(content.as_bytes()).unwrap();
    }
    let read = table(&package.finish().unwrap().into_inner()).unwrap();
    assert_eq!((read.cells.len(), cell(&read, 0, "区县")), (1, "余杭区"));
    // a network of several files, each with an encoding of its own
    let mut package = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in [
        ("doc.kml", text.clone().into_bytes()),
        (
            "files/b.KML",
            encoding_rs::GB18030.encode(&text.replace("UTF-8", "GBK").replace("余杭区", "滨江区")).0.into_owned(),
        ),
    ] {
        package.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        package.write_all(&content).unwrap();
    }
    let read = table(&package.finish().unwrap().into_inner()).unwrap();
    assert_eq!((read.cells.len(), cell(&read, 0, "区县"), cell(&read, 1, "区县")), (2, "余杭区", "滨江区"));
    assert_eq!((read.cells.number(0), read.cells.number(1)), (1, 2));
}
