"""DeepSMOTE: SMOTE in the latent space of an autoencoder."""

import copy
import warnings
from numbers import Real

import numpy as np
import torch
from sklearn.base import clone
from sklearn.utils._param_validation import HasMethods, Interval
from torch import nn
from torch.nn import functional as F

from ..base import plain_label
from ..exceptions import SmallClassWarning
from ..generators._training.optim import clipped_step, flat_adam
from ..generators._training.seeding import seeded
from ..generators._training.state import TrainingState, WeightAverage
from ..neighbors import NumbaRandomOverSampler, NumbaSMOTE
from ._base import BaseImageSampler
from ._networks import Decoder, Encoder
from ._neural import TRAINING, NeuralImageSampler, classes_of, in_batches, to_images, to_tensor


class DeepSMOTE(NeuralImageSampler, BaseImageSampler):
    """SMOTE between the latent vectors of images, decoded to images.

    Between two images pixel by pixel lies a double exposure. DeepSMOTE trains an autoencoder on
    all images, interpolates latent vectors of one class, and decodes them. The new images are
    smoother than the given ones; small or fine details, such as a lesion of a few pixels, are lost.
    Rows of a table get dense layers.

    Parameters
    ----------
    sampling_strategy : float, str, dict or callable, default="auto"
        As in imbalanced-learn; see `skgensample.NumbaSMOTE`.
    random_state : int, RandomState instance or None, default=None
        Seed. An int gives the same images on the same machine with the same package versions.
    image_shape : tuple or None, default=None
        ``(h, w)`` or ``(h, w, channels)`` of an image where X has flat rows. None takes arrays of
        three or four dimensions as images, and rows as a table.
    sampler : object or None, default=None
        Sampler of the latent vectors, such as `skgensample.NumbaBorderlineSMOTE`; its
        `sampling_strategy` and `random_state` are replaced. None for `skgensample.NumbaSMOTE`.
    latent_dim : int, default=64
        Length of a latent vector.
    channels : int, default=32
        Channels of the first convolution; later ones have up to four times as many.
    permutation_weight : float, default=1.0
        Weight of the permutation penalty; 0 leaves it out.
    learning_rate : float, default=1e-3
        Step size of Adam.
    batch_size : int, default=64
        Images per batch, of one class each.
    max_steps : int, default=1000
        Optimiser steps.
    max_time : float, default=None
        Seconds after which no further step starts. The images then depend on the machine.
    callbacks : callable or list of callable, default=None
        Called every 50 steps as ``callback(step, losses, criterion)`` with the means of the losses
        since the last call; training ends if one returns True.
    device : str, default="auto"
        Device of the training; ``"auto"`` is CUDA if available, else the CPU.
    verbose : bool, default=False
        Whether to show a progress bar (needs tqdm).

    Attributes
    ----------
    class_counts_ : dict
        Number of given images of each class.
    sampling_strategy_ : dict
        Number of new images for each class sampled.
    classes_ : ndarray of shape (n_classes,)
        Labels, sorted.
    model_ : object
        Scale of the pixels, decoder, and the latent vectors of the given images.
    codec_ : object
        How images, or columns, become rows of numbers.
    history_ : dict of str to ndarray of shape (n_steps,)
        "step", "reconstruction_loss", "permutation_loss", and "criterion" (NaN).
    device_ : str
        Device on which training ran.
    is_synthetic_ : ndarray of shape (n_samples_new,)
        Which images of the result of `fit_resample` are new.
    image_shape_ : tuple (h, w, channels) or None
        Shape of an image; None for a table.
    n_features_in_ : int
        Pixels of an image, or columns.
    feature_names_in_ : ndarray of shape (n_features,)
        Column names, where a frame with text names was given.

    See Also
    --------
    ImageGANOversampler : Adversarial training in place of interpolation.
    AugmentationOversampler : Without training, and hard to beat.
    skgensample.NumbaSMOTE : The plan in the latent space.

    Notes
    -----
    Each step draws a batch of one class, classes alike, and adds to its squared error of
    reconstruction the permutation penalty of the paper [1]_: the latent vectors of the batch are
    decoded in another order and compared with the images in the old one, so that the decoder meets
    other vectors of the class than an image's own. With its full weight it pulls decoded images
    towards the mean of their class. The weights are averaged over about the last tenth of the
    steps. A class of one image is repeated.

    References
    ----------
    .. [1] D. Dablain, B. Krawczyk, N. V. Chawla, "DeepSMOTE: Fusing deep learning and SMOTE for
       imbalanced data", IEEE Transactions on Neural Networks and Learning Systems, 2022,
       arXiv 2105.02340.

    Examples
    --------
    >>> from skgensample.datasets import make_lung_slices
    >>> from skgensample.images import DeepSMOTE
    >>> data = make_lung_slices(60, nodule_fraction=0.2, size=32, diameter=(3, 6), random_state=0)
    >>> X, y = DeepSMOTE(max_steps=5, random_state=0).fit_resample(data.images, data.target)
    >>> X.shape, int((y == 1).sum())
    ((96, 32, 32), 48)
    """

    _keeps_model = True
    _parameter_constraints: dict = {
        **BaseImageSampler._parameter_constraints,
        **TRAINING,
        "sampler": [HasMethods(["fit_resample"]), None],
        "permutation_weight": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(
        self,
        *,
        sampling_strategy="auto",
        random_state=None,
        image_shape=None,
        sampler=None,
        latent_dim=64,
        channels=32,
        permutation_weight=1.0,
        learning_rate=1e-3,
        batch_size=64,
        max_steps=1000,
        max_time=None,
        callbacks=None,
        device="auto",
        verbose=False,
    ):
        super().__init__(
            sampling_strategy=sampling_strategy, random_state=random_state, image_shape=image_shape
        )
        self.sampler = sampler
        self.latent_dim = latent_dim
        self.channels = channels
        self.permutation_weight = permutation_weight
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.max_steps = max_steps
        self.max_time = max_time
        self.callbacks = callbacks
        self.device = device
        self.verbose = verbose

    def _learn(self, Z, y, scale, rng):
        device = self._prepare(y)
        images = to_tensor(scale.unit(Z), device)
        labels = classes_of(y)[0]
        members = [torch.as_tensor(np.flatnonzero(y == c), device=device) for c in labels]
        with seeded(rng, device) as random:
            encoder = Encoder(scale.shape, self.latent_dim, self.channels, random).to(device)
            decoder = Decoder(scale.shape, self.latent_dim, self.channels, random).to(device)
            draws = _ClassBatches(images, members, self.batch_size)
            optimizer = flat_adam(
                ([*encoder.parameters(), *decoder.parameters()], self.learning_rate, 0.0),
                betas=(0.9, 0.999),
            )
            step = AutoencoderStep(
                encoder, decoder, draws, optimizer, self.permutation_weight, random
            )
            nets = self._train(step)
        latent = torch.cat(list(in_batches(nets[0], images.cpu()))).numpy()
        return nets[1], latent, np.asarray(y)

    def _make(self, model, label, n, rng):
        decoder, latent, y = model
        new = self._interpolated(latent, y, label, n, rng)
        for images in in_batches(decoder, torch.as_tensor(new.astype(np.float32))):
            yield to_images(images)

    def _interpolated(self, latent, y, label, n, rng):
        """New latent vectors of one class."""
        count = int(np.sum(y == label))
        sampler = clone(self.sampler) if self.sampler is not None else NumbaSMOTE()
        if count < 2:
            warnings.warn(
                f"Class {plain_label(label)!r} has one image: its latent vector is repeated.",
                SmallClassWarning,
                stacklevel=2,
            )
            sampler = NumbaRandomOverSampler()
        seed = int(rng.randint(np.iinfo(np.int32).max))
        sampler.set_params(sampling_strategy={label: count + n}, random_state=seed)
        if len(np.unique(y)) == 1:  # a sampler needs two classes; the other one has no effect
            latent = np.concatenate([latent, latent[:1]])
            y = np.concatenate([np.zeros(len(y), int), [1]])
            sampler.set_params(sampling_strategy={0: count + n})
        vectors, labels = sampler.fit_resample(latent, y)
        given = len(latent)
        as_asked = len(vectors) == given + n and (vectors[:given] == latent).all()
        if not as_asked or len(np.unique(labels[given:])) > 1:
            raise ValueError(
                f"sampler={type(sampler).__name__} does not return the given rows followed by {n} "
                "new ones: use one with exact counts, such as skgensample.NumbaADASYN."
            )
        return vectors[given:]


class _ClassBatches:
    """Batches of one class each, classes alike."""

    def __init__(self, images, members, size):
        self.images, self.members, self.size = images, members, size

    def __call__(self, random):
        """Draw images of a random class, with replacement."""
        device = self.images.device
        c = int(torch.randint(len(self.members), (1,), generator=random, device=device))
        own = self.members[c]
        size = min(self.size, max(len(own), 2))
        return self.images[own[torch.randint(len(own), (size,), generator=random, device=device)]]


class AutoencoderStep(TrainingState):
    """One step of encoder and decoder on reconstruction and permutation penalty.

    Parameters
    ----------
    encoder, decoder : Module
        The networks.
    draw : callable
        ``draw(random)`` gives images of one class.
    optimizer : Optimizer
        Of the weights of both.
    weight : float
        Weight of the permutation penalty.
    random : torch.Generator
        Source of all draws.
    """

    losses = ("reconstruction_loss", "permutation_loss")

    def __init__(self, encoder, decoder, draw, optimizer, weight, random):
        self.encoder, self.decoder, self.draw = encoder, decoder, draw
        self.weight, self.random = weight, random
        self.nets, self.optimizers = (encoder, decoder), (optimizer,)
        self.average = WeightAverage(nn.ModuleList([encoder, decoder]))
        self.seed = random.initial_seed()

    def __call__(self):
        """Take one step; returns both losses."""
        images = self.draw(self.random)
        latent = self.encoder(images)
        held = latent.detach().requires_grad_(True)
        reconstruction = self._decoded(held, images, 1.0)
        permutation = torch.zeros_like(reconstruction)
        if self.weight:
            order = torch.randperm(len(images), generator=self.random, device=images.device)
            permutation = self._decoded(held[order], images, self.weight)
        # the chain rule by hand: of two decoder graphs one is in memory at a time
        clipped_step((latent * held.grad).sum(), self.optimizers[0])
        self.average.update()
        return torch.stack([reconstruction, permutation])

    def _decoded(self, latent, images, weight):
        """Squared error of decoded vectors, whose gradients are added to those that are there."""
        loss = F.mse_loss(self.decoder(latent), images)
        (weight * loss).backward()
        return loss.detach()

    @torch.no_grad()
    def candidate(self):
        """Copies of both networks with averaged weights, on the CPU."""
        nets = copy.deepcopy(nn.ModuleList([self.encoder, self.decoder]))
        self.average.install(nets)
        return nets.requires_grad_(False).eval().cpu()
