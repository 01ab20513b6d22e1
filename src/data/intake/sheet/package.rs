//! Files that are packages: recognised by their first bytes, unpacked once only to be measured.

use super::budget::{self, Excess, Looking, Records, Tokens};
use super::marks::{Notable, plain};
use super::{Limits, foreign, unreadable};
use crate::core::cancel;
use crate::core::model::Text;
use crate::data::intake::finding::{Refusal, shorten};
use encoding_rs::GB18030;
use std::io::{self, Read, Seek, SeekFrom};

/// What the first bytes say a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A workbook of Office Open XML.
    Xlsx,
    /// The same in binary parts.
    Xlsb,
    /// A workbook of `OpenDocument`.
    Ods,
    /// A workbook of Excel 97 to 2003.
    Xls,
    /// A ZIP with shapes.
    Shapes,
    /// A ZIP with KML.
    Kmz,
    /// An SQLite database.
    GeoPackage,
    /// FlatGeobuf of version 3.
    FlatGeobuf,
    /// Parquet.
    Parquet,
    /// A ZIP with one file that may be a table: its place.
    Packed(usize),
    /// A web page with tables.
    Page,
    /// SpreadsheetML 2003.
    SpreadsheetMl,
    /// None of them.
    Other,
}

const ZIP: &[u8] = b"PK\x03\x04";
const SQLITE: &[u8] = b"SQLite format 3\0";
const FLATGEOBUF: &[u8] = b"fgb\x03fgb";
const PARQUET: &[u8] = b"PAR1";
const COMPOUND: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

/// What is known of a file once it was measured.
#[derive(Debug)]
pub struct Seen {
    /// What it is.
    pub form: Form,
    /// Bytes that a reader will hold of its parts.
    pub held: u64,
    /// Sheets of Office Open XML that hold more than values, by their parts.
    pub notable: Vec<String>,
}

/// Tells what a file is, and how many bytes a reader will hold of its parts; refuses what is encrypted or unpacks to more than
/// the limit.
pub fn form<R: Read + Seek>(reader: &mut R, wanted: Option<&str>, limits: &Limits) -> Result<Seen, Refusal> {
    let mut magic = [0; 16];
    let start = |reader: &mut R| reader.seek(SeekFrom::Start(0)).map_err(|e| unreadable(&e));
    start(reader)?;
    let read = read_up_to(reader, &mut magic).map_err(|e| unreadable(&e))?;
    start(reader)?;
    let begins = |with: &[u8]| magic[..read].starts_with(with);
    let (mut held, mut notable) = (0, Vec::new());
    let form = if begins(ZIP) {
        let seen = zipped(reader, wanted, limits)?;
        (held, notable) = (seen.held, seen.notable);
        seen.form
    } else if begins(SQLITE) {
        Form::GeoPackage
    } else if begins(FLATGEOBUF) {
        Form::FlatGeobuf
    } else if begins(PARQUET) {
        Form::Parquet
    } else if begins(COMPOUND) {
        if holds_encrypted_package(reader).map_err(|e| unreadable(&e))? {
            return Err(encrypted());
        }
        start(reader)?;
        // what is no such file, calamine says in its own words
        if let Ok(file) = cfb::CompoundFile::open(&mut *reader)
            && !["/Workbook", "/Book"].iter().any(|name| file.is_stream(name))
            && let Some(refusal) = foreign::by_streams(|name| file.is_stream(name))
        {
            return Err(refusal);
        }
        Form::Xls
    } else {
        Form::Other
    };
    start(reader)?;
    Ok(Seen { form, held, notable })
}

fn zipped<R: Read + Seek>(reader: &mut R, wanted: Option<&str>, limits: &Limits) -> Result<Seen, Refusal> {
    let broken = damaged;
    let mut archive = zip::ZipArchive::new(reader).map_err(|e| broken(&e))?;
    let form = if archive.index_for_name("xl/workbook.xml").is_some() {
        Form::Xlsx
    } else if archive.index_for_name("xl/workbook.bin").is_some() {
        Form::Xlsb
    } else if archive.index_for_name("content.xml").is_some() {
        Form::Ods
    } else if holds(&archive, ".shp") {
        Form::Shapes
    } else if holds(&archive, ".kml") {
        Form::Kmz
    } else {
        return single(&mut archive, wanted).map(|form| Seen { form, held: 0, notable: Vec::new() });
    };
    // what the directory says of the sizes may be a lie
    let (mut left, mut held, mut notable) = (limits.unpacked_bytes, 0_u64, Vec::new());
    for part in 0..archive.len() {
        let unpacked = archive.by_index(part).map_err(|e| broken(&e))?;
        if unpacked.encrypted() {
            return Err(encrypted());
        }
        if unpacked.size() > left {
            return Err(bomb(limits));
        }
        let name = String::from_utf8_lossy(unpacked.name_raw()).to_lowercase();
        let mut part = Measured::new(unpacked.take(left + 1), form, &name);
        let copied = io::copy(&mut part, &mut io::sink());
        let length = copied.map_err(|e| Excess::of(&e).map_or_else(|| broken(&e), Excess::refusal))?;
        left = left.checked_sub(length).ok_or_else(|| bomb(limits))?;
        held = held.saturating_add(part.held(&name, length));
        if held > limits.memory_bytes {
            return Err(budget::too_large(limits.memory_bytes));
        }
        if part.notable.is_some_and(|n| n.found) {
            notable.push(plain(&name));
        }
    }
    Ok(Seen { form, held, notable })
}

