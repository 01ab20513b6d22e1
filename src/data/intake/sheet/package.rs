//! Files that are packages: recognised by their first bytes, unpacked once only to be measured.

use super::budget::{self, Excess, Tokens};
use super::{Limits, unreadable};
use crate::core::cancel;
use crate::core::model::Text;
use crate::data::intake::finding::Refusal;
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
    /// None of them.
    Other,
}

const ZIP: &[u8] = b"PK\x03\x04";
const SQLITE: &[u8] = b"SQLite format 3\0";
const FLATGEOBUF: &[u8] = b"fgb\x03fgb";
const PARQUET: &[u8] = b"PAR1";
const COMPOUND: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

/// Tells what a file is, and how many bytes a reader will hold of its parts; refuses what is encrypted or unpacks to more than
/// the limit.
pub fn form<R: Read + Seek>(reader: &mut R, limits: &Limits) -> Result<(Form, u64), Refusal> {
    let mut magic = [0; 16];
    let start = |reader: &mut R| reader.seek(SeekFrom::Start(0)).map_err(|e| unreadable(&e));
    start(reader)?;
    let read = read_up_to(reader, &mut magic).map_err(|e| unreadable(&e))?;
    start(reader)?;
    let begins = |with: &[u8]| magic[..read].starts_with(with);
    let mut held = 0;
    let form = if begins(ZIP) {
        let (form, parts) = zipped(reader, limits)?;
        held = parts;
        form
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
        Form::Xls
    } else {
        Form::Other
    };
    start(reader)?;
    Ok((form, held))
}

fn zipped<R: Read + Seek>(reader: &mut R, limits: &Limits) -> Result<(Form, u64), Refusal> {
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
        return Ok((Form::Other, 0));
    };
    // what the directory says of the sizes may be a lie
    let (mut left, mut held) = (limits.unpacked_bytes, 0_u64);
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
    }
    Ok((form, held))
}

/// A part that is unpacked to be measured; the XML of workbooks is followed on the way.
struct Measured<R> {
    inner: R,
    tokens: Option<Tokens>,
}

impl<R: Read> Measured<R> {
    fn new(inner: R, form: Form, name: &str) -> Self {
        let followed =
            matches!(form, Form::Xlsx | Form::Xlsb | Form::Ods) && [".xml", ".rels"].iter().any(|e| name.ends_with(e));
        Self { inner, tokens: followed.then(Tokens::default) }
    }

    /// Bytes that the reader of a workbook holds of this part: each shared text is a text of its own.
    fn held(&self, name: &str, length: u64) -> u64 {
        const TEXT: u64 = 32;
        let file = name.rsplit('/').next().unwrap_or_default();
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
            ) => length * 5,
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
        Ok(read)
    }
}

/// Whether a package holds a file whose name ends so.
fn holds<R: Read + Seek>(archive: &zip::ZipArchive<R>, end: &str) -> bool {
    archive.file_names().any(|name| name.is_ok_and(|n| n.to_lowercase().ends_with(end)))
}

/// The refusal of a package that can't be unpacked.
pub fn damaged(e: &dyn std::fmt::Display) -> Refusal {
    Refusal::new(
        "package-broken",
        Text::new(format!("文件已损坏,解不开:{e}"), format!("the file is damaged and can't be unpacked: {e}")),
    )
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
