//! The systems in which files give positions, whoever reads them: folders of data and departments' tables.

use crate::core::geometry::{Crs, datum};
use crate::core::model::Text;
use geo::{Coord, MapCoords};
use serde::{Serialize, Serializer};
use std::borrow::Cow;

/// A system of coordinates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum System {
    /// WGS 84 in degrees; CGCS2000 in degrees (EPSG:4490) is the same to a few centimetres.
    Wgs84,
    /// The system of AMap, Tencent and Google's maps of China.
    Gcj02,
    /// Baidu's.
    Bd09,
    /// A plane: a zone of CGCS2000 or UTM, or Web Mercator.
    Plane(Crs),
}

impl Serialize for System {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.code())
    }
}

impl From<Crs> for System {
    fn from(crs: Crs) -> Self {
        if crs.is_metric() { Self::Plane(crs) } else { Self::Wgs84 }
    }
}

impl System {
    /// What a code, a URN or a definition means; `Err` with the name of a system that is not supported.
    pub fn of_text(words: &str) -> Result<Self, String> {
        let plain: String = words.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
        match plain.as_str() {
            "GCJ02" => Ok(Self::Gcj02),
            "BD09" | "BD09LL" => Ok(Self::Bd09),
            _ => Crs::of_text(words).map(Self::from),
        }
    }

    /// The system of a code of the EPSG register, where it is supported.
    pub fn of_epsg(code: u32) -> Option<Self> {
        Crs::of_epsg(code).map(Self::from)
    }

    /// Its name.
    pub fn name(self) -> Text {
        match self {
            Self::Wgs84 => Text::new("WGS84", "WGS 84"),
            Self::Gcj02 => Text::new("GCJ-02", "GCJ-02"),
            Self::Bd09 => Text::new("BD-09", "BD-09"),
            Self::Plane(crs) => {
                let code = crs.code().map_or(String::new(), |code| format!("(EPSG:{code})"));
                Text::new(format!("{crs}{code}"), format!("{crs} {code}").trim_end().to_owned())
            }
        }
    }

    /// Its short name in files and on the command line.
    pub fn code(self) -> Cow<'static, str> {
        match self {
            Self::Wgs84 => "wgs84".into(),
            Self::Gcj02 => "gcj02".into(),
            Self::Bd09 => "bd09".into(),
            Self::Plane(crs) => crs.code().map_or_else(|| crs.name(), |code| format!("epsg:{code}")).into(),
        }
    }

    /// Whether the same numbers are the same place in both.
    pub fn same_place(self, other: Self) -> bool {
        match (self, other) {
            (Self::Plane(a), Self::Plane(b)) => a.same_place(b),
            _ => self == other,
        }
    }

    /// Whether it counts in metres.
    pub fn is_plane(self) -> bool {
        matches!(self, Self::Plane(_))
    }

    /// A geometry in longitude and latitude of WGS 84; `None` where a position is none of the system.
    pub fn locate_all<G: MapCoords<f64, f64, Output = G>>(self, geometry: &G) -> Option<G> {
        geometry.try_map_coords(|at| self.locate(at.x, at.y).ok_or(())).ok()
    }

    /// Longitude and latitude in WGS 84 of an eastern and a northern value.
    pub fn locate(self, east: f64, north: f64) -> Option<Coord<f64>> {
        let at = Coord { x: east, y: north };
        let degrees = east.abs() <= 180.0 && north.abs() <= 90.0;
        match self {
            Self::Wgs84 => degrees.then_some(at),
            Self::Gcj02 => degrees.then(|| datum::from_gcj02(at)),
            Self::Bd09 => degrees.then(|| datum::from_bd09(at)),
            // degrees are no metres beside the equator
            Self::Plane(crs) => (!degrees).then(|| crs.locate(at)).flatten(),
        }
    }
}
