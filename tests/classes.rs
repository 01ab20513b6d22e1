//! Levels and versions of the classes: every reading equals a plain scan over the files, a class is what its parts make up
//! for owners and for readers of protected figures, and a filter by a class means those below it.

use crate::common;
use crate::common::service::Service;
use serde_json::{Value, json};
use shigu::core::filter::parse_text;
use shigu::core::model::Lang;
use shigu::core::query::{Amounts, ClusterRow, Disclosure, Embedded, Engine, Question, Summary};
use shigu::core::snapshot::{ClassPart, ClassSpec, Snapshot};
use shigu::data::intake::{Ground, Import, Options, read, sheet};
use shigu::data::load::{Limits, Source, load};
use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::Path;
use tempfile::tempdir;

const FOLDER: &str = "tests/data/sectors";
const METRICS: [(&str, u16); 3] = [("turnover", 2024), ("turnover", 2025), ("staff", 2025)];

fn open(folder: &Path) -> Embedded {
    let (dataset, report) = load(&Source::Folder(folder.into()), &Limits::default());
    Snapshot::new(dataset.unwrap_or_else(|| panic!("{}", report.render(Lang::En)))).into()
}

fn city() -> Embedded {
    open(&Path::new(env!("CARGO_MANIFEST_DIR")).join(FOLDER))
}

fn file(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(FOLDER).join(name);
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// A firm as the file has it, and the district that holds it.
struct Firm {
    properties: Value,
    district: String,
}

impl Firm {
    fn code(&self) -> Option<&str> {
        self.properties["industry"].as_str()
    }

    fn cents(&self, metric: &str, year: u16) -> Option<i64> {
        self.properties[format!("{metric}_{year}")].as_f64().map(|v| (v * 100.0).round() as i64)
    }
}

fn firms() -> Vec<Firm> {
    let districts = file("districts.geojson");
    let firm = |f: &Value| {
        let held = f["geometry"]["coordinates"].as_array().map(|at| {
            let [x, y] = [0, 1].map(|i| at[i].as_f64().unwrap());
            let holds = |d: &&Value| {
                let ring = d["geometry"]["coordinates"][0].as_array().unwrap();
                let [low, high] = [0, 2].map(|corner| [0, 1].map(|i| ring[corner][i].as_f64().unwrap()));
                (low[0]..high[0]).contains(&x) && (low[1]..high[1]).contains(&y)
            };
            districts["features"].as_array().unwrap().iter().find(holds).unwrap()["id"].as_str().unwrap()
        });
        let declared = f["properties"]["distretto"].as_str().unwrap();
        Firm { properties: f["properties"].clone(), district: held.unwrap_or(declared).into() }
    };
    file("firms.geojson")["features"].as_array().unwrap().iter().map(firm).collect()
}

/// Code -> parent.
fn parents() -> BTreeMap<String, Option<String>> {
    let entry = |e: &Value| (e["code"].as_str().unwrap().to_owned(), e["parent"].as_str().map(str::to_owned));
    file("industries.json")["entries"].as_array().unwrap().iter().map(entry).collect()
}

/// A code and those above it, the topmost first.
fn chain(parents: &BTreeMap<String, Option<String>>, code: &str) -> Vec<String> {
    let mut chain = vec![code.to_owned()];
    while let Some(above) = &parents[chain.last().unwrap()] {
        chain.push(above.clone());
    }
    chain.reverse();
    chain
}

fn spec(level: Option<&str>, parent: Option<&str>, version: Option<&str>) -> ClassSpec {
    let [level, parent, version] = [level, parent, version].map(|word| word.map(str::to_owned));
    ClassSpec { level, parent, version }
}

fn ask(engine: &Embedded, zone: &str, year: u16, classes: ClassSpec, disclosure: Disclosure) -> Summary {
    let question = Question::register().in_zone(zone).in_year(Some(year)).by_classes(classes);
    engine.bind(&question, disclosure).unwrap().summarize().unwrap()
}

fn cents(amounts: &Amounts, metric: &str) -> i64 {
    (amounts[metric].sum.unwrap_or(0.0) * 100.0).round() as i64
}

fn sum<'a>(rows: impl IntoIterator<Item = &'a ClusterRow>, metric: &str) -> i64 {
    rows.into_iter().map(|row| cents(&row.amounts, metric)).sum()
}

