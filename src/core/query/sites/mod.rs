//! A site for a firm: sites under hard conditions, ranked by weighted wishes (`wish`), how firm the order is, which classes fit a site
//! (`fit`), and who of the neighbouring stages is near (`partners`).
//!
//! All of it is made of rows that the reader may list and of what `/zones` gives to the same reader: a figure that is withheld there
//! is not known here, and counts 0.

mod around;
mod fit;
mod partners;
mod wish;

use super::answer::Note;
use super::engine::Bound;
use super::query_error::QueryError;
use super::question::Question;
use super::selection::Selection;
use crate::model::{Codelist, Period, RegisterSpec, SitesSpec, Text, Wording, year_and_period};
use crate::snapshot::{ClassName, Description};
use crate::stats::choice::{Firmness, Scale, firmness, order};
use around::position;
use serde::{Deserialize, Serialize};
use std::fmt::Display;
use wish::{Column, Seeker};

pub use fit::{ClassFit, ClassFits, class_fits};
pub use partners::{Partner, PartnerStage, Partners, partners};
pub use wish::{Wish, WishBy, WishColumn};

/// Draws of other weights.
pub const DRAWS: usize = 1000;
/// The first sites of the order, among which draws choose: what stands behind is left out of them.
const DRAWN_AMONG: usize = 10_000;
/// Sites that an answer lists at most.
pub const MOST_SITES: usize = 200;
/// Wishes at most.
pub const MOST_WISHES: usize = 16;

/// What is looked for.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SiteSpec {
    /// The sites in question: their area and conditions.
    #[serde(default)]
    pub question: Question,
    /// Code or name of the class of who looks for a site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// Code or name of the stage of the class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    /// What counts, and how much.
    pub wishes: Vec<Wish>,
    /// How many sites are listed.
    #[serde(default = "usual_limit")]
    pub limit: usize,
    /// Ids of sites that are listed wherever they stand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub named: Vec<String>,
    /// Where the random numbers begin.
    #[serde(default)]
    pub seed: u64,
}

fn usual_limit() -> usize {
    20
}

/// What a wish adds to the score of a site, or of a class.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WishPart {
    /// The value; `null` where it is not known or withheld.
    pub value: Option<f64>,
    /// What it is of: the zone, or a code's name.
    pub of: Option<Text>,
    /// The value on the scale, 0 to 1; 0 where it is not known.
    pub scaled: f64,
    /// What it adds to the score: the weight's share times the scaled value.
    pub adds: f64,
}

/// A site in the order.
#[derive(Clone, Debug, Serialize)]
pub struct RankedSite {
    /// Its place, from 1.
    pub rank: u64,
    /// Id.
    pub id: String,
    /// Name.
    pub name: Text,
    /// Longitude and latitude.
    pub position: Option<[f64; 2]>,
    /// The weighted mean of the scaled values, 0 to 1.
    pub score: f64,
    /// One for each wish.
    pub parts: Vec<WishPart>,
    /// Share of the draws in which it is first; `null` where it stands too far behind to be drawn.
    pub first: Option<f64>,
    /// Share of the draws in which it is among the first three.
    pub among_three: Option<f64>,
    /// Its row in the selection of the answer.
    #[serde(skip)]
    pub row: u32,
}

/// Sites in the order of their scores.
#[derive(Clone, Debug, Serialize)]
pub struct SiteSelection {
    /// Revision of the data.
    pub revision: String,
    /// The period of the occupants' figures, as `year`, where it is one, and `period`.
    #[serde(flatten, serialize_with = "year_and_period")]
    pub period: Option<Period>,
    /// The table of sites.
    pub table: String,
    /// Whether sites or occupants are invented (示例数据).
    pub sample: bool,
    /// The class of who looks.
    pub class: Option<ClassName>,
    /// Its stage.
    pub stage: Option<ClassName>,
    /// Sites under the conditions.
    pub matched: u64,
    /// Sites under the conditions that are not permitted for the class.
    pub not_permitted: u64,
    /// The wishes, and how each was scaled.
    pub wishes: Vec<WishColumn>,
    /// Draws of other weights.
    pub draws: u64,
    /// The sites among which the draws chose.
    pub drawn_among: u64,
    /// Where the random numbers began.
    pub seed: u64,
    /// The first sites, and those that were named.
    pub sites: Vec<RankedSite>,
    /// Rules and cautions.
    pub notes: Vec<Note>,
    /// The rows, as they may leave.
    #[serde(skip)]
    pub selection: Selection,
}

