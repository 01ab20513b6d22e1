//! The enterprises as a GeoJSON FeatureCollection (RFC 7946) with a foreign member that says what they are.

use super::Material;
use crate::core::geometry::Crs;
use crate::core::model::Period;
use crate::core::query::FeatureWriter;
use serde_json::json;

pub(super) fn render(material: &Material<'_>) -> Vec<u8> {
    let Material { summary, selection, lang, .. } = *material;
    let zone = &summary.zone;
    let about = json!({
        "dataset": summary.dataset,
        "revision": summary.revision,
        "sample": summary.sample,
        "zone": { "id": zone.id, "name": zone.name, "name_en": zone.name_en, "kind": zone.kind, "schematic": zone.schematic },
        "year": summary.period.and_then(Period::whole_year),
        "period": summary.period,
        "filter": summary.filter,
        "source": selection.spec().source.get(lang),
        "licence": selection.spec().licence,
        "link": material.link,
        "generated_by": concat!("Shigu ", env!("CARGO_PKG_VERSION")),
    });
    let mut out = br#"{"type":"FeatureCollection","shigu":"#.to_vec();
    out.extend_from_slice(about.to_string().as_bytes());
    out.extend_from_slice(br#","features":["#);
    let writer = FeatureWriter::new(selection, Crs::Crs84);
    for (i, row) in material.rows().into_iter().enumerate() {
        out.extend_from_slice(if i == 0 { b"\n" } else { b",\n" });
        writer.write(&mut out, row);
    }
    out.extend_from_slice(b"\n]}\n");
    out
}
