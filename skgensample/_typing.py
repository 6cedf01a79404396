"""Types of the public interface; what a parameter admits beyond its type is checked at run time."""

from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from typing import Any, Literal, Protocol, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray


class HasArray(Protocol):
    """Arrays, series and frames: what NumPy converts to an array."""

    def __array__(self, *args: Any, **kwargs: Any) -> NDArray[Any]: ...


class HasSparseRows(Protocol):
    """SciPy's sparse matrices and arrays."""

    @property
    def shape(self) -> Any: ...

    def tocsr(self, copy: bool = False) -> Any: ...


class FrameLike(Protocol):
    """Frames of pandas and polars."""

    @property
    def shape(self) -> Any: ...

    @property
    def columns(self) -> Any: ...

    def __len__(self) -> int: ...


class LazyTable(Protocol):
    """Lazy frames of polars and narwhals, relations of DuckDB, frames of Spark."""

    @property
    def columns(self) -> Any: ...

    def filter(self, *args: Any, **kwargs: Any) -> Any: ...

    def join(self, *args: Any, **kwargs: Any) -> Any: ...


class SearchesNeighbors(Protocol):
    """Unfitted estimators that find nearest neighbours."""

    def kneighbors(self, *args: Any, **kwargs: Any) -> Any: ...

    def kneighbors_graph(self, *args: Any, **kwargs: Any) -> Any: ...


class InventsColumns(Protocol):
    """`FakeColumns`: how values of personal columns are invented."""

    locale: Any
    columns: Any


class Resamples(Protocol):
    """Samplers of this package and of imbalanced-learn."""

    def fit_resample(self, X: Any, y: Any) -> Any: ...


class Caches(Protocol):
    """`joblib.Memory`, or what has its interface."""

    def cache(self, func: Any) -> Any: ...


MatrixLike: TypeAlias = HasArray | HasSparseRows | Sequence[Sequence[Any]]
VectorLike: TypeAlias = HasArray | Sequence[Any]
FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.intp]
Label: TypeAlias = Any
Estimator: TypeAlias = Any
Axes: TypeAlias = Any
Figure: TypeAlias = Any
DataFrame: TypeAlias = Any

#: A table and a target, which come back in the container that they were given in.
Table = TypeVar("Table", bound=MatrixLike)
Labels = TypeVar("Labels", bound=VectorLike)
#: A frame of pandas or polars, of which a new one is made.
Frame = TypeVar("Frame", bound=FrameLike)

FilePath: TypeAlias = str | PathLike[str]
Seed: TypeAlias = int | np.integer[Any] | np.random.RandomState | None
SamplingStrategy: TypeAlias = (
    float
    | Literal["auto", "minority", "not minority", "not majority", "all"]
    | Mapping[Any, int]
    | Callable[[NDArray[Any]], Mapping[Any, int]]
)
Neighbors: TypeAlias = int | SearchesNeighbors
CategoricalFeatures: TypeAlias = Literal["auto"] | VectorLike | None
Output: TypeAlias = Literal["augment", "synthetic"]
TrainOn: TypeAlias = Literal["all", "sampled"]
EarlyStopping: TypeAlias = bool | Literal["auto"]
TrainingCallback: TypeAlias = Callable[[int, tuple[float, ...], float], object]
Callbacks: TypeAlias = TrainingCallback | Sequence[TrainingCallback] | None
Memory: TypeAlias = FilePath | Caches | None
Conditions: TypeAlias = Mapping[Any, Any]
Personal: TypeAlias = Literal["refuse", "fake"] | InventsColumns
Schema: TypeAlias = Mapping[Any, Any] | None
Constraints: TypeAlias = Sequence[Any] | None
CategoryRule: TypeAlias = Literal["vote", "nearest"]
Scale: TypeAlias = Literal["standard", "quantile"] | None
