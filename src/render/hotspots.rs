//! Dense areas, hexagons, densities and distances as CSV: a line for each feature or distance, then how they were made and when not to believe them.

use crate::core::cancel;
use crate::core::formula;
use crate::core::model::{Lang, Text};
use crate::core::query::{ClassDistances, DensitySurface, DistanceCurve, HotAreas, HotHexagons, HotspotHead, ZonePart};
use crate::render::csv;

/// A table in the making.
struct Lines {
    lang: Lang,
    rows: Vec<Vec<String>>,
}

impl Lines {
    fn new(lang: Lang, heads: &[&str]) -> Self {
        Self { lang, rows: vec![heads.iter().map(|head| (*head).to_owned()).collect()] }
    }

    fn finish(mut self, head: &HotspotHead) -> Result<Vec<u8>, ::csv::Error> {
        let say = |text: &Text| formula::escape(text.get(self.lang)).into_owned();
        self.rows.push(vec![]);
        let mut line = |name: &str, value: String| self.rows.push(vec![name.to_owned(), value]);
        line("revision", head.revision.clone());
        line("period", head.period.map_or_else(String::new, |p| p.to_string()));
        line("area", say(&head.area));
        line("rows", head.rows.to_string());
        line("located", head.located.to_string());
        line("withheld", head.withheld.to_string());
        for parameter in &head.parameters {
            let derived = parameter.derived.as_ref().map(|d| format!(" ({})", d.get(self.lang))).unwrap_or_default();
            line(parameter.id, format!("{} {}{derived}", parameter.value, parameter.unit.get(self.lang)));
        }
        line("method", say(&head.method));
        if head.sample {
            line("sample", self.lang.pick("示例数据", "sample data").to_owned());
        }
        for note in &head.notes {
            line(&note.code, formula::escape(self.lang.pick(&note.zh, &note.en)).into_owned());
        }
        let mut writer = csv::writer();
        for row in &self.rows {
            writer.write_record(row)?;
        }
        csv::finish(writer)
    }
}

fn maybe<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(String::new, |v| v.to_string())
}

fn parts(lang: Lang, all: &[ZonePart]) -> String {
    let one = |p: &ZonePart| format!("{} {}", lang.pick(&p.zone.name, &p.zone.name_en), p.count);
    formula::escape(&all.iter().map(one).collect::<Vec<_>>().join("; ")).into_owned()
}

/// Dense areas, and the planned ones beside them.
pub fn areas_csv(found: &HotAreas, lang: Lang) -> Result<Vec<u8>, ::csv::Error> {
    let heads = [
        "kind",
        "rank",
        "id",
        "name",
        "count",
        "core",
        "addresses",
        "area_km2",
        "density_per_km2",
        "class",
        "class_count",
        "class_lq",
        "planned",
        "missed",
        "zones",
        "planned_areas",
        "empty_km2",
    ];
    let mut lines = Lines::new(lang, &heads);
    for feature in &found.features {
        let a = &feature.properties;
        let lead = a.lead.as_ref();
        lines.rows.push(vec![
            "dense".to_owned(),
            maybe(a.rank),
            feature.id.clone(),
            formula::escape(a.name.get(lang)).into_owned(),
            maybe(a.count),
            maybe(a.core),
            maybe(a.places),
            maybe(a.area_km2),
            maybe(a.density),
            lead.map_or_else(String::new, |l| formula::escape(l.name.get(lang)).into_owned()),
            maybe(lead.map(|l| l.count)),
            maybe(lead.and_then(|l| l.lq)),
            maybe(a.planned),
            maybe(a.missed),
            parts(lang, &a.zones),
            parts(lang, &a.in_planned),
            String::new(),
        ]);
    }
    for p in &found.planned {
        let mut row = vec![String::new(); heads.len()];
        "planned".clone_into(&mut row[0]);
        row[2].clone_from(&p.zone.id);
        row[3] = formula::escape(lang.pick(&p.zone.name, &p.zone.name_en)).into_owned();
        (row[4], row[5], row[7], row[16]) = (maybe(p.count), maybe(p.dense), maybe(p.area_km2), maybe(p.empty_km2));
        lines.rows.push(row);
    }
    lines.finish(&found.head)
}

