//! Resources of the service itself: numbers, reports, search, the page.

pub(crate) mod basemap;
pub(crate) mod chain;
pub(crate) mod change;
pub(crate) mod choropleth;
pub(crate) mod dataset;
pub(crate) mod health;
pub(crate) mod hotspots;
pub(crate) mod metrics;
pub(crate) mod page;
pub(crate) mod plan;
pub(crate) mod points;
pub(crate) mod profile;
pub(crate) mod quotients;
pub(crate) mod ranking;
pub(crate) mod report;
pub(crate) mod reports;
pub(crate) mod saved;
pub(crate) mod search;
pub(crate) mod series;
pub(crate) mod short_links;
pub(crate) mod site;
pub(crate) mod sites;
pub(crate) mod summary;
pub(crate) mod systems;
pub(crate) mod trial;
pub(crate) mod zones;
