"""
Data leakage: SMOTE before the split
====================================

A common mistake in published results on fraud data: the table is balanced
first and split afterwards. Test rows then have near-copies among the training
rows, and any model looks perfect. This example makes the mistake on purpose,
and compares with the correct procedure.
"""

# %%
# The data
# --------

import matplotlib.pyplot as plt
from imblearn.pipeline import make_pipeline
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import StratifiedKFold, cross_val_score

from skgensample import NumbaSMOTE
from skgensample.datasets import (
    card_transaction_features,
    make_card_transactions,
)

stream = make_card_transactions(
    n_customers=250, n_terminals=500, n_days=40, random_state=0
)
X, y = card_transaction_features(stream), stream["TX_FRAUD"]
forest = RandomForestClassifier(n_estimators=20, random_state=0)
folds = StratifiedKFold(3, shuffle=True, random_state=0)
print(f"{len(X)} transactions, {y.sum()} fraudulent")

# %%
# Wrong: resample, then split
# ---------------------------
#
# Every synthetic fraudulent row lies between two real ones. When the split
# separates them, the model is tested on near-copies of its training rows; and
# half of the test set is fraudulent, which never happens in reality.

X_all, y_all = NumbaSMOTE(random_state=0).fit_resample(X, y)
leaked = cross_val_score(
    forest, X_all, y_all, cv=folds, scoring="average_precision"
)
print(f"leaked: AP {leaked.mean():.4f}")

# %%
# Right: split, then resample the training rows
# ---------------------------------------------
#
# The pipeline calls ``fit_resample`` on the training rows of each fold, and on
# nothing else.

model = make_pipeline(NumbaSMOTE(random_state=0), forest)
correct = cross_val_score(model, X, y, cv=folds, scoring="average_precision")
nothing = cross_val_score(forest, X, y, cv=folds, scoring="average_precision")
print(f"correct: AP {correct.mean():.4f}")
print(f"no resampling: AP {nothing.mean():.4f}")

# %%
# How to detect it in your own study
# ----------------------------------
#
# Be suspicious of an average precision near 1 on fraud data. Look for calls
# of ``fit_resample`` outside a pipeline, for a test set with a higher fraud
# rate than the data, and for test rows that ``is_synthetic_`` marks:

sampler = NumbaSMOTE(random_state=0)
X_all, y_all = sampler.fit_resample(X, y)
_, test = next(folds.split(X_all, y_all))
tested = sampler.is_synthetic_[test].mean()
print(f"{tested:.0%} of the rows tested were synthetic")

# %%
# The difference
# --------------

figure, axes = plt.subplots(figsize=(6, 3), layout="constrained")
names = ["no resampling", "SMOTE in the pipeline", "SMOTE before the split"]
values = [nothing.mean(), correct.mean(), leaked.mean()]
bars = axes.barh(names, values, color=["#7f7f7f", "#0072b2", "#d55e00"])
axes.bar_label(bars, fmt="%.3f", padding=3)
axes.set(xlim=(0, 1.12), xlabel="Average precision")
