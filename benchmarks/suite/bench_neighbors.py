"""NumbaSMOTE and its search, beside what they replace."""

import numpy as np
from imblearn.over_sampling import SMOTE
from sklearn.neighbors import NearestNeighbors

from skgensample import NumbaNearestNeighbors, NumbaSMOTE


def fraud_like(n_rows, n_columns, n_frauds, seed=0):
    """Two overlapping classes of floats, the second one scarce."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_rows, n_columns))
    y = np.zeros(n_rows, dtype=int)
    y[:n_frauds] = 1
    X[:n_frauds] += 1
    return X, y


class Oversampling:
    """Balance two classes."""

    params = (["imbalanced-learn", "skgensample"], [(70_000, 15, 600), (300_000, 30, 5_000)])
    param_names = ("library", "rows, columns, frauds")

    def setup(self, library, shape):
        """Make the data and compile."""
        self.sampler = {"imbalanced-learn": SMOTE, "skgensample": NumbaSMOTE}[library](
            random_state=0
        )
        self.sampler.fit_resample(*fraud_like(20_000, shape[1], 2_000))
        self.X, self.y = fraud_like(*shape)

    def time_fit_resample(self, library, shape):
        """Seconds of one call."""
        self.sampler.fit_resample(self.X, self.y)

    def peakmem_fit_resample(self, library, shape):
        """Peak memory of the process."""
        self.sampler.fit_resample(self.X, self.y)


class Search:
    """Neighbours of every row of a class."""

    params = (["scikit-learn", "skgensample"], [(600, 15), (5_000, 30)])
    param_names = ("library", "rows, columns")

    def setup(self, library, shape):
        """Make the data and compile."""
        kinds = {"scikit-learn": NearestNeighbors, "skgensample": NumbaNearestNeighbors}
        self.search = kinds[library](n_neighbors=6)
        self.X = np.random.default_rng(0).normal(size=shape)
        self.search.fit(self.X).kneighbors(self.X)

    def time_kneighbors(self, library, shape):
        """Seconds of one search."""
        self.search.fit(self.X).kneighbors(self.X)
