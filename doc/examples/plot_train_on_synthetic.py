"""
Train on synthetic rows, test on real ones
==========================================

The most practical question to a synthetic table: does a model that learns
from it work on real data? Compare with a model trained on the real rows, and
with two simple baselines.
"""

# %%
# Real data
# ---------
#
# Breast cancer: 569 rows of 30 columns. A third is held out.

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skgensample import (
    AutoregressiveResampler,
    GaussianCopulaResampler,
    NumbaSMOTE,
    SequentialTreesResampler,
)
from skgensample.metrics import tstr_score

X, y = load_breast_cancer(return_X_y=True, as_frame=True)
X, X_test, y, y_test = train_test_split(
    X, y, test_size=1 / 3, stratify=y, random_state=0
)

# %%
# Synthetic tables of the same size
# ---------------------------------
#
# SMOTE makes rows of both classes if it is asked for more of both. The last
# baseline draws each column on its own within each class.

tables = {"real rows": (X, y)}
for model in (
    GaussianCopulaResampler(random_state=0),
    SequentialTreesResampler(random_state=0),
    AutoregressiveResampler(random_state=0),
):
    tables[type(model).__name__] = model.fit(X, y).sample(len(X))

counts = (2 * y.value_counts()).to_dict()
smote = NumbaSMOTE(sampling_strategy=counts, random_state=0)
X_all, y_all = smote.fit_resample(X, y)
tables["NumbaSMOTE"] = X_all[len(X) :], y_all[len(y) :]

rng = np.random.default_rng(0)
independent = pd.concat(
    [
        part.apply(lambda column: rng.permutation(column.to_numpy()))
        for _, part in X.groupby(y)
    ]
)
tables["independent columns"] = independent, y.loc[independent.index]

# %%
# Two learners
# ------------

learners = {
    "random forest": RandomForestClassifier(50, random_state=0),
    "logistic regression": make_pipeline(
        StandardScaler(), LogisticRegression()
    ),
}
scores = pd.DataFrame(
    {
        learner: {
            name: tstr_score(*rows, X_test, y_test, estimator=estimator)
            for name, rows in tables.items()
        }
        for learner, estimator in learners.items()
    }
)
scores.round(3)

# %%
# The picture
# -----------

ax = scores[::-1].plot.barh(
    figsize=(8, 4.4), color=["#0072b2", "#d55e00"], width=0.7
)
ax.axvline(scores.loc["real rows"].min(), color="black", linewidth=0.8)
ax.set(xlim=(0.9, 1.0), xlabel="AUROC on real rows")
ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2, frameon=False)
plt.tight_layout()
