"""Resident memory under a mixed load: imports, reports, maps, tiles, logins, all at once: `make soak`.

SECONDS (3600 is the full form), PROGRAM, PORT and ROWS (of the register that is generated) are variables of the environment.
Prints a row of a table every twelfth of the time and, at the end, a row for docs/benchmarks.md: before, while it lasts, and after 20 s
of rest. Memory is what the program's process holds, without the kernel's page cache. A failed request, and descriptors that are still
open after the rest, end it with 1.
"""

import contextlib
import http.client
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

PROGRAM = os.environ.get("PROGRAM", "target/release/shigu")
PORT = int(os.environ.get("PORT", "9240"))
SECONDS = float(os.environ.get("SECONDS", "3600"))
ROWS = int(os.environ.get("ROWS", "50000"))
LABEL = os.environ.get("LABEL", "default")
DONE = {}
FAILED = {}
REFUSED = {}
LOCK = threading.Lock()
COOKIE = {}


def ask(method, path, body=None, kind="application/json", count=None):
    c = http.client.HTTPConnection("127.0.0.1", PORT, timeout=120)
    try:
        c.request(method, path, body, {"Content-Type": kind, **COOKIE})
        answer = c.getresponse()
        data = answer.read()
        name = count or path.split("?")[0].split("/")[1]
        with LOCK:
            # 503 and 504 are what the service says when it has enough to do, 429 what is one too many, 401 a wrong password
            into = DONE if answer.status < 400 or answer.status == 401 else REFUSED if answer.status in (429, 503, 504) else FAILED
            into[name] = into.get(name, 0) + 1
        return answer.status, data
    finally:
        c.close()


def table(rows):
    out = ["企业名称,区县,经度,纬度"]
    for i in range(rows):
        out.append(f"杭州第{i}智能有限公司{random.randrange(10 ** 9)},余杭区,{120 + random.random() / 5:.6f},{30.1 + random.random() / 5:.6f}")
    return "\n".join(out).encode()


def imports():
    status, data = ask("POST", "/imports?file=a.csv", table(20000), "application/octet-stream")
    if status != 201:
        return
    path = "/imports/" + json.loads(data)["id"]
    ask("POST", path + "/check", "null")
    for _ in range(600):
        _, data = ask("GET", path)
        if json.loads(data).get("state") != "checking":
            break
        time.sleep(0.1)
    ask("DELETE", path, "")


def reports():
    ask("GET", "/report/city?format=" + random.choice(["xlsx", "xlsx", "docx", "pdf", "csv"]))


def maps():
    x, y = 119.9 + random.random() / 2, 30.0 + random.random() / 3
    ask("GET", f"/map?f=png&width=1200&height=900&bbox={x},{y},{x + 0.3},{y + 0.2}")


def tiles():
    for _ in range(50):
        z = random.randrange(8, 15)
        n = 2**z
        x, y = int((120.15 + 180) / 360 * n) + random.randrange(3), int(0.4127 * n) + random.randrange(3)
        ask("GET", f"/xyz/enterprises/{z}/{x}/{y}.mvt?cells=32", count="tiles")
        ask("POST", "/summary", json.dumps({"circle": {"center": [120.1 + random.random() / 10, 30.25], "radius_m": 5000}}))


def logins():
    ask("POST", "/session", json.dumps({"name": f"n{random.randrange(50)}", "password": "a wrong password"}), count="logins")


