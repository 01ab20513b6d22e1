"""Writes the dataset folder of an invented nation: provinces, cities in them, counties in these where asked for, and a register.

    python3 benches/nation/folder.py FOLDER [--rows 200000] [--counties 12]

34 provinces and 375 cities with outlines of some 130 positions each, borders shared to the last digit; one of the cities is a chain of
islands far to the south, for which the folder declares an inset. Rows lie around the middles of cities, one in twenty has no position. The same
arguments write the same bytes.
"""

import argparse
import json
import random
from pathlib import Path

WEST, SOUTH, EAST, NORTH = 76.0, 20.0, 132.0, 52.0
# columns and rows of cities; the last city is the islands
ACROSS, UP = 22, 17
PROVINCES = 34
ISLANDS = 240
YEARS = (2023, 2024, 2025)
# the twenty sections of GB/T 4754-2017
SECTIONS = [
    ("A", "农、林、牧、渔业", "Agriculture, forestry, animal husbandry and fishery"), ("B", "采矿业", "Mining"), ("C", "制造业", "Manufacturing"),
    ("D", "电力、热力、燃气及水生产和供应业", "Electricity, heat, gas and water"), ("E", "建筑业", "Construction"), ("F", "批发和零售业", "Wholesale and retail trade"),
    ("G", "交通运输、仓储和邮政业", "Transport, storage and post"), ("H", "住宿和餐饮业", "Hotels and catering"),
    ("I", "信息传输、软件和信息技术服务业", "Information transmission, software"), ("J", "金融业", "Finance"), ("K", "房地产业", "Real estate"),
    ("L", "租赁和商务服务业", "Leasing and business services"), ("M", "科学研究和技术服务业", "Scientific research and technical services"),
    ("N", "水利、环境和公共设施管理业", "Water, environment and public facilities"), ("O", "居民服务、修理和其他服务业", "Household services and repair"),
    ("P", "教育", "Education"), ("Q", "卫生和社会工作", "Health and social work"), ("R", "文化、体育和娱乐业", "Culture, sports and entertainment"),
    ("S", "公共管理、社会保障和社会组织", "Public administration"), ("T", "国际组织", "International organisations"),
]
COLOURS = ["#1f6f8b", "#8a5a00", "#b3452c", "#3f7d20", "#6b4fa0", "#a03a6b", "#2f5fa8", "#7a6a2f", "#00776b", "#9c4f96",
           "#5b6b7a", "#b06000", "#486b00", "#00698f", "#8f3f3f", "#55508f", "#a8475f", "#2f7a4f", "#6f5f4f", "#7f7f7f"]


def text(zh, en):
    return {"zh": zh, "en": en}


class Lattice:
    """Nodes and the edges between them, each bent once and shared by the cells on both sides."""

    def __init__(self, seed, across, up):
        self.random, self.across, self.up = random.Random(seed), across, up
        self.width, self.height = (EAST - WEST) / across, (NORTH - SOUTH) / up
        self.nodes, self.edges = {}, {}

    def node(self, i, j):
        if (i, j) not in self.nodes:
            move = lambda at, last, step: 0 if at in (0, last) else self.random.uniform(-0.25, 0.25) * step
            x, y = WEST + i * self.width + move(i, self.across, self.width), SOUTH + j * self.height + move(j, self.up, self.height)
            self.nodes[i, j] = (round(x, 5), round(y, 5))
        return self.nodes[i, j]

    def edge(self, a, b, parts=32):
        """Positions from node a to node b, without b."""
        if (a, b) not in self.edges:
            line, far = [self.node(*a), self.node(*b)], 0.06
            while len(line) - 1 < parts:
                bent = []
                for (x0, y0), (x1, y1) in zip(line, line[1:]):
                    by = self.random.uniform(-far, far)
                    bent += [(x0, y0), (round((x0 + x1) / 2 - (y1 - y0) * by, 5), round((y0 + y1) / 2 + (x1 - x0) * by, 5))]
                line = bent + [line[-1]]
            self.edges[a, b], self.edges[b, a] = line[:-1], line[:0:-1]
        return self.edges[a, b]

    def outline(self, cells, parts):
        """The ring around some cells that make one area without holes."""
        sides = set()
        for i, j in cells:
            corners = [(i, j), (i + 1, j), (i + 1, j + 1), (i, j + 1)]
            for a, b in zip(corners, corners[1:] + corners[:1]):
                if (b, a) in sides:
                    sides.remove((b, a))
                else:
                    sides.add((a, b))
        around = dict(sides)
        start = at = min(around)
        ring = []
        while True:
            ring += self.edge(at, around[at], parts)
            at = around[at]
            if at == start:
                return [list(p) for p in ring + ring[:1]]


