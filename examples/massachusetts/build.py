#!/usr/bin/env python3
"""Makes this folder anew: boundaries from the npm package us-atlas, industries by NAICS, an invented register.

    cargo build && python3 examples/massachusetts/build.py target/debug/shigu

Needs npm and node. Packages are fetched by name and version from the registry that npm is set to.
"""
import csv
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
STATE, PLACE = "25", "Massachusetts"
PACKAGES = ["us-atlas@3.0.1", "topojson-client@3.1.0"]
ROWS, SEED = 1200, 1
# sectors of NAICS 2022; codes with a range are one sector
SECTORS = [
    ("31-33", "制造业", "Manufacturing"),
    ("42", "批发业", "Wholesale Trade"),
    ("48-49", "运输与仓储", "Transportation and Warehousing"),
    ("51", "信息业", "Information"),
    ("52", "金融与保险", "Finance and Insurance"),
    ("54", "专业、科学与技术服务", "Professional, Scientific, and Technical Services"),
    ("61", "教育服务", "Educational Services"),
    ("62", "医疗与社会救助", "Health Care and Social Assistance"),
]
CONVERT = """
const topojson = require('topojson-client'), fs = require('fs');
const us = JSON.parse(fs.readFileSync(require.resolve('us-atlas/counties-10m.json')));
const all = topojson.feature(us, us.objects.counties).features;
const own = all.filter(f => f.id.startsWith(process.argv[1])).sort((a, b) => a.id < b.id ? -1 : 1);
const features = own.map(f => ({type: 'Feature', properties: {geoid: f.id, name: f.properties.name + ' County'}, geometry: f.geometry}));
fs.writeFileSync(process.argv[2], JSON.stringify({type: 'FeatureCollection', features}));
"""


def main():
    shigu = str(Path(sys.argv[1]).resolve())
    with tempfile.TemporaryDirectory() as work:
        work = Path(work)
        subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--silent", *PACKAGES], cwd=work, check=True)
        subprocess.run(["node", "-e", CONVERT, STATE, str(work / "counties.geojson")], cwd=work, check=True)
        counties = [f["properties"]["name"] for f in json.loads((work / "counties.geojson").read_text())["features"]]
        # the head of the register, with a row for each sector: its rows are replaced by the sample below
        head = ["Company", "County", "NAICS sector", "Receipts 2023 (USD thousand)", "Receipts 2024 (USD thousand)",
                "Employees 2023", "Employees 2024", "Founded"]
        with (work / "companies.csv").open("w", newline="", encoding="utf-8") as file:
            out = csv.writer(file)
            out.writerow(head)
            for n, (code, _, _) in enumerate(SECTORS * 3):
                out.writerow([f"Example {n}", counties[n % len(counties)], code, 10.5, 11.5, 3, 4, 2000])
        folder = work / "new"
        subprocess.run(
            [shigu, "new", str(folder), "--boundaries", str(work / "counties.geojson"), "--table", str(work / "companies.csv"),
             "--title", f"马萨诸塞州 / {PLACE}", "--zone-word", "县 / county", "--yes", "--lang", "en",
             "--class-column", "NAICS sector",
             "--source", "美国人口普查局 2017 年制图边界,经 us-atlas 3.0.1 / US Census Bureau, cartographic boundaries 2017, by us-atlas 3.0.1",
             "--licence", "public domain (US Census Bureau); package us-atlas: ISC"],
            check=True)
        finish(folder)
        subprocess.run(
            [shigu, "generate", "--geodata", str(folder), "--count", str(ROWS), "--seed", str(SEED),
             "--out", str(folder / "register.geojson")], check=True)
        subprocess.run([shigu, "check", str(folder), "--lang", "en"], check=True)
        for path in list(HERE.iterdir()):
            if path.name != "build.py":
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        shutil.rmtree(folder / "schema")
        for path in folder.iterdir():
            shutil.copy(path, HERE / path.name)


