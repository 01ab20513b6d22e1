//! The first sheet: the zone and its key figures, with what is missing and where it comes from.

use super::cell::{Cell, Form, Head, Sheet};
use super::words::{area_kind, grouped};
use super::{Material, dates, method};
use crate::core::model::{Lang, MetricSpec};
use crate::core::query::{Amount, CountBeside};

/// Title of the report.
pub(super) fn title(material: &Material<'_>) -> String {
    let zone = material.place_name();
    let period = material.common_period().map(|period| material.named(period));
    let period = period.map_or_else(String::new, |period| match material.lang {
        Lang::Zh => format!("（{period}）"),
        Lang::En => format!(" {period}"),
    });
    match material.lang {
        Lang::Zh => format!("{zone}统计小结{period}"),
        Lang::En => format!("{zone}: summary{period}"),
    }
}

/// A line: what, how much, unit, remark.
type Line<'a> = [Cell<'a>; 4];

fn line<'a>(what: impl Into<String>, value: Cell<'a>, unit: &str, remark: impl Into<String>) -> Line<'a> {
    let text = |t: String| if t.is_empty() { Cell::Empty } else { Cell::text(t) };
    [Cell::text(what.into()), value, text(unit.to_owned()), text(remark.into())]
}

pub(super) fn sheet<'a>(material: &Material<'a>) -> Sheet<'a> {
    let m = material;
    let heads = vec![
        Head::wrapped(m.say("指标", "Figure"), 30),
        Head::wrapped(m.say("数值", "Value"), 24),
        Head::new(m.say("单位", "Unit")),
        Head::wrapped(m.say("说明", "Remarks"), 90),
    ];
    let mut lines = place(m);
    lines.extend(counts(m));
    lines.extend(m.metrics().filter_map(|metric| Some(total(m, metric, m.summary.totals.get(&metric.id)?))));
    lines.extend(m.classified().then(|| concentration(m)));
    lines.extend(beside(m));
    lines.extend(method::indicators(m));
    let note = m.say("说明", "Note");
    lines.extend(m.summary.notes.iter().map(|n| line(note, Cell::Empty, "", m.say(&n.zh, &n.en))));
    lines.extend(foot(m));
    Sheet {
        name: m.say("概况", "Overview").to_owned(),
        title: Some((title(m), m.chips())),
        heads,
        rows: Box::new(lines.into_iter().map(|l| l.to_vec())),
        total: None,
        foot: vec![],
        frozen: 0,
    }
}

/// The rows of other tables and layers in the area.
fn beside<'a>(m: &Material<'a>) -> Vec<Line<'a>> {
    let one = |of: &CountBeside| {
        let unit = of.row.as_ref().map_or("", |row| row.one(m.lang));
        let remark = beside_remark(m, of);
        line(of.title.get(m.lang), Cell::count(of.count), unit, remark)
    };
    m.beside.iter().map(one).collect()
}

/// What must be said of a count beside the register.
pub(super) fn beside_remark(m: &Material<'_>, of: &CountBeside) -> String {
    let other = match of.row {
        Some(_) => m.say("其他统计表", "another table"),
        None => m.say("点图层", "a layer of points"),
    };
    let sample = of.sample.then(|| m.say("示例数据", "sample data"));
    let dated = dates::beside(m, &of.collection);
    let all: Vec<&str> = std::iter::once(other).chain(dated.as_deref()).chain(sample).collect();
    all.join(m.say("；", "; "))
}

