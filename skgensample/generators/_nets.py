"""Networks: a residual generator with its output head, and a critic with PacGAN packing.

Conditions are row look-ups (the product of a one-hot matrix with a weight matrix, without the
zeros). Every random draw takes an explicit generator, so no global state of torch is read or
changed.
"""

from itertools import pairwise

import torch
from torch import nn
from torch.nn import functional as F

LEAK = 0.2
TEMPERATURE = 0.2


class ConditionedLinear(nn.Module):
    """Linear layer over a dense input and a few condition indices.

    Parameters
    ----------
    n_in, n_out : int
        Dense width and output width.
    n_conditions : int
        Width that a dense one-hot condition would have.
    random : torch.Generator
        Source of the initial weights; its device is the layer's.
    """

    def __init__(self, n_in, n_out, n_conditions, random):
        super().__init__()
        bound = max(n_in + n_conditions, 1) ** -0.5
        shapes = {"weight": (n_out, n_in), "bias": (n_out,), "table": (n_conditions, n_out)}
        for name, shape in shapes.items():
            values = torch.empty(shape, device=random.device, dtype=torch.float32)
            self.register_parameter(
                name, nn.Parameter(values.uniform_(-bound, bound, generator=random))
            )

    def forward(self, x, condition):
        """Affine map of `x` plus the rows of `table` named by `condition`."""
        out = F.linear(x, self.weight, self.bias)
        return (
            out if condition is None else out + F.embedding_bag(condition, self.table, mode="sum")
        )


class Generator(nn.Module):
    """Residual generator: each hidden layer's output is put beside its input (Xu et al. 2019).

    Parameters
    ----------
    latent_dim : int
        Width of the noise.
    hidden_dims : sequence of int
        Width of each hidden layer.
    n_out : int
        Width of the output.
    n_conditions : int
        Number of condition indices.
    random : torch.Generator
        Source of the initial weights.
    """

    def __init__(self, latent_dim, hidden_dims, n_out, n_conditions, random):
        super().__init__()
        self.latent_dim = width = latent_dim
        self.hidden, self.norms = nn.ModuleList(), nn.ModuleList()
        for dim in hidden_dims:
            self.hidden.append(ConditionedLinear(width, dim, n_conditions, random))
            self.norms.append(nn.BatchNorm1d(dim, device=random.device, dtype=torch.float32))
            width += dim
        self.out = ConditionedLinear(width, n_out, n_conditions, random)

    def forward(self, n, condition, random):
        """Logits of `n` rows drawn from fresh noise."""
        x = torch.empty((n, self.latent_dim), device=random.device, dtype=self.out.weight.dtype)
        x = x.normal_(generator=random)
        for layer, norm in zip(self.hidden, self.norms):
            x = torch.cat([F.relu(norm(layer(x, condition))), x], dim=1)
        return self.out(x, condition)

    @torch.no_grad()
    def start_from(self, shares):
        """Begin with codes drawn with the given shares: only dependence is left to learn."""
        self.out.bias[len(self.out.bias) - len(shares) :] = shares.log()


class Head:
    """What a generator's logits mean: scalars, then one categorical for each span."""

    def __init__(self, layout):
        self.layout = layout

    def soft(self, logits, random):
        """Differentiable rows: scalars, then Gumbel-softmax spans."""
        scalars, logits = self._parts(logits)
        noisy = (logits + _gumbel(logits, random)) / TEMPERATURE
        return torch.cat(
            [scalars, *(s.softmax(dim=2).flatten(1) for s in self._runs(noisy))], dim=1
        )

    def hard(self, logits, random):
        """Scalars, and one code drawn from each span's probabilities."""
        scalars, logits = self._parts(logits)
        noisy = logits + _gumbel(logits, random)
        codes = [span.argmax(dim=2) for span in self._runs(noisy)]
        return scalars, torch.cat(codes, dim=1) if codes else noisy.long()

    def cross_entropy(self, logits, span, column):
        """Mean of -log p(column) where `span` holds `column`, one of each for a row."""
        runs = self._runs(logits[:, self.layout.n_scalars :])
        totals = torch.cat([run.logsumexp(dim=2) for run in runs], dim=1)
        return (totals.gather(1, span[:, None]) - logits.gather(1, column[:, None])).mean()

    def code_loss(self, logits, codes):
        """Sum of -log p(code) over the spans, its mean over the rows."""
        if not self.layout.widths:
            return logits.new_zeros(())
        runs = self._runs(logits[:, self.layout.n_scalars :])
        totals = sum(run.logsumexp(dim=2).sum() for run in runs)
        starts = torch.as_tensor(self.layout.starts, device=codes.device)
        return (totals - logits.gather(1, codes + starts).sum()) / len(codes)

    def expand(self, scalars, codes):
        """Rows of one batch with their codes as one-hot spans."""
        rows = scalars.new_zeros((len(scalars), self.layout.width))
        rows[:, : self.layout.n_scalars] = scalars
        starts = torch.as_tensor(self.layout.starts, device=scalars.device)
        return rows.scatter_(1, codes + starts, 1.0)

    def shares(self, codes):
        """Share of each code among the rows, a little above 0 where it does not occur."""
        starts = torch.as_tensor(self.layout.starts, device=codes.device)
        counts = torch.bincount((codes + starts).flatten(), minlength=self.layout.width)
        return (counts[self.layout.n_scalars :] + 1) / (len(codes) + 1)

    def mean_shares(self, logits, shifts):
        """Mean probability of each code after its logits are shifted, never quite 0."""
        runs = self._runs(logits[:, self.layout.n_scalars :] + shifts)
        means = [run.softmax(dim=2).mean(dim=0).flatten() for run in runs]
        return torch.cat(means).clamp_min(torch.finfo(logits.dtype).tiny)

    def _parts(self, logits):
        """Activated scalars, and the logits of all spans."""
        scalars, logits = logits.split(
            [self.layout.n_scalars, logits.shape[1] - self.layout.n_scalars], dim=1
        )
        return torch.tanh(scalars) if self.layout.bounded else scalars, logits

    def _runs(self, logits):
        """Views of shape (n, spans, width), one for each run of spans of equal width."""
        pieces = logits.split([count * width for count, width in self.layout.runs], dim=1)
        return [p.unflatten(1, shape) for p, shape in zip(pieces, self.layout.runs)]


