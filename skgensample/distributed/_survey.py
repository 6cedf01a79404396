"""First pass: counts of classes, lengths of partitions, and rows that show facts of columns."""

from dataclasses import dataclass, field

import numpy as np

from .._sampling_strategy import class_counts
from ..base import plain_label
from ..table._columns import missing_text
from ..table._witnesses import byte_count, first_gap, picked_rows, stacked, witnesses


@dataclass
class Survey:
    """What one pass over a table finds.

    Parameters
    ----------
    counts : list of dict
        Rows of each class, for each partition.
    n_bytes : int
        Bytes of all rows in memory.
    X : frame or ndarray
        Witness rows.
    labels : ndarray
        Their labels.
    numbers : ndarray of shape (n_witnesses, 2)
        Partition of each, and its position there.
    top_label : int or None
        Largest integer label of the index, None where the index has others.
    """

    counts: list
    n_bytes: int
    X: object
    labels: np.ndarray
    numbers: np.ndarray
    top_label: int | None = None
    starts: np.ndarray = field(init=False)

    def __post_init__(self):
        lengths = [sum(counts.values()) for counts in self.counts]
        self.starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)

    @property
    def n_rows(self):
        """Number of rows of the table."""
        return int(self.starts[-1])

    @property
    def row_bytes(self):
        """Bytes of one row, on average."""
        return self.n_bytes / max(self.n_rows, 1)

    def class_counts(self):
        """Rows of each class, in sorted order of the labels."""
        total = {}
        for counts in self.counts:
            for label, n in counts.items():
                total[label] = total.get(label, 0) + n
        try:
            return {label: total[label] for label in sorted(total)}
        except TypeError:
            kinds = sorted({type(plain_label(label)).__name__ for label in total})
            raise TypeError(
                f"Labels are of several types ({', '.join(kinds)}) in different partitions: "
                "convert them to one."
            ) from None

    def row_numbers(self):
        """Global row numbers of the witnesses."""
        return self.starts[self.numbers[:, 0]] + self.numbers[:, 1]


def survey_of(partition, number, split, facts):
    """Survey of one partition.

    Parameters
    ----------
    partition : frame, or pair of table and labels
        The partition.
    number : int
        Its number.
    split : Split
        Finds its labels.
    facts : Facts or None
        See `witnesses`; None for a table whose facts are not wanted.

    Returns
    -------
    Survey
    """
    X, labels = split(partition)
    counts = class_counts(labels) if len(labels) else {}
    if facts is not None:
        infinite = first_gap(X, infinite=True)
        if infinite:
            raise ValueError(missing_text(*infinite, False))
    rows = np.empty(0, dtype=np.intp) if facts is None else witnesses(X, facts)
    numbers = np.column_stack([np.full(len(rows), number), rows])
    top = _top_label(getattr(X, "index", None))
    return Survey([counts], byte_count(X), picked_rows(X, rows), labels[rows], numbers, top)


def merged_surveys(a, b, facts):
    """Survey of the rows of two; `a` comes first."""
    X, labels = stacked([a.X, b.X]), _joined(a.labels, b.labels)
    numbers = np.concatenate([a.numbers, b.numbers])
    if facts is not None:
        rows = witnesses(X, facts)
        X, labels, numbers = picked_rows(X, rows), labels[rows], numbers[rows]
    tops = [top for top in (a.top_label, b.top_label) if top is not None]
    return Survey(
        a.counts + b.counts, a.n_bytes + b.n_bytes, X, labels, numbers, max(tops, default=None)
    )


def _joined(a, b):
    """Labels one after the other; an empty side does not change the dtype."""
    return np.concatenate([a, b]) if len(a) and len(b) else (a if len(a) else b)


def _top_label(index):
    """Largest label of an integer index; -1 for an empty one, None for another kind."""
    if index is None or callable(index):
        return None
    if not len(index):
        return -1
    return int(index.max()) if getattr(index.dtype, "kind", "") in "iu" else None
