"""Target ``y``: read as a 1-D array of labels, and extended in its original container."""

import copy

import numpy as np
from imblearn.utils import check_target_type
from scipy import sparse
from sklearn.utils.multiclass import check_classification_targets, type_of_target

from ._arrow_columns import extended_arrow, is_arrow
from ._columns import missing_cells
from ._pandas import extend_index, without_rows
from ._shapes import is_instance


class Target:
    """Labels of the input rows, with a method that appends those of the new rows.

    Parameters
    ----------
    y : {array-like, sparse matrix} of shape (n,), (n, 1) or one-hot of shape (n, n_classes)
        List, array, pandas Series or one-column DataFrame, polars Series, pyarrow Array.

    Attributes
    ----------
    labels : ndarray of shape (n,)
        One label for each row.
    is_given : bool
        False for a table without labels, all of whose rows have the same one.
    """

    is_given = True

    @classmethod
    def absent(cls, n):
        """Target of `n` rows without labels."""
        target = cls(np.zeros(n, dtype=np.intp))
        target.is_given = False
        return target

    def __init__(self, y):
        if y is None:
            raise ValueError("This sampler requires y to be passed, but the target y is None.")
        self.y, self.listed = y, isinstance(y, list)
        plain = _plain(y)
        if plain.dtype.kind == "c":
            raise ValueError("Complex data not supported: labels are text or real numbers.")
        if plain.ndim == 1 and plain.dtype.kind in "biu":  # valid class labels, no check needed
            self.labels, self.one_hot = plain, False
            return
        _check_missing(plain)
        check_classification_targets(plain)
        if plain.ndim == 2 and type_of_target(plain) == "multilabel-indicator":
            _check_indicator(plain)
        self.labels, self.one_hot = check_target_type(plain, indicate_one_vs_all=True)

    def empty(self):
        """Return a target in the same container with zero rows."""
        blank = copy.copy(self)
        blank.labels = self.labels[:0].copy()
        if self.one_hot and self.listed:
            blank.y = np.asarray(self.y)[:0].copy()
        elif isinstance(self.y, np.ndarray):
            blank.y = self.y[:0].copy()
        elif self.one_hot and sparse.issparse(self.y):
            blank.y = type(self.y)((0, self.y.shape[1]), dtype=self.y.dtype)
        elif is_instance(self.y, "polars", "Series"):
            blank.y = self.y.clear()
        elif is_instance(self.y, "pandas", "Series") or is_instance(self.y, "pandas", "DataFrame"):
            blank.y = without_rows(self.y)
        elif is_arrow(self.y):
            blank.y = self.y[:0]
        else:
            blank.y = ()
        return blank

    def extended(self, new_labels, index=None):
        """Append labels of new rows.

        Parameters
        ----------
        new_labels : ndarray of shape (n_new,)
            Labels of the new rows.
        index : pandas Index, default=None
            Index of the result if `y` is a pandas object.

        Returns
        -------
        y : same container as given, of shape (n + n_new,) or one-hot
            Arrays of shape (n, 1) come back flat, as in imbalanced-learn. None without labels.
        """
        if not self.is_given:
            return None
        if is_instance(self.y, "pandas", "Series") or is_instance(self.y, "pandas", "DataFrame"):
            return self._extended_pandas(new_labels, index)
        if self.one_hot:
            new_rows = (new_labels[:, None] == np.arange(np.shape(self.y)[1])).astype(int)
            if sparse.issparse(self.y):
                new = type(self.y)(new_rows.astype(self.y.dtype))
                return sparse.vstack([self.y, new], format=self.y.format)
            given = np.asarray(self.y)
            rows = np.concatenate([given, new_rows.astype(given.dtype)])
            return rows.tolist() if self.listed else rows
        labels = np.concatenate([self.labels, new_labels])
        if isinstance(self.y, np.ndarray) and self.y.dtype == np.dtype(object):
            return np.concatenate([self.y.ravel(), new_labels.astype(object)])
        if self.listed:
            return labels.tolist()
        if is_instance(self.y, "polars", "Series"):
            return type(self.y)(self.y.name, labels.tolist(), dtype=self.y.dtype)
        return extended_arrow(self.y, new_labels) if is_arrow(self.y) else labels

    def _extended_pandas(self, new_labels, index):
        import pandas as pd

        y = self.y
        if self.one_hot:
            values = (new_labels[:, None] == np.arange(y.shape[1])).astype(int)
            new = pd.DataFrame(values, columns=y.columns).astype(y.dtypes)
        elif y.ndim == 2:
            new = pd.DataFrame({0: pd.Series(new_labels, dtype=y.dtypes.iloc[0])})
            new.columns = y.columns
        else:
            new = pd.Series(new_labels, dtype=y.dtype, name=y.name)
        both = pd.concat([y, new], ignore_index=True)
        both.index = extend_index(y.index, len(new)) if index is None else index
        return both


