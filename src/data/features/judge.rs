//! What edits would make of features, and what is wrong with it.

use super::official::Official;
use super::partition::{self, Ground};
use super::rows;
use super::write::{Row, geometry, rows_of};
use super::{Edited, FeatureEdit, Features};
use crate::core::model::{CollectionSpec, Table, Text};
use crate::data::intake::{Change, Refusal, held, same};
use crate::data::load::{Finding, Rechecked, Severity};
use serde_json::Value as Json;
use std::collections::{BTreeMap, HashSet};

/// What becomes of a feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is added.
    New,
    /// Other values, the same geometry.
    Changed,
    /// Another geometry; values may differ too.
    Moved,
    /// It goes.
    Removed,
    /// Nothing.
    Unchanged,
}

/// An edit, judged.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The number that the edit was given with.
    pub number: u32,
    /// The feature's id; of one that is added, that which it would get.
    pub id: String,
    /// Its name, as it comes to be.
    pub name: String,
    /// What becomes of it.
    pub fate: Fate,
    /// Its geometry now (GeoJSON); null where it has none.
    pub from: Json,
    /// Its geometry as it comes to be; null where it has none, or can't be read.
    pub to: Json,
    /// Metres that a point moves.
    pub moved_m: Option<f64>,
    /// Values that become others.
    pub changes: Vec<Change>,
    /// Of a zone that goes: how many rows of each table declare it, by the table's id.
    pub declared: Vec<(String, usize)>,
    /// What is wrong with it.
    pub findings: Vec<Finding>,
}

impl Judged {
    /// Whether an error keeps it from being saved.
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|f| f.severity == Severity::Error)
    }
}

