"""Second pass: rows of a table by class or by position, with their global numbers."""

import numpy as np

from ..table._witnesses import picked_rows, stacked


def taken(partition, wanted, split):
    """Rows of one partition.

    Parameters
    ----------
    partition : frame, or pair of table and labels
        The partition.
    wanted : list or ndarray
        Labels whose rows are taken, or positions.
    split : Split
        Finds its labels.

    Returns
    -------
    X, labels, positions
        The rows, their labels, and their positions in the partition.
    """
    X, labels = split(partition)
    positions = wanted
    if isinstance(wanted, list):
        positions = np.flatnonzero(np.isin(labels, np.array(wanted, dtype=labels.dtype)))
    return picked_rows(X, positions), labels[positions], positions


def gathered(source, wanted, split, starts, choose=taken):
    """Rows of several partitions in global order.

    Parameters
    ----------
    source : Source
        The table.
    wanted : dict
        Number of a partition -> labels, positions or ranks, in order.
    split : Split
        Finds the labels.
    starts : ndarray
        Global number of the first row of each partition.
    choose : callable, default=taken
        `taken`, or `sampled_part` for ranks.

    Returns
    -------
    X, labels, numbers
        The rows, their labels, and their global numbers.
    """
    parts = list(source.map(choose, wanted, split))
    X = stacked([part[0] for part in parts])
    labels = np.concatenate([part[1] for part in parts if len(part[1])] or [parts[0][1]])
    numbers = [starts[p] + part[2] for p, part in zip(wanted, parts)]
    return X, labels, np.concatenate(numbers)


def by_partition(numbers, starts):
    """Positions of rows in their partitions, from ascending global numbers.

    Returns
    -------
    dict
        Number of a partition -> ndarray of positions.
    """
    cuts = np.searchsorted(numbers, starts)
    return {
        p: numbers[cuts[p] : cuts[p + 1]] - starts[p]
        for p in range(len(starts) - 1)
        if cuts[p + 1] > cuts[p]
    }


def stratified(counts, sampled, max_rows, seed):
    """Ranks of rows of each class for a sample of a table, the same for any partitions.

    Sampled classes keep all of their rows where these are at most `max_rows`; the other classes
    share the rest of `max_rows` in proportion to their sizes, at least one row each.

    Parameters
    ----------
    counts : list of dict
        Rows of each class, for each partition.
    sampled : list
        Labels of classes to be sampled.
    max_rows : int
        Number of rows of the sample.
    seed : int
        Seed of the choice.

    Returns
    -------
    dict
        Number of a partition -> dict of label to ranks among the rows of the class there.
    """
    total = {}
    for own in counts:
        for label, n in own.items():
            total[label] = total.get(label, 0) + n
    quota = quotas(total, sampled, max_rows)
    wanted = {p: {} for p in range(len(counts))}
    for i, label in enumerate(sorted(total)):
        rng = np.random.default_rng([seed, i])
        ranks = np.sort(rng.choice(total[label], quota[label], replace=False, shuffle=False))
        start = 0
        for p, own in enumerate(counts):
            stop = start + own.get(label, 0)
            low, high = np.searchsorted(ranks, [start, stop])
            if high > low:
                wanted[p][label] = ranks[low:high] - start
            start = stop
    return {p: ranks for p, ranks in wanted.items() if ranks}


def quotas(total, sampled, max_rows):
    """Rows of each class in a sample of at most `max_rows`, from those of the table; a dict."""
    kept = {label: total[label] for label in sampled}
    if sum(kept.values()) > max_rows:
        kept = {}
    others = {label: n for label, n in total.items() if label not in kept}
    room = max_rows - sum(kept.values())
    share = min(1.0, room / max(sum(others.values()), 1))
    return {**kept, **{label: max(1, int(n * share)) for label, n in others.items()}}


def sampled_part(partition, ranks, split):
    """Rows of one partition at given ranks of each class; see `taken`."""
    X, labels = split(partition)
    found = [np.flatnonzero(labels == label)[own] for label, own in ranks.items()]
    positions = np.sort(np.concatenate(found))
    return picked_rows(X, positions), labels[positions], positions
