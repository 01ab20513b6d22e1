//! Addresses in one form: what is written in different ways and means the same is the same. What divisions are called comes
//! from the dataset; the rest are rules of the scripts.

use crate::model::{CollectionSpec, Divisions, PlacesSpec, Role, Table};
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use unicode_normalization::UnicodeNormalization;

/// Between the parts of an address.
const BETWEEN: [char; 10] = [',', '、', ';', '/', '|', '·', '(', ')', '\n', '\t'];
/// What a part of a building is called after its number, in Chinese; `号楼` before `楼`.
const UNITS: [&str; 10] = ["号楼", "单元", "室", "房", "户", "层", "楼", "幢", "栋", "座"];
/// What roads end with in Chinese: a number before it is part of a road's name.
const ROADS: [&str; 7] = ["路", "街", "大街", "大道", "道", "巷", "胡同"];
/// What a Chinese name of a division ends with, where it may be left out at the beginning of an address.
const DIVISIONS: [char; 9] = ['省', '市', '区', '县', '旗', '州', '盟', '镇', '乡'];

/// An address in parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    /// The road, or the whole name of a place without number.
    pub road: String,
    /// The house number.
    pub number: Option<u32>,
    /// What follows the number at once: a letter, or the second number of `12-3`.
    pub suffix: String,
    /// Building, floor, room and whatever else is said.
    pub rest: String,
    /// The district that the text names, by its id.
    pub district: Option<String>,
}

/// The words of a dataset that addresses are read by.
#[derive(Clone, Debug, Default)]
pub struct Words {
    /// Names of divisions in compared form, with the id where it is a district.
    divisions: HashMap<String, Option<String>>,
    /// Those that may stand before an address without a space, by their first character, the longest first.
    before: HashMap<char, Vec<String>>,
    /// Words that are written for others.
    same: HashMap<String, String>,
}

/// Lower case, no accents, digits and letters of full width as usual ones.
fn letters(text: &str) -> impl Iterator<Item = char> + '_ {
    text.nfkd().flat_map(char::to_lowercase).map(|c| match c {
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '~' | '之' => '-',
        c => c,
    })
}

