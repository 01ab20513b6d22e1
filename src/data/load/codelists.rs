//! Codelists, the plan and the indicators: the small files of a dataset folder.

use super::report::{Place, Report};
use super::text::{is_date, shorten};
use super::{document, hierarchy};
use crate::core::model::{Codelist, Divisions, Indicator, Text};
use std::collections::{HashMap, HashSet};

/// Reads and checks the former administrative divisions.
pub fn divisions(text: &str, file: &str, report: &mut Report) -> Option<Divisions> {
    let read: Divisions = document::parse(text, file, report)?;
    let mut bad = |what: &str, zh: &str, en: &str| {
        let place = Place::file(file).feature(what);
        report.error(place, "bad-division", || {
            let remedy = Text::new("改正该条,或删去", "mend the entry, or remove it");
            (Text::new(format!("{}:{zh}", shorten(what)), format!("{}: {en}", shorten(what))), remedy)
        });
    };
    for former in &read.former {
        let name = former.names.first().map_or("", String::as_str);
        if name.is_empty() || former.now.is_empty() {
            bad(name, "应有名称(names)和现属区域的代码(now)", "needs names, and now with the codes of today's zones");
        }
    }
    for ceded in read.ceded.iter().filter(|c| !is_date(&c.date)) {
        bad(&ceded.from, "date 应为 YYYY-MM-DD", "date must be YYYY-MM-DD");
    }
    Some(read)
}

/// Reads and checks a codelist. `drawn`: its codes are drawn on the map, so each has a mark and colours.
pub fn codelist(text: &str, file: &str, drawn: bool, report: &mut Report) -> Option<Codelist> {
    let mut list: Codelist = document::parse(text, file, report)?;
    hierarchy::check(&list, file, report);
    hierarchy::dress(&mut list);
    let mut codes = HashSet::new();
    let mut words: HashMap<&str, &str> = HashMap::new();
    for entry in &list.entries {
        let place = Place::file(file).feature(&entry.code);
        let code = shorten(&entry.code);
        if entry.code.is_empty() || !entry.code.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)) {
            report.error(place, "bad-code", || {
                (
                    Text::new(
                        format!("代码 {code} 只能用 ASCII 字母、数字和 - _ ."),
                        format!("code {code} must be ASCII letters, digits and - _ ."),
                    ),
                    Text::new("改成简短的英文代码", "use a short English code"),
                )
            });
        }
        if !codes.insert(entry.code.as_str()) {
            report.error(place, "duplicate-code", || {
                (
                    Text::new(format!("代码 {code} 出现了两次"), format!("code {code} occurs twice")),
                    Text::new("每个代码只留一条", "keep one entry for each code"),
                )
            });
        }
        for colour in [&entry.color, &entry.color_dark].into_iter().filter(|c| drawn || !c.is_empty()) {
            let hex =
                colour.strip_prefix('#').is_some_and(|h| h.len() == 6 && h.bytes().all(|b| b.is_ascii_hexdigit()));
            if !hex {
                report.error(place, "bad-colour", || {
                    let colour = shorten(colour);
                    (
                        Text::new(
                            format!("代码 {code} 的颜色 {colour} 不是 #RRGGBB"),
                            format!("the colour {colour} of {code} is not #RRGGBB"),
                        ),
                        Text::new("写成 # 加六位十六进制数", "write # and six hexadecimal digits"),
                    )
                });
            }
        }
        let names = [&entry.code, &entry.name.zh, &entry.name.en].into_iter().chain(&entry.aliases);
        for word in names.filter(|w| !w.is_empty()) {
            if let Some(other) = words.insert(word, &entry.code).filter(|other| *other != entry.code) {
                // a class with one class below it often has its name
                if hierarchy::in_one_line(&list, other, &entry.code) {
                    continue;
                }
                report.error(place, "ambiguous-alias", || {
                    let word = shorten(word);
                    (
                        Text::new(
                            format!("名称 {word} 同属 {other} 和 {code}"),
                            format!("the name {word} belongs to both {other} and {code}"),
                        ),
                        Text::new("从其中一条删去该名称", "remove it from one of them"),
                    )
                });
            }
        }
    }
    Some(list)
}

