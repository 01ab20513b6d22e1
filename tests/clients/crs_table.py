"""Writes src/geometry/crs/points.csv: what PROJ says of known places, against which the service's own formulas are tested.

    target/clients/venv/bin/python tests/clients/crs_table.py > src/geometry/crs/points.csv
"""
import pyproj

PLACES = [
    (120.0, 30.0), (120.0, 0.0), (120.155, 30.274), (119.0, 29.6), (120.9, 30.6), (118.3333, 29.1877), (118.5, 31.0),
    (121.5, 28.9), (117.0, 45.5), (123.0, 20.25), (116.391, 39.907), (113.2644, 23.1291), (126.65, 45.75), (90.5, 30.5),
    (145.0, 60.0), (119.9999999, 29.9999999), (120.2, -35.0), (121.0, 80.0), (118.0, -0.5), (100.0, 5.0), (135.0, 70.0),
]
print(f"# pyproj {pyproj.__version__}, PROJ {pyproj.proj_version_str}, EPSG register {pyproj.database.get_database_metadata('EPSG.VERSION')};")
print("# from OGC:CRS84, always_xy off, so axes are in the order of the register: EPSG code, longitude, latitude, first axis, second axis")
for code in (4326, 3857, 4490, 4549):
    # 4490 and 4549 are of another datum: their own geographic system stands for WGS 84, as it does in the service
    source = "EPSG:4490" if code in (4490, 4549) else "EPSG:4326"
    turn = pyproj.Transformer.from_crs(source, f"EPSG:{code}")
    for lon, lat in PLACES:
        first, second = turn.transform(lat, lon)
        print(f"{code},{lon!r},{lat!r},{first:.9f},{second:.9f}")
turn = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:4549")
straight = pyproj.Transformer.from_crs("EPSG:4490", "EPSG:4549")
assert all(turn.transform(y, x) == straight.transform(y, x) for x, y in PLACES), "PROJ tells WGS 84 from CGCS2000"
