"""What is asked: seeded zones, boxes, filters, tiles and words, placed where the data are. The same for every engine."""
import csv
import itertools
import math
import random

from data import CLUSTERS, FIRST, TRADES
from geometry import DISTRICTS, star

SEED = 7
ZOOMS = range(6, 17)
COMMON = ["智能科技", "信息技术", "网络科技", "数据服务", "人工智能", "有限责任公司", "自动化设备", "医疗器械", "教育科技",
          "传感技术", "股份有限公司", "汽车技术", "物联网科技", "杭州", "公司"]


def tile_of(lon, lat, z):
    n, s = 1 << z, math.sin(math.radians(lat))
    return int((lon + 180) / 360 * n), int((0.5 - math.log((1 + s) / (1 - s)) / (4 * math.pi)) * n)


def tile_box(z, x, y):
    """West, south, east, north of a tile in degrees."""
    n = 1 << z
    north, south = (math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * k / n)))) for k in (y, y + 1))
    return x / n * 360 - 180, south, (x + 1) / n * 360 - 180, north


def filters():
    """Some thousand different filters on two attributes, as (column, operator, value)."""
    names = [name for _, name, _ in CLUSTERS]
    # 5 to 44 employees; the fractions keep every filter different from all before it
    return ([["cluster", "=", name], ["employees", ">=", 5 + k % 40 + k // 40 / 64]]
            for k, name in ((i * 7, names[i % 8]) for i in range(60_000)))


def words(n, chance):
    """Names of two characters, as most Chinese searches are, and of four to eight that few enterprises have."""
    letter = lambda: FIRST[int(chance() * len(FIRST))]
    taken = "".join(zh for _, zh, *_ in DISTRICTS)  # a district's name would be found beside the enterprises'
    short = [w for w in (letter() + letter() for _ in range(n + 10)) if w not in taken]
    rare = [letter() + letter() + TRADES[int(chance() * len(TRADES))] for _ in range(n)]
    return list(dict.fromkeys(short))[:n], list(dict.fromkeys(rare))


def make(csv_file, each):
    """`each` of every kind of zone, and tiles for each zoom."""
    with open(csv_file, encoding="utf-8") as f:
        points = [(float(r["lon"]), float(r["lat"])) for r in itertools.islice(csv.DictReader(f), 50_000)]
    chance, fresh = random.Random(SEED).random, filters()
    pick = lambda: points[int(chance() * len(points))]
    ragged, drawn, boxes = [], [], []
    for _ in range(each):
        ragged.append(star(*pick(), 4 + chance() * 11, 2000, chance))
        drawn.append(star(*pick(), 0.5 + chance() * 2.5, 12, chance))
        (x, y), half = pick(), 1 + chance() * 5
        w, h = half / 96.2, half / 110.9
        boxes.append([[round(v, 6) + 5e-7 for v in (x - w, y - h, x + w, y + h)], next(fresh)])
    tiles = {}
    for z in ZOOMS:
        found = {}
        for _ in range(each * 40):
            found[tile_of(*pick(), z)] = True
            if len(found) >= each:
                break
        tiles[z] = [[z, x, y] for x, y in found]
    # with repetition: busy places are looked at more often, as users do
    busy = [[z, *tile_of(*pick(), z)] for _ in range(each) for z in range(10, 15)]
    short, rare = words(each, chance)
    return {"ragged": ragged, "drawn": drawn, "boxes": boxes, "tiles": tiles, "busy": busy, "fresh": fresh,
            "short": short, "rare": rare, "common": COMMON}