/// Reads the indicators; `known_zone` tells ids of zones.
pub fn indicators(text: &str, file: &str, report: &mut Report) -> Vec<Indicator> {
    let mut rows = Vec::new();
    let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    for row in reader.deserialize::<Indicator>() {
        let row = match row {
            Ok(row) => row,
            Err(e) => {
                let line = e.position().map_or(1, |p| p.line() as usize);
                report.error(Place::file(file).at((line, 1)), "bad-csv-row", || {
                    let said: String = e.to_string().chars().take(300).collect();
                    (
                        Text::new(
                            format!("第 {line} 行读不出指标:{said}"),
                            format!("line {line} is no indicator: {said}"),
                        ),
                        Text::new(
                            "列名与列数须与表头一致,年份和数值须是数字",
                            "columns as in the head; year and value must be numbers",
                        ),
                    )
                });
                continue;
            }
        };
        let label = format!("#{}", rows.len() + 1);
        let place = Place::file(file).feature(&label);
        let mut allowed = |name: &'static str, value: &str, list: &[&str]| {
            if !list.contains(&value) {
                report.error(place.property(name), "bad-indicator", || {
                    let (value, list) = (shorten(value), list.join(" / "));
                    (
                        Text::new(
                            format!("{name} 的值 {value} 不在 {list} 之中"),
                            format!("{name} is {value}, not one of {list}"),
                        ),
                        Text::new("改成其中之一", "use one of them"),
                    )
                });
            }
        };
        allowed("kind", &row.kind, &["actual", "target", "draft"]);
        allowed("comparator", &row.comparator, &["eq", "ge", "gt", "approx"]);
        if !row.value.is_finite() {
            report.error(place.property("value"), "absurd-number", || {
                (
                    Text::new(
                        format!("数值 {} 不是有限数", row.value),
                        format!("the value {} is not finite", row.value),
                    ),
                    Text::new("写出数值,或删去该行", "write the number, or remove the row"),
                )
            });
        }
        rows.push(row);
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_codelist_is_consistent() {
        let entry = |code: &str, zh: &str, alias: &str, color: &str| {
            format!(
                r##"{{"code":"{code}","name":{{"zh":"{zh}","en":""}},"mark":"x","color":"{color}","color_dark":"#00ff00","aliases":["{alias}"]}}"##
            )
        };
        let codes = |entries: &[String]| {
            let mut r = Report::new(9);
            let text = format!(r#"{{"id":"c","title":{{"zh":"","en":""}},"entries":[{}]}}"#, entries.join(","));
            assert!(codelist(&text, "c.json", true, &mut r).is_some());
            r.findings.iter().map(|f| f.code).collect::<Vec<_>>()
        };
        let good = entry("a", "甲", "一", "#0036AB");
        assert!(codes(&[good.clone(), entry("b", "乙", "二", "#fff000")]).is_empty());
        assert_eq!(codes(&[good.clone(), entry("a", "丙", "三", "#fff000")]), ["duplicate-code"]);
        assert_eq!(codes(&[good.clone(), entry("b", "乙", "甲", "#fff000")]), ["ambiguous-alias"]);
        assert_eq!(codes(&[entry("b", "乙", "", "red")]), ["bad-colour"]);
        assert_eq!(codes(&[entry("b c", "乙", "", "#fff000")]), ["bad-code"]);
        let mut r = Report::new(9);
        assert!(codelist("{}", "c.json", true, &mut r).is_none() && r.has_errors());
    }

    #[test]
    fn only_codes_that_are_drawn_need_colours() {
        let text = r#"{"id":"c","title":{"zh":"","en":""},"entries":[{"code":"a","name":{"zh":"甲","en":"A"}}]}"#;
        for (drawn, faults) in [(true, 2), (false, 0)] {
            let mut r = Report::new(9);
            assert!(codelist(text, "c.json", drawn, &mut r).is_some());
            assert_eq!(r.findings.iter().filter(|f| f.code == "bad-colour").count(), faults);
        }
    }

    #[test]
    fn former_divisions_are_whole() {
        let found = |text: &str| {
            let mut r = Report::new(9);
            let read = divisions(text, "d.json", &mut r);
            (read.is_some(), r.findings.iter().map(|f| f.code).collect::<Vec<_>>())
        };
        let good = r#"{"former":[{"code":"1","names":["甲"],"now":["2","3"]}],"ceded":[{"from":"2","to":"3","date":"2021-04-09"}]}"#;
        assert_eq!(found(good), (true, vec![]));
        assert_eq!(found(&good.replace(r#"["2","3"]"#, "[]")), (true, vec!["bad-division"]));
        assert_eq!(found(&good.replace("-04-09", "")), (true, vec!["bad-division"]));
        assert!(!found(r#"{"late":[]}"#).0);
    }

    #[test]
    fn a_bad_indicator_stops_no_other() {
        let head = "indicator,title_zh,title_en,scope,scope_en,zone,year,value,unit,kind,comparator,source,note\n";
        let text = format!(
            "{head}a,甲,A,s,s,,2025,1.5,亿元,actual,eq,x,\nb,乙,B,s,s,,soon,2,亿元,actual,eq,x,\nc,丙,C,s,s,,,3,亿元,wish,eq,x,\nd,丁,D,s,s,,2025,inf,亿元,actual,eq,x,\n"
        );
        let mut r = Report::new(9);
        let rows = indicators(&text, "i.csv", &mut r);
        assert_eq!(rows.len(), 3);
        let found: Vec<_> = r.findings.iter().map(|f| (f.code, f.line, f.property.as_deref())).collect();
        assert_eq!(
            found,
            [
                ("bad-csv-row", Some(3), None),
                ("bad-indicator", None, Some("kind")),
                ("absurd-number", None, Some("value"))
            ]
        );
    }
}
