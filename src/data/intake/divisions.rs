//! Districts as tables name them: codes of any length, names in any script with or without what is above them, other names,
//! and the names that reforms took away.

use super::places::{Districts, folded};
use crate::core::model::{CededLand, Divisions};

/// What a cell says of the district.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Declared<'a> {
    /// A district of the dataset, by place in its table.
    District(usize),
    /// A district that is no more; it went to this one, and partly to others where there are any.
    Former {
        /// The district with most of its land.
        now: usize,
        /// Other districts with some of it.
        others: &'a [String],
    },
    /// Nothing that is known.
    Unknown,
}

/// Between the parts of an address: `Kent, England`, `Nordland / Bodø`.
const BETWEEN: [char; 9] = [',', '\u{FF0C}', '、', '/', '>', '|', ';', '·', '\n'];

/// Reads a cell: an id of the dataset, a code that begins with one, a name with or without what is above it.
pub fn read<'a>(text: &str, districts: &Districts, divisions: &'a Divisions) -> Declared<'a> {
    let text = text.trim();
    if let Some(found) = districts.by_id(text) {
        return Declared::District(found);
    }
    if let Some(found) = by_code(text, districts, divisions) {
        return found;
    }
    let named = |name: &str| match districts.by_name(name).or_else(|| alias(name, districts, divisions)) {
        Some(found) => Declared::District(found),
        None => former(name, districts, divisions),
    };
    let found = named(text);
    if found != Declared::Unknown {
        return found;
    }
    let name: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let local = divisions.above.iter().fold(name.as_str(), |name, above| {
        let whole: String = above.chars().filter(|c| !c.is_whitespace()).collect();
        name.rsplit_once(whole.as_str()).map(|(_, rest)| rest).filter(|rest| !rest.is_empty()).unwrap_or(name)
    });
    let found = named(local);
    // where the dataset says what is above its districts, nothing else may stand before them
    if found != Declared::Unknown || !divisions.above.is_empty() {
        return found;
    }
    let mut parts = text.split(BETWEEN).map(str::trim).filter(|p| !p.is_empty() && *p != text).map(named);
    if let Some(found) = parts.find(|found| *found != Declared::Unknown) {
        return found;
    }
    districts.at_end(text).map_or(Declared::Unknown, Declared::District)
}

/// The district of a code at the beginning: its own, or that of something inside it, whose code begins with its own.
fn by_code<'a>(text: &str, districts: &Districts, divisions: &'a Divisions) -> Option<Declared<'a>> {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c)).unwrap_or(text.len());
    let code = text.get(..end).filter(|code| code.bytes().any(|b| b.is_ascii_digit()))?;
    if let Some(found) = districts.by_id(code) {
        return Some(Declared::District(found));
    }
    let digits: &str = &code[..code.find(|c: char| !c.is_ascii_digit()).unwrap_or(code.len())];
    let (shortest, longest) = districts.digits()?;
    // a spreadsheet drops zeros before a number
    if shortest == longest && digits.len() == code.len() && digits.len() < shortest {
        let whole = format!("{digits:0>shortest$}");
        return districts.by_id(&whole).map(Declared::District);
    }
    let inside = (shortest..=longest.min(digits.len())).rev().find_map(|n| districts.by_id(&digits[..n]));
    if let Some(found) = inside {
        return Some(Declared::District(found));
    }
    let old = |code: &&str| digits.len() >= code.len() && digits.starts_with(*code) && code.len() >= shortest;
    let code = divisions.former.iter().filter_map(|f| f.code.as_deref()).find(old)?;
    Some(former(code, districts, divisions))
}

fn alias(word: &str, districts: &Districts, divisions: &Divisions) -> Option<usize> {
    let word = folded(word);
    let named = divisions.aliases.iter().find(|a| a.names.iter().any(|n| folded(n) == word))?;
    districts.by_id(&named.id)
}

fn former<'a>(word: &str, districts: &Districts, divisions: &'a Divisions) -> Declared<'a> {
    let folded_word = folded(word);
    let named = |f: &str| !folded_word.is_empty() && folded(f) == folded_word;
    let old =
        divisions.former.iter().find(|f| f.code.as_deref().is_some_and(named) || f.names.iter().any(|n| named(n)));
    let Some((now, others)) = old.and_then(|old| old.now.split_first()) else { return Declared::Unknown };
    match districts.by_id(now) {
        Some(now) => Declared::Former { now, others },
        None => Declared::Unknown,
    }
}

