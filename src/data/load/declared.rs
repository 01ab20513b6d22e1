//! Whether a manifest agrees with itself: ids, files, roles, and the properties that it names.

use super::cell::MAX_DECIMALS;
use super::report::{Place, Report};
use super::text::{is_date, shorten};
use crate::core::model::{
    CollectionSpec, GeometryKind, Manifest, MetricSpec, PropertySpec, PropertyType, RegisterSpec, Role, Text, TimeZone,
    ValidSpec,
};
use serde_json::Value as Json;
use std::collections::HashSet;

/// The one CRS taken.
pub const CRS84: &str = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";
/// Name of the manifest.
pub const MANIFEST: &str = "dataset.json";
/// What the vector tiles of a register say of each row or cell besides its metrics.
const TILE_KEYS: [&str; 4] = ["fid", "n", "name", "cluster"];
/// Characters of an identifier at most.
const ID_LENGTH: usize = 64;

/// Says what contradicts itself in a manifest.
#[allow(clippy::too_many_lines, reason = "a list of rules, each a few lines")]
pub fn check(manifest: &Manifest, report: &mut Report) {
    let at = Place::file(MANIFEST);
    if manifest.crs != CRS84 {
        let crs = shorten(&manifest.crs);
        say(
            report,
            at.property("crs"),
            "manifest-crs",
            &format!("坐标系 {crs} 不受支持"),
            &format!("the CRS {crs} is not supported"),
            &format!("转换到 WGS 84 经纬度,写 {CRS84}"),
            &format!("convert to WGS 84 longitude and latitude and write {CRS84}"),
        );
    }
    if !is_identifier(&manifest.id) {
        bad_identifier(&manifest.id, at.property("id"), report);
    }
    let map = &manifest.map;
    let boxes = map.bbox.iter().chain(map.insets.iter().map(|inset| &inset.bbox));
    if !boxes.into_iter().all(is_box) {
        bad_box("bbox", at.property("map"), report);
    }
    let mut ids = HashSet::new();
    for spec in &manifest.collections {
        let path = format!("collections.{}", shorten(&spec.id));
        let at = at.property(&path);
        if !is_identifier(&spec.id) {
            bad_identifier(&spec.id, at, report);
        }
        if !ids.insert(spec.id.as_str()) {
            say(
                report,
                at,
                "duplicate-collection",
                &format!("集合 {} 出现了两次", shorten(&spec.id)),
                &format!("the collection {} occurs twice", shorten(&spec.id)),
                "每个集合用不同的 id",
                "give each collection an id of its own",
            );
        }
        if !spec.covers.iter().all(is_box) {
            bad_box("covers", at, report);
        }
        collection(spec, manifest, at, report);
    }
    for kind in &manifest.zone_kinds {
        if !is_kind(&kind.id) {
            bad_kind(&kind.id, at.property("zone_kinds"), report);
        }
    }
    if let Some(zone) = manifest.time_zone.as_deref().filter(|zone| TimeZone::of(zone).is_none()) {
        let zone = shorten(zone);
        say(
            report,
            at.property("time_zone"),
            "bad-time-zone",
            &format!("没有名为 {zone} 的时区"),
            &format!("there is no time zone {zone}"),
            "写 IANA 时区名,如 Asia/Shanghai;不写即为此",
            "write a name of the IANA database such as Asia/Shanghai, which is taken where none is given",
        );
    }
    for unit in &manifest.units {
        let all = [&unit.zh.large, &unit.zh.small, &unit.en.large, &unit.en.small];
        if all.iter().any(|scaled| !scaled.factor.is_finite() || scaled.factor <= 0.0) {
            let name = shorten(&unit.unit.zh);
            say(
                report,
                at.property("units"),
                "bad-unit",
                &format!("单位 {name} 的 factor 应为正数"),
                &format!("the factors of the unit {name} must be positive"),
                "写明一个大单位等于多少个该单位",
                "write how many of the unit make one of the other",
            );
        }
    }
    for group in &manifest.layer_groups {
        if !is_kind(&group.id) {
            bad_kind(&group.id, at.property("layer_groups"), report);
        }
    }
    for count in &manifest.counts {
        let path = "counts";
        if manifest.table(&count.table).is_none() {
            let table = shorten(&count.table);
            say(
                report,
                at.property(path),
                "unknown-table",
                &format!("没有统计表 {table}"),
                &format!("there is no table {table}"),
                "写角色为 register 的集合的 id",
                "write the id of a collection with the role register",
            );
        }
        if let Some(Err(e)) = count.filter.as_deref().map(crate::core::filter::parse_text) {
            say(
                report,
                at.property(path),
                "bad-count",
                &format!("条件读不出:{e}"),
                &format!("the condition can't be read: {e}"),
                "按 CQL2 改写条件",
                "write the condition as CQL2",
            );
        }
    }
    let those = |of: &dyn Fn(&CollectionSpec) -> bool| -> Vec<&str> {
        manifest.collections.iter().filter(|c| of(c)).map(|c| c.id.as_str()).collect()
    };
    let districts = those(&|c| c.role == Role::Districts);
    if districts.len() > 1 {
        let list = shorten(&districts.join(", ")).into_owned();
        say(
            report,
            at,
            "repeated-role",
            &format!("有 {} 个集合的角色是 districts:{list}", districts.len()),
            &format!("{} collections have the role districts: {list}", districts.len()),
            "只保留一个",
            "keep one",
        );
    }
    let main = those(&|c| c.role == Role::Register && c.register.as_ref().is_some_and(|r| r.main));
    if main.len() > 1 {
        let list = shorten(&main.join(", ")).into_owned();
        say(
            report,
            at,
            "repeated-main",
            &format!("有 {} 个统计表标为 main:{list}", main.len()),
            &format!("{} tables are marked main: {list}", main.len()),
            "只留一个 main;都不写时以第一个为主",
            "mark one; where none is marked the first is the main one",
        );
    }
}

