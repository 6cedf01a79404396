"""
Watch a network learn
=====================

Networks stop by themselves: they are judged on held-out rows again and again,
and the best weights are kept. ``history_`` holds losses and evaluations; a
callback sees them while training runs.
"""

# %%
# A callback
# ----------
#
# Every 50 steps a callback gets the number of the step, the mean losses and
# the criterion, which is NaN where none was computed. If it returns True,
# training ends. This one keeps what it sees.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import make_classification

from skgensample import AutoregressiveResampler, GANOversampler

X, y = make_classification(
    n_samples=3000, n_features=8, n_informative=5, random_state=0
)
seen = []


def watch(step, losses, criterion):
    """Keep what the callback is told."""
    seen.append((step, losses[0]))


network = AutoregressiveResampler(
    max_steps=1500, callbacks=watch, random_state=0
)
network.fit(X, y)
print(f"{len(seen)} calls, the last one at step {seen[-1][0]}")

# %%
# A GAN
# -----
#
# The losses of a GAN say little: generator and discriminator chase each
# other. The criterion is what counts.

gan = GANOversampler(
    sampling_strategy={1: 2 * int(y.sum())}, max_steps=800, random_state=0
)
gan.fit(X, y)
history = gan.history_[1]  # a GAN of its own for each class that is sampled
print({name: len(values) for name, values in history.items()})

# %%
# Losses and criteria
# -------------------
#
# The network ends before its last step, although the training loss still
# falls: held-out rows are no longer predicted better, and more steps would
# memorise. The criterion of the GAN is the AUROC of a forest that separates
# its rows from held-out ones, of which there are few: .5 is perfect.

figure, axes = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
axes[0].plot(*zip(*seen), color="#0072b2", label="training loss")
axes[0].set(xlabel="step", title="Autoregressive network")
axes[0].legend()

criterion = history["criterion"]
known = np.isfinite(criterion)
axes[1].plot(history["step"][known], criterion[known], "o-", color="#d55e00")
axes[1].axhline(0.5, color="black", linewidth=0.8)
axes[1].set(
    xlabel="step", ylabel="AUROC", ylim=(0.4, 1.02), title="GAN: criterion"
)
