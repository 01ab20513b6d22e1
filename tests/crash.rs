//! The program is killed while it commits, at any moment: the data folder then holds the version of before or the new one,
//! whole, and nothing else. `SHIGU_CRASHES` says how often (`make crash`: a few hundred times).

use shigu::core::query::{Disclosure, Question};
use shigu::data::load::{Limits, Source};
use shigu::service::store::{KEPT, Store};
use std::fmt::Write as _;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

fn tinyville() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/tinyville")
}

fn shigu(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_shigu"));
    command.env("SHIGU_GEODATA", tinyville()).env_remove("SHIGU_DATA_DIR").args(args).stdout(Stdio::piped());
    command.stderr(Stdio::piped());
    command
}

/// A table of so many enterprises, with figures of its own.
fn table(path: &Path, rows: usize, factor: usize) {
    let mut text = String::from("企业名称,区县,经度,纬度,2025年营收(万元)\n");
    for i in 0..rows {
        let (x, y) = (120.0005 + (i % 97) as f64 * 0.001, 30.0005 + (i % 89) as f64 * 0.001);
        writeln!(text, "杭州第{i}智能有限公司,西区,{x:.5},{y:.5},{}", i * factor).unwrap();
    }
    fs::write(path, text).unwrap();
}

fn import(data: &Path, file: &Path) -> Command {
    let text = |p: &Path| p.to_str().unwrap().to_owned();
    shigu(&["import", &text(file), "--data-dir", &text(data), "--crs", "wgs84"])
}

fn done(mut command: Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            assert!(fs::copy(entry.path(), target).is_ok());
        }
    }
}

/// What a data folder serves: version, revision, and every cell of the register.
fn served(data: &Path) -> (u64, String, String) {
    let (store, _) = Store::open_in(data, KEPT, Source::Folder(tinyville()), Limits::default())
        .unwrap_or_else(|e| panic!("the folder does not open: {}", e.text().en));
    let current = store.current();
    let all = Question::register().bind(&current.snapshot, Disclosure::Full).unwrap().select(0, usize::MAX);
    let table = all.table();
    let mut rows: Vec<String> = (0..table.ids.len())
        .map(|row| {
            let cells: Vec<String> = table.columns.iter().map(|c| format!("{:?}", c.value(row))).collect();
            let cells = cells.iter().filter(|c| !c.starts_with("Strings")).cloned().collect::<Vec<_>>().join(",");
            format!("{} {:?} {cells}", table.ids.value(row), table.geometries.value(row))
        })
        .collect();
    rows.sort();
    (current.version.as_ref().unwrap().number, current.snapshot.describe().revision.clone(), rows.join("\n"))
}

/// What lies in the folder of versions.
fn folders(data: &Path) -> usize {
    let all = fs::read_dir(data.join("versions")).unwrap().map(|e| e.unwrap().file_name());
    all.filter(|name| name != ".lock").count()
}

/// The folder before, and both things that may be served after.
struct Scene {
    dir: TempDir,
    second: PathBuf,
    old: (u64, String, String),
    new: (u64, String, String),
    /// How long a commit takes once the report stands.
    lasts: Duration,
}

fn scene() -> Scene {
    let dir = tempfile::tempdir().unwrap();
    let (first, second) = (dir.path().join("a.csv"), dir.path().join("b.csv"));
    table(&first, 3000, 1);
    table(&second, 3500, 2);
    let (before, after) = (dir.path().join("before"), dir.path().join("after"));
    done(import(&before, &first));
    copy(&before, &after);
    let mut child = import(&after, &second).spawn().unwrap();
    reported(&mut child);
    let start = Instant::now();
    assert!(child.wait().unwrap().success());
    let lasts = start.elapsed();
    let (old, new) = (served(&before), served(&after));
    assert_eq!((old.0, new.0), (1, 2));
    assert!(old.1 != new.1 && old.2 != new.2);
    Scene { dir, second, old, new, lasts }
}

