//! Areas put together from others by union, intersection and difference, in the order given.

use super::{Area, Outline, Query};
use crate::columns::Bitmap;
use crate::geometry::overlay::{self, OverlayError};
use crate::snapshot::Snapshot;
use geo::MultiPolygon;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What is done with the next area.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SetOp {
    /// What is in either (并); what is in both counts once.
    Union,
    /// What is in both (交).
    Intersection,
    /// What is not in the next one (差).
    Difference,
}

impl SetOp {
    /// Its name between two areas.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Union => ("并", "plus"),
            Self::Intersection => ("交", "within"),
            Self::Difference => ("差", "minus"),
        }
    }
}

/// An area made of others. Rows are put together as sets, so that what a zone counts is what it counts alone: by its
/// border rule, with the unlocated rows that declare it. Outlines are put together besides, for area and drawing.
#[derive(Debug)]
pub struct Combined {
    first: Area,
    steps: Vec<(SetOp, Area)>,
    outline: Option<Arc<Outline>>,
    overlap_km2: Option<f64>,
}

impl Combined {
    /// Puts areas together.
    pub fn new(snapshot: &Snapshot, first: Area, steps: Vec<(SetOp, Area)>) -> Result<Arc<Self>, OverlayError> {
        let none = || MultiPolygon(vec![]);
        let shapes = std::iter::once(&first).chain(steps.iter().map(|(_, area)| area)).map(|area| area.shape(snapshot));
        let shapes: Option<Vec<MultiPolygon<f64>>> = shapes.map(Option::<&_>::cloned).collect();
        let (mut outline, mut overlap_km2) = (None, None);
        if let Some(mut shapes) = shapes {
            let rest = shapes.split_off(1);
            let (mut whole, mut twice) = (shapes.pop().unwrap_or_else(none), none());
            for ((op, _), next) in steps.iter().zip(&rest) {
                match op {
                    SetOp::Union => {
                        twice = overlay::union(&twice, &overlay::intersection(&whole, next)?)?;
                        whole = overlay::union(&whole, next)?;
                    }
                    SetOp::Intersection => {
                        (whole, twice) = (overlay::intersection(&whole, next)?, overlay::intersection(&twice, next)?);
                    }
                    SetOp::Difference => {
                        (whole, twice) = (overlay::difference(&whole, next)?, overlay::difference(&twice, next)?);
                    }
                }
            }
            overlap_km2 = Some(crate::geometry::measure::area_km2(&twice));
            outline = Some(Outline::new(&whole));
        }
        Ok(Arc::new(Self { first, steps, outline, overlap_km2 }))
    }

    /// The rows of a layer in it, and those of them that more than one united area holds.
    pub(super) fn rows(&self, snapshot: &Snapshot, layer: usize) -> (Bitmap, Bitmap) {
        let len = snapshot.layers[layer].len();
        let rows = |area: &Area| area.rows(snapshot, layer).unwrap_or_else(|| Bitmap::all(len));
        let (mut whole, mut twice) = (rows(&self.first), Bitmap::none(len));
        for (op, area) in &self.steps {
            let next = rows(area);
            match op {
                SetOp::Union => {
                    let mut both = whole.clone();
                    both.and(&next);
                    twice.or(&both);
                    whole.or(&next);
                }
                SetOp::Intersection => {
                    whole.and(&next);
                    twice.and(&next);
                }
                SetOp::Difference => {
                    whole.and_not(&next);
                    twice.and_not(&next);
                }
            }
        }
        (whole, twice)
    }

    /// How many rows that match the question are in more than one of the united areas, and how large that overlap is;
    /// `None` where nothing was united.
    pub(super) fn overlap(&self, snapshot: &Snapshot, query: &Query) -> Option<(u64, Option<f64>)> {
        self.steps.iter().any(|(op, _)| *op == SetOp::Union).then(|| {
            let (_, mut twice) = self.rows(snapshot, query.layer);
            if let Some(passing) = query.passing(snapshot) {
                passing.keep(&mut twice);
            }
            (twice.count() as u64, self.overlap_km2)
        })
    }

    /// Its outline, where all of its areas have one.
    pub(super) fn outline(&self) -> Option<&Outline> {
        self.outline.as_deref()
    }

    /// Its name, made of those of its areas.
    pub(super) fn name(&self, snapshot: &Snapshot) -> (String, String) {
        let info = self.first.info(snapshot);
        let names = (info.name, info.name_en);
        self.steps.iter().fold(names, |(zh, en), (op, area)| {
            let (next, words) = (area.info(snapshot), op.words());
            (format!("{zh} {} {}", words.0, next.name), format!("{en} {} {}", words.1, next.name_en))
        })
    }

    /// Whether any of its areas is schematic.
    pub(super) fn schematic(&self, snapshot: &Snapshot) -> bool {
        let areas = std::iter::once(&self.first).chain(self.steps.iter().map(|(_, area)| area));
        areas.into_iter().any(|area| area.info(snapshot).schematic)
    }
}
