"""A small convolutional classifier of images: the learner with which samplers are compared."""

import math

import numpy as np
import torch
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from torch import nn
from torch.nn import functional as F

from ..generators._training.seeding import seeded
from ._networks import Conv2d, Linear, initialise
from ._neural import in_batches, to_tensor

SLOPE = 0.1


class SmallCNNClassifier(ClassifierMixin, BaseEstimator):
    """Three strided convolutions, mean and maximum over the image, and a linear layer.

    Parameters
    ----------
    max_steps : int, default=300
        Steps of Adam, with a rate that falls along a cosine; the same for every training set.
    batch_size : int, default=32
        Images of a batch.
    channels : int, default=12
        Channels of the first convolution; twice and four times as many in the next two.
    learning_rate : float, default=2e-3
        Largest step size.
    class_weight : {"balanced"} or None, default=None
        Whether classes weigh alike in the loss.
    random_state : int, RandomState instance or None, default=None
        Seed.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Labels, sorted.
    """

    def __init__(
        self,
        *,
        max_steps=300,
        batch_size=32,
        channels=12,
        learning_rate=2e-3,
        class_weight=None,
        random_state=None,
    ):
        self.max_steps = max_steps
        self.batch_size = batch_size
        self.channels = channels
        self.learning_rate = learning_rate
        self.class_weight = class_weight
        self.random_state = random_state

    def fit(self, X, y):
        """Train on images of shape (n, h, w) or (n, h, w, channels)."""
        self.classes_, group = np.unique(y, return_inverse=True)
        images = _stack(X)
        self._mean, self._std = float(images.mean()), float(images.std()) or 1.0
        weight = np.ones(len(self.classes_))
        if self.class_weight == "balanced":
            weight = len(group) / (len(weight) * np.bincount(group))
        with seeded(check_random_state(self.random_state), torch.device("cpu")) as random:
            self._net = initialise(_Net(images.shape[3], self.channels, len(weight)), random)
            self._descend(images, torch.as_tensor(group), torch.as_tensor(weight).float(), random)
        return self

    def _descend(self, images, group, weight, random):
        """Steps on the weighted cross-entropy."""
        optimizer = torch.optim.AdamW(self._net.parameters(), weight_decay=1e-3)
        for step in range(self.max_steps):
            rate = self.learning_rate * (1 + math.cos(math.pi * step / self.max_steps)) / 2
            for one in optimizer.param_groups:
                one["lr"] = rate
            rows = torch.randint(len(images), (self.batch_size,), generator=random)
            logits = self._net(self._tensor(images[rows.numpy()]))
            loss = F.cross_entropy(logits, group[rows], weight=weight)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    def _tensor(self, images):
        return to_tensor((images.astype(np.float32) - self._mean) / self._std, "cpu")

    def predict_proba(self, X):
        """Probabilities of the classes, ndarray of shape (n, n_classes)."""
        parts = in_batches(self._net, self._tensor(_stack(X)))
        return torch.cat(list(parts)).softmax(dim=1).numpy().astype(np.float64)

    def predict(self, X):
        """Most probable labels, ndarray of shape (n,)."""
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    def features(self, X):
        """What the last layer sees of images of any size, ndarray of shape (n, n_features)."""
        parts = in_batches(self._net.pooled, self._tensor(_stack(X)))
        return torch.cat(list(parts)).numpy().astype(np.float64)


class _Net(nn.Module):
    """The network."""

    def __init__(self, n_in, channels, n_classes):
        super().__init__()
        layers = []
        for n_out in (channels, 2 * channels, 4 * channels):
            layers += [Conv2d(n_in, n_out, 3, 2, 1), nn.GroupNorm(4, n_out)]
            layers.append(nn.LeakyReLU(SLOPE))
            n_in = n_out
        self.layers = nn.Sequential(*layers, Conv2d(n_in, n_in, 3, 1, 1), nn.LeakyReLU(SLOPE))
        self.out = Linear(2 * n_in, n_classes)

    def pooled(self, images):
        """Mean and maximum of each channel."""
        maps = self.layers(images)
        return torch.cat([maps.mean(dim=(2, 3)), maps.amax(dim=(2, 3))], dim=1)

    def forward(self, images):
        """Logits of the classes."""
        return self.out(self.pooled(images))


def _stack(X):
    """Images with a channel axis."""
    X = np.asarray(X)
    return X if X.ndim == 4 else X[..., None]
