//! Whether the rows of one class stand closer together, or further apart, than as many rows of all classes would by chance.

use super::places::Input;
use super::{HotspotHead, HotspotParameter, Notes, head, of_register};
use crate::cancel;
use crate::columns::Bitmap;
use crate::model::Text;
use crate::query::engine::Bound;
use crate::query::query_error::QueryError;
use crate::snapshot::ClassFault;
use crate::stats::distances::{
    Band, CAUTION_POINTS, Curves, Distances, LEAST_POINTS, STEPS, band, median_distance, some,
};
use crate::stats::plane::Metres;
use serde::Serialize;

/// Rows of a class that are looked at: of more, so many are drawn.
const MOST_OF_CLASS: usize = 2000;
/// M looks at every pair of rows: of more rows it is left out.
const MOST_FOR_PAIRS: usize = 20_000;
/// After so many simulations it is said how far they are.
const TOLD_AFTER: [usize; 8] = [20, 50, 100, 200, 400, 700, 1000, 2000];

/// What a reader chose.
#[derive(Clone, Debug, PartialEq)]
pub struct DistanceChoice {
    /// Code of the class.
    pub class: String,
    /// Simulations.
    pub simulations: usize,
    /// Where the random numbers begin.
    pub seed: u64,
}

impl DistanceChoice {
    /// The least and the most simulations: with fewer the band is too rough, with more it tells no more.
    pub const SIMULATIONS: [usize; 2] = [100, 5000];
    /// Simulations where nobody says.
    pub const USUAL: usize = 1000;

    /// Refuses a class that there is not, and a question about anything but the register.
    pub fn check(&self, bound: &Bound) -> Result<(), QueryError> {
        of_register(bound)?;
        self.find(bound).map(|_| ())
    }

    /// The name of the class, and its rows: with a hierarchy those of all classes below it, too.
    fn find(&self, bound: &Bound) -> Result<(Text, Bound), QueryError> {
        let about = bound.describe();
        let property = about.register().and_then(|c| c.spec.register.as_ref()?.cluster.as_deref());
        let (Some(class), Some(property)) = (about.class(&self.class), property) else {
            let codes = (0..).map_while(|place| bound.classes().get(place)).filter_map(|class| class.code.as_deref());
            let known = Text::same(codes.collect::<Vec<_>>().join(", "));
            return Err(ClassFault { parameter: "class", value: self.class.clone(), known }.into());
        };
        let rows = bound.ask(&bound.question().clone().having(property, &self.class))?;
        Ok((class.name.clone(), rows))
    }
}

/// What is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DistanceFinding {
    /// At some distance there are more pairs than chance would give.
    Localised,
    /// At none more, and at some fewer.
    Dispersed,
    /// Neither.
    NoDifference,
}

/// Distances from one to another, in metres.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct DistanceRange {
    /// The first.
    pub from: f64,
    /// The last.
    pub to: f64,
}

/// A function of distances, and what chance gives.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DistanceCurve {
    /// The distances in metres.
    pub distances: Vec<f64>,
    /// Its values.
    pub observed: Vec<f64>,
    /// Lower end of the band; empty before there are simulations enough.
    pub low: Vec<f64>,
    /// Upper end.
    pub high: Vec<f64>,
    /// Where it lies above the band.
    pub above: Vec<DistanceRange>,
    /// Where it lies below.
    pub below: Vec<DistanceRange>,
}

/// How the rows of a class stand to each other.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClassDistances {
    /// What it is of and how it was made.
    #[serde(flatten)]
    pub head: HotspotHead,
    /// Code of the class.
    pub class: String,
    /// Its name.
    pub name: Text,
    /// Its rows with a position; `null` where they are withheld.
    pub count: Option<u64>,
    /// Simulations that it is made of so far; 0 where nothing is said.
    pub simulations: usize,
    /// How many there are to be.
    pub of: usize,
    /// K-density, to a kilometre; `null` where nothing is said.
    pub density: Option<DistanceCurve>,
    /// M, how many times the share that the class has of all is found around its rows; `null` where nothing is said, or where there are too
    /// many rows to look at every pair.
    pub relative: Option<DistanceCurve>,
    /// What is found; `null` before the last simulation and where nothing is said.
    pub finding: Option<DistanceFinding>,
    /// The finding in a sentence, or why there is none.
    pub sentence: Text,
}

