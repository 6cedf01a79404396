"""What the adversarial samplers share: parameters, the training of a pair of networks, and the trained model."""

from numbers import Integral, Real

import numpy as np
import torch
from sklearn.utils._param_validation import Interval

from ._adversarial import TwoPlayerStep
from ._nets import Critic, Generator, Head
from ._training import adam, default_max_steps, train

BYTES_LIMIT = 2 * 2**30
CHUNK_ROWS = 8_192


class AdversarialTraining:
    """Mixin of samplers that train a generator against a critic; reads the parameters that they share."""

    _pack_size = 1
    _betas = (0.5, 0.9)
    _weight_decay = 0.0
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

    def _check_networks(self):
        """Check what the constraints of single parameters cannot say."""
        for name in ("generator_dim", "discriminator_dim"):
            dims = getattr(self, name)
            if not dims or not all(isinstance(dim, Integral) and dim > 0 for dim in dims):
                raise ValueError(f"{name} must name one positive width for each hidden layer, got {dims!r}.")
        if self.batch_size % self._pack_size:
            raise ValueError(
                f"batch_size={self.batch_size} is no multiple of pac={self._pack_size}: the critic judges whole packs."
            )

    def _play(self, encoder, draw, *, n, n_conditions, objective, random):
        """Train both networks on batches of `draw`; returns the generator, on the CPU, and the losses."""
        layout = encoder.layout
        self._check_bytes(encoder, n_conditions)
        generator = Generator(self.embedding_dim, self.generator_dim, layout.width, n_conditions, random)
        critic = Critic(layout.width, self.discriminator_dim, n_conditions, self._pack_size, random)
        optimizers = (
            adam(critic, self.learning_rate, self._betas),
            adam(generator, self.learning_rate, self._betas, self._weight_decay),
        )
        step = TwoPlayerStep(generator, critic, Head(layout), objective, draw, optimizers, random)
        steps = default_max_steps(n) if self.max_steps is None else self.max_steps
        losses = train(step, max_steps=steps, verbose=self.verbose)
        return step.finish(), losses

    def _check_bytes(self, encoder, n_conditions):
        """Refuse networks too wide for memory: weights, gradients and Adam's two moments, and one batch."""
        width = encoder.layout.width
        inner, wide = self.embedding_dim + n_conditions, 0
        for dim in self.generator_dim:
            wide += inner * dim
            inner += dim
        wide += inner * width + (width + n_conditions) * self._pack_size * self.discriminator_dim[0]
        needed = 4 * (4 * wide + 6 * self.batch_size * (width + inner))
        if needed > BYTES_LIMIT:
            name, levels = encoder.widest()
            raise ValueError(
                f"Training would need about {needed:,} bytes, more than {BYTES_LIMIT:,}: the encoded table is "
                f"{width:,} wide, {levels:,} of it from column {name!r}. Leave out or group such columns."
            )


class TabularModel:
    """A trained generator and all that is needed to draw rows from it; no training row.

    Parameters
    ----------
    encoder : BlockEncoder
        How rows are encoded.
    net : Generator or None
        Trained network; None where no column needs one.
    boxes : ndarray of shape (n_groups, 2, d)
        Least and largest value of each column within each class.
    """

    def __init__(self, encoder, net, boxes):
        self.encoder, self.net, self.boxes = encoder, net, boxes

    def draw(self, group, n, rng, random, out, condition=None):
        """Write `n` rows of the class with index `group` into `out`.

        Parameters
        ----------
        group : int
            Class index.
        n : int
            Number of rows.
        rng : RandomState
            Source of the decoder's draws.
        random : torch.Generator
            Source of the network's draws.
        out : ndarray of shape (n, d)
            Rows to fill.
        condition : ndarray of shape (n, k), default=None
            Condition indices.

        Returns
        -------
        ndarray of shape (n, d)
            `out`.
        """
        for start in range(0, n, CHUNK_ROWS):
            rows = out[start : start + CHUNK_ROWS]
            given = None if condition is None else torch.as_tensor(condition[start : start + CHUNK_ROWS])
            scalars, codes = self._codes(len(rows), given, random)
            self.encoder.decode(scalars, codes, group, rng, rows)
        return np.clip(out, *self.boxes[group], out=out)

    def _codes(self, n, condition, random):
        """Scalars and codes of new rows; batch normalisation uses its running statistics."""
        if self.net is None:
            return np.empty((2, n, 0))
        with torch.no_grad():
            logits = self.net(n, condition, random)
            scalars, codes = Head(self.encoder.layout).hard(logits, random)
        return scalars.numpy(), codes.numpy()


def class_boxes(Z, group):
    """Least and largest value of each column within each class, of shape (n_groups, 2, d)."""
    rows = [Z[group == g] for g in range(group.max() + 1)]
    return np.array([[r.min(axis=0), r.max(axis=0)] for r in rows])
