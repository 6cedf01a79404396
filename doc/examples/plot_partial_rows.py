"""
Complete partial rows
=====================

``sample(partial=...)`` takes rows of which some cells are given and fills in
the others. Repeat a row to see the whole distribution of what is not known:
multiple imputation by one call.
"""

# %%
# A table of cars
# ---------------

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from skgensample import SequentialTreesResampler

rng = np.random.default_rng(0)
n = 3000
age = rng.integers(0, 15, n)
fuel = np.where(rng.uniform(size=n) < 0.5 - 0.02 * age, "electric", "petrol")
price = 32 * np.exp(-0.14 * age) * np.where(fuel == "electric", 1.35, 1)
price = (price * np.exp(rng.normal(0, 0.15, n))).round(1)
cars = pd.DataFrame({"age": age, "fuel": fuel, "price": price})

model = SequentialTreesResampler(random_state=0).fit(cars)

# %%
# Three cars, one of them of unknown fuel
# ---------------------------------------
#
# None and NaN stand for cells to be generated. One row is generated for each
# row of ``partial``, in the same order.

partial = pd.DataFrame(
    {
        "age": [2, 2, 10],
        "fuel": ["electric", "petrol", None],
        "price": [np.nan, np.nan, 9.0],
    }
)
complete, _ = model.sample(partial=partial, random_state=0)
complete.round(1)

# %%
# The distribution of what is not known
# -------------------------------------
#
# 1,000 completions of each of the first two rows, next to the prices of such
# cars in the table.

figure, ax = plt.subplots(figsize=(7, 3.6), layout="constrained")
for row, color in ((0, "#0072b2"), (1, "#d55e00")):
    asked = partial.loc[[row] * 1000].reset_index(drop=True)
    drawn, _ = model.sample(partial=asked, random_state=row)
    kind = partial.loc[row, "fuel"]
    ax.hist(
        drawn["price"],
        bins=30,
        density=True,
        alpha=0.5,
        color=color,
        label=f"{kind}, two years old: generated",
    )
    given = cars.query("age == 2 and fuel == @kind")["price"]
    ax.hist(
        given,
        bins=30,
        density=True,
        histtype="step",
        linewidth=1.4,
        color=color,
        label=f"the same, {len(given)} given cars",
    )
ax.set(xlabel="price in thousands", yticks=[])
ax.legend(fontsize=8)
