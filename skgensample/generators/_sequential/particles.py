"""Conditional sampling from models that generate column by column: sequential Monte Carlo.

Candidate rows are generated in the model's order of columns. At a conditioned column each draws
among the allowed values, and its weight is multiplied by the probability that the model gives
them; when weights become uneven, candidates are resampled in proportion (the bootstrap particle
filter of Gordon, Salmond and Smith 1993, with the adaptive resampling of Liu and Chen 1995). Rows
always satisfy the conditions; the distribution of the other columns is exact in the limit of many
candidates, and exact at any number if all conditioned columns are generated before the others.
"""

from dataclasses import dataclass

import numpy as np

#: Candidates for each row wanted, and at least for one call.
CANDIDATES, LEAST_CANDIDATES = 4, 1_024
#: Candidates for each partial row.
CANDIDATES_OF_PARTIAL = 128
#: Effective candidates of a partial row that count as one independent row.
ENOUGH = 8
#: Candidates are resampled if their effective number falls below this share of them.
LEAST_SHARE = 0.5
#: Candidates at a time.
CHUNK = 32_768


@dataclass
class Conditioned:
    """Rows under conditions.

    Parameters
    ----------
    Z : ndarray of shape (n, d)
        The rows.
    group : ndarray of shape (n,) of int
        Their class indices.
    effective_share : float
        Effective number of candidates over the number of rows, at most 1: below 1 some rows share
        the columns that come before the last conditioned one.
    rate : float
        Estimated log probability of the conditions.
    """

    Z: np.ndarray
    group: np.ndarray
    effective_share: float
    rate: float


def sample_conditioned(model, conditions, n, draw_groups, rng):
    """Rows that all satisfy the same conditions.

    Parameters
    ----------
    model : object
        ``model.begin(group)`` gives rows without a column, ``rows.order(conditioned)`` the order
        of columns, ``rows.advance(j, condition, rng)`` generates column j and returns the
        probability of the condition in each row, ``rows.take(index)`` selects rows.
    conditions : list of Condition
        At most one for each column.
    n : int
        Number of rows.
    draw_groups : callable
        ``draw_groups(n)`` gives the class indices of `n` rows before the conditions are known.
    rng : RandomState
        Source of all draws.

    Returns
    -------
    Conditioned or None
        None if no candidate can satisfy the conditions.
    """
    given = {condition.index: condition for condition in conditions}
    n_candidates = max(CANDIDATES * n, LEAST_CANDIDATES)
    rows = model.begin(draw_groups(n_candidates))
    weights, rate, share = np.ones((1, n_candidates)), 0.0, n_candidates / n
    for j in rows.order(list(given)):
        mass = rows.advance(j, given.get(j), rng)
        if mass is None:
            continue
        before = weights.sum()
        weights = weights * mass
        if not weights.sum() > 0:
            return None
        rate += np.log(weights.sum() / before)
        weights /= weights.max()
        effective = _effective_share(weights)[0]
        if effective < LEAST_SHARE:
            rows.take(_resampled(weights, n_candidates, rng)[0])
            weights, share = np.ones_like(weights), share * effective
    share *= _effective_share(weights)[0]
    rows.take(_resampled(weights, n, rng)[0])
    order = rng.permutation(n)  # resampling leaves copies of a candidate next to each other
    return Conditioned(rows.Z[order], rows.group[order], min(share, 1.0), rate)


def complete(model, cells, draw_groups, rng):
    """One row for each partial row.

    Parameters
    ----------
    model : object
        As in `sample_conditioned`; also ``rows.give(j, values, rng)``, which sets a column and
        returns the probability of each value.
    cells : ndarray of shape (n, d)
        Given cells, NaN where a cell is to be generated.
    draw_groups : callable
        ``draw_groups(n)`` gives the class indices of `n` rows.
    rng : RandomState
        Source of all draws.

    Returns
    -------
    Conditioned
        `rate` is the share of rows whose given cells the model holds possible.
    """
    parts = []
    step = CHUNK // CANDIDATES_OF_PARTIAL
    for start in range(0, len(cells), step):
        parts.append(_completed(model, cells[start : start + step], draw_groups, rng))
    sizes = np.array([len(part.Z) for part in parts]) / len(cells)
    return Conditioned(
        np.concatenate([part.Z for part in parts]),
        np.concatenate([part.group for part in parts]),
        float(sizes @ [part.effective_share for part in parts]),
        float(sizes @ [part.rate for part in parts]),
    )


def _completed(model, cells, draw_groups, rng):
    """One row for each of a few partial rows, from candidates of their own."""
    n, k = len(cells), CANDIDATES_OF_PARTIAL
    rows = model.begin(draw_groups(n * k))
    weights, possible = np.ones((n, k)), np.ones(n, dtype=bool)
    share = np.full(n, k / ENOUGH)
    wide = np.repeat(cells, k, axis=0)
    known = ~np.isnan(cells)
    for j in rows.order(np.flatnonzero(known.any(axis=0)).tolist()):
        if not known[:, j].any():
            rows.advance(j, None, rng)
            continue
        mass = rows.give(j, wide[:, j], rng).reshape(n, k)
        weights = weights * np.where(known[:, [j]], mass, 1.0)
        lost = weights.sum(axis=1) <= 0
        possible &= ~lost
        weights[lost] = 1.0
        weights /= weights.max(axis=1, keepdims=True)
        effective = _effective_share(weights)
        uneven = effective < LEAST_SHARE
        if uneven.any():
            index = np.arange(n * k).reshape(n, k)
            index[uneven] = _resampled(weights[uneven], k, rng, index[uneven])
            rows.take(index.ravel())
            share[uneven] *= effective[uneven]
            weights[uneven] = 1.0
    share *= _effective_share(weights)
    index = _resampled(weights, 1, rng, np.arange(n * k).reshape(n, k))
    rows.take(index.ravel())
    return Conditioned(rows.Z, rows.group, float(np.minimum(share, 1).mean()), possible.mean())


def _effective_share(weights):
    """Kish's effective number of each row of weights, over their number."""
    return weights.sum(axis=1) ** 2 / (np.square(weights).sum(axis=1) * weights.shape[1])


def _resampled(weights, n, rng, values=None):
    """Systematic resampling: `n` of each row's items, in proportion to their weights.

    Parameters
    ----------
    weights : ndarray of shape (m, k)
        Non-negative, with a positive sum in each row.
    n : int
        Number of items.
    rng : RandomState
        One draw for each row.
    values : ndarray of shape (m, k), default=None
        What to pick from; None for 0 to k - 1.

    Returns
    -------
    ndarray of shape (m, n)
    """
    edges = np.cumsum(weights, axis=1)
    edges /= edges[:, -1:]
    m, k = weights.shape
    points = (rng.uniform(size=(m, 1)) + np.arange(n)) / n
    row = np.arange(m)[:, None]
    flat = np.searchsorted((edges + row).ravel(), (points + row).ravel(), side="right")
    index = (flat.reshape(m, n) - row * k).clip(0, k - 1)
    return index if values is None else np.take_along_axis(values, index, axis=1)
