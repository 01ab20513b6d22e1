"""What a request costs: processor time of the service and bytes of the answer, by kind, for cities of several sizes; and what a city takes of
memory, disk and starts. Processor time and not waiting, so that what else the machine does hardly shows. Writes measured.json.

    python3 benches/sizing/measure.py [--binary PROGRAM] [--rows 10000,100000,1000000] [--each 60]
"""
import argparse
import json
import os
import sqlite3
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

import served
from served import Service, machine

MEASURED = Path(__file__).with_name("measured.json")
AGAIN = {"about": 10, "zones": 20, "whole": 20, "zone": 3, "login": 8}  # repetitions of short lists
HEAD = 200  # bytes of an answer's head, about


def sampled(service, requests):
    """Processor milliseconds and bytes of each answer, asked one at a time."""
    times, sizes = [], []
    for method, path, body in requests:
        request = service.request(method, path, body)
        before = machine.cpu_fine(service.pid)
        status, _, answer, _ = service.client.ask(request)
        time.sleep(0.002)  # what the service tidies after the last byte
        times.append(max(0.0, machine.cpu_fine(service.pid) - before) * 1e3)
        if status not in (200, 204):
            raise SystemExit(f"{method} {path}: {status} {answer[:200]}")
        sizes.append(len(answer) + HEAD)
    return times, sizes


def curve(values, points=20):
    """The distribution as its values at equal steps of probability, the least to the largest."""
    values = sorted(values)
    at = lambda p: values[min(len(values) - 1, round(p * (len(values) - 1)))]
    return [round(at(k / points), 4) for k in range(points + 1)]


def told(values):
    return {"n": len(values), "mean": round(statistics.fmean(values), 4), "curve": curve(values)}


def kinds(service, asks):
    """{kind: first and again in processor ms, bytes}"""
    out = {}
    service.client.ask(service.request("GET", "/readyz"))
    for name, requests in asks.items():
        first, sizes = sampled(service, requests)
        again, _ = sampled(service, requests * AGAIN.get(name, 1))
        out[name] = {"first": told(first), "again": told(again), "bytes": round(statistics.fmean(sizes))}
        print(f"  {name:9} first {out[name]['first']['mean']:9.3f}  again {out[name]['again']['mean']:9.3f} ms of processor, {out[name]['bytes']:8} bytes", flush=True)
    return out


def starts(program, city, folder, port, log, times=3):
    """Median seconds, processor seconds and resident MB of so many starts until the service is ready, and processor seconds of what it does then."""
    found = []
    for _ in range(times):
        service = Service(program, city, folder, port, log)
        resident = machine.memory(service.pid)
        found.append((service.start_s, service.start_cpu_s, resident, settled(service) - service.start_cpu_s))
        service.stop()
    return dict(zip(("s", "cpu_s", "mb", "then_cpu_s"), (round(statistics.median(column), 3) for column in zip(*found))))


def settled(service, most=40):
    """Processor seconds once a second passes in which it does next to nothing."""
    before = machine.processor(service.pid)
    for _ in range(most):
        time.sleep(1)
        now = machine.processor(service.pid)
        if now - before <= 0.01:
            break
        before = now
    return now


def recorded(state):
    """Bytes of the database, and how many entries its audit log has; the service is stopped."""
    database = sqlite3.connect(state / "shigu.sqlite3")
    try:
        pages, size, entries = (database.execute(q).fetchone()[0] for q in ("PRAGMA page_count", "PRAGMA page_size", "SELECT count(*) FROM audit"))
        return pages * size, entries
    finally:
        database.close()


def measure(program, rows, each, port, work):
    """One city of so many rows."""
    city, csv = served.make(rows, work)
    with tempfile.TemporaryDirectory(dir=work) as folder:
        log = Path(folder) / "log"
        state = Path(folder) / "state"
        service = Service(program, city, state, port, log)
        try:
            service.claim()
            published = service.published(csv)
            if abs(service.rows() / rows - 1) > 0.01:
                raise SystemExit(f"of {rows} rows {service.rows()} are served")
            written = served.snapshot_written(state)
        finally:
            service.stop()
        disk = {"version_mb": round(served.megabytes(state / "versions"), 2), "snapshot_mb": round(written, 2),
                "database_mb": round(sum(f.stat().st_size for f in state.glob("shigu.sqlite3*")) / 1e6, 2)}
        from_file = starts(program, city, state, port, log)
        served.without_snapshot(state)
        found = []
        for _ in range(3):
            served.without_snapshot(state)
            found.append(starts(program, city, state, port, log, 1))
        loaded = {key: statistics.median(one[key] for one in found) for key in found[0]}
        size, entries = recorded(state)
        service = Service(program, city, state, port, log)
        try:
            served.snapshot_written(state)
            service.login()
            before = machine.memory(service.pid)
            idle = machine.cpu_fine(service.pid)
            time.sleep(2)
            idle = (machine.cpu_fine(service.pid) - idle) / 2
            of = kinds(service, served.asks(csv, each))
            after = machine.memory(service.pid)
        finally:
            service.stop()
        grown, more = recorded(state)
    return {"rows": rows, "audit_bytes": round((grown - size) / max(1, more - entries)), "audit_entries": more - entries, "kinds": of, "published": {k: round(v, 2) for k, v in published.items()}, "disk": disk, "from_snapshot": from_file, "loaded": loaded,
            "memory": {"start_mb": round(before), "after_mb": round(after)}, "idle_cpu": round(idle, 4)}


