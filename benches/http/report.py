"""Writes the page: every workload with ours, the peers of the same run, the ratios, the target, and why where it is missed."""
import json
import sys
from pathlib import Path

sys.path.insert(1, str(Path(__file__).parent.parent))
import page as parts  # noqa: E402

HERE = Path(__file__).parent
# workload -> title, target (p50 ms, p99 ms, requests/s, or what the kind of row has)
TABLE = {
    "start": ("cold start: the GeoJSON file to the first tile", {"s": 0.6, "peak_mb": 200}),
    "memory": ("resident memory after the first tile, all indexes", {"mb": 250}),
    "tile_warm": ("warm unfiltered tile z6-z14, gzip", {"p50": 0.07, "p99": 0.66, "rps": 12_700}),
    "tile_cold": ("first tile after a start, z6-z16, identity", {"p50": 0.5, "p99": 3}),
    "tile_filter_new": ("filtered tile z10-z14, every one with a filter never asked before", {"p50": 0.5, "p99": 3, "rps": 4_000}),
    "tile_filter_known": ("filtered tile z10-z14, a filter asked before", {"p50": 0.5, "p99": 3, "rps": 4_000}),
    "zone_drawn": ("drawn zone of 12 vertices: count, sums, by cluster", {"p50": 0.3, "p99": 0.8}),
    "zone_ragged": ("zone of 2,000 vertices, the same", {"p50": 0.8, "p99": 2}),
    "trial": ("trial zone of 12 vertices, dragged: beside the area as it was, quotients with intervals, overlaps", {"p99": 8}),
    "box_new": ("bbox + two attributes, a filter never asked before", {"p50": 0.2, "p99": 0.6}),
    "box_known": ("bbox + two attributes, a filter asked before", {"p50": 0.2, "p99": 0.6}),
    "districts_first": ("13 districts x 8 clusters: count, sum, exact median; first time", {"p50": 3}),
    "districts": ("13 districts x 8 clusters, again: from what is kept", {"p50": 0.1}),
    "search_short": ("name search, two characters: count and first 20", {"p50": 0.1}),
    "search_rare": ("name search, four and more characters, rare", {"p50": 0.15}),
    "search_common": ("name search, four characters, common", {"p50": 1}),
    "items": ("items, limit=1000, identity", {"p50": 0.3, "rps": 5_000}),
    "soak": ("16 clients with a mix of the above for 60 s", {"p99": 8, "rps": 8_000, "errors": 0}),
    "big": ("10 million rows: 3.1 GB of GeoJSON to the first tile; drawn zones", {"s": 6, "peak_mb": 1700, "p50": 1.5}),
}


def number(v):
    if v is None:
        return "-"
    return f"{v:,.0f}" if abs(v) >= 100 else f"{v:.3g}"


def pair(r):
    return f"{number(r['p50'])} / {number(r['p99'])} ms"


def ours_of(key, r):
    """The figures of ours that a target speaks of."""
    o = dict(r["ours"])
    if "wrk" in r:
        o["rps"] = r["wrk"]["rps"]
    if key == "big":
        o["p50"] = max(z["p50"] for z in o["zones"].values())
    return o


def shown(key, r):
    o = r["ours"]
    if key in ("start", "big"):
        out = f"**{o['s']:.2f} s**, peak {number(o['peak_mb'])} MB, cpu {o['cpu_s']:.2f} s"
        if key == "big":
            out += (f"; {number(o['mb'])} MB resident; zones of 12 vertices {pair(o['zones']['drawn'])}, of 2,000 "
                    f"{pair(o['zones']['ragged'])}; tiles {pair(o['tiles'])}")
        return out
    if key == "memory":
        return f"**{number(o['mb'])} MB**, {o['mb'] * 1024 * 1024 / o['rows']:.0f} bytes a row"
    if key == "soak":
        return (f"**{pair(o)}**, {number(o['rps'])} requests/s, {o['requests']:,} requests, {o['errors']} errors; resident "
                f"{number(o['before'])} MB before, {number(o['middle'])} half way, {number(o['after'])} after; cpu {number(o['cpu'])} ms a request")
    out = f"**{pair(o)}**" + (f", cpu {number(o['cpu'])} ms" if "cpu" in o else "") + f", n = {o['n']}"
    if "wrk" in r:
        w = r["wrk"]
        out += (f"; 4 connections: **{number(w['rps'])}/s** ({pair(w)}, cpu {number(w['cpu'])} ms, {w['requests']:,} requests, "
                f"{w['list']:,} different)")
    return out


