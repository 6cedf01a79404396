"""Fitted generators as files: a zip of JSON and safetensors, without pickle."""

from ._load import load
from ._save import save_model

__all__ = ["load", "save_model"]
