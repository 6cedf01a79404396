"""Majority vote over the neighbours' categories; ties are broken at random."""

import numpy as np
from numba import types

from .._runtime.jit import PLAIN, compiled
from .._runtime.threads import each, run
from . import _kernels

#: Bases whose votes are counted at a time.
BLOCK = 1_024

#: New rows per task.
ROWS = 16_384

#: Results with at most this many cells are written by NumPy: no compilation, no threads.
MAX_NUMPY_CELLS = 100_000


def majority_vote(Z, columns, table, base_index, rng, out):
    """Write the most frequent category among the neighbours of each base, column by column.

    Parameters
    ----------
    Z : ndarray of shape (n, d)
        Encoded rows.
    columns : ndarray of shape (c,)
        Positions of the categorical columns.
    table : ndarray of shape (m, k)
        Row numbers of the neighbours of each base.
    base_index : ndarray of shape (n_new,)
        Position in `table` of each new row's base.
    rng : RandomState
        Draws one number for each tied vote, column after column.
    out : ndarray of shape (n_new, d)
        Output; tied winners are equally likely.
    """
    ranked, tied = rank_codes(Z, columns, table)
    starts = range(0, len(base_index), ROWS)
    ties = _count_ties(tied > 1, base_index, starts)
    draws = rng.uniform(size=int(ties.sum()))
    # draws are assigned column by column, and within a column block by block
    before = np.ascontiguousarray(np.cumsum(ties.T).reshape(ties.T.shape).T - ties)
    if PLAIN or len(base_index) * len(columns) <= MAX_NUMPY_CELLS:
        _vote_numpy(ranked, tied, base_index, draws, columns, out)
    else:
        code = compiled(_kernels.vote, _signature(out.dtype))
        run(
            code, len(base_index), ROWS, ROWS, ranked, tied, base_index, draws, before, columns, out
        )


def _count_ties(open_, base_index, starts):
    """Number of tied votes in each block of new rows and each column."""
    ties = np.zeros((len(starts), open_.shape[1]), np.int64)

    def count(b):
        ties[b] = np.count_nonzero(open_[base_index[starts[b] : starts[b] + ROWS]], axis=0)

    if open_.any():
        each(count, range(len(starts)), serial=len(starts) < 4)
    return ties


def _vote_numpy(ranked, tied, base_index, draws, columns, out):
    """The kernel's computation in NumPy."""
    start = 0
    for j, column in enumerate(columns):
        out[:, column] = ranked[base_index, j, 0]
        ties = tied[base_index, j]
        open_ = np.flatnonzero(ties > 1)
        pick = (draws[start : start + len(open_)] * ties[open_]).astype(np.intp)
        out[open_, column] = ranked[base_index[open_], j, pick]
        start += len(open_)


def rank_codes(Z, columns, table):
    """For each base and column, its neighbours' codes, winners first, and the number of winners."""
    m, k = table.shape
    ranked = np.empty((m, len(columns), k), np.int32)
    tied = np.empty((m, len(columns)), np.int32)

    def rank(start):
        part = slice(start, start + BLOCK)
        votes_cast = Z[table[part][:, None, :], columns[:, None]].astype(np.int32)
        votes = np.zeros(votes_cast.shape, np.int32)
        repeated = np.zeros(votes_cast.shape, bool)
        for a in range(k):
            for b in range(k):
                same = votes_cast[..., a] == votes_cast[..., b]
                votes[..., a] += same
                if b < a:
                    repeated[..., a] |= same
        votes[repeated] = 0
        order = np.argsort(-votes, axis=2, kind="stable")
        ranked[part] = np.take_along_axis(votes_cast, order, axis=2)
        tied[part] = (votes == votes.max(axis=2, keepdims=True)).sum(axis=2)

    each(rank, range(0, m, BLOCK))
    return ranked, tied


def _signature(dtype):
    """Signature of `_kernels.vote` for one float dtype."""
    real = types.float32 if dtype == np.float32 else types.float64
    integer, code = types.int64, types.int32
    return types.void(
        integer,
        integer,
        integer,
        code[:, :, ::1],
        code[:, ::1],
        integer[::1],
        types.float64[::1],
        integer[:, ::1],
        integer[::1],
        real[:, ::1],
    )
