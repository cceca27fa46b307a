"""What coverage-guided fuzzing feeds: for each target seeds, and a function of a file's bytes.

A function lets through what the app does not foresee; a `BraintumorError` is an answer.
"""

from __future__ import annotations

import io
import itertools
import json
import logging
import os
import random
import shutil
import struct
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pydicom
import pydicom.data
import seeds
from PySide6.QtCore import QSettings

from braintumor_desktop import paths
from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.domain.result import FileResult, to_json
from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.imaging.dicom.directory import read_directory
from braintumor_desktop.imaging.nifti_header import is_nifti
from braintumor_desktop.imaging.read import decode_frames
from braintumor_desktop.inference import bundle
from braintumor_desktop.inference.bundle_signature import BundleTrust
from braintumor_desktop.policy import read_policy
from braintumor_desktop.sources import catalogue
from braintumor_desktop.sources.volumes import read_volume
from braintumor_desktop.store.records import Records
from braintumor_desktop.ui.preferences import PREFERENCES, Preferences
from braintumor_desktop.ui.settings import open_settings
from braintumor_desktop.ui.system.recent import RecentPaths

MOST_SEED_BYTES = 64 * 1024
_FRAMES = 3
_KEY = "1.1.1-key"


class UnforeseenError(AssertionError):
    """Something was caught at the app's last edge only."""


class _Edge(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        raise UnforeseenError(record.getMessage())


def _new_folder() -> Path:
    memory = Path("/dev/shm")
    return Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None))


def _frames(data: bytes) -> None:
    with suppress(BraintumorError):
        found = decode_frames(data, Path("fed"))
        for number in range(min(_FRAMES, len(found))):
            with suppress(BraintumorError):
                _ = found[number]


def _raster(data: bytes) -> None:
    _frames(data)
    if data.startswith(b"\x89PNG"):  # whose checksums stop what they do not fit
        _frames(_with_sums(data))


def _with_sums(data: bytes) -> bytes:
    """A PNG file whose chunks' checksums fit."""
    whole, place = bytearray(data), 8
    while place + 12 <= len(whole):
        (size,) = struct.unpack_from(">I", whole, place)
        end = place + 8 + size
        if end + 4 > len(whole):
            break
        struct.pack_into(">I", whole, end, zlib.crc32(whole[place + 4 : end]))
        place = end + 4
    return bytes(whole)


def _dicom_seeds() -> list[bytes]:
    return [data for data in seeds.dicom().values() if len(data) <= MOST_SEED_BYTES]


def _small_series() -> list[bytes]:
    """Three slices of 16 x 16 pixels that belong together."""
    path = Path(pydicom.data.__file__).parent / "test_files" / "MR_small.dcm"
    slices = []
    for number in range(3):
        dataset = pydicom.dcmread(path)
        dataset.PixelData = dataset.pixel_array[:16, :16].tobytes()
        dataset.Rows = dataset.Columns = 16
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = f"1.2.3.{number}"
        dataset.ImagePositionPatient = [0, 0, 4 * number]
        dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
        dataset.InstanceNumber = number + 1
        stream = io.BytesIO()
        dataset.save_as(stream)
        slices.append(stream.getvalue())
    return slices


def _series_seeds() -> list[bytes]:
    volume = nibabel.Nifti1Image(np.arange(8 * 8 * 4, dtype=np.int16).reshape(8, 8, 4), np.eye(4))
    two = nibabel.Nifti2Image(np.ones((4, 4, 2, 2), np.float32), np.eye(4))
    return [_small_series()[1], volume.to_bytes(), two.to_bytes()]


def _series() -> Callable[[bytes], None]:
    """The middle slice of three, or a NIfTI volume beside them: found, grouped, read as volumes."""
    folder = _new_folder()
    first, _, last = _small_series()
    (folder / "a.dcm").write_bytes(first)
    (folder / "c.dcm").write_bytes(last)

    def feed(data: bytes) -> None:
        name = "b.nii" if is_nifti(data[:1024]) else "b.dcm"
        (folder / name).write_bytes(data)
        found = catalogue.scan([folder])
        for series in found.series:
            with suppress(BraintumorError):
                read_volume(series)
        (folder / name).unlink()

    return feed


def _description() -> bytes:
    return (paths.model_bundle() / bundle.DESCRIPTION_FILE).read_bytes()


def _short_description() -> bytes:
    """The same without what says nothing of answers, so that more of the damage meets the rest."""
    values = json.loads(_description())
    return json.dumps(values | {"metrics": {"a": [1.5, None]}, "training_data": {}}).encode()


def _bundle() -> Callable[[bytes], None]:
    folder = _new_folder()

    def feed(data: bytes) -> None:
        for one in (data, _sealed(data)):
            if one is not None:
                (folder / bundle.DESCRIPTION_FILE).write_bytes(one)
                with suppress(BraintumorError):
                    said, _whose = bundle.read_description(folder, BundleTrust())
                    assert len(said.fingerprint) == 64
                    assert said.set_thresholds.keys() == set(said.classes)

    return feed


def changed_json(data: bytes, chance: random.Random) -> bytes | None:
    """A JSON object with one of its values, or names, another; None where it is none."""
    try:
        values = json.loads(data)
    except (ValueError, RecursionError):
        return None
    place: Any = values
    while isinstance(place, dict | list) and place:
        key = chance.choice(list(place) if isinstance(place, dict) else range(len(place)))
        inner = place[key]
        if not isinstance(inner, dict | list) or not inner or chance.random() < 0.3:
            act = chance.randrange(4)
            if act == 0:
                del place[key]
            elif act == 1 and isinstance(place, dict):
                place[chance.choice(_VALUES[:3])] = place.pop(key)
            else:
                place[key] = chance.choice(_VALUES)
            return json.dumps(values).encode()
        place = inner
    return None


