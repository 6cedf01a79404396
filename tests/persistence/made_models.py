"""Small fitted generators, for the tests of model files and for the files of old formats.

``python tests/persistence/made_models.py`` writes one file of each class in the present format into
its folder; files of old formats are never written again.
"""

import sys
import warnings
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from conftest import GENERATORS, SAMPLERS

KEPT = (*GENERATORS, "GaussianCopulaResampler", "SequentialTreesResampler")
HERE = Path(__file__).parent


def array_table(n=120, seed=0):
    """Two floats and a whole number, two classes."""
    rng = np.random.RandomState(seed)
    X = rng.normal(size=(n, 3)).round(3)
    X[:, 2] = rng.randint(0, 60, n)
    return X, np.repeat([0, 1], [2 * n // 3, n // 3])


def fitted(name, table=array_table, **changes):
    """A fitted generator of cheap parameters."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return SAMPLERS[name]().set_params(**changes).fit(*table())


if __name__ == "__main__":
    from skgensample.persistence._archive import FORMAT

    folder = HERE / f"format{FORMAT}"
    folder.mkdir(exist_ok=True)
    for name in KEPT:
        path = folder / f"{name}.skg"
        if not path.exists():
            fitted(name).save(path)