const ZONES: [&str; 5] = ["city", "D1", "D2", "D3", "D4"];
/// The levels by id and by number.
const LEVELS: [(&str, usize); 4] = [("section", 0), ("division", 1), ("group", 2), ("3", 2)];

/// The group of a code at a level: its class there or, of those that end above, the last; and whether it is known no further
/// though the class is divided.
fn group(parents: &BTreeMap<String, Option<String>>, code: Option<&str>, level: usize) -> Option<(String, bool)> {
    let chain = chain(parents, code?);
    let at = &chain[level.min(chain.len() - 1)];
    let divided = parents.values().any(|parent| parent.as_deref() == Some(at));
    Some((at.clone(), chain.len() <= level && divided))
}

/// Rows by code, and whether they are not further classified; unclassified ones under no code.
type Scan<'a> = BTreeMap<Option<(String, bool)>, Vec<&'a Firm>>;

#[test]
fn every_level_counts_and_sums_what_a_scan_does() {
    let (engine, firms, parents) = (city(), firms(), parents());
    let mut seen = 0;
    for (zone, (word, level)) in ZONES.into_iter().flat_map(|zone| LEVELS.map(|level| (zone, level))) {
        let here: Vec<&Firm> = firms.iter().filter(|f| zone == "city" || f.district == zone).collect();
        let scan = |rows: &[&Firm]| -> BTreeMap<Option<(String, bool)>, usize> {
            rows.iter().fold(BTreeMap::new(), |mut all, firm| {
                *all.entry(group(&parents, firm.code(), level)).or_default() += 1;
                all
            })
        };
        let (counts, everywhere) = (scan(&here), scan(&firms.iter().collect::<Vec<_>>()));
        for (metric, year) in METRICS {
            let summary = ask(&engine, zone, year, spec(Some(word), None, None), Disclosure::Full);
            let mut by_group: Scan<'_> = BTreeMap::new();
            here.iter().for_each(|firm| by_group.entry(group(&parents, firm.code(), level)).or_default().push(firm));
            for row in &summary.clusters {
                let key = row.code.clone().map(|code| (code, row.part == Some(ClassPart::NotFurther)));
                let rows = by_group.remove(&key).unwrap_or_default();
                assert_eq!(row.count, rows.len() as u64, "{zone} {word} {key:?}");
                let own: i64 = rows.iter().filter_map(|f| f.cents(metric, year)).sum();
                assert_eq!(cents(&row.amounts, metric), own, "{zone} {word} {key:?} {metric} {year}");
                let ratio = |a: usize, b: usize| a as f64 / b as f64;
                let share = ratio(counts.get(&key).copied().unwrap_or(0), here.len());
                assert!((row.share.unwrap() - share).abs() < 1e-12);
                let in_city = ratio(everywhere.get(&key).copied().unwrap_or(0), firms.len());
                match row.lq {
                    Some(lq) => assert!((lq - share / in_city).abs() < 1e-9, "{zone} {word} {key:?}"),
                    None => assert!(in_city == 0.0),
                }
                seen += usize::from(row.count > 0);
            }
            assert!(by_group.is_empty(), "{zone} {word}: {:?} in no row", by_group.keys());
            assert_eq!(sum(&summary.clusters, metric), cents(&summary.totals, metric));
            let reading = summary.classes.unwrap();
            assert_eq!((reading.level.as_str(), reading.path.len()), (["section", "division", "group"][level], 0));
        }
    }
    assert!(seen > 200, "{seen} rows with firms");
}

