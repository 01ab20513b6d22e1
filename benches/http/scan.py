"""The plain truth: every row looked at, one after the other, in Python. Never timed; it checks a few answers of each kind."""
import csv
import statistics

from geometry import crossings, edges_of
from questions import tile_box

NUMBERS = {"lon": float, "lat": float, "revenue": float, "founded": int, "employees": int}


class Scan:
    name = "a plain scan"

    def __init__(self, csv_file):
        with open(csv_file, encoding="utf-8") as f:
            reader = csv.reader(f)
            columns = next(reader)
            self.columns = {c: list(map(NUMBERS.get(c, str), v)) for c, v in zip(columns, zip(*reader))}
        self.points = list(zip(self.columns["lon"], self.columns["lat"]))

    def passing(self, where):
        tests = {"=": lambda a, b: a == b, ">=": lambda a, b: a >= b}
        rows = range(len(self.points))
        for column, op, value in where or []:
            values, test = self.columns[column], tests[op]
            rows = [i for i in rows if test(values[i], value)]
        return rows

    def group(self, rows):
        cluster, revenue, out = self.columns["cluster"], self.columns["revenue"], {}
        for i in rows:
            group = out.setdefault(cluster[i], [0, 0])
            group[0] += 1
            group[1] += round(revenue[i] * 100)
        clusters = {name: [n, s / 100] for name, (n, s) in out.items()}
        return {"count": sum(n for n, _ in clusters.values()), "sum": sum(s for _, s in clusters.values()), "clusters": clusters}

    def zone(self, ring):
        edges = edges_of(ring)
        (w, e), (s, n) = ((min(v), max(v)) for v in zip(*ring))
        step = (n - s) / 200
        rows = [[] for _ in range(202)]
        for edge in edges:
            for k in range(int((edge[1] - s) / step), int((edge[3] - s) / step) + 1):
                rows[k].append(edge)
        inside = (i for i, (x, y) in enumerate(self.points)
                  if w <= x <= e and s <= y <= n and crossings(rows[int((y - s) / step)], x, y))
        return self.group(inside)

    def box(self, box, where):
        w, s, e, n = box
        return sum(1 for i in self.passing(where) if w <= self.points[i][0] <= e and s <= self.points[i][1] <= n)

    def districts(self):
        groups = {}
        for district, cluster, revenue in zip(*(self.columns[c] for c in ("district", "cluster", "revenue"))):
            groups.setdefault(district, {}).setdefault(cluster, []).append(round(revenue * 100))
        return {d: {c: [len(v), sum(v) / 100, statistics.median(v) / 100] for c, v in by.items()} for d, by in groups.items()}

    def search(self, word):
        n = sum(1 for name in self.columns["name"] if word in name)
        return {"count": n, "first": min(n, 20)}

    def tile_rows(self, tile, where=None):
        w, s, e, n = tile_box(*tile)
        return sum(1 for i in self.passing(where) if w <= self.points[i][0] < e and s < self.points[i][1] <= n)
