"""Writes towns.json beside it: clusters of points in the plane by hdbscan and scikit-learn, which agree. Needs numpy, hdbscan, scikit-learn."""
import json
from math import cos, pi, sin, sqrt
from pathlib import Path

import hdbscan
import numpy as np
from sklearn.cluster import HDBSCAN
from sklearn.metrics import adjusted_rand_score


def towns(number, seed):
    state = seed

    def following():
        nonlocal state
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (state >> 11) / 2**53

    out = []
    for i in range(number):
        x, y = following(), following()
        if i % 4 == 0:
            out.append((x * 40000, y * 40000))
            continue
        town, radius = float(i % 7), 300.0 * (1 + i % 7) * sqrt(x)
        out.append(((town * 6100) % 40000 + radius * cos(y * 2 * pi), (town * 13300) % 40000 + radius * sin(y * 2 * pi)))
    return np.array(out)


cases = []
for points, seed, least, smallest in [(1500, 1, 5, 20), (2000, 2, 10, 30), (3000, 3, 4, 40)]:
    at = towns(points, seed)
    ours = HDBSCAN(min_cluster_size=smallest, min_samples=least, copy=True).fit(at).labels_
    # hdbscan does not count the point itself; its own choice of an algorithm breaks ties of reaches otherwise (0.98 alike)
    other = hdbscan.HDBSCAN(min_cluster_size=smallest, min_samples=least - 1, algorithm="prims_kdtree", gen_min_span_tree=True).fit(at)
    agreed = adjusted_rand_score(ours, other.labels_)
    assert agreed > 0.999, agreed
    edges = other.minimum_spanning_tree_.to_numpy()[:, 2]
    cases.append(dict(points=points, seed=seed, least=least, smallest=smallest, edges=float(edges.sum()), labels=ours.tolist()))
    print(points, seed, "clusters", ours.max() + 1, "noise", (ours < 0).mean(), "agreed", agreed)
Path(__file__).with_suffix(".json").write_text(json.dumps(cases, separators=(",", ":")) + "\n")