def provinces():
    """The cells of each province: runs of columns within bands of rows, as square as the numbers allow."""
    bands, last = [], 0
    for band, count in enumerate([6, 6, 5, 6, 6, 5]):
        top = round((band + 1) * UP / 6)
        bands += [(last, top, k, count) for k in range(count)]
        last = top
    assert len(bands) == PROVINCES
    for low, high, k, count in bands:
        left, right = round(k * ACROSS / count), round((k + 1) * ACROSS / count)
        yield [(i, j) for j in range(low, high) for i in range(left, right)]


def collection(path, features):
    lines = ",\n".join(json.dumps(f, ensure_ascii=False, separators=(",", ":")) for f in features)
    path.write_text(f'{{"type":"FeatureCollection","features":[\n{lines}\n]}}\n', encoding="utf-8")


def area(id, name, above, rings):
    of = {} if above is None else {"of": above}
    kind, at = ("Polygon", rings[0]) if len(rings) == 1 else ("MultiPolygon", rings)
    return {"type": "Feature", "id": id, "properties": {"name": name, "name_en": f"Area {id}", **of}, "geometry": {"type": kind, "coordinates": at}}


def islands(random):
    for n in range(ISLANDS):
        x, y, r = 110.2 + n % 15 * 0.45 + random.uniform(0, 0.25), 5.2 + n // 15 * 0.65 + random.uniform(0, 0.4), random.uniform(0.005, 0.06)
        at = [[round(x + r * a, 5), round(y + r * b, 5)] for a, b in ((1, 0), (0.6, 0.8), (-0.5, 0.9), (-1, 0.1), (-0.4, -0.9), (0.7, -0.7))]
        yield [at + at[:1]]


