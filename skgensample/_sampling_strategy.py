"""imbalanced-learn's `sampling_strategy` of over-samplers, computed from class counts."""

from collections.abc import Mapping
from numbers import Integral

import numpy as np

from ._suggestions import did_you_mean

__all__ = ["checked_rows", "class_counts", "rows_wanted"]


def class_counts(labels):
    """Count the rows of each class.

    Parameters
    ----------
    labels : ndarray of shape (n,)
        Labels.

    Returns
    -------
    counts : dict
        Number of rows of each class, in sorted order of the labels.
    """
    if labels.dtype.kind in "bu" or labels.dtype.kind == "i":
        low, high = int(labels.min()), int(labels.max())
        # counting small integers with bincount is ten times faster than sorting them
        if high - low < 1024 and high < 2**63:
            codes = labels.astype(np.int64, copy=False)
            counts = np.bincount(codes - low if low else codes, minlength=high - low + 1)
            present = np.flatnonzero(counts)
            classes = (present + low).astype(labels.dtype)
            return dict(zip(classes, counts[present].tolist()))
    classes, counts = np.unique(labels, return_counts=True)
    return dict(zip(classes, counts.tolist()))


def rows_wanted(strategy, labels, counts):
    """Compute the number of rows to generate for each class named by the strategy.

    Parameters
    ----------
    strategy : float, str, dict or callable
        As in imbalanced-learn's over-samplers.
    labels : ndarray of shape (n,)
        Labels; passed to a callable strategy.
    counts : dict
        Number of rows of each class.

    Returns
    -------
    wanted : dict
        Number of new rows for each class named, in sorted order of the labels.

    Raises
    ------
    ValueError
        If there is only one class, or the strategy would need rows to be removed.
    """
    if len(counts) < 2:
        raise ValueError(
            f"The target 'y' needs to have more than 1 class. Got {len(counts)} class instead"
        )
    if callable(strategy):
        strategy = strategy(labels)
        if not isinstance(strategy, Mapping):
            raise ValueError(
                "A callable sampling_strategy must return a dict {label: count}, got "
                f"{type(strategy).__name__}."
            )
    if isinstance(strategy, Mapping):
        return _from_mapping(strategy, counts)
    if isinstance(strategy, str):
        most = max(counts.values())
        named = _NAMED[strategy](counts)
        return {label: most - count for label, count in counts.items() if label in named}
    return _from_ratio(strategy, counts)


def checked_rows(preset, counts):
    """Check the numbers of new rows that a wrapper has set in `sampling_strategy_`.

    Parameters
    ----------
    preset : dict
        Number of new rows for each class named.
    counts : dict
        Number of rows of each class.

    Returns
    -------
    wanted : dict
        The same numbers as int, in the order given.

    Raises
    ------
    ValueError
        If it is not a dict of non-negative integers, or names an unknown class.
    """
    if not isinstance(preset, Mapping):
        raise ValueError(
            "A preset sampling_strategy_ must be a dict {label: number of new rows}, got "
            f"{type(preset).__name__}: set the parameter sampling_strategy instead."
        )
    _refuse_absent(preset, counts)
    for label, n_new in preset.items():
        if not isinstance(n_new, Integral) or isinstance(n_new, bool) or n_new < 0:
            raise ValueError(
                f"The preset sampling_strategy_ asks for {n_new!r} new rows of class {label!r}: "
                "set a non-negative integer."
            )
    return {label: int(n_new) for label, n_new in preset.items()}


def _refuse_absent(strategy, counts):
    """Raise if the strategy names a class that is not in the data."""
    absent = [label for label in strategy if label not in counts]
    if absent:
        end = did_you_mean(absent[0], counts)
        raise ValueError(f"The {set(absent)} target class is/are not present in the data{end}")


def _others(pick):
    """Return a function that lists all classes but the one chosen by `pick` (min or max)."""

    def named(counts):
        left_out = pick(counts, key=counts.get)
        return [label for label in counts if label != left_out]

    return named


_NAMED = {
    "auto": _others(max),
    "not majority": _others(max),
    "not minority": _others(min),
    "minority": lambda counts: [min(counts, key=counts.get)],
    "all": list,
}


def _from_mapping(strategy, counts):
    """New rows for a dict of wanted class counts."""
    _refuse_absent(strategy, counts)
    for label, count in strategy.items():
        if not isinstance(count, Integral) or isinstance(count, bool):
            raise ValueError(
                f"sampling_strategy asks for {count!r} rows of class {label!r}: give an integer."
            )
        if count < 0:
            raise ValueError(
                "The number of samples in a class cannot be negative. 'sampling_strategy' asks "
                f"for {count} rows of class {label!r}."
            )
        if count < counts[label]:
            raise ValueError(
                "With over-sampling methods, the number of samples in a class should be greater "
                "or equal to the original number of samples. Originally, there is "
                f"{counts[label]} samples and {count} samples are asked."
            )
    return {label: int(strategy[label]) - n for label, n in counts.items() if label in strategy}


def _from_ratio(ratio, counts):
    """New rows that bring the smaller of two classes to `ratio` times the larger."""
    if len(counts) > 2:
        raise ValueError(
            '"sampling_strategy" can be a float only when the type of target is binary. For '
            "multi-class, use a dict."
        )
    larger = max(counts, key=counts.get)
    (smaller,) = (label for label in counts if label != larger)
    wanted = int(counts[larger] * ratio - counts[smaller])
    if wanted <= 0:
        raise ValueError(
            "The specified ratio required to remove samples from the minority class while trying "
            "to generate new samples. Please increase the ratio."
        )
    return {smaller: wanted}
