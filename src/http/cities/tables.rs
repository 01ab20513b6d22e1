//! Tables over all cities as CSV: UTF-8 with a mark so that spreadsheets read Chinese, no field that they would calculate.

use super::known::Known;
use crate::core::formula;
use crate::core::model::{Lang, Period, Text};
use crate::http::problem::Problem;
use crate::service::cities::questions::{By, NationalAnswer, Planned, Statistic};
use crate::service::cities::{CityAbout, ClassOf, Level, Line, MetricOf, Shared, Sum, ZoneOf};
use axum::http::StatusCode;
use std::collections::{BTreeMap, BTreeSet};

/// A field that is withheld, in both languages of files.
const WITHHELD: [&str; 2] = ["不公开", "withheld"];

/// The zones of a city as they were found.
pub(super) struct Zones<'a> {
    pub(super) about: &'a CityAbout,
    pub(super) level: &'a Level,
    pub(super) class: Option<&'a ClassOf>,
    pub(super) metrics: Vec<MetricOf>,
    pub(super) lines: Vec<(&'a ZoneOf, &'a Line)>,
    pub(super) whole: &'a Line,
}

/// The zones of all cities, a column for each metric; sums over the cities at the end.
pub(super) fn zones(
    found: &BTreeMap<&str, Zones>,
    shared: &Shared,
    known: &Known,
    lang: Lang,
) -> Result<Vec<u8>, Problem> {
    let metrics: BTreeSet<&MetricOf> = found.values().flat_map(|of| &of.metrics).collect();
    let say = |zh: &str, en: &str| lang.pick(zh, en).to_owned();
    let mut heads =
        vec![say("城市标识", "City id"), say("城市", "City"), say("层级", "Level"), say("分区标识", "Zone id")];
    heads.extend([say("分区", "Zone"), say("分类", "Class"), say("单位名称", "Row"), say("数量", "Rows")]);
    heads.extend(metrics.iter().map(|metric| column(metric, lang)));
    let mut lines = vec![heads];
    for (id, of) in found {
        let mut add = |zone: [&str; 2], line: &Line| {
            let title = lang.pick(&of.level.title.zh, &of.level.title.en);
            let mut fields: Vec<String> = [id, known.title(id).get(lang), title].map(field).to_vec();
            fields.extend(zone.map(field));
            fields.extend([class(of.class, lang), field(of.about.row.get(lang)), line.rows.to_string()]);
            let sum = |metric: &&MetricOf| of.metrics.iter().position(|m| m == *metric).map(|at| line.sums[at]);
            fields.extend(metrics.iter().map(|metric| sum(metric).map_or_else(String::new, |sum| shown(sum, lang))));
            lines.push(fields);
        };
        for (zone, line) in &of.lines {
            add([&zone.id, lang.pick(&zone.name, &zone.name_en)], line);
        }
        add(["", lang.pick("合计", "Total")], of.whole);
    }
    for rows in &shared.rows {
        for part in &rows.parts {
            let mut fields =
                vec![String::new(), say("全部城市", "All cities"), String::new(), String::new(), String::new()];
            let row = lang.pick(&rows.of.0, &rows.of.1);
            fields.extend([class(part.class.as_ref(), lang), field(row), part.all.to_string()]);
            lines.push(fields);
        }
    }
    for sums in &shared.sums {
        for part in &sums.parts {
            let mut fields =
                vec![String::new(), say("全部城市", "All cities"), String::new(), String::new(), String::new()];
            fields.extend([class(part.class.as_ref(), lang), String::new(), String::new()]);
            let of = |metric: &&MetricOf| if **metric == sums.of { shown(part.all, lang) } else { String::new() };
            fields.extend(metrics.iter().map(of));
            lines.push(fields);
        }
    }
    written(lines)
}

