"""Districts by revenue per enterprise, and the rows of one class: read.py [ADDRESS]. Nothing but Python's standard library."""
import json
import sys
import urllib.parse
import urllib.request

BASE = (sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8080").rstrip("/")


def get(path, **query):
    address = path if path.startswith("http") else f"{BASE}{path}"
    if query:
        address += "?" + urllib.parse.urlencode(query)
    with urllib.request.urlopen(urllib.request.Request(address, headers={"Accept": "application/json"})) as answer:
        return json.load(answer)


# ANCHOR: zones
def districts():
    """Name, rows and revenue of each; a sum that is withheld has no number."""
    for zone in get("/zones", kind="district")["zones"]:
        revenue = zone["amounts"]["revenue"]
        if revenue["sum"] is not None:
            yield zone["name"], zone["count"], revenue["sum"], revenue["missing"]
# ANCHOR_END: zones


# ANCHOR: rows
def rows(**conditions):
    """All rows that match, page by page: each page names the next."""
    page = get("/collections/enterprises/items", limit=500, **conditions)
    while True:
        yield from page["features"]
        following = [link["href"] for link in page["links"] if link["rel"] == "next"]
        if not following:
            return
        page = get(following[0])
# ANCHOR_END: rows


# ANCHOR: area
def inside(ring):
    """The summary of a polygon: a ring of [longitude, latitude]."""
    body = json.dumps({"polygon": {"type": "Polygon", "coordinates": [ring]}}).encode()
    request = urllib.request.Request(f"{BASE}/summary", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)
# ANCHOR_END: area


if __name__ == "__main__":
    for name, count, revenue, missing in sorted(districts(), key=lambda d: -d[2]):
        print(f"{name}\t{count}\t{revenue:.2f}\t{missing}")
    robots = list(rows(cluster="robot"))
    print("robot", len(robots), sum(1 for row in robots if row["geometry"]))
    found = inside([[120.1, 30.2], [120.3, 30.2], [120.3, 30.3], [120.1, 30.3], [120.1, 30.2]])
    print("inside", found["counts"]["matched"], found["totals"]["revenue"]["sum"])
