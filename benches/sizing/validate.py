"""The simulation beside the service itself: the same session, the same number of users, one copy, one city; times of answers as measured and as
simulated. The client opens connections as a balancer does, and each user asks up to six at a time, as a browser does.

    python3 benches/sizing/validate.py [--binary PROGRAM] [--rows 100000] [--users 20,60,200] [--think 3]

The machine is shared with the client and with whoever else: `speed` is what of a core the service's threads had of the time that they wanted one
(/proc: time on a core and time in the queue for one), and the simulation is given it.
"""
import argparse
import asyncio
import json
import os
import random
import resource
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import mix
import served
from served import Service, client, machine
from simulate import AT_ONCE, Measured, Plan, Simulation, spread

CONNECTIONS = 200  # of one address the service takes 256


def queued(pid):
    """Seconds that all threads of a process were on a core, and waited for one."""
    on, waited = 0, 0
    for task in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{task}/schedstat") as f:
                ran, stood, _ = map(int, f.read().split())
        except OSError:
            continue
        on, waited = on + ran, waited + stood
    return on / 1e9, waited / 1e9


class Client:
    def __init__(self, service, asks, think, seed):
        self.service, self.think, self.chance = service, think, random.Random(seed)
        self.requests = {kind: [service.request(*ask) for ask in of] for kind, of in asks.items()}
        self.free = asyncio.Queue()
        self.times = {kind: [] for kind in mix.KINDS}
        self.failed = 0
        self.steps, self.names, self.weights = mix.steps(), list(mix.WEIGHTS), list(mix.WEIGHTS.values())

    async def connect(self):
        for _ in range(CONNECTIONS):
            self.free.put_nowait(await asyncio.open_connection(client.HOST, self.service.port, limit=1 << 20))

    async def ask(self, kind, request):
        begun = time.perf_counter()
        reader, writer = await self.free.get()
        try:
            writer.write(request)
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            if b"transfer-encoding: chunked" in head:
                while size := int(await reader.readuntil(b"\r\n"), 16):
                    await reader.readexactly(size + 2)
                await reader.readexactly(2)
            elif (at := head.find(b"content-length:")) >= 0:
                await reader.readexactly(int(head[at + 15 : head.index(b"\r", at)]))
            self.failed += int(head[9:12]) >= 400
        finally:
            self.free.put_nowait((reader, writer))
        self.times[kind].append(time.perf_counter() - begun)

    async def user(self, end):
        await asyncio.sleep(self.chance.uniform(0, self.think))
        left = self.chance.randrange(round(mix.SESSION / mix.THINK))
        while time.perf_counter() < end:
            if left <= 0:
                left = round(mix.SESSION / mix.THINK)
                names = ["login", "open"] if self.chance.random() < mix.LOGINS else ["open"]
            else:
                left -= 1
                names = self.chance.choices(self.names, self.weights)
            waiting = []
            for name in names:
                for kind, often in self.steps[name].items():
                    waiting += [kind] * (int(often) + (self.chance.random() < often % 1))

            async def one_by_one():
                while waiting:
                    kind = waiting.pop()
                    await self.ask(kind, self.chance.choice(self.requests[kind]))

            await asyncio.gather(*(one_by_one() for _ in range(min(AT_ONCE, len(waiting)))))
            await asyncio.sleep(self.chance.expovariate(1 / self.think))


async def real(service, asks, users, think, seconds, warm, seed=5):
    c = Client(service, asks, think, seed)
    await c.connect()
    begun = time.perf_counter()
    everybody = [asyncio.create_task(c.user(begun + warm + seconds)) for _ in range(users)]
    await asyncio.sleep(warm)
    for times in c.times.values():
        times.clear()
    before, used, own = queued(service.pid), machine.processor(service.pid), resource.getrusage(resource.RUSAGE_SELF)
    await asyncio.sleep(seconds)
    after, took, now = queued(service.pid), machine.processor(service.pid) - used, resource.getrusage(resource.RUSAGE_SELF)
    times = {kind: list(of) for kind, of in c.times.items()}
    await asyncio.gather(*everybody)
    ran, stood = after[0] - before[0], after[1] - before[1]
    while not c.free.empty():
        c.free.get_nowait()[1].close()
    if c.failed:
        raise SystemExit(f"{c.failed} requests failed")
    return times, {"speed": ran / (ran + stood), "cores_busy": took / seconds,
                   "client_cores": (now.ru_utime + now.ru_stime - own.ru_utime - own.ru_stime) / seconds, "load": machine.load()}


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--binary", default=str(served.ROOT / "target/release/shigu"))
    p.add_argument("--rows", type=int, default=100_000)
    p.add_argument("--users", default="20,60,200")
    p.add_argument("--think", type=float, default=3.0)
    p.add_argument("--seconds", type=float, default=40)
    p.add_argument("--port", type=int, default=18702)
    p.add_argument("--work", default=str(served.ROOT / "target/bench"))
    p.add_argument("--measured", default=str(Path(__file__).with_name("measured.json")))
    p.add_argument("--out", default=str(Path(__file__).with_name("validated.json")))
    args = p.parse_args()
    mix.PUBLISHED = 1e-9
    city, csv = served.make(args.rows, args.work)
    out = {"date": machine.today(), "machine": machine.describe(), "rows": args.rows, "think": args.think, "runs": []}
    with tempfile.TemporaryDirectory(dir=args.work) as folder:
        service = Service(args.binary, city, Path(folder) / "state", args.port, Path(folder) / "log")
        try:
            service.claim()
            service.published(csv)
            asks = served.asks(csv, 60)
            for requests in asks.values():  # all was asked before
                for ask in requests:
                    service.client.ask(service.request(*ask))
            for users in map(int, args.users.split(",")):
                times, about = asyncio.run(real(service, asks, users, args.think, args.seconds, 5))
                plan = replace(Plan(), rows=args.rows, cities=1, machines=1, homes=1, cores=os.cpu_count(), sessions=users, think=args.think, asked_before=1.0,
                               speed=about["speed"], seconds=300, warm=20)
                simulated = Simulation(plan, Measured(args.measured)).run()
                alone = Simulation(replace(plan, speed=1.0), Measured(args.measured)).run()
                everything = [t for of in times.values() for t in of]
                run = {"users": users, **about, "requests_s": len(everything) / args.seconds, "all": spread(everything),
                       "kinds": {kind: spread(of) for kind, of in times.items()}, "simulated": {key: simulated[key] for key in ["requests_s", "cores_busy", "kinds", "page"]}, "alone": alone["kinds"]}
                run["simulated"]["cores_busy"] *= about["speed"]
                out["runs"].append(run)
                print(f"{users} users: {run['requests_s']:.0f}/s ({simulated['requests_s']:.0f}), cores {about['cores_busy']:.2f} ({run['simulated']['cores_busy']:.2f}), "
                      f"speed {about['speed']:.2f}, client {about['client_cores']:.2f} cores, load {about['load']:.1f}", flush=True)
                for kind in ["tile", "outlines", "zone", "search", "drawn", "rows", "docx", "xlsx"]:
                    a, b = run["kinds"][kind], simulated["kinds"][kind]
                    print(f"   {kind:9} n {a['n']:5}  p50 {a['p50']} ({b['p50']})  p99 {a['p99']} ({b['p99']})", flush=True)
        finally:
            service.stop()
    runs = ",\n".join(map(json.dumps, out.pop("runs")))
    Path(args.out).write_text(f"{json.dumps(out)[:-1]}, \"runs\": [\n{runs}]}}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
