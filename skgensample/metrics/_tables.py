"""Two tables side by side as numbers, for the measures that compare them."""

from dataclasses import dataclass

import numpy as np

from ..table import TableCodec, is_frame, stack


@dataclass(frozen=True)
class Pair:
    """Real and synthetic rows of one encoding.

    Parameters
    ----------
    real, synthetic : ndarray of shape (n, d) and (m, d)
        Encoded rows: categories are codes of the levels seen in either table.
    columns : list of Column
        Description of each column.
    """

    real: np.ndarray
    synthetic: np.ndarray
    columns: list

    @property
    def categorical(self):
        """Mask of the columns of categories and flags."""
        return np.array([bool(column.n_levels) for column in self.columns])


def encoded_pair(X_real, X_synthetic):
    """Encode two tables together.

    Parameters
    ----------
    X_real, X_synthetic : {array-like, frame}
        Tables of the same kind and columns.

    Returns
    -------
    Pair
        Both as numbers.

    Raises
    ------
    ValueError
        If the tables have different columns, or one has no row.
    """
    tables = [X if is_frame(X) else np.asarray(X) for X in (X_real, X_synthetic)]
    names = [list(X.columns) if is_frame(X) else list(range(X.shape[1])) for X in tables]
    if names[0] != names[1]:
        raise ValueError("The two tables have different columns.")
    if not all(map(len, tables)):
        raise ValueError("A table has no row.")
    codec = TableCodec(categories="text")
    Z = codec.fit_encode(stack(*tables))
    n = len(tables[0])
    return Pair(Z[:n], Z[n:], codec.columns)


def unit_scaled(pair):
    """Rows with every column between 0 and 1 in the real rows, categories one-hot.

    A category's columns are scaled so that two different levels lie 1 apart.
    """
    parts = []
    for j, column in enumerate(pair.columns):
        both = pair.real[:, j], pair.synthetic[:, j]
        if column.kind == "categorical":
            levels = np.arange(column.n_levels)
            parts.append([(z[:, None] == levels) * np.sqrt(0.5) for z in both])
        else:
            lo, hi = both[0].min(), both[0].max()
            width = hi - lo if 0 < hi - lo < np.inf else 1.0
            parts.append([((z - lo) / width)[:, None] for z in both])
    return tuple(np.concatenate(blocks, axis=1) for blocks in zip(*parts))