/// Hexagons.
pub fn hexagons_csv(found: &HotHexagons, lang: Lang) -> Result<Vec<u8>, ::csv::Error> {
    let heads =
        ["h3", "heat", "count", "density_per_km2", "neighbours", "around", "upper", "lower", "p", "q", "local_moran"];
    let mut lines = Lines::new(lang, &heads);
    for feature in &found.features {
        cancel::check();
        let h = &feature.properties;
        let heat = serde_json::to_value(h.heat).ok().and_then(|v| v.as_str().map(str::to_owned));
        lines.rows.push(vec![
            feature.id.clone(),
            heat.unwrap_or_default(),
            maybe(h.count),
            maybe(h.density),
            maybe(h.neighbours),
            maybe(h.around),
            maybe(h.upper),
            maybe(h.lower),
            maybe(h.p),
            maybe(h.q),
            h.quadrant.unwrap_or_default().to_owned(),
        ]);
    }
    lines.finish(&found.head)
}

/// Bands of a density, and its peaks.
pub fn density_csv(found: &DensitySurface, lang: Lang) -> Result<Vec<u8>, ::csv::Error> {
    let heads = ["kind", "id", "from_per_km2", "to_per_km2", "area_km2", "count", "longitude", "latitude", "zone"];
    let mut lines = Lines::new(lang, &heads);
    for feature in &found.features {
        let b = &feature.properties;
        let empty = String::new;
        lines.rows.push(vec![
            "band".to_owned(),
            feature.id.clone(),
            b.from.to_string(),
            maybe(b.to),
            b.area_km2.to_string(),
            maybe(b.count),
            empty(),
            empty(),
            empty(),
        ]);
    }
    for (place, peak) in (1..).zip(&found.peaks) {
        let zone = peak.zone.as_ref().map_or("", |z| lang.pick(&z.name, &z.name_en));
        let [longitude, latitude] = peak.position;
        lines.rows.push(vec![
            "peak".to_owned(),
            format!("peak-{place}"),
            peak.density.to_string(),
            String::new(),
            String::new(),
            String::new(),
            longitude.to_string(),
            latitude.to_string(),
            formula::escape(zone).into_owned(),
        ]);
    }
    lines.finish(&found.head)
}

/// Distances within a class: a line for each distance of each function.
pub fn distances_csv(found: &ClassDistances, lang: Lang) -> Result<Vec<u8>, ::csv::Error> {
    let mut lines = Lines::new(lang, &["function", "distance_m", "observed", "low", "high", "outside"]);
    let mut add = |name: &str, curve: &DistanceCurve| {
        for (i, (distance, observed)) in curve.distances.iter().zip(&curve.observed).enumerate() {
            let within = |ranges: &[crate::core::query::DistanceRange]| {
                ranges.iter().any(|range| (range.from..=range.to).contains(distance))
            };
            let outside = match (within(&curve.above), within(&curve.below)) {
                (true, _) => "above",
                (false, true) => "below",
                (false, false) => "",
            };
            lines.rows.push(vec![
                name.to_owned(),
                distance.to_string(),
                observed.to_string(),
                maybe(curve.low.get(i)),
                maybe(curve.high.get(i)),
                outside.to_owned(),
            ]);
        }
    };
    found.density.iter().for_each(|curve| add("k_density_per_km", curve));
    found.relative.iter().for_each(|curve| add("m", curve));
    let class = format!("{} {}", found.class, found.name.get(lang));
    lines.rows.push(vec![]);
    for (name, value) in [
        ("class", class),
        ("count", maybe(found.count)),
        ("simulations", found.simulations.to_string()),
        ("finding", found.sentence.get(lang).to_owned()),
    ] {
        lines.rows.push(vec![name.to_owned(), formula::escape(&value).into_owned()]);
    }
    lines.finish(&found.head)
}