pub(super) fn wrong<T>(member: &str, zh: impl Display, en: impl Display) -> Result<T, QueryError> {
    Err(QueryError::Sites { member: member.to_owned(), why: Text::new(zh, en) })
}

/// The first table whose rows are sites.
pub fn sites_table(about: &Description) -> Option<&str> {
    let is_sites = |r: &RegisterSpec| r.sites.is_some();
    about.tables.iter().find(|table| table.spec.register.as_ref().is_some_and(is_sites)).map(|table| &*table.id)
}

/// The words of the occupants' table.
fn words(firms: &Bound) -> Wording {
    firms.describe().wording()
}

/// The table of sites that a question is bound to, and that of their occupants.
fn tables(bound: &Bound) -> Result<(SitesSpec, Bound), QueryError> {
    let about = bound.describe();
    let own = about.register().filter(|c| about.collections[bound.collection()].spec.id == c.spec.id);
    let spec = own.and_then(|c| c.spec.register.as_ref()?.sites.clone());
    let Some(spec) = spec else {
        return wrong(
            "table",
            format!("此表的行不是可选的地点;可用:{}", sites_table(about).unwrap_or("-")),
            format!("its rows are no sites; known: {}", sites_table(about).unwrap_or("-")),
        );
    };
    let firms = bound.ask(&Question::of(&*spec.occupants).in_period(None))?;
    Ok((spec, firms))
}

/// The codes by which a site is permitted for a class: its own, and those of the classes above.
fn permitting<'a>(list: &'a Codelist, class: &str) -> Vec<&'a str> {
    let Some(own) = list.place(class) else { return vec![] };
    (0..list.entries.len())
        .filter(|place| list.tree().is_within(own, *place))
        .map(|place| &*list.entries[place].code)
        .collect()
}

/// The column of the permitted classes and their list, where it is that of the occupants' classes.
fn permitted<'a>(rows: &Selection, spec: &SitesSpec, firms: &'a Description) -> Option<(usize, &'a Codelist)> {
    let (column, property) = rows.spec().property(spec.classes.as_deref()?)?;
    let list = property.codelist.as_deref().filter(|list| Some(*list) == firms.class_codelist())?;
    rows.columns().contains(&column).then_some((column, firms.codelists.get(list)?))
}

/// Whether a site may be taken by a class: it states one of the codes, or none at all.
fn permits(rows: &Selection, column: usize, row: usize, codes: &[&str]) -> bool {
    use crate::columns::Value;
    match rows.table().columns[column].value(row) {
        Value::Strings(lists, row) => {
            let mut stated = lists.row(row).peekable();
            stated.peek().is_none() || stated.any(|code| codes.contains(&code))
        }
        Value::Text(code) => codes.contains(&code),
        _ => true,
    }
}

/// What rows are called: their ids where the reader may not see the name.
fn name_of(rows: &Selection, row: usize) -> Text {
    let (spec, source) = (rows.spec(), rows.source());
    let hidden = |name: &Option<String>| {
        let place = name.as_deref().and_then(|name| spec.property(name)).map(|(place, _)| place);
        place.is_some_and(|place| !rows.columns().contains(&place))
    };
    if hidden(&spec.name) || hidden(&spec.name_en) {
        return Text::new(source.id(row), source.id(row));
    }
    Text::new(source.name(row), source.name_en(row))
}

/// The wishes of a question, checked as far as they can be without the data.
fn check(wishes: &[Wish]) -> Result<f64, QueryError> {
    if wishes.is_empty() || wishes.len() > MOST_WISHES {
        return wrong("wishes", format!("应有 1 至 {MOST_WISHES} 条"), format!("1 to {MOST_WISHES} of them"));
    }
    for (place, wish) in wishes.iter().enumerate() {
        wish.check().map_err(|why| QueryError::Sites { member: format!("wishes[{place}]"), why })?;
    }
    let all: f64 = wishes.iter().map(|wish| wish.weight).sum();
    if all > 0.0 {
        Ok(all)
    } else {
        wrong("wishes", "权重之和应大于 0", "the weights must add up to more than 0")
    }
}

/// Scales of columns, and the scaled values of each alternative one after the other.
fn scaled(wishes: &[Wish], columns: &[Column], alternatives: usize) -> (Vec<Option<Scale>>, Vec<f64>) {
    let scale = |(wish, column): (&Wish, &Column)| Scale::of(&column.values, wish.more(), [wish.worst, wish.best]);
    let scales: Vec<Option<Scale>> = wishes.iter().zip(columns).map(scale).collect();
    let mut out = vec![0.0; alternatives * wishes.len()];
    for (at, (column, scale)) in columns.iter().zip(&scales).enumerate() {
        let Some(scale) = scale else { continue };
        for (place, value) in column.values.iter().enumerate() {
            out[place * wishes.len() + at] = scale.scaled(*value);
        }
    }
    (scales, out)
}