_VALUES: tuple[Any, ...] = (
    *("", "notumor", "\ud800", None, True, 0, -1, 0.5, 1e308, 10**400, 2**63, [], {}),
    *([[]], {"": {}}, ["notumor"] * 40, float("nan"), "x" * 300, "1e5", ["a", "a"], [None]),
)


def _sealed(data: bytes) -> bytes | None:
    """The description with a seal that fits, None where it is no JSON object."""
    try:
        values = json.loads(data)
        return json.dumps(values | {bundle.SEAL: bundle.seal(values)}).encode()
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None


def _kept(number: int) -> FileResult:
    return FileResult(
        content=f"{number:064x}",
        label="glioma",
        probabilities=(("glioma", 0.987), ("notumor", 0.013)),
        possible=("glioma",),
        format="PNG",
    )


def _records_seeds() -> list[bytes]:
    folder = _new_folder()
    records = Records(folder / "records.sqlite", "tester")
    records.add(_KEY, [_kept(number) for number in range(4)])
    records.decide(_kept(0).content, _KEY, Decision("agree"))
    records.end_run(records.begin_run([Path("/slices")], _KEY)[0])
    records.close()
    return [(folder / "records.sqlite").read_bytes()]


def _records() -> Callable[[bytes], None]:
    """Open, read everything, write; what is found is as it was kept, or not there."""
    folder = _new_folder()
    wanted = {_kept(number).content: to_json(_kept(number)) for number in range(4)}

    def feed(data: bytes) -> None:
        (folder / "records.sqlite").write_bytes(data)
        with suppress(BraintumorError):
            records = Records(folder / "records.sqlite", "tester")
            try:
                with suppress(BraintumorError):
                    _read_all(records, wanted)
                with suppress(BraintumorError):
                    records.add(_KEY, [_kept(9)])
            finally:
                records.close()
        for left in folder.iterdir():
            left.unlink()

    return feed


def _read_all(records: Records, wanted: dict[str, str]) -> None:
    for content, whole in wanted.items():
        for result in records.find(content, _KEY):
            assert to_json(result) == whole
        records.thumbnail(content, _KEY)
        records.notes.of(content)
    assert all(str(one.verdict) in ("", "agree") for one in records.decisions().values())
    records.last_run()
    list(records.audit())


def _settings_seeds() -> list[bytes]:
    folder = _new_folder()
    settings = QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat)
    preferences = Preferences(settings)
    for one in PREFERENCES:
        settings.setValue(one.key, one.choices[-1][0] if one.choices else one.default)
    RecentPaths(settings).add([Path("/slices/1"), Path("/slices/ñ")])
    settings.sync()
    policy = {one.key: preferences.value(one.key) for one in PREFERENCES}
    return [(folder / "settings.ini").read_bytes(), json.dumps(policy).encode()]


def _settings() -> Callable[[bytes], None]:
    """The same bytes as the user's settings and as the administrator's policy."""
    folder, numbers = _new_folder(), itertools.count()

    def feed(data: bytes) -> None:
        one = folder / f"{next(numbers)}.ini"  # Qt keeps what it read by name
        policy = folder / "policy.json"
        one.write_bytes(data)
        policy.write_bytes(data)
        settings, _ = open_settings(QSettings(str(one), QSettings.Format.IniFormat))
        preferences = Preferences(settings, read_policy(policy)[0])
        for known in PREFERENCES:
            assert known.sound(preferences.value(known.key))
        recent = RecentPaths(settings)
        recent.add([*recent.paths(), Path("/slices")])
        settings.sync()
        del preferences, settings
        for left in folder.iterdir():
            left.unlink()

    return feed


def _directory_seeds() -> list[bytes]:
    shared = os.environ.get("BRAINTUMOR_SHARED") or Path(__file__).resolve().parents[3] / "shared"
    found = [path for path in _index_files(Path(shared)) if path.stat().st_size <= MOST_SEED_BYTES]
    own = Path(pydicom.data.__file__).parent / "test_files"
    return [path.read_bytes() for path in (*found, *own.glob("dicomdirtests/DICOMDIR*"))]


def _index_files(shared: Path) -> Iterator[Path]:
    for folder in ("cases/discs", "dicom-cases"):
        yield from (path for path in (shared / folder).rglob("*") if path.name == "DICOMDIR")


def _directory() -> Callable[[bytes], None]:
    """Read its records, and what a disc's folder with two files shows by it."""
    folder = _new_folder()
    for number, data in enumerate(_small_series()[:2]):
        (folder / f"IM{number}").write_bytes(data)
    shutil.copytree(folder, folder / "77654033")

    def feed(data: bytes) -> None:
        with suppress(BraintumorError):
            read_directory(data)
        (folder / "DICOMDIR").write_bytes(data)
        catalogue.scan([folder])

    return feed


def target(name: str) -> tuple[list[bytes], Callable[[bytes], None]]:
    """The seeds of a target and its function, ready."""
    logging.getLogger("braintumor_desktop.sources.catalogue").addHandler(_Edge())
    make_seeds, make_feed = TARGETS[name]
    return make_seeds(), make_feed()


TARGETS: dict[str, tuple[Callable[[], list[bytes]], Callable[[], Callable[[bytes], None]]]] = {
    "raster": (lambda: list(seeds.raster().values()), lambda: _raster),
    "dicom": (_dicom_seeds, lambda: _frames),
    "series": (_series_seeds, _series),
    "dicomdir": (_directory_seeds, _directory),
    "bundle": (lambda: [_description(), _short_description()], _bundle),
    "records": (_records_seeds, _records),
    "settings": (_settings_seeds, _settings),
}
