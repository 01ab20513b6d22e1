#!/usr/bin/env python3
"""Writes this folder: an invented city whose firms have codes of a real classification, at three levels."""
import json
import random

random.seed(4754)
TREE = [
    ("A", None, "农、林、牧、渔业", "Agriculture, forestry, animal husbandry and fishery"),
    ("C", None, "制造业", "Manufacturing"),
    ("C35", "C", "专用设备制造业", "Manufacture of special purpose machinery"),
    ("C356", "C35", "电子和电工机械专用设备制造", "Special machinery for electronics and electricals"),
    ("C358", "C35", "医疗仪器设备及器械制造", "Medical instruments and devices"),
    ("C38", "C", "电气机械和器材制造业", "Manufacture of electrical machinery and apparatus"),
    ("C381", "C38", "电机制造", "Electric motors and generators"),
    ("C382", "C38", "输配电及控制设备制造", "Transmission, distribution and control equipment"),
    ("C384", "C38", "电池制造", "Batteries"),
    ("C39", "C", "计算机、通信和其他电子设备制造业", "Manufacture of computers, communication and other electronic equipment"),
    ("C391", "C39", "计算机制造", "Computers"),
    ("C392", "C39", "通信设备制造", "Communication equipment"),
    ("C397", "C39", "电子器件制造", "Electronic devices"),
    ("C398", "C39", "电子元件及电子专用材料制造", "Electronic components and materials"),
    ("I", None, "信息传输、软件和信息技术服务业", "Information transmission, software and information technology services"),
    ("I63", "I", "电信、广播电视和卫星传输服务", "Telecommunications, broadcasting and satellite transmission"),
    ("I64", "I", "互联网和相关服务", "Internet and related services"),
    ("I642", "I64", "互联网信息服务", "Internet information services"),
    ("I645", "I64", "互联网数据服务", "Internet data services"),
    ("I65", "I", "软件和信息技术服务业", "Software and information technology services"),
    ("I651", "I65", "软件开发", "Software development"),
    ("I652", "I65", "集成电路设计", "Design of integrated circuits"),
    ("M", None, "科学研究和技术服务业", "Scientific research and technical services"),
    ("M73", "M", "研究和试验发展", "Research and experimental development"),
    ("M732", "M73", "工程和技术研究和试验发展", "Engineering and technology research"),
    ("M734", "M73", "医学研究和试验发展", "Medical research"),
    ("M74", "M", "专业技术服务业", "Professional and technical services"),
]
LOOK = {"A": ("农", "#4E7A1E", "#A9D86E"), "C": ("制", "#1F5FA8", "#8FC0FF"), "I": ("信", "#8A3FA0", "#DDA6F0"), "M": ("科", "#A8501A", "#F0B080")}
FIELDS = [
    ("electronics", "电子", "Electronics", "电", "#1F5FA8", "#8FC0FF"),
    ("machines", "机电", "Machines", "机", "#7A4B12", "#E0B070"),
    ("digital", "数字", "Digital services", "数", "#8A3FA0", "#DDA6F0"),
    ("science", "科研", "Science", "研", "#A8501A", "#F0B080"),
]
PAIRS = [
    ("C35", "machines", None), ("C358", "science", None), ("C38", "machines", None), ("C39", "electronics", None),
    ("C398", "electronics", 0.7), ("C398", "machines", 0.3), ("I", "digital", None), ("I652", "electronics", None),
    ("M", "science", None),
]
text = lambda zh, en: {"zh": zh, "en": en}
invented = text("虚构,仅供测试", "invented, for tests only")


def write(name, value, indent=1):
    with open(name, "w", encoding="utf-8") as file:
        file.write(json.dumps(value, ensure_ascii=False, indent=indent) + "\n")


entries = []
for code, parent, zh, en in TREE:
    entry = {"code": code, "name": text(zh, en)}
    if parent:
        entry["parent"] = parent
    else:
        entry["mark"], entry["color"], entry["color_dark"] = LOOK[code]
    entries.append(entry)
write("industries.json", {
    "$schema": "../../../geodata/schema/codelist.schema.json", "id": "clusters", "title": text("国民经济行业", "Industries"),
    "source": text("国家统计局:GB/T 4754—2017 国民经济行业分类(节选)", "National Bureau of Statistics of China: GB/T 4754-2017, an excerpt; English by us"),
    "valid_from": "2017-10-01",
    "levels": [{"id": "section", "title": text("门类", "Section"), "plural": "Sections"}, {"id": "division", "title": text("大类", "Division"), "plural": "Divisions"}, {"id": "group", "title": text("中类", "Group"), "plural": "Groups"}],
    "versions": [{"id": "fields-2021", "title": text("2021 年四个领域", "The four fields of 2021"), "valid_from": "2021-01-01", "valid_to": "2024-12-31", "codelist": "fields", "mapping": "industries-fields.json", "property": "field_2021"}],
    "entries": entries,
})
write("fields.json", {
    "$schema": "../../../geodata/schema/codelist.schema.json", "id": "fields", "title": text("领域", "Fields"), "source": invented,
    "entries": [{"code": c, "name": text(zh, en), "mark": m, "color": a, "color_dark": b} for c, zh, en, m, a, b in FIELDS],
})
write("industries-fields.json", {
    "$schema": "../../../geodata/schema/mapping.schema.json", "source": invented,
    "pairs": [{"from": a, "to": b} | ({"share": s} if s is not None else {}) for a, b, s in PAIRS],
})
DISTRICTS = [("D1", "Alta Riva", 12.00, 41.00), ("D2", "Borgo Sereno", 12.05, 41.00), ("D3", "Castel Lume", 12.00, 41.04), ("D4", "Dossobuono", 12.05, 41.04)]
features = []
for id, name, x, y in DISTRICTS:
    ring = [[x, y], [x + 0.05, y], [x + 0.05, y + 0.04], [x, y + 0.04], [x, y]]
    ring = [[round(a, 5), round(b, 5)] for a, b in ring]
    features.append({"type": "Feature", "id": id, "properties": {"nome": name}, "geometry": {"type": "Polygon", "coordinates": [ring]}})
