"""CTGAN: conditional WGAN-GP of the whole table, mode-specific normalisation, PacGAN critic."""

from collections.abc import Sequence
from numbers import Integral

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
from ._architectures import AdversarialNetworks
from ._encoding.blocks import ModeSpecificBlock
from ._neural import HIDDEN
from ._neural_conditional import ConditionalNeuralSampler
from ._training.adversarial import Wasserstein


class CTGANResampler(ConditionalNeuralSampler, BaseConditionalResampler):
    """Synthetic rows of any class from one conditional generative adversarial network.

    For mixed tables of a few thousand rows or more. The networks are class-conditional: the label
    is an input and never an output, so n rows of a class are generated without rejection, and a
    minority class shares what is learnt from the other classes. Use `fit` and `sample` for
    synthetic rows only.

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
        Dimension of the noise vector from which a row is generated.
    generator_dim : tuple of int, default=(256, 256)
        Width of each residual layer of the generator.
    discriminator_dim : tuple of int, default=(256, 256)
        Width of each layer of the critic.
    learning_rate : float, default=5e-4
        Step size of Adam, for both networks.
    batch_size : int, default=500
        Rows per batch, rounded down to a multiple of `pac`; fewer for a table of fewer rows.
    pac : int, default=1
        Rows that the critic scores together (PacGAN). The paper uses 10, which needs several times
        as many training steps.
    max_steps : int, default=None
        Optimiser steps of each network. None takes 100 times the square root of the number of
        rows, at least 500 and at most 2,000.
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
        Which rows of the result of `fit_resample` are new.
    n_features_in_ : int
        Number of columns.
    feature_names_in_ : ndarray of shape (n_features,)
        Column names, where a frame with text names was given.

    See Also
    --------
    CopulaGANResampler : Encodes numbers by their ranks instead of mixture modes.
    TVAEResampler : A variational autoencoder instead of adversarial training.
    GANOversampler : Networks trained on the minority class only.
    NumbaSMOTE : Interpolates between neighbours.

    Notes
    -----
    As in the paper [1]_, mode-specific normalisation encodes a continuous column as a mode of a
    Gaussian mixture and the distance from its mean; training-by-sampling draws batches by label,
    discrete column and level with log frequencies, so that a class of 0.2 % of the rows is
    represented in them; the critic scores packs of rows [2]_ and is trained with the Wasserstein
    loss and gradient penalty [4]_. When rows of a class are generated, the levels of the condition
    are drawn with their frequencies in that class; numbers outside the range of the class are
    reflected into it.

    Differences from the paper: a value shared by 5 % of the rows is a mode of zero width; columns
    of at most two values, or of at most 20 values with ten occurrences each on average, are
    discrete; above 256 levels the less frequent ones share one code; rows are sampled from a
    running average of the generator's weights [3]_. A number gets its most probable mode, where
    the paper draws one from the posterior: a drawn mode is noise, unrelated to all other columns,
    wherever a narrow and a wide mode share a mean. Distances are in units of one standard
    deviation, where the paper's unit is four: with that unit they vary little compared with the
    one-hot modes, and a critic of gradient norm 1 barely sees them. A class with fewer than 10
    rows raises a `SmallClassWarning`. There is no privacy guarantee.

    After training, the marginals of each class are calibrated. Offsets are added to the logits so
    that categories and modes have their frequencies in the class. Then, for classes of 30 rows or
    more, each generated number is mapped to the quantile of the class at its rank among the
    numbers generated for that class: the modes are fitted to all rows, and where a minority class
    lies within a mode is what the generator learns last. Quantile mapping keeps the ranks, and
    with them the dependence between columns.

    With early stopping, earlier weights are preferred only if they are better by more than two
    standard errors, after the one-standard-error rule [5]_: with few held-out rows the criterion
    is noisy, and undertrained networks can score best by chance. Missing cells are generated with
    their pattern, dates and amounts at the resolution of the training data; columns that identify
    people are refused.

    References
    ----------
    .. [1] L. Xu, M. Skoularidou, A. Cuesta-Infante, K. Veeramachaneni, "Modeling tabular data
       using conditional GAN", NeurIPS 2019, arXiv 1907.00503.
    .. [2] Z. Lin, A. Khetan, G. Fanti, S. Oh, "PacGAN: the power of two samples in generative
       adversarial networks", NeurIPS 2018, arXiv 1712.04086.
    .. [3] Y. Yazici et al., "The unusual effectiveness of averaging in GAN training", ICLR 2019,
       arXiv 1806.04498.
    .. [4] I. Gulrajani, F. Ahmed, M. Arjovsky, V. Dumoulin, A. Courville, "Improved training of
       Wasserstein GANs", NeurIPS 2017, arXiv 1704.00028.
    .. [5] L. Breiman, J. H. Friedman, R. A. Olshen, C. J. Stone, "Classification and regression
       trees", Wadsworth 1984, section 3.4.3.

    Examples
    --------
    >>> from sklearn.datasets import make_classification
    >>> from skgensample import CTGANResampler
    >>> X, y = make_classification(n_samples=1000, weights=[0.95], random_state=0)
    >>> sampler = CTGANResampler(max_steps=20, random_state=0).fit(X, y)
    >>> X_new, y_new = sampler.sample(5, y=1)
    >>> y_new
    array([1, 1, 1, 1, 1])
    """

    _architecture = AdversarialNetworks(Wasserstein(), critic_dropout=0.5)
    _block = ModeSpecificBlock
    _conditions_on_levels = True
    _stopping_tolerance = 2.0
    _parameter_constraints: dict = {
        **BaseConditionalResampler._parameter_constraints,
        **ConditionalNeuralSampler._training_constraints,
        "embedding_dim": [Interval(Integral, 1, None, closed="left")],
        "generator_dim": HIDDEN,
        "discriminator_dim": HIDDEN,
        "pac": [Interval(Integral, 1, None, closed="left")],
        "warm_start": ["boolean"],
    }

    def __init__(
        self,
        *,
        sampling_strategy: SamplingStrategy = "auto",
        random_state: Seed = None,
        output: Output = "augment",
        embedding_dim: int = 128,
        generator_dim: Sequence[int] = (256, 256),
        discriminator_dim: Sequence[int] = (256, 256),
        learning_rate: float = 5e-4,
        batch_size: int = 500,
        pac: int = 1,
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
        self.generator_dim = generator_dim
        self.discriminator_dim = discriminator_dim
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.pac = pac
        self.max_steps = max_steps
        self.max_time = max_time
        self.early_stopping = early_stopping
        self.train_on = train_on
        self.warm_start = warm_start
        self.callbacks = callbacks
        self.memory = memory
        self.device = device
        self.verbose = verbose
