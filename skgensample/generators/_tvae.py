"""TVAE: class-conditional variational autoencoder of the whole table."""

from numbers import Integral, Real

from sklearn.utils._param_validation import Interval

from ..base import BaseConditionalResampler
from ._architectures import VariationalAutoencoder
from ._encoding.blocks import ClassQuantileBlock
from ._neural import HIDDEN
from ._neural_conditional import ConditionalNeuralSampler


class TVAEResampler(ConditionalNeuralSampler, BaseConditionalResampler):
    """Synthetic rows of any class from one conditional variational autoencoder.

    For mixed tables of some thousand rows and more. No game of two players: training is steady,
    and a step costs less than one of `CTGANResampler`. The label is a condition of both networks
    and never one of their outputs: n rows of a class are n rows of it. Use `fit` and `sample` for
    synthetic rows alone.

    Parameters
    ----------
    sampling_strategy : float, str, dict or callable, default="auto"
        As in imbalanced-learn: a float is the ratio of minority to majority rows wanted (two
        classes only); ``"minority"``, ``"not minority"``, ``"not majority"``, ``"all"``,
        ``"auto"`` (not majority) level the classes named with the largest one; a dict
        ``{label: count}`` or a callable ``y -> dict`` gives the counts wanted.
    random_state : int, RandomState instance or None, default=None
        Seed of training and drawing. An int gives the same rows on the same machine with the
        same versions of its packages, whatever the number of threads.
    output : {"augment", "synthetic"}, default="augment"
        Whether `fit_resample` returns the given rows and the new ones, or a wholly synthetic
        table with the counts that the augmented one would have.
    embedding_dim : int, default=128
        Number of latent variables.
    compress_dims : tuple of int, default=(128, 128)
        Width of each layer of the network that compresses a row.
    decompress_dims : tuple of int, default=(128, 128)
        Width of each layer of the network that makes a row.
    learning_rate : float, default=1e-3
        Step size of Adam, for both networks.
    l2scale : float, default=1e-5
        Weight decay of Adam.
    batch_size : int, default=500
        Rows of a batch, drawn with replacement; fewer for a table of fewer rows.
    max_steps : int, default=None
        Optimiser steps. None takes 200 times the square root of the number of rows, at least
        1,000 and at most 4,000.
    max_time : float, default=None
        Seconds of training after which no further step is begun. What is learnt in a given time
        depends on the machine, so the rows do, too.
    early_stopping : bool or "auto", default="auto"
        Whether to hold out a tenth of the rows (at most 1,000), to measure every 200 steps how
        well they are told from drawn ones, to keep the last weights that are within two standard
        errors of the best, and to end when five measurements in a row are neither better nor
        within them. ``"auto"`` does so from 1,000 rows.
    train_on : {"all", "sampled"}, default="all"
        Whether the networks learn from all rows or from those of the classes to be sampled; in
        the second case no other class can be drawn.
    warm_start : bool, default=False
        Whether to go on from the last `fit` on the same table, for `max_steps` more steps, as if
        it had not been interrupted. The fitted object then keeps both networks.
    callbacks : callable or list of callable, default=None
        Called every 50 steps as ``callback(step, losses, criterion)``, with the means of the
        reconstruction loss and the divergence since the last call, and the criterion of
        `early_stopping` (NaN where it was not measured); training ends if one returns True.
    memory : str, path or object with the joblib.Memory interface, default=None
        Where trained networks are kept, so that the same rows and parameters are not trained on
        twice: in a grid search over `sampling_strategy` once for each fold, with an int
        `random_state`. A folder of pickles: let nobody else write to it. Not used where there are
        `callbacks`, which may stop a training halfway.
    device : str, default="auto"
        Where to train: ``"cpu"``, ``"cuda"``, ``"mps"``, ...; ``"auto"`` is CUDA where there is
        one.
    verbose : bool, default=False
        Whether to show a progress bar (needs tqdm).

    Attributes
    ----------
    sampling_strategy_ : dict
        Number of new rows for each class sampled.
    classes_ : ndarray of shape (n_classes,)
        Labels, sorted.
    class_prior_ : ndarray of shape (n_classes,)
        Their shares of the training rows.
    model_ : object
        Trained networks, on the CPU, with what they need to draw rows; no training row.
    codec_ : TableCodec
        Names, dtypes, levels and ranges of the columns.
    history_ : dict of str to ndarray of shape (n_steps,)
        "step", "reconstruction_loss", "divergence", and "criterion", NaN where it was not measured.
    device_ : str
        Where training took place.
    is_synthetic_ : ndarray of shape (n_samples_new,)
        Which rows of the result of `fit_resample` are new.
    n_features_in_ : int
        Number of columns.
    feature_names_in_ : ndarray of shape (n_features,)
        Column names, where a frame with text names was given.

    See Also
    --------
    CTGANResampler : Two networks against each other.
    GaussianCopulaResampler : Without networks; exact conditions on any column.
    NumbaSMOTE : Interpolates between neighbours.

    Notes
    -----
    The model is TVAE [1]_, an autoencoder trained on the evidence lower bound [2]_ whose output
    is a normal distribution for each number and a categorical one for each discrete column, here
    conditioned on the class [3]_. The deviations of the numbers are learnt [4]_, for each class of
    100 rows or more its own, at ten times the rate: with those of a common class whose columns
    have little in common the dependence of a scarce one is lost in noise, and its latent
    variables are not used. Training rows are drawn by label with logarithmic frequencies,
    so that a class of 0.2 % gets its share. A continuous column enters as normal scores of its
    ranks within the class, tied values spread over the ranks that they share, and leaves through
    at most 4,096 observed quantiles; numbers beyond the range of a class's rows are mirrored into
    it. Columns of at most two values, or of at most 20 seen ten times each on average, are
    discrete. Rows come from the running average of the second network's weights. A class with
    fewer than 10 rows raises a `SmallClassWarning`. New rows are not private.

    The few held-out rows of a scarce class hardly tell two networks apart, and the first tenth of
    the steps often looks best by chance. So earlier weights are kept only where they are better
    by more than two standard errors, after the rule of one standard error [5]_.

    After training the levels of each class are set to their shares of its rows by shifting their
    logits. Missing cells come back with their pattern, dates and amounts in their resolution;
    columns that identify people are refused.

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
        sampling_strategy="auto",
        random_state=None,
        output="augment",
        embedding_dim=128,
        compress_dims=(128, 128),
        decompress_dims=(128, 128),
        learning_rate=1e-3,
        l2scale=1e-5,
        batch_size=500,
        max_steps=None,
        max_time=None,
        early_stopping="auto",
        train_on="all",
        warm_start=False,
        callbacks=None,
        memory=None,
        device="auto",
        verbose=False,
    ):
        super().__init__(
            sampling_strategy=sampling_strategy, random_state=random_state, output=output
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
