//! Local Moran of zones: neighbours by a plain scan, classes as stated, and nothing that the reader is not shown.

use super::{nation, open};
use shigu::core::query::{
    Apart, Choropleth, ClassedZones, Disclosure, Embedded, Engine, Question, ZoneRow, choropleth,
};

fn zones(engine: &Embedded, kind: &str, disclosure: Disclosure) -> Vec<ZoneRow> {
    let question = Question::register().of_kind(Some(kind.into()));
    engine.bind(&question, disclosure).unwrap().zones().unwrap().zones
}

fn classed(engine: &Embedded, kind: &str, asked: &str, disclosure: Disclosure) -> ClassedZones {
    let question = Question::register().of_kind(Some(kind.into()));
    let asked: Choropleth = asked.parse().unwrap();
    choropleth(&engine.bind(&question, disclosure).unwrap(), &asked).unwrap()
}

/// Great-circle distance by the haversine formula; the globe's radius is of no matter.
fn apart([a, b]: [f64; 2], [c, d]: [f64; 2]) -> f64 {
    let (low, high, turn) = (b.to_radians(), d.to_radians(), (c - a).to_radians());
    let h = ((high - low) / 2.0).sin().powi(2) + low.cos() * high.cos() * (turn / 2.0).sin().powi(2);
    h.sqrt().asin()
}

#[test]
fn neighbours_and_classes_are_those_of_a_plain_scan() {
    let (mut hidden, mut significant) = (0, 0);
    // enough rows for a pattern, few enough for zones whose sums are withheld
    for (rows, disclosure) in [(6000, Disclosure::Full), (900, Disclosure::Aggregates)] {
        let folder = tempfile::tempdir().unwrap();
        nation::write(folder.path(), &nation::Size { provinces: 9, cities: 6, counties: 3, rows });
        let engine = open(folder.path());
        for (kind, asked) in [("city", "by:output"), ("city", "as:density"), ("county", "by:output"), ("county", "")] {
            let with = |cut: &str| [asked, cut].iter().filter(|p| !p.is_empty()).copied().collect::<Vec<_>>().join(",");
            let found = classed(&engine, kind, &with("cut:moran"), disclosure);
            let usual = classed(&engine, kind, asked, disclosure);
            let rows = zones(&engine, kind, disclosure);
            assert_eq!(found.classes.iter().map(|c| c.count).sum::<u64>() as usize, {
                found.zones.iter().filter(|z| z.class.is_some()).count()
            });
            let known: Vec<usize> = (0..rows.len()).filter(|i| found.zones[*i].moran.is_some()).collect();
            assert!(known.len() >= 30 && found.notes.len() >= 2);
            for (i, (zone, plain)) in found.zones.iter().zip(&usual.zones).enumerate() {
                // what is shown is what every other cut shows
                assert_eq!((&zone.id, zone.value), (&plain.id, plain.value));
                let Some(moran) = zone.moran else {
                    assert_eq!((zone.class, zone.apart), (None, plain.apart));
                    hidden += usize::from(zone.apart == Some(Apart::Withheld));
                    continue;
                };
                assert!(plain.apart.is_none_or(|apart| apart == Apart::Zero) && zone.apart.is_none());
                let own = rows[i].label_point.unwrap();
                let mut others: Vec<usize> = known.iter().copied().filter(|j| *j != i).collect();
                let distance = |j: &usize| apart(own, rows[*j].label_point.unwrap());
                others.sort_by(|a, b| distance(a).total_cmp(&distance(b)));
                // of neighbours as far as the last one any may be chosen
                let tied = (distance(&others[8]) / distance(&others[7]) - 1.0).abs() < 1e-9;
                let value = |j: &usize| found.zones[*j].value.unwrap();
                let around = others[..8].iter().map(value).sum::<f64>() / 8.0;
                assert!(tied || (moran.around - around).abs() <= 1e-9 * around.abs());
                let mean = known.iter().map(value).sum::<f64>() / known.len() as f64;
                let expected = match (zone.value.unwrap() > mean, moran.around > mean) {
                    _ if moran.q > 0.05 => 2,
                    (false, false) => 0,
                    (false, true) => 1,
                    (true, false) => 3,
                    (true, true) => 4,
                };
                assert_eq!(zone.class, Some(expected), "{}", zone.id);
                assert!(moran.p <= moran.q && moran.q <= 1.0 && moran.p > 0.0);
                significant += usize::from(expected != 2);
            }
        }
    }
    assert!(hidden > 0 && significant > 0, "{hidden} {significant}");
}

#[test]
fn too_few_zones_are_refused_in_both_languages() {
    let folder = tempfile::tempdir().unwrap();
    nation::write(folder.path(), &nation::Size { provinces: 7, cities: 4, counties: 0, rows: 600 });
    let engine = open(folder.path());
    let question = Question::register().of_kind(Some("province".into()));
    let bound = engine.bind(&question, Disclosure::Full).unwrap();
    let refused = choropleth(&bound, &"cut:moran".parse().unwrap()).unwrap_err().to_string();
    assert!(refused.contains('7'), "{refused}");
}
