"""Data sets: card transactions and lung slices, simulated; loaders of files."""

from ._card_transactions import (
    card_transaction_features,
    load_card_transactions,
    make_card_transactions,
)
from ._image_files import load_image_folder, load_medmnist
from ._lung_slices import make_lung_slices

__all__ = [
    "card_transaction_features",
    "load_card_transactions",
    "load_image_folder",
    "load_medmnist",
    "make_card_transactions",
    "make_lung_slices",
]
