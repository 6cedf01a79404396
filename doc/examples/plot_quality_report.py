"""
A report on a synthetic table
=============================

:class:`~skgensample.QualityReport` compares a synthetic table with the real
one: is it faithful, is it useful, do attacks find training rows in it? The
displays of ``skgensample.plotting`` show where it differs.
"""

# %%
# A table and a synthetic one
# ---------------------------
#
# Half of the rows are held out: the generator does not see them, and the
# report compares with them.

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from skgensample import GaussianCopulaResampler, QualityReport
from skgensample.plotting import MarginalsDisplay, ProjectionDisplay

rng = np.random.default_rng(0)
n = 2400
age = rng.integers(18, 80, n)
balance = (rng.lognormal(6, 0.8, n) * age / 40).round(2)
home = np.where(rng.uniform(size=n) < age / 120, "own", "rent")
calls = rng.poisson(np.where(age < 35, 1, 5))
risk = 1 / (1 + np.exp(4 - balance / 400 + (home == "own")))
customers = pd.DataFrame(
    {
        "age": age,
        "balance": balance,
        "home": home,
        "calls": calls,
        "buys": np.where(rng.uniform(size=n) < risk, "yes", "no"),
    }
)
real, unseen = customers[: n // 2], customers[n // 2 :]

copula = GaussianCopulaResampler(random_state=0).fit(real)
synthetic, _ = copula.sample(len(real))
synthetic.head(3)

# %%
# The report
# ----------
#
# The verdict comes first. ``print(report)`` shows all measures, a notebook
# shows the page, and ``report.save("report.html")`` writes it.

report = QualityReport(real, synthetic, target="buys", holdout=unseen)
print(report.verdict["summary"])
for question in ("fidelity", "utility", "privacy"):
    print(f"{question}: {report.verdict[question]['level']}")

# %%
# In a script, limits say whether a table is good enough.

print(report.check({"fidelity.c2st": 0.65, "privacy.copies": 0.01}))

# %%
# Where it differs
# ----------------
#
# From above: the four columns that differ most; all columns on two principal
# components; and a pair that a copula gets wrong: it smooths the step at 35,
# below which customers hardly call. A good verdict is one on the whole; look
# at the pairs that matter to you.

figure = plt.figure(figsize=(9, 9), layout="constrained")
top, middle, bottom = figure.subfigures(3, 1)
panels = top.subplots(1, 4)
MarginalsDisplay.from_tables(unseen, synthetic, ax=panels, max_columns=4)
ProjectionDisplay.from_tables(unseen, synthetic, ax=middle.subplots(1, 2))
pairs = {"real": unseen, "synthetic": synthetic}
colors = {"real": "#0072b2", "synthetic": "#d55e00"}
for panel, (name, rows) in zip(bottom.subplots(1, 2), pairs.items()):
    jitter = np.random.default_rng(0).uniform(-0.4, 0.4, len(rows))
    panel.scatter(rows["age"], rows["calls"] + jitter, s=5, color=colors[name])
    panel.set(title=f"Calls by age, {name} rows", ylim=(-1, 15))
