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
    borders: Vec<Border>,
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
            ground.borders.push(Border::of(&area));
        }
        ground
    }
}

/// The edges of an area, by the strips from south to north that they reach.
#[derive(Debug)]
struct Border {
    edges: Vec<[f64; 4]>,
    bounds: Bounds,
    strips: Vec<Vec<u32>>,
}

impl Border {
    const STRIPS: usize = 256;

    fn of(area: &MultiPolygon<f64>) -> Self {
        let rings = area.iter().flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors()));
        let edges: Vec<[f64; 4]> =
            rings.flat_map(|r| r.lines().map(|l| [l.start.x, l.start.y, l.end.x, l.end.y])).collect();
        let mut bounds = Bounds::EMPTY;
        for &[ax, ay, bx, by] in &edges {
            bounds.extend(Coord { x: ax, y: ay });
            bounds.extend(Coord { x: bx, y: by });
        }
        let mut border = Self { edges: Vec::new(), bounds, strips: vec![Vec::new(); Self::STRIPS] };
        for (place, &[_, ay, _, by]) in edges.iter().enumerate() {
            for strip in border.strip(ay.min(by))..=border.strip(ay.max(by)) {
                border.strips[strip].push(place as u32);
            }
        }
        Self { edges, ..border }
    }

    fn strip(&self, y: f64) -> usize {
        let height = (self.bounds.north - self.bounds.south).max(f64::MIN_POSITIVE);
        ((y - self.bounds.south) / height * Self::STRIPS as f64).clamp(0.0, (Self::STRIPS - 1) as f64) as usize
    }

    /// The edges that may lie in a box; one may come twice.
    fn near(&self, x: f64, y: f64, dx: f64, dy: f64) -> impl Iterator<Item = &[f64; 4]> {
        let b = &self.bounds;
        let apart = x + dx < b.west || x - dx > b.east || y + dy < b.south || y - dy > b.north;
        let strips = if apart { &[][..] } else { &self.strips[self.strip(y - dy)..=self.strip(y + dy)] };
        strips.iter().flatten().map(|place| &self.edges[*place as usize])
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
        self.ground.borders[place].near(at.x, at.y, dx, dy).any(|&[ax, ay, bx, by]| {
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
