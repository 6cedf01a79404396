"""
Does it memorise?
=================

A model that repeats its training rows looks perfect. Three questions tell
it from one that has learnt: does distance to synthetic rows give training
rows away, are synthetic rows closer to training rows than to others, and
are rows copied?
"""

# %%
# Training rows and held-out rows
# -------------------------------
#
# All three questions need rows of the same kind that the model never saw.

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.datasets import make_classification
from sklearn.model_selection import train_test_split

from skgensample import (
    GaussianCopulaResampler,
    NumbaSMOTE,
    SequentialTreesResampler,
)
from skgensample.metrics import (
    closest_record_share,
    copy_rates,
    membership_inference_score,
)

X, y = make_classification(
    n_samples=4000, n_features=10, n_informative=6, random_state=0
)
X, X_unseen, y, y_unseen = train_test_split(
    X, y, test_size=0.5, random_state=0
)

# %%
# Synthetic tables
# ----------------
#
# Trees with three sizes of leaves, a copula, SMOTE over the whole table, and
# a cheat: training rows with a little noise.

tables = {"copula": GaussianCopulaResampler(random_state=0)}
for leaf in (50, 12, 1):
    tables[f"trees, leaves of {leaf}"] = SequentialTreesResampler(
        min_samples_leaf=leaf, random_state=0
    )
tables = {
    name: model.fit(X, y).sample(2000)[0] for name, model in tables.items()
}
counts = {0: 1000 + int(sum(y == 0)), 1: 1000 + int(sum(y == 1))}
smote = NumbaSMOTE(sampling_strategy=counts, random_state=0)
tables["SMOTE"] = smote.fit_resample(X, y)[0][len(X) :]
rng = np.random.default_rng(0)
tables["noisy copies"] = X + rng.normal(0, 0.05, X.shape)

# %%
# Three answers
# -------------
#
# An attack AUROC of .5 is what a coin reaches. The true positive rate at a
# false positive rate of 1 % says how many rows are exposed for certain; .01
# is chance.

answers = {}
for name, rows in tables.items():
    attack = membership_inference_score(X, X_unseen, rows, random_state=0)
    answers[name] = {
        "attack AUROC": attack.auroc,
        "attack TPR": attack.tpr,
        "closest": closest_record_share(X, X_unseen, rows, random_state=0),
        "copies": copy_rates(X, X_unseen, rows).rows,
    }
answers = pd.DataFrame(answers).T
answers.round(3)

# %%
# The picture
# -----------
#
# No copies anywhere, and yet SMOTE gives its parents away. That a value is
# at chance means that this attack fails, not that every attack does.

figure, ax = plt.subplots(figsize=(7, 3.4), layout="constrained")
order = answers[::-1]
ax.barh(order.index, order["attack AUROC"], color="#0072b2")
ax.plot(order["closest"], order.index, "D", color="#d55e00")
ax.axvline(0.5, color="black", linewidth=0.8)
ax.set(xlim=(0.4, 1.01))
ax.legend(
    handles=[ax.lines[0], ax.containers[0]],
    labels=["closest-record share", "AUROC of the attack"],
    loc="upper right",
)
ax.set(title="At the line: nothing given away")
