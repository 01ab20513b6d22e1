//! The numbers of an area: counts, sums, the clusters, their location quotients, their mix.

use super::classes::{self, Parts};
use super::disclosure::{DisclosureLine, DisclosureTable, too_small};
use super::feature::outline_json;
use super::growth::Earlier;
use super::sums::Part;
use super::{
    Amount, Amounts, Area, CityInfo, ClassMix, ClassReading, ClusterRow, Counts, Note, Overlap, Query, QueryError,
    Summary, Summing, Sums,
};
use crate::columns::Bitmap;
use crate::model::{Granularity, Lang, MetricKind, Period, Text, Wording, within_sentence};
use crate::snapshot::{Class, ClassPart, Classes, Index, Metric, Register, Snapshot};
use crate::stats::concentration::{entropy, hhi};
use crate::stats::quotient;

/// Summarizes the register in the query's area under its filter.
pub fn summarize(snapshot: &Snapshot, query: &Query) -> Result<Summary, QueryError> {
    let (_, register) = snapshot.register().ok_or(QueryError::NoRegister)?;
    let summing = Summing::new(snapshot, register, query);
    let area = query.area.rows(snapshot, query.layer);
    let sums = summing.area(area.as_ref());
    let city = City::new(snapshot, query, &summing);
    let mut zone = query.area_info(snapshot);
    if query.outline {
        zone.outline = query.area.shape(snapshot).and_then(outline_json);
    }
    let overlap = match &query.area {
        Area::Combined(combined) => combined.overlap(snapshot, query),
        _ => None,
    };
    let overlap = overlap.map(|(count, area_km2)| Overlap { count, area_km2 });

    let mut totals = sums.totals();
    let classes = &*query.classes;
    let mut groups: Vec<Amounts> = (0..=classes.len()).map(|group| sums.cluster(group)).collect();
    let mut nodes = classes::of_nodes(classes, &sums);
    let rules = snapshot.rules();
    let withheld = too_small(&rules, zone.kind, sums.matched());
    if classes.nodes().len() > 1 && !query.secondary {
        let parts = Parts { groups: &mut groups, nodes: &mut nodes };
        classes::withhold(query.disclosure, &rules, classes, &mut totals, parts, withheld);
    } else {
        let parts = groups.iter_mut().map(Some).collect();
        let table = DisclosureTable {
            lines: vec![DisclosureLine { total: &mut totals, parts }],
            // overlapping clusters don't add up to the total, so each stands alone when secondary ones count
            parts_add_up: !query.secondary,
            lines_add_up: false,
            withheld,
        };
        query.disclosure.withhold(&rules, table);
    }
    let rows = Rows { register, query, here: &sums, city: &city, words: snapshot.description.wording() };
    let parent = classes.parent().filter(|_| !query.secondary);
    let mut other = sums.groups(classes.others());
    let in_question: Vec<&Amounts> = match parent {
        Some(parent) => vec![&nodes[parent]],
        None => classes.shown().iter().map(|group| &groups[*group]).collect(),
    };
    // with the total, what is left besides the others is the class in question
    let known: Vec<&Amounts> = in_question.into_iter().chain([&totals, &groups[classes.len()]]).collect();
    classes::beside(&mut other, &known);
    let table = DisclosureTable {
        lines: vec![DisclosureLine::single(&mut other)],
        parts_add_up: false,
        lines_add_up: false,
        withheld,
    };
    query.disclosure.withhold(&rules, table);
    let parent = parent.map(|parent| rows.parent(&classes.nodes()[parent].groups, nodes[parent].clone()));
    let mut reading = classes.is_varied().then(|| ClassReading {
        level: classes.level_word().to_owned(),
        level_title: classes.level_title().cloned(),
        path: classes.path().to_vec(),
        parent,
        version: classes.version().cloned(),
    });
    let mut clusters = rows.list(groups, (!query.secondary).then_some(other));
    let parent = reading.as_mut().and_then(|reading| reading.parent.as_mut());
    grow(snapshot, register, query, (area.as_ref(), &mut totals, &mut clusters, parent))?;

    let counts = counts(snapshot, query, area);
    let is_mixed = !query.secondary && register.cluster.is_some() && classes.path().is_empty();
    let shares: Vec<f64> = clusters.iter().filter(|_| is_mixed).map(|c| c.count as f64).collect();
    let mut notes = notes(snapshot, query, zone.schematic, &counts, &totals, &clusters);
    notes.extend(
        overlap
            .filter(|o| o.count > 0 || o.area_km2.is_some_and(|km2| km2 >= 1e-4))
            .map(|o| overlapping(&snapshot.description.wording(), o)),
    );
    Ok(Summary {
        revision: snapshot.description.revision.clone(),
        dataset: snapshot.description.manifest.id.clone(),
        sample: snapshot.description.sample(),
        period: query.shown_period(snapshot),
        as_of: query.as_of(snapshot).map(|day| day.to_string()),
        secondary: query.secondary,
        filter: query.filter.canonical(),
        scope: snapshot.scope_name(),
        zone,
        counts,
        overlap,
        totals,
        classes: reading,
        clusters,
        class_mix: ClassMix { hhi: hhi(&shares), entropy: entropy(&shares) },
        city: CityInfo { count: city.matched },
        notes,
    })
}

