//! new: a file of boundaries, and tables where there are any, become the files of a dataset folder.
//!
//! [`Boundaries::read`] and [`Entries::read`] read the files with the readers of [`super::intake`]; [`Draft::new`] decides
//! what their columns mean and says what it decided by itself, so that somebody can decide otherwise. The rows of each table
//! then come in by an import like any other, into the empty register that the draft has for it.

mod boundaries;
mod colors;
mod decision;
mod entries;
mod names;
mod place;
mod sources;

pub use boundaries::{Boundaries, FileArea};
pub use decision::{Decision, Key, Wishes};
pub use entries::Entries;
pub(in crate::data) use names::both;

use crate::core::model::Text;
use crate::data::intake::Finding;
use decision::Deciding;
use place::TablePlace;
use serde_json::{Value as Json, json};

/// The schemas that editors check the files of a folder against, as they lie in `geodata/schema`.
const SCHEMAS: [(&str, &str); 3] = [
    ("schema/dataset.schema.json", include_str!("../../../geodata/schema/dataset.schema.json")),
    ("schema/codelist.schema.json", include_str!("../../../geodata/schema/codelist.schema.json")),
    ("schema/mapping.schema.json", include_str!("../../../geodata/schema/mapping.schema.json")),
];
const CRS84: &str = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";

/// A file of the folder: its name and content.
pub type File = (String, Vec<u8>);

/// A folder that is not yet written.
#[derive(Debug)]
pub struct Draft {
    /// What was decided, in the order of questions.
    pub decisions: Vec<Decision>,
    /// What was found or left out.
    pub findings: Vec<Finding>,
    /// Its files; the register is empty.
    pub files: Vec<File>,
    /// Where the tables go, in their order.
    pub tables: Vec<DraftTable>,
    /// What should be looked at before it is used.
    pub open_ends: Vec<Text>,
}

/// Where the rows of a table go.
#[derive(Debug)]
pub struct DraftTable {
    /// Id of its collection.
    pub id: String,
    /// Column of the table -> property, for the import; an empty one for none.
    pub columns: Vec<(String, String)>,
}

impl Draft {
    /// Decides about all files.
    pub fn new(
        boundaries: &Boundaries,
        tables: &[&Entries],
        wishes: &Wishes,
    ) -> Result<Self, crate::data::intake::Refusal> {
        let mut deciding = Deciding { wishes, table: None, taken: Vec::new() };
        let stem = names::stem(&boundaries.file);
        let title = deciding.take(
            Key::Title,
            Text::new("数据集的名称", "Title of the dataset"),
            vec![],
            stem.to_owned(),
            Text::new("取自文件名", "the name of the file"),
            false,
        );
        let id = deciding.take(
            Key::Id,
            Text::new(
                "数据集的标识(小写字母、数字与 -)",
                "Identifier of the dataset (lower-case letters, digits and -)",
            ),
            vec![],
            names::slug(&title, '-', "place"),
            Text::new("由名称而来", "made of the title"),
            true,
        );
        let id = names::slug(&id, '-', "place");
        let areas = boundaries.areas(&mut deciding)?;
        let tables: Vec<(&Entries, TablePlace)> = tables.iter().copied().zip(TablePlace::of(tables)).collect();
        let mut columns = Vec::new();
        for (number, (entries, place)) in tables.iter().enumerate() {
            deciding.table = Some(number);
            columns.push(entries.columns(&areas, place, &mut deciding)?);
        }
        deciding.table = None;
        let head = columns.iter().find_map(|c| c.zone_head.as_deref()).map(|head| names::area_word(head).to_owned());
        let word = deciding.take(
            Key::ZoneWord,
            Text::new("一个区域叫什么", "What one of the areas is called"),
            vec![],
            head.clone().unwrap_or_else(|| "区域 / area".to_owned()),
            if head.is_some() {
                Text::new("取自表格的列名", "the head of the table's column")
            } else {
                Text::new("没有更确切的叫法", "nothing says it better")
            },
            head.is_some(),
        );
        let word = names::both(&word);
        let mut open_ends = Vec::new();
        if wishes.source.is_none() || wishes.licence.is_none() {
            open_ends.push(Text::new(
                "在 SOURCES.md 和 dataset.json 中写明边界的来源与许可",
                "write the source and the licence of the boundaries in SOURCES.md and dataset.json",
            ));
        }
        let mut collections = vec![areas.collection(&word, wishes)];
        let mut files: Vec<File> = vec![(boundaries::FILE.to_owned(), areas.geojson)];
        let mut manifest = json!({
            "$schema": SCHEMAS[0].0,
            "id": id,
            "title": names::text(&title),
            "description": {"zh": format!("由 shigu new 从 {} 生成", boundaries.file), "en": format!("made by shigu new from {}", boundaries.file)},
            "crs": CRS84,
        });
        let mut findings = areas.findings;
        let mut made = Vec::new();
        if areas.chinese {
            manifest["map_approval"] = Json::Null;
        } else {
            manifest["time_zone"] = json!("Etc/UTC");
            open_ends.push(Text::new(
                "time_zone 暂写 Etc/UTC,请改为当地时区",
                "time_zone is Etc/UTC for now: write the local one",
            ));
        }
        let mut terms = json!({"place": names::text(&title)});
        for (columns, (entries, place)) in columns.into_iter().zip(&tables) {
            let first = made.is_empty();
            if columns.classified() {
                manifest["codelists"][&place.codelist] = json!(place.codelist_file);
                files.push((place.codelist_file.clone(), pretty(&columns.codelist)));
            }
            if first {
                terms["row"] = columns.row_term.clone();
                if columns.classified() {
                    terms["class"] = columns.class_term.clone();
                }
            }
            files.push((place.file.clone(), b"{\"type\":\"FeatureCollection\",\"features\":[]}\n".to_vec()));
            collections.push(columns.collection(entries, place));
            findings.extend(columns.findings);
            open_ends.extend(columns.open_ends);
            made.push(DraftTable { id: place.id.clone(), columns: columns.wanted });
        }
        manifest["terms"] = terms;
        manifest["zone_kinds"] = json!([{"id": names::slug(&word.en, '-', "area"), "title": word}]);
        manifest["collections"] = json!(collections);
        files.push(("dataset.json".to_owned(), pretty(&manifest)));
        files.push(("SOURCES.md".to_owned(), sources::text(boundaries, &tables, wishes, &title).into_bytes()));
        files.extend(SCHEMAS.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())));
        Ok(Self { decisions: deciding.taken, findings, files, tables: made, open_ends })
    }

    /// The manifest after the import of a table, which names the file as its source.
    pub fn after_import(manifest: &str, table: &str, file: &str) -> Option<String> {
        let mut manifest: Json = serde_json::from_str(manifest).ok()?;
        let collections = manifest.get_mut("collections")?.as_array_mut()?;
        let register = collections.iter_mut().find(|c| c.get("id").is_some_and(|id| id == table))?;
        register["source"] = json!({"zh": format!("由 {file} 导入"), "en": format!("imported from {file}")});
        String::from_utf8(pretty(&manifest)).ok()
    }
}

fn pretty(json: &Json) -> Vec<u8> {
    let mut text = serde_json::to_vec_pretty(json).unwrap_or_default();
    text.push(b'\n');
    text
}

#[cfg(test)]
mod tests;
