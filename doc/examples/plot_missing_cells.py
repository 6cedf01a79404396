"""
Missing cells keep their pattern
================================

Cells are rarely missing at random: a form that was left out leaves several
columns empty at once, and who left it out differs from who did not.
Generators learn the pattern; there is nothing to impute.
"""

# %%
# A table with holes
# ------------------
#
# Employment and income come from one form, and are missing together; the
# young leave it out more often. Debt is missing on its own.

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from skgensample import SequentialTreesResampler

rng = np.random.default_rng(0)
n = 2000
age = rng.integers(18, 80, n)
job = rng.choice(["employed", "own business", "retired"], n, p=[0.6, 0.1, 0.3])
income = (rng.gamma(6, 400, n) + 20 * age).round(0)
debt = rng.exponential(3000, n).round(2)
table = pd.DataFrame(
    {
        "age": age,
        "job": pd.Series(job, dtype=object),
        "income": pd.Series(income).astype("Int64"),
        "debt": debt,
    }
)
left_out = rng.uniform(size=n) < np.where(age < 35, 0.5, 0.15)
table.loc[left_out, ["job", "income"]] = None
table.loc[rng.uniform(size=n) < 0.1, "debt"] = np.nan
default = (rng.uniform(size=n) < 0.05 + 0.25 * left_out).astype(int)
table.head()

# %%
# Generate rows
# -------------
#
# The columns keep their types: ``income`` is still a nullable integer.

model = SequentialTreesResampler(random_state=0).fit(table, default)
made, labels = model.sample(2000)
print(made.dtypes)

# %%
# The pattern
# -----------


def pattern(frame):
    """Proportions of missing cells in a few groups of rows."""
    young = frame["age"] < 35
    job, income = frame["job"].isna(), frame["income"].isna()
    return {
        "job, under 35": job[young].mean(),
        "job, 35 and above": job[~young].mean(),
        "job and income": (job & income).mean(),
        "only one of them": (job ^ income).mean(),
        "debt": frame["debt"].isna().mean(),
    }


rates = pd.DataFrame({"given": pattern(table), "generated": pattern(made)})
ax = rates[::-1].plot.barh(
    figsize=(7, 3.2), color=["#0072b2", "#d55e00"], width=0.7
)
ax.set(xlabel="proportion of missing cells", title="What is missing where")
plt.tight_layout()
