"""Base class of samplers of images: what images need around the package's ``fit_resample``."""

import warnings
from numbers import Integral

import numpy as np
from scipy import sparse
from sklearn.utils.validation import check_is_fitted

from .._runtime.random_streams import Streams
from .._sampling_strategy import class_counts
from ..base import BaseOverSampler
from ..base._over_sampler import repeated_labels
from ..exceptions import ResamplingWarning
from ..table import Target, scalar
from ._pixels import ImageCodec, PixelScale, RowScale, as_images, checked_shape

#: Images made at a time: bounds the memory of what is in float.
BLOCK = 256
#: Numbers of channels that photographs and scans have.
COLOURS = (1, 3, 4)
#: What `sample` needs of the last fit.
KEPT = ("model_", "codec_", "classes_", "_target", "_labels", "_frequencies", "_stream_numbers")


class BaseImageSampler(BaseOverSampler):
    """Base of samplers of images: stacks and flat rows in, the same out; ``fit`` and ``sample``.

    A subclass implements ``_learn(Z, y, scale, rng)``, which returns a model, and
    ``_make(model, label, n, rng)``, which yields arrays of shape (m, h, w, channels) of images
    between 0 and 1, n in all.

    Parameters
    ----------
    sampling_strategy : float, str, dict or callable, default="auto"
        As in imbalanced-learn.
    random_state : int, RandomState instance or None, default=None
        Seed.
    image_shape : tuple or None, default=None
        Shape of an image where X has flat rows.
    """

    _min_class_rows = 1
    _keeps_finite = True
    #: Whether `fit_resample` keeps the model; one that holds images is kept by `fit` alone.
    _keeps_model = False
    _parameter_constraints: dict = {
        **{
            name: constraint
            for name, constraint in BaseOverSampler._parameter_constraints.items()
            if name not in ("personal", "schema", "constraints")  # of tables only
        },
        "image_shape": [tuple, list, None],
    }

    def __init__(self, *, sampling_strategy="auto", random_state=None, image_shape=None):
        super().__init__(sampling_strategy=sampling_strategy, random_state=random_state)
        self.image_shape = image_shape

    def fit(self, X, y):
        """Learn what `sample` needs.

        Parameters
        ----------
        X : array-like of shape (n, h, w) or (n, h, w, channels), or table
            Images, or flat rows.
        y : array-like of shape (n,)
            Labels.

        Returns
        -------
        self : object
            The fitted sampler; see `sample`.

        Raises
        ------
        ValueError
            If the input is not usable; the message names the image.
        TypeError
            If a column's type is not supported.
        """
        self._on_copy("_fit", X, y)
        return self

    def fit_resample(self, X, y):
        """Return the given images followed by new ones.

        Parameters
        ----------
        X : array-like of shape (n, h, w) or (n, h, w, channels), or table
            Images, or flat rows.
        y : array-like of shape (n,)
            Labels.

        Returns
        -------
        X_resampled : same kind, shape and dtype as X
            Given images first, unchanged; then the new ones, ordered by class.
        y_resampled : same kind as y
            Their labels.

        Raises
        ------
        ValueError
            If the input is not usable; the message names the image.
        TypeError
            If a column's type is not supported.
        """
        return super().fit_resample(X, y)

    def sample(self, n_samples, y=None, *, random_state=None):
        """Make new images only, of one class or of all.

        Parameters
        ----------
        n_samples : int
            Number of images.
        y : label, default=None
            Class of all of them; None draws labels with the class frequencies of the given images.
        random_state : int, RandomState instance or None, default=None
            Seed of this call; None uses the sampler's own.

        Returns
        -------
        X_new : ndarray of the shape and dtype of the given images, (n_samples, ...)
            New images, ordered by class; a table's own kind for a table.
        y_new : same kind as the target given to `fit`
            Their labels.

        Raises
        ------
        ValueError
            If `y` is no class seen by `fit`, or `n_samples` is not a positive integer.
        NotFittedError
            If there is no fitted model.
        """
        check_is_fitted(self, "model_")
        n_samples, y = scalar(n_samples), scalar(y)
        if not isinstance(n_samples, Integral) or isinstance(n_samples, bool) or n_samples < 1:
            raise ValueError(f"n_samples must be a positive integer, got {n_samples!r}.")
        known = self._labels.tolist()
        if y is not None and y not in known:
            raise ValueError(f"y={y!r} is not a class seen by fit: give one of {known}.")
        streams = Streams(self.random_state if random_state is None else random_state)
        if y is None:
            frequencies = self._drawn_frequencies()
            drawn = streams.training().multinomial(n_samples, frequencies)
            counts = dict(zip(self._labels, drawn.tolist()))
        else:
            counts = {self._labels[known.index(y)]: int(n_samples)}
            self._check_drawn(y)
        self._begin()
        like = np.empty((0, self.n_features_in_), self._dtype)
        columns, numbers = self.codec_.columns, self._stream_numbers
        Z_new = self._draw(self.model_, counts, streams, like, columns, stream_numbers=numbers)
        X_new = self._stacked(self.codec_.decode(Z_new))
        labels = repeated_labels(counts, self._labels.dtype)
        return X_new, self._target.extended(labels, getattr(X_new, "index", None))

    def _drawn_frequencies(self):
        """Frequencies of the labels that `sample` draws."""
        return self._frequencies

    def _check_drawn(self, label):
        """Raise if no images of a class can be made."""

    def _fit(self, X, y):
        labels = class_counts(Target(y).labels)
        if len(labels) == 1:  # no classes to balance, and still something to learn
            self.sampling_strategy_ = dict.fromkeys(labels, 0)
        _, target, codec, Z, _ = self._encode(X, y)
        rng = Streams(self.random_state).training()
        vars(self).pop("is_synthetic_", None)  # set by an earlier fit_resample
        self._keep(self._fit_generator(Z, target.labels, codec.columns, rng), target, codec, Z)

    def _remember(self, model, target, codec):
        if self._keeps_model:
            self._keep(model, target, codec, np.empty(0, self._dtype))
            return
        for name in KEPT:  # of an earlier fit, which had other images
            vars(self).pop(name, None)

    def _keep(self, model, target, codec, Z):
        """Set what `sample` needs."""
        self._labels, counts = np.unique(target.labels, return_counts=True)
        self._frequencies = counts / counts.sum()
        first = [label for label, n in self.sampling_strategy_.items() if n]
        order = first + [label for label in self._labels if label not in first]
        self._stream_numbers = {label: number for number, label in enumerate(order, 1)}
        self.model_, self.codec_, self._target = model, codec, target.empty()
        self.classes_ = self._labels

    def _check(self, X, y):
        """Validate as for a table, with images as flat rows."""
        images = as_images(X)
        flat = X if images is None else images.reshape(len(images), -1)
        table, target, counts = super()._check(flat, y)
        self._stack_shape = None if images is None else images.shape[1:]
        self.image_shape_ = self._shape_of(images)
        return table, target, counts

    def _shape_of(self, images):
        """Height, width and channels of the images; None for a table."""
        wanted = None if self.image_shape is None else checked_shape(self.image_shape)
        found = wanted if images is None else checked_shape(images.shape[1:])
        if wanted is not None and wanted != found:
            raise ValueError(f"Images of shape {found} were given, and image_shape is {wanted}.")
        if wanted is None and images is not None:
            _warn_if_channels_first(found)
        if found is not None and np.prod(found) != self.n_features_in_:
            raise ValueError(
                f"Rows have {self.n_features_in_} numbers, and images of image_shape="
                f"{self.image_shape!r} have {np.prod(found)} pixels."
            )
        return found

    def _codec(self):
        return super()._codec() if self.image_shape_ is None else ImageCodec(self.image_shape_)

    def _labelled(self, X, X_all, target, counts):
        if self._stack_shape is None:
            return super()._labelled(X, X_all, target, counts)
        X_all, y_all = super()._labelled(X_all, X_all, target, counts)
        return self._stacked(X_all), y_all

    def _stacked(self, rows):
        """Rows in the shape in which images were given."""
        return rows if self._stack_shape is None else rows.reshape(-1, *self._stack_shape)

    def _fit_generator(self, Z, y, columns, rng):
        self._dtype = Z.dtype
        Z = Z.toarray() if sparse.issparse(Z) else Z
        is_table = self.image_shape_ is None
        scale = RowScale(Z, y) if is_table else PixelScale(Z, self.image_shape_)
        self._begin(len(y))
        return scale, self._learn(Z, y, scale, rng)

    def _begin(self, n_given=0):
        """Reset what is recorded of each new image, before images are made."""

    def _generate(self, model, label, n, rng, out):
        scale, inner = model
        done = 0
        for images in self._make(inner, label, n, rng):
            scale.write(images, out[done : done + len(images)], label)
            done += len(images)
        return out


def _warn_if_channels_first(shape):
    """Warn of images of as many rows as photographs have channels, and of more channels."""
    h, w, channels = shape
    if h in COLOURS and channels > max(COLOURS):
        warnings.warn(
            f"Images of shape {shape} are taken as {h} x {w} pixels of {channels} channels. If the "
            "channels come first, move them: np.moveaxis(X, 1, -1). If not, say so with "
            f"image_shape={shape}.",
            ResamplingWarning,
            stacklevel=2,
        )
