"""How a slice was taken, as its header says it: an honest guess, or unknown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pydicom.data
import pytest
from pydicom.dataset import Dataset

from braintumor_desktop.domain.geometry import Plane
from braintumor_desktop.imaging.dicom.acquisition import Acquisition, SequenceFamily, acquisition_of
from braintumor_desktop.imaging.read import read_slice

FILES = Path(pydicom.data.__file__).parent / "test_files"


def of(**attributes: Any) -> Acquisition:
    dataset = Dataset()
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    return acquisition_of(dataset)


@pytest.mark.parametrize(
    ("attributes", "family"),
    [
        ({}, "unknown"),
        ({"SeriesDescription": "t1_se_tra"}, "T1"),
        ({"SeriesDescription": "AX T1 POST GD"}, "T1+C"),
        ({"SeriesDescription": "AX T1 W/O"}, "T1"),
        ({"SeriesDescription": "T1W_TSE_TRA", "ContrastBolusAgent": "Dotarem 10 ml"}, "T1+C"),
        ({"SeriesDescription": "T1W_TSE_TRA", "ContrastBolusAgent": "NONE"}, "T1"),
        ({"SeriesDescription": "t2_tse_tra_512"}, "T2"),
        ({"SeriesDescription": "SAG T2 FLAIR FS"}, "FLAIR"),
        ({"SeriesDescription": "t2_tirm_dark-fluid_tra"}, "FLAIR"),
        ({"SeriesDescription": "ep2d_diff_3scan_trace"}, "diffusion"),
        ({"SeriesDescription": "Axial", "DiffusionBValue": 1000.0}, "diffusion"),
        ({"SeriesDescription": "T2* GRE"}, "susceptibility"),
        ({"SeriesDescription": "TOF_3D_multi-slab"}, "angiography"),
        ({"SeriesDescription": "ep2d_bold_rest"}, "functional"),
        ({"SeriesDescription": "ep2d_perf_p2"}, "perfusion"),
        ({"SeriesDescription": "3-plane localizer"}, "localiser"),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"]}, "localiser"),
        ({"SeriesDescription": "t1_mprage_sag_p2_iso"}, "T1"),
        ({"RepetitionTime": 500, "EchoTime": 12, "ScanningSequence": "SE"}, "T1"),
        ({"RepetitionTime": 4500, "EchoTime": 100, "ScanningSequence": "SE"}, "T2"),
        ({"RepetitionTime": 3000, "EchoTime": 20, "ScanningSequence": "SE"}, "PD"),
        ({"RepetitionTime": 9000, "EchoTime": 110, "InversionTime": 2500}, "FLAIR"),
        (
            {
                "RepetitionTime": 2300,
                "EchoTime": 3,
                "InversionTime": 900,
                "ScanningSequence": ["GR", "IR"],
            },
            "T1",
        ),
        ({"RepetitionTime": 30, "EchoTime": 5, "ScanningSequence": "GR"}, "unknown"),
        ({"RepetitionTime": 1200, "EchoTime": 50, "ScanningSequence": "SE"}, "unknown"),
        # The words and the times disagree: neither is believed.
        (
            {"SeriesDescription": "AX T1", "RepetitionTime": 4500, "EchoTime": 100},
            "unknown",
        ),
        ({"SeriesDescription": "HEAD ROUTINE"}, "unknown"),
        ({"SeriesDescription": "PT12 STUDY T17"}, "unknown"),
    ],
)
def test_the_family_is_guessed_or_unknown(attributes: dict[str, Any], family: str) -> None:
    assert of(**attributes).family == SequenceFamily(family)


def test_what_the_header_says_is_there_in_numbers() -> None:
    said = of(
        RepetitionTime="500",
        EchoTime="12.5",
        SliceThickness="5",
        ImageOrientationPatient=[0, 1, 0, 0, 0, -1],
        ImagePositionPatient=[0, 0, 0],
        ContrastBolusAgent="Gadovist",
        SeriesDescription="sag t1",
    )
    assert (said.repetition_time_ms, said.echo_time_ms, said.thickness_mm) == (500, 12.5, 5)
    assert said.plane == Plane.SAGITTAL
    assert said.contrast is True


def test_what_is_not_said_stays_unknown() -> None:
    assert of() == Acquisition()


def test_a_slice_carries_its_family() -> None:
    assert read_slice(FILES / "MR_small.dcm").sequence == "T2"
