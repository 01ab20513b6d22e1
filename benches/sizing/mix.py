"""A planner's session as steps, each a list of requests. Which requests a step makes was recorded in a browser (record.mjs, requests.json);
how often a step is made, and how long somebody looks before the next, is assumed, and stands in one table here."""
import json
from pathlib import Path

RECORDED = Path(__file__).with_name("requests.json")

# assumptions: of a hundred steps within a session so many are of this kind
WEIGHTS = {"pan": 30, "zoom": 20, "zone": 18, "class": 10, "search": 7, "drawn": 7, "rows": 6, "xlsx": 1, "docx": 1}
THINK = 12.0  # seconds from the answers of a step to the next, on average (exponential)
SESSION = 20 * 60.0  # seconds of a session
SESSIONS = 4  # of one user on a working day
PEAK_HOUR = 0.16  # of a day's sessions begin in its busiest hour
FIRST_LOADS = 0.10  # of page loads with an empty browser cache
LOGINS = 1 / SESSIONS  # of a session: once a day
PUBLISHED = 1.0  # whole tables that a city uploads, checks and publishes on a working day
ASKED_BEFORE = 0.5  # of tiles, sums and tables were asked before, by anybody, since the city's last version

KINDS = {
    "file": "file of the page",
    "about": "dataset, session, style",
    "zones": "table of all zones",
    "whole": "sums of the city",
    "zone": "sums of a zone",
    "class": "sums of a zone and class",
    "outlines": "tile of zones",
    "tile": "tile of rows",
    "filtered": "tile of one class",
    "search": "search by name",
    "drawn": "drawn zone",
    "rows": "page of 200 rows",
    "xlsx": "a zone as XLSX",
    "docx": "a zone as DOCX",
    "login": "login",
}


def kind(method, address):
    """Which kind of request an address is."""
    path, _, query = address.partition("?")
    if path.startswith("/assets/"):
        return "file"
    if path == "/zones":
        return "zones"
    if path == "/search":
        return "search"
    if path == "/summary":
        return "drawn" if method == "POST" else "class" if "cluster=" in query else "zone" if "zone=" in query else "whole"
    if path.startswith("/xyz/"):
        return "outlines" if path.startswith("/xyz/districts") else "filtered" if "cluster=" in query else "tile"
    if path.startswith("/collections/") and method == "POST":
        return "rows"
    return "about"


def counted(requests):
    out = {}
    for method, address, _ in requests:
        out[kind(method, address)] = out.get(kind(method, address), 0) + 1
    return out


def steps():
    """-> {step: {kind: requests on average}}. Files of the page come with `open` alone, where the browser has none yet."""
    recorded = json.loads(RECORDED.read_text(encoding="utf-8"))
    found = {}
    for name, requests in recorded["steps"].items():
        times = recorded["times"].get(name, 1)
        found[name] = {k: n / times for k, n in counted(requests).items() if k != "file"}
    files = sum(counted(requests).get("file", 0) for name, requests in recorded["steps"].items() if name != "again")
    # a session begins at a place that somebody was at before
    opened = found.pop("again")
    del found["open"]
    return {"open": opened | {"file": files * FIRST_LOADS}, **found, "xlsx": {"xlsx": 1.0}, "docx": {"docx": 1.0}, "login": {"login": 1.0}}


def a_minute():
    """Requests of one active user a minute, by kind."""
    of, total = steps(), sum(WEIGHTS.values())
    minutes = SESSION / 60
    made = {name: weight / total * 60 / THINK for name, weight in WEIGHTS.items()} | {"open": 1 / minutes, "login": LOGINS / minutes}
    out = dict.fromkeys(KINDS, 0.0)
    for name, often in made.items():
        for k, n in of[name].items():
            out[k] += often * n
    return out


def at_the_peak(users):
    """Sessions under way at once in the busiest hour, on average."""
    return users * SESSIONS * PEAK_HOUR * SESSION / 3600


if __name__ == "__main__":
    for name, of in steps().items():
        print(name, {k: round(n, 2) for k, n in of.items()})
    print({k: round(n, 2) for k, n in a_minute().items()}, round(sum(a_minute().values()), 1))
    print(at_the_peak(10_000))
