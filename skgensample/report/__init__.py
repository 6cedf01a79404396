"""Quality report of a synthetic table: fidelity, utility and privacy next to reference rows."""

from ._report import QualityReport

__all__ = ["QualityReport"]
