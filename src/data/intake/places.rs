//! The city's districts as areas: which holds a point, which is called so, how far a border is.

use crate::core::geometry::measure::METRES_PER_DEGREE;
use crate::core::geometry::{Bounds, Grid, Region, areas};
use crate::core::model::{Dataset, Role};
use geo::{Coord, MultiPolygon};
use std::collections::HashMap;
use unicode_normalization::UnicodeNormalization;

/// Cells a side of each district's grid.
const SIDE: usize = 128;

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
            let Some(area) = table.geometries.value(row).and_then(areas) else { continue };
            ground.ids.push(id.to_owned());
            ground.names.push([text(&spec.name, row), text(&spec.name_en, row)]);
            ground.regions.push(Region::new(&area));
            ground.borders.push(Border::of(&area));
        }
        ground
    }

    /// Districts of which only id and name are known.
    #[cfg(test)]
    pub fn named(names: &[(&str, &str)]) -> Self {
        Self {
            ids: names.iter().map(|(id, _)| (*id).to_owned()).collect(),
            names: names.iter().map(|(_, name)| [(*name).to_owned(), String::new()]).collect(),
            regions: names.iter().map(|_| Region::new(&MultiPolygon(vec![]))).collect(),
            borders: names.iter().map(|_| Border::of(&MultiPolygon(vec![]))).collect(),
        }
    }

    /// A point of a district, to show what positions look like.
    pub fn example(&self) -> Option<Coord<f64>> {
        let bounds = self.regions.first()?.bounds();
        let at = Coord { x: f64::midpoint(bounds.west, bounds.east), y: f64::midpoint(bounds.south, bounds.north) };
        (!bounds.is_empty()).then_some(at)
    }
}

/// What Chinese names of districts end with.
const KINDS: [char; 4] = ['区', '县', '市', '旗'];

/// A name in the form in which names are compared: lower case, no accents, no spaces, no strokes and dots.
pub fn folded(name: &str) -> String {
    let letters = name.nfkd().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).map(|c| if c == 'ς' { 'σ' } else { c }).collect()
}

/// The words for districts: names before stems, and no stem of two.
fn words(names: &[[String; 2]]) -> HashMap<String, usize> {
    let mut words = HashMap::new();
    for language in 0..2 {
        for (place, both) in names.iter().enumerate() {
            let word = folded(&both[language]);
            if !word.is_empty() {
                words.entry(word).or_insert(place);
            }
        }
    }
    let mut stems: HashMap<String, Option<usize>> = HashMap::new();
    let mut stem = |word: &str, place: usize| {
        let word = folded(word);
        if !word.is_empty() {
            let first = stems.entry(word).or_insert(Some(place));
            *first = first.filter(|f| *f == place);
        }
    };
    for language in 0..2 {
        let (before, after) = (shared(names, language, false), shared(names, language, true));
        for (place, both) in names.iter().enumerate() {
            let name = both[language].trim();
            stem(name.trim_end_matches(KINDS), place);
            for (rest, first) in [(name.split_once(' '), true), (name.rsplit_once(' '), false)] {
                let Some((a, b)) = rest else { continue };
                let (word, rest, common) = if first { (a, b, &before) } else { (b, a, &after) };
                if common.contains(&word.to_lowercase()) {
                    stem(rest, place);
                }
            }
        }
    }
    for (word, place) in stems {
        if let Some(place) = place {
            words.entry(word).or_insert(place);
        }
    }
    words
}

/// First or last words that at least a third of the names share, such as `County`.
fn shared(names: &[[String; 2]], language: usize, last: bool) -> Vec<String> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for both in names {
        let name = both[language].trim();
        let word = if last { name.rsplit_once(' ').map(|(_, w)| w) } else { name.split_once(' ').map(|(w, _)| w) };
        if let Some(word) = word {
            *counts.entry(word.to_lowercase()).or_default() += 1;
        }
    }
    counts.into_iter().filter(|(_, n)| *n >= 2 && *n * 3 >= names.len()).map(|(word, _)| word).collect()
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
        let words = words(&ground.names);
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

    /// The district of this id; letters in either case, where that is still one.
    pub fn by_id(&self, id: &str) -> Option<usize> {
        let mut same = (0..self.ground.ids.len()).filter(|place| self.ground.ids[*place].eq_ignore_ascii_case(id));
        self.ground.ids.iter().position(|i| i == id).or_else(|| same.next().filter(|_| same.next().is_none()))
    }

    /// The shortest and the longest id, where all of them are digits.
    pub fn digits(&self) -> Option<(usize, usize)> {
        let digits = |id: &String| !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit());
        let lengths = self.ground.ids.iter().map(String::len);
        let ends = lengths.clone().min().zip(lengths.max())?;
        self.ground.ids.iter().all(digits).then_some(ends)
    }

    /// The district of this name, in either case, with or without accents, spaces, and the word that the names share.
    pub fn by_name(&self, name: &str) -> Option<usize> {
        let word = folded(name);
        let stem = word.trim_end_matches(KINDS);
        self.words.get(&word).or_else(|| self.words.get(stem).filter(|_| !stem.is_empty())).copied()
    }

    /// The district whose name ends a text without spaces: what stands before it is above it.
    pub fn at_end(&self, text: &str) -> Option<usize> {
        let text = folded(text);
        let ends = |word: &&String| word.chars().count() > 1 && !word.is_ascii() && text.ends_with(word.as_str());
        let longest = self.words.keys().filter(ends).max_by_key(|word| word.len())?;
        self.words.get(longest).copied()
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
        let reach = Reach::of(at, metres);
        self.ground.borders.iter().any(|border| reach.meets(border))
    }

    /// Whether the border of a district lies within so many metres.
    pub fn near_border_of(&self, place: usize, at: Coord<f64>, metres: f64) -> bool {
        Reach::of(at, metres).meets(&self.ground.borders[place])
    }
}

/// What lies within so many metres of a point.
struct Reach {
    at: Coord<f64>,
    metres: f64,
    /// Metres of a degree from west to east.
    across: f64,
    dx: f64,
    dy: f64,
}

impl Reach {
    fn of(at: Coord<f64>, metres: f64) -> Self {
        let across = METRES_PER_DEGREE * at.y.to_radians().cos();
        Self { at, metres, across, dx: metres / across, dy: metres / METRES_PER_DEGREE }
    }

    /// Whether an edge of the border does.
    fn meets(&self, border: &Border) -> bool {
        let Self { at, metres, across, dx, dy } = *self;
        border.near(at.x, at.y, dx, dy).any(|&[ax, ay, bx, by]| {
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
