"""Questions over all cities, uncached: the table of their zones, and tiles of zooms 6 to 13, with few and with many rows: `make bench-cities`.

    python3 benches/cities.py [--martin PROGRAM] [--program target/release/shigu] [--cities 50] [--rows 5000000,20000000] [--rounds 60] [--work FOLDER]

Each of the invented cities has 13 districts, 8 classes, 3 metrics of 3 years, and rows around 20 middles, which are the same for every number of rows. A city is written, loaded, and emptied again, since its figures are kept then: no city is loaded while
is measured. Every answer is made anew (no `If-None-Match`, and the service keeps none of them). Prints medians, the 95th percentile, bytes, and the ratio of the largest number of rows to the smallest: the target is 1.2.
With --martin the rows of the smallest number are in PostGIS, too, and the same is asked of it: tiles by Martin, the table by SQL. It needs psycopg (`make bench-peers`).
"""

import argparse
import http.client
import json
import math
import os
import random
import shutil
import socket
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DISTRICTS, CLASSES, MIDDLES, SIDE = 13, 8, 20, 1.3
YEARS = (2023, 2024, 2025)
METRICS = (("revenue", "万元", "10,000 yuan", True), ("tax", "万元", "10,000 yuan", True), ("staff", "人", "persons", False))
COLOURS = ["#0036AB", "#8C2D04", "#00695C", "#6A1B9A", "#B71C1C", "#33691E", "#4E342E", "#37474F"]


def text(zh, en):
    return {"zh": zh, "en": en}


def west_south(city):
    return 80.0 + city % 25 * SIDE * 1.4, 22.0 + city // 25 * SIDE * 1.4


def manifest(city):
    word = lambda name, **more: {"name": name, "title": text(name, name), "type": "string", **more}
    source = {"source": text("虚构,仅供测试", "invented, for tests only"), "licence": "MIT OR Apache-2.0"}
    figures = [{"name": f"{m}_{y}", "title": text(m, m), "type": "number", "decimals": 2, **({"restricted": True} if hidden else {})} for m, _, _, hidden in METRICS for y in YEARS]
    metrics = [{"id": m, "title": text(m, m), "unit": text(zh, en), "decimals": 2, "columns": {str(y): f"{m}_{y}" for y in YEARS}, **({"restricted": True} if hidden else {})} for m, zh, en, hidden in METRICS]
    return {
        "id": f"city{city}", "title": text(f"城市{city}", f"City {city}"), "description": text("虚构", "invented"), "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
        "codelists": {"clusters": "clusters.json"},
        "collections": [
            {"id": "districts", "file": "districts.geojson", "role": "districts", "title": text("区", "Districts"), "geometry": "polygon", "name": "label", **source, "zone": {"kind": "district"}, "properties": [word("label", required=True)]},
            {"id": "firms", "file": "firms.geojson", "role": "register", "title": text("企业", "Firms"), "geometry": "point", "name": "label", **source,
             "register": {"district": "district", "cluster": "cluster", "metrics": metrics},
             "properties": [word("label", required=True), word("district"), word("cluster", codelist="clusters"), *figures]},
        ],
    }