def _plain(y):
    """Labels as a NumPy array of a non-object dtype if possible; one-hot targets stay 2-D."""
    if is_instance(y, "polars", "Series"):
        return np.array(y.to_list())
    if is_arrow(y):
        return _natural(np.array(y.to_pylist(), dtype=object))
    if np.ma.is_masked(y):
        raise ValueError(_missing_text(int(np.argwhere(np.ma.getmaskarray(y))[0][0])))
    if is_instance(y, "pandas", "DataFrame") and y.shape[1] == 1:
        y = y.iloc[:, 0]
    if is_instance(y, "pandas", "Series") and not isinstance(y.dtype, np.dtype):
        if y.isna().any():
            raise ValueError(_missing_text(int(np.flatnonzero(y.isna().to_numpy())[0])))
        return _natural(y.to_numpy(dtype=object))
    plain = y.toarray() if sparse.issparse(y) else np.asarray(y)
    if isinstance(y, list) and plain.dtype.kind in "US":
        plain = np.array(y, dtype=object)
    if plain.ndim == 2 and plain.shape[1] == 1:
        plain = plain.ravel()
    return _natural(plain) if plain.dtype == object and plain.ndim in (1, 2) else plain


def _natural(labels):
    """Object labels, all text or all numbers; numbers become a numeric array."""
    _check_missing(labels)
    cells = labels.tolist()
    text = {isinstance(label, str) for label in labels.ravel().tolist()}
    if len(text) > 1:
        raise ValueError("The target y mixes text labels with others: convert it to one type.")
    return np.array(cells) if text == {False} else labels


def _check_missing(labels):
    """Raise if a label is NaN or None; the error names the row."""
    missing = missing_cells(labels.ravel())
    if missing.any():
        row = np.unravel_index(missing.argmax(), labels.shape)[0]
        raise ValueError(_missing_text(int(row)))


def _check_indicator(rows):
    """Raise unless each row of a one-hot target has exactly one 1; the error names the row.

    A row without a 1 would be counted as the class of the first column.
    """
    ones = (rows == 1).sum(axis=1)
    others = ~((rows == 0) | (rows == 1)).all(axis=1)
    wrong = others | (ones != 1)
    if not wrong.any():
        return
    row = int(wrong.argmax())
    if others[row]:
        fault, way_out = "holds another value than 0 and 1", "pass the labels as one column"
    elif ones[row]:
        fault, way_out = "has several (a multilabel target)", "keep one class for each row"
    else:
        fault = "has none"
        way_out = "make dummies of all classes (no drop_first), or pass the labels as one column"
    raise ValueError(
        f"A target y of {rows.shape[1]} columns needs exactly one 1 in each row, and row {row} "
        f"{fault}: {way_out}."
    )


def _missing_text(row):
    """Error text for a missing label."""
    return f"Input y contains NaN or another missing label at row {row}: drop that row first."
