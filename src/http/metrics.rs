//! What is counted of requests, and the names under which monitoring reads it (ADR 93). A label is a route's template, a method of
//! HTTP or a status: never an address that somebody asked for, so there are only so many series and none tells of a reader.

use axum::extract::{MatchedPath, Request};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use prometheus::core::Collector;
use prometheus::proto::MetricFamily;
use prometheus::{
    Gauge, GaugeVec, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, Opts, Registry, TextEncoder,
};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap};

/// Stands for all that is no route of the interface: files of the page, addresses that nobody has.
const OTHER: &str = "other";
/// Seconds: a kept tile takes less than one, a large report some ten.
const BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0, 30.0];

/// Counters of requests.
#[derive(Clone, Debug)]
pub(crate) struct Metrics {
    requests: IntCounterVec,
    seconds: HistogramVec,
    open: IntGauge,
    hits: IntCounter,
    misses: IntCounter,
}

/// The template of the route that answered.
#[derive(Clone, Debug)]
pub(crate) struct Route(MatchedPath);

/// Says with the answer which route made it.
pub(crate) async fn routed(path: Option<MatchedPath>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if let Some(path) = path {
        response.extensions_mut().insert(Route(path));
    }
    response
}

/// A request that is being answered, until this is dropped: also where nobody waits for the answer any more.
pub(crate) struct Open(IntGauge);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Default for Metrics {
    fn default() -> Self {
        let named = |name: &str, help: &str| Opts::new(name, help);
        let kept = "answers that are kept between requests";
        Self {
            requests: made_of(IntCounterVec::new(
                named("shigu_http_requests_total", "Requests that were answered."),
                &["route", "method", "status"],
            )),
            seconds: made_of(HistogramVec::new(
                HistogramOpts::new("shigu_http_request_duration_seconds", "Time until an answer began.")
                    .buckets(BUCKETS.to_vec()),
                &["route"],
            )),
            open: made_of(IntGauge::new("shigu_http_requests_open", "Requests that are being answered.")),
            hits: made_of(IntCounter::new("shigu_cache_hits_total", format!("Requests answered from {kept}."))),
            misses: made_of(IntCounter::new("shigu_cache_misses_total", format!("Requests that missed {kept}."))),
        }
    }
}

/// A metric of a fixed name, which is a good one (a test makes them all).
fn made_of<T>(made: Result<T, prometheus::Error>) -> T {
    made.unwrap_or_else(|e| unreachable!("the name of a metric: {e}"))
}

impl Metrics {
    /// A request has come.
    pub(crate) fn begin(&self) -> Open {
        self.open.inc();
        Open(self.open.clone())
    }

    /// A request was answered after so many seconds.
    pub(crate) fn answered(&self, route: Option<&Route>, method: &Method, status: StatusCode, seconds: f64) {
        let route = route.map_or(OTHER, |route| route.0.as_str());
        // who sends a request may make up a method
        let known =
            [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];
        let method = if known.contains(method) { method.as_str() } else { OTHER };
        self.requests.with_label_values(&[route, method, status.as_str()]).inc();
        self.seconds.with_label_values(&[route]).observe(seconds);
    }

    /// An answer was looked for among those that are kept.
    pub(crate) fn looked_up(&self, found: bool) {
        if found { &self.hits } else { &self.misses }.inc();
    }

    /// All counters, and values of this moment.
    pub(crate) fn text(&self, now: &Moment) -> Result<String, prometheus::Error> {
        Series::default().and(&self.of_whole(now)?).text()
    }

    /// The same of a city among several, by its name.
    pub(crate) fn of_city(&self, now: &Moment, city: &str) -> Result<Registry, prometheus::Error> {
        self.registered(now, Registry::new_custom(None, Some(HashMap::from([("city".to_owned(), city.to_owned())])))?)
    }

    /// The same of what serves several cities.
    pub(crate) fn of_whole(&self, now: &Moment) -> Result<Registry, prometheus::Error> {
        self.registered(now, Registry::new())
    }