/// How the rows of a class stand to each other, among the rows of a question. `told` gets what is known while it is worked out: first
/// without a band, then with one of more and more simulations.
pub fn class_distances(
    bound: &Bound,
    choice: &DistanceChoice,
    told: &mut dyn FnMut(&ClassDistances),
) -> Result<ClassDistances, QueryError> {
    let input = Input::of(bound)?;
    let (name, of_class) = choice.find(bound)?;
    let of_class = of_class.select(0, usize::MAX);
    let of_class = Bitmap::of_rows(of_class.table().geometries.len(), of_class.rows());
    let rows = (0..).zip(&input.places.rows);
    let own: Vec<u32> = rows.filter(|(_, row)| of_class.contains(**row as usize)).map(|(place, _)| place).collect();
    cancel::check();
    let mut answer = ClassDistances {
        head: head(bound, method(bound), vec![], input.counted(), 0, Notes::new(bound)),
        class: choice.class.clone(),
        name,
        count: input.gate.said(own.len() as u64),
        simulations: 0,
        of: choice.simulations,
        density: None,
        relative: None,
        finding: None,
        sentence: Text::default(),
    };
    let thinned = some(&own, MOST_OF_CLASS, choice.seed);
    let points = input.metres.as_ref().map_or(&[][..], |(_, points)| points);
    let ones = vec![1.0; points.len()];
    let range = median_distance(points);
    let of = range.and_then(|range| Distances::new(points, &ones, &thinned, range));
    let mut notes = Notes::new(bound);
    notes.common(input.counted(), input.gate.0);
    say(&mut notes, own.len(), points.len());
    answer.head.notes = notes.list;
    let Some(mut of) = of else {
        answer.sentence = refusal(bound, own.len(), points.len());
        return Ok(answer);
    };
    answer.head.parameters = parameters(&of, choice, range.unwrap_or_default());
    let work = Work { bound, choice, told };
    Ok(work.simulate(&mut of, points, answer))
}

struct Work<'a> {
    bound: &'a Bound,
    choice: &'a DistanceChoice,
    told: &'a mut dyn FnMut(&ClassDistances),
}

impl Work<'_> {
    fn simulate(self, of: &mut Distances<'_>, points: &[Metres], mut answer: ClassDistances) -> ClassDistances {
        let mut observed = of.observed();
        answer.density = Some(curve(of, 0, &observed.density, None));
        (self.told)(&answer);
        if points.len() <= MOST_FOR_PAIRS {
            of.count_around();
            observed = of.observed();
        }
        let all = self.choice.simulations;
        let mut simulated: Vec<Curves> = Vec::with_capacity(all);
        for until in TOLD_AFTER.into_iter().filter(|until| *until < all).chain([all]) {
            simulated.extend(of.simulated(self.choice.seed, simulated.len()..until));
            answer.simulations = until;
            let band_of = |one: fn(&Curves) -> &[f64]| band(&simulated.iter().map(one).collect::<Vec<_>>());
            answer.density = Some(curve(of, 0, &observed.density, band_of(|curves| &curves.density)));
            if !observed.relative.is_empty() {
                answer.relative = Some(curve(of, 1, &observed.relative, band_of(|curves| &curves.relative)));
            }
            if until < all {
                (self.told)(&answer);
            }
        }
        answer.finding = answer.density.as_ref().map(|curve| match (curve.above.is_empty(), curve.below.is_empty()) {
            (false, _) => DistanceFinding::Localised,
            (true, false) => DistanceFinding::Dispersed,
            (true, true) => DistanceFinding::NoDifference,
        });
        answer.sentence = sentence(self.bound, &answer);
        answer
    }
}

