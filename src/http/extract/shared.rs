//! Parameters that several resources share. Each struct reads its parameters and describes them.

use crate::core::geometry::Crs;
use crate::core::model::Lang;
use crate::core::query::Question;
use crate::core::snapshot::{ClassSpec, Description};
use crate::http::extract::negotiate;
use crate::http::extract::values::{Cells, Corners, Count, CrsUri, During, LangWord, PeriodText, Word, Words, Year};
use crate::http::problem::Problem;
use axum::http::HeaderMap;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

/// The forms of a resource that is both JSON and a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DocumentForm {
    Json,
    Html,
}

impl Words for DocumentForm {
    fn words() -> Vec<(&'static str, Self)> {
        vec![("json", Self::Json), ("html", Self::Html)]
    }
}

// the description does not follow a type with parameters of its own
type DocumentFormWord = Word<DocumentForm>;
type JsonFormWord = Word<JsonForm>;
type MvtFormWord = Word<MvtForm>;

/// What resources that are both JSON and a page have.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct FormParams {
    /// The form of the answer; without it `Accept` decides.
    #[param(inline)]
    pub(crate) f: Option<DocumentFormWord>,
}

/// Zones of a kind, or one zone.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct KindOrZoneParams {
    /// a kind of zones of `/dataset`; the one that divides the whole when left out
    kind: Option<String>,
    /// id of one zone, outside or undeclared, instead of all zones of a kind
    zone: Option<String>,
}

impl KindOrZoneParams {
    /// The question about these.
    pub(crate) fn of(self, question: Question) -> Result<Question, Problem> {
        if self.kind.is_some() && self.zone.is_some() {
            return Err(Problem::parameter("kind", "与 zone 只能给其一", "give either kind or zone"));
        }
        Ok(question.of_kind(self.kind).in_zone(self.zone.unwrap_or_else(|| "city".to_owned())))
    }
}

/// The form of a resource that has one only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct JsonForm;

impl Words for JsonForm {
    fn words() -> Vec<(&'static str, Self)> {
        vec![("json", Self)]
    }
}

/// What resources that are JSON only have.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct JsonParams {
    /// The form of the answer.
    #[param(inline)]
    pub(crate) f: Option<JsonFormWord>,
}

/// What is said in a language.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct LangParams {
    /// The language of titles, pages and files; without it `Accept-Language` decides.
    #[param(inline)]
    lang: Option<LangWord>,
}

impl LangParams {
    /// The language of an answer.
    pub(crate) fn lang(&self, headers: &HeaderMap) -> Lang {
        self.lang.map_or_else(|| negotiate::lang(headers), |Word(lang)| lang)
    }
}

/// The form of tiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MvtForm;

impl Words for MvtForm {
    fn words() -> Vec<(&'static str, Self)> {
        vec![("mvt", Self)]
    }
}

/// The form of a tile.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct MvtParams {
    /// The form of the answer.
    #[param(inline)]
    pub(crate) f: Option<MvtFormWord>,
}

/// How a tile is made.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct TileParams {
    /// Year of the figures; the same as `period`.
    #[param(value_type = Option<u16>)]
    pub(crate) year: Option<Year>,
    /// Period of the figures: a year (`2025`), a quarter (`2025Q3`) or a month (`2025-03`).
    #[param(value_type = Option<String>)]
    pub(crate) period: Option<PeriodText>,
    /// 8, 16, 32 or 64 cells a side in the register's layer.
    #[param(value_type = Option<u32>)]
    pub(crate) cells: Option<Cells>,
    /// Revision; makes the answer cacheable for ever.
    pub(crate) v: Option<String>,
}

/// Which of the collections.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct CollectionsParams {
    /// Ids of the collections that are wanted, separated by commas; all of them when left out.
    pub(crate) collections: Option<String>,
}

/// How the classes of the register are read.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(clippy::struct_field_names, reason = "the names of parameters")]
pub(crate) struct ClassParams {
    /// Level of the classes: an id of `class_levels` of `/dataset`, or a number from 1 at the top.
    class_level: Option<String>,
    /// Code or name of a class: its parts, with all other classes as one.
    class_parent: Option<String>,
    /// Version of the classification: an id of `class_versions` of `/dataset`; the register's own codes when left out.
    class_version: Option<String>,
}

impl ClassParams {
    /// The question with its classes read so.
    pub(crate) fn of(self, question: Question) -> Question {
        let Self { class_level: level, class_parent: parent, class_version: version } = self;
        question.by_classes(ClassSpec { level, parent, version })
    }
}

/// Which of the tables that statistics are made of.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct TableParams {
    /// Id of a table of `/dataset`: its rows, classes, metrics and words are those of the answer. The main table when left
    /// out.
    table: Option<String>,
}

impl TableParams {
    /// The table that a body names.
    pub(crate) fn of(table: Option<String>) -> Self {
        Self { table }
    }

    /// The id of the table, where one is named.
    pub(crate) fn id(&self) -> Option<&str> {
        self.table.as_deref()
    }
}

