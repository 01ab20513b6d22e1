"""Copies of the service behind a balancer that sends each city to its copies, simulated: what 180 million rows in 300 cities and 10,000 users
need, and what gives way first. Service times are those of measured.json, the session is that of mix.py; the rest is in `Plan`.

    python3 benches/sizing/simulate.py [--out FILE] [--seconds 240]
"""
import argparse
import json
import math
import random
import zlib
from collections import OrderedDict
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path

import mix
from events import Clock, Permits, Processor

HERE = Path(__file__).resolve().parent
RENDERED = {"xlsx", "docx"}  # drawn and written for by permits
AT_ONCE = 6  # requests that a browser has under way
LOADING = 2  # cities that a copy loads at once
WAITING = 64  # that wait for a permit; who comes then, and who has waited for PATIENCE seconds, is refused
PATIENCE = 30.0
FOR_A_LOAD = 128  # requests of a copy that wait for cities to be loaded; others are refused


@dataclass(frozen=True)
class Plan:
    """What is simulated. Sizes of cities and how many look at them fall by rank as a power."""

    rows: int = 180_000_000
    cities: int = 300
    sessions: float = mix.at_the_peak(10_000)
    machines: int = 3
    cores: int = 4  # of a machine
    copies: int = 1  # on each machine, which share its cores
    memory_gb: float = 48.0  # for the data of cities, of each copy
    homes: int = 2  # machines that serve a city, a copy at each
    at_once: int | None = None  # files and pictures that a copy makes at once; as many as it has cores, 2 to 8, where it is not said
    rows_power: float = 0.5
    users_power: float = 0.9
    think: float = mix.THINK
    asked_before: float = mix.ASKED_BEFORE
    exports: float = 1.0  # of the files that mix.py has sessions make
    speed: float = 1.0
    fetch_mb_s: float = 100.0  # from the object store, of one copy
    lost_at: float | None = None  # seconds after which a copy is killed
    empty: bool = False  # whether nothing is loaded at the beginning
    seconds: float = 600.0
    warm: float = 30.0
    seed: int = 1

    @property
    def permits(self):
        return self.at_once or min(max(self.cores, 2), 8)


def powers(count, power):
    weights = [k**-power for k in range(1, count + 1)]
    total = sum(weights)
    return [w / total for w in weights]


class Measured:
    """Service times and sizes by rows: between the sizes that were measured straight in logarithms, beyond the largest as between the two largest."""

    def __init__(self, path=HERE / "measured.json"):
        self.found = json.loads(Path(path).read_text(encoding="utf-8"))
        self.cities = sorted(self.found["cities"], key=lambda c: c["rows"])

    def at(self, rows, of):
        """A measured figure of a city, `of(city)`, for so many rows."""
        sizes = [c["rows"] for c in self.cities]
        values = [max(of(c), 1e-6) for c in self.cities]
        if len(sizes) == 1 or rows <= sizes[0]:
            return values[0]
        k = next((k for k in range(1, len(sizes)) if rows <= sizes[k]), len(sizes) - 1)
        slope = (math.log(values[k]) - math.log(values[k - 1])) / (math.log(sizes[k]) - math.log(sizes[k - 1]))
        if rows > sizes[-1]:
            slope = max(0.0, min(1.0, slope))  # a noise of measuring is not carried on, and nothing grows faster than the rows
        return values[k - 1 if rows <= sizes[-1] else k] * (rows / sizes[k - 1 if rows <= sizes[-1] else k]) ** slope

    @cache
    def curve(self, kind, when, rows):
        """Seconds of processor time at equal steps of probability, with the mean that was measured."""
        points = range(len(self.cities[0]["kinds"][kind][when]["curve"]))
        curve = [self.at(rows, lambda c, p=p: c["kinds"][kind][when]["curve"][p]) for p in points]
        mean = self.at(rows, lambda c: c["kinds"][kind][when]["mean"])
        straight = (sum(curve) - (curve[0] + curve[-1]) / 2) / (len(curve) - 1)
        return [value / 1e3 * mean / straight for value in curve]

    def bytes(self, kind, rows):
        return self.at(rows, lambda c: c["kinds"][kind]["bytes"])

    def memory(self, rows):
        """Bytes of a loaded city, the program itself not counted."""
        return rows * self.row_bytes() + 5e6

    def row_bytes(self):
        """What a row takes of a program that has answered all kinds of requests, by the two largest cities that were measured."""
        small, large = self.cities[-2:]
        return (large["memory"]["after_mb"] - small["memory"]["after_mb"]) * 1.048576e6 / (large["rows"] - small["rows"])

    @cache
    def load(self, rows):
        """Processor seconds until a city is there from a snapshot file, and from columns; what is done after either; megabytes of the columns."""
        program = self.cities[0]["from_snapshot"]["cpu_s"] * 0.8  # its own start
        return (max(0.005, self.at(rows, lambda c: c["from_snapshot"]["cpu_s"]) - program), self.at(rows, lambda c: c["loaded"]["cpu_s"]),
                self.at(rows, lambda c: c["from_snapshot"]["then_cpu_s"]), self.at(rows, lambda c: c["disk"]["version_mb"]))

    def publishing(self, rows):
        return self.at(rows, lambda c: c["published"]["check_cpu_s"] + c["published"]["publish_cpu_s"])


