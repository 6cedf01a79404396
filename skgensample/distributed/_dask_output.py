"""New rows as partitions of dask collections, after the given ones."""

import functools

import numpy as np

from ..table import is_frame


def frames_of(X, y, made, survey, trained):
    """A dask DataFrame of given and new rows, and its labels where they are no column.

    Parameters
    ----------
    X : dask DataFrame
        The given table.
    y : column name or dask Series
        The labels.
    made : list of (Recipe, list of pieces)
        New rows.
    survey : Survey
        Of the given table.
    trained : Trained
        Says whether the given rows are kept.

    Returns
    -------
    dask DataFrame, or a pair of dask DataFrame and Series
    """
    named = not hasattr(y, "to_delayed")
    X_meta, y_meta = X._meta, X._meta[y] if named else y._meta
    n_given = survey.n_rows if trained.keeps_given else 0
    labels = _index_labels(X_meta.index, survey, trained.keeps_given)
    rows, targets, n = [], [], 0
    for make, piece, label, length in _tasks(made):
        frame = make(_frame_piece, X_meta, y_meta, y if named else None, piece, label, labels(n))
        rows.append(frame)
        targets.append(make(_label_piece, y_meta, length, label, labels(n)))
        n += length
    lengths = [piece.n for _, pieces in made for piece in pieces]
    divisions = _divisions(X, labels, n_given, lengths, trained.keeps_given)
    X_all = _joined(X, rows, X_meta, divisions, trained.keeps_given)
    if named:
        return X_all
    return X_all, _joined(y, targets, y_meta, divisions, trained.keeps_given)


def arrays_of(X, y, made, survey, trained):
    """Dask Arrays of given and new rows, and of their labels; parameters as of `frames_of`."""
    import dask.array as da

    rows, labels = [], []
    for make, piece, label, length in _tasks(made):
        part = make(_array_piece, X.dtype, piece)
        rows.append(da.from_delayed(part, (length, X.shape[1]), dtype=X.dtype))
        labels.append(da.full((length,), label, dtype=y.dtype, chunks=-1))
    if trained.keeps_given:
        rows, labels = [X, *rows], [y, *labels]
    return da.concatenate(rows), da.concatenate(labels)


def _tasks(made):
    """For each piece: a maker of tasks, the piece, its label and its number of rows."""
    from dask import delayed

    for recipe, pieces in made:
        shared = delayed(recipe, pure=True, traverse=False)

        def make(function, *arguments, shared=shared):
            task = delayed(function, pure=True, traverse=False)
            return task(shared, *arguments)

        for piece in pieces:
            yield make, piece, recipe.label, piece.n


def _frame_piece(recipe, X_meta, y_meta, target, piece, label, labels):
    """One partition of new rows."""
    rows = recipe(piece)
    rows.index = labels(len(rows), X_meta.index)
    if target is not None:
        column = _labels_like(y_meta, len(rows), label, rows.index)
        rows.insert(list(X_meta.columns).index(target), target, column)
    return rows


def _label_piece(_, y_meta, n, label, labels):
    """One partition of labels."""
    return _labels_like(y_meta, n, label, labels(n, y_meta.index))


def _labels_like(y_meta, n, label, index):
    """A series of one label."""
    import pandas as pd

    return pd.Series([label] * n, dtype=y_meta.dtype, name=y_meta.name, index=index)


def _array_piece(recipe, dtype, piece):
    """One block of new rows."""
    rows = recipe(piece)
    return np.asarray(rows.to_numpy() if is_frame(rows) else rows, dtype=dtype)


def _joined(given, parts, meta, divisions, keeps_given):
    """A dask collection of given and new partitions."""
    import dask.dataframe as dd

    if not parts:
        return given
    new = dd.from_delayed(parts, meta=meta, divisions=divisions, verify_meta=False)
    return dd.concat([given, new]) if keeps_given else new


def _index_labels(index, survey, keeps_given):
    """A function of the number of new rows before a piece; it returns a maker of index labels."""
    first = 0
    if keeps_given and survey.top_label is not None:
        first = survey.top_label + 1
    numbered = survey.top_label is not None or not keeps_given
    text = not numbered and index.dtype.kind not in "mMf"
    return lambda n: functools.partial(_new_labels, first + n if numbered else None, n, text)


def _new_labels(first, n_before, text, n, index):
    """Index labels of one piece: further numbers, texts, or missing ones."""
    import pandas as pd

    if first is not None:
        return pd.RangeIndex(first, first + n, name=index.name)
    if text:
        return pd.Index([f"synthetic_{n_before + i}" for i in range(n)], name=index.name)
    return pd.Index(pd.Series([None] * n, dtype=object).astype(index.dtype), name=index.name)


def _divisions(X, labels, n_given, lengths, keeps_given):
    """Divisions of the new partitions; unknown where their labels do not follow the given ones."""
    first = labels(0).args[0]
    known = X.known_divisions and first is not None
    if keeps_given and not known:
        return None
    starts = first + np.concatenate([[0], np.cumsum(lengths)])
    return tuple(int(start) for start in [*starts[:-1], starts[-1] - 1])
