//! `shigu geocode`: where addresses are by the dataset's tables of places, as an import locates rows.

use super::args::{GeocodeArgs, ReportForm};
use super::{Done, both};
use crate::core::geocode::How;
use crate::core::model::{Lang, Text};
use crate::data::intake::{Addresses, Answer, Districts, Ground, Here};
use crate::data::load::load;
use serde_json::json;
use std::io::{self, BufRead, Write};
use std::process::ExitCode;

pub(super) fn run(args: &GeocodeArgs) -> Done {
    let lang: Lang = args.lang.into();
    let (dataset, findings) = load(&args.data.current()?, &args.data.limits());
    let Some(dataset) = dataset else { return Err(findings.render(lang)) };
    let Some(addresses) = Addresses::of(&dataset) else {
        return Err(both(&Text::new(
            "数据集没有地名表:在 dataset.json 的点集合中写 places 块",
            "the dataset has no table of places: give a collection of points in dataset.json the block places",
        )));
    };
    let ground = Ground::of(&dataset);
    let districts = Districts::new(&ground);
    let mut out = io::stdout().lock();
    let mut all_found = true;
    let mut tell = |text: &str| -> io::Result<()> {
        let answer = addresses.answer(text, None, &districts);
        all_found &= matches!(answer, Answer::Here(_));
        match args.format {
            ReportForm::Json => writeln!(out, "{}", as_json(text, &answer)),
            ReportForm::Text => writeln!(out, "{text}\t{}", in_words(&answer).get(lang)),
        }
    };
    let failed = |e: io::Error| format!("读写失败 / can't read or write: {e}");
    if args.addresses.is_empty() {
        for line in io::stdin().lock().lines() {
            let line = line.map_err(failed)?;
            if !line.trim().is_empty() {
                tell(line.trim()).map_err(failed)?;
            }
        }
    }
    args.addresses.iter().try_for_each(|text| tell(text)).map_err(failed)?;
    Ok(if all_found { ExitCode::SUCCESS } else { ExitCode::from(super::import::LEFT_OUT) })
}

fn as_json(text: &str, answer: &Answer) -> serde_json::Value {
    match answer {
        Answer::Here(Here { at, how, name, collection, precision_m }) => json!({
            "address": text, "position": [at.x, at.y], "located": how, "place": name, "collection": collection,
            "precision_m": precision_m,
        }),
        Answer::Several { places, apart, first } => {
            json!({"address": text, "ambiguous": {"places": places, "apart_m": apart.round(), "first": first}})
        }
        Answer::Elsewhere(name) => json!({"address": text, "elsewhere": name}),
        Answer::Unknown => json!({"address": text, "located": null}),
    }
}

fn in_words(answer: &Answer) -> Text {
    match answer {
        Answer::Here(Here { at, how, name, precision_m, .. }) => {
            let place = format!("{:.6},{:.6}", at.x, at.y);
            let (zh, en) = match how {
                How::Exact => ("地址相同".to_owned(), "the same address".to_owned()),
                How::House => ("门牌相同".to_owned(), "the same house number".to_owned()),
                How::Nearest { number, off } => (
                    format!("同路最近门牌 {number},相差 {off} 号"),
                    format!("nearest number of the road {number}, {off} away"),
                ),
            };
            Text::new(
                format!("{place}\t{zh}:{name}(±{precision_m} 米)"),
                format!("{place}\t{en}: {name} (±{precision_m} m)"),
            )
        }
        Answer::Several { places, apart, first } => {
            let list = first.join(" | ");
            Text::new(
                format!("\t有 {places} 处,最远相距 {apart:.0} 米:{list}"),
                format!("\t{places} places, up to {apart:.0} m apart: {list}"),
            )
        }
        Answer::Elsewhere(name) => {
            Text::new(format!("\t只在另一区域找到:{name}"), format!("\tfound in another zone only: {name}"))
        }
        Answer::Unknown => Text::new("\t不在地名表中", "\tin no table of places"),
    }
}