@dataclass
class City:
    number: int
    rows: float
    memory: float
    homes: list


class Copy:
    def __init__(self, simulation, number):
        plan = simulation.plan
        self.simulation, self.number, self.machine, self.alive, self.open = simulation, number, number // plan.copies, True, 0
        self.processor = simulation.processors[self.machine]
        self.permits, self.loads = Permits(plan.permits), Permits(LOADING)
        self.loaded, self.kept, self.loading = OrderedDict(), set(), {}
        self.used, self.most, self.most_open = 0.0, 0.0, 0

    def keep(self, city):
        """Loaded, and others unloaded until all fit."""
        self.loaded[city.number] = city.memory
        self.used += city.memory
        self.kept.add(city.number)
        while self.used > self.simulation.plan.memory_gb * 1e9 and len(self.loaded) > 1:
            _, memory = self.loaded.popitem(last=False)
            self.used -= memory
        self.most = max(self.most, self.used)

    def ask(self, city, do, *of):
        """`do` once the city is loaded."""
        if city.number in self.loaded:
            self.loaded.move_to_end(city.number)
            do(*of)
        elif sum(map(len, self.loading.values())) >= FOR_A_LOAD:
            self.simulation.refuse(of)
        elif city.number in self.loading:
            self.loading[city.number].append((do, of))
        else:
            self.loading[city.number] = [(do, of)]
            self.simulation.missed(city)
            self.loads.take(self.load, city)

    def load(self, city):
        quick, slow, _, megabytes = self.simulation.measured.load(city.rows)
        if city.number in self.kept:
            self.processor.add(quick, self.ready, city)
        else:
            self.simulation.clock.after(megabytes / self.simulation.plan.fetch_mb_s, self.fetched, city, slow)

    def fetched(self, city, slow):
        if self.alive:
            self.processor.add(slow, self.ready, city)

    def ready(self, city):
        self.loads.give()
        self.keep(city)
        self.processor.add(self.simulation.measured.load(city.rows)[2], lambda: None)  # the index of names, beside the first requests
        for do, of in self.loading.pop(city.number):
            do(*of)


class Session:
    """Somebody at the page, who takes step after step and then goes on in another city."""

    def __init__(self, simulation):
        self.simulation, self.waiting, self.under_way = simulation, [], 0
        self.left = simulation.chance.randrange(simulation.steps_of_session)
        self.city = simulation.pick()
        simulation.clock.after(simulation.chance.uniform(0, simulation.plan.think), self.step)

    def step(self):
        s = self.simulation
        if self.left <= 0:
            self.left, self.city = s.steps_of_session, s.pick()
            names = ["login", "open"] if s.chance.random() < mix.LOGINS else ["open"]
        else:
            self.left -= 1
            names = [s.chance.choices(s.names, cum_weights=s.weights)[0]]
        for name in names:
            for kind, often in s.steps[name].items():
                self.waiting.extend([kind] * (int(often) + (s.chance.random() < often % 1)))
        if not self.waiting:
            self.rest()
        while self.waiting and self.under_way < AT_ONCE:
            self.next()

    def next(self):
        self.under_way += 1
        self.simulation.ask(self.city, self.waiting.pop(), self.answered)

    def answered(self):
        self.under_way -= 1
        if self.waiting:
            self.next()
        elif not self.under_way:
            self.rest()

    def rest(self):
        s = self.simulation
        s.clock.after(s.chance.expovariate(1 / s.plan.think), self.step)


