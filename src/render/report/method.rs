//! The sheet of methods: what the numbers mean, what they leave out, and where everything comes from.

use super::cell::{Cell, Form, Head, Sheet};
use super::{Material, dates, quotients};
use crate::core::model::{CollectionSpec, Indicator, Lang, Role};

pub(super) fn sheet<'a>(material: &Material<'a>) -> Sheet<'a> {
    let m = material;
    let heads = vec![Head::wrapped(m.say("条目", "Item"), 30), Head::wrapped(m.say("内容", "What it says"), 120)];
    let mut rows: Vec<(String, String)> = definitions(m);
    rows.extend(conditions(m));
    rows.extend(codelist(m));
    rows.extend(sources(m));
    rows.extend(dates::rows(m));
    let version = m.say("数据版本", "Revision").to_owned();
    rows.push((version, format!("{} · {}", m.summary.dataset, m.summary.revision)));
    Sheet {
        name: m.say("口径", "Method").to_owned(),
        title: None,
        heads,
        rows: Box::new(rows.into_iter().map(|(item, text)| vec![Cell::text(item), Cell::text(text)])),
        total: None,
        foot: vec![],
        frozen: 0,
    }
}

/// What the location quotient is, and within what.
fn quotient(m: &Material<'_>) -> String {
    let scope = m.scope().map(|s| s.get(m.lang));
    let within = scope.map_or_else(|| m.say("名录", "the register").to_owned(), str::to_owned);
    m.fill(
        "（本区域该{class}{row}数 / 本区域{row}数）/（{whole}该{class}{row}数 / {whole}{row}数）。分母为本名录，即{}内部的相对集中，不是相对名录以外的区位熵。",
        "({rows} of the {class} here / all {rows} here) / ({rows} of the {class} in {whole} / all {rows} in {whole}). The base is this register: relative concentration within {}, not against what it leaves out.",
    )
    .replacen("{}", &within, 1)
}

/// What always holds.
fn definitions(m: &Material<'_>) -> Vec<(String, String)> {
    let row = |zh: (&str, &str), en: (&str, &str)| (m.fill(zh.0, en.0), m.fill(zh.1, en.1));
    let mut rows = vec![
        row(
            ("归属规则", "有坐标的{row}按点位归入区域；边界左、下含，右、上不含（半开），相邻区域不会重复计入同一点。"),
            (
                "Membership",
                "What has a position belongs to the areas that hold its point; left and lower borders are in, right and upper ones out (half-open), so neighbours never share a point.",
            ),
        ),
        row(
            (
                "每{counter}只计一次",
                "同一{row}在一个区域内只计一次；各{zone}、不在任何{zone}、未申报{zone}三者之和等于{whole}。",
            ),
            (
                "Each once",
                "Each of the {rows} counts once in an area; {zones}, outside all {zones} and undeclared add up to {whole}.",
            ),
        ),
        row(
            ("无坐标的{row}", "只归入其申报的{zone}，不归入其他区域或圈选范围。"),
            ("Without position", "Counted only in the declared {zone}, never in other areas or drawn ones."),
        ),
        row(
            ("点位与申报不一致", "点位落在申报{zone}以外的，按点位计，并单列其数。"),
            (
                "Mismatch",
                "Where position and declared {zone} differ the position counts; the number of such cases is given.",
            ),
        ),
        (m.say("区位熵", "Location quotient").to_owned(), quotient(m)),
        (m.say("区位熵的区间", "Interval of the quotient").to_owned(), quotients::how(m)),
        row(
            ("集中度 HHI", "各{class}{row}数占比的平方和。"),
            ("Concentration (HHI)", "Sum of the squared shares of the {classes} by number of {rows}."),
        ),
        row(
            ("缺值", "没有填报的单元格留空，不按 0 计；合计只含有数的{row}，并列出缺数。"),
            (
                "Missing values",
                "Cells without a value are empty, not zero; sums cover the {rows} that report and say how many do not.",
            ),
        ),
        row(
            (
                "保密",
                "“…”表示保密不显示：合计所涉{row}过少、由一两{counter}主导，或可由相邻合计推算。单{counter}{row}的受限指标可能整列不输出。注明“已作保密处理”的合计由加噪数值求得，见说明。",
            ),
            (
                "Confidentiality",
                "“…” marks a withheld sum: too few {rows} stand behind it, one or two are most of it, or it could be worked out from a related sum. Restricted figures of single {rows} may be left out as whole columns. Sums marked as protected are of values with noise; see the notes.",
            ),
        ),
        row(
            (
                "文本与公式",
                "编号、代码均为文本。CSV 中以 = + - @ 或制表符开头的文本前加一个单引号，防止被当作公式；数字不变。",
            ),
            (
                "Text and formulas",
                "Ids and codes are text. In CSV, text that begins with = + - @ or a tab gets an apostrophe before it so that no program takes it for a formula; numbers are untouched.",
            ),
        ),
        row(
            ("坐标", "WGS 84 经纬度（与 CGCS2000 在本用途下视为一致）。"),
            ("Coordinates", "WGS 84 longitude and latitude (taken as equal to CGCS2000 at this scale)."),
        ),
    ];
    let left_out = |title: &str| {
        let quotient = [
            m.say("区位熵", "Location quotient"),
            m.say("区位熵的区间", "Interval of the quotient"),
            m.say("集中度 HHI", "Concentration (HHI)"),
        ];
        let declared =
            ["无坐标的{row}", "点位与申报不一致", "每{counter}只计一次"].map(|zh| m.words.fill(Lang::Zh, zh));
        let declared_en = ["Without position", "Mismatch", "Each once"];
        (quotient.contains(&title) && !m.classified())
            || ((declared.iter().any(|d| d == title) || declared_en.contains(&title)) && !m.declares())
    };
    rows.retain(|(title, _)| !left_out(title));
    rows
}

