"""Base of the samplers that train networks: parameters, cache of models, training run."""

import hashlib
import os
import time
import warnings
from dataclasses import dataclass, replace
from functools import partial
from numbers import Integral, Real
from typing import Any

import numpy as np
import torch
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.validation import check_memory

from ..base import (
    CallbackSupport,
    CallbackTasks,
    ConditionedModel,
    begin_fit,
    has_callbacks,
    plain_label,
    with_callbacks,
)
from ..exceptions import MissingExtraError, SmallClassWarning
from ._encoding.encoder import BlockEncoder
from ._sampling.tabular_model import calibration_rows
from ._training.early_stopping import EarlyStopping
from ._training.loop import CHECK_EVERY, StepBudget, default_max_steps, train
from ._training.memory import refuse_training
from ._training.seeding import resolve_device

#: A class with fewer rows than this is likely to be memorised rather than learnt.
FEW_ROWS = 10

#: Part of the key of `memory`, and of what `warm_start` goes on from; to be raised when the same
#: parameters come to teach something else.
CACHE_FORMAT = 10

#: Minimum rows of a batch, also for smaller tables.
LEAST_BATCH = 64

#: Constraint of the widths of hidden layers.
HIDDEN = [tuple, list]


class NeuralSampler(CallbackSupport):
    """Mixin of samplers that train networks.

    A subclass declares its choices as class attributes and implements
    ``_learn(Z, y, columns, rng, run)``, which returns the model and its history.

    Attributes
    ----------
    _architecture : AdversarialNetworks or VariationalAutoencoder
        Networks, losses and optimisers.
    _block : type
        Encoding of continuous columns.
    _stopping_tolerance : float
        Standard errors of the criterion within which early stopping keeps the longest trained
        network.
    _evaluation_steps : int or None
        Steps between evaluations of early stopping; None for 200.
    _advice : str
        Remedy that the error names if a class was not learnt.
    pac, warm_start, train_on : int, bool, str
        Parameters that only some samplers have; the values here hold for the others.
    """

    _architecture: Any = None
    _block: Any = None
    _stopping_tolerance = 0.0
    _evaluation_steps: int | None = None
    _advice = "Sample another class with y=, or fit with train_on='all'."
    pac, warm_start, train_on = 1, False, "all"
    _training_constraints: dict = {
        "learning_rate": [Interval(Real, 0, None, closed="neither")],
        "batch_size": [Interval(Integral, 2, None, closed="left")],
        "max_steps": [Interval(Integral, 1, None, closed="left"), None],
        "max_time": [Interval(Real, 0, None, closed="neither"), None],
        "early_stopping": ["boolean", StrOptions({"auto"})],
        "callbacks": [list, tuple, callable, None],
        "memory": [str, os.PathLike, HasMethods(["cache"]), None],
        "device": [str],
        "verbose": ["boolean"],
    }
    #: Parameters that do not change what is learnt from given rows.
    _without_effect = frozenset(
        ("callbacks", "memory", "output", "random_state", "sampling_strategy", "verbose")
    )

    def _check_networks(self):
        """Check the widths of hidden layers, which parameter constraints cannot express."""
        for name in self._architecture.widths:
            dims = getattr(self, name)
            if not dims or not all(isinstance(dim, Integral) and dim > 0 for dim in dims):
                raise ValueError(
                    f"{name} must name a positive width for each hidden layer, got {dims!r}."
                )

    def _trained_rows(self, y, labels):
        """Mask of the rows to train on if these classes are to be sampled; all by default."""
        return np.ones(len(y), dtype=bool)

    def _fit_kept(self, Z, y, columns, rng):
        return self._fit_generator(Z, y, columns, rng, named=True)

    @with_callbacks
    def _fit_generator(self, Z, y, columns, rng, named=False):
        """Train on the rows of the sampled classes, or load the trained model from `memory`.

        These are the rows of classes with new rows, or with `named` of all classes named by
        `sampling_strategy`.
        """
        began = time.monotonic()
        self._check_networks()
        self._warn_of_few_rows(y)
        device = resolve_device(self.device)
        self.history_, self.device_ = {}, str(device)
        strategy = self.sampling_strategy_.items()
        rows = self._trained_rows(y, [label for label, n in strategy if n or named])
        if not rows.any():
            return None
        self._refuse_networks(len(columns), np.count_nonzero(rows), device)
        Z, y = (Z, y) if rows.all() else (Z[rows], y[rows])
        memory = os.fspath(self.memory) if isinstance(self.memory, os.PathLike) else self.memory
        if self.callbacks or has_callbacks(self):
            memory = None  # a cache hit would not call them, and they may stop training early
        learn = check_memory(memory).cache(_learn, ignore=["training"])
        parameters = self.get_params(deep=False)
        key = [CACHE_FORMAT, torch.__version__, type(self).__name__, str(device)]
        key += [] if memory is None else [fingerprint(Z, y), digest_of(columns)]
        key += sorted(
            (name, repr(value))
            for name, value in parameters.items()
            if name not in self._without_effect
        )
        state = rng.get_state(legacy=False)
        tasks = begin_fit(self, self._n_networks(y))
        run = TrainingRun(device, began, self.max_time, tasks)
        model, self.history_, state = learn(Training(self, run, Z, y, columns), key, state)
        tasks.finish()
        rng.set_state(state)
        return model

    def _refuse_networks(self, d, n, device):
        """Raise before any work if even networks of columns of one number would not fit."""
        self._refuse_size(self._architecture.size(self, 0, d, 1), n, device)

    def _refuse_encoded(self, encoder, n_classes, n_conditions, n, device):
        """Raise if networks for the encoded table, their batches or calibration would not fit."""
        layout = encoder.layout
        name, span = encoder.widest()
        self._refuse_size(
            self._architecture.size(self, layout.n_scalars, layout.width, n_conditions),
            n,
            device,
            calibration_rows(layout.width, n_classes),
            f" The encoded table is {layout.width:,} wide, {span:,} of it for column {name!r}: "
            "leave out or group such columns.",
        )

    def _refuse_size(self, size, n, device, drawn=0, more=""):
        """Raise `MemoryLimitError` if a training of this size on `n` rows does not fit."""
        rows = self._batch_rows(n)
        widths = " and ".join(self._architecture.widths)
        way_out = f"take smaller {widths}, or a batch_size of less than {rows:,}.{more}"
        refuse_training(size.n_bytes(rows, drawn), way_out, device)

    def _n_networks(self, y):
        """Number of networks to be trained on rows with these labels."""
        return 1

    def _label_probabilities(self, model, rng):
        """Class frequencies of the training rows; an error if a class was not learnt."""
        learnt = self._learnt(model.model if isinstance(model, ConditionedModel) else model)
        for label in self._labels:
            if label not in learnt:
                raise self._not_learnt(label)
        return super()._label_probabilities(model, rng)

    def _learnt(self, model):
        """Labels of the classes that can be sampled."""
        return set() if model is None else set(model.labels)

    def _not_learnt(self, label):
        """Error for a requested class that was not trained on."""
        return ValueError(
            f"Class {plain_label(label)!r} was not to be sampled: nothing was learnt of it. "
            f"{self._advice}"
        )

    def _warn_of_few_rows(self, y):
        """Warn of sampled classes with too few rows."""
        for label, n_new in self.sampling_strategy_.items():
            count = int(np.sum(y == label))
            if n_new and count < FEW_ROWS:
                warnings.warn(
                    f"Class {plain_label(label)!r} has {count} rows: a network learns little from "
                    f"fewer than {FEW_ROWS}, and new rows will lie close to them.",
                    SmallClassWarning,
                    stacklevel=2,
                )

    def _batch_rows(self, n):
        """Rows of a batch: whole packs, and no more than `batch_size` or a small table can use."""
        wanted = min(self.batch_size, max(n, LEAST_BATCH))
        return max(wanted // self.pac, 1 if self.pac > 1 else 2) * self.pac

    def _default_steps(self, n):
        """Optimiser steps by default for a table of `n` rows."""
        return self._architecture.default_steps_factor * default_max_steps(n)

    def _encoder(self, Z, columns, group):
        """Encoder of a table, fitted column by column."""
        show = self._progress("Encoding", "column")
        return BlockEncoder(Z, columns, continuous=self._block, group=group, show=show)

    def _progress(self, what, unit):
        """Wrapper of an iterable: a progress bar if `verbose`."""
        return partial(_progress_bar(), desc=what, unit=unit) if self.verbose else iter

    def _train(self, step, n, run, *, criterion=None, start=0):
        """Train; returns the best network, or the last one where nothing is held out."""
        steps = self._default_steps(n) if self.max_steps is None else self.max_steps
        show = self._progress("Training", "step")
        budget = StepBudget(
            start + steps, max_time=run.max_time, start=start, show=show, began=run.began
        )
        stopping = None
        if criterion:
            tolerance = self._stopping_tolerance * criterion.standard_error
            stopping = EarlyStopping(
                criterion, step.candidate, tolerance=tolerance, every=self._evaluation_steps
            )
        called = self.callbacks or ()
        called = [called] if callable(called) else called
        tasks = run.tasks.below("train", -(-steps // CHECK_EVERY))
        called = [*called, tasks.end]
        history = train(step, budget, early_stopping=stopping, callbacks=called, begin=tasks.begin)
        tasks.finish()
        return stopping.best if stopping else step.candidate(), history


def fingerprint(Z, y):
    """SHA-256 digest of a table and its labels."""
    digest = hashlib.sha256(np.ascontiguousarray(Z).tobytes())
    digest.update(repr((Z.shape, Z.dtype, y.tolist())).encode())
    return digest.hexdigest()


def digest_of(columns):
    """SHA-256 digest of descriptions of columns, whose ranges are values of the table."""
    return hashlib.sha256(repr(columns).encode()).hexdigest()


@dataclass(frozen=True)
class TrainingRun:
    """Circumstances of one training.

    Parameters
    ----------
    device : torch.device
        Where networks are trained.
    began : float
        When it began, encoding of the columns included, by `time.monotonic`.
    max_time : float or None
        Seconds from `began` on after which no further step starts.
    tasks : CallbackTasks
        The tasks of this fit, for scikit-learn's callbacks.
    """

    device: torch.device
    began: float
    max_time: float | None
    tasks: CallbackTasks

    def first_of(self, n):
        """The run of the first of `n` networks: it gets an equal part of the time that is left."""
        if self.max_time is None or n == 1:
            return self
        now = time.monotonic()
        left = max(self.began + self.max_time - now, 0.0)
        return replace(self, began=now, max_time=left / n)


@dataclass(frozen=True, repr=False)
class Training:
    """What a network is trained on; `memory` writes and prints arguments, and of these no row.

    Parameters
    ----------
    sampler : NeuralSampler
        The sampler.
    run : TrainingRun
        Circumstances.
    Z, y, columns : ndarray, ndarray, list of Column
        Rows, labels, and descriptions of the columns.
    """

    sampler: NeuralSampler
    run: TrainingRun
    Z: np.ndarray
    y: np.ndarray
    columns: list


def _learn(training, key, state):
    """What `memory` caches: model, history, and the random state that training leaves."""
    rng = np.random.RandomState(getattr(np.random, state["bit_generator"])())
    rng.set_state(state)
    rows = training.Z, training.y, training.columns
    model, history = training.sampler._learn(*rows, rng, training.run)
    return model, history, rng.get_state(legacy=False)


def _progress_bar():
    """Tqdm's wrapper of an iterable."""
    try:
        from tqdm import tqdm
    except ImportError:
        raise MissingExtraError(
            "verbose=True needs tqdm: install it with `pip install tqdm`, or set verbose=False."
        ) from None
    return tqdm
