//! The part of the EPSG register that is known: codes, names, URIs of systems; which of them a piece of ground is
//! usually given in; and the systems of other datums by name.
//!
//! Families are rules of numbers, as the register has them: the zone or the meridian follows from the code.

use super::{Crs, Datum, Plane};
use crate::geometry::Bounds;
use std::ops::RangeInclusive;

/// Systems of a datum for which no transformation to WGS 84 is published that holds for a city: recognised by code so
/// that they can be named.
const FOREIGN: [(RangeInclusive<u16>, &str); 12] = [
    (4610..=4610, "Xian 1980"),
    (2327..=2390, "Xian 1980"),
    (4214..=4214, "Beijing 1954"),
    (2401..=2442, "Beijing 1954"),
    (21413..=21423, "Beijing 1954"),
    (21453..=21463, "Beijing 1954"),
    (4555..=4555, "New Beijing"),
    (4568..=4589, "New Beijing"),
    (4652..=4652, "New Beijing"),
    (4766..=4800, "New Beijing"),
    (4812..=4812, "New Beijing"),
    (4822..=4822, "New Beijing"),
];

/// 3-degree zones are numbered from 25 (75°E) to 45 (135°E), 6-degree zones from 13 (75°E) to 23 (135°E).
const MERIDIANS: (f64, f64) = (75.0, 135.0);
/// Planes of the ground that are offered at most; a larger extent has no plane of its own.
const OFFERED: usize = 3;

impl Crs {
    /// The system of a code of the EPSG register, where it is supported.
    pub fn of_epsg(code: u32) -> Option<Self> {
        let code = u16::try_from(code).ok()?;
        match code {
            // heights of the geographic systems in three dimensions are not looked at
            4326 | 4979 => return Some(Self::Wgs84),
            4490 | 4480 => return Some(Self::Cgcs2000),
            // the second is what ESRI calls it
            3857 | 3785 => return Some(Self::WebMercator),
            _ => {}
        }
        Plane::of_epsg(code).map(Self::Plane)
    }

    /// Its code in the EPSG register; CRS84 has 4326's. None for a plane that has none there.
    pub fn code(self) -> Option<u16> {
        match self {
            Self::Crs84 | Self::Wgs84 => Some(4326),
            Self::WebMercator => Some(3857),
            Self::Cgcs2000 => Some(4490),
            Self::Plane(plane) => plane.code,
        }
    }

    /// Why a code is refused that is known all the same: the name of its datum.
    pub fn foreign_datum(code: u32) -> Option<&'static str> {
        FOREIGN.iter().find(|(codes, _)| u16::try_from(code).is_ok_and(|c| codes.contains(&c))).map(|(_, name)| *name)
    }

    /// The system of this URI.
    pub fn of_uri(uri: &str) -> Option<Self> {
        if uri == "http://www.opengis.net/def/crs/OGC/1.3/CRS84" {
            return Some(Self::Crs84);
        }
        let code = uri.strip_prefix("http://www.opengis.net/def/crs/EPSG/0/")?;
        let plain = !code.starts_with('0') && code.bytes().all(|b| b.is_ascii_digit());
        // one URI for each system
        let crs = code.parse().ok().filter(|_| plain).and_then(Self::of_epsg)?;
        (crs.code().map(|c| c.to_string()).as_deref() == Some(code)).then_some(crs)
    }

    /// Its URI; of parameters without a code, none.
    pub fn uri(self) -> String {
        match (self, self.code()) {
            (Self::Crs84, _) => "http://www.opengis.net/def/crs/OGC/1.3/CRS84".to_owned(),
            (_, Some(code)) => format!("http://www.opengis.net/def/crs/EPSG/0/{code}"),
            (_, None) => String::new(),
        }
    }

    /// Its name as the EPSG register has it.
    pub fn name(self) -> String {
        match self {
            Self::Crs84 => "CRS84".to_owned(),
            Self::Wgs84 => "WGS 84".to_owned(),
            Self::WebMercator => "WGS 84 / Pseudo-Mercator".to_owned(),
            Self::Cgcs2000 => "CGCS2000".to_owned(),
            Self::Plane(plane) => plane.name(),
        }
    }

    /// The systems in which data of this box is offered: degrees, Web Mercator, and the planes that are usual there.
    pub fn usual(bounds: &Bounds) -> Vec<Self> {
        let mut all = vec![Self::Crs84, Self::Wgs84, Self::WebMercator];
        if bounds.is_empty() {
            return all;
        }
        let chinese = bounds.west >= 73.0 && bounds.east <= 136.5 && bounds.south >= 3.0 && bounds.north <= 54.0;
        let planes: Vec<Plane> = if chinese {
            all.push(Self::Cgcs2000);
            let zone = |lon: f64| ((lon / 3.0).round() as i32).clamp(25, 45);
            (zone(bounds.west)..=zone(bounds.east)).filter_map(|z| Plane::of_epsg((4534 + z - 25) as u16)).collect()
        } else {
            let zone = |lon: f64| (((lon + 180.0) / 6.0).floor() as i32 + 1).clamp(1, 60);
            let family = if bounds.south + bounds.north < 0.0 { 32700 } else { 32600 };
            (zone(bounds.west)..=zone(bounds.east)).filter_map(|z| Plane::of_epsg((family + z) as u16)).collect()
        };
        if planes.len() <= OFFERED {
            all.extend(planes.into_iter().map(Self::Plane));
        }
        all
    }

    /// The planes in which somebody may have given positions in this box without a word: each is another place for the
    /// same numbers.
    pub fn planes_near(bounds: &Bounds) -> Vec<Self> {
        if bounds.is_empty() {
            return Vec::new();
        }
        let mut all = vec![Self::WebMercator];
        let near = |meridian: f64, half: f64| bounds.west - half <= meridian && meridian <= bounds.east + half;
        let codes = (4513..=4533).chain(4534..=4554).chain(4491..=4501);
        let gauss = codes.filter_map(Plane::of_epsg).filter(|p| near(p.meridian, 4.5));
        let family = if bounds.south + bounds.north < 0.0 { 32701..=32760 } else { 32601..=32660 };
        let utm = family.filter_map(Plane::of_epsg).filter(|p| near(p.meridian, 4.5));
        all.extend(gauss.chain(utm).map(Self::Plane));
        all
    }

    /// The 3-degree Gauss-Kruger zone of CGCS2000 of this meridian, without a number before its eastings.
    pub fn gauss_kruger(meridian: f64) -> Option<Self> {
        let usual = (MERIDIANS.0..=MERIDIANS.1).contains(&meridian) && meridian % 3.0 == 0.0;
        usual.then(|| Self::of_epsg(4534 + ((meridian - MERIDIANS.0) / 3.0) as u32)).flatten()
    }

    /// The same projection with the number of its zone before the eastings (or without), where an easting of the file
    /// says so: 40,514,433 is 514,433 in zone 40.
    #[must_use]
    pub fn numbered_like(self, east: f64) -> Self {
        let Self::Plane(plane) = self else { return self };
        if (plane.easting - 500_000.0).rem_euclid(1e6) != 0.0 || plane.datum != Datum::Cgcs2000 {
            return self;
        }
        let zone = (east / 1e6).floor();
        let numbers = [0.0, plane.meridian / 3.0, (plane.meridian + 3.0) / 6.0];
        if !numbers.iter().any(|n| (n - zone).abs() < 1e-9) || (plane.easting / 1e6 - zone - 0.5).abs() < 1e-9 {
            return self;
        }
        Self::Plane(Plane { easting: zone * 1e6 + 500_000.0, code: None, ..plane }.coded())
    }
}

