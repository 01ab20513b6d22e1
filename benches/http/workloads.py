"""The workloads, one function each: title, target, and how it is measured. `Bench` holds what they share."""
import itertools
import os
import random
import statistics
import time

import load
import machine
import questions
from data import DISTRICTS
from measure import Clock, agree, race
from shigu import Server, Shigu, tile_rows

STARTS = 3
WRK_SECONDS = 6


class Bench:
    """The server, the peers and the questions of one run."""

    def __init__(self, args, city, csv, peers, truth):
        self.args, self.city, self.csv, self.peers, self.truth = args, city, csv, peers, truth
        self.log = os.path.join(args.work, "shigu.log")
        self.starts, self.server = [], None
        self.q = questions.make(csv, args.each)
        self.first_tile = questions.tile_of(120.15, 30.25, 14)

    def start(self):
        if self.server:
            self.server.stop()
        self.server = Server(self.args.binary, self.city, self.log, (14, *self.first_tile), self.args.max_mb)
        self.shigu = Shigu(self.server)
        self.starts.append(self.server.started)

    @property
    def pid(self):
        return self.server.process.pid

    def tiles(self, lowest=6, highest=16):
        return [[t] for z in range(lowest, highest + 1) for t in self.q["tiles"][z]]

    def check_tiles(self, calls, each=7):
        """Every so-many-th tile must hold exactly the rows that lie in it."""
        counters = [p for p in self.peers if "tile_rows" in p.ops][:1]
        calls = calls[::each] if counters else calls[:: len(calls) // 5 or 1]
        for call in calls:
            ours = tile_rows(self.shigu.run("tile", call)[0])
            theirs = counters[0].run("tile_rows", call)[0] if counters else self.truth().tile_rows(*call)
            agree(f"rows of tile {call}", ours, theirs, counters[0].name if counters else "a plain scan")
        return {(counters[0].name if counters else "a plain scan"): len(calls)}

    def check(self, op, calls, result):
        """Where no peer has checked it, a plain scan checks a few."""
        if not result["checked"]:
            for call in calls[:2]:
                agree(f"{op} {str(call)[:120]}", self.shigu.run(op, call)[0], getattr(self.truth(), op)(*call), "a plain scan")
            result["checked"] = {"a plain scan": 2}
        return result

    def throughput(self, calls, op, connections=4, gzipped=False):
        asks = [getattr(self.shigu, "ask_" + op)(*c) for c in calls]
        clock, before = Clock(self.pid), machine.load()
        out = load.run(self.server.port, asks, WRK_SECONDS if not self.args.short else 1, connections, gzipped)
        if out["errors"]:
            raise SystemExit(f"{op}: {out['errors']} errors under load")
        return out | {"list": len(asks), "cpu": clock.ms() / max(1, out["requests"]), "load": before}


def cold(b):
    """Several starts, each to the first tile; then every tile for the first time, and the districts for the first time."""
    per_zoom, firsts, times, clock_ms = {}, [], [], 0.0
    for _ in range(STARTS if not b.args.short else 1):
        b.start()
        firsts.append(b.shigu.run("districts", [])[1])
        clock = Clock(b.pid)
        for (tile,) in b.tiles():
            status, _, body, ms = b.shigu.ask(b.shigu.ask_tile(tile))
            if status not in (200, 204):
                raise SystemExit(f"tile {tile}: status {status}")
            times.append(ms)
            per_zoom.setdefault(tile[0], []).append((ms, len(body)))
        clock_ms += clock.ms()
    median = lambda k: statistics.median(s[k] for s in b.starts)
    peers = {p.name: {"s": p.about["load_s"], "mb": p.about["mb"]} for p in b.peers}
    zooms = {z: machine.spread([ms for ms, _ in v]) | {"kb": max(n for _, n in v) / 1e3} for z, v in sorted(per_zoom.items())}
    checked = b.check_tiles(b.tiles())
    tiles = {"ours": machine.spread(times) | {"cpu": clock_ms / len(times), "kb": max(v["kb"] for v in zooms.values())},
             "peers": {}, "load": machine.load(), "checked": checked, "zooms": zooms}
    return {"start": {"ours": {"s": median("s"), "peak_mb": median("peak_mb"), "cpu_s": median("cpu_s"), "n": len(b.starts)},
                      "peers": peers, "load": machine.load(), "checked": {}},
            "memory": {"ours": {"mb": median("mb"), "rows": b.args.rows}, "peers": peers, "load": machine.load(), "checked": {}},
            "tile_cold": tiles,
            "districts_first": {"ours": machine.spread(firsts), "peers": {}, "load": machine.load(), "checked": {}}}


def tile_peers(b):
    """A few tiles of each zoom, for the first time, beside the SQL of a tile server."""
    b.start()
    calls = [[t] for z in range(6, 17) for t in b.q["tiles"][z][:4]]
    calls = calls[::2] + calls[1::2]
    return {"tile_first": race(b.shigu, b.peers, "tile", calls, check=False)} if any("tile" in p.ops for p in b.peers) else {}


def tile_warm(b):
    calls = b.tiles(6, 14)
    for call in calls:
        b.shigu.run("tile", call, gzipped=True)
    result = race(b.shigu, [], "tile", calls, again=(2, lambda c, k: c), gzipped=True)
    result["wrk"] = b.throughput(b.tiles(11, 14), "tile", gzipped=True)
    return {"tile_warm": result}


def tile_filtered(b):
    """A new filter with every tile, then one filter over many tiles."""
    tiles = b.q["busy"]
    calls = [[t, f] for t, f in zip(tiles, b.q["fresh"])]
    fresh = race(b.shigu, b.peers, "tile", calls, check=False)
    fresh["checked"] = b.check_tiles(calls)
    where = calls[0][1]
    places = [t for (t,) in b.tiles(10, 14)]
    other = [[t, where] for t in places if [t, where] not in calls]
    known = race(b.shigu, [], "tile", other)
    known["checked"] = b.check_tiles(other, each=20)
    # so many pairs of filter and place that hardly any comes twice: a cache of whole tiles is not what is measured
    asked = list(itertools.islice(b.q["fresh"], 120 if not b.args.short else 10))
    for where in asked * 2:
        b.shigu.run("tile", [places[0], where])
    pairs = [[t, where] for t in places[1:] for where in asked]
    random.Random(1).shuffle(pairs)
    known["wrk"] = b.throughput(pairs, "tile")
    never = itertools.islice(b.q["fresh"], 20_000)
    fresh["wrk"] = b.throughput([[t, f] for t, f in zip(itertools.cycle(tiles), never)], "tile")
    return {"tile_filter_new": fresh, "tile_filter_known": known}


def turned(call, k):
    """The same ring from another corner on."""
    ring = call[0][:-1]
    k = k * 7 % len(ring)
    ring = ring[k:] + ring[:k]
    return [[*ring, ring[0]]]


def zones(b):
    out = {}
    for name in ("drawn", "ragged"):
        calls = [[ring] for ring in b.q[name]]
        out["zone_" + name] = b.check("zone", calls, race(b.shigu, b.peers, "zone", calls, again=(4, turned)))
    return out


def trial(b):
    """An outline that is dragged: each step is another one beside the same area as it was, so that nothing kept answers it."""
    moved = lambda ring, k: [[x + 0.0007 * k, y + 0.0003 * k] for x, y in ring]
    calls = [[moved(ring, 1), ring] for ring in b.q["drawn"]]
    out = race(b.shigu, [], "trial", calls, again=(4, lambda call, k: [moved(call[1], k + 1), call[1]]))
    for ring, baseline in calls[:2]:
        ours, _ = b.shigu.run("trial", [ring, baseline])
        for state, outline in (("now", ring), ("before", baseline)):
            plain = b.truth().zone(outline)
            agree(f"trial, {state}", ours[state], [plain["count"], plain["sum"]], "a plain scan")
    out["checked"] = {"a plain scan": 4}
    return {"trial": out}


def boxes(b):
    calls = b.q["boxes"]
    new = b.check("box", calls, race(b.shigu, b.peers, "box", calls))
    for call in calls:
        b.shigu.run("box", call)  # a filter may be worth keeping only when it comes a second time
    known = race(b.shigu, b.peers, "box", calls, again=(2, lambda c, k: c))
    return {"box_new": new, "box_known": known}


def districts(b):
    """Counts, sums and exact medians of all districts by cluster, in one request."""
    calls = [[]] * 15
    return {"districts": b.check("districts", calls[:1], race(b.shigu, b.peers, "districts", calls, again=(2, lambda c, k: c)))}


def search(b):
    out = {}
    for kind in ("short", "rare", "common"):
        calls = [[w] for w in b.q[kind]]
        result = race(b.shigu, b.peers, "search", calls, budget=15)
        out["search_" + kind] = b.check("search", calls, result)
    return out


def items(b):
    pages = range(0, max(1, b.args.rows - 1000), max(1000, b.args.rows // 40))
    calls = [[o] for o in pages]
    result = race(b.shigu, b.peers, "items", calls, again=(2, lambda c, k: [c[0] + 37 * k]), budget=20)
    result["wrk"] = b.throughput(calls, "items")
    return {"items": result}


def mix(b, fresh=400):
    """A bit of everything, as (method, path, body)."""
    s, q = b.shigu, b.q
    new = [next(q["fresh"]) for _ in range(fresh)]
    tiles = [t for (t,) in b.tiles(8, 16)]
    asks = []
    for i, where in enumerate(new):
        tile = tiles[i * 37 % len(tiles)]
        asks += [s.ask_tile(tile), s.ask_tile(tiles[i * 53 % len(tiles)]), s.ask_tile(tile, where), s.ask_tile(tile, new[i % 10]),
                 s.ask_zone(q["drawn"][i % len(q["drawn"])]), s.ask_box(q["boxes"][i % len(q["boxes"])][0], where),
                 s.ask_district(DISTRICTS[i % 13][0]), s.ask_search(q["short"][i % len(q["short"])])]
        if i % 4 == 0:
            asks += [s.ask_zone(q["ragged"][i % len(q["ragged"])]), s.ask_items(i * 1000 % b.args.rows), s.ask_districts(),
                     s.ask_search(q["common"][i % len(q["common"])]), s.ask_search(q["rare"][i % len(q["rare"])])]
    return asks


def soak(b):
    """Sixteen clients with a bit of everything. Memory is looked at before, half way (after the caches have filled) and after."""
    seconds, asks = 60 if not b.args.short else 4, mix(b)
    before, used = machine.memory(b.pid), machine.cpu(b.pid)
    half = load.run(b.server.port, asks, seconds // 2, 16, gzipped=True)
    middle = machine.memory(b.pid)
    rest = load.run(b.server.port, asks, seconds - seconds // 2, 16, gzipped=True)
    used = machine.cpu(b.pid) - used
    ours = {"p50": rest["p50"], "p99": max(half["p99"], rest["p99"]), "rps": (half["rps"] + rest["rps"]) / 2,
            "cpu": used / (half["requests"] + rest["requests"]) * 1e3, "cores": used / seconds,
            "errors": half["errors"] + rest["errors"], "requests": half["requests"] + rest["requests"],
            "before": before, "middle": middle, "after": machine.memory(b.pid)}
    return {"soak": {"ours": ours, "peers": {}, "load": machine.load(), "checked": {}}}


def big(b, rows=10_000_000):
    """Ten million rows: start, memory, zones. The server of the smaller city is stopped first."""
    import data
    city, _ = data.make(rows, b.args.work)
    b.server.stop()
    free = time.time() + 20
    while time.time() < free and machine.load() > 4:
        time.sleep(1)
    server = Server(b.args.binary, city, b.log, (14, *b.first_tile), max_mb=4000)
    shigu = Shigu(server)
    try:
        calls = {name: [[r] for r in b.q[name]] for name in ("drawn", "ragged")}
        b.server, b.shigu = server, shigu
        zones = {name: race(shigu, [], "zone", c, again=(1, turned))["ours"] for name, c in calls.items()}
        tiles = race(shigu, [], "tile", b.tiles())["ours"]
    finally:
        server.stop()
        b.server = None
    return {"big": {"ours": server.started | {"zones": zones, "tiles": tiles}, "peers": {}, "load": machine.load(), "checked": {}}}


# in the order in which they run; `cold` first, since it starts the server
ALL = {"cold": cold, "tiles": tile_peers, "warm": tile_warm, "filtered": tile_filtered, "zones": zones, "trial": trial, "boxes": boxes,
       "districts": districts, "search": search, "items": items, "soak": soak, "big": big}