/// Says how the sums of an area changed from earlier periods, where that is wanted.
fn grow(
    snapshot: &Snapshot,
    register: &Register,
    query: &Query,
    (area, totals, clusters, mut parent): (Option<&Bitmap>, &mut Amounts, &mut [ClusterRow], Option<&mut ClusterRow>),
) -> Result<(), QueryError> {
    let classes = &*query.classes;
    for (now, before) in query.before(snapshot, register) {
        let Some(earlier) = Earlier::new(snapshot, register, query, (now, &before)) else { continue };
        let pairs = earlier.pairs().area(area);
        let before = summarize(snapshot, &before)?;
        earlier.compare(totals, &before.totals, before.counts.matched, &pairs, Part::All);
        let whole = before.classes.as_ref().and_then(|reading| reading.parent.as_ref());
        if let (Some(parent), Some(then), Some(place)) = (&mut parent, whole, classes.parent()) {
            let groups = Part::Groups(&classes.nodes()[place].groups);
            earlier.compare(&mut parent.amounts, &then.amounts, then.count, &pairs, groups);
        }
        for row in &mut *clusters {
            let is_row = |(code, part): (&Option<String>, Option<ClassPart>)| *code == row.code && part == row.part;
            let Some(of) = before.clusters.iter().find(|of| is_row((&of.code, of.part))) else { continue };
            let part = match classes.list().iter().position(|class| is_row((&class.code, class.part))) {
                Some(group) => Part::Group(group),
                None if row.part == Some(ClassPart::Other) => Part::Groups(classes.others()),
                None => Part::Group(classes.len()),
            };
            earlier.compare(&mut row.amounts, &of.amounts, of.count, &pairs, part);
        }
    }
    Ok(())
}

/// Counts of the whole city under the question's conditions: what shares and quotients are of. For a reader who is limited
/// to districts they are those of everybody, except where the conditions name a place or single enterprises
/// ([`City::is_of_everybody`]); of the others' enterprises no fewer are counted than a sum needs.
pub(super) struct City {
    pub(super) matched: u64,
    /// By cluster, those of none last.
    counts: Vec<u64>,
}

impl City {
    pub(super) fn new(snapshot: &Snapshot, query: &Query, own: &Summing) -> Self {
        let own = own.plain(None);
        let clusters = query.classes.len();
        let counts = |sums: &Sums| (0..=clusters).map(|c| sums.count(c)).collect();
        let own = Self { matched: own.matched(), counts: counts(&own) };
        let Some((whole, register)) = snapshot.whole().and_then(|w| Some((w, w.register()?.1))) else { return own };
        if !Self::is_of_everybody(snapshot, query) {
            return own;
        }
        // the conditions of a question hold for the whole as they do for its part
        let summing = Summing::new(whole, register, query);
        let all = summing.plain(None);
        let all = Self { matched: all.matched(), counts: counts(&all) };
        let minimum = snapshot.rules().minimum;
        let known = |own: u64, all: u64| if all.saturating_sub(own) < minimum { own } else { all };
        let counts = own.counts.iter().zip(&all.counts).map(|(own, all)| known(*own, *all)).collect();
        Self { matched: known(own.matched, all.matched), counts }
    }

