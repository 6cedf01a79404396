"""Training and test images of one seed: simulated, or from files, made scarce."""

from collections.abc import Iterator
from dataclasses import dataclass
from numbers import Integral
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.utils import check_scalar

from .._typing import FilePath
from ..datasets import load_image_folder, load_medmnist, make_lung_slices

__all__ = ["ImageSplit", "image_splits"]


@dataclass(frozen=True)
class ImageSplit:
    """Images to train on and images to test on; 1 is the minority class.

    Parameters
    ----------
    seed : int
        Number of the split, and seed of all that is drawn on it.
    X : ndarray of shape (n, h, w) or (n, h, w, channels)
        Images to train on.
    y : ndarray of shape (n,)
        Their labels, 0 and 1.
    X_test : ndarray of shape (n_test, h, w) or (n_test, h, w, channels)
        Images to test on.
    y_test : ndarray of shape (n_test,)
        Their labels.
    masks, masks_test : ndarray of shape (n, h, w), default=None
        Lesions.
    """

    seed: int
    X: np.ndarray
    y: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray
    masks: np.ndarray | None = None
    masks_test: np.ndarray | None = None


def image_splits(
    path: FilePath | None = None,
    *,
    masks: FilePath | None = None,
    minority: Any = None,
    n_minority: int = 30,
    n_samples: int = 1500,
    n_test: int = 600,
    n_splits: int = 3,
) -> Iterator[Any]:
    """Return splits of simulated slices or of a file, made scarce.

    Parameters
    ----------
    path : str or path-like, default=None
        MedMNIST file (``.npz``), whose test part is tested on, or a folder of PNG files, half of
        which are; None simulates lung slices anew for each seed.
    masks : str or path-like, default=None
        Folder of masks for a folder of PNG files.
    minority : str, default=None
        Label of the minority class of a file of two classes; None for the smaller one.
    n_minority : int, default=30
        Training images kept of the minority class.
    n_samples : int, default=1500
        Simulated training images in all.
    n_test : int, default=600
        Simulated test images, half of them with a nodule.
    n_splits : int, default=3
        Number of splits; seeds count from 0.

    Returns
    -------
    splits : iterator of ImageSplit
        One after another, so that one is in memory at a time.

    Raises
    ------
    ValueError
        If a number is out of range, an argument does not fit the kind of data, or a file does not
        have two classes, or too few images of one.

    Examples
    --------
    >>> from skgensample.benchmarking import image_splits
    >>> (split,) = image_splits(n_minority=5, n_samples=50, n_test=20, n_splits=1)
    >>> split.X.shape, int(split.y.sum()), int(split.y_test.sum())
    ((50, 64, 64), 5, 10)
    """
    check_scalar(n_splits, "n_splits", Integral, min_val=1)
    check_scalar(n_minority, "n_minority", Integral, min_val=1)
    if path is None:
        if masks is not None or minority is not None:
            raise ValueError("masks and minority are for images from a path: give one.")
        check_scalar(n_samples, "n_samples", Integral, min_val=2)
        check_scalar(n_test, "n_test", Integral, min_val=2)
        if n_minority >= n_samples:
            raise ValueError(f"n_minority={n_minority} of n_samples={n_samples} leaves no others.")
        return (_simulated(seed, n_minority, n_samples, n_test) for seed in range(n_splits))
    images, labels, masks_of, is_test = _read(path, masks)
    chosen = _minority_of(labels, minority)
    y = (labels == chosen).astype(int)
    if is_test is not None and len(np.unique(y[is_test])) < 2:
        raise ValueError(f"The test part of {Path(path).name} has images of one class only.")
    return (
        _scarce(seed, images, y, masks_of, is_test, n_minority, chosen) for seed in range(n_splits)
    )


def _simulated(seed, n_minority, n_samples, n_test):
    """Slices simulated for one seed."""
    train = make_lung_slices(n_samples, nodule_fraction=n_minority / n_samples, random_state=seed)
    test = make_lung_slices(n_test, nodule_fraction=0.5, random_state=10_000 + seed)
    return ImageSplit(
        seed, train.images, train.target, test.images, test.target, train.masks, test.masks
    )


def _read(path, masks):
    """Images, labels, masks, and which of them are for testing (None: to be split)."""
    if Path(path).suffix.lower() == ".npz":
        if masks is not None:
            raise ValueError("masks are for a folder of PNG files, and path is a MedMNIST file.")
        data = load_medmnist(path, split="all")
        return data.images, data.target, None, data.split == "test"
    data = load_image_folder(path, masks=masks)
    return data.images, data.target, data.masks, None


def _minority_of(labels, minority):
    """Label of the minority class of two: the one of this name, or the smaller one."""
    names, counts = np.unique(labels, return_counts=True)
    if len(names) != 2:
        raise ValueError(f"Two classes are compared, and the file has {len(names)}.")
    texts = [str(name) for name in names]
    if minority is not None and str(minority) not in texts:
        raise ValueError(f"No class {minority!r}: give one of {', '.join(texts)}.")
    return names[counts.argmin()] if minority is None else names[texts.index(str(minority))]


def _scarce(seed, images, y, masks, is_test, n_minority, chosen):
    """A split of a file, with few training images of the minority class."""
    rng = np.random.RandomState(seed)
    if is_test is None:
        is_test = np.zeros(len(y), bool)
        for label in (0, 1):
            own = rng.permutation(np.flatnonzero(y == label))
            is_test[own[: len(own) // 2]] = True
    rare = np.flatnonzero((y == 1) & ~is_test)
    if len(rare) < n_minority:
        raise ValueError(
            f"Class {chosen} has {len(rare)} images to train on, fewer than {n_minority}."
        )
    kept = np.sort(np.r_[rng.permutation(rare)[:n_minority], np.flatnonzero((y == 0) & ~is_test)])
    test = np.flatnonzero(is_test)
    parts = (None, None) if masks is None else (masks[kept], masks[test])
    return ImageSplit(seed, images[kept], y[kept], images[test], y[test], *parts)
