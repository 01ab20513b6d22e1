//! What zones are coloured by, as parameters have it.

use crate::core::query::Choropleth;
use crate::http::problem::Problem;
use crate::render::map::{ColorRamp, RAMPS};
use serde::Deserialize;
use utoipa::IntoParams;

/// What zones are coloured by.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ChoroplethParams {
    /// Parts with commas between: `by:` a metric (else the number of rows); `as:` `value`, `density` (per km²), `share`, `lq`, `growth`,
    /// `growth/2021` or `per/` a metric or `count`; `cut:` `natural`, `quantile`, `equal`, breaks as `10/20/50`, or `moran`: where high
    /// and low values stand together (30 zones or more, classes and colours of its own); `classes:` 2 to 9; `ramp:` one of those in
    /// `/choropleth`; `reversed`.
    #[param(example = "by:jobs,as:density,cut:quantile,classes:5,ramp:blues")]
    pub(crate) choropleth: Option<String>,
}

impl ChoroplethParams {
    /// The choice, where there is one.
    pub(crate) fn read(&self) -> Result<Option<Choropleth>, Problem> {
        let Some(text) = &self.choropleth else { return Ok(None) };
        let refused = |zh: &str, en: &str| Problem::parameter("choropleth", zh, en);
        let asked: Choropleth = text.parse().map_err(|why: crate::core::model::Text| refused(&why.zh, &why.en))?;
        if let Some(ramp) = asked.ramp.as_deref().filter(|id| ColorRamp::of(id).is_none()) {
            let known = RAMPS.map(|r| r.id).join(" | ");
            return Err(refused(
                &format!("没有色带 {ramp},可选 {known}"),
                &format!("there is no ramp {ramp:?}; known: {known}"),
            ));
        }
        Ok(Some(asked))
    }
}
