//! What only shows when all files are read, in its order.

use super::report::{Place, Report, Severity};
use super::rows::Loaded;
use super::text::shorten;
use super::{across, coverage, levels, suspect};
use crate::core::model::{Indicator, Manifest, Role, Text};
use std::collections::HashSet;

/// Says what is wrong across files. Without `rows` the positions of the tables' rows are not looked at.
pub fn check(manifest: &Manifest, read: &[Option<Loaded>], indicators: &[Indicator], rows: bool, report: &mut Report) {
    across::references(manifest, read, report);
    let zones = across::zone_ids(manifest, read, report);
    let by_role = |role: Role| {
        let i = manifest.collections.iter().position(|c| c.role == role)?;
        Some((&manifest.collections[i], read[i].as_ref()?))
    };
    // zones with faults would have every finding follow from those
    let sound = |(spec, _): &across::Read, report: &Report| {
        report.count_in(&spec.file, Severity::Error) == 0 && !report.has(&spec.file, "polygon-unchecked")
    };
    let pair = |place: &usize| Some((&manifest.collections[*place], read[*place].as_ref()?));
    let kinds = manifest.zone_kinds();
    let mut declarable: Vec<across::Read> = Vec::new();
    for kind in &kinds {
        let all: Option<Vec<across::Read>> = kind.collections.iter().map(pair).collect();
        let Some(all) = all.filter(|all| all.iter().all(|one| sound(one, report))) else { continue };
        if kind.partition {
            coverage::check(kind, &all, report);
        }
        if kind.is_declarable(&kinds) {
            declarable.extend(&all);
        }
    }
    levels::check(manifest, read, report);
    for place in manifest.tables().into_iter().filter(|_| rows) {
        let Some(register) = pair(&place) else { continue };
        across::declared_districts(manifest, register, &declarable, report);
        across::validity(register, report);
        if let Some(districts) = by_role(Role::Districts).filter(|d| sound(d, report)) {
            suspect::by_register(register, districts, report);
        }
    }
    let zones_are_known = manifest.collections.iter().zip(read).all(|(spec, loaded)| {
        spec.zone.is_none() || (loaded.is_some() && report.count_in(&spec.file, Severity::Error) == 0)
    });
    if zones_are_known {
        known_zones(indicators, &zones, manifest.indicators.as_deref().unwrap_or_default(), report);
    }
}

fn known_zones(indicators: &[Indicator], zones: &HashSet<String>, file: &str, report: &mut Report) {
    for (row, i) in indicators.iter().enumerate() {
        if i.zone.is_empty() || i.zone == "province" || zones.contains(&i.zone) {
            continue;
        }
        let label = format!("#{}", row + 1);
        report.warning(Place::file(file).feature(&label).property("zone"), "unknown-zone", || {
            let zone = shorten(&i.zone);
            (
                Text::new(
                    format!("指标 {} 的 zone {zone} 不是任何区域的 id", i.indicator),
                    format!("the zone {zone} of the indicator {} is the id of no zone", i.indicator),
                ),
                Text::new(
                    "写区域的 id;整个数据集留空,上级区域写 province",
                    "write the id of a zone; leave it empty for the whole dataset, write province for what it belongs to",
                ),
            )
        });
    }
}
