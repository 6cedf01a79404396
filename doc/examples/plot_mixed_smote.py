"""
SMOTE on a mixed table
======================

On a table of numbers and categories plain SMOTE-NC does two things that one
may not want: the widest column decides who is a neighbour, and a vote on each
category by itself makes combinations that no row has. ``scale`` and
``category_rule`` change that.
"""

# %%
# Payments
# --------
#
# Fraud in four countries, each with its own currency and its own hours.
# Amounts are in cents and say nothing about the country.

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from skgensample import NumbaSMOTE
from skgensample.metrics import c2st_auroc, pair_error

COUNTRIES = np.array(["CH", "FR", "GB", "US"])
CURRENCIES = np.array(["CHF", "EUR", "GBP", "USD"])


def payments(n, fraud, seed):
    """Payments of one class."""
    rng = np.random.default_rng(seed)
    country = rng.integers(0, 4, n)
    hour = rng.normal(4 + 5 * country, 1) if fraud else rng.normal(14, 5, n)
    return pd.DataFrame(
        {
            "country": COUNTRIES[country],
            "currency": CURRENCIES[country],
            "cents": rng.gamma(2, 6000 if fraud else 3000, n).astype(int),
            "hour": hour.clip(0, 24).round(1),
            "tries": rng.poisson(3 if fraud else 1, n),
        }
    )


X = pd.concat(
    [payments(3000, False, 0), payments(100, True, 1)], ignore_index=True
)
y = np.repeat([0, 1], [3000, 100])
unseen = payments(1000, True, 2)

# %%
# Three settings
# --------------

options = {
    "defaults": {},
    "nearest, standard": {"category_rule": "nearest", "scale": "standard"},
    "nearest, quantile": {"category_rule": "nearest", "scale": "quantile"},
}
made = {"given": X[y == 1]}
for name, option in options.items():
    sampler = NumbaSMOTE(**option, sampling_strategy={1: 1100}, random_state=0)
    rows, _ = sampler.fit_resample(X, y)
    made[name] = rows[sampler.is_synthetic_]
    told = c2st_auroc(unseen, made[name], random_state=0)
    pair = pair_error(unseen, made[name])
    print(f"{name:18s} C2ST {told:.2f}, error of pairs {pair:.3f}")

# %%
# C2ST is the AUROC of a classifier two-sample test of new rows against 1,000
# other fraudulent ones: 0.5 is best.
#
# The new rows
# ------------
#
# By default neighbours are rows of about the same amount, whatever their hour
# and country: new rows fill the hours between the groups, and some pay in
# francs in France. With both options the groups and the pairs stay apart.

figure, axes = plt.subplots(
    2, 4, figsize=(11, 5.6), sharey="row", layout="constrained"
)
colors = dict(zip(COUNTRIES, ["#009e73", "#d55e00", "#cc79a7", "#0072b2"]))
for (upper, lower), (name, rows) in zip(axes.T, made.items()):
    upper.scatter(
        rows["cents"] / 100, rows["hour"], s=6, c=rows["country"].map(colors)
    )
    upper.set(title=name, xlabel="amount")
    pairs = pd.crosstab(rows["country"], rows["currency"], normalize=True)
    lower.imshow(pairs, cmap="Blues", vmin=0, vmax=0.5, aspect="auto")
    lower.set_xticks(range(4), CURRENCIES)
    lower.set_yticks(range(4), COUNTRIES)
    for (i, j), part in np.ndenumerate(pairs.to_numpy()):
        lower.text(j, i, f"{part:.0%}", ha="center", va="center")
axes[0, 0].set_ylabel("hour")
