"""One-hot groups of a table in parts: found in some rows, and checked in all of them."""

import numpy as np

from ..constraints._codec import ConstrainedCodec
from ..constraints._detect import candidates, counterexamples, one_hot_groups
from ..table import is_frame


def one_hot_groups_of(reader, X, encoding):
    """One-hot groups that are found in the whole table in memory.

    Groups are looked for in a few rows. Rows of other partitions that contradict what was found
    are added, until there are none; then every group of these rows is one of the table.

    Parameters
    ----------
    reader : Reader
        The table.
    X : frame or ndarray
        Some of its rows, among them witnesses.
    encoding : Encoding
        Encodes its rows, without groups.

    Returns
    -------
    list of list of int
        Positions of columns.
    """
    if not len(X):
        return []
    Z, codec = encoding(X)
    columns = ConstrainedCodec(codec.inner, detect=True).possible_flags()
    if len(columns) < 2 or not (is_frame(X) or codec.inner.learned):
        return []
    everywhere = dict.fromkeys(range(len(reader.survey.counts)))
    while len(candidates(Z, columns)[0]) > 1:
        shared = reader.split, encoding, columns, Z
        found = reader.source.reduce(contradictions, _stacked, everywhere, *shared)
        if not len(found):
            break
        Z = np.concatenate([Z, found])
    return one_hot_groups(Z, columns, least=0)


def contradictions(partition, _, split, encoding, columns, known):
    """Encoded rows of one partition that contradict what is found in other rows.

    Parameters
    ----------
    partition, split, encoding
        As of `nearest_part`.
    columns : list of Column
        Columns that may be flags.
    known : ndarray of shape (m, d)
        The other rows.

    Returns
    -------
    ndarray of shape (n, d)
    """
    X = split.table(partition)
    own, n = known, len(known)
    if not len(X):
        return own[n:]
    Z = encoding(X)[0]
    while rows := counterexamples(Z, *candidates(own, columns)):
        own = np.concatenate([own, Z[rows]])
    return own[n:]


def _stacked(a, b):
    return np.concatenate([a, b])
