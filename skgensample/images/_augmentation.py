"""Classic augmentation: given images, each flipped, turned, moved and changed a little."""

from numbers import Real

import numpy as np
from sklearn.utils._param_validation import Interval, StrOptions

from ._base import BLOCK, BaseImageSampler
from ._geometry import affine_matrix, warped

NOT_NEGATIVE = [Interval(Real, 0, None, closed="left")]


class AugmentationOversampler(BaseImageSampler):
    """Given images of the class, each flipped, rotated, shifted and changed in brightness.

    The classic remedy for few images, and the baseline that a learned generator has to beat. It
    needs no training. Each new image is one given image under random changes; every change can be
    turned off. Choose those under which the label stays the same: a mirrored chest has its heart
    on the wrong side. Interpolation smooths an image a little, so that a network can tell turned
    images from others.

    Parameters
    ----------
    sampling_strategy : float, str, dict or callable, default="auto"
        As in imbalanced-learn; see `skgensample.NumbaSMOTE`.
    random_state : int, RandomState instance or None, default=None
        Seed. An int gives the same images on every call.
    image_shape : tuple or None, default=None
        ``(h, w)`` or ``(h, w, channels)`` of an image where X has flat rows. None takes arrays of
        three or four dimensions as images, and rows as a table, which gets noise only.
    flip : {"horizontal", "vertical", "both"} or None, default="horizontal"
        Axes along which an image is mirrored, each with probability 1/2.
    rotation : float, default=15.0
        Largest angle in degrees, either way.
    shift : float, default=0.08
        Largest shift along each axis, as a fraction of the image's size.
    scaling : float, default=0.1
        Largest enlargement, 0.1 for factors from 1 / 1.1 to 1.1.
    brightness : float, default=0.08
        Largest change of all pixels, as a fraction of the range of the given pixels.
    contrast : float, default=0.15
        Largest change of the distance of pixels to the image's mean, 0.15 for factors from 1 / 1.15
        to 1.15.
    noise : float, default=0.01
        Standard deviation of normal noise, as a fraction of the range of the given pixels; of the
        column's standard deviation for a table.

    Attributes
    ----------
    class_counts_ : dict
        Number of given images of each class.
    sampling_strategy_ : dict
        Number of new images for each class sampled.
    synthetic_parents_ : ndarray of shape (n_new,)
        For each new image, the number of the given one that it was made from.
    is_synthetic_ : ndarray of shape (n_samples_new,)
        Which images of the result are new.
    image_shape_ : tuple (h, w, channels) or None
        Shape of an image; None for a table.
    n_features_in_ : int
        Pixels of an image, or columns.
    feature_names_in_ : ndarray of shape (n_features,)
        Column names, where a frame with text names was given.

    See Also
    --------
    LesionCompositor : Lesions set into healthy images.
    skgensample.NumbaRandomOverSampler : Repeats rows unchanged.

    Notes
    -----
    The geometric changes are one affine map with linear interpolation; what comes in from outside
    repeats the nearest edge pixel. Pixels stay between the smallest and the largest given one.
    `fit` keeps a reference to the given images, which `sample` starts from; `fit_resample` keeps
    none.

    References
    ----------
    .. [1] C. Shorten, T. M. Khoshgoftaar, "A survey on image data augmentation for deep learning",
       Journal of Big Data 6, 60, 2019.

    Examples
    --------
    >>> from skgensample.datasets import make_lung_slices
    >>> from skgensample.images import AugmentationOversampler
    >>> data = make_lung_slices(60, nodule_fraction=0.1, random_state=0)
    >>> X, y = AugmentationOversampler(random_state=0).fit_resample(data.images, data.target)
    >>> X.shape, X.dtype, int((y == 1).sum())
    ((108, 64, 64), dtype('uint8'), 54)
    """

    _parameter_constraints: dict = {
        **BaseImageSampler._parameter_constraints,
        "flip": [StrOptions({"horizontal", "vertical", "both"}), None],
        "rotation": [Interval(Real, 0, 180, closed="both")],
        "shift": [Interval(Real, 0, 1, closed="both")],
        **dict.fromkeys(["scaling", "brightness", "contrast", "noise"], NOT_NEGATIVE),
    }

    def __init__(
        self,
        *,
        sampling_strategy="auto",
        random_state=None,
        image_shape=None,
        flip="horizontal",
        rotation=15.0,
        shift=0.08,
        scaling=0.1,
        brightness=0.08,
        contrast=0.15,
        noise=0.01,
    ):
        super().__init__(
            sampling_strategy=sampling_strategy, random_state=random_state, image_shape=image_shape
        )
        self.flip = flip
        self.rotation = rotation
        self.shift = shift
        self.scaling = scaling
        self.brightness = brightness
        self.contrast = contrast
        self.noise = noise

    def _begin(self, n_given=0):
        self.synthetic_parents_ = np.empty(0, dtype=np.intp)

    def _learn(self, Z, y, scale, rng):
        return Z, y, scale

    def _make(self, model, label, n, rng):
        Z, y, scale = model
        chosen = rng.choice(np.flatnonzero(y == label), size=n)
        self.synthetic_parents_ = np.concatenate([self.synthetic_parents_, chosen])
        for start in range(0, n, BLOCK):
            images = scale.unit(Z[chosen[start : start + BLOCK]])
            if self.image_shape_ is not None:
                images = np.stack([self._changed(image, rng) for image in images])
            yield images + self.noise * rng.standard_normal(images.shape)

    def _changed(self, image, rng):
        """One image after random changes of place and brightness."""
        flips = rng.uniform(size=2) < 0.5
        if flips[0] and self.flip in ("vertical", "both"):
            image = image[::-1]
        if flips[1] and self.flip in ("horizontal", "both"):
            image = image[:, ::-1]
        angle, scale, *shift, contrast, brightness = rng.uniform(-1, 1, 6)
        if self.rotation or self.shift or self.scaling:
            matrix = affine_matrix(np.deg2rad(angle * self.rotation), (1 + self.scaling) ** scale)
            shift = np.array(shift) * self.shift * image.shape[:2]
            image = warped(image, matrix, shift=shift)
        mean = image.mean(axis=(0, 1))
        return (
            mean + (image - mean) * (1 + self.contrast) ** contrast + self.brightness * brightness
        )
