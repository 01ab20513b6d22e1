"""Every dataset folder of the repository against the schemas of geodata/schema, and broken copies that must fail."""
import copy
import csv
import json
import sys
from pathlib import Path

import jsonschema

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = ROOT / "geodata" / "schema"


def schema(name):
    loaded = json.loads((SCHEMAS / name).read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(loaded)
    return jsonschema.Draft202012Validator(loaded)


def table(path, columns):
    """What is wrong with a table, by the columns of its CSVW schema."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        head = reader.fieldnames
        # columns that are not required may be left out; the others stand in the order of the schema
        columns = [c for c in columns if c["required"] or c["name"] in head]
        if head != [c["name"] for c in columns]:
            yield f"head {head}"
            return
        for row in reader:
            for column in columns:
                text, datatype = row[column["name"]], column["datatype"]
                if not text:
                    if column["required"]:
                        yield f"line {reader.line_num}: no {column['name']}"
                elif datatype == "number":
                    float(text)
                elif datatype == "gYear" and not (len(text) == 4 and text.isdigit()):
                    yield f"line {reader.line_num}: {text} is no year"
                elif isinstance(datatype, dict) and text not in datatype["format"].split("|"):
                    yield f"line {reader.line_num}: {text} is none of {datatype['format']}"


def main():
    manifest_schema, codelist = schema("dataset.schema.json"), schema("codelist.schema.json")
    mapping = schema("mapping.schema.json")
    divisions, plan = schema("divisions.schema.json"), schema("plan.schema.json")
    columns = json.loads((SCHEMAS / "indicators.csvw.json").read_text(encoding="utf-8"))["tableSchema"]["columns"]
    folders = [p.parent for base in ("geodata", "tests/data", "examples") for p in sorted((ROOT / base).glob("*/dataset.json"))]
    faults, files = [], 0

    def check(validator, path):
        nonlocal files
        files += 1
        document = json.loads(path.read_text(encoding="utf-8"))
        faults.extend(f"{path}: {'/'.join(map(str, e.path))}: {e.message}" for e in validator.iter_errors(document))
        broken = copy.deepcopy(document)
        broken["no such member"] = 1
        if validator is not plan and not list(validator.iter_errors(broken)):
            faults.append(f"{path}: a member that is unknown passes")
        return document

    for folder in folders:
        manifest = check(manifest_schema, folder / "dataset.json")
        for file in manifest.get("codelists", {}).values():
            for version in check(codelist, folder / file).get("versions", []):
                check(mapping, folder / version["mapping"])
        if manifest.get("divisions"):
            check(divisions, folder / manifest["divisions"])
        if manifest.get("plan"):
            check(plan, folder / manifest["plan"])
        if manifest.get("indicators"):
            files += 1
            faults.extend(f"{folder / manifest['indicators']}: {fault}" for fault in table(folder / manifest["indicators"], columns))
    print("\n".join(faults) or f"{files} files of {len(folders)} folders fit their schemas")
    if files < 10:
        faults.append("too few files")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