def target_text(t):
    parts = [f"{number(t['p50'])} / {number(t['p99'])} ms" if "p50" in t and "p99" in t else "",
             f"{number(t['p50'])} ms" if "p50" in t and "p99" not in t else "",
             f"p99 {number(t['p99'])} ms" if "p99" in t and "p50" not in t else "",
             f"{t['s']:g} s" if "s" in t else "", f"{number(t['peak_mb'])} MB" if "peak_mb" in t else "",
             f"{number(t['mb'])} MB" if "mb" in t else "", f"{number(t['rps'])}/s" if "rps" in t else "",
             "no error" if "errors" in t else ""]
    return ", ".join(p for p in parts if p)


def met(target, ours):
    """yes, or what is missed by how much."""
    missed = []
    for what, want in target.items():
        have = ours.get(what)
        if have is None:
            continue
        bad = have < want if what == "rps" else have > want
        if bad:
            missed.append(f"{what.replace('_mb', '')} {number(want / have if what == 'rps' else have / want if want else have)}x")
    return "no: " + ", ".join(missed) if missed else "yes"


def against(key, r):
    """Cells: the peers of this run, the ratios."""
    peers, ratios = [], []
    for name, p in r["peers"].items():
        if key == "start" and name in ("geopandas", "PostGIS"):
            how = "read_file + index" if name == "geopandas" else "COPY of CSV + indexes, without a tile server"
            peers.append(f"{name} {p['s']:.1f} s ({how})" + (f", peak {number(p['mb'])} MB" if name == "geopandas" else ""))
            ratios.append(f"{name} {number(p['s'] / r['ours']['s'])}x")
        elif key == "memory" and name in ("geopandas", "duckdb", "polars"):
            peers.append(f"{name} {number(p['mb'])} MB" + (" (peak)" if name == "geopandas" else ""))
            ratios.append(f"{name} {number(p['mb'] / r['ours']['mb'])}x")
        elif "p50" in p:
            peers.append(f"{name} {pair(p)}, n = {p['n']}")
            ratios.append(f"{name} {number(p['ratio50'])}x / {number(p['ratio99'])}x")
    return "<br>".join(peers) or "-", "<br>".join(ratios) or "-"


def earlier(key, r, dated):
    """Cell: what was measured on another day."""
    out = [f"{d['peer']} {d['text']} ({d['date']})" for d in dated["elsewhere"].get(key, [])]
    for name, rows in dated["last"].items():
        if name not in r["peers"] and key in rows:
            d = rows[key]
            out.append(f"{name} {pair(d) if 'p50' in d else str(d)} ({d['date']})")
    return "<br>".join(out) or "-"


def merged(results):
    """The few tiles that a peer was asked for stand beside all the first tiles of ours."""
    results = {k: dict(v) for k, v in results.items()}
    first = results.pop("tile_first", None)
    if first and "tile_cold" in results:
        results["tile_cold"]["peers"] = first["peers"]
    # the first answer of ours is the one to set beside peers that keep no answers; the kept one stands for itself
    if "districts" in results and "districts_first" in results:
        ours = results["districts_first"]["ours"]
        results["districts_first"]["peers"] = {
            name: p | {"ratio50": p["p50"] / ours["p50"], "ratio99": p["p99"] / ours["p99"]}
            for name, p in results["districts"]["peers"].items()}
        results["districts"]["peers"] = {}
    return results


def line(key, r):
    if key not in TABLE:
        return f"{key}: {pair(r['ours'])} {against(key, r)[1]}"
    return f"{key}: {shown(key, r)}   {against(key, r)[1].replace('<br>', ', ')}".replace("**", "")


def checks(results):
    out = {}
    for r in results.values():
        for name, n in r["checked"].items():
            out[name] = out.get(name, 0) + n
    return ", ".join(f"{n:,} with {name}" for name, n in sorted(out.items(), key=lambda c: -c[1]))


def least(key, r, about, bounds):
    """What cannot be gone below (benches/http/bounds.json), and how many times that is taken."""
    o, bound = r["ours"], bounds.get(key)
    if key == "soak":
        # what the server uses of the cores is the least, the rest is the clients'
        most = about["cores"] * 1e3 / o["cpu"]
        return f"**Upper bound** {number(most)}/s: {number(o['cpu'])} ms of processor time a request, were both cores the server's; it had {o['cores']:.2f} of them. " if "cpu" in o else ""
    if not bound:
        return ""
    if "s" in bound:
        return f"**Lower bound** {bound['s']:.2f} s ({o['s'] / bound['s']:.1f} times that): {bound['of']}. "
    least = bound["ms"] + about["floor"]["p50"]
    return f"**Lower bound** {number(least)} ms ({o['p50'] / least:.1f} times that): an answer of nothing and {number(bound['ms'])} ms, {bound['of']}. "


