"""Loaders of image sets: MedMNIST archives, and folders of PNG files with masks."""

from pathlib import Path
from typing import Any

import numpy as np
from sklearn.utils import Bunch

from .._typing import FilePath
from ..exceptions import MissingExtraError

SPLITS = ("train", "val", "test")


def load_medmnist(path: FilePath, *, split: str = "train") -> Any:
    """Read a file of MedMNIST (``.npz``) of any of its two-dimensional sets.

    Parameters
    ----------
    path : str or path-like
        Archive with the arrays ``train_images``, ``train_labels``, and the same of ``val`` and
        ``test``.
    split : {"train", "val", "test", "all"}, default="train"
        Which part to read.

    Returns
    -------
    data : Bunch
        ``images``: ndarray of shape (n, h, w) or (n, h, w, channels) as in the file; ``target``:
        ndarray of shape (n,); ``split``: ndarray of shape (n,), the part of each image.

    Raises
    ------
    ValueError
        If the part is unknown, an array is missing, or images have more than one label.

    References
    ----------
    .. [1] J. Yang et al., "MedMNIST v2 - A large-scale lightweight benchmark for 2D and 3D
       biomedical image classification", Scientific Data 10, 41, 2023.

    Examples
    --------
    >>> import numpy as np, tempfile, pathlib
    >>> from skgensample.datasets import load_medmnist
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "tiny.npz"
    ...     images, labels = np.zeros((3, 28, 28), np.uint8), np.array([[0], [1], [0]])
    ...     np.savez(path, train_images=images, train_labels=labels)
    ...     load_medmnist(path).target
    array([0, 1, 0])
    """
    if split not in (*SPLITS, "all"):
        raise ValueError(f"split={split!r}: give one of {', '.join(SPLITS)} or all.")
    images, labels, parts = [], [], []
    with np.load(path, allow_pickle=False) as archive:
        for part in SPLITS if split == "all" else [split]:
            names = (f"{part}_images", f"{part}_labels")
            missing = [name for name in names if name not in archive]
            if missing:
                raise ValueError(f"{Path(path).name} has no array {missing[0]!r}.")
            images.append(archive[names[0]])
            labels.append(archive[names[1]].reshape(len(images[-1]), -1))
            parts += [part] * len(images[-1])
    target = np.concatenate(labels)
    if target.shape[1] != 1:
        raise ValueError(f"Images have {target.shape[1]} labels each: one is needed.")
    return Bunch(images=np.concatenate(images), target=target[:, 0], split=np.array(parts))


def load_image_folder(path: FilePath, *, masks: FilePath | None = None) -> Any:
    """Read PNG files of equal size from a folder with one subfolder for each class.

    Parameters
    ----------
    path : str or path-like
        Folder; ``path/benign/1.png`` is an image of class "benign". Grey images of 8 or 16 bits
        are read as they are; palettes are converted to colours, and an alpha channel is dropped.
    masks : str or path-like, default=None
        Folder with a mask at the same relative path as its image; not 0 is the lesion. Images
        without such a file have an empty mask.

    Returns
    -------
    data : Bunch
        ``images``: ndarray of shape (n, h, w) or (n, h, w, 3); ``target``: ndarray of shape (n,),
        names of the subfolders; ``masks``: ndarray of bool of shape (n, h, w), None without
        `masks`; ``filenames``: list of n relative paths, sorted.

    Raises
    ------
    MissingExtraError
        If Pillow is not installed.
    ValueError
        If there is no image, or images or masks differ in size; the message names the file.

    Examples
    --------
    >>> import numpy as np, tempfile, pathlib
    >>> from PIL import Image
    >>> from skgensample.datasets import load_image_folder
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for label in ("healthy", "nodule"):
    ...         (pathlib.Path(folder) / label).mkdir()
    ...         image = Image.fromarray(np.zeros((8, 8), np.uint8))
    ...         image.save(pathlib.Path(folder) / label / "1.png")
    ...     load_image_folder(folder).target.tolist()
    ['healthy', 'nodule']
    """
    root = Path(path)
    files = sorted(p for p in root.glob("*/*") if p.suffix.lower() == ".png")
    if not files:
        raise ValueError(f"{root.name} has no PNG file in a subfolder for each class.")
    images = _stacked(files, root, _pixels)
    found = None
    if masks is not None:
        found = np.zeros(images.shape[:3], bool)
        for i, file in enumerate(files):
            mask = Path(masks) / file.relative_to(root)
            if mask.exists():
                found[i] = _mask(mask, images.shape[1:3])
    return Bunch(
        images=images,
        target=np.array([file.parent.name for file in files]),
        masks=found,
        filenames=[str(file.relative_to(root)) for file in files],
    )


def _stacked(files, root, read):
    """One array of all files; they need one size."""
    first = read(files[0])
    stack = np.empty((len(files), *first.shape), first.dtype)
    for i, file in enumerate(files):
        pixels = read(file)
        if pixels.shape != first.shape or pixels.dtype != first.dtype:
            raise ValueError(
                f"{file.relative_to(root)} is {pixels.dtype} of shape {pixels.shape}, and the "
                f"first image {first.dtype} of shape {first.shape}: convert all to one size."
            )
        stack[i] = pixels
    return stack


def _pixels(file):
    """Pixels of one file, grey or with three channels."""
    with _pillow().open(file) as image:
        if image.mode in ("P", "PA", "RGBA", "CMYK"):
            image = image.convert("RGB")
        elif image.mode == "LA":
            image = image.convert("L")
        pixels = np.asarray(image)
    return pixels.astype(np.uint16) if pixels.dtype == np.int32 else pixels


def _mask(file, shape):
    """Mask of one image: where its first channel is not 0."""
    pixels = _pixels(file)
    pixels = pixels[..., 0] if pixels.ndim == 3 else pixels
    if pixels.shape != shape:
        raise ValueError(f"Mask {file.name} has shape {pixels.shape}, and its image {shape}.")
    return pixels != 0


def _pillow():
    """Pillow's Image module, or an error with the extra that installs it."""
    try:
        from PIL import Image
    except ModuleNotFoundError:
        raise MissingExtraError(
            "PNG files need Pillow: install it with `pip install 'skgensample[images]'`."
        ) from None
    return Image
