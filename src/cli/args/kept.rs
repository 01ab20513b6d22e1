//! Flags of the commands about what the data folder keeps: versions, backups, accounts.

use super::{DataArgs, DatabaseArgs, LangArg};
use crate::service::store::KEPT;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct VersionsArgs {
    #[command(flatten)]
    pub(in crate::cli) data: DataArgs,
    #[command(flatten)]
    pub(in crate::cli) of: super::TableArgs,
    /// 比较两个版本(0 为内置名录)/ what is different from version A to version B; 0 is the register of the dataset folder
    #[arg(long, num_args = 2, value_names = ["A", "B"], conflicts_with = "restore")]
    pub(in crate::cli) compare: Option<Vec<u64>>,
    /// 退回到版本 N / make the content of version N current again, as a new version
    #[arg(long, value_name = "N")]
    pub(in crate::cli) restore: Option<u64>,
    /// 退回的备注 / remark on going back
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(in crate::cli) note: String,
    /// 保留内容的版本数 / versions that keep their content
    #[arg(long, env = "SHIGU_KEEP_VERSIONS", value_name = "N", default_value_t = KEPT)]
    pub(in crate::cli) keep_versions: usize,
    /// 语言 / language
    #[arg(long, env = "SHIGU_LANG", value_enum, default_value = "zh")]
    pub(in crate::cli) lang: LangArg,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct BackupArgs {
    /// 运行数据文件夹 / data folder
    #[arg(long, env = "SHIGU_DATA_DIR", value_name = "DIR")]
    pub(in crate::cli) data_dir: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) database: DatabaseArgs,
    /// 备份到(新文件夹)/ folder to make; must not exist
    #[arg(value_name = "TO")]
    pub(in crate::cli) to: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct AccountsArgs {
    /// 运行数据文件夹 / data folder
    #[arg(long, env = "SHIGU_DATA_DIR", value_name = "DIR")]
    pub(in crate::cli) data_dir: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) database: DatabaseArgs,
    /// 为该帐户生成一次性链接,用来设新口令 / make a one-time link with which this account sets another password
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) reset: Option<String>,
    /// 读者使用的网址 / address under which readers see the service
    #[arg(long, env = "SHIGU_PUBLIC_URL", value_name = "URL", default_value = "http://127.0.0.1:8080")]
    pub(in crate::cli) public_url: String,
}