    /// Whether a reader who is limited to districts is given counts and sums of everybody's enterprises under the conditions
    /// of a question. Under conditions on places these would be of other districts, and of single enterprises there by
    /// comparison.
    pub(super) fn is_of_everybody(snapshot: &Snapshot, query: &Query) -> bool {
        query.bbox.is_empty() && !snapshot.names_place(&query.filter) && !snapshot.is_identifying(&query.filter)
    }

    pub(super) fn count(&self, cluster: usize) -> u64 {
        self.counts[cluster]
    }
}

/// The classes of a summary.
struct Rows<'a> {
    register: &'a Register,
    query: &'a Query,
    here: &'a Sums<'a>,
    city: &'a City,
    words: Wording,
}

impl Rows<'_> {
    /// The classes in question, those beside them as one where their sums are given, and enterprises of none.
    fn list(&self, mut groups: Vec<Amounts>, other: Option<Amounts>) -> Vec<ClusterRow> {
        let classes = &self.query.classes;
        let mut out = Vec::new();
        for &group in classes.shown() {
            let Some(Class { code, name, mark, part, .. }) = classes.get(group) else { continue };
            // what is not further classified, or split, is a row where there is some
            if part.is_none() || self.city.count(group) > 0 {
                let amounts = std::mem::take(&mut groups[group]);
                out.push(self.row((code.clone(), *part), (name.clone(), mark), &[group], amounts));
            }
        }
        let others = classes.others();
        if let Some(other) = other.filter(|_| others.iter().any(|group| self.city.count(*group) > 0)) {
            let name = self.words.text("其余{class}", "All other {classes}");
            out.push(self.row((None, Some(ClassPart::Other)), (name, "余"), others, other));
        }
        let none = classes.len();
        if self.register.cluster.is_some() && self.city.count(none) > 0 {
            let name = Text::new("未分类", "Unclassified");
            let amounts = std::mem::take(&mut groups[none]);
            out.push(self.row((None, None), (name, "他"), &[none], amounts));
        }
        out
    }

    /// The class whose parts are in question.
    fn parent(&self, groups: &[usize], amounts: Amounts) -> ClusterRow {
        let classes = &self.query.classes;
        let of = classes.path().last();
        let mark = groups.iter().find_map(|group| classes.get(*group).filter(|c| c.part.is_some()));
        let name = of.map(|of| of.name.clone()).unwrap_or_default();
        self.row((of.map(|of| of.code.clone()), None), (name, mark.map_or("", |c| &c.mark)), groups, amounts)
    }

    fn row(
        &self,
        (code, part): (Option<String>, Option<ClassPart>),
        (name, mark): (Text, &str),
        groups: &[usize],
        amounts: Amounts,
    ) -> ClusterRow {
        let Self { register, query, here, city, .. } = self;
        let ratio = |a: u64, b: u64| (b > 0).then(|| a as f64 / b as f64);
        // under a filter on the cluster itself every quotient would be 1: it says nothing
        let quotient = register.cluster.is_none_or(|cluster| !query.filter.mentions(cluster));
        let count = here.count_of(groups);
        let in_city = groups.iter().map(|group| city.count(*group)).sum();
        let (share, city_share) = (ratio(count, here.matched()), ratio(in_city, city.matched));
        let lq = share.zip(city_share).filter(|(_, c)| quotient && *c > 0.0).map(|(s, c)| s / c);
        let share_of_city = ratio(count, in_city);
        let numbers = quotient::Counts { both: count, area: here.matched(), class: in_city, whole: city.matched };
        let lq_test = lq.and_then(|_| numbers.test());
        ClusterRow {
            code,
            part,
            name,
            mark: mark.to_owned(),
            count,
            share,
            amounts,
            share_of_city,
            lq,
            lq_test,
            whole: in_city,
        }
    }
}

