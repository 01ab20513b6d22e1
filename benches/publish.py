"""A table of many rows, sent, checked and published over HTTP, as the page does it: `make bench-publish`.

PROGRAM, BEFORE (another program, taken in the same turns), ROWS, HELD (rows of the register before) and ROUNDS are variables of the environment. Prints seconds, processor seconds,
peak megabytes and megabytes written. Both programs must make the same version. Processor time stands beside wall time: it does not depend on what else the machine does.

With COPIES=2 and more, and SHIGU_DATABASE naming a PostgreSQL database without tables, other copies serve the same folder, and it is said after how many seconds all serve the
version (`tests/postgres.sh sh -c 'COPIES=3 SHIGU_DATABASE=$SHIGU_TEST_POSTGRES python3 benches/publish.py'`).
"""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path[:0] = [str(HERE), str(HERE / "files"), str(HERE / "http")]
import machine  # noqa: E402
import run  # noqa: E402
import tables  # noqa: E402

PROGRAM = os.environ.get("PROGRAM", str(ROOT / "target/release/shigu"))
BEFORE = os.environ.get("BEFORE")
ROWS = int(os.environ.get("ROWS", "1000000"))
HELD = int(os.environ.get("HELD", "50000"))
COPIES = int(os.environ.get("COPIES", "1"))
# a database is without tables once
ROUNDS = int(os.environ.get("ROUNDS", "3")) if COPIES == 1 else 1


def written(server):
    """Megabytes that the program has handed to the disk."""
    said = Path(f"/proc/{server.process.pid}/io").read_text().split()
    return int(said[said.index("write_bytes:") + 1]) / 1e6


def once(program, work, held, many):
    """What it took to bring in the table, and the digest of the version that was made."""
    with tempfile.TemporaryDirectory(dir=work) as folder:
        data = Path(folder) / "data"
        server, *others = [run.Server(program, str(data), work / "server.log") for _ in range(COPIES)]
        try:
            if HELD:
                run.brought_in(server, held)
            before = {folder.name for folder in (data / "versions").glob("*")}
            start = written(server)
            took, outcome = run.brought_in(server, many)
            assert outcome["counts"]["rows"] == ROWS and outcome["counts"]["problem"] == 0, outcome["counts"]
            began, revision = time.perf_counter(), server.json("GET", "/dataset")["revision"]
            while any(other.json("GET", "/dataset")["revision"] != revision for other in others):
                time.sleep(0.005)
            took["everywhere_s"] = time.perf_counter() - began if others else 0
            took["written_mb"] = written(server) - start
            time.sleep(1)
            took["rest_mb"] = server.memory("VmRSS")
            made = [folder.name for folder in (data / "versions").glob("*") if folder.name not in before and len(folder.name) == 64]
            return took, made
        finally:
            for one in [server, *others]:
                one.stop()


def main():
    programs = {"this program": PROGRAM} | ({"program before": BEFORE} if BEFORE else {})
    with tempfile.TemporaryDirectory(prefix="publish-", dir=ROOT / "target") as work:
        work, register = Path(work), run.CITY / "enterprises.geojson"
        held, many = work / "held.csv", work / "many.csv"
        tables.text(held, tables.sound(HELD, register))
        tables.text(many, tables.sound(ROWS, register, 7))
        all_took, versions = {name: [] for name in programs}, set()
        for _ in range(ROUNDS):
            for name, program in programs.items():
                took, made = once(program, work, held, many)
                all_took[name].append(took)
                versions.update(made)
        assert len(versions) == 1, f"not the same version: {versions}"
        print(f"{ROWS} rows of CSV, {many.stat().st_size / 1e6:.0f} MB, over {HELD} rows; load average {machine.load():.1f}; {ROUNDS} rounds in turns, medians")
        print("| program | sent and checked, s | published, s | processor, s | peak MB | at rest MB | written MB |")
        print("|---|--:|--:|--:|--:|--:|--:|")
        for name, taken in all_took.items():
            middle = {key: statistics.median(t[key] for t in taken) for key in taken[0]}
            print(f"| {name} | {middle['sent_s'] + middle['check_s']:.2f} | {middle['commit_s']:.2f} | {middle['check_cpu_s']:.2f} + {middle['commit_cpu_s']:.2f} "
                  f"| {middle['peak_mb']:.0f} | {middle['rest_mb']:.0f} | {middle['written_mb']:.0f} |" + (f" all {COPIES} copies serve it {middle['everywhere_s']:.2f} s later" if COPIES > 1 else ""))


main()