fn place<'a>(m: &Material<'a>) -> Vec<Line<'a>> {
    let zone = &m.summary.zone;
    let kind = zone.zone_kind.as_ref().and_then(|id| m.about.zone_kinds.iter().find(|k| k.id == *id));
    let kind = kind.map_or_else(|| area_kind(m.words, m.lang, zone.kind), |k| k.title.get(m.lang).to_owned());
    let mut about = vec![kind];
    about.extend(zone.id.as_ref().map(|id| format!("{} {id}", m.say("编号", "id"))));
    about.extend(zone.basis.as_ref().map(|b| m.labelled(m.say("依据", "basis"), m.zone_code("basis", b))));
    about.extend(zone.status.as_ref().map(|s| m.labelled(m.say("状态", "status"), m.zone_code("status", s))));
    let about = about.join(m.say("，", ", "));
    let mut lines = vec![line(m.say("区域", "Area"), Cell::text(m.zone_name()), "", about)];
    if let Some(area) = zone.area_km2 {
        let remark =
            m.say("按图形在椭球面上量算，不是公布的统计面积", "Measured from the outline, not the official area");
        lines.push(line(
            m.say("图形面积", "Area of the outline"),
            Cell::Number((area * 100.0).round() / 100.0, Form::Grouped(2)),
            m.say("平方千米", "km²"),
            remark,
        ));
    }
    if let Some(period) = m.common_period() {
        let what = period
            .whole_year()
            .map_or(("数据时期", "Period of the figures"), |_| ("数据年份", "Year of the figures"));
        lines.push(line(m.say(what.0, what.1), m.period_cell(period), "", ""));
    }
    for (value, said) in conditions(m) {
        lines.push(line(m.say("筛选条件", "Filter"), Cell::text(value), "", said));
    }
    lines
}

/// The conditions in words: the value, and the property with it.
pub(super) fn conditions<'a>(m: &Material<'a>) -> Vec<(&'a str, String)> {
    let words = |(property, value): (&'a String, &'a String)| {
        let spec = m.selection.spec().property(property).map(|(_, p)| p);
        let title = spec.map_or(property.as_str(), |p| p.title.get(m.lang));
        let word = spec.map_or(value.as_str(), |p| m.code(p, value));
        // a CQL2 expression says itself what it is about
        let said =
            if property == "filter" && spec.is_none() { format!("CQL2 {value}") } else { format!("{title} = {word}") };
        (word, said)
    };
    m.summary.filter.iter().map(words).collect()
}

fn counts<'a>(m: &Material<'a>) -> Vec<Line<'a>> {
    let (counts, city) = (&m.summary.counts, m.summary.city.count);
    let unit = |n: u64| match m.lang {
        Lang::Zh => m.words.row.counter.as_str(),
        Lang::En => m.words.row.number(n),
    };
    let share = if city == 0 {
        String::new()
    } else {
        let (part, city) = (percent(counts.matched, city), grouped(city));
        m.fill(
            &format!("占{{whole}} {city} {{counter}}的 {part:.1}%"),
            &format!("{part:.1}% of the {city} in {{whole}}"),
        )
    };
    let all = (m.fill("{row}数", "{Rows}"), counts.matched, share);
    let by_zone = [
        (
            m.fill("  按申报{zone}归入", "  by declared {zone}"),
            counts.by_declared,
            m.fill("没有坐标，只归入申报的{zone}", "no position; counted only in the {zone} they declare"),
        ),
        (
            m.fill("  点位与申报{zone}不一致", "  position outside the declared {zone}"),
            counts.mismatch,
            m.say("已按点位计入，只计一次", "counted once, by position").to_owned(),
        ),
    ];
    let by_position = (
        m.say("  按点位归入", "  by position").to_owned(),
        counts.by_point,
        m.say("坐标落在本区域内", "their position lies in the area").to_owned(),
    );
    let located = [
        (m.say("  有坐标", "  with position").to_owned(), counts.located, String::new()),
        (m.say("  无坐标", "  without position").to_owned(), counts.unlocated, String::new()),
    ];
    let by_zone = by_zone.into_iter().filter(|_| m.declares());
    let by_position = m.about.district_kind().map(|_| by_position);
    let rows = std::iter::once(all).chain(by_position).chain(by_zone).chain(located);
    rows.map(|(what, n, remark)| line(what, Cell::count(n), unit(n), remark)).collect()
}

fn percent(part: u64, whole: u64) -> f64 {
    part as f64 * 100.0 / whole as f64
}

