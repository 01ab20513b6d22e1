//! What a wish is, and its value for each site.

use super::around::{Around, position};
use super::{class_name, words, wrong};
use crate::cancel;
use crate::columns::Value;
use crate::filter::{self, Expr, FilterError, Op};
use crate::model::{Codelist, MetricSpec, PropertySpec, RegisterSpec, Text};
use crate::query::answer::{ZoneList, ZoneRow};
use crate::query::chain::staged;
use crate::query::engine::Bound;
use crate::query::query_error::QueryError;
use crate::query::question::Question;
use crate::query::selection::Selection;
use crate::snapshot::{ClassFault, ClassName, Description};
use crate::stats::choice::Scale;
use crate::stats::quotient::Counts;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;

/// Sites that one piece of work looks at.
const PIECE: usize = 1024;
/// Metres within which partners are looked for, at most.
const FURTHEST: f64 = 100_000.0;

/// What a wish goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WishBy {
    /// How many rows of the neighbouring stages are within a distance; without a stage, of the class.
    Partners,
    /// The location quotient of the class in the zone that holds the site.
    Quotient,
    /// How a metric of the class grew in the zone that holds the site.
    Growth,
    /// A property of the zone that holds the site; whether one holds it, where no property is named.
    Zone,
    /// Metres to the nearest feature of a collection.
    Distance,
    /// A property or metric of the site itself.
    Value,
}

/// Whether more of it is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Prefer {
    /// More is better.
    More,
    /// Less is better.
    Less,
}

/// A wish: what counts, and how much.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    /// What it goes by.
    pub by: WishBy,
    /// Its weight, beside those of the others.
    #[serde(default = "usual_weight")]
    pub weight: f64,
    /// Of `quotient`, `growth` and `zone`: the kind of the zones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Of `zone` and `value`: the property; of `zone` also `a.b`, a property of the feature to which property `a` refers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub property: Option<String>,
    /// Of `growth` and `value`: the metric.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric: Option<String>,
    /// Of `distance`: the collection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collection: Option<String>,
    /// Of `distance`: which of its features, as CQL2 text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// Of `partners`: metres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distance_m: Option<f64>,
    /// Whether more or less is better; less of a distance, more of all else where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefer: Option<Prefer>,
    /// The value that counts 0; the worst among the sites where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worst: Option<f64>,
    /// The value that counts 1; the best among the sites where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub best: Option<f64>,
}

fn usual_weight() -> f64 {
    1.0
}

impl Wish {
    /// Whether more of it is better.
    pub(super) fn more(&self) -> bool {
        match (self.prefer, self.worst, self.best) {
            (Some(prefer), ..) => prefer == Prefer::More,
            // where both ends are given, they say it
            (None, Some(worst), Some(best)) => best >= worst,
            _ => self.by != WishBy::Distance,
        }
    }

    /// Whether it says something of classes, so that classes can be compared by it.
    pub(super) fn tells_classes(&self) -> bool {
        matches!(self.by, WishBy::Partners | WishBy::Quotient | WishBy::Growth)
    }

    /// What it is called where classes are compared by it.
    pub(super) fn title(&self, firms: &Bound) -> Text {
        let about = firms.describe();
        let of = titled_by(about, &kind_of(about, self));
        match self.by {
            WishBy::Partners => {
                let km = self.distance_m.unwrap_or_default() / 1000.0;
                words(firms).text(&format!("{km} 公里内{{row}}"), &format!("{{Rows}} within {km} km"))
            }
            WishBy::Growth => {
                let register = about.register().and_then(|c| c.spec.register.as_ref());
                let metric = register.and_then(|r| r.metrics.iter().find(|m| Some(&m.id) == self.metric.as_ref()));
                let title = metric.map(|m| m.title.clone()).unwrap_or_default();
                Text::new(format!("{}增长({})", title.zh, of.zh), format!("Growth of {} ({})", title.en, of.en))
            }
            _ => Text::new(format!("区位熵({})", of.zh), format!("LQ ({})", of.en)),
        }
    }

