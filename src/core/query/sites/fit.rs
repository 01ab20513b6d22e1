//! The reverse question: which class fits a site.

use super::wish::{Seeker, columns};
use super::{
    Column, DRAWS, Wish, WishColumn, WishPart, check, described, drawn, name_of, notes, parts, permits, permitted,
    permitting, position, scaled, scores, tables, wrong,
};
use crate::cancel;
use crate::model::{Period, Text, year_and_period};
use crate::query::answer::{Note, ZoneName};
use crate::query::engine::Bound;
use crate::query::query_error::QueryError;
use crate::stats::choice::order;
use serde::Serialize;

/// A class in the order.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClassFit {
    /// Its place, from 1.
    pub rank: u64,
    /// Code.
    pub code: String,
    /// Name.
    pub name: Text,
    /// One character that stands for it.
    pub mark: String,
    /// Whether the site is permitted for it.
    pub permitted: bool,
    /// The weighted mean of the scaled values, 0 to 1.
    pub score: f64,
    /// One for each wish.
    pub parts: Vec<WishPart>,
    /// Share of the draws in which it is first.
    pub first: f64,
    /// Share of the draws in which it is among the first three.
    pub among_three: f64,
}

/// Which classes fit a site.
#[derive(Clone, Debug, Serialize)]
pub struct ClassFits {
    /// Revision of the data.
    pub revision: String,
    /// The period of the occupants' figures, as `year`, where it is one, and `period`.
    #[serde(flatten, serialize_with = "year_and_period")]
    pub period: Option<Period>,
    /// The table of sites.
    pub table: String,
    /// Whether sites or occupants are invented (示例数据).
    pub sample: bool,
    /// The site.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// Longitude and latitude.
    pub position: Option<[f64; 2]>,
    /// The zones that hold it, the highest levels first.
    pub zones: Vec<ZoneName>,
    /// The wishes that tell classes apart, and how each was scaled.
    pub wishes: Vec<WishColumn>,
    /// The wishes that say the same of every class, which are left out.
    pub left_out: u64,
    /// Draws of other weights.
    pub draws: u64,
    /// Where the random numbers began.
    pub seed: u64,
    /// The classes.
    pub classes: Vec<ClassFit>,
    /// Rules and cautions.
    pub notes: Vec<Note>,
}

/// The classes in the order in which they fit a site. `bound` is a question about the table of sites.
pub fn class_fits(bound: &Bound, id: &str, wishes: &[Wish], seed: u64) -> Result<ClassFits, QueryError> {
    check(wishes)?;
    let (telling, rest): (Vec<Wish>, Vec<Wish>) = wishes.iter().cloned().partition(Wish::tells_classes);
    let all: f64 = telling.iter().map(|wish| wish.weight).sum();
    if telling.is_empty() || all <= 0.0 {
        return wrong(
            "wishes",
            "至少要有一条与类有关的意愿(partners、quotient、growth)且权重大于 0",
            "at least one wish must tell classes apart (partners, quotient, growth) and have a weight above 0",
        );
    }
    let (sites, firms) = tables(bound)?;
    let (about, every) = (firms.describe(), bound.select(0, usize::MAX));
    let found = every.source().find(id).map(|row| row as u32).filter(|row| every.rows().contains(row));
    let Some(row) = found else {
        let collection = every.spec().id.clone();
        return Err(QueryError::UnknownFeature { collection, id: id.to_owned() });
    };
    let rows = every.of_rows(vec![row]);
    let open = permitted(&rows, &sites, about);
    let classes: Vec<_> = firms.classes().shown().iter().filter_map(|group| firms.classes().get(*group)).collect();
    let classes: Vec<_> = classes.into_iter().filter(|c| c.part.is_none() && c.code.is_some()).collect();
    let mut all_columns: Vec<Column> = Vec::new();
    for class in &classes {
        cancel::check();
        let seeker = Seeker::new(&firms, class.code.as_deref(), None)?;
        let of_class = columns(bound, &seeker, &rows, &telling)?;
        if all_columns.is_empty() {
            all_columns = of_class;
        } else {
            all_columns.iter_mut().zip(of_class).for_each(|(all, of)| all.append(of));
        }
    }
    all_columns.iter_mut().zip(&telling).for_each(|(column, wish)| column.title = wish.title(&firms));
    let shares: Vec<f64> = telling.iter().map(|wish| wish.weight / all).collect();
    let (scales, values) = scaled(&telling, &all_columns, classes.len());
    let scores = scores(&values, &shares);
    let order = order(&scores);
    let firm = drawn(&order, &values, &shares, seed);
    let fit = |(rank, place): (usize, &u32)| {
        let (place, class) = (*place as usize, classes[*place as usize]);
        let code = class.code.clone().unwrap_or_default();
        ClassFit {
            rank: rank as u64 + 1,
            permitted: open.is_none_or(|(column, list)| permits(&rows, column, row as usize, &permitting(list, &code))),
            code,
            name: class.name.clone(),
            mark: class.mark.clone(),
            score: scores[place],
            parts: parts(&all_columns, &shares, &values, place),
            first: f64::from(firm[rank].first) / DRAWS as f64,
            among_three: f64::from(firm[rank].among) / DRAWS as f64,
        }
    };
    let fits = order.iter().enumerate().map(fit).collect();
    let wishes = described(&telling, &all_columns, &shares, &scales);
    Ok(ClassFits {
        revision: bound.describe().revision.clone(),
        period: firms.period(),
        table: rows.spec().id.clone(),
        sample: rows.spec().sample || about.sample(),
        id: id.to_owned(),
        name: name_of(&rows, row as usize),
        position: position(&rows, row as usize),
        zones: bound.place(id, 0).map(|place| place.zones).unwrap_or_default(),
        left_out: rest.len() as u64,
        draws: DRAWS as u64,
        seed,
        classes: fits,
        notes: notes(bound, &firms, &wishes, (0, false)),
        wishes,
    })
}
