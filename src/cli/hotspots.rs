//! `shigu hotspots`: writes without a server what `/hotspots` answers.

use super::args::{DenseMethodWord, HotspotArgs, HotspotWord};
use super::{Done, both, conditions, write_out};
use crate::core::model::{Lang, Text};
use crate::core::query::{
    DenseMethod, Disclosure, Embedded, Engine, HotspotChoice, HotspotFault, LEAST_LOCATED, density, hot_areas,
    hot_hexagons,
};
use crate::data::load::load;
use crate::render::hotspots::{areas_csv, density_csv, hexagons_csv};
use serde::Serialize;

pub(super) fn run(args: &HotspotArgs) -> Done {
    let is_csv = match args.out.as_deref().and_then(|out| out.extension()?.to_str()) {
        Some("csv") => true,
        Some("geojson" | "json") | None => false,
        Some(_) => return Err("输出文件应以 .geojson 或 .csv 结尾 / --out must end in .geojson or .csv".into()),
    };
    let (dataset, findings) = load(&args.data.current()?, &args.data.limits());
    let Some(dataset) = dataset else { return Err(findings.render(args.lang.into())) };
    let engine = Embedded::from(args.of.snapshot(dataset)?);
    let question = conditions(&args.filters)?.in_zone(&args.zone).in_period(args.period);
    // the owner of the files reads them anyway
    let bound = engine.bind(&question, Disclosure::Full).map_err(|e| e.to_string())?;
    let choice = HotspotChoice {
        method: match args.method {
            DenseMethodWord::Dbscan => DenseMethod::Dbscan,
            DenseMethodWord::Hdbscan => DenseMethod::Hdbscan,
        },
        distance: args.distance,
        least: args.least,
        smallest: args.smallest,
        against: args.against.clone(),
        resolution: args.resolution,
        bandwidth: args.bandwidth,
    };
    if let Some(HotspotFault { parameter, low, high }) = choice.fault() {
        return Err(format!("--{parameter} 应为 {low} 至 {high} / --{parameter} must be {low} to {high}"));
    }
    let lang: Lang = args.lang.into();
    let form = Form { is_csv, lang };
    let bytes = match args.what {
        HotspotWord::Areas => form.bytes(&hot_areas(&bound, &choice).map_err(|e| e.to_string())?, areas_csv),
        HotspotWord::Hexagons => form.bytes(&hot_hexagons(&bound, &choice).map_err(|e| e.to_string())?, hexagons_csv),
        HotspotWord::Density => form.bytes(&density(&bound, &choice).map_err(|e| e.to_string())?, density_csv),
    }?;
    if bound.count() < LEAST_LOCATED {
        let (zh, en) =
            (format!("少于 {LEAST_LOCATED} 行,未作分析"), format!("fewer than {LEAST_LOCATED} rows: nothing to find"));
        eprintln!("{}", both(&Text::new(zh, en)));
    }
    write_out(args.out.as_deref(), |out| out.write_all(&bytes))
}

/// In which form an answer is written.
struct Form {
    is_csv: bool,
    lang: Lang,
}

impl Form {
    fn bytes<T: Serialize>(
        &self,
        found: &T,
        csv: impl FnOnce(&T, Lang) -> Result<Vec<u8>, csv::Error>,
    ) -> Result<Vec<u8>, String> {
        if self.is_csv {
            csv(found, self.lang).map_err(|e| e.to_string())
        } else {
            serde_json::to_vec(found).map_err(|e| e.to_string())
        }
    }
}
