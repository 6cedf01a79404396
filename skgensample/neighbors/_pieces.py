"""New rows of one class in pieces: the same rows, a bounded number at a time.

All random draws are those of one call for all rows of the class. Pairs and steps are drawn at once,
16 bytes for each new row; longer draws, for tied votes and noise, are made again for each piece
from states of the random stream that are remembered.
"""

import copy
from dataclasses import dataclass, field

import numpy as np

from ._plan import Plan
from ._random import NumbaRandomOverSampler
from ._vote import rank_codes


class Replay:
    """Stands for a RandomState of which the draws of one piece are known.

    Parameters
    ----------
    states : list of (state, int or None)
        States of a stream, and how many numbers are drawn from each; None for as many as wanted.
    chosen : ndarray, default=None
        Rows that were chosen already.
    """

    def __init__(self, states, chosen=None):
        self.states, self.chosen = states, chosen

    def _drawn(self, method, size):
        rng, parts = np.random.RandomState(0), [np.empty(0)]
        for state, n in self.states:
            rng.set_state(state)
            parts.append(getattr(rng, method)(size=size if n is None else n))
        return np.concatenate(parts)

    def uniform(self, size):
        """The numbers that break tied votes."""
        return self._drawn("uniform", size)

    def standard_normal(self, size):
        """The noise of the piece."""
        return self._drawn("standard_normal", size).reshape(size)

    def choice(self, values, size, replace=True):
        """The rows chosen."""
        return self.chosen


@dataclass(frozen=True)
class PlannedPiece:
    """Rows of a plan of the SMOTE family.

    Parameters
    ----------
    n : int
        Number of rows.
    plan : Plan
        Their pairs and steps.
    states : list
        Of `Replay`.
    """

    n: int
    plan: Plan
    states: list = field(default_factory=list)

    def write(self, sampler, rows, label, out):
        """Fill `out` with the rows."""
        copied = copy.copy(sampler)
        copied.synthetic_parents_ = np.empty((0, 2), dtype=np.int64)
        copied._final_plan = lambda *_: self.plan
        return copied._generate(rows, label, self.n, Replay(self.states), out)

    def parents(self):
        """Positions of base and neighbour of each row."""
        pairs = np.empty((self.n, 2), dtype=np.int64)
        self.plan.write_parents(pairs)
        return pairs


@dataclass(frozen=True)
class ChosenPiece:
    """Rows that are repeated, with noise or without; parameters as of `PlannedPiece`."""

    n: int
    chosen: np.ndarray
    states: list = field(default_factory=list)

    def write(self, sampler, rows, label, out):
        """Fill `out` with the rows."""
        copied = copy.copy(sampler)
        copied.sample_indices_ = np.empty(0, dtype=np.intp)
        return copied._generate(rows, label, self.n, Replay(self.states, self.chosen), out)

    def parents(self):
        """Position of the row that each one repeats, twice."""
        return np.column_stack([self.chosen, self.chosen])


def pieces(sampler, rows, label, n, rng, size):
    """Divide the new rows of a class.

    Parameters
    ----------
    sampler : BaseNeighborSampler or NumbaRandomOverSampler
        A sampler that `_fit_generator` was called of.
    rows : Rows
        What that returned.
    label : label
        The class.
    n : int
        Number of new rows.
    rng : RandomState
        Its stream; advanced as by `_generate`.
    size : int
        Number of rows of a piece, at most.

    Returns
    -------
    rows : Rows
        Those that the pieces need.
    list of PlannedPiece or ChosenPiece
    """
    if getattr(rows, "have_patterns", False):  # where cells are missing, fewer votes are tied
        size = n
    cuts = [(start, min(start + size, n)) for start in range(0, n, size)]
    if isinstance(sampler, NumbaRandomOverSampler):
        return rows, _chosen_pieces(sampler, rows, label, rng, cuts)
    rows, plan = _trimmed(rows, sampler._final_plan(rows, label, n, rng))
    states = _vote_states(sampler, rows, plan, rng, cuts)
    made = []
    for (start, stop), own in zip(cuts, states):
        part = Plan(plan.bases, plan.table, plan.pick[start:stop], plan.step[start:stop])
        made.append(PlannedPiece(stop - start, part, own))
    return rows, made


def _chosen_pieces(sampler, rows, label, rng, cuts):
    """Pieces of repeated rows."""
    members, d = rows.members(label), rows.Z.shape[1] - len(rows.nominal)
    chosen, made = rng.choice(members, size=cuts[-1][1], replace=True), []
    for start, stop in cuts:
        states = []
        if sampler.shrinkage_ is not None:
            states = [(rng.get_state(), (stop - start) * d)]
            rng.standard_normal(((stop - start), d))
        made.append(ChosenPiece(stop - start, chosen[start:stop], states))
    return made


def _trimmed(rows, plan):
    """Only the rows that a plan refers to, with the plan in their numbers."""
    used = np.unique(np.concatenate([plan.bases, plan.table.ravel()]))
    fewer = copy.copy(rows)
    fewer.Z, fewer.y = rows.Z[used], rows.y[used]
    fewer.numbers = used
    if hasattr(rows, "coordinates"):
        fewer.coordinates = fewer.Z
    bases, table = np.searchsorted(used, plan.bases), np.searchsorted(used, plan.table)
    return fewer, Plan(bases, table, plan.pick, plan.step)


def _vote_states(sampler, rows, plan, rng, cuts):
    """For each piece, the states from which its tied votes are drawn, column by column."""
    states = [[] for _ in cuts]
    if not len(rows.nominal) or getattr(sampler, "category_rule", "vote") != "vote":
        return states
    if len(cuts) == 1:
        return [[(rng.get_state(), None)]]
    tied = rank_codes(rows.Z, rows.nominal, plan.table)[1] > 1
    base_index = plan.base_index
    ties = [np.count_nonzero(tied[base_index[start:stop]], axis=0) for start, stop in cuts]
    # of one call, the draws of a column come before those of the next, and within it row by row
    for j in range(len(rows.nominal)):
        for own, count in zip(states, ties):
            if count[j]:
                own.append((rng.get_state(), int(count[j])))
                rng.uniform(size=int(count[j]))
    return states
