//! Whether the items of a plan that are followed are whole, and whether what they name is there.

use super::report::{Place, Report};
use super::rows::Loaded;
use super::sites;
use super::text::shorten;
use crate::core::model::{ActsOn, Codelist, Indicator, Manifest, PlanFault, PlanItem, Text, TrackedPlan};
use serde_json::Value;
use std::collections::BTreeMap;

/// Says what is wrong with the items of a plan that are followed.
pub fn check(
    plan: &Value,
    manifest: &Manifest,
    lists: &BTreeMap<String, Codelist>,
    (indicators, read): (&[Indicator], &[Option<Loaded>]),
    report: &mut Report,
) {
    let file = manifest.plan.as_deref().unwrap_or_default();
    let plan = match TrackedPlan::of(plan) {
        Ok(Some(plan)) => plan,
        Ok(None) => return,
        Err(PlanFault { member, said }) => {
            report.error(Place::file(file).property(&member), "bad-plan-item", || {
                (
                    Text::new(format!("{member}:{}", said.zh), format!("{member}: {}", said.en)),
                    Text::new(
                        "按 geodata/schema/plan.schema.json 改正",
                        "correct it by geodata/schema/plan.schema.json",
                    ),
                )
            });
            return;
        }
    };
    let known = Known { plan: &plan, manifest, lists, read };
    for item in &plan.items {
        let at = Place::file(file).feature(&item.id);
        for (member, id) in known.missing(item, indicators) {
            report.warning(at.property(member), "plan-item-names-nothing", || {
                let id = shorten(&id);
                (
                    Text::new(format!("{member} 的 {id} 不在数据中"), format!("{id} of {member} is not in the data")),
                    Text::new("改成数据中有的 id,或删去", "write an id that the data has, or leave it out"),
                )
            });
        }
        if let Some(part) = &item.metric {
            sites::part(part, manifest, at.property("metric"), report);
        }
    }
}

/// What items can name.
struct Known<'a> {
    plan: &'a TrackedPlan,
    manifest: &'a Manifest,
    lists: &'a BTreeMap<String, Codelist>,
    read: &'a [Option<Loaded>],
}

impl Known<'_> {
    /// What an item names that is not there, each with the member that names it.
    fn missing(&self, item: &PlanItem, indicators: &[Indicator]) -> Vec<(&'static str, String)> {
        let mut all = Vec::new();
        if let Some(id) = item.indicator.as_ref().filter(|id| !indicators.iter().any(|row| row.indicator == **id)) {
            all.push(("indicator", id.clone()));
        }
        if let Some(id) = item.zone.as_ref().filter(|id| !self.has_zone(id)) {
            all.push(("zone", id.clone()));
        }
        all.extend(item.acts_on.iter().filter_map(|one| Some(("acts_on", self.missing_target(one)?))));
        all
    }

    fn missing_target(&self, what: &ActsOn) -> Option<String> {
        let (there, id) = match what {
            ActsOn { zone: Some(id), .. } => (self.has_zone(id), id),
            ActsOn { item: Some(id), .. } => (self.plan.item(id).is_some(), id),
            ActsOn { class: Some(code), collection, .. } => (self.has_class(collection.as_deref(), code), code),
            ActsOn { collection: Some(collection), feature: Some(id), .. } => (self.has_feature(collection, id), id),
            ActsOn { collection: Some(id), .. } => (self.manifest.collections.iter().any(|c| c.id == *id), id),
            ActsOn { .. } => return None,
        };
        (!there).then(|| id.clone())
    }

    fn has_zone(&self, id: &str) -> bool {
        let zones = self.manifest.collections.iter().zip(self.read).filter(|(spec, _)| spec.zone.is_some());
        zones.into_iter().any(|(_, loaded)| holds(loaded.as_ref(), id))
    }

    fn has_feature(&self, collection: &str, id: &str) -> bool {
        let place = self.manifest.collections.iter().position(|spec| spec.id == collection);
        place.is_some_and(|place| holds(self.read[place].as_ref(), id))
    }

    fn has_class(&self, collection: Option<&str>, code: &str) -> bool {
        let place = match collection {
            Some(id) => self.manifest.collections.iter().position(|spec| spec.id == id),
            None => self.manifest.tables().first().copied(),
        };
        let list = place.and_then(|place| self.lists.get(self.manifest.collections[place].class_codelist()?));
        list.is_some_and(|list| list.entries.iter().any(|entry| entry.code == code))
    }
}

/// Whether a collection has a feature. What could not be read was said before.
fn holds(loaded: Option<&Loaded>, id: &str) -> bool {
    loaded.is_none_or(|loaded| loaded.table.ids.iter().any(|own| own == id))
}
