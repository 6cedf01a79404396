"""Loaders of image sets: MedMNIST archives, and folders of PNG files with masks."""

import warnings
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
        If the part is unknown, the file is no archive, an array is missing, images are not
        two-dimensional, or they do not have one label each.

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
    images: list[np.ndarray] = []
    labels: list[np.ndarray] = []
    parts: list[str] = []
    with _archive(path) as archive:
        for part in SPLITS if split == "all" else [split]:
            own = _array(archive, f"{part}_images", path)
            own_labels = _array(archive, f"{part}_labels", path)
            _check_part(own, own_labels, f"{part}_images", images)
            images.append(own)
            labels.append(own_labels.reshape(-1))
            parts += [part] * len(images[-1])
    return Bunch(
        images=np.concatenate(images), target=np.concatenate(labels), split=np.array(parts)
    )


def _archive(path):
    """Open an archive; other files are refused by name."""
    try:
        archive = np.load(path, allow_pickle=False)
    except ValueError:
        archive = None
    if not isinstance(archive, np.lib.npyio.NpzFile):
        raise ValueError(f"{Path(path).name} is no archive of arrays (.npz).")
    return archive


def _array(archive, name, path):
    """One array of an archive."""
    if name not in archive:
        raise ValueError(f"{Path(path).name} has no array {name!r}.")
    try:
        return archive[name]
    except ValueError:
        raise ValueError(f"{Path(path).name}: array {name!r} holds objects, not numbers.") from None


def _check_part(images, labels, name, before):
    """Raise unless these are two-dimensional images with a label each, of the size of others."""
    if images.ndim not in (3, 4) or (images.ndim == 4 and images.shape[3] not in (1, 3)):
        raise ValueError(
            f"{name} has shape {images.shape}: (n, h, w) or (n, h, w, 3) is needed. Of a "
            "three-dimensional set take slices."
        )
    if len(labels) != len(images):
        raise ValueError(f"{name} has {len(images)} images and {len(labels)} labels.")
    if labels.size != len(images):
        per_image = int(np.prod(labels.shape[1:]))
        raise ValueError(f"Images have {per_image} labels each: one is needed.")
    if before and images.shape[1:] != before[0].shape[1:]:
        raise ValueError(
            f"{name} has images of shape {images.shape[1:]}, and an earlier part of shape "
            f"{before[0].shape[1:]}."
        )


def load_image_folder(path: FilePath, *, masks: FilePath | None = None) -> Any:
    """Read PNG files of equal size from a folder with one subfolder for each class.

    Parameters
    ----------
    path : str or path-like
        Folder; ``path/benign/1.png`` is an image of class "benign". Grey images of 8 or 16 bits
        are read as they are; palettes are converted to colours, and an alpha channel is dropped.
    masks : str or path-like, default=None
        Folder with a mask at the same relative path as its image; a pixel (of a palette, its
        index) that is not 0 is the lesion. Images without such a file have an empty mask.

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
    FileNotFoundError
        If a folder is not there.
    ValueError
        If there is no image, no mask belongs to an image, a file cannot be read, or images or
        masks differ in size; the message names the file.

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
    files = _png_files(root)
    images = _stacked(files, root, _pixels)
    found = None
    if masks is not None:
        found = np.zeros(images.shape[:3], bool)
        for i, mask in _matched(files, root, Path(masks)):
            found[i] = _mask(mask, images.shape[1:3])
    return Bunch(
        images=images,
        target=np.array([file.parent.name for file in files]),
        masks=found,
        filenames=[str(file.relative_to(root)) for file in files],
    )


def _png_files(root):
    """PNG files in the subfolders of a folder, sorted; a warning if others are left out."""
    if not root.is_dir():
        raise FileNotFoundError(f"There is no folder {root}.")
    every = [p for p in root.rglob("*") if _is_png(p)]
    files = sorted(p for p in every if p.parent.parent == root)
    if not files:
        raise ValueError(f"{root.name} has no PNG file in a subfolder for each class.")
    if len(every) > len(files):
        left = min(set(every) - set(files))
        warnings.warn(
            f"{len(every) - len(files)} PNG files of {root.name} are not in a folder of a class, "
            f"and left out: {left.relative_to(root)}, for example.",
            UserWarning,
            stacklevel=3,
        )
    return files


def _is_png(path):
    """Whether a path is a PNG file that is not hidden, as those of macOS are."""
    return path.suffix.lower() == ".png" and not path.name.startswith(".") and path.is_file()


def _matched(files, root, masks):
    """Numbers of images and the files of their masks."""
    if not masks.is_dir():
        raise FileNotFoundError(f"There is no folder of masks {masks}.")
    names = {file.relative_to(root): i for i, file in enumerate(files)}
    given = sorted(p.relative_to(masks) for p in masks.rglob("*") if _is_png(p))
    lost = [str(name) for name in given if name not in names]
    if len(lost) == len(given):
        raise ValueError(
            f"No file of the folder of masks {masks.name} has the relative path of an image, such "
            f"as {files[0].relative_to(root)}."
        )
    if lost:
        warnings.warn(
            f"{len(lost)} masks belong to no image, and are left out: {lost[0]}, for example.",
            UserWarning,
            stacklevel=3,
        )
    return [(names[name], masks / name) for name in given if name in names]


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
    image = _opened(file)
    if image.mode in ("P", "PA", "RGBA", "CMYK"):
        image = image.convert("RGB")
    elif image.mode == "LA":
        image = image.convert("L")
    pixels = np.asarray(image)
    return pixels.astype(np.uint16) if pixels.dtype == np.int32 else pixels


def _opened(file):
    """Image of a file, its pixels read; errors name the file."""
    try:
        with _pillow().open(file) as image:
            image.load()
            return image
    except (OSError, SyntaxError) as error:
        raise ValueError(f"{file.parent.name}/{file.name} cannot be read as an image.") from error


def _mask(file, shape):
    """Mask of one image: where any colour is not 0; of a palette, where the index is not 0."""
    image = _opened(file)
    pixels = np.asarray(image) if image.mode == "P" else _pixels(file)
    pixels = pixels.any(axis=2) if pixels.ndim == 3 else pixels
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
