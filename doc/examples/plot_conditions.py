"""
Rows under conditions
=====================

What would a fraudulent payment above 300 in the web shop look like? Ask the
model: every generated row satisfies the conditions, and the other columns
follow from them.
"""

# %%
# Payments
# --------

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from skgensample import SequentialTreesResampler

rng = np.random.default_rng(0)
n = 6000
channel = rng.choice(["shop", "web", "phone"], n, p=[0.6, 0.3, 0.1])
hour = np.where(channel == "shop", rng.normal(14, 3, n), rng.normal(20, 4, n))
hour = hour.round().astype(int) % 24
amount = rng.gamma(2, 25, n) * np.where(channel == "web", 2.2, 1)
payments = pd.DataFrame(
    {"channel": channel, "amount": amount.round(2), "hour": hour}
)
odds = np.exp(-4.5 + amount / 120 + 0.8 * (channel == "web"))
fraud = (rng.uniform(size=n) < odds / (1 + odds)).astype(int)

# %%
# Fit once, ask often
# -------------------
#
# A condition is a value, a list of values, or an interval with None for an
# open end. Rows are exact if the conditioned columns are the first ones, as
# here; else name them first in ``order``.

model = SequentialTreesResampler(random_state=0).fit(payments, fraud)

large_web, _ = model.sample(
    1000, y=1, conditions={"channel": "web", "amount": (150, None)}
)
large_web.describe(include="all").round(1)

# %%
# Without ``y`` the label follows from the conditions, too.

for low in (0, 100, 200, 300):
    _, labels = model.sample(
        3000, conditions={"channel": "web", "amount": (low, None)}
    )
    rows = (channel == "web") & (amount >= low)
    print(
        f"web, {low:3d} or more: fraudulent {labels.mean():.2f} of the"
        f" generated rows, {fraud[rows].mean():.2f} of {rows.sum()} given"
    )

# %%
# Generated and given rows of that kind
# -------------------------------------

given = payments[(channel == "web") & (amount >= 150) & (fraud == 1)]
free, _ = model.sample(1000, y=1)
figure, axes = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
axes[0].scatter(
    free["amount"], free["hour"], s=5, color="#bbbbbb", label="fraudulent"
)
axes[0].scatter(
    large_web["amount"],
    large_web["hour"],
    s=5,
    color="#d55e00",
    label="web, 150 or more",
)
axes[0].axvline(150, color="black", linewidth=0.8)
axes[0].set(xlabel="amount", ylabel="hour", title="generated rows")
axes[0].legend(fontsize=8)
bins = np.linspace(150, 500, 20)
for rows, name, color in (
    (given, f"given ({len(given)} rows)", "#0072b2"),
    (large_web, "generated (1000 rows)", "#d55e00"),
):
    axes[1].hist(
        rows["amount"],
        bins=bins,
        density=True,
        histtype="step",
        linewidth=1.6,
        label=name,
        color=color,
    )
axes[1].set(xlabel="amount", yticks=[], title="web, 150 or more")
axes[1].legend(fontsize=8)
