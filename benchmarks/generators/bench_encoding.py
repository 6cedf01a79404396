"""Seconds of encoding a large table for the generators, and what a cap on levels costs.

    python benchmarks/generators/benchpy [--repeats N] [--caps 64 256 1024]

The table is fraud-shaped: 284,807 rows, 28 rotated Student-t columns, a time in seconds and an
amount in cents. With `--caps` CTGANResampler is also trained on 20,000 rows with a column of 3,000
levels, with one-hot codes of each width: seconds of training, and how far the levels' frequencies
are from the real ones (`floor` is the distance of a second real sample of as many rows).
"""

import argparse
import time

import numpy as np

from skgensample import CTGANResampler
from skgensample.generators.blocks import DiscreteBlock, ModeSpecificBlock, QuantileBlock
from skgensample.generators.encoder import BlockEncoder
from skgensample.table import TableCodec


def fraud_shaped(n=284_807, seed=0):
    """Floats as in a table of card transactions, and labels."""
    rng = np.random.RandomState(seed)
    rotation = np.linalg.qr(rng.normal(size=(28, 28)))[0]
    seconds = np.sort(rng.randint(0, 172_800, n)).astype(float)
    cents = np.round(rng.lognormal(3, 1.5, n), 2)
    X = np.column_stack([seconds, rng.standard_t(4, size=(n, 28)) @ rotation, cents])
    return X, (rng.uniform(size=n) < 0.0017).astype(int)


def seconds_of_encoding(X, y, block):
    """Seconds of the table codec, of fitting all blocks, of encoding all rows, of decoding."""
    marks = [time.perf_counter()]
    codec = TableCodec(categories="text", missing=True, learned=True)
    Z = codec.fit_encode(X)
    columns = codec.columns
    marks.append(time.perf_counter())
    encoder = BlockEncoder(Z, columns, continuous=block, group=y)
    marks.append(time.perf_counter())
    rng = np.random.RandomState(0)
    scalars, codes = encoder.encode(Z, rng)
    marks.append(time.perf_counter())
    back = codec.decode(encoder.decode(scalars, codes, 0, rng, np.empty_like(Z)))
    marks.append(time.perf_counter())
    assert np.median(np.abs(back - X) / X.std(axis=0)) < 1e-3
    return np.diff(marks)


def levels_table(n=20_000, n_levels=3_000, seed=0):
    """A column of many levels, a number that depends on it, another that does not; labels."""
    rng = np.random.RandomState(seed)
    weights = 1 / np.arange(1, n_levels + 1) ** 0.8
    code = rng.choice(n_levels, size=(2, n), p=weights / weights.sum())
    y = (rng.uniform(size=n) < 0.2).astype(int)
    number = rng.normal(size=n_levels)[code[0]] + rng.normal(size=n) + y
    words = np.array([f"level {i}" for i in range(n_levels)], dtype=object)
    X = np.empty((n, 3), dtype=object)
    X[:, 0], X[:, 1], X[:, 2] = words[code[0]], number, rng.normal(size=n)
    return X, y, words[code[1]]


def distance(one, other):
    """Total variation distance of two columns of levels."""
    levels, codes = np.unique(np.concatenate([one, other]).astype(str), return_inverse=True)
    shares = [
        np.bincount(part, minlength=len(levels)) / len(part)
        for part in (codes[: len(one)], codes[len(one) :])
    ]
    return 0.5 * np.abs(shares[0] - shares[1]).sum()


def seconds_with_cap(X, y, cap, max_steps):
    """Seconds of training with codes of at most `cap` levels, and the levels' distance."""
    DiscreteBlock.max_levels = cap
    model = CTGANResampler(random_state=0, max_steps=max_steps, early_stopping=False)
    start = time.perf_counter()
    model.fit(X, y)
    elapsed = time.perf_counter() - start
    made = [model.sample(int((y == label).sum()), y=label)[0] for label in (0, 1)]
    return elapsed, distance(X[:, 0], np.concatenate(made)[:, 0])


def main():
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--caps", type=int, nargs="*", default=[])
    parser.add_argument("--max-steps", type=int, default=300)
    options = parser.parse_args()
    X, y = fraud_shaped()
    print(f"{'block':18s} {'codec':>7s} {'fit':>7s} {'encode':>7s} {'decode':>7s} {'all':>7s}")
    for block in (ModeSpecificBlock, QuantileBlock):
        runs = [seconds_of_encoding(X, y, block) for _ in range(options.repeats)]
        middle = np.median(runs, axis=0)
        figures = " ".join(f"{seconds:7.2f}" for seconds in [*middle, middle.sum()])
        print(f"{block.__name__:18s} {figures}")
    if options.caps:
        X, y, again = levels_table()
        print(f"\n{'cap':>6s} {'train s':>8s} {'distance':>9s}")
        for cap in options.caps:
            elapsed, error = seconds_with_cap(X, y, cap, options.max_steps)
            print(f"{cap:6d} {elapsed:8.1f} {error:9.3f}")
        print(f"{'floor':>6s} {'':8s} {distance(X[:, 0], again):9.3f}")


if __name__ == "__main__":
    main()
