"""Real clients against the real program: GDAL, OWSLib, pyarrow, mapbox-vector-tile, openapi-spec-validator, schemathesis. `make clients` runs it.

Starts ./target/debug/shigu on the data of Hangzhou and fails loudly, with what the client said.
"""
import json
import math
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(sys.executable).parent
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"


def get(url, accept="application/json"):
    with urllib.request.urlopen(urllib.request.Request(url, headers={"Accept": accept})) as answer:
        return json.load(answer)


def run(*command, **options):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=1800, **options)
    said = done.stdout + done.stderr
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))}\nexit {done.returncode}\n{said[-60000:]}")
    return said


def count(path, layer):
    said = run("ogrinfo", "-so", path, layer)
    return int(re.search(r"Feature Count: (\d+)", said).group(1))


def gdal(base, folder):
    """Lists, reads, pushes a filter down, pulls to GeoPackage; in EPSG:4549 GDAL and the service agree to a millimetre."""
    said = run("ogrinfo", "-so", f"OAPIF:{base}")
    for collection in get(f"{base}/collections")["collections"]:
        assert re.search(rf": {collection['id']} ", said), f"ogrinfo does not list {collection['id']}:\n{said}"
    for layer in ("districts", "platforms", "enterprises"):
        items = get(f"{base}/collections/{layer}/items?limit=1")
        assert count(f"OAPIF:{base}", layer) == items["numberMatched"], layer

    matched = get(f"{base}/collections/enterprises/items?limit=1&cluster=robot")["numberMatched"]
    package = folder / "robot.gpkg"
    said = run("ogr2ogr", package, f"OAPIF:{base}", "enterprises", "-where", "cluster = 'robot'", "-oo", "PAGE_SIZE=500", "--debug", "HTTP")
    # as a parameter or as CQL2, whichever GDAL takes from the description
    assert re.search(r"[?&](cluster=robot|filter=cluster%20%3D%20'robot')", said), f"GDAL did not let the server filter:\n{said[:3000]}"
    assert count(package, "enterprises") == matched, (count(package, "enterprises"), matched)

    boxed = get(f"{base}/collections/enterprises/items?limit=1&bbox=120.1,30.2,120.2,30.3&filter=geometry%20IS%20NOT%20NULL")
    near = folder / "near.gpkg"
    run("ogr2ogr", near, f"OAPIF:{base}", "enterprises", "-spat", "120.1", "30.2", "120.2", "30.3", "-oo", "PAGE_SIZE=1000")
    assert count(near, "enterprises") == boxed["numberMatched"]

    plane = folder / "plane.gpkg"
    run("ogr2ogr", plane, f"OAPIF:{base}", "enterprises", "-where", "cluster = 'robot'", "-t_srs", "EPSG:4549", "-oo", "PAGE_SIZE=500")
    assert count(plane, "enterprises") == matched
    run("ogr2ogr", folder / "plane.geojson", plane, "-lco", "RFC7946=NO", "-lco", "COORDINATE_PRECISION=5")
    theirs = {f["properties"]["id"]: f["geometry"] for f in json.load(open(folder / "plane.geojson"))["features"]}
    ours = get(f"{base}/collections/enterprises/items?limit=10000&cluster=robot&crs={EPSG}4549")["features"]
    assert len(ours) == matched == len(theirs)
    worst = 0.0
    for feature in ours:
        mine, other = feature["geometry"], theirs[feature["id"]]
        assert (mine is None) == (other is None), feature["id"]
        if mine:
            north, east = mine["coordinates"]
            # GDAL writes easting, northing whatever the axes
            worst = max(worst, abs(other["coordinates"][0] - east), abs(other["coordinates"][1] - north))
    assert worst < 0.001, f"GDAL's positions in EPSG:4549 lie up to {worst} m from ours"
    print(f"  {matched} filtered features; in EPSG:4549 within {worst * 1000:.3f} mm of GDAL")

    run("ogrinfo", "-al", f"OAPIF:{base}/collections/layout")
    whole = get(f"{base}/collections/districts/items?crs={EPSG}4326")
    assert 29 < first(whole["features"][0]["geometry"]["coordinates"]) < 31, "EPSG:4326 is latitude first"


def first(coordinates):
    while isinstance(coordinates, list):
        coordinates = coordinates[0]
    return coordinates


