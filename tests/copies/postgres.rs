//! A PostgreSQL server of a test's own, by Debian's programs, which may be stopped and killed.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use tempfile::TempDir;

pub(super) struct Postgres {
    folder: TempDir,
    programs: PathBuf,
    /// Where it listens besides its socket, with TLS; its certificate is in the file `server.pem`.
    port: Option<u16>,
}

impl Postgres {
    pub(super) fn start() -> Self {
        Self::begin(None)
    }

    /// One that speaks TLS as `localhost`.
    pub(super) fn encrypted() -> Self {
        let free = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        Self::begin(Some(free))
    }

    fn begin(port: Option<u16>) -> Self {
        let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().map(|entry| entry.unwrap().path());
        let programs = versions.map(|version| version.join("bin")).filter(|bin| bin.join("initdb").is_file()).max();
        let programs = programs.expect("a PostgreSQL server is needed: apt-get install postgresql");
        let folder = tempfile::tempdir().unwrap();
        if root() {
            // the server refuses to be root
            let given = Command::new("chown").arg("postgres").arg(folder.path()).status().unwrap();
            assert!(given.success());
        }
        let server = Self { folder, programs, port };
        let data = server.data();
        server.run("initdb", &["-D", &data, "-U", "shigu", "--auth=trust", "--locale=C.UTF-8"]);
        if port.is_some() {
            let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
            fs::write(server.certificate(), made.cert.pem()).unwrap();
            let key = server.folder.path().join("server.key");
            fs::write(&key, made.signing_key.serialize_pem()).unwrap();
            fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
            if root() {
                let given = Command::new("chown").arg("postgres").arg(&key).status().unwrap();
                assert!(given.success());
            }
        }
        server.restart();
        server
    }

    /// The file of its certificate.
    pub(super) fn certificate(&self) -> PathBuf {
        self.folder.path().join("server.pem")
    }

    /// Asks it something, as its administrator.
    pub(super) fn ask(&self, sql: &str) -> String {
        let mut command = Command::new(self.programs.join("psql"));
        let answer = command.args(["-h", self.folder.path().to_str().unwrap(), "-U", "shigu", "-p"]);
        let answer = answer.arg(self.port.unwrap_or(5432).to_string()).args(["-d", "postgres", "-Atc", sql]).output();
        let answer = answer.unwrap();
        assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
        String::from_utf8(answer.stdout).unwrap().trim().to_owned()
    }

    fn data(&self) -> String {
        self.folder.path().join("data").to_str().unwrap().to_owned()
    }

    fn run(&self, program: &str, args: &[&str]) {
        let log = || fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        assert!(self.done(program, args), "{args:?} {}", log());
    }

    /// Runs one of its programs; whether it succeeded.
    fn done(&self, program: &str, args: &[&str]) -> bool {
        let program = self.programs.join(program);
        let mut command = if root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        let run = command.args(args).current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        run.status().unwrap().success()
    }

    pub(super) fn address(&self) -> String {
        match self.port {
            None => format!("postgres://shigu@/postgres?host={}", self.folder.path().display()),
            Some(port) => {
                let certificate = self.certificate();
                format!(
                    "postgres://shigu@localhost:{port}/postgres?sslmode=verify-full&sslrootcert={}",
                    certificate.display()
                )
            }
        }
    }

    /// Starts it, after whatever has ended it.
    pub(super) fn restart(&self) {
        let folder = self.folder.path().display();
        let mut options = format!("-c unix_socket_directories={folder} ");
        options += &match self.port {
            None => "-c listen_addresses=''".to_owned(),
            Some(port) => format!(
                "-c listen_addresses=localhost -c port={port} -c ssl=on -c ssl_cert_file={folder}/server.pem -c ssl_key_file={folder}/server.key"
            ),
        };
        let log = format!("{folder}/log");
        let (data, start) = (self.data(), Instant::now());
        // processes that were killed may take a moment to be gone
        while !self.done("pg_ctl", &["-D", &data, "-l", &log, "-w", "-o", &options, "start"]) {
            let said = || fs::read_to_string(&log).unwrap_or_default();
            assert!(start.elapsed() < Duration::from_mins(1), "{}", said());
            sleep(Duration::from_millis(50));
        }
    }

    /// Stops it as an administrator does: connections end.
    pub(super) fn stop(&self) {
        self.run("pg_ctl", &["-D", &self.data(), "-w", "-m", "fast", "stop"]);
    }

    /// Kills all its processes at once, as a failure of the machine would.
    pub(super) fn kill(&self) {
        self.signal("KILL");
    }

    /// Sends a signal to all its processes, the first one first.
    pub(super) fn signal(&self, name: &str) {
        let all = self.processes();
        let all: Vec<String> = all.iter().map(u32::to_string).collect();
        // one of them may have ended meanwhile
        let _ = Command::new("kill").arg(format!("-{name}")).args(all).stderr(Stdio::null()).status().unwrap();
    }

    fn processes(&self) -> Vec<u32> {
        let id = fs::read_to_string(Path::new(&self.data()).join("postmaster.pid")).unwrap();
        let first: u32 = id.lines().next().unwrap().parse().unwrap();
        let mut all = vec![first];
        for entry in fs::read_dir("/proc").unwrap().map(Result::unwrap) {
            let Some(id) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
            let stat = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
            // after the name in brackets: the state, then the parent
            let parent = stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(1)?.parse().ok());
            if parent == Some(first) {
                all.push(id);
            }
        }
        all
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if Path::new(&self.data()).join("postmaster.pid").exists() {
            self.signal("CONT");
            self.kill();
        }
    }
}

fn root() -> bool {
    fs::metadata("/proc/self").unwrap().uid() == 0
}
