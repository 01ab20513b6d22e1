//! What only shows when all files are read: references, zone ids, positions against declared districts.

use super::report::{Place, Report, Severity};
use super::rows::Loaded;
use super::text::shorten;
use crate::core::columns::{Column, Value};
use crate::core::geometry::{Bounds, Region, areas, measure};
use crate::core::model::{CollectionSpec, Geometries, GeometryKind, Manifest, Period, Role, Table, Text, ValidSpec};
use rstar::RTree;
use rstar::primitives::{GeomWithData, Rectangle};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Zone ids that mean something else in the service.
const RESERVED: [&str; 3] = ["city", "outside", "undeclared"];
/// What begins the ids of what no zone holds.
const RESERVED_BEGINNINGS: [&str; 2] = ["outside:", "undeclared:"];

/// A collection that was read.
pub type Read<'a> = (&'a CollectionSpec, &'a Loaded);

/// Where a row of a collection stands.
pub fn place((spec, loaded): Read<'_>, row: usize) -> Place<'_> {
    let (line, column) = loaded.places[row];
    Place::file(&spec.file).feature(loaded.table.ids.value(row)).at((line as usize, column as usize))
}

/// The box around the located rows of a table.
pub fn bounds(table: &Table) -> Bounds {
    let mut all = Bounds::EMPTY;
    if let Geometries::Any(rows) = &table.geometries {
        rows.iter().flatten().for_each(|g| all.join(&Bounds::of(g)));
    }
    all
}

/// Whether each reference names a feature. The register's declared district refers to the districts by itself.
pub fn references(manifest: &Manifest, read: &[Option<Loaded>], report: &mut Report) {
    let declarable: Vec<&str> = manifest.declarable().iter().map(|c| c.id.as_str()).collect();
    for (spec, loaded) in pairs(manifest, read) {
        for (p, column) in spec.properties.iter().zip(&loaded.table.columns) {
            let declares = spec.register.as_ref().is_some_and(|r| r.district.as_ref() == Some(&p.name));
            let own: Vec<&str> = p.references.as_deref().into_iter().collect();
            // a row may declare a district, or a zone of a level above or below
            let targets = if declares && own.iter().all(|id| declarable.contains(id)) { &declarable } else { &own };
            let found: Vec<Read> = pairs(manifest, read).filter(|(c, _)| targets.contains(&c.id.as_str())).collect();
            // an unreadable file is an error of its own
            if found.is_empty() || found.len() < targets.len() || found.iter().any(|(_, l)| !l.complete) {
                continue;
            }
            let target = targets.join(", ");
            let ids: HashSet<&str> = found.iter().flat_map(|(_, l)| l.table.ids.iter()).collect();
            if matches!(column, Column::Words(w, _) if w.words.iter().all(|w| ids.contains(w.as_str()))) {
                continue;
            }
            // what was set aside is no reason to refuse what refers to it
            let aside: HashSet<&str> = found.iter().flat_map(|(_, l)| l.aside.iter().map(String::as_str)).collect();
            let mut orphans: BTreeMap<&str, usize> = BTreeMap::new();
            for row in 0..loaded.table.ids.len() {
                // what is blank refers to nothing
                let some = words(column, row).into_iter().filter(|id| !id.trim().is_empty() && !ids.contains(id));
                for id in some {
                    if aside.contains(id) {
                        *orphans.entry(id).or_default() += 1;
                        continue;
                    }
                    report.error(place((spec, loaded), row).property(&p.name).with(id), "dangling-reference", || {
                        let (name, id) = (&p.name, shorten(id));
                        (
                            Text::new(
                                format!("{name} 的值 {id} 不是集合 {target} 中任何要素的 id"),
                                format!("{name} is {id}, which is the id of no feature of {target}"),
                            ),
                            Text::new(
                                format!("改成 {target} 中的 id,不详则写 null"),
                                format!("use an id of {target}, or null where it is not known"),
                            ),
                        )
                    });
                }
            }
            // in a file with errors nothing was set aside
            if found.iter().any(|(c, _)| report.count_in(&c.file, Severity::Error) > 0) {
                continue;
            }
            refer_to_aside(&orphans, declares, Place::file(&spec.file).property(&p.name), report);
        }
    }
}

/// Says how many rows refer to what was set aside.
fn refer_to_aside(rows: &BTreeMap<&str, usize>, declares: bool, place: Place, report: &mut Report) {
    if rows.is_empty() {
        return;
    }
    report.warning(place, "refers-to-set-aside", || {
        let some: Vec<String> = rows.iter().take(8).map(|(id, n)| format!("{} ({n})", shorten(id))).collect();
        let (n, mut some) = (rows.values().sum::<usize>(), some.join(", "));
        if rows.len() > 8 {
            some.push_str(", …");
        }
        let (zh, en) = if declares {
            (
                ";有坐标的按位置计,没有坐标的计入未填",
                "; those with a position count by it, those without count as undeclared",
            )
        } else {
            ("", "")
        };
        (
            Text::new(
                format!("{n} 条记录的 {} 指向已搁置的要素:{some}{zh}", place.property.unwrap_or_default()),
                format!(
                    "{}: {n} rows refer to features that were set aside: {some}{en}",
                    place.property.unwrap_or_default()
                ),
            ),
            Text::new(
                "先改正被搁置的要素,或改填其他 id",
                "correct the features that were set aside, or let the rows refer to others",
            ),
        )
    });
}

fn words(column: &Column, row: usize) -> Vec<&str> {
    match column.value(row) {
        Value::Text(t) => vec![t],
        Value::Strings(s, row) => s.row(row).collect(),
        _ => vec![],
    }
}

fn pairs<'a>(manifest: &'a Manifest, read: &'a [Option<Loaded>]) -> impl Iterator<Item = Read<'a>> {
    manifest.collections.iter().zip(read).filter_map(|(c, l)| l.as_ref().map(|l| (c, l)))
}

/// Whether each zone has an id of its own in the whole dataset; gives the ids.
pub fn zone_ids(manifest: &Manifest, read: &[Option<Loaded>], report: &mut Report) -> HashSet<String> {
    let mut owners: HashMap<&str, &str> = HashMap::new();
    for (spec, loaded) in pairs(manifest, read).filter(|(c, _)| c.zone.is_some()) {
        for (row, id) in loaded.table.ids.iter().enumerate() {
            let geometry = loaded.table.geometries.value(row);
            let located = geometry.is_some();
            if geometry.and_then(areas).is_none() {
                // points among zones are told of nowhere: layers mix them
                if spec.role == Role::Districts || (!located && spec.geometry == GeometryKind::Polygon) {
                    without_area(place((spec, loaded), row), report);
                }
                continue;
            }
            let reserved = RESERVED.contains(&id) || RESERVED_BEGINNINGS.iter().any(|b| id.starts_with(b));
            let clash = if reserved { Some("") } else { owners.insert(id, &spec.id).filter(|other| *other != spec.id) };
            let Some(other) = clash else { continue };
            report.error(place((spec, loaded), row).with(id), "duplicate-zone-id", || {
                let id = shorten(id);
                let message = if other.is_empty() {
                    Text::new(format!("区域 id {id} 是保留字"), format!("the zone id {id} is reserved"))
                } else {
                    Text::new(
                        format!("区域 id {id} 已在集合 {other} 中使用"),
                        format!("the zone id {id} is already used in {other}"),
                    )
                };
                (
                    message,
                    Text::new(
                        "区域的 id 在整个数据集中须唯一,请改名",
                        "zone ids are unique in the whole dataset: rename it",
                    ),
                )
            });
        }
    }
    owners.keys().map(|id| (*id).to_owned()).collect()
}

fn without_area(place: Place, report: &mut Report) {
    report.warning(place, "zone-without-area", || {
        (
            Text::new(
                "该区域没有面,不作为区域:没有坐标、只申报它的记录计入未填",
                "it has no area and is no zone: rows without a position that declare it count as undeclared",
            ),
            Text::new("补上它的面,或从文件中删去", "give it its area, or remove it from the file"),
        )
    });
}

/// Whether the position of each row lies in the zone that it declares: a district, or a zone of a level above or below.
pub fn declared_districts(manifest: &Manifest, register: Read, zones: &[Read], report: &mut Report) {
    let (spec, loaded) = register;
    let Some(column) = spec
        .register
        .as_ref()
        .and_then(|r| spec.property(r.district.as_deref()?))
        .map(|(i, _)| &loaded.table.columns[i])
    else {
        return;
    };
    let mut regions: Vec<(Read, usize, Region)> = Vec::new();
    for read in zones {
        let rows = &read.1.table;
        let some = (0..rows.ids.len())
            .filter_map(|row| Some((*read, row, Region::new(&rows.geometries.value(row).and_then(areas)?))));
        regions.extend(some);
    }
    let by_id: HashMap<&str, usize> =
        regions.iter().enumerate().map(|(i, (read, row, _))| (read.1.table.ids.value(*row), i)).collect();
    let boxed = regions.iter().enumerate().map(|(i, (_, _, region))| {
        let b = region.bounds();
        GeomWithData::new(Rectangle::from_corners([b.west, b.south], [b.east, b.north]), i)
    });
    let tree = RTree::bulk_load(boxed.collect());
    let name = |place: usize| {
        let ((d, loaded), row, _) = &regions[place];
        let property = d.name.as_ref().and_then(|n| d.property(n));
        let name = property.and_then(|(i, _)| loaded.table.columns[i].text(*row)).unwrap_or_default();
        format!("{} {}", loaded.table.ids.value(*row), shorten(name))
    };
    for row in 0..loaded.table.ids.len() {
        let at = loaded.table.geometries.value(row).and_then(|g| measure::representative_point(&g));
        let Some(p) = at.map(geo::Point::from) else { continue };
        let Some(&declared) = column.text(row).and_then(|id| by_id.get(id)) else { continue };
        let holds = |place: usize| regions[place].2.contains(p.x(), p.y());
        let ((of, _), _, _) = &regions[declared];
        let within = holds(declared);
        if within && !of.divides() {
            continue;
        }
        // of zones that overlap by a sliver the one listed first counts
        let near = tree.locate_all_at_point([p.x(), p.y()]).map(|boxed| boxed.data);
        let others = near.filter(|i| *i != declared && (!within || *i < declared) && regions[*i].0.0.id == of.id);
        let found = others.filter(|i| holds(*i)).chain(within.then_some(declared)).min();
        if found == Some(declared) {
            continue;
        }
        let property = spec.register.as_ref().and_then(|r| r.district.as_deref()).unwrap_or_default();
        report.warning(place(register, row).property(property), "outside-declared-district", || {
            let at = format!("({}, {})", p.x(), p.y());
            let kinds = manifest.zone_kinds();
            let collection = manifest.collections.iter().position(|c| c.id == of.id);
            let kind = collection.and_then(|place| kinds.iter().find(|k| k.collections.contains(&place)));
            let (zh, en) = kind.map_or(("区域", "zone"), |k| (&k.term.zh, &k.term.en));
            let declared = name(declared);
            let message = match found.map(name) {
                Some(found) => Text::new(
                    format!("申报{zh}是 {declared},位置 {at} 却在 {found}"),
                    format!("the declared {en} is {declared}, but the position {at} is in {found}"),
                ),
                None => Text::new(
                    format!("申报{zh}是 {declared},位置 {at} 却不在任何{zh}内"),
                    format!("the declared {en} is {declared}, but the position {at} is in no {en}"),
                ),
            };
            (
                message,
                Text::new(
                    format!("核对申报{zh}与坐标(含坐标系是否为 WGS 84)"),
                    format!("check the declared {en} and the position (also whether it is WGS 84)"),
                ),
            )
        });
    }
}

/// Whether each row of the register ends after it begins, and has no figures of years in which it is not there: sums leave
/// those out.
pub fn validity(register: Read, report: &mut Report) {
    let (spec, Loaded { table, .. }) = register;
    let Some(of) = spec.register.as_ref() else { return };
    let Some(valid) = &of.valid else { return };
    let column = |name: &Option<String>| {
        let (place, p) = spec.property(name.as_deref()?)?;
        Some((p, &table.columns[place]))
    };
    let (from, to) = (column(&valid.from), column(&valid.to));
    let figures: Vec<(Period, &str, &Column)> = of
        .metrics
        .iter()
        .flat_map(|m| &m.columns)
        .filter_map(|(period, name)| Some((*period, name.as_str(), &table.columns[spec.property(name)?.0])))
        .collect();
    for row in 0..table.ids.len() {
        let day = |side: Option<(_, &Column)>, end| ValidSpec::day(side?.1.value(row), end);
        let (begins, ends) = (day(from, false), day(to, true));
        if let (Some(begins), Some(ends), Some((p, _))) = (begins, ends, to)
            && ends.compare(begins).is_le()
        {
            report.warning(place(register, row).property(&p.name), "ends-before-it-begins", || {
                (
                    Text::new(
                        format!("终止 {ends} 不晚于起始 {begins},该行在任何一年都不计入"),
                        format!("the end {ends} is not after the beginning {begins}: the row counts in no year"),
                    ),
                    Text::new("核对两个日期", "check both dates"),
                )
            });
            continue;
        }
        let absent = |period: Period| {
            let last = period.last_day();
            begins.is_some_and(|day| day.compare(last).is_gt()) || ends.is_some_and(|day| day.compare(last).is_le())
        };
        let outside = figures.iter().find(|(period, _, column)| column.value(row) != Value::Null && absent(*period));
        if let Some((period, name, _)) = outside {
            report.warning(place(register, row).property(name), "figure-of-another-time", || {
                (
                    Text::new(
                        format!("{} 期末不在册,却有该期数值;合计不含它", period.words().zh),
                        format!("there is a figure of {period}, at whose end the row is not there; sums leave it out"),
                    ),
                    Text::new("核对起止日期与数值", "check the dates and the figure"),
                )
            });
        }
    }
}
