//! The city's districts as areas: which holds a point, which is called so, how far a border is.

use crate::core::geometry::{Bounds, Grid, Region};
use crate::core::model::{Dataset, Role};
use geo::{Coord, Geometry, MultiPolygon};
use std::collections::HashMap;

/// Cells a side of each district's grid.
const SIDE: usize = 128;
const METRES_PER_DEGREE: f64 = 111_320.0;

/// The areas of the districts; grids borrow them.
#[derive(Debug, Default)]
pub struct Ground {
    ids: Vec<String>,
    names: Vec<[String; 2]>,
    regions: Vec<Region>,
    /// The edges of each.
    borders: Vec<Vec<[f64; 4]>>,
}

impl Ground {
    /// Those of a dataset.
    pub fn of(dataset: &Dataset) -> Self {
        let mut ground = Self::default();
        let Some((spec, table)) = dataset.by_role(Role::Districts) else { return ground };
        let text = |property: &Option<String>, row: usize| {
            let place = property.as_ref().and_then(|p| spec.property(p)).map(|(i, _)| i);
            place.and_then(|i| table.columns[i].text(row)).unwrap_or_default().to_owned()
        };
        for (row, id) in table.ids.iter().enumerate() {
            let area = match table.geometries.value(row) {
                Some(Geometry::Polygon(p)) => MultiPolygon(vec![p]),
                Some(Geometry::MultiPolygon(m)) => m,
                _ => continue,
            };
            ground.ids.push(id.to_owned());
            ground.names.push([text(&spec.name, row), text(&spec.name_en, row)]);
            ground.regions.push(Region::new(&area));
            let rings = area.iter().flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors()));
            let edges = rings.flat_map(|r| r.lines().map(|l| [l.start.x, l.start.y, l.end.x, l.end.y])).collect();
            ground.borders.push(edges);
        }
        ground
    }
}

/// The districts, ready for many questions.
#[derive(Debug)]
pub struct Districts<'a> {
    ground: &'a Ground,
    grids: Vec<Grid<'a>>,
    words: HashMap<String, usize>,
    bounds: Bounds,
}

impl<'a> Districts<'a> {
    /// Prepares them.
    pub fn new(ground: &'a Ground) -> Self {
        let mut words = HashMap::new();
        for (place, [zh, en]) in ground.names.iter().enumerate() {
            // 余杭 alone means 余杭区
            let stem = zh.trim_end_matches(['区', '县', '市']);
            for word in [zh.as_str(), stem, en].into_iter().filter(|w| !w.is_empty()) {
                words.entry(word.to_lowercase()).or_insert(place);
            }
        }
        let mut bounds = Bounds::EMPTY;
        ground.regions.iter().for_each(|r| bounds.join(&r.bounds()));
        Self { ground, grids: ground.regions.iter().map(|r| Grid::new(r, SIDE)).collect(), words, bounds }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.grids.len()
    }

    /// The id of a district.
    pub fn id(&self, place: usize) -> &str {
        &self.ground.ids[place]
    }

    /// The name of a district, or its id where it has none.
    pub fn name(&self, place: usize) -> &str {
        Some(self.ground.names[place][0].as_str()).filter(|n| !n.is_empty()).unwrap_or(self.id(place))
    }

    /// The district of this id.
    pub fn by_id(&self, id: &str) -> Option<usize> {
        self.ground.ids.iter().position(|i| i == id)
    }

    /// The district of this name, with or without 区, 县, 市.
    pub fn by_name(&self, name: &str) -> Option<usize> {
        self.words
            .get(&name.to_lowercase())
            .or_else(|| self.words.get(name.trim_end_matches(['区', '县', '市'])))
            .copied()
    }

    /// Whether a district holds a point.
    pub fn holds(&self, place: usize, at: Coord<f64>) -> bool {
        self.grids[place].contains(at.x, at.y)
    }

    /// The district that holds a point.
    pub fn around(&self, at: Coord<f64>) -> Option<usize> {
        (0..self.count()).find(|place| self.holds(*place, at))
    }

    /// The box around all of them.
    pub fn bounds(&self) -> Bounds {
        self.bounds
    }

    /// Whether a border of any district lies within so many metres.
    pub fn near_border(&self, at: Coord<f64>, metres: f64) -> bool {
        (0..self.count()).any(|place| self.near_border_of(place, at, metres))
    }

    /// Whether the border of a district lies within so many metres.
    pub fn near_border_of(&self, place: usize, at: Coord<f64>, metres: f64) -> bool {
        let across = METRES_PER_DEGREE * at.y.to_radians().cos();
        let (dx, dy) = (metres / across, metres / METRES_PER_DEGREE);
        self.ground.borders[place].iter().any(|&[ax, ay, bx, by]| {
            if ax.min(bx) - dx > at.x || ax.max(bx) + dx < at.x || ay.min(by) - dy > at.y || ay.max(by) + dy < at.y {
                return false;
            }
            let (ax, ay) = ((ax - at.x) * across, (ay - at.y) * METRES_PER_DEGREE);
            let (bx, by) = ((bx - at.x) * across, (by - at.y) * METRES_PER_DEGREE);
            let (ux, uy) = (bx - ax, by - ay);
            let length = ux * ux + uy * uy;
            let t = if length > 0.0 { (-(ax * ux + ay * uy) / length).clamp(0.0, 1.0) } else { 0.0 };
            (ax + t * ux).hypot(ay + t * uy) <= metres
        })
    }
}
