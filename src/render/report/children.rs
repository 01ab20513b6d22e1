//! The sheets of the zones right below the area: one for each kind of them, with what lies in the area and in none of them.

use super::Material;
use super::cell::{Cell, Head, Sheet};
use super::clusters::pair;
use crate::core::model::ZoneKind;
use crate::core::query::{Bound, QueryError, ZoneList, ZoneRow};

/// The zones of each kind right below the area, where it is a zone that has some.
pub(super) fn of(bound: &Bound) -> Result<Vec<(usize, ZoneList)>, QueryError> {
    let (about, asked) = (bound.describe(), bound.question());
    let zone = asked.area().zone().and_then(|id| about.zone(id));
    let Some((id, own)) = zone.map(|zone| (&zone.id, &about.zone_kinds[zone.kind].id)) else { return Ok(vec![]) };
    let mut lists = Vec::new();
    for (place, kind) in about.zone_kinds.iter().enumerate().filter(|(_, k)| k.parent.as_ref() == Some(own)) {
        let question = asked.clone().of_kind(Some(kind.id.clone())).of_parent(Some(id.clone()));
        let list = bound.ask(&question)?.zones()?;
        if !list.zones.is_empty() {
            lists.push((place, list));
        }
    }
    Ok(lists)
}

/// What the zones of a kind are called.
pub(super) fn title<'a>(m: &Material<'a>, kind: usize) -> &'a str {
    m.about.zone_kinds[kind].title.get(m.lang)
}

/// The name of a sheet in a workbook that has other sheets already.
fn name(m: &Material<'_>, kind: &ZoneKind) -> String {
    let safe: String =
        kind.title.get(m.lang).chars().map(|c| if r"[]:*?/\'".contains(c) { ' ' } else { c }).take(20).collect();
    m.say("下级 {}", "Below {}").replacen("{}", safe.trim(), 1)
}

/// The sheet of the zones of a kind.
pub(super) fn sheet<'a>(m: &Material<'a>, kind: usize, list: &'a ZoneList) -> Sheet<'a> {
    let mut heads = vec![
        Head::new(m.say("编号", "Id")),
        Head::wrapped(m.say("名称", "Name"), 34).briefly(m.say("名称", "Name")),
        Head::new(m.fill("{row}数({counter})", "{Rows}")).briefly(m.fill("{row}数", "{Rows}")),
    ];
    for metric in m.metrics() {
        let title = m.dated(metric);
        let head = Head::new(m.with_unit(&title, metric.unit.get(m.lang)));
        heads.push(if metric.in_documents { head.briefly(m.short(metric)) } else { head });
        heads.push(Head::new(m.fill("缺{}({counter})", "{}: missing ({rows})").replacen("{}", &title, 1)));
    }
    let cells = |zone: &'a ZoneRow, name: &'a str| -> Vec<Cell<'a>> {
        let mut cells = vec![Cell::text(zone.id.as_str()), Cell::text(name), Cell::count(zone.count)];
        m.metrics().for_each(|metric| cells.extend(pair(metric, zone.amounts.get(&metric.id))));
        cells
    };
    let name_of = |zone: &'a ZoneRow| m.say(&zone.name, &zone.name_en);
    let rest = list.rest.iter().filter(|rest| rest.count > 0);
    let rows: Vec<Vec<Cell<'a>>> = list.zones.iter().chain(rest).map(|zone| cells(zone, name_of(zone))).collect();
    let total = list.parent.as_ref().filter(|_| list.partition).map(|parent| {
        let mut total = cells(parent, m.say("合计", "Total"));
        total[0] = Cell::Empty;
        total
    });
    let mut foot = Vec::new();
    if !list.partition {
        foot.push(
            m.say("这些区域可能互相重叠，不可相加。", "These zones may overlap, so they do not add up.").to_owned(),
        );
    }
    if rows.iter().chain(&total).flatten().any(|c| *c == Cell::Withheld) {
        foot.push(m.withheld_note());
    }
    foot.extend(m.chips());
    Sheet {
        name: name(m, &m.about.zone_kinds[kind]),
        title: None,
        heads,
        rows: Box::new(rows.into_iter()),
        total,
        foot,
        frozen: 0,
    }
}