    /// What is wrong with it, whatever the data.
    pub(super) fn check(&self) -> Result<(), Text> {
        let wrong = |zh: &str, en: &str| Err(Text::new(zh, en));
        if !self.weight.is_finite() || self.weight < 0.0 {
            return wrong("weight 应为不小于 0 的数", "weight must be a number of at least 0");
        }
        if [self.worst, self.best].iter().flatten().any(|end| !end.is_finite()) {
            return wrong("worst 与 best 应为数", "worst and best must be numbers");
        }
        let given = [
            ("kind", self.kind.is_some()),
            ("property", self.property.is_some()),
            ("metric", self.metric.is_some()),
            ("collection", self.collection.is_some()),
            ("filter", self.filter.is_some()),
            ("distance_m", self.distance_m.is_some()),
        ];
        let (needs, takes): (&[&str], &[&str]) = match self.by {
            WishBy::Partners => (&["distance_m"], &["distance_m"]),
            WishBy::Quotient => (&[], &["kind"]),
            WishBy::Growth => (&["metric"], &["metric", "kind"]),
            WishBy::Zone => (&["kind"], &["kind", "property"]),
            WishBy::Distance => (&["collection"], &["collection", "filter"]),
            WishBy::Value => (&[], &["property", "metric"]),
        };
        for (name, is_given) in given {
            if is_given && !takes.contains(&name) {
                return wrong(&format!("此类意愿没有 {name}"), &format!("a wish of this sort has no {name}"));
            }
            if !is_given && needs.contains(&name) {
                return wrong(&format!("缺少 {name}"), &format!("{name} is missing"));
            }
        }
        if self.by == WishBy::Value && self.property.is_some() == self.metric.is_some() {
            return wrong("property 与 metric 应给其一", "give either property or metric");
        }
        if self.distance_m.is_some_and(|metres| !(1.0..=FURTHEST).contains(&metres)) {
            return wrong("distance_m 应为 1 至 100000 米", "distance_m must be 1 to 100000 metres");
        }
        Ok(())
    }
}

/// A wish in an answer: what it is called, and how its values were scaled.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WishColumn {
    /// What it goes by.
    pub by: WishBy,
    /// What it is called.
    pub title: Text,
    /// Unit of the values.
    pub unit: Text,
    /// Its share of all weights.
    pub share: f64,
    /// The value that counts 0; `null` where no site has a value.
    pub worst: Option<f64>,
    /// The value that counts 1.
    pub best: Option<f64>,
    /// Sites with a value.
    pub known: u64,
    /// Of a property with a codelist the names of its codes, the highest first: a value counts from the last one, which is 1. Empty of
    /// figures.
    pub codes: Vec<Text>,
}

impl WishColumn {
    pub(super) fn of(wish: &Wish, column: &Column, share: f64, scale: Option<Scale>) -> Self {
        let Column { title, unit, values, .. } = column;
        let known = values.iter().filter(|value| !value.is_nan()).count() as u64;
        let (title, unit) = (title.clone(), unit.clone());
        let codes = if column.coded { column.words.clone() } else { vec![] };
        let [worst, best] = [scale.map(|s| s.worst), scale.map(|s| s.best)];
        Self { by: wish.by, title, unit, share, worst, best, known, codes }
    }
}

/// The values of a wish, one for each site or class; what is not known is no number.
pub(super) struct Column {
    pub(super) title: Text,
    pub(super) unit: Text,
    pub(super) values: Vec<f64>,
    /// What each value is of, by its place in `words`; empty where values speak for themselves.
    of: Vec<u32>,
    words: Vec<Text>,
    /// Whether these are the names of codes.
    coded: bool,
}

impl Column {
    pub(super) fn plain(title: Text, unit: Text, values: Vec<f64>) -> Self {
        Self { title, unit, values, of: vec![], words: vec![], coded: false }
    }

    /// Puts the values of another class behind its own.
    pub(super) fn append(&mut self, other: Self) {
        let before = self.words.len() as u32;
        self.values.extend(other.values);
        self.of.extend(other.of.into_iter().map(|of| of.saturating_add(before)));
        self.words.extend(other.words);
    }

