#!/usr/bin/env python3
"""The cluster of deploy/cluster, tried: the same bytes as one program alone, copies and machines that are killed under load, what was
acknowledged found again. `make test-cluster` runs it; SHIGU_CLUSTER_SECONDS makes each part longer than a smoke test.

    tests/cluster/run.py PROGRAM [PART ...]
"""

import contextlib
import http.client
import itertools
import json
import os
import pathlib
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "deploy/cluster"))
from cluster import HOST, Cluster, Copy, Failed, Machine, ask, free_ports, ready, until  # noqa: E402

GEODATA = ROOT / "tests/data/tinyville"
PASSWORD = "一个够长的口令 1234"
#: Seconds that something is left as it is, killed or away.
SECONDS = float(os.environ.get("SHIGU_CLUSTER_SECONDS", "3"))
READS = [
    "/dataset",
    "/summary?zone=T02",
    "/zones",
    "/zones/lq",
    "/collections/enterprises/items?limit=5&f=html",
    "/collections/enterprises/items?limit=50",
    "/tiles/WebMercatorQuad/10/422/853",
    "/",
]


def check(holds, *what):
    if not holds:
        raise Failed(" ".join(map(str, what)))


def administrator(port, copy):
    """Makes the first administrator by the link of a copy, at an address; the session."""
    body = json.dumps({"token": copy.claim(), "name": "管理员", "password": PASSWORD})
    status, headers, text = ask(port, "/session/claim", "POST", body, {"Content-Type": "application/json"})
    check(status == 200, "claim", status, text)
    return cookies(headers)


def cookies(headers):
    return "; ".join(value.split(";")[0] for value in headers.get_all("Set-Cookie") or [])


class Load:
    """Readers who ask again and again through the balancer, each on a connection that stays."""

    def __init__(self, port, paths=READS, readers=3):
        self.port, self.paths = port, paths
        self.stopped, self.errors, self.times = threading.Event(), [], []
        self.threads = [threading.Thread(target=self.read, args=[n], daemon=True) for n in range(readers)]

    def read(self, n):
        connection = http.client.HTTPConnection(HOST, self.port, timeout=60)
        for path in itertools.cycle(self.paths[n:] + self.paths[:n]):
            if self.stopped.is_set():
                return connection.close()
            begun = time.monotonic()
            try:
                connection.request("GET", path)
                answer = connection.getresponse()
                answer.read()
                if answer.status != 200:
                    self.errors.append((path, answer.status))
            except (OSError, http.client.HTTPException) as e:
                self.errors.append((path, repr(e)))
                connection.close()
            self.times.append(time.monotonic() - begun)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        for thread in self.threads:
            thread.join()
        self.times.sort()

    def said(self):
        at = lambda share: self.times[min(len(self.times) - 1, int(len(self.times) * share))] * 1000  # noqa: E731
        return f"{len(self.errors)} errors in {len(self.times)} reads, p50 {at(0.5):.1f}, p99 {at(0.99):.1f}, slowest {at(1):.0f} ms"

    def without_error(self, what):
        check(len(self.times) > 50, what, "hardly anything was read:", len(self.times))
        check(not self.errors, what, self.said(), self.errors[:5])


#: What says something of the process or of the moment, and the pages of people that show it.
OWN = re.compile(r"^/(healthz|readyz|metrics|session|versions|imports|audit|accounts|jobs|links|saved|events)")


#: What each answer says of its own request: its number, and the moment in items and in GeoPackages (`last_change`).
MOMENT = re.compile(rb'(?<="request_id":")[^"]*|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z')


def differing(one, other):
    """Where two texts part."""
    at = next((at for at, pair in enumerate(zip(one, other)) if pair[0] != pair[1]), min(len(one), len(other)))
    return [text[max(0, at - 80) : at + 80] for text in (one, other)]


def links(body):
    """Addresses of an answer in JSON."""
    found, left = [], [json.loads(body)]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            left.extend(one.values())
            found.extend(one[key] for key in ("href", "url") if isinstance(one.get(key), str))
        elif isinstance(one, list):
            left.extend(one)
    return found


