"""Our side: starts the server, puts each question as a user's program would, and reads the answer for comparison."""
import json
import socket
import subprocess
import time
from urllib.parse import quote

import client
import machine
import mvt
from data import CODE

NAME = {code: name for name, code in CODE.items()}


class Server:
    """One `shigu serve` over a city. `started`: seconds and peak memory from the start to the first tile."""

    def __init__(self, binary, city, log, first_tile, max_mb=2000):
        with socket.socket() as s:
            s.bind((client.HOST, 0))
            self.port = s.getsockname()[1]
        command = [binary, "serve", "--geodata", str(city), "--listen", f"{client.HOST}:{self.port}",
                   "--max-file-mb", str(max_mb)]
        with open(log, "ab") as f:
            began = time.perf_counter()
            self.process = subprocess.Popen(command, stdout=f, stderr=f)
        self.client = client.Client(self.port)
        request = client.get("/xyz/enterprises/{}/{}/{}.mvt".format(*first_tile))
        while True:
            try:
                status = self.client.ask(request)[0]
                break
            except OSError:
                if self.process.poll() is not None:
                    raise SystemExit(f"shigu ended at its start, see {log}")
                time.sleep(0.002)
        self.started = {"s": time.perf_counter() - began, "cpu_s": machine.cpu(self.process.pid),
                        "peak_mb": machine.memory(self.process.pid, "VmHWM"), "mb": machine.memory(self.process.pid)}
        if status != 200:
            raise SystemExit(f"the first tile is a {status}")

    def stop(self):
        self.client.close()
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Shigu:
    """Questions over HTTP."""

    name = "Shigu"

    def __init__(self, server):
        self.server = server

    def ask(self, ask, gzipped=False):
        method, path, body = ask
        request = client.post(path, body) if method == "POST" else client.get(path, gzipped)
        return self.server.client.ask(request)

    def run(self, op, args, gzipped=False):
        """-> (answer, milliseconds)"""
        status, _, body, ms = self.ask(getattr(self, "ask_" + op)(*args), gzipped)
        if status not in (200, 204):
            raise SystemExit(f"{op} {str(args)[:200]}: status {status}: {body[:400].decode(errors='replace')}")
        return getattr(self, "read_" + op)(body), ms

    # a drawn zone: count, revenue, and both by cluster
    def ask_zone(self, ring):
        body = json.dumps({"type": "Polygon", "coordinates": [ring]}, separators=(",", ":"))
        return "POST", "/summary", body.encode()

    def read_zone(self, body):
        summary = json.loads(body)
        clusters = {NAME[c["code"]]: [c["count"], c["amounts"]["revenue"]["sum"]] for c in summary["clusters"] if c["count"]}
        return {"count": summary["counts"]["matched"], "sum": summary["totals"]["revenue"]["sum"] or 0, "clusters": clusters}

    # a trial zone beside the area as it was: rows and revenue of both, quotients, concentration, overlaps, distances
    def ask_trial(self, ring, baseline):
        area = lambda ring: {"polygon": {"type": "Polygon", "coordinates": [ring]}}
        return "POST", "/trial", json.dumps({"question": area(ring), "baseline": area(baseline)}, separators=(",", ":")).encode()

    def read_trial(self, body):
        found = json.loads(body)
        states = {"now": "real", "before": "baseline"}
        return {state: [found["count"][key], found["totals"]["revenue"]["sum"][key] or 0] for state, key in states.items()}

    # rows in a box under a filter: how many, and the first
    def ask_box(self, box, where):
        corners = ",".join(f"{v:.7f}" for v in box)
        return "GET", f"/collections/enterprises/items?limit=1&bbox={corners}&{condition(where)}", None

    def read_box(self, body):
        return json.loads(body)["numberMatched"]

    # one district, as the panel asks
    def ask_district(self, code):
        return "GET", f"/summary?zone={code}", None

    # all districts by cluster: count, revenue and its median
    def ask_districts(self):
        return "GET", "/zones?kind=district&statistics=true", None

    def read_districts(self, body):
        return {z["id"]: {NAME[c["code"]]: [c["count"], c["amounts"]["revenue"]["sum"], c["amounts"]["revenue"]["statistics"]["median"]]
                          for c in z["clusters"] if c["count"]} for z in json.loads(body)["zones"] if z["count"]}

    def ask_search(self, word):
        return "GET", f"/search?q={quote(word)}&limit=20", None

    def read_search(self, body):
        found = json.loads(body)
        return {"count": found["total"], "first": len(found["results"])}

    def ask_tile(self, tile, where=None):
        return "GET", "/xyz/enterprises/{}/{}/{}.mvt".format(*tile) + (f"?{condition(where)}" if where else ""), None

    def read_tile(self, body):
        return body

    def ask_items(self, offset):
        return "GET", f"/collections/enterprises/items?limit=1000&offset={offset}", None

    def read_items(self, body):
        return body.count(b'"type":"Feature"')


def tile_rows(body):
    return mvt.rows(body)


def condition(where):
    """A filter as CQL2 text."""
    terms = (f"{c} {op} " + (f"'{CODE.get(v, v)}'" if isinstance(v, str) else str(v)) for c, op, v in where)
    return "filter=" + quote(" AND ".join(terms))