/// Waits until the report is printed: all that follows is the commit.
fn reported(child: &mut std::process::Child) {
    let mut byte = [0];
    child.stdout.as_mut().unwrap().read_exact(&mut byte).unwrap();
}

/// What can be seen of a commit from outside, in order. Between two of them lie microseconds, which no clock hits.
const STEPS: [Step; 4] = [Step::Written, Step::Packed, Step::Named, Step::Recorded];

#[derive(Clone, Copy)]
enum Step {
    /// There is a folder in the making.
    Written,
    /// The register is packed in it.
    Packed,
    /// It has its name.
    Named,
    /// The row stands in the journal, of which the first 32 bytes say nothing.
    Recorded,
}

/// Waits for a step, or for the end.
fn at(step: Step, data: &Path, child: &mut std::process::Child) {
    let (versions, journal) = (data.join("versions"), data.join("shigu.sqlite3-wal"));
    let seen = || match step {
        Step::Written => versions.join(".part-version").exists(),
        Step::Packed => versions.join(".part-version/register.parquet").exists(),
        Step::Named => fs::read_dir(&versions).is_ok_and(|all| all.filter(named).count() == 2),
        Step::Recorded => fs::metadata(&journal).is_ok_and(|m| m.len() > 32),
    };
    while !seen() && child.try_wait().unwrap().is_none() {
        std::hint::spin_loop();
    }
}

fn named(entry: &std::io::Result<fs::DirEntry>) -> bool {
    entry.as_ref().is_ok_and(|e| e.file_name().len() == 64)
}

fn crashes() -> u32 {
    std::env::var("SHIGU_CRASHES").ok().and_then(|n| n.parse().ok()).unwrap_or(40)
}