def same_bytes(cluster, _):
    """Each answer that can be reached by links, and questions, maps, tiles and files besides: at one program alone and through the balancer."""
    alone = Copy(cluster, "alone", free_ports(1)[0])
    data = alone.folder / "data"

    def start():
        alone.spawn(cluster.serve(alone.port, data), {"NO_COLOR": "1"})
        until("the program alone", lambda: alone.alive() and ready(alone.port, "/readyz"))

    try:
        start()
        # two installations never have the same noise in protected figures: this one gets the cluster's
        alone.stop()
        noise = cluster.sql("SELECT encode(value, 'hex') FROM secrets WHERE name = 'noise'", "shigu")
        with contextlib.closing(sqlite3.connect(data / "shigu.sqlite3")) as database, database:
            changed = database.execute("UPDATE secrets SET value = ? WHERE name = 'noise'", [bytes.fromhex(noise)])
            check(changed.rowcount == 1, "no secret to replace")
        start()
        questions = [
            ("GET", path, None)
            for path in [
                *READS,
                "/?f=json",
                "/openapi.json",
                "/summary?filter=cluster%3D%27vision%27",
                *(f"/map?width=400&height=300&f={f}" for f in ("png", "svg")),
                *(f"/zones/{what}" for what in ("change", "profile", "ranking", "ratios", "pairs", "chain", "movements")),
                *(f"/hotspots/{what}" for what in ("areas", "hexagons", "density", "distances")),
                *(f"/report/{zone}?format={f}&lang={lang}" for zone in ("T01", "T02") for f in ("csv", "xlsx", "docx", "pdf", "html") for lang in ("zh", "en")),
                "/nowhere",
                "/summary?zone=XXX",
            ]
        ]
        area = {"polygon": [[120.0, 30.0], [120.1, 30.0], [120.1, 30.1], [120.0, 30.1], [120.0, 30.0]]}
        questions += [("POST", "/summary", json.dumps(body)) for body in (area, {"zone": "T02"}, {"circle": {"center": [120.05, 30.05], "radius_m": 3000}})]
        seen, kinds, compared = {path for _, path, _ in questions}, {}, 0
        while questions:
            method, path, body = questions.pop(0)
            headers = {"Content-Type": "application/json"} if body else {}
            answers = []
            for port in [alone.port, cluster.port, cluster.port]:
                status, found, text = ask(port, path, method, body, headers)
                text = MOMENT.sub(b"", text)
                answers.append((status, found.get("ETag"), found.get("Content-Type"), text))
            for other in answers[1:]:
                check(other[:3] == answers[0][:3], method, path, answers[0][:3], other[:3])
                check(other[3] == answers[0][3], method, path, *differing(answers[0][3], other[3]))
            compared += 1
            kinds[answers[0][0]] = kinds.get(answers[0][0], 0) + 1
            if method == "GET" and answers[0][0] == 200 and (answers[0][2] or "").split(";")[0].endswith("json"):
                for href in links(answers[0][3]):
                    url = urllib.parse.urlsplit(urllib.parse.urljoin(f"http://{HOST}:{cluster.port}{path}", href))
                    to = url.path + (f"?{url.query}" if url.query else "")
                    if url.port == cluster.port and "{" not in to and to not in seen and not OWN.match(to) and len(seen) < 400:
                        seen.add(to)
                        questions.append(("GET", to, None))
        check(kinds.get(200, 0) > 60, "too few answers were compared:", kinds)
        return f"{compared} answers, body, ETag and type equal; by status {kinds}"
    finally:
        alone.kill()


def copies_come_and_go(cluster, _):
    """Each copy killed, and each rolled, while readers go on."""
    said = []
    for how in ["killed", "rolled"]:
        with Load(cluster.port) as load:
            time.sleep(1)
            for copy in cluster.copies:
                copy.kill() if how == "killed" else copy.stop()
                time.sleep(SECONDS)
                copy.start()
                time.sleep(1)
        load.without_error(how)
        said.append(f"{how}: {load.said()}")
    return "; ".join(said)


