"""Images as rows of a matrix and back, and rows as numbers around 0 to 1 for the samplers."""

from numbers import Integral

import numpy as np
from scipy import sparse

from ..table import is_frame
from ..table._output import OutputBuffer
from ..table._pandas import extend_index
from ..table._shapes import is_instance

__all__ = ["ImageCodec", "PixelScale", "RowScale", "as_images", "checked_shape"]

#: Rows checked or converted at a time, which bounds the memory of temporary copies.
BLOCK = 256


def checked_shape(image_shape):
    """Height, width and channels from a tuple (h, w) or (h, w, channels)."""
    shape = tuple(image_shape)
    whole = all(type(n) is not bool and isinstance(n, Integral) and n > 0 for n in shape)
    if len(shape) not in (2, 3) or not whole:
        raise ValueError(f"image_shape must be (h, w) or (h, w, channels), got {image_shape!r}.")
    return (*shape, 1)[:3]


def as_images(X):
    """X as an array of 3 or 4 dimensions if it is a stack of images, else None."""
    if is_frame(X) or sparse.issparse(X) or getattr(X, "ndim", 3) < 3:
        return None
    if isinstance(X, (list, tuple)):
        if not len(X) or np.ndim(X[0]) < 2:
            return None
        _check_alike(X)
    _check_unmasked(X)
    X = np.asarray(X)
    if X.ndim < 3:
        return None
    if X.ndim > 4:
        raise ValueError(
            f"Found an array of {X.ndim} dimensions: images have shape (n, h, w) or (n, h, w, "
            "channels). Take slices of volumes, or pass rows."
        )
    if X.dtype.kind not in "biuf":
        raise ValueError(
            f"Images need real numbers as pixels, got dtype {X.dtype}: convert them, e.g. with "
            "X.astype(np.float32)."
        )
    if 0 in X.shape:
        raise ValueError(f"Found images of shape {X.shape}: at least 1 image and 1 pixel needed.")
    return X


def _check_alike(images):
    """Raise if the images of a list differ in shape or dtype."""
    shapes = sorted({np.shape(one) for one in images})
    if len(shapes) > 1:
        raise ValueError(f"Images of shapes {shapes[0]} and {shapes[1]}: give all one shape.")
    dtypes = sorted({str(one.dtype) for one in images if hasattr(one, "dtype")})
    if len(dtypes) > 1:
        raise ValueError(f"Images of dtypes {dtypes[0]} and {dtypes[1]}: give all one dtype.")


def _check_unmasked(images):
    """Raise if a pixel of a masked array is masked."""
    parts = images if isinstance(images, (list, tuple)) else [images]
    if not any(np.ma.is_masked(part) for part in parts):
        return
    image, row, column = np.argwhere(np.ma.getmaskarray(np.ma.stack(list(images))))[0][:3]
    raise ValueError(
        f"Image {image} has a masked pixel (row {row}, column {column}): fill it first, e.g. with "
        "X.filled(0)."
    )


def _frame_pixels(table):
    """Pixels of a frame as a matrix; the columns need one numeric dtype."""
    is_arrow = is_instance(table, "pyarrow", "Table")
    names = table.column_names if is_arrow else list(table.columns)
    dtypes = list(table.schema.types if is_arrow else table.dtypes)
    other = [j for j, dtype in enumerate(dtypes) if dtype != dtypes[0]]
    if other:
        raise TypeError(
            f"Images need pixels of one dtype: column {names[0]!r} is {dtypes[0]}, column "
            f"{names[other[0]]!r} is {dtypes[other[0]]}. Convert all columns to one."
        )
    if is_arrow:
        Z = np.stack([column.to_numpy() for column in table.columns], axis=1)
    else:
        Z = table.to_numpy()
    if Z.dtype.kind not in "biuf":
        raise TypeError(
            f"Images need pixels of a NumPy dtype: column {names[0]!r} is {dtypes[0]}. Convert the "
            "columns, e.g. with X.astype('float32')."
        )
    return Z


