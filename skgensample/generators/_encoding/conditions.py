"""Conditions of training-by-sampling (Xu et al. 2019): pairs of a label and a discrete level."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class ConditionTable:
    """All observed (label, column, level) triples, as parallel arrays ordered by column and label.

    A condition is a pair of indices: the label, and one level of one discrete column.

    Parameters
    ----------
    label : ndarray of int
        Class index.
    span : ndarray of int
        Span of the discrete column in the layout.
    level : ndarray of int
        Condition index of the level; those of the labels come first.
    column : ndarray of int
        Output column of the level.
    count : ndarray of int
        Rows of that label with that level.
    n_conditions : int
        Number of condition indices, labels included.
    """

    label: np.ndarray
    span: np.ndarray
    level: np.ndarray
    column: np.ndarray
    count: np.ndarray
    n_conditions: int

    @classmethod
    def fit(cls, codes, group, layout, spans):
        """Count the triples of the columns at `spans`; returns the table, and rows by triple.

        Without a discrete column there is one condition for each label.
        """
        offset, parts, orders = int(group.max()) + 1, [], []
        for span in spans or [-1]:
            width = layout.widths[span] if spans else 1
            key = group * width + (codes[:, span] if spans else 0)
            cells, count = np.unique(key, return_counts=True)
            label, level = np.divmod(cells, width)
            first = layout.starts[span] if spans else 0
            parts.append((label, np.full(len(cells), span), offset + level, first + level, count))
            orders.append(np.argsort(key, kind="stable").astype(np.int32))
            offset += width
        return cls(*map(np.concatenate, zip(*parts)), offset), np.concatenate(orders)

    def sampling_probabilities(self):
        """Probability of each condition in a training batch: label and level by log frequency.

        Weights are log(1 + count), which is positive for a class or level of a single row.
        """
        pair = (self.span + 1) * (self.label.max() + 1) + self.label
        class_logs = np.log1p(np.bincount(pair, weights=self.count))
        level_logs = np.log1p(self.count)
        shares = class_logs[pair] * level_logs / np.bincount(pair, weights=level_logs)[pair]
        return shares / shares.sum()

    def sample(self, label, n, rng):
        """Conditions of `n` new rows of one label, levels with their frequencies in that class."""
        own = np.flatnonzero(self.label == label)
        picked = own[_inverse_cdf(np.cumsum(self.count[own]), rng.uniform(size=n))]
        return np.column_stack([self.label[picked], self.level[picked]])


def _inverse_cdf(cumulated, draws):
    """Inverse transform sampling: index of the cumulated weights that each draw falls into."""
    return np.searchsorted(cumulated, draws * cumulated[-1], side="right").clip(
        max=len(cumulated) - 1
    )