/// Ends of names of what may be a table.
const TABLES: [&str; 19] = [
    ".xlsx",
    ".xlsm",
    ".xls",
    ".xlsb",
    ".et",
    ".ods",
    ".csv",
    ".tsv",
    ".geojson",
    ".json",
    ".geojsonl",
    ".geojsons",
    ".ndjson",
    ".gpkg",
    ".fgb",
    ".parquet",
    ".geoparquet",
    ".kmz",
    ".zip",
];

/// The one file of a ZIP that may be a table, or the one that is asked for by its name. Plain text counts where nothing else
/// does; what macOS and Windows add, and what stands beside a table, is passed over.
fn single<R: Read + Seek>(archive: &mut zip::ZipArchive<R>, wanted: Option<&str>) -> Result<Form, Refusal> {
    let mut files = Vec::new();
    for place in 0..archive.len() {
        let part = archive.by_index_raw(place).map_err(|e| damaged(&e))?;
        let name = decoded(part.name_raw());
        if part.is_file() && !is_added(&name) {
            files.push((place, name, part.encrypted()));
        }
    }
    let ends = |name: &str, ends: &[&str]| {
        let name = name.to_lowercase();
        ends.iter().any(|end| name.ends_with(end))
    };
    let mut tables: Vec<_> = files.iter().filter(|(_, name, _)| ends(name, &TABLES)).collect();
    if tables.is_empty() {
        let notes = ["readme", "license", "说明", "须知", "read me"];
        let table = |name: &str| ends(name, &[".txt"]) && !notes.iter().any(|n| name.to_lowercase().contains(n));
        tables = files.iter().filter(|(_, name, _)| table(name)).collect();
    }
    let names: Vec<String> = tables.iter().map(|(_, name, _)| name.clone()).collect();
    let chosen = match (wanted, tables.as_slice()) {
        (_, [only]) => only,
        (Some(wanted), several) if several.iter().any(|(_, name, _)| name == wanted) => {
            let Some(found) = several.iter().find(|(_, name, _)| name == wanted) else { return Ok(Form::Other) };
            found
        }
        (_, []) => {
            let names: Vec<String> = files.iter().map(|(_, name, _)| name.to_lowercase()).collect();
            return Err(foreign::by_parts(&names).unwrap_or_else(|| {
                let shown: Vec<String> = files.iter().take(5).map(|(_, name, _)| shorten(name)).collect();
                let shown = shown.join("、");
                Refusal::new(
                    "format-unknown",
                    Text::new(
                        format!("压缩包里没有可读的表格或矢量数据,只有:{shown}"),
                        format!("the package holds no table and no vector data, only: {shown}"),
                    ),
                )
            }));
        }
        _ => {
            let (n, shown) =
                (names.len(), names.iter().take(20).map(|name| shorten(name)).collect::<Vec<_>>().join("、"));
            let text = Text::new(
                format!("压缩包里有 {n} 个表格,请指定其中一个:{shown}"),
                format!("the package holds {n} tables; say which one is meant: {shown}"),
            );
            return Err(Refusal::new("files-several", text).among(&names));
        }
    };
    if chosen.2 { Err(encrypted()) } else { Ok(Form::Packed(chosen.0)) }
}

/// One file of a ZIP, held in memory, with its name.
pub fn unpacked<R: Read + Seek>(reader: R, place: usize, limits: &Limits) -> Result<(String, Vec<u8>), Refusal> {
    let mut archive = zip::ZipArchive::new(reader).map_err(|e| damaged(&e))?;
    let part = archive.by_index(place).map_err(|e| damaged(&e))?;
    let name = decoded(part.name_raw());
    let most = limits.held_bytes.min(limits.memory_bytes / 2);
    let mut bytes = Vec::new();
    Looking(part).take(most + 1).read_to_end(&mut bytes).map_err(|e| damaged(&e))?;
    if bytes.len() as u64 > most { Err(large_part(most)) } else { Ok((name, bytes)) }
}

/// What an operating system adds to a package.
pub fn is_added(name: &str) -> bool {
    let mut parts = name.split(['/', '\\']);
    let file = name.rsplit(['/', '\\']).next().unwrap_or_default();
    parts.any(|part| part == "__MACOSX")
        || file.starts_with("._")
        || file.starts_with("~$")
        || [".DS_Store", "Thumbs.db", "desktop.ini"].contains(&file)
}

