//! `shigu` alone, as somebody starts it on a desktop: the service on a free port of this computer, with a data folder where the
//! platform keeps data of users, and the page in the browser.

use std::ffi::OsString;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Ports that are tried first, so that an address in the browser's history stays right.
const PORTS: std::ops::Range<u16> = 8080..8100;

/// Words of the command that `shigu` alone stands for. What a variable says is left to it.
pub(super) fn words(program: OsString) -> Vec<OsString> {
    let mut words = vec![program, "serve".into(), "--open".into()];
    if std::env::var_os("SHIGU_LISTEN").is_none() {
        let free = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
        let port = PORTS.into_iter().find(free).unwrap_or(0);
        words.push(format!("--listen=127.0.0.1:{port}").into());
    }
    if std::env::var_os("SHIGU_DATA_DIR").is_none()
        && let Some(folder) = data_folder()
    {
        words.extend([OsString::from("--data-dir"), folder.into()]);
    }
    // a file of settings is the installed service's, not that of who sits here
    if std::env::var_os("SHIGU_CONFIG").is_none() {
        words.push("--config=".into());
    }
    words
}

/// Where the platform keeps data of this program for its user: `XDG_DATA_HOME` or `~/.local/share` on Linux.
pub(super) fn data_folder() -> Option<PathBuf> {
    let folder = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let place = if cfg!(windows) {
        folder("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        folder("HOME").map(|home| home.join("Library/Application Support"))
    } else {
        folder("XDG_DATA_HOME").or_else(|| folder("HOME").map(|home| home.join(".local/share")))
    };
    place.map(|place| place.join("shigu"))
}

/// Opens an address in the browser, where there is a screen and something that opens addresses. Whether it could.
pub(super) fn open(address: &str) -> bool {
    let screen = |name: &str| std::env::var_os(name).is_some_and(|v| !v.is_empty());
    let mut command = if cfg!(windows) {
        let mut command = Command::new("cmd");
        command.args(["/C", "start", ""]);
        command
    } else if cfg!(target_os = "macos") {
        Command::new("open")
    } else if screen("DISPLAY") || screen("WAYLAND_DISPLAY") {
        Command::new("xdg-open")
    } else {
        return false;
    };
    let begun = command.arg(address).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    begun.is_ok()
}
