//! The rows of one class, page by page, with all that the report says of each. The report itself lists the first ones
//! only.

use super::diff::{Change, Class};
use super::finding::Finding;
use super::outcome::Outcome;
use super::prepare::Import;
use geo::Coord;
use serde::Serialize;

/// A row of an import as the preview shows it.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = ImportPreview)]
pub struct Preview {
    /// Row in the file; none for an enterprise that the file does not name.
    pub row: Option<u32>,
    /// Its id in the register.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where the register has it: longitude, latitude in WGS 84 degrees.
    pub from: Option<[f64; 2]>,
    /// Where the file puts it.
    pub to: Option<[f64; 2]>,
    /// How far it moves, in metres.
    pub moved_m: Option<f64>,
    /// What changes.
    pub changes: Vec<Change>,
    /// What was found.
    pub findings: Vec<Finding>,
}

/// Which rows are which, found out by checking.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The report.
    pub outcome: Outcome,
    /// The class of each row of the table.
    classes: Vec<Class>,
    /// Rows of the register that the file does not name.
    absent: Vec<usize>,
}

impl Import<'_> {
    /// Judges every row, and keeps which is of which class. `done` is called with the number of judged rows from time
    /// to time.
    pub fn check_listing(&self, done: &mut dyn FnMut(usize)) -> Checked {
        const PROGRESS_STEP: usize = 512;
        let mut classes = Vec::with_capacity(self.sheet.cells.len());
        let outcome = self.check_counting(&mut |row, class| {
            classes.push(class);
            if row.is_multiple_of(PROGRESS_STEP) {
                done(row);
            }
        });
        let named = |district: &usize| outcome.complete_for.iter().any(|n| n == self.districts.name(*district));
        let complete_for: Vec<usize> = (0..self.districts.count()).filter(named).collect();
        let absent = self.not_named(&complete_for).collect();
        Checked { outcome, classes, absent }
    }

    /// Rows of a class in the order of the file, from `offset` on, at most `limit`; and how many there are in all.
    /// `None` asks for the enterprises that the file does not name.
    pub fn page(&self, checked: &Checked, class: Option<Class>, offset: usize, limit: usize) -> (usize, Vec<Preview>) {
        let Some(class) = class else {
            let rows = checked.absent.iter().skip(offset).take(limit);
            return (checked.absent.len(), rows.map(|row| self.preview_absent(*row)).collect());
        };
        let of_class = || checked.classes.iter().enumerate().filter(|(_, c)| **c == class).map(|(row, _)| row);
        (of_class().count(), of_class().skip(offset).take(limit).map(|row| self.preview(row)).collect())
    }

    pub(super) fn preview(&self, row: usize) -> Preview {
        let judged = self.judge(row);
        Preview {
            row: Some(judged.number),
            from: judged.existing.and_then(|e| self.schema.table.geometries.point(e)).map(pair),
            to: judged.position.map(|p| pair(p.at)),
            id: judged.id.into_owned(),
            name: judged.name.into_owned(),
            moved_m: judged.moved_m.map(f64::round),
            changes: judged.changes,
            findings: judged.notes,
        }
    }

    fn preview_absent(&self, row: usize) -> Preview {
        let (id, name) = self.in_register(row);
        let from = self.schema.table.geometries.point(row).map(pair);
        Preview { row: None, id, name, from, to: None, moved_m: None, changes: vec![], findings: vec![] }
    }
}

fn pair(at: Coord<f64>) -> [f64; 2] {
    [at.x, at.y]
}