def link(cluster, session, n):
    """Makes a short link; its code, or none where it was not made now."""
    headers = {"Content-Type": "application/json", "Cookie": session}
    body = json.dumps({"target": f"?zone=T02&n={n}"})
    # one address may make only so many
    source = f"127.0.{n // 250 + 1}.{n % 250 + 1}"
    try:
        status, found, text = ask(cluster.port, "/links", "POST", body, headers, source=source)
    except (OSError, http.client.HTTPException):
        return None
    check(status in (200, 201, 503), status, text[:300])
    check(status != 503 or found["Retry-After"], "503 without Retry-After")
    return json.loads(text)["code"] if status < 300 else None


def two_of_three_etcd_die(cluster, session):
    """Nobody knows any more who is the primary: it steps down, reading goes on, and with a majority so do changes."""
    n = itertools.count(5000)
    with Load(cluster.port) as load:
        for one in cluster.etcd[:2]:
            one.kill()
        until("the primary to step down", lambda: link(cluster, session, next(n)) is None)
        time.sleep(SECONDS)
        for one in cluster.etcd[:2]:
            one.start()
        back = time.monotonic()
        until("changes, again", lambda: link(cluster, session, next(n)))
        back = time.monotonic() - back
    load.without_error("without a majority of etcd")
    return f"changes again {back:.1f} s after the majority was back; {load.said()}"


def a_database_machine_dies(cluster, session):
    """The primary with its Patroni, twice, so that the one that came back takes over from the other; nothing acknowledged is lost."""
    kept, back = [], []

    def made():
        code = link(cluster, session, next(n))
        kept.extend([code] if code else [])
        return code

    n = itertools.count()
    with Load(cluster.port) as load:
        for _ in range(2):
            for _ in range(20):
                until("a link", made)
            until("primary and standby", cluster.is_settled)
            dying = cluster.primary()
            dying.kill()
            died = time.monotonic()
            until("changes, again", made)
            back.append(time.monotonic() - died)
            dying.start()
            until("the machine that comes back", lambda: dying.alive() and dying.follows())
    load.without_error("while a machine dies")
    for code in kept:
        status = ask(cluster.port, f"/s/{code}")[0]
        check(status == 302, "a link that was acknowledged:", code, status)
    check(len(set(kept)) == len(kept), "one link for two questions")
    times = ", ".join(f"{seconds:.1f}" for seconds in back)
    return f"changes again after {times} s; 0 of {len(kept)} links lost; {load.said()}"


def one_of_three_etcd_dies(cluster, session):
    """A majority is left: nothing is noticed."""
    primary = cluster.primary()
    with Load(cluster.port) as load:
        cluster.etcd[0].kill()
        time.sleep(max(SECONDS, 3))
        check(cluster.primary() is primary, "the primary changed")
        cluster.etcd[0].start()
    load.without_error("without one etcd")
    return load.said()


def published_is_seen(cluster, session):
    """Whoever publishes never sees the version before; the others serve it soon."""
    jar, times = session, []
    for n in range(1, 6):
        head = "企业名称,区县,经度,纬度,2025年营收(万元)\n"
        table = head + "".join(f"杭州第{i}智能有限公司,西区,120.0{i % 5000 + 1000:04},30.05123,{i}\n" for i in range(n))
        headers = {"Cookie": jar, "Content-Type": "application/octet-stream"}
        status, _, text = ask(cluster.port, "/imports?file=a.csv", "POST", table.encode(), headers)
        check(status == 201, "import", status, text[:300])
        place, headers = f"/imports/{json.loads(text)['id']}", {"Cookie": jar, "Content-Type": "application/json"}
        status, _, text = ask(cluster.port, f"{place}/check", "POST", '{"crs": "wgs84"}', headers)
        check(status == 202, "check", status, text[:300])
        until("the check", lambda: json.loads(ask(cluster.port, place, headers=headers)[2])["state"] == "checked")
        status, found, text = ask(cluster.port, f"{place}/publish", "POST", "{}", headers)
        check(status == 201, "publish", status, text[:300])
        done = time.monotonic()
        jar = "; ".join([session.split("; ")[0], cookies(found)])
        count = lambda port, headers: json.loads(ask(port, "/collections/enterprises/items?limit=1", headers=headers)[2])["numberMatched"]  # noqa: E731
        for _ in range(20):
            seen = count(cluster.port, {"Cookie": jar})
            check(seen == n, f"the publisher sees {seen} rows, not {n}")
        until("the copies", lambda: all(count(copy.port, {}) == n for copy in cluster.copies))
        times.append(time.monotonic() - done)
    return f"0 of {20 * len(times)} answers to the publisher old; all copies after {max(times):.2f} s at most"


