"""
A whole synthetic table
=======================

:func:`~skgensample.synthesize` takes a data frame and returns one like it:
numbers, categories, dates and missing cells, with the same columns and
types. Behind it are sequential trees.
"""

# %%
# A table of loans
# ----------------
#
# Simulated, with dependence: income grows with age, interest falls with
# income, managers earn more, and default depends on all of them.

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from skgensample import synthesize

rng = np.random.default_rng(0)
n = 4000
age = rng.integers(20, 70, n)
job = np.select(
    [rng.uniform(size=n) < 0.15 + 0.004 * age, rng.uniform(size=n) < 0.6],
    ["manager", "clerk"],
    "worker",
)
income = np.exp(rng.normal(9.8, 0.3, n)) * (1 + 0.01 * (age - 20))
income = (income * np.where(job == "manager", 1.6, 1)).round(2)
interest = (9 - income / 15000 + rng.normal(0, 0.6, n)).clip(1).round(2)
interest = np.where(rng.uniform(size=n) < 0.05, np.nan, interest)
issued = pd.Timestamp("2025-01-01") + pd.to_timedelta(
    rng.integers(0, 365, n), "D"
)
risk = 1 / (1 + np.exp(2 + income / 20000 - (age < 30)))
loans = pd.DataFrame(
    {
        "age": age,
        "job": pd.Categorical(job),
        "income": income,
        "interest": interest,
        "issued": issued,
        "default": (rng.uniform(size=n) < risk).astype(int),
    }
)
loans.head()

# %%
# A synthetic one
# ---------------

made = synthesize(loans, target="default", n=4000, random_state=0)
made.head()

# %%
# Amounts are in cents, dates are whole days, about as many cells are missing,
# and the types are the same.

print(made.dtypes.equals(loans.dtypes))
print(f"missing: {loans['interest'].isna().mean():.3f}", end=" ")
print(f"and {made['interest'].isna().mean():.3f}")

# %%
# Marginals and dependence
# ------------------------

colors = {"real": "#0072b2", "synthetic": "#d55e00"}
frames = {"real": loans, "synthetic": made}
figure, axes = plt.subplots(2, 3, figsize=(10, 5.6), layout="constrained")
for name, frame in frames.items():
    style = {
        "histtype": "step",
        "density": True,
        "color": colors[name],
        "linewidth": 1.6,
        "label": name,
    }
    axes[0, 0].hist(frame["age"], bins=range(20, 71, 2), **style)
    axes[0, 1].hist(frame["income"], bins=np.linspace(5e3, 9e4, 40), **style)
    axes[0, 2].hist(frame["interest"].dropna(), bins=30, **style)
for ax, column in zip(axes[0], ["age", "income", "interest"]):
    ax.set(title=column, yticks=[])
axes[0, 0].legend(fontsize=8)

jobs = pd.DataFrame(
    {k: f["job"].value_counts(normalize=True) for k, f in frames.items()}
)
jobs.plot.bar(ax=axes[1, 0], color=colors, rot=0, legend=False)
axes[1, 0].set(title="job", xlabel="", yticks=[])
for ax, (name, frame) in zip(axes[1, 1:], frames.items()):
    ax.scatter(frame["income"], frame["interest"], s=3, color=colors[name])
    ax.set(title=f"income and interest, {name}", xlim=(0, 9e4), ylim=(0, 12))
