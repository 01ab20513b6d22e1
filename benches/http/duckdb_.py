"""duckdb over its own in-memory table."""
import os

import machine
import sql
from questions import tile_box


class Engine:
    name = "duckdb"

    def __init__(self, csv, geojson, scratch):
        import duckdb
        self.db, self.process = duckdb.connect(), os.getpid()
        self.db.execute(f"create table ent as select * from read_csv('{csv}', types={{'district':'varchar'}})")
        self.versions = f"duckdb {duckdb.__version__}"

    def _all(self, statement, args=()):
        return self.db.execute(statement, args).fetchall()

    def mb(self):
        return machine.memory(self.process)

    def box(self, box, where):
        terms, values = sql.where(where, "?")
        return self._all(f"select count(*) from ent where lon between ? and ? and lat between ? and ?{terms}",
                         [box[0], box[2], box[1], box[3], *values])[0][0]

    def districts(self):
        return sql.by_district(self._all("select district,cluster,count(*),sum(revenue),median(revenue) from ent group by 1,2"))

    def search(self, word):
        n = self._all("select count(*) from ent where contains(name,?)", [word])[0][0]
        first = self._all("select id from ent where contains(name,?) limit 20", [word])
        return {"count": n, "first": len(first)}

    def tile_rows(self, tile, where=None):
        w, s, e, n = tile_box(*tile)
        terms, values = sql.where(where, "?")
        return self._all(f"select count(*) from ent where lon >= ? and lon < ? and lat > ? and lat <= ?{terms}",
                         [w, e, s, n, *values])[0][0]

    def stop(self):
        self.db.close()
