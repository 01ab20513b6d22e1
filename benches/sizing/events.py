"""Discrete events: a clock, processors that are shared equally by all that is under way, permits that are taken in turn. What queueing theory says
of them is in check.py."""
import heapq
from collections import deque


class Clock:
    """What happens next, in order of time."""

    def __init__(self):
        self.now, self.next, self.count = 0.0, [], 0

    def after(self, seconds, do, *of):
        self.count += 1
        heapq.heappush(self.next, (self.now + seconds, self.count, do, of))

    def run(self, until):
        coming = self.next
        while coming and coming[0][0] <= until:
            self.now, _, do, of = heapq.heappop(coming)
            do(*of)
        self.now = until


class Processor:
    """Cores that all work under way shares equally, none on more than one core, as an operating system does it. `speed`: what of a core one gets
    where others use the machine too."""

    def __init__(self, clock, cores, speed=1.0):
        self.clock, self.cores, self.speed = clock, cores, speed
        self.served, self.at, self.work, self.count = 0.0, 0.0, [], 0  # `served`: seconds that each piece of work has got so far
        self.busy, self.planned = 0.0, 0

    def rate(self):
        return self.speed * min(1.0, self.cores / len(self.work))

    def advance(self):
        passed = self.clock.now - self.at
        self.at = self.clock.now
        if self.work:
            got = passed * self.rate()
            self.served += got
            self.busy += got * len(self.work)

    def add(self, seconds, done, *of):
        """`done` once the work has got so many seconds of a core."""
        self.advance()
        self.count += 1
        heapq.heappush(self.work, (self.served + seconds, self.count, done, of))
        self.plan()

    def plan(self):
        self.planned += 1
        if self.work:
            self.clock.after(max(0.0, self.work[0][0] - self.served) / self.rate(), self.complete, self.planned)

    def complete(self, planned):
        if planned != self.planned:
            return  # something came or went meanwhile, and this was planned anew
        self.advance()
        _, _, done, of = heapq.heappop(self.work)
        self.plan()
        done(*of)

    def clear(self):
        """What is under way is lost."""
        self.advance()
        lost, self.work = self.work, []
        self.planned += 1
        return [(done, of) for _, _, done, of in lost]


class Permits:
    """So many at a time, the others in the order in which they came."""

    def __init__(self, count):
        self.free, self.waiting = count, deque()

    def take(self, do, *of):
        if self.free:
            self.free -= 1
            do(*of)
        else:
            self.waiting.append((do, of))

    def give(self):
        if self.waiting:
            do, of = self.waiting.popleft()
            do(*of)
        else:
            self.free += 1
