//! What an object with tags of OpenStreetMap is on a base map, and from which zoom on it is drawn. Geofabrik's shapefiles
//! have the same values in their column `fclass`, so one table serves both.

use crate::core::basemap::{BaseClass, BaseLayer};

/// Tags of an object.
pub trait Tags {
    /// The value of a tag.
    fn tag(&self, key: &str) -> Option<&str>;
}

/// The form of an object: it decides what its tags mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A point.
    Point,
    /// A line that may be a ring.
    Line,
    /// An area.
    Area,
}

const fn class(layer: BaseLayer, kind: &'static str, detail: &'static str, zoom: u8) -> BaseClass {
    BaseClass { layer, kind, detail, zoom }
}

/// Roads: the value of `highway`, kind, zoom.
const ROADS: [(&str, &str, u8); 22] = [
    ("motorway", "highway", 5),
    ("motorway_link", "highway", 11),
    ("trunk", "major_road", 7),
    ("trunk_link", "major_road", 12),
    ("primary", "major_road", 8),
    ("primary_link", "major_road", 12),
    ("secondary", "major_road", 10),
    ("secondary_link", "major_road", 13),
    ("tertiary", "major_road", 11),
    ("tertiary_link", "major_road", 13),
    ("unclassified", "minor_road", 12),
    ("residential", "minor_road", 13),
    ("living_street", "minor_road", 13),
    ("road", "minor_road", 13),
    ("service", "minor_road", 14),
    ("pedestrian", "path", 14),
    ("track", "path", 14),
    ("path", "path", 14),
    ("footway", "path", 14),
    ("cycleway", "path", 14),
    ("bridleway", "path", 14),
    ("steps", "path", 14),
];

/// Railways: the value of `railway`, zoom.
const RAILWAYS: [(&str, u8); 5] = [("rail", 8), ("light_rail", 11), ("subway", 11), ("tram", 13), ("monorail", 12)];

/// Lines of water: the value of `waterway`, zoom.
const WATERWAYS: [(&str, u8); 4] = [("river", 8), ("canal", 10), ("stream", 13), ("ditch", 14)];

/// Areas of water: key, value, kind.
const WATER: [(&str, &str, &str); 8] = [
    ("natural", "water", "water"),
    ("natural", "bay", "water"),
    ("natural", "strait", "water"),
    ("waterway", "riverbank", "river"),
    ("waterway", "dock", "water"),
    ("landuse", "reservoir", "lake"),
    ("landuse", "basin", "water"),
    ("leisure", "swimming_pool", "swimming_pool"),
];

/// Uses of land: key, value, kind, zoom.
const LANDUSE: [(&str, &str, &str, u8); 30] = [
    ("landuse", "forest", "forest", 7),
    ("natural", "wood", "wood", 7),
    ("natural", "wetland", "wetland", 9),
    ("natural", "scrub", "scrub", 10),
    ("natural", "grassland", "grassland", 10),
    ("natural", "beach", "beach", 11),
    ("leisure", "park", "park", 9),
    ("leisure", "nature_reserve", "nature_reserve", 8),
    ("leisure", "golf_course", "golf_course", 11),
    ("leisure", "pitch", "pitch", 14),
    ("leisure", "stadium", "stadium", 13),
    ("boundary", "national_park", "national_park", 7),
    ("landuse", "grass", "grass", 12),
    ("landuse", "meadow", "meadow", 11),
    ("landuse", "recreation_ground", "park", 12),
    ("landuse", "cemetery", "cemetery", 12),
    ("landuse", "farmland", "farmland", 10),
    ("landuse", "orchard", "orchard", 12),
    ("landuse", "industrial", "industrial", 10),
    ("landuse", "commercial", "commercial", 11),
    ("landuse", "retail", "commercial", 12),
    ("landuse", "residential", "residential", 10),
    ("landuse", "railway", "railway", 12),
    ("landuse", "military", "military", 11),
    ("amenity", "university", "university", 12),
    ("amenity", "college", "university", 12),
    ("amenity", "school", "school", 13),
    ("amenity", "hospital", "hospital", 13),
    ("aeroway", "aerodrome", "aerodrome", 9),
    ("aeroway", "runway", "runway", 11),
];

