"""Majority vote over categories of neighbours, with seeded tie-breaks."""

import numpy as np

#: Seeds whose votes are counted at a time.
BLOCK = 65_536


def vote(codes, table, slot, rng):
    """Most frequent category among the neighbours of a seed, column by column.

    Parameters
    ----------
    codes : ndarray of shape (n, c)
        Category codes of all rows.
    table : ndarray of shape (m, k)
        Row numbers of the neighbours of each seed.
    slot : ndarray of shape (n_new,)
        Which seed each new row starts from.
    rng : RandomState
        Draws one number for each tied vote, column after column.

    Returns
    -------
    ndarray of shape (n_new, c)
        Codes; one of the most frequent ones, each with the same chance.
    """
    k = table.shape[1]
    ranked, tied = _ranked(codes, table)
    out = np.empty((len(slot), codes.shape[1]), codes.dtype)
    first = slot * k
    for j in range(codes.shape[1]):
        options, ties = ranked[:, j].ravel(), tied[:, j]
        out[:, j] = options[first]
        if ties.max(initial=1) > 1:
            open_ = np.flatnonzero(ties[slot] > 1)
            pick = (rng.uniform(size=len(open_)) * ties[slot[open_]]).astype(np.intp)
            out[open_, j] = options[first[open_] + pick]
    return out


def _ranked(codes, table):
    """For each seed and column its neighbours' codes, winners first, and how many won."""
    m, k = table.shape
    ranked = np.empty((m, codes.shape[1], k), codes.dtype)
    tied = np.empty((m, codes.shape[1]), np.intp)
    for start in range(0, m, BLOCK):
        part = slice(start, start + BLOCK)
        cast = codes[table[part]].transpose(0, 2, 1)
        votes = np.zeros(cast.shape, np.int32)
        repeated = np.zeros(cast.shape, bool)
        for a in range(k):
            for b in range(k):
                same = cast[..., a] == cast[..., b]
                votes[..., a] += same
                if b < a:
                    repeated[..., a] |= same
        votes[repeated] = 0
        order = np.argsort(-votes, axis=2, kind="stable")
        ranked[part] = np.take_along_axis(cast, order, axis=2)
        tied[part] = (votes == votes.max(axis=2, keepdims=True)).sum(axis=2)
    return ranked, tied
