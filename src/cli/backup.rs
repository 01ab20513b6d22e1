//! `shigu backup`: the data folder as it is at one moment, into a folder that is made for it.

use super::args::BackupArgs;
use super::{Done, both};
use crate::service::store::backup;
use std::process::ExitCode;

pub(super) fn run(args: &BackupArgs) -> Done {
    let (from, to) = (args.data_dir.display(), args.to.display());
    if !args.data_dir.is_dir() {
        return Err(format!("--data-dir {from} 不存在 / does not exist"));
    }
    if args.to.symlink_metadata().is_ok() {
        return Err(format!("{to} 已存在,请换一个名称 / {to} exists already, choose another name"));
    }
    let bytes = backup(&args.database.of(&args.data_dir)?, &args.to).map_err(|e| both(&e.text()))?;
    println!("{to}  {} MB。恢复时把它复制回 {from} / to go back, copy it to {from}", bytes.div_ceil(1_000_000));
    Ok(ExitCode::SUCCESS)
}