def write(folder, city, rows):
    """A city with its rows; their middles do not depend on how many there are."""
    folder.mkdir(parents=True, exist_ok=True)
    west, south = west_south(city)
    entries = [{"code": f"c{i}", "name": text(f"第{i}类", f"Class {i}"), "mark": str(i), "color": COLOURS[i], "color_dark": COLOURS[i]} for i in range(CLASSES)]
    (folder / "clusters.json").write_text(json.dumps({"id": "clusters", "title": text("类", "Classes"), "entries": entries}, ensure_ascii=False), encoding="utf-8")
    (folder / "dataset.json").write_text(json.dumps(manifest(city), ensure_ascii=False), encoding="utf-8")
    step = SIDE / DISTRICTS
    strip = lambda d: [[west + d * step, south], [west + (d + 1) * step, south], [west + (d + 1) * step, south + SIDE], [west + d * step, south + SIDE], [west + d * step, south]]
    districts = [{"type": "Feature", "id": f"D{d}", "properties": {"label": f"区{d}"}, "geometry": {"type": "Polygon", "coordinates": [strip(d)]}} for d in range(DISTRICTS)]
    (folder / "districts.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": districts}, ensure_ascii=False), encoding="utf-8")
    chance = random.Random(f"middles/{city}")
    middles = [(west + SIDE * chance.uniform(0.1, 0.9), south + SIDE * chance.uniform(0.1, 0.9), chance.uniform(0.005, 0.03)) for _ in range(MIDDLES)]
    chance = random.Random(f"rows/{city}")
    names = [f"{m}_{y}" for m, *_ in METRICS for y in YEARS]
    with open(folder / "firms.geojson", "w", encoding="utf-8") as out:
        out.write('{"type":"FeatureCollection","features":[\n')
        for i in range(rows):
            x, y, spread = middles[int(MIDDLES * chance.random() ** 2)]
            far, turn = spread * math.sqrt(-2 * math.log(1 - chance.random())), chance.random() * 6.2831853
            lon, lat = min(max(x + far * math.cos(turn), west), west + SIDE), min(max(y + far * math.sin(turn), south), south + SIDE)
            size = int(10 ** (2 + 3 * chance.random()))
            figures = ",".join(f'"{name}":{size + k}.{i % 90 + 10}' for k, name in enumerate(names))
            end = ",\n" if i + 1 < rows else "\n"
            out.write(f'{{"type":"Feature","id":"F{i}","properties":{{"label":"企业{i}","cluster":"c{int(CLASSES * chance.random())}",{figures}}},"geometry":{{"type":"Point","coordinates":[{lon:.6f},{lat:.6f}]}}}}{end}')
        out.write("]}\n")
    return middles


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Service:
    def __init__(self, program, folder, data):
        self.port = free_port()
        command = [program, "serve", "--cities", str(folder), "--data-dir", str(data), "--cities-memory", "1500MB", "--listen", f"127.0.0.1:{self.port}"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=1200)
        for _ in range(600):
            try:
                self.ask("/cities")
                return
            except OSError:
                self.connection.close()
                time.sleep(0.05)
        raise SystemExit("the program does not start")

    def ask(self, path):
        self.connection.request("GET", path)
        answer = self.connection.getresponse()
        body = answer.read()
        assert answer.status in (200, 204), (path, answer.status, body[:300])
        return body

    def stop(self):
        self.process.terminate()
        self.process.wait()


def tile_of(lon, lat, z):
    n = 1 << z
    return int((lon + 180) / 360 * n), int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * n)


def measure(ask, paths, rounds):
    times, sizes = [], []
    for path in paths[:5]:
        ask(path)
    for i in range(rounds):
        path = paths[i % len(paths)]
        began = time.perf_counter()
        body = ask(path)
        times.append((time.perf_counter() - began) * 1000)
        sizes.append(len(body))
    times.sort()
    return statistics.median(times), times[int(len(times) * 0.95)], statistics.mean(sizes)


def beside(peer, tiles, found, rounds):
    """The same of Martin and PostGIS; counts are compared before any time is taken."""
    about = peer.ready()
    rows = {(city, district, c): n for city, district, c, n, *_ in peer.zones()}
    for id, n in found["rows"][0]["parts"][0]["cities"].items():
        assert rows[int(id[1:]), None, None] == n, (id, n)
    results = {"zones": measure(lambda _: peer.zones(), ["zones"], 5)}
    for z, paths in tiles.items():
        at = [tuple(map(int, path.removesuffix(".mvt").split("/")[-3:])) for path in paths]
        results[f"tile z{z}"] = measure(lambda path: peer.tile(*path), at, min(rounds, 20))
    results["tile z6, 64 cells"] = measure(lambda path: peer.tile(*path, cells=64), [tuple(map(int, path.removesuffix(".mvt").split("/")[-3:])) for path in tiles[6]], 5)
    peer.stop()
    return about, results