#[test]
fn a_class_is_what_its_parts_make_up_for_every_reader() {
    let (engine, firms, parents) = (city(), firms(), parents());
    let (mut further, mut withheld) = (0, 0);
    let divided: Vec<&String> =
        parents.keys().filter(|code| parents.values().any(|p| p.as_ref() == Some(*code))).collect();
    for zone in ZONES {
        for ((metric, year), code) in METRICS.iter().flat_map(|m| divided.iter().map(move |code| (*m, *code))) {
            for disclosure in [Disclosure::Full, Disclosure::Aggregates] {
                let summary = ask(&engine, zone, year, spec(None, Some(code), None), disclosure);
                let parent = summary.classes.as_ref().unwrap().parent.as_ref().unwrap();
                let is = |part: Option<ClassPart>| move |row: &&ClusterRow| row.code.is_some() && row.part == part;
                let children: Vec<&ClusterRow> = summary.clusters.iter().filter(is(None)).collect();
                let own: Vec<&ClusterRow> = summary.clusters.iter().filter(is(Some(ClassPart::NotFurther))).collect();
                let parts = || children.iter().chain(&own).copied();
                let here = |f: &&Firm| zone == "city" || f.district == zone;
                let below = |f: &&Firm| f.code().is_some_and(|c| chain(&parents, c).contains(code));
                assert_eq!(parent.count, firms.iter().filter(here).filter(below).count() as u64, "{zone} {code}");
                assert_eq!(parts().map(|row| row.count).sum::<u64>(), parent.count);
                assert_eq!(summary.clusters.iter().map(|row| row.count).sum::<u64>(), summary.counts.matched);
                let exact = |f: &&Firm| f.code() == Some(code);
                let known = firms.iter().filter(here).filter(exact).count() as u64;
                assert_eq!(own.iter().map(|row| row.count).sum::<u64>(), known, "{zone} {code} not further");
                let hidden = parts().filter(|row| row.amounts[metric].withheld).count();
                if disclosure == Disclosure::Full || (hidden == 0 && !parent.amounts[metric].withheld) {
                    assert_eq!(sum(parts(), metric), cents(&parent.amounts, metric), "{zone} {code} {metric}");
                    further += usize::from(known > 0);
                }
                if disclosure == Disclosure::Full {
                    assert_eq!(hidden, 0);
                    assert_eq!(sum(&summary.clusters, metric), cents(&summary.totals, metric));
                } else if hidden > 0 && !parent.amounts[metric].withheld {
                    // the difference between a class and its parts is never one part's sum, nor that of too few
                    let behind: u64 =
                        parts().filter(|r| r.amounts[metric].withheld).map(|r| r.amounts[metric].reported).sum();
                    assert!(hidden > 1 && behind >= 3, "{zone} {code} {metric}: {hidden} withheld, of {behind}");
                    withheld += 1;
                }
                if parent.amounts[metric].withheld {
                    assert!(parts().all(|r| r.amounts[metric].sum.is_none()), "{zone} {code} {metric}");
                }
            }
        }
    }
    assert!(further > 50 && withheld > 5, "{further} {withheld}");
}

/// What is withheld of a class at its own level is withheld wherever it is a part or a parent: answers at two levels say no
/// more than each.
#[test]
fn no_level_gives_away_what_another_withholds() {
    let (engine, parents) = (city(), parents());
    let mut compared = 0;
    for zone in ZONES {
        let at = |level: &str| ask(&engine, zone, 2025, spec(Some(level), None, None), Disclosure::Aggregates);
        let [sections, divisions, groups] = ["section", "division", "group"].map(at);
        let state = |summary: &Summary| -> BTreeMap<String, (bool, i64)> {
            let of = |row: &ClusterRow| {
                let amount = &row.amounts["turnover"];
                Some((
                    row.code.clone().filter(|_| row.part.is_none())?,
                    (amount.withheld, cents(&row.amounts, "turnover")),
                ))
            };
            summary.clusters.iter().filter_map(of).collect()
        };
        for (above, below) in [(&sections, &divisions), (&divisions, &groups)] {
            for (code, (withheld, total)) in state(above) {
                let parts: Vec<&ClusterRow> = below
                    .clusters
                    .iter()
                    .filter(|row| {
                        let own = row.code.as_deref() == Some(&*code);
                        own || row.code.as_ref().is_some_and(|c| parents[c].as_deref() == Some(&*code))
                    })
                    .collect();
                let hidden: Vec<u64> = parts
                    .iter()
                    .map(|row| &row.amounts["turnover"])
                    .filter(|a| a.withheld)
                    .map(|a| a.reported)
                    .collect();
                if withheld {
                    assert!(parts.iter().all(|r| r.amounts["turnover"].sum.is_none()), "{zone} {code}");
                } else if hidden.is_empty() {
                    assert_eq!(sum(parts, "turnover"), total, "{zone} {code}");
                } else {
                    assert!(hidden.len() > 1 && hidden.iter().sum::<u64>() >= 3, "{zone} {code}: {hidden:?}");
                }
                compared += 1;
            }
        }
    }
    assert!(compared > 40, "{compared}");
}