/// Names of places: the value of `place`, kind, zoom.
const PLACES: [(&str, &str, u8); 12] = [
    ("city", "locality", 4),
    ("town", "locality", 8),
    ("borough", "macrohood", 9),
    ("suburb", "neighbourhood", 10),
    ("quarter", "neighbourhood", 12),
    ("village", "locality", 12),
    ("neighbourhood", "neighbourhood", 13),
    ("hamlet", "locality", 13),
    ("island", "locality", 11),
    ("islet", "locality", 14),
    ("locality", "locality", 14),
    ("isolated_dwelling", "locality", 14),
];

/// Boundaries: the value of `admin_level`, kind, zoom.
const BOUNDARIES: [(&str, &str, u8); 6] = [
    ("2", "country", 0),
    ("3", "region", 4),
    ("4", "region", 4),
    ("5", "county", 7),
    ("6", "county", 9),
    ("8", "locality", 12),
];

/// What an object is; `None` where a base map does not draw it.
pub fn class_of(tags: &impl Tags, form: Form) -> Option<BaseClass> {
    match form {
        Form::Point => place(tags.tag("place")?),
        Form::Line => line(tags),
        Form::Area => area(tags),
    }
}

/// What a feature of a file is whose layer is known, by one word of its table such as `motorway`, `river` or `town`; where
/// the word says nothing, the commonest kind of the layer.
pub fn class_in(layer: BaseLayer, word: Option<&str>, form: Form) -> BaseClass {
    let word = word.unwrap_or_default();
    let is = |c: &BaseClass| c.layer == layer;
    let by_key = |key: &'static str| class_of(&Single { key, value: word }, form).filter(is);
    let keys = ["highway", "railway", "waterway", "natural", "landuse", "leisure", "amenity", "aeroway", "place"];
    let known = keys.iter().find_map(|key| by_key(key));
    let known = known.or_else(|| boundary(word).filter(is));
    known.unwrap_or(match (layer, form) {
        (BaseLayer::Earth, _) => class(layer, "earth", "", 0),
        (BaseLayer::Landuse, _) => class(layer, "other", "", 9),
        (BaseLayer::Water, Form::Line) => class(layer, "river", "", 9),
        (BaseLayer::Water, _) => class(layer, "water", "", 0),
        (BaseLayer::Buildings, _) => class(layer, "building", "", 13),
        (BaseLayer::Roads, _) => class(layer, "minor_road", "", 11),
        (BaseLayer::Boundaries, _) => class(layer, "county", "", 7),
        (BaseLayer::Places, _) => class(layer, "locality", "", 10),
    })
}

struct Single<'a> {
    key: &'static str,
    value: &'a str,
}

impl Tags for Single<'_> {
    fn tag(&self, key: &str) -> Option<&str> {
        (key == self.key).then_some(self.value)
    }
}

fn place(value: &str) -> Option<BaseClass> {
    let (detail, kind, zoom) = PLACES.into_iter().find(|(v, ..)| *v == value)?;
    Some(class(BaseLayer::Places, kind, detail, zoom))
}

/// A boundary by its level.
pub fn boundary(level: &str) -> Option<BaseClass> {
    let (detail, kind, zoom) = BOUNDARIES.into_iter().find(|(v, ..)| *v == level)?;
    Some(class(BaseLayer::Boundaries, kind, detail, zoom))
}

fn line(tags: &impl Tags) -> Option<BaseClass> {
    if let Some(value) = tags.tag("highway") {
        let (detail, kind, zoom) = ROADS.into_iter().find(|(v, ..)| *v == value)?;
        // a square that people walk on is an area
        return (tags.tag("area") != Some("yes")).then(|| class(BaseLayer::Roads, kind, detail, zoom));
    }
    if let Some(value) = tags.tag("railway") {
        let (detail, zoom) = RAILWAYS.into_iter().find(|(v, _)| *v == value)?;
        // sidings and yards
        let zoom = if tags.tag("service").is_some() { zoom.max(13) } else { zoom };
        return Some(class(BaseLayer::Roads, "rail", detail, zoom));
    }
    let value = tags.tag("waterway")?;
    let (detail, zoom) = WATERWAYS.into_iter().find(|(v, _)| *v == value)?;
    Some(class(BaseLayer::Water, detail, "", zoom))
}

