"""Statistics of each column within each class: ranges, quantiles, frequencies of categories."""

import numpy as np

from .blocks import FEW_CELLS, ModeSpecificBlock
from .quantiles import NumberQuantiles


def labels_by_appearance(y):
    """Labels in order of first occurrence, each row's index among them, and their counts.

    The order does not depend on the labels' names, so renaming classes does not change the rows.
    """
    labels, first, group, counts = np.unique(
        y, return_index=True, return_inverse=True, return_counts=True
    )
    order = np.argsort(first)
    return labels[order], np.argsort(order)[group], counts[order]


def class_ranges(Z, group, columns):
    """Least and largest value of each column within each class, (n_classes, 2, d).

    Of a table whose extremes are drawn in, see `draw_in`. Categories have no order, hence no
    bounds. NaN where all of a class's cells are missing, and
    so will new ones be. A class with one cell in a column gets the bounds of the whole
    column: its own would be a copy of that cell.
    """
    rows = [group == g for g in range(int(group.max()) + 1)]
    boxes = np.empty((len(rows), 2, Z.shape[1]), Z.dtype)
    for j in range(Z.shape[1]):  # a column at a time: no copy of the table
        x = np.ascontiguousarray(Z[:, j])
        for box, own in zip(boxes, rows):
            part = x[own]
            part = x if np.count_nonzero(~np.isnan(part)) == 1 else part
            box[:, j] = np.fmin.reduce(part), np.fmax.reduce(part)
    unordered = [c.index for c in columns if c.kind == "categorical"]
    boxes[:, :, unordered] = np.array([-np.inf, np.inf])[:, None]
    return boxes


def class_frequencies(codes, group, layout):
    """Frequency of each code in each class, of shape (n_classes, width of all spans).

    Additive smoothing: each class counts one more row, distributed as in the whole table, so that a
    level absent from the class is rare in generated rows and not impossible.
    """
    n_classes = int(group.max()) + 1
    counts = [np.empty((n_classes, 0), dtype=np.intp)]
    for code, width in zip(codes.T, layout.widths):
        cells = np.bincount(group * width + code, minlength=n_classes * width)
        counts.append(cells.reshape(n_classes, width))
    counts = np.concatenate(counts, axis=1)
    overall = counts.sum(axis=0) / len(codes)
    return (counts + overall) / (np.bincount(group)[:, None] + 1)


def class_quantiles(Z, group, encoder):
    """Quantiles of each class in the columns that are encoded by their values.

    Parameters
    ----------
    Z : ndarray of shape (n, d)
        Encoded table, NaN where a cell is missing.
    group : ndarray of shape (n,) of int
        Class index of each row.
    encoder : BlockEncoder
        How rows are encoded.

    Returns
    -------
    list of dict of int to NumberQuantiles
        For each class, by column; none where the class has fewer than 30 cells.
    """
    columns = [j for j, b in enumerate(encoder.blocks) if isinstance(b, ModeSpecificBlock)]
    found = [{} for _ in range(int(group.max()) + 1)]
    for g, quantiles in enumerate(found):
        for j in columns:
            cells = Z[:, j][group == g]
            values, counts = np.unique(cells[~np.isnan(cells)], return_counts=True)
            if counts.sum() >= FEW_CELLS:
                quantiles[j] = NumberQuantiles(values, counts, observed_only=False)
    return found


def code_frequencies(outputs, group, n_codes):
    """Frequency of each output code in each class, for each column but the class.

    Additive smoothing: each class counts two more rows, distributed as in the whole table.
    """
    n_classes, sizes = int(group.max()) + 1, np.bincount(group)
    found = []
    for place, n in enumerate(n_codes[1:], 1):
        cells = group * n + outputs[:, place]
        counts = np.bincount(cells, minlength=n_classes * n).reshape(n_classes, n)
        whole = counts.sum(axis=0) / len(group)
        found.append((counts + 2 * whole) / (sizes[:, None] + 2))
    return found