/// An attacker takes the parts of a class off the class, whichever answers they stand in, until one firm is left; the owner's
/// sums find every one of them so.
#[test]
fn no_difference_of_levels_finds_a_firm() {
    let (engine, firms, parents) = (city(), firms(), parents());
    let mut believed = BTreeMap::new();
    for disclosure in [Disclosure::Full, Disclosure::Aggregates] {
        let (mut beliefs, mut hits) = (0, 0);
        for (zone, (metric, year)) in ZONES.into_iter().flat_map(|z| METRICS[..2].iter().map(move |m| (z, *m))) {
            let here = |f: &&Firm| zone == "city" || f.district == zone;
            let of = |question: Question| {
                let question = question.in_zone(zone).in_year(Some(year));
                engine.bind(&question, disclosure).unwrap().summarize().unwrap().totals[metric].clone()
            };
            for code in parents.keys() {
                let below = |f: &&Firm| f.code().is_some_and(|c| chain(&parents, c).contains(code));
                let whole = of(Question::register().having("industry", code.as_str()));
                // the class as its own answer and as a condition, less each choice of one part left out
                let parts: Vec<&String> = parents.keys().filter(|c| parents[*c].as_ref() == Some(code)).collect();
                for left_out in parts.iter().map(|c| Some(*c)).chain([None]) {
                    let left: Vec<&Firm> = firms
                        .iter()
                        .filter(here)
                        .filter(below)
                        .filter(|f| {
                            let inside = |part: &String| f.code().is_some_and(|c| chain(&parents, c).contains(part));
                            parts.iter().filter(|part| Some(**part) != left_out).all(|part| !inside(part))
                        })
                        .collect();
                    let [one] = left.as_slice() else { continue };
                    let Some(truth) = one.cents(metric, year) else { continue };
                    let others = parts.iter().filter(|part| Some(**part) != left_out);
                    let others: Option<f64> = others
                        .map(|part| of(Question::register().having("industry", part.as_str())))
                        .try_fold(0.0, |sum, a| if a.reported == 0 { Some(sum) } else { Some(sum + a.sum?) });
                    if let Some((whole, others)) = whole.sum.zip(others) {
                        beliefs += 1;
                        hits += usize::from(((whole - others) * 100.0 / truth as f64 - 1.0).abs() <= 0.1);
                    }
                }
            }
        }
        believed.insert(disclosure == Disclosure::Full, (beliefs, hits));
    }
    let ((found, right), (tried, hits)) = (believed[&true], believed[&false]);
    assert!(found >= 5 && right == found, "the owner finds {right} of {found}");
    assert_eq!(hits, 0, "of {tried}");
}

