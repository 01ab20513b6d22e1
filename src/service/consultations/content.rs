//! What the participants of a consultation see: layouts as they were when it began, paragraphs of the plan and its figures. What a
//! comment is about is one of these.

use super::error::ConsultationsError;
use crate::core::model::{Indicator, Lang, Stated, Text, UnitSpec};
use crate::data::features::outline;
use crate::data::schema;
use crate::service::drafts::PlanContent;
use crate::service::store::Comment;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use utoipa::ToSchema;

/// Characters of the text of a plan.
const LONGEST_TEXT: usize = 200_000;
/// Paragraphs of it.
const MOST_PARAGRAPHS: usize = 1_000;
/// Characters of a comment.
const LONGEST_COMMENT: usize = 4_000;
/// Bytes of its geometry.
const LARGEST_GEOMETRY: usize = 200_000;

/// A figure of the plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PlanFigure {
    /// Its id.
    pub id: String,
    /// What it is.
    #[schema(value_type = schema::Text)]
    pub title: Text,
    /// The figure with its unit and its year.
    #[schema(value_type = schema::Text)]
    pub value: Text,
}

impl PlanFigure {
    /// An indicator, in the units in which the dataset's figures are read.
    pub fn of(i: &Indicator, units: &[UnitSpec]) -> Self {
        let year = i.year.map_or_else(String::new, |year| year.to_string());
        let unit = Text::new(&i.unit, i.unit_in(Lang::En));
        let said = |lang: Lang| {
            let Stated { value, decimals, unit } = Stated::of(units, i.value, &unit, lang);
            let parts = [format!("{value:.*}", usize::from(decimals)), unit, year.clone()];
            parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
        };
        let title = Text::new(format!("{} · {}", i.title_zh, i.scope), format!("{} · {}", i.title_en, i.scope_en));
        Self { id: i.id(), title, value: Text::new(said(Lang::Zh), said(Lang::En)) }
    }
}

/// What participants see.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Content {
    /// Layouts beside what is in force.
    pub plan: PlanContent,
    /// Paragraphs of the text; comments name them by their numbers from 1.
    pub paragraphs: Vec<String>,
    /// Figures of the plan.
    pub figures: Vec<PlanFigure>,
}

/// What a comment is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = CommentAbout)]
pub enum About {
    /// The draft as a whole.
    Whole,
    /// A feature; a geometry is its proposed outline.
    Feature,
    /// An outline that the participant drew.
    Outline,
    /// A figure.
    Figure,
    /// A paragraph of the text.
    Paragraph,
}

impl About {
    const ALL: [(Self, &str); 5] = [
        (Self::Whole, "whole"),
        (Self::Feature, "feature"),
        (Self::Outline, "outline"),
        (Self::Figure, "figure"),
        (Self::Paragraph, "paragraph"),
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(about, _)| *about == self).map_or("", |(_, name)| name)
    }

    /// That of a name.
    pub fn of(name: &str) -> Self {
        Self::ALL.iter().find(|(_, known)| *known == name).map_or(Self::Whole, |(about, _)| *about)
    }
}

/// What somebody says.
#[derive(Clone, Debug)]
pub struct Said {
    /// What it is about.
    pub about: About,
    /// The layout; none: all of them, or what is in force.
    pub layout: Option<String>,
    /// Which feature, figure or paragraph.
    pub target: Option<String>,
    /// An outline, of a feature the one that is proposed for it.
    pub geometry: Option<Json>,
    /// What it says.
    pub text: String,
}

/// The paragraphs of a text: what stands between empty lines.
pub(super) fn paragraphs(text: &str) -> Result<Vec<String>, ConsultationsError> {
    let lines = text.lines().map(str::trim);
    let mut all: Vec<String> = vec![String::new()];
    for line in lines {
        match all.last_mut() {
            Some(last) if !line.is_empty() => {
                if !last.is_empty() {
                    last.push('\n');
                }
                last.push_str(line);
            }
            Some(last) if !last.is_empty() => all.push(String::new()),
            _ => {}
        }
    }
    all.retain(|paragraph| !paragraph.is_empty());
    if all.len() > MOST_PARAGRAPHS || text.chars().count() > LONGEST_TEXT {
        return Err(ConsultationsError::Unfit(Text::new(
            format!("规划文本最多 {LONGEST_TEXT} 字、{MOST_PARAGRAPHS} 段。"),
            format!("The text of a plan has at most {LONGEST_TEXT} characters and {MOST_PARAGRAPHS} paragraphs."),
        )));
    }
    Ok(all)
}