fn collection(spec: &CollectionSpec, manifest: &Manifest, at: Place, report: &mut Report) {
    let mut names = HashSet::new();
    for p in &spec.properties {
        let path = format!("collections.{}.properties.{}", shorten(&spec.id), shorten(&p.name));
        let at = at.property(&path);
        if !names.insert(p.name.as_str()) {
            say(
                report,
                at,
                "repeated-declaration",
                &format!("属性 {} 声明了两次", p.name),
                &format!("the property {} is declared twice", p.name),
                "删去其中一个",
                "remove one of them",
            );
        }
        property(p, manifest, at, report);
    }
    for name in [&spec.name, &spec.name_en].into_iter().flatten() {
        declared(spec, name, &[PropertyType::String], at, report);
    }
    for (name, value) in &spec.published {
        use PropertyType as T;
        let types: &[T] = match value {
            Json::Number(_) => &[T::Integer, T::Number],
            Json::Bool(_) => &[T::Boolean],
            Json::Array(_) => &[T::Strings],
            _ => &[T::String, T::Date, T::Datetime],
        };
        declared(spec, name, types, at, report);
    }
    let kept = &spec.maintenance;
    let of_metrics = spec.register.iter().flat_map(|r| &r.metrics).map(|m| &m.maintenance);
    let promised = of_metrics.flat_map(|m| [&m.last, &m.next]).chain([&kept.last, &kept.next]);
    for day in [&spec.valid_from, &spec.valid_to].into_iter().chain(promised).flatten().filter(|d| !is_date(d)) {
        say(
            report,
            at,
            "bad-date",
            &format!("{} 不是日期", shorten(day)),
            &format!("{} is no date", shorten(day)),
            "写成 YYYY-MM-DD",
            "write YYYY-MM-DD",
        );
    }
    maintenance(spec, at, report);
    if let Some(zone) = spec.zone.as_ref().filter(|z| !is_kind(&z.kind)) {
        bad_kind(&zone.kind, at, report);
    }
    levels(spec, manifest, at, report);
    for group in spec.parts.iter().filter_map(|p| p.group.as_ref()).chain(&spec.group) {
        if !manifest.layer_groups.iter().any(|g| g.id == *group) {
            let group = shorten(group);
            say(
                report,
                at,
                "unknown-group",
                &format!("没有图层组 {group}"),
                &format!("there is no layer group {group}"),
                "在清单的 layer_groups 中列出它",
                "list it in the manifest's layer_groups",
            );
        }
    }
    if !spec.parts.is_empty() && spec.role != Role::Layout {
        say(
            report,
            at,
            "parts-role",
            "只有角色为 layout 的集合可以有 parts",
            "only a collection with the role layout may have parts",
            "改 role,或删去 parts",
            "change role, or remove parts",
        );
    }
    places(spec, at, report);
    match (&spec.register, spec.role == Role::Register) {
        (Some(r), true) => register(spec, r, at, report),
        (None, true) => say(
            report,
            at,
            "register-block",
            "角色为 register 的集合缺少 register 块",
            "a collection with the role register needs the block register",
            "写明 metrics;有的话写 district 和 cluster",
            "name metrics, and district and cluster where there are such",
        ),
        (Some(_), false) => say(
            report,
            at,
            "register-block",
            "只有角色为 register 的集合可以有 register 块",
            "only a collection with the role register may have the block register",
            "改 role,或删去该块",
            "change role, or remove the block",
        ),
        (None, false) => {}
    }
}

