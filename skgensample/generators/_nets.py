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

    def forward(self, condition, *parts):
        """Affine map of the concatenated parts plus the rows of `table` named by `condition`."""
        x = torch.cat(parts, dim=1) if len(parts) > 1 else parts[0]
        out = F.linear(x, self.weight, self.bias)
        return out if condition is None else out + embedding_sum(self.table, condition)


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
        return self.logits(self.noise(n, random), condition)

    def noise(self, n, random):
        """Latent noise of `n` rows."""
        return standard_normal((n, self.latent_dim), random, self.out.weight.dtype)

    def logits(self, noise, condition):
        """Logits of the rows generated from this noise."""
        x = noise
        for layer, norm in zip(self.hidden, self.norms):
            x = torch.cat([F.relu(norm(layer(condition, x))), x], dim=1)
        return self.out(condition, x)

    @torch.no_grad()
    def start_from(self, shares):
        """Begin with codes drawn with the given shares: only dependence is left to learn."""
        self.out.bias[len(self.out.bias) - len(shares) :] = shares.log()


class Head:
    """What a generator's logits mean: scalars, then one categorical for each span.

    Parameters
    ----------
    layout : Layout
        Widths of scalars and spans.
    device : torch.device, default="cpu"
        Where the logits are.
    """

    def __init__(self, layout, device="cpu"):
        self.layout = layout
        self.starts = torch.as_tensor(layout.starts, device=device)
        widths = torch.tensor(layout.widths, dtype=torch.long)
        spans = torch.arange(len(widths)).repeat_interleave(widths)
        self.span_of = spans.to(device)

    def gumbel(self, like, random):
        """Standard Gumbel noise for the spans of as many rows and of the same type."""
        noise = like.new_empty((len(like), self.layout.width - self.layout.n_scalars))
        noise.uniform_(generator=random).clamp_min_(torch.finfo(like.dtype).tiny)
        return noise.log_().neg_().log_().neg_()

    def soft(self, logits, gumbel):
        """Differentiable rows: scalars, then Gumbel-softmax spans."""
        scalars, logits = self._parts(logits)
        noisy = (logits + gumbel) / TEMPERATURE
        columns = torch.cat([scalars.T, *self._each(torch.softmax, noisy)])
        if columns.requires_grad:  # one copy of the gradient, instead of one for each run
            columns.register_hook(torch.Tensor.contiguous)
        return columns.T.contiguous()

    def scalars(self, logits):
        """Activated scalars, of their own memory."""
        return self._parts(logits)[0].clone(memory_format=torch.contiguous_format)

    def cross_entropy(self, logits, span, column):
        """Mean of -log p(column) where `span` holds `column`, one of each for a row."""
        logits = logits[:, self.layout.n_scalars :]
        asked = logits.masked_fill(self.span_of != span[:, None], -torch.inf)
        return F.cross_entropy(asked, column - self.layout.n_scalars)

    def code_loss(self, logits, codes):
        """Sum of -log p(code) over spans and rows."""
        if not self.layout.widths:
            return logits.new_zeros(())
        logs = torch.cat(self._each(torch.log_softmax, logits[:, self.layout.n_scalars :]))
        return -logs.gather(0, (codes + self.starts - self.layout.n_scalars).T).sum()

    def expand(self, scalars, codes):
        """Rows of one batch with their codes as one-hot spans."""
        rows = scalars.new_zeros((len(scalars), self.layout.width))
        rows[:, : self.layout.n_scalars] = scalars
        return rows.scatter_(1, codes + self.starts, 1.0)

    def shares(self, codes):
        """Share of each code among the rows, a little above 0 where it does not occur."""
        counts = torch.bincount((codes + self.starts).flatten(), minlength=self.layout.width)
        return (counts[self.layout.n_scalars :] + 1).float() / (len(codes) + 1)

    def mean_shares(self, logits, shifts):
        """Mean probability of each code after its logits are shifted, never quite 0."""
        logits = logits[:, self.layout.n_scalars :] + shifts
        means = [run.mean(dim=1) for run in self._each(torch.softmax, logits)]
        return torch.cat(means).clamp_min(torch.finfo(logits.dtype).tiny)

    def sample_codes(self, logits, offsets, random):
        """Sample one code for each span of each row.

        By inverse transform sampling: a code is the number of cumulated probabilities that a
        uniform number exceeds.

        Parameters
        ----------
        logits : tensor of shape (n, width)
            A network's output.
        offsets : tensor of shape (width of all spans,)
            To be added to the spans' logits.
        random : torch.Generator
            Source of the draws.

        Returns
        -------
        codes : tensor of shape (n, n_spans) of int64
        """
        runs = self._runs(logits[:, self.layout.n_scalars :] + offsets)
        return torch.cat([_sample_run(run, random) for run in runs]).T

    def _parts(self, logits):
        """Activated scalars, and the logits of all spans."""
        scalars, logits = logits.split(
            [self.layout.n_scalars, logits.shape[1] - self.layout.n_scalars], dim=1
        )
        return torch.tanh(scalars) if self.layout.bounded else scalars, logits

    def _runs(self, logits):
        """Tensors of shape (spans, width, n), one for each run of spans of equal width."""
        # rows last: spans are narrow, and the processor wants many numbers in a row
        pieces = logits.T.contiguous().split([count * width for count, width in self.layout.runs])
        return [p.unflatten(0, shape) for p, shape in zip(pieces, self.layout.runs)]

    def _each(self, function, logits):
        """Apply softmax or its logarithm to each span; tensors of shape (columns, n)."""
        return [function(run, dim=1).flatten(0, 1) for run in self._runs(logits)]


