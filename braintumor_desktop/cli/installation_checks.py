"""Whether this installation does what it claims: the bundle, every format, an answer.

The files are made here from the demo slice, and read the way that everybody's are.
"""

from __future__ import annotations

import gzip
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from pydicom import dcmwrite
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    UID,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    MRImageStorage,
    RLELossless,
)

from braintumor_desktop.cli.compressed_samples import sample
from braintumor_desktop.domain.answer import NO_TUMOUR
from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.imaging.dicom.transfer_syntax import NATIVE, RLE, TRANSFER_SYNTAXES
from braintumor_desktop.imaging.prepare import prepare
from braintumor_desktop.imaging.raster.tiff_codecs import DECODERS
from braintumor_desktop.imaging.read import decode_frames, read_slice
from braintumor_desktop.inference.classifier import Classifier
from braintumor_desktop.sources.demo import write_demo_slice

Pixels = NDArray[np.uint16]
_WRITTEN = NATIVE | RLE
_JPEG_LOSS = 12  # grey levels of 255, at quality 95 on the demo slice
_UID_ROOT = "1.2.826.0.1.3680043.8.498."


class SelfTestError(BraintumorError):
    """A check did not hold."""

    kind = "self_test"


@dataclass(frozen=True)
class Check:
    """One check: whether it held, why not, and what it found."""

    name: str
    ok: bool
    reason: str = ""
    found: dict[str, Any] = field(default_factory=dict)


