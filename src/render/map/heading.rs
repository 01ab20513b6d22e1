//! What a sheet says at its head: what it shows, where, under which condition, of which period, how many.

use super::ask::Ask;
use super::words;
use crate::core::model::{Lang, capital};
use crate::core::snapshot::Description;
use std::collections::BTreeMap;

pub(super) fn title(about: &Description, ask: &Ask) -> String {
    if let Some(title) = &ask.title {
        return title.clone();
    }
    let own = about.manifest.title.get(ask.lang);
    match ask.queries.as_slice() {
        [one] if about.collections.len() > 1 => {
            format!("{own} · {}", about.collections[one.collection()].spec.title.get(ask.lang))
        }
        _ => own.to_owned(),
    }
}

/// How many rows of the register match.
pub(super) fn matched(about: &Description, ask: &Ask) -> Option<u64> {
    ask.register(about).map(|bound| bound.count() as u64)
}

/// Where, which clusters, which period, how many.
pub(super) fn subtitle(about: &Description, ask: &Ask, matched: Option<u64>) -> String {
    let area = ask.focus.as_ref().map(|f| f.area());
    let whole = &about.manifest.terms.whole;
    let (zh, en) = area.map_or_else(|| (whole.zh.clone(), capital(&whole.en)), |area| (area.name, area.name_en));
    let mut parts = vec![if ask.lang == Lang::Zh { zh } else { en }];
    if let (Some(bound), Some(n)) = (ask.register(about), matched) {
        let conditions = bound.conditions();
        if !conditions.is_empty() {
            parts.push(condition_words(about, &conditions, ask.lang));
        }
        // figures of different periods have none in common
        if let Some(period) = bound.question().period() {
            parts.push(period.words().get(ask.lang).to_owned());
        }
        let (row, written) = (&about.manifest.terms.row, words::grouped(n));
        parts.push(match ask.lang {
            Lang::Zh => format!("{} {written} {}", row.zh, row.counter),
            Lang::En => row.count(n, &written).en,
        });
    }
    parts.join(" · ")
}

/// Conditions in short: the cluster's name where there is only that, else as they are written.
fn condition_words(about: &Description, conditions: &BTreeMap<String, String>, lang: Lang) -> String {
    let register = about.register().and_then(|c| c.spec.register.as_ref());
    let only = register.and_then(|r| conditions.get(r.cluster.as_ref()?)).filter(|_| conditions.len() == 1);
    let entry = only.and_then(|code| about.clusters()?.entries.iter().find(|e| e.code == *code));
    if let Some(entry) = entry {
        return entry.name.get(lang).to_owned();
    }
    let one = |(name, value): (&String, &String)| {
        if name == "filter" { value.clone() } else { format!("{name} = '{}'", value.replace('\'', "''")) }
    };
    let all = conditions.iter().map(one).collect::<Vec<_>>().join(" AND ");
    if lang == Lang::Zh { format!("条件 {all}") } else { format!("where {all}") }
}
