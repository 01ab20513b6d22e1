//! Codelists with levels and versions: whether they agree with themselves, and what entries below others take from them.

use super::report::{Place, Report};
use super::text::{is_date, shorten};
use crate::core::model::{Codelist, CollectionSpec, Mapping, PropertySpec, PropertyType, Text};
use crate::core::snapshot::MOST_CLASSES;
use std::collections::{BTreeMap, HashSet};

/// More levels than any classification has.
const MOST_LEVELS: usize = 12;

/// Says what is wrong with the parents and levels of a list.
pub fn check(list: &Codelist, file: &str, report: &mut Report) {
    let codes: HashSet<&str> = list.entries.iter().map(|e| &*e.code).collect();
    for (place, entry) in list.entries.iter().enumerate() {
        let Some(parent) = entry.parent.as_deref() else { continue };
        let (code, above) = (shorten(&entry.code), shorten(parent));
        let at = Place::file(file).feature(&entry.code).property("parent");
        if !codes.contains(parent) {
            report.error(at, "unknown-parent", || {
                (
                    Text::new(
                        format!("{code} 的上级 {above} 不在本表中"),
                        format!("{above}, the parent of {code}, is not in this list"),
                    ),
                    Text::new("写本表中的代码,或删去 parent", "name a code of this list, or remove parent"),
                )
            });
        } else if list.tree().parent(place).is_none() {
            report.error(at, "circular-parents", || {
                (
                    Text::new(format!("{code} 的上级链回到它自己"), format!("the parents of {code} lead back to it")),
                    Text::new("改正其中一个 parent", "correct one of the parents"),
                )
            });
        }
    }
    let mut ids = HashSet::new();
    for level in &list.levels {
        let named = !level.id.is_empty() && level.id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
        let number = level.id.bytes().all(|b| b.is_ascii_digit());
        if !named || number || !ids.insert(&*level.id) {
            report.error(Place::file(file).property("levels"), "bad-level", || {
                let id = shorten(&level.id);
                (
                    Text::new(format!("层级 {id} 的 id 不可用"), format!("{id} cannot be the id of a level")),
                    Text::new(
                        "每层用不同的 id:ASCII 字母、数字、- 和 _,不能只有数字",
                        "give each level an id of its own: ASCII letters, digits, - and _, not digits only",
                    ),
                )
            });
        }
    }
    if list.tree().levels() > MOST_LEVELS {
        report.error(Place::file(file).property("entries"), "bad-level", || {
            let there = list.tree().levels();
            (
                Text::new(
                    format!("代码有 {there} 层,最多 {MOST_LEVELS} 层"),
                    format!("the codes have {there} levels, at most {MOST_LEVELS} are taken"),
                ),
                Text::new("合并一些层", "join some levels"),
            )
        });
    }
    if !list.levels.is_empty() && list.levels.len() != list.tree().levels() {
        report.error(Place::file(file).property("levels"), "bad-level", || {
            let (named, there) = (list.levels.len(), list.tree().levels());
            (
                Text::new(
                    format!("levels 有 {named} 层,代码有 {there} 层"),
                    format!("levels names {named}, the codes have {there}"),
                ),
                Text::new("自上而下每层写一条", "write one for each level, the topmost first"),
            )
        });
    }
}

/// Says where the classes of the tables that are classified by a list can't be read at the level that a table names, or at
/// the topmost.
pub fn usual(tables: &[&CollectionSpec], list: &Codelist, file: &str, report: &mut Report) {
    let tree = list.tree();
    let topmost = tree.children(None).count();
    if topmost > MOST_CLASSES {
        report.error(Place::file(file), "too-many-classes", || {
            (
                Text::new(
                    format!("最上层有 {topmost} 类,最多 {MOST_CLASSES} 类"),
                    format!("the topmost level has {topmost} classes, at most {MOST_CLASSES} are taken"),
                ),
                Text::new("用 parent 分出上级类", "put classes above them with parent"),
            )
        });
    }
    for version in &list.versions {
        let Some(property) = version.property.as_deref() else { continue };
        let fits = |p: &PropertySpec| p.ty == PropertyType::String && p.codelist.as_ref() == Some(&version.codelist);
        // rows of a table without the property are read by their own codes
        if !tables.iter().any(|spec| spec.property(property).is_some_and(|(_, p)| fits(p))) {
            report.error(Place::file(file).property("versions"), "version-property", || {
                let (property, of) = (shorten(property), shorten(&version.codelist));
                (
                    Text::new(
                        format!("名录没有使用代码表 {of} 的文字属性 {property}"),
                        format!("the register has no text property {property} with the codelist {of}"),
                    ),
                    Text::new("在名录中声明该属性,或删去 property", "declare it in the register, or remove property"),
                )
            });
        }
    }
    // whole classes above the level stand beside those of it
    let groups = |level: usize| (0..list.entries.len()).filter(|place| tree.level(*place) <= level).count();
    for word in tables.iter().filter_map(|spec| spec.register.as_ref()?.class_level.as_deref()) {
        if list.level(word).is_some_and(|level| level == 0 || groups(level) <= MOST_CLASSES) {
            continue;
        }
        report.error(Place::file("dataset.json").property("register.class_level"), "bad-level", || {
            let word = shorten(word);
            let known: Vec<String> = (0..tree.levels()).map(|level| list.level_word(level)).collect();
            let known = known.join(", ");
            (
                Text::new(
                    format!("class_level {word} 不是可用的层级(现有 {known};最多 {MOST_CLASSES} 类)"),
                    format!(
                        "class_level {word} is no level that can be used: {known}, of at most {MOST_CLASSES} classes"
                    ),
                ),
                Text::new("写其中一层,或删去", "name one of them, or remove it"),
            )
        });
    }
}

