"""Rows under a condition next to those without: the picture of the guide.

    python benchmarks/generators/plot_conditions.py --output FILE.png

Sequential trees on a table of purchases, whose amount depends on age and channel; the condition is
a web purchase of a person of 30 to 40.
"""

import argparse

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from skgensample import SequentialTreesResampler


def purchases(n=6_000):
    """Age, channel and amount of purchases."""
    rng = np.random.RandomState(0)
    age, channel = rng.randint(18, 90, n), rng.choice(["shop", "web"], n)
    mean = np.where(channel == "web", 20 + 120 * np.exp(-(((age - 30) / 15) ** 2)), 40 + age / 2)
    return pd.DataFrame({"age": age, "channel": channel, "amount": rng.gamma(8, mean / 8).round(2)})


def main():
    """Fit, sample, draw."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", required=True)
    options = parser.parse_args()
    model = SequentialTreesResampler(random_state=0).fit(purchases())
    free, _ = model.sample(3_000)
    conditions = {"channel": "web", "age": (30, 40)}
    given, _ = model.sample(3_000, conditions=conditions)
    real = purchases(60_000).query("channel == 'web' and 30 <= age <= 40")
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
    left.plot(free["age"], free["amount"], ".", ms=2, alpha=0.4, color="#888888", label="free")
    left.plot(given["age"], given["amount"], ".", ms=2, alpha=0.4, color="#c44e1f", label="given")
    left.set(xlabel="age", ylabel="amount")
    left.legend(markerscale=6, fontsize=8)
    bins = np.linspace(0, 400, 50)
    right.hist(
        real["amount"], bins, density=True, color="#cccccc", label="real rows that satisfy it"
    )
    right.hist(
        given["amount"], bins, density=True, histtype="step", color="#c44e1f", label="generated"
    )
    right.set(xlabel="amount")
    right.legend(fontsize=8)
    figure.savefig(options.output, dpi=90)


if __name__ == "__main__":
    main()
