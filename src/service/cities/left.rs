//! Figures of a city as it leaves them for copies of the program that share its database (ADR 111): each copy puts them among those that
//! it keeps of all cities, so that all copies give the same answers, also about a city that they have never loaded.

use super::aggregates::{Aggregates, AggregatesError};
use super::figures::{CityAbout, CityFigures, FORM, Table, TileCells};
use super::packed::{Packer, Unpacker};
use crate::core::geometry::mercator::TileId;
use crate::core::model::Period;
use crate::core::snapshot::Snapshot;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What they are called where cities leave them.
pub const FIGURES: &str = "figures";
/// What is called so beside them: of which data they are.
pub const FIGURES_OF: &str = "figures-of";

/// What stands before the blocks of lines and cells, in the order of these.
#[derive(Deserialize, Serialize)]
struct Head {
    about: CityAbout,
    tables: Vec<(Option<String>, Option<Period>, Option<usize>)>,
    tiles: Vec<(u8, u32, u32)>,
}

impl CityAbout {
    /// Of which data figures are, in this form.
    fn tag(&self) -> Vec<u8> {
        format!("{FORM}\n{}\n{}", self.revision, self.mark).into_bytes()
    }
}

/// Whether what was left is of these data, in this form.
pub fn is_left(tag: &[u8], revision: &str) -> bool {
    tag.strip_prefix(format!("{FORM}\n{revision}\n").as_bytes()).is_some()
}

impl CityFigures {
    /// As a city leaves them.
    pub fn written(&self) -> Vec<u8> {
        let Self { about, tables, tiles } = self;
        let head = Head {
            about: about.clone(),
            tables: tables.iter().map(|table| (table.level.clone(), table.period, table.class)).collect(),
            tiles: tiles.iter().map(|cells| (cells.tile.z, cells.tile.x, cells.tile.y)).collect(),
        };
        let mut packer = Packer::default();
        packer.block(&serde_json::to_vec(&head).unwrap_or_default());
        tables.iter().for_each(|table| packer.block(&table.pack("")));
        tiles.iter().for_each(|cells| packer.block(&cells.pack("")));
        packer.finish(FIGURES)
    }

    /// What a city has left; none where that is nothing that this program has written.
    pub fn read(left: &[u8]) -> Option<Self> {
        let mut from = Unpacker::open(left, FIGURES)?;
        let Head { about, tables, tiles } = serde_json::from_slice(from.block()?).ok()?;
        if about.form != FORM {
            return None;
        }
        let table = |(level, period, class): (_, _, Option<usize>)| {
            let class = class.map_or(Some(None), |class| (class < about.classes.len()).then_some(Some(class)))?;
            Some(Table { level, period, class, lines: Table::unpack(from.block()?, "", &about)? })
        };
        let tables = tables.into_iter().map(table).collect::<Option<_>>()?;
        let cells = |(z, x, y)| TileCells::unpack(from.block()?, "", TileId::new(z, x, y)?, &about);
        let tiles = tiles.into_iter().map(cells).collect::<Option<_>>()?;
        from.is_empty().then_some(Self { about, tables, tiles })
    }
}

/// What the data of a city leave, by name. Empty bytes say that there is nothing to say of them.
pub fn aggregates(snapshot: &Arc<Snapshot>) -> Vec<(&'static str, Vec<u8>)> {
    let figures = CityFigures::of(snapshot).unwrap_or_else(|e| {
        tracing::error!(error = %e, "the city has no figures");
        None
    });
    let (tag, written) = figures.map_or_else(Default::default, |of| (of.about.tag(), of.written()));
    vec![(FIGURES_OF, tag), (FIGURES, written)]
}

impl Aggregates {
    /// The cities of which others have been left than are kept here, by what says of which data they are ([`FIGURES_OF`]). Those that
    /// have left nothing are forgotten.
    pub fn behind(
        &self,
        ids: &BTreeSet<String>,
        left: &BTreeMap<String, Vec<u8>>,
    ) -> Result<BTreeSet<String>, AggregatesError> {
        let kept = self.cities()?;
        let tag = |id: &String| left.get(id).filter(|tag| !tag.is_empty());
        for id in ids.iter().filter(|id| kept.contains_key(*id) && tag(id).is_none()) {
            self.forget(id)?;
        }
        let same = |id: &String, tag: &[u8]| kept.get(id).is_some_and(|about| about.tag() == tag);
        Ok(ids.iter().filter(|id| tag(id).is_some_and(|tag| !same(id, tag))).cloned().collect())
    }

    /// Keeps what cities have left ([`FIGURES`]). What can't be read makes the city unknown.
    pub fn take(&self, left: &BTreeMap<String, Vec<u8>>) -> Result<(), AggregatesError> {
        left.iter().try_for_each(|(id, left)| {
            if let Some(figures) = CityFigures::read(left) {
                return self.keep(id, &figures);
            }
            tracing::error!(city = id, "what the city has left for answers over several can't be read");
            self.forget(id)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::load::{Limits, Source, load};
    use std::path::PathBuf;

    #[test]
    fn what_a_city_leaves_is_read_as_it_was_and_damage_is_not() {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/tinyville");
        let dataset = load(&Source::Folder(folder), &Limits::default()).0.unwrap();
        let snapshot = Arc::new(Snapshot::new(dataset));
        let of = CityFigures::of(&snapshot).unwrap().unwrap();
        assert!(of.tables.len() > 3 && of.tiles.len() > 3);
        let mut written = of.written();
        let read = CityFigures::read(&written).unwrap();
        assert_eq!((&read.about, &read.tables, &read.tiles), (&of.about, &of.tables, &of.tiles));
        // of two copies one has made the version, the other takes what is left
        let [maker, other] = [(); 2].map(|()| Aggregates::open(None).unwrap());
        maker.keep("tiny", &of).unwrap();
        let left: BTreeMap<_, _> = aggregates(&snapshot).into_iter().collect();
        let of_name = |name| BTreeMap::from([("tiny".to_owned(), Vec::clone(&left[name]))]);
        let ids = BTreeSet::from(["tiny".to_owned(), "gone".to_owned()]);
        assert_eq!(other.behind(&ids, &of_name(FIGURES_OF)).unwrap(), BTreeSet::from(["tiny".to_owned()]));
        other.take(&of_name(FIGURES)).unwrap();
        assert_eq!(other.behind(&ids, &of_name(FIGURES_OF)).unwrap(), BTreeSet::new());
        let zones = |of: &Aggregates| of.zones(None, None, None).unwrap().of;
        assert!(!zones(&maker).is_empty());
        assert_eq!(zones(&other), zones(&maker));
        assert!(is_left(&left[FIGURES_OF], &of.about.revision) && !is_left(&left[FIGURES_OF], "another"));
        // what is no longer left is no longer known
        other.behind(&ids, &BTreeMap::new()).unwrap();
        assert!(other.cities().unwrap().is_empty());
        for at in [0, written.len() / 2, written.len() - 1] {
            written[at] ^= 4;
            assert!(CityFigures::read(&written).is_none(), "byte {at}");
            written[at] ^= 4;
        }
    }
}
