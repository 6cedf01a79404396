"""GAN: a generator and a critic for each class to be sampled."""

from collections.abc import Sequence
from dataclasses import replace
from numbers import Integral, Real

import numpy as np
from sklearn.utils._param_validation import Interval

from .._typing import (
    Callbacks,
    Constraints,
    EarlyStopping,
    Memory,
    Personal,
    SamplingStrategy,
    Schema,
    Seed,
)
from ..base import BaseGenerator
from ._architectures import AdversarialNetworks
from ._encoding.blocks import ClassQuantileBlock
from ._encoding.class_statistics import class_frequencies, class_ranges
from ._encoding.extremes import draw_in
from ._neural import HIDDEN, NeuralSampler
from ._neural_conditional import kept_in_place
from ._sampling.tabular_model import TabularModel
from ._training.adversarial import BinaryCrossEntropy
from ._training.batches import UniformSampling
from ._training.early_stopping import held_out_criterion, holdout_mask
from ._training.seeding import seeded


class GANOversampler(NeuralSampler, BaseGenerator):
    """Synthetic rows from a generative adversarial network trained on the minority class only.

    For numeric and mixed tables with a few hundred rows or more in the class. With a few dozen
    rows, and where interpolated rows are plausible, `NumbaSMOTE` is faster and hard to beat. Each
    class to be sampled has its own generator and discriminator, trained on rows of that class
    only. Use `fit` and ``sample(n, y=label)`` to generate rows of one class.

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
    embedding_dim : int, default=64
        Dimension of the noise vector from which a row is generated.
    generator_dim : tuple of int, default=(128, 128)
        Width of each residual layer of the generator.
    discriminator_dim : tuple of int, default=(128, 128)
        Width of each layer of the discriminator.
    learning_rate : float, default=1e-3
        Step size of Adam, for both networks.
    batch_size : int, default=128
        Rows per batch, drawn with replacement; fewer for a class of fewer rows.
    label_smoothing : float, default=0.1
        The discriminator's target for real rows is 1 minus this.
    max_steps : int, default=None
        Optimiser steps of each network. None takes 100 times the square root of the number of
        the class's rows, at least 500 and at most 2,000.
    max_time : float, default=None
        Seconds, encoding of the columns included, after which no further step starts; classes get
        equal parts. The number of steps then depends on the machine, and so do the rows.
    early_stopping : bool or "auto", default="auto"
        Whether to hold out a tenth of a class's rows (at most 1,000), evaluate every 200 steps
        how well a classifier separates them from generated rows, keep the best weights, and stop
        after five evaluations without improvement. ``"auto"`` does so from 1,000 rows.
    callbacks : callable or list of callable, default=None
        Called every 50 steps as ``callback(step, losses, criterion)``, with the means of the
        discriminator's and the generator's loss since the last call, and the criterion of
        `early_stopping` (NaN where it was not evaluated); training ends if one returns True.
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
        Whether to show progress bars of columns encoded and of steps (needs tqdm).
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
    classes_ : ndarray of shape (n_classes,)
        Labels, sorted.
    class_prior_ : ndarray of shape (n_classes,)
        Class frequencies in the training rows.
    model_ : object
        Trained networks, on the CPU, with everything that sampling needs; no training rows.
    codec_ : TableCodec
        Names, dtypes, levels and ranges of the columns.
    history_ : dict
        For each class sampled, a dict of arrays of shape (n_steps,): "step", "critic_loss",
        "generator_loss", and "criterion", NaN where it was not evaluated.
    device_ : str
        Device on which training ran.
    is_synthetic_ : ndarray of shape (n_samples_new,)
        Which rows of the result are new.
    n_features_in_ : int
        Number of columns.
    feature_names_in_ : ndarray of shape (n_features,)
        Column names, where a frame with text names was given.

    See Also
    --------
    WGANOversampler : One class-conditional WGAN-GP for all classes.
    CTGANResampler : One conditional model of the whole table.
    NumbaSMOTE : Interpolates between neighbours.

    Notes
    -----
    Continuous columns are encoded as normal scores of their ranks and decoded through the class's
    empirical quantiles. Outliers and scale therefore do not matter, and no generated value lies
    outside the range of its class. Categorical columns, and numeric columns of at most two values
    or of at most 20 values with ten occurrences each on average, are discrete: a Gumbel-softmax
    output chooses among the observed values. Above 256 values the less frequent ones share one
    code. The losses are the non-saturating GAN loss [1]_ and one-sided label smoothing [2]_; rows
    are sampled from a running average of the generator's weights [3]_. A class
    with fewer than 10 rows raises a `SmallClassWarning`. There is no privacy guarantee.

    After training, offsets are added to the generator's logits so that generated categories have
    their frequencies in the class. Missing cells are generated with their pattern, dates and
    amounts at the resolution of the training data; columns that identify people are refused.

    References
    ----------
    .. [1] I. Goodfellow et al., "Generative adversarial nets", NeurIPS 2014, arXiv 1406.2661.
    .. [2] T. Salimans et al., "Improved techniques for training GANs", NeurIPS 2016,
       arXiv 1606.03498.
    .. [3] Y. Yazici et al., "The unusual effectiveness of averaging in GAN training", ICLR 2019,
       arXiv 1806.04498.

    Examples
    --------
    >>> from sklearn.datasets import make_classification
    >>> from skgensample import GANOversampler
    >>> X, y = make_classification(n_samples=1000, weights=[0.95], random_state=0)
    >>> sampler = GANOversampler(sampling_strategy=0.5, max_steps=50, random_state=0)
    >>> X_res, y_res = sampler.fit_resample(X, y)
    >>> sampler.sampling_strategy_
    {np.int64(1): 419}
    """

    _architecture = AdversarialNetworks(BinaryCrossEntropy(), critic_dropout=0.5)
    _block = ClassQuantileBlock
    _advice = "Sample another class with y=, or fit with sampling_strategy='all'."
    _parameter_constraints: dict = {
        **BaseGenerator._parameter_constraints,
        **NeuralSampler._training_constraints,
        "embedding_dim": [Interval(Integral, 1, None, closed="left")],
        "generator_dim": HIDDEN,
        "discriminator_dim": HIDDEN,
        "label_smoothing": [Interval(Real, 0, 0.5, closed="left")],
    }

    def __init__(
        self,
        *,
        sampling_strategy: SamplingStrategy = "auto",
        random_state: Seed = None,
        embedding_dim: int = 64,
        generator_dim: Sequence[int] = (128, 128),
        discriminator_dim: Sequence[int] = (128, 128),
        learning_rate: float = 1e-3,
        batch_size: int = 128,
        label_smoothing: float = 0.1,
        max_steps: int | None = None,
        max_time: float | None = None,
        early_stopping: EarlyStopping = "auto",
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
            personal=personal,
            schema=schema,
            constraints=constraints,
        )
        self.embedding_dim = embedding_dim
        self.generator_dim = generator_dim
        self.discriminator_dim = discriminator_dim
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.label_smoothing = label_smoothing
        self.max_steps = max_steps
        self.max_time = max_time
        self.early_stopping = early_stopping
        self.callbacks = callbacks
        self.memory = memory
        self.device = device
        self.verbose = verbose

    def _trained_rows(self, y, labels):
        """Rows of the classes to be sampled."""
        return np.isin(y, labels)

    def _learn(self, Z, y, columns, rng, run):
        """Train networks for each class to be sampled, in the order of their names.

        They share `max_time`: each class gets an equal part of what those before it left.
        """
        labels = [label for label in self.sampling_strategy_ if label in set(y)]
        learnt = {
            label: self._learn_class(Z[y == label], columns, rng, run.first_of(len(labels) - i))
            for i, label in enumerate(labels)
        }
        models = {label: model for label, (model, _) in learnt.items()}
        return models, {label: history for label, (_, history) in learnt.items()}

    def _n_networks(self, y):
        return len(set(self.sampling_strategy_) & set(y))

    def _learnt(self, model):
        return set(model or ())

    def _learn_class(self, Z, columns, rng, run):
        """Model of one class's rows, and the history of its training."""
        group = np.zeros(len(Z), dtype=np.intp)
        Z = draw_in(Z, group, columns, rng)
        encoder = self._encoder(Z, columns, group)
        rows = encoder.encode(Z, rng, group)
        encoder.forget()
        frequencies = class_frequencies(rows[1], group, encoder.layout)
        model, history = TabularModel(encoder, class_ranges(Z, group, columns), frequencies), {}
        if not encoder.layout.width:
            return model, history
        self._refuse_encoded(encoder, 1, 0, len(Z), run.device)
        held = holdout_mask(group, self.early_stopping, rng)
        criterion = held_out_criterion(Z, group, columns, held, model, rng)
        shown = [kept_in_place(part, held) for part in rows]
        batches = UniformSampling(*shown, self._batch_rows(len(Z)), run.device)
        objective = BinaryCrossEntropy(1 - self.label_smoothing)
        networks = replace(self._architecture, objective=objective)
        with seeded(rng, run.device) as random:
            step = networks.step(self, encoder, batches, 0, random)
            net, history = self._train(step, len(Z), run, criterion=criterion)
            model.install(net)
        return model, history

    def _generate(self, model, label, n, rng, out):
        """Sample rows from the class's generator."""
        if label not in self._learnt(model):
            raise self._not_learnt(label)
        return model[label].sample(0, rng, out)
