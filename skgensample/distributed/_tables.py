"""Pieces of tables: pandas frames and arrays, their rows by position, and where labels are."""

from dataclasses import dataclass

import numpy as np

from ..table import Target, is_frame


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


def take(X, positions):
    """Rows of a table at given positions, as a copy; a frame's index labels are dropped."""
    if is_frame(X):
        return X.iloc[positions].reset_index(drop=True)
    return X[positions]


def stack(tables):
    """Tables of one kind and the same columns, one after the other."""
    tables = [X for X in tables if len(X)] or tables[:1]
    if len(tables) == 1:
        return tables[0]
    if not is_frame(tables[0]):
        return np.concatenate(tables)
    import pandas as pd

    return pd.concat(tables, ignore_index=True)


def byte_count(X):
    """Bytes that the rows of a table take in memory."""
    if is_frame(X):
        return int(X.memory_usage(index=False, deep=len(X) < 100_000).sum())
    return X.nbytes


def width_of(X):
    """Bytes of one row as floats, at least."""
    return 8 * X.shape[1]
