"""Bytes that training takes, estimated from the sizes of the networks before they are made.

All numbers are float32. A network's weights are held several times: as weights, gradients, Adam's
two moments, the running average, the divergence guard's snapshot and the one that replaces it, the
best network of early stopping and the present candidate.
"""

from dataclasses import dataclass
from itertools import pairwise

import torch

from ..._runtime.memory import refuse_beyond

#: Copies of the weights of a network from which rows are generated, and of any other network.
GENERATING, OTHER = 15, 10
#: Numbers for each column of an encoded row of a batch: logits, noise, activations, gradients.
ADVERSARIAL_ROW, ELBO_ROW, CODES_ROW = 20, 8, 2
#: Numbers for each logit of a generated row, while marginals are calibrated.
CALIBRATED = 4
#: Numbers for each hidden unit of a row of a batch, gradients included.
HIDDEN = 3
#: Rows that pass through a network at a time when they are generated, and evaluated.
DRAWN_ROWS, EVALUATED_ROWS = 6_144, 1_024
#: Copies of the mask of a masked network, and of the product with it.
MASKED = 4


@dataclass(frozen=True)
class TrainingSize:
    """Numbers that a training needs at once.

    Parameters
    ----------
    generating : int
        Weights of the network from which rows are generated.
    other : int
        Weights of other networks.
    row : int
        Numbers for each row of a batch, gradients included.
    logits : int
        Logits of a generated row.
    units : int
        Hidden units that a generated row passes through.
    """

    generating: int
    other: int
    row: int
    logits: int
    units: int

    def n_bytes(self, batch_rows, drawn_rows):
        """Bytes of a training.

        Parameters
        ----------
        batch_rows : int
            Rows of a batch.
        drawn_rows : int
            Rows whose logits are kept for calibration.
        """
        weights = GENERATING * self.generating + OTHER * self.other
        drawn = CALIBRATED * drawn_rows * self.logits + DRAWN_ROWS * self.units
        return 4 * (weights + max(batch_rows * self.row, drawn))


def linear_size(n_in, n_out, n_conditions=0):
    """Number of weights of a `ConditionedLinear`."""
    return int(n_out) * (int(n_in) + 1 + int(n_conditions))


def chain_size(widths, n_conditions=0):
    """Number of weights of layers between these widths, all with conditions."""
    return sum(linear_size(a, b, n_conditions) for a, b in pairwise(widths))


def adversarial_size(latent, hidden, critic, width, n_conditions, pac):
    """Size of the training of a generator and a critic.

    Parameters
    ----------
    latent : int
        Width of the noise.
    hidden, critic : sequence of int
        Hidden layers of the generator and of the critic.
    width : int
        Width of an encoded row.
    n_conditions, pac : int
        Number of condition indices; rows that the critic scores together.
    """
    inner, generating, units = int(latent), 0, int(latent)
    for dim in map(int, hidden):
        generating += linear_size(inner, dim, n_conditions) + 2 * dim
        inner += dim
        units += 2 * dim + inner  # normalised as well, and concatenated with the layer's input
    generating += linear_size(inner, width, n_conditions)
    first, last = critic[0], critic[-1]
    other = linear_size(width * pac, first, n_conditions * pac) + chain_size(critic)
    other += linear_size(last, 1) + int(last) * n_conditions
    row = ADVERSARIAL_ROW * width + HIDDEN * units
    row += 2 * HIDDEN * sum(map(int, critic)) // pac  # real and generated rows
    return TrainingSize(generating, other, row, width, units // 2)


def autoencoder_size(latent, compress, decompress, layout, n_conditions):
    """Size of the training of a variational autoencoder.

    Parameters
    ----------
    latent : int
        Number of latent variables.
    compress, decompress : sequence of int
        Hidden layers of the encoder and of the decoder.
    layout : tuple (n_scalars, width)
        Continuous columns, and width of an encoded row.
    n_conditions : int
        Number of condition indices.
    """
    scalars, width = layout
    other = linear_size(scalars, compress[0], width - scalars + n_conditions)
    other += chain_size(compress) + linear_size(compress[-1], 2 * latent)
    generating = chain_size((latent, *decompress, width), n_conditions)
    generating += (n_conditions + 1) * scalars
    units = [sum(map(int, widths)) for widths in (compress, decompress)]
    row = ELBO_ROW * width + HIDDEN * sum(units)
    return TrainingSize(generating, other, row, width, units[1])


def masked_size(d, n_inputs, n_codes, hidden, embedding, n_layers, any_order):
    """Size of the training of a `MaskedNetwork`.

    Parameters
    ----------
    d : int
        Number of columns, label included.
    n_inputs, n_codes : int
        Sums of the input and of the output codes of all columns.
    hidden, embedding, n_layers : int
        Hidden units of a block, width of embeddings, hidden layers.
    any_order : bool
        Whether a column may be predicted from any others.
    """
    d, hidden, embedding = int(d), int(hidden), int(embedding)
    first = d * d * embedding * hidden
    weights = first + d * hidden + n_inputs * embedding + (d * embedding if any_order else 0)
    weights += (int(n_layers) - 1) * d * hidden * (hidden + 1) + n_codes * (hidden + 1)
    units = d * (embedding + hidden * (1 + int(n_layers)))
    row = CODES_ROW * n_codes + HIDDEN * units
    # the first layer's mask is held wherever its weights are, and both are multiplied
    return TrainingSize(
        weights, first * MASKED // OTHER, row, n_codes, units * EVALUATED_ROWS // DRAWN_ROWS
    )


def refuse_training(n_bytes, way_out, device):
    """Raise `MemoryLimitError` if a training needs more bytes than its device has left.

    Parameters
    ----------
    n_bytes : int
        Bytes of the training.
    way_out : str
        What the reader can do.
    device : torch.device
        Where networks are trained.
    """
    device = torch.device(device)
    limit = torch.cuda.mem_get_info(device)[0] if device.type == "cuda" else None
    refuse_beyond(n_bytes, "Training", way_out, limit=limit)
