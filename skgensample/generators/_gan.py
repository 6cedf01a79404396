"""GAN: a generator and a critic for each class to be sampled."""

from dataclasses import replace
from numbers import Integral, Real

import numpy as np
from sklearn.utils._param_validation import Interval

from ..base import BaseGenerator
from ._architectures import AdversarialNetworks
from ._encoding.blocks import ClassQuantileBlock
from ._encoding.class_statistics import class_frequencies, class_ranges
from ._encoding.encoder import BlockEncoder
from ._encoding.extremes import draw_in
from ._neural import HIDDEN, NeuralSampler
from ._sampling.tabular_model import TabularModel
from ._training.adversarial import BinaryCrossEntropy
from ._training.batches import UniformSampling
from ._training.early_stopping import held_out_criterion, holdout_mask
from ._training.seeding import seeded


class GANOversampler(NeuralSampler, BaseGenerator):
    """Synthetic rows from a generative adversarial network trained on the scarce class alone.

    For numeric and mixed tables with some hundred rows of a class; with a few dozen, and where
    rows between neighbours are plausible, `NumbaSMOTE` is quicker and hard to beat. Every class
    to be sampled gets networks of its own. Rows of other classes play no part. Use `fit` and
    ``sample(n, y=label)`` for synthetic rows of such a class alone.

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
        Width of each layer of the discriminator.
    learning_rate : float, default=1e-3
        Step size of Adam, for both networks.
    batch_size : int, default=128
        Rows of a batch, drawn with replacement; fewer for a class of fewer rows.
    label_smoothing : float, default=0.1
        The discriminator's target for real rows is 1 minus this.
    max_steps : int, default=None
        Optimiser steps of each network. None takes 100 times the square root of the number of
        the class's rows, at least 500 and at most 2,000.
    max_time : float, default=None
        Seconds of training of a class after which no further step is begun. What is learnt in a
        given time depends on the machine, so the rows do, too.
    early_stopping : bool or "auto", default="auto"
        Whether to hold out a tenth of a class's rows (at most 1,000), to measure every 200 steps
        how well they are told from drawn ones, to keep the best weights, and to end when five
        measurements in a row bring nothing. ``"auto"`` does so from 1,000 rows.
    callbacks : callable or list of callable, default=None
        Called every 50 steps as ``callback(step, losses, criterion)``, with the means of the
        discriminator's and the generator's loss since the last call, and the criterion of
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
    history_ : dict
        For each class sampled, a dict of arrays of shape (n_steps,): "step", "critic_loss",
        "generator_loss", and "criterion", NaN where it was not measured.
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
    WGANOversampler : One pair of networks for all classes, in the Wasserstein game.
    CTGANResampler : One conditional model of all classes.
    NumbaSMOTE : Interpolates between neighbours.

    Notes
    -----
    Continuous columns enter as normal scores of their ranks and leave through the class's
    observed quantiles, so outliers and scale do not matter and no value lies outside the class's
    range. Columns of text, categories and flags, of at most two values, and of at most 20 values
    seen ten times each on average, are drawn among the values observed (Gumbel-softmax); beyond
    256 values the rarer ones share one code. The game is the non-saturating one [1]_ with
    one-sided label smoothing [2]_; rows come from the running average of the generator's weights
    [3]_. A class with fewer than 10 rows raises a `SmallClassWarning`. New rows are not private.

    After training the levels of each class, modes included, are set to their shares of its rows
    by shifting their logits. Missing cells come back with their pattern, dates and amounts in
    their resolution; columns that identify people are refused.

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
        sampling_strategy="auto",
        random_state=None,
        embedding_dim=64,
        generator_dim=(128, 128),
        discriminator_dim=(128, 128),
        learning_rate=1e-3,
        batch_size=128,
        label_smoothing=0.1,
        max_steps=None,
        max_time=None,
        early_stopping="auto",
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
        self.label_smoothing = label_smoothing
        self.max_steps = max_steps
        self.max_time = max_time
        self.early_stopping = early_stopping
        self.callbacks = callbacks
        self.memory = memory
        self.device = device
        self.verbose = verbose

    def _trained_rows(self, y, labels):
        """Those of the classes to be drawn."""
        return np.isin(y, labels)

    def _learn(self, Z, y, columns, rng, run):
        """Train networks for each class to be sampled, in the order of their names."""
        learnt = {
            label: self._learn_class(Z[y == label], columns, rng, run)
            for label in self.sampling_strategy_
            if label in set(y)
        }
        models = {label: model for label, (model, _) in learnt.items()}
        return models, {label: history for label, (_, history) in learnt.items()}

    def _learnt(self, model):
        return set(model or ())

    def _learn_class(self, Z, columns, rng, run):
        """Model of one class's rows, and the history of its training."""
        group = np.zeros(len(Z), dtype=np.intp)
        Z = draw_in(Z, group, columns, rng)
        encoder = BlockEncoder(Z, columns, continuous=self._block, group=group)
        rows = encoder.encode(Z, rng, group)
        encoder.forget()
        frequencies = class_frequencies(rows[1], group, encoder.layout)
        model, history = TabularModel(encoder, class_ranges(Z, group, columns), frequencies), {}
        if not encoder.layout.width:
            return model, history
        held = holdout_mask(group, self.early_stopping, rng)
        criterion = held_out_criterion(Z, group, columns, held, model, rng)
        shown = [part[~held] for part in rows]
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