def zones(fine):
    """Areas of each level, and where the rows of each city lie."""
    lattice = Lattice(17, ACROSS * fine[0], UP * fine[1])
    split = lambda i, j: [(i * fine[0] + a, j * fine[1] + b) for b in range(fine[1]) for a in range(fine[0])]
    parts = max(2, 32 // max(fine))
    tops, cities, counties, places = [], [], [], []
    for p, cells in enumerate(provinces()):
        top = f"{11 + p}0000"
        outer = [[lattice.outline([one for cell in cells for one in split(*cell)], parts)]]
        for c, (i, j) in enumerate(cells):
            id = f"{11 + p}{c + 1:02}00"
            own = split(i, j)
            cities.append(area(id, f"示例{p + 1}省{c + 1}市", top, [[lattice.outline(own, parts)]]))
            middle = lattice.node(i * fine[0], j * fine[1])
            places.append((id, (middle[0] + 0.5 * lattice.width * fine[0], middle[1] + 0.5 * lattice.height * fine[1])))
            if len(own) > 1:
                counties += [area(f"{id[:4]}{k + 1:02}", f"示例{p + 1}省{c + 1}市{k + 1}县", id, [[lattice.outline([cell], parts)]]) for k, cell in enumerate(own)]
        if p == 3:
            far = list(islands(random.Random(3)))
            cities.append(area(f"{top[:2]}9900", "示例群岛市", top, far))
            outer += far
        tops.append(area(top, f"示例{p + 1}省", None, outer))
    return tops, cities, counties, places


def register(folder, rows, places):
    draw = random.Random(29)
    weights = [draw.paretovariate(1.2) for _ in places]
    with (folder / "enterprises.geojson").open("w", encoding="utf-8") as file:
        file.write('{"type":"FeatureCollection","features":[')
        for n, (id, (x, y)) in enumerate(draw.choices(places, weights, k=rows)):
            section = SECTIONS[min(19, int(draw.expovariate(0.25)))][0]
            without = draw.random() < 0.05
            at = None if without else {"type": "Point", "coordinates": [round(draw.gauss(x, 0.35), 6), round(draw.gauss(y, 0.3), 6)]}
            figures, size = {}, draw.lognormvariate(8, 1.6)
            for year in YEARS:
                size *= draw.uniform(0.9, 1.2)
                known = draw.random() > 0.02
                figures |= {f"revenue_{year}": round(size, 2) if known else None, f"staff_{year}": max(1, int(size / 60))}
            of = {"name": f"示例企业{n + 1:06}号", "district": id if without else None, "section": section, **figures}
            one = {"type": "Feature", "id": f"E{n + 1:06}", "geometry": at, "properties": of}
            file.write((",\n" if n else "\n") + json.dumps(one, ensure_ascii=False, separators=(",", ":")))
        file.write("\n]}\n")


def manifest(fine):
    name = [{"name": "name", "title": text("名称", "Name"), "type": "string"}, {"name": "name_en", "title": text("英文名称", "English name"), "type": "string"}]
    of = {"name": "of", "title": text("上级", "Level above"), "type": "string"}

    def level(id, kind, role, zh, en, parent):
        zone = {"kind": kind} | ({"parent": {"kind": parent, "property": "of"}} if parent else {})
        return {"id": id, "file": f"{id}.geojson", "role": role, "title": text(zh, en), "geometry": "polygon", "name": "name", "name_en": "name_en",
                "zone": zone, "properties": name + ([of] if parent else [])}

    levels = [level("provinces", "province", "districts", "省级行政区", "Provinces", None), level("cities", "city", "zones", "地级市", "Cities", "province")]
    kinds = [{"id": "province", "title": text("省", "Province"), "plural": "provinces"}, {"id": "city", "title": text("市", "City"), "plural": "cities"}]
    if fine != (1, 1):
        levels.append(level("counties", "county", "zones", "县", "Counties", "city"))
        kinds.append({"id": "county", "title": text("县", "County"), "plural": "counties"})
    metrics, columns = [], []
    for id, zh, en, unit, kind, decimals in [("revenue", "营业收入", "Revenue", text("万元", "10,000 yuan"), "flow", 2), ("staff", "从业人员", "Staff", text("人", "persons"), "stock", 0)]:
        metrics.append({"id": id, "title": text(zh, en), "unit": unit, "kind": kind, "decimals": decimals, "restricted": id == "revenue",
                        "columns": {str(year): f"{id}_{year}" for year in YEARS}})
        for year in YEARS:
            number = {"type": "number", "decimals": decimals} if decimals else {"type": "integer"}
            columns.append({"name": f"{id}_{year}", "title": text(f"{year}年{zh}", f"{en} {year}"), **number, "minimum": 0, "unit": unit, "restricted": id == "revenue"})
    rows = {"id": "enterprises", "file": "enterprises.geojson", "role": "register", "title": text("企业", "Enterprises"), "geometry": "point", "name": "name", "sample": True,
            "register": {"district": "district", "cluster": "section", "metrics": metrics},
            "properties": [name[0], {"name": "district", "title": text("登记地区", "Declared area"), "type": "string"},
                           {"name": "section", "title": text("行业门类", "Section"), "type": "string", "codelist": "clusters"}, *columns]}
    return {"id": "nation", "title": text("示例国", "Invented nation"), "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
            "terms": {"row": {"zh": "企业", "en": "enterprise", "plural": "enterprises", "counter": "家"}, "class": {"zh": "门类", "en": "section", "plural": "sections", "counter": "个"},
                      "whole": text("全国", "the nation")},
            "map": {"bbox": [WEST, SOUTH, EAST, NORTH], "insets": [{"title": text("示例群岛", "Invented islands"), "bbox": [108.0, 3.0, 119.0, 18.0]}]},
            "units": [{"unit": text("万元", "10,000 yuan"),
                       "zh": {"large": {"name": "亿元", "factor": 10000}, "small": {"name": "万元", "factor": 1}},
                       "en": {"large": {"name": "bn yuan", "factor": 100000}, "small": {"name": "m yuan", "factor": 100}}}],
            "codelists": {"clusters": "sections.json"}, "zone_kinds": kinds, "collections": [*levels, rows]}


def write(folder, rows=200_000, fine=(1, 1)):
    folder.mkdir(parents=True, exist_ok=True)
    tops, cities, counties, places = zones(fine)
    collection(folder / "provinces.geojson", tops)
    collection(folder / "cities.geojson", cities)
    if counties:
        collection(folder / "counties.geojson", counties)
    entries = [{"code": code, "name": text(zh, en), "mark": code, "color": colour, "color_dark": colour} for (code, zh, en), colour in zip(SECTIONS, COLOURS)]
    (folder / "sections.json").write_text(json.dumps({"id": "clusters", "title": text("行业门类", "Sections"), "entries": entries}, ensure_ascii=False), encoding="utf-8")
    (folder / "dataset.json").write_text(json.dumps(manifest(fine), ensure_ascii=False, indent=1), encoding="utf-8")
    register(folder, rows, places)
    return len(tops), len(cities), len(counties)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--rows", type=int, default=200_000)
    arguments.add_argument("--counties", type=int, choices=(0, 12), default=0, help="in each city")
    given = arguments.parse_args()
    print("provinces, cities, counties:", *write(given.folder, given.rows, (4, 3) if given.counties else (1, 1)))


if __name__ == "__main__":
    main()
