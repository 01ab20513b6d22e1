"""A city of the benchmark as the service has it in use: published as a version from a table, with accounts, asked by somebody who logged in."""
import http.client
import json
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(ROOT / "benches/http")]
import client  # noqa: E402
import data  # noqa: E402
import machine  # noqa: E402
import questions  # noqa: E402
from data import CLUSTERS  # noqa: E402
from geometry import DISTRICTS  # noqa: E402

PASSWORD = "a long password"
YEAR = "year=2025"
ZONES = [code for code, *_ in DISTRICTS]
CLASSES = [code for code, *_ in CLUSTERS]


class Service:
    """`shigu serve` on a data folder, with accounts; the administrator's session."""

    def __init__(self, program, city, folder, port, log):
        self.port, self.folder, self.log = port, Path(folder), Path(log)
        self.said = self.log.stat().st_size if self.log.exists() else 0
        command = [program, "serve", "--geodata", city, "--data-dir", folder, "--listen", f"{client.HOST}:{port}", "--accounts", "--protected-questions", "0"]
        began = time.perf_counter()
        with open(log, "ab") as f:
            self.process = subprocess.Popen(list(map(str, command)), stdout=f, stderr=f)
        try:
            self.ready()
        except BaseException:
            self.stop()
            raise
        self.start_s, self.start_cpu_s = time.perf_counter() - began, machine.processor(self.pid)
        self.client, self.cookie = client.Client(port, 600), ""

    @property
    def pid(self):
        return self.process.pid

    def ready(self):
        while True:
            try:
                if self.plain("GET", "/readyz")[0] == 200:
                    return
            except OSError:
                pass
            if self.process.poll() is not None:
                raise SystemExit(f"shigu ended at its start, see {self.log}")
            time.sleep(0.005)

    def plain(self, method, path, body=None, kind="application/json"):
        """On a connection of its own: status, the session's cookie, body."""
        c = http.client.HTTPConnection(client.HOST, self.port, timeout=600)
        try:
            c.request(method, path, body, {"Content-Type": kind, "Cookie": getattr(self, "cookie", "")})
            answer = c.getresponse()
            return answer.status, answer.getheader("Set-Cookie"), answer.read()
        finally:
            c.close()

    def json(self, *ask):
        status, _, body = self.plain(*ask)
        if status >= 400:
            raise SystemExit(f"{ask[:2]}: {status} {body[:300]}")
        return json.loads(body) if body else None

    def session(self, path, about):
        status, cookie, body = self.plain("POST", path, json.dumps(about))
        if status != 200:
            raise SystemExit(f"{path}: {status} {body[:300]}")
        self.cookie = cookie.split(";")[0]

    def claim(self):
        """Makes the first administrator by the link in the log."""
        token = re.search(r"claim=(\w+)", self.log.read_text(encoding="utf-8")[self.said:]).group(1)
        self.session("/session/claim", {"token": token, "name": "admin", "password": PASSWORD})

    def login(self):
        self.session("/session", {"name": "admin", "password": PASSWORD})

    def request(self, method, path, body=""):
        """The bytes of a request, as a browser with the session sends it."""
        head = f"{method} {path} HTTP/1.1\r\nHost: {client.HOST}\r\nAccept-Encoding: br, gzip\r\nCookie: {self.cookie}\r\n"
        body = body.encode()
        return (head + (f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else "") + "\r\n").encode() + body

    def published(self, csv):
        """A table sent, checked and published; seconds, processor seconds, megabytes."""
        before, busy, began = machine.memory(self.pid), machine.processor(self.pid), time.perf_counter()
        with open(csv, "rb") as f:
            told = self.json("POST", f"/imports?file={csv.name}", f, "application/octet-stream")
        path = f"/imports/{told['id']}"
        self.json("POST", path + "/check", "{}")
        while (told := self.json("GET", path))["state"] == "checking":
            time.sleep(0.05)
        checked, check_busy = time.perf_counter(), machine.processor(self.pid)
        if told["state"] != "checked":
            raise SystemExit(f"{path}: {told}")
        self.json("POST", path + "/publish", "{}")
        return {"check_s": checked - began, "check_cpu_s": check_busy - busy, "publish_s": time.perf_counter() - checked,
                "publish_cpu_s": machine.processor(self.pid) - check_busy, "before_mb": before, "peak_mb": machine.memory(self.pid, "VmHWM"),
                "table_mb": csv.stat().st_size / 1e6}

    def rows(self):
        return self.json("GET", f"/summary?{YEAR}")["counts"]["matched"]

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def megabytes(folder):
    return sum(f.stat().st_size for f in Path(folder).rglob("*") if f.is_file()) / 1e6


