//! The enterprises as a table: the same columns and cells for the sheet and for CSV.

use super::cell::{Cell, Form, Head, Sheet};
use super::{Material, words};
use crate::core::cancel;
use crate::core::columns::{Column, Value, Words};
use crate::core::model::{Geometries, PropertySpec, PropertyType};
use crate::core::query::list_text;
use crate::core::snapshot::RowSource;
use std::collections::HashMap;

/// Rows whose cells are read at a time, by files of many.
pub(super) const READ: usize = 256;

/// Where a column's cells come from.
enum Source<'a> {
    Id,
    /// A property as it is.
    Property(usize, Form),
    /// A property whose codes have names; these, where they do.
    Coded(usize, HashMap<&'a str, &'a str>),
    /// The name of the feature that a property refers to.
    Named(usize, &'a dyn RowSource),
    /// A property of few different texts: the cell of each.
    Words(usize, &'a Words, Vec<Cell<'a>>),
    Lon,
    Lat,
    Sample,
}

/// The enterprises, ready to be written row by row.
pub(super) struct Enterprises<'a> {
    material: Material<'a>,
    columns: Vec<(Head, Source<'a>)>,
}

impl<'a> Enterprises<'a> {
    pub(super) fn new(material: Material<'a>) -> Self {
        let selection = material.selection;
        let mut columns = vec![(Head::new(material.say("编号", "Id")), Source::Id)];
        for &place in selection.columns() {
            let property = &selection.spec().properties[place];
            let unit = property.unit.as_ref().map_or("", |u| u.get(material.lang));
            let title = property.title.get(material.lang);
            let head = Head::new(material.with_unit(title, unit));
            let referred = property.references.as_ref().and_then(|id| material.collection(id));
            match referred {
                Some(referred) if property.ty == PropertyType::String => {
                    let code = Head::new(format!("{title}{}", material.say("代码", " (code)")));
                    columns.push((code, Source::Property(place, Form::Plain)));
                    columns.push((head, Source::Named(place, &**referred.source())));
                }
                _ if matches!(property.ty, PropertyType::String | PropertyType::Strings) => {
                    columns.push((head, Source::Coded(place, material.names_of_codes(property))));
                }
                _ => columns.push((head, Source::Property(place, form(property)))),
            }
        }
        if let Geometries::Points { .. } = selection.table().geometries {
            columns.push((Head::new(material.say("经度(WGS 84)", "Longitude (WGS 84)")), Source::Lon));
            columns.push((Head::new(material.say("纬度(WGS 84)", "Latitude (WGS 84)")), Source::Lat));
        }
        let marked = |place: &usize| selection.spec().properties[*place].name == "sample";
        if selection.spec().sample && !selection.columns().iter().any(marked) {
            columns.push((Head::new(material.say("示例数据", "Sample data")), Source::Sample));
        }
        for (_, source) in &mut columns {
            let (Source::Property(place, _) | Source::Coded(place, _) | Source::Named(place, _)) = *source else {
                continue;
            };
            let Column::Words(words, _) = &selection.table().columns[place] else { continue };
            let cells = words.words.iter().map(|word| of_value(&material, source, Value::Text(word))).collect();
            *source = Source::Words(place, words, cells);
        }
        Self { material, columns }
    }

    pub(super) fn heads(&self) -> impl Iterator<Item = &Head> {
        self.columns.iter().map(|(head, _)| head)
    }

