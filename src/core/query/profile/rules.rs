//! What is outstanding, and what is said of it: rules that are stated beside the figures, so that a reader can follow each sentence.

use super::{ClassProfile, Growth, Profile, ProfileCell, ZoneProfile};
use crate::model::{Text, Wording};
use crate::query::answer::Note;
use crate::snapshot::Description;
use crate::stats::quotient::{LEAST_ROWS, Verdict};
use serde::Serialize;

/// The quotient from which a class is called specialised in a zone (European Cluster Observatory).
const SPECIALISED: f64 = 2.0;
/// The part of zones, and of cells, that is outstanding by size and by focus (European Cluster Observatory).
const OUTSTANDING: f64 = 0.1;
/// The part of zones by quotient from which a class is strong in a zone (U.S. Cluster Mapping).
const STRONG: f64 = 0.25;
/// By how much growth must be above that of all to be called faster: a percentage point.
const FASTER: f64 = 0.01;
/// The share from which a sum hangs on few rows, a class on one zone, a zone on one class.
const HALF: f64 = 0.5;

/// What is outstanding about a class in a zone: at most three stars. Nothing of fewer rows than [`LEAST_ROWS`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a mark of its own")]
pub struct Stars {
    /// Among the tenth of the zones, at least one, with most of the class.
    pub size: bool,
    /// A location quotient of at least 2 and, where there is one, an interval above 1.
    pub specialised: bool,
    /// Among the tenth of all classes in zones, at least one, with the largest share of their zone.
    pub focus: bool,
    /// How many of the three.
    pub stars: u8,
    /// Strong by the other rule: a quotient above 1 and among the quarter of the zones, at least one, with the largest.
    pub strong: bool,
}

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// A strength.
    Strength,
    /// An opportunity.
    Opportunity,
    /// A risk.
    Risk,
}

/// A figure that a finding was made from.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Fact {
    /// Its name in the profile: `lq`, `share_of_class`, `share_of_zone`, `growth`, `growth_of_all`, `share`, `top3_share`.
    pub figure: &'static str,
    /// Value.
    pub value: f64,
    /// Zone id, where it is of one.
    pub zone: Option<String>,
    /// Code of the class, where it is of one.
    pub class: Option<String>,
}

/// A sentence by a stated rule.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// What it is about.
    pub kind: FindingKind,
    /// The rule, as the notes name it.
    pub rule: &'static str,
    /// The sentence.
    pub text: Text,
    /// The figures that it was made from.
    pub facts: Vec<Fact>,
}

/// How many of some are the outstanding part: at least one.
fn part(of: usize, part: f64) -> usize {
    ((of as f64 * part).ceil() as usize).max(1)
}

/// The least of the largest values of a part; none of no value.
fn least_of(mut values: Vec<f64>, of: f64) -> Option<f64> {
    values.retain(|v| *v > 0.0);
    values.sort_unstable_by(|a, b| b.total_cmp(a));
    let place = part(values.len(), of);
    values.get(place - 1).copied()
}

/// Marks what is outstanding.
pub(super) fn award(classes: &mut [ClassProfile]) {
    let enough = |cell: &&ProfileCell| cell.count >= LEAST_ROWS;
    let shares = classes.iter().flat_map(|class| class.cells.iter().filter(enough).filter_map(|c| c.share_of_zone));
    let focus = least_of(shares.collect(), OUTSTANDING);
    for class in classes {
        let of = |figure: fn(&ProfileCell) -> Option<f64>| class.cells.iter().filter_map(figure).collect::<Vec<f64>>();
        // a part of the zones that have the class, few or many
        let size = least_of(of(|c| c.value), OUTSTANDING);
        let strong = least_of(of(|c| c.lq.filter(|_| c.count >= LEAST_ROWS)), STRONG);
        for cell in class.cells.iter_mut().filter(|cell| cell.count >= LEAST_ROWS) {
            let at_least =
                |value: Option<f64>, least: Option<f64>| value.zip(least).is_some_and(|(v, least)| v >= least);
            // a sum may be given of which nothing may be said
            let sure = cell.lq_test.is_none_or(|test| test.verdict == Verdict::Above);
            let mut stars = Stars {
                size: at_least(cell.value, size),
                specialised: at_least(cell.lq, Some(SPECIALISED)) && sure,
                focus: at_least(cell.share_of_zone, focus),
                stars: 0,
                strong: at_least(cell.lq, strong) && cell.lq.is_some_and(|lq| lq > 1.0),
            };
            stars.stars = [stars.size, stars.specialised, stars.focus].into_iter().map(u8::from).sum();
            cell.stars = stars;
        }
    }
}