    /// A value, and what it is of.
    pub(super) fn at(&self, place: usize) -> (Option<f64>, Option<Text>) {
        let value = Some(self.values[place]).filter(|value| !value.is_nan());
        let of = self.of.get(place).and_then(|of| self.words.get(*of as usize)).cloned();
        (value, of)
    }
}

/// Who looks for a site.
pub(super) struct Seeker<'a> {
    /// Everything in the table of occupants.
    pub(super) firms: &'a Bound,
    pub(super) class: Option<ClassName>,
    pub(super) stage: Option<ClassName>,
    /// The property with the stages, and the neighbouring ones.
    pub(super) next: Option<(String, Vec<ClassName>)>,
}

impl<'a> Seeker<'a> {
    pub(super) fn new(firms: &'a Bound, class: Option<&str>, stage: Option<&str>) -> Result<Self, QueryError> {
        let about = firms.describe();
        let unknown = |parameter, value: &str, known: &[&str]| {
            let all = known.join(" | ");
            QueryError::Classes(ClassFault { parameter, value: value.to_owned(), known: Text::new(&all, &all) })
        };
        let class = class.map(|word| {
            let known: Vec<&str> =
                about.clusters().iter().flat_map(|list| &list.entries).map(|e| &*e.code).take(40).collect();
            let found = about.clusters().and_then(|list| list.find(word)).map(|(_, entry)| class_name(entry));
            found.ok_or_else(|| unknown("class", word, &known))
        });
        let class = class.transpose()?;
        let mut out = Self { firms, class, stage: None, next: None };
        let Some(word) = stage else { return Ok(out) };
        let Some(class) = &out.class else {
            return wrong("class", "给出环节时须给出类", "a stage needs its class");
        };
        let stages = staged(about).map(|(property, list)| (property, list.stages_of(&class.code).collect::<Vec<_>>()));
        let (property, stages) = stages.unwrap_or_default();
        let is = |e: &&&crate::model::CodelistEntry| {
            e.code == word || e.name.zh == word || e.name.en == word || e.aliases.iter().any(|alias| alias == word)
        };
        let known: Vec<&str> = stages.iter().map(|stage| &*stage.code).collect();
        let own = *stages.iter().find(is).ok_or_else(|| unknown("stage", word, &known))?;
        let beside = stages.iter().filter(|other| own.after.contains(&other.code) || other.after.contains(&own.code));
        out.next = Some((property.to_owned(), beside.map(|stage| class_name(stage)).collect()));
        out.stage = Some(class_name(own));
        Ok(out)
    }

    /// The property of the occupants with their classes.
    fn classified(&self) -> Option<&str> {
        self.firms.describe().register()?.spec.register.as_ref()?.cluster.as_deref()
    }

    /// Everything in the table of occupants.
    pub(super) fn question(&self) -> Question {
        Question::of(&*self.firms.describe().collections[self.firms.collection()].spec.id)
    }

    /// The occupants of the class; an error names the wish that needs one.
    pub(super) fn of_class(&self, member: &str) -> Result<(Question, &ClassName), QueryError> {
        let Some((class, property)) = self.class.as_ref().zip(self.classified()) else {
            return wrong("class", format!("{member} 需要给出类"), format!("{member} needs a class"));
        };
        Ok((self.question().having(property, &*class.code), class))
    }

    /// The partners of the class: those of the neighbouring stages, where a stage is named.
    fn partners(&self, member: &str) -> Result<Question, QueryError> {
        let (question, _) = self.of_class(member)?;
        Ok(match &self.next {
            None => question,
            Some((property, stages)) => {
                let codes = stages.iter().map(|stage| Expr::Text(stage.code.clone())).collect();
                question.filtered(Expr::Call(Op::In, vec![Expr::Property(property.clone()), Expr::List(codes)]))
            }
        })
    }
}

/// The values of all wishes for the rows.
pub(super) fn columns(
    bound: &Bound,
    seeker: &Seeker<'_>,
    rows: &Selection,
    wishes: &[Wish],
) -> Result<Vec<Column>, QueryError> {
    let sites = Sites::new(bound, rows);
    let column = |(place, wish): (usize, &Wish)| {
        cancel::check();
        sites.column(seeker, wish, &format!("wishes[{place}]"))
    };
    wishes.iter().enumerate().map(column).collect()
}

