"""
Exact nearest neighbours, fast
==============================

:class:`~skgensample.NumbaNearestNeighbors` finds the same neighbours as
scikit-learn's brute-force search, to the last row number, in less time. It
has scikit-learn's methods, and imbalanced-learn's samplers accept it.
"""

# %%
# 500 rows in 100,000
# -------------------
#
# As in fraud data: the neighbours of a few rows in a long table. The first
# call compiles the kernels, so it is not timed.

import time

import matplotlib.pyplot as plt
import numpy as np
from imblearn.over_sampling import ADASYN
from sklearn.datasets import make_classification
from sklearn.neighbors import NearestNeighbors

from skgensample import NumbaNearestNeighbors

rng = np.random.default_rng(0)
rows, queries = rng.normal(size=(100_000, 20)), rng.normal(size=(500, 20))
searches = {
    "scikit-learn, brute": NearestNeighbors(n_neighbors=6, algorithm="brute"),
    "NumbaNearestNeighbors": NumbaNearestNeighbors(n_neighbors=6),
}
seconds, found = {}, {}
for name, search in searches.items():
    search.fit(rows).kneighbors(queries)
    start = time.perf_counter()
    found[name] = search.kneighbors(queries, return_distance=False)
    seconds[name] = time.perf_counter() - start

names = list(searches)
same = [np.array_equal(found[names[0]], found[name]) for name in names]
print("the same neighbours:", all(same))

# %%
# Inside imbalanced-learn
# -----------------------
#
# Wherever a class of imbalanced-learn takes an estimator. The row itself
# counts: ``n_neighbors=6`` finds five others.

X, y = make_classification(
    n_samples=5000, weights=[0.97], class_sep=0.5, random_state=0
)
fast = ADASYN(n_neighbors=NumbaNearestNeighbors(n_neighbors=6), random_state=0)
plain = ADASYN(random_state=0)
balanced, _ = fast.fit_resample(X, y)
print(np.array_equal(balanced, plain.fit_resample(X, y)[0]))

# %%
# Seconds
# -------
#
# On the machine that built this page. :doc:`/benchmarks` has the measured
# comparisons.

figure, ax = plt.subplots(figsize=(7, 1.9), layout="constrained")
bars = ax.barh(names, list(seconds.values()), color="#0072b2")
bars[-1].set_color("#d55e00")
ax.bar_label(bars, fmt="%.2f s", padding=4)
ax.set(xlabel="seconds for 500 queries")
ax.margins(x=0.15)