impl Plane {
    fn of_epsg(code: u16) -> Option<Self> {
        let cgcs = |meridian: f64, zone: f64| Self {
            datum: Datum::Cgcs2000,
            meridian,
            latitude: 0.0,
            scale: 1.0,
            easting: zone * 1e6 + 500_000.0,
            northing: 0.0,
            code: Some(code),
        };
        let utm = |zone: u16, northing: f64| Self {
            datum: Datum::Wgs84,
            meridian: f64::from(zone) * 6.0 - 183.0,
            latitude: 0.0,
            scale: 0.9996,
            easting: 500_000.0,
            northing,
            code: Some(code),
        };
        let nth = |first: u16| f64::from(code - first);
        Some(match code {
            // 6-degree zones with their number, then by meridian
            4491..=4501 => cgcs(75.0 + 6.0 * nth(4491), 13.0 + nth(4491)),
            4502..=4512 => cgcs(75.0 + 6.0 * nth(4502), 0.0),
            // 3-degree zones with their number, then by meridian
            4513..=4533 => cgcs(75.0 + 3.0 * nth(4513), 25.0 + nth(4513)),
            4534..=4554 => cgcs(75.0 + 3.0 * nth(4534), 0.0),
            32601..=32660 => utm(code - 32600, 0.0),
            32701..=32760 => utm(code - 32700, 10_000_000.0),
            _ => return None,
        })
    }

    /// The same with the code that the register has for these parameters.
    #[must_use]
    pub(super) fn coded(self) -> Self {
        let families = (4534..=4554).chain(4513..=4533).chain(4491..=4501).chain(32601..=32660).chain(32701..=32760);
        let same = |other: &Self| self.is_as(other);
        families.filter_map(Self::of_epsg).find(same).unwrap_or(Self { code: None, ..self })
    }

    /// Whether another has the same parameters, to less than a millimetre.
    fn is_as(&self, other: &Self) -> bool {
        let close = |a: f64, b: f64, by: f64| (a - b).abs() < by;
        self.datum == other.datum
            && close(self.meridian, other.meridian, 1e-9)
            && close(self.latitude, other.latitude, 1e-9)
            && close(self.scale, other.scale, 1e-11)
            && close(self.easting, other.easting, 1e-4)
            && close(self.northing, other.northing, 1e-4)
    }

    fn name(self) -> String {
        let Self { meridian, easting, .. } = self;
        let zone = (easting / 1e6).floor();
        match self.code {
            Some(4491..=4501) => format!("CGCS2000 / Gauss-Kruger zone {zone}"),
            Some(4502..=4512) => format!("CGCS2000 / Gauss-Kruger CM {meridian}E"),
            Some(4513..=4533) => format!("CGCS2000 / 3-degree Gauss-Kruger zone {zone}"),
            Some(4534..=4554) => format!("CGCS2000 / 3-degree Gauss-Kruger CM {meridian}E"),
            Some(code @ 32601..=32660) => format!("WGS 84 / UTM zone {}N", code - 32600),
            Some(code) => format!("WGS 84 / UTM zone {}S", code - 32700),
            None => {
                let datum = if self.datum == Datum::Wgs84 { "WGS 84" } else { "CGCS2000" };
                let Self { latitude, scale, northing, .. } = self;
                format!("{datum} / Transverse Mercator {meridian}, {latitude}, {scale}, {easting}, {northing}")
            }
        }
    }
}

impl std::fmt::Display for Crs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name())
    }
}
