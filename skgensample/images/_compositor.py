"""New images of a lesion class: a healthy image with a lesion set into it."""

import warnings
from numbers import Real

import numpy as np
from sklearn.utils._param_validation import Interval, StrOptions

from ..base import plain_label
from ..exceptions import ResamplingWarning
from ..table import give_one_of
from ._base import BaseImageSampler
from ._scene import Scene, as_masks, check_range, given_lesions

#: Images made at a time.
BLOCK = 64
REGIONS = {"auto", "dark", "bright", "all"}


class LesionCompositor(BaseImageSampler):
    """New images of a lesion class: a lesion set into an image of another class.

    For images in which a class differs by something small and local, such as a nodule in a lung,
    and of which there are few, while images without it are plenty. Lesions are cut out of given
    images by their masks, or made by hand where there are none. Each is enlarged, turned,
    mirrored, put where it may lie, matched in brightness and blended in. Not for classes that
    differ in the whole image (pneumonia on a chest X-ray): use `AugmentationOversampler` there.
    A made image shows what such a lesion could look like; it is no medical evidence.

    Parameters
    ----------
    sampling_strategy : float, str, dict or callable, default="auto"
        As in imbalanced-learn; see `skgensample.NumbaSMOTE`. The class of backgrounds cannot be
        sampled.
    random_state : int, RandomState instance or None, default=None
        Seed. An int gives the same images on every call.
    image_shape : tuple or None, default=None
        ``(h, w)`` or ``(h, w, channels)`` of an image where X has flat rows. None takes arrays of
        three or four dimensions as images, and rows as profiles of one line (spectra, traces).
    masks : ndarray of shape (n, h, w) or None, default=None
        For each given image the pixels of its lesions, all 0 where there are none. Better given
        to `fit_resample`; here for pipelines without metadata routing.
    region : {"auto", "dark", "bright", "all"} or ndarray of shape (n, h, w), default="auto"
        Where a lesion may lie in each given image: a mask; the dark or the bright side of Otsu's
        threshold, without the air around a body, holes such as vessels filled; or anywhere.
        ``"auto"`` is the side on which the surroundings of given lesions are (`region_`; with a
        warning where they are on both), else the dark one.
    background : label, default=None
        Class whose images get lesions; None for the largest one, of those in which no mask marks a
        lesion if there are such.
    lesions : {"auto", "given", "made", "both"}, default="auto"
        Lesions cut out of given images, made by hand, or of each kind half; ``"auto"`` is
        ``"given"`` with masks and ``"made"`` without.
    diameter : tuple of two floats or None, default=None
        Smallest and largest diameter in pixels (of the circle of equal area); small ones for
        early stages. None takes that of the given lesions, enlarged by up to `scaling`, or 8 to
        18 % of the image's smaller side without any.
    scaling : float, default=0.25
        Largest enlargement without `diameter`: 0.25 for factors from 0.8 to 1.25.
    contrast : tuple of two floats or None, default=None
        Of lesions made by hand, the difference to their surroundings as a fraction of the range
        of the given pixels, negative for dark lesions. None takes that of given lesions, or 0.25
        to 0.55 without any.
    rotate : bool, default=True
        Whether lesions are turned by any angle.
    flip : bool, default=True
        Whether half of the lesions are mirrored.
    blend : {"alpha", "poisson"}, default="alpha"
        Weighted mean over a soft edge, or gradients of the lesion in the new surroundings.
    feather : float, default=0.8
        Width of the soft edge: standard deviation in pixels.

    Attributes
    ----------
    class_counts_ : dict
        Number of given images of each class.
    sampling_strategy_ : dict
        Number of new images for each class sampled.
    synthetic_masks_ : ndarray of shape (n_new, h, w) of bool
        Pixels of the lesion in each new image.
    synthetic_parents_ : ndarray of shape (n_new, 2)
        Numbers of the images that lesion and background come from; -1 for a lesion made by hand.
    region_ : str
        Side of the threshold on which lesions were put; "given" with masks of regions.
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
    AugmentationOversampler : Whole images changed a little.
    skgensample.datasets.make_lung_slices : Simulated slices with nodules and masks.

    Notes
    -----
    A given lesion is its pixels minus the median of a ring around it; the median around its new
    place is added. A lesion made by hand follows SynTumor [1]_ in two dimensions: an ellipse under
    a smooth random displacement, filled with filtered noise, with a blurred edge; contrast and
    diameter are drawn together from one given lesion, or uniformly from the ranges. The whole
    lesion lies in the allowed region. Pixels that neither it nor its soft edge covers are those of
    the background, bit for bit. If none of ten backgrounds has room for it, it is shrunk to
    fit, with a `ResamplingWarning`. Poisson blending solves for the pixels with SciPy [2]_.

    `fit` keeps a reference to the given images, which `sample` starts from; `fit_resample` keeps
    none. `sample` makes images of the classes other than that of the backgrounds.

    References
    ----------
    .. [1] Q. Hu, Y. Chen, J. Xiao, S. Sun, J. Chen, A. Yuille, Z. Zhou, "Label-free liver tumor
       segmentation", CVPR 2023, arXiv 2303.14869.
    .. [2] P. Pérez, M. Gangnet, A. Blake, "Poisson image editing", ACM Transactions on Graphics
       22(3), 313-318, 2003.

    Examples
    --------
    >>> from skgensample.datasets import make_lung_slices
    >>> from skgensample.images import LesionCompositor
    >>> data = make_lung_slices(60, nodule_fraction=0.1, random_state=0)
    >>> compositor = LesionCompositor(random_state=0)
    >>> X, y = compositor.fit_resample(data.images, data.target, masks=data.masks)
    >>> X.shape, compositor.synthetic_masks_.shape
    ((108, 64, 64), (48, 64, 64))
    """

    # pipelines with metadata routing hand masks on without being told
    __metadata_request__fit = {"masks": True, "region": True}
    __metadata_request__fit_resample = {"masks": True, "region": True}
    _parameter_constraints: dict = {
        **BaseImageSampler._parameter_constraints,
        "masks": ["array-like", None],
        "region": [StrOptions(REGIONS), "array-like"],
        "background": "no_validation",
        "lesions": [StrOptions({"auto", "given", "made", "both"})],
        "diameter": [tuple, list, None],
        "scaling": [Interval(Real, 0, None, closed="left")],
        "contrast": [tuple, list, None],
        "rotate": ["boolean"],
        "flip": ["boolean"],
        "blend": [StrOptions({"alpha", "poisson"})],
        "feather": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(
        self,
        *,
        sampling_strategy="auto",
        random_state=None,
        image_shape=None,
        masks=None,
        region="auto",
        background=None,
        lesions="auto",
        diameter=None,
        scaling=0.25,
        contrast=None,
        rotate=True,
        flip=True,
        blend="alpha",
        feather=0.8,
    ):
        super().__init__(
            sampling_strategy=sampling_strategy, random_state=random_state, image_shape=image_shape
        )
        self.masks = masks
        self.region = region
        self.background = background
        self.lesions = lesions
        self.diameter = diameter
        self.scaling = scaling
        self.contrast = contrast
        self.rotate = rotate
        self.flip = flip
        self.blend = blend
        self.feather = feather

    def fit(self, X, y, masks=None, region=None):
        """Keep images and lesions, which `sample` needs.

        Parameters
        ----------
        X : array-like of shape (n, h, w) or (n, h, w, channels), or table
            Images, or flat rows.
        y : array-like of shape (n,)
            Labels.
        masks : array-like of shape (n, h, w), default=None
            Pixels of lesions; None for the parameter `masks`.
        region : array-like of shape (n, h, w), default=None
            Allowed pixels; None for the parameter `region`.

        Returns
        -------
        self : object
            The fitted sampler.

        Raises
        ------
        ValueError
            If the input is not usable, or a mask has another shape than its image.
        TypeError
            If a column's type is not supported.
        """
        self._on_copy("_with_masks", "_fit", masks, region, X, y)
        return self

    def fit_resample(self, X, y, masks=None, region=None):
        """Return the given images followed by new ones with lesions.

        Parameters
        ----------
        X : array-like of shape (n, h, w) or (n, h, w, channels), or table
            Images, or flat rows.
        y : array-like of shape (n,)
            Labels.
        masks : array-like of shape (n, h, w), default=None
            Pixels of lesions; None for the parameter `masks`.
        region : array-like of shape (n, h, w), default=None
            Allowed pixels; None for the parameter `region`.

        Returns
        -------
        X_resampled : same kind, shape and dtype as X
            Given images first, unchanged; then the new ones, ordered by class.
        y_resampled : same kind as y
            Their labels.

        Raises
        ------
        ValueError
            If the input is not usable, or a mask has another shape than its image.
        TypeError
            If a column's type is not supported.
        """
        return self._on_copy("_with_masks", "_fit_resample", masks, region, X, y)

    def _with_masks(self, method, masks, region, X, y):
        """Call a method that finds masks and regions of this call on the sampler."""
        if isinstance(region, str) and region not in REGIONS:
            raise ValueError(f"region={region!r}: {give_one_of(region, sorted(REGIONS))}")
        regions = region if region is not None else self.region
        self._call = (self.masks if masks is None else masks, regions)
        try:
            return getattr(self, method)(X, y)
        finally:
            del self._call

    def _begin(self, n_given=0):
        self.synthetic_masks_ = np.empty((0, *(self.image_shape_ or (1, self.n_features_in_))[:2]))
        self.synthetic_masks_ = self.synthetic_masks_.astype(bool)
        self.synthetic_parents_ = np.empty((0, 2), dtype=np.intp)

    def _learn(self, Z, y, scale, rng):
        # wrappers of imbalanced-learn call `_fit_resample` themselves
        masks, region = vars(self).get("_call", (self.masks, self.region))
        for name in ("diameter", "contrast"):
            check_range(name, getattr(self, name), positive=name == "diameter")
        masks = None if masks is None else as_masks(masks, "masks", len(Z), scale.shape)
        lesions, side = {}, "dark" if self.image_shape_ is not None else "all"
        if isinstance(region, str) and region != "auto":
            side = region
        if masks is not None:
            lesions, side = given_lesions(Z, y, masks, scale)
        if self.lesions in ("given", "both") and not lesions:
            raise ValueError(
                f"lesions={self.lesions!r} needs masks of lesions: pass masks= to fit_resample."
            )
        if not isinstance(region, str):
            self.region_, region = "given", as_masks(region, "region", len(Z), scale.shape)
        else:
            self.region_ = side if region == "auto" else region
            region = None
        background, numbers = self._backgrounds(y, region, masks)
        has_masks = masks is not None
        put = (region, self.region_, lesions, side, has_masks)
        return Scene(Z, scale, numbers, background, *put)

    def _backgrounds(self, y, region, masks):
        """Class and numbers of the images that get lesions."""
        labels, counts = np.unique(y, return_counts=True)
        wanted = self.background
        if wanted is None:  # an image with a lesion is no background, where others are known
            marked = [] if masks is None else y[masks.any(axis=(1, 2))]
            free = ~np.isin(labels, marked)
            wanted = labels[(counts * free if free.any() else counts).argmax()]
        if wanted not in labels.tolist():
            raise ValueError(
                f"background={wanted!r} is no class of y: {give_one_of(wanted, labels)}"
            )
        for label, n in self.sampling_strategy_.items():
            if n:
                _refuse_background(label, wanted, "sampling_strategy")
        found = np.flatnonzero(y == wanted)
        if region is not None:
            found = found[region[found].any(axis=(1, 2))]
            if not len(found):
                raise ValueError(
                    f"No image of class {plain_label(wanted)!r} has an allowed pixel in region."
                )
        return wanted, found

    def _drawn_frequencies(self):
        others = self._frequencies * (self._labels != self.model_[1].background)
        if not others.any():
            raise ValueError(
                "There is no class but that of the backgrounds, and images with lesions are not of "
                "it: fit with an image of the class of lesions, too."
            )
        return others / others.sum()

    def _check_drawn(self, label):
        _refuse_background(label, self.model_[1].background, "y")

    def _generate(self, model, label, n, rng, out):
        scale, scene = model
        given = self._lesions_of(scene, label)
        first = len(self.synthetic_masks_)
        shape = (first + n, *self.synthetic_masks_.shape[1:])
        masks, parents = np.zeros(shape, bool), np.empty((first + n, 2), np.intp)
        masks[:first], parents[:first] = self.synthetic_masks_, self.synthetic_parents_
        self.synthetic_masks_, self.synthetic_parents_ = masks, parents
        shrunk = 0
        for start in range(0, n, BLOCK):
            rows = out[start : start + BLOCK]
            images = np.empty((len(rows), *scale.shape), np.float32)
            changed = np.empty(images.shape[:3], bool)
            for i, j in enumerate(range(first + start, first + start + len(rows))):
                images[i], masks[j], changed[i], parents[j], small = scene.composed(
                    self, given, rng
                )
                shrunk += small
            scale.write(images, rows, label)
            scene.restore(rows, changed, parents[first + start : first + start + len(rows), 1])
        if shrunk:
            self._warn_of_shrunk(shrunk, n, label)
        return out

    def _lesions_of(self, scene, label):
        """Given lesions of a class; a warning if masks mark none of it and some are wanted."""
        given = scene.lesions.get(label, [])
        if not given and scene.has_masks and self.lesions != "made":
            warnings.warn(
                f"No mask marks a lesion of class {plain_label(label)!r}: its lesions are made by "
                "hand.",
                ResamplingWarning,
                stacklevel=2,
            )
        return given

    def _warn_of_shrunk(self, shrunk, n, label):
        warnings.warn(
            f"{shrunk} of {n} lesions of class {plain_label(label)!r} were shrunk, for the "
            f"allowed region ({self.region_}) of no background tried had room for them: give a "
            "smaller diameter=, or another region=.",
            ResamplingWarning,
            stacklevel=2,
        )


def _refuse_background(label, background, where):
    """Raise if images of the backgrounds' own class are asked for."""
    if label == background:
        raise ValueError(
            f"Class {plain_label(label)!r} is that of the backgrounds, so no lesion can make its "
            f"images: name another one as background=, or leave it out of {where}."
        )