def resident(pid):
    with open(f"/proc/{pid}/status") as f:
        return {k: int(v.split()[0]) // 1024 for k, v in (line.split(":") for line in f if line.startswith(("VmRSS", "VmHWM")))}


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def claimed(token, **about):
    """The cookie of whoever sets a password by a one-time link; the first administrator sets a name, too."""
    connection = http.client.HTTPConnection("127.0.0.1", PORT)
    about |= {"token": token, "password": "a long password"}
    connection.request("POST", "/session/claim", json.dumps(about), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    return answer.getheader("Set-Cookie").split(";")[0]


@contextlib.contextmanager
def served(rows):
    """The program as it serves a generated register of so many rows to accounts; the administrator's cookie is in COOKIE."""
    with tempfile.TemporaryDirectory() as folder:
        city = os.path.join(folder, "city")
        shutil.copytree("geodata/hangzhou", city)
        subprocess.run([PROGRAM, "generate", "--count", str(rows), "--out", os.path.join(city, "enterprises.geojson")], check=True)
        log = open(os.path.join(folder, "log"), "w+")
        server = subprocess.Popen(
            [PROGRAM, "serve", "--listen", f"127.0.0.1:{PORT}", "--accounts", "--geodata", city, "--data-dir", os.path.join(folder, "data")],
            stdout=subprocess.DEVNULL, stderr=log, env={**os.environ, "SHIGU_LOG": "error"},
        )
        try:
            for _ in range(1200):
                try:
                    if ask("GET", "/readyz")[0] == 200:
                        break
                except OSError:
                    if server.poll() is not None:
                        sys.exit("the service does not start")
                    time.sleep(0.1)
            with open(log.name, encoding="utf-8") as said:
                token = re.search(r"claim=([0-9a-f]+)", said.read()).group(1)
            COOKIE["Cookie"] = claimed(token, name="admin")
            time.sleep(3)
            yield server
        finally:
            server.terminate()
            server.wait()


def main():
    with served(ROWS) as server:
        before, open_before = resident(server.pid)["VmRSS"], descriptors(server.pid)
        start = time.monotonic()
        end = start + SECONDS

        def work(what):
            while time.monotonic() < end:
                try:
                    what()
                except BrokenPipeError:
                    # an upload that is one too many is refused before it was sent
                    with LOCK:
                        REFUSED["imports"] = REFUSED.get("imports", 0) + 1
                except OSError as e:
                    with LOCK:
                        FAILED[str(e)] = FAILED.get(str(e), 0) + 1
                    time.sleep(0.2)

        threads = [threading.Thread(target=work, args=(w,)) for w in [imports, reports, reports, maps, tiles, tiles, logins]]
        for t in threads:
            t.start()
        print("| until s | median MB | most MB | most descriptors | imports | reports | maps | tiles | summaries | logins |")
        print("|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|", flush=True)
        memory, files, part, every = [], [], 0, max(SECONDS / 12, 5)
        while time.monotonic() < end:
            time.sleep(min(5, max(0.1, end - time.monotonic())))
            memory.append(resident(server.pid)["VmRSS"])
            files.append(descriptors(server.pid))
            passed = time.monotonic() - start
            if passed >= (part + 1) * every or time.monotonic() >= end:
                part += 1
                with LOCK:
                    counts = [DONE.get(n, 0) for n in ("imports", "report", "map", "tiles", "summary", "logins")]
                now = sorted(memory[-max(1, round(every / 5)) :])
                most = max(files[-len(now) :])
                print(f"| {passed:.0f} | {now[len(now) // 2]} | {now[-1]} | {most} | {' | '.join(map(str, counts))} |", flush=True)
        for t in threads:
            t.join()
        time.sleep(20)
        after, open_after = resident(server.pid), descriptors(server.pid)
        memory.sort()
        files.sort()
        print(f"{DONE} refused: {REFUSED} failed: {FAILED}")
        print("| allocator | s | before MB | median MB | peak MB | after 20 s of rest MB | descriptors before, median, most, after | requests |")
        print("|---|--:|--:|--:|--:|--:|--:|--:|")
        opened = f"{open_before}, {files[len(files) // 2]}, {files[-1]}, {open_after}"
        print(
            f"| {LABEL} | {SECONDS:.0f} | {before} | {memory[len(memory) // 2]} | {after['VmHWM']} | {after['VmRSS']} "
            f"| {opened} | {sum(DONE.values())} |"
        )
        # idle connections of the database's pool may stay; one for each hundred requests would not
        sys.exit(1 if FAILED or open_after > open_before + 20 else 0)


if __name__ == "__main__":
    main()
