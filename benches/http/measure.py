"""Asks all engines the same questions in turns, compares the answers, and keeps the times. A wrong answer ends the run."""
import math
import time

import machine

BLOCKS = 5  # the questions are cut into so many blocks; every engine does a block before any does the next
BUDGET = 45  # seconds that one peer gets for one workload; it then answers no more questions of it


class Wrong(SystemExit):
    """Two engines disagree."""


def same(a, b):
    """Equal, sums of money to the cent (engines that add in binary fractions drift below that)."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, float) or isinstance(b, float):
        return math.isclose(a, b, rel_tol=1e-10, abs_tol=0.006)
    return a == b


def agree(what, ours, theirs, name):
    if not same(ours, theirs):
        raise Wrong(f"{what}: Shigu answers {str(ours)[:600]}, {name} answers {str(theirs)[:600]}")


class Clock:
    """CPU time of our server between two moments."""

    def __init__(self, pid):
        self.pid, self.ticks, self.fine = pid, machine.cpu(pid), machine.cpu_fine(pid)

    def ms(self):
        fine = (machine.cpu_fine(self.pid) - self.fine) * 1e3
        return max(fine, (machine.cpu(self.pid) - self.ticks) * 1e3 - 20)  # threads that ended are only in the ticks


def race(shigu, peers, op, calls, *, again=None, gzipped=False, check=True, limit=None, peer_calls=None, budget=BUDGET):
    """Each call once, ours and the peers' in turns. `again`: how often ours is asked once more, by a function that gives
    the same question in other bytes (so that no cache of whole answers is measured). `limit`: a peer does only the first so
    many calls. -> {"ours": …, "peers": {name: …}, "load": …, "checked": …}"""
    able = [p for p in peers if op in p.ops and not (p.only and op not in p.only)]
    asked = peer_calls or calls
    ours, theirs = {}, {p.name: {} for p in able}
    cpu, peer_cpu, spent = [0.0], dict.fromkeys(theirs, 0.0), dict.fromkeys(theirs, 0.0)
    load, checked = machine.load(), {}
    for p in able:
        p.run(op, asked[0])  # once without the clock
    answers = {}

    def ask(i, call, times):
        answers[i], ms = shigu.run(op, call, gzipped)
        times.append(ms)

    more = []
    for block in range(BLOCKS):
        turn = range(block, len(calls), BLOCKS)
        clock = Clock(shigu.server.process.pid)
        for i in turn:
            ask(i, calls[i], ours.setdefault(i, []))
        for k in range((again or (0,))[0]):
            for i in turn:
                ask(i, again[1](calls[i], k + 1), more)
        cpu[0] += clock.ms()
        for p in able:
            before = p.cpu()
            for i in turn:
                if (limit and i >= limit) or spent[p.name] > budget:
                    continue
                answer, ms = p.run(op, asked[i])
                theirs[p.name][i] = ms
                spent[p.name] += ms / 1e3
                if check:
                    agree(f"{op} {str(calls[i])[:120]}", answers[i], answer, p.name)
                    checked[p.name] = checked.get(p.name, 0) + 1
            peer_cpu[p.name] += p.cpu() - before
    first = [ours[i][0] for i in sorted(ours)]
    every = first + more
    out = {"ours": machine.spread(every) | {"cpu": cpu[0] / len(every)}, "peers": {}, "load": load, "checked": checked}
    for p in able:
        times = theirs[p.name]
        common = machine.spread([ours[i][0] for i in times])
        spread = machine.spread(list(times.values()))
        out["peers"][p.name] = spread | {"cpu": peer_cpu[p.name] * 1e3 / len(times), "ratio50": spread["p50"] / common["p50"],
                                         "ratio99": spread["p99"] / common["p99"]}
    return out


def floor(shigu, n=400):
    """What the client itself and the smallest answer cost."""
    times = [shigu.ask(("GET", "/healthz", None))[3] for _ in range(n)]
    return machine.spread(times[20:])


def wait_quiet(most=3.0, seconds=0):
    """Waits until the load is below `most`, at most so many seconds."""
    until = time.time() + seconds
    while machine.load() > most and time.time() < until:
        time.sleep(2)
