//! Collections by their ids in paths and parameters.

use crate::core::snapshot::CollectionInfo;
use crate::http::extract::context::Context;
use crate::http::problem::Problem;

/// A collection with its place, or 404.
pub(crate) fn find<'a>(context: &'a Context, id: &str) -> Result<(usize, &'a CollectionInfo), Problem> {
    let about = context.describe();
    about.collection(id).ok_or_else(|| {
        let known = about.collections.iter().map(|c| c.spec.id.as_str()).collect::<Vec<_>>().join(", ");
        Problem::not_found(
            format!("没有集合 {id},现有:{known}。"),
            format!("There is no collection {id}; known: {known}."),
        )
    })
}

/// The collections of a path segment, each once.
pub(crate) fn layers(context: &Context, collections: &str) -> Result<Vec<usize>, Problem> {
    let mut layers = Vec::new();
    for id in collections.split(',') {
        let (layer, _) = find(context, id)?;
        if !layers.contains(&layer) {
            layers.push(layer);
        }
    }
    Ok(layers)
}
