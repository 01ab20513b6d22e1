//! What handlers take out of a request: the context, who asks, parameters, filters, places, times, bodies.

pub(crate) mod body;
pub(crate) mod change;
pub(crate) mod choropleth;
pub(crate) mod context;
pub(crate) mod credential;
pub(crate) mod filter;
pub(crate) mod layers;
pub(crate) mod negotiate;
pub(crate) mod params;
pub(crate) mod place;
pub(crate) mod query;
pub(crate) mod quota;
pub(crate) mod saved;
pub(crate) mod shared;
pub(crate) mod space;
pub(crate) mod time;
pub(crate) mod values;