class Simulation:
    def __init__(self, plan, measured):
        self.plan, self.measured, self.chance, self.clock = plan, measured, random.Random(plan.seed), Clock()
        self.steps = mix.steps()
        self.names = list(mix.WEIGHTS)
        weights = [weight * (plan.exports if name in RENDERED else 1.0) for name, weight in mix.WEIGHTS.items()]
        self.weights = [sum(weights[: k + 1]) for k in range(len(weights))]
        self.steps_of_session = round(mix.SESSION / mix.THINK)
        self.processors = [Processor(self.clock, plan.cores, plan.speed) for _ in range(plan.machines)]
        self.copies = [Copy(self, n) for n in range(plan.machines * plan.copies)]
        self.cities = [self.city(n, share * plan.rows) for n, share in enumerate(powers(plan.cities, plan.rows_power))]
        popular = powers(plan.cities, plan.users_power)
        self.popular = [sum(popular[: k + 1]) for k in range(plan.cities)]
        self.times = {kind: [] for kind in mix.KINDS}
        self.misses, self.waits, self.bytes, self.requests, self.again, self.refused = [], [], 0.0, 0, 0, 0
        self.last_refused = 0.0
        if not plan.empty:
            for city in reversed(self.cities):
                for copy in city.homes:
                    copy.keep(city)
        for _ in range(round(plan.sessions)):
            Session(self)
        a_second = mix.PUBLISHED * mix.PEAK_HOUR / 3600 * plan.cities
        self.clock.after(self.chance.expovariate(a_second), self.publish, a_second)
        if plan.lost_at is not None:
            self.clock.after(plan.lost_at, self.lose)

    def city(self, number, rows):
        return City(number, rows, self.measured.memory(rows), self.homes_of(number, self.plan.homes))

    def homes_of(self, number, count):
        """The copies that a city weighs most, each at another machine: where one is lost, cities of others stay where they are."""
        weigh = lambda copy: zlib.crc32(f"{number}/{copy.number}".encode())
        homes = {}
        for copy in sorted((copy for copy in self.copies if copy.alive), key=weigh, reverse=True):
            homes.setdefault(copy.machine, copy)
        return list(homes.values())[:count]

    def pick(self):
        return self.cities[self.chance.choices(range(len(self.cities)), cum_weights=self.popular)[0]]

    def home(self, city):
        """The one of its copies that has the least under way; where all are lost, the next."""
        homes = [copy for copy in city.homes if copy.alive]
        if not homes:
            homes = city.homes = self.homes_of(city.number, 1)
        return min(homes, key=lambda copy: copy.open)

    def ask(self, city, kind, answered):
        self.send(self.clock.now, city, kind, answered)

    def send(self, begun, city, kind, answered):
        copy = self.home(city)
        copy.open += 1
        copy.most_open = max(copy.most_open, copy.open)
        copy.ask(city, self.serve, copy, begun, city, kind, answered)

    def serve(self, copy, begun, city, kind, answered):
        if not copy.alive:
            return self.send(begun, city, kind, answered)
        curve = self.measured.curve(kind, "again" if self.chance.random() < self.plan.asked_before else "first", city.rows)
        place = self.chance.random() * (len(curve) - 1)
        k = int(place)
        seconds = curve[k] + (curve[k + 1] - curve[k]) * (place - k)
        what = (copy, begun, city, kind, answered)
        if kind in RENDERED and len(copy.permits.waiting) >= WAITING:
            self.refuse(what)
        elif kind in RENDERED:
            copy.permits.take(self.draw, seconds, what, self.clock.now)
        else:
            copy.processor.add(seconds, self.done, *what)

    def refuse(self, what):
        copy, _, _, kind, answered = what
        copy.open -= 1
        self.refused += self.measuring()
        if kind not in RENDERED:
            self.last_refused = self.clock.now
        answered()

    def draw(self, seconds, what, asked):
        if self.measuring():
            self.waits.append(self.clock.now - asked)
        if self.clock.now - asked > PATIENCE:
            what[0].permits.give()
            return self.refuse(what)
        what[0].processor.add(seconds, self.drawn, *what)

    def drawn(self, copy, *what):
        copy.permits.give()
        self.done(copy, *what)

    def done(self, copy, begun, city, kind, answered):
        copy.open -= 1
        if self.measuring():
            self.times[kind].append(self.clock.now - begun)
            self.bytes += self.measured.bytes(kind, city.rows)
            self.requests += 1
        answered()

    def measuring(self):
        return self.clock.now >= self.plan.warm

    def missed(self, city):
        if self.measuring():
            self.misses.append((self.clock.now, city.rows))

    def publish(self, a_second):
        """A city's table is checked and published at one of its copies; the others load it then."""
        city = self.cities[self.chance.randrange(len(self.cities))]
        first = self.home(city)
        first.processor.add(self.measured.publishing(city.rows), self.published, city, first)
        self.clock.after(self.chance.expovariate(a_second), self.publish, a_second)

    def published(self, city, first):
        for copy in city.homes:
            if copy is not first and copy.alive and city.number in copy.loaded:
                copy.processor.add(sum(self.measured.load(city.rows)[1:3]), lambda: None)

    def lose(self):
        """A machine is lost: what was under way there is asked again elsewhere."""
        gone = [copy for copy in self.copies if copy.machine == 0]
        for copy in gone:
            copy.alive = False
        again = [of for done, of in self.processors[0].clear() if done in (self.done, self.drawn)]
        for copy in gone:
            again += [of for waits in copy.loading.values() for _, of in waits]
            again += [what for _, (_, what, _) in copy.permits.waiting]
            copy.loading.clear()
        for _, *what in again:
            self.again += 1
            self.send(*what)

    def run(self):
        plan = self.plan
        self.clock.run(plan.warm)
        before = []
        for processor in self.processors:
            processor.advance()
            before.append(processor.busy)
        self.clock.run(plan.warm + plan.seconds)
        busy = []
        for processor, had in zip(self.processors, before):
            processor.advance()
            busy.append((processor.busy - had) / plan.seconds / plan.cores / plan.speed)
        pages = [t for kind, times in self.times.items() if kind not in RENDERED for t in times]
        minutes = plan.seconds / 60
        return {
            "plan": asdict(plan),
            "requests_s": self.requests / plan.seconds,
            "busy": sum(busy) / len(busy),
            "busiest": max(busy),
            "cores_busy": sum(busy) * plan.cores,
            "memory_gb": max(sum(copy.most for copy in self.copies if copy.machine == m) for m in range(plan.machines)) / 1e9,
            "all_memory_gb": sum(copy.most for copy in self.copies) / 1e9,
            "misses_min": len(self.misses) / minutes,
            "network_mb_s": self.bytes / plan.seconds / 1e6,
            "permit_wait": spread(self.waits),
            "page": spread(pages),
            "kinds": {kind: spread(times) for kind, times in self.times.items()},
            "most_open": max(copy.most_open for copy in self.copies),
            "asked_again": self.again,
            "refused": self.refused,
            "last_refused_s": round(self.last_refused, 1),
        }