def _sample_run(logits, random):
    """Codes of shape (spans, n) from logits of shape (spans, width, n)."""
    weights = logits.sub_(logits.amax(dim=1, keepdim=True)).exp_()
    spans, width, n = weights.shape
    draws = torch.empty((spans, n), device=logits.device, dtype=logits.dtype)
    draws.uniform_(generator=random).mul_(weights.sum(dim=1))
    codes = torch.zeros((spans, n), device=logits.device, dtype=torch.int64)
    passed = torch.zeros_like(draws)
    for k in range(width - 1):  # torch.cumsum walks down the columns, which takes far longer
        codes += draws >= passed.add_(weights[:, k])
    return codes


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
        self.pac, self.dropout = pac, dropout
        slots = torch.arange(pac, device=random.device)[:, None] * n_conditions
        self.register_buffer("slots", slots, persistent=False)
        self.first = ConditionedLinear(n_in * pac, hidden_dims[0], n_conditions * pac, random)
        self.rest = nn.ModuleList(
            ConditionedLinear(a, b, 0, random) for a, b in pairwise(hidden_dims)
        )
        self.last = ConditionedLinear(hidden_dims[-1], 1, 0, random)
        self.directions = nn.Parameter(torch.zeros_like(self.last.weight).repeat(n_conditions, 1))

    def forward(self, rows, condition, random):
        """Score of each pack, of shape (packs, 1)."""
        return self.judge(self.embed(rows, self.offsets(condition)), random)

    def offsets(self, condition):
        """What the conditions of packs add to the first layer, and the directions; or None."""
        if condition is None:
            return None
        condition = condition.unflatten(0, (-1, self.pac))
        by_slot = (condition + self.slots).flatten(1)
        return embedding_sum(self.first.table, by_slot), embedding_sum(
            self.directions, condition.flatten(1)
        )

    def embed(self, rows, offsets):
        """First layer, before its activation, and the direction: affine in the rows.

        Where there are several times as many rows as offsets, these hold for each part.
        """
        packs = self.first(None, rows.reshape(len(rows) // self.pac, -1))
        if offsets is None:
            return packs
        times = len(packs) // len(offsets[0])
        offset, direction = (table.repeat(times, 1) for table in offsets)
        return torch.cat([packs + offset, direction], dim=1)

    def judge(self, embedded, random):
        """Score from what `embed` returned."""
        h, direction = self._parts(embedded)
        for layer in self.rest:
            h = layer(None, h * _slopes(h, self.dropout, random))
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
                h = layer(None, h * slopes[-1])
                slopes.append(_slopes(h, self.dropout, random))
        gradient = direction * slopes[-1]
        for layer, slope in zip(reversed(self.rest), reversed(slopes[:-1])):
            gradient = gradient @ layer.weight * slope
        return gradient @ self.first.weight

    def _parts(self, embedded):
        """First layer, and the direction onto which the last one is projected."""
        width = len(self.first.bias)
        return embedded[:, :width], self.last.weight + (
            embedded[:, width:] if embedded.shape[1] > width else 0
        )


def embedding_sum(table, rows):
    """Sum of the rows of a table that each row of indices names: a multi-hot product."""
    return F.embedding_bag(rows, table, mode="sum")


def standard_normal(shape, random, dtype):
    """Standard normal noise from an explicit generator, on its device."""
    return torch.randn(shape, generator=random, device=random.device, dtype=dtype)


def _slopes(h, dropout, random):
    """Slope of leaky ReLU followed by dropout at `h`: multiplying by it applies both."""
    with torch.no_grad():
        kept = torch.ones_like(h)
        if dropout:
            # 16 random bits for each unit: a quarter of the draws
            words = torch.empty(-(-h.numel() // 4), dtype=torch.int64, device=h.device)
            bits = words.random_(-(2**63), None, generator=random).view(torch.int16)
            shown = bits[: h.numel()].view(h.shape) >= round((dropout - 0.5) * 2**16)
            kept = shown.to(h.dtype).div_(1 - dropout)
        return torch.ops.aten.leaky_relu_backward(kept, h, LEAK, False)
