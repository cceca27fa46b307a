"""A real Orthanc and a real dcmqrscp on loopback, each with its own ports and storage."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pydicom
import pytest
import requests
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid

from braintumor_desktop.network.refusals import ArchiveConnectionError
from braintumor_desktop.network.servers import Archive, Protocol

PLUGIN = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
RECEIVER = "BRAINRECV"


def free_port() -> int:
    """A port of loopback that nobody uses now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture(scope="session")
def receiver_port() -> int:
    return free_port()


@contextmanager
def started_orthanc(folder: Path, receiver_port: int) -> Iterator[tuple[Archive, Archive]]:
    """Orthanc with its storage in `folder`, as an archive by DIMSE and by DICOMweb."""
    program = shutil.which("Orthanc")
    if program is None or not PLUGIN.exists():
        pytest.skip("no Orthanc with its DICOMweb plugin (Debian: orthanc, orthanc-dicomweb)")
    dimse_port, web_port = free_port(), free_port()
    settings = {
        "Name": "tests",
        "StorageDirectory": str(folder),
        "DefaultEncoding": "Utf8",
        "IndexDirectory": str(folder),
        "Plugins": [str(PLUGIN)],
        "HttpPort": web_port,
        "DicomPort": dimse_port,
        "DicomAet": "ORTHANC",
        "DicomCheckCalledAet": True,
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": False,
        "DicomAlwaysAllowGet": True,
        "DicomModalities": {
            "app": ["BRAINTUMOR", "127.0.0.1", 4242],
            "receiver": [RECEIVER, "127.0.0.1", receiver_port],
        },
        "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
        "OverwriteInstances": True,
    }
    (folder / "orthanc.json").write_text(json.dumps(settings))
    log = (folder / "log").open("wb")
    process = subprocess.Popen([program, str(folder / "orthanc.json")], stdout=log, stderr=log)
    try:
        _await_web(web_port, process)
        yield (
            Archive("orthanc", host="127.0.0.1", port=dimse_port, ae_title="ORTHANC"),
            Archive(
                "orthanc-web",
                Protocol.DICOMWEB,
                url=f"http://127.0.0.1:{web_port}/dicom-web",
            ),
        )
    finally:
        process.terminate()
        process.wait(30)
        log.close()


@pytest.fixture(scope="session")
def orthanc(
    tmp_path_factory: pytest.TempPathFactory, receiver_port: int
) -> Iterator[tuple[Archive, Archive]]:
    """Orthanc as an archive by DIMSE and by DICOMweb."""
    with started_orthanc(tmp_path_factory.mktemp("orthanc"), receiver_port) as archives:
        yield archives


def _await_web(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if process.poll() is not None:
            pytest.fail("Orthanc ended while it started.")
        try:
            requests.get(f"http://127.0.0.1:{port}/system", timeout=2).raise_for_status()
            return
        except requests.exceptions.RequestException:
            time.sleep(0.1)  # a process that starts gives no signal to wait on
    pytest.fail("Orthanc did not start.")


@pytest.fixture(scope="session")
def dcmtk(tmp_path_factory: pytest.TempPathFactory, receiver_port: int) -> Iterator[Archive]:
    """dcmtk's dcmqrscp as a second archive."""
    program = shutil.which("dcmqrscp")
    if program is None:
        pytest.skip("no dcmqrscp (Debian: dcmtk)")
    folder = tmp_path_factory.mktemp("dcmqrscp")
    port = free_port()
    (folder / "db").mkdir()
    (folder / "dcmqrscp.cfg").write_text(
        f"NetworkTCPPort = {port}\nMaxPDUSize = 16384\nMaxAssociations = 16\n"
        f"HostTable BEGIN\nreceiver = ({RECEIVER}, 127.0.0.1, {receiver_port})\nHostTable END\n"
        f"VendorTable BEGIN\nVendorTable END\n"
        f"AETable BEGIN\nDCMQRSCP {folder / 'db'} RW (2000, 1024mb) ANY\nAETable END\n"
    )
    command = [program, "-c", str(folder / "dcmqrscp.cfg")]
    log = (folder / "log").open("wb")
    process = subprocess.Popen(command, stdout=log, stderr=log)
    archive = Archive("dcmtk", host="127.0.0.1", port=port, ae_title="DCMQRSCP")
    try:
        _await_dimse(archive, process)
        yield archive
    finally:
        process.terminate()
        process.wait(30)
        log.close()


def _await_dimse(archive: Archive, process: subprocess.Popen[bytes]) -> None:
    from braintumor_desktop.network import dimse

    for _ in range(100):
        if process.poll() is not None:
            pytest.fail("dcmqrscp ended while it started.")
        try:
            dimse.echo(archive)
            return
        except ArchiveConnectionError:
            time.sleep(0.1)
    pytest.fail("dcmqrscp did not start.")


def write_study(
    folder: Path, slices: int, patient_id: str = "TEST-1", name: str = "Prueba^Ana", seed: int = 0
) -> list[Path]:
    """A study of one axial series of noise, as files; every slice at its place."""
    rng = np.random.default_rng(seed)
    study, series, frame_of_reference = generate_uid(), generate_uid(), generate_uid()
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number in range(slices):
        dataset = pydicom.Dataset()
        dataset.file_meta = FileMetaDataset()
        dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        dataset.SOPClassUID = MRImageStorage
        dataset.SOPInstanceUID = generate_uid()
        dataset.SpecificCharacterSet = "ISO_IR 192"
        dataset.PatientID, dataset.PatientName = patient_id, name
        dataset.PatientBirthDate, dataset.PatientSex = "19610203", "F"
        dataset.StudyInstanceUID, dataset.SeriesInstanceUID = study, series
        dataset.FrameOfReferenceUID = frame_of_reference
        dataset.StudyDate, dataset.StudyTime, dataset.StudyID = "20260301", "101500", "1"
        dataset.AccessionNumber, dataset.ReferringPhysicianName = "A77", ""
        dataset.StudyDescription, dataset.SeriesDescription = "Head", "AX T1 +C"
        dataset.SeriesNumber, dataset.InstanceNumber = 3, number + 1
        dataset.Modality, dataset.Manufacturer = "MR", "Tests"
        dataset.ImageType = ["ORIGINAL", "PRIMARY", "M", "ND"]
        dataset.ScanningSequence, dataset.SequenceVariant = "SE", "NONE"
        dataset.ScanOptions, dataset.MRAcquisitionType = "", "2D"
        dataset.EchoTime, dataset.RepetitionTime, dataset.EchoTrainLength = "10", "500", "1"
        dataset.SliceThickness, dataset.PixelSpacing = "5", [0.9, 0.9]
        dataset.PositionReferenceIndicator = ""
        dataset.ImagePositionPatient = [-115.0, -115.0, 5.0 * number]
        dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
        dataset.Rows = dataset.Columns = 64
        dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
        dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 12, 11
        dataset.PixelRepresentation = 0
        dataset.PixelData = rng.integers(0, 4096, (64, 64), np.uint16).tobytes()
        path = folder / f"{number:03}.dcm"
        pydicom.dcmwrite(path, dataset, enforce_file_format=True)
        paths.append(path)
    return paths
