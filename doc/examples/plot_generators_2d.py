"""
The generators, one by one
==========================

Eight models of the same rows: each is fitted to a small table of two
classes and then generates rows of the minority class. Look at the shape, at
the gap between the arms, and at rows that lie where none should.
"""

# %%
# The table
# ---------

import time

import matplotlib.pyplot as plt
from sklearn.datasets import make_moons

from skgensample import (
    AutoregressiveResampler,
    CopulaGANResampler,
    CTGANResampler,
    GANOversampler,
    GaussianCopulaResampler,
    SequentialTreesResampler,
    TVAEResampler,
    WGANOversampler,
)

X, y = make_moons((600, 300), noise=0.1, random_state=0)


def figure_of(model):
    """Fit a model, sample 300 rows of class 1 and show them."""
    start = time.perf_counter()
    new, _ = model.fit(X, y).sample(300, y=1)
    seconds = time.perf_counter() - start
    name = type(model).__name__
    print(f"{name}: {seconds:.1f} s")
    _, ax = plt.subplots(figsize=(4.2, 3), layout="constrained")
    ax.scatter(*X[y == 0].T, s=3, color="#d8d8d8", label="other class")
    ax.scatter(*X[y == 1].T, s=6, color="#0072b2", label="given")
    ax.scatter(*new.T, s=6, color="#d55e00", label="generated")
    ax.set(title=name, xticks=[], yticks=[])
    ax.legend(fontsize=8, loc="upper right")


# %%
# Without PyTorch
# ---------------
#
# Sequential trees draw each column from the leaves of trees.

figure_of(SequentialTreesResampler(random_state=0))

# %%
# A Gaussian copula has the marginals of the class and one correlation per
# pair of columns. A half moon is no ellipse: this is what the model cannot
# do.

figure_of(GaussianCopulaResampler(random_state=0))

# %%
# With PyTorch
# ------------
#
# The autoregressive network predicts each column from those before it.

figure_of(AutoregressiveResampler(random_state=0))

# %%
# A variational autoencoder.

figure_of(TVAEResampler(train_on="sampled", max_steps=800, random_state=0))

# %%
# Four generative adversarial networks: one for each class, one with the
# Wasserstein loss, CTGAN, and CTGAN on normal scores.

figure_of(GANOversampler(sampling_strategy="all", random_state=0))

# %%

figure_of(WGANOversampler(sampling_strategy="all", random_state=0))

# %%

figure_of(CTGANResampler(max_steps=150, random_state=0))

# %%

figure_of(CopulaGANResampler(max_steps=150, random_state=0))