/// By what a collection says of when it is.
fn maintenance(spec: &CollectionSpec, at: Place, report: &mut Report) {
    let dated_by = spec.maintenance.dated_by.as_ref();
    if dated_by.and_then(|name| declared(spec, name, &[PropertyType::Date], at, report)).is_some_and(|p| p.restricted) {
        say(
            report,
            at,
            "restricted-date",
            "maintenance.dated_by 的属性不能是 restricted:最新日期会被显示",
            "the property of `maintenance.dated_by` cannot be restricted: its latest day is shown",
            "去掉该属性的 restricted,或删去 dated_by",
            "take restricted from the property, or remove `dated_by`",
        );
    }
    let metrics = spec.register.iter().flat_map(|r| &r.metrics);
    for metric in metrics.filter(|m| m.maintenance.dated_by.is_some()) {
        say(
            report,
            at,
            "metric-dated-by",
            &format!("指标 {} 不能有 dated_by:指标的日期由其时期而定", shorten(&metric.id)),
            &format!("the metric {} cannot have `dated_by`: its periods say of when it is", shorten(&metric.id)),
            "把 dated_by 写在集合的 maintenance 中",
            "write `dated_by` into `maintenance` of the collection",
        );
    }
}

/// A table of places: points with an address that anybody may read.
fn places(spec: &CollectionSpec, at: Place, report: &mut Report) {
    let Some(places) = &spec.places else { return };
    if spec.geometry != GeometryKind::Point || !matches!(spec.role, Role::Features | Role::Register) {
        say(
            report,
            at,
            "places-points",
            "只有点集合(geometry 为 point,role 为 features 或 register)可以有 places 块",
            "only a collection of points (geometry point, role features or register) may have the block places",
            "改 geometry 与 role,或删去该块",
            "change geometry and role, or remove the block",
        );
    }
    if spec.name.is_none() && places.address.is_none() {
        say(
            report,
            at,
            "places-texts",
            "places 既没有名称属性,也没有地址属性",
            "a table of places has neither a property of names nor one of addresses",
            "写明集合的 name,或 places.address",
            "name them: `name` of the collection, or `places.address`",
        );
    }
    if let Some(address) = &places.address {
        declared(spec, address, &[PropertyType::String], at, report);
    }
    let texts = spec.name.iter().chain(&places.address).filter_map(|name| spec.property(name));
    for (_, text) in texts.filter(|(_, p)| p.restricted) {
        say(
            report,
            at,
            "places-restricted",
            &format!("地名表的 {} 不能是 restricted:搜索会显示它", text.name),
            &format!("{} of a table of places cannot be restricted: the search shows it", text.name),
            "去掉该属性的 restricted,或删去 places 块",
            "take restricted from the property, or remove the block places",
        );
    }
}