def the_object_store_stands_still(cluster, _):
    with Load(cluster.port) as load:
        cluster.objects.process.send_signal(signal.SIGSTOP)
        try:
            time.sleep(SECONDS)
        finally:
            cluster.objects.process.send_signal(signal.SIGCONT)
    load.without_error("without the object store")
    return load.said()


def a_backup_is_restored(cluster, session):
    """A dump goes into an empty database; a copy with an empty disk on it has the version that is current, and the links."""
    code = until("a link", lambda: link(cluster, session, 9999))
    dump = cluster.folder / "shigu.dump"
    server = f"postgres://postgres:{cluster.passwords['postgres']}@{HOST}:{cluster.primary().port}"
    subprocess.run(["pg_dump", "-Fc", "-f", dump, f"{server}/shigu"], check=True)
    cluster.sql("CREATE DATABASE restored OWNER shigu")
    restore = ["pg_restore", "-O", "--role=shigu", "--exit-on-error", "-d", f"{server}/restored", dump]
    subprocess.run(restore, check=True)
    copy = Copy(cluster, "restored", free_ports(1)[0])
    settings = {**cluster.settings(), "SHIGU_DATABASE": cluster.address(database="restored")}
    copy.spawn(cluster.serve(copy.port, copy.folder / "data"), settings)
    try:
        until("the restored copy", lambda: copy.alive() and ready(copy.port, "/readyz"))
        revisions = [json.loads(ask(port, "/dataset")[2])["revision"] for port in (copy.port, cluster.port)]
        check(revisions[0] == revisions[1], "revisions:", revisions)
        check(ask(copy.port, f"/s/{code}")[0] == 302, "the link is not there")
        count = len(json.loads(ask(copy.port, "/versions", headers={"Cookie": session})[2])["versions"])
        check(count >= 1, "no versions")
        return f"{dump.stat().st_size} bytes, {count} versions, revision {revisions[0]}"
    finally:
        copy.kill()


PROXY = """
defaults
    mode tcp
    timeout connect 1s
    timeout client 1m
    timeout server 1m
listen v1
    bind "${BIND_1}"
    server a "${COPY}" send-proxy
listen v2
    bind "${BIND_2}"
    server a "${COPY}" send-proxy-v2
"""


def haproxy_says_whose_a_connection_is(cluster, _):
    """HAProxy passes connections on by both versions of the PROXY protocol; the log of what was done has the readers' addresses."""
    copy, proxy = Copy(cluster, "proxied", free_ports(1)[0]), Machine(cluster, "proxy")
    ports = free_ports(2)
    (proxy.folder / "haproxy.cfg").write_text(PROXY)
    addresses = {"BIND_1": f":{ports[0]}", "BIND_2": f":{ports[1]}", "COPY": f"{HOST}:{copy.port}"}
    copy.spawn([*cluster.serve(copy.port, copy.folder / "data"), "--proxy-protocol", f"{HOST},10.0.0.0/8"], {"NO_COLOR": "1"})
    try:
        proxy.spawn(["haproxy", "-db", "-f", "haproxy.cfg"], addresses)
        until("the proxied copy", lambda: copy.alive() and ready(ports[0], "/readyz"))
        session = administrator(ports[0], copy)
        for port, source in [(ports[0], "127.0.7.1"), (ports[1], "127.0.7.2")]:
            body = json.dumps({"name": "管理员", "password": "falsch"})
            status, _, text = ask(port, "/session", "POST", body, {"Content-Type": "application/json"}, source=source)
            check(status in (401, 403), status, text)
        audit = ask(ports[1], "/audit", headers={"Cookie": session})[2].decode()
        for source in ["127.0.7.1", "127.0.7.2"]:
            check(source in audit, source, "is not in", audit[:1000])
        try:
            status = ask(copy.port, "/readyz", timeout=10)[0]
        except (OSError, http.client.HTTPException):
            status = None
        check(status is None, "a connection without a header was served:", status)
        return "both versions; who did something is known by address"
    finally:
        proxy.kill()
        copy.kill()


