"""What is asked: seeded zones, boxes, filters, tiles and words, placed where the data are. The same for every engine."""
import csv
import itertools
import math
import random

from data import CLUSTERS
from geometry import star

SEED = 7
ZOOMS = range(6, 17)
# two characters, as most Chinese searches are; four and more that few names hold; trades that many names hold
SHORT = ["云海", "西溪", "钱塘", "青禾", "天博", "湖滨", "千寻", "百川", "金石", "德启", "江西", "蓝图"]
RARE = ["数联信息", "川百机器人", "云海智能科", "合众自动化", "明德传感技", "海云医疗器", "象万物联网", "溪西汽车技"]
COMMON = ["智能科技", "信息技术", "网络科技", "数据服务", "人工智能", "有限责任公司"]


def tile_of(lon, lat, z):
    n, s = 1 << z, math.sin(math.radians(lat))
    return int((lon + 180) / 360 * n), int((0.5 - math.log((1 + s) / (1 - s)) / (4 * math.pi)) * n)


def tile_box(z, x, y):
    """West, south, east, north of a tile in degrees."""
    n = 1 << z
    north, south = (math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * k / n)))) for k in (y, y + 1))
    return x / n * 360 - 180, south, (x + 1) / n * 360 - 180, north


def filters(ranges):
    """Endless different filters on two attributes, as (column, operator, value): with `ranges` cluster and a least number
    of employees, else cluster and year of founding."""
    names = [name for _, name, _ in CLUSTERS]
    if ranges:
        pairs = itertools.product(range(5, 500), names)
        return ([["cluster", "=", name], ["employees", ">=", k]] for k, name in pairs)
    thirds = [["status", "=", v] for v in ("存续", "在业", "注销")] + [None] + [["employees", "=", k] for k in range(1, 60)]
    combinations = itertools.product(thirds, range(2021, 1999, -1), names)
    return ([["cluster", "=", name], ["founded", "=", year]] + ([third] if third else []) for third, year, name in combinations)


def make(csv_file, each, ranges):
    """`each` of every kind of zone, and tiles for each zoom."""
    with open(csv_file, encoding="utf-8") as f:
        points = [(float(r["lon"]), float(r["lat"])) for r in itertools.islice(csv.DictReader(f), 50_000)]
    chance, fresh = random.Random(SEED).random, filters(ranges)
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
    return {"ragged": ragged, "drawn": drawn, "boxes": boxes, "tiles": tiles, "fresh": fresh,
            "short": SHORT, "rare": RARE, "common": COMMON}
