//! What a zone has of the collection of role `lead`: named, never counted.

use super::Material;
use super::document::{Block, Table};
use super::words::pick;
use crate::core::model::Role;

/// What a zone of the partition has of them; `None` for other areas (their positions are too coarse for those) and under conditions.
pub(super) fn blocks<'a>(m: &Material<'a>) -> Option<(&'a str, Vec<Block>)> {
    let district = m.summary.zone.id.as_deref().filter(|id| m.about.is_district(id))?;
    if !m.summary.filter.is_empty() {
        return None;
    }
    let about = m.about.by_role(Role::Lead)?;
    let leads = m.collection(&about.spec.id)?;
    let layer = &**leads.source();
    let partition = m.about.district_kind()?.collections.iter().map(|c| m.about.collections[*c].spec.id.as_str());
    let partition: Vec<&str> = partition.collect();
    let of_zone =
        about.spec.properties.iter().find(|p| p.references.as_deref().is_some_and(|r| partition.contains(&r)))?;
    let of_class = {
        let classes = m.about.class_codelist();
        about.spec.properties.iter().find(|p| p.codelist.is_some() && p.codelist.as_deref() == classes)
    };
    let rows = leads.rows().iter().map(|row| *row as usize);
    let mut rows: Vec<usize> = rows.filter(|row| layer.text(&of_zone.name, *row) == Some(district)).collect();
    rows.sort_by(|a, b| layer.id(*a).cmp(layer.id(*b)));
    if rows.is_empty() {
        return None;
    }
    let cluster = |row: usize| {
        let list = m.about.clusters()?;
        let place = layer.text(&of_class?.name, row)?;
        list.entries.iter().find(|e| e.code == place).map(|e| e.name.get(m.lang))
    };
    let said = |text: Option<&str>| text.unwrap_or("—").to_owned();
    let row = |&row: &usize| {
        let kind = layer.text("kind", row).zip(layer.spec().property("kind")).map(|(k, (_, p))| m.code(p, k));
        vec![said(Some(pick(m.lang, layer.name(row), layer.name_en(row)))), said(kind), said(cluster(row))]
    };
    let table = Table {
        caption: m.say("表 #　{}", "Table #  {}").replacen("{}", about.spec.title.get(m.lang), 1),
        heads: [("名称", "Name"), ("类别", "Kind"), ("主{class}", "{Class}")].map(|(zh, en)| m.fill(zh, en)).to_vec(),
        numeric: vec![false; 3],
        rows: rows.iter().map(row).collect(),
        total: false,
    };
    let note = m.fill(
        "按来源所载{zone}列出，不一定齐全；不属于名录，不计入任何合计。",
        "Listed by the {zone} that the source gives; perhaps not all. They are no part of the register and of no sum.",
    );
    Some((about.spec.title.get(m.lang), vec![Block::Table(table), Block::Note(note)]))
}
