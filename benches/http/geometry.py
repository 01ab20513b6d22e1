"""The benchmark's outlines: 13 districts that share ragged borders, ragged and hand-drawn zones, fast point location."""
import math
import random

BOX = (118.34, 29.18, 120.72, 30.57)  # all enterprises lie in it
PAD = 0.02  # districts reach this far beyond it, so no enterprise lies on an outer border
# code, Chinese name, English name, rough seat
DISTRICTS = [
    ("330102", "上城区", "Shangcheng", 120.20, 30.24), ("330105", "拱墅区", "Gongshu", 120.14, 30.33),
    ("330106", "西湖区", "Xihu", 120.08, 30.25), ("330108", "滨江区", "Binjiang", 120.20, 30.19),
    ("330109", "萧山区", "Xiaoshan", 120.28, 30.13), ("330110", "余杭区", "Yuhang", 119.96, 30.33),
    ("330111", "富阳区", "Fuyang", 119.93, 30.03), ("330112", "临安区", "Lin'an", 119.50, 30.23),
    ("330113", "临平区", "Linping", 120.29, 30.42), ("330114", "钱塘区", "Qiantang", 120.45, 30.30),
    ("330122", "桐庐县", "Tonglu", 119.66, 29.82), ("330127", "淳安县", "Chun'an", 119.00, 29.61),
    ("330182", "建德市", "Jiande", 119.28, 29.47)]
FLAT = 0.866 ** 2  # a degree of longitude is that much shorter here, squared


def half_plane(ring, a, b, c):
    """The part of a convex ring where a*x + b*y <= c."""
    out = []
    for i, p in enumerate(ring):
        q = ring[(i + 1) % len(ring)]
        dp, dq = a * p[0] + b * p[1] - c, a * q[0] + b * q[1] - c
        if dp <= 0:
            out.append(p)
        if (dp < 0 < dq) or (dq < 0 < dp):
            t = dp / (dp - dq)
            out.append((p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1])))
    return out


