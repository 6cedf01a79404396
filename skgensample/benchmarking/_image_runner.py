"""The comparison of strategies on images: every cell a strategy, a learner and a seed."""

import hashlib
import json
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.decomposition import PCA
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.metrics import balanced_accuracy_score, roc_auc_score, roc_curve
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from .._typing import FilePath
from ..images import has_torch
from ..metrics import closest_record_share
from ._image_result import ImageBenchmarkResult
from ._image_strategies import (
    IMAGE_LEARNERS,
    IMAGE_STRATEGIES,
    N_COMPONENTS,
    NEED_MASKS,
    NEED_TORCH,
    image_learner,
    new_images,
)

__all__ = ["run_image_benchmark"]

#: Images that a two-sample test compares at most, of each kind; side of crops around lesions.
MOST_COMPARED, CROP = 300, 24


def run_image_benchmark(
    splits: Any,
    *,
    strategies: Sequence[str] | None = None,
    learners: Sequence[str] | None = None,
    max_steps: int = 300,
    quality: bool = True,
    checkpoint: FilePath | None = None,
    progress: Callable[[str], object] | None = None,
) -> ImageBenchmarkResult:
    """Compare strategies for few images of a class.

    Samplers and learners see the training images of a split only; the test images are never
    resampled.

    Parameters
    ----------
    splits : iterable of ImageSplit
        Training and test images; see `image_splits`.
    strategies : list of str, default=None
        Names of `IMAGE_STRATEGIES`; None for all that can be run.
    learners : list of str, default=None
        Names of `IMAGE_LEARNERS`; None for all that can be run.
    max_steps : int, default=300
        Training steps of DeepSMOTE and ImageGAN.
    quality : bool, default=True
        Whether to compare made images with real ones, too.
    checkpoint : str or path-like, default=None
        File of JSON lines, one for each finished cell; the same call goes on from there.
        Cells of other images or another `max_steps` are not taken up.
    progress : callable, default=None
        Called with a line of text for each finished cell, such as `print`.

    Returns
    -------
    ImageBenchmarkResult
        Table, grid and plot; see its `to_text` and `save`.

    Raises
    ------
    ValueError
        If a strategy or learner is unknown, or needs torch or masks that are not there, or there
        is no split.

    Examples
    --------
    >>> from skgensample.benchmarking import image_splits, run_image_benchmark
    >>> splits = image_splits(n_minority=10, n_samples=80, n_test=40, n_splits=2)
    >>> result = run_image_benchmark(splits, strategies=["none", "augmentation"],
    ...                              learners=["boosting"], quality=False)
    >>> len(result.cells)
    4
    """
    asked = strategies
    strategies, learners = _chosen(strategies, IMAGE_STRATEGIES), _chosen(learners, IMAGE_LEARNERS)
    store = _Store(checkpoint, progress)
    grid: dict[Any, Any] = {}
    for split in splits:
        names = _possible(strategies, split, asked is None)
        store.begin(split, max_steps)
        judge = None
        for strategy in names:
            wanted = [*learners, *(["quality"] if quality else [])]
            wanted = [name for name in wanted if not store.has(split.seed, strategy, name)]
            if not wanted and grid:
                continue
            began = time.monotonic()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)
                made = new_images(strategy, split, max_steps)
            seconds = time.monotonic() - began
            if made is not None:
                grid.setdefault(strategy, made.images[:16])
            for name in wanted:
                if name != "quality":
                    store.add(split.seed, strategy, name, _scored(split, made, strategy, name))
                elif made is not None:
                    judge = judge or _Judge(split)
                    store.add(split.seed, strategy, name, judge(made) | {"seconds": seconds})
        grid.setdefault("real", split.X[split.y == 1][:16])
    if not grid:
        raise ValueError("There is no split to compare strategies on.")
    return ImageBenchmarkResult(store.cells, grid)


def _possible(strategies, split, skip):
    """Strategies that a split has masks for; the others are left out or refused."""
    missing = [s for s in strategies if s in NEED_MASKS and split.masks is None]
    if missing and not skip:
        raise ValueError(f"{missing[0]} needs masks of lesions, and there are none.")
    return [s for s in strategies if s not in missing]


def _chosen(names, known):
    """Names checked against those known; by default all that can be run."""
    if names is None:
        return [name for name in known if has_torch() or name not in NEED_TORCH]
    if isinstance(names, str) or not len(names):
        raise ValueError(f"Give a list of names, some of {', '.join(known)}.")
    for name in names:
        if name not in known:
            raise ValueError(f"No {name!r} here: give some of {', '.join(known)}.")
        if name in NEED_TORCH and not has_torch():
            raise ValueError(f"{name} needs PyTorch: pip install 'skgensample[torch]'.")
    return list(names)


