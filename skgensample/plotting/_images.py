"""Grids of images, and the plot of a comparison of their samplers."""

from typing import Any

import numpy as np

from .._typing import Figure, FilePath
from ._axes import require_matplotlib
from ._benchmark import COLORS, MARKERS


def image_grid(
    real: Any, made: Any, *, n_columns: int = 12, path: FilePath | None = None
) -> Figure:
    """Show real images above made ones, row by row.

    Parameters
    ----------
    real : ndarray of shape (n, h, w) or (n, h, w, channels)
        Given images, grey or with three channels; of other numbers of channels the mean is shown.
    made : ndarray of the same shape of an image, or dict of str to such
        Made images; a dict gives a row for each name.
    n_columns : int, default=12
        Images in a row.
    path : str or path-like, default=None
        File to save the figure to; the suffix determines the format. None saves nothing.

    Returns
    -------
    figure : matplotlib.figure.Figure
        Figure, not registered with pyplot and not shown.

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.
    ValueError
        If what is given are no stacks of images, or there is no real one.

    Examples
    --------
    >>> from skgensample.datasets import make_lung_slices
    >>> from skgensample.plotting import image_grid
    >>> images = make_lung_slices(8, random_state=0).images
    >>> len(image_grid(images[:4], images[4:], n_columns=4).axes)
    8
    """
    require_matplotlib()
    from matplotlib.figure import Figure as NewFigure

    given = made if isinstance(made, dict) else {"made": made}
    rows = [("real", _as_stack("real", real))]
    rows += [(name, _as_stack(name, images)) for name, images in given.items()]
    height = 1.0 * len(rows) + 0.1
    figure = NewFigure(figsize=(n_columns + 1.6, height), layout="constrained")
    panels = figure.subplots(len(rows), n_columns, squeeze=False)
    low, high = _limits(rows[0][1])
    for line, (name, images) in zip(panels, rows):
        line[0].set_ylabel(
            name.replace(", ", "\n"), rotation=0, ha="right", va="center", fontsize=9
        )
        for axes in line:
            axes.set(xticks=[], yticks=[])
            axes.spines[:].set_visible(False)
        for axes, image in zip(line, images):
            pixels = image.astype(float)
            if pixels.ndim == 3 and pixels.shape[2] != 3:
                pixels = pixels.mean(axis=2)
            if pixels.ndim == 3:  # colours are shown between 0 and 1
                pixels = ((pixels - low) / max(high - low, 1e-12)).clip(0, 1)
            axes.imshow(pixels, cmap="gray", vmin=low, vmax=high)
    if path is not None:
        figure.savefig(path, dpi=70)
    return figure


def _as_stack(name, images):
    """Images as an array of 3 or 4 dimensions."""
    stack = np.asarray(images)
    if stack.ndim not in (3, 4) or stack.dtype.kind not in "biuf":
        raise ValueError(
            f"The images {name!r} have shape {stack.shape} and dtype {stack.dtype}: (n, h, w) or "
            "(n, h, w, channels) of numbers is needed. Reshape flat rows."
        )
    return stack


def _limits(real):
    """Grey values shown as black and white."""
    finite = real[np.isfinite(real)]
    if not finite.size:
        raise ValueError("There are no real images, whose range of values all are shown in.")
    return float(finite.min()), float(finite.max())


def plot_image_benchmark(result: Any, path: FilePath | None = None) -> Figure:
    """Plot the scores of strategies on images, with 95 % intervals over seeds.

    Parameters
    ----------
    result : skgensample.benchmarking.ImageBenchmarkResult
        Result of `skgensample.benchmarking.run_image_benchmark`.
    path : str or path-like, default=None
        File to save the figure to; the suffix determines the format. None saves nothing.

    Returns
    -------
    figure : matplotlib.figure.Figure
        Figure, not registered with pyplot and not shown.

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> from skgensample.benchmarking import image_splits, run_image_benchmark
    >>> from skgensample.plotting import plot_image_benchmark
    >>> splits = image_splits(n_minority=10, n_samples=80, n_test=40, n_splits=2)
    >>> result = run_image_benchmark(splits, strategies=["none", "augmentation"],
    ...                              learners=["boosting"], quality=False)
    >>> len(plot_image_benchmark(result).axes)
    2
    """
    require_matplotlib()
    from matplotlib.figure import Figure as NewFigure

    figure = NewFigure(figsize=(10, 3.6), layout="constrained")
    rows = result.summary()
    names = list(dict.fromkeys(row["strategy"] for row in rows))
    learners = list(dict.fromkeys(row["learner"] for row in rows))
    titles = {"auroc": "AUROC", "recall_95": "Recall at 95 % specificity"}
    for axes, (score, title) in zip(figure.subplots(1, 2, sharey=True), titles.items()):
        for n, learner in enumerate(learners):
            ours = [row for row in rows if row["learner"] == learner]
            places = [names.index(row["strategy"]) + 0.16 * n for row in ours]
            axes.errorbar(
                [row[score] for row in ours],
                places,
                xerr=[row[f"{score}_half"] for row in ours],
                fmt=MARKERS[n],
                color=COLORS[(0, 3)[n % 2]],
                label=learner,
                markersize=5,
                capsize=2,
            )
        axes.set(title=title, ylim=(len(names) - 0.4, -0.6))
        axes.grid(axis="x", alpha=0.3)
        axes.set_yticks(range(len(names)), [name.replace("_", " ") for name in names])
    figure.axes[0].legend(fontsize=8.5)
    if path is not None:
        figure.savefig(path, dpi=90)
    return figure