/// The sites in question, with where they lie.
struct Sites<'a> {
    bound: &'a Bound,
    rows: &'a Selection,
    positions: Vec<Option<[f64; 2]>>,
}

impl<'a> Sites<'a> {
    fn new(bound: &'a Bound, rows: &'a Selection) -> Self {
        let at = |places: std::ops::Range<usize>| {
            rows.rows()[places].iter().map(|row| position(rows, *row as usize)).collect::<Vec<_>>()
        };
        let positions = cancel::pieces(rows.rows().len(), PIECE, at).into_iter().flatten().collect();
        Self { bound, rows, positions }
    }

    fn column(&self, seeker: &Seeker<'_>, wish: &Wish, member: &str) -> Result<Column, QueryError> {
        let words = words(seeker.firms);
        match wish.by {
            WishBy::Partners => {
                let metres = wish.distance_m.unwrap_or_default();
                let around = Around::points(&seeker.firms.ask(&seeker.partners(member)?)?.select(0, usize::MAX));
                let values = self.each(|_, at| at.map(|at| around.within(at, metres) as f64));
                let km = metres / 1000.0;
                let title = match (&seeker.stage, &seeker.class) {
                    (Some(stage), _) => words.text(
                        &format!("{km} 公里内“{}”上下环节的{{row}}", stage.name.zh),
                        &format!("{{Rows}} of the stages beside {:?} within {km} km", stage.name.en),
                    ),
                    (_, class) => {
                        let class = class.as_ref().map(|class| class.name.clone()).unwrap_or_default();
                        words.text(
                            &format!("{km} 公里内“{}”{{row}}", class.zh),
                            &format!("{{Rows}} of {:?} within {km} km", class.en),
                        )
                    }
                };
                Ok(Column::plain(title, Text::new(&words.row.counter, ""), values))
            }
            WishBy::Quotient => self.quotient(seeker, wish, member),
            WishBy::Growth => self.growth(seeker, wish, member),
            WishBy::Zone => self.zone(seeker, wish, member),
            WishBy::Distance => self.distance(wish, member),
            WishBy::Value => self.value(wish, member),
        }
    }

    /// A value for each site from where it lies, and the value before it in the same piece.
    fn each(&self, of: impl Fn(Option<f64>, Option<[f64; 2]>) -> Option<f64> + Sync) -> Vec<f64> {
        let values = |places: std::ops::Range<usize>| {
            let mut before = None;
            let of = |at: &Option<[f64; 2]>| {
                before = of(before, *at);
                before.unwrap_or(f64::NAN)
            };
            self.positions[places].iter().map(of).collect::<Vec<_>>()
        };
        cancel::pieces(self.positions.len(), PIECE, values).into_iter().flatten().collect()
    }

    fn distance(&self, wish: &Wish, member: &str) -> Result<Column, QueryError> {
        let id = wish.collection.as_deref().unwrap_or_default();
        let mut question = Question::of(id);
        if let Some(text) = &wish.filter {
            let expr = filter::parse_text(text).map_err(|syntax| QueryError::Filter(syntax.into()));
            question = question.filtered(expr?);
        }
        let found = self.bound.ask(&question)?.select(0, usize::MAX);
        if found.rows().is_empty() {
            return wrong(member, format!("集合 {id} 中没有符合条件的要素"), format!("no feature of {id} matches"));
        }
        let around = Around::shapes(&found);
        // sites beside each other in the table mostly lie near each other
        let values = self.each(|before, at| around.nearest(at?, before.map(|metres| metres * 1.2 + 50.0)));
        let spec = &found.spec().title;
        let alone = (found.rows().len() == 1).then(|| super::name_of(&found, found.rows()[0] as usize));
        let (zh, en) = alone.map_or_else(|| (spec.zh.clone(), spec.en.clone()), |name| (name.zh, name.en));
        let title = Text::new(format!("到{zh}的距离"), format!("Distance to {en}"));
        Ok(Column::plain(title, Text::new("米", "m"), values))
    }

