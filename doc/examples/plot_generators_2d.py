"""
The generators, one by one
==========================

Four models of the same rows: each is fitted to a small table and then
generates rows of the minority class. Look at the two groups, and at rows that
lie where none should. :ref:`sphx_glr_auto_examples_plot_gans_2d.py` has the
adversarial networks.
"""

# %%
# The table
# ---------
#
# 900 rows of the majority class, 300 of the minority class in two groups.

import matplotlib.pyplot as plt
from sklearn.datasets import make_blobs

from skgensample import (
    AutoregressiveResampler,
    GaussianCopulaResampler,
    SequentialTreesResampler,
    TVAEResampler,
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
# Without PyTorch
# ---------------
#
# Sequential trees draw each column from the leaves of trees.

figure_of(SequentialTreesResampler(random_state=0))

# %%
# A Gaussian copula has the marginals of the class and one correlation per
# pair of columns. Some of its rows lie below the left group, where there are
# none: groups are what this model cannot represent.

figure_of(GaussianCopulaResampler(random_state=0))

# %%
# With PyTorch
# ------------
#
# The autoregressive network predicts each column from those before it.

figure_of(AutoregressiveResampler(random_state=0))

# %%
# A variational autoencoder, trained on the minority class alone.

figure_of(TVAEResampler(train_on="sampled", max_steps=1000, random_state=0))
