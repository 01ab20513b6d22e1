//! What a dataset holds, in plain words: for people who have just made a folder, or were given one.

use crate::core::columns::Value;
use crate::core::model::{Codelist, CollectionSpec, Dataset, GeometryKind, Lang, Period, Role, Table, Text};
use serde::Serialize;
use std::fmt::Write;

/// What a dataset holds.
#[derive(Clone, Debug, Serialize)]
pub struct Holdings {
    /// Identifier.
    pub id: String,
    /// Title.
    pub title: Text,
    /// What it calls its rows, its classes and its whole.
    pub words: [Text; 3],
    /// The collections, in the manifest's order.
    pub collections: Vec<Collection>,
    /// Kinds of areas.
    pub zone_kinds: Vec<Kind>,
    /// Figures of the register.
    pub metrics: Vec<Metric>,
    /// Codelists.
    pub codelists: Vec<List>,
    /// Indicators.
    pub indicators: usize,
    /// Former names of areas that tables may use.
    pub former_divisions: usize,
    /// What is missing, and should be added.
    pub missing: Vec<Text>,
    /// What the page leaves out, and why.
    pub left_out: Vec<Text>,
}

/// A collection.
#[derive(Clone, Debug, Serialize)]
pub struct Collection {
    /// Identifier.
    pub id: String,
    /// Title.
    pub title: Text,
    /// Its file.
    pub file: String,
    /// What it is for.
    pub role: Role,
    /// Rows.
    pub rows: usize,
    /// Rows with a place on the map.
    pub located: usize,
    /// Names of its properties.
    pub properties: Vec<String>,
    /// Where it comes from.
    pub source: Text,
    /// Its licence.
    pub licence: Option<String>,
    /// The number under which its areas were approved.
    pub approval: Option<String>,
    /// Whether its rows are invented.
    pub sample: bool,
    /// Whether its outlines are schematic.
    pub schematic: bool,
}

/// A kind of areas.
#[derive(Clone, Debug, Serialize)]
pub struct Kind {
    /// Identifier.
    pub id: String,
    /// Title.
    pub title: Text,
    /// How many there are.
    pub zones: usize,
    /// Whether, with what lies in none of them, they add up to the whole.
    pub partition: bool,
}

/// A figure.
#[derive(Clone, Debug, Serialize)]
pub struct Metric {
    /// The table whose figure it is.
    pub table: String,
    /// Identifier.
    pub id: String,
    /// Title.
    pub title: Text,
    /// Unit.
    pub unit: Text,
    /// Whether single values stay in the service.
    pub restricted: bool,
    /// Of each period, how many rows have a value.
    pub periods: Vec<(Period, usize)>,
}

/// A codelist.
#[derive(Clone, Debug, Serialize)]
pub struct List {
    /// Identifier.
    pub id: String,
    /// Title.
    pub title: Text,
    /// Codes.
    pub codes: usize,
    /// The levels of a hierarchy with their codes, the topmost first; one where no code stands above another.
    pub levels: Vec<(Text, usize)>,
    /// Other versions by which the same rows can be read.
    pub versions: Vec<Text>,
}

/// Says what a dataset holds.
pub fn describe(dataset: &Dataset) -> Holdings {
    let manifest = &dataset.manifest;
    let collections: Vec<Collection> = dataset.collections().map(collection).collect();
    let zone_kinds = manifest.zone_kinds().into_iter().map(|kind| Kind {
        zones: kind.collections.iter().map(|place| collections[*place].rows).sum(),
        id: kind.id,
        title: kind.title,
        partition: kind.partition,
    });
    let zone_kinds = zone_kinds.collect();
    let tables = manifest.tables().into_iter().map(|place| (&manifest.collections[place], &dataset.tables[place]));
    let metrics: Vec<Metric> = tables.flat_map(|(spec, table)| metrics(spec, table)).collect();
    let codelists = dataset.codelists.iter();
    let codelists = codelists.map(|(id, l)| List {
        id: id.clone(),
        title: l.title.clone(),
        codes: l.entries.len(),
        levels: levels(l),
        versions: l.versions.iter().map(|v| v.title.clone()).collect(),
    });
    let terms = &manifest.terms;
    let term = |t: &crate::core::model::Term| Text::new(&t.zh, &t.plural);
    Holdings {
        id: manifest.id.clone(),
        title: manifest.title.clone(),
        words: [term(&terms.row), term(&terms.class), terms.whole.clone()],
        zone_kinds,
        codelists: codelists.collect(),
        indicators: dataset.indicators.len(),
        former_divisions: dataset.divisions.former.len(),
        missing: missing(dataset, &collections, &metrics),
        left_out: left_out(dataset, &metrics),
        collections,
        metrics,
    }
}

/// The levels of a codelist, by title or number, with their codes.
fn levels(list: &Codelist) -> Vec<(Text, usize)> {
    let tree = list.tree();
    let title = |level: usize| {
        let number = (level + 1).to_string();
        list.levels.get(level).map_or_else(|| Text::new(number.as_str(), number.as_str()), |l| l.title.clone())
    };
    let codes = |level: usize| (0..list.entries.len()).filter(|place| tree.level(*place) == level).count();
    (0..tree.levels()).map(|level| (title(level), codes(level))).collect()
}

