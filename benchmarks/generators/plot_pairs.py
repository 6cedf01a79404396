"""Pairs of columns of real and of synthetic clients: the picture of the guide.

    python benchmarks/generators/plot_pairs.py --data FOLDER [--model NAME] --output FILE.png

FOLDER holds credit-default-taiwan. The model is fitted to the training rows of `quality_tables` and
generates as many rows of each class; 6,000 of each table are shown.
"""

import argparse

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from quality_tables import load

import skgensample

PAIRS = (("LIMIT_BAL", "BILL_AMT1"), ("BILL_AMT1", "BILL_AMT2"), ("BILL_AMT2", "PAY_AMT1"))


def scaled(amount):
    """Signed logarithm."""
    return np.sign(amount) * np.log10(1 + np.abs(amount) / 100)


def main():
    """Fit, sample, draw."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True)
    parser.add_argument("--model", default="AutoregressiveResampler")
    parser.add_argument("--output", required=True)
    options = parser.parse_args()
    split = load("default", options.data)
    model = getattr(skgensample, options.model)(random_state=0).fit(split.X, split.y)
    counts = split.y.value_counts()
    made = pd.concat([model.sample(int(n), y=label)[0] for label, n in counts.items()])
    figure, axes = plt.subplots(2, 3, figsize=(9, 5.4), layout="constrained")
    for row, (title, table) in enumerate((("real", split.X), ("synthetic", made))):
        table = table.sample(6_000, random_state=0)
        for ax, top, (x, y) in zip(axes[row], axes[0], PAIRS):
            colour = ("#444444", "#c44e1f")[row]
            ax.plot(scaled(table[x]), scaled(table[y]), ".", ms=1.5, alpha=0.35, color=colour)
            ax.set_title(title, fontsize=9)
            ax.set_xlabel(x, fontsize=8)
            ax.set_ylabel(y, fontsize=8)
            ax.tick_params(labelsize=7)
            ax.set(xlim=top.get_xlim(), ylim=top.get_ylim())
    figure.suptitle("signed log10(1 + amount / 100)", fontsize=8)
    figure.savefig(options.output, dpi=90)


if __name__ == "__main__":
    main()
