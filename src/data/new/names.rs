//! Identifiers and titles from the words of files.

use crate::core::model::{Terms, Text, capital};
use crate::data::intake::sounds;
use serde_json::{Value as Json, json};

/// Characters of an identifier.
const LONGEST: usize = 40;

/// A file's name without folder and extension.
pub fn stem(file: &str) -> &str {
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    name.split_once('.').map_or(name, |(stem, _)| stem)
}

/// An identifier made of words: ASCII letters and digits in lower case, Chinese by its sound, `between` between words. It
/// begins with a letter.
pub fn slug(words: &str, between: char, otherwise: &str) -> String {
    let mut out = String::new();
    for c in words.chars() {
        let (sound, _) = if c.is_ascii() { (String::new(), String::new()) } else { sounds(&c.to_string()) };
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if !sound.is_empty() {
            out.push_str(&sound);
        } else if let Some(plain) = without_accent(c) {
            out.push(plain);
        } else if !out.is_empty() && !out.ends_with(between) {
            out.push(between);
        }
    }
    out.truncate(LONGEST);
    let out = out.trim_matches(between);
    match out.chars().next() {
        None => otherwise.to_owned(),
        Some(c) if c.is_ascii_digit() => format!("{otherwise}{between}{out}"),
        Some(_) => out.to_owned(),
    }
}

/// The letter under an accent.
fn without_accent(c: char) -> Option<char> {
    use unicode_normalization::UnicodeNormalization;
    let first = std::iter::once(c).nfd().next()?;
    first.is_ascii_alphanumeric().then(|| first.to_ascii_lowercase())
}

/// An identifier that is not yet used.
pub fn unused(wanted: String, used: &mut Vec<String>) -> String {
    let free = |name: &String| !used.iter().any(|u| u == name);
    let others = (2..).map(|n| format!("{wanted}_{n}"));
    let name = std::iter::once(wanted.clone()).chain(others).find(free).unwrap_or(wanted);
    used.push(name.clone());
    name
}

pub fn is_chinese(words: &str) -> bool {
    words.chars().any(|c| ('\u{4E00}'..='\u{9FFF}').contains(&c))
}

/// Words in both languages: `区域 / area` gives one to each, other words are those of both.
pub fn both(words: &str) -> Text {
    match words.split_once('/').map(|(a, b)| (a.trim(), b.trim())) {
        Some((a, b)) if is_chinese(a) && !b.is_empty() && !is_chinese(b) => Text::new(a, b),
        Some((a, b)) if is_chinese(b) && !a.is_empty() && !is_chinese(a) => Text::new(b, a),
        _ => Text::new(words.trim(), words.trim()),
    }
}

/// The same as JSON, as a title.
pub fn text(words: &str) -> Json {
    let both = both(words);
    json!({"zh": both.zh, "en": capital(&both.en)})
}

/// A countable thing by its word, for `terms`.
pub fn term(words: &str, counter: &str) -> Json {
    let both = both(words);
    let en = crate::core::model::within_sentence(&both.en);
    let plural = match en.strip_suffix('y') {
        Some(rest) if !rest.ends_with(['a', 'e', 'i', 'o', 'u']) => format!("{rest}ies"),
        _ if !en.is_ascii() => en.clone(),
        _ if en.ends_with('s') => format!("{en}es"),
        _ => format!("{en}s"),
    };
    json!({"zh": both.zh, "en": en, "plural": plural, "counter": counter})
}

/// The word for one of what a file is called after: `projects`, `companies`, `项目台账`. None where the name says no such word.
pub fn one_of(stem: &str) -> Option<String> {
    let chinese = |word: &str| !word.is_empty() && word.chars().all(|c| is_chinese(c.encode_utf8(&mut [0; 4])));
    if chinese(stem) {
        let sorts = ["名录", "名单", "台账", "清单", "一览表", "汇总表", "表"];
        let word = sorts.iter().find_map(|sort| stem.strip_suffix(sort)).unwrap_or(stem);
        return (!word.is_empty() && word.chars().count() <= 4).then(|| word.to_owned());
    }
    if !stem.chars().all(char::is_alphabetic) {
        return None;
    }
    let word = stem.to_lowercase();
    match word.strip_suffix("ies") {
        Some(rest) if rest.len() > 1 => Some(format!("{rest}y")),
        _ => word.strip_suffix('s').filter(|rest| rest.len() > 2 && !rest.ends_with('s')).map(str::to_owned),
    }
}

/// What an area is called, by the head of the column that names one: `所在县区`, `区域名称`, `Ward name`.
pub fn area_word(head: &str) -> &str {
    let word = ["所在", "所属", "归属"].iter().find_map(|before| head.strip_prefix(before)).unwrap_or(head);
    let word = ["名称", "代码", " name", " code"].iter().find_map(|after| word.strip_suffix(after)).unwrap_or(word);
    if word.is_empty() { head } else { word }
}

/// What counts such things in Chinese: organisations by 家, records by 条, others by 个.
pub fn counter(word: &str) -> &'static str {
    let both = both(word);
    let en = both.en.to_lowercase();
    let organisation = both.zh.ends_with(['业', '司', '构', '位', '户', '厂', '店'])
        || ["company", "firm", "business"].iter().any(|one| en.contains(one));
    let usual = Terms::default().row;
    if organisation {
        "家"
    } else if usual.zh == both.zh || usual.en == en {
        "条"
    } else {
        "个"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_of_any_words() {
        for (words, wanted) in [
            ("Östra Göinge", "ostra_goinge"),
            ("营业收入", "yingyeshouru"),
            ("R&D staff (2024)", "r_d_staff_2024"),
            ("2024", "x_2024"),
            ("Ωμέγα", "x"),
            ("", "x"),
        ] {
            assert_eq!(slug(words, '_', "x"), wanted, "{words}");
        }
        assert_eq!(stem("a/Port Vell.final.geojson"), "Port Vell");
        assert_eq!(both("县 / county"), Text::new("县", "county"));
        assert_eq!(both("County"), Text::new("County", "County"));
        assert_eq!(term("Industry", "个")["plural"], "industries");
        for (file, word) in [
            ("projects", Some("project")),
            ("Companies", Some("company")),
            ("项目台账", Some("项目")),
            ("2024年重点企业经营情况表", None),
            ("data", None),
            ("gis", None),
            ("parcels-2024", None),
        ] {
            assert_eq!(one_of(file).as_deref(), word, "{file}");
        }
        assert_eq!(["所在县区", "区域名称", "Ward name", "所在"].map(area_word), ["县区", "区域", "Ward", "所在"]);
        assert_eq!((counter("企业 / enterprise"), counter("地块 / parcel")), ("家", "个"));
    }
}
