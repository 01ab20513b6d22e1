//! `shigu basemap`: a base map of the dataset's ground from an extract of OpenStreetMap or from files, as a PMTiles file.

use super::args::BasemapArgs;
use super::{Done, both, write_file};
use crate::core::basemap::{BaseLayer, BaseMap};
use crate::core::geometry::Bounds;
use crate::core::geometry::measure::METRES_PER_DEGREE;
use crate::core::model::{Lang, Text};
use crate::core::query::{Embedded, Engine};
use crate::core::snapshot::Snapshot;
use crate::data::basemap::{extract, file};
use crate::data::load::load;
use crate::render::tiles::basemap::write;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Who made an extract of OpenStreetMap; its licence, the ODbL, asks for these words.
const OPENSTREETMAP: &str = "© OpenStreetMap contributors";

/// Where features come from.
enum Source {
    Extract(PathBuf),
    Layer(BaseLayer, PathBuf),
}

pub(super) fn run(args: &BasemapArgs) -> Done {
    let sources = args.sources.iter().map(|s| source(s)).collect::<Result<Vec<_>, _>>()?;
    let system = args.crs.as_deref().map(super::system).transpose()?;
    let bounds = bounds(args)?;
    let mut map = BaseMap { features: Vec::new(), bounds };
    let (mut makers, mut notes) = (Vec::new(), Vec::new());
    for source in &sources {
        let maker = match source {
            Source::Extract(path) => {
                let found = extract(path, &bounds, args.boundaries).map_err(|e| both(&e.0))?;
                map.features.extend(found.map.features);
                if found.broken > 0 {
                    notes.push(Text::new(
                        format!("{} 个面的轮廓在文件中不完整,只画出能闭合的部分", found.broken),
                        format!(
                            "the outlines of {} areas are not whole in the file; only what closes is drawn",
                            found.broken
                        ),
                    ));
                }
                if found.coast_open {
                    notes.push(Text::new(
                        "海岸线在范围内中断,分不清海与陆,没有画海;可用 water=文件 补上海域的面",
                        "coastlines end inside the box, so the sea can't be told from the land and is left out; add its area as water=FILE",
                    ));
                }
                OPENSTREETMAP.to_owned()
            }
            Source::Layer(layer, path) => {
                let opened = File::open(path).map_err(|e| unreadable(path, &e))?;
                let found = file(opened, *layer, system, &bounds)
                    .map_err(|e| format!("{}: {}", path.display(), e.render(Lang::Zh)))?;
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                if found.unusable > 0 {
                    notes.push(Text::new(
                        format!("{name}:{} 行没有可用的图形", found.unusable),
                        format!("{name}: {} rows have no geometry that can be used", found.unusable),
                    ));
                }
                map.features.extend(found.features);
                name
            }
        };
        if !makers.contains(&maker) {
            makers.push(maker);
        }
    }
    if map.features.iter().all(|f| f.class.layer == BaseLayer::Earth) {
        return Err("范围内没有任何要素,没有写文件;请核对 --bbox 与数据的坐标系 / nothing lies in the box, no file was written; check --bbox and the system of the data".into());
    }
    let mut counts = BaseLayer::ALL.map(|layer| (layer, 0usize));
    for feature in &map.features {
        counts.iter_mut().filter(|(layer, _)| *layer == feature.class.layer).for_each(|(_, n)| *n += 1);
    }
    let attribution = args.attribution.clone().unwrap_or_else(|| makers.join(", "));
    let written =
        write_file(&args.out, |out| write(&map, 0..=args.max_zoom, &attribution, out).map_err(io::Error::other))?;
    for note in &notes {
        eprintln!("{}", both(note));
    }
    let list: Vec<String> = counts.iter().filter(|(_, n)| *n > 0).map(|(l, n)| format!("{} {n}", l.name())).collect();
    let megabytes = std::fs::metadata(&args.out).map_or(0.0, |m| m.len() as f64 / 1e6);
    eprintln!(
        "{}: {} tiles, {megabytes:.1} MB, z0-{} ({})",
        args.out.display(),
        written.tiles,
        args.max_zoom,
        list.join(", ")
    );
    Ok(ExitCode::SUCCESS)
}

/// `roads=roads.zip`, or an extract.
fn source(text: &str) -> Result<Source, String> {
    if let Some((layer, path)) = text.split_once('=')
        && let Some(layer) = BaseLayer::named(layer)
    {
        return Ok(Source::Layer(layer, PathBuf::from(path)));
    }
    if text.to_ascii_lowercase().ends_with(".pbf") {
        return Ok(Source::Extract(PathBuf::from(text)));
    }
    let names: Vec<&str> = BaseLayer::ALL.into_iter().map(BaseLayer::name).collect();
    let names = names.join(", ");
    Err(format!(
        "“{text}”应为 .osm.pbf 文件,或 图层=文件,图层为 {names} 之一\n       {text:?} must be an .osm.pbf file, or LAYER=FILE with one of {names}"
    ))
}

fn unreadable(path: &Path, e: &std::io::Error) -> String {
    format!("无法读取 {0} / can't read {0}: {e}", path.display())
}

/// The box that is asked for, else that of the dataset and some ground around it.
fn bounds(args: &BasemapArgs) -> Result<Bounds, String> {
    let Some(text) = &args.bbox else {
        let (dataset, findings) = load(&args.data.current()?, &args.data.limits());
        let Some(dataset) = dataset else { return Err(findings.render(Lang::Zh)) };
        let b = Embedded::from(Snapshot::new(dataset)).describe().bounds;
        if b.is_empty() {
            return Err(
                "数据没有任何位置,请用 --bbox 写明范围 / the dataset has no positions; name the box by --bbox".into()
            );
        }
        let north = args.margin_km * 1000.0 / METRES_PER_DEGREE;
        let east = north / f64::midpoint(b.south, b.north).to_radians().cos().max(0.01);
        return Ok(Bounds {
            west: (b.west - east).max(-180.0),
            south: (b.south - north).max(-85.0),
            east: (b.east + east).min(180.0),
            north: (b.north + north).min(85.0),
        });
    };
    let [west, south, east, north] = super::bbox(text)?;
    if west > east {
        return Err(format!(
            "--bbox {text} 跨 180 度经线,底图应分两次制作 / --bbox {text} goes over the antimeridian; make a base map of each side"
        ));
    }
    if west < -180.0 || east > 180.0 || south < -90.0 || north > 90.0 {
        return Err(format!("--bbox {text} 超出经纬度的范围 / --bbox {text} lies beyond the degrees of the globe"));
    }
    Ok(Bounds { west, south, east, north })
}
