"""Bytes of a call of a sampler, estimated from its table before anything large is made."""

import numpy as np
from scipy import sparse

from .._runtime.memory import refuse_beyond
from ..table import stored_bytes

#: Bytes of a number of a decoded row.
NUMBER = 8


def refuse_table(sampler, table, n_new, given):
    """Raise `MemoryLimitError` if a call of a sampler would not fit in memory.

    Counted are encoded rows, what a generator is fitted on, and the result.

    Parameters
    ----------
    sampler : BaseOverSampler
        Validated sampler.
    table : table of n rows
        The input.
    n_new : int
        Rows to be generated.
    given : bool
        Whether the input rows are part of the result.
    """
    n, d = table.shape
    stored, encoded = stored_bytes(table), _encoded_bytes(sampler, table, given)
    learned = 0 if sparse.issparse(table) else sampler._fit_copies() * _row_of_numbers(table)
    needed = n * (encoded + learned) + (n * given + n_new) * stored + n_new * encoded
    fewer = "ask for fewer with sampling_strategy, " if n_new else ""
    refuse_beyond(
        needed,
        f"{n:,} given rows and {n_new:,} new rows of {d:,} columns",
        f"{fewer}fit on fewer rows, or let skgensample.resample_dataset read and write a file in "
        "pieces.",
    )


def _encoded_bytes(sampler, table, given):
    """Bytes of an encoded row that are taken in addition to those of the result."""
    if sparse.issparse(table):
        return stored_bytes(table)
    in_place = type(table) is np.ndarray and table.dtype.kind in "biuf"  # rows of the result
    return 0 if sampler._repeats_rows or (in_place and given) else _row_of_numbers(table)


def _row_of_numbers(table):
    """Bytes of a dense encoded row: float32 if the table has no wider cells, else float64."""
    d = table.shape[1]
    return d * (8 if stored_bytes(table) > 4 * d else 4)


def refuse_samples(n, d):
    """Raise `MemoryLimitError` if so many sampled rows, encoded and decoded, would not fit.

    Parameters
    ----------
    n, d : int
        Number of rows and of columns.
    """
    refuse_beyond(
        2 * NUMBER * n * d,
        f"{n:,} rows of {d:,} columns",
        "sample fewer in each call, with another random_state in each, and write them to a file "
        "one after the other.",
    )
