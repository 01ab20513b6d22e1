//! Which class stands above which, as dense tables.

use std::collections::HashMap;
use std::ops::Range;

/// The hierarchy of a codelist; places are those of its entries. A list without parents is a tree of one level.
#[derive(Clone, Debug, Default)]
pub struct ClassTree {
    parents: Vec<Option<usize>>,
    levels: Vec<usize>,
    /// The places, each before those below it.
    order: Vec<usize>,
    /// Where an entry and those below it stand in the order.
    ranges: Vec<Range<usize>>,
}

impl ClassTree {
    /// The tree of entries, each a code with that of its parent. A parent that there is not, or that stands below its own
    /// child, is none.
    pub fn new(entries: &[(&str, Option<&str>)]) -> Self {
        let places: HashMap<&str, usize> =
            entries.iter().enumerate().map(|(place, (code, _))| (*code, place)).collect();
        let named: Vec<Option<usize>> = entries.iter().map(|(_, parent)| places.get((*parent)?).copied()).collect();
        let in_circle = |place: usize| {
            let mut above = named[place];
            for _ in 0..entries.len() {
                match above {
                    None => return false,
                    Some(of) if of == place => return true,
                    Some(of) => above = named[of],
                }
            }
            false
        };
        let parents: Vec<Option<usize>> =
            (0..entries.len()).map(|place| named[place].filter(|_| !in_circle(place))).collect();
        let mut children = vec![vec![]; entries.len()];
        for (place, parent) in parents.iter().enumerate() {
            parent.iter().for_each(|parent| children[*parent].push(place));
        }
        let (mut levels, mut ranges) = (vec![0; entries.len()], vec![0..0; entries.len()]);
        let mut order = Vec::with_capacity(entries.len());
        let mut open: Vec<usize> = (0..entries.len()).rev().filter(|place| parents[*place].is_none()).collect();
        while let Some(place) = open.pop() {
            levels[place] = parents[place].map_or(0, |parent| levels[parent] + 1);
            ranges[place] = order.len()..order.len() + 1;
            order.push(place);
            open.extend(children[place].iter().rev());
        }
        for place in order.iter().rev() {
            let end = ranges[*place].end;
            parents[*place].iter().for_each(|parent| ranges[*parent].end = ranges[*parent].end.max(end));
        }
        Self { parents, levels, order, ranges }
    }

    /// How many levels there are; none in an empty list.
    pub fn levels(&self) -> usize {
        self.levels.iter().max().map_or(0, |level| level + 1)
    }

    /// The level of an entry, from 0 at the top.
    pub fn level(&self, place: usize) -> usize {
        self.levels[place]
    }

    /// The entry above.
    pub fn parent(&self, place: usize) -> Option<usize> {
        self.parents[place]
    }

    /// An entry and those above it, from itself upwards.
    pub fn upwards(&self, place: usize) -> impl Iterator<Item = usize> + '_ {
        std::iter::successors(Some(place), |place| self.parents[*place])
    }

    /// The entry and all below it, each before those below it.
    pub fn within(&self, place: usize) -> &[usize] {
        &self.order[self.ranges[place].clone()]
    }

    /// All entries, each before those below it.
    pub fn order(&self) -> &[usize] {
        &self.order
    }

    /// Whether an entry is another or stands below it.
    pub fn is_within(&self, place: usize, above: usize) -> bool {
        let (range, own) = (&self.ranges[above], self.ranges[place].start);
        range.contains(&own)
    }

    /// Whether entries stand below.
    pub fn is_divided(&self, place: usize) -> bool {
        self.ranges[place].len() > 1
    }

    /// The entries right below one, or the topmost.
    pub fn children(&self, place: Option<usize>) -> impl Iterator<Item = usize> + '_ {
        let of = place.map_or(0..self.order.len(), |place| self.ranges[place].clone());
        self.order[of].iter().copied().filter(move |child| self.parents[*child] == place)
    }
}
