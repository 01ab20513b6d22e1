//! Questions to a snapshot and their answers: rows (`select`), numbers (`summarize`, `zones`), names (`search`).
//! Pure functions. What may leave the server is decided here and nowhere else (`disclosure`).

mod answer;
mod area;
mod area_spec;
mod beside;
mod bind;
mod cell_place;
mod chain;
mod change;
mod choropleth;
mod classes;
mod combine;
mod disclosure;
mod drawn;
mod embedded;
mod engine;
mod feature;
mod freshness;
mod growth;
mod hotspots;
mod interval;
mod movements;
mod outlined;
mod overlaps;
mod periods;
mod place;
mod platforms;
mod profile;
mod progress;
mod query_error;
mod question;
mod question_error;
mod question_json;
mod question_url;
mod quotients;
mod ratios;
mod resolved;
mod search;
mod select;
mod selection;
mod sides;
mod sites;
mod sort;
mod summarize;
mod sums;
mod tile_points;
mod trial;
mod weight;
mod zones;

#[cfg(test)]
mod question_tests;

use area::Area;
use combine::Combined;
use drawn::{Drawn, Outline};
use resolved::Query;
use sums::{Summing, Sums};

pub use answer::{
    Amount, Amounts, AreaInfo, AreaKind, CityInfo, CityRow, ClassMix, ClassReading, ClusterCount, ClusterRow, Counts,
    Growth, Note, Overlap, PlatformRow, Spread, Statistics, Summary, ZoneList, ZoneName, ZoneRow,
};
pub use area_spec::{AreaSpec, BaseArea, BufferOf, SAVED, saved_id};
pub use beside::{CountBeside, LedgerCount, beside, ledgers};
pub use cell_place::{cell_place, cell_reach};
pub use chain::{Chain, ChainArea, ChainCandidate, ChainCell, ChainGap, ChainNear, ChainStage, chain, has_chains};
pub use change::{
    Alike, AreaChange, Change, ChangeSentence, Changed, ClassChange, OwnParts, RowFlow, ShiftParts, change,
};
pub use choropleth::{
    Apart, Choropleth, ClassRange, ClassedZones, Cut, MOST_CLASSES, Measure, PeriodValue, RankedZone, Ranking,
    ZoneClass, ZoneMoran, choropleth, class_of, ranges, ranking, thresholds,
};
pub use combine::SetOp;
pub use disclosure::{Disclosure, DisclosureLine, DisclosureTable, too_small};
pub use drawn::AreaError;
pub use embedded::Embedded;
pub use engine::{Bound, BoundQuestion, Engine};
pub use feature::{FeatureWriter, LIST_SEPARATORS, list_text, write_coordinate, write_geometry, write_value};
pub use freshness::{
    DatedBy, Dates, DueState, Freshness, FreshnessCounts, MetricFreshness, TableFreshness, freshness, says_dates,
};
pub use hotspots::{
    AreaFinding, ClassDistances, CollectionWord, DenseMethod, DensityBand, DensityPeak, DensitySurface, DistanceChoice,
    DistanceCurve, DistanceFinding, DistanceRange, FeatureWord, HexagonCounts, HexagonHeat, HexagonRow, HexagonSummary,
    HotArea, HotAreas, HotHexagons, HotspotChoice, HotspotFault, HotspotFeature, HotspotHead, HotspotParameter,
    Hotspots, LEAST_LOCATED, LeadClass, PlannedArea, ZonePart, class_distances, density, hot_areas, hot_hexagons,
    hotspots, watched_areas,
};
pub use interval::Interval;
pub use movements::{AreaSince, ClassSince, FigureSince, Movements, Moves, Relocations, RowsSince, movements};
pub use overlaps::ZoneOverlap;
pub use periods::{PeriodFigures, Series, series};
pub use place::{FeaturePlace, Neighbour, PlacedBy};
pub use profile::{
    Agglomeration, ClassPair, ClassPairs, ClassProfile, Fact, Finding, FindingKind, Inequality, Profile, ProfileCell,
    RowConcentration, Stars, ZoneProfile, class_pairs, profile,
};
pub use progress::{
    ItemFigure, ItemProgress, ItemStatus, NamedTarget, PlanProgress, ProgressCounts, ProgressEntry, StatedFigure,
    TargetCover, plan_progress, target_cover,
};
pub use query_error::QueryError;
pub use question::{Question, SortBy};
pub use question_error::QuestionError;
pub use quotients::{
    Denominator, QuotientCell, QuotientClass, QuotientRow, QuotientSpec, QuotientTable, area_quotients,
    quotient_tables, quotients,
};
pub use ratios::{Ratio, RatioTable, ZoneRatio, ratios};
pub use search::{SearchResult, SearchResults};
pub use selection::Selection;
pub use sites::{
    ClassFit, ClassFits, DRAWS, MOST_SITES, MOST_WISHES, Partner, PartnerStage, Partners, RankedSite, SiteSelection,
    SiteSpec, Wish, WishBy, WishColumn, WishPart, class_fits, partners, site_selection, sites_table,
};
pub use tile_points::{Detail, Mark, Share, TWELFTHS, TilePoints};
pub use trial::{
    AssumedFigure, AssumedInside, AssumedKind, AssumedRow, LayoutDistance, MOST_ASSUMED, MOST_BESIDE, PlatformInside,
    Quotient, Trial, TrialAmount, TrialClass, TrialCount, TrialLead, TrialNeighbour, TrialQuotients, TrialSpec,
    TrialValue, TrialWeighed, TrialWeighedClass, trial, trials_beside,
};
pub use weight::Weight;