/// The groups of a question over all cities, a column for each figure and for the number of values behind it.
pub(super) fn question(
    of: &Planned,
    answer: &NationalAnswer,
    title: &dyn Fn(&str) -> Text,
    lang: Lang,
) -> Result<Vec<u8>, Problem> {
    let say = |zh: &str, en: &str| lang.pick(zh, en).to_owned();
    let heads = of.by.iter().flat_map(|by| match by {
        By::City => [say("城市标识", "City id"), say("城市", "City")],
        By::Zone => [say("分区标识", "Zone id"), say("分区", "Zone")],
        By::Class => [say("分类代码", "Class code"), say("分类", "Class")],
    });
    let figures = of.figures.iter().flat_map(|figure| {
        let statistic = match figure.statistic {
            Statistic::Sum => lang.pick("合计", "sum"),
            Statistic::Q1 => lang.pick("下四分位数", "lower quartile"),
            Statistic::Median => lang.pick("中位数", "median"),
            Statistic::Q3 => lang.pick("上四分位数", "upper quartile"),
        };
        let name = format!("{} {} {statistic}", figure.metric, figure.period);
        let unit = lang.pick(&figure.unit.zh, &figure.unit.en);
        [field(&format!("{name} ({unit})")), field(&format!("{name} {}", lang.pick("有值数", "values")))]
    });
    let mut lines = vec![heads.chain([say("数量", "Rows")]).chain(figures).collect::<Vec<_>>()];
    for group in &answer.groups {
        let keys = of.by.iter().flat_map(|by| match by {
            By::City => {
                let id = group.city.as_deref().unwrap_or_default();
                [field(id), field(title(id).get(lang))]
            }
            By::Zone => match group.zone.iter().flatten().next() {
                Some((id, of)) => [field(id), field(lang.pick(&of.name, &of.name_en))],
                None => [String::new(), say("不属于任何分区", "In no zone")],
            },
            By::Class => match group.class.iter().flatten().next() {
                Some(of) => [field(&of.code), class(Some(of), lang)],
                None => [String::new(), say("无分类", "No class")],
            },
        });
        let figures = group.figures.iter();
        let figures = figures.flat_map(|(values, value)| {
            [value.map_or_else(String::new, |value| value.to_string()), values.to_string()]
        });
        lines.push(keys.chain([group.rows.to_string()]).chain(figures).collect());
    }
    written(lines)
}

/// What the cities share, a line for each figure.
pub(super) fn summary(shared: &Shared, known: &Known, lang: Lang) -> Result<Vec<u8>, Problem> {
    let say = |zh: &str, en: &str| lang.pick(zh, en).to_owned();
    let mut lines = vec![vec![
        say("指标", "Figure"),
        say("单位", "Unit"),
        say("时期", "Period"),
        say("分类代码", "Class code"),
        say("分类", "Class"),
        say("城市标识", "City id"),
        say("城市", "City"),
        say("数值", "Value"),
    ]];
    let mut add = |of: [&str; 3], part: Option<&ClassOf>, id: &str, value: String| {
        let city = if id.is_empty() { lang.pick("全部城市", "All cities") } else { known.title(id).get(lang) };
        let mut fields: Vec<String> = of.map(field).to_vec();
        fields.extend([field(part.map_or("", |class| &class.code)), class(part, lang), field(id), field(city), value]);
        lines.push(fields);
    };
    for across in &shared.rows {
        let of = [lang.pick(&across.of.0, &across.of.1), "", ""];
        for part in &across.parts {
            part.cities.iter().for_each(|(id, rows)| add(of, part.class.as_ref(), id, rows.to_string()));
            add(of, part.class.as_ref(), "", part.all.to_string());
        }
    }
    for across in &shared.sums {
        let MetricOf { id, unit_zh, unit_en, period } = &across.of;
        let period = period.map_or_else(String::new, |period| period.to_string());
        let of = [id, lang.pick(unit_zh, unit_en), &period];
        for part in &across.parts {
            part.cities.iter().for_each(|(id, sum)| add(of, part.class.as_ref(), id, shown(*sum, lang)));
            add(of, part.class.as_ref(), "", shown(part.all, lang));
        }
    }
    written(lines)
}

/// A metric with its unit and period.
fn column(metric: &MetricOf, lang: Lang) -> String {
    let unit = lang.pick(&metric.unit_zh, &metric.unit_en);
    let period = metric.period.map_or_else(String::new, |period: Period| format!(" {period}"));
    field(&format!("{}{period} ({unit})", metric.id))
}

fn class(class: Option<&ClassOf>, lang: Lang) -> String {
    field(class.map_or("", |class| lang.pick(&class.zh, &class.en)))
}

fn shown(sum: Sum, lang: Lang) -> String {
    if sum.withheld {
        return lang.pick(WITHHELD[0], WITHHELD[1]).to_owned();
    }
    sum.value().map_or_else(String::new, |value| value.to_string())
}

/// A text that no spreadsheet takes for a formula.
fn field(text: &str) -> String {
    formula::escape(text).into_owned()
}

fn written(lines: Vec<Vec<String>>) -> Result<Vec<u8>, Problem> {
    let failed = |_| Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR);
    let widest = lines.iter().map(Vec::len).max().unwrap_or_default();
    let mut out =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer("\u{feff}".as_bytes().to_vec());
    for mut line in lines {
        line.resize(widest, String::new());
        out.write_record(line).map_err(failed)?;
    }
    out.into_inner().map_err(|_| Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR))
}
