#!/usr/bin/env python3
"""Writes the two invented cities with tables of places: this one and `../harbour`."""
import json
import pathlib

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = {"zh": "虚构,仅供测试", "en": "invented, for tests only"}


def text(zh, en):
    return {"zh": zh, "en": en}


def prop(name, zh, en, ty="string", **more):
    return {"name": name, "title": text(zh, en), "type": ty, **more}


def collection(id, role, zh, en, geometry, properties, **more):
    return {
        "id": id, "file": f"{id}.geojson", "role": role, "title": text(zh, en), "geometry": geometry, "name": "name",
        "source": SOURCE, "licence": "MIT OR Apache-2.0", **more, "properties": properties,
    }


def square(west, south, side):
    east, north = round(west + side, 6), round(south + side, 6)
    return {"type": "Polygon", "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]]}


def feature(id, geometry, **properties):
    return {"type": "Feature", "id": id, "geometry": geometry, "properties": properties}


def point(x, y):
    return {"type": "Point", "coordinates": [round(x, 6), round(y, 6)]}


def write(folder, name, features):
    lines = ",\n".join(json.dumps(f, ensure_ascii=False) for f in features)
    (folder / f"{name}.geojson").write_text(f'{{"type": "FeatureCollection", "features": [\n{lines}\n]}}\n')


def city(folder, id, zh, en, words, districts, places, firms, register, row):
    zone = [prop("name", "名称", "Name", required=True), prop("name_en", "英文名", "English name")]
    place = [
        prop("name", "地名", "Place"), prop("address", "地址", "Address"), prop("kind", "类别", "Kind"),
        prop("updated", "更新日期", "Updated", "date"),
    ]
    firm = [
        prop("name", "企业名称", "Name", required=True, aliases=["名称"]),
        prop("district", "所属区", "County", references="districts"),
        prop("address", "地址", "Address", aliases=["经营地址"]),
        prop("location_class", "位置类别", "Class of location"),
        prop("precision_m", "位置精度", "Precision", "integer", minimum=0),
    ]
    manifest = {
        "$schema": "../../../geodata/schema/dataset.schema.json", "id": id, "title": text(zh, en),
        "description": text("虚构:有地名表的城市", "invented: a city with a table of places"),
        "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84", "terms": {"row": row}, "divisions": "divisions.json",
        "collections": [
            collection("districts", "districts", "区", "Counties", "polygon", zone, name_en="name_en", zone={"kind": "county"}),
            collection("gazetteer", "features", "门牌与地名", "Addresses and places", "point", place,
                       places={"address": "address", "reach": 10, **words}),
            collection("firms", "register", "企业", "Firms", "point", firm, register=register),
        ],
    }
    (folder / "dataset.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=2) + "\n")
    write(folder, "districts", districts)
    write(folder, "gazetteer", places)
    write(folder, "firms", firms)


REGISTER = {
    "district": "district", "location_class": "location_class", "precision_m": "precision_m", "address": "address",
}


def lanes():
    places, day = [], "2026-05-01"

    def add(address, x, y, name=None, kind="门牌"):
        places.append(feature(f"p{len(places) + 1}", point(x, y), name=name, address=address, kind=kind, updated=day))

    for number in range(2, 42, 2):
        add(f"云山省临江市南岸区柳堤路{number}号", 110.01 + number * 0.0005, 30.05)
    add("柳堤路 478 号", 110.06, 30.05)
    add("柳堤路478号3幢", 110.0604, 30.0501)
    add("柳堤路478弄12号", 110.061, 30.052)
    add("2号大街501号", 110.07, 30.06)
    add("南岸区人民路1号", 110.03, 30.03)
    add("北岸区人民路1号", 110.03, 30.13)
    add("幸福里10号", 110.02, 30.02)
    add("幸福里10号", 110.0201, 30.0201)
    add("中山路12号", 110.04, 30.14)
    add("大桥路1号", 110.05, 30.16)
    add("大桥路1号", 110.08, 30.18)
    add("环湖路66号", 110.08, 30.15, name="临江大学", kind="学校")
    districts = [
        feature("1001", square(110.0, 30.0, 0.1), name="南岸区", name_en="Southbank"),
        feature("1002", square(110.0, 30.1, 0.1), name="北岸区", name_en="Northbank"),
    ]
    firms = [
        feature("f1", point(110.02, 30.02), name="南岸仪表厂", district="1001", address="幸福里10号", location_class="address", precision_m=100),
        feature("f2", None, name="北岸纸品社", district="1002", address=None, location_class="none", precision_m=None),
    ]
    city(HERE, "lanes", "临江", "Linjiang", {}, districts, places, firms, REGISTER,
         {"zh": "企业", "en": "firm", "counter": "家", "plural": "firms"})
    divisions = {
        "$schema": "../../../geodata/schema/divisions.schema.json", "source": SOURCE, "above": ["云山省", "临江市"],
        "aliases": [{"id": "1001", "names": ["南岸新区"]}], "former": [{"names": ["城南县"], "now": ["1001"]}], "ceded": [],
    }
    (HERE / "divisions.json").write_text(json.dumps(divisions, ensure_ascii=False, indent=2) + "\n")


def harbour():
    folder, places = HERE.parent / "harbour", []

    def add(address, x, y, name=None, kind="house"):
        places.append(feature(f"p{len(places) + 1}", point(x, y), name=name, address=address, kind=kind, updated="2026-05-01"))

    for number in range(1, 40, 2):
        add(f"{number} Harbour Street, Alba County, Westland", -0.09 + number * 0.001, 50.05)
    add("7b Mill Rd, Saint-Brannoc", 0.02, 50.05)
    add("7 Mill Road, Saint-Brannoc", 0.0201, 50.0501)
    add("1 Church Road, Alba", -0.05, 50.02)
    add("1 Church Road, Saint-Brannoc", 0.05, 50.02)
    add("Løvenstræde 12", 0.06, 50.06)
    add("Quay Side 3", 0.07, 50.07, name="The Old Mill", kind="landmark")
    districts = [
        feature("W01", square(-0.1, 50.0, 0.1), name="Alba County", name_en="Alba County"),
        feature("W02", square(0.0, 50.0, 0.1), name="Saint-Brannoc", name_en="Saint-Brannoc"),
    ]
    firms = [
        feature("f1", point(0.02, 50.05), name="Brannoc Looms", district="W02", address="7 Mill Road", location_class="address", precision_m=100),
        feature("f2", None, name="Alba Nets", district="W01", address=None, location_class="none", precision_m=None),
    ]
    city(folder, "harbour", "海港", "Harbour", {"words": {"St": "Street", "Rd": "Road"}}, districts, places, firms, REGISTER,
         {"zh": "企业", "en": "firm", "counter": "家", "plural": "firms"})
    divisions = {
        "$schema": "../../../geodata/schema/divisions.schema.json", "source": SOURCE, "above": ["Westland"],
        "aliases": [{"id": "W01", "names": ["Alba"]}], "former": [], "ceded": [],
    }
    (folder / "divisions.json").write_text(json.dumps(divisions, ensure_ascii=False, indent=2) + "\n")


lanes()
harbour()
