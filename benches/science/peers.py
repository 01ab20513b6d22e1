"""One statistic over points of a file by another program, timed as benches/science.rs is: peers.py WHAT FILE ROUNDS [ARGUMENTS]."""

import json
import resource
import sys
import time
import warnings

import numpy as np

warnings.filterwarnings("ignore")
what, file, rounds, *rest = sys.argv[1:]
number = [float(word) for word in rest]
at = np.fromfile(file, "<f8").reshape(-1, 2)


def dbscan():
    from sklearn.cluster import DBSCAN

    return lambda: DBSCAN(eps=number[0], min_samples=int(number[1])).fit(at).labels_.max() + 1


def hdbscan():
    import hdbscan

    # it does not count the point itself
    return lambda: hdbscan.HDBSCAN(min_cluster_size=int(number[1]), min_samples=int(number[0]) - 1).fit(at).labels_.max() + 1


def hexagons(statistic):
    """The statistic alone: cells, counts and neighbours are made before the clock starts."""
    import h3
    from libpysal.weights import W, fill_diagonal

    counts = {}
    for x, y in at:
        cell = h3.latlng_to_cell(y, x, int(number[0]))
        counts[cell] = counts.get(cell, 0) + 1
    cells = sorted({near for cell in counts for near in h3.grid_disk(cell, 1)})
    place = {cell: i for i, cell in enumerate(cells)}
    values = np.array([float(counts.get(cell, 0)) for cell in cells])
    weights = W({i: [place[n] for n in h3.grid_ring(cell, 1) if n in place] for cell, i in place.items()}, silence_warnings=True)
    return lambda: statistic(values, weights, fill_diagonal) or len(cells)


def gi(values, weights, fill_diagonal):
    import esda

    own = fill_diagonal(weights, 1.0)
    own.transform = "B"
    esda.G_Local(values, own, transform="B", star=True, permutations=999, seed=1, n_jobs=1)


def moran(values, weights, _):
    import esda

    weights.transform = "R"
    esda.Moran_Local(values, weights, permutations=999, seed=1, n_jobs=1)


def lisa():
    """The nearest neighbours are part of it, as they are of ours; so many draws as it can do."""
    import esda
    from libpysal.weights import KNN

    values = np.sin(at[:, 0] / 9000.0) + np.cos(at[:, 1] / 700.0)

    def run():
        weights = KNN.from_array(at, k=int(number[0]))
        weights.transform = "R"
        return (esda.Moran_Local(values, weights, permutations=int(number[1]), seed=1, n_jobs=1).p_sim <= 0.025).sum()

    return run


def density():
    from sklearn.neighbors import KernelDensity

    low, high = at.min(0), at.max(0)
    step = (high - low).max() / (number[1] - 1)
    grid = np.stack(np.meshgrid(*[low[i] + step * np.arange(int(number[1])) for i in (0, 1)]), -1).reshape(-1, 2)
    # the other kernel with a bound that it has; ours is the square of it
    return lambda: np.exp(KernelDensity(bandwidth=number[0], kernel="epanechnikov").fit(at).score_samples(grid)).sum() * 0


def distances():
    """K-density as the oracle has it: pdist, a histogram, the kernel over its bins."""
    from scipy.spatial.distance import pdist

    random = np.random.default_rng(1)
    size, simulations = int(number[0]), int(number[1])
    median = np.median(pdist(at[:: max(1, len(at) // 2000)]))
    steps = np.linspace(0, median, 65)

    def curve(points, width):
        count, edges = np.histogram(pdist(points), bins=1024, range=(0, median + 5 * width))
        middle = (edges[1:] + edges[:-1]) / 2
        return (np.exp(-0.5 * ((steps[:, None] - middle) / width) ** 2) + np.exp(-0.5 * ((steps[:, None] + middle) / width) ** 2)) @ count

    def run():
        own = at[random.choice(len(at), size, False)]
        lengths = pdist(own)
        width = 0.9 * min(lengths.std(), np.subtract(*np.percentile(lengths, [75, 25])) / 1.34) * len(lengths) ** -0.2
        observed = curve(own, width)
        drawn = np.array([curve(at[random.choice(len(at), size, False)], width) for _ in range(simulations)])
        rank = drawn.argsort(0).argsort(0)
        above = int(np.quantile((len(drawn) - 1 - rank).min(1), 0.05, method="lower"))
        return int((observed > np.sort(drawn, 0)[-1 - above]).sum())

    return run


work = {"dbscan": dbscan, "hdbscan": hdbscan, "gi": lambda: hexagons(gi), "moran": lambda: hexagons(moran), "lisa": lisa, "density": density, "distances": distances}[what]()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
seconds, found = [], 0
for _ in range(int(rounds)):
    begun = time.perf_counter()
    found = work()
    seconds.append(time.perf_counter() - begun)
print(json.dumps({"seconds": seconds, "base_mb": before, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, "found": int(found)}))
