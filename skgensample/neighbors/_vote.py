"""Majority vote over the neighbours' categories; ties are broken at random."""

import numpy as np
from numba import types

from .._runtime.jit import PLAIN, compiled
from .._runtime.threads import each, in_blocks, run
from . import _kernels

#: Bases whose votes are counted at a time.
BLOCK = 1_024

#: New rows per task.
ROWS = 16_384

#: Results with at most this many cells are written by NumPy: no compilation, no threads.
MAX_NUMPY_CELLS = 100_000


def majority_vote(Z, columns, table, base_index, rng, out, *, bases=None, patterns=None):
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
    bases : ndarray of shape (m,), default=None
        Row numbers of the bases, where `Z` has missing cells. Only neighbours with a category
        vote, the base's own counts where none has one, and it stays missing where it is.
    patterns : dict, default=None
        For columns whose levels are combinations with missing cells, the number of each level's
        gap pattern. Only neighbours with the base's pattern vote.
    """
    ranked, tied = rank_codes(Z, columns, table, bases=bases, patterns=patterns)
    if bases is not None:
        own = np.nan_to_num(Z[bases][:, columns], nan=-1.0)
        alone = ranked[:, :, 0] < 0
        ranked[alone, 0], tied[alone] = own[alone], 1
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
    if bases is not None:
        for j in columns:
            out[np.isnan(Z[bases, j])[base_index], j] = np.nan


def nearest_categories(Z, columns, parents, step, out, *, patterns=None):
    """Write all categories of the nearer parent of each new row.

    Parameters
    ----------
    Z : ndarray of shape (n, d)
        Encoded rows; NaN stands for missing cells.
    columns : ndarray of shape (c,)
        Positions of the categorical columns.
    parents : ndarray of shape (n_new, 2)
        Row numbers of base and neighbour.
    step : ndarray of shape (n_new,)
        Where the row lies between them; below one half the base is nearer.
    out : ndarray of shape (n_new, d)
        Output. Where one of the parents has no category, the base's cell.
    patterns : dict, default=None
        As of `majority_vote`; where the parents' patterns differ, the base's cell.
    """
    nearer = np.where(step < 0.5, parents[:, 0], parents[:, 1])

    def write(start, stop):
        for j in columns:
            base, cells = Z[parents[start:stop, 0], j], Z[nearer[start:stop], j]
            own = np.isnan(base + cells)
            if patterns and j in patterns:
                own = patterns[j][base.astype(np.intp)] != patterns[j][cells.astype(np.intp)]
            out[start:stop, j] = np.where(own, base, cells)

    in_blocks(write, len(out), out.shape[1])


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


def rank_codes(Z, columns, table, *, bases=None, patterns=None):
    """For each base and column, its neighbours' codes, winners first, and the number of winners.

    With `patterns`, see `majority_vote`, some neighbours do not vote.
    """
    m, k = table.shape
    ranked = np.empty((m, len(columns), k), np.int32)
    tied = np.empty((m, len(columns)), np.int32)

    def rank(start):
        part = slice(start, start + BLOCK)
        votes_cast = _codes(Z[table[part][:, None, :], columns[:, None]])
        if patterns:
            _drop_votes(votes_cast, Z[bases[part]], columns, patterns)
        votes = np.zeros(votes_cast.shape, np.int32)
        repeated = np.zeros(votes_cast.shape, bool)
        for a in range(k):
            for b in range(k):
                same = votes_cast[..., a] == votes_cast[..., b]
                votes[..., a] += same
                if b < a:
                    repeated[..., a] |= same
        votes[repeated | (votes_cast < 0)] = 0
        order = np.argsort(-votes, axis=2, kind="stable")
        ranked[part] = np.take_along_axis(votes_cast, order, axis=2)
        tied[part] = (votes == votes.max(axis=2, keepdims=True)).sum(axis=2)

    each(rank, range(0, m, BLOCK))
    return ranked, tied


def _drop_votes(votes_cast, own, columns, patterns):
    """Write -1 for neighbours whose level has another gap pattern than the base's."""
    for i, j in enumerate(columns):
        if j in patterns:
            of_level, codes = patterns[j], votes_cast[:, i]
            codes[of_level[codes] != of_level[own[:, j].astype(np.intp), None]] = -1


def _codes(cells):
    """Category codes as integers, -1 for missing cells."""
    with np.errstate(invalid="ignore"):
        codes = cells.astype(np.int32)
    gap = np.isnan(cells)
    if gap.any():
        codes[gap] = -1
    return codes


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
