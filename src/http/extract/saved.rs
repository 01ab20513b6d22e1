//! Saved areas in questions: `saved:` and an id where a zone's id stands. Before a question is bound, what is kept takes the
//! place of the id, so that what answers it knows zones and geometry only.

use crate::core::geometry::Surface;
use crate::core::query::{AreaSpec, BaseArea, Question, saved_id};
use crate::http::extract::context::Context;
use crate::http::problem::Problem;
use crate::service::saved::{Saved, SavedError, SavedReader, area_of};
use crate::service::store::SavedKind;
use std::borrow::Cow;

impl Context {
    /// What is kept under names.
    pub(crate) fn saved(&self) -> Result<&Saved, Problem> {
        Ok(self.0.saved.as_ref().ok_or(SavedError::NoFolder)?)
    }

    /// The reader, as far as saved items go.
    pub(crate) fn saved_reader(&self) -> SavedReader {
        SavedReader::of(self.reader())
    }

    /// The question with saved areas for their ids. One alone gives its title to the answer.
    pub(crate) fn with_saved_areas<'q>(&self, question: &'q Question) -> Result<Cow<'q, Question>, Problem> {
        let names = |area: &BaseArea| matches!(area, BaseArea::Zone(id) if saved_id(id).is_some());
        let area = question.area();
        if !area.parts().any(names) {
            return Ok(Cow::Borrowed(question));
        }
        let first = self.saved_area(area.base())?;
        let mut repair = question.repair() || first.repair;
        let mut steps = first.area.steps().to_vec();
        for (op, base) in area.steps() {
            let found = self.saved_area(base)?;
            repair |= found.repair;
            let one = if found.area.steps().is_empty() { found.area.base().clone() } else { self.outline(&found)? };
            steps.push((*op, one));
        }
        let mut out = AreaSpec::combined(first.area.base().clone(), steps)?;
        let own = first.title.filter(|_| area.steps().is_empty());
        if let Some(title) = area.title().map(str::to_owned).or(own) {
            out = out.titled(&title)?;
        }
        Ok(Cow::Owned(question.clone().within(out).repaired(repair)))
    }

    /// What stands for an area: what is kept under its id, else itself.
    fn saved_area(&self, area: &BaseArea) -> Result<Found, Problem> {
        let id = match area {
            BaseArea::Zone(zone) => saved_id(zone),
            _ => None,
        };
        let Some(id) = id else {
            return Ok(Found { area: area.clone().into(), repair: false, title: None });
        };
        let item = self.saved()?.find(&self.saved_reader(), id)?;
        self.names_saved(item.tag());
        let found =
            Some(&item).filter(|item| item.kind == SavedKind::Area).and_then(|item| area_of(&item.content.body));
        let (area, repair) = found.ok_or_else(|| SavedError::Unknown(id.to_owned()))?;
        Ok(Found { area, repair, title: Some(item.content.title) })
    }

    /// The outline of areas that are put together, where they are to be put together with others.
    fn outline(&self, found: &Found) -> Result<BaseArea, Problem> {
        let whole = Question::register().within(found.area.clone()).repaired(found.repair);
        let bound = self.bind_stated(&whole)?;
        let shape = bound.outline().and_then(|shape| Surface::new(shape.clone()).ok()).ok_or_else(|| {
            Problem::parameter(
                "combine",
                "这个保存的范围没有边界,不能再组合",
                "this saved area has no outline and can't be put together with others",
            )
        })?;
        Ok(BaseArea::Polygon(shape))
    }
}

/// An area and how it is read.
struct Found {
    area: AreaSpec,
    repair: bool,
    title: Option<String>,
}
