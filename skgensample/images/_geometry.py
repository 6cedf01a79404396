"""Affine maps and smooth deformations of single images (SciPy)."""

import numpy as np
from scipy import ndimage

__all__ = ["affine_matrix", "smooth_noise", "warped"]


def affine_matrix(angle=0.0, scale=1.0, flip=False):
    """Matrix that turns by an angle in radians, enlarges by `scale` and mirrors left and right."""
    cos, sin = np.cos(angle), np.sin(angle)
    turn = np.array([[cos, -sin], [sin, cos]])
    return turn @ np.diag([1.0, -1.0 if flip else 1.0]) * scale


def warped(image, matrix, *, shift=(0.0, 0.0), out_shape=None, mode="nearest", order=1):
    """Map an image about its centre.

    Parameters
    ----------
    image : ndarray of shape (h, w) or (h, w, channels)
        The image.
    matrix : ndarray of shape (2, 2)
        Linear map, from the old place of a pixel to the new.
    shift : tuple of two floats, default=(0.0, 0.0)
        Rows and columns by which it is moved afterwards.
    out_shape : tuple of two ints, default=None
        Height and width of the result; None for those of the image.
    mode : str, default="nearest"
        What lies outside the image; see `scipy.ndimage.affine_transform`.
    order : int, default=1
        Order of the interpolating spline.

    Returns
    -------
    ndarray of shape (*out_shape, ...)
    """
    out_shape = image.shape[:2] if out_shape is None else out_shape
    back = np.linalg.inv(matrix)
    centre = (np.array(image.shape[:2]) - 1) / 2
    offset = centre - back @ ((np.array(out_shape) - 1) / 2 + np.asarray(shift))
    options = {"offset": offset, "output_shape": tuple(out_shape), "mode": mode, "order": order}
    if image.ndim == 2:
        return ndimage.affine_transform(image, back, **options)
    planes = [
        ndimage.affine_transform(plane, back, **options) for plane in np.moveaxis(image, 2, 0)
    ]
    return np.stack(planes, axis=2)


def smooth_noise(rng, shape, width):
    """Normal noise, smoothed over `width` pixels and of standard deviation 1."""
    noise = ndimage.gaussian_filter(rng.standard_normal(shape), width, mode="wrap")
    return noise / max(float(noise.std()), 1e-12)
