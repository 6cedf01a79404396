"""What users write, for the type checker: `make lint` checks this file, and no test runs it.

A line with ``type: ignore`` is a mistake that has to be found: unused ones are errors.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, assert_type

import numpy as np
from narwhals import LazyFrame
from numpy.typing import NDArray

from skgensample import (
    CTGANResampler,
    GANOversampler,
    GaussianCopulaResampler,
    NumbaADASYN,
    NumbaBorderlineSMOTE,
    NumbaNearestNeighbors,
    NumbaSMOTE,
    NumbaSMOTENC,
    SequentialTreesResampler,
    resample_dataset,
    synthesize,
)
from skgensample.benchmarking import BenchmarkResult, run_benchmark
from skgensample.datasets import card_transaction_features, make_card_transactions
from skgensample.distributed import DatasetResult
from skgensample.metrics import c2st_auroc, column_density_error, tstr_score
from skgensample.model_selection import PrequentialSplit
from skgensample.plotting import ClassCountsDisplay, MarginalsDisplay, ProjectionDisplay

X: NDArray[np.float64] = np.zeros((10, 2))
y = np.arange(10) % 2


def resample_arrays() -> None:
    """A table comes back in its own container."""
    X_all, _ = NumbaSMOTE(sampling_strategy=0.5, random_state=0).fit_resample(X, y)
    assert_type(X_all, NDArray[np.float64])
    rows, labels = NumbaADASYN(n_neighbors=3).fit_resample([[0.0], [1.0]], ["a", "b"])
    assert_type(rows, list[list[float]])
    assert_type(labels, list[str])
    NumbaSMOTE(k_neighbors=NumbaNearestNeighbors(n_neighbors=6)).fit(X, y)
    NumbaSMOTENC(categorical_features=[0], sampling_strategy={1: 20})
    NumbaSMOTE(sampling_strategy=lambda labels: {1: len(labels)})


def resample_large(frame: LazyFrame[Any]) -> None:
    """A path or a lazy frame."""
    for table in ("cards.parquet", Path("cards"), frame):
        done = resample_dataset(table, "all.parquet", target="Class", sampler=NumbaSMOTE())
        assert_type(done, DatasetResult)


def generate(frame: Any) -> None:
    """A fitted generator, its rows and probabilities."""
    model = GaussianCopulaResampler(output="synthetic", random_state=0).fit(frame)
    assert_type(model, GaussianCopulaResampler)
    X_new, _ = model.sample(5, y="fraud", conditions={"amount": (10, None)})
    model.sample(partial={"amount": [1.0, None]})
    assert_type(model.label_probabilities({"amount": 3}), NDArray[np.float64])
    tree = SequentialTreesResampler(order=["amount", "age"], n_jobs=-1).set_params(n_trees=3)
    assert_type(tree, SequentialTreesResampler)
    synthesize(frame, "fraud", n=10, model="SequentialTreesResampler").merge(X_new)


def train() -> None:
    """Options of networks."""
    GANOversampler(max_steps=100, callbacks=lambda step, losses, criterion: step > 50)
    CTGANResampler(generator_dim=(64, 64), early_stopping="auto", memory="cache", train_on="all")


def measure() -> None:
    """Metrics, folds and the benchmark."""
    assert_type(column_density_error(X, X), float)
    assert_type(column_density_error(X, X, average=False), NDArray[np.float64])
    assert_type(c2st_auroc(X, X, random_state=0), float)
    assert_type(tstr_score(X, y, X, y), float)
    transactions = make_card_transactions(n_days=30, random_state=0)
    card_transaction_features(transactions, windows=(1, 7))
    folds = PrequentialSplit(n_splits=2).split(transactions, y)
    assert_type(folds, Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]])
    result = run_benchmark(X, y, cv=3, strategies=["none"], ratios=[0.1])
    assert_type(result, BenchmarkResult)
    assert_type(result.to_text(), str)


def draw() -> None:
    """Displays."""
    assert_type(ProjectionDisplay.from_sampler(NumbaSMOTE(), X, y), ProjectionDisplay)
    MarginalsDisplay.from_tables(X, X, max_columns=4).plot()
    assert_type(ClassCountsDisplay.from_labels(y, [0, 1]).after[1], int)


def mistakes() -> None:
    """What the checker has to find."""
    NumbaSMOTE(k_neigbors=3)  # type: ignore[call-arg]
    NumbaSMOTE(5)  # type: ignore[call-arg]
    NumbaSMOTE(k_neighbors="five")  # type: ignore[arg-type]
    NumbaSMOTE(sampling_strategy="minorty")  # type: ignore[arg-type]
    NumbaBorderlineSMOTE(kind="borderline")  # type: ignore[arg-type]
    GaussianCopulaResampler(output="synthetik")  # type: ignore[arg-type]
    resample_dataset(3, "all", target="y", sampler=NumbaSMOTE())  # type: ignore[arg-type]
    NumbaSMOTE().fit_resample(3, y)  # type: ignore[type-var]
    NumbaSMOTE().fit(X)  # type: ignore[call-arg]
    GANOversampler(max_steps=0.5)  # type: ignore[arg-type]
    NumbaNearestNeighbors(metric="cosine")  # type: ignore[arg-type]
    column_density_error(X)  # type: ignore[call-overload]
    PrequentialSplit(n_splits="four")  # type: ignore[arg-type]