def download(url, file):
    with urllib.request.urlopen(url) as answer, open(file, "wb") as to:
        shutil.copyfileobj(answer, to)
    return file


def bulk(base, folder):
    """Every file that GDAL reads has as many features as match and lies where they lie; pyarrow reads GeoParquet."""
    for layer in ("districts", "layout", "platforms", "enterprises"):
        items = f"{base}/collections/{layer}/items"
        matched = get(f"{items}?limit=1")["numberMatched"]
        extents = set()
        for form in ("geojsonseq", "fgb", "gpkg", "csv"):
            file = download(f"{items}?f={form}", folder / f"{layer}.{form}")
            options = ["-oo", "X_POSSIBLE_NAMES=longitude", "-oo", "Y_POSSIBLE_NAMES=latitude"] if form == "csv" else []
            said = run("ogrinfo", "-so", "-al", *options, file)
            assert "Warning" not in said and "ERROR" not in said, said
            assert int(re.search(r"Feature Count: (\d+)", said).group(1)) == matched, (layer, form, said)
            extents.add(re.search(r"Extent: (.+)", said).group(1))
            if form in ("fgb", "gpkg"):
                plane = download(f"{items}?f={form}&crs={EPSG}4549", folder / f"plane.{form}")
                assert '["EPSG",4549]' in run("ogrinfo", "-so", "-al", plane)
        assert len(extents) == 1, (layer, extents)
        parquet(base, layer, matched, download(f"{items}?f=parquet", folder / f"{layer}.parquet"))
    with_index = run("ogrinfo", "--debug", "on", "-spat", "120.1", "30.2", "120.2", "30.3", "-so", folder / "enterprises.gpkg", "enterprises")
    boxed = get(f"{base}/collections/enterprises/items?limit=1&bbox=120.1,30.2,120.2,30.3&filter=geometry%20IS%20NOT%20NULL")
    assert int(re.search(r"Feature Count: (\d+)", with_index).group(1)) == boxed["numberMatched"]
    run("ogr2ogr", "-update", "-append", folder / "enterprises.gpkg", folder / "platforms.fgb", "-nln", "enterprises", "-addfields")


def parquet(base, layer, matched, file):
    """The metadata of GeoParquet 1.1.0, and a column that has what GeoJSON has."""
    import pyarrow.parquet as pq

    table = pq.read_table(file)
    assert table.num_rows == matched
    about = json.loads(table.schema.metadata[b"geo"])
    assert set(about) == {"version", "primary_column", "columns"} and about["version"] == "1.1.0"
    column = about["columns"][about["primary_column"]]
    assert column["encoding"] == "WKB" and "crs" not in column and len(column["bbox"]) == 4
    assert str(table.schema.field("geometry").type) == "binary"
    assert column["covering"]["bbox"] == {e: ["bbox", e] for e in ("xmin", "ymin", "xmax", "ymax")}
    features = {f["id"]: f for f in get(f"{base}/collections/{layer}/items?limit=10000")["features"]}
    types = {f["geometry"]["type"] for f in features.values() if f["geometry"]}
    assert set(column["geometry_types"]) == types, (column["geometry_types"], types)
    for row in table.to_pylist():
        feature = features[row["id"]]
        assert (row["geometry"] is None) == (feature["geometry"] is None)
        for name, value in feature["properties"].items():
            mine = row[name]
            if mine is not None and not isinstance(mine, (str, bool, int, float, list)):
                mine = type(value)(mine) if isinstance(value, (int, float)) else mine.isoformat()
            assert mine == value, (layer, row["id"], name, mine, value)
    other = pq.read_schema(download(f"{base}/collections/{layer}/items?f=parquet&crs={EPSG}4549", file))
    crs = json.loads(other.metadata[b"geo"])["columns"]["geometry"]["crs"]
    assert crs["id"] == {"authority": "EPSG", "code": 4549}


