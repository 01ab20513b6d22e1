"""What would be taken instead of the questions over all cities: one table in PostGIS, tiles by Martin. For benches/cities.py --martin PROGRAM."""

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

sys.path.insert(1, str(Path(__file__).parent / "http"))
import postgis  # noqa: E402

TABLE = """create unlogged table firms(city int, district int, class int, revenue numeric(14,2), tax numeric(14,2), staff numeric(14,2), mercator geometry(Point,3857))"""
# cells of a tile by class, as /cities/tiles has them: count, and a point in the middle
CELLS = """create function cells(z integer, x integer, y integer, cells integer) returns bytea language sql stable parallel safe as $$
select ST_AsMVT(t, 'rows', 4096, 'g') from (
  select class, n, ST_AsMVTGeom(ST_SetSRID(ST_MakePoint(west + (i + 0.5) * side, north - (j + 0.5) * side), 3857), ST_TileEnvelope(z, x, y)) g from (
    select class, floor((ST_X(mercator) - west) / side)::int i, floor((north - ST_Y(mercator)) / side)::int j, west, north, side, count(*) n
    from firms, (select ST_XMin(e) west, ST_YMax(e) north, (ST_XMax(e) - ST_XMin(e)) / cells side from ST_TileEnvelope(z, x, y) e) b
    where mercator && ST_TileEnvelope(z, x, y) group by 1, 2, 3, 4, 5, 6) c) t $$"""
TILES = {"tiles8": 8, "tiles64": 64}
ZONES = "select city, district, class, count(*), sum(revenue), sum(tax), sum(staff) from firms group by grouping sets ((city, district, class), (city, district), (city))"


class Martin:
    def __init__(self, program):
        self.program, self.server = program, None
        self.cluster = postgis.Cluster()
        self.db = self.cluster.db
        self.db.execute(TABLE)

    def add(self, city, folder, west, step, districts):
        """The rows of one city, out of the file that the service reads."""
        with self.db.cursor().copy("copy firms from stdin") as copy, open(folder / "firms.geojson", encoding="utf-8") as f:
            next(f)
            for line in f:
                if line.startswith("]"):
                    break
                row = json.loads(line.rstrip(",\n"))
                (lon, lat), p = row["geometry"]["coordinates"], row["properties"]
                district = min(int((lon - west) / step), districts - 1)
                copy.write_row((city, district, int(p["cluster"][1:]), p["revenue_2025"], p["tax_2025"], p["staff_2025"], f"SRID=3857;POINT({mercator(lon, lat)})"))

    def ready(self):
        self.db.execute("create index on firms using gist(mercator)")
        self.db.execute(CELLS)
        for name, cells in TILES.items():
            self.db.execute(f"create function {name}(z integer, x integer, y integer) returns bytea language sql stable parallel safe as 'select cells(z, x, y, {cells})'")
        self.db.execute("vacuum analyze firms")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [self.program, "--listen-addresses", f"127.0.0.1:{self.port}", "--cache-size", "0", f"postgresql://postgres@/postgres?host={self.cluster.home}"]
        self.server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(300):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=5)
                break
            except OSError:
                time.sleep(0.1)
        else:
            raise SystemExit("Martin does not start")
        version = subprocess.run([self.program, "--version"], capture_output=True, text=True, check=True).stdout.strip()
        size = self.db.execute("select pg_total_relation_size('firms')").fetchone()[0]
        return f"{version}, {self.cluster.versions}, {size / 1e6:,.0f} MB"

    def tile(self, z, x, y, cells=8):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/tiles{cells}/{z}/{x}/{y}", timeout=600) as answer:
                return answer.read()
        except urllib.error.HTTPError as e:
            raise SystemExit(f"Martin: {e.code} {e.read()[:300]}") from e

    def counted(self, z, x, y):
        """Rows of a tile."""
        return self.db.execute("select count(*) from firms where mercator && ST_TileEnvelope(%s, %s, %s)", (z, x, y)).fetchone()[0]

    def zones(self):
        return self.db.execute(ZONES).fetchall()

    def stop(self):
        if self.server:
            self.server.terminate()
            self.server.wait()
        self.cluster.stop()


def mercator(lon, lat):
    from math import log, pi, radians, tan

    half = 20037508.342789244
    return f"{lon / 180 * half} {log(tan(pi / 4 + radians(lat) / 2)) / pi * half}"