    fn value(&self, wish: &Wish, member: &str) -> Result<Column, QueryError> {
        let spec = self.rows.spec();
        let register = spec.register.as_ref();
        let (name, metric) = match (&wish.property, &wish.metric) {
            (Some(name), _) => (name.clone(), None),
            (None, id) => {
                let metric = metric_of(register, id.as_deref().unwrap_or_default(), member)?;
                let asked = self.bound.period().and_then(|period| metric.columns.get(&period));
                (asked.or_else(|| metric.columns.values().next_back()).cloned().unwrap_or_default(), Some(metric))
            }
        };
        let (place, property) = readable(self.rows, &name)?;
        let of = Coded::new(self.bound.describe(), property, member)?;
        let column = &self.rows.table().columns[place];
        let mut out = Column::plain(
            metric.map_or(&property.title, |m| &m.title).clone(),
            metric.map_or_else(|| property.unit.clone().unwrap_or_default(), |m| m.unit.clone()),
            vec![],
        );
        out.words = of.names();
        out.coded = !out.words.is_empty();
        for row in self.rows.rows() {
            let (value, code) = of.number(column.value(*row as usize));
            out.values.push(value);
            out.of.push(code);
        }
        Ok(out)
    }

    /// The zones of a kind as the reader may see them, under conditions on occupants.
    fn zones(seeker: &Seeker<'_>, question: Question, kind: &str) -> Result<ZoneList, QueryError> {
        cancel::check();
        seeker.firms.ask(&question.of_kind(Some(kind.to_owned())))?.zones()
    }

    /// The best value of the zones that hold each site; zones are by their places in `zones`.
    fn held(&self, wish: &Wish, zones: &[(ZoneRow, f64)], words: Vec<Text>, of: &[u32]) -> Result<Column, QueryError> {
        let (table, source) = (&self.rows.spec().id, self.rows.source());
        let mut places = vec![u32::MAX; self.rows.table().ids.len()];
        self.rows.rows().iter().zip(0..).for_each(|(row, place)| places[*row as usize] = place);
        let mut column = Column::plain(Text::default(), Text::default(), vec![f64::NAN; self.rows.rows().len()]);
        column.of = vec![u32::MAX; self.rows.rows().len()];
        column.words = words;
        let all = Question::of(&**table).in_period(self.bound.question().period());
        for ((zone, value), of) in zones.iter().zip(of) {
            cancel::check();
            let inside = match self.bound.ask(&all.clone().in_zone(&*zone.id)) {
                Ok(bound) => bound.select(0, usize::MAX),
                // a zone beyond what the reader may see holds none of the sites
                Err(QueryError::OutOfScope(_)) => continue,
                Err(e) => return Err(e),
            };
            let same = Arc::ptr_eq(source, inside.source());
            for row in inside.rows() {
                let row = if same { Some(*row as usize) } else { source.find(inside.source().id(*row as usize)) };
                let place = row.map_or(u32::MAX, |row| places[row]) as usize;
                let Some(known) = column.values.get(place).copied() else { continue };
                let better = if wish.more() { *value > known } else { *value < known };
                if !value.is_nan() && (known.is_nan() || better) {
                    (column.values[place], column.of[place]) = (*value, *of);
                }
            }
        }
        Ok(column)
    }

    /// The best value of the zones of a kind that hold each site, with the zone's name.
    fn of_zones(&self, wish: &Wish, zones: Vec<(ZoneRow, f64)>) -> Result<Column, QueryError> {
        let zones: Vec<(ZoneRow, f64)> = zones.into_iter().filter(|(zone, _)| zone.zone_kind.is_some()).collect();
        let words = zones.iter().map(|(zone, _)| Text::new(&*zone.name, &*zone.name_en)).collect();
        let of: Vec<u32> = (0..zones.len() as u32).collect();
        self.held(wish, &zones, words, &of)
    }