def mvt(base, folder):
    """GDAL reads our tiles: every feature of a tile's box, with its name, within a unit of where the service has it; and
    so does mapbox-vector-tile, to whom it is the same tile."""
    import mapbox_vector_tile

    for z, longitude, latitude in ((9, 120.15, 30.25), (11, 120.15, 30.25), (13, 120.2, 30.2)):
        x, y = (int(v * 2**z) for v in mercator(longitude, latitude))
        west, south, east, north = box(z, x, y)
        file = download(f"{base}/xyz/districts,platforms,enterprises/{z}/{x}/{y}.mvt", folder / f"{z}.mvt")
        theirs = mapbox_vector_tile.decode(file.read_bytes(), default_options={"y_coord_down": True})
        for layer in ("districts", "platforms", "enterprises"):
            # tiles reach a little over their edge, so that lines are not seen to end there
            over = (east - west) / 16
            query = urllib.parse.urlencode({"bbox": f"{west - over},{south - over},{east + over},{north + over}", "limit": 10000, "filter": "geometry IS NOT NULL"})
            there = {f["id"]: f for f in get(f"{base}/collections/{layer}/items?{query}")["features"]}
            out = folder / "tile.geojson"
            out.unlink(missing_ok=True)
            run("ogr2ogr", "-t_srs", "EPSG:4326", out, file, layer, "-oo", f"X={x}", "-oo", f"Y={y}", "-oo", f"Z={z}", "-oo", "CLIP=NO", "-lco", "COORDINATE_PRECISION=9")
            features = json.load(open(out))["features"]
            values = lambda features: [{k: v for k, v in f["properties"].items() if v is not None and k != "mvt_id"} for f in features]
            assert values(features) == values(theirs[layer]["features"]), (layer, z, "GDAL and mapbox-vector-tile differ")
            read = {f["properties"]["fid"]: f for f in features if f["properties"].get("fid")}
            if layer == "districts":
                # the box of a winding district may meet the tile where the district itself does not
                assert set(read) <= set(there) and read, (layer, z)
                continue
            inside = {i: f for i, f in there.items() if west < f["geometry"]["coordinates"][0] < east and south < f["geometry"]["coordinates"][1] < north}
            # many rows in one place are one feature that says how many
            rows = sum(f["properties"].get("n") or 1 for f in features)
            assert rows >= len(inside) > 0, (layer, z, rows, len(inside))
            assert rows > len(features) or set(inside) <= set(read), (layer, z, set(inside) - set(read))
            unit = 360 / 2**z / theirs[layer]["extent"]
            for i, feature in ((i, inside[i]) for i in set(inside) & set(read)):
                assert read[i]["properties"]["name"] == feature["properties"]["name"]
                apart = [abs(a - b) for a, b in zip(read[i]["geometry"]["coordinates"], feature["geometry"]["coordinates"])]
                assert max(apart) <= unit, (layer, z, i, apart, unit)
        print(f"  {z}/{x}/{y}: " + ", ".join(f"{len(theirs[name]['features'])} {name}" for name in sorted(theirs)))


def mercator(longitude, latitude):
    return (longitude / 360 + 0.5, 0.5 - math.asinh(math.tan(math.radians(latitude))) / math.tau)


def box(z, x, y):
    def corner(x, y):
        return (x / 2**z * 360 - 180, math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y / 2**z)))))

    (west, north), (east, south) = corner(x, y), corner(x + 1, y + 1)
    return west, south, east, north


def owslib(base, _):
    from owslib.ogcapi.features import Features

    service = Features(base)
    assert service.conformance()["conformsTo"]
    assert set(service.feature_collections()) == {c["id"] for c in service.collections()["collections"]}
    assert service.collection("districts")["id"] == "districts"
    assert "cluster" in service.collection_queryables("enterprises")["properties"]
    items = service.collection_items("enterprises", limit=5, bbox=[120.1, 30.2, 120.2, 30.3])
    assert items["numberReturned"] == 5
    one = service.collection_item("districts", "330110")
    assert one["properties"]["name"] == "余杭区"
    assert service.collection_items("platforms", datetime_="2020-01-01/2021-12-31")["type"] == "FeatureCollection"
    text = service.collection_items("enterprises", limit=1, filter="cluster = 'robot' AND founded > 2015")
    pairs = get(f"{base}/collections/enterprises/items?limit=1&cluster=robot&filter=founded%3E2015")
    assert text["numberMatched"] == pairs["numberMatched"] > 0
    json_filter = {"op": "=", "args": [{"property": "cluster"}, "robot"]}
    query = urllib.parse.urlencode({"filter": json.dumps(json_filter), "filter-lang": "cql2-json", "limit": 1})
    assert get(f"{base}/collections/enterprises/items?{query}")["numberMatched"] > text["numberMatched"]
    assert service.api()["openapi"].startswith("3.0")


