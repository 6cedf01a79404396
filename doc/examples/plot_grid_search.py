"""
Choose a sampler by grid search
===============================

A sampler is a step of a pipeline, and so a hyperparameter like any other.
Always put ``"passthrough"`` into the grid: it is the baseline without
resampling, and it often wins.
"""

# %%
# Data
# ----
#
# 3,000 rows, 3 % of them in the minority class, some labels wrong.

import matplotlib.pyplot as plt
import pandas as pd
from imblearn.pipeline import Pipeline
from sklearn.datasets import make_classification
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.tree import DecisionTreeClassifier

from skgensample import (
    GaussianCopulaResampler,
    NumbaBorderlineSMOTE,
    NumbaSMOTE,
    SequentialTreesResampler,
)

X, y = make_classification(
    n_samples=3000,
    n_features=8,
    n_informative=5,
    n_redundant=0,
    weights=[0.97],
    flip_y=0.01,
    random_state=2,
)

# %%
# The grid
# --------
#
# Two dictionaries: the baseline has no ratio to tune. The learner's own
# parameters are in both, so that the baseline is tuned, too.

model = Pipeline(
    [
        ("sampler", "passthrough"),
        ("learner", DecisionTreeClassifier(random_state=0)),
    ]
)
learner = {"learner__max_depth": [4, 8]}
grid = [
    {"sampler": ["passthrough"], **learner},
    {
        "sampler": [
            NumbaSMOTE(random_state=0),
            NumbaBorderlineSMOTE(random_state=0),
            GaussianCopulaResampler(random_state=0),
            SequentialTreesResampler(random_state=0),
        ],
        "sampler__sampling_strategy": [0.1, 1.0],
        **learner,
    },
]
cv = StratifiedKFold(3, shuffle=True, random_state=0)
search = GridSearchCV(model, grid, cv=cv, scoring="average_precision")
search.fit(X, y)
for name, value in search.best_params_.items():
    print(f"{name}: {value}")

# %%
# All candidates
# --------------
#
# The bars are means over three folds, the lines the range of the folds. Look
# at the lines before you believe in a winner: most differences are smaller
# than the differences between folds.

results = pd.DataFrame(search.cv_results_)
folds = results[[f"split{k}_test_score" for k in range(3)]]
name = results["param_sampler"].map(
    lambda s: s if isinstance(s, str) else type(s).__name__
)
ratio = results["param_sampler__sampling_strategy"]
results["candidate"] = name + ratio.map(
    lambda r: "" if pd.isna(r) else f", ratio {r:g}"
)
results["low"], results["high"] = folds.min(axis=1), folds.max(axis=1)
best = results.sort_values("mean_test_score").groupby("candidate").tail(1)

figure, ax = plt.subplots(figsize=(8, 4.2), layout="constrained")
colors = [
    "#7f7f7f" if name == "passthrough" else "#0072b2"
    for name in best["candidate"]
]
ax.barh(best["candidate"], best["mean_test_score"], color=colors)
ax.hlines(best["candidate"], best["low"], best["high"], color="black")
ax.set(xlabel="average precision")
