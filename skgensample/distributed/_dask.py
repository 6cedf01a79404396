"""`DaskResampler`: a sampler on dask DataFrames and Arrays."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, clone

from .._runtime.memory import parse_bytes
from ..exceptions import MissingExtraError
from ._dask_output import arrays_of, frames_of
from ._reader import Reader
from ._source import Source, named_error
from ._split import Split
from ._training import Trained


class DaskResampler(BaseEstimator):
    """Resample a dask DataFrame or Array with the rows that the sampler gives in memory.

    Only the rows that the sampler reads are gathered: those of the classes to be sampled, and,
    for samplers that look for neighbours among all rows, these neighbours, which every partition
    finds on its own part. The new rows come back as further partitions, computed when they are
    needed. Use it where a table does not fit in memory, or lies on a cluster anyway; on a table
    that fits, the sampler alone is faster.

    Parameters
    ----------
    sampler : sampler
        An unfitted sampler of this package, with an int or None as `random_state`.
    max_rows : int, default=None
        For generators that train on all classes: train on a stratified sample of so many rows,
        with all rows of the classes to be sampled where these are fewer. None trains on all rows,
        if they fit in memory.
    memory : str or int, default=None
        Memory that the calling process may take, such as ``"2GB"``; None for all that is
        available.

    Attributes
    ----------
    sampler_ : sampler
        The fitted sampler.
    sampling_strategy_ : dict
        Number of new rows for each class sampled.
    n_samples_ : int
        Number of given rows.
    n_gathered_ : int
        Number of rows that were gathered.
    synthetic_parents_ : ndarray of shape (n_new, 2)
        For samplers that interpolate rows: numbers of the parents of each new row in
        the given table, counted over all partitions.

    See Also
    --------
    resample_dataset : The same for files on one machine.

    Notes
    -----
    Calling a sampler on every partition (``map_partitions``) is not the same: it finds neighbours
    in one partition only, balances every partition for itself, and fails where a partition has
    fewer than two rows of a class.

    All tasks are pure functions of their partition: if a worker is lost, its tasks run again with
    the same result. `fit_resample` reads the table two to four times before it returns; `persist`
    a table that fits in the memory of the cluster.

    A generator draws up to 262,144 rows of a class in one call, as it does in memory, and further
    ones from random streams derived from the first. A callable `sampling_strategy` is given the
    labels sorted.

    Examples
    --------
    >>> import dask.dataframe as dd
    >>> import pandas as pd
    >>> from sklearn.datasets import make_classification
    >>> from skgensample import NumbaSMOTE
    >>> from skgensample.distributed import DaskResampler
    >>> X, y = make_classification(n_samples=1000, weights=[0.95], random_state=0)
    >>> frame = pd.DataFrame(X).add_prefix("V").assign(Class=y)
    >>> ddf = dd.from_pandas(frame, npartitions=4)
    >>> balanced = DaskResampler(NumbaSMOTE(random_state=0)).fit_resample(ddf, y="Class")
    >>> balanced.compute()["Class"].value_counts().to_dict()
    {0: 946, 1: 946}
    """

    def __init__(
        self,
        sampler: Any,
        *,
        max_rows: int | None = None,
        memory: str | int | None = None,
    ) -> None:
        self.sampler = sampler
        self.max_rows = max_rows
        self.memory = memory

    def fit_resample(self, X: Any, y: Any) -> Any:
        """Resample a dask collection.

        Parameters
        ----------
        X : dask DataFrame or Array of shape (n_samples, n_features)
            The table; its partitions in order are its rows in order.
        y : object, dask Series or Array
            Name of the column of labels in `X`, or the labels, in the same partitions.

        Returns
        -------
        X_resampled : same kind as X
            The given partitions, untouched, and partitions of new rows. With a column name as `y`
            the only result, the labels in their column.
        y_resampled : same kind as y
            Their labels; not returned where `y` is a column name.

        Raises
        ------
        MissingExtraError
            If dask is not installed.
        TypeError
            If `X` is not a dask collection, or the sampler none of this package.
        ValueError
            If the table or a parameter is not usable; errors about cells name the partition and
            the row in it.
        MemoryError
            If the rows that have to be gathered do not fit in memory; the message has the number
            of bytes and the way out.
        """
        _require_dask()
        limit = None if self.memory is None else parse_bytes(self.memory)
        source, split = _source_of(X, y)
        reader = Reader(source, split, self.sampler, self.max_rows, limit)
        trained = Trained(reader, reader.core())
        self.sampler_, self.sampling_strategy_ = trained.sampler, trained.sampler.sampling_strategy_
        self.n_samples_ = reader.survey.n_rows
        self.n_gathered_ = len(trained.core.numbers)
        self._made = list(trained.recipes())
        output = frames_of if _is_frame(X) else arrays_of
        return output(X, y, self._made, reader.survey, trained)

    @property
    def synthetic_parents_(self) -> NDArray[np.int64]:
        """Numbers of the parents of each new row."""
        if not hasattr(getattr(self, "sampler_", None), "synthetic_parents_"):
            raise AttributeError(
                "synthetic_parents_ is there after fit_resample of a sampler "
                "that interpolates rows."
            )
        parts = [recipe.parents(piece) for recipe, made in self._made for piece in made]
        return np.concatenate([np.empty((0, 2), dtype=np.int64), *parts])

    def __sklearn_clone__(self):
        return type(self)(clone(self.sampler), max_rows=self.max_rows, memory=self.memory)


class DaskSource(Source):
    """Partitions of a dask collection; functions run where they are.

    Parameters
    ----------
    partitions : list of Delayed
        Frames, or pairs of table and labels.
    """

    def __init__(self, partitions):
        self.partitions, self.n_partitions = partitions, len(partitions)

    def _tasks(self, function, arguments, shared):
        from dask import delayed

        shared = [delayed(value, pure=True, traverse=False) for value in shared]
        call = delayed(named_error, pure=True, traverse=False)
        return [
            call(function, f"Partition {number}", self.partitions[number], own, *shared)
            for number, own in arguments.items()
        ]

    def map(self, function, arguments, *shared):
        import dask

        return dask.compute(*self._tasks(function, arguments, shared))

    def reduce(self, function, merge, arguments, *shared):
        import dask

        tasks = self._tasks(function, arguments, shared)
        merge = dask.delayed(merge, pure=True, traverse=False)
        while len(tasks) > 1:  # neighbours in pairs, so that order is kept
            pairs = [tasks[i : i + 2] for i in range(0, len(tasks), 2)]
            tasks = [merge(*pair) if len(pair) == 2 else pair[0] for pair in pairs]
        return tasks[0].compute() if tasks else None


def _require_dask():
    """Raise if dask's data frames are not installed."""
    try:
        import dask.array
        import dask.dataframe  # noqa: F401
    except ImportError:
        raise MissingExtraError(
            "DaskResampler needs dask: install it with `pip install 'skgensample[dask]'`."
        ) from None


