"""
How many rows? ``sampling_strategy``
====================================

``sampling_strategy`` says how many rows each class has after sampling. It
is imbalanced-learn's parameter, with one promise more: the counts are
always exact.
"""

# %%
# Three classes of different size
# -------------------------------

from collections import Counter

import matplotlib.pyplot as plt
import pandas as pd
from sklearn.datasets import make_classification

from skgensample import NumbaSMOTE

X, y = make_classification(
    n_samples=2000,
    n_classes=3,
    n_informative=4,
    weights=[0.9, 0.07],
    random_state=0,
)
print(sorted(Counter(y.tolist()).items()))

# %%
# Four ways to ask
# ----------------
#
# ``"auto"`` brings all classes to the size of the largest one.
# ``"minority"`` adds rows to the smallest class only. A dictionary names the
# number of rows after sampling. A function gets ``y`` and returns such a
# dictionary.


def at_least_500(y):
    """Bring each class to 500 rows or more."""
    return {label: max(500, n) for label, n in Counter(y.tolist()).items()}


strategies = {
    '"auto"': "auto",
    '"minority"': "minority",
    "{1: 600, 2: 300}": {1: 600, 2: 300},
    "a function": at_least_500,
}
counts = {"before": Counter(y.tolist())}
for name, strategy in strategies.items():
    sampler = NumbaSMOTE(sampling_strategy=strategy, random_state=0)
    _, y_all = sampler.fit_resample(X, y)
    counts[name] = Counter(y_all.tolist())

# %%
# For two classes a number is a ratio of minority to majority rows:
# ``sampling_strategy=0.1`` makes it one to ten. For fraud data a ratio
# between .05 and .1 is a better first try than balanced classes.

pd.DataFrame(counts).T.sort_index(axis=1).rename_axis("class", axis=1)

# %%
# Before and after
# ----------------

table = pd.DataFrame(counts).sort_index()
ax = table.T.plot.bar(
    figsize=(9, 4),
    rot=0,
    width=0.8,
    color=["#999999", "#0072b2", "#d55e00"],
)
for bars in ax.containers:
    ax.bar_label(bars, fontsize=7, padding=2)
ax.set(ylabel="rows", xlabel="sampling_strategy", ylim=(0, 2400))
ax.legend(title="class", ncols=3, fontsize=8)
plt.tight_layout()
