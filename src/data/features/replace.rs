//! A file of areas as edits of a collection: all of its areas are replaced. Which area becomes which is told by the id, else by
//! the name; what the file does not have goes, what only the file has is added. What the file does not say of an area stays.

use super::official::Official;
use super::{FeatureEdit, Features, not_editable, refused};
use crate::core::geometry::areas;
use crate::core::model::{CollectionSpec, PropertySpec, PropertyType, Text};
use crate::data::intake::{Reading, Refusal, held, same};
use crate::data::load::CellValue;
use crate::data::new::{Boundaries, Decision, FileArea, Key, Wishes};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Areas of a file at most.
const MOST: usize = 5_000;
/// The member of a collection that features may have for themselves, too: where they come from.
const SOURCE: &str = "source";
/// Names of properties that a remark lists.
const LISTED: usize = 12;

/// A file of areas, and how it is to be read where that does not show.
#[derive(Clone, Debug, Default)]
pub struct AreaFile {
    /// Its name.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
    /// The layer or worksheet.
    pub layer: Option<String>,
    /// The system of its positions.
    pub crs: Option<String>,
    /// The column of ids; an empty one for none.
    pub id: Option<String>,
    /// The column of names.
    pub names: Option<String>,
}

impl Features {
    /// The edits by which the areas of a file replace those of a collection. The first says where they come from.
    pub fn replacement(
        &self,
        collection: &str,
        file: AreaFile,
        official: Official,
    ) -> Result<Vec<FeatureEdit>, Refusal> {
        let mut official = Official { file: file.name.clone(), ..official }.accept()?;
        let all = self.checker.collections();
        let place = all.iter().position(|spec| spec.id == collection && spec.is_replaceable());
        let place = place.ok_or_else(|| not_editable(collection, all, CollectionSpec::is_replaceable))?;
        let wishes = [(Key::BoundariesCrs, file.crs), (Key::ZoneId, file.id), (Key::ZoneName, file.names)];
        let wishes = wishes.into_iter().filter_map(|(key, value)| Some(((None, key), value?)));
        let wishes = Wishes { values: wishes.collect(), ..Wishes::default() };
        let read = Boundaries::read(&file.name, file.bytes, file.layer.as_deref())?;
        let (found, decisions, findings) = read.features(&wishes).map_err(chosen)?;
        if found.len() > MOST {
            let n = found.len();
            return Err(refused(
                "too-many-areas",
                format!("文件有 {n} 个面,一次最多替换 {MOST} 个"),
                format!("the file has {n} areas; at most {MOST} are replaced at once"),
            ));
        }
        twice(&found)?;
        let columns = self.columns(place, &read);
        let matched = self.matched(place, &found);
        let mut edits = Vec::new();
        let mut kept: Vec<&str> = Vec::new();
        for (area, own) in found.iter().zip(&matched) {
            let own = own.as_deref();
            let before = own.and_then(|id| self.at(place, *self.rows[place].get(id)?));
            let mut values = self.values(place, area, &read, &columns, &official);
            if let Some(before) = &before {
                let held = |name: &String| before.values.get(name).unwrap_or(&Json::Null);
                let stays = |p: &&PropertySpec| !values.contains_key(&p.name) && !held(&p.name).is_null();
                kept.extend(self.spec(place).properties.iter().filter(stays).map(|p| &*p.name));
                values.retain(|name, value| !same(value, held(name)));
            }
            let new_id = if own.is_some() { None } else { area.id.clone().filter(|id| !self.is_taken(id)) };
            edits.push(FeatureEdit {
                collection: collection.to_owned(),
                id: own.map(str::to_owned),
                new_id,
                values,
                geometry: Some(area.geometry.clone()),
                ..FeatureEdit::default()
            });
        }
        let stays: HashSet<&str> = matched.iter().flatten().map(String::as_str).collect();
        let goes = self.areas_of(place).into_iter().filter(|id| !stays.contains(id));
        edits.extend(goes.map(|id| FeatureEdit {
            collection: collection.to_owned(),
            id: Some(id.to_owned()),
            remove: true,
            ..FeatureEdit::default()
        }));
        official.remarks = decisions.iter().map(decided).chain(findings.into_iter().map(|f| f.message)).collect();
        official.remarks.extend(unused(&read, &columns, &decisions));
        official.remarks.extend(stay(self.spec(place), &kept));
        let official =
            FeatureEdit { collection: collection.to_owned(), official: Some(official), ..FeatureEdit::default() };
        edits.insert(0, official);
        Ok(edits)
    }