/// What holds for this report.
fn conditions(m: &Material<'_>) -> Vec<(String, String)> {
    let mut rows = Vec::new();
    let units: Vec<String> = m.metrics().map(|s| m.with_unit(s.title.get(m.lang), s.unit.get(m.lang))).collect();
    if !units.is_empty() {
        rows.push((m.say("计量单位", "Units").to_owned(), units.join(m.say("、", ", "))));
    }
    if m.summary.sample {
        let (zh, en) = if m.about.manifest.has_plan() {
            (
                "示例合计不与规划目标或实际指标对比，因此本报告不列规划指标。",
                " Sums of a sample are never set against the plan's targets or actual figures, so this report lists no indicators.",
            )
        } else {
            ("", "")
        };
        rows.push((
            m.say("示例数据", "Sample data").to_owned(),
            m.fill(
                &format!("名录为虚构的示例数据，不代表任何真实的{{row}}。{zh}"),
                &format!("The register is invented sample data and stands for no real {{rows}}.{en}"),
            ),
        ));
    }
    if m.summary.zone.schematic {
        rows.push((
            m.say("示意范围", "Schematic outline").to_owned(),
            m.say(
                "本区域范围为示意性绘制，不是规划原文或法定边界。",
                "The outline of this area is schematic, not the plan's own or a legal boundary.",
            )
            .to_owned(),
        ));
    }
    if let Some(source) = &m.summary.zone.source {
        rows.push((m.say("区域范围来源", "Source of the outline").to_owned(), source.get(m.lang).to_owned()));
    }
    rows
}

fn codelist(m: &Material<'_>) -> Vec<(String, String)> {
    let Some(list) = m.about.clusters() else { return vec![] };
    let classes = m.summary.clusters.iter().filter(|c| c.code.is_some() && c.part.is_none());
    let names: Vec<&str> = classes.map(|c| c.name.get(m.lang)).collect();
    let mut parts = vec![names.join(m.say("、", ", "))];
    parts.extend(list.valid_from.as_ref().map(|d| format!("{} {d}", m.say("起用", "valid from"))));
    parts.push(list.source.get(m.lang).to_owned());
    parts.retain(|p| !p.is_empty());
    vec![(list.title.get(m.lang).to_owned(), parts.join(m.say("；", "; ")))]
}

/// Every collection that the report draws on, with its licence.
fn sources(m: &Material<'_>) -> Vec<(String, String)> {
    let used = |spec: &&CollectionSpec| {
        matches!(spec.role, Role::Districts | Role::Zones | Role::Layout | Role::Platforms | Role::Register)
    };
    let row = |spec: &CollectionSpec| {
        let mut parts = vec![spec.source.get(m.lang).to_owned()];
        parts.extend(spec.licence.as_ref().map(|l| format!("{} {l}", m.say("许可", "licence"))));
        parts.extend(spec.valid_from.as_ref().map(|d| format!("{} {d}", m.say("时点", "as of"))));
        parts.extend(spec.sample.then(|| m.say("示例数据", "sample data").to_owned()));
        parts.extend(spec.schematic.then(|| m.say("示意", "schematic").to_owned()));
        parts.retain(|p| !p.is_empty());
        let item = m.labelled(m.say("来源", "Source"), spec.title.get(m.lang));
        (item, parts.join(m.say("；", "; ")))
    };
    m.about.manifest.collections.iter().filter(used).map(row).collect()
}

/// Indicators of the zone, never next to a sample.
pub(super) fn indicators<'a>(m: &Material<'a>) -> Vec<[Cell<'a>; 4]> {
    let zone = match m.summary.zone.kind {
        crate::core::query::AreaKind::City => Some(""),
        _ => m.summary.zone.id.as_deref(),
    };
    let here = |i: &&Indicator| !m.summary.sample && m.summary.filter.is_empty() && Some(i.zone.as_str()) == zone;
    let line = |i: &'a Indicator| {
        let kind = match i.kind.as_str() {
            "actual" => m.say("实际", "actual"),
            "target" => m.say("目标", "target"),
            _ => m.say("草案", "draft"),
        };
        let mut remark = vec![kind.to_owned(), m.labelled(m.say("口径", "scope"), m.say(&i.scope, &i.scope_en))];
        remark.extend(i.year.map(|y| y.to_string()));
        remark.push(i.source_in(m.lang).to_owned());
        remark.push(i.note_in(m.lang).to_owned());
        remark.retain(|r| !r.is_empty());
        let sign = match i.comparator.as_str() {
            "ge" => "≥ ",
            "gt" => "> ",
            "approx" => "≈ ",
            _ => "",
        };
        let value = match sign {
            "" => Cell::Number(i.value, Form::Plain),
            sign => Cell::text(format!("{sign}{}", i.value)),
        };
        let title = m.say(&i.title_zh, &i.title_en).to_owned();
        [Cell::text(title), value, Cell::text(i.unit_in(m.lang)), Cell::text(remark.join(m.say("；", "; ")))]
    };
    m.about.indicators.iter().filter(here).map(line).collect()
}