fn overlapping(words: &Wording, Overlap { count, area_km2 }: Overlap) -> Note {
    let (zh, en) = area_km2
        .map_or_else(Default::default, |km2| (format!("重叠 {km2:.2} km²,"), format!("; overlap of {km2:.2} km²")));
    let rows = words.row.count(count, &count.to_string());
    Note::new(
        "overlap",
        format!("所并范围{zh}其中 {}同时属于两个以上范围,只计一次。", rows.zh),
        format!("In more than one of the united areas: {}, counted once each{en}.", rows.en),
    )
}

fn counts(snapshot: &Snapshot, query: &Query, area: Option<Bitmap>) -> Counts {
    let zones = &snapshot.zones;
    let rows = match (area, query.passing(snapshot)) {
        (Some(mut area), Some(passing)) => {
            passing.keep(&mut area);
            Some(area)
        }
        (area, passing) => area.or_else(|| passing.map(|p| p.all())),
    };
    let sets = [&zones.located, &zones.by_point, &zones.by_declared, &zones.mismatch];
    let (matched, [located, by_point, by_declared, mismatch]) = match &rows {
        None => (zones.located.len(), sets.map(Bitmap::count)),
        Some(rows) => (rows.count(), rows.counts_and(sets)),
    };
    let [matched, located, by_point, by_declared, mismatch] =
        [matched, located, by_point, by_declared, mismatch].map(|n| n as u64);
    let undated = query.register_of(snapshot).and_then(|r| r.valid.as_ref()).map(|valid| {
        let undated = rows.as_ref().map_or_else(|| valid.undated.count(), |rows| rows.count_and(&valid.undated));
        undated as u64
    });
    Counts { matched, by_point, by_declared, mismatch, located, unlocated: matched - located, undated }
}

/// Writes the notes of a summary in the words of the dataset.
struct Notes {
    words: Wording,
    list: Vec<Note>,
}

impl Notes {
    fn add(&mut self, code: &'static str, zh: &str, en: &str) {
        let Text { zh, en } = self.words.text(zh, en);
        self.list.push(Note::new(code, zh, en));
    }
}

fn notes(
    snapshot: &Snapshot,
    query: &Query,
    schematic: bool,
    counts: &Counts,
    totals: &Amounts,
    clusters: &[ClusterRow],
) -> Vec<Note> {
    let about = &snapshot.description;
    let mut notes = Notes { words: about.wording(), list: vec![] };
    if let Some(Text { zh, en }) = snapshot.scope_name() {
        notes.add(
            "scope",
            &format!("您的权限只包含{zh}:合计与名录只含其{{row}};占比与区位熵以{{whole}}{{row}}数为分母。"),
            &format!(
                "Your permission is limited to {en}: sums and lists hold its {{rows}} only; shares and location quotients are of the numbers of {{rows}} in {{whole}}."
            ),
        );
    }
    if about.sample() {
        let (zh, en) = if about.manifest.has_plan() {
            (";不与规划目标对比", "; never compared with the plan's targets")
        } else {
            ("", "")
        };
        notes.add(
            "sample",
            &format!("示例数据:{{row}}为虚构,仅用于演示{zh}。"),
            &format!("Sample data: the {{rows}} are invented, for demonstration only{en}."),
        );
    }
    if schematic {
        notes.add(
            "schematic",
            "范围为示意,不是法定或公布的边界。",
            "The outline is schematic, not a legal or published boundary.",
        );
    }
    let register = snapshot.register.as_ref();
    if register.is_some_and(|r| matches!(*snapshot.layers[r.layer].index, Index::Shapes(_))) {
        notes.add(
            "assigned-by-point",
            "面状、线状的{row}整体归区:面按其内部一点,线按其中点,不按面积分摊。",
            "{rows} that are areas or lines belong whole: an area by a point inside, a line by its middle; shares of an area are not counted.",
        );
    }
    if register.is_some_and(|r| r.district.is_some()) {
        notes.add(
            "edge-rule",
            "有坐标的{row}按点位归区,边界左、下含,右、上不含,每{counter}只计一次;无坐标的{row}只计入其填报{zone}。",
            "Located {rows} belong by their point (lower and left borders in, upper and right out), each once; unlocated ones only to their declared {zone}.",
        );
    } else {
        notes.add(
            "edge-rule",
            "有坐标的{row}按点位归区,边界左、下含,右、上不含,每{counter}只计一次;无坐标的{row}不归入任何区域。",
            "Located {rows} belong by their point (lower and left borders in, upper and right out), each once; unlocated ones to no zone.",
        );
    }
    if register.is_some_and(|r| r.cluster.is_some()) {
        let scope = register.and_then(|r| r.scope.as_ref());
        let (zh, en) = scope.map_or_else(
            || (String::new(), String::new()),
            |s| (format!("({}内),不是全行业", s.zh), format!(" ({}), not all industries", s.en)),
        );
        notes.add(
            "lq-scope",
            &format!("区位熵按{{row}}数计算,分母为本名录{zh}。"),
            &format!("Location quotients are by number of {{rows}} within this register{en}."),
        );
    }
    read_by(&mut notes, &query.classes, clusters);
    if query.secondary {
        notes.add(
            "secondary",
            "含兼属:一{counter}{row}可计入多个{class},各{class}之和大于合计。",
            "Secondary {classes} included: one of the {rows} may count in several {classes}, so they add up to more than the total.",
        );
    }
    if counts.mismatch > 0 {
        let rows = notes.words.row.count(counts.mismatch, &counts.mismatch.to_string());
        notes.add(
            "mismatch",
            &format!("{}的点位与填报{{zone}}不一致,按点位计。", rows.zh),
            &format!("Position outside the declared {{zone}}: {}, counted by position.", rows.en),
        );
    }
    dated(&mut notes, snapshot, query, counts);
    published(&mut notes, register, query, totals);
    guarded(&mut notes, snapshot, query, totals, clusters);
    notes.list
}

