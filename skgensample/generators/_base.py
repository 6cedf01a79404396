"""What the adversarial samplers share: parameters, the training of two networks, the model."""

import warnings
from numbers import Integral, Real

import numpy as np
import torch
from sklearn.utils._param_validation import Interval

from ..base import plain_label
from ..exceptions import MissingExtraError, SmallClassWarning
from ._adversarial import TwoPlayerStep
from ._nets import Critic, Generator, Head
from ._training import adam, default_max_steps, train

#: Networks that need more memory than this are refused.
BYTES_LIMIT = 2 * 2**30

#: Rows drawn at a time.
CHUNK_ROWS = 8_192

#: A class with fewer rows than this can be copied, hardly learnt.
FEW_ROWS = 10


class AdversarialTraining:
    """Mixin of samplers that train a generator against a critic; reads their parameters."""

    _categories = "text"
    _allow_missing = True
    _learns_table = True
    _network_constraints: dict = {
        "embedding_dim": [Interval(Integral, 1, None, closed="left")],
        "generator_dim": [tuple, list],
        "discriminator_dim": [tuple, list],
        "learning_rate": [Interval(Real, 0, None, closed="neither")],
        "batch_size": [Interval(Integral, 2, None, closed="left")],
        "max_steps": [Interval(Integral, 1, None, closed="left"), None],
        "device": [str],
        "verbose": ["boolean"],
    }

    def _check_networks(self, y):
        """Check what the constraints of single parameters cannot say."""
        for name in ("generator_dim", "discriminator_dim"):
            dims = getattr(self, name)
            if not dims or not all(isinstance(dim, Integral) and dim > 0 for dim in dims):
                raise ValueError(
                    f"{name} must name a positive width for each hidden layer, got {dims!r}."
                )
        for label, n_new in self.sampling_strategy_.items():
            count = int(np.sum(y == label))
            if n_new and count < FEW_ROWS:
                warnings.warn(
                    f"Class {plain_label(label)!r} has {count} rows: a network learns little from "
                    f"fewer than {FEW_ROWS}, and new rows will lie close to them.",
                    SmallClassWarning,
                    stacklevel=2,
                )

    def _play(self, encoder, draw, *, n, n_conditions, pac, objective, random):
        """Train on batches of `draw`; returns the generator, on the CPU, and the losses."""
        width = encoder.layout.width
        self._check_bytes(encoder, n_conditions, pac)
        generator = Generator(self.embedding_dim, self.generator_dim, width, n_conditions, random)
        critic = Critic(width, self.discriminator_dim, n_conditions, pac, random)
        optimizers = adam(critic, self.learning_rate), adam(generator, self.learning_rate, 1e-6)
        step = TwoPlayerStep(
            generator, critic, Head(encoder.layout), objective, draw, optimizers, random
        )
        steps = default_max_steps(n) if self.max_steps is None else self.max_steps
        losses = train(step, max_steps=steps, show=_progress_bar() if self.verbose else iter)
        return step.finish(), losses

    def _check_bytes(self, encoder, n_conditions, pac):
        """Refuse networks too large: weights, gradients, averages, Adam's moments, one batch."""
        width = encoder.layout.width
        inner = self.embedding_dim
        weights = (width + n_conditions) * pac * self.discriminator_dim[0]
        for dim in self.generator_dim:
            weights += (inner + n_conditions) * dim
            inner += dim
        weights += (inner + n_conditions) * width
        needed = 4 * (5 * weights + 6 * self.batch_size * (width + inner))
        if needed > BYTES_LIMIT:
            name, span = encoder.widest()
            raise ValueError(
                f"Training would need about {needed:,} bytes, and the limit is {BYTES_LIMIT:,}: "
                f"the encoded table is {width:,} wide, {span:,} of it for column {name!r}. "
                "Leave out or group such columns."
            )


class TabularModel:
    """A trained generator with all that drawing rows needs, and no training row.

    Parameters
    ----------
    encoder : BlockEncoder
        How rows are encoded.
    net : Generator or None
        Trained network; None where every column is constant.
    boxes : ndarray of shape (n_classes, 2, d)
        Bounds of each column within each class; see `class_boxes`.
    """

    def __init__(self, encoder, net, boxes):
        self.encoder, self.net, self.boxes = encoder, net, boxes

    def draw(self, group, rng, random, out, condition=None):
        """Fill `out` with rows of one class, inside its box.

        Parameters
        ----------
        group : int
            Class index.
        rng : RandomState
            Source of the decoder's draws.
        random : torch.Generator
            Source of the network's draws.
        out : ndarray of shape (n, d)
            Rows to fill.
        condition : ndarray of shape (n, k), default=None
            Condition indices of each row.

        Returns
        -------
        ndarray of shape (n, d)
            `out`.
        """
        for start in range(0, len(out), CHUNK_ROWS):
            part = slice(start, start + CHUNK_ROWS)
            given = None if condition is None else torch.as_tensor(condition[part])
            scalars, codes = self._codes(len(out[part]), given, random)
            self.encoder.decode(scalars, codes, group, rng, out[part])
        for x, lo, hi, block in zip(out.T, *self.boxes[group], self.encoder.blocks):
            if block.n_scalars:
                _fold(x, lo, hi)
            np.clip(x, lo, hi, out=x)
        return out

    @torch.no_grad()
    def _codes(self, n, condition, random):
        """Scalars and codes of new rows; batch normalisation uses its running statistics."""
        if self.net is None:
            return np.empty((2, n, 0))
        logits = self.net(n, condition, random)
        scalars, codes = Head(self.encoder.layout).hard(logits, random)
        return scalars.numpy(), codes.numpy()


def _progress_bar():
    """Tqdm's wrapper of an iterable."""
    try:
        from tqdm import tqdm
    except ImportError:
        raise MissingExtraError(
            "verbose=True needs tqdm: install it with `pip install tqdm`, or set verbose=False."
        ) from None
    return tqdm


def _fold(x, lo, hi):
    """Mirror values at the edges until they lie in [lo, hi]: clipping would pile them up there."""
    outside = (x < lo) | (x > hi)
    width = float(hi) - float(lo)
    if outside.any() and 0 < width < np.finfo(np.float64).max / 4:
        swing = np.mod(x[outside].astype(np.float64) - lo, 2 * width)
        x[outside] = lo + np.minimum(swing, 2 * width - swing)


def class_boxes(Z, group, columns):
    """Least and largest value of each column within each class, (n_classes, 2, d).

    Categories have no order, hence no bounds. NaN where all of a class's cells are missing, and
    so will new ones be. A class of one row gets the bounds of the whole
    table: its own would be a copy of that row.
    """
    rows = [Z[group == g] for g in range(group.max() + 1)]
    rows = [part if len(part) > 1 else Z for part in rows]
    boxes = np.array([[np.fmin.reduce(part), np.fmax.reduce(part)] for part in rows])
    unordered = [c.index for c in columns if c.kind == "categorical"]
    boxes[:, :, unordered] = np.array([-np.inf, np.inf])[:, None]
    return boxes