def finish(folder):
    """What a person would write after `shigu new`: words, classes, and that the register is a sample."""
    path = folder / "classes.json"
    classes = json.loads(path.read_text())
    classes["$schema"] = "../../geodata/schema/codelist.schema.json"
    classes["title"] = {"zh": "NAICS 门类", "en": "NAICS sectors"}
    classes["source"] = {"zh": "北美产业分类体系 2022", "en": "North American Industry Classification System 2022"}
    classes["description"] = {"zh": "取其中八个门类", "en": "eight of its sectors"}
    entries = {e["code"]: e for e in classes["entries"]}
    for (code, zh, en), entry in zip(SECTORS, list(classes["entries"])):
        entries[code].update(name={"zh": zh, "en": en}, mark=zh[0], color=entry["color"], color_dark=entry["color_dark"])
    classes["entries"] = [entries[code] for code, _, _ in SECTORS]
    for entry, (color, dark) in zip(classes["entries"], [(e["color"], e["color_dark"]) for e in sorted(entries.values(), key=lambda e: e["code"])]):
        entry["color"], entry["color_dark"] = color, dark
    path.write_text(json.dumps(classes, ensure_ascii=False, indent=2) + "\n")

    path = folder / "dataset.json"
    manifest = json.loads(path.read_text())
    manifest["$schema"] = "../../geodata/schema/dataset.schema.json"
    manifest["id"] = "massachusetts"
    manifest["description"] = {"zh": "美国马萨诸塞州各县;企业为虚构的示例", "en": "the counties of Massachusetts; the companies are an invented sample"}
    manifest["time_zone"] = "America/New_York"
    manifest["terms"]["row"] = {"zh": "企业", "en": "company", "plural": "companies", "counter": "家"}
    manifest["terms"]["class"] = {"zh": "门类", "en": "sector", "plural": "sectors", "counter": "个"}
    manifest["terms"]["whole"] = {"zh": "全州", "en": "the state"}
    districts, register = manifest["collections"]
    districts["title"] = {"zh": "县", "en": "Counties"}
    register["title"] = {"zh": "示例企业名录", "en": "Sample register of companies"}
    register["sample"] = True
    register["licence"] = "MIT OR Apache-2.0"
    register["source"] = {"zh": f"shigu generate --count {ROWS} --seed {SEED} 生成的虚构企业", "en": f"invented by shigu generate --count {ROWS} --seed {SEED}"}
    titles = {"name": ("名称", "Name"), "district": ("所在县", "County"), "class": ("门类", "NAICS sector"), "founded": ("成立年份", "Founded")}
    units = {"receipts": ("营业收入", "Receipts", "千美元", "USD thousand"), "employees": ("从业人数", "Employees", "人", "persons")}
    for p in register["properties"]:
        if p["name"] in titles:
            p["title"] = dict(zip(("zh", "en"), titles[p["name"]]))
        if p["name"] == "founded":
            p.update(minimum=1900, maximum=2024)
        metric, _, year = p["name"].rpartition("_")
        if metric in units:
            zh, en, unit_zh, unit_en = units[metric]
            p["title"] = {"zh": f"{year} 年{zh}", "en": f"{en} {year}"}
            p["unit"] = {"zh": unit_zh, "en": unit_en}
    for m in register["register"]["metrics"]:
        zh, en, unit_zh, unit_en = units[m["id"]]
        m["title"], m["unit"] = {"zh": zh, "en": en}, {"zh": unit_zh, "en": unit_en}
    register["properties"].append(
        {"name": "sample", "title": {"zh": "示例数据", "en": "Sample data"}, "type": "boolean", "required": True})
    path.write_text(json.dumps(manifest, ensure_ascii=False, indent=2) + "\n")

    (folder / "SOURCES.md").write_text(f"""# 马萨诸塞州 {PLACE}: 数据来源 Sources

Made by `build.py`. 由 `build.py` 生成。

| 文件 file | 来源 source | 许可 licence |
|---|---|---|
| `districts.geojson` | counties of the npm package us-atlas 3.0.1, made of the US Census Bureau's cartographic boundaries, 2017 edition; converted by topojson-client 3.1.0. Names are those of the package with the word County | the boundaries are in the public domain (a work of the US government); the package: ISC, Copyright 2013-2019 Michael Bostock |
| `classes.json` | eight sectors of the North American Industry Classification System (NAICS) 2022; Chinese names, marks and colours are ours | public domain (US Census Bureau); ours: MIT OR Apache-2.0 |
| `register.geojson` | `shigu generate --count {ROWS} --seed {SEED}`: invented companies (示例数据), none of them real | MIT OR Apache-2.0 |
""")


if __name__ == "__main__":
    main()
