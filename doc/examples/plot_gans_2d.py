"""
Four adversarial networks
=========================

A generator makes rows, a second network tries to tell them from real ones,
and both learn from the contest. The four samplers differ in the loss and in
how they encode numbers. Training is short here; the defaults train longer.
"""

# %%
# The table
# ---------

import matplotlib.pyplot as plt
from sklearn.datasets import make_blobs

from skgensample import (
    CopulaGANResampler,
    CTGANResampler,
    GANOversampler,
    WGANOversampler,
)

X, group = make_blobs(
    (900, 140, 160),
    centers=[(0, 0), (-3, 2), (2.5, 1)],
    cluster_std=[1, 0.4, 0.7],
    random_state=4,
)
y = (group > 0).astype(int)


def figure_of(model):
    """Fit a model, sample 300 rows of class 1 and show them."""
    new, _ = model.fit(X, y).sample(300, y=1)
    _, ax = plt.subplots(figsize=(4.2, 3), layout="constrained")
    ax.scatter(*X[y == 0].T, s=3, color="#d8d8d8", label="majority")
    ax.scatter(*X[y == 1].T, s=6, color="#0072b2", label="given")
    ax.scatter(*new.T, s=6, color="#d55e00", label="generated")
    ax.set(title=type(model).__name__, xticks=[], yticks=[])
    ax.set(xlim=(-5, 5), ylim=(-3.5, 4))
    ax.legend(fontsize=8, loc="lower left")


# %%
# For the class alone
# -------------------
#
# :class:`~skgensample.GANOversampler` trains one network per class;
# :class:`~skgensample.WGANOversampler` has the Wasserstein loss and one
# network for all classes that are sampled.

figure_of(GANOversampler(max_steps=300, random_state=0))

# %%

figure_of(WGANOversampler(max_steps=300, random_state=0))

# %%
# For whole tables
# ----------------
#
# :class:`~skgensample.CTGANResampler` encodes a number by the mode of a
# Gaussian mixture; :class:`~skgensample.CopulaGANResampler` by its rank.
# ``train_on="sampled"`` shows them the minority class only.

settings = {"train_on": "sampled", "max_steps": 200, "random_state": 0}
figure_of(CTGANResampler(**settings))

# %%

figure_of(CopulaGANResampler(**settings))