/// The weighted means of scaled values.
fn scores(scaled: &[f64], shares: &[f64]) -> Vec<f64> {
    let mean = |of: &[f64]| of.iter().zip(shares).map(|(value, share)| value * share).sum();
    scaled.chunks_exact(shares.len()).map(mean).collect()
}

fn parts(columns: &[Column], shares: &[f64], scaled: &[f64], place: usize) -> Vec<WishPart> {
    let part = |(at, column): (usize, &Column)| {
        let (value, of) = column.at(place);
        let on_scale = scaled[place * shares.len() + at];
        WishPart { value, of, scaled: on_scale, adds: on_scale * shares[at] }
    };
    columns.iter().enumerate().map(part).collect()
}

/// How firm an order is: the scaled values of each alternative in it under other weights.
fn drawn(order: &[u32], scaled: &[f64], shares: &[f64], seed: u64) -> Vec<Firmness> {
    let of = |place: &u32| &scaled[*place as usize * shares.len()..][..shares.len()];
    let values: Vec<f64> = order.iter().flat_map(of).copied().collect();
    firmness(&values, shares, DRAWS, seed)
}

/// The wishes as answers have them.
fn described(wishes: &[Wish], columns: &[Column], shares: &[f64], scales: &[Option<Scale>]) -> Vec<WishColumn> {
    let all = wishes.iter().zip(columns).zip(shares.iter().zip(scales));
    all.map(|((wish, column), (share, scale))| WishColumn::of(wish, column, *share, *scale)).collect()
}

/// The sites of a question in the order of their scores. `bound` is the question about the table of sites.
pub fn site_selection(bound: &Bound, spec: &SiteSpec) -> Result<SiteSelection, QueryError> {
    let all = check(&spec.wishes)?;
    if spec.limit > MOST_SITES || spec.named.len() > MOST_SITES {
        return wrong("limit", format!("最多列出 {MOST_SITES} 处"), format!("at most {MOST_SITES} are listed"));
    }
    let (sites, firms) = tables(bound)?;
    let seeker = Seeker::new(&firms, spec.class.as_deref(), spec.stage.as_deref())?;
    let mut rows = bound.select(0, usize::MAX);
    let found = rows.rows().len();
    if let (Some(class), Some((column, list))) = (&seeker.class, permitted(&rows, &sites, firms.describe())) {
        let codes = permitting(list, &class.code);
        let open = rows.rows().iter().copied().filter(|row| permits(&rows, column, *row as usize, &codes)).collect();
        rows = rows.of_rows(open);
    }
    let number = rows.rows().len();
    let columns = wish::columns(bound, &seeker, &rows, &spec.wishes)?;
    let shares: Vec<f64> = spec.wishes.iter().map(|wish| wish.weight / all).collect();
    let (scales, values) = scaled(&spec.wishes, &columns, number);
    let scores = scores(&values, &shares);
    let order = order(&scores);
    let firm = drawn(&order[..order.len().min(DRAWN_AMONG)], &values, &shares, spec.seed);
    let named = named(&rows, &spec.named)?;
    let listed = order.iter().enumerate().filter(|(rank, place)| *rank < spec.limit || named.contains(place));
    let share = |of: Option<&Firmness>, number: fn(&Firmness) -> u32| of.map(|of| f64::from(number(of)) / DRAWS as f64);
    let site = |(rank, place): (usize, &u32)| {
        let (place, row) = (*place as usize, rows.rows()[*place as usize]);
        RankedSite {
            rank: rank as u64 + 1,
            id: rows.source().id(row as usize).to_owned(),
            name: name_of(&rows, row as usize),
            position: position(&rows, row as usize),
            score: scores[place],
            parts: parts(&columns, &shares, &values, place),
            first: share(firm.get(rank), |of| of.first),
            among_three: share(firm.get(rank), |of| of.among),
            row,
        }
    };
    let listed = listed.map(site).collect();
    let wishes = described(&spec.wishes, &columns, &shares, &scales);
    Ok(SiteSelection {
        revision: bound.describe().revision.clone(),
        period: firms.period(),
        table: rows.spec().id.clone(),
        sample: rows.spec().sample || firms.describe().sample(),
        matched: number as u64,
        not_permitted: (found - number) as u64,
        draws: DRAWS as u64,
        drawn_among: firm.len() as u64,
        seed: spec.seed,
        notes: notes(bound, &firms, &wishes, (found - number, number > firm.len())),
        class: seeker.class,
        stage: seeker.stage,
        wishes,
        sites: listed,
        selection: rows,
    })
}

