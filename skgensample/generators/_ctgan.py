"""CTGAN: one conditional pair of networks for the whole table."""

from numbers import Integral

import numpy as np
import torch
from sklearn.utils._param_validation import Interval

from ..base import BaseConditionalResampler
from ._adversarial import Wasserstein
from ._base import AdversarialTraining, TabularModel, class_boxes
from ._conditions import Cells, RowDraw
from ._encoding import BlockEncoder, ModeSpecificBlock
from ._training import resolve_device, seeded


class CTGANResampler(AdversarialTraining, BaseConditionalResampler):
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
        same version of torch, whatever the number of threads.
    output : {"augment", "synthetic"}, default="augment"
        Whether `fit_resample` returns the given rows and the new ones, or a wholly synthetic
        table with the counts that the augmented one would have.
    embedding_dim : int, default=128
        Width of the noise from which a row is made.
    generator_dim : tuple of int, default=(256, 256)
        Width of each residual layer of the generator.
    discriminator_dim : tuple of int, default=(256, 256)
        Width of each layer of the critic.
    learning_rate : float, default=2e-4
        Step size of Adam, for both networks.
    batch_size : int, default=500
        Rows of a batch, a multiple of `pac`.
    pac : int, default=2
        Rows that the critic judges together. The paper's is 10, with which learning takes several
        times as many steps.
    max_steps : int, default=None
        Optimiser steps of each network. None takes 100 times the square root of the number of
        rows, at least 500 and at most 2,000.
    device : str, default="auto"
        Where to train: ``"cpu"``, ``"cuda"``, ...; ``"auto"`` is a GPU where there is one.
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
    loss_history_ : ndarray of shape (max_steps, 2)
        The critic's and the generator's loss at each step.
    is_synthetic_ : ndarray of shape (n_samples_new,)
        Which rows of the result of `fit_resample` are new.
    n_features_in_ : int
        Number of columns.
    feature_names_in_ : ndarray of shape (n_features,)
        Column names, where a frame with text names was given.

    See Also
    --------
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

    References
    ----------
    .. [1] L. Xu, M. Skoularidou, A. Cuesta-Infante, K. Veeramachaneni, "Modeling tabular data
       using conditional GAN", NeurIPS 2019, arXiv 1907.00503.
    .. [2] Z. Lin, A. Khetan, G. Fanti, S. Oh, "PacGAN: the power of two samples in generative
       adversarial networks", NeurIPS 2018, arXiv 1712.04086.
    .. [3] Y. Yazici et al., "The unusual effectiveness of averaging in GAN training", ICLR 2019,
       arXiv 1806.04498.

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

    _parameter_constraints: dict = {
        **BaseConditionalResampler._parameter_constraints,
        **AdversarialTraining._network_constraints,
        "pac": [Interval(Integral, 1, None, closed="left")],
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
        learning_rate=2e-4,
        batch_size=500,
        pac=2,
        max_steps=None,
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
        self.device = device
        self.verbose = verbose

    def _fit_generator(self, Z, y, columns, rng):
        """Train one conditional pair of networks on the whole table."""
        self._check_networks(y)
        if self.batch_size % self.pac:
            raise ValueError(
                f"batch_size={self.batch_size} is no multiple of pac={self.pac}: "
                "the critic judges whole packs."
            )
        device = resolve_device(self.device)
        labels, group = _by_appearance(y)
        encoder = BlockEncoder(Z, columns, continuous=ModeSpecificBlock, group=group)
        rows = encoder.encode(Z, rng)
        cells, order = Cells.fit(rows[1], group, encoder.layout, encoder.discrete_spans)
        net, self.loss_history_ = None, np.empty((0, 2), dtype=np.float32)
        if encoder.layout.width:
            draw = RowDraw(cells, order, *rows, batch_size=self.batch_size, device=device)
            with seeded(rng, device) as random:
                net, self.loss_history_ = self._play(
                    encoder,
                    draw,
                    n=len(Z),
                    n_conditions=cells.n_conditions,
                    pac=self.pac,
                    objective=Wasserstein(),
                    random=random,
                )
        table = TabularModel(encoder, net, class_boxes(Z, group, columns))
        return _ConditionalModel(table, cells, labels)

    def _generate(self, model, label, n, rng, out):
        """Draw rows under the condition of the label."""
        return model.draw(label, rng, out)


class _ConditionalModel:
    """A table model, the conditions under which it draws, and its labels in condition order."""

    def __init__(self, table, cells, labels):
        self.table, self.cells, self.labels = table, cells, labels

    def draw(self, label, rng, out):
        """Fill `out` with rows of one class."""
        group = int(np.flatnonzero(self.labels == label)[0])
        condition = self.cells.draw(group, len(out), rng)
        with seeded(rng, torch.device("cpu")) as random:
            return self.table.draw(group, rng, random, out, condition)


def _by_appearance(y):
    """Labels in order of first occurrence, and each row's index among them.

    An order that does not depend on the labels' names: renaming them changes nothing else.
    """
    labels, first, group = np.unique(y, return_index=True, return_inverse=True)
    order = np.argsort(first)
    return labels[order], np.argsort(order)[group]