    fn quotient(&self, seeker: &Seeker<'_>, wish: &Wish, member: &str) -> Result<Column, QueryError> {
        let (question, class) = seeker.of_class(member)?;
        let kind = kind_of(seeker.firms.describe(), wish);
        let (whole, own) = (Self::zones(seeker, seeker.question(), &kind)?, Self::zones(seeker, question, &kind)?);
        let of_class: HashMap<&str, u64> = own.zones.iter().map(|zone| (&*zone.id, zone.count)).collect();
        let value = |zone: ZoneRow| {
            let both = of_class.get(&*zone.id).copied().unwrap_or_default();
            let counts = Counts { both, area: zone.count, class: own.city.count, whole: whole.city.count };
            let value = counts.quotient().unwrap_or(f64::NAN);
            (zone, value)
        };
        let values = whole.zones.into_iter().map(value).collect();
        let title = titled_by(seeker.firms.describe(), &kind);
        let (zh, en) =
            (format!("{}区位熵({})", class.name.zh, title.zh), format!("LQ of {} ({})", class.name.en, title.en));
        Ok(Column { title: Text::new(zh, en), ..self.of_zones(wish, values)? })
    }

    fn growth(&self, seeker: &Seeker<'_>, wish: &Wish, member: &str) -> Result<Column, QueryError> {
        let about = seeker.firms.describe();
        let id = wish.metric.as_deref().unwrap_or_default();
        let metric = metric_of(about.register().and_then(|c| c.spec.register.as_ref()), id, member)?;
        let question = if seeker.class.is_some() { seeker.of_class(member)?.0 } else { seeker.question() };
        let kind = kind_of(about, wish);
        let list = Self::zones(seeker, question.with_growth(true), &kind)?;
        let value = |zone: ZoneRow| {
            let amount = zone.amounts.get(id);
            let growth = amount.and_then(|a| a.growth.as_ref().or(a.growth_on_previous.as_ref()));
            let value = growth.and_then(|growth| growth.rate).unwrap_or(f64::NAN);
            (zone, value)
        };
        let values = list.zones.into_iter().map(value).collect();
        let (of, title) = (titled_by(about, &kind), &metric.title);
        let class = seeker.class.as_ref().map(|class| class.name.clone()).unwrap_or_default();
        let (zh, en) = (
            format!("{}{}增长({})", class.zh, title.zh, of.zh),
            format!("Growth of {}{}{} ({})", title.en, if class.en.is_empty() { "" } else { ", " }, class.en, of.en),
        );
        Ok(Column { title: Text::new(zh, en), ..self.of_zones(wish, values)? })
    }

    fn zone(&self, seeker: &Seeker<'_>, wish: &Wish, member: &str) -> Result<Column, QueryError> {
        let about = seeker.firms.describe();
        let kind = kind_of(about, wish);
        let zones = Self::zones(seeker, seeker.question(), &kind)?.zones;
        let of_kind = titled_by(about, &kind);
        let Some(path) = wish.property.as_deref() else {
            let values = zones.into_iter().map(|zone| (zone, 1.0)).collect();
            let mut out = self.of_zones(wish, values)?;
            // outside of them all is a value, too
            out.values.iter_mut().filter(|value| value.is_nan()).for_each(|value| *value = 0.0);
            let title = Text::new(format!("位于{}内", of_kind.zh), format!("In a zone: {}", of_kind.en));
            return Ok(Column { title, ..out });
        };
        let (mut values, mut of, mut title, mut names) = (vec![], vec![], Text::default(), vec![]);
        for zone in zones.into_iter().filter(|zone| zone.zone_kind.is_some()) {
            let collection = zone.collection.clone().unwrap_or_default();
            let found = self.property_of(&collection, &zone.id, path, member)?;
            (title, names) = (found.title, found.names);
            values.push((zone, found.number));
            of.push(found.code);
        }
        let coded = !names.is_empty();
        let mut out = if coded { self.held(wish, &values, names, &of)? } else { self.of_zones(wish, values)? };
        out.coded = coded;
        out.title = Text::new(format!("{}{}", of_kind.zh, title.zh), format!("{}: {}", of_kind.en, title.en));
        Ok(out)
    }