def spread(values):
    """Milliseconds of p50, p95, p99 and how many."""
    values = sorted(values)
    at = lambda p: round(values[min(len(values) - 1, int(p * len(values)))] * 1e3, 3) if values else None
    return {"n": len(values), "p50": at(0.5), "p95": at(0.95), "p99": at(0.99)}


def variants(base):
    """What is asked of the plan: half and double of what it rests on, less and more of what it has, and what happens when a machine is lost."""
    twice, all_at_once = replace(base, sessions=base.sessions * 2), replace(base, sessions=10_000, seconds=base.seconds / 2)
    large = replace(all_at_once, machines=6, cores=8, homes=4)
    return {
        "base": base,
        "half the users": replace(base, sessions=base.sessions / 2),
        "twice the users": twice,
        "twice the users, two copies on each machine": replace(twice, copies=2),
        "twice the users, two permits a copy": replace(twice, at_once=2),
        "all 10,000 at once": all_at_once,
        "all 10,000 at once, six machines of eight cores": large,
        "a quarter of the exports": replace(base, exports=0.25),
        "half the rows": replace(base, rows=base.rows // 2),
        "twice the rows": replace(base, rows=base.rows * 2, memory_gb=base.memory_gb * 2),
        "users even (power 0.6)": replace(base, users_power=0.6),
        "users in few cities (power 1.2)": replace(base, users_power=1.2),
        "one machine": replace(base, machines=1, homes=1),
        "two machines": replace(base, machines=2),
        "six machines": replace(base, machines=6),
        "each city at one machine": replace(base, homes=1),
        "two copies on each machine": replace(base, copies=2),
        "two permits a copy": replace(base, at_once=2),
        "memory for 3/4 of the cities' data": replace(base, memory_gb=22.5),
        "memory for half of the cities' data": replace(base, memory_gb=15.0),
        "nothing asked before": replace(base, asked_before=0.0),
        "a machine is lost": replace(base, lost_at=base.warm),
        "all start empty": replace(base, empty=True, warm=0.0),
    }


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--out", default=str(HERE / "simulated.json"))
    p.add_argument("--measured", default=str(HERE / "measured.json"))
    p.add_argument("--seconds", type=float, default=Plan.seconds)
    p.add_argument("--only", help="names of variants, separated by |; the others stay as they are in the file")
    args = p.parse_args()
    measured, out = Measured(args.measured), {}
    for name, plan in variants(Plan(seconds=args.seconds)).items():
        if args.only and name not in args.only.split("|"):
            continue
        found = out[name] = Simulation(plan, measured).run()
        print(f"{name:32} {found['requests_s']:6.0f}/s, busy {found['busy']:.0%}, busiest {found['busiest']:.0%}, page p50 {found['page']['p50']} p95 {found['page']['p95']} "
              f"p99 {found['page']['p99']} ms, xlsx p95 {found['kinds']['xlsx']['p95']} ms, waits {found['permit_wait']['p95']}, misses {found['misses_min']:.1f}/min, {found['memory_gb']:.1f} GB", flush=True)
    if args.only:
        out = json.loads(Path(args.out).read_text(encoding="utf-8")) | out
    Path(args.out).write_text("{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in out.items()) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
