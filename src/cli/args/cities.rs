//! Flags of `serve` for several cities.

use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct CitiesArgs {
    /// 多个城市:其中每个文件夹是一个城市的数据文件夹,文件夹名即城市标识,网址为 /cities/标识/ / several cities: each folder in it is a dataset folder, whose name is the city's id; it is served at /cities/ID/
    #[arg(long, env = "SHIGU_CITIES", value_name = "DIR", conflicts_with = "geodata")]
    pub(in crate::cli) cities: Option<PathBuf>,
    /// 已加载城市的数据合计可用的内存,超过时卸载最久未用的 / memory that the data of loaded cities may take together; beyond it, those that were asked for longest ago are unloaded
    #[arg(long, env = "SHIGU_CITIES_MEMORY", value_name = "MB|kB|GB", default_value = "2000MB", value_parser = size)]
    pub(in crate::cli) cities_memory: u64,
    /// 跨城市查询引擎 / the engine that answers questions over the rows of all cities [default: shigu-datafusion next to this program or on PATH]
    #[arg(long, env = "SHIGU_ENGINE", value_name = "FILE")]
    pub(in crate::cli) engine: Option<PathBuf>,
    /// 查询引擎可用的内存,不够时该查询失败 / memory that the engine may take; a question that needs more fails
    #[arg(long, env = "SHIGU_ENGINE_MEMORY", value_name = "MB|kB|GB", default_value = "1000MB", value_parser = size)]
    pub(in crate::cli) engine_memory: u64,
}

/// Bytes: a number of MB, or with its unit.
fn size(text: &str) -> Result<u64, String> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let factor = match unit.trim().to_ascii_lowercase().as_str() {
        "kb" => Some(1_000),
        "" | "mb" => Some(1_000_000),
        "gb" => Some(1_000_000_000_u64),
        _ => None,
    };
    let bytes = number.parse::<u64>().ok().zip(factor).and_then(|(n, factor)| n.checked_mul(factor));
    bytes.filter(|n| *n > 0).ok_or_else(|| "应形如 2000MB / must be like 2000MB".to_owned())
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes() {
        assert_eq!(size("2000"), Ok(2_000_000_000));
        assert_eq!((size("12kB"), size("3 MB"), size("4GB")), (Ok(12_000), Ok(3_000_000), Ok(4_000_000_000)));
        for bad in ["", "MB", "0", "-1", "1TB", "1.5GB", "99999999999999999999"] {
            assert!(size(bad).is_err(), "{bad}");
        }
    }
}