/// A collection with its edits as they were given, by its place.
struct Batch<'a> {
    place: usize,
    /// Number, id, edit.
    edits: Vec<(u32, String, &'a FeatureEdit)>,
    /// Where its areas come from, where they are replaced.
    official: Option<(u32, &'a Official)>,
    text: String,
}

impl Features {
    /// What each edit would do. Numbers rise.
    pub fn judge(&mut self, edits: &[(u32, FeatureEdit)]) -> Result<Vec<Judged>, Refusal> {
        let last = edits.last().map_or(0, |(number, _)| *number);
        let edits = rows::following(&self.checker, edits, last);
        let mut judged = self.judged(&edits)?;
        let followed = judged.split_off(judged.partition_point(|one| one.number <= last));
        // what follows from a zone that goes is said there
        let gone = |one: &&mut Judged| {
            edits.iter().any(|(number, edit)| *number == one.number && edit.remove && edit.successor.is_some())
        };
        for one in judged.iter_mut().filter(gone) {
            let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
            for (_, edit) in edits.iter().filter(|(number, _)| *number > last) {
                let to = edits.iter().find(|(number, _)| *number == one.number).and_then(|(_, e)| e.successor.as_ref());
                let moved = edit.values.values().any(|value| {
                    to.is_some_and(|to| value == to || value.as_array().is_some_and(|all| all.iter().any(|v| v == to)))
                });
                *counts.entry(&edit.collection).or_default() += usize::from(moved);
            }
            let some = counts.into_iter().filter(|(_, n)| *n > 0);
            one.declared.extend(some.map(|(collection, n)| (collection.to_owned(), n)));
            let errors = followed.iter().flat_map(|one| &one.findings).filter(|f| f.severity == Severity::Error);
            one.findings.extend(errors.cloned());
        }
        Ok(judged)
    }

    /// The same of each edit by itself.
    fn judged(&mut self, edits: &[(u32, FeatureEdit)]) -> Result<Vec<Judged>, Refusal> {
        let batches = self.batches(edits)?;
        let texts: Vec<(usize, String)> = batches.iter().map(|batch| (batch.place, batch.text.clone())).collect();
        let checked = self.checker.check(&texts);
        let mut all: Vec<(usize, Judged)> = Vec::new();
        for (batch, after) in batches.iter().zip(&checked.tables) {
            let judged = batch.edits.iter().map(|edit| (batch.place, self.one(batch.place, after, edit)));
            all.extend(judged);
            all.extend(batch.official.map(|official| (batch.place, self.replaced(batch, after, official))));
        }
        all.sort_by_key(|(_, one)| one.number);
        self.covering(&batches, &checked, &mut all);
        self.declared(&batches, &checked, &mut all);
        for finding in checked.findings {
            let of_replaced = batches.iter().find(|b| b.official.is_some() && self.spec(b.place).file == finding.file);
            let of_row = || rows::is_declaration(&self.checker, &finding.file, finding.property.as_deref());
            let counted = |id: &String| all.iter().any(|(_, one)| one.id == *id && !one.declared.is_empty());
            // what is looked at in the light of what was there before; rows are counted
            if (of_replaced.is_none() && partition::says_better(&finding))
                || (finding.code == "dangling-reference" && of_row() && finding.other.as_ref().is_some_and(counted))
            {
                continue;
            }
            let of = |(place, one): &&mut (usize, Judged)| {
                self.spec(*place).file == finding.file && finding.feature.as_ref() == Some(&one.id)
            };
            if let Some((_, one)) = all.iter_mut().find(of) {
                if !partition::says(&one.findings, &finding) {
                    one.findings.push(finding);
                }
            } else if finding.severity == Severity::Error {
                blame(&mut all, &finding);
            } else if let Some((number, _)) = of_replaced.and_then(|batch| batch.official) {
                let about = all.iter_mut().find(|(_, one)| one.number == number);
                about.into_iter().for_each(|(_, one)| one.findings.push(finding.clone()));
            }
        }
        Ok(all.into_iter().map(|(_, one)| one).collect())
    }

    /// The collections that edits change, as files of a folder.
    pub fn edited(&mut self, edits: &[(u32, FeatureEdit)]) -> Result<Vec<Edited>, Refusal> {
        let last = edits.last().map_or(0, |(number, _)| *number);
        let edits = &rows::following(&self.checker, edits, last);
        let judged = self.judged(edits)?;
        let batches = self.batches(edits)?;
        let all = batches.into_iter().map(|batch| {
            let count = |fate: Fate| {
                let own = |one: &&Judged| batch.edits.iter().any(|(number, ..)| *number == one.number);
                judged.iter().filter(own).filter(|one| one.fate == fate).count()
            };
            let before = self.rows[batch.place].len();
            Edited {
                collection: self.spec(batch.place).id.clone(),
                official: batch.official.map(|(_, official)| official.clone()),
                drawn: batch.official.is_none(),
                features: before + count(Fate::New) - count(Fate::Removed),
                new: count(Fate::New),
                changed: count(Fate::Changed),
                moved: count(Fate::Moved),
                removed: count(Fate::Removed),
                text: batch.text,
            }
        });
        Ok(all.collect())
    }

    /// Says where edits leave gaps and overlaps in partitions.
    fn covering(&self, batches: &[Batch], checked: &Rechecked, all: &mut [(usize, Judged)]) {
        let sound = |place: &usize| {
            let file = &self.spec(*place).file;
            !checked.findings.iter().any(|f| f.severity == Severity::Error && f.file == *file && f.other.is_none())
        };
        let edited = |place: &usize| batches.iter().position(|batch| batch.place == *place);
        for kind in self.checker.kinds().into_iter().filter(|kind| kind.partition) {
            let places = &kind.collections;
            // with features that can't be read every finding would follow from those
            if !places.iter().any(|place| edited(place).is_some()) || !places.iter().all(sound) {
                continue;
            }
            // a set that is published is looked at as the folder's own is
            if batches.iter().any(|batch| batch.official.is_some() && places.contains(&batch.place)) {
                continue;
            }
            let before = places.iter().filter_map(|place| Some((self.spec(*place), self.checker.table(*place)?)));
            let now = |place: &usize| match edited(place) {
                Some(batch) => checked.tables.get(batch),
                None => self.checker.table(*place),
            };
            let after = places.iter().filter_map(|place| Some((self.spec(*place), now(place)?)));
            let ground = Ground { kind: &kind, rows: &|area| rows::within(&self.checker, area) };
            for fault in partition::check(before, after, &ground) {
                let own = |(place, one): &&mut (usize, Judged)| places.contains(place) && fault.zones.contains(&one.id);
                for (place, one) in all.iter_mut().filter(own) {
                    one.findings.push(fault.finding(&ground, &self.spec(*place).file, &one.id));
                }
            }
        }
    }

    /// Says of zones that go how many rows declare them, and keeps those that nobody else is to be declared instead of.
    fn declared(&self, batches: &[Batch], checked: &Rechecked, all: &mut [(usize, Judged)]) {
        let zones = self.checker.declarable();
        let places = (0..self.checker.collections().len()).filter(|place| {
            let spec = self.spec(*place);
            zones.iter().any(|own| own.id == spec.id)
        });
        let now = |place: usize| match batches.iter().position(|batch| batch.place == place) {
            Some(batch) => checked.tables.get(batch),
            None => self.checker.table(place),
        };
        let ids: HashSet<&str> = places.filter_map(now).flat_map(|table| table.ids.iter()).collect();
        let edits = || batches.iter().flat_map(|batch| &batch.edits);
        for (place, one) in all.iter_mut().filter(|(_, one)| one.fate == Fate::Removed) {
            let spec = self.spec(*place);
            one.declared = rows::declaring(&self.checker, spec, &one.id);
            let n: usize = one.declared.iter().map(|(_, n)| n).sum();
            let edit = edits().find(|(number, ..)| *number == one.number).map(|(.., edit)| *edit);
            let successor = edit.and_then(|edit| edit.successor.as_deref());
            let said = match successor {
                Some(zone) if ids.contains(zone) => None,
                Some(zone) => Some((
                    "successor-unknown",
                    Text::new(
                        format!("没有编号为 {} 的区域可以接收记录", super::shown(zone)),
                        format!("there is no zone {} for the rows to declare", super::shown(zone)),
                    ),
                    Text::new("另选一个保留的区域", "choose a zone that stays"),
                )),
                None if n > 0 => Some((
                    "zone-declared",
                    Text::new(
                        format!("{n} 条记录申报了它,移除后这些记录没有所属"),
                        format!("{n} rows declare it and would declare nothing that is there"),
                    ),
                    Text::new(
                        "选定这些记录改属哪个区域,或保留它",
                        "choose the zone that these rows are to declare, or keep it",
                    ),
                )),
                None => None,
            };
            let id = one.id.clone();
            let finding = |(code, message, remedy)| found(spec, &id, Severity::Error, code, message, remedy);
            one.findings.extend(said.map(finding));
        }
        for (place, one) in all.iter_mut() {
            let spec = self.spec(*place);
            let replaced = batches.iter().any(|batch| batch.place == *place && batch.official.is_some());
            if !spec.is_editable() && !replaced {
                let text = Text::new(
                    "该图层只能以文件整套替换,不能单独修改其要素",
                    "this layer is replaced by a file as a whole; its features are not changed one by one",
                );
                let remedy = Text::new("放弃这一处修改", "take this change back");
                let id = one.id.clone();
                one.findings.push(found(spec, &id, Severity::Error, "not-editable", text, remedy));
            }
        }
    }

    /// What is said of a collection whose areas are replaced.
    fn replaced(&self, batch: &Batch, after: &Table, (number, official): (u32, &Official)) -> Judged {
        let (place, spec) = (batch.place, self.spec(batch.place));
        let changes = official.changes(spec);
        let none = Text::default();
        let remark = |text: &Text| found(spec, &spec.id, Severity::Info, "file-remark", text.clone(), none.clone());
        let mut findings: Vec<Finding> = official.remarks.iter().map(remark).collect();
        let astray = |table: Option<&Table>| table.map_or(0, |table| rows::astray(&self.checker, table));
        if rows::is_declarable(&self.checker, spec) {
            let (was, now) = (astray(self.checker.table(place)), astray(Some(after)));
            if now > was {
                let text = Text::new(
                    format!("{now} 条记录的点位不在其申报的区域内(此前 {was} 条)"),
                    format!("{now} rows have their point outside of the zone that they declare ({was} before)"),
                );
                let remedy = Text::new(
                    "按点位的统计用新边界;申报有误的记录请另行改正",
                    "what is counted by points uses the new borders; correct rows that declare another zone",
                );
                findings.push(found(spec, &spec.id, Severity::Warning, "outside-declared-district", text, remedy));
            }
        }
        let others: Vec<&str> =
            self.areas_of(place).into_iter().filter(|id| !batch.edits.iter().any(|(_, own, _)| own == id)).collect();
        if !others.is_empty() {
            let (n, list) = (others.len(), others.into_iter().take(8).collect::<Vec<_>>().join(", "));
            let text = Text::new(
                format!("{n} 个要素不在文件里,也没有移除:{list}"),
                format!("{n} features are not in the file and do not go either: {list}"),
            );
            let remedy = Text::new(
                "他人后来新增的要素会保留;不要时先移除",
                "what others have added since stays; remove what is not wanted",
            );
            findings.push(found(spec, &spec.id, Severity::Warning, "not-in-file", text, remedy));
        }
        Judged {
            number,
            id: spec.id.clone(),
            name: String::new(),
            fate: if changes.is_empty() { Fate::Unchanged } else { Fate::Changed },
            from: Json::Null,
            to: Json::Null,
            moved_m: None,
            changes,
            declared: Vec::new(),
            findings,
        }
    }

    fn batches<'a>(&self, edits: &'a [(u32, FeatureEdit)]) -> Result<Vec<Batch<'a>>, Refusal> {
        let mut batches: Vec<Batch> = Vec::new();
        // ids that are asked for are given to nobody else
        let mut given: HashSet<String> = edits.iter().filter_map(|(_, edit)| edit.new_id.clone()).collect();
        for (number, edit) in edits {
            let place = self.place(&edit.collection)?;
            let slot = batches.iter().position(|batch| batch.place == place).unwrap_or_else(|| {
                batches.push(Batch { place, edits: vec![], official: None, text: String::new() });
                batches.len() - 1
            });
            if let Some(official) = &edit.official {
                batches[slot].official = Some((*number, official));
                continue;
            }
            let id = match &edit.id {
                Some(id) if self.rows[place].contains_key(id) => id.clone(),
                Some(id) => return Err(gone(&edit.collection, id)),
                None if edit.new_id.is_some() => edit.new_id.clone().unwrap_or_default(),
                None => self.free(&edit.collection, &mut given),
            };
            batches[slot].edits.push((*number, id, edit));
        }
        for batch in &mut batches {
            batch.text = self.text(batch)?;
        }
        Ok(batches)
    }

    /// An id that no feature has, nor one that is to go: `collection-1` and on.
    fn free(&self, collection: &str, given: &mut HashSet<String>) -> String {
        let taken = |id: &String| self.rows.iter().any(|rows| rows.contains_key(id));
        let mut ids = (1..=u32::MAX).map(|n| format!("{collection}-{n}"));
        let id = ids.find(|id| !taken(id) && !given.contains(id)).unwrap_or_default();
        given.insert(id.clone());
        id
    }

    fn text(&self, batch: &Batch) -> Result<String, Refusal> {
        let failed = || Refusal::new("bad-geometry", Text::new("要素无法写出", "the features can't be written"));
        let table = self.checker.table(batch.place).ok_or_else(failed)?;
        let edit_of = |id: &str| batch.edits.iter().find(|(_, own, edit)| edit.id.is_some() && own == id);
        let there = (0..table.ids.len()).filter_map(|row| {
            let id = table.ids.value(row);
            let edit = edit_of(id).map(|(.., edit)| *edit);
            (!edit.is_some_and(|edit| edit.remove)).then_some(Row { id, at: Some(row), edit })
        });
        let added = batch.edits.iter().filter(|(.., edit)| edit.id.is_none() && !edit.remove);
        let added = added.map(|(_, id, edit)| Row { id, at: None, edit: Some(*edit) });
        let mut out = Vec::new();
        rows_of(&mut out, self.spec(batch.place), table, there.chain(added)).map_err(|_| failed())?;
        String::from_utf8(out).map_err(|_| failed())
    }

    /// An edit with what it makes of its feature, before anything is found.
    fn one(&self, place: usize, after: &Table, (number, id, edit): &(u32, String, &FeatureEdit)) -> Judged {
        let spec = self.spec(place);
        let before = self.checker.table(place).zip(self.rows[place].get(id).copied());
        let now = after.ids.iter().position(|own| own == id);
        let shape = |of: Option<(&Table, usize)>| of.map(|(table, row)| geometry(table, row)).unwrap_or_default();
        let (from, to) = (shape(before), shape(now.map(|row| (after, row))));
        let mut changes = Vec::new();
        for (i, property) in spec.properties.iter().enumerate().filter(|_| !edit.remove) {
            let old = before.map(|(table, row)| held(table, row, i).to_json()).unwrap_or_default();
            let said = || edit.values.get(&property.name).cloned().unwrap_or_else(|| old.clone());
            let new = now.map_or_else(said, |row| held(after, row, i).to_json());
            if !same(&old, &new) {
                changes.push(Change { property: property.name.clone(), from: old, to: new });
            }
        }
        let fate = match () {
            () if edit.remove => Fate::Removed,
            () if edit.id.is_none() => Fate::New,
            () if from != to => Fate::Moved,
            () if changes.is_empty() => Fate::Unchanged,
            () => Fate::Changed,
        };
        let name = spec.name.as_deref().and_then(|name| spec.property(name)).and_then(|(i, p)| {
            let said = edit.values.get(&p.name).cloned();
            let old = || before.map(|(table, row)| held(table, row, i).to_json()).unwrap_or_default();
            said.unwrap_or_else(old).as_str().map(str::to_owned)
        });
        let point = |of: Option<(&Table, usize)>| {
            of.and_then(|(table, row)| match table.geometries.value(row)? {
                geo::Geometry::Point(p) => Some(p.0),
                _ => None,
            })
        };
        let moved = point(before).zip(point(now.map(|row| (after, row)))).filter(|_| fate == Fate::Moved);
        Judged {
            number: *number,
            id: id.clone(),
            name: name.unwrap_or_default(),
            fate,
            from,
            to,
            moved_m: moved.map(|(a, b)| crate::core::geometry::measure::distance(a, b)),
            changes,
            declared: Vec::new(),
            findings: Vec::new(),
        }
    }
}

