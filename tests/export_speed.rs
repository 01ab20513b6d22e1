//! The whole city's 5,000 rows become any file in less than a second (release builds; others only say how long).

use shigu::load::{Limits, Source, load};
use shigu::model::Lang;
use shigu::query::{Disclosure, Query};
use shigu::report::{Format, Report};
use shigu::snapshot::Snapshot;
use std::time::Instant;

#[test]
fn five_thousand_rows_take_less_than_a_second() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/geodata/hangzhou");
    let (dataset, _) = load(&Source::Folder(folder.into()), &Limits::default());
    let snapshot = Snapshot::new(dataset.unwrap());
    let query = Query::register(&snapshot, Disclosure::Full).unwrap();
    for format in Format::ALL {
        let start = Instant::now();
        let report = Report::new(&snapshot, &query, Lang::Zh, None).unwrap();
        let size = report.render(format).unwrap().len();
        let took = start.elapsed();
        eprintln!("{}: {size} bytes in {took:?}", format.extension());
        assert!(cfg!(debug_assertions) || took.as_secs_f64() < 1.0, "{format:?} {took:?}");
    }
}
