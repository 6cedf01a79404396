"""
The variants of SMOTE
=====================

Nine ways to make rows from neighbours. All start from a row of the minority
class; they differ in *which* rows they start from and *how far* they go.
"""

# %%
# Two groups of a minority class
# ------------------------------
#
# One group lies apart from the majority class, the other one touches it.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import make_blobs

from skgensample import (
    NumbaADASYN,
    NumbaBorderlineSMOTE,
    NumbaKMeansSMOTE,
    NumbaRandomOverSampler,
    NumbaSMOTE,
    NumbaSVMSMOTE,
    SafeLevelSMOTE,
)

X, group = make_blobs(
    (500, 25, 35),
    centers=[(0, 0), (-3.5, 2.2), (2.2, 0.6)],
    cluster_std=[1.0, 0.4, 0.7],
    random_state=4,
)
y = (group > 0).astype(int)


def show(sampler, ax, title):
    """Given and new rows of one sampler."""
    X_all, _ = sampler.fit_resample(X, y)
    new = X_all[len(X) :]
    ax.scatter(*X[y == 0].T, s=4, color="#c8c8c8", label="majority")
    ax.scatter(*new.T, s=9, color="#d55e00", label="minority, new")
    ax.scatter(*X[y == 1].T, s=12, color="#0072b2", label="minority, given")
    ax.set(title=title, xticks=[], yticks=[], xlim=(-5.5, 5), ylim=(-3, 4))


def figure_of(sampler, title):
    """A figure with one panel."""
    _, ax = plt.subplots(figsize=(4.2, 3), layout="constrained")
    show(sampler, ax, title)
    ax.legend(loc="lower left", fontsize=8, framealpha=0.8)


# %%
# Repeat rows
# -----------
#
# :class:`~skgensample.NumbaRandomOverSampler` repeats rows. With
# ``shrinkage`` it moves each copy a little.

target = {"sampling_strategy": {1: 260}, "random_state": 0}
figure_of(
    NumbaRandomOverSampler(shrinkage=0.4, **target),
    "NumbaRandomOverSampler",
)

# %%
# Interpolate
# -----------
#
# :class:`~skgensample.NumbaSMOTE` goes from any row of the class towards any
# of its five nearest neighbours of the same class.

figure_of(NumbaSMOTE(**target), "NumbaSMOTE")

# %%
# Start at the boundary
# ---------------------
#
# :class:`~skgensample.NumbaBorderlineSMOTE` starts from rows *in danger*:
# half or more of their neighbours, but not all, are of the other class.
# The group that lies apart gets no new row.

figure_of(NumbaBorderlineSMOTE(**target), "NumbaBorderlineSMOTE")

# %%
# :class:`~skgensample.NumbaADASYN` starts more often from a row that has
# more neighbours of the other class.

figure_of(NumbaADASYN(**target), "NumbaADASYN")

# %%
# :class:`~skgensample.NumbaSVMSMOTE` starts from support vectors, and also
# goes beyond them where the class is safe.

figure_of(NumbaSVMSMOTE(**target), "NumbaSVMSMOTE")

# %%
# Stay on the safe side
# ---------------------
#
# :class:`~skgensample.SafeLevelSMOTE` places a new row closer to the parent
# that has more neighbours of its own class.

figure_of(SafeLevelSMOTE(**target), "SafeLevelSMOTE")

# %%
# :class:`~skgensample.NumbaKMeansSMOTE` clusters all rows first, and
# interpolates inside the clusters in which the minority class prevails.

figure_of(
    NumbaKMeansSMOTE(cluster_balance_threshold=0.3, **target),
    "NumbaKMeansSMOTE",
)

# %%
# Categories
# ----------
#
# :class:`~skgensample.NumbaSMOTENC` interpolates numbers and takes a vote
# over categories: a new row gets the level that most neighbours have. Here
# the second column is a category of three levels.
# :class:`~skgensample.NumbaSMOTEN` takes categories only.

import pandas as pd  # noqa: E402

from skgensample import NumbaSMOTEN, NumbaSMOTENC  # noqa: E402

rng = np.random.default_rng(0)
y = np.repeat([0, 1], [300, 30])
channel = np.where(
    y == 1,
    rng.choice(["shop", "app", "web"], 330, p=[0.1, 0.3, 0.6]),
    rng.choice(["shop", "app", "web"], 330, p=[0.6, 0.3, 0.1]),
)
amount = rng.gamma(2, 40, 330) + 60 * (channel == "web")
table = pd.DataFrame({"amount": amount, "channel": channel})
sampler = NumbaSMOTENC(categorical_features=["channel"], random_state=0)
balanced, labels = sampler.fit_resample(table, y)

_, ax = plt.subplots(figsize=(4.2, 3), layout="constrained")
for name, rows, color in (
    ("new", balanced[300 + 30 :], "#d55e00"),
    ("given", table[y == 1], "#0072b2"),
):
    level = rows["channel"].map({"shop": 0, "app": 1, "web": 2})
    height = level + rng.uniform(-0.25, 0.25, len(rows))
    ax.scatter(rows["amount"], height, s=10, color=color, label=name)
ax.set(title="NumbaSMOTENC", xlabel="amount", yticks=[0, 1, 2])
ax.set_yticklabels(["shop", "app", "web"])
ax.legend(fontsize=8)

# %%
# Two columns of categories: the bars count the pairs of levels in the
# minority class before and after.

device = np.where(channel == "web", "browser", "phone")
device = np.where(rng.uniform(size=330) < 0.2, "tablet", device)
pairs = pd.DataFrame({"channel": channel, "device": device})
both, labels = NumbaSMOTEN(random_state=0).fit_resample(pairs, y)

given = pairs[y == 1].value_counts(normalize=True)
new = both[len(pairs) :].value_counts(normalize=True)
counts = pd.DataFrame({"given": given, "new": new}).fillna(0).sort_index()
counts.index = [f"{a}, {b}" for a, b in counts.index]
ax = counts.plot.barh(
    figsize=(4.2, 3), color=["#0072b2", "#d55e00"], title="NumbaSMOTEN"
)
ax.set(xlabel="proportion of the minority class")
ax.figure.tight_layout()