/// Something found at a feature, or at a collection by its id.
fn found(
    spec: &CollectionSpec,
    id: &str,
    severity: Severity,
    code: &'static str,
    message: Text,
    remedy: Text,
) -> Finding {
    let (file, feature) = (spec.file.clone(), Some(id.to_owned()));
    Finding { severity, code, file, feature, property: None, other: None, line: None, column: None, message, remedy }
}

/// An error that shows at another feature belongs to the edits that it names, or else to all that could have made it.
fn blame(all: &mut [(usize, Judged)], finding: &Finding) {
    let acts = |one: &Judged| one.fate != Fate::Unchanged;
    let named = |one: &Judged| acts(one) && finding.other.as_ref() == Some(&one.id);
    let some = all.iter().any(|(_, one)| named(one));
    let mut finding = finding.clone();
    // a property of another feature is no field of the form
    finding.property = None;
    for (_, one) in all.iter_mut().filter(|(_, one)| if some { named(one) } else { acts(one) }) {
        // many rows that refer to the same are one matter
        let known = |f: &Finding| f.code == finding.code && f.message == finding.message;
        if !partition::says(&one.findings, &finding) && !one.findings.iter().any(known) {
            one.findings.push(finding.clone());
        }
    }
}

fn gone(collection: &str, id: &str) -> Refusal {
    let id = super::shown(id);
    let text = Text::new(
        format!("集合 {collection} 里没有编号 {id}"),
        format!("the collection {collection} has no feature with the id {id}"),
    );
    Refusal::new("row-gone", text)
}
