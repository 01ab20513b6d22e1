//! Positions in the shifted degrees of China's web maps (GCJ-02, BD-09) that are not said to be: suspected by who made the
//! file, and by how the register lies in the districts. Only warned of; a collection's `crs` in the manifest decides.

use super::across::{Read, bounds};
use super::report::{Place, Report};
use crate::core::geometry::{Region, areas, datum};
use crate::core::model::{CollectionSpec, Text};
use geo::{Coord, Geometry};
use std::collections::HashMap;

/// Bytes of a file in which its author shows.
pub const BEGINNING: usize = 1 << 16;
/// Words of sources whose boundaries are shifted.
const SOURCES: [(&str, &str, &str); 9] = [
    ("高德", "高德", "GCJ-02"),
    ("amap", "AMap", "GCJ-02"),
    ("autonavi", "AutoNavi", "GCJ-02"),
    ("datav", "DataV", "GCJ-02"),
    ("腾讯地图", "腾讯地图", "GCJ-02"),
    ("gcj-02", "GCJ-02", "GCJ-02"),
    ("gcj02", "GCJ-02", "GCJ-02"),
    ("百度", "百度", "BD-09"),
    ("bd-09", "BD-09", "BD-09"),
];
/// Members by which DataV's files are known, whose borders are AMap's: the first, and any other.
const DATAV: (&str, [&str; 3]) = ("\"adcode\"", ["\"acroutes\"", "\"subFeatureIndex\"", "\"childrenNum\""]);
/// Rows of the register that are looked at.
const TRIED: usize = 20_000;
/// Standard deviations beyond which it is no accident that a shift puts more points right than wrong.
const CERTAIN: f64 = 3.0;

/// Looks at what the manifest and the beginning of a file say of its author.
pub fn by_source(read: Read, beginning: &[u8], report: &mut Report) {
    let (spec, loaded) = read;
    let b = bounds(&loaded.table);
    let chinese = !b.is_empty() && b.west >= 72.0 && b.east <= 138.0 && b.south >= 0.8 && b.north <= 56.0;
    if spec.crs.is_some() || !chinese {
        return;
    }
    let Some((name, system)) = author(&words(spec), beginning) else { return };
    report.warning(Place::file(&spec.file), "datum-suspected", || {
        let text = Text::new(
            format!("来自{name}的数据通常是 {system} 坐标,在图上会偏移数百米;清单没有写明"),
            format!(
                "data of {name} is usually in {system}, some hundred metres beside its place; the manifest does not say"
            ),
        );
        (text, remedy(system))
    });
}

/// Who made a file whose positions are shifted, and in which system they are: by lower-case words that are said of it, and
/// by its beginning.
pub fn author(words: &str, beginning: &[u8]) -> Option<(&'static str, &'static str)> {
    let has = |word: &str| memchr::memmem::find(beginning, word.as_bytes()).is_some();
    let named = SOURCES.iter().find(|(word, ..)| words.contains(word)).map(|(_, name, system)| (*name, *system));
    named.or_else(|| (has(DATAV.0) && DATAV.1.into_iter().any(has)).then_some(("DataV", "GCJ-02")))
}

/// What is said of a collection's origin, in lower case.
fn words(spec: &CollectionSpec) -> String {
    let texts = [&spec.source, &spec.description, &spec.title];
    let all = texts.iter().flat_map(|t| [t.zh.as_str(), t.en.as_str()]).chain([spec.file.as_str()]);
    all.chain(spec.licence.as_deref()).collect::<Vec<_>>().join(" ").to_lowercase()
}

fn remedy(system: &str) -> Text {
    Text::new(
        format!("确认后在清单的该集合写 \"crs\": \"{system}\",载入时自动转换;确为 WGS 84 时写 \"crs\": \"EPSG:4326\""),
        format!(
            "write \"crs\": \"{system}\" for the collection in the manifest, and it is brought to WGS 84 when it is read; where it is WGS 84, write \"crs\": \"EPSG:4326\""
        ),
    )
}

/// Looks whether the register and the districts are shifted against each other: whether more enterprises would be in their
/// declared district if the one or the other were in GCJ-02.
pub fn by_register(register: Read, districts: Read, report: &mut Report) {
    let (spec, loaded) = register;
    if spec.crs.is_some() && districts.0.crs.is_some() {
        return;
    }
    let column = spec
        .register
        .as_ref()
        .and_then(|r| spec.property(r.district.as_deref()?))
        .map(|(i, _)| &loaded.table.columns[i]);
    let Some(column) = column else { return };
    let table = &districts.1.table;
    let regions: HashMap<&str, Region> = (0..table.ids.len())
        .filter_map(|row| Some((table.ids.value(row), Region::new(&table.geometries.value(row).and_then(areas)?))))
        .collect();
    // as it is, with the districts shifted, with the register shifted
    let (mut by_districts, mut by_register) = (Tally::default(), Tally::default());
    let rows = loaded.table.ids.len();
    for row in (0..rows).step_by(rows.div_ceil(TRIED).max(1)) {
        let Some(Geometry::Point(p)) = loaded.table.geometries.value(row) else { continue };
        let Some(region) = column.text(row).and_then(|id| regions.get(id)) else { continue };
        let holds = |at: Coord<f64>| region.contains(at.x, at.y);
        let now = holds(p.0);
        by_districts.count(now, holds(datum::gcj02(p.0)));
        by_register.count(now, holds(datum::from_gcj02(p.0)));
    }
    let (shifted, other, tally) = if by_districts.lead() >= by_register.lead() {
        (districts.0, spec, by_districts)
    } else {
        (spec, districts.0, by_register)
    };
    if !tally.is_certain() || shifted.crs.is_some() {
        return;
    }
    report.warning(Place::file(&shifted.file), "datum-suspected", || {
        let (right, wrong) = (tally.right, tally.wrong);
        let text = Text::new(
            format!(
                "像是 GCJ-02 坐标:按 GCJ-02 理解时,{} 中多 {right} 条记录落在申报区域内,少 {wrong} 个",
                other.file
            ),
            format!(
                "seems to be in GCJ-02: with that {right} more records lie in their declared zone and {wrong} fewer (compared with {})",
                other.file
            ),
        );
        (text, remedy("GCJ-02"))
    });
}

/// Points that a shift puts into their district, and out of it.
#[derive(Clone, Copy, Default)]
struct Tally {
    right: usize,
    wrong: usize,
}

impl Tally {
    fn count(&mut self, now: bool, then: bool) {
        self.right += usize::from(then && !now);
        self.wrong += usize::from(now && !then);
    }

    fn lead(self) -> isize {
        self.right as isize - self.wrong as isize
    }

    /// The sign test, by the normal distribution.
    fn is_certain(self) -> bool {
        self.lead() as f64 > CERTAIN * ((self.right + self.wrong) as f64).sqrt()
    }
}