class Critic(nn.Module):
    """Discriminator of packs of `pac` rows (Lin et al. 2018) with leaky ReLU and dropout.

    Conditions enter twice: beside the rows, and as a direction onto which the last layer is
    projected (Miyato and Koyama 2018), without which a dependence that turns with the class is
    hardly seen.

    Parameters
    ----------
    n_in : int
        Width of one row.
    hidden_dims : sequence of int
        Width of each hidden layer.
    n_conditions : int
        Number of condition indices.
    pac : int
        Rows judged together.
    random : torch.Generator
        Source of the initial weights.
    dropout : float, default=0.5
        Share of the units of each layer that are left out at a time.
    """

    def __init__(self, n_in, hidden_dims, n_conditions, pac, random, *, dropout=0.5):
        super().__init__()
        self.pac, self.n_conditions, self.dropout = pac, n_conditions, dropout
        self.first = ConditionedLinear(n_in * pac, hidden_dims[0], n_conditions * pac, random)
        self.rest = nn.ModuleList(
            ConditionedLinear(a, b, 0, random) for a, b in pairwise(hidden_dims)
        )
        self.last = ConditionedLinear(hidden_dims[-1], 1, 0, random)
        self.directions = nn.Parameter(
            torch.zeros_like(self.last.weight).repeat(n_conditions * pac, 1)
        )

    def forward(self, rows, condition, random):
        """Score of each pack, of shape (packs, 1)."""
        return self.judge(self.embed(rows, condition), random)

    def embed(self, rows, condition):
        """First layer, before its activation, and the direction: affine in the rows."""
        packs = rows.reshape(len(rows) // self.pac, -1)
        if condition is None:
            return self.first(packs, None)
        slots = torch.arange(self.pac, device=rows.device)[:, None] * self.n_conditions
        condition = (condition.unflatten(0, (-1, self.pac)) + slots).flatten(1)
        direction = F.embedding_bag(condition, self.directions, mode="sum")
        return torch.cat([self.first(packs, condition), direction], dim=1)

    def judge(self, embedded, random):
        """Score from what `embed` returned."""
        h, direction = self._parts(embedded)
        for layer in self.rest:
            h = layer(h * _slopes(h, self.dropout, random), None)
        h = h * _slopes(h, self.dropout, random)
        return (h * direction).sum(dim=1, keepdim=True) + self.last.bias

    def input_gradient(self, embedded, random):
        """Gradient of the scores with respect to the rows, given what `embed` returned there.

        The network is piecewise linear: the gradient is a product of weights and slopes, itself
        differentiable with respect to the weights, so the gradient penalty needs no second
        backward pass.
        """
        h, direction = self._parts(embedded)
        with torch.no_grad():
            slopes = [_slopes(h, self.dropout, random)]
            for layer in self.rest:
                h = layer(h * slopes[-1], None)
                slopes.append(_slopes(h, self.dropout, random))
        gradient = direction * slopes[-1]
        for layer, slope in zip(reversed(self.rest), reversed(slopes[:-1])):
            gradient = (gradient @ layer.weight) * slope
        return gradient @ self.first.weight

    def _parts(self, embedded):
        """First layer, and the direction onto which the last one is projected."""
        width = len(self.first.bias)
        return embedded[:, :width], self.last.weight + (
            embedded[:, width:] if embedded.shape[1] > width else 0
        )


def _slopes(h, dropout, random):
    """Slope of leaky ReLU followed by dropout at `h`: multiplying by it applies both."""
    with torch.no_grad():
        if not dropout:
            return torch.where(h > 0, 1.0, LEAK).to(h.dtype)
        kept = torch.empty_like(h).uniform_(generator=random).ge_(dropout).div_(1 - dropout)
        return torch.where(h > 0, kept, LEAK * kept)


def _gumbel(like, random):
    """Standard Gumbel noise of the shape of `like`."""
    uniform = (
        torch.empty_like(like).uniform_(generator=random).clamp_min_(torch.finfo(like.dtype).tiny)
    )
    return uniform.log_().neg_().log_().neg_()