/// A text as it is searched for: letters and digits alone.
pub fn plain(text: &str) -> String {
    text.nfkd().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Whether a character is of a script that is written without spaces.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{2E80}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

impl Words {
    /// The words of a dataset: names of the districts and of zones that share no ground, other and former names, and what
    /// is above them.
    pub fn new<'a>(
        collections: impl Iterator<Item = (&'a CollectionSpec, &'a Table)>,
        divisions: &Divisions,
        places: &PlacesSpec,
    ) -> Self {
        let mut all = Vec::new();
        let mut add = |name: &str, id: Option<&str>| all.push((name.to_owned(), id.map(str::to_owned)));
        for (spec, table) in collections.filter(|(spec, _)| spec.divides()) {
            let column = |name: &Option<String>| table.columns.get(spec.property(name.as_deref()?)?.0);
            let columns = [column(&spec.name), column(&spec.name_en)];
            for row in 0..table.ids.len() {
                let id = Some(table.ids.value(row)).filter(|_| spec.role == Role::Districts);
                columns.iter().flatten().filter_map(|c| c.text(row)).for_each(|name| add(name, id));
            }
        }
        divisions.aliases.iter().for_each(|of| of.names.iter().for_each(|name| add(name, Some(&of.id))));
        divisions.former.iter().for_each(|of| of.names.iter().for_each(|name| add(name, None)));
        divisions.above.iter().for_each(|name| add(name, None));
        Self::of(all, &places.words)
    }

    /// Of names of divisions, with the id where one is a district, and words that are written for others.
    fn of(names: Vec<(String, Option<String>)>, same: &BTreeMap<String, String>) -> Self {
        let mut words = Self::default();
        for (name, id) in names {
            let name = plain(&name);
            let Some(first) = name.chars().next().filter(|_| name.chars().count() > 1) else { continue };
            let begins = name.ends_with(DIVISIONS) || name.chars().count() > 2;
            if begins && name.chars().all(is_unspaced) {
                words.before.entry(first).or_default().push(name.clone());
            }
            words.divisions.entry(name).or_insert(id);
        }
        words.before.values_mut().for_each(|names| names.sort_by_key(|name| Reverse(name.len())));
        words.same = same.iter().map(|(word, usual)| (plain(word), plain(usual))).collect();
        words
    }

    /// An address in parts.
    pub fn read(&self, text: &str) -> Address {
        let mut district = None;
        let text: String = letters(text).collect();
        let mut parts: Vec<Part> = Vec::new();
        for part in text.split(BETWEEN) {
            let part = self.part(part, &mut district);
            // `Via Roma, 12`: a number of its own belongs to what stands before it
            match (parts.last_mut(), part) {
                (Some(before), Some(Part { road, number: None, .. }))
                    if before.number.is_none() && road.len() < 5 && road.bytes().all(|b| b.is_ascii_digit()) =>
                {
                    before.number = road.parse().ok();
                }
                (_, Some(part)) => parts.push(part),
                (_, None) => {}
            }
        }
        // the house is where the longest name stands with a number, or without one
        let key = |part: &Part| (part.number.is_some(), part.road.chars().count());
        let Some(best) = (0..parts.len()).rev().max_by_key(|i| key(&parts[*i])) else { return Address::default() };
        let Part { road, number, suffix, rest } = parts.remove(best);
        let others = parts.into_iter().filter(|p| !(p.number.is_none() && p.road.bytes().all(|b| b.is_ascii_digit())));
        let rest = others.fold(rest, |rest, p| {
            let number = p.number.map(|n| n.to_string()).unwrap_or_default();
            format!("{rest}{}{number}{}{}", p.road, p.suffix, p.rest)
        });
        Address { road, number, suffix, rest, district }
    }

    fn part(&self, part: &str, district: &mut Option<String>) -> Option<Part> {
        let word = |w: &str| -> String { w.chars().filter(|c| c.is_alphanumeric() || *c == '-').collect() };
        let tokens: Vec<String> = part.split_whitespace().map(word).filter(|w| !w.is_empty()).collect();
        let whole = tokens.concat();
        if whole.is_empty() {
            return None;
        }
        if whole.chars().any(is_unspaced) {
            let local = self.local(&whole, district);
            return (!local.is_empty()).then(|| unspaced(local));
        }
        let mut tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
        // a division after the rest, or all that the part says, with or without a postal code
        let digits = |t: &&str| t.bytes().all(|b| b.is_ascii_digit());
        for from in 0..tokens.len() {
            let names = tokens[from..].iter().filter(|t| !digits(t));
            let name: String = names.flat_map(|t| t.chars()).filter(|c| c.is_alphanumeric()).collect();
            if let Some(id) = self.divisions.get(&name) {
                *district = id.clone().or(district.take());
                tokens.truncate(from);
                break;
            }
        }
        if tokens.iter().all(digits) && tokens.len() != 1 {
            return None;
        }
        let tokens: Vec<&str> = tokens.iter().map(|t| self.same.get(*t).map_or(*t, String::as_str)).collect();
        Some(spaced(&tokens))
    }

    /// A text without spaces, without the divisions at its beginning and whatever is written before them.
    fn local<'t>(&self, text: &'t str, district: &mut Option<String>) -> &'t str {
        let mut local = text;
        'again: loop {
            for (at, c) in local.char_indices() {
                let here = &local[at..];
                let names = self.before.get(&c).into_iter().flatten();
                let name = names.into_iter().find(|name| here.len() > name.len() && here.starts_with(name.as_str()));
                if let Some(name) = name {
                    *district = self.divisions.get(name).cloned().flatten().or(district.take());
                    local = &here[name.len()..];
                    continue 'again;
                }
                // a division's name within a road's is none that stands before it
                if c.is_ascii_digit() || ROADS.iter().any(|road| here.starts_with(road)) {
                    break;
                }
            }
            break;
        }
        // a subdistrict of which the dataset does not know
        match local.split_once("街道") {
            Some((name, rest)) if !rest.is_empty() && !name.contains(|c: char| c.is_ascii_digit()) => rest,
            _ => local,
        }
    }
}

/// What one part of an address says.
struct Part {
    road: String,
    number: Option<u32>,
    suffix: String,
    rest: String,
}

impl Part {
    fn of(road: &str, house: Option<(u32, String)>, rest: &str) -> Self {
        let (number, suffix) = house.map_or((None, String::new()), |(n, s)| (Some(n), s));
        Self { road: road.to_owned(), number, suffix, rest: rest.to_owned() }
    }
}

/// A house number: digits, and a letter or a second number.
fn house(text: &str) -> Option<(u32, String)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let number = text[..end].parse().ok()?;
    let suffix = text[end..].trim_start_matches('-');
    let letter = suffix.len() == 1 && suffix.is_ascii();
    let second = text[end..].starts_with('-') && !suffix.is_empty() && suffix.bytes().all(|b| b.is_ascii_digit());
    (suffix.is_empty() || letter || second).then(|| (number, suffix.to_owned()))
}

/// Where the letters, digits and lines that end a text begin.
fn tail(text: &str) -> usize {
    text.rfind(|c: char| !c.is_ascii_alphanumeric() && c != '-')
        .map_or(0, |at| at + text[at..].chars().next().map_or(0, char::len_utf8))
}

