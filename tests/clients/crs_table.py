"""Writes src/core/geometry/crs/points.csv: what PROJ says of known places, against which the service's systems are tested.

    target/clients/venv/bin/python tests/clients/crs_table.py > src/core/geometry/crs/points.csv
"""
import pyproj

PLACES = [
    (120.0, 30.0), (120.0, 0.0), (120.155, 30.274), (119.0, 29.6), (120.9, 30.6), (118.3333, 29.1877), (118.5, 31.0),
    (121.5, 28.9), (117.0, 45.5), (123.0, 20.25), (116.391, 39.907), (113.2644, 23.1291), (126.65, 45.75), (90.5, 30.5),
    (145.0, 60.0), (119.9999999, 29.9999999), (120.2, -35.0), (121.0, 80.0), (118.0, -0.5), (100.0, 5.0), (135.0, 70.0),
]
print(f"# pyproj {pyproj.__version__}, PROJ {pyproj.proj_version_str}, EPSG register {pyproj.database.get_database_metadata('EPSG.VERSION')};")
print("# from the system's own degrees, always_xy off, so axes are in the order of the register: EPSG code, longitude, latitude, first axis, second axis")


def row(code, source, places):
    # planes of CGCS2000 are of another datum: their own geographic system stands for WGS 84, as it does in the service
    turn = pyproj.Transformer.from_crs(f"EPSG:{source}", f"EPSG:{code}")
    for lon, lat in places:
        first, second = turn.transform(lat, lon)
        print(f"{code},{lon!r},{lat!r},{first:.9f},{second:.9f}")


for code in (4326, 3857, 4490, 4549):
    row(code, 4490 if code in (4490, 4549) else 4326, PLACES)
for code in range(4491, 4555):
    middle = round(pyproj.CRS.from_epsg(code).coordinate_operation.params[1].value, 9)
    row(code, 4490, [(middle + 1.234567, 30.274), (middle - 1.4, 18.25), (middle + 2.9, 49.5)])
for code in [*range(32601, 32661), *range(32701, 32761)]:
    middle = (code % 100) * 6 - 183
    south = -1 if code > 32700 else 1
    row(code, 4326, [(middle + 1.234567, south * 30.274), (middle - 2.9, south * 1.25), (middle + 2.5, south * 70.5)])
turn = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:4549")
straight = pyproj.Transformer.from_crs("EPSG:4490", "EPSG:4549")
assert all(turn.transform(y, x) == straight.transform(y, x) for x, y in PLACES), "PROJ tells WGS 84 from CGCS2000"
