"""Runs the benchmark: makes the data, starts the server and the peers that are installed, measures, writes the page.

    python3 benches/http/run.py [--rows 1000000] [--only zones,search] [--peers auto|none|postgis,duckdb_] [--soak] [--big]

`make bench-peers` installs the peers; those that are missing are named, and their last figures stay on the page."""
import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import data
import machine
import measure
import report
import workloads
from peer import Missing, Peer
from scan import Scan

PEERS = ["postgis", "duckdb_", "polars_", "geopandas_", "sqlite_fts"]
EXTRAS = ("soak", "big")


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--rows", type=int, default=1_000_000)
    p.add_argument("--each", type=int, default=50, help="questions of each kind")
    p.add_argument("--only", default="", help=f"some of {', '.join(workloads.ALL)}")
    p.add_argument("--peers", default="auto", help="auto, none, or some of " + ", ".join(PEERS))
    p.add_argument("--python", default="", help="interpreter that has the peers' packages; default: WORK/venv, else this one")
    p.add_argument("--binary", default="target/release/shigu")
    p.add_argument("--work", default="target/bench", help="where data and logs go")
    p.add_argument("--soak", action="store_true", help="also 16 clients for 60 s")
    p.add_argument("--big", action="store_true", help="also 10 million rows (3.1 GB of disk)")
    p.add_argument("--short", action="store_true", help="one start, short loads")
    p.add_argument("--max-mb", type=int, default=2000, help="largest file that the server may read")
    p.add_argument("--page", default="", help="the page to write; default: none")
    args = p.parse_args()
    venv = Path(args.work, "venv/bin/python")
    args.python = args.python or (str(venv) if venv.exists() else sys.executable)
    return args


def peers_of(args, city, csv):
    """The peers that are there, and why the others are not."""
    wanted = {"auto": PEERS, "none": []}.get(args.peers, args.peers.split(","))
    found, missing = [], {}
    for module in wanted:
        try:
            found.append(Peer(module, args.python, csv.resolve(), (city / "enterprises.geojson").resolve(), Path(args.work).resolve()))
            print(f"  {found[-1].name}: {found[-1].about['versions']}, loaded in {found[-1].about['load_s']:.1f} s", flush=True)
        except Missing as why:
            missing[module] = str(why)
            print(f"  {module}: not installed ({why})", flush=True)
    return found, missing


def main():
    args = arguments()
    os.makedirs(args.work, exist_ok=True)
    print(f"data: {args.rows} rows", flush=True)
    city, csv = data.make(args.rows, args.work)
    chosen = [w for w in (args.only.split(",") if args.only else workloads.ALL)
              if args.only or w not in EXTRAS or getattr(args, w)]
    truth = []
    scan = lambda: (truth or truth.append(Scan(csv)) or truth)[0]
    peers, missing = peers_of(args, city, csv)
    bench, results = workloads.Bench(args, city, csv, peers, scan), {}
    version = subprocess.run([args.binary, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    about = {"date": machine.today(), "machine": machine.describe(), "cores": os.cpu_count(), "rows": args.rows, "version": version,
             "commit": commit(), "wrk": bool(shutil.which("wrk")), "missing": missing,
             "peers": {p.name: p.about | {"module": p.module} for p in peers},
             "command": "python3 benches/http/run.py " + " ".join(f"--{k}" for k in EXTRAS if getattr(args, k))}
    try:
        for name in chosen:
            if bench.server is None and name not in ("cold", "tiles"):
                bench.start()
            results |= workloads.ALL[name](bench)
            print(f"{name}: done, load {machine.load():.1f}", flush=True)
            for key in list(results):
                if "said" not in results[key]:
                    results[key]["said"] = True
                    print("  " + report.line(key, results[key]), flush=True)
            if name == "warm" or "floor" not in about:
                about["floor"] = measure.floor(bench.shigu) if bench.server else {"p50": 0, "p99": 0, "n": 0}
    finally:
        if bench.server:
            bench.server.stop()
        for p in peers:
            p.stop()
    Path(args.work, f"results-{args.rows}.json").write_text(json.dumps({"about": about, "results": results}, indent=1, ensure_ascii=False))
    if args.page:
        report.write(args.page, about, results)
        print(f"wrote {args.page}")


def commit():
    try:
        return subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


if __name__ == "__main__":
    main()
