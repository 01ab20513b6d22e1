//! How answers leave: media types, languages, validators, ranges, links, pages.

pub(crate) mod answer;
pub(crate) mod etag;
pub(crate) mod events;
pub(crate) mod file;
pub(crate) mod html;
pub(crate) mod links;
pub(crate) mod range;
