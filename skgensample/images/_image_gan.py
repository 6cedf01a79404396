"""ImageGANOversampler: a class-conditional convolutional GAN."""

from functools import partial
from numbers import Integral

import numpy as np
import torch
from sklearn.utils._param_validation import Interval, StrOptions

from ..generators._training.early_stopping import TwoSampleCriterion, holdout_mask
from ..generators._training.optim import flat_adam
from ..generators._training.seeding import seeded
from ._base import BaseImageSampler
from ._features import fixed_features
from ._gan_step import LabelledBatches, NonSaturatingStep, WassersteinStep
from ._networks import Critic, Decoder
from ._neural import TRAINING, NeuralImageSampler, classes_of, in_batches, to_images, to_tensor

#: Decay rates of Adam's moments, those of StyleGAN.
BETAS = (0.0, 0.99)
LOSSES = {"non_saturating": NonSaturatingStep, "wasserstein": WassersteinStep}


class ImageGANOversampler(NeuralImageSampler, BaseImageSampler):
    """New images of any class from a conditional GAN with differentiable augmentation.

    One generator learns all classes, so that what they share (a chest, a hand-written stroke) is
    learnt from the large class, and the class decides the rest. It needs some hundred images in
    all and minutes of training on a CPU; with fewer than about fifty of a class, compare it with
    `AugmentationOversampler` first. Rows of a table get dense layers; the samplers for tables, such
    as `skgensample.CTGANResampler`, know categories too.

    Parameters
    ----------
    sampling_strategy : float, str, dict or callable, default="auto"
        As in imbalanced-learn; see `skgensample.NumbaSMOTE`.
    random_state : int, RandomState instance or None, default=None
        Seed. An int gives the same images on the same machine with the same package versions.
    image_shape : tuple or None, default=None
        ``(h, w)`` or ``(h, w, channels)`` of an image where X has flat rows. None takes arrays of
        three or four dimensions as images, and rows as a table.
    latent_dim : int, default=64
        Length of the random vector that an image is made from.
    channels : int, default=32
        Channels of the first convolution; later ones have up to four times as many.
    augment : bool, default=True
        Whether the critic sees real and generated images through random changes.
    loss : {"non_saturating", "wasserstein"}, default="non_saturating"
        Logistic losses with the R1 penalty, or WGAN-GP. At equal time the first one's images are
        better by far at 64 x 64 pixels, and as good at 28 x 28.
    critic_steps : int, default=1
        Steps of the critic for each of the generator; WGAN-GP needs 2 or more.
    learning_rate : float, default=2e-3
        Step size of Adam, for both networks.
    batch_size : int, default=64
        Images per batch, classes alike.
    max_steps : int, default=2000
        Steps of the generator.
    max_time : float, default=None
        Seconds after which no further step starts. The images then depend on the machine.
    early_stopping : bool or "auto", default="auto"
        Whether to hold out a tenth of each class of 20 images and more, evaluate every 200 steps
        how well a forest tells their `features` from those of generated images, keep the best
        weights, and stop after five evaluations without progress. ``"auto"`` does so from 1,000
        images.
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
        Scale of the pixels and the generator, on the CPU; no image.
    codec_ : object
        How images, or columns, become rows of numbers.
    history_ : dict of str to ndarray of shape (n_steps,)
        "step", "critic_loss", "generator_loss", and "criterion", NaN where it was not evaluated.
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
    DeepSMOTE : Interpolates in the latent space of an autoencoder.
    AugmentationOversampler : Without training, and hard to beat.

    Notes
    -----
    Non-saturating logistic loss with the R1 gradient penalty [1]_, or WGAN-GP [4]_, and a
    projection critic [2]_; real and generated images go through the same differentiable changes
    of brightness, contrast and place, and lose a square [3]_. The generator adds noise at every
    scale. Images are drawn from a running average of its weights. The features of early stopping
    are fixed: brightness of cells, edges by direction, fine grain.

    References
    ----------
    .. [1] L. Mescheder, A. Geiger, S. Nowozin, "Which training methods for GANs do actually
       converge?", ICML 2018, arXiv 1801.04406.
    .. [2] T. Miyato, M. Koyama, "cGANs with projection discriminator", ICLR 2018,
       arXiv 1802.05637.
    .. [3] S. Zhao, Z. Liu, J. Lin, J.-Y. Zhu, S. Han, "Differentiable augmentation for
       data-efficient GAN training", NeurIPS 2020, arXiv 2006.10738.
    .. [4] I. Gulrajani, F. Ahmed, M. Arjovsky, V. Dumoulin, A. Courville, "Improved training of
       Wasserstein GANs", NeurIPS 2017, arXiv 1704.00028.

    Examples
    --------
    >>> from skgensample.datasets import make_lung_slices
    >>> from skgensample.images import ImageGANOversampler
    >>> data = make_lung_slices(60, nodule_fraction=0.2, size=32, diameter=(3, 6), random_state=0)
    >>> sampler = ImageGANOversampler(max_steps=2, channels=8, random_state=0)
    >>> X, y = sampler.fit_resample(data.images, data.target)
    >>> X.shape, int((y == 1).sum())
    ((96, 32, 32), 48)
    """

    _keeps_model = True
    _parameter_constraints: dict = {
        **BaseImageSampler._parameter_constraints,
        **TRAINING,
        "augment": ["boolean"],
        "loss": [StrOptions(set(LOSSES))],
        "critic_steps": [Interval(Integral, 1, None, closed="left")],
        "early_stopping": ["boolean", StrOptions({"auto"})],
    }

    def __init__(
        self,
        *,
        sampling_strategy="auto",
        random_state=None,
        image_shape=None,
        latent_dim=64,
        channels=32,
        augment=True,
        loss="non_saturating",
        critic_steps=1,
        learning_rate=2e-3,
        batch_size=64,
        max_steps=2000,
        max_time=None,
        early_stopping="auto",
        callbacks=None,
        device="auto",
        verbose=False,
    ):
        super().__init__(
            sampling_strategy=sampling_strategy, random_state=random_state, image_shape=image_shape
        )
        self.latent_dim = latent_dim
        self.channels = channels
        self.augment = augment
        self.loss = loss
        self.critic_steps = critic_steps
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.max_steps = max_steps
        self.max_time = max_time
        self.early_stopping = early_stopping
        self.callbacks = callbacks
        self.device = device
        self.verbose = verbose

    def _learn(self, Z, y, scale, rng):
        device = self._prepare(y)
        labels, group = classes_of(y)
        images = scale.unit(Z)
        held = holdout_mask(group, self.early_stopping, rng)
        criterion = None
        if held.any():
            model = _Candidate(labels)
            seed = int(rng.randint(np.iinfo(np.int32).max))
            features = fixed_features(images[held])
            criterion = TwoSampleCriterion(features, group[held], (), model, seed)
        with seeded(rng, device) as random:
            step = self._step(to_tensor(images[~held], device), group[~held], scale, random)
            net = self._train(step, criterion)
        return _Candidate(labels, net)

    def _step(self, images, group, scale, random):
        """Untrained networks and the step that trains them."""
        n_classes, device = int(group.max()) + 1, images.device
        generator = Decoder(scale.shape, self.latent_dim, self.channels, random, n_classes)
        critic = Critic(scale.shape, self.channels, n_classes, random)
        generator, critic = generator.to(device), critic.to(device)
        optimizers = (
            flat_adam((critic.parameters(), self.learning_rate, 0.0), betas=BETAS),
            flat_adam((generator.parameters(), self.learning_rate, 0.0), betas=BETAS),
        )
        draw = LabelledBatches(images, torch.as_tensor(group, device=device), self.batch_size)
        augments = self.augment and self.image_shape_ is not None
        return LOSSES[self.loss](
            generator, critic, draw, optimizers, random, steps=self.critic_steps, augment=augments
        )

    def _make(self, model, label, n, rng):
        return model.images(int(np.flatnonzero(model.labels == label)[0]), n, rng)


class _Candidate:
    """A generator and the labels of its classes; what early stopping evaluates."""

    def __init__(self, labels, net=None):
        self.labels, self.net = labels, net

    def install(self, net, groups):
        """Take another network."""
        self.net = net

    def sample(self, group, rng, out):
        """Fill `out` with the features of images of one class."""
        made = np.concatenate(list(self.images(int(group), len(out), rng)))
        out[:] = fixed_features(made)
        return out

    def images(self, group, n, rng):
        """Yield images of one class, n in all."""
        random = torch.Generator().manual_seed(int(rng.randint(np.iinfo(np.int32).max)))
        latent = torch.empty((n, self.net.latent_dim)).normal_(generator=random)
        net = partial(self.net, random=random)
        for made in in_batches(net, latent, torch.full((n,), group)):
            yield to_images(made)