fn collection((spec, table): (&CollectionSpec, &Table)) -> Collection {
    Collection {
        id: spec.id.clone(),
        title: spec.title.clone(),
        file: spec.file.clone(),
        role: spec.role,
        rows: table.ids.len(),
        located: table.geometries.located(),
        properties: spec.properties.iter().map(|p| p.name.clone()).collect(),
        source: spec.source.clone(),
        licence: spec.licence.clone(),
        approval: spec.approval.clone(),
        sample: spec.sample,
        schematic: spec.schematic,
    }
}

fn metrics(spec: &CollectionSpec, table: &Table) -> Vec<Metric> {
    let filled = |name: &String| {
        let column = spec.property(name).map(|(place, _)| &table.columns[place]);
        column.map_or(0, |c| (0..table.ids.len()).filter(|row| !matches!(c.value(*row), Value::Null)).count())
    };
    let all = spec.register.iter().flat_map(|r| &r.metrics);
    all.map(|m| Metric {
        table: spec.id.clone(),
        id: m.id.clone(),
        title: m.title.clone(),
        unit: m.unit.clone(),
        restricted: spec.restricts(m),
        periods: m.columns.iter().map(|(period, name)| (*period, filled(name))).collect(),
    })
    .collect()
}

/// What somebody should add.
fn missing(dataset: &Dataset, collections: &[Collection], metrics: &[Metric]) -> Vec<Text> {
    let mut out = Vec::new();
    let mut say = |zh: String, en: String| out.push(Text::new(zh, en));
    let listed = |test: &dyn Fn(&Collection) -> bool| -> Option<String> {
        let ids: Vec<&str> = collections.iter().filter(|c| test(c)).map(|c| c.id.as_str()).collect();
        (!ids.is_empty()).then(|| ids.join(", "))
    };
    if let Some(ids) = listed(&|c| c.source.zh.is_empty() && c.source.en.is_empty()) {
        say(format!("没有写来源:{ids}"), format!("no source: {ids}"));
    }
    if let Some(ids) = listed(&|c| c.licence.as_deref().unwrap_or_default().is_empty()) {
        say(format!("没有写许可:{ids}"), format!("no licence: {ids}"));
    }
    if let Some(ids) = listed(&|c| c.rows == 0) {
        say(format!("没有任何要素:{ids}"), format!("no rows: {ids}"));
    }
    if dataset.manifest.time_zone.is_none() {
        let zone = crate::core::model::TimeZone::USUAL;
        say(format!("没有写时区,按 {zone} 理解"), format!("no time zone: {zone} is taken"));
    }
    for (spec, table) in dataset.collections().filter(|(c, _)| c.role == Role::Register) {
        let without = table.ids.len() - table.geometries.located();
        if without > 0 {
            let n = table.ids.len();
            say(
                format!("{n} 行中有 {without} 行没有坐标:只计入填报的区域"),
                format!("{without} of {n} rows have no position: they count in their declared area only"),
            );
        }
        let empty = metrics
            .iter()
            .filter(|m| m.table == spec.id)
            .flat_map(|m| m.periods.iter().filter(|(_, n)| *n == 0).map(|(y, _)| format!("{} {y}", m.id)));
        let empty: Vec<String> = empty.collect();
        if !empty.is_empty() {
            let empty = empty.join(", ");
            say(format!("没有任何值:{empty}"), format!("no value at all: {empty}"));
        }
        let class = spec.register.as_ref().and_then(|r| spec.property(r.cluster.as_ref()?));
        if let Some((place, _)) = class {
            let without = (0..table.ids.len()).filter(|row| table.columns[place].text(*row).is_none()).count();
            if without > 0 {
                say(format!("{without} 行没有类别"), format!("{without} rows have no class"));
            }
        }
    }
    out
}

/// What the page does without.
fn left_out(dataset: &Dataset, metrics: &[Metric]) -> Vec<Text> {
    let mut out = Vec::new();
    let has = |role: Role| dataset.by_role(role).is_some();
    let mut without = |lacks: bool, zh: &str, en: &str| {
        if lacks {
            out.push(Text::new(zh, en));
        }
    };
    let register = has(Role::Register);
    without(!register, "没有名录:不显示数字、列表与小结", "no register: no numbers, lists or reports");
    without(!has(Role::Districts), "没有分区:不能按区域统计", "no partition into areas: no figures by area");
    let classes = dataset.clusters().map_or(0, |c| c.entries.len());
    without(
        register && classes == 0,
        "没有分类:地图只有一种颜色,不能按类别筛选",
        "no classes: the map has one colour, and nothing to filter by",
    );
    without(register && metrics.is_empty(), "没有指标:只有个数", "no figures: only counts");
    let periods = metrics.iter().map(|m| m.periods.len()).max().unwrap_or(0);
    without(register && periods == 1, "只有一个时期:不能比较", "one period only: periods can't be compared");
    without(!has(Role::Platforms), "没有 platforms 图层", "no platforms");
    without(!has(Role::Layout), "没有空间布局图层", "no spatial layout");
    without(
        dataset.indicators.is_empty(),
        "没有指标文件 indicators:不比较规划与实际",
        "no indicators: plan and actual are not compared",
    );
    without(dataset.plan.is_none(), "没有规划文本 plan", "no text of a plan");
    let lines =
        dataset.manifest.collections.iter().any(|c| c.role == Role::Base && c.geometry == GeometryKind::Polygon);
    without(!lines, "没有水域等底图要素", "no water or other background");
    out
}