/// The register's block: its columns and metrics.
fn register(spec: &CollectionSpec, r: &RegisterSpec, at: Place, report: &mut Report) {
    use PropertyType as T;
    if let Some(district) = &r.district {
        declared(spec, district, &[T::String], at, report);
    }
    let classes = [(&r.cluster, T::String), (&r.secondary, T::Strings)];
    for (cluster, ty) in classes.into_iter().filter_map(|(name, ty)| Some((name.as_ref()?, ty))) {
        let found = declared(spec, cluster, &[ty], at, report);
        if found.is_some_and(|p| {
            p.codelist.is_none() || p.codelist.as_deref() != spec.class_codelist().or(p.codelist.as_deref())
        }) {
            say(
                report,
                at,
                "cluster-codelist",
                &format!("属性 {cluster} 没有使用分类的代码表"),
                &format!("the property {cluster} does not use the codelist of the classes"),
                "声明 codelist;主要与次要分类用同一个代码表",
                "declare a codelist; primary and secondary classes have the same",
            );
        }
    }
    if let Some(class) = &r.location_class {
        declared(spec, class, &[T::String], at, report);
    }
    if let Some(precision) = &r.precision_m {
        declared(spec, precision, &[T::Integer, T::Number], at, report);
    }
    address(spec, r, at, report);
    if let Some(subset) = &r.subset {
        declared(spec, &subset.property, &[T::Boolean], at, report);
    }
    validity(spec, r, at, report);
    if let Some(fault) = r.disclosure.fault() {
        let path = format!("collections.{}.register.disclosure", shorten(&spec.id));
        say(
            report,
            at.property(&path),
            "disclosure-rules",
            &format!("保密规则不可用:{}", fault.zh),
            &format!("the disclosure rules can't be used: {}", fault.en),
            "改正该值,或删去以采用默认值",
            "correct the value, or leave it out for the default",
        );
    }
    for rule in &r.invented {
        let known = spec.property(&rule.property).is_some();
        let metric = |id: &&String| !r.metrics.iter().any(|m| m.id == **id);
        let unknown = rule.values.iter().flat_map(|v| v.from.keys()).find(metric);
        let name = if known { unknown } else { Some(&rule.property) };
        if let Some(name) = name.map(|n| shorten(n)) {
            say(
                report,
                at,
                "invented-rule",
                &format!("invented 中的 {name} 不是名录的属性或指标"),
                &format!("{name} in `invented` is no property or metric of the register"),
                "写现有的属性与指标",
                "name properties and metrics that there are",
            );
        }
    }
    let mut ids = HashSet::new();
    for m in &r.metrics {
        if !is_identifier(&m.id) {
            bad_identifier(&m.id, at, report);
        }
        if TILE_KEYS.contains(&m.id.as_str()) {
            say(
                report,
                at,
                "reserved-metric",
                &format!("指标不能叫 {}:矢量瓦片已有同名属性", m.id),
                &format!("a metric cannot be called {}: vector tiles have an attribute of that name", m.id),
                "换一个 id",
                "choose another id",
            );
        }
        if !ids.insert(m.id.as_str()) {
            say(
                report,
                at,
                "repeated-metric",
                &format!("指标 {} 出现了两次", shorten(&m.id)),
                &format!("the metric {} occurs twice", shorten(&m.id)),
                "每个指标用不同的 id",
                "give each metric an id of its own",
            );
        }
        metric(spec, m, at, report);
    }
}

/// The property by which rows without a position are located.
fn address(spec: &CollectionSpec, r: &RegisterSpec, at: Place, report: &mut Report) {
    use PropertyType as T;
    let address = r.address.as_ref().and_then(|address| declared(spec, address, &[T::String], at, report));
    if address.is_some_and(|p| p.restricted) {
        say(
            report,
            at,
            "restricted-address",
            "用于定位的地址不能是 restricted:位置就说出了它",
            "an address by which rows are located cannot be restricted: the position says it",
            "去掉该属性的 restricted,或从 register 中删去 address",
            "take restricted from the property, or remove `address` from `register`",
        );
    }
}

/// The properties that say when rows were there.
fn validity(spec: &CollectionSpec, r: &RegisterSpec, at: Place, report: &mut Report) {
    use PropertyType as T;
    for (name, _) in r.valid.iter().flat_map(ValidSpec::properties) {
        let found = declared(spec, name, &[T::Date, T::Datetime, T::Integer], at, report);
        if found.is_some_and(|p| p.restricted) {
            say(
                report,
                at,
                "restricted-validity",
                &format!("起止日期 {name} 不能是 restricted:各年的户数就说出了它"),
                &format!("the date {name} of beginning or end cannot be restricted: the counts of the years say it"),
                "去掉该属性的 restricted,或从 valid 中删去它",
                "take restricted from the property, or the property from valid",
            );
        }
    }
}

