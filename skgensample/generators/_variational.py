"""A variational autoencoder of encoded rows: its two networks, and one step on their bound.

Codes are row look-ups on the way in and grouped cross-entropies on the way out: no batch is ever
expanded to one-hot columns.
"""

import copy
import math
from functools import partial
from itertools import pairwise

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from ..compiling import compiled
from ._adam import add_up, sum_types
from ._beside import beside
from ._blas import hold_one_blas_thread, join_one_blas_thread, one_blas_thread
from ._bound import Places, bound, bound_types
from ._descent import advance, descend
from ._nets import ConditionedLinear, as_kind, drawn_outputs
from ._normals import standard_normals
from ._products import conditioned, narrowest
from ._training import WeightAverage, Weights

#: Least logarithm of a deviation: a column that the others give away would send it to -inf.
LEAST_LOG_SCALE = -5.0

#: Deviations learn so many times as fast as the other weights: all else is weighed by them, and
#: each of them is one number that at the common pace takes a thousand steps to halve.
SCALE_RATE = 10

#: Parts in 32 of a batch that the main thread takes; the helper draws the next one beside.
SHARE = 17


class Recognition(nn.Module):
    """Maps rows and their conditions to means and log variances of their latent variables.

    Parameters
    ----------
    hidden_dims : sequence of int
        Width of each hidden layer.
    latent_dim : int
        Number of latent variables.
    layout : Layout
        What a row consists of.
    n_conditions : int
        Number of condition indices.
    random : torch.Generator
        Source of the initial weights.
    """

    def __init__(self, hidden_dims, latent_dim, layout, n_conditions, random):
        super().__init__()
        starts = torch.as_tensor(layout.starts - layout.n_scalars, device=random.device)
        self.register_buffer("starts", starts, persistent=False)
        self.n_codes = layout.width - layout.n_scalars
        self.first = ConditionedLinear(
            layout.n_scalars, hidden_dims[0], self.n_codes + n_conditions, random
        )
        self.rest = nn.ModuleList(
            ConditionedLinear(a, b, 0, random) for a, b in pairwise(hidden_dims)
        )
        self.last = ConditionedLinear(hidden_dims[-1], 2 * latent_dim, 0, random)

    def layers(self):
        """All layers; the last one's output are means, then log variances."""
        return [self.first, *self.rest, self.last]

    def forward(self, scalars, codes, condition):
        """Means and log variances."""
        # what is 1 of all codes and conditions
        active = torch.cat([codes + self.starts, condition + self.n_codes], dim=1)
        x = self.first(active, scalars)
        for layer in [*self.rest, self.last]:
            x = layer(None, F.relu(x))
        return x.chunk(2, dim=1)