impl Holdings {
    /// As text for people.
    pub fn render(&self, lang: Lang) -> String {
        let mut out = String::new();
        let pick = |zh: &'static str, en: &'static str| match lang {
            Lang::Zh => zh,
            Lang::En => en,
        };
        // writing to a string can't fail
        let _ = writeln!(out, "{} ({})", self.title.get(lang), self.id);
        let [row, class, whole] = &self.words;
        let words = [row, class, whole].map(|w| w.get(lang)).join(", ");
        let _ = writeln!(out, "{}: {words}", pick("用词", "Its words"));
        let _ = writeln!(out, "\n{}", pick("图层", "Collections"));
        for c in &self.collections {
            let marks = [(c.sample, pick("示例数据", "sample data")), (c.schematic, pick("示意", "schematic"))];
            let marks =
                marks.into_iter().filter(|(is, _)| *is).fold(String::new(), |all, (_, word)| all + " [" + word + "]");
            let role = serde_json::to_string(&c.role).unwrap_or_default();
            let (rows, located, role) = (c.rows, c.located, role.trim_matches('"'));
            let title = c.title.get(lang);
            let counted = match lang {
                Lang::Zh => format!("{rows} 行,{located} 行有位置"),
                Lang::En => format!("{rows} rows, {located} on the map"),
            };
            let _ = writeln!(out, "  {} ({role}) {title}: {counted}{marks}", c.id);
            let source = c.source.get(lang);
            let none = pick("(未写)", "(not stated)");
            let source = if source.is_empty() { none } else { source };
            let licence = c.licence.as_deref().unwrap_or(none);
            let _ = writeln!(out, "      {}: {source}", pick("来源", "source"));
            let _ = writeln!(out, "      {}: {licence}", pick("许可", "licence"));
        }
        let mut section = |title: &str, lines: Vec<String>| {
            if !lines.is_empty() {
                let _ = writeln!(out, "\n{title}");
                lines.iter().for_each(|line| _ = writeln!(out, "  {line}"));
            }
        };
        let kind = |k: &Kind| {
            let whole = if k.partition { pick(",合起来是全部", ", together the whole") } else { "" };
            format!("{} ({}): {}{whole}", k.title.get(lang), k.id, k.zones)
        };
        section(pick("区域类别", "Kinds of areas"), self.zone_kinds.iter().map(kind).collect());
        let several = self.metrics.iter().any(|m| Some(&m.table) != self.metrics.first().map(|first| &first.table));
        let metric = |m: &Metric| {
            let periods: Vec<String> = m.periods.iter().map(|(period, n)| format!("{period} ({n})")).collect();
            let only = if m.restricted { pick("[只给合计]", "[sums only]") } else { "" };
            let table = if several { format!("{}: ", m.table) } else { String::new() };
            format!("{table}{} ({}), {}: {} {only}", m.title.get(lang), m.id, m.unit.get(lang), periods.join(" "))
                .trim_end()
                .to_owned()
        };
        section(
            pick("指标:时期(有值的行数)", "Figures: periods (rows with a value)"),
            self.metrics.iter().map(metric).collect(),
        );
        let list = |l: &List| {
            let mut parts = vec![format!("{} ({}): {}", l.title.get(lang), l.id, l.codes)];
            if l.levels.len() > 1 {
                let levels = l.levels.iter().map(|(title, codes)| format!("{} {codes}", title.get(lang)));
                parts.push(levels.collect::<Vec<_>>().join(" + "));
            }
            parts.extend(l.versions.iter().map(|v| format!("{} {}", pick("可按版本", "also by"), v.get(lang))));
            parts.join("; ")
        };
        section(pick("代码表", "Codelists"), self.codelists.iter().map(list).collect());
        let mut others = Vec::new();
        if self.indicators > 0 {
            others.push(format!("{}: {}", pick("规划与实际的指标", "indicators, plan and actual"), self.indicators));
        }
        if self.former_divisions > 0 {
            others.push(format!("{}: {}", pick("旧区划名称", "former divisions"), self.former_divisions));
        }
        section(pick("其他", "Also"), others);
        let texts = |all: &[Text]| all.iter().map(|t| format!("- {}", t.get(lang))).collect();
        section(pick("缺少", "Missing"), texts(&self.missing));
        section(pick("网页不会显示", "The page will leave out"), texts(&self.left_out));
        out
    }
}
