"""New rows of a class with missing cells: as often of each gap pattern as its given rows."""

from dataclasses import replace
from functools import partial

import numpy as np

#: Patterns of fewer rows of a class count together with others of as many missing cells.
MIN_ROWS = 5

#: Times that all columns are gone through.
SWEEPS = 8


def with_class_gaps(plan, rows, label, nearest, rng):
    """A plan whose base samples have the class's gap patterns in their frequencies.

    Samplers that choose among the rows of a class, e.g. those near its border, also choose among
    its gap patterns. Surplus new rows of a pattern are replaced by others of patterns that lack
    some: by the sampler's own pairs of rows again, with another step; where it has none, by those
    of plain SMOTE.

    Parameters
    ----------
    plan : Plan
        The sampler's.
    rows : Rows
        All rows.
    label : label
        Class being sampled.
    nearest : callable
        ``nearest(of, among)`` gives row numbers of neighbours.
    rng : RandomState
        Source of the draws.

    Returns
    -------
    plan : Plan
        The given one if the class has no missing cell.
    """
    members = rows.members(label)
    gaps = rows.gaps(members)
    if not gaps.any() or not len(plan.pick):
        return plan
    base = np.searchsorted(members, plan.bases[plan.base_index])
    target = _evened(gaps, _matched(pattern_keys(gaps)[0], base, rng), base, rng)
    changed = np.flatnonzero(target != base)
    known = np.isin(target[changed], base)
    own, other = changed[known], changed[~known]
    plan = _redrawn(plan, own, _random_of(base, target[own], rng), rng)
    if not len(other):
        return plan
    bases = members[target[other]]
    return _replaced(plan, other, bases, nearest(np.unique(bases), members), rng)


def _matched(keys, base, rng):
    """Base sample of each new row, so that patterns have their frequencies in the class."""
    made = keys[base]
    wanted = wanted_counts(np.bincount(keys), len(made), rng)
    lacks = np.maximum(wanted - np.bincount(made, minlength=len(wanted)), 0)
    target = base.copy()
    lacking = rng.permutation(np.repeat(np.arange(len(wanted)), lacks))
    target[_surplus(made, wanted, rng)] = _members_of(keys, lacking, base, rng)
    return target


def _evened(gaps, target, base, rng):
    """Base samples of rare patterns exchanged until each column has its proportion of gaps.

    At first for base samples of the sampler, then for any row of the class.
    """
    keys, rare = pattern_keys(gaps)
    excess_of = partial(_excess, gaps, len(target))
    for sweep in range(SWEEPS):
        if (np.abs(excess_of(target)) <= 1).all():
            break
        pool = base if sweep < SWEEPS // 2 else np.arange(len(gaps))
        for j in np.flatnonzero(gaps.any(axis=0)):
            excess = excess_of(target)[j]
            codes = 2 * keys + gaps[:, j]
            places = rare[target] & (gaps[target, j] == (excess > 0))
            places = np.flatnonzero(places & np.isin(codes[target] ^ 1, codes))
            places = rng.permutation(places)[: abs(excess)]
            target[places] = _members_of(codes, codes[target[places]] ^ 1, pool, rng)
    return target


def _excess(gaps, n, target):
    """New rows with a gap in each column beyond their share."""
    return np.rint(gaps[target].sum(axis=0) - n * gaps.mean(axis=0)).astype(np.intp)


def _members_of(codes, asked, base, rng):
    """A random row of each code asked for, among base samples where there is one."""
    found, made = np.empty(len(asked), dtype=np.intp), codes[base]
    known = np.isin(asked, made)
    found[known] = base[_random_of(made, asked[known], rng)]
    found[~known] = _random_of(codes, asked[~known], rng)
    return found


def pattern_keys(gaps):
    """Number of the gap pattern of each row; those of few rows are told by their gaps' number.

    Parameters
    ----------
    gaps : ndarray of bool of shape (m, d)
        Which cells are missing.

    Returns
    -------
    keys : ndarray of int of shape (m,)
        From 0 on, without holes.
    rare : ndarray of bool of shape (m,)
        Whose patterns are of few rows.
    """
    packed = np.ascontiguousarray(np.packbits(gaps, axis=1))
    rows = packed.view(np.dtype((np.void, packed.shape[1]))).ravel()
    _, keys, counts = np.unique(rows, return_inverse=True, return_counts=True)
    keys = keys.ravel()
    rare = counts[keys] < MIN_ROWS
    keys = np.where(rare, len(counts) + gaps.sum(axis=1), keys)
    return np.unique(keys, return_inverse=True)[1].ravel(), rare


def wanted_counts(counts, n, rng):
    """How many of n new rows each pattern gets: its share, rounded at random to sum to n."""
    exact = n * counts / counts.sum()
    wanted = np.floor(exact + 1e-9).astype(np.intp)
    rest = np.maximum(exact - wanted, 0)
    left = n - wanted.sum()
    if left:
        wanted[rng.choice(len(counts), size=left, replace=False, p=rest / rest.sum())] += 1
    return wanted


def _surplus(made, wanted, rng):
    """New rows of patterns beyond the number wanted, chosen at random."""
    order = rng.permutation(len(made))
    order = order[np.argsort(made[order], kind="stable")]
    starts = np.searchsorted(made[order], np.arange(len(wanted)))
    rank = np.arange(len(made)) - starts[made[order]]
    return rng.permutation(order[rank >= wanted[made[order]]])


def _random_of(keys, asked, rng):
    """For each key asked for, a random position at which it is."""
    order = np.argsort(keys, kind="stable")
    starts, stops = (np.searchsorted(keys[order], asked, side=side) for side in ("left", "right"))
    return order[starts + (rng.random_sample(len(asked)) * (stops - starts)).astype(np.intp)]


def _redrawn(plan, places, like, rng):
    """The plan with new rows at some places between the pairs of others, with other steps."""
    pick, step, (low, high) = plan.pick.copy(), plan.step.copy(), plan.limits()
    pick[places] = pick[like]
    low[places], high[places] = low[like], high[like]
    step[places] = rng.uniform(low[places], high[places])
    return replace(plan, pick=pick, step=step, low=low, high=high)


def _replaced(plan, places, bases, table, rng):
    """The plan with new rows of plain SMOTE at some places."""
    k = max(plan.table.shape[1], table.shape[1])
    wide, more = (old[:, np.arange(k) % old.shape[1]] for old in (plan.table, table))
    pick = plan.base_index * k + plan.pick % plan.table.shape[1]
    different, index = np.unique(bases, return_inverse=True)
    pick[places] = (len(wide) + index.ravel()) * k + rng.randint(table.shape[1], size=len(places))
    step = plan.step.copy()
    step[places] = rng.uniform(size=len(places))
    return replace(
        plan,
        bases=np.concatenate([plan.bases, different]),
        table=np.concatenate([wide, more]),
        pick=pick,
        step=step,
    )