/// At which level and by which version classes are read.
fn read_by(notes: &mut Notes, classes: &Classes, clusters: &[ClusterRow]) {
    let some = |part: ClassPart| clusters.iter().filter(|c| c.part == Some(part)).map(|c| c.count).sum::<u64>();
    if let Some(class) = classes.path().last() {
        let (zh, en) = (&class.name.zh, &class.name.en);
        notes.add(
            "class-parent",
            &format!("{{class}}为“{zh}”({code})的下级;其余并为一行。", code = class.code),
            &format!("The {{classes}} are those below {en} ({code}); all others are one line.", code = class.code),
        );
    } else if let Some(title) = classes.level_title() {
        notes.add(
            "class-level",
            &format!("{{class}}按“{}”一级统计。", title.zh),
            &format!("The {{classes}} are at the level {}.", within_sentence(&title.en)),
        );
    }
    if some(ClassPart::NotFurther) > 0 {
        notes.add(
            "not-further",
            "只知上级{class}的{row}单列为“未细分”,不分摊到下级。",
            "{Rows} of which only the {class} above is known are lines of their own, not further classified; they are not divided.",
        );
    }
    if let Some(version) = classes.version() {
        let (zh, en) = (&version.title.zh, &version.title.en);
        let of = |text: &str, before: &str| if text.is_empty() { String::new() } else { format!("{before}{text}") };
        notes.add(
            "class-version",
            &format!("{{class}}按“{zh}”归类,由名录的代码经对照表换算{}。", of(&version.source.zh, ";对照表来源:")),
            &format!(
                "The {{classes}} are read by {en}, from the register's codes by a table of correspondence{}.",
                of(&version.source.en, "; source: ")
            ),
        );
        if !version.split.is_empty() {
            let names = |en: bool| {
                let one = |split: &crate::snapshot::SplitCode| {
                    let to: Vec<String> = split
                        .to
                        .iter()
                        .map(|to| {
                            let share = to.share.map_or_else(String::new, |share| format!(" {:.0} %", share * 100.0));
                            format!("{}{share}", if en { &to.name.en } else { &to.name.zh })
                        })
                        .collect();
                    format!("{} → {}", if en { &split.name.en } else { &split.name.zh }, to.join(" + "))
                };
                version.split.iter().map(one).collect::<Vec<_>>().join(if en { "; " } else { ";" })
            };
            let counted = notes.words.row.count(some(ClassPart::Ambiguous), &some(ClassPart::Ambiguous).to_string());
            notes.add(
                "class-split",
                &format!("一分为多的代码不能拆分,其{{row}}不按比例分摊,除非本身有该版本的代码:{}。未能归类的有 {}。", names(false), counted.zh),
                &format!("Codes that are several in this version cannot be split; their {{rows}} are not divided by shares, unless they have a code of the version themselves: {}. In none of its {{classes}}: {}.", names(true), counted.en),
            );
        }
    }
}