    /// The cells of one row.
    pub(super) fn cells(&self, row: u32) -> Vec<Cell<'a>> {
        // every file of a report takes its rows from here
        cancel::check();
        self.columns.iter().map(|(_, source)| self.cell(source, row as usize)).collect()
    }

    /// The cells of some rows, column by column: the rows of a report lie apart in their table, and the next values of a column are
    /// on their way while one is read.
    pub(super) fn columns(&self, rows: &[u32]) -> Vec<Vec<Cell<'a>>> {
        cancel::check();
        cancel::steps(rows.len() * self.columns.len());
        let column = |(_, source): &(Head, Source<'a>)| {
            let mut cells = Vec::with_capacity(rows.len());
            cells.extend(rows.iter().map(|row| self.cell(source, *row as usize)));
            cells
        };
        self.columns.iter().map(column).collect()
    }

    fn cell(&self, source: &Source<'a>, row: usize) -> Cell<'a> {
        let table = self.material.selection.table();
        match source {
            Source::Id => Cell::text(table.ids.value(row)),
            Source::Property(place, _) | Source::Coded(place, _) | Source::Named(place, _) => {
                of_value(&self.material, source, table.columns[*place].value(row))
            }
            Source::Words(place, words, cells) => {
                let holds = table.columns[*place].valid().is_none_or(|valid| valid.contains(row));
                if holds { cells[words.codes.get(row) as usize].clone() } else { Cell::Empty }
            }
            Source::Lon | Source::Lat => match &table.geometries {
                Geometries::Points { lon, lat, located } if located.contains(row) => {
                    let degrees = if matches!(source, Source::Lon) { lon[row] } else { lat[row] };
                    Cell::Number((degrees * 1e7).round() / 1e7, Form::Plain)
                }
                _ => Cell::Empty,
            },
            Source::Sample => plain(&self.material, Value::Boolean(true), Form::Plain),
        }
    }

    /// Of each column how its numbers are set; none of texts.
    pub(super) fn forms(&self) -> impl Iterator<Item = Option<Form>> {
        let properties = &self.material.selection.spec().properties;
        self.columns.iter().map(|(_, source)| match source {
            Source::Property(place, form) => {
                matches!(properties[*place].ty, PropertyType::Integer | PropertyType::Number).then_some(*form)
            }
            Source::Lon | Source::Lat => Some(Form::Plain),
            Source::Id | Source::Coded(..) | Source::Named(..) | Source::Words(..) | Source::Sample => None,
        })
    }

    /// The sheet of some of the rows.
    pub(super) fn sheet<'s>(&'s self, rows: &'s [u32]) -> Sheet<'s> {
        let heads = self.heads().cloned().collect();
        let name = self.material.sheet_names()[2].clone();
        let rows = rows.iter().map(|row| -> Vec<Cell<'s>> { self.cells(*row) });
        Sheet { name, title: None, heads, rows: Box::new(rows), total: None, foot: vec![], frozen: 2 }
    }
}

/// The cell of a value of a property.
fn of_value<'a>(material: &Material<'a>, source: &Source<'a>, value: Value<'a>) -> Cell<'a> {
    match (source, value) {
        (Source::Property(_, form), value) => plain(material, value, *form),
        (Source::Coded(_, names), Value::Text(code)) => Cell::text(names.get(code).copied().unwrap_or(code)),
        (Source::Coded(_, names), Value::Strings(list, row)) => {
            Cell::text(list_text(list.row(row).map(|code| names.get(code).copied().unwrap_or(code))))
        }
        (Source::Named(_, layer), Value::Text(id)) => layer
            .find(id)
            .map_or(Cell::Empty, |r| Cell::text(words::pick(material.lang, layer.name(r), layer.name_en(r)))),
        (Source::Named(..), _) => Cell::Empty,
        (_, value) => plain(material, value, Form::Plain),
    }
}

/// The cell of a value as it is.
fn plain<'a>(material: &Material<'a>, value: Value<'a>, form: Form) -> Cell<'a> {
    match value {
        Value::Null => Cell::Empty,
        Value::Text(t) => Cell::text(t),
        Value::Integer(i) => Cell::Integer(i, form),
        Value::Number(v) => Cell::Number(v, form),
        Value::Decimal(digits, decimals) => Cell::Decimal(digits, decimals, form),
        Value::Boolean(true) => Cell::text(words::pick(material.lang, "是", "yes")),
        Value::Boolean(false) => Cell::text(words::pick(material.lang, "否", "no")),
        Value::Strings(list, row) => Cell::text(list_text(list.row(row))),
    }
}

/// Figures with a unit get separators; years and codes don't.
fn form(property: &PropertySpec) -> Form {
    match (property.ty, property.decimals, &property.unit) {
        (PropertyType::Number, Some(decimals), _) => Form::Grouped(decimals),
        (PropertyType::Integer, _, Some(_)) => Form::Grouped(0),
        _ => Form::Plain,
    }
}
