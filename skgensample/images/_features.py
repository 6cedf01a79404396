"""A fixed map from images to few numbers: brightness, edges by direction, and fine grain."""

import numpy as np
from scipy import ndimage

__all__ = ["fixed_features"]

#: Cells along each side for brightness and for edges; directions of edges; images at a time.
CELLS, EDGE_CELLS, DIRECTIONS, BLOCK = 6, 3, 6, 256


def fixed_features(images):
    """Describe images by numbers that no training has chosen.

    Parameters
    ----------
    images : ndarray of shape (n, h, w, channels)
        Images between 0 and 1, or rows of a table as images of one line.

    Returns
    -------
    ndarray of shape (n, n_features)
        For each channel the means of 6 x 6 cells, the energy of edges in 6 directions in 3 x 3
        cells, and the standard deviation of details of three sizes. Rows of a table as they are.

    Notes
    -----
    The energies follow histograms of oriented gradients (Dalal and Triggs 2005).
    """
    if images.shape[1] == 1:
        return images.reshape(len(images), -1).astype(np.float64)
    blocks = range(0, len(images), BLOCK)
    return np.concatenate([_described(images[start : start + BLOCK]) for start in blocks])


def _described(images):
    images = np.moveaxis(images.astype(np.float64), 3, 1)
    dy, dx = np.gradient(images, axis=(2, 3)) if min(images.shape[2:]) > 1 else (images, images)
    strength, angle = np.hypot(dy, dx), np.arctan2(dy, dx) % np.pi
    direction = np.minimum((angle * DIRECTIONS / np.pi).astype(int), DIRECTIONS - 1)
    parts = [_cell_means(images, CELLS)]
    for k in range(DIRECTIONS):
        parts.append(_cell_means(np.where(direction == k, strength, 0), EDGE_CELLS))
    smooth = images
    for width in (0.7, 1.4, 2.8):
        before, smooth = smooth, ndimage.gaussian_filter(images, (0, 0, width, width))
        parts.append((before - smooth).std(axis=(2, 3)))
    return np.concatenate([part.reshape(len(images), -1) for part in parts], axis=1)


def _cell_means(images, n):
    """Means over n x n cells, or over single pixels of smaller images."""
    for axis in (2, 3):
        size = images.shape[axis]
        starts = np.unique(np.arange(min(n, size)) * size // min(n, size))
        counts = np.diff([*starts, size])
        shape = [-1 if a == axis else 1 for a in range(4)]
        images = np.add.reduceat(images, starts, axis=axis) / counts.reshape(shape)
    return images
