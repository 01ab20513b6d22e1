//! Where a table of a new folder goes: its id, its files, the kind of its geometries.

use super::boundaries::{located, needed};
use super::{Entries, names};
use crate::data::intake::sheet::Sheet;
use crate::data::intake::{HeadRole, Heads, Refusal, System};
use geo::{CoordsIter, Geometry};

/// The ids and files of a table.
#[derive(Clone, Debug)]
pub struct TablePlace {
    /// Its place among several; none where it is the only one.
    pub number: Option<usize>,
    /// Id of its collection.
    pub id: String,
    /// File of its rows.
    pub file: String,
    /// Id of the codelist of its classes.
    pub codelist: String,
    /// File of the codelist.
    pub codelist_file: String,
}

impl TablePlace {
    /// The places of all tables: the only one is the register, several are called after their files.
    pub fn of(tables: &[&Entries]) -> Vec<Self> {
        if let [_] = tables {
            let owned = str::to_owned;
            let [id, file, codelist, codelist_file] =
                [owned("register"), owned("register.geojson"), owned("clusters"), owned("classes.json")];
            return vec![Self { number: None, id, file, codelist, codelist_file }];
        }
        let mut used = vec!["districts".to_owned(), "dataset".to_owned()];
        let place = |(number, table): (usize, &&Entries)| {
            let id = names::unused(names::slug(names::stem(&table.file), '_', "table"), &mut used);
            let codelist = format!("{id}_classes");
            let (file, codelist_file) = (format!("{id}.geojson"), format!("{codelist}.json"));
            Self { number: Some(number), id, file, codelist, codelist_file }
        };
        tables.iter().enumerate().map(place).collect()
    }

    /// Whether everything is of this table where none is named, and others are there.
    pub fn is_main(&self) -> bool {
        self.number == Some(0)
    }
}

/// Brings the lines and areas of a table to longitude and latitude; the kind of its geometries.
pub fn geometry(sheet: &mut Sheet, asked: Option<System>, file: &str) -> Result<&'static str, Refusal> {
    let Some(first) = sheet.shapes.iter().flatten().find_map(|shape| shape.coords_iter().next()) else {
        sheet.shapes.clear();
        return Ok("point");
    };
    let degrees = first.x.abs() <= 360.0 && first.y.abs() <= 360.0;
    let system = match (asked, &sheet.foreign, sheet.stated) {
        (Some(system), ..) | (None, None, Some(system)) => system.numbered_like((first.x, first.y)),
        (None, Some(words), _) => {
            let zh = format!("{file} 写明的坐标系“{words}”不支持");
            return Err(needed("--crs", &zh, &format!("{file} is in a system that is not supported, {words}")));
        }
        (None, None, None) if degrees => System::Wgs84,
        (None, None, None) => {
            let zh = format!("{file} 的坐标以米计,没有写明坐标系");
            return Err(needed("--crs", &zh, &format!("{file} is in metres and does not say in which system")));
        }
    };
    let (mut areas, mut lines, mut others) = (0, 0, sheet.shapes.iter().filter(|shape| shape.is_none()).count());
    for shape in sheet.shapes.iter_mut().flatten() {
        *shape = located(shape, system).ok_or_else(|| {
            let code = system.code();
            let zh = format!("{file} 的坐标不是 {code} 的坐标");
            needed("--crs", &zh, &format!("the positions of {file} are none of {code}"))
        })?;
        match shape {
            Geometry::Polygon(_) | Geometry::MultiPolygon(_) => areas += 1,
            Geometry::Line(_) | Geometry::LineString(_) | Geometry::MultiLineString(_) => lines += 1,
            _ => others += 1,
        }
    }
    // rows without geometry fit any kind; those with a point beside areas do not
    let heads = Heads::new([]);
    let position = |name: &str| heads.role(name).is_some_and(|(role, _)| role == HeadRole::Position);
    let pointless = !sheet.columns.iter().any(|c| position(&c.name));
    Ok(match (areas, lines) {
        (_, 0) if pointless || others == 0 => "polygon",
        (0, _) if pointless || others == 0 => "line",
        _ => "any",
    })
}