/// Says what is to be said of each class and zone.
pub(super) fn find(profile: &mut Profile, words: &Wording) {
    let whole = rate(profile.growth.as_ref());
    let classes = profile.classes.len();
    let of_classes: Vec<Vec<Finding>> = profile
        .classes
        .iter()
        .map(|class| {
            let say = Say { words, zones: &profile.zones, whole };
            [say.strength_of(class), say.opportunity_of(class, classes), say.risk_of(class)]
                .into_iter()
                .flatten()
                .collect()
        })
        .collect();
    let of_zones: Vec<Vec<Finding>> = (0..profile.zones.len())
        .map(|place| {
            let say = Say { words, zones: &profile.zones, whole };
            let all = &profile.classes;
            [say.strength_in(place, all), say.opportunity_in(place, all), say.risk_in(place, all)]
                .into_iter()
                .flatten()
                .collect()
        })
        .collect();
    profile.classes.iter_mut().zip(of_classes).for_each(|(class, findings)| class.findings = findings);
    profile.zones.iter_mut().zip(of_zones).for_each(|(zone, findings)| zone.findings = findings);
}

/// The growth of enough rows.
fn rate(growth: Option<&Growth>) -> Option<f64> {
    growth.filter(|growth| growth.both >= LEAST_ROWS).and_then(|growth| growth.rate)
}

fn percent(share: f64) -> String {
    format!("{:.1}%", share * 100.0)
}

/// A change with its sign.
fn change(rate: f64) -> String {
    format!("{:+.1}%", rate * 100.0)
}

struct Say<'a> {
    words: &'a Wording,
    zones: &'a [ZoneProfile],
    /// The growth of the whole.
    whole: Option<f64>,
}