class Decoder(nn.Module):
    """Maps latent variables and conditions to the distribution of a row.

    Scalars are normal around their outputs, with learnt deviations; codes are categorical with the
    softmax of theirs. Deviations weigh the reconstruction against the divergence (Rybkin et al.
    2021): those of the common classes would drown what the columns of a scarce one have in common,
    and leave its latent variables without use. So each class has its own.

    Parameters
    ----------
    hidden_dims : sequence of int
        Width of each hidden layer.
    latent_dim : int
        Number of latent variables.
    layout : Layout
        What a row consists of.
    n_conditions : int
        Number of condition indices.
    random : torch.Generator
        Source of the initial weights.
    own : ndarray of shape (n_conditions,) of bool, default=None
        Which conditions have deviations of their own; all by default. A class of few rows would
        shrink them onto its rows.

    References
    ----------
    .. [1] O. Rybkin, K. Daniilidis, S. Levine, "Simple and effective VAE training with calibrated
       decoders", ICML 2021, arXiv 2006.13202.
    """

    norms = ()

    def __init__(self, hidden_dims, latent_dim, layout, n_conditions, random, own=None):
        super().__init__()
        self.latent_dim, self.n_scalars = latent_dim, layout.n_scalars
        own = torch.ones(n_conditions) if own is None else torch.as_tensor(own)
        self.register_buffer("own", own[:, None].to(random.device, torch.float32), persistent=False)
        widths = pairwise((latent_dim, *hidden_dims))
        self.hidden = nn.ModuleList(
            ConditionedLinear(a, b, n_conditions, random) for a, b in widths
        )
        self.out = ConditionedLinear(hidden_dims[-1], layout.width, n_conditions, random)
        scale = torch.zeros(n_conditions + 1, layout.n_scalars, device=random.device)
        self.log_scale = nn.Parameter(scale[0].float())
        self.own_log_scale = nn.Parameter(scale[1:].float())

    def forward(self, n, condition, random):
        """Scalars and logits of `n` rows of fresh latent variables; nothing is kept for gradients.

        Computed in the width of `Generator`: rounding is some hundredths of the deviations.
        """
        wide = self.out.weight.dtype
        z = standard_normals((n, self.latent_dim), random, wide)
        z = z.to(narrowest(z))
        for layer in self.hidden:
            z = conditioned(z, condition, *as_kind(z.dtype, layer.weights())).relu_()
        out = drawn_outputs(z, condition, self.out, self.n_scalars, wide)
        noise = standard_normals((n, self.n_scalars), random, wide)
        out[:, : self.n_scalars] += noise * self.log_scales(condition).exp()
        return out

    def layers(self):
        """All layers."""
        return [*self.hidden, self.out]

    def scales(self):
        """The weights of the deviations."""
        return [self.log_scale, self.own_log_scale]

    def weights(self):
        """All others."""
        return [*self.hidden.parameters(), *self.out.parameters()]

    def log_scales(self, condition):
        """Logarithms of the scalars' deviations, of shape (n, n_scalars)."""
        own = F.embedding_bag(condition, self.own_log_scale * self.own, mode="sum")
        return (own + self.log_scale).clamp_min(LEAST_LOG_SCALE)

    def decode(self, z, condition):
        """Means of the scalars and logits of the codes."""
        for layer in self.hidden:
            z = F.relu(layer(condition, z))
        return self.out(condition, z)


class BoundStep(Weights):
    """One step of both networks on the evidence lower bound (Kingma and Welling 2014).

    Parameters
    ----------
    recognition, decoder : Module
        The networks.
    head : Head
        Meaning of the decoder's output.
    draw : callable
        ``draw(random)`` gives a `Batch`.
    optimizer : Optimizer
        Of the weights of both.
    random : torch.Generator
        Source of all draws.
    """

    losses = ("reconstruction_loss", "divergence")

    #: Noise of the next batch, drawn beside.
    _noise = None

    def __init__(self, recognition, decoder, head, draw, optimizer, random):
        self.recognition, self.decoder, self.head = recognition, decoder, head
        self.draw, self.random = draw, random
        self.nets, self.optimizers = (recognition, decoder), (optimizer,)
        self.average = WeightAverage(decoder)
        self.seed = random.initial_seed()
        self.compiled = None
        if random.device.type == "cpu":
            self.compiled = CompiledBound(*self.nets, head.layout, optimizer)
            self.scope = one_blas_thread

    def next_batch(self):
        """The batch of this step, and noise for its latent variables."""
        batch = super().next_batch()
        noise = self.draw_noise() if self._noise is None else self._noise.result()
        self._noise, self._before = None, self._order.get_state()
        return batch, noise

    def draw_noise(self):
        """Standard normal numbers; drawn after a batch, from the same stream."""
        shape = self.draw.batch_size, self.decoder.latent_dim
        return standard_normals(shape, self._order, self.decoder.out.weight.dtype)

    def settle(self):
        """Forget what was drawn ahead, as if it had not been."""
        super().settle()
        self._noise = None

    def __call__(self):
        """Take one step; returns both parts of the negative bound, a row's means."""
        batch, noise = self.next_batch()
        self.draw_ahead()
        if self.compiled:
            losses, squares = self._compiled_bound(batch, noise)
            advance(self.optimizers[0], squares)
        else:
            losses = self.bound(batch, noise)
            descend(losses.sum(), self.optimizers[0])
        self.average.update()
        return losses.detach()

    def _compiled_bound(self, batch, noise):
        """Have the gradients written; the helper draws rows before its part, and noise after it."""
        hold_one_blas_thread()
        first, second = self.compiled.parts(batch, noise)
        others = beside(second)
        self._noise = beside(self.draw_noise, after=self._ahead)
        first()
        others.result()
        return self.compiled.joined()

    def bound(self, batch, noise):
        """Both losses, with their graph."""
        mean, log_variance = self.recognition(batch.scalars, batch.codes, batch.condition)
        variance = log_variance.exp()
        out = self.decoder.decode(mean + noise * variance.sqrt(), batch.condition)
        scale = self.decoder.log_scales(batch.condition)
        off = (out[:, : self.decoder.n_scalars] - batch.scalars) * (-scale).exp()
        constant = 0.5 * math.log(2 * math.pi) * scale.numel()
        reconstruction = 0.5 * off.square().sum() + scale.sum() + constant
        reconstruction = reconstruction + self.head.code_loss(out, batch.codes)
        divergence = 0.5 * (mean.square() + variance - log_variance - 1).sum()
        return torch.stack([reconstruction, divergence]) / len(batch)

    @torch.no_grad()
    def candidate(self):
        """Copy of the decoder with averaged weights, on the CPU."""
        net = copy.deepcopy(self.decoder)
        self.average.install(net)
        return net.requires_grad_(False).eval().cpu()