/// A function with its band; densities are to a kilometre. It is known from the step `first` on.
fn curve(of: &Distances<'_>, first: usize, observed: &[f64], band: Option<Band>) -> DistanceCurve {
    let distances: Vec<f64> = (first..=STEPS).map(|step| step as f64 * of.step()).collect();
    let unit = if first == 0 { 1000.0 } else { 1.0 };
    let scaled = |values: &[f64]| values.iter().map(|v| v * unit).collect::<Vec<f64>>();
    let Band { low, high } = band.unwrap_or_else(|| Band { low: vec![], high: vec![] });
    let ranges = |beyond: &dyn Fn(usize) -> bool| {
        let mut out: Vec<DistanceRange> = Vec::new();
        let mut inside = false;
        for (i, at) in distances.iter().enumerate() {
            let now = beyond(i);
            match out.last_mut().filter(|_| inside && now) {
                Some(last) => last.to = *at,
                None if now => out.push(DistanceRange { from: *at, to: *at }),
                None => {}
            }
            inside = now;
        }
        out
    };
    DistanceCurve {
        above: ranges(&|i| high.get(i).is_some_and(|high| observed[i] > *high)),
        below: ranges(&|i| low.get(i).is_some_and(|low| observed[i] < *low)),
        observed: scaled(observed),
        low: scaled(&low),
        high: scaled(&high),
        distances,
    }
}

fn method(bound: &Bound) -> Text {
    bound.describe().wording().text(
        "K 密度(Duranton–Overman 2005):该{class}{row}两两距离的高斯核密度,带宽 0.9·min(标准差, 四分位距/1.34)·n^(−1/5)(n 为对数),在 0 处反射,看到全部{row}两两距离的中位数为止。M 函数(Marcon–Puech 2010):各{row}周围同{class}占比的平均,除以该{class}在全部{row}中的占比。带为全局带:从全部{row}的位置(同一地址的逐{counter}计)中不放回地抽取同样多{row},模拟曲线中至多 5% 在任一距离越出上界,下界同样。",
        "K-density (Duranton and Overman 2005): the Gaussian kernel density of the distances of all pairs of the {class}, bandwidth 0.9 min(SD, IQR / 1.34) n^(-1/5) of n pairs, mirrored at 0, up to the median distance of all {rows}. M (Marcon and Puech 2010): the mean share of the {class} around its {rows}, over its share of all {rows}. Bands are global: as many {rows} are drawn without return from the positions of all {rows}, those at one address each by itself; at most 5 % of the simulated curves leave the band upwards at any distance, and as many downwards.",
    )
}

fn parameters(of: &Distances<'_>, choice: &DistanceChoice, range: f64) -> Vec<HotspotParameter> {
    let metres = Text::new("米", "m");
    let one = |id, title: Text, value: f64, unit: Text, derived: Option<Text>| HotspotParameter {
        id,
        title,
        value,
        unit,
        derived,
    };
    vec![
        one("simulations", Text::new("模拟次数", "Simulations"), choice.simulations as f64, Text::default(), None),
        one("seed", Text::new("随机数种子", "Seed"), choice.seed as f64, Text::default(), None),
        one(
            "bandwidth",
            Text::new("带宽", "Bandwidth"),
            of.bandwidth().round(),
            metres.clone(),
            Some(Text::new("按数据推定:Silverman(1986)", "from the data: Silverman (1986)")),
        ),
        one(
            "range",
            Text::new("看到的距离", "Range"),
            range.round(),
            metres,
            Some(Text::new("按数据推定:两两距离的中位数", "from the data: the median distance")),
        ),
    ]
}

fn refusal(bound: &Bound, own: usize, all: usize) -> Text {
    let words = bound.describe().wording();
    let least = LEAST_POINTS;
    if own >= all.max(1) {
        return words.text(
            "所选{row}全属该{class},没有可以对照的{row}:请去掉{class}条件。",
            "All {rows} in question are of the {class}: there is nothing to compare with. Leave out the condition on the {class}.",
        );
    }
    if own < least {
        return words.text(
            &format!("该{{class}}有坐标的{{row}}不足 {least} {{counter}},样本过少,不作判断。"),
            &format!("Fewer than {least} {{rows}} of the {{class}} have a position: too few to say anything."),
        );
    }
    words.text(
        "有坐标的{row}过少,或都在同一地址,不作判断。",
        "Too few {rows} have a position, or all are at one address: nothing is said.",
    )
}

