"""
What samplers make
==================

One picture of the two ways to make rows of a minority class. SMOTE and its
variants *interpolate*: a new row lies on the line between two given rows.
A generator *learns* where the rows of the class lie and draws from there.
"""

# %%
# A minority class of two groups
# ------------------------------
#
# 150 rows of the minority class in two groups, 900 of the majority class,
# two columns.

import matplotlib.pyplot as plt
from sklearn.datasets import make_blobs

from skgensample import (
    GANOversampler,
    NumbaBorderlineSMOTE,
    NumbaSMOTE,
    SequentialTreesResampler,
    TVAEResampler,
)

X, group = make_blobs(
    (900, 70, 80),
    centers=[(0, 0), (-3, 2), (2.5, 1)],
    cluster_std=[1, 0.4, 0.7],
    random_state=4,
)
y = (group > 0).astype(int)

# %%
# Five samplers
# -------------
#
# All have the same interface: ``fit_resample`` returns the given rows,
# followed by the new ones. ``sampling_strategy`` asks for 400 rows of the
# minority class, 250 more than there are. The two networks need PyTorch.

settings = {"sampling_strategy": {1: 400}, "random_state": 0}
samplers = {
    "SMOTE": NumbaSMOTE(**settings),
    "Borderline SMOTE": NumbaBorderlineSMOTE(**settings),
    "Sequential trees": SequentialTreesResampler(**settings),
    "GAN": GANOversampler(max_steps=800, **settings),
    "TVAE": TVAEResampler(train_on="sampled", max_steps=800, **settings),
}
made = {}
for name, sampler in samplers.items():
    X_all, y_all = sampler.fit_resample(X, y)
    made[name] = X_all[len(X) :]
    print(f"{name:17s} {len(made[name])} new rows")

# %%
# The picture
# -----------
#
# SMOTE's rows are threaded between the given ones. Borderline SMOTE adds rows
# where the two classes meet, and none to the group that lies apart. The
# generators fill both groups, also where no line between two given rows
# passes. Sequential trees are the one to start with: they need no PyTorch.

figure, axes = plt.subplots(
    2, 3, figsize=(9, 5), sharex=True, sharey=True, layout="constrained"
)
axes = axes.ravel()
axes[0].set_title("Given rows")
for panel, (name, rows) in zip(axes[1:], made.items()):
    panel.scatter(*rows.T, s=7, color="#d55e00", label="new")
    panel.set_title(name)
for panel in axes:
    panel.scatter(*X[y == 0].T, s=3, color="#c8c8c8", zorder=0)
    given = panel.scatter(*X[y == 1].T, s=9, color="#0072b2")
    panel.set(xticks=[], yticks=[])
    panel.set_box_aspect(0.7)
legend = figure.legend(
    handles=[given, axes[1].collections[0], axes[0].collections[0]],
    labels=["minority, given", "minority, new", "majority"],
    loc="outside lower center",
    ncols=3,
    frameon=False,
    markerscale=2.5,
)
