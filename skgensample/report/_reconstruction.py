"""Reconstruction of real rows from interpolated ones, after Ganev et al. (arXiv 2510.15083).

A row that SMOTE interpolates lies on the line between two real rows. Three synthetic rows on one
line betray the line, and two lines betray the real row in which they meet.
"""

from typing import NamedTuple

import numpy as np

from ..search import NumbaNearestNeighbors

#: Synthetic rows among which lines are searched, and neighbours of each that are looked at.
MOST_ROWS, NEIGHBORS = 20_000, 40
#: Lines of which all pairs are tried.
MOST_LINES = 3_000
#: Rows on a line deviate from it by rounding error only, in ranges of the columns.
TOLERANCE = 1e-7
#: Directions of two neighbours on one line agree so far.
PARALLEL = 1 - 1e-11
#: A reconstructed row is a real one if it is so near, in ranges of the columns.
NEAR = 1e-4
#: In the plane any two lines meet: columns of unrounded numbers that are needed.
LEAST_COLUMNS = 3
_BLOCK = 256


class Reconstruction(NamedTuple):
    """Result of `reconstruct`."""

    lines: int
    points: np.ndarray


def unrounded(Z, columns):
    """Columns of numbers that hardly repeat, in which a line is exact."""
    found = []
    for column in columns:
        z = Z[:, column.index]
        z = z[~np.isnan(z)]
        if column.kind == "float" and len(z) and len(np.unique(z)) > 0.5 * len(z):
            found.append(column.index)
    return found


def reconstruct(rows, rng):
    """Points in which lines through three or more of the rows meet.

    Parameters
    ----------
    rows : ndarray of shape (n, d)
        Synthetic rows, scaled, without missing cells, three columns or more.
    rng : RandomState
        Source of the sample of lines.

    Returns
    -------
    Reconstruction
        Number of lines, and the points, of shape (n_points, d).
    """
    rows = np.unique(rows, axis=0)
    through, along = _lines(rows)
    n_lines = len(through)
    if n_lines > MOST_LINES:
        kept = np.sort(rng.permutation(n_lines)[:MOST_LINES])
        through, along = through[kept], along[kept]
    return Reconstruction(n_lines, _meetings(through, along))


def _lines(rows):
    """A point and the direction of each line through three or more rows."""
    k = min(NEIGHBORS, len(rows) - 1)
    if k < 2:
        return np.empty((0, rows.shape[1])), np.empty((0, rows.shape[1]))
    search = NumbaNearestNeighbors(k + 1).fit(rows)
    lines = {}
    for start in range(0, len(rows), _BLOCK):
        own = rows[start : start + _BLOCK]
        near = search.kneighbors(own, return_distance=False)
        near = np.where(near == np.arange(start, start + len(own))[:, None], near[:, -1:], near)
        ways = rows[near[:, :-1]] - own[:, None, :]
        length = np.linalg.norm(ways, axis=2, keepdims=True)
        ways /= np.maximum(length, 1e-300)
        alike = np.abs(ways @ ways.transpose(0, 2, 1)) > PARALLEL
        a, i, j = np.nonzero(np.triu(alike, k=1))
        fine = (near[a, i] != near[a, j]) & (length[a, i, 0] > 0) & (length[a, j, 0] > 0)
        for p, q, r in zip(a[fine], i[fine], j[fine]):
            _add(lines, own[p], ways[p, q if length[p, q] > length[p, r] else r])
    if not lines:
        return np.empty((0, rows.shape[1])), np.empty((0, rows.shape[1]))
    through, along = map(np.array, zip(*lines.values()))
    return through, along


def _add(lines, point, way):
    """Note a line, once: by its direction and the point of it nearest the origin."""
    way = way if way[np.argmax(np.abs(way))] > 0 else -way
    foot = point - (point @ way) * way
    lines.setdefault((*np.round(foot, 4), *np.round(way, 3)), (point, way))


def _meetings(through, along):
    """Points in which two lines meet, each once."""
    found = []
    for i in range(len(through) - 1):
        p, u = through[i], along[i]
        q, v = through[i + 1 :], along[i + 1 :]
        cosine = v @ u
        apart = 1 - cosine**2
        w = p - q
        safe = np.maximum(apart, 1e-12)
        s = (cosine * np.einsum("ij,ij->i", w, v) - w @ u) / safe
        t = (np.einsum("ij,ij->i", w, v) - cosine * (w @ u)) / safe
        one, other = p + s[:, None] * u, q + t[:, None] * v
        meet = (apart > 1e-6) & (np.abs(one - other).max(axis=1) < 100 * TOLERANCE)
        meet &= (np.abs(s) < 2) & (np.abs(t) < 2)
        found.append(one[meet])
    points = np.concatenate(found) if found else np.empty((0, through.shape[1]))
    _, first = np.unique(np.round(points, 4), axis=0, return_index=True)
    return points[first]


def matched(points, rows):
    """Which points are one of the rows, and how many rows are met."""
    if not len(points):
        return 0, 0
    distance, nearest = NumbaNearestNeighbors(1).fit(rows).kneighbors(points)
    hit = distance[:, 0] < NEAR
    return int(hit.sum()), len(np.unique(nearest[hit]))
