"""CTGAN: conditional WGAN-GP of the whole table, mode-specific normalisation, PacGAN critic."""

from numbers import Integral

from sklearn.utils._param_validation import Interval

from ..base import BaseConditionalResampler
from ._architectures import AdversarialNetworks
from ._encoding.blocks import ModeSpecificBlock
from ._neural import HIDDEN
from ._neural_conditional import ConditionalNeuralSampler
from ._training.adversarial import Wasserstein


class CTGANResampler(ConditionalNeuralSampler, BaseConditionalResampler):
    """Synthetic rows of any class from one conditional generative adversarial network.

    For mixed tables of some thousand rows and more. The label is a condition of the network and
    never one of its outputs: n rows of a class are n rows of it, without rejection, and a scarce
    class learns from the common ones. Use `fit` and `sample` for synthetic rows alone.

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
        Width of the noise from which a row is made.
    generator_dim : tuple of int, default=(256, 256)
        Width of each residual layer of the generator.
    discriminator_dim : tuple of int, default=(256, 256)
        Width of each layer of the critic.
    learning_rate : float, default=5e-4
        Step size of Adam, for both networks.
    batch_size : int, default=500
        Rows of a batch, rounded down to whole packs; fewer for a table of fewer rows.
    pac : int, default=1
        Rows that the critic judges together. The paper's is 10, with which learning takes several
        times as many steps.
    max_steps : int, default=None
        Optimiser steps of each network. None takes 100 times the square root of the number of
        rows, at least 500 and at most 2,000.
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
        critic's and the generator's loss since the last call, and the criterion of
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
        "step", "critic_loss", "generator_loss", and "criterion", NaN where it was not measured.
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
    CopulaGANResampler : Numbers through their ranks instead of mixture modes.
    TVAEResampler : An autoencoder instead of a game.
    GANOversampler : Networks for the scarce class alone.
    NumbaSMOTE : Interpolates between neighbours.

    Notes
    -----
    As in the paper [1]_: a continuous column becomes a mode of a Gaussian mixture and the
    distance from its mean; training rows are drawn by label, discrete column and level, with
    logarithmic frequencies, so that a class of 0.2 % gets its share; the critic judges packs of
    rows [2]_ in the Wasserstein game with gradient penalty. New rows of a class are drawn with
    the true frequencies of its levels; numbers beyond the range of its rows are mirrored into it.
    Unlike the paper, a value shared by 5 % of the rows is a mode without width, columns of at
    most two values, or of at most 20 seen ten times each on average, are discrete, beyond 256
    levels the rarer ones share one code, and rows come from the running average of the
    generator's weights [3]_. A class with fewer than 10 rows raises a `SmallClassWarning`. New
    rows are not private.

    Unlike the paper, too, a number's mode is the most probable one, not drawn from the posterior:
    where a narrow and a wide mode share a mean, that is chance, with which no other column goes.
    And distances are in single deviations: in four, a critic of slope 1 [4]_ sees little of them
    beside the modes.

    After training the levels of each class, modes included, are set to their shares of its rows
    by shifting their logits; then each number takes the quantile of its class (of 30 rows or
    more) at its rank among the numbers drawn for the class. Modes are those of all rows, and the
    place of a scarce class within one is what the networks learn last. Ranks stay, and with them
    dependence. Early stopping prefers earlier weights only where they are better by more than two
    standard errors, after the rule of one standard error [5]_: on few held-out rows networks far
    from learnt look best by chance.

    Missing cells come back with their pattern, dates and amounts in their resolution; columns that
    identify people are refused.

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
        sampling_strategy="auto",
        random_state=None,
        output="augment",
        embedding_dim=128,
        generator_dim=(256, 256),
        discriminator_dim=(256, 256),
        learning_rate=5e-4,
        batch_size=500,
        pac=1,
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
