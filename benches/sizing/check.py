"""The parts of the simulation against queueing theory: within 3 % of the mean time of Erlang C. Seeded, so it holds always or never.

Processors that are shared equally by Poisson arrivals have the mean time of M/M/c whatever the service times are distributed like, and permits in
the order of arrival are M/M/c itself. Cities that are unloaded by when they were last asked for: Che's approximation."""
import math
import random
from types import SimpleNamespace

from events import Clock, Permits, Processor
from simulate import City, Copy, Plan, powers

ARRIVALS = 150_000
MOST = 0.03


def erlang_c(servers, load):
    """How likely an arrival has to wait, for a load in servers."""
    last = load**servers / math.factorial(servers) * servers / (servers - load)
    return last / (sum(load**k / math.factorial(k) for k in range(servers)) + last)


def expected(servers, busy):
    """Mean time within M/M/c in units of the mean service."""
    return 1 + erlang_c(servers, servers * busy) / (servers * (1 - busy))


def exponential(chance):
    return chance.expovariate(1.0)


def constant(_):
    return 1.0


def uneven(chance):
    """Many short and few long: mean 1, squared coefficient of variation 5."""
    short = 0.5 * (1 + math.sqrt(4 / 6))
    return chance.expovariate(2 * short) if chance.random() < short else chance.expovariate(2 * (1 - short))


def simulated(enter, clock, servers, busy, service, seed):
    """Mean time of Poisson arrivals; `enter(work, done)` is what is tried."""
    chance, times = random.Random(seed), []

    def arrive(left):
        begun = clock.now
        enter(service(chance), lambda: times.append(clock.now - begun))
        if left:
            clock.after(chance.expovariate(servers * busy), arrive, left - 1)

    arrive(ARRIVALS)
    clock.run(float("inf"))
    times = times[ARRIVALS // 20 :]
    return sum(times) / len(times)


def shared(servers, busy, service, seed, speed=1.0):
    clock = Clock()
    processor = Processor(clock, servers, speed)
    return simulated(lambda work, done: processor.add(work * speed, done), clock, servers, busy, service, seed)


def in_turn(servers, busy, service, seed, waits=None):
    """Permits with more cores than these, so that they alone make wait."""
    clock = Clock()
    permits, processor = Permits(servers), Processor(clock, 4 * servers)

    def enter(work, done):
        def begin(came):
            if waits is not None:
                waits.append(clock.now - came)
            processor.add(work, end)

        def end():
            permits.give()
            done()

        permits.take(begin, clock.now)

    return simulated(enter, clock, servers, busy, service, seed)


def the_order():
    """How many wait for a permit longer than who waits does on average: Erlang C / e, in the order of arrival and in no other."""
    servers, busy, waits = 2, 0.7, []
    in_turn(servers, busy, exponential, 2, waits)
    longer = sum(wait > 1 / (servers * (1 - busy)) for wait in waits) / len(waits)
    return longer / (erlang_c(servers, servers * busy) / math.e) - 1


def unloaded():
    """How often a city has to be loaded, of 300 cities of one size of which 100 fit, that are asked for independently: Che's approximation."""
    count, fit, asked = 300, 100, 60_000
    popular = powers(count, 0.9)
    clock, chance, misses = Clock(), random.Random(3), []
    around = SimpleNamespace(plan=Plan(memory_gb=fit), clock=clock, processors=[Processor(clock, 1)], missed=misses.append, measured=SimpleNamespace(load=lambda _: (0.0, 0.0, 0.0, 0.0)))
    copy = Copy(around, 0)
    cities = [City(n, 1.0, 1e9, [copy]) for n in range(count)]
    for n in range(asked):
        if n == asked // 10:
            misses.clear()  # all that fit are there
        copy.ask(chance.choices(cities, popular)[0], lambda: None)
        clock.run(clock.now)
    low, high = 0.0, 1e6
    while high - low > 1e-6:
        time = (low + high) / 2
        low, high = (time, high) if sum(1 - math.exp(-p * time) for p in popular) < fit else (low, time)
    return len(misses) / (asked - asked // 10) / sum(p * math.exp(-p * low) for p in popular) - 1


def main():
    assert abs(erlang_c(1, 0.5) - 0.5) < 1e-12 and abs(erlang_c(2, 1.0) - 1 / 3) < 1e-12
    worst = 0.0
    for what, way, services in [("shared", shared, [exponential, constant, uneven]), ("in turn", in_turn, [exponential])]:
        for service in services:
            for seed, (servers, busy) in enumerate([(1, 0.5), (2, 0.7), (8, 0.8), (32, 0.85)]):
                found, theory = way(servers, busy, service, seed + 1), expected(servers, busy)
                off = found / theory - 1
                worst = max(worst, abs(off))
                print(f"{what:8} {service.__name__:12} {servers:3} cores {busy:.0%} busy: {found:.4f}, theory {theory:.4f}, {off:+.2%}")
                assert abs(off) <= MOST, f"{what}, {service.__name__}, {servers} cores: {off:+.2%}"
    off = the_order()
    print(f"long waits for a permit: {off:+.2%}")
    assert abs(off) <= MOST, off
    worst = max(worst, abs(off))
    off = unloaded()
    print(f"cities that are loaded again: {off:+.2%}")
    assert abs(off) <= MOST, off
    worst = max(worst, abs(off))
    half = shared(2, 0.7, exponential, 2, 0.5) / shared(2, 0.7, exponential, 2)
    assert abs(half - 1) < 1e-6, half  # half the work at half the speed takes the same time
    print(f"largest difference {worst:.2%}")


if __name__ == "__main__":
    main()
