//! Districts as tables name them: codes, names, and the names that reforms took away.
//!
//! The changes are those of Hangzhou since 2014; the last is the provincial order of 2021-03-11, in force 2021-04-09. They
//! are facts of GB/T 2260 and apply only where the dataset has the district that took over.

use super::places::Districts;

/// A district that is no more.
struct Former {
    code: &'static str,
    names: [&'static str; 2],
    /// Who has its territory now, the largest part first.
    now: &'static [&'static str],
}

const FORMER: [Former; 8] = [
    Former { code: "330103", names: ["下城区", "下城"], now: &["330105"] },
    Former { code: "330104", names: ["江干区", "江干"], now: &["330102", "330114"] },
    Former { code: "330181", names: ["萧山市", "萧山市"], now: &["330109", "330114"] },
    Former { code: "330184", names: ["余杭市", "余杭县"], now: &["330110", "330113"] },
    Former { code: "330183", names: ["富阳市", "富阳县"], now: &["330111"] },
    Former { code: "330185", names: ["临安市", "临安县"], now: &["330112"] },
    Former { code: "", names: ["钱塘新区", "大江东"], now: &["330114"] },
    Former { code: "", names: ["杭州经济技术开发区", "下沙"], now: &["330114"] },
];

/// Districts that kept their code in 2021 and gave land to another: code, who took it.
const GAVE: [(&str, &str); 2] = [("330110", "330113"), ("330109", "330114")];

/// What a cell says of the district.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Declared {
    /// A district of the dataset, by place in its table.
    District(usize),
    /// A district that is no more; it went to this one, and partly to others where `several`.
    Former {
        /// The district with most of its land.
        now: usize,
        /// Other districts with some of it.
        others: &'static [&'static str],
    },
    /// Nothing that is known.
    Unknown,
}

/// Reads a cell: a code, a code with a name, a name with or without province, city and 区/县/市.
pub fn read(text: &str, districts: &Districts) -> Declared {
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    if digits.len() >= 6 {
        // a code of nine or twelve digits begins with that of its district
        let code = &digits[..6];
        return districts.by_id(code).map_or_else(|| former(code, districts), Declared::District);
    }
    let name: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let local = name.rsplit_once("杭州市").map_or(name.as_str(), |(_, rest)| rest);
    let local = local.strip_prefix("浙江省").unwrap_or(local);
    match districts.by_name(local) {
        Some(found) => Declared::District(found),
        None => former(local, districts),
    }
}

fn former(word: &str, districts: &Districts) -> Declared {
    let Some(old) = FORMER.iter().find(|f| (!word.is_empty() && f.code == word) || f.names.contains(&word)) else {
        return Declared::Unknown;
    };
    match districts.by_id(old.now[0]) {
        Some(now) => Declared::Former { now, others: &old.now[1..] },
        None => Declared::Unknown,
    }
}

/// Whether a point in `found` may well be declared as `declared` by someone who has the map before 2021 in mind.
pub fn gave(declared: &str, found: &str) -> bool {
    GAVE.contains(&(declared, found))
}

/// Whether the district gave land away in 2021 and kept its code.
pub fn shrank(code: &str) -> Option<&'static str> {
    GAVE.iter().find(|(from, _)| *from == code).map(|(_, to)| *to)
}
