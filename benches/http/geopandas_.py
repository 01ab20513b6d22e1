"""geopandas reads the GeoJSON file itself, then answers with its spatial index."""
import os

import machine
import sql


class Engine:
    name = "geopandas"

    def __init__(self, csv, geojson, scratch):
        import geopandas
        import shapely
        self.sh, self.process = shapely, os.getpid()
        self.frame = geopandas.read_file(geojson, engine="pyogrio")
        self.index = self.frame.sindex
        self.versions = f"geopandas {geopandas.__version__}, shapely {shapely.__version__}"
        self.note = "load_s is read_file(GeoJSON) and the spatial index"

    def mb(self):
        return machine.memory(self.process, "VmHWM")

    def zone(self, ring):
        rows = self.frame.iloc[self.index.query(self.sh.Polygon(ring), predicate="intersects")]
        groups = rows.groupby("cluster").revenue.agg(["count", "sum"])
        return sql.groups((name, int(n), s) for name, n, s in groups.itertuples())

    def stop(self):
        pass