#[test]
fn a_condition_on_a_class_means_those_below_and_cql2_the_code_itself() {
    let (engine, firms, parents) = (city(), firms(), parents());
    for code in parents.keys() {
        let below = |f: &&Firm| f.code().is_some_and(|c| chain(&parents, c).contains(code));
        let expected = firms.iter().filter(below).count();
        let question = Question::register().having("industry", code.as_str());
        let bound = engine.bind(&question, Disclosure::Full).unwrap();
        assert_eq!(bound.count(), expected, "{code}");
        assert_eq!(bound.summarize().unwrap().counts.matched, expected as u64);
        let zones = engine.bind(&question.clone().of_kind(Some("district".into())), Disclosure::Full).unwrap();
        let zones = zones.zones().unwrap();
        assert_eq!(zones.zones.iter().map(|z| z.count).sum::<u64>(), expected as u64);
        // the question in its one spelling has the same answer
        let again = engine.bind(bound.question(), Disclosure::Full).unwrap();
        assert_eq!((again.count(), again.conditions()), (expected, bound.conditions()));
        let exact = firms.iter().filter(|f| f.code() == Some(code)).count();
        let equal = Question::register().filtered(parse_text(&format!("industry = '{code}'")).unwrap());
        assert_eq!(engine.bind(&equal, Disclosure::Full).unwrap().count(), exact, "{code}");
        // of a list, that some of it is the class or below
        let further = |f: &&Firm| {
            let codes = f.properties["industry_2"].as_array();
            codes.is_some_and(|all| all.iter().any(|c| chain(&parents, c.as_str().unwrap()).contains(code)))
        };
        let question = Question::register().having("industry_2", code.as_str());
        let found = engine.bind(&question, Disclosure::Full).unwrap().count();
        assert_eq!(found, firms.iter().filter(further).count(), "{code}");
    }
    // names and spellings of any level
    let count =
        |word: &str| engine.bind(&Question::register().having("industry", word), Disclosure::Full).unwrap().count();
    for (word, code) in
        [("制造业", "C"), ("C 39", "C39"), ("39", "C39"), ("c391", "C391"), ("Software development", "I651")]
    {
        assert_eq!(count(word), count(code), "{word}");
    }
    assert!(engine.bind(&Question::register().having("industry", "3"), Disclosure::Full).is_err());
}

