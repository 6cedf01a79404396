"""What is done about the minority class of images, and the learners that are trained after it."""

from dataclasses import dataclass

import numpy as np
from sklearn.decomposition import PCA
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from .. import images, neighbors

__all__ = [
    "IMAGE_LEARNERS",
    "IMAGE_STRATEGIES",
    "N_COMPONENTS",
    "NewImages",
    "image_learner",
    "new_images",
]

#: Strategies by name, with their label in tables.
IMAGE_STRATEGIES = {
    "none": "none",
    "class_weights": "class weights",
    "repetition": "random repetition",
    "augmentation": "augmentation",
    "pixel_smote": "pixel SMOTE",
    "deep_smote": "DeepSMOTE",
    "image_gan": "ImageGAN",
    "compositor": "LesionCompositor, given lesions",
    "compositor_made": "LesionCompositor, made lesions",
    "compositor_augmentation": "LesionCompositor, augmentation",
}
IMAGE_LEARNERS = {"boosting": "gradient boosting on PCA", "cnn": "small CNN"}
NEED_TORCH = {"deep_smote", "image_gan", "cnn"}
NEED_MASKS = {"compositor", "compositor_augmentation"}
N_COMPONENTS = 50
#: Ratio of the classes after the compositor, where augmentation follows.
HALF = 0.5


@dataclass(frozen=True)
class NewImages:
    """Images that a strategy adds to the minority class, and where their lesions are.

    Parameters
    ----------
    images : ndarray of shape (n, h, w) or (n, h, w, channels)
        New images only.
    masks : ndarray of shape (n, h, w) or None
        Lesions, where the strategy knows them.
    """

    images: np.ndarray
    masks: np.ndarray | None = None


def new_images(strategy, split, max_steps):
    """Images that a strategy makes from the training images of a split.

    Parameters
    ----------
    strategy : str
        One of `IMAGE_STRATEGIES`.
    split : ImageSplit
        Training images; nothing of the test images is looked at.
    max_steps : int
        Training steps of the networks.

    Returns
    -------
    NewImages or None
        None where images are left as they are.
    """
    if strategy in ("none", "class_weights"):
        return None
    seed, X, y = split.seed, split.X, split.y
    if strategy in ("repetition", "pixel_smote"):
        kinds = {
            "repetition": neighbors.NumbaRandomOverSampler,
            "pixel_smote": neighbors.NumbaSMOTE,
        }
        rows = kinds[strategy](random_state=seed).fit_resample(X.reshape(len(X), -1), y)[0]
        return NewImages(rows[len(X) :].reshape(-1, *X.shape[1:]))
    sampler, inputs = _image_sampler(strategy, seed, max_steps), {}
    if strategy.startswith("compositor") and split.masks is not None:
        inputs["masks"] = split.masks
    if strategy == "compositor_augmentation":  # half of the way; then all is augmented
        half = images.LesionCompositor(sampling_strategy=HALF, lesions="both", random_state=seed)
        more, y_more = half.fit_resample(X, y, **inputs)
        return NewImages(sampler.fit_resample(more, y_more)[0][len(X) :])
    made = sampler.fit_resample(X, y, **inputs)[0][len(X) :]
    return NewImages(made, getattr(sampler, "synthetic_masks_", None))


def _image_sampler(strategy, seed, max_steps):
    """Sampler of images of a strategy."""
    if strategy in ("augmentation", "compositor_augmentation"):
        return images.AugmentationOversampler(random_state=seed)
    if strategy == "compositor":
        return images.LesionCompositor(random_state=seed)
    if strategy == "compositor_made":
        return images.LesionCompositor(random_state=seed, lesions="made")
    small = {"random_state": seed, "max_steps": max_steps, "channels": 16, "batch_size": 32}
    if strategy == "deep_smote":
        return images.DeepSMOTE(**small)
    return images.ImageGANOversampler(**small)


def image_learner(name, seed, class_weight, n_components=N_COMPONENTS):
    """Classifier of images by name.

    Parameters
    ----------
    name : str
        One of `IMAGE_LEARNERS`.
    seed : int
        Seed.
    class_weight : {"balanced"} or None
        Class weights.
    n_components : int, default=50
        Principal components; no more than there are images or pixels.

    Returns
    -------
    classifier
        With `fit` and `predict_proba` of stacks of images.
    """
    if name == "cnn":
        from ..images._classifier import SmallCNNClassifier

        return SmallCNNClassifier(class_weight=class_weight, random_state=seed)
    boosting = HistGradientBoostingClassifier(
        max_iter=100, class_weight=class_weight, random_state=seed
    )
    pca = PCA(n_components, svd_solver="randomized", random_state=seed)
    return make_pipeline(FunctionTransformer(_flattened), pca, boosting)


def _flattened(X):
    """Images as rows."""
    return np.asarray(X, dtype=np.float32).reshape(len(X), -1)