impl Say<'_> {
    /// A text with the dataset's words in it, and what is particular to this sentence in the places of `0` to `3` in braces.
    fn text(&self, zh: &str, en: &str, values: &[Text]) -> Text {
        let mut out = self.words.text(zh, en);
        for (place, value) in values.iter().enumerate() {
            let mark = format!("{{{place}}}");
            out = Text::new(out.zh.replace(&mark, &value.zh), out.en.replace(&mark, &value.en));
        }
        out
    }

    fn name(&self, zone: usize) -> Text {
        let zone = &self.zones[zone].zone;
        let en = if zone.name_en.is_empty() { &zone.name } else { &zone.name_en };
        Text::new(&zone.name, en)
    }

    /// How a quotient is given: with its interval where there is one.
    fn quotient(cell: &ProfileCell) -> Text {
        let lq = cell.lq.unwrap_or_default();
        match cell.lq_test.and_then(|test| test.low.zip(test.high)) {
            Some((low, high)) => Text::new(
                format!("{lq:.2}(95% 区间 {low:.2}–{high:.2})"),
                format!("{lq:.2} (95 % interval {low:.2}–{high:.2})"),
            ),
            None => Text::new(format!("{lq:.2}"), format!("{lq:.2}")),
        }
    }

    /// The cell to name first, of those whose quotient is surely above 1: of most stars, then the largest.
    fn outstanding<'c>(cells: impl Iterator<Item = (usize, &'c ProfileCell)>) -> Option<(usize, &'c ProfileCell)> {
        let sure = |cell: &ProfileCell| match cell.lq_test {
            Some(test) => test.verdict == Verdict::Above,
            None => cell.lq.is_some_and(|lq| lq > 1.0) && cell.count >= LEAST_ROWS,
        };
        let value = |cell: &ProfileCell| cell.value.unwrap_or_default();
        let some = cells.filter(|(_, cell)| sure(cell));
        some.max_by(|(i, a), (j, b)| {
            a.stars.stars.cmp(&b.stars.stars).then(value(a).total_cmp(&value(b))).then(j.cmp(i))
        })
    }

    /// How many stars, where there are any.
    fn stars(cell: &ProfileCell) -> Text {
        match cell.stars.stars {
            0 => Text::default(),
            n => Text::new(format!(",{n} 星"), format!(", {n} of 3 stars")),
        }
    }

    fn strength_of(&self, class: &ClassProfile) -> Option<Finding> {
        let (zone, cell) = Self::outstanding(class.cells.iter().enumerate())?;
        let share = cell.share_of_class?;
        let text = self.text(
            "集聚于 {0}:占全部的 {1},区位熵 {2}{3}。",
            "Concentrated in {0}: {1} of all, location quotient {2}{3}.",
            &[self.name(zone), Text::same(percent(share)), Self::quotient(cell), Self::stars(cell)],
        );
        Some(Finding {
            kind: FindingKind::Strength,
            rule: "concentrated",
            text,
            facts: vec![
                fact("lq", cell.lq?, Some(cell), Some(class)),
                fact("share_of_class", share, Some(cell), Some(class)),
            ],
        })
    }

    fn opportunity_of(&self, class: &ClassProfile, classes: usize) -> Option<Finding> {
        let (growth, share) = (rate(class.growth.as_ref())?, class.share?);
        let whole = self.whole.filter(|whole| growth >= *whole + FASTER && growth > 0.0)?;
        (share < 1.0 / classes as f64).then(|| Finding {
            kind: FindingKind::Opportunity,
            rule: "small-and-growing",
            text: self.text(
                "规模尚小而增长较快:占 {0},同口径增长 {1},全部为 {2}。",
                "Small and growing faster: {0} of all, {1} like for like against {2} of all.",
                &[Text::same(percent(share)), Text::same(change(growth)), Text::same(change(whole))],
            ),
            facts: vec![
                fact("share", share, None, Some(class)),
                fact("growth", growth, None, Some(class)),
                fact("growth_of_all", whole, None, None),
            ],
        })
    }

    fn risk_of(&self, class: &ClassProfile) -> Option<Finding> {
        let few = class.rows.top3_share.filter(|share| *share >= HALF && class.class.count >= LEAST_ROWS);
        let largest =
            class.cells.iter().enumerate().filter_map(|(zone, cell)| Some((zone, cell, cell.share_of_class?)));
        let one = largest.max_by(|a, b| a.2.total_cmp(&b.2).then(b.0.cmp(&a.0)));
        let one =
            one.filter(|(_, _, share)| *share >= HALF && class.cells.len() > 2 && class.class.count >= LEAST_ROWS);
        let falling = rate(class.growth.as_ref()).filter(|rate| *rate < 0.0);
        if let Some(share) = few {
            return Some(self.few_rows(share, None, Some(class)));
        }
        if let Some((zone, cell, share)) = one {
            return Some(Finding {
                kind: FindingKind::Risk,
                rule: "one-zone",
                text: self.text(
                    "一半以上集中在一个{zone}:{0} 占 {1}。",
                    "More than half lies in one of the {zones}: {0} has {1}.",
                    &[self.name(zone), Text::same(percent(share))],
                ),
                facts: vec![fact("share_of_class", share, Some(cell), Some(class))],
            });
        }
        falling.map(|rate| self.falling(rate, None, Some(class)))
    }

    fn strength_in(&self, zone: usize, classes: &[ClassProfile]) -> Option<Finding> {
        let cells = classes.iter().map(|class| &class.cells[zone]).enumerate();
        let (class, cell) = Self::outstanding(cells)?;
        let share = cell.share_of_zone?;
        let class = &classes[class];
        let text = self.text(
            "{0} 突出:占本{zone} {1},区位熵 {2}{3}。",
            "{0} stands out: {1} here, location quotient {2}{3}.",
            &[class.class.name.clone(), Text::same(percent(share)), Self::quotient(cell), Self::stars(cell)],
        );
        Some(Finding {
            kind: FindingKind::Strength,
            rule: "stands-out",
            text,
            facts: vec![
                fact("lq", cell.lq?, Some(cell), Some(class)),
                fact("share_of_zone", share, Some(cell), Some(class)),
            ],
        })
    }

    fn opportunity_in(&self, zone: usize, classes: &[ClassProfile]) -> Option<Finding> {
        let whole = self.whole?;
        let growing = classes.iter().filter_map(|class| {
            let cell = &class.cells[zone];
            let growth = rate(class.growth.as_ref()).filter(|growth| *growth >= whole + FASTER && *growth > 0.0)?;
            let lq = cell.lq.filter(|lq| *lq < 1.0 && cell.count >= LEAST_ROWS)?;
            Some((class, cell, growth, lq))
        });
        let (class, cell, growth, lq) = growing.max_by(|a, b| a.2.total_cmp(&b.2))?;
        Some(Finding {
            kind: FindingKind::Opportunity,
            rule: "growing-elsewhere",
            text: self.text(
                "{0} 在{whole}增长较快(同口径 {1},全部 {2}),在本{zone}占比偏低(区位熵 {3})。",
                "{0} grows faster in {whole} ({1} like for like, {2} of all) and has a small share here (location quotient {3}).",
                &[class.class.name.clone(), Text::same(change(growth)), Text::same(change(whole)), Text::same(format!("{lq:.2}"))],
            ),
            facts: vec![
                fact("growth", growth, None, Some(class)),
                fact("growth_of_all", whole, None, None),
                fact("lq", lq, Some(cell), Some(class)),
            ],
        })
    }

    fn risk_in(&self, zone: usize, classes: &[ClassProfile]) -> Option<Finding> {
        let of = &self.zones[zone];
        if of.count < LEAST_ROWS {
            return None;
        }
        if let Some(share) = of.rows.top3_share.filter(|share| *share >= HALF) {
            return Some(self.few_rows(share, Some(of), None));
        }
        let shares =
            classes.iter().filter_map(|class| Some((class, &class.cells[zone], class.cells[zone].share_of_zone?)));
        let largest = shares.max_by(|a, b| a.2.total_cmp(&b.2));
        if let Some((class, cell, share)) = largest.filter(|(_, _, share)| *share >= HALF && classes.len() > 2) {
            return Some(Finding {
                kind: FindingKind::Risk,
                rule: "one-class",
                text: self.text(
                    "一半以上属于一个{class}:{0} 占 {1}。",
                    "More than half is of one of the {classes}: {0} has {1}.",
                    &[class.class.name.clone(), Text::same(percent(share))],
                ),
                facts: vec![fact("share_of_zone", share, Some(cell), Some(class))],
            });
        }
        rate(of.growth.as_ref()).filter(|rate| *rate < 0.0).map(|rate| self.falling(rate, Some(of), None))
    }

    fn few_rows(&self, share: f64, zone: Option<&ZoneProfile>, class: Option<&ClassProfile>) -> Finding {
        Finding {
            kind: FindingKind::Risk,
            rule: "few-rows",
            text: self.text(
                "依赖少数{row}:最大的 3 {counter}占 {0}。",
                "Hangs on few {rows}: the 3 largest have {0}.",
                &[Text::same(percent(share))],
            ),
            facts: vec![Fact { zone: zone.map(|z| z.zone.id.clone()), ..fact("top3_share", share, None, class) }],
        }
    }

    fn falling(&self, rate: f64, zone: Option<&ZoneProfile>, class: Option<&ClassProfile>) -> Finding {
        Finding {
            kind: FindingKind::Risk,
            rule: "falling",
            text: self.text("同口径下降:{0}。", "Falling like for like: {0}.", &[Text::same(change(rate))]),
            facts: vec![Fact { zone: zone.map(|z| z.zone.id.clone()), ..fact("growth", rate, None, class) }],
        }
    }
}

