//! The sheet of platforms: the platforms of the area, each with its own status, basis and source.

use super::Material;
use super::cell::{Cell, Form, Head, Sheet};
use super::clusters::pair;
use crate::core::model::{Lang, Role};
use crate::core::query::PlatformRow;
use crate::core::snapshot::RowSource;

pub(super) fn sheet<'a>(material: &Material<'a>) -> Sheet<'a> {
    let m = material;
    let mut heads = vec![
        Head::new(m.say("编号", "Id")),
        Head::wrapped(m.say("名称", "Name"), 34).briefly(m.say("名称", "Name")),
        Head::new(m.say("状态", "Status")).briefly(m.say("状态", "Status")),
        Head::wrapped(m.say("状态说明", "Note on the status"), 40).briefly(m.say("状态说明", "As of")),
        Head::new(m.say("依据", "Basis")).briefly(m.say("依据", "Basis")),
        Head::new(m.say("位置精度(米)", "Position precision (m)")),
        Head::new(m.fill("范围内{row}数({counter})", "{Rows} in its area"))
            .briefly(m.fill("范围内{row}数", "{Rows} in area")),
    ];
    for metric in m.metrics() {
        let title = m.dated(metric);
        let head = Head::new(m.with_unit(&title, metric.unit.get(m.lang)));
        heads.push(if metric.in_documents { head.briefly(m.short(metric)) } else { head });
        heads.push(Head::new(m.fill("缺{}({counter})", "{}: missing ({rows})").replacen("{}", &title, 1)));
    }
    heads.push(Head::wrapped(m.say("来源", "Source"), 60));
    let rows: Vec<Vec<Cell<'a>>> = m.platforms.iter().map(|p| cells(m, p)).collect();
    let title = m.platforms_title().unwrap_or_default();
    let mut foot = Vec::new();
    if rows.is_empty() {
        foot.push(
            m.say("本区域没有收录的{}。", "{}: the dataset has none that belong to this area.")
                .replacen("{}", title, 1),
        );
    } else {
        let text = m.say(
            "数据集没有给出范围的不计数；范围可能互相重叠，不可相加。",
            "Those whose area the dataset does not give have no counts; areas may overlap, so they do not add up.",
        );
        foot.push(text.to_owned());
        if m.about.zones.iter().any(|z| z.schematic && platforms(m).is_some_and(|l| l.find(&z.id).is_some())) {
            let text = m.say("范围为示意，不是公布的边界。", "The areas are schematic, not published boundaries.");
            foot.push(text.to_owned());
        }
    }
    if rows.iter().flatten().any(|c| *c == Cell::Withheld) {
        foot.push(m.withheld_note());
    }
    foot.extend(m.chips());
    Sheet {
        name: m.sheet_names()[1].clone(),
        title: None,
        heads,
        rows: Box::new(rows.into_iter()),
        total: None,
        foot,
        frozen: 0,
    }
}

/// The rows of the platforms.
fn platforms<'a>(m: &Material<'a>) -> Option<&'a dyn RowSource> {
    Some(&**m.collection(&m.about.by_role(Role::Platforms)?.spec.id)?.source())
}

fn cells<'a>(m: &Material<'a>, platform: &'a PlatformRow) -> Vec<Cell<'a>> {
    let text = |t: Option<&'a str>| t.map_or(Cell::Empty, Cell::text);
    let spec = m.about.by_role(Role::Platforms).map(|c| &c.spec);
    let coded = |property, code: &'a Option<String>| {
        let property = spec.and_then(|s| s.property(property));
        text(code.as_deref().map(|code| property.map_or(code, |(_, p)| m.code(p, code))))
    };
    let english = || {
        let source = platforms(m)?;
        source.text("status_note_en", source.find(&platform.id)?)
    };
    let note = platform.status_note.as_deref();
    let note = if m.lang == Lang::En { english().or(note) } else { note };
    let mut cells = vec![
        Cell::text(platform.id.as_str()),
        Cell::text(m.say(&platform.name, &platform.name_en)),
        coded("status", &platform.status),
        text(note),
        coded("basis", &platform.basis),
        platform.precision_m.map_or(Cell::Empty, |p| Cell::Integer(p, Form::Grouped(0))),
        platform.count.map_or(Cell::Empty, Cell::count),
    ];
    for metric in m.metrics() {
        let amount = platform.amounts.get(&metric.id);
        cells.extend(pair(metric, amount));
    }
    cells.push(text(platform.source.as_deref()));
    cells
}
