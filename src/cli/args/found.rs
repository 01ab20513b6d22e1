//! Flags of the commands about what is found in the data.

use super::{DataArgs, LangArg, ReportForm, TableArgs};
use crate::core::model::Period;
use clap::ValueEnum;
use std::path::PathBuf;

/// What is looked for.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub(in crate::cli) enum HotspotWord {
    /// 热点片(DBSCAN)/ dense areas
    Areas,
    /// 冷热六边形(Gi*、局部莫兰)/ hot and cold hexagons
    Hexagons,
    /// 核密度 / kernel density
    Density,
}

/// How dense areas are found.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub(in crate::cli) enum DenseMethodWord {
    /// 按一个距离 / by one distance
    Dbscan,
    /// 按密度逐级 / by what persists as densities grow
    Hdbscan,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct HotspotArgs {
    /// 找什么 / what to look for
    #[arg(value_enum)]
    pub(in crate::cli) what: HotspotWord,
    #[command(flatten)]
    pub(in crate::cli) data: DataArgs,
    #[command(flatten)]
    pub(in crate::cli) of: TableArgs,
    /// 区域编号,city 为全部 / zone id; city for the whole
    #[arg(long, default_value = "city")]
    pub(in crate::cli) zone: String,
    /// 时期 / period: 2025, 2025Q3 or 2025-03 [default: the latest]
    #[arg(long, visible_alias = "year")]
    pub(in crate::cli) period: Option<Period>,
    /// 条件 / condition on a property of the register; may be given several times
    #[arg(long = "filter", value_name = "PROPERTY=VALUE")]
    pub(in crate::cli) filters: Vec<String>,
    /// 方法(热点片)/ how dense areas are found
    #[arg(long, value_enum, default_value = "dbscan")]
    pub(in crate::cli) method: DenseMethodWord,
    /// 邻近距离,米(热点片,DBSCAN)/ metres within which rows are neighbours [default: from the data]
    #[arg(long, value_name = "METRES")]
    pub(in crate::cli) distance: Option<f64>,
    /// 最少点数,含自身(热点片)/ rows within the distance, itself counted [default: from the data]
    #[arg(long, value_name = "N")]
    pub(in crate::cli) least: Option<u32>,
    /// 一片最少点数(热点片,HDBSCAN)/ rows of an area at least [default: from the data]
    #[arg(long, value_name = "N")]
    pub(in crate::cli) smallest: Option<u32>,
    /// 对照哪一类规划范围(热点片)/ kind of the zones that dense areas are set against [default: areas of platforms]
    #[arg(long, value_name = "KIND")]
    pub(in crate::cli) against: Option<String>,
    /// H3 级别(六边形)/ resolution of H3 [default: from the data]
    #[arg(long, value_name = "N")]
    pub(in crate::cli) resolution: Option<u8>,
    /// 带宽,米(核密度)/ bandwidth in metres [default: from the data]
    #[arg(long, value_name = "METRES")]
    pub(in crate::cli) bandwidth: Option<f64>,
    /// 语言 / language of CSV
    #[arg(long, env = "SHIGU_LANG", value_enum, default_value = "zh")]
    pub(in crate::cli) lang: LangArg,
    /// 输出文件 / file to write: .geojson or .csv; GeoJSON on standard output without it
    #[arg(short, long, value_name = "FILE")]
    pub(in crate::cli) out: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct GeocodeArgs {
    #[command(flatten)]
    pub(in crate::cli) data: DataArgs,
    /// 地址;不写则从标准输入逐行读取 / addresses [default: the lines of standard input]
    pub(in crate::cli) addresses: Vec<String>,
    /// 语言 / language
    #[arg(long, env = "SHIGU_LANG", value_enum, default_value = "zh")]
    pub(in crate::cli) lang: LangArg,
    /// 输出格式 / form, `json` for machines
    #[arg(long, value_enum, default_value = "text")]
    pub(in crate::cli) format: ReportForm,
}
