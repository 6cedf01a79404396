"""Rows that satisfy every constraint: generate, keep the valid ones, go on to the exact count."""

from collections import Counter

import numpy as np

from ..constraints._conditions import shifted
from ..table import shown_label

#: Rows of one batch, at least and at most.
BATCH_ROWS = (256, 65_536)
#: After so many rows, fewer than one valid one in a hundred end in an error; under conditions,
#: which the user may want to be rare, after more of them.
PATIENCE_ROWS, CONDITIONED_ROWS, LEAST_RATE = 20_000, 100_000, 0.01
#: Valid rows, for each row wanted and at least, after which the rest of the rows may have other
#: missing cells, if only as many rows have any; after as many again, the rest may be any.
VALID_PER_ROW, VALID_ROWS = 2, 1_000


def plain_label(label):
    """Return a label as messages show it: a Python object, none of a person."""
    return shown_label(label)


def gap_patterns(Z):
    """Which cells of each row are missing.

    Parameters
    ----------
    Z : ndarray of shape (n, d)
        Rows, NaN for missing cells.

    Returns
    -------
    patterns : list of int
        The different patterns, one bit for each column; 0 is a row without a missing cell.
    at : ndarray of int of shape (n,)
        Position of the pattern of each row in that list.
    """
    gaps = np.isnan(Z)
    if not gaps.any():
        return [0], np.zeros(len(Z), dtype=np.intp)
    packed = np.packbits(gaps, axis=1)
    words = np.zeros((len(Z), -(-packed.shape[1] // 8) * 8), dtype=np.uint8)
    words[:, : packed.shape[1]] = packed
    words = words.view(np.uint64)  # rows of one number each are sorted faster
    found, at = np.unique(
        words[:, 0] if words.shape[1] == 1 else words, axis=0, return_inverse=True
    )
    return [int.from_bytes(row.tobytes(), "big") for row in found], at.ravel()


class GapQuota:
    """How many rows of each pattern of missing cells are still to be found.

    Rows with a missing cell satisfy rules that others break, so that rejection alone would make
    missing cells more frequent. A rejected row is replaced by one of the same pattern instead.

    Parameters
    ----------
    n : int
        Rows wanted.
    """

    def __init__(self, n):
        self.undrawn, self.open, self.seen, self.n_valid = n, Counter(), Counter(), 0
        self._limit, self._merge = max(VALID_PER_ROW * n, VALID_ROWS), None

    def take(self, patterns, at, valid, counted):
        """Positions of the rows to keep among those generated.

        Parameters
        ----------
        patterns : list of int
            Patterns; see `gap_patterns`.
        at : ndarray of int of shape (n,)
            Position of the pattern of each row.
        valid : ndarray of bool of shape (n,)
            Which rows may be kept.
        counted : ndarray of bool of shape (n,)
            Which rows say how frequent patterns are: all, or those that satisfy conditions.

        Returns
        -------
        ndarray of int
        """
        names = [self._merged(pattern) for pattern in patterns]
        different = {name: i for i, name in enumerate(dict.fromkeys(names))}
        at = np.array([different[name] for name in names], dtype=np.intp)[at]
        first, able = np.flatnonzero(counted)[: self.undrawn], np.flatnonzero(valid)
        self.undrawn -= len(first)
        self.n_valid += len(able)
        for counts, rows in ((self.open, first), (self.seen, able)):
            numbers = np.bincount(at[rows], minlength=len(different)).tolist()
            counts.update(dict(zip(different, numbers)))
        room = np.array([self.open[name] for name in different], dtype=np.intp)
        kept = able[_ranks(at[able]) < room[at[able]]]
        self.open.subtract(
            dict(zip(different, np.bincount(at[kept], minlength=len(different)).tolist()))
        )
        self._relax()
        return kept

    def _merged(self, pattern):
        return pattern if self._merge is None else self._merge(pattern)

    def _relax(self):
        """Let patterns count as one after many valid rows, the rest of which are not found."""
        for times, merge in ((1, bool), (2, lambda pattern: 0)):
            if self.n_valid >= times * self._limit:
                self._merge = merge
        for counts in (self.open, self.seen):
            merged = Counter()
            for pattern, count in counts.items():
                merged[self._merged(pattern)] += count
            counts.clear()
            counts.update(merged)

    def rows_needed(self, tried):
        """Rows to generate until those of every pattern are found, as expected from the last."""
        needs = [
            1.1 * count * tried / max(self.seen[pattern], 1)
            for pattern, count in self.open.items()
            if count
        ]
        if self.undrawn:
            needs.append(1.1 * self.undrawn * tried / max(self.n_valid, 1))
        return int(np.clip(max(needs), *BATCH_ROWS))


def _ranks(groups):
    """How many members of its group come before each one."""
    order = np.argsort(groups, kind="stable")
    ranks = np.empty(len(groups), dtype=np.intp)
    sizes = np.bincount(groups)
    ranks[order] = np.arange(len(groups)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return ranks


def fill_with_valid(sampler, model, label, rng, out, codec, rest=()):
    """Fill `out` with rows of one class that satisfy all constraints.

    Parameters
    ----------
    sampler : BaseOverSampler
        The sampler.
    model : object
        What it generates from.
    label : label
        The class.
    rng : RandomState
        Source of all draws.
    out : ndarray of shape (n, number of columns)
        Output, rows of the model.
    codec : ConstrainedCodec
        Which rows are valid.
    rest : list of Condition, default=()
        Conditions on columns of the table that the model does not take itself.

    Raises
    ------
    ValueError
        If too few rows are valid: the rule that most rows break, and its acceptance rate.
    """
    found = tried = 0
    counts, patience = {}, CONDITIONED_ROWS if rest else PATIENCE_ROWS
    fixed = {condition.index for condition in model.conditions} if rest else ()
    quota = GapQuota(len(out))
    while found < len(out):
        if tried >= patience and quota.n_valid < LEAST_RATE * tried:
            raise ValueError(_too_few(sampler, label, quota.n_valid, tried, counts))
        n = quota.rows_needed(tried) if tried else len(out)
        if tried and not quota.n_valid:
            n = min(n, max(patience - tried, BATCH_ROWS[0]))
        rows = np.empty((n, out.shape[1])) if tried else out
        made = sampler._generate_rows(model, label, n, rng, rows)
        if rest:
            shifted(codec, made, rest, fixed)
        judged = codec.judged(made, counts, rest)
        kept = quota.take(*gap_patterns(judged.Z), judged.valid, judged.meets_conditions)
        if len(kept) < n:
            sampler._keep_rows(n, kept)
        if len(kept) < n or made is not out:
            out[found : found + len(kept)] = made[kept]
        found, tried = found + len(kept), tried + n


def _too_few(sampler, label, found, tried, counts):
    """Error text: which rule is the hardest, and how many rows satisfy it."""
    worst = min(counts, key=counts.get)
    way_out = (
        "Give single values or a wider interval there, or fewer conditions."
        if worst.startswith("the condition")
        else "Correct or drop it; a Predicate may be stated as a rule that is held by construction "
        "(Inequality, LinearSum, FixedCombinations, OneHot)."
    )
    return (
        f"{type(sampler).__name__}: {found} of {tried:,} rows generated for class "
        f"{plain_label(label)!r} satisfy all constraints and conditions, too few to go on. The "
        f"hardest is {worst}: {counts[worst]:,} of them satisfy it (acceptance rate "
        f"{counts[worst] / tried:.2g}). {way_out}"
    )