fn property(p: &PropertySpec, manifest: &Manifest, at: Place, report: &mut Report) {
    if let Some(list) = p.codelist.as_ref().filter(|l| !manifest.codelists.contains_key(*l)) {
        let list = shorten(list);
        say(
            report,
            at,
            "unknown-codelist",
            &format!("没有代码表 {list}"),
            &format!("there is no codelist {list}"),
            "在清单的 codelists 中列出它",
            "list it in the manifest's codelists",
        );
    }
    if p.codelist.is_some() && !matches!(p.ty, PropertyType::String | PropertyType::Strings) {
        say(
            report,
            at,
            "codelist-type",
            "使用代码表的属性应为 string 或 strings",
            "a property with a codelist must be string or strings",
            "改 type",
            "change its type",
        );
    }
    if let Some(target) = p.references.as_ref().filter(|t| !manifest.collections.iter().any(|c| c.id == **t)) {
        let target = shorten(target);
        say(
            report,
            at,
            "unknown-reference",
            &format!("没有集合 {target}"),
            &format!("there is no collection {target}"),
            "写现有集合的 id",
            "write the id of a collection",
        );
    }
    if p.decimals.is_some_and(|d| d > MAX_DECIMALS || p.ty != PropertyType::Number) {
        say(
            report,
            at,
            "bad-decimals",
            &format!("decimals 只用于 number,至多 {MAX_DECIMALS} 位"),
            &format!("decimals belong to numbers, at most {MAX_DECIMALS}"),
            "改 decimals 或 type",
            "change decimals or type",
        );
    }
}

fn metric(spec: &CollectionSpec, m: &MetricSpec, at: Place, report: &mut Report) {
    let mut lengths = m.columns.keys().map(|period| period.granularity());
    let first = lengths.next();
    if lengths.any(|length| Some(length) != first) {
        say(
            report,
            at,
            "metric-periods",
            &format!("指标 {} 的各列时期长短不一", m.id),
            &format!("the metric {} has columns of periods that differ in length", m.id),
            "一个指标只用年、季度、月中的一种;另一种另设一个指标",
            "use years, quarters or months for one metric; declare another for the others",
        );
    }
    for (period, name) in &m.columns {
        let Some(p) = declared(spec, name, &[PropertyType::Integer, PropertyType::Number], at, report) else {
            continue;
        };
        let kept = if p.ty == PropertyType::Integer { Some(0) } else { p.decimals };
        if kept != Some(m.decimals) {
            say(
                report,
                at,
                "metric-decimals",
                &format!("指标 {} 为 {} 位小数,而 {period} 的列 {name} 不是", m.id, m.decimals),
                &format!(
                    "the metric {} has {} decimals, but its column of {period}, {name}, has not",
                    m.id, m.decimals
                ),
                "让两处 decimals 相同,求和才精确",
                "use the same decimals in both, so that sums are exact",
            );
        }
        if m.restricted != p.restricted {
            say(
                report,
                at,
                "metric-restricted",
                &format!("指标 {} 与列 {name} 的 restricted 不一致", m.id),
                &format!("the metric {} and its column {name} differ in restricted", m.id),
                "两处写成一样",
                "write the same in both",
            );
        }
    }
}

/// The property of this name, if it is declared with one of these types.
pub(super) fn declared<'s>(
    spec: &'s CollectionSpec,
    name: &str,
    types: &[PropertyType],
    at: Place,
    report: &mut Report,
) -> Option<&'s PropertySpec> {
    let found = spec.property(name).map(|(_, p)| p);
    if let Some(p) = found.filter(|p| types.contains(&p.ty)) {
        return Some(p);
    }
    let shown = shorten(name);
    let types = types.iter().map(|t| format!("{t:?}").to_lowercase()).collect::<Vec<_>>().join(" / ");
    if found.is_some() {
        say(
            report,
            at,
            "role-property-type",
            &format!("属性 {shown} 的类型应为 {types}"),
            &format!("the property {shown} must be {types}"),
            "改 type",
            "change its type",
        );
    } else {
        say(
            report,
            at,
            "undeclared-property",
            &format!("没有声明属性 {shown}"),
            &format!("the property {shown} is not declared"),
            "在 properties 中声明它",
            "declare it in properties",
        );
    }
    None
}

