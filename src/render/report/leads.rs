//! Known enterprises and institutes of a district, from public sources: named, never counted.

use super::Material;
use super::document::{Block, Table};
use super::words::pick;
use crate::core::model::Role;

/// What a district has of them; `None` for other areas (their positions are too coarse for those) and under conditions.
pub(super) fn blocks(m: &Material<'_>) -> Option<Vec<Block>> {
    let district = m.summary.zone.id.as_deref().filter(|id| m.about.is_district(id))?;
    if !m.summary.filter.is_empty() {
        return None;
    }
    let leads = m.collection(&m.about.by_role(Role::Lead)?.spec.id)?;
    let layer = &**leads.source();
    let rows = leads.rows().iter().map(|row| *row as usize);
    let mut rows: Vec<usize> = rows.filter(|row| layer.text("district", *row) == Some(district)).collect();
    rows.sort_by(|a, b| layer.id(*a).cmp(layer.id(*b)));
    if rows.is_empty() {
        return None;
    }
    let cluster = |row: usize| {
        let list = m.about.clusters()?;
        let place = layer.text("cluster", row)?;
        list.entries.iter().find(|e| e.code == place).map(|e| e.name.get(m.lang))
    };
    let said = |text: Option<&str>| text.unwrap_or("—").to_owned();
    let row = |&row: &usize| {
        let kind = layer.text("kind", row).zip(layer.spec().property("kind")).map(|(k, (_, p))| m.code(p, k));
        vec![said(Some(pick(m.lang, layer.name(row), layer.name_en(row)))), said(kind), said(cluster(row))]
    };
    let table = Table {
        caption: m
            .say("表 #　知名企业与机构（公开资料）", "Table #  Known enterprises and institutes (public sources)")
            .to_owned(),
        heads: [("名称", "Name"), ("类别", "Kind"), ("主集群", "Cluster")]
            .map(|(zh, en)| m.say(zh, en).to_owned())
            .to_vec(),
        numeric: vec![false; 3],
        rows: rows.iter().map(row).collect(),
        total: false,
    };
    let note = m.say(
        "为真实存在的企业和机构，按公开资料所载区县列出，不一定齐全；不属于名录，不计入任何合计。",
        "Real organisations, listed by the district that public sources give; perhaps not all. They are no part of the register and of no sum.",
    );
    Some(vec![Block::Table(table), Block::Note(note.to_owned())])
}
