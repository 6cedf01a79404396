"""WGAN-GP: one class-conditional generator and critic for all classes."""

from collections.abc import Sequence
from numbers import Integral

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
    TrainOn,
)
from ..base import BaseGenerator
from ._architectures import AdversarialNetworks
from ._encoding.blocks import ClassQuantileBlock
from ._neural import HIDDEN
from ._neural_conditional import ConditionalNeuralSampler
from ._training.adversarial import Wasserstein


class WGANOversampler(ConditionalNeuralSampler, BaseGenerator):
    """Synthetic rows of minority classes from one class-conditional WGAN-GP.

    For numeric and mixed tables with a few hundred rows or more per class. Unlike `GANOversampler`
    it trains one generator and one critic for all classes, which share what they learn; unlike
    `CTGANResampler` the label is the only condition and numeric columns are encoded by their
    ranks. Use `fit` and ``sample(n, y=label)`` to generate rows of one class.

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
        Width of each layer of the critic.
    learning_rate : float, default=1e-3
        Step size of Adam, for both networks.
    batch_size : int, default=256
        Rows per batch, drawn with replacement; fewer for a table of fewer rows.
    pac : int, default=1
        Rows of a class that the critic scores together (PacGAN).
    max_steps : int, default=None
        Optimiser steps of each network. None takes 100 times the square root of the number of
        training rows, at least 500 and at most 2,000.
    max_time : float, default=None
        Seconds, encoding of the columns included, after which no further step starts. The
        number of steps then depends on the machine, and so do the rows.
    early_stopping : bool or "auto", default="auto"
        Whether to hold out a tenth of the rows (at most 1,000), evaluate every 200 steps how well
        a classifier separates them from generated rows, keep the best weights, and stop after
        five evaluations without improvement. ``"auto"`` does so from 1,000 rows.
    train_on : {"all", "sampled"}, default="sampled"
        Whether to train on all rows or on those of the classes to be sampled.
    callbacks : callable or list of callable, default=None
        Called every 50 steps as ``callback(step, losses, criterion)``, with the means of the
        critic's and the generator's loss since the last call, and the criterion of
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
    history_ : dict of str to ndarray of shape (n_steps,)
        "step", "critic_loss", "generator_loss", and "criterion", NaN where it was not evaluated.
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
    GANOversampler : A generator and a discriminator for each class.
    CTGANResampler : Also conditions on categories.

    Notes
    -----
    Adversarial training with the Wasserstein loss and gradient penalty (WGAN-GP) [1]_, one critic
    step per generator step. The critic takes the label as input and by projection [3]_. Batches
    are drawn by label with log frequencies, so that a class of 0.2 % of the rows is represented
    in them. Columns are encoded as in `GANOversampler`; values outside the range of the class are
    reflected into it. Rows are sampled from a running average of the generator's weights [2]_. A
    class with fewer than 10 rows raises a `SmallClassWarning`. There is no privacy guarantee.

    After training, offsets are added to the generator's logits so that the categories generated
    for each class have their frequencies in that class. Missing cells are generated with their
    pattern, dates and amounts at the resolution of the training data; columns that identify people
    are refused.

    References
    ----------
    .. [1] I. Gulrajani, F. Ahmed, M. Arjovsky, V. Dumoulin, A. Courville, "Improved training of
       Wasserstein GANs", NeurIPS 2017, arXiv 1704.00028.
    .. [2] Y. Yazici et al., "The unusual effectiveness of averaging in GAN training", ICLR 2019,
       arXiv 1806.04498.
    .. [3] T. Miyato, M. Koyama, "cGANs with projection discriminator", ICLR 2018,
       arXiv 1802.05637.

    Examples
    --------
    >>> from sklearn.datasets import make_classification
    >>> from skgensample import WGANOversampler
    >>> X, y = make_classification(n_samples=1000, weights=[0.95], random_state=0)
    >>> sampler = WGANOversampler(sampling_strategy=0.5, max_steps=50, random_state=0)
    >>> X_res, y_res = sampler.fit_resample(X, y)
    >>> sampler.sampling_strategy_
    {np.int64(1): 419}
    """

    _architecture = AdversarialNetworks(Wasserstein(), critic_dropout=0.0)
    _block = ClassQuantileBlock
    _conditions_on_levels = False
    _parameter_constraints: dict = {
        **BaseGenerator._parameter_constraints,
        **ConditionalNeuralSampler._training_constraints,
        "embedding_dim": [Interval(Integral, 1, None, closed="left")],
        "generator_dim": HIDDEN,
        "discriminator_dim": HIDDEN,
        "pac": [Interval(Integral, 1, None, closed="left")],
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
        batch_size: int = 256,
        pac: int = 1,
        max_steps: int | None = None,
        max_time: float | None = None,
        early_stopping: EarlyStopping = "auto",
        train_on: TrainOn = "sampled",
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
        self.pac = pac
        self.max_steps = max_steps
        self.max_time = max_time
        self.early_stopping = early_stopping
        self.train_on = train_on
        self.callbacks = callbacks
        self.memory = memory
        self.device = device
        self.verbose = verbose
