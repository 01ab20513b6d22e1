//! Which classes stand together: in the same zones, and beside each other.

use super::{Table, Weight, weight_of};
use crate::model::{Period, Text, year_and_period};
use crate::query::answer::Note;
use crate::query::engine::Bound;
use crate::query::hotspots::Places;
use crate::query::query_error::QueryError;
use crate::query::quotients::QuotientClass;
use crate::stats::colocation::colocation;
use crate::stats::concentration::coagglomeration;
use crate::stats::quotient::LEAST_ROWS;
use serde::Serialize;

/// Two classes. The quotient is of the first beside the second.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClassPair {
    /// Code of the first.
    pub class: String,
    /// Code of the second; the same for the class beside itself.
    pub other: String,
    /// How much they share their zones (Ellison, Glaeser and Kerr 2010); `null` of a class beside itself.
    pub coagglomeration: Option<f64>,
    /// How much more often the nearest neighbour of the first is of the second than by chance (Leslie and Kronenberg 2011).
    pub colocation: Option<f64>,
}

/// Every two classes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClassPairs {
    /// Revision of the data.
    pub revision: String,
    /// Period of the figures, as `year`, where it is one, and `period`.
    #[serde(flatten, serialize_with = "year_and_period")]
    pub period: Option<Period>,
    /// Whether the rows are invented (示例数据).
    pub sample: bool,
    /// The kind of the zones.
    pub zone_kind: String,
    /// What rows are weighed by, for the zones; neighbours are counted.
    pub weight: Weight,
    /// Rows with a position, of which neighbours are looked at.
    pub located: u64,
    /// The classes in the codelist's order.
    pub classes: Vec<QuotientClass>,
    /// Every class with every class, by the first and then by the second.
    pub pairs: Vec<ClassPair>,
    /// How to read it.
    pub notes: Vec<Note>,
}

/// Which classes of a question stand together.
pub fn class_pairs(bound: &Bound, weight: Option<&str>) -> Result<ClassPairs, QueryError> {
    let (table, zone_kind) = Table::of(bound, weight)?;
    let (about, classes) = (table.about, table.classes());
    let whole = table.list.partition && about.scope.is_none();
    let together = table.values().filter(|_| whole).map(|values| coagglomeration(&values));
    let places = Places::of(bound);
    let reading = bound.classes();
    // the place of a class in the table, for each group; what has no class or none of these is one more
    let place_of = |group: usize| {
        let code = reading.get(group).filter(|class| class.part.is_none()).and_then(|class| class.code.as_deref());
        code.and_then(|code| classes.iter().position(|class| class.code == code)).unwrap_or(classes.len())
    };
    let groups = places.groups(bound);
    let class: Vec<usize> = groups.iter().map(|group| place_of(*group)).collect();
    let beside = places.metres().map(|(_, points)| colocation(&points, &class, classes.len() + 1));
    let mut pairs = Vec::new();
    for (i, a) in classes.iter().enumerate() {
        for (j, b) in classes.iter().enumerate() {
            let enough = a.count >= LEAST_ROWS && b.count >= LEAST_ROWS;
            let located = |place: usize| beside.as_ref().is_some_and(|beside| beside.points[place] >= LEAST_ROWS);
            pairs.push(ClassPair {
                class: a.code.clone(),
                other: b.code.clone(),
                coagglomeration: together.as_ref().and_then(|all| all[i][j]).filter(|_| enough),
                colocation: beside.as_ref().filter(|_| located(i) && located(j)).and_then(|all| all.quotient(i, j)),
            });
        }
    }
    Ok(ClassPairs {
        revision: table.list.revision.clone(),
        period: table.list.period,
        sample: about.sample(),
        zone_kind,
        weight: weight_of(about, table.quantity),
        located: places.len() as u64,
        classes: classes.to_vec(),
        pairs,
        notes: notes(bound),
    })
}

fn notes(bound: &Bound) -> Vec<Note> {
    let words = bound.describe().wording();
    let note = |code: &str, zh: &str, en: &str| {
        let Text { zh, en } = words.text(zh, en);
        Note::new(code, zh, en)
    };
    vec![
        note(
            "coagglomeration",
            "同处指数(Ellison–Glaeser–Kerr 2010):大于 0 为两类偏重相同的{zone},小于 0 为相互避开;随{zone}划分而变,只在本表内比较。",
            "Coagglomeration (Ellison, Glaeser and Kerr 2010): above 0 where two {classes} are strong in the same {zones}, below where they avoid each other; it depends on how the {zones} are drawn: compare within this table.",
        ),
        note(
            "colocation",
            "邻近商(Leslie–Kronenberg 2011):某类{row}最近的邻居属另一类的次数与随机相比的倍数,行与列不对称;没有显著性检验,同一地址的{row}互为邻居,集中登记会抬高同类值。不足 10 {counter}的类不算。",
            "Colocation quotient (Leslie and Kronenberg 2011): how many times as often as by chance the nearest neighbour of one {class} is of another; not the same both ways. It has no test of significance, {rows} at one address are each other's neighbours, and registration at shared addresses raises it. None for {classes} of fewer than 10.",
        ),
    ]
}
