"""AutoregressiveResampler: a masked network of all columns, trained on the log-likelihood."""

from numbers import Integral, Real
from typing import Literal

import numpy as np
import torch
from scipy.special import logsumexp
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from .._typing import (
    Callbacks,
    Constraints,
    EarlyStopping,
    FloatArray,
    MatrixLike,
    Memory,
    Output,
    Personal,
    SamplingStrategy,
    Schema,
    Seed,
    TrainOn,
    VectorLike,
)
from ..base import BaseConditionalResampler
from ._encoding.bins import BinEncoder
from ._encoding.class_statistics import class_ranges, code_frequencies
from ._encoding.extremes import draw_in
from ._networks.masked import MaskedNetwork
from ._neural import fingerprint
from ._neural_conditional import ConditionalNeuralSampler, by_appearance, kept_in_place
from ._sampling.autoregressive_model import AutoregressiveModel
from ._sequential.conditioning import SequentialMonteCarlo
from ._training.early_stopping import holdout_mask
from ._training.likelihood import CHUNK_ROWS, HeldOutLikelihood, LikelihoodStep
from ._training.memory import masked_size, refuse_training
from ._training.optim import flat_adam
from ._training.seeding import seeded

#: Columns, the label included, up to which blocks have their full width.
FEW_COLUMNS = 40


