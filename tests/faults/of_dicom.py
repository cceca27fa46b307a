"""Faults of DICOM files: bytes put in, bits of a deflated one, elements that stand twice."""

from __future__ import annotations

import io
import os
import random
import struct
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pydicom
import pydicom.data
from outcome import Outcome, of_reading
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian

from braintumor_desktop.imaging.read import decode_slice

SHARED = os.environ.get("BRAINTUMOR_DATA") or Path(__file__).parents[3] / "shared" / "data"
_PIXELS = b"\xe0\x7f\x10\x00OW\x00\x00"


def slices() -> list[bytes]:
    """The real slices of the DICOM series; pydicom's own where there is no data set."""
    found = sorted((Path(SHARED) / "dicom-series").glob("*.dcm"))
    own = Path(pydicom.data.__file__).parent / "test_files" / "MR_small.dcm"
    return [_written(pydicom.dcmread(path), ExplicitVRLittleEndian) for path in found or [own]]


def _written(dataset: pydicom.FileDataset, syntax: str) -> bytes:
    dataset.file_meta.TransferSyntaxUID = syntax
    stream = io.BytesIO()
    dataset.save_as(stream)
    return stream.getvalue()


def inserted(folder: Path, longer: bool) -> Iterator[Outcome]:
    """Bytes put in among the pixels, with or without the element's length saying so."""
    chance = random.Random(1)
    for data in slices():
        before = decode_slice(data, folder)
        place = data.rindex(_PIXELS) + 12
        (length,) = struct.unpack_from("<I", data, place - 4)
        for size in (1, 2, 64, 1000):
            at = place + chance.randrange(length // 4, length // 2)
            stated = struct.pack("<I", length + size if longer else length)
            changed = data[: place - 4] + stated + data[place:at] + bytes(size) + data[at:]
            yield of_reading(changed, before)


def flipped(folder: Path) -> Iterator[Outcome]:
    """A bit of the deflated part is another."""
    chance = random.Random(2)
    plain = slices()[0]
    data = _written(pydicom.dcmread(io.BytesIO(plain)), DeflatedExplicitVRLittleEndian)
    before = decode_slice(plain, folder)
    start = data.index(b"1.2.840.10008.1.2.1.99") + 64
    for _ in range(500):
        changed = bytearray(data)
        changed[chance.randrange(start, len(data))] ^= 1 << chance.randrange(8)
        yield of_reading(bytes(changed), before)


def twice(keyword: str, value: object) -> Callable[[Path], Iterator[Outcome]]:
    """The element stands twice, the second time with another value."""

    def inject(folder: Path) -> Iterator[Outcome]:
        for data in slices():
            before = decode_slice(data, folder)
            dataset = pydicom.dcmread(io.BytesIO(data))
            first = _encoded(dataset, keyword)
            setattr(dataset, keyword, value)
            if first not in data:
                continue
            for second in (first + _encoded(dataset, keyword), _encoded(dataset, keyword) + first):
                yield of_reading(data.replace(first, second, 1), before)

    return inject


def _encoded(dataset: pydicom.Dataset, keyword: str) -> bytes:
    """The element's bytes, as the file has them (explicit VR, little-endian)."""
    alone = pydicom.Dataset()
    alone[keyword] = dataset[keyword]
    stream = io.BytesIO()
    pydicom.dcmwrite(stream, alone, implicit_vr=False, little_endian=True)
    return stream.getvalue()


FAULTS: tuple[tuple[str, Callable[[Path], Iterable[Outcome]]], ...] = (
    ("DICOM: bytes put in among the pixels", lambda folder: inserted(folder, False)),
    ("DICOM: the same, and the element's length says so", lambda folder: inserted(folder, True)),
    ("Deflated DICOM: one bit is another", flipped),
    (
        "DICOM: photometric interpretation stands twice, once as MONOCHROME1",
        twice("PhotometricInterpretation", "MONOCHROME1"),
    ),
    ("DICOM: pixel spacing stands twice, once doubled", twice("PixelSpacing", [2.0, 2.0])),
    ("DICOM: patient's identifier stands twice, once another's", twice("PatientID", "OTHER-1")),
)