/// The land that a district gave to another, where it did: a point in `found` may be declared as `declared` by someone
/// who has the older map in mind.
pub fn ceded<'a>(divisions: &'a Divisions, declared: &str, found: &str) -> Option<&'a CededLand> {
    divisions.ceded.iter().find(|c| c.from == declared && c.to == found)
}

/// The first land that a district gave away.
pub fn ceded_by<'a>(divisions: &'a Divisions, code: &str) -> Option<&'a CededLand> {
    divisions.ceded.iter().find(|c| c.from == code)
}

#[cfg(test)]
mod tests {
    use super::super::places::Ground;
    use super::*;
    use serde_json::json;

    fn read_all(names: &[(&str, &str)], divisions: &Divisions, cells: &[(&str, Option<&str>)]) {
        let ground = Ground::named(names);
        let districts = Districts::new(&ground);
        for (cell, wanted) in cells {
            let id = match read(cell, &districts, divisions) {
                Declared::District(place) | Declared::Former { now: place, .. } => Some(districts.id(place)),
                Declared::Unknown => None,
            };
            assert_eq!(id, *wanted, "{cell}");
        }
    }

    #[test]
    fn counties_with_codes_and_a_common_word() {
        let names = [("06001", "Alba County"), ("06003", "Saint Brannoc County"), ("06005", "New Løvenby County")];
        read_all(
            &names,
            &Divisions::default(),
            &[
                ("Alba County", Some("06001")),
                ("alba", Some("06001")),
                ("ALBA COUNTY, Westland", Some("06001")),
                ("Westland / Saint-Brannoc", Some("06003")),
                ("saint  brannoc county", Some("06003")),
                ("Løvenby", None),
                ("6005", Some("06005")),
                ("06005", Some("06005")),
                ("060010201001", Some("06001")),
                ("06001 Alba", Some("06001")),
                ("County", None),
                ("99999", None),
                ("", None),
            ],
        );
    }

    #[test]
    fn letters_before_digits_and_other_scripts() {
        let names = [("MB001", "Άνω Πόλη"), ("MB002", "Кировский район"), ("MB003", "北区"), ("MB004", "Σπάρτη")];
        let divisions: Divisions = serde_json::from_value(json!({
            "aliases": [{"id": "MB003", "names": ["North Ward"]}],
            "former": [{"names": ["Old Town"], "now": ["MB001", "MB004"]}],
        }))
        .unwrap();
        read_all(
            &names,
            &divisions,
            &[
                ("mb001", Some("MB001")),
                ("ΑΝΩ ΠΟΛΗ", Some("MB001")),
                ("кировский район", Some("MB002")),
                ("某省某市北区", Some("MB003")),
                ("north ward", Some("MB003")),
                ("old town", Some("MB001")),
                ("Southern Ward", None),
            ],
        );
    }

    #[test]
    fn what_stands_above_is_asked_for_where_it_is_declared() {
        let names = [("330106", "西湖区"), ("330110", "余杭区"), ("330122", "桐庐县")];
        let divisions: Divisions = serde_json::from_value(
            json!({"above": ["甲省", "乙市"], "former": [{"code": "330103", "names": ["下城区"], "now": ["330106"]}]}),
        )
        .unwrap();
        read_all(
            &names,
            &divisions,
            &[
                ("甲省乙市西湖区", Some("330106")),
                ("乙市 余杭", Some("330110")),
                ("丙市西湖区", None),
                ("330110001", Some("330110")),
                ("330103", Some("330106")),
                ("330103001002", Some("330106")),
                ("桐庐", Some("330122")),
            ],
        );
    }

    #[test]
    fn two_of_one_stem_are_not_guessed() {
        let names = [("1", "鼓楼区"), ("2", "鼓楼县")];
        read_all(&names, &Divisions::default(), &[("鼓楼", None), ("鼓楼县", Some("2"))]);
    }
}
