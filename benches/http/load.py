"""A bounded load from a second process: wrk where it is installed, else threads of our own client. Loopback only."""
import json
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from client import Client, HOST, get, post

MOST = 2_000_000  # requests, whatever the time allows


def run(port, asks, seconds, connections, gzipped=False):
    """`asks`: (method, path, body) in turn. -> requests/s, p50, p99 in ms, errors, bytes/s, which tool."""
    if shutil.which("wrk"):
        return with_wrk(port, asks, seconds, connections, gzipped)
    task = {"port": port, "asks": [[m, p, b and b.decode()] for m, p, b in asks], "seconds": seconds,
            "connections": connections, "gzipped": gzipped}
    done = subprocess.run([sys.executable, __file__], input=json.dumps(task), capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


# reads lines of method, path and body; asks them in turn
LUA = """local asks, i = {}, 0
for line in io.lines("FILE") do
  local method, path, body = line:match("([^\\t]*)\\t([^\\t]*)\\t(.*)")
  asks[#asks + 1] = {method, path, body}
end
local plain, json = {ENCODING}, {["Content-Type"] = "application/json"}
request = function()
  i = i % #asks + 1
  local a = asks[i]
  if a[3] == "" then return wrk.format(a[1], a[2], plain) end
  return wrk.format(a[1], a[2], json, a[3])
end
"""


def with_wrk(port, asks, seconds, connections, gzipped):
    with tempfile.TemporaryDirectory() as folder:
        lines, script = Path(folder, "asks"), Path(folder, "ask.lua")
        lines.write_text("".join(f"{m}\t{p}\t{b.decode() if b else ''}\n" for m, p, b in asks), encoding="utf-8")
        encoding = '["Accept-Encoding"] = "gzip"' if gzipped else ""
        script.write_text(LUA.replace("FILE", str(lines)).replace("ENCODING", encoding), encoding="utf-8")
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "20s", "--latency", "-s", str(script),
                   f"http://{HOST}:{port}/"]
        out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = lambda pattern: (re.search(pattern, out) or [None, "0"])[1]
    counts = re.findall(r"(?:connect|read|write|timeout) (\d+)", out)
    return {"rps": float(found(r"Requests/sec: *([\d.]+)")), "p50": millis(found(r"50% +(\S+)")),
            "p99": millis(found(r"99% +(\S+)")), "requests": int(found(r"(\d+) requests in")),
            "errors": int(found(r"Non-2xx or 3xx responses: (\d+)")) + sum(map(int, counts)), "tool": "wrk"}


def millis(text):
    """'1.2ms', '800us', '3s' -> milliseconds."""
    number, unit = re.match(r"([\d.]+)(us|ms|s|m)?", text).groups()
    return float(number) * {"us": 1e-3, "ms": 1, "s": 1e3, "m": 6e4, None: 1}[unit]


def threads(task):
    asks = [post(p, b.encode()) if m == "POST" else get(p, task["gzipped"]) for m, p, b in task["asks"]]
    times, errors, until = [], [0], time.time() + task["seconds"]

    def one(start):
        client, i = Client(task["port"]), start
        while time.time() < until and len(times) < MOST:
            try:
                status, _, _, ms = client.ask(asks[i % len(asks)])
                times.append(ms)
                errors[0] += status >= 400
            except OSError:
                errors[0] += 1
            i += 1

    workers = [threading.Thread(target=one, args=(k * 7,)) for k in range(task["connections"])]
    began = time.time()
    [w.start() for w in workers]
    [w.join() for w in workers]
    times.sort()
    at = lambda p: times[min(len(times) - 1, int(p * len(times)))] if times else 0
    return {"rps": len(times) / (time.time() - began), "p50": at(0.5), "p99": at(0.99), "requests": len(times),
            "errors": errors[0], "tool": "Python threads (the client is the limit)"}


if __name__ == "__main__":
    print(json.dumps(threads(json.load(sys.stdin))))
