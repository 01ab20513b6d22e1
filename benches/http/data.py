"""The benchmark's city: a dataset folder for Shigu and the same rows as CSV for the others. Seeded; every row is invented.

What makes it a fair load: 30 centres with Zipf weights (most in the urban core), 8 % scattered; 35 % of the points on a
lattice of 1/2000 degree, as firms that share a building are; log-normal revenue and staff; each centre leans to two of the
eight clusters, so groups are uneven. About 307 bytes a row.
"""
import argparse
import json
import math
import os
import random
import time
from multiprocessing import Pool
from pathlib import Path

from geometry import BOX, DISTRICTS, Locator, districts

VERSION = 2  # raise it when the data change: cached files are then made again
SEED = 20210914
CHUNK = 50_000
CLUSTERS = [("vision", "视觉智能", "#0036AB"), ("vehicle", "智能网联汽车", "#8C2D04"), ("robot", "智能机器人", "#00695C"),
            ("home", "智能家居", "#6A1B9A"), ("finance", "智慧金融", "#B71C1C"), ("health", "智慧医疗", "#33691E"),
            ("education", "智慧教育", "#4E342E"), ("computing", "智能计算", "#37474F")]
CODE = {name: code for code, name, _ in CLUSTERS}
STATUS = [("存续", 0.62), ("在业", 0.83), ("注销", 0.96), ("吊销", 1.0)]
FIRST = "云海星辰华鼎天博宏远创博智慧新安之江西溪钱塘湖滨青禾蓝图金石明德启航联合众诚百川千寻万象数联光合"
TRADES = ["智能科技", "科技", "信息技术", "网络科技", "机器人", "数据服务", "自动化设备", "人工智能", "软件", "电子",
          "医疗器械", "教育科技", "传感技术", "汽车技术", "物联网科技"]
FORMS = ["有限公司", "有限公司", "有限公司", "股份有限公司", "(杭州)有限公司", "有限责任公司"]
DIGITS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
COLUMNS = "id,lon,lat,name,uscc,cluster,district,founded,employees,revenue,status"


def centres():
    """Thirty places with their spread and two favoured clusters, and the running sum of their weights."""
    chance, places = random.Random(SEED).random, []
    for i in range(30):
        if i < 20:
            x, y = 120.15 + (chance() + chance() - 1) * 0.28, 30.25 + (chance() + chance() - 1) * 0.18
        else:
            seat = DISTRICTS[5 + i % 8]
            x, y = seat[3] + (chance() - 0.5) * 0.08, seat[4] + (chance() - 0.5) * 0.06
        places.append((x, y, 0.004 + chance() ** 2 * 0.036, int(chance() * 8), int(chance() * 8)))
    total, sum_, running = sum(1 / (i + 1) for i in range(30)), 0.0, []
    for i in range(30):
        sum_ += 1 / (i + 1) / total
        running.append(sum_)
    return places, running


def rows(start, count):
    """Rows start+1 to start+count; start is a multiple of CHUNK, each chunk has a seed of its own."""
    chance = random.Random(f"{SEED}/{start}").random
    places, running = centres()
    x0, y0, x1, y1 = BOX
    for i in range(start + 1, start + count + 1):
        place = None
        if chance() < 0.08:
            x, y = x0 + chance() * (x1 - x0), y0 + chance() * (y1 - y0)
        else:
            u, k = chance(), 0
            while k < 29 and running[k] < u:
                k += 1
            place = places[k]
            r, a = math.sqrt(-2 * math.log(1 - chance())) * place[2], 2 * math.pi * chance()
            x, y = place[0] + r * math.cos(a) * 1.15, place[1] + r * math.sin(a)
        if chance() < 0.35:
            x, y = round(x * 2000) / 2000, round(y * 2000) / 2000
        x, y = round(min(max(x, x0), x1), 6), round(min(max(y, y0), y1), 6)
        u = chance()
        k = place[3] if place and u < 0.35 else place[4] if place and u < 0.55 else int(chance() * 8)
        m = int(chance() * len(FIRST)), int(chance() * len(FIRST)), int(chance() * len(FIRST))
        name = ("杭州" + FIRST[m[0]] + FIRST[m[1]] + (FIRST[m[2]] if chance() < 0.5 else "")
                + TRADES[int(chance() ** 1.5 * len(TRADES))] + FORMS[int(chance() * len(FORMS))])
        s, tail = int(chance() * 31 ** 8), ""
        for _ in range(8):
            tail += DIGITS[s % 31]
            s //= 31
        g, t = math.sqrt(-2 * math.log(1 - chance())), 2 * math.pi * chance()
        revenue = round(800 * math.exp(1.6 * g * math.cos(t)), 2)
        employees = 1 + int(12 * math.exp(1.2 * (0.6 * g * math.cos(t) + 0.8 * g * math.sin(t))))
        founded = 2021 - int(22 * chance() ** 1.8)
        u = chance()
        status = next(v for v, p in STATUS if u < p)
        yield i, x, y, name, tail, CLUSTERS[k][1], founded, employees, revenue, status