def make(rows, work):
    """The city's folder and its table of so many rows. Invented names repeat, and two rows of one name are one enterprise to a check of a table: the
    table has the number of the row in the name."""
    city, csv = data.make(rows, work)
    table = csv.with_name("table.csv")
    if not table.is_file() or table.stat().st_mtime < csv.stat().st_mtime:
        making = table.with_suffix(".making")
        with open(csv, encoding="utf-8") as f, open(making, "w", encoding="utf-8") as out:
            out.write(next(f))
            for line in f:
                number, lon, lat, name, rest = line.split(",", 4)
                out.write(f"{number},{lon},{lat},{name}{number}号,{rest}")
        making.rename(table)
    return city, table


def asks(csv, each):
    """{kind: requests as method, path, body}, each different from those before it, placed where the rows are."""
    q = questions.make(csv, each)
    tiles = [t for z in range(11, 16) for t in q["tiles"][z]]
    xyz = lambda layer, t, more="": ("GET", "/xyz/{}/{}/{}/{}.mvt?cells=8".format(layer, *t) + more, "")
    polygon = lambda ring: {"polygon": {"type": "MultiPolygon", "coordinates": [[ring]]}}
    drawn = [json.dumps(polygon(ring) | {"year": 2025, "growth": True}) for ring in q["drawn"]]
    rows = [json.dumps(polygon(ring) | {"year": 2025}) for ring in q["drawn"]]
    pairs = [(zone, one) for one in CLASSES for zone in ZONES][:each]
    return {
        "file": [("GET", path, "") for path in sorted(set(re.findall(r"/assets/[\w.\-]+", (HERE / "requests.json").read_text())))],
        "about": [("GET", path, "") for path in ["/dataset", "/site", "/session", "/style.json?theme=light&lang=zh", "/collections/enterprises/queryables?lang=zh", "/"]],
        "zones": [("GET", f"/zones?kind=district&{YEAR}", "")],
        "whole": [("GET", f"/summary?{YEAR}&growth=true", "")],
        "zone": [("GET", f"/summary?zone={zone}&{YEAR}&growth=true", "") for zone in ZONES],
        "class": [("GET", f"/summary?zone={zone}&{YEAR}&growth=true&cluster={one}", "") for zone, one in pairs],
        "outlines": [xyz("districts", t) for t in tiles[:each]],
        "tile": [xyz("enterprises", t, f"&{YEAR}") for t in tiles],
        "filtered": [xyz("enterprises", t, f"&{YEAR}&cluster={CLASSES[i % 8]}") for i, t in enumerate(tiles)],
        "search": [("GET", f"/search?q={quote(w)}&{YEAR}&limit=8", "") for w in q["short"] + q["rare"]],
        "drawn": [("POST", "/summary", body) for body in drawn],
        "rows": [("POST", "/collections/enterprises/search?offset=0&limit=200", body) for body in rows],
        "xlsx": [("GET", f"/report/{zone}?format=xlsx&lang=zh&{YEAR}", "") for zone in ZONES[:max(2, each // 8)]],
        "docx": [("GET", f"/report/{zone}?format=docx&lang=zh&{YEAR}", "") for zone in ZONES[:max(2, each // 8)]],
        "login": [("POST", "/session", json.dumps({"name": "admin", "password": PASSWORD}))],
    }


def without_snapshot(folder):
    shutil.rmtree(Path(folder) / "snapshots", ignore_errors=True)


def snapshot_written(folder, seconds=120):
    """Waits for the snapshot file of a version, `seed` is that of the dataset folder; megabytes."""
    end = time.monotonic() + seconds
    place = Path(folder) / "snapshots"
    while time.monotonic() < end:
        if place.exists() and (found := [f for f in place.iterdir() if not f.name.startswith(".") and f.name != "seed"]):
            return sum(f.stat().st_size for f in found) / 1e6
        time.sleep(0.1)
    raise SystemExit("no snapshot file was written")
