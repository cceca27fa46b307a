"""The data sets that there are, by name."""

from __future__ import annotations

from training.datasets.brain_tumor_mri import BrainTumorMRI
from training.datasets.interface import DataSet
from training.datasets.tumor_type_unknown import TumorTypeUnknown
from training.datasets.whole_heads import Volumes

DATA_SETS: dict[str, DataSet] = {
    one.name: one for one in (BrainTumorMRI(), TumorTypeUnknown(), Volumes())
}
