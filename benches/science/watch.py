"""How soon a long answer says something and ends when nobody waits for it: watch.py [--rows 1000000] [--binary target/release/shigu].

The first event of the distances of a class, the whole, and the time from the closing of a connection until no thread of the server works any more,
for every analysis of points. Bounds of the issue: 200 ms and 100 ms.
"""

import argparse
import os
import re
import socket
import sys
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent / "http")]
import client  # noqa: E402
import data  # noqa: E402
import questions  # noqa: E402
from shigu import Server  # noqa: E402

CLASS = next(iter(data.CODE.values()))
PATHS = {
    "distances": f"/hotspots/distances/events?class={CLASS}&simulations=5000",
    "DBSCAN": "/hotspots/areas/events?distance=500",
    "HDBSCAN*": "/hotspots/areas/events?method=hdbscan",
    "hexagons": "/hotspots/hexagons?resolution=9",
    "density": "/hotspots/density",
}


def begin(server, path):
    link = socket.create_connection((client.HOST, server.port))
    link.sendall(f"GET {path} HTTP/1.1\r\nHost: {client.HOST}:{server.port}\r\n\r\n".encode())
    return link


def works(pid):
    """Whether a thread is running or would be if it had a core."""
    for task in os.listdir(f"/proc/{pid}/task"):
        try:
            state = Path(f"/proc/{pid}/task/{task}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except OSError:
            continue
        if state == "R":
            return True
    return False


def ended(pid, begun):
    """Milliseconds until nothing worked for some looks one after the other."""
    quiet, since = 0, begun
    while quiet < 20:
        if works(pid):
            quiet = 0
        elif quiet == 0:
            quiet, since = 1, time.perf_counter()
        else:
            quiet += 1
        time.sleep(0.001)
    return (since - begun) * 1000


def events(server, path):
    """Milliseconds to each event of a stream, by its name."""
    begun, link, times, seen = time.perf_counter(), begin(server, path), [], b""
    while b"event: end\n" not in seen:
        piece = link.recv(1 << 16)
        if not piece:
            raise SystemExit(f"{path}: ended before its end: {seen[:300]!r}")
        now, seen = (time.perf_counter() - begun) * 1000, seen + piece
        # an event may come in two pieces: what follows the last whole name is looked at again
        names = re.findall(rb"event: (\w+)\n", seen)
        times += [(name.decode(), now) for name in names[len(times) :]]
    link.close()
    return times


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--rows", type=int, default=1_000_000)
    p.add_argument("--binary", default="target/release/shigu")
    p.add_argument("--work", default="target/bench")
    args = p.parse_args()
    city, _ = data.make(args.rows, args.work)
    server = Server(args.binary, city, Path(args.work) / "watch.log", (14, *questions.tile_of(120.15, 30.25, 14)))
    try:
        pid = server.process.pid
        # the index of names is built beside the first requests
        ended(pid, time.perf_counter())
        for seed in range(3):
            times = events(server, f"{PATHS['distances'].replace('5000', '1000')}&seed={seed + 10}")
            curve = next(at for name, at in times if name == "progress")
            print(
                f"distances, {args.rows:,} rows: first event {times[0][1]:.0f} ms, first curve {curve:.0f} ms, "
                f"{len(times)} events, the whole {times[-1][1]:.0f} ms",
                flush=True,
            )
        for name, path in PATHS.items():
            all_ = []
            for wait in (0.02, 0.05, 0.1, 0.2, 0.4):
                link = begin(server, f"{path}{'&seed=' + str(int(wait * 1000)) if name == 'distances' else ''}")
                time.sleep(wait)
                if not works(pid):
                    link.close()
                    continue
                begun = time.perf_counter()
                link.close()
                all_.append(ended(pid, begun))
            said = f"at most {max(all_):.0f} ms, n = {len(all_)}" if all_ else "done before it could be left"
            print(f"{name}: ends after its reader left, {said}", flush=True)
    finally:
        server.stop()


if __name__ == "__main__":
    main()