/// Figures of the register.
#[derive(Clone, Copy, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct FiguresParams {
    /// Year of the figures; the same as `period`.
    #[param(value_type = Option<u16>)]
    pub(crate) year: Option<Year>,
    /// Period of the figures: a year (`2025`), a quarter (`2025Q3`) or a month (`2025-03`); the latest of each figure when left out.
    #[param(value_type = Option<String>)]
    pub(crate) period: Option<PeriodText>,
    /// Whether secondary clusters count too.
    #[param(default = false)]
    secondary: Option<bool>,
    /// Mean, quartiles and shares of the largest beside each sum.
    #[param(default = false)]
    statistics: Option<bool>,
    /// The change of each sum from the year before, over the rows that have a value in both years, with the coverage of both.
    #[param(default = false)]
    growth: Option<bool>,
    /// Period that changes are counted from, before the one in question and of its length; the year before when left out.
    #[param(value_type = Option<String>)]
    pub(crate) since: Option<PeriodText>,
    /// How evenly the values behind each sum are spread over the rows: the index of Theil.
    #[param(default = false)]
    spread: Option<bool>,
}

impl FiguresParams {
    /// The question about the register that they are.
    pub(crate) fn question(self) -> Result<Question, Problem> {
        let question = Question::register().in_period(PeriodText::named(self.year, self.period)?);
        let flag = |given: Option<bool>| given.unwrap_or(false);
        let question = question.with_secondary(flag(self.secondary)).with_statistics(flag(self.statistics));
        let since = PeriodText::named(None, self.since)?;
        Ok(question.with_growth(flag(self.growth)).since(since).with_spread(flag(self.spread)))
    }
}

/// In which reference system coordinates are given.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct CrsParams {
    /// Reference system of the coordinates in the answer, one of those that the collection lists; CRS84 when left out.
    /// Axes as in the EPSG register: 4326 and 4490 are latitude, longitude; planes of CGCS2000 northing, easting.
    #[param(value_type = Option<String>)]
    crs: Option<CrsUri>,
}

impl CrsParams {
    pub(crate) fn crs(&self, about: &Description) -> Result<Crs, Problem> {
        CrsUri::offered(self.crs, "crs", about)
    }
}

/// Where and when.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PlaceParams {
    /// Only features whose geometry meets this box: west,south,east,north in degrees (west above east goes over the
    /// antimeridian), or the two corners in the order of the axes of `bbox-crs`; six numbers have heights, which are not
    /// looked at. Features without geometry always match.
    #[param(style = Form, explode = false, min_items = 4, max_items = 6, value_type = Option<Vec<f64>>)]
    pub(crate) bbox: Option<Corners>,
    /// Reference system of `bbox`; CRS84 when left out.
    #[serde(rename = "bbox-crs")]
    #[param(value_type = Option<String>)]
    pub(crate) bbox_crs: Option<CrsUri>,
    /// Only features of this time: a day, an instant (RFC 3339) or an interval `from/to` with `..` for an open end.
    /// Features without a time always match.
    #[param(style = Form, explode = false, example = "2021-01-01/..", value_type = Option<String>)]
    pub(crate) datetime: Option<During>,
}

/// Rows on a page by default.
const DEFAULT_LIMIT: u64 = 100;
/// More rows are never on one page; a larger `limit` is cut to this.
const MAX_LIMIT: u64 = 10_000;

/// A page of rows.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageParams {
    /// Features on a page; a larger number is taken for the largest. Files have as many as are asked for, all without it.
    #[param(style = Form, explode = false, minimum = 1, maximum = 10_000, default = 100, value_type = Option<u64>)]
    limit: Option<Count>,
    /// Features that come before the page; `next` and `prev` links have it right.
    #[param(style = Form, explode = false, minimum = 0, default = 0, value_type = Option<u64>)]
    offset: Option<Count>,
}

impl PageParams {
    /// The first row of a page, and how many.
    pub(crate) fn page(&self) -> Result<(usize, usize), Problem> {
        let (offset, limit) = self.rows()?;
        Ok((offset, limit.unwrap_or(DEFAULT_LIMIT).min(MAX_LIMIT) as usize))
    }

    /// The first row, and how many where that is said.
    pub(crate) fn rows(&self) -> Result<(usize, Option<u64>), Problem> {
        let limit = self.limit.map(|Count(n)| n);
        if limit == Some(0) {
            return Err(Problem::parameter("limit", "应至少为 1", "must be at least 1"));
        }
        let offset = self.offset.map_or(0, |Count(n)| n);
        if offset > i64::MAX as u64 {
            return Err(Problem::parameter("offset", "过大", "too large"));
        }
        Ok((offset as usize, limit))
    }
}

/// In which order.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SortParams {
    /// Properties to order the features by, separated by commas, each ascending or, after `-`, descending; also `id`.
    /// Codes come in the order of their codelist, texts in that of Unicode. Features without a value come last either
    /// way; features that are alike keep one order, so that no feature is on two pages.
    #[param(example = "-founded,name")]
    sortby: Option<String>,
}

impl SortParams {
    /// The question with its rows in this order.
    pub(crate) fn of(&self, question: Question) -> Question {
        match &self.sortby {
            Some(sortby) => question.sorted_by(sortby),
            None => question,
        }
    }
}

/// Bytes of a file.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[allow(dead_code, reason = "only described")]
pub(crate) struct Binary(());