    fn registered(&self, now: &Moment, registry: Registry) -> Result<Registry, prometheus::Error> {
        let counted: [Box<dyn Collector>; 5] = [
            Box::new(self.requests.clone()),
            Box::new(self.seconds.clone()),
            Box::new(self.open.clone()),
            Box::new(self.hits.clone()),
            Box::new(self.misses.clone()),
        ];
        counted.into_iter().try_for_each(|metric| registry.register(metric))?;
        for value in &now.0 {
            let opts = Opts::new(value.name, value.help);
            match &value.of {
                Of::One(value) => {
                    let gauge = Gauge::with_opts(opts)?;
                    gauge.set(*value);
                    registry.register(Box::new(gauge))?;
                }
                Of::Each(label, values) => {
                    let gauge = GaugeVec::new(opts, &[*label])?;
                    values.iter().for_each(|(name, value)| gauge.with_label_values(&[name]).set(*value));
                    registry.register(Box::new(gauge))?;
                }
            }
        }
        Ok(registry)
    }
}

/// Series of one or several services, each metric in one place.
#[derive(Default)]
pub(crate) struct Series(BTreeMap<String, MetricFamily>);

impl Series {
    /// With those of another service.
    pub(crate) fn and(mut self, registry: &Registry) -> Self {
        for mut family in registry.gather() {
            match self.0.entry(family.name().to_owned()) {
                Entry::Vacant(free) => drop(free.insert(family)),
                Entry::Occupied(mut same) => {
                    let mut all = same.get_mut().take_metric();
                    all.extend(family.take_metric());
                    same.get_mut().set_metric(all);
                }
            }
        }
        self
    }

    /// In the text format of Prometheus.
    pub(crate) fn text(self) -> Result<String, prometheus::Error> {
        TextEncoder::new().encode_to_string(&self.0.into_values().collect::<Vec<_>>())
    }
}

/// Values that are read when somebody asks.
#[derive(Debug, Default)]
pub(crate) struct Moment(Vec<Value>);

#[derive(Debug)]
struct Value {
    name: &'static str,
    help: &'static str,
    of: Of,
}

#[derive(Debug)]
enum Of {
    One(f64),
    /// One for each value of a label.
    Each(&'static str, Vec<(String, f64)>),
}

impl Moment {
    /// A value; none where it is not known.
    pub(crate) fn one(&mut self, name: &'static str, help: &'static str, value: Option<f64>) {
        self.0.extend(value.map(|value| Value { name, help, of: Of::One(value) }));
    }

    /// A value for each of some names.
    pub(crate) fn each(
        &mut self,
        name: &'static str,
        help: &'static str,
        label: &'static str,
        values: Vec<(String, f64)>,
    ) {
        self.0.push(Value { name, help, of: Of::Each(label, values) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_can_be_read() {
        let metrics = Metrics::default();
        let open = metrics.begin();
        metrics.answered(None, &Method::GET, StatusCode::NOT_FOUND, 0.003);
        metrics.answered(None, &Method::from_bytes(b"MADE-UP").unwrap(), StatusCode::NOT_FOUND, 20.0);
        metrics.answered(None, &Method::PATCH, StatusCode::OK, 0.003);
        metrics.looked_up(true);
        let mut now = Moment::default();
        now.one("shigu_one", "One.", Some(1.5));
        now.one("shigu_unknown", "Nothing.", None);
        now.each("shigu_each", "Each.", "name", vec![("a\"b".into(), 2.0)]);
        let text = metrics.text(&now).unwrap();
        for line in [
            "shigu_http_requests_total{method=\"GET\",route=\"other\",status=\"404\"} 1",
            "shigu_http_requests_total{method=\"other\",route=\"other\",status=\"404\"} 1",
            "shigu_http_requests_total{method=\"PATCH\",route=\"other\",status=\"200\"} 1",
            "shigu_http_request_duration_seconds_bucket{route=\"other\",le=\"0.005\"} 2",
            "shigu_http_request_duration_seconds_count{route=\"other\"} 3",
            "shigu_http_requests_open 1",
            "shigu_cache_hits_total 1",
            "shigu_one 1.5",
            "shigu_each{name=\"a\\\"b\"} 2",
        ] {
            assert!(text.lines().any(|l| l == line), "{line} is missing:\n{text}");
        }
        assert!(!text.contains("unknown"), "{text}");
        drop(open);
        assert!(metrics.text(&Moment::default()).unwrap().contains("shigu_http_requests_open 0"));
    }
}
