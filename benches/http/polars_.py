"""polars over a frame in memory, with categories."""
import os

import machine
import sql


class Engine:
    name = "polars"

    def __init__(self, csv, geojson, scratch):
        import polars
        self.pl, self.process = polars, os.getpid()
        self.frame = polars.read_csv(csv, schema_overrides={c: polars.Categorical for c in ("district", "cluster", "status")})
        self.versions = f"polars {polars.__version__}"

    def mb(self):
        return machine.memory(self.process)

    def box(self, box, where):
        c = self.pl.col
        terms = [c(name) == v if op == "=" else c(name) >= v for name, op, v in where]
        within = c("lon").is_between(box[0], box[2]) & c("lat").is_between(box[1], box[3])
        return self.frame.lazy().filter(within, *terms).select(self.pl.len()).collect().item()

    def districts(self):
        c = self.pl.col("revenue")
        frame = self.frame.group_by("district", "cluster").agg(self.pl.len().alias("n"), c.sum().alias("s"), c.median().alias("m"))
        return sql.by_district(frame.rows())

    def search(self, word):
        found = self.frame["name"].str.contains(word, literal=True)
        first = self.frame["id"].filter(found).head(20)
        return {"count": int(found.sum()), "first": len(first)}

    def stop(self):
        pass