class _Store:
    """Finished cells, in memory and in a file of JSON lines."""

    def __init__(self, path, progress):
        self.path, self.progress = None if path is None else Path(path), progress
        self.cells, self._earlier, self._of = [], [], None
        if self.path is not None and self.path.exists():
            lines = self.path.read_text(encoding="utf-8").splitlines()
            kept = [line for line in lines if line.endswith("}")]
            self._earlier = [json.loads(line) for line in kept]
            # a run that was killed may have left half a line
            self.path.write_text("".join(f"{line}\n" for line in kept), encoding="utf-8")

    def begin(self, split, max_steps):
        """Take up the finished cells of a split, of the same images and steps only."""
        digest = hashlib.sha256(f"{split.seed} {max_steps}".encode())
        for part in (split.X, split.y, split.X_test, split.y_test, split.masks, split.masks_test):
            if part is not None:
                digest.update(f"{part.shape} {part.dtype}".encode())
                digest.update(np.ascontiguousarray(part))
        self._of = digest.hexdigest()[:16]
        same = [cell for cell in self._earlier if cell.get("of") == self._of]
        self.cells += [{k: v for k, v in cell.items() if k != "of"} for cell in same]

    def has(self, seed, strategy, learner):
        """Whether a cell is finished."""
        return any(
            (cell["seed"], cell["strategy"], cell["learner"]) == (seed, strategy, learner)
            for cell in self.cells
        )

    def add(self, seed, strategy, learner, values):
        """Keep a cell."""
        cell = {"seed": seed, "strategy": strategy, "learner": learner, **values}
        self.cells.append(cell)
        if self.path is not None:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps({**cell, "of": self._of}) + "\n")
        if self.progress is not None:
            shown = ", ".join(f"{k} {v:.3f}" for k, v in values.items())
            self.progress(f"seed {seed}, {IMAGE_STRATEGIES[strategy]}, {learner}: {shown}")


def _scored(split, made, strategy, learner):
    """Scores of one learner on the test images."""
    X, y = split.X, split.y
    if made is not None:
        X = np.concatenate([X, made.images])
        y = np.concatenate([y, np.ones(len(made.images), int)])
    began = time.monotonic()
    weights = "balanced" if strategy == "class_weights" else None
    n_components = min(N_COMPONENTS, len(X), X[0].size)
    model = image_learner(learner, split.seed, weights, n_components).fit(X, y)
    score = model.predict_proba(split.X_test)[:, 1]
    false, true, _ = roc_curve(split.y_test, score, drop_intermediate=False)
    return {
        "auroc": float(roc_auc_score(split.y_test, score)),
        "balanced_accuracy": float(balanced_accuracy_score(split.y_test, score >= 0.5)),
        "recall_95": float(true[false <= 0.05].max()),
        "seconds": time.monotonic() - began,
    }


class _Judge:
    """Compares made images with real ones of the minority class.

    Features are those of a small CNN trained on one half of the test images, which no sampler has
    seen (those of PCA without torch); made images are compared with the other half.
    """

    def __init__(self, split):
        self.split = split
        n_components = min(N_COMPONENTS, len(split.X) - 1, split.X[0].size)
        pca = PCA(n_components, random_state=split.seed)
        self.pca = pca.fit(split.X.reshape(len(split.X), -1).astype(np.float32))
        half = np.random.RandomState(split.seed).permutation(len(split.X_test)) % 2 == 0
        self.features = self._reduced
        if has_torch():
            cnn = image_learner("cnn", split.seed, "balanced")
            self.features = cnn.fit(split.X_test[half], split.y_test[half]).features
        self.rest = ~half & (split.y_test == 1)
        self.train, self.test = split.X[split.y == 1], split.X_test[self.rest]

    def _reduced(self, X):
        return self.pca.transform(X.reshape(len(X), -1).astype(np.float32)).astype(np.float64)

    def __call__(self, made):
        """C2ST of whole images and of crops around lesions, each with real against real."""
        split, found = self.split, {}
        self.rng = np.random.RandomState(split.seed)  # the same whatever was judged before
        found["c2st"] = self._auroc(made.images, self.test)
        found["c2st_reference"] = self._auroc(self.train, self.test)
        if made.masks is not None and split.masks_test is not None:
            crops = _crops(made.images, made.masks)
            real = _crops(self.test, split.masks_test[self.rest])
            known = _crops(self.train, split.masks[split.y == 1])
            found["c2st_lesion"] = self._auroc(crops, real)
            found["c2st_lesion_reference"] = self._auroc(known, real)
        tables = [self._reduced(X) for X in (self.train, self.test, made.images)]
        found["closest_share"] = float(closest_record_share(*tables, random_state=split.seed))
        return found

    def _auroc(self, first, second):
        """Cross-fitted AUROC of a forest that tells two sets of images apart, equally many."""
        n = min(len(first), len(second), MOST_COMPARED)
        if n < 2:
            return float("nan")
        parts = [X[self.rng.permutation(len(X))[:n]] for X in (first, second)]
        X = np.concatenate([self.features(part) for part in parts])
        kind = np.repeat([0, 1], n)
        forest = ExtraTreesClassifier(200, min_samples_leaf=2, random_state=self.split.seed)
        folds = StratifiedKFold(min(5, n), shuffle=True, random_state=self.split.seed)
        score = cross_val_predict(forest, X, kind, cv=folds, method="predict_proba")[:, 1]
        return float(roc_auc_score(kind, score))


def _crops(images, masks):
    """Squares around the centres of lesions, moved inwards at the edges."""
    crops = []
    for image, mask in zip(images, masks):
        if not np.any(mask):
            continue
        side = min(CROP, *image.shape[:2])
        centre = np.argwhere(mask).mean(axis=0).round().astype(int)
        row, column = (int(np.clip(c - side // 2, 0, n - side)) for c, n in zip(centre, mask.shape))
        crops.append(image[row : row + side, column : column + side])
    return np.stack(crops)
