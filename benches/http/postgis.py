"""PostgreSQL + PostGIS in a scratch cluster of its own: indexed, clustered, jit off, trigram index; what a careful user has.
Tiles are made by the SQL that a tile server (Martin, pg_tileserv) would run: the server itself would come on top."""
import glob
import os
import shutil
import subprocess
import tempfile

import machine
import sql
from questions import tile_box
from peer import Missing

SETTINGS = {"listen_addresses": "''", "shared_buffers": "2GB", "work_mem": "128MB", "maintenance_work_mem": "1GB",
            "jit": "off", "fsync": "off", "synchronous_commit": "off", "max_wal_size": "4GB",
            "effective_cache_size": "6GB", "random_page_cost": "1.1", "logging_collector": "off"}
TABLE = """create table ent(id int, lon float8, lat float8, name text, uscc text, cluster text, district text, founded int,
employees int, revenue float8, status text)"""
INDEXES = ["alter table ent add geom geometry(Point,4326), add mercator geometry(Point,3857)",
           "update ent set geom = ST_SetSRID(ST_MakePoint(lon,lat),4326), mercator = ST_Transform(ST_SetSRID(ST_MakePoint(lon,lat),4326),3857)",
           "create index on ent using gist(geom)", "cluster ent using ent_geom_idx",
           "create index on ent using gist(mercator)", "create index on ent(id)",
           "create index on ent using gin(name gin_trgm_ops)", "vacuum analyze ent"]
INSIDE = "mercator && ST_TileEnvelope(%s,%s,%s)"
# below zoom 12 a grid of 64 x 64 with count and sums, from there on the rows with five columns
GRID = """select ST_AsMVT(q,'enterprises') from (select count(*) n, sum(revenue) revenue, sum(employees) employees,
ST_AsMVTGeom(ST_SnapToGrid(mercator,{step}), ST_TileEnvelope(%s,%s,%s)) geom from ent where {inside}{where}
group by ST_SnapToGrid(mercator,{step})) q"""
ROWS = """select ST_AsMVT(q,'enterprises') from (select id,name,cluster,revenue,employees,
ST_AsMVTGeom(mercator, ST_TileEnvelope(%s,%s,%s)) geom from ent where {inside}{where}) q"""


class Cluster:
    """A server of its own in a temporary folder, reached by a socket there."""

    def __init__(self):
        import psycopg
        tools = shutil.which("pg_ctl") or max(glob.glob("/usr/lib/postgresql/*/bin/pg_ctl"), default=None)
        if not tools:
            raise Missing("PostgreSQL's pg_ctl was not found")
        self.tools = os.path.dirname(tools)
        self.home = tempfile.mkdtemp(prefix="shigu-bench-")
        self.user = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.getuid() == 0 else {}
        if self.user:
            shutil.chown(self.home, "postgres", "postgres")
        self._tool("initdb", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "-N")
        with open(f"{self.home}/data/postgresql.auto.conf", "a", encoding="utf-8") as f:
            f.writelines(f"{k} = {v if v[0] == chr(39) else repr(v)}\n" for k, v in SETTINGS.items())
        self._tool("pg_ctl", "-w", "-l", f"{self.home}/log", "-o", f"-k {self.home}", "start")
        try:
            self.db = psycopg.connect(host=self.home, user="postgres", dbname="postgres", autocommit=True, prepare_threshold=None)
            self.db.execute("create extension postgis")
            version = self.db.execute("select current_setting('server_version'), PostGIS_Lib_Version()")
            self.versions = "PostgreSQL {} + PostGIS {} (shared_buffers 2 GB, work_mem 128 MB, jit off)".format(*(v.split()[0] for v in version.fetchone()))
        except Exception as e:
            self.stop()
            raise Missing(f"PostGIS could not be set up: {e}") from e

    def _tool(self, name, *args):
        subprocess.run([f"{self.tools}/{name}", "-D", f"{self.home}/data", *args], check=True, cwd=self.home,
                       stdout=subprocess.DEVNULL, **self.user)

    def stop(self):
        self._tool("pg_ctl", "-w", "-m", "immediate", "stop")
        shutil.rmtree(self.home, ignore_errors=True)


class Engine:
    name = "PostGIS"

    def __init__(self, csv, geojson, scratch):
        self.cluster = Cluster()
        self.db, self.versions, self.stop = self.cluster.db, self.cluster.versions, self.cluster.stop
        try:
            self._load(csv)
        except Exception as e:
            self.stop()
            raise Missing(f"PostGIS could not be set up: {e}") from e

    def _load(self, csv):
        self.db.execute("create extension pg_trgm")
        self.db.execute(TABLE)
        with self.db.cursor().copy("copy ent from stdin csv header") as copy, open(csv, "rb") as f:
            while block := f.read(1 << 20):
                copy.write(block)
        for statement in INDEXES:
            self.db.execute(statement)
        with open(f"{self.cluster.home}/data/postmaster.pid", encoding="utf-8") as f:
            self.process = int(f.readline())
        self.size = self.db.execute("select pg_total_relation_size('ent')").fetchone()[0] / 1e6

    def _all(self, statement, args=()):
        return self.db.execute(statement, args).fetchall()

    def mb(self):
        return self.size

    def zone(self, ring):
        wkt = "POLYGON((" + ",".join(f"{x} {y}" for x, y in ring) + "))"
        return sql.groups(self._all("select cluster,count(*),sum(revenue) from ent "
                                    "where ST_Intersects(geom,ST_GeomFromText(%s,4326)) group by 1", (wkt,)))

    def box(self, box, where):
        terms, values = sql.where(where)
        # && compares boxes of float32, so the exact bounds are asked too (they cost next to nothing)
        return self._all("select count(*) from ent where geom && ST_MakeEnvelope(%s,%s,%s,%s,4326) "
                         f"and lon between %s and %s and lat between %s and %s{terms}",
                         (*box, box[0], box[2], box[1], box[3], *values))[0][0]

    def districts(self):
        return sql.by_district(self._all("select district,cluster,count(*),sum(revenue),"
                                         "percentile_cont(.5) within group (order by revenue) from ent group by 1,2"))

    def search(self, word):
        n = self._all("select count(*) from ent where name like %s", (f"%{word}%",))[0][0]
        first = self._all("select id from ent where name like %s limit 20", (f"%{word}%",))
        return {"count": n, "first": len(first)}

    def tile(self, tile, where=None):
        terms, values = sql.where(where)
        step = 40075016.685578488 / (1 << tile[0]) / 64
        query = (GRID if tile[0] < 12 else ROWS).format(step=step, inside=INSIDE, where=terms)
        return len(self._all(query, (*tile, *tile, *values))[0][0])

    def tile_rows(self, tile, where=None):
        w, s, e, n = tile_box(*tile)
        terms, values = sql.where(where)
        return self._all(f"select count(*) from ent where lon >= %s and lon < %s and lat > %s and lat <= %s{terms}",
                         (w, e, s, n, *values))[0][0]

    def items(self, offset):
        """A page by key (not by offset, which would be slow), as finished GeoJSON features."""
        rows = self._all("select ST_AsGeoJSON(e) from (select geom,id,name,uscc,cluster,district,founded,employees,revenue,"
                         "status from ent where id > %s order by id limit 1000) e", (offset,))
        return len(rows)
