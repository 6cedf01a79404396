"""
ROC flatters, precision and recall do not
=========================================

With one fraudulent row in two hundred, a false positive rate of 1 % means
two false alarms for each fraud. The ROC curve hardly shows it; the
precision-recall curve does.
"""

# %%
# Rare rows
# ---------

import matplotlib.pyplot as plt
from imblearn.pipeline import make_pipeline
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import (
    PrecisionRecallDisplay,
    RocCurveDisplay,
    average_precision_score,
    roc_auc_score,
)
from sklearn.model_selection import train_test_split

from skgensample import NumbaRandomOverSampler, NumbaSMOTE

X, y = make_classification(
    n_samples=16000,
    n_features=8,
    n_informative=6,
    weights=[0.995],
    flip_y=0.002,
    class_sep=1.2,
    random_state=3,
)
X, X_test, y, y_test = train_test_split(X, y, stratify=y, random_state=0)

# %%
# Four models
# -----------

forest = {"n_estimators": 40, "min_samples_leaf": 3, "random_state": 0}
learner = RandomForestClassifier(**forest)
weighted = RandomForestClassifier(class_weight="balanced", **forest)
ratio = {"sampling_strategy": 0.1, "random_state": 0}
models = {
    "no resampling": learner,
    "class weights": weighted,
    "repeated rows": make_pipeline(NumbaRandomOverSampler(**ratio), learner),
    "SMOTE": make_pipeline(NumbaSMOTE(**ratio), learner),
}
scores = {
    name: model.fit(X, y).predict_proba(X_test)[:, 1]
    for name, model in models.items()
}
for name, values in scores.items():
    print(
        f"{name:14s} AUROC {roc_auc_score(y_test, values):.3f}  "
        f"AP {average_precision_score(y_test, values):.3f}"
    )

# %%
# Two views of the same scores
# ----------------------------

figure, axes = plt.subplots(1, 2, figsize=(10, 4.4), layout="constrained")
for name, values in scores.items():
    RocCurveDisplay.from_predictions(y_test, values, name=name, ax=axes[0])
    PrecisionRecallDisplay.from_predictions(
        y_test, values, name=name, ax=axes[1]
    )
axes[0].set_title("ROC")
axes[1].set_title("Precision and recall")
for ax in axes:
    ax.legend(fontsize=8, loc="lower left" if ax is axes[1] else None)