def run(bundle: Path, more: dict[str, Callable[[], dict[str, Any]]]) -> Iterator[Check]:
    """Do one check after the other, whatever became of those before.

    `more` are checks from floors above: by name, what does it and returns what it found.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        demo_slice = write_demo_slice(folder)
        pixels = read_slice(demo_slice).pixels.astype(np.uint16)
        yield _check("model", lambda: _model(bundle))
        for what, write in _writers().items():
            yield _check(f"read {what}", partial(_read, write, pixels, folder))
        for syntax in sorted(TRANSFER_SYNTAXES - _WRITTEN):
            what = f"read DICOM, {UID(syntax).name}"
            yield _check(what, partial(_read_compressed, UID(syntax), folder))
        yield _check("read NIfTI", lambda: _read_nifti(pixels))
        yield _check("classify", lambda: _classify(bundle, demo_slice))
    for what, act in more.items():
        yield _check(what, act)


def _check(name: str, act: Callable[[], dict[str, Any]]) -> Check:
    try:
        return Check(name, True, found=act())
    except Exception as error:  # whatever is broken, the other checks are still of interest
        return Check(name, False, f"{type(error).__name__}: {error}")


def _model(bundle: Path) -> dict[str, Any]:
    loaded = Classifier.load(bundle)
    info, signature = loaded.info, loaded.signature
    whose = {"signed_by": signature.signer, "key": signature.key_id}
    return {"name": info.name, "sha256": info.sha256, **whose}


def _classify(bundle: Path, path: Path) -> dict[str, Any]:
    classifier = Classifier.load(bundle)
    prediction = classifier.classify(prepare(read_slice(path), classifier.input_size))
    if abs(sum(prediction.probabilities.values()) - 1) > 1e-6:
        raise SelfTestError("The probabilities do not sum to 1.")
    if prediction.label != NO_TUMOUR:  # as where the description names the classes in another order
        raise SelfTestError("The healthy head is called {label}.", label=prediction.label)
    return {"probabilities": prediction.probabilities}


def _read(write: Callable[[Pixels], bytes], pixels: Pixels, folder: Path) -> dict[str, Any]:
    path = folder / "sample"  # without a suffix: the content decides
    path.write_bytes(write(pixels))
    mri = read_slice(path)
    wanted = pixels if mri.pixels.max() > 255 else _eight_bits(pixels)
    if mri.pixels.shape != wanted.shape:
        raise SelfTestError("The picture has another size than was written.")
    off = float(np.abs(mri.pixels - wanted).max())
    if off > (_JPEG_LOSS if mri.source.format == "JPEG" else 0):
        raise SelfTestError("The pixels differ from what was written by {off}.", off=off)
    return {"format": mri.source.format}


def _read_nifti(pixels: Pixels) -> dict[str, Any]:
    """A volume of two slices, compressed, comes back as radiologists look at it."""
    from nibabel.nifti1 import Nifti1Image

    voxels = np.stack([pixels.T[::-1, ::-1]] * 2, axis=-1)
    data = gzip.compress(Nifti1Image(voxels, np.diag([1.0, 1.0, 5.0, 1.0])).to_bytes())
    slices = decode_frames(data, Path("sample.nii.gz"))
    if len(slices) != 2 or not np.array_equal(slices[1].pixels, pixels):
        raise SelfTestError("The pixels differ from what was written.")
    return {"format": slices[1].source.format}


def _writers() -> dict[str, Callable[[Pixels], bytes]]:
    """What makes a file of each format, compression and transfer syntax that the app claims."""
    writers: dict[str, Callable[[Pixels], bytes]] = {
        "PNG": lambda pixels: _encoded(".png", pixels),
        "JPEG": lambda pixels: _encoded(".jpg", _eight_bits(pixels)),
        "JPEG, progressive": lambda pixels: _encoded(
            ".jpg", _eight_bits(pixels), [cv2.IMWRITE_JPEG_PROGRESSIVE, 1]
        ),
        "BMP": lambda pixels: _encoded(".bmp", _eight_bits(pixels)),
    }
    for number in sorted(DECODERS):
        options = [cv2.IMWRITE_TIFF_COMPRESSION, number]
        writers[f"TIFF, compression {number}"] = partial(_encoded, ".tiff", options=options)
    for syntax in sorted(TRANSFER_SYNTAXES & _WRITTEN):
        writers[f"DICOM, {UID(syntax).name}"] = partial(_dicom, syntax=syntax)
    return writers


def _eight_bits(pixels: Pixels) -> NDArray[np.uint8]:
    return np.asarray(pixels * (255 / pixels.max()), np.uint8)


def _encoded(suffix: str, pixels: NDArray[Any], options: list[int] | None = None) -> bytes:
    return cv2.imencode(suffix, pixels, options or [])[1].tobytes()


def _dicom(pixels: Pixels, syntax: UID) -> bytes:
    """A magnetic resonance slice without a patient, stored in `syntax`."""
    dataset = mr_slice(pixels, "big" if syntax == ExplicitVRBigEndian else "little")
    if syntax == RLELossless:
        dataset.compress(RLELossless, pixels, generate_instance_uid=False)
    return written(dataset, syntax)


def _read_compressed(syntax: UID, folder: Path) -> dict[str, Any]:
    """Read a sample that was made elsewhere: the app has decoders, no encoders."""
    found = sample(syntax)
    if found is None:
        raise SelfTestError("No file can be made in {syntax}.", syntax=syntax.name)
    codestream, pixels = found
    dataset = mr_slice(pixels, "little")
    if pixels.max() < 256:
        dataset.BitsAllocated = dataset.BitsStored = 8
        dataset.HighBit = 7
    dataset.PixelData = encapsulate([codestream])
    dataset["PixelData"].is_undefined_length = True
    path = folder / "sample"
    path.write_bytes(written(dataset, syntax))
    if not np.array_equal(read_slice(path).pixels, pixels):
        raise SelfTestError("The pixels differ from what was written.")
    return {"format": "DICOM"}


def written(dataset: Dataset, syntax: UID) -> bytes:
    """Return the bytes of a file that holds `dataset` in a transfer syntax."""
    dataset.file_meta.TransferSyntaxUID = syntax
    target = BytesIO()
    dcmwrite(target, dataset, enforce_file_format=True)
    return target.getvalue()


def mr_slice(pixels: Pixels, order: str) -> Dataset:
    """Return a magnetic resonance slice without a patient, of 16-bit `pixels` in a byte order."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID, dataset.SOPInstanceUID = MRImageStorage, _UID_ROOT + "1"
    dataset.Modality, dataset.PhotometricInterpretation = "MR", "MONOCHROME2"
    dataset.Rows, dataset.Columns = pixels.shape
    dataset.SamplesPerPixel, dataset.PixelRepresentation = 1, 0
    dataset.BitsAllocated = dataset.BitsStored = 16
    dataset.HighBit = 15
    dataset.add_new("PixelData", "OW", pixels.astype(">u2" if order == "big" else "<u2").tobytes())
    return dataset
