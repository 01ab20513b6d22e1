//! New, changed, moved, closed, wrong and unchanged rows, against a plain comparison of the two lists.

use super::material::{Firm, cells, check_it, csv, firms, head, with};
use geo::{Distance, Haversine, Point};
use oorandom::Rand64;
use shigu::data::intake::{Absent, Class, Counts, Options, Outcome};
use std::collections::HashSet;

/// The register after a year: some moved, some with other numbers, some gone, some new, some rows wrong.
fn next_year(chance: &mut Rand64, firms: &[Firm]) -> (Vec<Firm>, HashSet<String>) {
    let mut wrong = HashSet::new();
    let mut out = Vec::new();
    for firm in firms {
        let mut firm = firm.clone();
        match chance.rand_range(0..20) {
            0 => continue,
            1 => firm.revenue = firm.revenue.map(|r| (r * 110.0).round() / 100.0),
            2 => firm.at = firm.at.map(|(x, y)| (x + 0.01, y)),
            3 => firm.at = firm.at.map(|(x, y)| (x + 0.000_01, y)),
            4 => {
                firm.founded = Some(3);
                wrong.insert(firm.id.clone());
            }
            5 => (firm.revenue, firm.employees) = (None, None),
            _ => {}
        }
        out.push(firm);
    }
    for n in 0..40 {
        let like = &firms[n * 7];
        out.push(Firm { id: format!("N{n}"), name: format!("新企业{n}"), ..like.clone() });
    }
    (out, wrong)
}

fn expected(old: &[Firm], new: &[Firm], wrong: &HashSet<String>) -> Counts {
    let mut counts = Counts { rows: new.len(), ..Counts::default() };
    for firm in new {
        if wrong.contains(&firm.id) {
            counts.problem += 1;
            continue;
        }
        let Some(before) = old.iter().find(|o| o.id == firm.id) else {
            counts.new += 1;
            continue;
        };
        let metres = before.at.zip(firm.at).map_or(0.0, |(a, b)| Haversine.distance(Point::from(a), Point::from(b)));
        // an empty cell takes nothing away
        let revenue = firm.revenue.is_some() && firm.revenue != before.revenue;
        if metres > before.precision_m.unwrap_or(0.0) {
            counts.moved += 1;
        } else if revenue {
            counts.changed += 1;
        } else {
            counts.unchanged += 1;
        }
    }
    let ids: HashSet<&str> = new.iter().map(|f| f.id.as_str()).collect();
    counts.absent = old.iter().filter(|o| !ids.contains(o.id.as_str()) && o.district.is_some()).count();
    counts
}

#[test]
fn counts_are_those_of_a_plain_comparison() {
    let old = firms();
    let (new, wrong) = next_year(&mut Rand64::new(3), &old);
    let rows: Vec<Vec<String>> = std::iter::once(head()).chain(new.iter().map(cells)).collect();
    let bytes = csv(&rows);
    // points that are declared where the map before 2021 has them change their district; the report distinguishes those
    let outcome = with(&bytes, Options::default(), check_it);
    let mut wanted = expected(&old, &new, &wrong);
    let remapped = remapped(&outcome);
    wanted.unchanged -= remapped;
    wanted.changed += remapped;
    assert_eq!(outcome.counts, wanted);
    let c = outcome.counts;
    assert_eq!(c.rows, c.new + c.changed + c.moved + c.problem + c.unchanged);

    let mut kept = Vec::new();
    let written = with(&bytes, Options::default(), |i| i.write(&mut kept).unwrap());
    assert_eq!((written.features, written.new, written.removed), (old.len() + c.new, c.new, 0));
    let mut left = Vec::new();
    let remove = Options { absent: Absent::Remove, ..Options::default() };
    let written = with(&bytes, remove, |i| i.write(&mut left).unwrap());
    assert_eq!((written.features, written.removed), (old.len() + c.new - c.absent, c.absent));
    let read: serde_json::Value = serde_json::from_slice(&left).unwrap();
    assert_eq!(read["features"].as_array().unwrap().len(), written.features);
}

/// Rows of which only the district changes, from the map before 2021 to today's.
fn remapped(outcome: &Outcome) -> usize {
    let rows = outcome.rows.get(&Class::Changed).into_iter().flatten();
    rows.filter(|r| r.changes.iter().all(|c| c.property == "district")).count()
}

#[test]
fn the_register_itself_changes_nothing() {
    let rows: Vec<Vec<String>> = std::iter::once(head()).chain(firms().iter().map(cells)).collect();
    let outcome = with(&csv(&rows), Options::default(), check_it);
    let c = outcome.counts;
    assert_eq!((c.new, c.moved, c.problem, c.absent), (0, 0, 0, 0));
    assert_eq!(c.changed, remapped(&outcome));
    assert!(c.changed <= 10, "{c:?}");
}

#[test]
fn another_file_replaces_the_sample_as_a_whole() {
    let new: Vec<Firm> = firms()
        .into_iter()
        .take(50)
        .map(|f| Firm { id: String::new(), name: f.name.replace("示例", "某"), ..f })
        .collect();
    let rows: Vec<Vec<String>> = std::iter::once(head()).chain(new.iter().map(cells)).collect();
    with(&csv(&rows), Options::default(), |import| {
        let outcome = import.check();
        assert!(outcome.replaces_sample);
        assert_eq!((outcome.counts.new, outcome.counts.absent), (50, 0));
        let mut out = Vec::new();
        assert_eq!(import.write(&mut out).unwrap().features, 50);
        let text = include_str!("../../geodata/hangzhou/dataset.json");
        let manifest: serde_json::Value =
            serde_json::from_str(&import.manifest(text, "enterprises.geojson").unwrap()).unwrap();
        let register = manifest["collections"].as_array().unwrap().iter().find(|c| c["role"] == "register").unwrap();
        assert_eq!(register["sample"], false);
        assert_eq!(register["title"]["zh"], "企业名录");
    });
}
