"""Axes to draw on, colours and labels, the same for all displays."""

from importlib.util import find_spec

import numpy as np

from ..exceptions import MissingExtraError

#: Colour-blind safe palette of Okabe and Ito, without black and yellow, for classes.
CLASS_COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
GIVEN, GENERATED = "#0072b2", "#d55e00"
PALE = "#c8c8c8"
#: Characters of a label that is drawn.
LABEL_LENGTH = 24


def require_matplotlib():
    """Raise an error that names the extra if matplotlib is not installed."""
    if find_spec("matplotlib") is None:
        raise MissingExtraError(
            "Plots need matplotlib: install it with `pip install 'skgensample[plot]'`."
        )


def axes_for(ax, shape, size):
    """Return a grid of axes.

    Parameters
    ----------
    ax : matplotlib Axes, array of Axes or None
        Axes that are divided into the grid; a grid of the user's own; or None for a new figure.
    shape : tuple of int
        Rows and columns of the grid.
    size : tuple of float
        Width and height in inches of a new figure.

    Returns
    -------
    axes : ndarray of Axes, of shape (rows * columns,)

    Raises
    ------
    ValueError
        If fewer axes are given than the display has panels.
    """
    require_matplotlib()
    n_panels = shape[0] * shape[1]
    if ax is None:
        import matplotlib.pyplot as plt

        _, axes = plt.subplots(*shape, figsize=size, squeeze=False, layout="constrained")
        return axes.ravel()
    given = np.ravel(np.asarray(ax, dtype=object))
    if given.size == 1 and n_panels > 1:
        one = given[0]
        one.set_axis_off()
        return one.get_subplotspec().subgridspec(*shape).subplots(squeeze=False).ravel()
    if given.size < n_panels:
        raise ValueError(f"The display has {n_panels} panels and got {given.size} axes.")
    return given[:n_panels]


def shown(label):
    """Return a label as text for matplotlib: short, and without its mathematical notation."""
    label = label.item() if isinstance(label, np.generic) else label
    text = " ".join(str(label).split())
    text = (
        text if len(text) <= LABEL_LENGTH else text[: LABEL_LENGTH - 1] + "\N{HORIZONTAL ELLIPSIS}"
    )
    return text.replace("$", r"\$")


def class_color(position):
    """Return the colour of a class, by its position among the sorted labels."""
    return CLASS_COLORS[position % len(CLASS_COLORS)]