class CompiledBound:
    """Writes the gradients of the bound, those of two parts of a batch in two threads.

    The parts are the same with and without a helper, and so are the sums.

    Parameters
    ----------
    recognition, decoder : Module
        The networks.
    layout : Layout
        What a row consists of.
    optimizer : Adam
        Whose weights and gradients lie side by side.
    """

    def __init__(self, recognition, decoder, layout, optimizer):
        flat = [group["params"][0] for group in optimizer.param_groups]
        pairs = [(one.grad, torch.zeros_like(one, requires_grad=False)) for one in flat]
        by_storage = {
            one.untyped_storage().data_ptr(): (one.detach(), *grads)
            for one, grads in zip(flat, pairs)
        }

        def views(weight):
            """A weight, and its gradient by either part."""
            seat = weight.shape, weight.stride(), weight.storage_offset()
            three = by_storage[weight.untyped_storage().data_ptr()]
            return [one.as_strided(*seat).numpy() for one in three]

        first = recognition.first.weight.untyped_storage().data_ptr()
        weights = [one.numpy() for one in by_storage[first]]
        scales = list(zip(*map(views, decoder.scales())))
        self.weights = [(weights[0], grad) for grad in weights[1:]]
        self.scales = [(scales[0], grads) for grads in scales[1:]]
        self.own = decoder.own[:, 0].numpy()
        self.places = Places.of(*map(seats, (recognition.layers(), decoder.layers())))
        self.ends = np.array([layout.starts, layout.starts + layout.widths], dtype=np.int64)
        self.code = compiled(bound, bound_types(self.own.dtype), True)
        #: Gradients, and those by the second part of a batch.
        self.grads = [[grad.numpy() for grad in pair] for pair in pairs]
        self.sum = compiled(add_up, sum_types(self.own.dtype))
        self.losses, self.work = np.zeros((2, 2)), [np.empty(0)] * 2

    def parts(self, batch, noise):
        """Two calls, each of which writes the gradients by a part of the batch."""
        arrays = batch.scalars, batch.codes.long(), batch.condition, noise
        arrays, n = [array.contiguous().numpy() for array in arrays], len(batch)
        cut = -(-n * SHARE // 32)
        places, constants = (self.places.layers, self.places.plan), (1 / n, LEAST_LOG_SCALE)

        def write(k, part):
            join_one_blas_thread()
            rows = tuple(array[part] for array in arrays)
            room = self.places.size(len(rows[0]))
            if len(self.work[k]) != room:
                self.work[k] = np.empty(room, self.own.dtype)
            given = self.weights[k], self.scales[k], self.own, rows, places, self.ends, constants
            self.code(*given, self.work[k], self.losses[k])

        return [partial(write, k, part) for k, part in enumerate((slice(cut), slice(cut, n)))]

    def joined(self):
        """Add up the gradients; returns the bound's parts, and the sum of the squares."""
        squares = sum(self.sum(*pair) for pair in self.grads)
        losses = self.losses.sum(axis=0).astype(self.own.dtype)
        return torch.from_numpy(losses), squares


def seats(layers):
    """Where layers that lie side by side have their weights, and their sizes; see `Places`."""
    return [
        (
            *(weight.storage_offset() for weight in layer.weights()),
            *layer.weight.shape,
            len(layer.table),
        )
        for layer in layers
    ]
