"""What samplers that train networks on images share: parameters, limits, the training run."""

import time
import warnings
from functools import partial
from numbers import Integral, Real

import numpy as np
import torch
from sklearn.utils._param_validation import Interval

from ..base import plain_label
from ..exceptions import MissingExtraError, SmallClassWarning
from ..generators._training.early_stopping import EarlyStopping
from ..generators._training.loop import StepBudget, train
from ..generators._training.seeding import resolve_device
from ..generators._training.single_thread import single_threaded_torch

#: A class of fewer images is memorised rather than learnt.
FEW_IMAGES = 10
POSITIVE_INT = [Interval(Integral, 1, None, closed="left")]

#: Constraints of the parameters of training.
TRAINING: dict = {
    "latent_dim": POSITIVE_INT,
    "channels": POSITIVE_INT,
    "learning_rate": [Interval(Real, 0, None, closed="neither")],
    "batch_size": [Interval(Integral, 2, None, closed="left")],
    "max_steps": POSITIVE_INT,
    "max_time": [Interval(Real, 0, None, closed="neither"), None],
    "callbacks": [list, tuple, callable, None],
    "device": [str],
    "verbose": ["boolean"],
}


class NeuralImageSampler:
    """Mixin of the samplers of images that train networks."""

    def _prepare(self, y):
        """Start the clock; warn of classes of few images; find the device."""
        self._began = time.monotonic()
        for label, n_new in self.sampling_strategy_.items():
            count = int(np.sum(y == label))
            if n_new and count < FEW_IMAGES:
                warnings.warn(
                    f"Class {plain_label(label)!r} has {count} images: a network learns little "
                    f"from fewer than {FEW_IMAGES}, and new ones will look like them.",
                    SmallClassWarning,
                    stacklevel=2,
                )
        device = resolve_device(self.device)
        self.device_ = str(device)
        return device

    def _train(self, step, criterion=None):
        """Train within the limits; sets `history_` and returns the best or the last networks."""
        budget = StepBudget(
            self.max_steps, max_time=self.max_time, show=self._progress(), began=self._began
        )
        stopping = None
        if criterion:  # while the test tells all images apart, the latest networks are kept
            tolerance = criterion.standard_error
            stopping = EarlyStopping(criterion, step.candidate, tolerance=tolerance)
        called = self.callbacks or ()
        called = [called] if callable(called) else called
        self.history_ = train(step, budget, early_stopping=stopping, callbacks=called)
        del self._began
        return stopping.best if stopping else step.candidate()

    def _progress(self):
        """Wrapper of the steps: a progress bar if `verbose`."""
        if not self.verbose:
            return iter
        try:
            from tqdm import tqdm
        except ImportError:
            raise MissingExtraError(
                "verbose=True needs tqdm: install it with `pip install tqdm`, or set verbose=False."
            ) from None
        return partial(tqdm, desc="Training", unit="step")


def classes_of(y):
    """Labels in order of first occurrence, and each image's index among them.

    Renaming classes does not change that order, and so does not change the images.
    """
    labels, first, group = np.unique(y, return_index=True, return_inverse=True)
    order = np.argsort(first)
    return labels[order], np.argsort(order)[group]


def to_tensor(images, device):
    """Images of shape (n, h, w, channels) as a tensor of shape (n, channels, h, w)."""
    n, h, w, channels = images.shape
    # a fresh array: of one channel, others may have strides for which torch takes other kernels
    planes = np.empty((n, channels, h, w), np.float32)
    planes[:] = np.moveaxis(images, 3, 1)
    return torch.as_tensor(planes, device=device)


def to_images(tensor):
    """A tensor of shape (n, channels, h, w) as an array of shape (n, h, w, channels)."""
    return np.moveaxis(tensor.cpu().numpy(), 1, 3)


def in_batches(net, *tensors, size=32):
    """Yield what a network makes of each batch of rows, without gradients, on one thread."""
    for start in range(0, len(tensors[0]), size):
        with single_threaded_torch(), torch.no_grad():
            out = net(*(tensor[start : start + size] for tensor in tensors))
        yield out
