"""Small convolutional networks for images of any size, and dense ones for rows of a table."""

from itertools import pairwise

import torch
from torch import nn
from torch.nn import functional as F

__all__ = ["Critic", "Decoder", "Encoder"]

SLOPE = 0.2
#: Side below which images are not halved any more; halvings at most.
LEAST_SIDE, MOST_HALVINGS = 4, 4
#: Channels at full size, before the last convolution of a decoder.
FINAL = 16
#: Initial weight of the noise of each channel.
NOISE = 0.05
#: Widths of the hidden layers for tables.
HIDDEN = (128, 128)


def _sides(shape):
    """Height and width after each halving, the image's own first; empty for a table."""
    sides = [tuple(shape[:2])]
    while min(sides[-1]) >= 2 * LEAST_SIDE and len(sides) <= MOST_HALVINGS:
        sides.append(tuple(-(-side // 2) for side in sides[-1]))
    return sides


def _channels(n, width):
    """Channels after each of n halvings."""
    return [width * min(2**i, 4) for i in range(n)]


def _normed(channels):
    return nn.GroupNorm(max(g for g in (1, 2, 4, 8) if channels % g == 0), channels)


class Conv2d(nn.Conv2d):
    """Convolution whose weights `initialise` draws, and not torch's global generator."""

    def reset_parameters(self):
        """Leave the weights unset."""


class Linear(nn.Linear):
    """Linear layer whose weights `initialise` draws."""

    def reset_parameters(self):
        """Leave the weights unset."""


class _Embedding(nn.Embedding):
    """Embedding whose weights `initialise` draws."""

    def reset_parameters(self):
        """Leave the weights unset."""


def initialise(net, random):
    """Draw the weights of convolutions and linear layers (He et al. 2015) from one generator."""
    for layer in net.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            fan_in = layer.weight[0].numel()
            std = (2 / (1 + SLOPE**2) / fan_in) ** 0.5
            with torch.no_grad():
                layer.weight.normal_(0, std, generator=random)
                layer.bias.zero_()
        if isinstance(layer, nn.Embedding):
            with torch.no_grad():
                layer.weight.normal_(0, 0.05, generator=random)
    return net


class _Noise(nn.Module):
    """Adds one normal number per pixel, weighted by channel: fine grain needs no latent vector.

    As in StyleGAN (Karras, Laine and Aila 2019, arXiv 1812.04948). Without a random generator
    nothing is added.
    """

    def __init__(self, channels):
        super().__init__()
        self.weight = nn.Parameter(torch.full((1, channels, 1, 1), NOISE))

    def forward(self, images, random):
        """Images of the same shape."""
        if random is None:
            return images
        shape = (len(images), 1, *images.shape[2:])
        draws = torch.empty(shape, device=images.device).normal_(generator=random)
        return images + self.weight * draws


class _Features(nn.Module):
    """Images, or rows, as one vector each."""

    def __init__(self, shape, width, *, norm):
        super().__init__()
        sides, layers = _sides(shape), []
        if shape[0] == 1:
            dims = (shape[1] * shape[2], *HIDDEN)
            layers = [nn.Flatten()]
            for n_in, n_out in pairwise(dims):
                layers += [Linear(n_in, n_out), nn.LeakyReLU(SLOPE)]
            self.n_out = dims[-1]
        else:
            before = shape[2]
            if len(sides) == 1:  # too small to be halved
                layers += [Conv2d(before, width, 3, 1, 1), nn.LeakyReLU(SLOPE)]
                before = width
            for i, channels in enumerate(_channels(len(sides) - 1, width)):
                layers.append(Conv2d(before, channels, 3, 2, 1))
                layers += [_normed(channels)] if norm and i else []
                layers.append(nn.LeakyReLU(SLOPE))
                before = channels
            layers.append(nn.Flatten())
            self.n_out = before * sides[-1][0] * sides[-1][1]
        self.layers = nn.Sequential(*layers)

    def forward(self, images):
        """Vectors of shape (n, n_out)."""
        return self.layers(images)


class Encoder(nn.Module):
    """Images of shape (n, channels, h, w) as latent vectors.

    Parameters
    ----------
    shape : tuple (h, w, channels)
        Shape of an image; a height of 1 makes the network dense.
    latent_dim : int
        Length of a latent vector.
    width : int
        Channels of the first convolution.
    random : torch.Generator
        Source of the initial weights.
    """

    def __init__(self, shape, latent_dim, width, random):
        super().__init__()
        self.features = _Features(shape, width, norm=True)
        self.out = Linear(self.features.n_out, latent_dim)
        initialise(self, random)

    def forward(self, images):
        """Latent vectors of shape (n, latent_dim)."""
        return self.out(self.features(images))


class Decoder(nn.Module):
    """Latent vectors as images of shape (n, channels, h, w) between 0 and 1, or as rows.

    With classes it is a class-conditional generator: an embedding of the class is concatenated
    with the latent vector, and noise is added before each non-linearity.

    Parameters
    ----------
    shape : tuple (h, w, channels)
        Shape of an image; a height of 1 makes the network dense, and its output linear.
    latent_dim : int
        Length of a latent vector.
    width : int
        Channels of the last hidden layer.
    random : torch.Generator
        Source of the initial weights.
    n_classes : int, default=0
        Number of classes; 0 for none.
    """

    def __init__(self, shape, latent_dim, width, random, n_classes=0):
        super().__init__()
        self.shape, self.latent_dim = shape, latent_dim
        self.classes = _Embedding(n_classes, 16) if n_classes else None
        n_in = latent_dim + (16 if n_classes else 0)
        self.dense = shape[0] == 1
        if self.dense:
            dims = (n_in, *HIDDEN)
            layers = []
            for a, b in pairwise(dims):
                layers += [Linear(a, b), nn.LeakyReLU(SLOPE)]
            self.layers = nn.Sequential(*layers, Linear(dims[-1], shape[1] * shape[2]))
        else:
            self._build(n_in, width)
        initialise(self, random)

    def _build(self, n_in, width):
        """Layers: a linear one, blocks that double the side, a convolution to the pixels.

        Bilinear interpolation doubles the side: transposed and sub-pixel convolutions leave a
        checkerboard (Odena, Dumoulin and Olah 2016).
        """
        h, w, c = self.shape
        n = max(len(_sides(self.shape)) - 1, 1)
        channels = [*_channels(n, width)[::-1], FINAL]
        self.start = (channels[0], -(-h // 2**n), -(-w // 2**n))
        self.first = Linear(n_in, channels[0] * self.start[1] * self.start[2])
        blocks = [_normed(channels[0]), nn.LeakyReLU(SLOPE)]
        for before, after in pairwise(channels):
            blocks += [nn.Upsample(scale_factor=2, mode="bilinear")]
            blocks += [Conv2d(before, after, 3, 1, 1)]
            blocks += [_Noise(after)] if self.classes is not None else []
            blocks += [_normed(after), nn.LeakyReLU(SLOPE)]
        self.layers = nn.ModuleList([*blocks, Conv2d(FINAL, c, 3, 1, 1)])

    def forward(self, latent, labels=None, random=None):
        """Images of the latent vectors; of class indices and with noise where there are classes."""
        if self.classes is not None:
            latent = torch.cat([latent, self.classes(labels)], dim=1)
        if self.dense:
            return self.layers(latent).view(len(latent), self.shape[2], 1, self.shape[1])
        images = self.first(latent).view(-1, *self.start)
        for layer in self.layers:
            images = layer(images, random) if isinstance(layer, _Noise) else layer(images)
        return torch.sigmoid(images[:, :, : self.shape[0], : self.shape[1]])


class Critic(nn.Module):
    """Score of an image under a class, with a projection of the class (Miyato and Koyama 2018).

    Parameters
    ----------
    shape : tuple (h, w, channels)
        Shape of an image; a height of 1 makes the network dense.
    width : int
        Channels of the first convolution.
    n_classes : int
        Number of classes.
    random : torch.Generator
        Source of the initial weights.
    """

    def __init__(self, shape, width, n_classes, random):
        super().__init__()
        self.features = _Features(shape, width, norm=False)
        self.hidden = Linear(self.features.n_out, 64)
        self.out = Linear(64, 1)
        self.classes = _Embedding(n_classes, 64)
        initialise(self, random)

    def forward(self, images, labels):
        """Scores of shape (n,)."""
        hidden = F.leaky_relu(self.hidden(self.features(images)), SLOPE)
        return self.out(hidden)[:, 0] + (self.classes(labels) * hidden).sum(dim=1)
