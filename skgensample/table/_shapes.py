"""Kinds and shapes of tables, without a look at their cells."""

from scipy import sparse

#: Module and name of the classes of frames.
FRAMES = (("pandas", "DataFrame"), ("polars", "DataFrame"), ("pyarrow", "Table"))


def is_instance(X, module, name):
    """Whether X is a ``module.name``, without importing the module."""
    return any(
        base.__name__ == name and base.__module__.split(".")[0] == module
        for base in type(X).__mro__
    )


def is_frame(X):
    """Whether X is a pandas or polars frame or a pyarrow Table."""
    return any(is_instance(X, *kind) for kind in FRAMES)


def column_names(X):
    """Labels of the columns of a frame."""
    return list(X.column_names if is_instance(X, "pyarrow", "Table") else X.columns)


def column_cells(X, name):
    """Cells of a named column of a frame, as a list."""
    column = X[name]
    return column.to_pylist() if hasattr(column, "to_pylist") else column.to_list()


def check_dimensions(array):
    """Refuse an array that is no table, and say which reshape makes one of it.

    Parameters
    ----------
    array : ndarray
        What was given as a table.

    Raises
    ------
    ValueError
        If it has not two dimensions.
    """
    if array.ndim == 2:
        return
    way_out = "array.reshape(-1, 1) for one feature, array.reshape(1, -1) for one row"
    if array.ndim > 2:
        shape = ", ".join(map(str, (-1, *array.shape[1:])))
        way_out = (
            "X.reshape(len(X), -1), which makes each image or series one row, and bring the "
            f"result back to its shape with X_resampled.reshape({shape})"
        )
    raise ValueError(
        f"Expected 2D array, got {array.ndim}D array instead (shape {array.shape}). Reshape your "
        f"data with {way_out}."
    )


def row_count(X):
    """Number of rows of anything that a user may give as a table; 0 if it has none."""
    shape = getattr(X, "shape", None)
    if shape:
        return int(shape[0])
    try:
        return len(X)
    except TypeError:
        return 0


def stored_bytes(X):
    """Bytes that a row of an array, sparse matrix or frame takes, without those of its objects."""
    n = max(X.shape[0], 1)
    if sparse.issparse(X):
        return X.nnz / n * (X.dtype.itemsize + 4) + 8
    if is_instance(X, "pandas", "DataFrame"):
        return float(X.memory_usage(index=False, deep=False).sum()) / n
    size = X.estimated_size() if is_instance(X, "polars", "DataFrame") else X.nbytes
    return size / n
