//! What statistics weigh rows by: one for each, or the values of a metric.

use super::choropleth::Quantity;
use crate::model::Text;
use crate::snapshot::Description;
use serde::Serialize;

/// What a profile weighs rows by: one for each, or the values of a metric.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Weight {
    /// `count`, or the id of the metric.
    pub id: String,
    /// Title.
    pub title: Text,
    /// Unit.
    pub unit: Text,
    /// Decimals that are shown.
    pub decimals: u8,
}

pub(super) fn weight_of(about: &Description, quantity: Quantity) -> Weight {
    Weight {
        id: quantity.metric().map_or_else(|| "count".to_owned(), |metric| metric.id.clone()),
        title: quantity.title(about),
        unit: quantity.unit(about),
        decimals: quantity.metric().map_or(0, |metric| metric.decimals),
    }
}

pub(super) fn weights(about: &Description) -> Vec<Weight> {
    let metrics =
        about.register().and_then(|c| c.spec.register.as_ref()).map(|r| r.metrics.as_slice()).unwrap_or_default();
    let all = [Quantity::Count].into_iter().chain(metrics.iter().map(Quantity::Sum));
    all.map(|quantity| weight_of(about, quantity)).collect()
}
