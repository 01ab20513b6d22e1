//! The true engine (`make test-datafusion`, which builds it): its groups are those of a plain scan over the cities' own files, and of the
//! cities' own answers.

use super::questions::ended;
use super::{Made, World, put, text};
use oorandom::Rand32;
use serde_json::{Map, Value, json};
use shigu::service::cities::questions::EngineProgram;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Cities of months, quarters and years, of two levels, classes in levels, rows with a time; of one sort each.
const SORTS: [&str; 7] = ["quayside", "orchards", "twolevel", "fourfold", "sectors", "dated", "threetables"];
/// Random questions.
const QUESTIONS: usize = 400;

fn made() -> Made {
    let path =
        std::env::var("SHIGU_DATAFUSION").expect("SHIGU_DATAFUSION names the engine: make test-datafusion builds it");
    assert!(Path::new(&path).is_file(), "there is no engine at {path}: make datafusion");
    Made { engine: Some(Arc::new(EngineProgram::at(path))), ..Made::of_owner() }
}

fn data(of: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(of)
}

fn read(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

async fn loaded(world: &World, cities: &[&str]) {
    for city in cities {
        assert_eq!(world.get(&format!("/cities/{city}/conformance")).await.status, 200);
    }
}

async fn asked(world: &World, body: &Value) -> Value {
    let taken = world.send("POST", "/cities/questions", "", body).await;
    assert_eq!(taken.status, 202, "{body}: {}", taken.json());
    let done = ended(&world.service, &taken).await;
    assert_eq!(done["state"], "done", "{body}: {done}");
    assert_eq!(done["progress"]["rows"], done["progress"]["of"]);
    done["result"].clone()
}

/// Rows of a file, each as its members.
type Scanned = BTreeMap<&'static str, Vec<Map<String, Value>>>;

fn scanned(file: &Path) -> Vec<Map<String, Value>> {
    let features = read(file);
    features["features"].as_array().unwrap().iter().map(|f| f["properties"].as_object().unwrap().clone()).collect()
}

/// A condition, with what a plain scan makes of it.
enum Condition {
    Compare(&'static str, &'static str, Value),
    Between(&'static str, Value, Value),
    In(&'static str, Vec<Value>),
    Null(&'static str),
    Both(Box<Condition>, Box<Condition>),
    Either(Box<Condition>, Box<Condition>),
    Not(Box<Condition>),
}

fn order(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Null, _) | (_, Value::Null) => None,
        (Value::String(a), Value::String(b)) => Some(a.chars().cmp(b.chars())),
        _ => a.as_f64()?.partial_cmp(&b.as_f64()?),
    }
}

impl Condition {
    fn random(random: &mut Rand32, rows: &[Map<String, Value>], depth: u32) -> Self {
        const NAMES: [&str; 6] = ["label", "parish", "trade", "hands_2024q3", "sales_2024q3", "land_2023"];
        const OPS: [&str; 6] = ["=", "<>", "<", "<=", ">", ">="];
        let below = |random: &mut Rand32| Box::new(Self::random(random, rows, depth - 1));
        let mut pick = random.rand_range(0..if depth == 0 { 5 } else { 9 });
        let name = NAMES[random.rand_range(0..6) as usize];
        let values: Vec<&Value> = rows.iter().map(|row| &row[name]).filter(|value| !value.is_null()).collect();
        let value = |random: &mut Rand32| {
            let value = values[random.rand_range(0..values.len() as u32) as usize].clone();
            // beside a value as often as at it, with decimals where the property has none
            match value.as_f64().filter(|_| random.rand_range(0..3) == 0) {
                Some(number) => json!(number + 0.5),
                None => value,
            }
        };
        // codes have no order
        if name == "trade" && pick < 2 {
            pick = 3;
        }
        match pick {
            0 | 1 => Self::Compare(name, OPS[random.rand_range(0..6) as usize], value(random)),
            2 if name != "trade" => Self::Between(name, value(random), value(random)),
            2 | 3 => Self::In(name, (0..=random.rand_range(0..4)).map(|_| value(random)).collect()),
            4 => Self::Null(name),
            5 | 6 => Self::Both(below(random), below(random)),
            7 => Self::Either(below(random), below(random)),
            _ => Self::Not(below(random)),
        }
    }

    fn text(&self) -> String {
        let literal = |value: &Value| match value {
            Value::String(text) => format!("'{}'", text.replace('\'', "''")),
            other => other.to_string(),
        };
        match self {
            Self::Compare(name, op, value) => format!("{name} {op} {}", literal(value)),
            Self::Between(name, low, high) => format!("{name} BETWEEN {} AND {}", literal(low), literal(high)),
            Self::In(name, all) => format!("{name} IN ({})", all.iter().map(literal).collect::<Vec<_>>().join(", ")),
            Self::Null(name) => format!("{name} IS NULL"),
            Self::Both(a, b) => format!("({}) AND ({})", a.text(), b.text()),
            Self::Either(a, b) => format!("({}) OR ({})", a.text(), b.text()),
            Self::Not(a) => format!("NOT ({})", a.text()),
        }
    }

    fn holds(&self, row: &Map<String, Value>) -> Option<bool> {
        match self {
            Self::Compare(name, op, value) => order(&row[*name], value).map(|order| match *op {
                "=" => order.is_eq(),
                "<>" => order.is_ne(),
                "<" => order.is_lt(),
                "<=" => order.is_le(),
                ">" => order.is_gt(),
                _ => order.is_ge(),
            }),
            Self::Between(name, low, high) => {
                Some(order(&row[*name], low)?.is_ge() && order(&row[*name], high)?.is_le())
            }
            Self::In(name, all) => {
                if row[*name].is_null() {
                    None
                } else {
                    Some(all.iter().any(|one| order(&row[*name], one) == Some(Ordering::Equal)))
                }
            }
            Self::Null(name) => Some(row[*name].is_null()),
            Self::Both(a, b) => match (a.holds(row), b.holds(row)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            },
            Self::Either(a, b) => match (a.holds(row), b.holds(row)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            },
            Self::Not(a) => a.holds(row).map(|holds| !holds),
        }
    }
}

/// What is worked out of values in hundredths (Hyndman-Fan type 7), in ten-thousandths.
fn worked(statistic: &str, mut values: Vec<i64>) -> Option<i64> {
    values.sort_unstable();
    let last = values.len().checked_sub(1)?;
    let quarters = match statistic {
        "sum" => return Some(values.iter().sum::<i64>() * 100),
        "q1" => 1,
        "median" => 2,
        _ => 3,
    };
    // the place in quarters: between two neighbours
    let place = last * quarters;
    let (low, high) = (values[place / 4], values[(place / 4 + 1).min(last)]);
    Some(low * 100 + (high - low) * 25 * (place % 4) as i64)
}

/// Groups of a scan: city, class, rows, figures as values and ten-thousandths.
type Group = (Option<String>, Option<String>, u64, Vec<(u64, Option<i64>)>);

/// City and class of a group.
type Key = (Option<String>, Option<String>);

fn hundredths(value: &Value) -> Option<i64> {
    value.as_f64().map(|value| (value * 100.0).round() as i64)
}

fn ten_thousandths(value: &Value) -> Option<i64> {
    value.as_f64().map(|value| (value * 10_000.0).round() as i64)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the engine: make test-datafusion"]
async fn groups_are_those_of_a_plain_scan() {
    let world = World::new(&[("east", "orchards"), ("port", "quayside")], made());
    put(world.folder.path(), "west", "orchards");
    let mut random = Rand32::new(20);
    // another city of the same sort: figures of its own, some of them missing
    let west = world.folder.path().join("west/orchards.geojson");
    let mut changed = read(&west);
    for feature in changed["features"].as_array_mut().unwrap() {
        for name in ["hands_2024q3", "sales_2024q3", "land_2023"] {
            let old = &mut feature["properties"][name];
            if random.rand_range(0..4) == 0 {
                *old = Value::Null;
            } else if let Some(value) = old.as_f64() {
                let value = (value * f64::from(random.rand_range(1..40))).round();
                *old = if name == "hands_2024q3" { json!(value as i64) } else { json!(value / 10.0) };
            }
        }
    }
    fs::write(&west, changed.to_string()).unwrap();
    world.app.cities().rescan().unwrap();
    loaded(&world, &["east", "west", "port"]).await;
    let rows: Scanned =
        [("east", data("orchards/orchards.geojson")), ("west", west)].map(|(id, file)| (id, scanned(&file))).into();
    let columns = BTreeMap::from([("sales", "sales_2024q3"), ("hands", "hands_2024q3"), ("land", "land_2023")]);
    let mut filled = 0;
    for _ in 0..QUESTIONS {
        let condition = Condition::random(&mut random, &rows["west"], 3);
        let flips: [bool; 4] = std::array::from_fn(|_| random.rand_range(0..2) == 0);
        let figures: Vec<(&str, &str)> = (0..random.rand_range(0..4))
            .map(|_| {
                let metric = ["sales", "hands", "land"][random.rand_range(0..3) as usize];
                (metric, ["sum", "q1", "median", "q3"][random.rand_range(0..4) as usize])
            })
            .collect();
        let by: Vec<&str> =
            [("city", flips[0]), ("class", flips[1])].into_iter().filter(|of| of.1).map(|of| of.0).collect();
        let order = (flips[2] && !figures.is_empty()).then(|| random.rand_range(0..figures.len() as u32) as usize);
        let limit = if random.rand_range(0..3) == 0 { random.rand_range(1..5) as usize } else { 1000 };
        let body = json!({"cities": ["east", "west"], "filter": condition.text(), "by": by, "limit": limit,
            "figures": figures.iter().map(|(metric, of)| json!({"metric": metric, "statistic": of})).collect::<Vec<_>>(),
            "order": {"figure": order, "ascending": flips[3]}});
        // by a plain scan
        let mut groups: BTreeMap<Key, Vec<&Map<String, Value>>> = BTreeMap::new();
        if by.is_empty() {
            groups.insert((None, None), Vec::new());
        }
        for (id, row) in rows.iter().flat_map(|(id, rows)| rows.iter().map(move |row| (id, row))) {
            if condition.holds(row) == Some(true) {
                let class = row["trade"].as_str().map(str::to_owned);
                let key = (flips[0].then(|| (*id).to_owned()), class.filter(|_| flips[1]));
                groups.entry(key).or_default().push(row);
            }
        }
        let figure = |rows: &[&Map<String, Value>], (metric, of): &(&str, &str)| {
            let values: Vec<i64> = rows.iter().filter_map(|row| hundredths(&row[columns[metric]])).collect();
            (values.len() as u64, worked(of, values))
        };
        let of = |((city, class), rows): (Key, Vec<&Map<String, Value>>)| {
            (city, class, rows.len() as u64, figures.iter().map(|f| figure(&rows, f)).collect())
        };
        let mut expected: Vec<Group> = groups.into_iter().map(of).collect();
        let value = |group: &Group| order.map_or(Some(group.2 as i64), |place| group.3[place].1);
        let last = |key: &Option<String>| (key.is_none(), key.clone());
        expected.sort_by(|a, b| {
            let (x, y) = (value(a), value(b));
            let by_value = if flips[3] { x.cmp(&y) } else { y.cmp(&x) };
            let by_value = if x.is_some() == y.is_some() { by_value } else { y.is_some().cmp(&x.is_some()) };
            by_value.then_with(|| (last(&a.0), last(&a.1)).cmp(&(last(&b.0), last(&b.1))))
        });
        let more = expected.len() > limit;
        expected.truncate(limit);
        // by the engine
        let result = asked(&world, &body).await;
        assert_eq!((&result["lacking"], &result["more"]), (&json!({}), &json!(more)), "{body}");
        let key = |value: &Value| value.as_str().map(str::to_owned);
        let of = |group: &Value| {
            let figures = group["figures"].as_array().unwrap().iter();
            let figures = figures.map(|f| (f["values"].as_u64().unwrap(), ten_thousandths(&f["value"])));
            (key(&group["city"]), key(&group["class"]["code"]), group["rows"].as_u64().unwrap(), figures.collect())
        };
        let found: Vec<Group> = result["groups"].as_array().unwrap().iter().map(of).collect();
        assert_eq!(found, expected, "{body}");
        filled += usize::from(expected.iter().any(|group| group.2 > 0));
    }
    assert!(filled > QUESTIONS / 4, "of {QUESTIONS} questions {filled} found a row");
}

/// The figures of an area: as a city gives them, and as the engine does.
fn own(area: &Value, metric: &str) -> Vec<Option<i64>> {
    let amount = &area["amounts"][metric];
    let statistics = &amount["statistics"];
    [&amount["sum"], &statistics["q1"], &statistics["median"], &statistics["q3"]].map(ten_thousandths).to_vec()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the engine: make test-datafusion"]
async fn zones_of_each_level_and_period_are_those_of_the_cities_own_answers() {
    let world = World::new(&SORTS.map(|of| (of, of)), made());
    loaded(&world, &SORTS).await;
    let mut compared = 0;
    for of in SORTS {
        let dataset = world.service.json(&format!("/cities/{of}/dataset")).await;
        let manifest = read(&data(of).join("dataset.json"));
        let is_main = |c: &&Value| c["register"].is_object() && c["register"]["main"] != json!(false);
        let tables: Vec<&Value> = manifest["collections"].as_array().unwrap().iter().filter(is_main).collect();
        let main = tables.iter().find(|c| c["register"]["main"] == json!(true)).or(tables.first()).unwrap();
        let metrics: Vec<(String, Vec<String>)> = main["register"]["metrics"]
            .as_array()
            .unwrap_or(&Vec::new())
            .iter()
            .map(|m| (text(&m["id"]), m["columns"].as_object().unwrap().keys().cloned().collect()))
            .collect();
        let mut periods: Vec<Option<String>> =
            metrics.iter().flat_map(|m| [m.1.first(), m.1.last()]).flatten().cloned().map(Some).collect();
        periods.push(None);
        periods.dedup();
        let kinds = dataset["zone_kinds"].as_array().unwrap().iter().filter(|kind| kind["partition"] == true);
        let levels: Vec<String> = kinds.map(|kind| text(&kind["id"])).collect();
        for (level, period) in levels.iter().flat_map(|level| periods.iter().map(move |period| (level, period))) {
            let query = period.as_ref().map_or_else(String::new, |period| format!("&period={period}"));
            let uri = format!("/cities/{of}/zones?kind={level}{query}&statistics=true");
            let city = world.service.json(&uri).await;
            let has = |m: &&(String, Vec<String>)| period.as_ref().is_none_or(|period| m.1.contains(period));
            let with: Vec<&String> = metrics.iter().filter(has).map(|m| &m.0).collect();
            let statistics = ["sum", "q1", "median", "q3"];
            let figures: Vec<Value> =
                with.iter().flat_map(|m| statistics.map(|s| json!({"metric": m, "statistic": s}))).collect();
            let body = json!({"cities": [of], "by": ["zone"], "level": level, "period": period, "figures": figures.get(..16).unwrap_or(&figures)});
            let result = asked(&world, &body).await;
            assert_eq!((&result["lacking"], &result["unknown"]), (&json!({}), &json!([])), "{body}");
            let groups = result["groups"].as_array().unwrap();
            let zones = city["zones"].as_array().unwrap().iter().filter(|zone| zone["count"] != 0);
            let mut known = 0;
            for zone in zones {
                let group = groups
                    .iter()
                    .find(|group| group["zone"]["id"] == zone["id"])
                    .unwrap_or_else(|| panic!("{uri}: {zone}"));
                assert_eq!((&group["rows"], &group["zone"]["name"]), (&zone["count"], &zone["name"]), "{uri}: {zone}");
                for (place, metric) in with.iter().take(4).enumerate() {
                    let figures = &group["figures"].as_array().unwrap()[place * 4..][..4];
                    let found: Vec<_> = figures.iter().map(|f| ten_thousandths(&f["value"])).collect();
                    assert_eq!(found, own(zone, metric), "{uri}: {metric} of {zone}");
                    compared += 1;
                }
                known += 1;
            }
            let rest: u64 = city["rest"].as_array().unwrap().iter().map(|zone| zone["count"].as_u64().unwrap()).sum();
            let none =
                groups.iter().find(|group| group["zone"].is_null()).map_or(0, |group| group["rows"].as_u64().unwrap());
            assert_eq!((none, groups.len()), (rest, known + usize::from(rest > 0)), "{uri}");
            // by class, over the whole
            let body = json!({"cities": [of], "by": ["class"], "period": period});
            let result = asked(&world, &body).await;
            for class in
                city["city"]["clusters"].as_array().unwrap().iter().filter(|c| !c["code"].is_null() && c["count"] != 0)
            {
                let found =
                    result["groups"].as_array().unwrap().iter().find(|group| group["class"]["code"] == class["code"]);
                assert_eq!(found.unwrap_or_else(|| panic!("{uri}: {class}"))["rows"], class["count"], "{uri}");
            }
        }
    }
    assert!(compared > 100, "{compared} figures were compared");
}

/// A sum over cities is that of the cities; it is a file, too.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the engine: make test-datafusion"]
async fn sums_over_cities_are_those_of_the_cities() {
    let world = World::new(&[("a", "orchards"), ("b", "orchards"), ("c", "orchards")], made());
    loaded(&world, &["a", "b", "c"]).await;
    let filter = "hands_2024q3 >= 5 AND trade IS NOT NULL";
    let figures = json!([{"metric": "sales", "statistic": "sum"}]);
    let all = asked(&world, &json!({"filter": filter, "figures": figures})).await;
    let encoded = filter.replace('>', "%3E").replace('=', "%3D").replace(' ', "%20");
    let own = world.service.json(&format!("/cities/a/summary?filter={encoded}")).await;
    assert_eq!(all["groups"][0]["rows"].as_u64().unwrap(), 3 * own["counts"]["matched"].as_u64().unwrap());
    let sum = hundredths(&all["groups"][0]["figures"][0]["value"]).unwrap();
    assert_eq!(sum, 3 * hundredths(&own["totals"]["sales"]["sum"]).unwrap());
    let taken = world.send("POST", "/cities/questions", "", &json!({"by": ["zone"], "figures": figures})).await;
    let done = ended(&world.service, &taken).await;
    let file = world.get(&format!("/cities/questions/{}?f=csv&lang=en", text(&done["id"]))).await;
    let lines: Vec<String> = String::from_utf8(file.body.to_vec()).unwrap().lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), 1 + done["result"]["groups"].as_array().unwrap().len());
    assert!(lines[0].contains("City id,City,Zone id,Zone,Rows,sales 2024Q3 sum (thousand pounds)"), "{}", lines[0]);
}

/// Conditions on days, and rows that come and go: in each period the rows are those of the city.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the engine: make test-datafusion"]
async fn days_and_periods_are_those_of_the_city() {
    let world = World::new(&[("dated", "dated")], made());
    loaded(&world, &["dated"]).await;
    let mut counts = std::collections::BTreeSet::new();
    for filter in [
        "oprettet >= DATE('2017-06-15')",
        "NOT (oprettet < DATE('2017-06-15'))",
        "lukket IS NULL OR lukket > DATE('2023-06-30')",
        "oprettet BETWEEN DATE('2010-01-01') AND DATE('2019-12-31') AND ansatte_2021 <> 34",
        "oprettet IN (DATE('2019-12-31'), DATE('2017-06-15'))",
        "oprettet <> lukket",
    ] {
        for period in [None, Some("2020"), Some("2021"), Some("2023")] {
            let encoded = form_urlencoded::byte_serialize(filter.as_bytes()).collect::<String>();
            let query = period.map_or_else(String::new, |period| format!("&period={period}"));
            let city = world.service.json(&format!("/cities/dated/summary?filter={encoded}{query}")).await;
            let result = asked(&world, &json!({"filter": filter, "period": period})).await;
            assert_eq!(result["groups"][0]["rows"], city["counts"]["matched"], "{filter}{query}: {result}");
            counts.insert(city["counts"]["matched"].as_u64().unwrap());
        }
    }
    assert!(counts.len() > 8, "{counts:?}");
}