    /// The value of a property of a feature, or of the one that it refers to.
    fn property_of(&self, collection: &str, id: &str, path: &str, member: &str) -> Result<Found, QueryError> {
        let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
        // the feature is found by its id: no row needs to be selected
        let all = self.bound.ask(&Question::of(collection))?.select(0, 0);
        let (place, property) = readable(&all, name)?;
        let row = all.source().find(id);
        let column = &all.table().columns[place];
        let value = row.map_or(Value::Null, |row| column.value(row));
        if let Some(rest) = rest {
            let Some(other) = property.references.as_deref() else {
                let (zh, en) = (format!("属性 {name} 不指向其他要素"), format!("{name} refers to no other feature"));
                return wrong(member, zh, en);
            };
            let id = if let Value::Text(id) = value { id } else { "" };
            return self.property_of(other, id, rest, member);
        }
        let of = Coded::new(self.bound.describe(), property, member)?;
        let (number, code) = of.number(value);
        Ok(Found { title: property.title.clone(), number, code, names: of.names() })
    }
}

/// A property's value as a number.
struct Found {
    title: Text,
    number: f64,
    code: u32,
    names: Vec<Text>,
}

/// How values of a property are numbers: as they are, or, of a codelist, the more the further up their code stands in it.
struct Coded<'a>(Option<&'a Codelist>);

impl<'a> Coded<'a> {
    fn new(about: &'a Description, property: &PropertySpec, member: &str) -> Result<Self, QueryError> {
        use crate::model::PropertyType as T;
        let list = property.codelist.as_deref().and_then(|list| about.codelists.get(list));
        match property.ty {
            T::Integer | T::Number | T::Boolean => Ok(Self(None)),
            T::String if list.is_some() => Ok(Self(list)),
            _ => {
                let name = &property.name;
                let (zh, en) = ("应为数字,或带代码表的文字", "must be a number, or a text with a codelist");
                wrong(member, format!("属性 {name} {zh}"), format!("the property {name} {en}"))
            }
        }
    }

    fn names(&self) -> Vec<Text> {
        self.0.iter().flat_map(|list| &list.entries).map(|entry| entry.name.clone()).collect()
    }

    /// The number, and the place of the code.
    fn number(&self, value: Value<'_>) -> (f64, u32) {
        let place = |code: &str| self.0.and_then(|list| Some((list.place(code)?, list.entries.len())));
        match value {
            Value::Integer(n) => (n as f64, u32::MAX),
            Value::Number(n) => (n, u32::MAX),
            Value::Decimal(digits, decimals) => (digits as f64 / 10f64.powi(i32::from(decimals)), u32::MAX),
            Value::Boolean(is) => (f64::from(u8::from(is)), u32::MAX),
            Value::Text(code) => {
                place(code).map_or((f64::NAN, u32::MAX), |(place, all)| ((all - place) as f64, place as u32))
            }
            _ => (f64::NAN, u32::MAX),
        }
    }
}

/// A property of a collection that the reader may see, and its place.
fn readable<'a>(rows: &'a Selection, name: &str) -> Result<(usize, &'a PropertySpec), QueryError> {
    let spec = rows.spec();
    let Some((place, property)) = spec.property(name) else {
        let known = spec.properties.iter().map(|p| &*p.name).collect::<Vec<_>>().join(", ");
        return Err(FilterError::UnknownProperty { name: name.to_owned(), known }.into());
    };
    if !rows.columns().contains(&place) {
        return Err(FilterError::Restricted { name: name.to_owned() }.into());
    }
    Ok((place, property))
}

/// A metric of a table.
fn metric_of<'a>(register: Option<&'a RegisterSpec>, id: &str, member: &str) -> Result<&'a MetricSpec, QueryError> {
    let all = register.map(|r| r.metrics.as_slice()).unwrap_or_default();
    all.iter().find(|metric| metric.id == id).map_or_else(
        || {
            let known = all.iter().map(|m| &*m.id).collect::<Vec<_>>().join(" | ");
            wrong(member, format!("没有指标 {id},可选 {known}"), format!("{id:?} is not one of {known}"))
        },
        Ok,
    )
}

/// The kind of zones of a wish: the usual one where none is named.
fn kind_of(about: &Description, wish: &Wish) -> String {
    wish.kind.clone().or_else(|| about.usual_kind().map(|kind| kind.id.clone())).unwrap_or_default()
}

/// What zones of a kind are called.
fn titled_by(about: &Description, kind: &str) -> Text {
    let found = about.zone_kinds.iter().find(|of| of.id == kind);
    found.map(|of| of.title.clone()).unwrap_or_default()
}