def _is_frame(X):
    import dask.dataframe as dd

    return isinstance(X, dd.DataFrame)


def _source_of(X, y):
    """Partitions of a collection, and how each is divided into table and labels."""
    import dask.array as da
    import dask.dataframe as dd

    if isinstance(X, dd.DataFrame):
        _check_columns(list(X.columns), y)
        _refuse_unknown_levels(X)
        if isinstance(y, dd.Series):
            return DaskSource(_pairs(X.to_delayed(), y.to_delayed())), Split()
        if _is_name(y) and y in list(X.columns):
            return DaskSource(X.to_delayed()), Split(y)
        shown = f" {y!r}" if _is_name(y) else ""  # no labels of a table
        raise ValueError(
            f"y must be the name of a column of X or a dask Series, got {type(y).__name__}{shown}: "
            f"its columns are {list(X.columns)}."
        )
    if isinstance(X, da.Array):
        if not isinstance(y, da.Array) or X.ndim != 2 or y.ndim != 1:
            raise ValueError(
                "A dask Array of two dimensions needs a dask Array of labels of one dimension, got "
                f"{X.ndim} and {type(y).__module__.split('.')[0]} {type(y).__name__} of "
                f"{getattr(y, 'ndim', 0)}."
            )
        if not X.shape[1]:
            raise ValueError("The table has no column.")
        if X.dtype.kind not in "biuf":
            raise TypeError(f"A dask Array of {X.dtype} is not supported: take a dask DataFrame.")
        X = X.rechunk({1: -1}) if X.numblocks[1] > 1 else X
        y = _same_chunks(X, y)
        return DaskSource(_pairs(X.to_delayed().ravel(), y.to_delayed().ravel())), Split()
    raise TypeError(
        f"DaskResampler takes a dask DataFrame or Array, got {type(X).__module__.split('.')[0]} "
        f"{type(X).__name__}: use the sampler itself for tables in memory."
    )


def _is_name(y):
    """Whether labels are given by the name of a column."""
    return np.isscalar(y) or isinstance(y, tuple)


def _check_columns(names, y):
    """Raise if column names are not unique, or there is none but the labels."""
    repeated = sorted({str(name) for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(f"Column names are not unique: rename the repeated ones, {repeated}.")
    if not set(names) - ({y} if _is_name(y) else set()):
        raise ValueError("The table has no column but that of the labels.")


def _same_chunks(X, y):
    """Labels in the blocks of the table, as far as lengths of blocks are known."""
    lengths = X.chunks[0], y.chunks[0]
    if lengths[0] == lengths[1] or np.isnan(np.concatenate(lengths)).any():
        return y
    if X.shape[0] != y.shape[0]:
        raise ValueError(f"X has {X.shape[0]} rows and y {y.shape[0]}: both need the same.")
    return y.rechunk((X.chunks[0],))


def _refuse_unknown_levels(X):
    """Raise if partitions may have different levels in a column of dtype category."""
    coded = [name for name, dtype in X.dtypes.items() if str(dtype) == "category"]
    unknown = [name for name in coded if not X[name].cat.known]
    if unknown:
        raise ValueError(
            f"Columns of unknown categories: {unknown}. Call X.categorize() first, or convert "
            "them to text."
        )


def _pairs(tables, labels):
    """Partitions of tables with those of their labels."""
    from dask import delayed

    if len(tables) != len(labels):
        raise ValueError(
            f"X has {len(tables)} partitions and y {len(labels)}: both need the same. Give the "
            "name of a column as y, or repartition."
        )
    pair = delayed(_pair, pure=True)
    return [pair(X, y) for X, y in zip(tables, labels)]


def _pair(X, y):
    return X, y
