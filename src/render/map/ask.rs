//! The request for a map.

use super::annotation::{Annotation, PointSet};
use super::frame::{Crs, Frame};
use crate::core::geometry::Bounds;
use crate::core::model::Lang;
use crate::core::query::{AreaKind, Bound, Choropleth, QueryError, Question, choropleth};
use crate::core::snapshot::{CollectionInfo, Description};

/// A question for a picture.
#[derive(Clone, Debug)]
pub struct Ask {
    /// One question per collection that is drawn.
    pub queries: Vec<Bound>,
    /// Whose area is brought out: outlined, the rest veiled. Rows are chosen by `queries`.
    pub focus: Option<Bound>,
    /// System of the map.
    pub crs: Crs,
    /// West, south, east, north in units of `crs`, east counted on where the box is over the antimeridian; the area, or all districts, when left out.
    pub bbox: Option<[f64; 4]>,
    /// Width of the picture in pixels; 1200, or as the height wants it, when left out.
    pub width: Option<u32>,
    /// Height of the picture in pixels; true to scale when left out.
    pub height: Option<u32>,
    /// Pixels of the picture for one of the drawing: 2 draws all twice as large.
    pub ratio: f64,
    /// Language of the texts.
    pub lang: Lang,
    /// Whether it's a sheet with title, legend, scale bar, north arrow and source, or the bare map.
    pub sheet: bool,
    /// Title of the sheet; the dataset's own when left out.
    pub title: Option<String>,
    /// Whether a sheet has a legend.
    pub legend: bool,
    /// Whether a sheet has a box for the seal and the approval number.
    pub seal: bool,
    /// What is behind the map.
    pub ground: Ground,
    /// What districts are coloured by; where it is chosen they are coloured however near the map is.
    pub choropleth: Option<Choropleth>,
    /// Ids of the layer groups that are drawn, as readers switch them; all of them when left out.
    pub groups: Option<Vec<String>>,
    /// What a reader wrote on the map.
    pub annotations: Vec<Annotation>,
    /// Points that a reader brings.
    pub points: PointSet,
}

/// What is behind a map.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Ground {
    /// The style's own.
    #[default]
    Style,
    /// Nothing.
    Transparent,
    /// A colour `#RRGGBB`.
    Color(String),
}

/// What a picture may not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge {
    /// Pixels, as they would be.
    pub width: u32,
    /// Pixels, as they would be.
    pub height: u32,
}

impl Ask {
    /// Neither side of a picture is longer, in pixels.
    pub const LONGEST: u32 = 4096;
    const USUAL: f64 = 1200.0;

    /// All collections that these questions are for, on a sheet of the usual size.
    pub fn new(queries: Vec<Bound>) -> Self {
        Self {
            queries,
            focus: None,
            crs: Crs::default(),
            bbox: None,
            width: None,
            height: None,
            ratio: 1.0,
            lang: Lang::Zh,
            sheet: true,
            title: None,
            legend: true,
            seal: false,
            ground: Ground::Style,
            choropleth: None,
            groups: None,
            annotations: vec![],
            points: PointSet::default(),
        }
    }

    /// The whole layout with the rows that a question about the register is about: what a report shows, large enough to
    /// be read there.
    pub fn about(bound: &Bound, lang: Lang) -> Self {
        let one = |(place, c): (usize, &CollectionInfo)| {
            if place == bound.collection() {
                return Some(bound.clone());
            }
            // all of a described collection can always be requested
            bound.ask(&Question::of(c.spec.id.as_str())).ok()
        };
        let queries = bound.describe().collections.iter().enumerate().filter_map(one).collect();
        // two thirds of a page's width high, at 260 dots to the inch
        let (width, height, ratio) = (Some(1600), Some(1200), 1600.0 / 780.0);
        let groups = Some(Self::at_first(bound.describe()));
        Self { focus: Some(bound.clone()), width, height, ratio, lang, groups, ..Self::new(queries) }
    }

    /// The layer groups that readers see before they switch any.
    pub fn at_first(about: &Description) -> Vec<String> {
        let all = about.manifest.layer_groups();
        all.into_iter().filter(|group| group.visible).map(|group| group.id).collect()
    }

    /// Whether what belongs to a layer group is drawn; what belongs to none always is.
    pub(super) fn draws(&self, group: Option<&str>) -> bool {
        let shown = self.groups.as_ref().zip(group);
        shown.is_none_or(|(groups, group)| groups.iter().any(|shown| shown == group))
    }

    /// The size of the picture in pixels. A side that is not given follows from the other and the box, true to scale.
    pub fn size(&self, about: &Description) -> Result<[u32; 2], TooLarge> {
        let shape = |width: f64| {
            let bbox = self.bbox.unwrap_or_else(|| self.crs.project_bounds(&self.bounds(about)));
            Frame::height_for(self.crs, bbox, width)
        };
        // a map of the whole area is no narrower or taller than a printed page
        let ratio = if self.bbox.is_some() { shape(1.0) } else { shape(1.0).clamp(0.6, 1.4) };
        let size = match (self.width, self.height) {
            (Some(w), Some(h)) => [f64::from(w), f64::from(h)],
            (Some(w), None) => [f64::from(w), f64::from(w) * ratio],
            (None, Some(h)) => [f64::from(h) / ratio, f64::from(h)],
            (None, None) => {
                let long = Self::USUAL * self.ratio;
                [long / ratio.max(1.0), long * ratio.min(1.0)]
            }
        };
        let [width, height] = size.map(|s| (s.round() as u32).max(1));
        if width.max(height) > Self::LONGEST {
            return Err(TooLarge { width, height });
        }
        Ok([width, height])
    }

    /// Refuses a chosen figure that there are no colours of: a map without them would look like one where all is alike.
    pub fn check(&self, about: &Description) -> Result<(), QueryError> {
        let (Some(asked), Some(bound), Some(kind)) = (&self.choropleth, self.register(about), about.district_kind())
        else {
            return Ok(());
        };
        choropleth(&bound.of_kind(&kind.id)?, asked).map(drop)
    }

    /// The question about the register, where it is drawn.
    pub(super) fn register(&self, about: &Description) -> Option<&Bound> {
        let place = about.register.as_ref()?.collection;
        self.queries.iter().find(|bound| bound.collection() == place)
    }

    /// Whether a part of the city is in question.
    pub(super) fn is_apart(&self) -> bool {
        self.focus.as_ref().is_some_and(|f| f.area().kind != AreaKind::City)
    }

    /// The box in degrees that is shown when none is requested.
    pub(super) fn bounds(&self, about: &Description) -> Bounds {
        let own = self.focus.as_ref().and_then(|f| f.area().bbox).map(Bounds::from_array);
        // one collection on its own shows where it is; the dataset shows its districts
        let alone = match self.queries.as_slice() {
            [one] => Some(one.describe().collections[one.collection()].bounds),
            _ => None,
        };
        let own = own.filter(|_| self.is_apart());
        let all = [own, alone, Some(about.view())].into_iter().flatten().find(|b| !b.is_empty());
        let b = all.unwrap_or(Bounds { west: -180.0, south: -60.0, east: 180.0, north: 75.0 });
        // a point has no width
        let grow = |low: f64, high: f64| (low, high.max(low + 0.01));
        let ((west, east), (south, north)) = (grow(b.west, b.east), grow(b.south, b.north));
        Bounds { west, south, east, north }
    }
}
