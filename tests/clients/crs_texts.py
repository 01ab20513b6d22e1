"""Writes src/core/geometry/crs/texts.json: systems in every spelling that PROJ writes, with the EPSG code that they mean.

    target/clients/venv/bin/python tests/clients/crs_texts.py > src/core/geometry/crs/texts.json
"""
import json

from pyproj import CRS
from pyproj.enums import WktVersion

FORMS = [WktVersion.WKT1_GDAL, WktVersion.WKT1_ESRI, WktVersion.WKT2_2015, WktVersion.WKT2_2019]
KNOWN = [4326, 4490, 3857, 4549, 4548, 4528, 4508, 4498, 32650, 32751]
# other datums, other methods, other units; null: refused
FOREIGN = [4610, 2385, 2364, 2343, 4214, 2437, 21420, 21460, 4555, 4579, 25832, 26917, 4269, 27700, 5070, 3395, 2193]
OWN = [
    "+proj=lcc +lat_0=0 +lon_0=105 +lat_1=30 +lat_2=62 +datum=WGS84 +units=m +type=crs",
    "+proj=tmerc +lat_0=0 +lon_0=120 +k=1 +x_0=500000 +y_0=0 +ellps=GRS80 +units=m +type=crs",
    "+proj=tmerc +lat_0=0 +lon_0=120 +k=1 +x_0=500000 +y_0=0 +datum=WGS84 +units=us-ft +type=crs",
    "+proj=tmerc +lat_0=0 +lon_0=120 +k=1 +x_0=500000 +y_0=0 +ellps=krass +units=m +type=crs",
    "+proj=merc +lat_ts=0 +lon_0=0 +datum=WGS84 +units=m +type=crs",
    "+proj=longlat +ellps=WGS84 +pm=paris +type=crs",
]


def forms(crs):
    out = [crs.to_wkt(form) for form in FORMS if form_of(crs, form)]
    return [*out, crs.to_json()]


def form_of(crs, form):
    try:
        return crs.to_wkt(form) is not None
    except Exception:  # a form that has no words for the system
        return False


texts = [[code, text] for code in KNOWN for text in forms(CRS.from_epsg(code))]
texts += [[code, CRS.from_epsg(code).to_proj4()] for code in (4326, 32650, 32751, 3857)]
texts += [[None, text] for code in FOREIGN for text in forms(CRS.from_epsg(code))]
texts += [[None, text] for own in OWN for text in [own, *forms(CRS.from_user_input(own))]]
print("[" + ",\n".join(json.dumps(t, ensure_ascii=False) for t in texts) + "]")