/// Text in UTF-8, else in GB18030: names in packages of Windows.
pub fn decoded(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes).map_or_else(|_| GB18030.decode(bytes).0.into_owned(), str::to_owned)
}

/// A part that is unpacked to be measured; XML and records of workbooks are followed on the way.
struct Measured<R> {
    inner: R,
    tokens: Option<Tokens>,
    records: Option<Records>,
    notable: Option<Notable>,
}

impl<R: Read> Measured<R> {
    fn new(inner: R, form: Form, name: &str) -> Self {
        let followed =
            matches!(form, Form::Xlsx | Form::Xlsb | Form::Ods) && [".xml", ".rels"].iter().any(|e| name.ends_with(e));
        // a sheet may be any part of its folder; texts and styles are held as a whole and counted by that
        let binary = form == Form::Xlsb
            && name.rsplit('.').next() != Some("rels")
            && (name == "xl/workbook.bin" || name.replace('\\', "/").starts_with("xl/worksheets/"));
        let sheet = form == Form::Xlsx && followed && !name.ends_with("sharedstrings.xml");
        let notable = sheet.then(Notable::default);
        Self { inner, tokens: followed.then(Tokens::default), records: binary.then(Records::default), notable }
    }

    /// Bytes that the reader of a workbook holds of this part: each shared text is a text of its own.
    fn held(&self, name: &str, length: u64) -> u64 {
        const TEXT: u64 = 32;
        let file = name.rsplit('/').next().unwrap_or_default();
        let named = self.records.as_ref().map_or(0, Records::held);
        match (file, &self.tokens) {
            ("sharedstrings.xml", Some(tokens)) => {
                // room is made for as many as the list says that it has
                let lies = tokens.declared > tokens.texts.max(1 << 20);
                if lies { u64::MAX } else { length.saturating_add(tokens.texts * TEXT) }
            }
            // texts in two bytes a character, each in a record of seven at least
            (
                "sharedstrings.bin" | "workbook.xml" | "workbook.bin" | "styles.xml" | "styles.bin"
                | "workbook.xml.rels" | "workbook.bin.rels",
                _,
            ) => (length * 5).saturating_add(named),
            _ => 0,
        }
    }
}

impl<R: Read> Read for Measured<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        cancel::check();
        let read = self.inner.read(out)?;
        if let Some(tokens) = &mut self.tokens {
            tokens.follow(&out[..read])?;
        }
        if let Some(notable) = &mut self.notable {
            notable.follow(&out[..read]);
        }
        if let Some(records) = &mut self.records {
            records.follow(&out[..read])?;
        }
        Ok(read)
    }
}

/// Whether a package holds a file whose name ends so.
fn holds<R: Read + Seek>(archive: &zip::ZipArchive<R>, end: &str) -> bool {
    let ends = |name: &str| name.to_lowercase().ends_with(end) && !is_added(name);
    archive.file_names().any(|name| name.is_ok_and(|name| ends(&name)))
}

/// The refusal of a package that can't be unpacked.
pub fn damaged(e: &dyn std::fmt::Display) -> Refusal {
    let text = Text::new("文件已损坏或不完整,压缩包解不开", "the file is damaged or incomplete and can't be unpacked");
    Refusal::broken("package-broken", text, e)
}

/// The refusal of a part that would be held in memory.
pub fn large_part(limit: u64) -> Refusal {
    let mb = limit >> 20;
    Refusal::new(
        "file-too-large",
        Text::new(
            format!("这种格式的文件(解压后)最多 {mb} MB"),
            format!("files of this format may have {mb} MB at most, unpacked"),
        ),
    )
}

fn bomb(limits: &Limits) -> Refusal {
    let mb = limits.unpacked_bytes >> 20;
    Refusal::new(
        "unpacks-too-large",
        Text::new(
            format!("文件解压后超过 {mb} MB,不像正常的表格,未读取"),
            format!("the file unpacks to more than {mb} MB, which no usual table does; it was not read"),
        ),
    )
}

/// The refusal of a file with a password.
pub fn encrypted() -> Refusal {
    Refusal::new(
        "encrypted",
        Text::new("文件加了密码,请另存为不加密的副本。", "The file has a password; save a copy without one."),
    )
}

/// An encrypted workbook is a compound file with a stream of this name.
fn holds_encrypted_package(reader: &mut impl Read) -> io::Result<bool> {
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let finder = memchr::memmem::Finder::new(&name);
    let mut block = vec![0; 1 << 20];
    let mut kept = 0;
    loop {
        let read = reader.read(&mut block[kept..])?;
        if read == 0 {
            return Ok(false);
        }
        let held = kept + read;
        if finder.find(&block[..held]).is_some() {
            return Ok(true);
        }
        kept = held.min(name.len() - 1);
        block.copy_within(held - kept..held, 0);
    }
}

pub fn read_up_to(reader: &mut impl Read, out: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < out.len() {
        match reader.read(&mut out[length..])? {
            0 => break,
            n => length += n,
        }
    }
    Ok(length)
}
