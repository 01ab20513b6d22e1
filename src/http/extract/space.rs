//! `bbox` in `bbox-crs`, and the reference system of an answer (OGC API - Features Parts 1 and 2).

use crate::core::geometry::{Crs, Ground};
use crate::core::query::Question;
use crate::core::snapshot::Description;
use crate::http::extract::shared::PlaceParams;
use crate::http::extract::values::{Corners, CrsUri};
use crate::http::problem::Problem;
use axum::http::{HeaderValue, header::HeaderName};
use axum::response::Response;
use geo::Polygon;

/// Says in which reference system the coordinates of an answer are (Part 2, requirement 16).
const CONTENT_CRS: HeaderName = HeaderName::from_static("content-crs");

/// Writes `Content-Crs`.
pub(crate) fn content_crs(response: &mut Response, crs: Crs) {
    HeaderValue::try_from(format!("<{}>", crs.uri()))
        .into_iter()
        .for_each(|uri| drop(response.headers_mut().insert(CONTENT_CRS, uri)));
}

/// A box on the ground.
pub(crate) enum Place {
    Everywhere,
    /// West, south, east, north; west above east goes over the antimeridian.
    Box([f64; 4]),
    Outline(Polygon<f64>),
}

impl Place {
    /// The box that parameters say, in the order of the axes of its reference system.
    pub(crate) fn new(params: &PlaceParams, about: &Description) -> Result<Self, Problem> {
        let Some(Corners(corners)) = params.bbox else { return Ok(Self::Everywhere) };
        let crs = CrsUri::offered(params.bbox_crs, "bbox-crs", about)?;
        let bad = || {
            Problem::parameter(
                "bbox",
                "应为 4 个数:默认是西,南,东,北(经纬度,南不大于北);用 bbox-crs 时按该坐标系的轴序",
                "four numbers: west,south,east,north in degrees, south not above north; with bbox-crs in the order of its axes",
            )
        };
        Ok(match crs.ground(corners).ok_or_else(bad)? {
            Ground::Outline(outline) => Self::Outline(outline),
            Ground::Box(bbox) => Self::Box(bbox),
        })
    }

    /// A question for rows whose geometry meets it; those without geometry always do (Part 1, requirement 25).
    pub(crate) fn of(self, question: Question) -> Question {
        match self {
            Self::Everywhere => question,
            Self::Box(bbox) => question.meeting(bbox),
            Self::Outline(outline) => question.meeting_polygon(outline),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::snapshot::Snapshot;
    use crate::data::load::{Limits, Source, load};
    use crate::http::extract::params::Params;
    use proptest::prelude::*;
    use std::sync::OnceLock;

    fn about() -> &'static Description {
        static ABOUT: OnceLock<Description> = OnceLock::new();
        ABOUT.get_or_init(|| {
            let (dataset, _) = load(&Source::Embedded, &Limits::default());
            Snapshot::new(dataset.unwrap()).describe().clone()
        })
    }

    fn read(query: &str) -> Result<Place, Problem> {
        Params::parse(query)?.only().and_then(|params| Place::new(&params, about()))
    }

    #[test]
    fn boxes() {
        let one = |q| if let Ok(Place::Box(b)) = read(q) { Some(b) } else { None };
        assert_eq!(one("bbox=1%2C2,3,4"), Some([1.0, 2.0, 3.0, 4.0]));
        assert_eq!(one("bbox=1,2,-9,3,4,9"), one("bbox=1,2,3,4"), "heights");
        assert_eq!(one("bbox=170,0,-170,1"), Some([170.0, 0.0, -170.0, 1.0]));
        assert_eq!(one("bbox=2,1,4,3&bbox-crs=http://www.opengis.net/def/crs/EPSG/0/4326"), one("bbox=1,2,3,4"));
        for bad in ["bbox=1,5,2,4", "bbox=1,2,3", "bbox=1,2,3,x", "bbox=1,2,3,181", "bbox=1,2,3,4&bbox-crs=EPSG:4326"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(a in any::<f64>(), b in any::<f64>(), c in any::<f64>(), d in any::<f64>(), s in ".{0,40}") {
            for crs in about().systems() {
                let _ = read(&format!("bbox={a},{b},{c},{d}&bbox-crs={}", crs.uri()));
            }
            let _ = read(&format!("bbox={s}"));
        }
    }
}
