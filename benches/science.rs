//! One statistic over points of a file, timed: `science WHAT FILE ROUNDS [ARGUMENTS]`. `benches/science/run.py` runs it in turns with other
//! programs over the same file. The file has little-endian doubles, x and y of each point (degrees for hexagons, else metres).

use std::hint::black_box;
use std::time::Instant;

use shigu::core::stats;

use stats::density::{Raster, raster};
use stats::distances::{Distances, band, median_distance, some};
use stats::hierarchy::{Asked, hdbscan};

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let [what, file, rounds, rest @ ..] = &words[..] else { return println!("science WHAT FILE ROUNDS [ARGUMENTS]") };
    let number = |place: usize| rest.get(place).and_then(|word| word.parse::<f64>().ok()).expect("a number");
    let points = points(file);
    let (before, mut seconds, mut found) = (peak(), Vec::new(), 0);
    for _ in 0..rounds.parse().expect("a number of rounds") {
        let begun = Instant::now();
        found = black_box(match &what[..] {
            "dbscan" => u64::from(stats::dense::dbscan(&points, number(0), number(1) as u32).number),
            "hdbscan" => {
                let asked = Asked { least: number(0) as u32, smallest: number(1) as u32, nearest: 0.0 };
                u64::from(hdbscan(&points, asked).number)
            }
            "hexagons" => stats::hexagons::hexagons(&points, number(0) as u8).expect("a resolution").len() as u64,
            "lisa" => {
                // any real value of each point; neighbours are part of it
                let k = number(0) as usize;
                let values: Vec<f64> = points.iter().map(|p| (p[0] / 9000.0).sin() + (p[1] / 700.0).cos()).collect();
                let at: Vec<[f64; 3]> = points.iter().map(|p| [p[0], p[1], 0.0]).collect();
                let near = stats::moran::nearest(&at, k).expect("more points");
                let found = stats::moran::local_moran(&values, &near, k, number(1) as usize, 1);
                found.iter().filter(|one| one.p <= 0.05).count() as u64
            }
            "density" => {
                let side = number(1) as usize;
                let [width, height] = stats::scale::extent(&points);
                let low = [0, 1].map(|axis| points.iter().map(|p| p[axis]).fold(f64::INFINITY, f64::min));
                let step = width.max(height) / (side - 1) as f64;
                let all = raster(&points, number(0), Raster { origin: low, step, columns: side, rows: side });
                all.iter().sum::<f64>() as u64
            }
            "distances" => {
                let all: Vec<u32> = (0..points.len() as u32).collect();
                let (ones, range) = (vec![1.0; points.len()], median_distance(&points).expect("a range"));
                let mut of =
                    Distances::new(&points, &ones, &some(&all, number(0) as usize, 1), range).expect("a class");
                if number(2) > 0.0 {
                    of.count_around();
                }
                let simulated = of.simulated(1, 0..number(1) as usize);
                let found = band(&simulated.iter().map(|c| &c.density[..]).collect::<Vec<_>>()).expect("a band");
                let observed = of.observed();
                observed.density.iter().zip(&found.high).filter(|(k, high)| k > high).count() as u64
            }
            other => panic!("{other}?"),
        });
        seconds.push(begun.elapsed().as_secs_f64());
    }
    println!("{{\"seconds\": {seconds:?}, \"base_mb\": {before}, \"peak_mb\": {}, \"found\": {found}}}", peak());
}

fn points(file: &str) -> Vec<[f64; 2]> {
    let bytes = std::fs::read(file).expect("the file");
    let value = |bytes: &[u8]| f64::from_le_bytes(bytes.try_into().expect("eight bytes"));
    bytes.chunks_exact(16).map(|pair| [value(&pair[..8]), value(&pair[8..])]).collect()
}

/// Megabytes of memory at most so far.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(0) / 1024
}
