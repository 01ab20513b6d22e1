//! What is said of a change: sentences by rules that are stated beside the figures, each with the figures that it was made from.

use super::{AreaChange, Change, ChangeSentence, ClassChange};
use crate::model::{Period, Text, Wording};
use crate::query::answer::Note;
use crate::query::profile::Fact;
use crate::snapshot::Description;
use crate::stats::quotient::LEAST_ROWS;

/// Says what is to be said of the whole and of each area.
pub(super) fn find(change: &mut Change, words: &Wording) {
    let (Some(now), Some(since), Some(mut whole)) = (change.period, change.since, change.whole.take()) else { return };
    let rate = whole.changed.rate;
    let say = Say { change, words, now, since, rate };
    let of_areas: Vec<Vec<ChangeSentence>> = change.zones.iter().map(|zone| say.of(zone, false)).collect();
    whole.findings = say.of(&whole, true);
    change.zones.iter_mut().zip(of_areas).for_each(|(zone, findings)| zone.findings = findings);
    change.whole = Some(whole);
}

/// A number with its thousands apart.
fn written(value: f64, decimals: u8) -> String {
    let text = format!("{:.*}", usize::from(decimals), value.abs());
    let (whole, fraction) = text.split_once('.').map_or((text.as_str(), String::new()), |(a, b)| (a, format!(".{b}")));
    let mut out = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out + &fraction
}

/// The same with its sign.
fn signed(value: f64, decimals: u8) -> String {
    let text = written(value, decimals);
    let nothing = text.chars().all(|c| matches!(c, '0' | '.'));
    let sign = match value {
        _ if nothing => "",
        value if value < 0.0 => "-",
        _ => "+",
    };
    format!("{sign}{text}")
}

fn percent(rate: f64) -> String {
    format!("{}%", signed(rate * 100.0, 1))
}

struct Say<'a> {
    change: &'a Change,
    words: &'a Wording,
    now: Period,
    since: Period,
    /// The rate of the whole.
    rate: Option<f64>,
}

/// The sentence of a rule so far.
struct Made {
    rule: &'static str,
    text: Text,
    facts: Vec<Fact>,
}

impl Made {
    fn and(mut self, text: &Text, facts: impl IntoIterator<Item = Fact>) -> Self {
        self.text = Text::new(self.text.zh + &text.zh, self.text.en + &text.en);
        self.facts.extend(facts);
        self
    }

    fn done(self) -> ChangeSentence {
        let Self { rule, text, facts } = self;
        ChangeSentence { rule, text: Text::new(text.zh + "。", text.en + "."), facts }
    }
}

