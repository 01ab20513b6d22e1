//! What the operating system says of this process and of the room that it has. Where it does not say (other systems than
//! Linux), nothing is known, and nothing is made up.

use std::fs;
use std::io;
use std::path::Path;

/// What this process takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Bytes of memory that are in use and in RAM.
    pub resident: Option<u64>,
    /// Files, sockets included, that are open.
    pub files: Option<u64>,
    /// How many may be.
    pub most_files: Option<u64>,
}

impl Taken {
    /// Now.
    pub fn now() -> Self {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
        Self {
            resident: kib(&status, "VmRSS:"),
            files: fs::read_dir("/proc/self/fd").ok().map(|all| all.count() as u64),
            most_files: limits
                .lines()
                .find_map(|l| l.strip_prefix("Max open files")?.split_whitespace().next()?.parse().ok()),
        }
    }
}

/// Bytes of memory that this process may still get: of the machine, or less where a control group (systemd's `MemoryMax`, a
/// container) says so.
pub fn available_memory() -> Option<u64> {
    let machine = kib(&fs::read_to_string("/proc/meminfo").ok()?, "MemAvailable:")?;
    let group = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let own = group.lines().find_map(|l| l.strip_prefix("0::")).unwrap_or("/").trim_end_matches('/');
    let number = |name: &str| {
        let file = format!("/sys/fs/cgroup{own}/{name}");
        fs::read_to_string(file).ok()?.trim().parse::<u64>().ok()
    };
    let left = number("memory.max").map(|most| most.saturating_sub(number("memory.current").unwrap_or(0)));
    Some(left.map_or(machine, |left| left.min(machine)))
}

/// Tries whether a folder can be written to.
pub fn writable(folder: &Path) -> io::Result<()> {
    let probe = folder.join(".shigu-probe");
    fs::write(&probe, b"")?;
    fs::remove_file(&probe)
}

/// A line `name 123 kB` in bytes.
fn kib(text: &str, name: &str) -> Option<u64> {
    let value = text.lines().find_map(|line| line.strip_prefix(name))?;
    value.split_whitespace().next()?.parse::<u64>().ok().map(|n| n << 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn linux_says_what_is_taken_and_what_is_left() {
        let taken = Taken::now();
        assert!(taken.resident.is_some_and(|n| n > 1 << 20), "{taken:?}");
        assert!(taken.files.zip(taken.most_files).is_some_and(|(open, most)| open >= 3 && open < most), "{taken:?}");
        assert!(available_memory().is_some_and(|n| n > 1 << 20));
        assert_eq!(kib("VmPeak: 9 kB\nVmRSS:\t  12 kB\n", "VmRSS:"), Some(12 << 10));
    }

    #[test]
    fn a_folder_is_writable_or_it_is_said_why_not() {
        let folder = tempfile::tempdir().unwrap();
        writable(folder.path()).unwrap();
        assert!(fs::read_dir(folder.path()).unwrap().next().is_none(), "the probe was left behind");
        assert!(writable(&folder.path().join("absent")).is_err());
    }
}
