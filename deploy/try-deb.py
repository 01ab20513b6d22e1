"""The package in a fresh Debian or Ubuntu: installed, checked, served, logged in, imported, reported, upgraded, removed, installed again.
Then the program alone, as somebody who unpacked the archive has it: the same by an ordinary user without settings.

deploy/try-deb.py PROGRAM SUITE ... as root, with debootstrap, dpkg-deb and objdump. There is no systemd in such a root: the service is started
as its unit starts it, by the user shigu and with /etc/shigu/shigu.toml.
"""
import http.cookiejar
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
DEBIAN, BEFORE, UBUNTU = "http://deb.debian.org/debian", "http://archive.debian.org/debian", "http://archive.ubuntu.com/ubuntu"
MIRRORS = {"buster": BEFORE, "stretch": BEFORE} | dict.fromkeys(("xenial", "bionic", "focal", "jammy", "noble"), UBUNTU)
PASSWORD = "a long enough password 2026"
TABLE = "企业名称,所属区县,所属集群,2025年营业收入(万元),经度,纬度\n" + "".join(
    f"试装企业{n}号有限公司,西湖区,视觉智能,{1000 + n},{120.08 + n / 2000:.4f},30.2500\n" for n in range(40)
)


def run(*command, **options):
    done = subprocess.run([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if done.returncode:
        raise SystemExit(f"FAILED: {' '.join(map(str, command))}: exit {done.returncode}\n{done.stdout[-4000:]}")
    return done.stdout


def say(what):
    print(f"  {what}", flush=True)


class Root:
    """A fresh system of debootstrap."""

    def __init__(self, suite, folder):
        self.path = folder / suite
        if not (self.path / "usr/bin/dpkg").exists():
            run("debootstrap", "--variant=minbase", suite, self.path, MIRRORS.get(suite, DEBIAN))
        os.makedirs(self.path / "proc", exist_ok=True)
        run("mount", "-t", "proc", "proc", self.path / "proc")
        # of a root that is kept from run to run
        run("rm", "-rf", self.path / "var/lib/shigu")

    def leave(self):
        run("umount", self.path / "proc")

    def __call__(self, *command, **options):
        return run("chroot", self.path, *command, **options)

    def install(self, package):
        (self.path / "tmp/shigu.deb").write_bytes(package.read_bytes())
        return self("dpkg", "-i", "/tmp/shigu.deb", env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"})


class Service:
    """The program, started by a user; the first reader is nobody."""

    started = []

    def __init__(self, root, who, start, **env):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.log = tempfile.NamedTemporaryFile("w+")
        # --userspec becomes the user at once, so that the process is the program itself
        self.process = subprocess.Popen(
            ["chroot", f"--userspec={who}", str(root.path), *start],
            stdout=self.log, stderr=self.log,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "SHIGU_LISTEN": f"127.0.0.1:{self.port}", "LC_ALL": "C.UTF-8"} | env,
        )
        Service.started.append(self.process)
        self.reader = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        for _ in range(300):
            try:
                self.status("/readyz")
                return
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.1)
        raise SystemExit("FAILED: the service does not start:\n" + self.said())

    @classmethod
    def of_unit(cls, root):
        """As its unit starts it."""
        unit = (root.path / "lib/systemd/system/shigu.service").read_text()
        start = re.search(r"^ExecStart=(.*)$", unit, re.M).group(1).split()
        return cls(root, re.search(r"^User=(.*)$", unit, re.M).group(1), start)

    def said(self):
        return pathlib.Path(self.log.name).read_text()

    def ask(self, path, body=None, kind="application/json", method=None):
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, {"Content-Type": kind} if data is not None else {}, method=method)
        try:
            with self.reader.open(request, timeout=120) as answer:
                return answer.read()
        except urllib.error.HTTPError as e:
            raise SystemExit(f"FAILED: {path}: {e.code} {e.read().decode()}") from e

    def json(self, path, body=None, **options):
        return json.loads(self.ask(path, body, **options) or b"null")

    def status(self, path):
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=20).status
        except urllib.error.HTTPError as e:
            return e.code

    def log_in(self):
        self.json("/session", {"name": "admin", "password": PASSWORD})

    def stop(self):
        self.process.terminate()
        assert self.process.wait(30) == 0, "the service does not end as it is told to:\n" + self.said()


def package(program, version, out):
    run(HERE / "deb.sh", program, out, env={**os.environ, "DEB_VERSION": version})
    return out / f"shigu_{version}_amd64.deb"


def imported(service):
    made = service.json(f"/imports?file={urllib.parse.quote('名录.csv')}", TABLE.encode(), kind="application/octet-stream")
    at = f"/imports/{made['id']}"
    service.json(f"{at}/check", {"crs": "wgs84"})
    for _ in range(300):
        state = service.json(at)
        if state["state"] == "checked":
            break
        time.sleep(0.1)
    assert state["state"] == "checked" and state["outcome"]["counts"]["problem"] == 0, state
    return service.json(f"{at}/publish", {"note": "try-deb"})


