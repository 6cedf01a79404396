"""
Names and rules
===============

A table as companies have it: a name and a phone number in each row, a
contract that ends after it starts, and a total that is the sum of its parts.
``personal="fake"`` invents the first two; ``constraints=`` holds the others.
"""

# %%
# Contracts
# ---------

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from skgensample import SequentialTreesResampler, table_schema
from skgensample.constraints import Inequality, LinearSum

rng = np.random.default_rng(0)
n = 1500
first = rng.choice(["Anna", "Bert", "Carla", "Dieter"], n)
letters = [chr(97 + i % 26) + chr(97 + i // 26 % 26) for i in range(n)]
start = pd.Timestamp("2025-01-01") + pd.to_timedelta(
    rng.integers(0, 300, n), "D"
)
contracts = pd.DataFrame(
    {
        "name": [f"{a} Mei{b}" for a, b in zip(first, letters)],
        "phone": rng.integers(10**9, 10**10, n),
        "start": start,
        "end": start + pd.to_timedelta(rng.gamma(1.5, 20, n).round(), "D"),
        "price": rng.gamma(2, 30, n).round(2),
        "fee": rng.gamma(2, 10, n).round(2),
    }
)
contracts["total"] = (contracts["price"] + contracts["fee"]).round(2)
contracts.head(3)

# %%
# What the columns are taken for:

print(table_schema(contracts))

# %%
# With and without rules
# ----------------------
#
# Sequential trees are fitted twice. No model sees the names and numbers, and
# none of them is in the new rows.

rules = [
    Inequality("start", "<=", "end"),
    LinearSum("total", ["price", "fee"]),
]
made = {}
for title, constraints in {"without rules": None, "with rules": rules}.items():
    model = SequentialTreesResampler(
        personal="fake", constraints=constraints, random_state=0
    )
    made[title], _ = model.fit(contracts).sample(1500)

for column in ("name", "phone"):
    taken = made["with rules"][column].isin(contracts[column])
    print(f"{column}: {taken.sum()} values taken over")
made["with rules"].head(3)

# %%
# Before and after
# ----------------
#
# Left, rows under the line end before they start. Right, totals off the line
# are not the sum of their parts. With the rules there are none.

figure, axes = plt.subplots(
    2, 2, figsize=(9, 7), sharex="col", sharey="col", layout="constrained"
)
day = pd.Timestamp("2025-01-01")
for (left, right), (title, rows) in zip(axes, made.items()):
    days = (rows[["start", "end"]] - day) / pd.Timedelta("1D")
    early = days["end"] < days["start"]
    parts = rows["price"] + rows["fee"]
    off = (rows["total"] - parts).abs() > 0.005
    print(f"{title:13s} {early.sum():4d} end too early, {off.sum():4d} off")
    colors = np.where(early, "#d55e00", "#0072b2")
    left.scatter(days["start"], days["end"], s=5, c=colors)
    left.axline((0, 0), slope=1, color="black", linewidth=0.8)
    left.set(title=f"{title}: {early.sum()} end too early", ylabel="end (day)")
    colors = np.where(off, "#d55e00", "#0072b2")
    right.scatter(parts, rows["total"], s=5, c=colors)
    right.axline((0, 0), slope=1, color="black", linewidth=0.8)
    right.set(title=f"{title}: {off.sum()} wrong totals", ylabel="total")
axes[1, 0].set_xlabel("start (day)")
axes[1, 1].set_xlabel("price + fee")