fn area(tags: &impl Tags) -> Option<BaseClass> {
    if tags.tag("building").is_some_and(|b| b != "no") {
        return Some(class(BaseLayer::Buildings, "building", "", 13));
    }
    if let Some((.., kind)) = WATER.into_iter().find(|(key, value, _)| tags.tag(key) == Some(value)) {
        return Some(match tags.tag("water") {
            Some("river") => class(BaseLayer::Water, "river", "", 0),
            Some("lake" | "reservoir" | "lagoon") => class(BaseLayer::Water, "lake", "", 0),
            _ if kind == "swimming_pool" => class(BaseLayer::Water, kind, "", 14),
            _ => class(BaseLayer::Water, kind, "", 0),
        });
    }
    let (_, _, kind, zoom) = LANDUSE.into_iter().find(|(key, value, ..)| tags.tag(key) == Some(value))?;
    Some(class(BaseLayer::Landuse, kind, "", zoom))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Some2<'a>(&'a [(&'a str, &'a str)]);
    impl Tags for Some2<'_> {
        fn tag(&self, key: &str) -> Option<&str> {
            self.0.iter().find(|(k, _)| *k == key).map(|(_, v)| *v)
        }
    }

    #[test]
    fn tags_mean_what_the_form_lets_them_mean() {
        let of = |tags: &[(&str, &str)], form| class_of(&Some2(tags), form).map(|c| (c.layer, c.kind, c.detail));
        assert_eq!(of(&[("highway", "motorway")], Form::Line), Some((BaseLayer::Roads, "highway", "motorway")));
        assert_eq!(of(&[("highway", "pedestrian"), ("area", "yes")], Form::Line), None);
        assert_eq!(of(&[("highway", "motorway")], Form::Area), None);
        assert_eq!(of(&[("highway", "proposed")], Form::Line), None);
        assert_eq!(of(&[("waterway", "river")], Form::Line), Some((BaseLayer::Water, "river", "")));
        assert_eq!(
            of(&[("natural", "water"), ("water", "reservoir")], Form::Area),
            Some((BaseLayer::Water, "lake", ""))
        );
        assert_eq!(of(&[("building", "no"), ("leisure", "park")], Form::Area), Some((BaseLayer::Landuse, "park", "")));
        assert_eq!(of(&[("place", "suburb")], Form::Point), Some((BaseLayer::Places, "neighbourhood", "suburb")));
        assert_eq!(of(&[("place", "planet")], Form::Point), None);
        let siding = class_of(&Some2(&[("railway", "rail"), ("service", "yard")]), Form::Line);
        assert_eq!(siding.map(|c| c.zoom), Some(13));
    }

    #[test]
    fn a_word_of_a_file_counts_within_its_layer() {
        let of = |layer, word, form| {
            let c = class_in(layer, word, form);
            assert_eq!(c.layer, layer);
            (c.kind, c.detail)
        };
        assert_eq!(of(BaseLayer::Roads, Some("trunk"), Form::Line), ("major_road", "trunk"));
        assert_eq!(of(BaseLayer::Roads, Some("rail"), Form::Line), ("rail", "rail"));
        assert_eq!(of(BaseLayer::Roads, Some("river"), Form::Line), ("minor_road", ""));
        assert_eq!(of(BaseLayer::Water, Some("riverbank"), Form::Area), ("river", ""));
        assert_eq!(of(BaseLayer::Water, None, Form::Line), ("river", ""));
        assert_eq!(of(BaseLayer::Places, Some("town"), Form::Point), ("locality", "town"));
        assert_eq!(of(BaseLayer::Boundaries, Some("4"), Form::Line), ("region", "4"));
        for layer in BaseLayer::ALL {
            of(layer, Some("no such word"), Form::Area);
            assert_eq!(BaseLayer::named(layer.name()), Some(layer));
        }
    }
}
