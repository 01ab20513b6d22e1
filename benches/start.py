"""From the start of the program to the first tile of a published version, with its snapshot file and without, in turns: `make bench-start`.

PROGRAM, BEFORE (another program, taken in the same turns), ROWS, ROUNDS and WORK (a folder that is kept) are variables of the environment. Prints the rows of the table in
docs/benchmarks.md. With SHIGU_DATABASE and SHIGU_OBJECTS (an empty schema and an empty prefix, and a program with the features for them) also with an empty disk, from the object store. Processor time stands beside wall time: it does not depend on what else the machine does. Both answers are compared.
"""

import http.client
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path[:0] = [str(HERE / "files"), str(HERE / "http")]
import machine  # noqa: E402
import tables  # noqa: E402

PROGRAM = os.environ.get("PROGRAM", str(ROOT / "target/release/shigu"))
BEFORE = os.environ.get("BEFORE")
ROWS = int(os.environ.get("ROWS", "1000000"))
ROUNDS = int(os.environ.get("ROUNDS", "5"))
CITY = ROOT / "geodata/hangzhou"
TILE = "/xyz/enterprises/12/3413/1685.mvt"
DISTRICTS = "/zones?kind=district&statistics=true"


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def ask(port, path):
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    c.request("GET", path)
    answer = c.getresponse()
    body = answer.read()
    assert answer.status == 200, (path, answer.status)
    return body, answer.getheader("etag")


def start(program, data, until=None):
    """Seconds to the first tile, processor seconds until then, peak and resident megabytes, the first answer about all districts in milliseconds, and the answers."""
    port, began = free_port(), time.perf_counter()
    process = subprocess.Popen([program, "serve", "--geodata", str(CITY), "--data-dir", str(data), "--listen", f"127.0.0.1:{port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while True:
            try:
                tile = ask(port, TILE)
                break
            except OSError:
                if process.poll() is not None:
                    raise SystemExit("the program does not start") from None
                time.sleep(0.001)
        seconds = time.perf_counter() - began
        cpu, peak, resident = machine.cpu(process.pid), machine.memory(process.pid, "VmHWM"), machine.memory(process.pid)
        began = time.perf_counter()
        districts = ask(port, DISTRICTS)
        first = (time.perf_counter() - began) * 1000
        while until and not until():
            time.sleep(0.2)
        return (seconds, cpu, peak, resident, first), (tile, districts)
    finally:
        process.terminate()
        process.wait()


def main():
    work = Path(os.environ.get("WORK") or tempfile.mkdtemp(prefix="shigu-start-"))
    data, table = work / "data", work / "many.csv"
    try:
        if not data.exists():
            tables.text(table, tables.sound(ROWS, CITY / "enterprises.geojson", 7))
            subprocess.run([PROGRAM, "import", str(table), "--geodata", str(CITY), "--data-dir", str(data)], check=True, stdout=subprocess.DEVNULL)
        snapshots = data / "snapshots"
        shutil.rmtree(snapshots, ignore_errors=True)
        written = lambda: snapshots.exists() and any(not f.name.startswith(".") for f in snapshots.iterdir())
        _, right = start(PROGRAM, data, written)
        size = sum(f.stat().st_size for f in snapshots.iterdir()) / 1e6
        ways = {"from the snapshot file": [], "loaded, no snapshot file": []} | ({"loaded, program before": []} if BEFORE else {})
        if os.environ.get("SHIGU_OBJECTS"):
            ways["from the object store, empty disk"] = []
        for _ in range(ROUNDS):
            for way, taken in ways.items():
                if "empty" in way:
                    with tempfile.TemporaryDirectory(prefix="shigu-start-", dir=work) as empty:
                        figures, answers = start(PROGRAM, Path(empty))
                    assert [body for body, _ in answers] == [body for body, _ in right], way
                    taken.append(figures)
                    continue
                with_file = way == "from the snapshot file"
                if not with_file:
                    snapshots.rename(work / "away")
                try:
                    figures, answers = start(BEFORE if way.endswith("before") else PROGRAM, data)
                finally:
                    if not with_file:
                        shutil.rmtree(snapshots, ignore_errors=True)
                        (work / "away").rename(snapshots)
                assert [body for body, _ in answers] == [body for body, _ in right], way
                taken.append(figures)
        print(f"{ROWS} rows, snapshot file {size:.0f} MB, load average {machine.load():.1f}, {ROUNDS} starts each in turns")
        print("| start of a published version | s to the first tile: median / slowest | processor s | peak MB | resident MB | then all districts, ms |")
        print("|---|--:|--:|--:|--:|--:|")
        for way, taken in ways.items():
            median = [statistics.median(column) for column in zip(*taken)]
            print(f"| {way} | {median[0]:.3f} / {max(t[0] for t in taken):.3f} | {median[1]:.2f} | {median[2]:.0f} | {median[3]:.0f} | {median[4]:.0f} |")
    finally:
        if not os.environ.get("WORK"):
            shutil.rmtree(work)


main()
