"""WGAN-GP: one class-conditional generator and critic for all classes."""

from numbers import Integral

from sklearn.utils._param_validation import Interval

from ..base import BaseGenerator
from ._architectures import AdversarialNetworks
from ._encoding.blocks import ClassQuantileBlock
from ._neural import HIDDEN
from ._neural_conditional import ConditionalNeuralSampler
from ._training.adversarial import Wasserstein


class WGANOversampler(ConditionalNeuralSampler, BaseGenerator):
    """Synthetic rows of the scarce classes from one class-conditional Wasserstein network.

    For numeric and mixed tables with some hundred rows of a class. Unlike `GANOversampler` it
    trains one pair of networks for all classes, so that several scarce classes, or a scarce and a
    common one, can learn from each other; unlike `CTGANResampler` the label is the only condition
    and numbers enter through their ranks. Use `fit` and ``sample(n, y=label)`` for synthetic rows
    of a class alone.

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
    embedding_dim : int, default=64
        Width of the noise from which a row is made.
    generator_dim : tuple of int, default=(128, 128)
        Width of each residual layer of the generator.
    discriminator_dim : tuple of int, default=(128, 128)
        Width of each layer of the critic.
    learning_rate : float, default=1e-3
        Step size of Adam, for both networks.
    batch_size : int, default=256
        Rows of a batch, drawn with replacement; fewer for a table of fewer rows.
    pac : int, default=1
        Rows of a class that the critic judges together.
    max_steps : int, default=None
        Optimiser steps of each network. None takes 100 times the square root of the number of
        rows learnt from, at least 500 and at most 2,000.
    max_time : float, default=None
        Seconds of training after which no further step is begun. What is learnt in a given time
        depends on the machine, so the rows do, too.
    early_stopping : bool or "auto", default="auto"
        Whether to hold out a tenth of the rows (at most 1,000), to measure every 200 steps how
        well they are told from drawn ones, to keep the best weights, and to end when five
        measurements in a row bring nothing. ``"auto"`` does so from 1,000 rows.
    train_on : {"all", "sampled"}, default="sampled"
        Whether the networks learn from all rows or from those of the classes to be sampled.
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
        Which rows of the result are new.
    n_features_in_ : int
        Number of columns.
    feature_names_in_ : ndarray of shape (n_features,)
        Column names, where a frame with text names was given.

    See Also
    --------
    GANOversampler : A pair of networks for each class.
    CTGANResampler : Conditions on levels, too.

    Notes
    -----
    The Wasserstein game with gradient penalty [1]_, one step of the critic for each of the
    generator. Training rows are drawn by label with logarithmic frequencies, so that a class of
    0.2 % gets its share. Columns are encoded as in `GANOversampler`; values beyond the range of
    the class are mirrored into it. Rows come from the running average of the generator's weights
    [2]_. A class with fewer than 10 rows raises a `SmallClassWarning`. New rows are not private.

    After training the levels of each class, modes included, are set to their shares of its rows
    by shifting their logits. Missing cells come back with their pattern, dates and amounts in
    their resolution; columns that identify people are refused.

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
        sampling_strategy="auto",
        random_state=None,
        embedding_dim=64,
        generator_dim=(128, 128),
        discriminator_dim=(128, 128),
        learning_rate=1e-3,
        batch_size=256,
        pac=1,
        max_steps=None,
        max_time=None,
        early_stopping="auto",
        train_on="sampled",
        callbacks=None,
        memory=None,
        device="auto",
        verbose=False,
    ):
        super().__init__(sampling_strategy=sampling_strategy, random_state=random_state)
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
