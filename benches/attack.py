"""How long /healthz takes while clients hold connections and send nothing, or too little: `make attack`.

Every client is an address of its own (127.0.x.y), as the service tells clients apart by address. Prints a table for
docs/benchmarks.md. PROGRAM, PORT, SECONDS and DATA are variables of the environment.
"""

import os
import resource
import socket
import subprocess
import sys
import threading
import time
import urllib.request

PROGRAM = os.environ.get("PROGRAM", "target/release/shigu")
PORT = int(os.environ.get("PORT", "9230"))
SECONDS = float(os.environ.get("SECONDS", "20"))
DATA = os.environ.get("DATA", "geodata/hangzhou")

HEAD = b"GET /summary HTTP/1.1\r\nHost: shigu.test\r\nX-Slow: "
BODY = (
    b"POST /summary HTTP/1.1\r\nHost: shigu.test\r\nContent-Type: application/json\r\n"
    b"Content-Length: 500000\r\n\r\n{"
)


def address(client):
    return f"127.0.{1 + client // 250}.{1 + client % 250}"


def connection(source):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((source, 0))
    s.settimeout(5)
    s.connect(("127.0.0.1", PORT))
    return s


class Holder(threading.Thread):
    """Keeps so many connections open from some addresses, each with these bytes sent and one more now and then."""

    def __init__(self, many, clients, first, stop):
        super().__init__(daemon=True)
        self.many, self.clients, self.first, self.stop = many, clients, first, stop
        self.opened = self.closed = 0

    def run(self):
        held = {}
        while not self.stop.is_set():
            for i in range(self.many):
                s = held.get(i)
                try:
                    if s is None:
                        s = held[i] = connection(address(i % self.clients))
                        self.opened += 1
                        s.sendall(self.first)
                        s.setblocking(False)
                    elif self.first:
                        s.send(b"x")
                    else:
                        if s.recv(1) == b"":
                            raise ConnectionResetError
                except BlockingIOError:
                    pass
                except OSError:
                    self.closed += 1
                    if held.pop(i, None) is not None:
                        s.close()
                if self.stop.is_set():
                    break
        for s in held.values():
            s.close()


def probe(seconds):
    """Milliseconds of requests on connections of their own, one after the other; None is one without an answer."""
    out, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        begun = time.monotonic()
        try:
            with connection("127.0.200.1") as s:
                s.settimeout(60)
                s.sendall(b"GET /healthz HTTP/1.1\r\nHost: shigu.test\r\nConnection: close\r\n\r\n")
                said = b""
                while part := s.recv(4096):
                    said += part
            out.append((time.monotonic() - begun) * 1e3 if said.startswith(b"HTTP/1.1 200") else None)
        except OSError:
            out.append(None)
        time.sleep(0.01)
    return out


def resident(pid):
    with open(f"/proc/{pid}/status") as f:
        return {k: int(v.split()[0]) // 1024 for k, v in (line.split(":") for line in f if line.startswith(("VmRSS", "VmHWM")))}


def main():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    # the service has what a process usually has
    limited = ["prlimit", "--nofile=1024"]
    server = subprocess.Popen(
        [*limited, PROGRAM, "serve", "--listen", f"127.0.0.1:{PORT}", "--geodata", DATA],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{PORT}/readyz", timeout=5).read()
                break
            except OSError:
                if server.poll() is not None:
                    sys.exit("the service does not start")
                time.sleep(0.1)
        cases = [
            ("nobody else", 0, 1, b""),
            ("960 idle connections of one address", 960, 1, b""),
            ("2,000 idle connections of 20 addresses", 2000, 20, b""),
            ("2,000 slow heads of 20 addresses (slowloris)", 2000, 20, HEAD),
            ("2,000 slow bodies of 20 addresses", 2000, 20, BODY),
        ]
        print("| connections held by others | answers | none | p50 ms | p99 ms | longest ms |")
        print("|---|--:|--:|--:|--:|--:|")
        failed = 0
        for name, many, clients, first in cases:
            stop = threading.Event()
            holder = Holder(many, clients, first, stop)
            if many:
                holder.start()
                time.sleep(3)
            times = probe(SECONDS)
            stop.set()
            if many:
                holder.join()
            good = sorted(t for t in times if t is not None)
            failed += len(times) - len(good)
            at = lambda p: good[min(len(good) - 1, int(len(good) * p))] if good else float("nan")
            print(f"| {name} | {len(good)} | {len(times) - len(good)} | {at(.5):.1f} | {at(.99):.1f} | {at(1):.1f} |", flush=True)
        memory = resident(server.pid)
        print(f"\nResident afterwards {memory['VmRSS']} MB, at most {memory['VmHWM']} MB.")
        sys.exit(1 if failed else 0)
    finally:
        server.terminate()
        server.wait()


main()