/// The places of the sites that are named.
fn named(rows: &Selection, ids: &[String]) -> Result<Vec<u32>, QueryError> {
    let place = |id: &String| {
        let row = rows.source().find(id).map(|row| row as u32);
        // the rows that match are not in the order of the table
        let place = row.and_then(|row| rows.rows().iter().position(|other| *other == row));
        place.map(|place| place as u32).map_or_else(
            || {
                wrong(
                    "named",
                    format!("{id} 不在符合条件的地点中"),
                    format!("{id} is none of the sites under the conditions"),
                )
            },
            Ok,
        )
    };
    ids.iter().map(place).collect()
}

/// What is said of the rules.
fn notes(bound: &Bound, firms: &Bound, wishes: &[WishColumn], (closed, cut): (usize, bool)) -> Vec<Note> {
    let (words, own) = (words(firms), bound.describe().wording());
    let mut out = Vec::new();
    let mut note = |words: &Wording, code: &str, zh: &str, en: &str| out.push(Note::filled(words, code, zh, en));
    note(
        &own,
        "score",
        "得分为各项意愿 0–1 分的加权平均。每项在“最差值”得 0 分,在“最好值”得 1 分,其间按直线折算,超出者截断;未给定的一端取符合条件的各{row}中的最小或最大值。没有值(或不公开)的得 0 分。",
        "A score is the weighted mean of the wishes' points, 0 to 1. A wish gives 0 at its worst value and 1 at its best, in a straight line between them and cut off beyond; an end that is not given is the least or the most of the {rows} under the conditions. What is not known, or withheld, gives 0.",
    );
    note(
        &own,
        "draws",
        "稳定性:另抽 1000 组权重(每项权重各乘以一个指数分布随机数再归一;权重相等时即 Dirichlet(1,…,1)),统计各{row}排第一、排前三的比例。同一随机数种子结果相同。",
        "How firm the order is: 1,000 draws of other weights (each weight times a random number of the exponential distribution; of equal weights Dirichlet(1, …, 1)) say how often each of the {rows} is first, and among the first three. The same seed gives the same draws.",
    );
    if cut {
        note(
            &own,
            "drawn_among",
            "抽样只在按所给权重排在前 10000 的{row}中进行。",
            "Draws choose among the first 10,000 {rows} by the weights that were given.",
        );
    }
    if wishes.iter().any(|wish| matches!(wish.by, WishBy::Partners | WishBy::Distance)) {
        note(
            &words,
            "distances",
            "距离为直线距离,量自地点的位置(面取其内一点),不是路程;没有坐标的{row}不计。",
            "Distances are straight from the position of a site (of an area a point inside it), not by road; {rows} without a position are not counted.",
        );
    }
    if wishes.iter().any(|wish| wish.by == WishBy::Partners) {
        note(
            &words,
            "register",
            "邻近数为名录中的{row};名录之外的看不到。",
            "Numbers nearby are of {rows} in the register; what is not in it is not seen.",
        );
    }
    if wishes.iter().any(|wish| matches!(wish.by, WishBy::Quotient | WishBy::Growth | WishBy::Zone)) {
        note(
            &own,
            "zones",
            "地点在几个区域中时,取其中最好的值;不在任何区域中的没有值。",
            "A site in several zones has the best value of them, and one in none has no value.",
        );
    }
    if wishes.iter().any(|wish| wish.by == WishBy::Growth) {
        note(
            &words,
            "growth",
            "增长按两期都有数的{row}计算;按保密规则不公开的没有值。",
            "Growth is of the {rows} with figures of both periods; what is withheld has no value.",
        );
    }
    if closed > 0 {
        note(
            &words,
            "not_permitted",
            "载明准入{class}而不含所选{class}的地点已排除;未载明的视为不限。",
            "Sites that state the {classes} they are permitted for without the one in question are left out; one that states none takes all.",
        );
    }
    if bound.describe().scope.is_some() {
        note(
            &words,
            "scope",
            "只含您权限范围内的地点与{row};范围外可能还有邻近的{row}。",
            "Only sites and {rows} of your own zones are counted; there may be {rows} nearby in others.",
        );
    }
    out
}

/// A class or stage by code and name.
fn class_name(entry: &crate::model::CodelistEntry) -> ClassName {
    ClassName { code: entry.code.clone(), name: entry.name.clone() }
}