/// Which rows count in the year, and of how many that is not known.
fn dated(notes: &mut Notes, snapshot: &Snapshot, query: &Query, counts: &Counts) {
    let spec = query.of(snapshot).spec.register.as_ref().and_then(|r| r.valid.as_ref());
    let (Some(undated), Some(spec)) = (counts.undated, spec) else {
        // what follows the year is left out where there is nothing that does
        if query.register_of(snapshot).is_none_or(|r| r.metrics.is_empty()) {
            return notes.add(
                "as-it-stands",
                "名录现状(不随年份):名录没有起止日期,各年{row}数相同。",
                "Register as it stands (not by year): it has no dates of beginning or end, so the {rows} are the same in every year.",
            );
        }
        return notes.add(
            "as-it-stands",
            "名录现状(不随年份):名录没有起止日期,各年{row}数相同,只有指标随年份变化。",
            "Register as it stands (not by year): it has no dates of beginning or end, so the {rows} are the same in every year and only the figures differ.",
        );
    };
    if let Some(day) = query.as_of(snapshot) {
        let title = |name: &Option<String>| {
            let property = query.of(snapshot).spec.property(name.as_deref()?)?.1;
            Some((property.title.zh.clone(), within_sentence(&property.title.en)))
        };
        let from = title(&spec.from).map(|(zh, en)| (format!("{zh}不晚于该日"), format!("{en} not later")));
        let to = title(&spec.to).map(|(zh, en)| (format!("{zh}在该日之后或为空"), format!("{en} later or none")));
        let both = |english: bool| {
            let words = from.iter().chain(&to).map(|(zh, en)| if english { en.as_str() } else { zh.as_str() });
            words.collect::<Vec<_>>().join(if english { ", " } else { "," })
        };
        notes.add(
            "as-of",
            &format!("计 {day} 在册的{{row}}({})。", both(false)),
            &format!("The {{rows}} counted are those there on {day} ({}).", both(true)),
        );
    }
    if undated > 0 {
        let rows = notes.words.row.count(undated, &undated.to_string());
        notes.add(
            "undated",
            &format!("{}没有起始日期,计入其终止前的各年。", rows.zh),
            &format!("Without a date of beginning and counted in every year before their end: {}.", rows.en),
        );
    }
}

/// Which sums are protected or withheld.
fn guarded(notes: &mut Notes, snapshot: &Snapshot, query: &Query, totals: &Amounts, clusters: &[ClusterRow]) {
    let register = snapshot.register.as_ref();
    let amounts = || totals.values().chain(clusters.iter().flat_map(|c| c.amounts.values()));
    if amounts().any(|a| a.protected && a.sum.is_some()) {
        let rules = snapshot.rules();
        let (least, most) = (rules.noise_least_percent, rules.noise_most_percent);
        let periods = register.iter().flat_map(|r| &r.metrics).map(|m| m.period(query.period));
        let errors = periods.enumerate().filter_map(|(metric, period)| snapshot.protected(metric, period?));
        // how near the totals come is no secret, but the last digit of it would be of use to nobody else
        let error = errors.map(|p| p.error_percent).fold(1.0, f64::max).ceil();
        notes.add(
            "protected",
            &format!(
                "已作保密处理:受限指标的合计由加噪数值求得,单{{counter}}数值带 {least} %~{most} % 的偏差;各{{zone}}与全域合计的误差在 {error} % 以内,其他范围{{row}}越少误差越大。{{row}}数不受影响。"
            ),
            &format!(
                "Protected for statistical confidentiality: sums of restricted figures are of values that carry noise of {least} to {most} per cent each. Totals of the {{zones}} and of the whole are within {error} per cent; elsewhere the error grows as {{rows}} get fewer. Counts are exact."
            ),
        );
    }
    if amounts().any(|a| a.withheld) {
        notes.add(
            "withheld",
            "部分合计涉及{row}过少、由一两{counter}{row}主导,或条件可指认单{counter}{row},按统计保密要求不显示。",
            "Some sums stand on too few {rows}, are mostly of one or two {rows}, or are under a condition that names single {rows}: withheld for statistical confidentiality.",
        );
    }
}

