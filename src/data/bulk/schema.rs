//! The columns of a file: their names, all different, and what they hold.

use super::Format;
use crate::core::columns::Column;
use crate::core::geometry::Crs;
use crate::core::geometry::wkb::sort;
use crate::core::model::{Geometries, PropertyType, Text};
use crate::core::query::Selection;
use crate::data::geoparquet::BOX;
pub(super) use crate::data::geoparquet::Kind;

/// A column of a file.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) title: Text,
    /// Its place in the table.
    pub(super) column: usize,
    pub(super) kind: Kind,
}

/// The columns of a file besides the geometry.
#[derive(Debug)]
pub(super) struct Schema {
    /// Name of the file's table.
    pub(super) table: String,
    pub(super) crs: Crs,
    /// Name of the column of feature ids.
    pub(super) id: String,
    /// Name of the column of geometries.
    pub(super) geometry: String,
    /// Properties that may leave.
    pub(super) fields: Vec<Field>,
    /// Whether all rows are points or nothing.
    pub(super) points: bool,
}

impl Schema {
    pub(super) fn new(selection: &Selection, crs: Crs, format: Format) -> Self {
        let mut taken = Vec::new();
        // SQLite's own, and what GDAL calls the row
        if format == Format::GeoPackage {
            taken.extend(["fid", "rowid", "oid", "_rowid_"].map(str::to_owned));
        }
        if format == Format::GeoParquet {
            taken.push(BOX.into());
        }
        if format == Format::Csv {
            taken.extend(["longitude", "latitude", "x", "y", "wkt"].map(str::to_owned));
        }
        let geometry = free(if format == Format::GeoPackage { "geom" } else { "geometry" }, &mut taken);
        let id = free("id", &mut taken);
        let field = |&column: &usize| {
            let property = &selection.spec().properties[column];
            let kind = kind(property.ty, &selection.table().columns[column]);
            let name = free(&property.name, &mut taken);
            Field { name, title: property.title.clone(), column, kind }
        };
        let fields = selection.columns().iter().map(field).collect();
        let points = matches!(selection.table().geometries, Geometries::Points { .. });
        Self { table: selection.spec().id.clone(), crs, id, geometry, fields, points }
    }
}

fn kind(ty: PropertyType, column: &Column) -> Kind {
    match (Kind::of(column), ty) {
        (Kind::Text, PropertyType::Date) => Kind::Date,
        (Kind::Text, PropertyType::Datetime) => Kind::Datetime,
        (kind, _) => kind,
    }
}

/// A name that no other column has, whatever its case: SQLite and Excel see no difference there.
fn free(name: &str, taken: &mut Vec<String>) -> String {
    let (mut found, mut n) = (name.to_owned(), 1);
    while taken.contains(&found.to_lowercase()) {
        n += 1;
        found = format!("{name}_{n}");
    }
    taken.push(found.to_lowercase());
    found
}

/// The one sort of all rows; 0 when there are several or none.
pub(super) fn common(selection: &Selection) -> u8 {
    match &selection.table().geometries {
        Geometries::Points { .. } => 1,
        Geometries::Any(all) => {
            let mut sorts = selection.rows().iter().filter_map(|&r| all[r as usize].as_ref()).map(sort);
            let first = sorts.next().unwrap_or(0);
            if sorts.all(|s| s == first) { first } else { 0 }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_free() {
        let mut taken = vec!["fid".to_owned()];
        let names = ["id", "ID", "Fid", "名称", "名称", "id_2"].map(|n| free(n, &mut taken));
        assert_eq!(names, ["id", "ID_2", "Fid_2", "名称", "名称_2", "id_2_2"]);
    }
}