fn say(notes: &mut Notes<'_>, own: usize, all: usize) {
    if (LEAST_POINTS..CAUTION_POINTS).contains(&own) {
        let n = CAUTION_POINTS.to_string();
        notes.add(
            "small",
            &"该{class}{row}不足 N {counter}:带很宽,没有越出不等于没有集聚,越出也可能只因几{counter}。".replacen('N', &n, 1),
            &"Fewer than N {rows} are of the {class}: the band is wide. To stay inside does not mean that they don't concentrate, and a few {rows} alone may make the difference.".replacen('N', &n, 1),
        );
    }
    if own > MOST_OF_CLASS {
        let n = MOST_OF_CLASS.to_string();
        notes.add(
            "drawn",
            &"该{class}{row}较多,按种子抽取其中 N {counter}计算。".replacen('N', &n, 1),
            &"Of the many {rows} of the {class} N are drawn by the seed.".replacen('N', &n, 1),
        );
    }
    if all > MOST_FOR_PAIRS {
        let n = MOST_FOR_PAIRS.to_string();
        notes.add(
            "no-m",
            &"{row}超过 N {counter},不算 M 函数。".replacen('N', &n, 1),
            &"M is left out with more than N {rows}.".replacen('N', &n, 1),
        );
    }
    notes.add(
        "compared",
        "对照的是全部{row}的分布:各{class}都集中的地方不算集聚。高出带的距离若不在近处,是两处之间的距离,不是一处的大小。",
        "It is compared with how all {rows} are spread: where every {class} concentrates, none is localised. Distances above the band that are not short are those between two places, not the size of one.",
    );
    notes.add(
        "edge",
        "只看边界以内:边界外的同{class}{row}不知道。K 密度各距离之和固定,一处多了别处必少,不能据远处偏低说分散。",
        "Only what lies inside the border is known. The K-density adds up over distances: more at some means fewer at others, so that a low value far off proves no dispersion.",
    );
}

fn sentence(bound: &Bound, answer: &ClassDistances) -> Text {
    let words = bound.describe().wording();
    let Some(curve) = &answer.density else { return Text::default() };
    let (zh, en) = (&answer.name.zh, &answer.name.en);
    let mut out = match answer.finding {
        Some(DistanceFinding::Localised) => words.text(
            &format!("{zh}:相距{}的{{row}}对,比随机抽取的同样多{{row}}多(集聚)。", said(&curve.above, true)),
            &format!(
                "{en}: more pairs {} apart than as many {{rows}} drawn by chance would have (localised).",
                said(&curve.above, false)
            ),
        ),
        Some(DistanceFinding::Dispersed) => words.text(
            &format!("{zh}:相距{}的{{row}}对,比随机抽取的同样多{{row}}少(分散)。", said(&curve.below, true)),
            &format!(
                "{en}: fewer pairs {} apart than as many {{rows}} drawn by chance would have (dispersed).",
                said(&curve.below, false)
            ),
        ),
        _ => words.text(
            &format!("{zh}:各距离上与随机抽取的同样多{{row}}无显著差异。"),
            &format!("{en}: at no distance significantly unlike as many {{rows}} drawn by chance."),
        ),
    };
    let near = answer.relative.as_ref().filter(|m| !m.high.is_empty()).and_then(|m| {
        let above = |i: &usize| m.observed[*i] > m.high[*i];
        (0..m.observed.len()).filter(above).max_by(|a, b| m.observed[*a].total_cmp(&m.observed[*b])).map(|i| (m, i))
    });
    if let Some((m, i)) = near {
        let (r, times) = (km(m.distances[i]), m.observed[i]);
        let more = words.text(
            &format!("在 {r} 公里以内,同{{class}}占比平均为总体的 {times:.1} 倍(M 函数)。"),
            &format!(" Within {r} km its share is {times:.1} times that of the whole (M)."),
        );
        out.zh.push_str(&more.zh);
        out.en.push_str(&more.en);
    }
    out
}

/// Ranges in kilometres.
fn said(ranges: &[DistanceRange], zh: bool) -> String {
    let one = |range: &DistanceRange| {
        let (from, to) = (km(range.from), km(range.to));
        match (from == to, zh) {
            (true, true) => format!(" {to} 公里"),
            (true, false) => format!("{to} km"),
            (false, true) => format!(" {from} 至 {to} 公里"),
            (false, false) => format!("{from} to {to} km"),
        }
    };
    ranges.iter().map(one).collect::<Vec<_>>().join(if zh { "、" } else { ", " })
}

/// Metres as kilometres.
fn km(metres: f64) -> String {
    format!("{:.1}", metres / 1000.0)
}
