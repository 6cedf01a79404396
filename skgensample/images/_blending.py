"""Set a lesion into an image: feathered alpha blending, or Poisson blending."""

from dataclasses import replace

import numpy as np
from scipy import ndimage, sparse
from scipy.sparse.linalg import spsolve

from ._placement import surroundings

__all__ = ["set_into"]

#: Opacity below which a pixel is left as it is.
LEAST_ALPHA = 0.02
#: Distance at which the soft edge falls below it, in multiples of `feather`.
REACH = 2.3


def set_into(image, lesion, place, *, feather, blend="alpha", side="all"):
    """Set a lesion into an image, its brightness matched to what lies around it.

    Parameters
    ----------
    image : ndarray of shape (h, w, channels)
        Background, not changed.
    lesion : Lesion
        Texture and mask; the patch has odd sides.
    place : tuple (row, column)
        Pixel of the background at the centre of the lesion.
    feather : float
        Standard deviation in pixels of the soft edge.
    blend : {"alpha", "poisson"}, default="alpha"
        Weighted mean, or the gradients of the lesion in the given surroundings.
    side : {"dark", "bright", "all"}, default="all"
        Side of the threshold on which the surroundings are looked at.

    Returns
    -------
    composed : ndarray of shape (h, w, channels)
        The new image.
    mask : ndarray of shape (h, w) of bool
        Where the lesion is.
    """
    lesion = _with_room(lesion, feather)
    ours, theirs = _windows(lesion.mask.shape, place, image.shape)
    full = lesion.mask > 0.5
    alpha = ndimage.gaussian_filter(np.pad(lesion.mask, 1), feather)[1:-1, 1:-1]
    if lesion.parent >= 0:  # a given lesion comes with its own edge: keep it inside the soft one
        alpha = np.minimum(1.6 * alpha, 1.0)
    alpha = np.where(full, np.maximum(alpha, 0.5), alpha)[ours]
    composed, mask = image.copy(), np.zeros(image.shape[:2], bool)
    mask[theirs] = full[ours]
    under = image[theirs]
    near = alpha > LEAST_ALPHA
    around, texture = surroundings(image, mask, side), lesion.texture[ours]
    weight = np.where(near, alpha, 0)[:, :, None]
    if blend == "poisson":  # the weight keeps gradients of the old surroundings out
        composed[theirs] = _poisson(under, weight * texture + around, near)
    else:
        composed[theirs] = under + weight * (texture + around - under)
    return composed, mask


def _with_room(lesion, feather):
    """The lesion in a patch that the soft edge fits into."""
    full = lesion.mask > 0.5
    pad = []
    for axis, size in enumerate(full.shape):
        places = np.flatnonzero(full.any(axis=1 - axis))
        room = min(places[0], size - 1 - places[-1])
        pad.append(max(int(np.ceil(REACH * feather)) - room, 0) if size > 1 else 0)
    if not any(pad):
        return lesion
    pad = [(n, n) for n in pad]
    texture = np.pad(lesion.texture, [*pad, (0, 0)], mode="edge")
    return replace(lesion, texture=texture, mask=np.pad(lesion.mask, pad))


def _windows(patch_shape, place, shape):
    """Slices of patch and image that lie on each other."""
    ours, theirs = [], []
    for size, at, limit in zip(patch_shape, place, shape):
        first = int(at) - size // 2
        start, stop = max(first, 0), min(first + size, limit)
        theirs.append(slice(start, stop))
        ours.append(slice(start - first, stop - first))
    return tuple(ours), tuple(theirs)


def _poisson(under, target, inside):
    """Pixels with the gradients of `target` inside, and those of `under` around (Pérez 2003).

    Neighbours beyond the patch have no weight, which lets gradients end there.
    """
    number = np.full(inside.shape, -1)
    number[inside] = np.arange(np.count_nonzero(inside))
    place = np.argwhere(inside)
    n, channels = len(place), under.shape[2]
    right, degree = np.zeros((n, channels)), np.zeros(n)
    rows, columns = [], []
    for step in ((0, 1), (0, -1), (1, 0), (-1, 0)):
        other = place + step
        kept = np.flatnonzero(((other >= 0) & (other < inside.shape)).all(axis=1))
        here, there = tuple(place[kept].T), tuple(other[kept].T)
        degree[kept] += 1
        right[kept] += target[here] - target[there]
        within = inside[there]
        rows.append(kept[within])
        columns.append(number[there][within])
        outside = ~within
        right[kept[outside]] += under[tuple(other[kept[outside]].T)]
    rows, columns = np.concatenate(rows), np.concatenate(columns)
    off = sparse.coo_matrix((-np.ones(len(rows)), (rows, columns)), shape=(n, n))
    matrix = (sparse.diags(degree + 1e-9) + off).tocsc()
    out = under.copy()
    solved = spsolve(matrix, right)
    out[inside] = np.reshape(solved, (n, channels))
    return out