    /// The ids of the features of a collection that have an area.
    pub(super) fn areas_of(&self, place: usize) -> Vec<&str> {
        let Some(table) = self.checker.table(place) else { return vec![] };
        let with_area = |row: &usize| table.geometries.value(*row).and_then(areas).is_some();
        (0..table.ids.len()).filter(with_area).map(|row| table.ids.value(row)).collect()
    }

    fn is_taken(&self, id: &str) -> bool {
        self.rows.iter().any(|rows| rows.contains_key(id))
    }

    /// The feature that each area becomes: that of its id, else that of its name, where one feature and one area have it.
    fn matched(&self, place: usize, found: &[FileArea]) -> Vec<Option<String>> {
        let there = self.areas_of(place);
        let ids: HashSet<&str> = there.iter().copied().collect();
        let by_id = |area: &FileArea| area.id.as_deref().filter(|id| ids.contains(id)).map(str::to_owned);
        let mut matched: Vec<Option<String>> = found.iter().map(by_id).collect();
        let taken: HashSet<String> = matched.iter().flatten().cloned().collect();
        let mut by_name: HashMap<String, Vec<&str>> = HashMap::new();
        let spec = self.spec(place);
        for id in there.iter().copied().filter(|id| !taken.contains(*id)) {
            let row = self.rows[place].get(id).copied();
            let name = spec.name.as_deref().and_then(|n| spec.property(n));
            let name = name.zip(row).zip(self.checker.table(place));
            let name = name.map(|(((i, _), row), table)| held(table, row, i));
            if let Some(name) = name.as_ref().and_then(CellValue::as_str) {
                by_name.entry(name.trim().to_owned()).or_default().push(id);
            }
        }
        let mut named: HashMap<&str, usize> = HashMap::new();
        for name in found.iter().filter_map(|area| area.name.as_deref()) {
            *named.entry(name).or_default() += 1;
        }
        for (area, own) in found.iter().zip(&mut matched).filter(|(_, own)| own.is_none()) {
            let name = area.name.as_deref().filter(|name| named.get(name) == Some(&1));
            if let Some([only]) = name.and_then(|name| by_name.get(name)).map(Vec::as_slice) {
                *own = Some((*only).to_owned());
            }
        }
        matched
    }

    /// What the file says of an area, as values of the collection.
    fn values(
        &self,
        place: usize,
        area: &FileArea,
        read: &Boundaries,
        columns: &[(Reading, usize)],
        official: &Official,
    ) -> BTreeMap<String, Json> {
        let spec = self.spec(place);
        let mut values = BTreeMap::new();
        for (reading, column) in columns {
            let cell = read.cell(area.row, *column);
            if cell.text.is_empty() {
                continue;
            }
            // what is none of the type stays a text, which the check names
            let value = reading.read(cell).map_or_else(|_| json!(cell.text), |(value, _)| value.to_json());
            if !value.is_null() {
                values.insert(reading.spec.name.clone(), value);
            }
        }
        let mut say = |name: Option<&String>, value: Option<&String>| {
            if let Some((name, value)) = name.zip(value) {
                values.insert(name.clone(), json!(value));
            }
        };
        say(spec.name.as_ref(), area.name.as_ref());
        say(spec.name_en.as_ref(), area.name_en.as_ref());
        let own_source = spec.property(SOURCE).filter(|(_, property)| property.ty == PropertyType::String);
        let follows = own_source.map(|(_, property)| (property.name.clone(), json!(official.words().zh)));
        for (name, value) in follows.into_iter().chain(spec.published.clone()) {
            values.entry(name).or_insert(value);
        }
        values
    }