/// Whether this can stand in a URL as it is.
fn is_identifier(id: &str) -> bool {
    id.len() <= ID_LENGTH
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        && id.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric())
}

/// What contradicts itself in the levels of zones.
fn levels(spec: &CollectionSpec, manifest: &Manifest, at: Place, report: &mut Report) {
    let Some(zone) = &spec.zone else { return };
    let place = manifest.collections.iter().position(|c| c.id == spec.id);
    let kinds = manifest.zone_kinds();
    let Some(kind) = place.and_then(|place| kinds.iter().find(|k| k.collections.contains(&place))) else { return };
    let own = zone.parent.as_ref().map(|p| p.kind.as_str());
    if own != kind.parent.as_deref() {
        say(
            report,
            at,
            "different-parents",
            &format!("区域类别 {} 的各集合写了不同的 parent", kind.id),
            &format!("the collections of the kind {} give it different parents", kind.id),
            "同一类区域写同一个 parent.kind",
            "give all collections of a kind the same parent.kind",
        );
    }
    let Some(parent) = &zone.parent else { return };
    if let Some(property) = &parent.property {
        declared(spec, property, &[PropertyType::String], at, report);
    }
    let shown = shorten(&parent.kind);
    let known = kinds.iter().find(|k| k.id == parent.kind);
    let Some(known) = known else {
        let all = kinds.iter().map(|k| k.id.as_str()).collect::<Vec<_>>().join(", ");
        say(
            report,
            at,
            "unknown-parent-kind",
            &format!("上级类别 {shown} 不是任何集合的区域类别"),
            &format!("the parent kind {shown} is the kind of no collection"),
            &format!("现有类别:{all}"),
            &format!("known kinds: {all}"),
        );
        return;
    };
    if known.line(&kinds).any(|k| k.id == kind.id) {
        say(
            report,
            at,
            "parents-in-a-circle",
            &format!("区域类别 {} 的上级又以它为上级", kind.id),
            &format!("the parents of the kind {} lead back to it", kind.id),
            "只保留自上而下的一条上级链",
            "keep one line of parents, from the top down",
        );
    }
}

/// Whether this can name a kind of zones or a layer group.
fn is_kind(id: &str) -> bool {
    is_identifier(id)
        && id.bytes().next().is_some_and(|b| b.is_ascii_lowercase())
        && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_".contains(&b))
}

fn bad_kind(id: &str, at: Place, report: &mut Report) {
    let id = shorten(id);
    say(
        report,
        at,
        "bad-kind",
        &format!("{id} 不能作为类别或图层组的标识"),
        &format!("{id} cannot name a kind of zones or a layer group"),
        "用小写字母、数字和 - _,以字母开头",
        "use lower-case letters, digits and - _, beginning with a letter",
    );
}

fn bad_identifier(id: &str, at: Place, report: &mut Report) {
    let id = shorten(id);
    say(
        report,
        at,
        "bad-identifier",
        &format!("标识 {id} 不能直接用在网址中"),
        &format!("the identifier {id} cannot stand in a URL"),
        "用 ASCII 字母、数字和 - _ .,以字母或数字开头",
        "use ASCII letters, digits and - _ ., beginning with a letter or digit",
    );
}

fn is_box([west, south, east, north]: &[f64; 4]) -> bool {
    west < east && south < north && *west >= -180.0 && *east <= 180.0 && *south >= -90.0 && *north <= 90.0
}

fn bad_box(member: &str, at: Place, report: &mut Report) {
    say(
        report,
        at,
        "bad-box",
        &format!("{member} 应为西、南、东、北的经纬度,西小于东,南小于北"),
        &format!("{member} must be west, south, east, north in degrees, west below east and south below north"),
        &format!("改正 {member} 的四个数"),
        &format!("mend the four numbers of {member}"),
    );
}

pub(super) fn say(
    report: &mut Report,
    at: Place,
    code: &'static str,
    zh: &str,
    en: &str,
    zh_remedy: &str,
    en_remedy: &str,
) {
    report.error(at, code, || (Text::new(zh, en), Text::new(zh_remedy, en_remedy)));
}
