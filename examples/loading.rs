//! Loads a folder, builds its snapshot, and prints how long each took, CPU time, and memory at its peak (Linux).
//! `cargo run --release --example loading -- FOLDER [MB of the largest file]`

use shigu::core::snapshot::Snapshot;
use shigu::data::load::{Limits, Source, load};
use std::time::Instant;

fn status(key: &str) -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|l| l.strip_prefix(key)).unwrap_or_default();
    line.trim_matches(|c: char| !c.is_ascii_digit()).parse().unwrap_or(0) / 1024
}

/// Seconds on all threads; the clock of the kernel has 100 ticks a second.
fn cpu() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks = |n: usize| text.rsplit(')').next()?.split_whitespace().nth(n)?.parse::<f64>().ok();
    (ticks(11).unwrap_or(0.0) + ticks(12).unwrap_or(0.0)) / 100.0
}

fn main() {
    let folder = std::env::args().nth(1).expect("a folder");
    let megabytes: u64 = std::env::args().nth(2).map_or(2000, |mb| mb.parse().expect("a number"));
    let limits = Limits { file_bytes: megabytes * 1_000_000, ..Limits::default() };
    let start = Instant::now();
    let (dataset, report) = load(&Source::Folder(folder.into()), &limits);
    let loaded = start.elapsed();
    println!(
        "load      {loaded:>8.2?} {:>6.2} s cpu, peak {:>5} MB, now {} MB",
        cpu(),
        status("VmHWM:"),
        status("VmRSS:")
    );
    let Some(dataset) = dataset else { panic!("{}", report.render(shigu::core::model::Lang::En)) };
    let snapshot = Snapshot::new(dataset);
    let all = start.elapsed();
    println!(
        "snapshot  {:>8.2?} {:>6.2} s cpu, peak {:>5} MB, now {} MB",
        all.saturating_sub(loaded),
        cpu(),
        status("VmHWM:"),
        status("VmRSS:")
    );
    let rows: usize = snapshot.describe().collections.iter().map(|c| c.rows).sum();
    println!(
        "in all    {all:>8.2?} for {rows} rows, {} findings, revision {}",
        report.findings.len(),
        snapshot.describe().revision
    );
    let largest = snapshot.describe().collections.iter().max_by_key(|c| c.rows);
    largest.into_iter().for_each(|l| println!("{}: {} bytes a row", l.spec.id, l.bytes / l.rows.max(1)));
}