/// A text of a script without spaces: `road number 号 building floor room`.
fn unspaced(text: &str) -> Part {
    let mut local = text;
    // what is said of the inside of the house
    while let Some(unit) = UNITS.iter().find_map(|unit| local.strip_suffix(unit)) {
        let at = tail(unit);
        if at == 0 || at == unit.len() {
            break;
        }
        local = &local[..at];
    }
    let inside = &text[local.len()..];
    let bare = local.strip_suffix('号').unwrap_or(local);
    let at = tail(bare);
    if at > 0
        && let Some(house) = house(bare[at..].trim_start_matches('-'))
    {
        return Part::of(bare[..at].trim_end_matches('-'), Some(house), inside);
    }
    // a number within, with a name after it
    for (end, _) in local.rmatch_indices('号') {
        let (at, after) = (tail(&local[..end]), &local[end + '号'.len_utf8()..]);
        let road = ROADS.iter().any(|r| after.starts_with(r));
        if let Some(house) = house(&local[at..end]).filter(|_| at > 0 && !road) {
            return Part::of(&local[..at], Some(house), &text[end + '号'.len_utf8()..]);
        }
    }
    Part::of(local, None, inside)
}

/// Words with spaces: the number before the road or after it.
fn spaced(tokens: &[&str]) -> Part {
    let (first, last) = (tokens.first().and_then(|t| house(t)), tokens.last().and_then(|t| house(t)));
    match (tokens.len(), first, last) {
        (2.., _, Some(house)) => Part::of(&tokens[..tokens.len() - 1].concat(), Some(house), ""),
        (2.., Some(house), _) => Part::of(&tokens[1..].concat(), Some(house), ""),
        _ => Part::of(&tokens.concat(), None, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words() -> Words {
        let names = [
            ("甲省", None),
            ("乙市", None),
            ("丙区", Some("1")),
            ("Alba County", Some("2")),
            ("Alba", Some("2")),
            ("Saint-Brannoc", Some("3")),
        ];
        let names = names.map(|(name, id)| (name.to_owned(), id.map(str::to_owned)));
        Words::of(names.into(), &[("St", "Street"), ("Rd", "Road")].map(|(a, b)| (a.to_owned(), b.to_owned())).into())
    }

    #[test]
    fn what_means_the_same_reads_the_same() {
        let same = |texts: &[&str], road: &str, number: u32, suffix: &str, rest: &str| {
            for text in texts {
                let read = words().read(text);
                let got = (&*read.road, read.number, &*read.suffix, &*read.rest);
                assert_eq!(got, (road, Some(number), suffix, rest), "{text}");
            }
        };
        let all = [
            "文三路478号",
            "文三路 478 号",
            "文三路478",
            "文三路478号",
            "甲省乙市丙区文三路478号",
            "甲乙丙区文三路478",
            "丙区丁街道文三路478号",
        ];
        same(&all, "文三路", 478, "", "");
        same(&["文三路478号3幢502室", "丙区文三路478号3幢 502室"], "文三路", 478, "", "3幢502室");
        same(&["文三路12-3号", "文三路12之3号", "文三路12—3号"], "文三路", 12, "3", "");
        same(&["文三路12A号", "文三路12a号"], "文三路", 12, "a", "");
        same(&["文三路478弄12号"], "文三路478弄", 12, "", "");
        same(&["2号大街501号", "丙区2号大街501号"], "2号大街", 501, "", "");
        same(&["文三路478号科技大厦5楼"], "文三路", 478, "", "科技大厦5楼");
        same(&["文三路478号(科技大厦)"], "文三路", 478, "", "科技大厦");
        let all = [
            "12 Harbour Street",
            "12 harbour st.",
            "Harbour Street 12",
            "12 Harbour Street, Alba, 06001",
            "Harbour Street, 12",
        ];
        same(&all, "harbourstreet", 12, "", "");
        same(
            &["12 Harbour Street Alba County", "12 HARBOUR ST, Alba 06001", "12 Harbour St, Saint-Brannoc"],
            "harbourstreet",
            12,
            "",
            "",
        );
        same(&["Flat 3, 12b Harbour St, Alba"], "harbourstreet", 12, "b", "flat3");
        same(&["Løvenstræde 7", "løvenstræde 7"], "løvenstræde", 7, "", "");
    }

    #[test]
    fn names_without_a_number_stay_names() {
        for (text, name) in [
            ("1号路", "1号路"),
            ("下沙2号大街", "下沙2号大街"),
            ("丙区", "丙区"),
            ("Old Mill", "oldmill"),
            ("丙区某大学", "某大学"),
        ] {
            let read = words().read(text);
            assert_eq!((&*read.road, read.number), (name, None), "{text}");
        }
        assert_eq!(words().read("").road, "");
        assert_eq!(words().read(" ,;() ").road, "");
        assert_eq!(words().read("99999999999999号").number, None);
    }

    #[test]
    fn the_district_of_a_text_is_kept() {
        assert_eq!(words().read("乙市丙区文三路1号").district.as_deref(), Some("1"));
        assert_eq!(words().read("1 Mill Road, Alba").district.as_deref(), Some("2"));
        assert_eq!(words().read("Alba Road 1").district, None);
    }
}
