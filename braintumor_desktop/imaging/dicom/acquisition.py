"""How a slice was taken, by its header: for the panel, for cautions, and for the model card."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from braintumor_desktop.domain.geometry import Plane
from braintumor_desktop.errors import TruncatedFileError
from braintumor_desktop.imaging.dicom.attributes import number, text, texts
from braintumor_desktop.imaging.dicom.plane import geometry_of


class SequenceFamily(StrEnum):
    """What makes tissue bright in a slice; `UNKNOWN` where the header does not say, or says two."""

    T1 = "T1"
    T1_CONTRAST = "T1+C"
    T2 = "T2"
    FLAIR = "FLAIR"
    PROTON_DENSITY = "PD"
    DIFFUSION = "diffusion"
    PERFUSION = "perfusion"
    FUNCTIONAL = "functional"
    SUSCEPTIBILITY = "susceptibility"
    ANGIOGRAPHY = "angiography"
    LOCALISER = "localiser"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Acquisition:
    """How a slice was taken, as its header says it; None or "" where it does not.

    Attributes
    ----------
    family
        A guess from the times, the b-value and the words of the header.
    plane
        By ImageOrientationPatient (0020,0037).
    repetition_time_ms, echo_time_ms, inversion_time_ms
        Of the sequence.
    thickness_mm
        SliceThickness (0018,0050).
    b_value
        Of diffusion, in s/mm².
    contrast
        Whether an agent was given; None where the header does not say.
    description
        SeriesDescription (0008,103E).

    """

    family: SequenceFamily = SequenceFamily.UNKNOWN
    plane: Plane = Plane.UNKNOWN
    repetition_time_ms: float | None = None
    echo_time_ms: float | None = None
    inversion_time_ms: float | None = None
    thickness_mm: float | None = None
    b_value: float | None = None
    contrast: bool | None = None
    description: str = ""


# In the order in which they are looked for: an angiography may say T1, a perfusion T2*.
_WORDS = (
    (
        SequenceFamily.LOCALISER,
        r"LO[CK]ALI[SZ](ER|ERS|ADOR|ATEUR|ATORE|ATION)|LOCS?|SCOUTS?|SURVEY|3.?PL(ANE)?|SCANOGRAM|"
        r"TOPOGRAM|PILOT|SMARTBRAIN",
    ),
    (SequenceFamily.PERFUSION, r"PERF(USION)?|DSC|DCE|P?C?ASL|CBF|CBV"),
    (SequenceFamily.FUNCTIONAL, r"BOLD|FMRI|REST(ING)?(STATE)?"),
    (
        SequenceFamily.DIFFUSION,
        r"DWI|DTI|DIFF(USION)?|ADC|TRACEW?|IVIM|RESOLVE|EP2?D?B\d*T?|(EP|RE)_B\d+\w*",
    ),
    (SequenceFamily.ANGIOGRAPHY, r"TOF|MRA|MRV|ANGIO(GRAPHY)?|PCA|VENO(GRAPHY|GRAM)?"),
    (SequenceFamily.SUSCEPTIBILITY, r"SWI[PM]?|SWAN|T2[*]|T2STAR|HEMO|SUSC\w*|MEDIC"),
    (SequenceFamily.FLAIR, r"\w*FLAIR|DARK.?FLUID|DA.?FL"),
    (SequenceFamily.PROTON_DENSITY, r"PDW?|PROTON"),
    (SequenceFamily.T2, r"T2W?(SE|TSE|FSE)?|T2.?SPACE|CUBE.?T2"),
    (SequenceFamily.T1, r"T1W?(SE|TSE|FSE|FFE|GRE|TFE|VIBE)?|\w*MP.?RAGE|B?RAVO|3?D?.?SPGR|FSPGR"),
)
# Family, whether of a gradient echo (None: either), then repetition, echo and inversion time in ms,
# which is 0 where there is none: the usual bounds of clinical weighting at 1.5 and 3 T, with gaps
# between them that stay undecided (e.g. Westbrook & Talbot, MRI in Practice, chapter 2).
_Bounds = tuple[float, float]
_ANY: _Bounds = (0, math.inf)
_NONE: _Bounds = (0, 0)
_TIMES: tuple[tuple[SequenceFamily, bool | None, _Bounds, _Bounds, _Bounds], ...] = (
    (SequenceFamily.FLAIR, None, (4000, math.inf), (60, math.inf), (1500, math.inf)),
    (SequenceFamily.T1, True, _ANY, (0, 10), (400, 1400)),
    (SequenceFamily.T1, False, (0, 900), (0, 30), _NONE),
    (SequenceFamily.T2, False, (1800, math.inf), (70, math.inf), _NONE),
    (SequenceFamily.PROTON_DENSITY, False, (1800, math.inf), (0, 35), _NONE),
)
_PLAIN = (SequenceFamily.T1, SequenceFamily.T2, SequenceFamily.PROTON_DENSITY, SequenceFamily.FLAIR)
_WITH_CONTRAST = re.compile(
    r"\+ ?C\b|\bC ?\+|\bC\+|\b(GD|GAD(O|OLINIUM)?|POST|CONTRAST|ENHANCED|CE|KM|MDC|IV)\b"
)
_WITHOUT_CONTRAST = re.compile(
    r"\b(NON?|W/?O|WITHOUT|OHNE|SANS|SIN|PRE|NATIV[EO]?)\b|^\s*-\s*$|^(NO|NONE|N/A)$"
)


def acquisition_of(attributes: Any) -> Acquisition:
    """How a frame was taken; `attributes` answers `get(keyword)` as a data set does.

    Never raises for what a header holds: what is damaged counts as not said.
    """
    geometry = geometry_of(attributes)
    thickness = number(attributes, "SliceThickness")
    contrast = _contrast(attributes)
    return Acquisition(
        family=_family(attributes, contrast),
        plane=geometry.plane if geometry else Plane.UNKNOWN,
        repetition_time_ms=number(attributes, "RepetitionTime"),
        echo_time_ms=_echo_time(attributes),
        inversion_time_ms=_inversion_time(attributes),
        thickness_mm=thickness if thickness and thickness > 0 else None,
        b_value=number(attributes, "DiffusionBValue"),
        contrast=contrast,
        description=text(attributes, "SeriesDescription"),
    )


def _echo_time(attributes: Any) -> float | None:
    effective = number(attributes, "EffectiveEchoTime")  # of enhanced objects
    return number(attributes, "EchoTime") if effective is None else effective


def _inversion_time(attributes: Any) -> float | None:
    found = number(attributes, "InversionTime")
    if found is None:
        found = number(attributes, "InversionTimes")
    return found


def _said(attributes: Any) -> str:
    """The words of the header that name a sequence, in capitals."""
    keywords = ("SeriesDescription", "ProtocolName", "SequenceName", "PulseSequenceName")
    return " ; ".join(text(attributes, keyword).upper() for keyword in keywords)


def _contrast(attributes: Any) -> bool | None:
    agent = text(attributes, "ContrastBolusAgent").upper()
    if agent:
        return not _WITHOUT_CONTRAST.search(agent)
    words = text(attributes, "SeriesDescription").upper().replace("_", " ")
    if _WITHOUT_CONTRAST.search(words):
        return False
    return True if _WITH_CONTRAST.search(words) else None


def _family(attributes: Any, contrast: bool | None) -> SequenceFamily:
    """By the words, unless the times contradict them; by the times where there are no words."""
    if "LOCALIZER" in _words_of(attributes, "ImageType", "FrameType"):
        return SequenceFamily.LOCALISER
    if (number(attributes, "DiffusionBValue") or 0) > 0:
        return SequenceFamily.DIFFUSION
    said = _by_words(_said(attributes))
    timed = _by_times(attributes)
    family = said or timed or SequenceFamily.UNKNOWN
    if said in _PLAIN and timed and said != timed:
        family = SequenceFamily.UNKNOWN
    if family == SequenceFamily.T1 and contrast:
        return SequenceFamily.T1_CONTRAST
    return family


def _by_words(words: str) -> SequenceFamily | None:
    for family, pattern in _WORDS:
        # Underscores and digits join words that belong together: "T2_TSE", "2D1_ax".
        if re.search(rf"(?<![A-Z0-9])({pattern})(?![A-Z0-9*])", words):
            return family
    return None


def _by_times(attributes: Any) -> SequenceFamily | None:
    """By repetition, echo and inversion time, of spin echoes and of magnetised gradient echoes."""
    repetition, echo = number(attributes, "RepetitionTime"), _echo_time(attributes)
    if repetition is None or not echo:
        return None
    inversion = _inversion_time(attributes) or 0.0
    kinds = _words_of(attributes, "ScanningSequence", "EchoPulseSequence")
    gradient = bool(kinds & {"GR", "GRADIENT"})
    times = repetition, echo, inversion
    for family, of_gradient, *bounds in _TIMES:
        fits = (low <= time <= high for time, (low, high) in zip(times, bounds, strict=True))
        if of_gradient in (None, gradient) and all(fits):
            return family
    return None


def _words_of(attributes: Any, *keywords: str) -> set[str]:
    found: set[str] = set()
    for keyword in keywords:
        try:
            found.update(texts(attributes, keyword))
        except TruncatedFileError:
            continue
    return found