/// Which metrics are not published for the period in question, which are of other periods, and how many rows lack a value.
fn published(notes: &mut Notes, register: Option<&Register>, query: &Query, totals: &Amounts) {
    let Some(register) = register else { return };
    let known = || register.metrics.iter().filter_map(|m| Some((m, totals.get(&m.id)?)));
    let periods: Vec<(&Text, Period)> = known().filter_map(|(m, total)| Some((&m.title, total.period?))).collect();
    if periods.iter().any(|(_, period)| *period != periods[0].1) {
        let years = periods.iter().all(|(_, period)| period.whole_year().is_some());
        let (of_zh, of_en) = if years { ("年份", "year") } else { ("时期", "period") };
        let zh: Vec<String> = periods.iter().map(|(t, period)| format!("{} {}", t.zh, period.words().zh)).collect();
        let en: Vec<String> =
            periods.iter().map(|(t, period)| format!("{} {}", within_sentence(&t.en), period.words().en)).collect();
        notes.add(
            "years",
            &format!("各指标为其最近公布的{of_zh}:{}。", zh.join("、")),
            &format!("Each figure is of the latest {of_en} for which it is published: {}.", en.join(", ")),
        );
    }
    for (m, total) in known() {
        let title = &m.title;
        made_of(notes, m, total);
        let inside = within_sentence(&title.en);
        match (total.period, query.period) {
            (None, Some(period)) if !m.lacking(period).is_empty() => {
                let lacking = m.lacking(period);
                let [zh, en] = [Lang::Zh, Lang::En].map(|lang| listed(&lacking, lang));
                let figure = if m.kind == MetricKind::Stock { "figure" } else { "sum" };
                notes.add(
                    "incomplete-period",
                    &format!("{}{}缺{zh},不给出数值。", period.words().zh, title.zh),
                    &format!("No {figure} for {}: {inside} lacks {en}.", period.words().en),
                );
            }
            (None, Some(period)) => notes.add(
                "not-published",
                &format!("{}未公布{}。", period.words().zh, title.zh),
                &format!("Not published for {}: {inside}.", period.words().en),
            ),
            (None, None) => {
                notes.add("not-published", &format!("未公布{}。", title.zh), &format!("Not published: {inside}."));
            }
            (Some(period), _) if total.missing > 0 => {
                let rows = notes.words.row.count(total.missing, &total.missing.to_string());
                notes.add(
                    "missing",
                    &format!("{}缺 {}{},未计入合计。", rows.zh, period.words().zh, title.zh),
                    &format!("Without {inside} for {} and not in the sum: {}.", period.words().en, rows.en),
                );
            }
            _ => {}
        }
    }
}

/// How the figures of a period were made of those of shorter ones.
fn made_of(notes: &mut Notes, m: &Metric, total: &Amount) {
    let Some(period) = total.period else { return };
    let parts = m.made_of(period);
    let (inside, words) = (within_sentence(&m.title.en), period.words());
    match parts[..] {
        [last] if last != period => notes.add(
            "period-last",
            &format!("{}{}为{}的数值。", words.zh, m.title.zh, last.words().zh),
            &format!("For {}, {inside} is that of {}.", words.en, last.words().en),
        ),
        [_, _, ..] => {
            let n = parts.len();
            let months = period.parts(Granularity::Month).len() == n;
            let (zh, en) = if months { ("个月", "months") } else { ("个季度", "quarters") };
            notes.add(
                "period-sum",
                &format!("{}{}为 {n} {zh}之和,只含各期都有数的{{row}}。", words.zh, m.title.zh),
                &format!("For {}, {inside} is the sum of {n} {en}, of the {{rows}} that report in each.", words.en),
            );
        }
        _ => {}
    }
}

/// Periods in words, one after the other.
fn listed(periods: &[Period], lang: Lang) -> String {
    let words: Vec<String> = periods.iter().map(|period| period.words().get(lang).to_owned()).collect();
    words.join(if lang == Lang::Zh { "、" } else { ", " })
}
