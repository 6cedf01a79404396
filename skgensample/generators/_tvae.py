"""TVAE: class-conditional variational autoencoder of the whole table."""

from collections.abc import Sequence
from numbers import Integral, Real

from sklearn.utils._param_validation import Interval

from .._typing import (
    Callbacks,
    Constraints,
    EarlyStopping,
    Memory,
    Output,
    Personal,
    SamplingStrategy,
    Schema,
    Seed,
    TrainOn,
)
from ..base import BaseConditionalResampler
from ._architectures import VariationalAutoencoder
from ._encoding.blocks import ClassQuantileBlock
from ._neural import HIDDEN
from ._neural_conditional import ConditionalNeuralSampler


class TVAEResampler(ConditionalNeuralSampler, BaseConditionalResampler):
    """Synthetic rows of any class from one conditional variational autoencoder.

    For mixed tables of a few thousand rows or more. One loss in place of adversarial training:
    training is stable, and a step costs less than one of `CTGANResampler`. Encoder and decoder
    are class-conditional: the label is an input and never an output, so n rows of a class are
    generated without rejection. Use `fit` and `sample` for synthetic rows only.

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
    embedding_dim : int, default=128
        Number of latent variables.
    compress_dims : tuple of int, default=(128, 128)
        Width of each hidden layer of the encoder.
    decompress_dims : tuple of int, default=(128, 128)
        Width of each hidden layer of the decoder.
    learning_rate : float, default=1e-3
        Step size of Adam, for both networks.
    l2scale : float, default=1e-5
        Weight decay of Adam.
    batch_size : int, default=500
        Rows per batch, drawn with replacement; fewer for a table of fewer rows.
    max_steps : int, default=None
        Optimiser steps. None takes 200 times the square root of the number of rows, at least
        1,000 and at most 4,000.
    max_time : float, default=None
        Seconds, encoding of the columns included, after which no further step starts. The
        number of steps then depends on the machine, and so do the rows.
    early_stopping : bool or "auto", default="auto"
        Whether to hold out a tenth of the rows (at most 1,000), evaluate every 200 steps how well
        a classifier separates them from generated rows, keep the last weights within two standard
        errors of the best, and stop after five evaluations in a row that are neither better nor
        within two standard errors. ``"auto"`` does so from 1,000 rows.
    train_on : {"all", "sampled"}, default="all"
        Whether to train on all rows or on those of the classes to be sampled; with ``"sampled"``
        no other class can be generated.
    warm_start : bool, default=False
        Whether to continue the last `fit` on the same table for `max_steps` more steps, with the
        same result as without the interruption. The fitted object then keeps both networks and
        the optimisers' state.
    callbacks : callable or list of callable, default=None
        Called every 50 steps as ``callback(step, losses, criterion)``, with the means of the
        reconstruction loss and the KL divergence since the last call, and the criterion of
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
        "step", "reconstruction_loss", "divergence" (KL), and "criterion", NaN where it was not
        evaluated.
    device_ : str
        Device on which training ran.
    is_synthetic_ : ndarray of shape (n_samples_new,)
        Which rows of the result of `fit_resample` are new.
    n_features_in_ : int
        Number of columns.
    feature_names_in_ : ndarray of shape (n_features,)
        Column names, where a frame with text names was given.

    See Also
    --------
    CTGANResampler : Adversarial training of a generator and a critic.
    GaussianCopulaResampler : Without networks; exact conditions on any column.
    NumbaSMOTE : Interpolates between neighbours.

    Notes
    -----
    The model is TVAE [1]_, a variational autoencoder trained on the evidence lower bound (ELBO)
    [2]_ and conditioned on the class [3]_. The decoder's output is a normal distribution for each
    continuous column and a categorical one for each discrete column. The decoder's standard
    deviations are learnt [4]_, at ten times the learning rate, separately for each class of 100
    rows or more: with those of a majority class whose columns depend little on each other, the
    dependence within a minority class would be treated as noise and its latent variables would
    not be used (posterior collapse). Batches are drawn by label with log frequencies, so that a
    class of 0.2 % of the rows is represented in them.

    A continuous column is encoded as normal scores of its ranks within the class, with tied values
    spread over the ranks that they share, and decoded through at most 4,096 empirical quantiles;
    values outside the range of the class are reflected into it. Columns of at most two values, or
    of at most 20 values with ten occurrences each on average, are discrete. Rows are sampled from
    a running average of the decoder's weights. A class with fewer than 10 rows raises a
    `SmallClassWarning`. There is no privacy guarantee.

    With early stopping, earlier weights are preferred only if they are better by more than two
    standard errors, after the one-standard-error rule [5]_: the few held-out rows of a minority
    class hardly separate two networks, and the first tenth of the steps often scores best by
    chance.

    After training, offsets are added to the decoder's logits so that the categories generated for
    each class have their frequencies in that class. Missing cells are generated with their
    pattern, dates and amounts at the resolution of the training data; columns that identify people
    are refused.

    References
    ----------
    .. [1] L. Xu, M. Skoularidou, A. Cuesta-Infante, K. Veeramachaneni, "Modeling tabular data
       using conditional GAN", NeurIPS 2019, arXiv 1907.00503.
    .. [2] D. P. Kingma, M. Welling, "Auto-encoding variational Bayes", ICLR 2014,
       arXiv 1312.6114.
    .. [3] K. Sohn, X. Yan, H. Lee, "Learning structured output representation using deep
       conditional generative models", NeurIPS 2015.
    .. [4] O. Rybkin, K. Daniilidis, S. Levine, "Simple and effective VAE training with calibrated
       decoders", ICML 2021, arXiv 2006.13202.
    .. [5] L. Breiman, J. H. Friedman, R. A. Olshen, C. J. Stone, "Classification and regression
       trees", Wadsworth 1984, section 3.4.3.

    Examples
    --------
    >>> from sklearn.datasets import make_classification
    >>> from skgensample import TVAEResampler
    >>> X, y = make_classification(n_samples=1000, weights=[0.95], random_state=0)
    >>> sampler = TVAEResampler(max_steps=20, random_state=0).fit(X, y)
    >>> X_new, y_new = sampler.sample(5, y=1)
    >>> y_new
    array([1, 1, 1, 1, 1])
    """

    _architecture = VariationalAutoencoder()
    _block = ClassQuantileBlock
    _conditions_on_levels = False
    _stopping_tolerance = 2.0
    _parameter_constraints: dict = {
        **BaseConditionalResampler._parameter_constraints,
        **ConditionalNeuralSampler._training_constraints,
        "embedding_dim": [Interval(Integral, 1, None, closed="left")],
        "compress_dims": HIDDEN,
        "decompress_dims": HIDDEN,
        "l2scale": [Interval(Real, 0, None, closed="left")],
        "warm_start": ["boolean"],
    }

    def __init__(
        self,
        *,
        sampling_strategy: SamplingStrategy = "auto",
        random_state: Seed = None,
        output: Output = "augment",
        embedding_dim: int = 128,
        compress_dims: Sequence[int] = (128, 128),
        decompress_dims: Sequence[int] = (128, 128),
        learning_rate: float = 1e-3,
        l2scale: float = 1e-5,
        batch_size: int = 500,
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
        self.embedding_dim = embedding_dim
        self.compress_dims = compress_dims
        self.decompress_dims = decompress_dims
        self.learning_rate = learning_rate
        self.l2scale = l2scale
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
