"""
A Gaussian copula, pair by pair
===============================

A copula takes a table apart: the distribution of each column, and one
correlation for each pair. It fits in milliseconds, and a pair plot shows
what it keeps and what it loses.
"""

# %%
# Wine
# ----
#
# 178 wines of three growers; four of the thirteen columns.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_wine

from skgensample import GaussianCopulaResampler

X, y = load_wine(return_X_y=True, as_frame=True)
X = X[["alcohol", "malic_acid", "flavanoids", "proline"]]

model = GaussianCopulaResampler(random_state=0).fit(X, y)
made, growers = model.sample(500)
made.head()

# %%
# Correlations within a class
# ---------------------------

real = X[y == 0].corr().to_numpy()
synthetic = made[growers == 0].corr().to_numpy()
pairs = np.triu_indices(4, 1)
print("largest difference of a correlation:", end=" ")
print(f"{np.abs(real - synthetic)[pairs].max():.2f}")

# %%
# Real rows below the diagonal, generated ones above
# --------------------------------------------------
#
# Each colour is a grower. Given 60 rows of a class, marginals are close and
# monotone dependence is kept.

colors = np.array(["#0072b2", "#d55e00", "#009e73"])
figure, axes = plt.subplots(4, 4, figsize=(8.5, 8.5), layout="constrained")
for i, row in enumerate(X):
    for j, column in enumerate(X):
        ax = axes[i, j]
        if i == j:
            bins = np.linspace(X[row].min(), X[row].max(), 20)
            ax.hist(X[row], bins, density=True, color="#cccccc")
            ax.hist(
                made[row], bins, density=True, histtype="step", color="black"
            )
            ax.set_title(row, fontsize=10)
        else:
            frame, label = (X, y) if i > j else (made, growers)
            ax.scatter(
                frame[column], frame[row], s=4, color=colors[label], alpha=0.7
            )
        ax.set(xticks=[], yticks=[])
