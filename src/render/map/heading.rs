//! What a sheet says at its head: what it shows, where, under which condition, of which year, how many.

use super::ask::Ask;
use super::words;
use crate::core::model::Lang;
use crate::core::query::rows;
use crate::core::snapshot::Snapshot;

pub(super) fn title(snapshot: &Snapshot, ask: &Ask) -> String {
    let own = snapshot.manifest.title.get(ask.lang);
    match ask.queries.as_slice() {
        [one] if snapshot.layers.len() > 1 => {
            format!("{own} · {}", snapshot.layers[one.layer].spec.title.get(ask.lang))
        }
        _ => own.to_owned(),
    }
}

/// How many rows of the register match.
pub(super) fn matched(snapshot: &Snapshot, ask: &Ask) -> Option<u64> {
    let register = snapshot.register.as_ref()?;
    let query = ask.queries.iter().find(|q| q.layer == register.layer)?;
    Some(rows(snapshot, query).map_or(snapshot.layers[query.layer].len(), |set| set.count()) as u64)
}

/// Where, which clusters, which year, how many.
pub(super) fn subtitle(snapshot: &Snapshot, ask: &Ask, matched: Option<u64>) -> String {
    let info = ask.area.info(snapshot);
    let mut parts = vec![if ask.lang == Lang::Zh { info.name } else { info.name_en }];
    let register = snapshot.register.as_ref();
    let query = register.and_then(|r| ask.queries.iter().find(|q| q.layer == r.layer));
    if let (Some(query), Some(n)) = (query, matched) {
        if !query.filter.is_empty() {
            parts.push(filter_words(snapshot, &query.filter.key(), ask.lang));
        }
        if query.year > 0 {
            parts.push(if ask.lang == Lang::Zh { format!("{} 年", query.year) } else { query.year.to_string() });
        }
        let n = words::grouped(n);
        parts.push(if ask.lang == Lang::Zh { format!("企业 {n} 家") } else { format!("{n} enterprises") });
    }
    parts.join(" · ")
}

/// A filter in short: the cluster's name where it is only that, else the condition as it is written.
fn filter_words(snapshot: &Snapshot, filter: &str, lang: Lang) -> String {
    let entries = snapshot.clusters().map(|c| c.entries.as_slice()).unwrap_or_default();
    let only = |code: &str| {
        snapshot.register().and_then(|(l, _)| l.spec.register.as_ref()).is_some_and(|r| {
            let plain: String = filter.chars().filter(|c| !matches!(c, '"' | '(' | ')' | ' ')).collect();
            plain == format!("{}='{code}'", r.cluster)
        })
    };
    match entries.iter().find(|e| only(&e.code)) {
        Some(entry) => entry.name.get(lang).to_owned(),
        None if lang == Lang::Zh => format!("条件 {filter}"),
        None => format!("where {filter}"),
    }
}