impl Content {
    /// A comment as it is kept: about something that there is.
    pub(super) fn accept(&self, said: Said) -> Result<Comment, ConsultationsError> {
        let unfit = |zh: &str, en: &str| ConsultationsError::Unfit(Text::new(zh, en));
        let Said { about, layout, target, geometry, text } = said;
        let text = text.trim().to_owned();
        if !(1..=LONGEST_COMMENT).contains(&text.chars().count()) {
            return Err(unfit("意见应有 1 到 4000 字。", "A comment has 1 to 4,000 characters."));
        }
        if layout.as_ref().is_some_and(|id| self.plan.layouts.iter().all(|one| one.id != *id)) {
            return Err(unfit("征求意见稿里没有这个方案。", "The consultation has no such layout."));
        }
        let target = target.filter(|_| matches!(about, About::Feature | About::Figure | About::Paragraph));
        let known = match (about, target.as_deref()) {
            (About::Whole | About::Outline, _) => true,
            (_, None) => false,
            (About::Feature, Some(key)) => self.feature(layout.as_deref(), key).is_some(),
            (About::Figure, Some(id)) => self.figures.iter().any(|figure| figure.id == id),
            (About::Paragraph, Some(n)) => self.paragraph(n).is_some(),
        };
        if !known {
            return Err(unfit(
                "请说明意见针对哪个要素、哪个数字或哪一段;征求意见稿里没有所填的。",
                "Say which feature, figure or paragraph the comment is about; the consultation has none such.",
            ));
        }
        let geometry = geometry.filter(|g| !g.is_null() && matches!(about, About::Outline | About::Feature));
        if about == About::Outline && geometry.is_none() {
            return Err(unfit("请画出意见所指的范围。", "Draw the outline that the comment is about."));
        }
        let geometry = geometry.map(|g| outline(&g)).transpose()?.map(|g| g.to_string());
        if geometry.as_ref().is_some_and(|g| g.len() > LARGEST_GEOMETRY) {
            return Err(unfit("所画范围的顶点太多,请简化。", "The outline has too many corners; simplify it."));
        }
        Ok(Comment { about: about.name().to_owned(), layout, target, geometry, text, ..Comment::default() })
    }

    fn paragraph(&self, number: &str) -> Option<&str> {
        let place = number.parse::<usize>().ok()?.checked_sub(1)?;
        self.paragraphs.get(place).map(String::as_str)
    }

    /// Name and geometry of a feature: as a layout has it, else as it is in force.
    fn feature(&self, layout: Option<&str>, key: &str) -> Option<(&Text, &Json)> {
        let of = self.plan.layouts.iter().filter(|one| layout.is_none_or(|id| one.id == id));
        if let Some(change) = of.flat_map(|one| &one.changes).find(|change| change.key == key) {
            let shape = if change.new.is_null() { &change.old } else { &change.new };
            return Some((&change.name, shape));
        }
        let (collection, id) = key.split_once(':')?;
        let layer = self.plan.layers.iter().find(|layer| layer.id == collection)?;
        layer.features.iter().find(|feature| feature.id == id).map(|f| (&f.name, &f.geometry))
    }

    /// What a comment is about, in words.
    pub fn place(&self, comment: &Comment) -> Text {
        let layout = comment.layout.as_ref().and_then(|id| self.plan.layouts.iter().find(|one| one.id == *id));
        let target = comment.target.as_deref().unwrap_or_default();
        let what = match About::of(&comment.about) {
            About::Whole => Text::new("总体", "the whole"),
            About::Outline => Text::new("所画范围", "an outline"),
            About::Feature => {
                let found = self.feature(comment.layout.as_deref(), target);
                let (zh, en) = found.map_or((target, target), |(name, _)| (&*name.zh, &*name.en));
                Text::new(format!("“{zh}”"), en)
            }
            About::Figure => {
                let figure = self.figures.iter().find(|figure| figure.id == target);
                figure.map_or_else(|| Text::new(target, target), |figure| figure.title.clone())
            }
            About::Paragraph => Text::new(format!("文本第 {target} 段"), format!("paragraph {target}")),
        };
        let Some(layout) = layout else { return what };
        Text::new(format!("{} · {}", layout.title, what.zh), format!("{} · {}", layout.title, what.en))
    }

    /// Where on the map a comment is: its own outline, else the feature that it is about.
    pub fn shape(&self, comment: &Comment) -> Option<Json> {
        if let Some(geometry) = &comment.geometry {
            return serde_json::from_str(geometry).ok();
        }
        let of_feature = About::of(&comment.about) == About::Feature;
        let key = comment.target.as_deref().filter(|_| of_feature)?;
        self.feature(comment.layout.as_deref(), key).map(|(_, shape)| shape.clone()).filter(|shape| !shape.is_null())
    }
}