/// Whether two entries may share a name: where one stands above the other.
pub fn in_one_line(list: &Codelist, a: &str, b: &str) -> bool {
    let (Some(a), Some(b)) = (list.place(a), list.place(b)) else { return false };
    let tree = list.tree();
    tree.is_within(a, b) || tree.is_within(b, a)
}

/// Gives entries below others colours and marks, where they have none of their own: those of the entry above, apart from
/// their siblings'.
pub fn dress(list: &mut Codelist) {
    if list.is_flat() {
        return;
    }
    let tree = list.tree().clone();
    for place in tree.order().iter().copied() {
        let children: Vec<usize> = tree.children(Some(place)).collect();
        let above = list.entries[place].clone();
        let mut marks: HashSet<String> = children.iter().map(|c| list.entries[*c].mark.clone()).collect();
        for (nth, child) in children.iter().enumerate() {
            let entry = &mut list.entries[*child];
            if entry.color.is_empty() {
                entry.color = shade(&above.color, nth, children.len(), (0.22, 0.46));
            }
            if entry.color_dark.is_empty() {
                entry.color_dark = shade(&above.color_dark, nth, children.len(), (0.58, 0.84));
            }
            if entry.mark.is_empty() {
                let name = if entry.name.zh.is_empty() { &entry.name.en } else { &entry.name.zh };
                let letters = name.chars().filter(|c| c.is_alphanumeric()).map(|c| c.to_uppercase().to_string());
                let own = letters.into_iter().find(|c| !marks.contains(c));
                entry.mark = own.unwrap_or_else(|| above.mark.clone());
                marks.insert(entry.mark.clone());
            }
        }
    }
}

/// A colour for one of several children: the parent's, its hue turned a little and its lightness within a range.
fn shade(color: &str, nth: usize, of: usize, (darkest, lightest): (f64, f64)) -> String {
    let hex = color.strip_prefix('#').filter(|hex| hex.len() == 6).and_then(|hex| u32::from_str_radix(hex, 16).ok());
    let Some(rgb) = hex else { return color.to_owned() };
    let bytes = [16, 8, 0].map(|shift| rgb >> shift & 0xFF);
    let [r, g, b] = bytes.map(|byte| f64::from(byte) / 255.0);
    let (most, least) = (r.max(g).max(b), r.min(g).min(b));
    let leading = bytes.iter().position(|byte| Some(byte) == bytes.iter().max());
    let (light, span) = (f64::midpoint(most, least), most - least);
    let saturation = if span == 0.0 { 0.0 } else { span / (1.0 - (2.0 * light - 1.0).abs()) };
    let hue = match leading {
        _ if span == 0.0 => 0.0,
        Some(0) => 60.0 * ((g - b) / span),
        Some(1) => 60.0 * ((b - r) / span + 2.0),
        _ => 60.0 * ((r - g) / span + 4.0),
    };
    // from -1 to 1 over the siblings
    let turn = if of < 2 { 0.0 } else { nth as f64 / (of - 1) as f64 * 2.0 - 1.0 };
    // neighbours differ in lightness as well as in hue
    let step = [0.0, 1.0, 0.5][nth % 3];
    let light = if of < 2 { light } else { darkest + (lightest - darkest) * step };
    let hue = (hue + 32.0 * turn).rem_euclid(360.0);
    // a pale colour of full saturation would glare once it is darker
    let chroma = (1.0 - (2.0 * light - 1.0).abs()) * saturation.min(0.7);
    let channel = |shift: f64| {
        let k = (shift + hue / 30.0).rem_euclid(12.0);
        let value = light - chroma / 2.0 * (k - 3.0).min(9.0 - k).clamp(-1.0, 1.0);
        (value * 255.0).round().clamp(0.0, 255.0) as u8
    };
    format!("#{:02X}{:02X}{:02X}", channel(0.0), channel(8.0), channel(4.0))
}

