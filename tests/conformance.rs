//! No conformance class is declared without a test that shows it, by its name.

use shigu::http::CONFORMANCE;
use std::fs;
use std::path::Path;

/// Beginnings of classes -> the file and the test that shows them.
const SHOWN: &[(&str, &str, &str)] = &[
    ("ogcapi-common-1/1.0/conf/core", "features", "the_landing_page_leads_everywhere"),
    ("ogcapi-common-1/1.0/conf/landing-page", "features", "the_landing_page_leads_everywhere"),
    ("ogcapi-common-1/1.0/conf/json", "features", "the_landing_page_leads_everywhere"),
    ("ogcapi-common-1/1.0/conf/html", "features", "pages_for_people"),
    ("ogcapi-common-1/1.0/conf/oas30", "http", "the_documented_service_is_the_service"),
    ("ogcapi-common-2/1.0/conf/collections", "features", "collections_say_what_they_hold"),
    ("ogcapi-features-1/1.0/conf/core", "features", "boxes_and_times"),
    ("ogcapi-features-1/1.0/conf/geojson", "features", "pages_of_features"),
    ("ogcapi-features-1/1.0/conf/html", "features", "pages_for_people"),
    ("ogcapi-features-1/1.0/conf/oas30", "http", "the_documented_service_is_the_service"),
    ("ogcapi-features-2/1.0/conf/crs", "features", "reference_systems"),
    ("ogcapi-features-3/1.0/conf/queryables", "features", "queryables_are_parameters"),
    ("ogcapi-features-3/1.0/conf/queryables-query-parameters", "features", "queryables_are_parameters"),
    ("ogcapi-features-3/1.0/conf/filter", "cql2/world", "the_engine_finds_the_ids_that_are_written_down"),
    ("ogcapi-features-3/1.0/conf/features-filter", "cql2/world", "the_engine_finds_the_ids_that_are_written_down"),
    ("cql2/1.0/conf/", "cql2/world", "the_engine_finds_the_ids_that_are_written_down"),
    ("ogcapi-tiles-1/1.0/conf/core", "tilesets", "tilesets_lead_to_their_tiles"),
    ("ogcapi-tiles-1/1.0/conf/tileset", "tilesets", "tilesets_lead_to_their_tiles"),
    ("ogcapi-tiles-1/1.0/conf/tilesets-list", "tilesets", "tilesets_lead_to_their_tiles"),
    ("ogcapi-tiles-1/1.0/conf/dataset-tilesets", "tilesets", "tilesets_lead_to_their_tiles"),
    ("ogcapi-tiles-1/1.0/conf/geodata-tilesets", "tilesets", "tilesets_lead_to_their_tiles"),
    ("ogcapi-tiles-1/1.0/conf/mvt", "tilesets", "tilesets_lead_to_their_tiles"),
    ("ogcapi-tiles-1/1.0/conf/collections-selection", "tilesets", "collections_and_conditions_are_chosen"),
    ("ogcapi-tiles-1/1.0/conf/oas30", "http", "the_documented_service_is_the_service"),
    ("tms/2.0/conf/tilematrixset", "tilesets", "the_tile_matrix_set_is_linked_and_whole"),
    ("tms/2.0/conf/json-tilematrixset", "tilesets", "the_tile_matrix_set_is_linked_and_whole"),
    ("ogcapi-maps-1/1.0/conf/core", "map_http", "a_map_is_where_its_headers_say"),
    ("ogcapi-maps-1/1.0/conf/dataset-map", "map_http", "maps_are_linked_and_hold_what_is_requested"),
    ("ogcapi-maps-1/1.0/conf/collection-map", "map_http", "maps_are_linked_and_hold_what_is_requested"),
    ("ogcapi-maps-1/1.0/conf/collections-selection", "map_http", "maps_are_linked_and_hold_what_is_requested"),
    ("ogcapi-maps-1/1.0/conf/background", "map_http", "what_is_behind_a_map_is_chosen"),
    ("ogcapi-maps-1/1.0/conf/display-resolution", "map_http", "formats_sizes_and_memory"),
    ("ogcapi-maps-1/1.0/conf/png", "map_http", "formats_sizes_and_memory"),
    ("ogcapi-maps-1/1.0/conf/svg", "map_http", "formats_sizes_and_memory"),
    ("ogcapi-maps-1/1.0/conf/oas30", "http", "the_documented_service_is_the_service"),
];

#[test]
fn every_class_has_its_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    for class in CONFORMANCE {
        let name = class.strip_prefix("http://www.opengis.net/spec/").unwrap_or_else(|| panic!("{class}"));
        let shown = |(of, _, _): &&(&str, _, _)| if of.ends_with('/') { name.starts_with(of) } else { name == *of };
        let (_, file, test) = SHOWN.iter().find(shown).unwrap_or_else(|| panic!("{class} is declared without a test"));
        let text = fs::read_to_string(root.join(format!("{file}.rs"))).unwrap();
        assert!(text.contains(&format!("fn {test}(")), "{class}: there is no test {test} in {file}.rs");
    }
    for (of, _, _) in SHOWN {
        assert!(CONFORMANCE.iter().any(|c| c.contains(of)), "{of} is shown and not declared");
    }
}