def first_day(service):
    """What an administrator and a planner do first: accounts, a table, papers."""
    assert service.status("/dataset") == 401, "nobody reads without an account"
    assert service.status("/") == 200 and service.status("/healthz") == 200
    guide = service.status("/guide/zh/admin/install.html")
    say(f"served on {service.port}; the guide: {guide}")
    token = re.search(r"claim=([\w-]+)", service.said())
    assert token, "no link of the first administrator:\n" + service.said()
    service.json("/session/claim", {"token": token.group(1), "name": "admin", "password": PASSWORD})
    assert service.json("/session")["role"] == "administrator"
    say("the link of the log made the administrator")
    version = imported(service)
    say(f"a table was imported as version {version.get('number')}: {matched(service)} rows in the district")
    for form, begin in (("docx", b"PK"), ("xlsx", b"PK"), ("pdf", b"%PDF")):
        answer = service.ask(f"/report/330106?format={form}")
        assert answer.startswith(begin), answer[:200]
        say(f"report {form}: {len(answer)} bytes")
    service.stop()


def matched(service):
    found = service.json("/summary?zone=330106")["counts"]["matched"]
    assert found == 40, found
    return found


def data_are_there(service):
    service.log_in()
    matched(service)
    service.stop()


def alone(root, program):
    """The program of the archive, by somebody who has no rights on the system."""
    if subprocess.run(["chroot", root.path, "id", "planner"], capture_output=True).returncode:
        root("useradd", "--create-home", "planner")
    home = root.path / "home/planner"
    file, data = home / "shigu", home / ".local/share/shigu"
    run("rm", "-rf", data)
    file.write_bytes(pathlib.Path(program).read_bytes())
    file.chmod(0o755)
    serve = ["/home/planner/shigu", "serve", "--accounts", "--data-dir", "/home/planner/.local/share/shigu"]
    say(f"the program alone: {root('/home/planner/shigu', '--version').strip()}")
    first_day(Service(root, "planner", serve, HOME="/home/planner"))
    file.unlink()
    assert "shigu.sqlite3" in {p.name for p in data.iterdir()}
    file.write_bytes(pathlib.Path(program).read_bytes())
    file.chmod(0o755)
    data_are_there(Service(root, "planner", serve, HOME="/home/planner"))
    say("deleted and put there again: the data of before are served")
    # without arguments, as a desktop starts it: a port of its own choice, and it says where everything is
    desktop = Service(root, "planner", serve[:1], HOME="/home/planner")
    matched(desktop)
    assert "/home/planner/.local/share/shigu" in desktop.said(), desktop.said()
    desktop.stop()
    say("started without arguments: the same data")


def walk(suite, program, first, second, folder):
    root = Root(suite, folder)
    try:
        libc = re.search(r"\d+\.\d+", root("dpkg-query", "-W", "-f", "${Version}", "libc6")).group(0)
        print(f"{suite}, glibc {libc}", flush=True)
        root.install(first)
        assert root("stat", "-c", "%U:%G %a", "/var/lib/shigu").strip() == "shigu:shigu 750"
        say(f"installed {root('/usr/bin/shigu', '--version').strip()}; {root('id', 'shigu').strip()}")
        check = subprocess.run(["chroot", "--userspec=shigu", root.path, "/usr/bin/shigu", "service-check", "--config", "/etc/shigu/shigu.toml"], stdout=subprocess.PIPE, text=True)
        say(f"service-check: exit {check.returncode}")
        print("".join(f"    {line}\n" for line in check.stdout.splitlines()), end="")

        # what the package recommends, as apt would bring it along
        quiet = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
        root("apt-get", "install", "-y", "-qq", "--no-install-recommends", "fonts-noto-cjk", env=quiet)
        say("fonts-noto-cjk was installed, as the package recommends")

        service = Service.of_unit(root)
        first_day(service)

        with open(root.path / "etc/shigu/shigu.toml", "a") as settings:
            settings.write('\nlog-format = "json"\n')
        root.install(second)
        service = Service.of_unit(root)
        service.log_in()
        matched(service)
        assert '"' in service.said().splitlines()[-1], "the changed setting is in force"
        status = root("dpkg-query", "-W", "-f", "${Version}", "shigu")
        say(f"upgraded to {status}: same account, same version, the changed /etc/shigu/shigu.toml stayed")
        service.stop()

        root("dpkg", "-r", "shigu")
        assert not (root.path / "usr/bin/shigu").exists() and (root.path / "etc/shigu/shigu.toml").exists()
        root("dpkg", "-P", "shigu")
        assert not (root.path / "etc/shigu/shigu.toml").exists()
        left = sorted(p.name for p in (root.path / "var/lib/shigu").iterdir())
        assert "shigu.sqlite3" in left and "versions" in left, left
        say(f"removed and purged: /var/lib/shigu stays: {', '.join(left)}")
        root.install(second)
        service = Service.of_unit(root)
        data_are_there(service)
        say("installed again: the data of before are served")
        root("dpkg", "-P", "shigu")
        alone(root, program)
    finally:
        for process in Service.started:
            process.kill()
            process.wait()
        root.leave()


def main():
    program, *suites = sys.argv[1:]
    kept = os.environ.get("TRY_ROOTS")
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        version = run(program, "--version").split()[1]
        first, second = package(program, f"{version}", work), package(program, f"{version}+1", work)
        print(run("dpkg-deb", "-f", first, "Version", "Depends", "Installed-Size"), end="")
        print(f"{first.name}: {first.stat().st_size / 1e6:.1f} MB")
        for suite in suites:
            walk(suite, program, first, second, pathlib.Path(kept) if kept else work)
    print("ok")


if __name__ == "__main__":
    main()
