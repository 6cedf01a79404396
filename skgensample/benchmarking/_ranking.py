"""Ranking metrics of one test fold, for many bootstrap weights of its blocks at once.

A bootstrap by day repeats whole test days. AUROC, average precision and recall at a false
positive rate only need to know, for each positive row, how many rows of each day are ranked at
or above it; with those counts a thousand draws are one matrix product.
"""

import numpy as np

__all__ = ["RankedBlocks", "block_draws", "blocks_of", "interval"]

#: Rows are put at random into this many blocks where no days are known.
N_BLOCKS = 50
#: Bootstrap draws.
N_DRAWS = 1000
_CELLS = 20_000_000


def blocks_of(n_rows, day, rng):
    """Number the blocks of a test fold from 0: its days, or random groups of rows.

    Parameters
    ----------
    n_rows : int
        Rows of the fold.
    day : ndarray of shape (n_rows,) or None
        Day of each row.
    rng : numpy.random.Generator
        Source of the groups.

    Returns
    -------
    blocks : ndarray of shape (n_rows,)
        Block of each row.
    """
    if day is not None:
        return np.unique(day, return_inverse=True)[1]
    return rng.permutation(np.arange(n_rows) % min(N_BLOCKS, n_rows))


def block_draws(n_blocks, rng):
    """How often each block is drawn in each of `N_DRAWS` draws with replacement.

    Parameters
    ----------
    n_blocks : int
        Number of blocks.
    rng : numpy.random.Generator
        Source of the draws.

    Returns
    -------
    weights : ndarray of shape (N_DRAWS, n_blocks)
        Counts; each row sums to `n_blocks`.
    """
    return rng.multinomial(n_blocks, np.full(n_blocks, 1 / n_blocks), size=N_DRAWS).astype(float)


def interval(draws, level=0.95):
    """Percentile interval of bootstrap draws.

    Parameters
    ----------
    draws : ndarray of shape (n,)
        Values; NaN draws (no positive row drawn) are left out.
    level : float, default=0.95
        Probability covered.

    Returns
    -------
    low, high : tuple of float
        Ends of the interval, NaN where there is no draw.
    """
    draws = draws[np.isfinite(draws)]
    if not len(draws):
        return np.nan, np.nan
    tail = (1 - level) / 2
    return tuple(float(end) for end in np.quantile(draws, [tail, 1 - tail]))


class RankedBlocks:
    """Rows of each block that are ranked at or above each positive row.

    Parameters
    ----------
    y : ndarray of shape (n,)
        1 for positive rows, 0 for the others.
    score : ndarray of shape (n,)
        Higher is riskier.
    blocks : ndarray of shape (n,)
        Block of each row, numbered from 0.
    """

    def __init__(self, y, score, blocks):
        positive = np.asarray(y) == 1
        n_blocks = int(blocks.max()) + 1
        at = score[positive]
        self._block = blocks[positive]
        self._negatives = np.bincount(blocks[~positive], minlength=n_blocks).astype(float)
        self._true, _ = _ranked_above(score[positive], blocks[positive], at, n_blocks)
        self._false, strictly = _ranked_above(score[~positive], blocks[~positive], at, n_blocks)
        self._lost = (self._false + strictly) / 2

    def average_precision(self, weights):
        """Average precision under each row of `weights`."""
        return self._in_parts(self._average_precision, weights)

    def auroc(self, weights):
        """Area under the ROC curve under each row of `weights`."""
        return self._in_parts(self._auroc, weights)

    def recall(self, weights, fpr=0.01):
        """Recall at a false positive rate of at most `fpr`, under each row of `weights`."""
        return self._in_parts(lambda part: self._recall(part, fpr), weights)

    def _in_parts(self, metric, weights):
        """Keep the temporary matrices (positives x draws) below 160 MB."""
        n_parts = 1 + len(weights) * max(1, len(self._block)) // _CELLS
        return np.concatenate([metric(part.T) for part in np.array_split(weights, n_parts)])

    def _average_precision(self, drawn):
        own = drawn[self._block]
        true = self._true @ drawn
        return _ratio((own * _ratio(true, true + self._false @ drawn)).sum(0), own.sum(0))

    def _auroc(self, drawn):
        own = drawn[self._block]
        negatives = self._negatives @ drawn
        won = (own * (negatives - self._lost @ drawn)).sum(0)
        return _ratio(won, own.sum(0) * negatives, empty=np.nan)

    def _recall(self, drawn, fpr):
        own = drawn[self._block]
        found = self._false @ drawn <= fpr * (self._negatives @ drawn)
        return _ratio((own * found).sum(0), own.sum(0), empty=np.nan)


def _ranked_above(scores, blocks, at, n_blocks):
    """Rows of each block with a score of at least, and of more than, each value of `at`."""
    least = np.empty((len(at), n_blocks))
    more = np.empty((len(at), n_blocks))
    for block in range(n_blocks):
        sorted_scores = np.sort(scores[blocks == block])
        least[:, block] = len(sorted_scores) - np.searchsorted(sorted_scores, at, side="left")
        more[:, block] = len(sorted_scores) - np.searchsorted(sorted_scores, at, side="right")
    return least, more


def _ratio(above, below, empty=0.0):
    """Quotient, `empty` where nothing was drawn."""
    return np.divide(above, below, out=np.full(np.shape(above), empty), where=below > 0)