class ImageCodec:
    """Codec of images as flat rows: ``Z`` holds the pixels, in their own dtype.

    Parameters
    ----------
    shape : tuple (h, w, channels)
        Shape of one image.
    """

    columns = ()
    is_constrained = False

    def __init__(self, shape):
        self.shape = shape

    def fit_extend(self, table, n_new):
        """Check the pixels; return ``Z`` and, unless `n_new` is None, the buffer of the result."""
        if sparse.issparse(table):
            raise TypeError("Images as rows of a sparse matrix: convert them with .toarray().")
        Z = _frame_pixels(table) if is_frame(table) else np.asarray(table)
        if Z.dtype.kind not in "biuf":
            raise TypeError(
                f"Images need pixels of one numeric dtype, got {Z.dtype}: convert them, e.g. with "
                "X.astype(np.float32)."
            )
        Z = np.ascontiguousarray(Z)
        self._check_finite(Z)
        return Z, None if n_new is None else OutputBuffer(Z, n_new)

    def _check_finite(self, Z):
        """Raise if a pixel is not finite; the message names image and place."""
        if Z.dtype.kind != "f":
            return
        for start in range(0, len(Z), BLOCK):
            finite = np.isfinite(Z[start : start + BLOCK])
            if not finite.all():
                image, place = np.argwhere(~finite)[0]
                row, column, channel = np.unravel_index(place, self.shape)
                raise ValueError(
                    f"Image {start + image} has a pixel that is NaN or infinite (row {row}, column "
                    f"{column}, channel {channel}): fill it, or leave the image out."
                )

    def finish(self, table, Z_new, buffer=None):
        """Given rows, then the new ones, in the table's own container."""
        rows = buffer.whole()
        if not is_frame(table):
            return rows
        if is_instance(table, "pyarrow", "Table"):
            return type(table).from_arrays([*rows.T.copy()], schema=table.schema)
        if not hasattr(table, "index"):
            return type(table)(rows, schema=table.columns)
        index = extend_index(table.index, len(Z_new))
        return type(table)(rows, columns=table.columns, index=index)

    def decode(self, Z_new):
        """New rows alone, an array."""
        return Z_new


class PixelScale:
    """Between pixels of any dtype and float32 images between 0 and 1.

    0 and 1 are the smallest and the largest given pixel of each channel, and no new pixel is
    outside of them.

    Parameters
    ----------
    Z : ndarray of shape (n, h * w * channels)
        Given images as rows.
    shape : tuple (h, w, channels)
        Shape of one image.
    """

    def __init__(self, Z, shape):
        self.shape, self.dtype = shape, Z.dtype
        low, high = [], []
        for start in range(0, len(Z), BLOCK):
            images = Z[start : start + BLOCK].reshape(-1, shape[2])
            low.append(images.min(axis=0))
            high.append(images.max(axis=0))
        self.least, self.most = np.min(low, axis=0), np.max(high, axis=0)
        self.low, self.high = self.least.astype(np.float64), self.most.astype(np.float64)
        # half first: the difference of two floats may overflow
        half = self.high / 2 - self.low / 2
        self.half = np.where(half > 0, half, 1.0)

    def unit(self, rows):
        """Rows as float32 images of shape (n, h, w, channels)."""
        images = np.asarray(rows).reshape(-1, *self.shape)
        out = np.empty(images.shape, np.float32)
        for start in range(0, len(images), BLOCK):
            block = slice(start, start + BLOCK)
            out[block] = (images[block] / 2 - self.low / 2) / self.half
        return out

    def write(self, images, out, label=None):
        """Write float images of any range into rows of the given dtype, clipped and rounded."""
        if not np.isfinite(images).all():
            raise FloatingPointError("An image that is not finite was generated; none is returned.")
        pixels = images.reshape(-1, *self.shape).astype(np.float64).clip(0, 1)
        pixels = ((pixels * self.half + self.low / 2) * 2).clip(self.low, self.high)
        if self.dtype.kind != "f":
            np.rint(pixels, out=pixels)
        if self.dtype.kind in "iu":
            pixels = np.minimum(pixels, _largest_float(self.dtype))
        with np.errstate(over="ignore"):
            pixels = pixels.astype(self.dtype)
        out[:] = np.minimum(np.maximum(pixels, self.least), self.most).reshape(out.shape)
        return out


def _largest_float(dtype):
    """Largest float64 within an integer dtype: 2 ** 63 - 1 itself would be rounded beyond it."""
    last = np.iinfo(dtype).max
    return float(last) if int(float(last)) <= last else np.nextafter(float(last), 0)


class RowScale:
    """Between rows of a table and standardised float32 rows, as images of one line.

    New values stay within the range of their class.

    Parameters
    ----------
    Z : ndarray of shape (n, d)
        Given rows.
    y : ndarray of shape (n,)
        Labels.
    """

    def __init__(self, Z, y):
        self.shape = (1, Z.shape[1], 1)
        self.top = max(float(np.abs(Z).max()), np.finfo(np.float64).tiny)
        scaled = Z / self.top
        self.mean, std = scaled.mean(axis=0), scaled.std(axis=0)
        self.std = np.where(std > 0, std, 1.0)
        self.ranges = {
            label: (Z[y == label].min(axis=0), Z[y == label].max(axis=0)) for label in np.unique(y)
        }

    def unit(self, rows):
        """Rows as float32 images of shape (n, 1, d, 1): 0 is a column's mean, 1 its deviation."""
        scaled = (rows / self.top - self.mean) / self.std
        return scaled.astype(np.float32).reshape(-1, *self.shape)

    def write(self, images, out, label=None):
        """Write standardised rows into rows of the table, clipped to the range of their class."""
        if not np.isfinite(images).all():
            raise FloatingPointError("A row that is not finite was generated; none is returned.")
        low, high = self.ranges[label]
        scaled = images.reshape(len(out), -1) * self.std + self.mean
        with np.errstate(over="ignore"):
            out[:] = np.clip(scaled * self.top, low, high)
        return out