impl Say<'_> {
    fn text(&self, zh: &str, en: &str, values: &[Text]) -> Text {
        let mut out = self.words.text(zh, en);
        for (place, value) in values.iter().enumerate() {
            let mark = format!("{{{place}}}");
            out = Text::new(out.zh.replace(&mark, &value.zh), out.en.replace(&mark, &value.en));
        }
        out
    }

    fn of(&self, area: &AreaChange, is_whole: bool) -> Vec<ChangeSentence> {
        let all = [
            self.changed(area, is_whole),
            if is_whole { None } else { self.divided(area) },
            self.outstanding(area, is_whole, true),
            self.outstanding(area, is_whole, false),
            self.rows(area),
            self.alike(area),
        ];
        all.into_iter().flatten().collect()
    }

    /// A value with its unit.
    fn amount(&self, value: f64) -> Text {
        self.with_unit(&written(value, self.change.weight.decimals))
    }

    fn part(&self, value: f64) -> Text {
        self.with_unit(&signed(value, self.change.decimals))
    }

    fn difference(&self, value: f64) -> Text {
        self.with_unit(&signed(value, self.change.weight.decimals))
    }

    fn with_unit(&self, number: &str) -> Text {
        let unit = &self.change.weight.unit;
        // a unit that begins with a number is a factor
        let with = |unit: &str| match unit.chars().next() {
            None => number.to_owned(),
            Some(first) if first.is_ascii_digit() => format!("{number} × {unit}"),
            Some(_) => format!("{number} {unit}"),
        };
        Text::new(with(&unit.zh), with(&unit.en))
    }

    fn changed(&self, area: &AreaChange, is_whole: bool) -> Option<ChangeSentence> {
        let changed = &area.changed;
        let (before, now, difference) = (changed.before?, changed.now?, changed.change?);
        let names = [
            if is_whole { self.words.whole.clone() } else { name(area) },
            self.change.weight.title.clone(),
            self.since.words(),
            self.amount(before),
            self.now.words(),
            self.amount(now),
            self.difference(difference),
        ];
        let text = self.text(
            "{0}的{1}由 {2}的 {3}变为 {4}的 {5},变化 {6}",
            "{1} of {0} went from {3} ({2}) to {5} ({4}): {6}",
            &names,
        );
        let facts = vec![
            fact("before", before, area, None),
            fact("now", now, area, None),
            fact("change", difference, area, None),
        ];
        let mut made = Made { rule: "changed", text, facts };
        if let Some(rate) = changed.rate {
            made =
                made.and(&self.text("({0})", ", {0}", &[Text::same(percent(rate))]), [fact("rate", rate, area, None)]);
        }
        if let Some(whole) = self.rate.filter(|_| !is_whole) {
            let text = self.text(",{whole} {0}", ", and {0} in {whole}", &[Text::same(percent(whole))]);
            made = made.and(&text, [Fact { zone: None, ..fact("rate_of_whole", whole, area, None) }]);
        }
        Some(made.done())
    }

    fn divided(&self, area: &AreaChange) -> Option<ChangeSentence> {
        let parts = area.changed.parts?;
        let text = self.text(
            "其中按{whole}增速为 {0},{class}构成带来 {1},自身因素 {2},即{3}",
            "Of it, {0} is the rate of {whole}, {1} the mix of {classes} and {2} its own: {3}",
            &[self.part(parts.whole), self.part(parts.mix), self.part(parts.regional), Self::pace(parts.regional)],
        );
        let facts = vec![
            fact("whole", parts.whole, area, None),
            fact("mix", parts.mix, area, None),
            fact("regional", parts.regional, area, None),
        ];
        let made = Made { rule: "divided", text, facts };
        let other = area.changed.dynamic.map(|dynamic| dynamic.regional);
        let other = other.filter(|other| other * parts.regional < 0.0);
        Some(
            match other {
                None => made,
                Some(other) => made.and(
                    &self.text(
                        ";逐期相加时自身因素为 {0},正负相反,结论取决于基期,不可单独采信",
                        "; added up from period to period its own part is {0}, of the other sign: it hangs on the base, believe neither alone",
                        &[self.part(other)],
                    ),
                    [fact("dynamic_regional", other, area, None)],
                ),
            }
            .done(),
        )
    }

    /// Whether an own part is more or less than the mix lets one expect.
    fn pace(regional: f64) -> Text {
        match regional.total_cmp(&0.0) {
            _ if regional == 0.0 => Text::new("与按其构成应有的变化相同", "as its mix lets one expect"),
            std::cmp::Ordering::Greater => Text::new("好于按其构成应有的变化", "more than its mix lets one expect"),
            _ => Text::new("不及按其构成应有的变化", "less than its mix lets one expect"),
        }
    }

    /// The class that adds most, or takes most: by its own part, of the whole by its change. Of few rows nothing is said.
    fn outstanding(&self, area: &AreaChange, is_whole: bool, most: bool) -> Option<ChangeSentence> {
        let of = |class: &ClassChange| {
            let enough = class.changed.count >= LEAST_ROWS;
            let figure = if is_whole { class.changed.change } else { class.changed.parts.map(|parts| parts.regional) };
            figure.filter(|figure| enough && class.code.is_some() && (*figure > 0.0) == most && *figure != 0.0)
        };
        let all = area.classes.iter().filter_map(|class| Some((class, of(class)?)));
        let (class, figure) = if most {
            // the first of equals
            all.rev().max_by(|a, b| a.1.total_cmp(&b.1))?
        } else {
            all.min_by(|a, b| a.1.total_cmp(&b.1))?
        };
        let (rule, zh, en) = match (is_whole, most) {
            (true, true) => ("most", "增加最多的{class}是{0}:{1}", "The {class} that grew most is {0}: {1}"),
            (true, false) => ("least", "减少最多的{class}是{0}:{1}", "The {class} that fell most is {0}: {1}"),
            (false, true) => (
                "leading",
                "自身因素为正且最大的{class}是{0}:{1}",
                "The {class} with the largest part of its own is {0}: {1}",
            ),
            (false, false) => (
                "lagging",
                "自身因素为负且最大的{class}是{0}:{1}",
                "The {class} that lags most by its own part is {0}: {1}",
            ),
        };
        let amount = if is_whole { self.difference(figure) } else { self.part(figure) };
        let text = self.text(zh, en, &[class.name.clone(), amount]);
        let figure_name = if is_whole { "change" } else { "regional" };
        Some(Made { rule, text, facts: vec![fact(figure_name, figure, area, Some(class))] }.done())
    }

    fn rows(&self, area: &AreaChange) -> Option<ChangeSentence> {
        let rows = area.changed.rows?;
        let row = &self.words.row;
        let count = |n: u64| row.count(n, &written(n as f64, 0));
        let text = self.text(
            "{0}两期都在,{1}新进入,{2}退出",
            "{0} there in both periods, {1} entered, {2} left",
            &[count(rows.stayed), count(rows.entered), count(rows.left)],
        );
        let facts = vec![
            fact("stayed", rows.stayed as f64, area, None),
            fact("entered", rows.entered as f64, area, None),
            fact("left", rows.left as f64, area, None),
        ];
        let mut made = Made { rule: "rows", text, facts };
        if let Some(entered) = rows.entered_now.filter(|_| rows.entered > 0) {
            let text = self.text(";新进入者有 {0}", "; those that entered have {0}", &[self.amount(entered)]);
            made = made.and(&text, [fact("entered_now", entered, area, None)]);
        }
        if let Some(left) = rows.left_before.filter(|_| rows.left > 0) {
            let text = self.text(";退出者原有 {0}", "; those that left had {0}", &[self.amount(left)]);
            made = made.and(&text, [fact("left_before", left, area, None)]);
        }
        Some(made.done())
    }

    fn alike(&self, area: &AreaChange) -> Option<ChangeSentence> {
        let alike = area.changed.alike.filter(|alike| alike.both >= LEAST_ROWS)?;
        let rate = alike.rate?;
        let number = |n: u64| Text::same(written(n as f64, 0));
        let text = self.text(
            "两期都有数据的 {0}同口径变化 {1};有数据的:{2} {3}/{4},{5} {6}/{7}",
            "The {0} with a value in both periods changed by {1}; with a value: {3} of {4} in {2}, {6} of {7} in {5}",
            &[
                self.words.row.count(alike.both, &written(alike.both as f64, 0)),
                Text::same(percent(rate)),
                self.since.words(),
                number(alike.reported_before),
                number(alike.rows_before),
                self.now.words(),
                number(alike.reported),
                number(alike.rows),
            ],
        );
        let facts = vec![
            fact("alike", rate, area, None),
            fact("both", alike.both as f64, area, None),
            fact("reported_before", alike.reported_before as f64, area, None),
            fact("reported", alike.reported as f64, area, None),
        ];
        Some(Made { rule: "alike", text, facts }.done())
    }
}