    /// The columns of a file that are properties of a collection, by name, title, or another name, and how they are read.
    fn columns(&self, place: usize, read: &Boundaries) -> Vec<(Reading, usize)> {
        let plain = |text: &str| text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect::<String>();
        let heads: Vec<String> = read.heads().map(plain).collect();
        let column = |p: &PropertySpec| {
            let names = [&p.name, &p.title.zh, &p.title.en].into_iter().chain(&p.aliases);
            let place = names.map(|name| plain(name)).find_map(|name| heads.iter().position(|head| *head == name))?;
            let codes = p.codelist.as_deref().and_then(|name| self.checker.codelist(name)).cloned();
            Some((Reading::new(p.clone(), codes, 1.0, self.checker.time_zone()), place))
        };
        self.spec(place).properties.iter().filter(|p| !p.derived).filter_map(column).collect()
    }
}

/// A refusal that says what to do where there are no flags of a command.
fn chosen(refusal: Refusal) -> Refusal {
    if refusal.code != "crs-needed" {
        return refusal;
    }
    refusal.with_remedy(Text::new("写明坐标系,如 EPSG:4549、GCJ-02", "say which system it is, as EPSG:4549 or GCJ-02"))
}

/// Refuses a file in which two areas have one id: which of them is meant can't be told.
fn twice(found: &[FileArea]) -> Result<(), Refusal> {
    let mut seen = HashSet::new();
    let Some(id) = found.iter().filter_map(|area| area.id.as_deref()).find(|id| !seen.insert(*id)) else {
        return Ok(());
    };
    let id: String = id.chars().take(40).collect();
    Err(refused(
        "id-twice",
        format!("文件里有两个面的编号都是 {id}"),
        format!("two areas of the file have the id {id}"),
    )
    .with_remedy(Text::new(
        "一个区域的几部分先合成一个要素,或另选编号列",
        "make the parts of a zone one feature first, or choose another column of ids",
    )))
}

fn decided(decision: &Decision) -> Text {
    let Decision { key, question, value, reason, .. } = decision;
    let what = match key {
        Key::BoundariesCrs => Text::new("坐标系", "System"),
        Key::ZoneId => Text::new("编号列", "Column of the ids"),
        Key::ZoneName => Text::new("名称列", "Column of the names"),
        _ => question.clone(),
    };
    let none = Text::new("无", "none");
    let (zh, en) = if value.is_empty() { (&none.zh, &none.en) } else { (value, value) };
    Text::new(format!("{}:{zh}({})", what.zh, reason.zh), format!("{}: {en} ({})", what.en, reason.en))
}

/// Says which columns of the file no property has.
fn unused(read: &Boundaries, columns: &[(Reading, usize)], decisions: &[Decision]) -> Option<Text> {
    let used = |head: &str| decisions.iter().any(|d| matches!(d.key, Key::ZoneId | Key::ZoneName) && d.value == head);
    let left = read.heads().enumerate().filter(|(i, head)| !used(head) && !columns.iter().any(|(_, c)| c == i));
    let left: Vec<&str> = left.map(|(_, head)| head).take(LISTED).collect();
    (!left.is_empty()).then(|| {
        Text::new(
            format!("文件的这些列没有对应的属性,未采用:{}", left.join("、")),
            format!("columns of the file that are no property were left out: {}", left.join(", ")),
        )
    })
}

/// Says which properties the file does not have, so that they still say what they said of the areas of before.
fn stay(spec: &CollectionSpec, kept: &[&str]) -> Option<Text> {
    let all = spec.properties.iter().filter(|p| kept.contains(&&*p.name));
    let (zh, en): (Vec<&str>, Vec<&str>) = all.map(|p| (&*p.title.zh, &*p.title.en)).unzip();
    (!zh.is_empty()).then(|| {
        Text::new(
            format!("文件没有这些属性,已有的区域保留原值,请核对:{}", zh.join("、")),
            format!(
                "the file does not have these; zones that were there keep their values, check them: {}",
                en.join(", ")
            ),
        )
    })
}