write("districts.geojson", {"type": "FeatureCollection", "features": features}, None)
NAMES = ["Lumera", "Orsini Tecnica", "Valbruna", "Serafini", "Monteluce", "Ferrante", "Nocera", "Pellegrino", "Adriatica", "Tesoro"]
leaves = ["A"] * 6 + ["C356"] * 10 + ["C358"] * 14 + ["C381"] * 12 + ["C382"] * 16 + ["C384"] * 2 + ["C391"] * 18 + ["C392"] * 16 + ["C397"] * 24 + ["C398"] * 20
leaves += ["I63"] * 8 + ["I642"] * 22 + ["I645"] * 12 + ["I651"] * 44 + ["I652"] * 10 + ["M732"] * 18 + ["M734"] * 8 + ["M74"] * 14
# known only above: to a division, to a section, to nothing
leaves += ["C39"] * 11 + ["C38"] * 4 + ["I65"] * 7 + ["C"] * 5 + ["I"] * 3 + [None] * 6
weight = {"D1": 4, "D2": 3, "D3": 2, "D4": 1}
firms = []
for number, code in enumerate(leaves):
    home = random.choices(DISTRICTS, [weight[d[0]] for d in DISTRICTS])[0]
    if code and code.startswith("C39"):
        home = random.choice(DISTRICTS[:2])
    located = random.random() < 0.93
    at = [round(home[2] + random.random() * 0.05, 5), round(home[3] + random.random() * 0.04, 5)]
    turnover = round(random.lognormvariate(6.5, 1.1), 2)
    grown = round(turnover * random.uniform(0.85, 1.3), 2)
    staff = max(1, int(turnover / random.uniform(15, 60)))
    row = {"nome": f"{random.choice(NAMES)} {number + 1:03}", "distretto": home[0], "industry": code, "turnover_2024": turnover, "turnover_2025": None if random.random() < 0.04 else grown, "staff_2025": staff}
    if code and random.random() < 0.12:
        row["industry_2"] = [random.choice([c for c, *_ in TREE if c != code])]
    if code == "C398" and number % 2:
        row["field_2021"] = random.choice(["electronics", "machines"])
    firms.append({"type": "Feature", "id": f"F{number + 1:03}", "properties": row, "geometry": {"type": "Point", "coordinates": at} if located else None})
random.shuffle(firms)
write("firms.geojson", {"type": "FeatureCollection", "features": firms}, None)
string = lambda name, title, **more: {"name": name, "title": title, "type": "string"} | more
unit = text("千欧元", "thousand euros")
figure = lambda name, title, restricted: {"name": name, "title": title, "type": "number", "decimals": 2, "unit": unit, "minimum": 0, "restricted": restricted}
write("dataset.json", {
    "$schema": "../../../geodata/schema/dataset.schema.json", "id": "sectors", "title": text("瓦尔德诺尔产业", "Industries of Valdenor"),
    "description": text("虚构的城市,企业按三级行业分类;部分企业只知上级", "An invented city whose firms are classified at three levels, some of them at an upper one only"),
    "terms": {"row": {"zh": "企业", "en": "firm", "plural": "firms", "counter": "家"}, "class": {"zh": "行业", "en": "industry", "plural": "industries", "counter": "个"}, "whole": text("全市", "the city"), "place": text("瓦尔德诺尔", "Valdenor")},
    "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84", "map_approval": None, "time_zone": "Europe/Rome",
    "codelists": {"clusters": "industries.json", "fields": "fields.json"},
    "zone_kinds": [{"id": "district", "title": text("城区", "District"), "plural": "districts"}],
    "collections": [
        {"id": "districts", "file": "districts.geojson", "role": "districts", "title": text("城区", "Districts"), "geometry": "polygon", "name": "nome", "name_en": "nome", "source": invented, "licence": "MIT OR Apache-2.0", "zone": {"kind": "district"}, "properties": [string("nome", text("名称", "Name"), required=True)]},
        {"id": "firms", "file": "firms.geojson", "role": "register", "sample": True, "title": text("企业", "Firms"), "geometry": "point", "name": "nome", "name_en": "nome", "source": invented, "licence": "MIT OR Apache-2.0",
         "properties": [string("nome", text("企业名称", "Name"), required=True), string("distretto", text("城区", "District"), references="districts"), string("industry", text("行业代码", "Industry"), codelist="clusters"), {"name": "industry_2", "title": text("兼营行业", "Further industries"), "type": "strings", "codelist": "clusters"}, string("field_2021", text("2021 年领域", "Field of 2021"), codelist="fields"), figure("turnover_2024", text("2024 年营业收入", "Turnover 2024"), True), figure("turnover_2025", text("2025 年营业收入", "Turnover 2025"), True), {"name": "staff_2025", "title": text("2025 年从业人数", "Staff 2025"), "type": "integer", "unit": text("人", "people"), "minimum": 0}],
         "register": {"district": "distretto", "cluster": "industry", "secondary": "industry_2", "metrics": [{"id": "turnover", "title": text("营业收入", "Turnover"), "unit": unit, "decimals": 2, "kind": "flow", "restricted": True, "columns": {"2024": "turnover_2024", "2025": "turnover_2025"}}, {"id": "staff", "title": text("从业人数", "Staff"), "unit": text("人", "people"), "decimals": 0, "kind": "stock", "columns": {"2025": "staff_2025"}}]}},
    ],
})
