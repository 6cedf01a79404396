"""One-hot groups among the columns of a table."""

import re

import numpy as np

#: Rows below which no group is trusted.
LEAST_ROWS = 20
#: Rows that are looked at before a column is read in full.
FIRST_ROWS = 64


def one_hot_groups(Z, columns, least=LEAST_ROWS):
    """Find columns of 0 and 1 of which exactly one is 1 in every row.

    Columns belong together if their names begin alike (``color_red``, ``color_blue``) or if they
    stand next to each other.

    Parameters
    ----------
    Z : ndarray of shape (n, d)
        Rows.
    columns : list of Column
        Columns to look at.
    least : int, default=20
        Rows below which no group is trusted.

    Returns
    -------
    list of list of int
        Positions of the columns of each group.
    """
    if len(columns) < 2 or len(Z) < least:
        return []
    taken, found = set(), []
    for group in candidates(Z, columns)[1]:
        if not taken & set(group):
            found.append(group)
            taken |= set(group)
    return found


def candidates(Z, columns):
    """Columns of 0 and 1, and all groups of them that would do, the first ones preferred.

    Parameters
    ----------
    Z, columns
        As of `one_hot_groups`.

    Returns
    -------
    flags : list of int
        Positions of columns that have both 0 and 1.
    groups : list of list of int
        Groups, some of which may share columns.
    """
    flags = [column for column in columns if is_flag(Z[:, column.index])]
    ones = {column.index: Z[:, column.index] == 1 for column in flags}
    groups = [group for group in by_prefix(flags) if len(group) > 1 and sums_to_one(group, ones)]
    groups += [group for group in adjacent(flags, ones) if len(group) > 1]
    return list(ones), groups


def counterexamples(Z, flags, groups):
    """Row numbers at which a column is no flag, or a group no one-hot group: the first of each.

    Parameters
    ----------
    Z : ndarray of shape (n, d)
        Further rows of the table.
    flags, groups
        What `candidates` found in other rows.

    Returns
    -------
    list of int
    """
    ones = {j: Z[:, j] == 1 for j in flags}
    broken = [~(one | (Z[:, j] == 0)) for j, one in ones.items()]
    broken += [sum(ones[j].astype(np.int64) for j in group) != 1 for group in groups]
    return sorted({int(rows.argmax()) for rows in broken if rows.any()})


def is_flag(z):
    """Whether a column has both 0 and 1, and nothing else."""
    for part in (z[:FIRST_ROWS], z):
        if not ((part == 0) | (part == 1)).all():
            return False
    return bool(z.min() < z.max())


def by_prefix(flags):
    """Positions of columns whose names have the same beginning, up to a separator."""
    groups = {}
    for column in flags:
        name = column.name if isinstance(column.name, str) else ""
        for place in [match.start() for match in re.finditer(r"[_=.:\- ]", name)]:
            if place:
                groups.setdefault(name[: place + 1], []).append(column.index)
    return sorted(groups.values(), key=len, reverse=True)


def adjacent(flags, ones):
    """Runs of columns next to each other that sum to 1, each as long as it has to be."""
    where, found, start = [column.index for column in flags], [], 0
    while start < len(where):
        total, end = np.zeros(len(ones[where[start]]), dtype=np.int64), start
        while end < len(where) and where[end] == where[start] + end - start:
            total += ones[where[end]]
            end += 1
            if total.max() > 1 or total.min() == 1:
                break
        if total.max() == total.min() == 1:
            found.append(where[start:end])
            start = end
        else:
            start += 1
    return found


def sums_to_one(group, ones):
    """Whether exactly one column of a group is 1 in every row."""
    total = sum(ones[j].astype(np.int64) for j in group)
    return bool((total == 1).all())
