"""Validation of input tables, and constructors named after their class in error messages."""

from types import FunctionType

import numpy as np
from scipy import sparse
from sklearn.utils.validation import check_array, check_consistent_length, validate_data

from .._suggestions import suggesting
from ._shapes import check_dimensions, column_names, is_frame

__all__ = ["check_table", "name_constructor"]

#: Unsupported containers, and the method that converts each to a supported one.
_FOREIGN = {
    "polars LazyFrame": ".collect()",
    "pyarrow RecordBatch": "pyarrow.Table.from_batches([X])",
}


def check_table(estimator, X, target):
    """Check shape and column names; convert everything but frames and sparse matrices to arrays.

    Parameters
    ----------
    estimator : estimator
        Gets `n_features_in_` and `feature_names_in_`.
    X : object
        Input table.
    target : Target
        Target of the same rows.

    Returns
    -------
    table : frame, sparse matrix or ndarray of two dimensions
        With at least one row and one column.

    Raises
    ------
    ValueError, TypeError
        If it is not a table of real numbers, text or categories, or its length differs from the
        number of labels.
    """
    labels = target.labels
    if is_frame(X):
        _check_alignment(X, target.y)
        names = column_names(X)
        repeated = sorted({str(name) for name in names if names.count(name) > 1})
        if repeated:
            raise ValueError(f"Column names are not unique: rename the repeated ones, {repeated}.")
        validate_data(estimator, X=X, y=labels, reset=True, skip_check_array=True)
        check_consistent_length(X, labels)
        if not len(X) or not X.shape[1]:
            raise ValueError(
                f"Found a frame of shape {X.shape}: at least 1 row and 1 column needed."
            )
        return X
    kind = f"{type(X).__module__.split('.')[0]} {type(X).__name__}"
    if kind in _FOREIGN:
        raise TypeError(f"A {kind} is not supported: convert it with {_FOREIGN[kind]}.")
    if np.ma.is_masked(X):
        row, column = np.argwhere(np.ma.getmaskarray(X))[0]
        raise ValueError(f"Input X has a masked cell: column {column}, row {row}. Fill it first.")
    if not sparse.issparse(X):
        X = _as_array(X)
        if type(X) is np.ndarray and X.dtype.kind in "biuf" and X.size:
            check_consistent_length(X, labels)
            estimator.n_features_in_ = X.shape[1]
            vars(estimator).pop("feature_names_in_", None)
            return X  # scikit-learn's slower checks would find nothing more
    sparse_formats = ["csr", "csc", "coo", "lil"]
    X = check_array(X, accept_sparse=sparse_formats, dtype=None, ensure_all_finite=False)
    validate_data(estimator, X=X, y=labels, reset=True, skip_check_array=True)
    check_consistent_length(X, labels)
    return X


def name_constructor(cls):
    """Make the errors of a constructor name the class, and the parameter that was meant.

    Python's errors about unknown and positional arguments use the `__qualname__` of the function,
    which would name a base class that the user has never seen: so an inherited one is copied.

    Parameters
    ----------
    cls : type
        Class, changed in place.
    """
    if "__init__" in vars(cls):
        cls.__init__ = suggesting(vars(cls)["__init__"])
        return
    constructors = (vars(kind).get("__init__") for kind in cls.__mro__)
    written = (init for init in constructors if init and not hasattr(init, "copied_for"))
    # copies made for base classes are skipped: with multiple inheritance they hide the original
    init = next(written)
    init = getattr(init, "written", init)
    if not isinstance(init, FunctionType):
        return
    copy = FunctionType(
        init.__code__, init.__globals__, init.__name__, init.__defaults__, init.__closure__
    )
    for fact in ("__kwdefaults__", "__annotations__", "__doc__", "__module__"):
        setattr(copy, fact, getattr(init, fact))
    copy.__qualname__, copy.copied_for = f"{cls.__qualname__}.__init__", cls.__name__
    cls.__init__ = suggesting(copy)


def _as_array(X):
    """Convert X to an array; errors about its shape or dtype never quote a cell."""
    try:
        array = np.asarray(X)
    except ValueError as error:
        raise ValueError("Input X is ragged: its rows have different lengths.") from error
    if array.dtype.kind in "cmMV":
        kinds = {"c": "Complex data", "V": "Structured or raw data"}
        kind = kinds.get(array.dtype.kind, "An array of dates or durations is")
        raise ValueError(f"{kind} not supported: pass a table of real numbers.")
    check_dimensions(array)
    return X if isinstance(X, np.matrix) else array


def _check_alignment(X, y):
    """Raise if the index of a pandas target has the labels of X in another order."""
    ours, theirs = getattr(X, "index", None), getattr(y, "index", None)
    if ours is None or theirs is None or callable(theirs) or len(ours) != len(theirs):
        return
    default = type(theirs).__name__ == "RangeIndex" and theirs.start == 0 and theirs.step == 1
    if default or ours.equals(theirs):
        return
    if ours.is_unique and theirs.is_unique and ours.isin(theirs).all():
        raise ValueError(
            "X and y have the same index labels in another order: align them first, "
            "e.g. y = y.loc[X.index]."
        )