fn total<'a>(m: &Material<'a>, metric: &MetricSpec, amount: &Amount) -> Line<'a> {
    let mut remark = match m.lang {
        _ if amount.period.is_none() => {
            let period = m.summary.period.map_or_else(String::new, |period| m.named(period));
            m.say("{}未公布", "not published for {}").replacen("{}", &period, 1)
        }
        Lang::Zh => m.fill(
            &format!("{} {{counter}}有数，缺 {} {{counter}}", grouped(amount.reported), grouped(amount.missing)),
            "",
        ),
        Lang::En => format!("{} reported, {} missing", grouped(amount.reported), grouped(amount.missing)),
    };
    if let Some(period) = amount.period.filter(|_| m.common_period().is_none()) {
        remark = format!("{}{}{remark}", m.named(period), m.say("；", "; "));
    }
    if amount.protected && !amount.withheld {
        remark.push_str(m.say("；已作保密处理", "; protected for confidentiality"));
    }
    if amount.withheld {
        remark.push_str(m.say("。", ". "));
        remark.push_str(&m.withheld_note());
    }
    let title = m.say("{}合计", "{}, sum").replacen("{}", metric.title.get(m.lang), 1);
    line(title, amount_cell(amount, metric.decimals), amount.unit.get(m.lang), remark)
}

/// A sum as a cell.
pub(super) fn amount_cell<'a>(amount: &Amount, decimals: u8) -> Cell<'a> {
    if amount.withheld { Cell::Withheld } else { Cell::maybe(amount.sum, Form::Grouped(decimals)) }
}

fn concentration<'a>(m: &Material<'a>) -> Line<'a> {
    let hhi = Cell::maybe(m.summary.class_mix.hhi, Form::Ratio(3));
    let remark = m.fill(
        "赫芬达尔指数：各{class}{row}数占比的平方和，0 至 1，越大越集中",
        "Herfindahl-Hirschman index: sum of the squared shares of the {classes}, 0 to 1, higher is more concentrated",
    );
    line(m.fill("{class}集中度 HHI", "Concentration (HHI)"), hhi, "", remark)
}

fn foot<'a>(m: &Material<'a>) -> Vec<Line<'a>> {
    foot_pairs(m).into_iter().map(|(what, text)| line(what, Cell::Empty, "", text)).collect()
}

/// Where everything comes from, and how to come back to it.
pub(super) fn foot_pairs<'a>(m: &Material<'a>) -> Vec<(&'static str, &'a str)> {
    let spec = m.selection.spec();
    let newest = m.about.register().and_then(|c| c.newest.day.as_deref());
    let dated = newest.or(spec.valid_from.as_deref()).unwrap_or_default();
    let years = m.summary.totals.values().all(|t| t.period.is_none_or(|period| period.whole_year().is_some()));
    let year = match (m.metrics().next(), years) {
        (None, _) => m.say("名录未注明日期", "the register gives no date"),
        (_, true) => m.say("名录未注明日期，见数据年份", "the register gives no date; see the year of the figures"),
        (_, false) => m.say("名录未注明日期，见数据时期", "the register gives no date; see the period of the figures"),
    };
    // outlines that are published say by whom and under which number
    let published = m.about.manifest.collections.iter().filter(|c| c.approval.is_some());
    let outlines = published.map(|c| (m.say("边界来源", "Source of outlines"), c.source.get(m.lang)));
    let lines = [
        (m.say("数据来源", "Source"), spec.source.get(m.lang)),
        (m.say("数据时点", "Date of the data"), if dated.is_empty() { year } else { dated }),
        (m.say("数据版本", "Revision"), m.summary.revision.as_str()),
        (m.say("审图号", "Map approval number"), m.about.manifest.map_approval.number().unwrap_or_default()),
        (m.say("查询码", "Query code"), m.code),
        (m.say("在线查看", "Live view"), m.link.unwrap_or_default()),
        (m.say("生成程序", "Made by"), concat!("Shigu 视谷 ", env!("CARGO_PKG_VERSION"))),
    ];
    lines.into_iter().chain(outlines).filter(|(_, text)| !text.is_empty()).collect()
}