/// Says what is wrong with the versions of a list.
pub fn versions(lists: &BTreeMap<String, Codelist>, name: &str, file: &str, report: &mut Report) {
    let Some(list) = lists.get(name) else { return };
    let mut ids = HashSet::new();
    for version in &list.versions {
        let at = Place::file(file).property("versions");
        let id = shorten(&version.id);
        let named =
            !version.id.is_empty() && version.id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
        if !named || !ids.insert(&*version.id) {
            report.error(at, "bad-version", || {
                (
                    Text::new(format!("版本 {id} 的 id 不可用"), format!("{id} cannot be the id of a version")),
                    Text::new(
                        "每个版本用不同的 id:ASCII 字母、数字、- _ .",
                        "give each version an id of its own: ASCII letters, digits, - _ .",
                    ),
                )
            });
        }
        for day in [&version.valid_from, &version.valid_to].into_iter().flatten().filter(|day| !is_date(day)) {
            report.error(at, "bad-date", || {
                let day = shorten(day);
                (
                    Text::new(format!("{day} 不是日期"), format!("{day} is no date")),
                    Text::new("写成 YYYY-MM-DD", "write YYYY-MM-DD"),
                )
            });
        }
        let Some(to) = lists.get(&version.codelist).filter(|_| version.codelist != name) else {
            report.error(at, "unknown-codelist", || {
                let other = shorten(&version.codelist);
                (
                    Text::new(
                        format!("版本 {id} 的代码表 {other} 不存在"),
                        format!("there is no other codelist {other}, which the version {id} names"),
                    ),
                    Text::new("在清单的 codelists 中列出它", "list it in the manifest's codelists"),
                )
            });
            continue;
        };
        pairs(list, to, &version.pairs, &version.mapping, report);
    }
}

fn pairs(list: &Codelist, to: &Codelist, mapping: &Mapping, file: &str, report: &mut Report) {
    let mut shares: BTreeMap<&str, f64> = BTreeMap::new();
    let mut seen = HashSet::new();
    for (nth, pair) in mapping.pairs.iter().enumerate() {
        let label = format!("#{}", nth + 1);
        let at = Place::file(file).feature(&label);
        for (code, of) in [(&pair.from, list), (&pair.to, to)].into_iter().filter(|(code, of)| of.place(code).is_none())
        {
            report.error(at, "unknown-code", || {
                let (code, of) = (shorten(code), shorten(&of.id));
                (
                    Text::new(
                        format!("代码 {code} 不在代码表 {of} 中"),
                        format!("the codelist {of} has no code {code}"),
                    ),
                    Text::new("写该表中的代码", "use a code of that list"),
                )
            });
        }
        let bad_share = pair.share.is_some_and(|share| !(0.0..=1.0).contains(&share));
        if bad_share || !seen.insert((&pair.from, &pair.to)) {
            report.error(at, "bad-pair", || {
                (
                    Text::new(
                        "这一对重复,或其 share 不在 0 到 1 之间",
                        "the pair occurs twice, or its share is not 0 to 1",
                    ),
                    Text::new("每对只写一次,share 写 0 到 1", "write each pair once, with a share of 0 to 1"),
                )
            });
        }
        *shares.entry(&pair.from).or_default() += pair.share.unwrap_or(0.0);
    }
    for (code, sum) in shares.into_iter().filter(|(_, sum)| *sum > 1.000_001) {
        report.error(Place::file(file).feature(code), "bad-pair", || {
            let code = shorten(code);
            (
                Text::new(
                    format!("{code} 的 share 合计为 {sum},大于 1"),
                    format!("the shares of {code} make {sum}, more than 1"),
                ),
                Text::new("改正这些 share", "correct the shares"),
            )
        });
    }
    let tree = list.tree();
    let paired: HashSet<usize> = mapping.pairs.iter().filter_map(|pair| list.place(&pair.from)).collect();
    let covered =
        |place: usize| tree.upwards(place).chain(tree.within(place).iter().copied()).any(|p| paired.contains(&p));
    let without: Vec<&str> =
        (0..list.entries.len()).filter(|place| !covered(*place)).map(|place| &*list.entries[place].code).collect();
    if !without.is_empty() {
        report.warning(Place::file(file), "unmapped-code", || {
            let codes = shorten(&without.join(", ")).into_owned();
            (
                Text::new(
                    format!("{} 个代码没有对应:{codes};该版本中算作未分类", without.len()),
                    format!(
                        "{} codes are paired with none: {codes}; in that version they count as unclassified",
                        without.len()
                    ),
                ),
                Text::new("补上这些代码的对应", "add pairs for them"),
            )
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_have_colours_of_their_own_near_the_parents() {
        let all: Vec<String> = (0..9).map(|nth| shade("#1F5FA8", nth, 9, (0.22, 0.46))).collect();
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), 9, "{all:?}");
        for color in &all {
            let rgb = u32::from_str_radix(&color[1..], 16).unwrap();
            assert!(rgb & 0xFF > rgb >> 16, "{color} is no blue");
        }
        assert_eq!(shade("#1F5FA8", 0, 1, (0.22, 0.46)), "#1F5FA8");
        assert_eq!(shade("red", 0, 3, (0.22, 0.46)), "red");
        assert_eq!(shade("#777777", 1, 3, (0.2, 0.4)), "#666666");
    }
}
