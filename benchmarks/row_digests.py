"""Digest of the rows of many samplers on many tables, to show that a change of form changes no row.

    python benchmarks/row_digests.py > before.txt     # on the commit before
    python benchmarks/row_digests.py > after.txt      # on the commit after
    diff before.txt after.txt

The tables are simulated, so nothing needs to be downloaded. Generators are trained for a few steps
only: what is compared is the sequence of operations, not the quality of the rows. Digests of the
generators are comparable on one machine with one version of torch.
"""

import argparse
import hashlib

import numpy as np
import pandas as pd

import skgensample

SAMPLERS = {
    "NumbaSMOTE": {},
    "NumbaBorderlineSMOTE": {},
    "NumbaSVMSMOTE": {},
    "NumbaKMeansSMOTE": {"cluster_balance_threshold": 0.05},
    "NumbaADASYN": {},
    "NumbaSMOTENC": {},  # a ValueError on tables of numbers
    "NumbaSMOTEN": {},
    "NumbaRandomOverSampler": {},
    "SafeLevelSMOTE": {},
    "GaussianCopulaResampler": {},
    "SequentialTreesResampler": {},
    "GANOversampler": {"max_steps": 60},
    "WGANOversampler": {"max_steps": 60},
    "CTGANResampler": {"max_steps": 60, "generator_dim": (64, 64), "pac": 2},
    "CopulaGANResampler": {"max_steps": 60, "embedding_dim": 50, "generator_dim": (50,)},
    "TVAEResampler": {"max_steps": 60},
}


def tables():
    """Name, rows and labels of each table."""
    rng = np.random.RandomState(0)

    def rows(n, d, shift=1.0):
        y = (rng.rand(n) < 0.1).astype(int)
        return rng.standard_t(4, (n, d)) @ rng.randn(d, d) + shift * y[:, None], y

    yield "float64", *rows(1500, 8)
    X, y = rows(800, 5)
    yield "float32", X.astype(np.float32), y + (rng.rand(len(y)) < 0.1)
    X, y = rows(1200, 4)
    frame = pd.DataFrame(X, columns=list("abcd")).assign(
        visits=rng.poisson(3, len(y)), foreign=rng.rand(len(y)) < 0.2
    )
    yield "numbers", frame, pd.Series(np.where(y, "yes", "no"))
    mixed = frame.assign(
        amount=np.exp(X[:, 0]).round(2),
        channel=pd.Categorical(rng.choice(["chip", "online", "swipe"], len(y))),
        country=rng.choice(["DE", "FR", "UK", "US"], len(y)),
    )
    yield "mixed", mixed, pd.Series(y, name="target")
    holes = mixed.mask(rng.rand(*mixed.shape) < 0.05).assign(
        day=pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.randint(0, 300, len(y)), "D")
    )
    yield "missing", holes.drop(columns=["foreign", "visits"]), pd.Series(y)
    X, y = rows(15_000, 10)  # large enough for the compiled kernels
    yield "large", X, y


def digest(X, y):
    """Digest of a table and its labels."""
    found = hashlib.sha256()
    for part in (X, y):
        if hasattr(part, "to_csv"):
            found.update(part.to_csv(float_format="%.17g").encode())
        else:
            found.update(repr(part.dtype).encode() + np.ascontiguousarray(part).tobytes())
    return found.hexdigest()[:16]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samplers", nargs="*", default=list(SAMPLERS))
    names = parser.parse_args().samplers
    for table, X, y in tables():
        for name in names:
            sampler = getattr(skgensample, name)(random_state=0, **SAMPLERS[name])
            try:
                said = digest(*sampler.fit_resample(X, y))
            except (TypeError, ValueError) as error:
                said = f"{type(error).__name__}"
            print(f"{table:10}{name:26}{said}", flush=True)


if __name__ == "__main__":
    main()
