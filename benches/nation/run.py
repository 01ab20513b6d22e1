"""Measures the release build over an invented nation and writes its part of docs/benchmarks.md: `make bench-nation`.

PROGRAM and ROUNDS are variables of the environment. Processor time of the service stands beside wall time: it does not depend on what
else the machine does.
"""

import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from datetime import date
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import folder  # noqa: E402
import page  # noqa: E402

PROGRAM = Path(os.environ.get("PROGRAM", ROOT / "target/release/shigu"))
ROUNDS = int(os.environ.get("ROUNDS", "5"))
TICKS = os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Served:
    """The program over a folder."""

    def __init__(self, data):
        self.base, start = f"http://127.0.0.1:{free_port()}", time.monotonic()
        self.process = subprocess.Popen([PROGRAM, "serve", "--geodata", data, "--listen", self.base.removeprefix("http://")],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while True:
            try:
                self.ask("/healthz")
                break
            except OSError:
                if self.process.poll() is not None or time.monotonic() - start > 120:
                    raise SystemExit("the program does not start") from None
                time.sleep(0.02)
        self.start, self.start_cpu = time.monotonic() - start, self.cpu()

    def cpu(self):
        """Seconds of processor time so far."""
        words = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(words[11]) + int(words[12])) / TICKS

    def resident(self):
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmRSS"))

    def ask(self, path):
        request = urllib.request.Request(self.base + path, headers={"Accept-Encoding": "gzip"})
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.read()

    def timed(self, paths):
        """Milliseconds of each, processor milliseconds of one on average, bytes of the largest."""
        cpu, wall, size = self.cpu(), [], 0
        for path in paths:
            begun = time.monotonic()
            size = max(size, len(self.ask(path)))
            wall.append((time.monotonic() - begun) * 1000)
        return wall, (self.cpu() - cpu) * 1000 / len(paths), size

    def close(self):
        self.process.terminate()
        self.process.wait()


def row(what, wall, cpu, size, target):
    wall = sorted(wall)
    median, slowest = statistics.median(wall), wall[-1]
    held = "" if target is None else ("yes" if slowest <= target else "median only" if median <= target else "no")
    ratio = "" if target is None else f"{target / median:.2f}x"
    return f"| {what} | {median:.1f} / {slowest:.1f} | {len(wall)} | {'' if cpu is None else f'{cpu:.1f}'} | {'' if size is None else f'{size / 1024:.0f}'} | {target or ''} | {ratio} | {held} |"


def measure(data, counties):
    served = Served(data)
    try:
        provinces = [one["id"] for one in json.loads((data / "provinces.geojson").read_text())["features"]]
        cities = [one["id"] for one in json.loads((data / "cities.geojson").read_text())["features"]]
        year = iter(["2025", "2024", "2023"] * 40)
        rows = [f"| start: folder to first answer, {served.resident()} MB resident | {served.start * 1000:.0f} | 1 | {served.start_cpu * 1000:.0f} | | | | |"]
        add = lambda what, paths, target=None: rows.append(row(what, *served.timed(paths), target))
        add("`/zones`: all provinces, a year not asked before", [f"/zones?kind=province&year={next(year)}" for _ in range(3)], 150)
        add("`/zones`: all cities, a year not asked before", [f"/zones?kind=city&year={y}" for y in folder.YEARS], 150)
        if counties:
            add("`/zones`: all counties, a year not asked before", [f"/zones?kind=county&year={y}" for y in folder.YEARS])
        add("drill-down: `/zones?parent=` of a province", [f"/zones?parent={p}" for p in provinces], 150)
        add("drill-down: `/zones?parent=` of a province, by section and with quartiles", [f"/zones?parent={p}&statistics=true" for p in provinces], 150)
        if counties:
            add("drill-down: `/zones?parent=` of a city", [f"/zones?parent={c}" for c in cities], 150)
        add("panel: `/summary` of a province", [f"/summary?zone={p}" for p in provinces], 400)
        add("panel: `/summary` of a city", [f"/summary?zone={c}" for c in cities], 400)
        add("panel: `/summary` of the nation, a section each", [f"/summary?section={one[0]}" for one in folder.SECTIONS], 400)
        add("map tile of the whole", [f"/xyz/provinces,cities/{z}/{x}/{y}.mvt" for z, x, y in [(3, 5, 3), (3, 6, 3), (4, 12, 6), (4, 13, 6), (5, 25, 12)]])
        add("XLSX of the nation, nothing asked before", ["/report/city?format=xlsx&lang=zh"], 3000)
        add("XLSX of the nation, another year", ["/report/city?format=xlsx&lang=zh&year=2024", "/report/city?format=xlsx&lang=zh&year=2023"], 3000)
        add("DOCX of a province", [f"/report/{p}?format=docx" for p in provinces[:5]])
        browser = json.loads(subprocess.run(["node", HERE / "browser.mjs", served.base, str(ROUNDS)], check=True, capture_output=True, text=True).stdout)
        for what, key, target in [("page: usable, list and figures there", "usable", 2000), ("page: map drawn, too", "map", None), ("page: panel of a province", "panel", 400),
                                  ("page: panel of a city", "below", 400), ("page: drill-down, the list below a province", "list", 150),
                                  ("page: the same, while the map is still drawn for the choice before", "drawing", None)]:
            processor = browser["processor"].get(key)
            rows.append(row(what, browser["wall"][key], processor and statistics.median(processor), None, target))
        return rows
    finally:
        served.close()


def main():
    parts = []
    with tempfile.TemporaryDirectory() as place:
        for counties, fine in [(0, (1, 1)), (12, (4, 3))]:
            data = Path(place) / f"nation-{counties}"
            numbers = folder.write(data, fine=fine)
            said = f"**{numbers[0]} provinces, {numbers[1]} cities" + (f", {numbers[2]:,} counties" if counties else "") + "**"
            head = "| what | ms: median / slowest | n | processor ms | kB, gzip | target ms | target / median | held |\n|---|--:|--:|--:|--:|--:|--:|---|"
            parts.append("\n".join([said, "", head, *measure(data, counties)]))
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout.strip()
    load = os.getloadavg()
    text = f"""> Written by `make bench-nation` (benches/nation): do not edit. {date.today()}, commit {commit}, release build; {os.cpu_count()} cores, load average {load[0]:.1f}.

200,000 invented enterprises in 20 sections of GB/T 4754, two metrics over three years. One request at a time over HTTP on loopback; processor ms is the
service's own for one request. Rows that begin with "page" are taken in Chromium without a graphics card, on the same cores as the service, from the
navigation or the click to the frame that shows it; choices are made when the map stands, unless the row says otherwise.

""" + "\n\n".join(parts)
    page.write(ROOT / "docs/benchmarks.md", "## A nation", text)


if __name__ == "__main__":
    main()