fn fact(figure: &'static str, value: f64, cell: Option<&ProfileCell>, class: Option<&ClassProfile>) -> Fact {
    Fact { figure, value, zone: cell.map(|c| c.zone.clone()), class: class.map(|c| c.class.code.clone()) }
}

/// The rules, and when not to believe the figures.
pub(super) fn notes(about: &Description, partition: bool, counts: bool) -> Vec<Note> {
    let words = about.wording();
    let mut notes = Vec::new();
    let mut add = |code: &str, zh: &str, en: &str| notes.push(Note::filled(&words, code, zh, en));
    add(
        "stars",
        "星级(欧盟 ECO 的三星规则):规模为该{class}最多的前 10% {zone}(至少一个);专业化为区位熵不低于 2 且有区间的须高于 1;侧重为占本{zone}比重居全部格子前 10%。各得一星。{row}不足 10 {counter}的格子不评。",
        "Stars (the three-star rules of the EU's ECO): size, among the tenth of {zones}, at least one, with most of the {class}; specialisation, a location quotient of at least 2 with an interval above 1; focus, a share of its {zone} among the largest tenth of all cells. One star each; none with fewer than 10 {rows}.",
    );
    add(
        "strong",
        "“强”(美国 USCM 的规则):区位熵高于 1,且居各{zone}的前 25%(至少一个)。",
        "Strong (the rule of USCM): a location quotient above 1 among the largest quarter of the {zones}, at least one.",
    );
    add(
        "findings",
        "优势、机会、风险各至多一句,按固定规则从本表得出:优势为区位熵显著高于 1 者中星最多、规模最大的;机会为增长比全部高 1 个百分点以上而占比小于均分,或在本{zone}占比偏低;风险依次为最大的 3 {counter}占一半以上、一半以上在一处或属一类、同口径下降。不含因果判断。",
        "At most one strength, opportunity and risk each, by fixed rules from this table: of location quotients surely above 1 the one with most stars, then the largest; growth at least a percentage point above that of all with a share below an even one, or with a small share here; in this order, half of the sum with the 3 largest, half in one place or of one {class}, a fall like for like. They name no cause.",
    );
    add(
        "agglomeration",
        "Ellison–Glaeser γ(1997)高于 0.02 为中等集聚,高于 0.05 为高度集聚,0 相当于各{row}随机选址;Maurel–Sédillot(1999)对大的{zone}更敏感,两者一正一负时都不可单独采信。区位基尼不扣除{row}自身的大小,{row}少的{class}偏高。",
        "Gamma of Ellison and Glaeser (1997): above 0.02 moderate, above 0.05 high, 0 as if each of the {rows} had chosen its place by chance; the index of Maurel and Sédillot (1999) gives more weight to large {zones}: where the two differ in sign, believe neither alone. The locational Gini coefficient does not allow for the size of single {rows}: it is high for {classes} of few.",
    );
    add(
        "divisions",
        "这些指标随{zone}的划分而变(可变面元问题),只在同一划分内比较。",
        "These figures depend on how the {zones} are drawn (the modifiable areal unit problem): compare within one division only.",
    );
    if counts {
        add("counts", "按{row}数计:不分大小,没有增长。", "By number of {rows}: large and small alike, without growth.");
    } else {
        add(
            "weighed",
            "按指标加权的区位熵,区间为{row}重抽样的闭式;合计主要来自少数大{row}的不作判断,请同时看前 3 {counter}占比。",
            "Intervals of location quotients weighed by a metric are those of a bootstrap of the {rows}, by a formula; where a few large {rows} make up the sums nothing is said: see the share of the 3 largest.",
        );
    }
    if !partition {
        add(
            "overlapping",
            "这些{zone}可能互相重叠,不计算集聚指数与泰尔指数的分解。",
            "These {zones} may overlap: no indices of agglomeration, and Theil's index is not divided.",
        );
    }
    if about.scope.is_some() {
        add(
            "limited",
            "只含您有权查看的{zone}:不计算各{zone}之间的指数,也没有全部的增长。",
            "Of your own {zones} only: without indices over all {zones} and without the growth of all.",
        );
    }
    notes
}
