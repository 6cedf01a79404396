"""How a partition is divided into the table and its labels."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from ..table import Target


@dataclass(frozen=True)
class Split:
    """How a partition is divided into the table and its labels.

    Parameters
    ----------
    target : object
        Name of the column of labels; None where a partition is a pair of table and labels.
    """

    target: object = None

    def __call__(self, partition):
        """Table and labels of a partition, an ndarray."""
        X, y = self.table(partition), self.labels(partition)
        if sparse.issparse(X):
            raise TypeError(
                "Sparse blocks of a dask Array are not supported: make them dense first, "
                "X.map_blocks(lambda block: block.toarray())."
            )
        if len(X) != len(y):
            raise ValueError(
                f"A partition of X has {len(X)} rows and its partition of y {len(y)}: both need "
                "the same partitions. Give the name of a column as y, or repartition."
            )
        return X, Target(y).labels if len(X) else np.empty(0, dtype=object)

    def table(self, partition):
        """Columns without the labels."""
        if isinstance(partition, tuple):
            return partition[0]
        return partition.drop(columns=[self.target])

    def labels(self, partition):
        """Labels in their own container."""
        return partition[1] if isinstance(partition, tuple) else partition[self.target]