LOCATOR = None


def chunk(task):
    """One chunk as GeoJSON features and as CSV lines."""
    start, count = task
    geojson, csv, find = [], [], LOCATOR.find
    for i, x, y, name, tail, cluster, founded, employees, revenue, status in rows(start, count):
        district = find(x, y)
        uscc = f"91{district}MA{tail}"
        geojson.append(f'{{"type":"Feature","id":{i},"geometry":{{"type":"Point","coordinates":[{x},{y}]}},"properties":'
                       f'{{"id":{i},"name":"{name}","uscc":"{uscc}","cluster":"{cluster}","district":"{district}",'
                       f'"founded":{founded},"employees":{employees},"revenue":{revenue},"status":"{status}"}}}}')
        csv.append(f"{i},{x},{y},{name},{uscc},{cluster},{district},{founded},{employees},{revenue},{status}\n")
    return ",\n".join(geojson).encode(), "".join(csv).encode()


def text(zh, en):
    return {"zh": zh, "en": en}


def manifest():
    def prop(name, zh, en, kind, **more):
        return {"name": name, "title": text(zh, en), "type": kind, "required": True, **more}

    def metric(name, zh, en, unit, decimals):
        return {"id": name, "title": text(zh, en), "unit": unit, "decimals": decimals, "restricted": True,
                "columns": {"2025": name}}

    wan, persons = text("万元", "10,000 yuan"), text("人", "persons")
    register = {
        "id": "enterprises", "file": "enterprises.geojson", "role": "register", "geometry": "point", "name": "name",
        "title": text("企业名录", "Register"), "sample": True,
        "register": {"district": "district", "cluster": "cluster",
                     "metrics": [metric("revenue", "营业收入", "Revenue", wan, 2),
                                 metric("employees", "从业人数", "Employees", persons, 0)]},
        "properties": [prop("id", "序号", "Number", "integer"), prop("name", "名称", "Name", "string"),
                       prop("uscc", "统一社会信用代码", "Credit code", "string"),
                       prop("cluster", "集群", "Cluster", "string", codelist="clusters"),
                       prop("district", "区县", "District", "string", references="districts"),
                       prop("founded", "成立年份", "Founded", "integer"),
                       prop("employees", "从业人数", "Employees", "integer", unit=persons, restricted=True),
                       prop("revenue", "营业收入", "Revenue", "number", unit=wan, decimals=2, restricted=True),
                       prop("status", "状态", "Status", "string")]}
    areas = {"id": "districts", "file": "districts.geojson", "role": "districts", "geometry": "polygon", "name": "name",
             "name_en": "name_en", "title": text("区县", "Districts"), "zone": {"kind": "district"}, "sample": True,
             "properties": [prop("name", "名称", "Name", "string"), prop("name_en", "英文名称", "English name", "string")]}
    return {"id": "benchmark", "title": text("基准测试城市", "City of the benchmark"),
            "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84", "codelists": {"clusters": "clusters.json"},
            "collections": [areas, register]}


def codelist():
    entries = [{"code": c, "name": text(zh, c), "mark": zh[2], "color": colour, "color_dark": colour, "aliases": []}
               for c, zh, colour in CLUSTERS]
    return {"id": "clusters", "title": text("八大集群", "Eight clusters"), "entries": entries}


def dump(path, value):
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")


def make(n, work):
    """The folder of n rows below `work`, made unless it is there. -> (dataset folder, CSV file)"""
    global LOCATOR
    home = Path(work) / f"data-{n}"
    city, csv, stamp = home / "city", home / "rows.csv", home / "made.json"
    if stamp.is_file() and json.loads(stamp.read_text()).get("version") == VERSION:
        return city, csv
    began = time.time()
    city.mkdir(parents=True, exist_ok=True)
    rings = districts()
    features = [{"type": "Feature", "id": code, "properties": {"name": zh, "name_en": en},
                 "geometry": {"type": "Polygon", "coordinates": [rings[code]]}} for code, zh, en, _, _ in DISTRICTS]
    dump(city / "dataset.json", manifest())
    dump(city / "clusters.json", codelist())
    dump(city / "districts.geojson", {"type": "FeatureCollection", "features": features})
    LOCATOR = Locator(rings)  # children get it by fork
    tasks = [(s, min(CHUNK, n - s)) for s in range(0, n, CHUNK)]
    with Pool(os.cpu_count()) as pool, open(city / "enterprises.geojson", "wb") as g, open(csv, "wb") as c:
        g.write(b'{"type":"FeatureCollection","features":[\n')
        c.write(COLUMNS.encode() + b"\n")
        for i, (features, lines) in enumerate(pool.imap(chunk, tasks)):
            g.write(b",\n" * (i > 0) + features)
            c.write(lines)
        g.write(b"\n]}\n")
    size = os.path.getsize(city / "enterprises.geojson")
    dump(stamp, {"version": VERSION, "rows": n, "bytes": size, "seconds": round(time.time() - began, 1)})
    return city, csv


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--work", default="target/bench")
    args = parser.parse_args()
    print(*make(args.rows, args.work))
