//! Tables for the tests, made by another library than the one that reads them.

use rust_xlsxwriter::Workbook;
use serde_json::Value as Json;
use shigu::core::model::Dataset;
use shigu::data::intake::{Ground, Import, Options, Outcome, Refusal, read, sheet};
use shigu::data::load::{Limits, Source, load};
use std::io::Cursor;
use std::sync::OnceLock;

/// The built-in city with its sample register.
pub fn city() -> &'static (Dataset, Ground) {
    static CITY: OnceLock<(Dataset, Ground)> = OnceLock::new();
    CITY.get_or_init(|| {
        let (dataset, report) = load(&Source::Embedded, &Limits::default());
        let dataset = dataset.unwrap_or_else(|| panic!("{report:?}"));
        let ground = Ground::of(&dataset);
        (dataset, ground)
    })
}

/// An enterprise of the register, read from the file by a plain JSON parser.
#[derive(Clone, Debug)]
pub struct Firm {
    pub id: String,
    pub name: String,
    pub district: Option<String>,
    pub cluster: Option<String>,
    pub founded: Option<i64>,
    pub revenue: Option<f64>,
    pub employees: Option<i64>,
    pub at: Option<(f64, f64)>,
    pub precision_m: Option<f64>,
}

pub fn firms() -> Vec<Firm> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/geodata/hangzhou/enterprises.geojson");
    let all: Json = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let text = |v: &Json| v.as_str().map(str::to_owned);
    all["features"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| {
            let p = &f["properties"];
            let c = &f["geometry"]["coordinates"];
            Firm {
                id: text(&f["id"]).unwrap(),
                name: text(&p["name"]).unwrap(),
                district: text(&p["district"]),
                cluster: text(&p["cluster"]),
                founded: p["founded"].as_i64(),
                revenue: p["revenue_2025"].as_f64(),
                employees: p["employees_2025"].as_i64(),
                at: c[0].as_f64().zip(c[1].as_f64()),
                precision_m: p["precision_m"].as_f64(),
            }
        })
        .collect()
}

pub const HEAD: [&str; 9] =
    ["编号", "企业名称", "所属区县", "所属集群", "2025年营业收入(万元)", "2025年从业人数", "成立年份", "经度", "纬度"];

/// The cells of an enterprise under [`HEAD`].
pub fn cells(firm: &Firm) -> Vec<String> {
    let number = |n: Option<String>| n.unwrap_or_default();
    vec![
        firm.id.clone(),
        firm.name.clone(),
        firm.district.clone().unwrap_or_default(),
        firm.cluster.clone().unwrap_or_default(),
        number(firm.revenue.map(|n| n.to_string())),
        number(firm.employees.map(|n| n.to_string())),
        number(firm.founded.map(|n| n.to_string())),
        number(firm.at.map(|a| a.0.to_string())),
        number(firm.at.map(|a| a.1.to_string())),
    ]
}

/// A CSV of rows, the head first.
pub fn csv(rows: &[Vec<String>]) -> Vec<u8> {
    let mut out = csv::Writer::from_writer(Vec::new());
    rows.iter().for_each(|r| out.write_record(r).unwrap());
    out.into_inner().unwrap()
}

/// A workbook of rows from its first row on; what looks like a number is one, up to 15 digits.
pub fn xlsx(rows: &[Vec<String>]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (r, row) in (0..).zip(rows) {
        for (c, cell) in (0..).zip(row) {
            match cell.parse::<f64>() {
                Ok(n) if cell.len() <= 15 => _ = sheet.write_number(r, c, n).unwrap(),
                _ if cell.is_empty() => {}
                _ => _ = sheet.write_string(r, c, cell).unwrap(),
            }
        }
    }
    book.save_to_buffer().unwrap()
}

pub fn head() -> Vec<String> {
    HEAD.map(str::to_owned).to_vec()
}

pub fn table(bytes: &[u8]) -> Result<sheet::Sheet, Refusal> {
    read(Cursor::new(bytes), &city().0, None, &sheet::Limits::default())
}

/// Reads and prepares a file, and hands it on.
pub fn with<T>(bytes: &[u8], options: Options, use_it: impl FnOnce(&Import) -> T) -> T {
    let (dataset, ground) = city();
    let table = table(bytes).unwrap_or_else(|e| panic!("{e:?}"));
    let import = Import::prepare(&table, dataset, ground, options).unwrap_or_else(|e| panic!("{e:?}"));
    use_it(&import)
}

pub fn check(bytes: &[u8]) -> Outcome {
    with(bytes, Options { file: "t".to_owned(), ..Options::default() }, check_it)
}

/// [`Import::check`] of an import of any lifetime.
pub fn check_it(import: &Import) -> Outcome {
    import.check()
}

/// Reads a file with a sheet that is asked for.
pub fn city_read(bytes: &[u8], sheet: &str) -> Result<sheet::Sheet, Refusal> {
    read(Cursor::new(bytes), &city().0, Some(sheet), &sheet::Limits::default())
}

/// A workbook whose only sheet has these rows, as XML; `styles` stands before the list of formats, whose second is number 164.
pub fn workbook(rows: &str, styles: &str) -> Vec<u8> {
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let relations = |kind: &str, target: &str| {
        format!(
            r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="{OFFICE}/{kind}" Target="{target}"/></Relationships>"#
        )
    };
    let parts = [
        (
            "[Content_Types].xml",
            r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"#.to_owned(),
        ),
        ("_rels/.rels", relations("officeDocument", "xl/workbook.xml")),
        (
            "xl/workbook.xml",
            format!(
                r#"<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="甲&amp;乙" sheetId="1" r:id="rId1"/></sheets></workbook>"#
            ),
        ),
        ("xl/_rels/workbook.xml.rels", relations("worksheet", "worksheets/sheet1.xml")),
        (
            "xl/styles.xml",
            format!(
                r#"<styleSheet xmlns="{MAIN}">{styles}<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs></styleSheet>"#
            ),
        ),
        ("xl/worksheets/sheet1.xml", format!(r#"<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>"#)),
    ];
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        std::io::Write::write_all(&mut zip, text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}