fn name(area: &AreaChange) -> Text {
    let zone = &area.zone;
    Text::new(&zone.name, if zone.name_en.is_empty() { &zone.name } else { &zone.name_en })
}

fn fact(figure: &'static str, value: f64, area: &AreaChange, class: Option<&ClassChange>) -> Fact {
    let zone = Some(area.zone.id.clone()).filter(|id| !id.is_empty());
    Fact { figure, value, zone, class: class.and_then(|class| class.code.clone()) }
}

/// The rules, and when not to believe the figures.
pub(super) fn notes(change: &Change, about: &Description, restricted: bool) -> Vec<Note> {
    let words = about.wording();
    let mut notes = Vec::new();
    let mut add = |code: &str, zh: &str, en: &str| notes.push(Note::filled(&words, code, zh, en));
    add(
        "shift-share",
        "偏离份额分析(Dunn 1960):按{whole}增速的份额 + {class}构成的偏离 + 自身因素 = 变化,各项按所示小数位相加恰好相等;自身因素由差得出。某{class}前期为零的,其变化全归自身因素。",
        "Shift-share (Dunn 1960): the share at the rate of {whole}, the shift by the mix of {classes} and what is a zone's own add up to the change, in the decimals shown; its own part is taken by difference. What changed in a {class} that was nowhere before is a zone's own.",
    );
    add(
        "own-parts",
        "自身因素再分(Esteban-Marquillas 1972):竞争分量为构成与{whole}相同时的自身因素,配置分量为专业化与优势是否相配;前期为零的{class}不再分。",
        "The own part divided (Esteban-Marquillas 1972): the competitive part is what it would be with the mix of {whole}; allocation is whether the zone has more of what grows faster here. Not divided where there was nothing of a {class}.",
    );
    if !change.steps.is_empty() {
        add(
            "dynamic",
            "逐期相加(Barff、Knight 1988):每一期分解后相加,构成随期更新;与首末两期直接分解正负相反的,不可单独采信。",
            "Added up from period to period (Barff and Knight 1988): the mix of each period counts. Where it differs in sign from the parts of the first and last period, believe neither alone.",
        );
    }
    add(
        "arithmetic",
        "这是核算,不是因果:结果随{class}划分的粗细和基期而变;偶然波动在{zone}较小时占比大。",
        "This is arithmetic and names no cause: it follows how finely {classes} are drawn and which period is the base, and chance weighs more in small {zones}.",
    );
    let dated = change.whole.as_ref().is_some_and(|whole| whole.changed.rows.is_some());
    if dated {
        add(
            "rows",
            "“两期都在、新进入、退出”按名录的起止日期,以两期末为准;迁入迁出不分(按现在的位置)。",
            "Rows that stayed, entered and left are those of the register's dates at the end of either period; moves are not told apart, since rows stand where they are now.",
        );
    }
    if change.weight.id != "count" {
        add(
            "alike",
            "总变化含报送面的变化:同口径只看两期都有数据的{row}(不足 10 {counter}不说)。没有数据的按未报计,不是零。",
            "The change of sums is one of reporting, too: like for like are the {rows} with a value in both periods (nothing is said of fewer than 10). No value is no report, not zero.",
        );
    }
    let all = || change.whole.iter().chain(&change.zones);
    if all().any(|area| area.changed.withheld || area.together.is_some()) {
        add(
            "withheld",
            "不公开的数不参与任何一项;任一期不公开的几个{class}合并为一行,与两期公布的合计之差相同,不能由此推出单个。",
            "What is withheld is part of nothing. {Classes} of which a sum is withheld in either period stand together in one line, which is what the sums given in both periods leave of the total: none can be worked out from it.",
        );
    }
    if restricted && all().any(|area| area.changed.rows.is_some_and(|rows| rows.entered_now.is_none())) {
        add(
            "withheld-rows",
            "进入者、退出者的合计,凡由此可看出少数{row}的不给出。",
            "Sums of those that entered or left are not given where they would tell of few {rows}.",
        );
    }
    add(
        "change-findings",
        "说明句按固定规则:总变化;分解及是否好于构成应有;自身因素最大的正、负{class}(本期不足 10 {counter}的不列;对{whole}为变化最大的);进出;同口径。每句所用的数都在表中。",
        "Sentences by fixed rules: the change; its parts, and whether the own one is more than the mix lets one expect; the {classes} with the largest own parts above and below zero (not of fewer than 10 {rows}; for {whole} the largest changes); rows that came and went; like for like. Their figures are all in the table.",
    );
    notes
}

#[cfg(test)]
mod tests {
    use super::{percent, signed, written};

    #[test]
    fn numbers_in_sentences() {
        assert_eq!(written(1_234_567.25, 1), "1,234,567.2");
        assert_eq!((written(999.0, 0), written(1000.0, 0)), ("999".into(), "1,000".into()));
        assert_eq!(
            (signed(-0.04, 1), signed(-1234.5, 1), signed(3.0, 0)),
            ("0.0".into(), "-1,234.5".into(), "+3".into())
        );
        assert_eq!((percent(0.1234), percent(-0.5)), ("+12.3%".into(), "-50.0%".into()));
    }
}