#[test]
fn a_kill_at_any_moment_leaves_the_old_version_or_the_new_one() {
    let scene = scene();
    let mut chance = oorandom::Rand64::new(7);
    let (mut olds, mut news) = (0, 0);
    for round in 0..crashes() {
        let data = scene.dir.path().join("crash");
        let _ = fs::remove_dir_all(&data);
        copy(&scene.dir.path().join("before"), &data);
        let mut child = import(&data, &scene.second).spawn().unwrap();
        reported(&mut child);
        match STEPS.get(round as usize % (STEPS.len() + 1)) {
            Some(step) => at(*step, &data, &mut child),
            // moments all over the commit, and some after it
            None => std::thread::sleep(scene.lasts.mul_f64(chance.rand_float() * 1.1)),
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let found = served(&data);
        if found == scene.old {
            olds += 1;
            assert_eq!(folders(&data), 1, "round {round}: what was cut off is removed at the start");
        } else {
            assert!(found == scene.new, "round {round}: version {} is neither the old nor the new state", found.0);
            news += 1;
            assert_eq!(folders(&data), 2, "round {round}");
        }
        // what was killed can be done again
        if round % 10 == 0 && found == scene.old {
            done(import(&data, &scene.second));
            assert!(served(&data) == scene.new, "round {round}");
        }
    }
    println!("{olds} old, {news} new");
    assert!(olds > 0 && news > 0, "{olds} old, {news} new: the kills miss the commit");
}

#[test]
fn a_backup_made_during_commits_is_of_one_moment() {
    let scene = scene();
    for round in 0..5 {
        let data = scene.dir.path().join("busy");
        let _ = fs::remove_dir_all(&data);
        copy(&scene.dir.path().join("before"), &data);
        let mut child = import(&data, &scene.second).spawn().unwrap();
        reported(&mut child);
        std::thread::sleep(scene.lasts.mul_f64(f64::from(round) / 5.0));
        let to = scene.dir.path().join(format!("backup-{round}"));
        done(shigu(&["backup", "--data-dir", data.to_str().unwrap(), to.to_str().unwrap()]));
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let found = served(&to);
        assert!(found == scene.old || found == scene.new, "round {round}: version {}", found.0);
    }
    // the backup is gone back to by copying it
    let back = scene.dir.path().join("back");
    copy(&scene.dir.path().join("backup-4"), &back);
    let found = served(&back);
    assert!(found == scene.old || found == scene.new);
    done(import(&back, &scene.second));
}

/// The program where no file may grow beyond so many kilobytes: writing fails there as on a full disk, and no permission to
/// mount one is needed.
fn limited(kilobytes: usize, command: &Command) -> Command {
    let mut shell = Command::new("sh");
    // in blocks of 512 bytes; the signal would end the program instead of failing the call
    shell.args(["-c", "trap '' XFSZ; ulimit -f \"$0\"; exec \"$@\"", &(kilobytes * 2).to_string()]);
    shell.arg(command.get_program()).args(command.get_args()).stdout(Stdio::piped()).stderr(Stdio::piped());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell
}

#[test]
fn a_file_that_can_not_be_written_to_its_end_changes_nothing() {
    let scene = scene();
    let data = scene.dir.path().join("limited");
    copy(&scene.dir.path().join("before"), &data);
    // what the database holds does not fit, and what the version does not to its last kilobyte
    let largest = contents(&scene.dir.path().join("after/versions")).max().unwrap();
    for kilobytes in [64, (largest - 1) / 1024] {
        let output = limited(kilobytes, &import(&data, &scene.second)).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{kilobytes} kB: {said}");
        assert!(said.contains("提交失败,数据没有任何变化。原因:"), "{kilobytes} kB: {said}");
        assert!(served(&data) == scene.old, "{kilobytes} kB");
        assert_eq!(folders(&data), 1, "{kilobytes} kB");
    }
    done(limited(100_000, &import(&data, &scene.second)));
    assert!(served(&data) == scene.new);
}

/// Bytes of each file of the versions in a folder.
fn contents(versions: &Path) -> impl Iterator<Item = usize> {
    let within = |path: PathBuf| fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
    let folders = within(versions.to_owned()).filter(|path| path.is_dir());
    folders.flat_map(within).map(|file| fs::metadata(file).unwrap().len() as usize)
}

/// A disk of its own.
struct Disk(TempDir);

impl Disk {
    fn of(megabytes: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let size = format!("size={megabytes}m");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder.path()).output();
        let mounted = mounted.unwrap();
        assert!(mounted.status.success(), "{}", String::from_utf8_lossy(&mounted.stderr));
        Self(folder)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).output();
    }
}

/// The same on a real disk. A full disk at any byte is tested without one where the store is (`store::recorder`).
#[test]
#[ignore = "mounts a disk of its own: make crash, as root"]
fn a_disk_that_is_full_changes_nothing() {
    let disk = Disk::of(32);
    let scene = scene();
    let (data, other) = (disk.0.path().join("data"), disk.0.path().join("other"));
    copy(&scene.dir.path().join("before"), &data);
    // there is room as far as can be known beforehand, but somebody else takes it meanwhile
    let mut child = import(&data, &scene.second).spawn().unwrap();
    at(Step::Written, &data, &mut child);
    let mut file = fs::File::create(&other).unwrap();
    while file.write_all(&[0; 4096]).is_ok() {}
    drop(file);
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("提交失败,数据没有任何变化。原因:磁盘已满"), "{said}");
    fs::remove_file(&other).unwrap();
    assert!(served(&data) == scene.old);
    assert_eq!(folders(&data), 1);

    // and there is too little from the beginning
    fs::write(&other, vec![0; 16 << 20]).unwrap();
    let output = import(&data, &scene.second).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("原因:磁盘剩余 ") && said.contains(" MB,需要 "), "{said}");
    fs::remove_file(&other).unwrap();
    assert!(served(&data) == scene.old);
    done(import(&data, &scene.second));
    assert!(served(&data) == scene.new);
}
