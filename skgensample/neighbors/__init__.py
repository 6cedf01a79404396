"""Samplers of the SMOTE family: interpolation between nearest neighbours."""

from ..search._nearest_neighbors import NumbaNearestNeighbors
from ._adasyn import NumbaADASYN
from ._borderline import NumbaBorderlineSMOTE
from ._kmeans import NumbaKMeansSMOTE
from ._nominal import NumbaSMOTEN, NumbaSMOTENC
from ._random import NumbaRandomOverSampler
from ._safe_level import SafeLevelSMOTE
from ._smote import NumbaSMOTE
from ._svm import NumbaSVMSMOTE

__all__ = [
    "NumbaADASYN",
    "NumbaBorderlineSMOTE",
    "NumbaKMeansSMOTE",
    "NumbaNearestNeighbors",
    "NumbaRandomOverSampler",
    "NumbaSMOTE",
    "NumbaSMOTEN",
    "NumbaSMOTENC",
    "NumbaSVMSMOTE",
    "SafeLevelSMOTE",
]
