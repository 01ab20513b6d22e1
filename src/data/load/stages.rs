//! Whether the stages of classes agree with themselves, with the classes, and with the rows.

use super::across::{Read, place};
use super::report::{Place, Report};
use super::text::shorten;
use crate::core::model::{Codelist, CollectionSpec, Manifest, PropertyType, Text};
use std::collections::{BTreeMap, HashMap, HashSet};

/// The list of stages of a table, with its name, and the property that holds them.
fn staged<'a>(
    spec: &'a CollectionSpec,
    lists: &'a BTreeMap<String, Codelist>,
) -> Option<(&'a str, &'a str, &'a Codelist)> {
    let property = spec.register.as_ref()?.stage.as_deref()?;
    let name = spec.property(property)?.1.codelist.as_deref()?;
    Some((property, name, lists.get(name)?))
}

/// Says what is wrong with the stages that a table names.
pub fn check(spec: &CollectionSpec, manifest: &Manifest, lists: &BTreeMap<String, Codelist>, report: &mut Report) {
    let Some(word) = spec.register.as_ref().and_then(|r| r.stage.as_deref()) else { return };
    let at = Place::file("dataset.json").property("register.stage");
    let fits = spec.property(word).is_some_and(|(_, p)| p.ty == PropertyType::String && p.codelist.is_some());
    let classes = spec.class_codelist().and_then(|name| lists.get(name));
    if !fits || spec.class_codelist().is_none() {
        report.error(at, "bad-stage", || {
            let word = shorten(word);
            (
                Text::new(
                    format!("stage {word} 不可用:名录须有分类(cluster),且该属性为带代码表的文字"),
                    format!("stage {word} can't be used: the register needs a classification (cluster), and the property must be text with a codelist"),
                ),
                Text::new("声明该属性及其代码表,或删去 stage", "declare the property with a codelist, or remove stage"),
            )
        });
        return;
    }
    // a list that can't be read was said before
    let (Some((_, name, list)), Some(classes)) = (staged(spec, lists), classes) else { return };
    let file = manifest.codelists.get(name).map_or("dataset.json", String::as_str);
    let entries: HashMap<&str, usize> = list.entries.iter().enumerate().map(|(i, e)| (&*e.code, i)).collect();
    for entry in &list.entries {
        let of = |property| Place::file(file).feature(&entry.code).property(property);
        let code = shorten(&entry.code);
        if entry.class.as_deref().is_none_or(|class| classes.place(class).is_none()) {
            report.error(of("class"), "unknown-class", || {
                let class = shorten(entry.class.as_deref().unwrap_or_default());
                let known = classes.entries.iter().map(|e| &*e.code).take(12).collect::<Vec<_>>().join(", ");
                (
                    Text::new(
                        format!("环节 {code} 的 class {class} 不是分类中的代码"),
                        format!("{class}, the class of stage {code}, is no code of the classification"),
                    ),
                    Text::new(format!("写 {known} 之一"), format!("name one of {known}")),
                )
            });
        }
        for before in &entry.after {
            let found = entries.get(before.as_str()).map(|i| &list.entries[*i]);
            if found.is_some_and(|found| found.class == entry.class) {
                continue;
            }
            report.error(of("after"), "unknown-stage", || {
                let before = shorten(before);
                let (zh, en) = match found {
                    None => ("不在本表中", "is not in this list"),
                    Some(_) => ("属于另一类", "is of another class"),
                };
                (
                    Text::new(
                        format!("环节 {code} 的前一环节 {before} {zh}"),
                        format!("{before}, which feeds stage {code}, {en}"),
                    ),
                    Text::new("写同一类的环节代码,或删去", "name a stage of the same class, or remove it"),
                )
            });
        }
    }
    for entry in in_circle(list, &entries) {
        report.error(Place::file(file).feature(entry).property("after"), "circular-stages", || {
            let code = shorten(entry);
            (
                Text::new(
                    format!("环节 {code} 的前序环节又回到它自己"),
                    format!("the stages before {code} lead back to it"),
                ),
                Text::new("从这一圈中删去一个 after", "remove one of the after members of this circle"),
            )
        });
    }
}

/// The stages that feed themselves.
fn in_circle<'a>(list: &'a Codelist, places: &HashMap<&str, usize>) -> Vec<&'a str> {
    let before = |place: usize| list.entries[place].after.iter().filter_map(|code| places.get(code.as_str()).copied());
    let feeds_itself = |place: &usize| {
        let (mut seen, mut open) = (HashSet::new(), before(*place).collect::<Vec<_>>());
        while let Some(next) = open.pop() {
            if next == *place {
                return true;
            }
            if seen.insert(next) {
                open.extend(before(next));
            }
        }
        false
    };
    (0..list.entries.len()).filter(feeds_itself).map(|place| &*list.entries[place].code).collect()
}

/// Whether each row has a stage of its own class.
pub fn rows(read: Read, lists: &BTreeMap<String, Codelist>, report: &mut Report) {
    let (spec, loaded) = read;
    let Some((property, _, list)) = staged(spec, lists) else { return };
    let Some(classes) = spec.class_codelist().and_then(|name| lists.get(name)) else { return };
    let column = |name: Option<&str>| Some(&loaded.table.columns[spec.property(name?)?.0]);
    let class = spec.register.as_ref().and_then(|r| r.cluster.as_deref());
    let (Some(class), Some(stage)) = (column(class), column(Some(property))) else { return };
    let of: HashMap<&str, &str> =
        list.entries.iter().filter_map(|e| Some((e.code.as_str(), e.class.as_deref()?))).collect();
    for row in 0..loaded.table.ids.len() {
        let Some((code, belongs)) = stage.text(row).and_then(|code| of.get_key_value(code)) else { continue };
        let (own, Some(of)) = (class.text(row), classes.place(belongs)) else { continue };
        // the class of a row may stand below that of the stage
        if own.and_then(|own| classes.place(own)).is_some_and(|own| classes.tree().is_within(own, of)) {
            continue;
        }
        report.warning(place(read, row).property(property), "stage-of-another-class", || {
            let own = shorten(own.unwrap_or("null"));
            (
                Text::new(
                    format!("环节 {code} 属于 {belongs},该行的类却是 {own};按未填环节计"),
                    format!("the stage {code} is of {belongs}, but the row is of {own}: it counts as without a stage"),
                ),
                Text::new("改正环节或分类", "correct the stage or the class"),
            )
        });
    }
}
