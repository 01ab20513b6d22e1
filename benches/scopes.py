"""Memory of readers who are limited to some districts, and what their first answer costs: `make bench-scopes`.

ROWS (1000000), PROGRAM and PORT are variables of the environment. One account for each scope; each asks for all districts, one zone, a tile,
common names and a condition. Prints for each scope its rows, the first answers in milliseconds and the memory that the program holds more after them
(processes keep some of what they free, so the sum over all scopes says more than one row), and at the end the sum beside the whole dataset.
"""

import json
import os
import statistics
import time

import soak
from soak import ask, claimed, resident

ROWS = int(os.environ.get("ROWS", "1000000"))
QUESTIONS = [
    "/zones?kind=district&statistics=true",
    "/summary?zone={zone}",
    "/xyz/enterprises/11/1706/842.mvt",
    "/search?q=%E6%9D%AD%E5%B7%9E",
    "/summary?filter=founded%20%3E%202018",
]


def timed(path):
    began = time.perf_counter()
    status, data = ask("GET", path)
    assert status in (200, 204), (path, status, data[:200])
    return (time.perf_counter() - began) * 1000, data


def main():
    with soak.served(ROWS) as server:
        districts = [zone["id"] for zone in json.loads(timed(QUESTIONS[0])[1])["zones"]]
        for question in QUESTIONS:
            timed(question.format(zone=districts[0]))
        time.sleep(5)
        whole = resident(server.pid)["VmRSS"]
        scopes = [[one] for one in districts] + [districts[:2], districts[:4], districts[: len(districts) // 2]]
        cookies, administrator = [], dict(soak.COOKIE)
        for n, scope in enumerate(scopes):
            status, data = ask("POST", "/accounts", json.dumps({"name": f"s{n}", "role": "viewer", "scope": scope}))
            assert status == 201, data
            cookies.append(claimed(json.loads(data)["link"].split("claim=")[1]))
        print(f"whole: {ROWS} rows, {whole:.0f} MB resident\n")
        print("| districts | rows | first answers ms | second ms | resident MB more | of the whole |")
        print("|---|---|---|---|---|---|")
        start = before = resident(server.pid)["VmRSS"]
        rows = 0
        for scope, cookie in zip(scopes, cookies):
            soak.COOKIE["Cookie"] = cookie
            first = [timed(question.format(zone=scope[0])) for question in QUESTIONS]
            again = [timed(question.format(zone=scope[0]))[0] for question in QUESTIONS]
            here = json.loads(timed("/collections/enterprises/items?limit=1&f=json")[1])["numberMatched"]
            rows += here
            now = resident(server.pid)["VmRSS"]
            shown = " ".join(f"{ms:.0f}" for ms, _ in first)
            print(f"| {len(scope)} | {here} | {shown} | {statistics.fmean(again):.1f} | {now - before:.1f} | {(now - before) / whole:.1%} |")
            before = now
        soak.COOKIE.update(administrator)
        time.sleep(10)
        more = resident(server.pid)["VmRSS"] - start
        print(f"\n{len(scopes)} scopes, {rows} rows together: {more:.0f} MB more, {more / whole / len(scopes):.1%} of the whole each, {more * 2**20 / max(rows, 1):.0f} bytes a row")


if __name__ == "__main__":
    main()