def several(program, rows, count, port, work):
    """So many cities of one size in one process (`--cities`), loaded one after the other by their first request, from their snapshot files: what
    another city takes. Medians of all but the first."""
    city, _ = served.make(rows, work)
    with tempfile.TemporaryDirectory(dir=work) as folder:
        places, log = Path(folder) / "cities", Path(folder) / "log"
        places.mkdir()
        for n in range(count):
            (places / f"c{n}").symlink_to(city)
        for _ in ("makes the snapshot files", "reads them"):
            with open(log, "ab") as f:
                process = subprocess.Popen([program, "serve", "--cities", places, "--data-dir", Path(folder) / "state", "--cities-memory", "8GB", "--listen", f"{served.client.HOST}:{port}"], stdout=f, stderr=f)
            service = SimpleNamespace(pid=process.pid)
            try:
                client, found = served.client.Client(port), []
                until = time.monotonic() + 30
                while True:
                    try:
                        client.ask(served.client.get("/readyz"))
                        break
                    except OSError:
                        if process.poll() is not None or time.monotonic() > until:
                            raise SystemExit(f"shigu does not serve several cities, see {log}") from None
                        time.sleep(0.02)
                for n in range(count):
                    resident, before = machine.memory(process.pid), machine.processor(process.pid)
                    status, _, _, ms = client.ask(served.client.get(f"/cities/c{n}/xyz/enterprises/12/3413/1685.mvt"))
                    if status != 200:
                        raise SystemExit(f"a city of several: {status}")
                    there = machine.processor(process.pid)
                    found.append((machine.memory(process.pid), ms / 1e3, there - before, settled(service) - there, resident))
            finally:
                process.terminate()
                process.wait()
        middle = lambda column: round(statistics.median(column), 3)
        first, last = found[0], found[-1]
        return {"rows": rows, "cities": count, "s": middle([f[1] for f in found[1:]]), "cpu_s": middle([f[2] for f in found[1:]]), "then_cpu_s": middle([f[3] for f in found[1:]]),
                "city_mb": round((last[0] - first[0]) / (count - 1), 1)}


def lines(found):
    """JSON with a line for each kind, so that a change of one shows."""
    kind = lambda name, of: f"   {json.dumps(name)}: {json.dumps(of)}"
    parts = []
    for city in found["cities"]:
        rest = {k: v for k, v in city.items() if k != "kinds"}
        kinds = ",\n".join(kind(*one) for one in city["kinds"].items())
        parts.append(f" {json.dumps(rest)[:-1]}, \"kinds\": {{\n{kinds}}}}}")
    return f"{{\"about\": {json.dumps(found['about'])},\n\"several\": {json.dumps(found['several'])},\n\"cities\": [\n" + ",\n".join(parts) + "]}\n"


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--binary", default=str(served.ROOT / "target/release/shigu"))
    p.add_argument("--rows", default="10000,100000,1000000")
    p.add_argument("--each", type=int, default=60)
    p.add_argument("--port", type=int, default=18701)
    p.add_argument("--work", default=str(served.ROOT / "target/bench"))
    p.add_argument("--out", default=str(MEASURED))
    args = p.parse_args()
    Path(args.work).mkdir(parents=True, exist_ok=True)
    load = [round(os.getloadavg()[0], 1)]
    cities = []
    for rows in map(int, args.rows.split(",")):
        print(f"{rows:,} rows", flush=True)
        cities.append(measure(args.binary, rows, args.each, args.port, args.work))
        load.append(round(os.getloadavg()[0], 1))
    together = several(args.binary, 100_000, 6, args.port, args.work)
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=served.ROOT, capture_output=True, text=True).stdout.strip()
    about = {"date": machine.today(), "commit": commit, "machine": machine.describe(), "load": [min(load), max(load)]}
    Path(args.out).write_text(lines({"about": about, "several": together, "cities": cities}), encoding="utf-8")


if __name__ == "__main__":
    main()