def remember(about, results, dated):
    """Keeps the peers' figures, for the day on which they are not installed."""
    for key, r in merged(results).items():
        for name, p in r["peers"].items():
            if "p50" in p:
                kept = {k: round(p[k], 3) for k in ("p50", "p99")}
                dated["last"].setdefault(name, {})[key] = kept | {"date": about["date"]}


def write(page, about, results):
    dated_file = HERE / "dated.json"
    dated, why = json.loads(dated_file.read_text()), json.loads((HERE / "why.json").read_text())
    bounds = json.loads((HERE / "bounds.json").read_text())
    rows = merged(results)
    loads = [r["load"] for r in rows.values()]
    out = [
        "# Benchmarks", "",
        "> Written by `make bench` (benches/http): do not edit. Times drift on shared machines, **ratios of one run are what counts**.", "",
        f"- **Data**: {about['rows']:,} invented enterprises (30 centres, a third on a lattice of shared addresses; 9 properties), 13 districts.",
        f"- **Machine**: {about['machine']}, shared; load average {min(loads):.1f} to {max(loads):.1f} during the run." +
        (" **Busier than its cores: wall times, p99 above all, are too high for everybody; compare cpu and ratios.**"
         if max(loads) > 2 * about["cores"] else ""),
        f"- **Date**: {about['date']}; **ours**: {about['version']}, commit {about['commit']}, release build, default settings, request log on.",
        "- **Peers in this run**: " + ("; ".join(p["versions"] for p in about["peers"].values()) or "none") + ".",
        *(f"- **Not installed**: {name.strip('_')} ({reason})." for name, reason in about["missing"].items()),
        f"- **How**: ours over HTTP on loopback, one connection, one request at a time (the client and an empty answer cost "
        f"{number(about['floor']['p50'])} / {number(about['floor']['p99'])} ms of every figure); throughput by "
        f"{'wrk' if about['wrk'] else 'Python threads'} on the same cores. Peers in process or over their own protocol, without HTTP, "
        "which favours them. Each question is asked of ours and of the peers in turns; ours never gets the same bytes twice, except in rows that say warm, again or asked before, and in throughput runs, which repeat their list. "
        "p50 / p99 of all calls (the slowest where there are fewer than 100), cpu: server time a request. "
        "Ratios compare the same calls (p50 / p99), peer divided by ours.",
        f"- **Answers compared before any time is reported**: {checks(rows)}.",
        f"- **Again**: `make bench` (or `{about['command'].strip()}`); `make bench-peers` installs the peers.", "",
        "| workload | ours | target | met | peers, same run | ratio | measured earlier, not in this run | why |",
        "|---|---|---|---|---|---|---|---|"]
    for key, (title, target) in TABLE.items():
        if key not in rows:
            out.append(f"| {title} | not run | {target_text(target)} | | | | {earlier(key, {'peers': {}}, dated)} | |")
            continue
        r = rows[key]
        peers, ratios = against(key, r)
        verdict = met(target, ours_of(key, r))
        reason = least(key, r, about, bounds) + why.get(key, "") if verdict != "yes" else ""
        out.append(f"| {title} | {shown(key, r)} | {target_text(target)} | {verdict} | {peers} | {ratios} | {earlier(key, r, dated)} | {reason} |")
    zooms = rows.get("tile_cold", {}).get("zooms")
    if zooms:
        out += ["", "First tile by zoom (ms, and the largest tile in kB, identity):", "",
                "| zoom | " + " | ".join(map(str, zooms)) + " |", "|---" * (len(zooms) + 1) + "|",
                "| p50 | " + " | ".join(number(z["p50"]) for z in zooms.values()) + " |",
                "| p99 | " + " | ".join(number(z["p99"]) for z in zooms.values()) + " |",
                "| kB | " + " | ".join(number(z["kb"]) for z in zooms.values()) + " |"]
    parts.write(page, "", "\n".join(out))
    if about["rows"] < 1_000_000:
        return  # only full runs are worth remembering
    remember(about, results, dated)
    dated_file.write_text(json.dumps(dated, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