class AutoregressiveResampler(ConditionalNeuralSampler, BaseConditionalResampler):
    """Synthetic rows of any class from one autoregressive network of all columns.

    A model of a mixed table whose rows boosted trees hardly tell from real ones, for a few hundred
    rows or more: columns are generated one after the other, each from its distribution given those
    before it. Training is stable, since its only loss is the likelihood, and takes seconds to
    minutes on a CPU. Rows can be sampled under conditions, and rows can be scored. For a minority
    class of a few hundred rows whose columns are all continuous, `WGANOversampler` covers the class
    better.

    Parameters
    ----------
    sampling_strategy : float, str, dict or callable, default="auto"
        As in imbalanced-learn: a float is the ratio of minority to majority rows wanted (two
        classes only); ``"minority"``, ``"not minority"``, ``"not majority"``, ``"all"``,
        ``"auto"`` (not majority) level the classes named with the largest one; a dict
        ``{label: count}`` or a callable ``y -> dict`` gives the counts wanted.
    random_state : int, RandomState instance or None, default=None
        Seed of training and sampling. An int gives the same rows on the same machine with the
        same package versions, whatever the number of threads.
    output : {"augment", "synthetic"}, default="augment"
        Whether `fit_resample` returns the given rows followed by the new ones, or an entirely
        synthetic table with the class counts that the augmented one would have.
    order : {"fixed", "any"}, default="fixed"
        Whether columns are predicted in the order of the table, each from those before it, or
        each from any set of others. ``"fixed"`` is the better model of whole rows; ``"any"``
        takes conditions on any columns without importance weights.
    hidden_dim : int or "auto", default="auto"
        Hidden units for each column. ``"auto"`` takes 64, and for more than 40 columns fewer in
        proportion, at least 8.
    embedding_dim : int or "auto", default="auto"
        Width of the embedding of a code. ``"auto"`` takes 24, fewer as above.
    n_layers : int, default=2
        Hidden layers.
    dropout : float, default=0.1
        Dropout rate of hidden units in training.
    n_bins : int or "auto", default="auto"
        Bins of a continuous column to aim at. ``"auto"`` takes 1.25 times the square root of the
        number of rows, at least 8 and at most 200.
    learning_rate : float, default=1.5e-3
        Step size of Adam.
    batch_size : int or "auto", default="auto"
        Rows per batch, drawn with replacement. ``"auto"`` takes 64 to 256, more for more rows.
    max_steps : int, default=None
        Optimiser steps. None takes twelve passes over the rows, at least 600 steps and at most
        4,000; for fewer than 876 rows fewer, with the square of their number, since more would
        memorise them.
    max_time : float, default=None
        Seconds of training after which no further step starts. The number of steps then depends
        on the machine, and so do the rows.
    early_stopping : bool or "auto", default="auto"
        Whether to hold out a tenth of the rows (at most 1,000), evaluate their log-likelihood
        every 100 steps, keep the best weights, and stop after five evaluations without progress.
        ``"auto"`` does so from 1,000 rows.
    train_on : {"all", "sampled"}, default="all"
        Whether to train on all rows or on those of the classes to be sampled; with ``"sampled"``
        no other class can be generated.
    warm_start : bool, default=False
        Whether to continue the last `fit` on the same table for `max_steps` more steps, with the
        same result as without the interruption.
    callbacks : callable or list of callable, default=None
        Called every 50 steps as ``callback(step, losses, criterion)``, with the mean negative
        log-likelihood since the last call, and the criterion of `early_stopping` (NaN where it
        was not evaluated); training ends if one returns True.
        scikit-learn's own callbacks (1.9 or later), such as its progress bar, are given to
        `set_callbacks` instead.
    memory : str, path or object with the joblib.Memory interface, default=None
        Cache of trained networks: the same rows and parameters are trained on once only, so a
        grid search over `sampling_strategy` trains once per fold (with an int `random_state`).
        The folder holds pickles: let only trusted users write to it. Of the rows it has a digest
        and what `save` writes of them. Ignored with `callbacks`, which may stop training early.
    device : str, default="auto"
        Device of the training: ``"cpu"``, ``"cuda"``, ``"mps"``, ...; ``"auto"`` is CUDA if
        available, else the CPU.
    verbose : bool, default=False
        Whether to show a progress bar (needs tqdm).
    personal : {"refuse", "fake"} or FakeColumns, default="refuse"
        What to do with columns that identify people or rows: refuse the table, or replace their
        values in new rows by invented ones; see `FakeColumns`.
    schema : TableSchema or dict, default=None
        Kinds of columns that are not to be detected; see `table_schema`.
    constraints : list of constraint, default=None
        Rules that every new row satisfies; see `skgensample.constraints`.

    Attributes
    ----------
    class_counts_ : dict
        Number of given rows of each class.
    sampling_strategy_ : dict
        Number of new rows for each class sampled.
    classes_ : ndarray of shape (n_classes,) or None
        Labels, sorted; None if `fit` got none.
    class_prior_ : ndarray of shape (n_classes,) or None
        Class frequencies in the training rows.
    model_ : object
        Trained network, on the CPU, with everything that sampling needs; no training rows.
    codec_ : TableCodec
        Names, dtypes, levels and ranges of the columns.
    history_ : dict of str to ndarray of shape (n_steps,)
        "step", "negative_log_likelihood" (nats per row), and "criterion", NaN where it was not
        evaluated.
    device_ : str
        Device on which training ran.
    effective_share_ : float
        After sampling under conditions: effective number of rows over their number, 1 at best.
    is_synthetic_ : ndarray of shape (n_samples_new,)
        Which rows of the result of `fit_resample` are new.
    n_features_in_ : int
        Number of columns.
    feature_names_in_ : ndarray of shape (n_features,)
        Column names, where a frame with text names was given.

    See Also
    --------
    GaussianCopulaResampler : Without networks; for small tables of many columns.
    TVAEResampler : A variational autoencoder.
    CTGANResampler : Adversarial training of a generator and a critic.

    Notes
    -----
    The model belongs to the family of TabularARGN [1]_: every column is a sequence of codes, and
    one masked network [2]_ predicts the code of each from the embeddings of the columns before it,
    trained on their cross-entropy. The label is the first column and is given. A column of
    categories, of at most two values, or of at most 20 values with ten occurrences each on
    average, has a code for each value (rare levels beyond 256 share one); another numeric column
    has quantile bins, in which frequent values have bins of their own, and a code for missing
    cells. Within a bin a value is drawn by the empirical quantile function, with values of single
    rows spread between the midpoints to their neighbours and the extremes of each class drawn in.
    Columns that repeat a value of an earlier column in 1 % of the rows or more have a code for
    that.

    Embeddings and output weights of bins start as smooth functions of rank (normal scores and
    cosines), so that near bins start out alike. Weights are averaged over about the last tenth of
    the steps. Batches are drawn with weights inverse to the square root of class sizes, so that a
    class of 0.2 % of the rows is represented. After training, offsets are added to the logits so
    that each code has its frequency in each class (iterative proportional fitting). With
    ``order="any"`` columns are predicted at a random place of a random order [3]_.

    Conditions that come first in the order are exact; others are met by sequential Monte Carlo
    [4]_: rows always satisfy them, and `effective_share_` says how many are independent. A class
    with fewer than 10 rows raises a `SmallClassWarning`. There is no privacy guarantee.

    References
    ----------
    .. [1] P. Tiwald, I. Krchova, A. Sidorenko, M. Vargas Vieyra, M. Scriminaci, M. Platzer,
       "TabularARGN: a flexible and efficient auto-regressive framework for generating
       high-fidelity synthetic data", arXiv 2501.12012.
    .. [2] M. Germain, K. Gregor, I. Murray, H. Larochelle, "MADE: masked autoencoder for
       distribution estimation", ICML 2015, arXiv 1502.03509.
    .. [3] B. Uria, I. Murray, H. Larochelle, "A deep and tractable density estimator", ICML 2014,
       arXiv 1310.1757.
    .. [4] N. J. Gordon, D. J. Salmond, A. F. M. Smith, "Novel approach to nonlinear/non-Gaussian
       Bayesian state estimation", IEE Proceedings F 140, 1993.

    Examples
    --------
    >>> from sklearn.datasets import make_classification
    >>> from skgensample import AutoregressiveResampler
    >>> X, y = make_classification(n_samples=1000, weights=[0.95], random_state=0)
    >>> sampler = AutoregressiveResampler(max_steps=100, random_state=0).fit(X, y)
    >>> X_new, y_new = sampler.sample(5, y=1, conditions={0: (0, None)})
    >>> bool((X_new[:, 0] >= 0).all()), y_new
    (True, array([1, 1, 1, 1, 1]))
    """

    _conditioning = SequentialMonteCarlo()
    _evaluation_steps = 100
    _parameter_constraints: dict = {
        **BaseConditionalResampler._parameter_constraints,
        **ConditionalNeuralSampler._training_constraints,
        "order": [StrOptions({"fixed", "any"})],
        "hidden_dim": [Interval(Integral, 1, None, closed="left"), StrOptions({"auto"})],
        "embedding_dim": [Interval(Integral, 1, None, closed="left"), StrOptions({"auto"})],
        "n_layers": [Interval(Integral, 1, None, closed="left")],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "n_bins": [Interval(Integral, 2, None, closed="left"), StrOptions({"auto"})],
        "batch_size": [Interval(Integral, 2, None, closed="left"), StrOptions({"auto"})],
        "warm_start": ["boolean"],
    }

    def __init__(
        self,
        *,
        sampling_strategy: SamplingStrategy = "auto",
        random_state: Seed = None,
        output: Output = "augment",
        order: Literal["fixed", "any"] = "fixed",
        hidden_dim: int | Literal["auto"] = "auto",
        embedding_dim: int | Literal["auto"] = "auto",
        n_layers: int = 2,
        dropout: float = 0.1,
        n_bins: int | Literal["auto"] = "auto",
        learning_rate: float = 1.5e-3,
        batch_size: int | Literal["auto"] = "auto",
        max_steps: int | None = None,
        max_time: float | None = None,
        early_stopping: EarlyStopping = "auto",
        train_on: TrainOn = "all",
        warm_start: bool = False,
        callbacks: Callbacks = None,
        memory: Memory = None,
        device: str = "auto",
        verbose: bool = False,
        personal: Personal = "refuse",
        schema: Schema = None,
        constraints: Constraints = None,
    ) -> None:
        super().__init__(
            sampling_strategy=sampling_strategy,
            random_state=random_state,
            output=output,
            personal=personal,
            schema=schema,
            constraints=constraints,
        )
        self.order = order
        self.hidden_dim = hidden_dim
        self.embedding_dim = embedding_dim
        self.n_layers = n_layers
        self.dropout = dropout
        self.n_bins = n_bins
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.max_steps = max_steps
        self.max_time = max_time
        self.early_stopping = early_stopping
        self.train_on = train_on
        self.warm_start = warm_start
        self.callbacks = callbacks
        self.memory = memory
        self.device = device
        self.verbose = verbose

    def score_samples(self, X: MatrixLike, y: VectorLike | None = None) -> FloatArray:
        """Log-likelihood of rows under the model, as of scikit-learn's mixtures.

        Parameters
        ----------
        X : same kind as the table given to `fit`, of shape (n_samples, n_features)
            Rows.
        y : array-like of shape (n_samples,), default=None
            Their labels. None sums over the classes with their frequencies.

        Returns
        -------
        log_likelihood : ndarray of shape (n_samples,)
            In nats; a log density in continuous columns, with the unit of the column, and a log
            probability in others. Minus infinity are values that the model cannot generate, such
            as an unknown number of a column of few, and rows that break a constraint. Beyond the
            training range densities decay exponentially.

        Raises
        ------
        ValueError
            If a column, a label or a cell, such as a category, is not known from `fit`.
        NotFittedError
            If `fit` or `fit_resample` was not called before.
        """
        check_is_fitted(self, "model_")
        Z, valid = self._encode_rows(X)
        if y is not None:
            labels = self._encode_labels(y, len(Z))
            known = {label: g for g, label in enumerate(self.model_.labels.tolist())}
            for label in np.unique(labels).tolist():
                if label not in known:
                    raise self._not_learnt(label)
            group = np.array([known[label] for label in labels.tolist()])
            return np.where(valid, self.model_.log_likelihood(Z, group), -np.inf)
        prior = dict(zip(self._labels.tolist(), self._label_probabilities(self.model_, None)))
        parts = [
            np.log(prior[label]) + self.model_.log_likelihood(Z, np.full(len(Z), g))
            for g, label in enumerate(self.model_.labels.tolist())
        ]
        return np.where(valid, logsumexp(parts, axis=0), -np.inf)

    def _check_networks(self):
        """Nothing that parameter constraints cannot express."""

    def _batch_rows(self, n):
        if self.batch_size != "auto":
            return min(self.batch_size, max(n, 64))
        return int(np.clip(2 ** np.round(np.log2(max(n, 1) / 64)), 64, 256))

    def _bins(self, n):
        return int(np.clip(1.25 * np.sqrt(n), 8, 200)) if self.n_bins == "auto" else self.n_bins

    def _default_steps(self, n):
        # of few rows, none of which are held out, more steps learn the rows themselves
        least = min(n * n // 1_280, 600)
        return int(np.clip(12 * n / self._batch_rows(n), max(least, 30), 4_000))

    def _learn(self, Z, y, columns, rng, run):
        labels, group = by_appearance(y)
        before, rows_of = self._checkpoint(Z, y), fingerprint(Z, y) if self.warm_start else None
        Z = draw_in(Z, group, columns, rng)
        held = holdout_mask(group, self.early_stopping, rng)
        encoder = self._encoder(Z, columns, group)
        codes = sum(encoder.n_inputs), sum(encoder.n_codes)
        self._refuse_networks(len(columns), len(Z), run.device, *codes)
        inputs, outputs = encoder.encode(Z, group)
        frequencies = code_frequencies(outputs, group, encoder.n_codes)
        model = AutoregressiveModel(encoder, class_ranges(Z, group, columns), frequencies, labels)
        criterion = HeldOutLikelihood(inputs[held], outputs[held]) if held.any() else None
        n_rows = len(Z)
        del Z  # encoded by now, and a copy of the caller's
        inputs, outputs = kept_in_place(inputs, held), kept_in_place(outputs, held)
        with seeded(rng, run.device) as random:
            net = self._network(encoder, inputs, outputs, random)
            step = self._step(net, inputs, outputs, random)
            history = self._train_further(model, step, before, rows_of, n_rows, run, criterion)
        return model, history

    def _encoder(self, Z, columns, group):
        order, repeats = range(len(columns)), self.order == "fixed"
        n_bins, show = self._bins(len(Z)), self._progress("Encoding", "column")
        return BinEncoder(Z, columns, group, n_bins, order, repeats=repeats, show=show)

    def _network(self, encoder, inputs, outputs, random):
        features = [None] + [
            block.features(inputs[:, place]) for place, block in enumerate(encoder.blocks, 1)
        ]
        frequencies = [
            (np.bincount(outputs[:, j], minlength=n) + 0.5) / (len(outputs) + 0.5 * n)
            for j, n in enumerate(encoder.n_codes)
        ]
        hidden, embedding = self._widths(len(encoder.n_codes))
        return MaskedNetwork(
            encoder.n_inputs, encoder.n_codes, features, frequencies, hidden, embedding,
            self.n_layers, self.dropout, self.order == "any", random,
        )  # fmt: skip

    def _widths(self, d):
        """Hidden units of a block and width of embeddings."""
        scale = min(1.0, FEW_COLUMNS / d)
        hidden, embedding = self.hidden_dim, self.embedding_dim
        hidden = max(round(64 * scale), 8) if hidden == "auto" else hidden
        embedding = max(round(24 * scale), 8) if embedding == "auto" else embedding
        return hidden, embedding

    def _refuse_networks(self, d, n, device, n_inputs=0, n_codes=0):
        hidden, embedding = self._widths(d + 1)
        shape = n_inputs, n_codes, hidden, embedding, self.n_layers, self.order == "any"
        size, rows = masked_size(d + 1, *shape), self._batch_rows(n)
        way_out = (
            f"lower hidden_dim (now {hidden:,}), embedding_dim (now {embedding:,}) or batch_size "
            f"(now {rows:,}), or leave out some of the {d:,} columns."
        )
        refuse_training(size.n_bytes(rows, CHUNK_ROWS), way_out, device)

    def _step(self, net, inputs, outputs, random):
        counts = np.bincount(inputs[:, 0])
        weights = (1 / np.sqrt(counts))[inputs[:, 0]]
        optimizer = flat_adam((net.parameters(), self.learning_rate, 0.0), betas=(0.9, 0.99))
        arrays = (torch.as_tensor(a, device=random.device) for a in (inputs, outputs, weights))
        return LikelihoodStep(net, *arrays, self._batch_rows(len(inputs)), optimizer, random)
