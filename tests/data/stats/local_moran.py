"""local-moran.csv: made-up values at made-up places, and what esda finds of them. Needs esda and libpysal; the seed is in it."""

import esda
import numpy as np
from libpysal.weights import KNN

random = np.random.default_rng(5)
at = np.concatenate([random.normal([2000, 3000], 400, (60, 2)), random.uniform(0, 10000, (100, 2))])
values = np.round(np.exp(random.normal(2, 0.6, 160)) + np.where(np.arange(160) < 60, 6, 0), 2)
near = KNN.from_array(at, k=8)
near.transform = "R"
found = esda.Moran_Local(values, near, permutations=99_999, seed=1, n_jobs=1)
with open("local-moran.csv", "w") as file:
    file.write("value,x,y,index,quadrant,p_folded\n")
    for value, (x, y), index, quadrant, p in zip(values, at, found.Is, found.q, found.p_sim):
        file.write(f"{value},{x:.3f},{y:.3f},{index:.12g},{quadrant},{p:.6f}\n")