def cities_at_two_copies(cluster, _):
    """Several cities at two copies over the same database and another prefix: each has a schema, and both say the same, whatever they have loaded."""
    folder = cluster.folder / "cities"
    for city in ["tiny-ville", "twin"]:
        shutil.copytree(GEODATA, folder / city, dirs_exist_ok=True)
    copies = [Copy(cluster, f"cities-{name}", port) for name, port in zip("ab", free_ports(2))]
    settings = {**cluster.settings(), "SHIGU_OBJECTS": "s3://shigu/province"}
    try:
        for one in copies:
            one.spawn(cluster.serve_of(["--cities", folder], one.port, one.folder / "data"), settings)
        for one in copies:
            until(one.name, lambda one=one: one.alive() and ready(one.port, "/readyz"))
        # the first has both, the second none
        for city in ["tiny-ville", "twin"]:
            check(ask(copies[0].port, f"/cities/{city}/dataset")[0] == 200, city)
        sums = [ask(one.port, "/cities/summary") for one in copies]
        check(sums[0][0] == 200 and sums[0][2] == sums[1][2], *[text for _, _, text in sums])
        check(sorted(json.loads(sums[1][2])["cities"]) == ["tiny-ville", "twin"], sums[1][2])
        states = [city["state"] for city in json.loads(ask(copies[1].port, "/cities")[2])["cities"]]
        check(states == ["not loaded", "not loaded"], states)
        for path in READS:
            answers = [ask(one.port, f"/cities/twin{path}") for one in copies]
            both = [(status, head.get("ETag"), MOMENT.sub(b"", text)) for status, head, text in answers]
            check(both[0] == both[1] and both[0][0] == 200, path, *[one[:2] for one in both])
        noise = [cluster.sql(f"SELECT encode(value, 'hex') FROM {schema}.secrets WHERE name = 'noise'", "shigu") for schema in ['"city_tiny-ville"', "city_twin"]]
        check(len(set(noise)) == 2, "two cities have one secret")
        return f"{len(READS)} answers and the sums over cities equal; a schema for each city"
    finally:
        for one in copies:
            one.kill()


PARTS = [
    same_bytes,
    published_is_seen,
    copies_come_and_go,
    one_of_three_etcd_dies,
    two_of_three_etcd_die,
    a_database_machine_dies,
    the_object_store_stands_still,
    a_backup_is_restored,
    haproxy_says_whose_a_connection_is,
    cities_at_two_copies,
]


def main():
    program, *names = sys.argv[1:] or ["target/debug/shigu"]
    parts = [part for part in PARTS if not names or part.__name__ in names]
    failed = 0
    begun = time.monotonic()
    with Cluster(program, GEODATA) as cluster:
        print(f"the cluster stands after {time.monotonic() - begun:.1f} s", flush=True)
        session = administrator(cluster.port, cluster.copies[0])
        for part in parts:
            begun = time.monotonic()
            try:
                said = part(cluster, session)
            except Failed as e:
                failed, said = failed + 1, f"FAILED: {e}"
            print(f"{part.__name__}: {said} ({time.monotonic() - begun:.0f} s)", flush=True)
            if said.startswith("FAILED"):
                for one in cluster.machines():
                    print(f"-- {one.name}: {one.log.read_text()[-300:] if one.log.exists() else ''}", flush=True)
    print(f"{len(parts) - failed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
