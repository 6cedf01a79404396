"""
Splits along time
=================

Fraud is not exchangeable: yesterday's rows help to find today's, never the
other way round. And labels are late: a customer notices a fraudulent
payment days after it was made. Shuffled folds ignore both.
"""

# %%
# A stream of card transactions
# -----------------------------

import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import StratifiedKFold, cross_val_score

from skgensample.datasets import (
    card_transaction_features,
    make_card_transactions,
)
from skgensample.model_selection import PrequentialSplit

stream = make_card_transactions(
    n_customers=400, n_terminals=800, n_days=75, random_state=0
)
X, y = card_transaction_features(stream), stream["TX_FRAUD"]
time = stream["TX_DATETIME"]
card = stream["CUSTOMER_ID"]

# %%
# Prequential folds
# -----------------
#
# Train on a week, wait a week for its labels, test on the week after; then
# the same a week earlier. Cards known to be compromised are not tested.

cv = PrequentialSplit(n_splits=4, time=time, card=card)
for fold, (train, test) in enumerate(cv.split(X, y)):
    print(f"fold {fold}: {len(train)} rows train, {len(test)} rows test")

# %%
# Shuffled folds are too optimistic
# ---------------------------------
#
# The same forest, judged both ways.

forest = RandomForestClassifier(n_estimators=25, max_depth=12, random_state=0)
shuffled = StratifiedKFold(4, shuffle=True, random_state=0)
scores = {
    name: cross_val_score(forest, X, y, cv=folds, scoring="average_precision")
    for name, folds in {"in time": cv, "shuffled": shuffled}.items()
}
for name, values in scores.items():
    print(f"{name:9s} average precision {values.mean():.3f}")

# %%
# The picture
# -----------

figure, ax = plt.subplots(figsize=(8, 3), layout="constrained")
day = pd.Timedelta("1D")
for fold, (train, test) in enumerate(cv.split(X, y)):
    for rows, color, name in (
        (train, "#0072b2", "train"),
        (test, "#d55e00", "test"),
    ):
        days = time.iloc[rows].dt.normalize()
        ax.barh(
            fold,
            days.max() + day - days.min(),
            left=days.min(),
            height=0.6,
            color=color,
            label=name if fold == 0 else None,
        )
    last = time.iloc[train].max().normalize() + day
    first = time.iloc[test].min().normalize()
    ax.barh(
        fold,
        first - last,
        left=last,
        height=0.6,
        color="#e8e8e8",
        label="labels not known yet" if fold == 0 else None,
    )
ax.set(yticks=range(4), ylabel="fold")
ax.xaxis.set_major_formatter(mdates.DateFormatter("%d %b"))
ax.invert_yaxis()
figure.legend(loc="outside upper center", ncols=3, frameon=False)
