"""
Probabilities after resampling
==============================

A model trained on balanced classes believes that every second row is of the
minority class. Its ranking may be good, but its scores are not
probabilities. Two remedies: a formula, and recalibration on rows that were
not resampled.
"""

# %%
# The problem
# -----------
#
# 5 % of the rows are of the minority class. After SMOTE the mean score is
# several times as high.

import matplotlib.pyplot as plt
import numpy as np
from imblearn.pipeline import make_pipeline
from sklearn.calibration import CalibratedClassifierCV, CalibrationDisplay
from sklearn.datasets import make_classification
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss
from sklearn.model_selection import train_test_split

from skgensample import NumbaSMOTE

X, y = make_classification(
    n_samples=20000, weights=[0.95], class_sep=0.7, random_state=0
)
X, X_test, y, y_test = train_test_split(X, y, stratify=y, random_state=0)
X, X_held, y, y_held = train_test_split(X, y, stratify=y, random_state=0)

sampler = NumbaSMOTE(random_state=0)
model = make_pipeline(sampler, LogisticRegression()).fit(X, y)
scores = model.predict_proba(X_test)[:, 1]
print(f"minority class {y_test.mean():.3f}, mean score {scores.mean():.3f}")

# %%
# Remedy 1: the formula
# ---------------------
#
# Resampling multiplies the odds of the minority class by a known factor: how
# much more frequent the class became. Divide the odds by it (Elkan 2001;
# Dal Pozzolo et al. 2015). This assumes that the new rows are distributed
# like the given ones.


def odds(p):
    """Odds of a probability."""
    return p / (1 - p)


def corrected(scores, before, after):
    """Undo a change of the class frequency from `before` to `after`."""
    factor = odds(before) / odds(after)
    return factor * scores / (factor * scores + 1 - scores)


formula = corrected(scores, before=y.mean(), after=0.5)

# %%
# Remedy 2: recalibration
# -----------------------
#
# Fit a monotone map from scores to probabilities on rows that were held out
# and *not* resampled. ``FrozenEstimator`` keeps the pipeline as it is.

frozen = FrozenEstimator(model)
calibrated = CalibratedClassifierCV(frozen, method="isotonic")
calibrated.fit(X_held, y_held)
recalibrated = calibrated.predict_proba(X_test)[:, 1]

# %%
# Remedy 0: do not resample
# -------------------------

plain = LogisticRegression().fit(X, y).predict_proba(X_test)[:, 1]

# %%
# Reliability
# -----------
#
# On the diagonal a score of .2 means that one such row in five is of the
# minority class. The Brier score is the mean squared error of the
# probabilities: lower is better.

candidates = {
    "SMOTE": scores,
    "SMOTE, formula": formula,
    "SMOTE, recalibrated": recalibrated,
    "no resampling": plain,
}
for name, values in candidates.items():
    brier = brier_score_loss(y_test, values)
    print(f"{name:20s} mean {np.mean(values):.3f}  Brier score {brier:.4f}")

figure, ax = plt.subplots(figsize=(6, 5), layout="constrained")
for name, values in candidates.items():
    CalibrationDisplay.from_predictions(
        y_test, values, n_bins=10, strategy="quantile", name=name, ax=ax
    )
ax.set(xlabel="score", ylabel="frequency of the minority class")
ax.legend(loc="upper left")