def run(program, cities, rows, rounds, work, peer=None):
    folder, data = work / "cities", work / "data"
    for old in (folder, data):
        shutil.rmtree(old, ignore_errors=True)
    data.mkdir(parents=True)
    middles, kept = [], 0.0
    for city in range(cities):
        write(folder / f"c{city:03}", city, 0)
    service = Service(program, folder, data)
    for city in range(cities):
        id = f"c{city:03}"
        middles += [(x, y) for x, y, _ in write(folder / id, city, rows // cities)]
        began = time.perf_counter()
        service.ask(f"/cities/{id}/conformance")
        while id in json.loads(service.ask("/cities/zones?f=json"))["unknown"]:
            time.sleep(0.1)
        kept += time.perf_counter() - began
        if peer:
            peer.add(city, folder / id, west_south(city)[0], SIDE / DISTRICTS, DISTRICTS)
        write(folder / id, city, 0)
    service.stop()
    service = Service(program, folder, data)
    found = json.loads(service.ask("/cities/zones"))
    assert not found["unknown"] and found["rows"][0]["parts"][0]["all"] == rows // cities * cities, found["rows"]
    chance = random.Random(1)
    measured = {
        "zones": ["/cities/zones?period=2024"],
        "zones of a class": [f"/cities/zones?period=2025&class=c{c}" for c in range(CLASSES)],
        "summary": ["/cities/summary?period=2023"],
    }
    tiles = {}
    for z in (6, 8, 10, 13):
        all_of_them = {tile_of(*middle, z) for middle in middles}
        tiles[z] = measured[f"tile z{z}"] = [f"/cities/tiles/{z}/{x}/{y}.mvt" for x, y in sorted(all_of_them, key=lambda _: chance.random())][:40]
    measured["tile z6, 64 cells"] = [path + "?cells=64" for path in measured["tile z6"]]
    results = {name: measure(service.ask, paths, rounds) for name, paths in measured.items()}
    ready = [c["id"] for c in json.loads(service.ask("/cities"))["cities"] if c["state"] != "not loaded"]
    assert not ready, f"{ready} were loaded"
    service.stop()
    instead = beside(peer, tiles, found, rounds) if peer else None
    size = sum(path.stat().st_size for path in data.glob("aggregates.sqlite3*"))
    return results, kept, size, instead


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", default=os.environ.get("PROGRAM", str(ROOT / "target/release/shigu")))
    parser.add_argument("--cities", type=int, default=50)
    parser.add_argument("--rows", default="5000000,20000000")
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--work")
    parser.add_argument("--martin", help="the program of Martin")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(args.work or temporary)
        runs, instead = {}, None
        for rows in sorted(map(int, args.rows.split(","))):
            peer = None
            if args.martin and not runs:
                from cities_peer import Martin

                peer = Martin(args.martin)
            runs[rows], kept, size, found = run(args.program, args.cities, rows, args.rounds, work, peer)
            instead = instead or found
            print(f"{rows:,} rows in {args.cities} cities: loaded and figures kept in {kept:.1f} s, aggregates.sqlite3 {size / 1e6:.1f} MB", flush=True)
    first, last = min(runs), max(runs)
    print("\n| question | " + " | ".join(f"{rows:,} rows: median, p95, kB" for rows in runs) + " | ratio |")
    print("|---" * (len(runs) + 2) + "|")
    for name in runs[first]:
        cells = [f"{runs[rows][name][0]:.2f} ms, {runs[rows][name][1]:.2f} ms, {runs[rows][name][2] / 1000:.1f}" for rows in runs]
        print(f"| {name} | " + " | ".join(cells) + f" | {runs[last][name][0] / runs[first][name][0]:.2f} |")
    if instead:
        about, times = instead
        print(f"\n{about}, {first:,} rows\n\n| question | median, p95, kB | ratio |\n|---|---|---|")
        for name, (median, p95, size) in times.items():
            print(f"| {name} | {median:.1f} ms, {p95:.1f} ms, {size / 1000:.1f} | {median / runs[first][name][0]:,.0f} |")


if __name__ == "__main__":
    main()
