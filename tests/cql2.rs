//! CQL2 over HTTP: the 351 predicates of the standard's test suite in both encodings, the standard's examples, what is
//! refused, and one filter giving the same rows everywhere.

mod common;
#[path = "cql2/refused.rs"]
mod refused;
#[path = "cql2/same.rs"]
mod same;

use common::service::Service;
use serde_json::Value;
use shigu::filter::{parse_json, parse_text, to_json};
use shigu::query::Disclosure;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Predicates whose expected count is not ours, with the reason from the standard's text. One that starts to pass fails
/// the test, so that this list stays true.
const EXCEPTIONS: [(&str, &str); 0] = [];

/// The test suite's folder, which is beside the repository.
fn suite() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/ogc-cql2");
    assert!(
        folder.join("cql2_ats.json").is_file(),
        "{} is missing: it holds the OGC's CQL2 test suite (opengeospatial/ogcapi-features, annex A), without which \
         conformance can't be tested",
        folder.display()
    );
    folder
}

fn read(file: &str) -> Value {
    let text = std::fs::read_to_string(suite().join(file)).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The suite's three files in a folder without manifest: their schemas are inferred.
fn service() -> (tempfile::TempDir, Service) {
    let folder = tempfile::tempdir().unwrap();
    for name in ["ne_110m_admin_0_countries", "ne_110m_populated_places_simple", "ne_110m_rivers_lake_centerlines"] {
        let file = format!("{name}.geojson");
        std::fs::copy(suite().join(&file), folder.path().join(&file)).unwrap();
    }
    let service = Service::open(folder.path().to_str().unwrap(), Disclosure::Full);
    (folder, service)
}

pub fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, b| {
        if b.is_ascii_alphanumeric() {
            out.push(b as char);
        } else {
            let _ = write!(out, "%{b:02X}");
        }
        out
    })
}

async fn matched(service: &Service, layer: &str, language: &str, filter: &str) -> Result<u64, String> {
    let uri = format!("/collections/{layer}/items?limit=1&filter-lang={language}&filter={}", encoded(filter));
    let answer = service.get(&uri).await;
    if answer.status != 200 {
        return Err(String::from_utf8_lossy(&answer.body).into_owned());
    }
    answer.json()["numberMatched"].as_u64().ok_or("no numberMatched".into())
}

/// The suite calls the geometry `geom`, its GeoPackage's column; the queryable's name here is `geometry`.
fn ours(filter: &str) -> String {
    filter.replace("(geom,", "(geometry,").replace(",geom)", ",geometry)")
}

#[tokio::test]
async fn all_predicates_of_the_standard() {
    let (_folder, service) = service();
    let suite = read("cql2_ats.json");
    let (mut asked, mut wrong) = (0, Vec::new());
    for row in ["rows", "combinations"].iter().flat_map(|k| suite[k].as_array().unwrap()) {
        let (layer, filter) = (row["layer"].as_str().unwrap(), ours(row["filter"].as_str().unwrap()));
        let expected = Ok(row["count"].as_u64().unwrap());
        let json = to_json(&parse_text(&filter).unwrap_or_else(|e| panic!("{filter}: {e}"))).to_string();
        for (language, written) in [("cql2-text", &filter), ("cql2-json", &json)] {
            let found = matched(&service, layer, language, written).await;
            let exception = EXCEPTIONS.iter().find(|(f, _)| *f == filter);
            match (found == expected, exception) {
                (false, None) => wrong.push(format!("{language} {filter}: {found:?}, expected {expected:?}")),
                (true, Some((_, reason))) => wrong.push(format!("{filter} passes, but is excepted: {reason}")),
                _ => {}
            }
        }
        asked += 1;
    }
    assert_eq!(asked, 351);
    assert!(wrong.is_empty(), "{} of {} wrong:\n{}", wrong.len(), 2 * asked, wrong.join("\n"));
}

/// The examples that say the same in JSON by other names: the JSON of the suite's examples is read, and is what our own
/// text reader and printer make of the text beside it.
#[test]
fn examples_of_the_standard() {
    let examples = read("cql2_examples.json");
    // not conditions or not alike by the suite's own making
    let apart = |name: &str, text: &Value, json: &Value| {
        let (text, json) = (parse_text(text.as_str().unwrap()), parse_json(&json.to_string()));
        match (text, json) {
            (Ok(t), Ok(j)) if t == j => None,
            (t, j) => Some(format!("{name}: {t:?} / {j:?}")),
        }
    };
    let mut wrong = Vec::new();
    for (name, example) in examples.as_object().unwrap() {
        match &example["json"] {
            Value::Null => {
                let text = example["text"].as_str().unwrap();
                if let Err(e) = parse_text(text) {
                    wrong.push(format!("{name}: {e}: {text}"));
                }
            }
            json => wrong.extend(apart(name, &example["text"], json)),
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
