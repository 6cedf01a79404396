"""Few images of a class, on real sets: the compositor on CT nodules, all samplers on X-rays.

    python benchmarks/images/bench_images.py lidc --data FOLDER --output FILE --seeds 10
    python benchmarks/images/bench_images.py pneumonia --data FOLDER --output FILE --seeds 5

Each finished cell is a line of JSON in FILE, and the same command goes on from there. FOLDER holds
the shared data sets. Files of runs with other strategies or learners can be concatenated.
"""

import argparse
from functools import partial
from pathlib import Path

import numpy as np

from skgensample.benchmarking import ImageSplit, image_splits, run_image_benchmark

#: Side of the crops of CT slices, taken at random, so that the place tells nothing.
CROP = 40
LIDC_STRATEGIES = "none,augmentation,compositor,compositor_made,compositor_augmentation"


def lidc_splits(folder, n_splits, n_nodules=40):
    """Half of the cases to train on, with `n_nodules` nodule slices and all healthy ones."""
    with np.load(Path(folder) / "lidc-nodules-masked" / "lidc_nodules.npz") as data:
        data = {name: data[name] for name in data.files}
    cases = np.unique(data["nodule_case"])
    for seed in range(n_splits):
        rng = np.random.RandomState(seed)
        train_cases = rng.permutation(cases)[: len(cases) // 2]
        parts = []
        for is_train in (True, False):
            nodules = np.isin(data["nodule_case"], train_cases) == is_train
            healthy = np.isin(data["healthy_case"], train_cases) == is_train
            nodules, healthy = np.flatnonzero(nodules), np.flatnonzero(healthy)
            if is_train:
                nodules = np.sort(rng.permutation(nodules)[:n_nodules])
            images = np.concatenate(
                [data["nodule_images"][nodules], data["healthy_images"][healthy]]
            )
            masks = np.zeros(images.shape, np.uint8)
            masks[: len(nodules)] = data["nodule_masks"][nodules]
            y = np.repeat([1, 0], [len(nodules), len(healthy)])
            parts.append((*cropped(images, masks, rng), y))
        (X, masks, y), (X_test, masks_test, y_test) = parts
        yield ImageSplit(seed, X, y, X_test, y_test, masks, masks_test)


def cropped(images, masks, rng):
    """Crops of images and masks at random places."""
    X = np.empty((len(images), CROP, CROP), images.dtype)
    M = np.empty_like(X)
    places = rng.randint(images.shape[1] - CROP + 1, size=(len(images), 2))
    for i, (row, column) in enumerate(places):
        window = (slice(row, row + CROP), slice(column, column + CROP))
        X[i], M[i] = images[i][window], masks[i][window]
    return X, M


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("study", choices=["lidc", "pneumonia"])
    parser.add_argument("--data", required=True)
    parser.add_argument("--output", required=True)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--strategies")
    parser.add_argument("--learners", default="boosting,cnn")
    parser.add_argument("--max-steps", type=int, default=600)
    parser.add_argument("--pictures", help="folder for table, grid and plot")
    options = parser.parse_args()
    if options.study == "lidc":
        splits = lidc_splits(options.data, options.seeds)
        strategies = options.strategies or LIDC_STRATEGIES
    else:
        path = Path(options.data) / "pneumoniamnist-balanced" / "pneumoniamnist.npz"
        splits = image_splits(path, minority="1", n_minority=60, n_splits=options.seeds)
        strategies = options.strategies or (
            "none,class_weights,repetition,augmentation,pixel_smote,deep_smote,image_gan"
        )
    result = run_image_benchmark(
        splits,
        strategies=strategies.split(","),
        learners=options.learners.split(","),
        max_steps=options.max_steps,
        checkpoint=options.output,
        progress=partial(print, flush=True),
    )
    print(result.to_text())
    if options.pictures:
        result.save(options.pictures)


if __name__ == "__main__":
    main()
