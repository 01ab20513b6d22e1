//! `shigu service-check`: whether what `shigu serve` needs with the same settings is there. It changes nothing, and may run beside
//! the service.

use super::args::ServeArgs;
use super::desktop;
use crate::service::cities::is_id;
use crate::service::health::{Check, Condition};
use crate::service::{clock, machine};
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Files that the service may have open: its connections, and some for data and databases.
const FILES: u64 = 1_200;
/// Bytes of memory below which a city's data hardly has room, and below which somebody should look.
const NO_MEMORY: u64 = 200_000_000;
const LITTLE_MEMORY: u64 = 1_000_000_000;
/// A clock that says less has not been set: no build of this program is older. 2026-01-01.
const EARLIEST: i64 = 1_767_225_600;

pub(super) fn run(args: &ServeArgs, file: Option<&Path>) -> ExitCode {
    let mut checks = vec![settings(file)];
    checks.push(port("port", "--listen", args.listen));
    checks.extend(args.operating.metrics_listen.map(|at| port("metrics-port", "--metrics-listen", at)));
    checks.extend(folder(args.data.data_dir.as_deref()));
    checks.extend(args.cities.cities.as_deref().map(cities));
    checks.push(fonts(args));
    checks.push(time(args.data.data_dir.as_deref()));
    checks.push(files());
    checks.push(memory());
    checks.extend(certificate(args));
    for Check { id, condition, detail } in &checks {
        println!("{:<9}{id}: {} / {}", condition.name(), detail.zh, detail.en);
    }
    let worst = checks.iter().map(|check| check.condition).max();
    if worst == Some(Condition::Failing) { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn settings(file: Option<&Path>) -> Check {
    match file {
        Some(file) => Check::new(
            "settings",
            Condition::Ok,
            format!("配置文件 {}", file.display()),
            format!("from {}", file.display()),
        ),
        None => Check::new("settings", Condition::Ok, "没有配置文件", "no file of settings"),
    }
}

/// Whether the service could listen. Where something listens already, that may be the service.
fn port(id: &'static str, flag: &str, at: SocketAddr) -> Check {
    match TcpListener::bind(at) {
        Ok(_) => Check::new(id, Condition::Ok, format!("{at} 空闲"), format!("{at} is free")),
        Err(e) if e.kind() == ErrorKind::AddrInUse => Check::new(
            id,
            Condition::Degraded,
            format!("{at} 已被占用:是本服务在运行,否则请用 {flag} 另选"),
            format!("{at} is taken: by this service, or choose another with {flag}"),
        ),
        Err(e) if e.kind() == ErrorKind::PermissionDenied => Check::new(
            id,
            Condition::Failing,
            format!("无权监听 {at}:1024 以下的端口需 systemd 单元中的 AmbientCapabilities=CAP_NET_BIND_SERVICE"),
            format!(
                "no right to listen on {at}: ports below 1024 need AmbientCapabilities=CAP_NET_BIND_SERVICE in the unit"
            ),
        ),
        Err(e) => {
            Check::new(id, Condition::Failing, format!("无法监听 {at}({e})"), format!("can't listen on {at} ({e})"))
        }
    }
}

/// The data folder, or the one above in which it would be made.
fn folder(folder: Option<&Path>) -> Vec<Check> {
    let Some(folder) = folder else {
        let usual = desktop::data_folder().unwrap_or_else(|| PathBuf::from("DIR"));
        let usual = usual.display();
        return vec![Check::new(
            "data-folder",
            Condition::Degraded,
            format!("没有 --data-dir,不保存版本与帐户;可用 --data-dir {usual}"),
            format!("no --data-dir: no versions and accounts are kept; --data-dir {usual} would"),
        )];
    };
    let there = folder.ancestors().find(|above| above.is_dir()).unwrap_or(Path::new("."));
    vec![Check::folder(there), Check::disk(there)]
}

/// Whether there are cities. What is wrong with the data of one is for `shigu check`.
fn cities(folder: &Path) -> Check {
    let shown = folder.display();
    match std::fs::read_dir(folder) {
        Ok(entries) => {
            let names = entries.flatten().filter(|e| e.path().is_dir()).map(|e| e.file_name());
            let n = names.filter(|name| name.to_str().is_some_and(is_id)).count();
            let condition = if n == 0 { Condition::Degraded } else { Condition::Ok };
            Check::new("cities", condition, format!("{shown} 中有 {n} 个城市"), format!("{n} cities in {shown}"))
        }
        Err(e) => Check::new(
            "cities",
            Condition::Failing,
            format!("{shown} 读不出({e})"),
            format!("{shown} can't be read ({e})"),
        ),
    }
}

fn fonts(args: &ServeArgs) -> Check {
    match super::map::faces(args.font.as_deref()).map(|fonts| fonts.typefaces("视谷产业").is_ok()) {
        Ok(true) => Check::new("fonts", Condition::Ok, "有中文字体", "there is a Chinese font"),
        Ok(false) => Check::new(
            "fonts",
            Condition::Degraded,
            "没有中文字体:PNG 地图、PDF 与 DOCX 无法生成;请安装 fonts-noto-cjk 或用 --font 指定",
            "no Chinese font: no maps as PNG, no PDF and DOCX; install fonts-noto-cjk or name one with --font",
        ),
        Err(why) => Check::new("fonts", Condition::Failing, &why, &why),
    }
}

/// A clock that was set back ends sessions and links too late: what the service wrote must not be of tomorrow.
fn time(folder: Option<&Path>) -> Check {
    let now = clock::now();
    let written = folder.and_then(|f| f.join("shigu.sqlite3").metadata().ok()?.modified().ok());
    let ahead = written.and_then(|at| at.duration_since(std::time::SystemTime::now()).ok());
    if clock::seconds() < EARLIEST || ahead.is_some_and(|ahead| ahead.as_secs() > 3600) {
        return Check::new(
            "clock",
            Condition::Failing,
            format!("时钟为 {now},早于已有的数据;请校准(如 timedatectl set-ntp true)"),
            format!("the clock says {now}, which is before what there is; set it (timedatectl set-ntp true)"),
        );
    }
    Check::new("clock", Condition::Ok, now, now)
}

fn files() -> Check {
    match machine::Taken::now().most_files {
        Some(most @ ..FILES) => Check::new(
            "open-files",
            Condition::Degraded,
            format!("可打开 {most} 个文件,连接多时会不够;请用 LimitNOFILE=8192 或 ulimit -n 8192"),
            format!("{most} files may be open, too few for many connections; use LimitNOFILE=8192 or ulimit -n 8192"),
        ),
        Some(most) => Check::new(
            "open-files",
            Condition::Ok,
            format!("可打开 {most} 个文件"),
            format!("{most} files may be open"),
        ),
        None => Check::new("open-files", Condition::Ok, "未知", "not known"),
    }
}

fn memory() -> Check {
    let Some(left) = machine::available_memory() else {
        return Check::new("memory", Condition::Ok, "未知", "not known");
    };
    let condition = match left {
        ..NO_MEMORY => Condition::Failing,
        NO_MEMORY..LITTLE_MEMORY => Condition::Degraded,
        LITTLE_MEMORY.. => Condition::Ok,
    };
    let mb = left / 1_000_000;
    Check::new("memory", condition, format!("可用 {mb} MB"), format!("{mb} MB are available"))
}

fn certificate(args: &ServeArgs) -> Option<Check> {
    match args.operating.certificate() {
        Ok(certificate) => {
            let ends = certificate?.ends();
            let unknown = || Check::new("certificate", Condition::Ok, "有效期读不出", "when it ends can't be read");
            Some(ends.map_or_else(unknown, |ends| Check::certificate(ends, clock::seconds())))
        }
        Err(why) => {
            let (zh, en) = why.split_once('\n').unwrap_or((&why, &why));
            Some(Check::new("certificate", Condition::Failing, zh, en.trim()))
        }
    }
}