#[test]
fn a_version_reads_the_same_firms_and_divides_none() {
    let (engine, firms, parents) = (city(), firms(), parents());
    let pairs: Vec<(String, String)> = file("industries-fields.json")["pairs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| (p["from"].as_str().unwrap().into(), p["to"].as_str().unwrap().into()))
        .collect();
    // a firm's own field, else what its code is, else what all codes below it are; several are none
    let field = |firm: &Firm| -> Option<Result<String, ()>> {
        if let Some(own) = firm.properties["field_2021"].as_str() {
            return Some(Ok(own.to_owned()));
        }
        let code = firm.code()?;
        let of = |code: &String| -> Vec<&String> {
            pairs.iter().filter(|(from, _)| from == code).map(|(_, to)| to).collect()
        };
        let nearest = chain(&parents, code).into_iter().rev().find(|c| !of(c).is_empty());
        let mut targets: Vec<&String> = match &nearest {
            Some(nearest) => of(nearest),
            None => parents.keys().filter(|c| chain(&parents, c).iter().any(|c| c == code)).flat_map(of).collect(),
        };
        targets.sort();
        targets.dedup();
        match targets.as_slice() {
            [] => None,
            [one] => Some(Ok((*one).clone())),
            _ => Some(Err(())),
        }
    };
    let mut ambiguous = 0;
    for (zone, (metric, year)) in ZONES.into_iter().flat_map(|zone| METRICS.map(|metric| (zone, metric))) {
        let summary = ask(&engine, zone, year, spec(None, None, Some("fields-2021")), Disclosure::Full);
        for row in &summary.clusters {
            let here = firms.iter().filter(|f| zone == "city" || f.district == zone);
            let expected = match (&row.code, row.part) {
                (Some(code), _) => Some(Ok(code.clone())),
                (None, Some(ClassPart::Ambiguous)) => Some(Err(())),
                _ => None,
            };
            let own: Vec<&Firm> = here.filter(|f| field(f) == expected).collect();
            assert_eq!(row.count, own.len() as u64, "{zone} {:?}", row.name);
            assert_eq!(cents(&row.amounts, metric), own.iter().filter_map(|f| f.cents(metric, year)).sum::<i64>());
            ambiguous += usize::from(row.part == Some(ClassPart::Ambiguous) && row.count > 0);
        }
        assert_eq!(sum(&summary.clusters, metric), cents(&summary.totals, metric));
        let version = summary.classes.unwrap().version.unwrap();
        assert_eq!((version.id.as_str(), version.split.len()), ("fields-2021", 1));
        assert_eq!((version.split[0].code.as_str(), version.split[0].to[0].share), ("C398", Some(0.7)));
        assert!(summary.notes.iter().any(|n| n.code == "class-version"));
        assert!(summary.notes.iter().any(|n| n.code == "class-split" && n.en.contains("70 %")));
    }
    assert!(ambiguous > 5, "{ambiguous}");
}

#[test]
fn secondary_classes_count_once_in_a_class_above() {
    let (engine, firms, parents) = (city(), firms(), parents());
    let question = Question::register().with_secondary(true).by_classes(spec(Some("1"), None, None));
    let summary = engine.bind(&question, Disclosure::Full).unwrap().summarize().unwrap();
    for row in summary.clusters.iter().filter(|row| row.code.is_some()) {
        let within = |code: &str| Some(&chain(&parents, code)[0]) == row.code.as_ref();
        let counts = |f: &&Firm| {
            let others = f.properties["industry_2"].as_array().into_iter().flatten();
            f.code().is_some_and(within) || others.into_iter().any(|c| within(c.as_str().unwrap()))
        };
        assert_eq!(row.count, firms.iter().filter(counts).count() as u64, "{:?}", row.code);
    }
    let below = question.by_classes(spec(None, Some("C"), None));
    assert!(engine.bind(&below, Disclosure::Full).unwrap().summarize().unwrap().classes.unwrap().parent.is_none());
}

#[test]
fn readings_are_spelt_alike_and_wrong_ones_are_refused() {
    let engine = city();
    let bind = |classes: ClassSpec| engine.bind(&Question::register().by_classes(classes), Disclosure::Full);
    let spelt = |classes| bind(classes).unwrap().question().to_url_query();
    assert_eq!(spelt(spec(Some("1"), None, None)), spelt(spec(None, None, None)));
    assert_eq!(spelt(spec(Some("2"), None, None)), spelt(spec(Some("division"), None, None)));
    assert!(spelt(spec(Some("2"), None, None)).contains("class_level=division"));
    assert!(spelt(spec(None, Some("制造业"), None)).contains("class_parent=C"));
    assert_eq!(spelt(spec(Some("division"), Some("C"), None)), spelt(spec(None, Some("C"), None)));
    for wrong in [
        spec(Some("4"), None, None),
        spec(Some("0"), None, None),
        spec(Some("top"), None, None),
        spec(None, Some("Z"), None),
        spec(Some("section"), Some("C"), None),
        spec(None, None, Some("1999")),
    ] {
        let fault = bind(wrong.clone()).unwrap_err().to_string();
        assert!(fault.starts_with("class_"), "{wrong:?}: {fault}");
    }
    // a level below a class may skip one
    let summary = bind(spec(Some("group"), Some("C"), None)).unwrap().summarize().unwrap();
    assert!(summary.clusters.iter().any(|row| row.code.as_deref() == Some("C391")));
    assert!(summary.clusters.iter().any(|row| row.code.as_deref() == Some("C39") && row.part.is_some()));
}

#[tokio::test]
async fn readings_reach_every_answer() {
    let service = Service::open(FOLDER, Disclosure::Full);
    let answer = service.get("/dataset").await.json();
    assert_eq!(answer["class_levels"].as_array().unwrap().len(), 3);
    assert_eq!(answer["class_level"], "section");
    assert_eq!(answer["class_versions"][0]["id"], "fields-2021");
    assert!(answer["clusters"].as_array().unwrap().iter().all(|c| c["color"].as_str().unwrap().len() == 7));
    let zones = service.get("/zones?kind=district&class_parent=C39").await.json();
    assert!(zones["city"]["clusters"].as_array().unwrap().iter().any(|c| c["code"] == "C391"));
    let wrong = service.get("/summary?class_level=9").await;
    assert_eq!(wrong.status.as_u16(), 400);
    assert!(wrong.json()["detail"].as_str().unwrap().contains("class_level"), "{}", wrong.json());
    for query in ["class_level=division", "class_parent=C39", "class_version=fields-2021"] {
        let map = service.get(&format!("/map?{query}&f=svg&legend=true&lang=en")).await;
        assert_eq!(map.status.as_u16(), 200, "{query}");
        let report = service.get(&format!("/report/D1?{query}&format=html&lang=en")).await;
        assert_eq!(report.status.as_u16(), 200, "{query}");
        let text = String::from_utf8_lossy(&report.body).into_owned();
        let said = match query {
            "class_version=fields-2021" => "Digital services",
            "class_parent=C39" => "Computers",
            _ => "Batteries",
        };
        assert_eq!(text.contains(said), query != "class_level=division", "{query}");
    }
    // marks of tiles have the class at the level
    let tile = |query: &str| format!("/xyz/firms/8/136/95.mvt?cells=8{query}");
    let [top, groups] = [service.get(&tile("")).await, service.get(&tile("&class_level=group")).await];
    let clusters = |body: &[u8]| -> Vec<String> {
        let layers = common::decode(body);
        let all = layers.values().filter_map(Value::as_array).flatten();
        all.filter_map(|f| f["properties"]["cluster"].as_str().map(str::to_owned)).collect()
    };
    let (top, groups) = (clusters(&top.body), clusters(&groups.body));
    assert!(!top.is_empty() && top.iter().all(|code| code.len() == 1), "{top:?}");
    assert!(groups.iter().any(|code| code.len() == 4), "{groups:?}");
    let posted = json!({"zone": "D1", "class_parent": "C", "year": 2025}).to_string();
    let posted = service.post("/summary", "application/json", posted).await.json();
    assert_eq!(posted["classes"]["path"][0]["code"], "C");
}

#[test]
fn faults_of_levels_and_versions_are_findings() {
    let found = |change: &dyn Fn(&mut Value), name: &str| -> Vec<String> {
        let folder = tempdir().unwrap();
        common::copy_dataset(FOLDER, folder.path());
        let path = folder.path().join(name);
        let mut document: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        change(&mut document);
        std::fs::write(&path, document.to_string()).unwrap();
        let (_, report) = load(&Source::Folder(folder.path().into()), &Limits::default());
        report.findings.iter().map(|f| f.code.to_owned()).collect()
    };
    let list = "industries.json";
    // the version has nothing for one section, which is said
    assert_eq!(found(&|_| {}, list), ["unmapped-code"]);
    let has = |codes: &[String], code: &str| assert!(codes.iter().any(|c| c == code), "{code}: {codes:?}");
    has(&found(&|d| d["entries"][2]["parent"] = json!("C99"), list), "unknown-parent");
    has(&found(&|d| d["entries"][1]["parent"] = json!("C35"), list), "circular-parents");
    has(&found(&|d| d["levels"] = json!([{"id": "1", "title": {"zh": "", "en": ""}}]), list), "bad-level");
    has(&found(&|d| d["versions"][0]["codelist"] = json!("none"), list), "unknown-codelist");
    has(&found(&|d| d["versions"][0]["property"] = json!("nome_x"), list), "version-property");
    has(&found(&|d| d["pairs"][0]["from"] = json!("C99"), "industries-fields.json"), "unknown-code");
    has(&found(&|d| d["pairs"][4]["share"] = json!(0.9), "industries-fields.json"), "bad-pair");
    has(&found(&|d| d["pairs"] = json!([{"from": "C", "to": "machines"}]), "industries-fields.json"), "unmapped-code");
    has(&found(&|d| d["collections"][1]["register"]["class_level"] = json!("ninth"), "dataset.json"), "bad-level");
    // two that stand in one line may share a name, others may not
    let named = |of: usize| move |d: &mut Value| d["entries"][of]["name"]["zh"] = json!("制造业");
    assert_eq!(found(&named(9), list), ["unmapped-code"]);
    has(&found(&named(14), list), "ambiguous-alias");
}

#[test]
fn a_table_may_name_classes_of_any_level_in_any_spelling() {
    let (dataset, _) = load(&Source::Folder(FOLDER.into()), &Limits::default());
    let dataset = dataset.unwrap();
    let said = [
        ("C391", "C391"),
        ("C 39", "C39"),
        ("39", "C39"),
        ("c38", "C38"),
        ("制造业", "C"),
        ("软件开发", "I651"),
        ("Batteries", "C384"),
        ("M", "M"),
    ];
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(["企业名称", "城区", "行业代码"]).unwrap();
    for (n, (word, _)) in said.iter().enumerate() {
        out.write_record([&format!("Nuova {n}"), "D1", *word]).unwrap();
    }
    out.write_record(["Nuova x", "D1", "C99"]).unwrap();
    let bytes = out.into_inner().unwrap();
    let table =
        read(Cursor::new(&bytes), &dataset, None, &sheet::Limits::default()).unwrap_or_else(|e| panic!("{e:?}"));
    let ground = Ground::of(&dataset);
    let options = Options { file: "t".to_owned(), ..Options::default() };
    let import = Import::prepare(&table, &dataset, &ground, options).unwrap_or_else(|e| panic!("{e:?}"));
    let mut written = Vec::new();
    import.check();
    import.write(&mut written).unwrap();
    let register: Value = serde_json::from_slice(&written).unwrap();
    let code = |name: &str| {
        let found = register["features"].as_array().unwrap().iter().find(|f| f["properties"]["nome"] == name);
        found.map(|f| f["properties"]["industry"].clone())
    };
    for (n, (word, expected)) in said.into_iter().enumerate() {
        assert_eq!(code(&format!("Nuova {n}")), Some(json!(expected)), "{word}");
    }
    assert_eq!(code("Nuova x"), Some(Value::Null), "C99 is no class");
}

/// The growth of a class is that of its rows: a filter by the class means those below it, too.
#[tokio::test]
async fn growth_of_a_class_is_that_of_its_rows() {
    let mut told = 0;
    for disclosure in [Disclosure::Full, Disclosure::Aggregates] {
        let service = Service::open(FOLDER, disclosure);
        for reading in ["", "&class_level=division", "&class_level=group", "&class_parent=C", "&class_parent=C39"] {
            let all = service.json(&format!("/summary?year=2025&growth=true{reading}")).await;
            // the class whose parts are in question stands above them
            let above = &all["classes"]["parent"];
            assert_eq!(above.is_object(), reading.contains("class_parent"), "{reading}");
            let rows = all["clusters"].as_array().unwrap().iter().chain(above.is_object().then_some(above));
            for row in rows.filter(|row| row["code"].is_string()) {
                // what is not further classified stands beside the classes below
                if !row["part"].is_null() {
                    continue;
                }
                let code = row["code"].as_str().unwrap();
                let one = service.json(&format!("/summary?year=2025&growth=true&industry={code}")).await;
                let (of_row, alone) = (&row["amounts"]["turnover"]["growth"], &one["totals"]["turnover"]["growth"]);
                assert_eq!(of_row["both"], alone["both"], "{reading} {code}");
                assert_eq!(of_row["reported"], alone["reported"], "{reading} {code}");
                // conditions may withhold more than classes do
                if disclosure == Disclosure::Full || (of_row["withheld"] == false && alone["withheld"] == false) {
                    assert_eq!(of_row["rate"], alone["rate"], "{reading} {code}");
                    told += usize::from(of_row["rate"].is_number());
                }
            }
        }
    }
    assert!(told > 40, "{told}");
}
