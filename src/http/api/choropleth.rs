//! `/choropleth`: zones by class of a figure, with the colours that maps have for them.

use super::zones::ZonesParams;
use crate::core::model::Text;
use crate::core::query::{ClassRange, Note, ZoneClass, choropleth};
use crate::http::extract::choropleth::ChoroplethParams;
use crate::http::extract::context::Context;
use crate::http::extract::filter::{Conditions, FilterParams};
use crate::http::extract::params::Params;
use crate::http::extract::shared::{FiguresParams, TableParams};
use crate::http::response::answer::{Answer, Reply, blocking};
use crate::http::schemas;
use crate::render::map::{MISSING, RAMPS, Theme, WITHHELD, colors};
use axum::http::HeaderMap;
use serde::Serialize;
use utoipa::ToSchema;

/// Zones by class, and their colours.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChoroplethAnswer {
    /// What was asked, in its one spelling; empty for counts in at most five classes by natural breaks.
    choropleth: String,
    /// What the values are.
    #[schema(value_type = schemas::Text)]
    title: Text,
    /// Their unit; empty where they have none.
    #[schema(value_type = schemas::Text)]
    unit: Text,
    /// Decimals that are shown.
    decimals: u8,
    /// The classes, ascending; those of equal steps and of chosen breaks may hold no zone.
    #[schema(value_type = Vec<schemas::ClassRange>)]
    classes: Vec<ClassRange>,
    /// The value on both sides of which zones differ in kind: 1 of location quotients, 0 of growth.
    pivot: Option<f64>,
    /// Code of the class of rows that is looked at, where the question is about one.
    of: Option<String>,
    /// The zones, in the order of `/zones`.
    #[schema(value_type = Vec<schemas::ZoneClass>)]
    zones: Vec<ZoneClass>,
    /// How classes were found and when not to believe them, where they are more than ranges.
    #[schema(value_type = Vec<schemas::Note>)]
    notes: Vec<Note>,
    /// Colour of each class, `#RRGGBB`.
    colors: Vec<String>,
    /// The same on dark ground.
    colors_dark: Vec<String>,
    /// Colour of zones where nobody reported.
    missing: &'static str,
    /// Colour of zones whose sums are withheld.
    withheld: &'static str,
    /// The ramps that there are, in as many colours.
    ramps: Vec<RampInfo>,
}

/// A colour ramp.
#[derive(Serialize, ToSchema)]
pub(crate) struct RampInfo {
    /// What `ramp:` names it by.
    id: &'static str,
    /// What it is called.
    #[schema(value_type = schemas::Text)]
    title: Text,
    /// Whether it has two ends.
    diverging: bool,
    /// From small values to large ones.
    colors: Vec<String>,
}

/// Zones of a kind, or right below a zone, by class of a figure: what the page, `/map` and reports colour them by. Classes are cut
/// here once, among the zones of the answer; zones that have none, that nobody reported for and whose sums are withheld stand apart.
#[utoipa::path(get, path = "/choropleth", operation_id = "getChoropleth", tag = "numbers",
    params(ChoroplethParams, ZonesParams, TableParams, FiguresParams, ("property" = Option<String>, Query, description = "any property of the register = value"), FilterParams),
    responses((status = 200, body = ChoroplethAnswer)))]
pub(crate) async fn get(context: Context, headers: HeaderMap, mut params: Params) -> Answer {
    let (asked, zones): (ChoroplethParams, ZonesParams) = params.take()?;
    let (table, figures): (TableParams, FiguresParams) = params.take()?;
    let context = context.of_table(&table)?;
    let asked = asked.read()?.unwrap_or_default();
    let question = zones.of(figures.question()?);
    blocking(move || {
        let bound = context.bind(&Conditions::read(params, context.describe())?.of(question))?;
        Reply { context: &context, headers: &headers }.json(|| {
            let zones = choropleth(&bound, &asked)?;
            let of = zones.of.as_ref().and_then(|code| context.describe().class(code));
            let drawn = |hue: Option<&str>, theme| colors(&asked, &zones.classes, zones.pivot, hue, theme);
            let of = of.filter(|e| !e.color.is_empty());
            let (light, dark) = (of.map(|e| e.color.as_str()), of.map(|e| e.color_dark.as_str()));
            let n = zones.classes.len().max(asked.classes);
            let ramp = |r: &crate::render::map::ColorRamp| RampInfo {
                id: r.id,
                title: r.title(),
                diverging: r.diverging,
                colors: r.colors(n),
            };
            Ok(ChoroplethAnswer {
                colors: drawn(light, Theme::Light),
                colors_dark: drawn(dark, Theme::Dark),
                missing: MISSING,
                withheld: WITHHELD,
                ramps: RAMPS.iter().map(ramp).collect(),
                choropleth: zones.choropleth,
                title: zones.title,
                unit: zones.unit,
                decimals: zones.decimals,
                classes: zones.classes,
                pivot: zones.pivot,
                of: zones.of,
                zones: zones.zones,
                notes: zones.notes,
            })
        })
    })
    .await
}
