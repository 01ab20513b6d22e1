//! Whether a table of sites, the totals of all industries, and the ratios of two tables name what there is.

use super::declared::{MANIFEST, declared, say};
use super::report::{Place, Report};
use super::text::shorten;
use crate::core::model::{Manifest, PropertyType as T, RatioPart};
use std::collections::HashSet;

/// Says what is wrong with the tables of sites, the totals of all industries and the ratios of a manifest.
pub fn check(manifest: &Manifest, report: &mut Report) {
    let at = Place::file(MANIFEST);
    for spec in &manifest.collections {
        let Some((register, sites)) = spec.register.as_ref().and_then(|r| Some((r, r.sites.as_ref()?))) else {
            continue;
        };
        let path = format!("collections.{}.register.sites", shorten(&spec.id));
        let at = at.property(&path);
        if manifest.table(&sites.occupants).is_none() || sites.occupants == spec.id {
            let table = shorten(&sites.occupants);
            say(
                report,
                at,
                "site-occupants",
                &format!("occupants {table} 不是另一个统计表"),
                &format!("occupants {table} is no other table"),
                "写入驻单位所在统计表的 id",
                "write the id of the table whose rows take sites",
            );
        }
        for name in [&sites.area, &sites.vacant].into_iter().flatten() {
            if !register.metrics.iter().any(|metric| metric.id == *name) {
                unknown_metric(name, at, report);
            }
        }
        let roles = [
            (&sites.price, &[T::Number, T::Integer][..]),
            (&sites.classes, &[T::Strings, T::String]),
            (&sites.facilities, &[T::Strings]),
            (&sites.available, &[T::Date, T::Datetime]),
        ];
        for (name, types) in roles.into_iter().filter_map(|(name, types)| Some((name.as_ref()?, types))) {
            declared(spec, name, types, at, report);
        }
        let listed = sites.classes.as_deref().and_then(|name| spec.property(name));
        if listed.is_some_and(|(_, property)| property.codelist.is_none()) {
            say(
                report,
                at,
                "site-classes",
                "准入类别的属性没有代码表",
                "the property of permitted classes has no codelist",
                "声明 codelist,最好是入驻单位分类的代码表",
                "declare its codelist, best that of the occupants' classes",
            );
        }
    }
    for spec in &manifest.collections {
        let Some((register, all)) = spec.register.as_ref().and_then(|r| Some((r, r.all_industries.as_ref()?))) else {
            continue;
        };
        let path = format!("collections.{}.register.all_industries", shorten(&spec.id));
        let at = at.property(&path);
        for name in all.metrics.keys().filter(|name| !register.metrics.iter().any(|metric| metric.id == **name)) {
            unknown_metric(name, at, report);
        }
        for metric in all.count.iter().chain(all.metrics.values()) {
            part(&RatioPart { table: all.table.clone(), metric: metric.clone() }, manifest, at, report);
        }
    }
    let mut ids = HashSet::new();
    for ratio in &manifest.ratios {
        let at = at.property("ratios");
        if !ids.insert(ratio.id.as_str()) {
            let id = shorten(&ratio.id);
            say(
                report,
                at,
                "repeated-ratio",
                &format!("比值 {id} 出现了两次"),
                &format!("the ratio {id} occurs twice"),
                "每个比值用不同的 id",
                "give each ratio an id of its own",
            );
        }
        if !ratio.factor.is_finite() || ratio.factor <= 0.0 {
            say(
                report,
                at,
                "bad-ratio",
                "factor 应为正数",
                "factor must be positive",
                "写明结果单位与两个指标单位之商的倍数",
                "write by what the quotient of the metrics' units is multiplied",
            );
        }
        for part in [&ratio.of, &ratio.per] {
            self::part(part, manifest, at, report);
        }
    }
}

/// Says where a sum of a table names none.
pub(super) fn part(part: &RatioPart, manifest: &Manifest, at: Place, report: &mut Report) {
    let register = manifest.table(&part.table).and_then(|place| manifest.collections[place].register.as_ref());
    match register {
        None => {
            let table = shorten(&part.table);
            say(
                report,
                at,
                "unknown-table",
                &format!("没有统计表 {table}"),
                &format!("there is no table {table}"),
                "写角色为 register 的集合的 id",
                "write the id of a collection with the role register",
            );
        }
        Some(register) if !register.metrics.iter().any(|metric| metric.id == part.metric) => {
            unknown_metric(&part.metric, at, report);
        }
        Some(_) => {}
    }
}

fn unknown_metric(name: &str, at: Place, report: &mut Report) {
    let name = shorten(name);
    say(
        report,
        at,
        "unknown-metric",
        &format!("该统计表没有指标 {name}"),
        &format!("the table has no metric {name}"),
        "写其 metrics 中的 id",
        "write an id of its metrics",
    );
}