def validator(base, folder):
    file = folder / "api.json"
    file.write_text(json.dumps(get(f"{base}/api")))
    run(BIN / "openapi-spec-validator", file)
    assert "://" not in "".join(re.findall(r'"\$ref": "([^"]+)"', file.read_text())), "a reference leaves the document"


def schemathesis(base, folder):
    """Every operation as the document says. What JSON Schema cannot say of text (a CQL2 filter, a zone, a date) is well
    formed for the generator and still a 400 here, so `positive_data_acceptance` is the one check that is left out."""
    run(
        BIN / "schemathesis", "--config-file", ROOT / "tests/clients/schemathesis.toml", "run", f"{base}/api", "--phases", "examples,coverage,fuzzing", "--max-examples", "12",
        "--seed", "1", "--exclude-checks", "positive_data_acceptance", "--generation-database", "none",
        "--continue-on-failure", "--workers", "1", "--request-timeout", "120", cwd=folder,
    )


def examples(base, folder):
    """What the guide shows to developers (docs/guide/examples) runs as it stands, and answers what the service answers."""
    place = ROOT / "docs/guide/examples"
    matched = get(f"{base}/collections/enterprises/items?limit=1&cluster=robot")["numberMatched"]

    said = run("sh", place / "requests.sh", base, folder)
    assert '"code":"not-found"' in said, said[-500:]
    assert len((folder / "robot.csv").read_text("utf-8-sig").splitlines()) == matched + 1
    assert count(folder / "robot.gpkg", "enterprises") == matched
    assert (folder / "map.svg").read_text().startswith("<svg") and (folder / "report.xlsx").read_bytes()[:2] == b"PK"

    lines = run(sys.executable, place / "read.py", base).splitlines()
    assert [line.split() for line in lines if line.startswith("robot ")][0][1] == str(matched), lines
    zones = {zone["name"]: zone["count"] for zone in get(f"{base}/zones?kind=district")["zones"]}
    assert {line.split("\t")[0]: int(line.split("\t")[1]) for line in lines if "\t" in line} == zones

    run("sh", place / "gdal.sh", base, folder)
    assert count(folder / "robot-plane.gpkg", "enterprises") == matched

    if shutil.which("Rscript"):
        rows = get(f"{base}/collections/enterprises/items?limit=1&filter=revenue_2025%20%3E%202000")["numberMatched"]
        said = run("Rscript", place / "read.R", base)
        assert f"rows {rows}" in said, said
    else:
        print("  R is not here: read.R was not run (apt-get install r-base-core)")


def qgis(base, folder):
    """Debian's own Python has QGIS's bindings. The pictures stay in target/clients, to be looked at."""
    download(f"{base}/qgis/shigu.qgs", folder / "shigu.qgs")
    said = run("/usr/bin/python3", ROOT / "tests/clients/in_qgis.py", base, folder, env={"HOME": str(folder), "PATH": "/usr/bin:/bin"})
    print("\n".join(line for line in said.splitlines() if line.startswith("  ")))
    for picture in folder.glob("*.png"):
        shutil.copy(picture, ROOT / "target/clients")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def main():
    wanted = sys.argv[1:]
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        log = open(folder / "log", "w+")
        server = subprocess.Popen(
            [ROOT / "target/debug/shigu", "serve", "--listen", f"127.0.0.1:{port}", "--geodata", ROOT / "geodata/hangzhou", "--data-dir", folder / "data"],
            stdout=log, stderr=log, env={"SHIGU_LOG": "error"},
        )
        try:
            for _ in range(200):
                try:
                    urllib.request.urlopen(f"{base}/readyz")
                    break
                except OSError:
                    assert server.poll() is None, "the server did not start: " + open(folder / "log").read()
                    time.sleep(0.1)
            for client in (validator, gdal, bulk, mvt, owslib, examples, schemathesis, qgis):
                # QGIS is large: only where it is asked for
                if client.__name__ not in wanted if wanted else client is qgis:
                    continue
                began = time.monotonic()
                print(f"{client.__name__} ...", flush=True)
                client(base, folder)
                print(f"{client.__name__}: ok, {time.monotonic() - began:.0f} s", flush=True)
            assert server.poll() is None, "the server died"
            log.seek(0)
            errors = [line for line in log if "ERROR" in line]
            assert not errors, "the server's log has errors:\n" + "".join(errors[:20])
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    try:
        main()
    except AssertionError as e:
        sys.exit(f"FAILED: {e}")