def ragged(p, q, depth, amplitude):
    """A ragged line from p to q, the same from either side; it never crosses itself (it is a graph over p-q)."""
    flip = q < p
    if flip:
        p, q = q, p
    chance, n = random.Random(f"{p}{q}").random, 1 << depth
    h, step, k = [0.0] * (n + 1), n, amplitude
    while step > 1:
        for i in range(step // 2, n, step):
            h[i] = (h[i - step // 2] + h[i + step // 2]) / 2 + (chance() - 0.5) * k
        step, k = step // 2, k * 0.55
    dx, dy = q[0] - p[0], q[1] - p[1]
    line = [(p[0] + dx * i / n - dy * h[i] * 4 * i * (n - i) / n / n,
             p[1] + dy * i / n + dx * h[i] * 4 * i * (n - i) / n / n) for i in range(n + 1)]
    return line[::-1] if flip else line


def districts(vertices=2000):
    """Code -> closed ring. Voronoi cells of the seats with ragged common borders: a true partition of the box."""
    x0, y0, x1, y1 = BOX[0] - PAD, BOX[1] - PAD, BOX[2] + PAD, BOX[3] + PAD
    depth, out = max(1, round(math.log2(vertices / 4))), {}
    for code, _, _, sx, sy in DISTRICTS:
        ring = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
        for other, _, _, tx, ty in DISTRICTS:
            if other != code:
                c = FLAT * (tx * tx - sx * sx) + ty * ty - sy * sy
                ring = half_plane(ring, 2 * FLAT * (tx - sx), 2 * (ty - sy), c)
        ring = [(round(x, 7), round(y, 7)) for x, y in ring]
        ring = [p for i, p in enumerate(ring) if p != ring[i - 1]]
        line = []
        for i, p in enumerate(ring):
            q = ring[(i + 1) % len(ring)]
            outer = (p[0] == q[0] and p[0] in (x0, x1)) or (p[1] == q[1] and p[1] in (y0, y1))
            line += ragged(p, q, 3 if outer else depth, 0 if outer else 0.17)[:-1]
        # seven decimals where points have six: a point is hardly ever exactly on a border
        line = [[round(x, 7), round(y, 7)] for x, y in line]
        out[code] = [*line, line[0]]
    return out


def star(x, y, km, n, chance):
    """A closed ring of n vertices around a place: ragged when there are many, as drawn by hand when there are few."""
    waves = [(chance() * 6.283, 0.35 / (k + 1) ** 1.1) for k in range(60)] if n > 50 else None
    ring = []
    for i in range(n):
        a = 2 * math.pi * i / n
        if waves:
            r = max(km * 0.15, km * (1 + sum(w * math.sin((k + 2) * a + p) for k, (p, w) in enumerate(waves))))
        else:
            r = km * (0.45 + chance() * 0.9)
        ring.append([round(x + r / 96.2 * math.cos(a), 7), round(y + r / 110.9 * math.sin(a), 7)])
    return [*ring, ring[0]]


def crossings(edges, x, y):
    """Whether a point is inside (even-odd, half-open, every edge taken upwards)."""
    inside = False
    for x1, y1, x2, y2 in edges:
        if (y1 <= y) != (y2 <= y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
            inside = not inside
    return inside


def edges_of(ring):
    """The edges of a closed ring, each upwards."""
    pairs = ((p, q) if p[1] <= q[1] else (q, p) for p, q in zip(ring, ring[1:]) if p[1] != q[1])
    return [(p[0], p[1], q[0], q[1]) for p, q in pairs]


class Locator:
    """Which district a point is in: a grid whose cells are certain unless a border passes, else even-odd."""

    STEP = 0.005

    def __init__(self, rings):
        self.codes = list(rings)
        self.x0, self.y0 = BOX[0] - 2 * PAD, BOX[1] - 2 * PAD
        self.w = int((BOX[2] + 2 * PAD - self.x0) / self.STEP) + 2
        self.h = int((BOX[3] + 2 * PAD - self.y0) / self.STEP) + 2
        self.rows = [[[] for _ in rings] for _ in range(self.h)]
        border = set()
        for i, ring in enumerate(rings.values()):
            for p, q in zip(ring, ring[1:]):
                (cx0, cx1), (cy0, cy1) = sorted((self.col(p[0]), self.col(q[0]))), sorted((self.row(p[1]), self.row(q[1])))
                border.update((cx, cy) for cx in range(cx0, cx1 + 1) for cy in range(cy0, cy1 + 1))
            for e in edges_of(ring):
                for cy in range(self.row(e[1]), self.row(e[3]) + 1):
                    self.rows[cy][i].append(e)
        self.grid = []
        for cy in range(self.h):
            y, line = self.y0 + (cy + 0.5) * self.STEP, [None] * self.w
            for i, edges in enumerate(self.rows[cy]):
                xs = sorted(x1 + (y - y1) * (x2 - x1) / (y2 - y1) for x1, y1, x2, y2 in edges if (y1 <= y) != (y2 <= y))
                for a, b in zip(xs[::2], xs[1::2]):
                    for cx in range(self.col(a), self.col(b) + 1):
                        line[cx] = self.codes[i]
            self.grid.append([None if (cx, cy) in border else code for cx, code in enumerate(line)])

    def col(self, x):
        return int((x - self.x0) / self.STEP)

    def row(self, y):
        return int((y - self.y0) / self.STEP)

    def find(self, x, y):
        cy = int((y - self.y0) / self.STEP)
        code = self.grid[cy][int((x - self.x0) / self.STEP)]
        if code:
            return code
        for i, edges in enumerate(self.rows[cy]):
            if edges and crossings(edges, x, y):
                return self.codes[i]
        raise ValueError(f"no district holds {x}, {y}")
