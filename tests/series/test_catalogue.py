from __future__ import annotations

import math
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from braintumor_desktop.domain.study import Patient, Series, SeriesKind
from braintumor_desktop.domain.volume import series_affine
from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.sources.catalogue import read_instance, scan
from braintumor_desktop.sources.instances import InstanceReader

MakeSlice = Callable[..., Path]


def _names(series: Series) -> list[str]:
    return [instance.path.name for instance in series.instances]


def test_public_series_have_the_groups_order_and_gaps_that_are_known(
    dicom_cases: Path, series_cases: list[dict[str, Any]]
) -> None:
    assert len(series_cases) >= 6
    for case in series_cases:
        found = {tuple(_names(one)): one for one in scan([dicom_cases / case["file"]]).series}
        (groups,) = (value for key, value in case.items() if key.startswith("groups"))
        for group in groups:
            series = found.pop(tuple(group["order_along_normal"]))
            assert series.series_instance_uid == group["series_uid"]
            assert series.slice_spacing_mm == (
                group["gap_median"] and pytest.approx(group["gap_median"], abs=1e-4)
            )
            steps = [distance for _, distance in series.gaps]
            assert steps == pytest.approx(group["gaps_irregular"], abs=1e-3)
            assert series.duplicates == 0
        if case["filter_series_description"] is None:
            assert not found


def test_localisers_stand_apart_and_their_orientations_are_said(
    dicom_cases: Path, series_cases: list[dict[str, Any]]
) -> None:
    localisers = [case for case in series_cases if case["why"].startswith("localiser")]
    assert localisers
    for case in localisers:
        for series in scan([dicom_cases / case["file"]]).series:
            assert series.kind is SeriesKind.LOCALIZER
            assert "orientations" in {caution.kind for caution in series.cautions}


@pytest.mark.parametrize(
    ("keyword", "values", "parts"),
    [
        ("EchoTime", (20, 80), ["TE 20 ms", "TE 80 ms"]),
        ("AcquisitionNumber", (1, 2), ["acquisition 1", "acquisition 2"]),
        ("TemporalPositionIdentifier", (1, 2), ["time 1", "time 2"]),
        ("DiffusionBValue", (0.0, 1000.0), ["b 0", "b 1000"]),
        ("InversionTime", (200, 900), ["TI 200 ms", "TI 900 ms"]),
        ("EchoNumbers", (1, 2), ["echo 1", "echo 2"]),
        ("SequenceName", ("*ep_b0", "*ep_b1000t"), ["*ep_b0", "*ep_b1000t"]),
        ("AcquisitionTime", ("101010", "101050"), ["acquired 101010", "acquired 101050"]),
        ("TriggerTime", (0, 40), ["trigger 0 ms", "trigger 40 ms"]),
    ],
)
def test_what_repeats_a_position_is_parted(
    make_slice: MakeSlice, tmp_path: Path, keyword: str, values: tuple[Any, ...], parts: list[str]
) -> None:
    for which, value in enumerate(values):
        for place in range(3):
            make_slice(f"{place}{which}", 5.0 * place, **{keyword: value})
    found = scan([tmp_path]).series
    assert [series.part for series in found] == parts
    assert [_names(series) for series in found] == [["00", "10", "20"], ["01", "11", "21"]]
    assert not any(series.duplicates or series.gaps for series in found)


def test_volumes_without_positions_are_parted_and_stand_in_the_order_of_numbers(
    make_slice: MakeSlice, tmp_path: Path
) -> None:
    for b_value in (0.0, 1000.0):
        for place in (1, 2, 10):
            make_slice(
                f"{b_value:g}-{place}",
                ImagePositionPatient=None,
                InstanceNumber=None,
                DiffusionBValue=b_value,
            )
    found = scan([tmp_path]).series
    assert [_names(one) for one in found] == [
        ["0-1", "0-2", "0-10"],
        ["1000-1", "1000-2", "1000-10"],
    ]


def test_slices_of_other_pixel_spacing_are_no_part_of_the_volume(
    make_slice: MakeSlice, tmp_path: Path
) -> None:
    for place in range(3):
        make_slice(f"a{place}", 5.0 * place, PixelSpacing=[1, 1])
        make_slice(f"b{place}", 5.0 * place, PixelSpacing=[2, 2])
    found = scan([tmp_path]).series
    assert sorted(map(_names, found)) == [["a0", "a1", "a2"], ["b0", "b1", "b2"]]
    assert not any(series.duplicates for series in found)


def test_an_acquisition_that_interleaves_one_volume_does_not_part_it(
    make_slice: MakeSlice, tmp_path: Path
) -> None:
    for place in range(6):
        make_slice(f"{place}", 5.0 * place, AcquisitionNumber=1 + place % 2)
    (series,) = scan([tmp_path]).series
    assert len(series.instances) == 6


def test_a_time_that_counts_on_from_slice_to_slice_parts_no_volumes(
    make_slice: MakeSlice, tmp_path: Path
) -> None:
    for volume in range(2):
        for place in range(3):
            number = 3 * volume + place
            make_slice(f"{number}", 5.0 * place, TriggerTime=40 * number, InstanceNumber=number)
    found = scan([tmp_path]).series
    assert [_names(series) for series in found] == [["0", "1", "2"], ["3", "4", "5"]]
    assert [series.duplicates for series in found] == [3, 3]
    assert all("repeats" in {said.kind for said in series.cautions} for series in found)


def test_directions_that_differ_by_rounding_are_one_orientation(
    make_slice: MakeSlice, tmp_path: Path
) -> None:
    make_slice("a", 0.0)
    make_slice("b", 5.0, ImageOrientationPatient=[1, 0.00005, 0, -0.00005, 1, 0])
    make_slice("c", 10.0, ImageOrientationPatient=[0.9998, 0.02, 0, -0.02, 0.9998, 0])
    found = scan([tmp_path]).series
    assert sorted(len(series.instances) for series in found) == [1, 2]


def test_two_hospitals_patients_of_one_identifier_stand_apart(
    make_slice: MakeSlice, tmp_path: Path
) -> None:
    make_slice("a", IssuerOfPatientID="NORTH")
    make_slice("b", IssuerOfPatientID="SOUTH")
    make_slice("c", PatientName="Other^Person", IssuerOfPatientID="SOUTH")
    make_slice("d", PatientName="OTHER^PERSON^^", IssuerOfPatientID="SOUTH")
    found = scan([tmp_path]).patients
    said = [(one.patient.issuer_of_patient_id, one.patient.name) for one in found]
    assert said == [("SOUTH", "Other^Person"), ("NORTH", "Test^One"), ("SOUTH", "Test^One")]


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("Yamada^Tarou=山田^太郎=やまだ^たろう", "YAMADA^Tarou", True),
        ("=山田^太郎", "=山田^花子", False),
        ("Müller^Jan", "Mu\u0308ller^Jan^^", True),
        ("Müller^Jan", "Muller^Jan", False),
    ],
)
def test_one_name_written_in_two_ways_is_one_patient(first: str, second: str, same: bool) -> None:
    assert (Patient("7", name=first).key == Patient("7", name=second).key) is same


def test_files_that_say_no_patient_are_no_ones_together(
    make_slice: MakeSlice, tmp_path: Path
) -> None:
    nobody = {"PatientID": "", "PatientName": "", "PatientBirthDate": ""}
    make_slice("x/a", StudyInstanceUID="1.2.3", **nobody)
    make_slice("x/b", StudyInstanceUID="1.2.4", **nobody)
    gone = {"StudyInstanceUID": None, "SeriesInstanceUID": None}
    make_slice("y/c", **nobody, **gone)
    make_slice("z/d", **nobody, **gone)
    found = scan([tmp_path])
    assert len(found.patients) == 4
    studies = [study for patient in found.patients for study in patient.studies]
    names = {(one.study_instance_uid, *series.key) for one in studies for series in one.series}
    assert len(names) == 4


@pytest.mark.parametrize("identifier", ["", "0", "000", "ANON", "Anonymous", "***", "no-id"])
def test_patients_whom_nothing_identifies_are_not_taken_for_one(
    identifier: str, make_slice: MakeSlice, tmp_path: Path
) -> None:
    alike = {"PatientID": identifier, "PatientName": "Anonymized", "PatientBirthDate": ""}
    make_slice("a", 0.0, StudyInstanceUID="1.2.3", **alike)
    make_slice("b", 5.0, StudyInstanceUID="1.2.3", **alike)
    make_slice("c", 0.0, StudyInstanceUID="1.2.4", **alike)
    found = scan([tmp_path]).patients
    assert [len(one.studies[0].series[0].instances) for one in found] == [2, 1]
    assert len({one.patient.key for one in found}) == 2


def test_a_uid_that_stands_twice_is_said(make_slice: MakeSlice, tmp_path: Path) -> None:
    first = make_slice("a", 0.0)
    make_slice("b", 5.0)
    shutil.copy(first, tmp_path / "copy")
    found = scan([tmp_path]).series
    assert [_names(series) for series in found] == [["a", "b"], ["copy"]]
    assert all("uid_twice" in {said.kind for said in series.cautions} for series in found)


def test_objects_that_are_no_pictures_are_named(make_slice: MakeSlice, tmp_path: Path) -> None:
    classes = {
        "1.2.840.10008.5.1.4.1.1.88.22": "structured report",
        "1.2.840.10008.5.1.4.1.1.88.59": "key object selection",
        "1.2.840.10008.5.1.4.1.1.11.1": "presentation state",
        "1.2.840.10008.5.1.4.1.1.66.4": "segmentation",
        "1.2.840.10008.5.1.4.1.1.481.3": "radiotherapy structure set",
        "1.2.840.10008.5.1.4.1.1.66": "raw data",
    }
    for number, uid in enumerate(classes):
        make_slice(f"{number}", SOPClassUID=uid, PixelData=None if number != 3 else b"\0" * 8192)
    found = scan([tmp_path])
    assert {series.object_name for series in found.series} == set(classes.values())
    assert {series.kind for series in found.series} == {SeriesKind.OTHER}
    assert not found.refused


def test_pixels_are_read_when_they_are_asked_for(make_slice: MakeSlice, tmp_path: Path) -> None:
    make_slice("b", 0.0)
    make_slice("a", 5.0)
    make_slice("cut", 10.0)
    cut = tmp_path / "cut"
    cut.write_bytes(cut.read_bytes()[:-100])
    (series,) = scan([tmp_path]).series
    assert _names(series) == ["b", "a", "cut"]
    assert read_instance(series.instances[0]).pixels.shape == (64, 64)
    with pytest.raises(Exception, match=r"bytes of|ends"):
        read_instance(series.instances[2])


def test_a_scan_says_how_far_it_is_and_can_be_cancelled(
    make_slice: MakeSlice, tmp_path: Path
) -> None:
    for place in range(5):
        make_slice(f"{place}", float(place))
    done: list[int] = []
    firsts: list[str] = []
    whole = scan([tmp_path], done.append, first=lambda one: firsts.append(one.path.name))
    assert whole.complete
    assert done == [1, 2, 3, 4, 5]
    assert firsts == ["0"]
    part = scan([tmp_path], cancelled=lambda: len(done) >= 7, progress=done.append)
    assert not part.complete
    assert [len(series.instances) for series in part.series] == [2]


def test_one_place_again_and_again_is_one_series(make_slice: MakeSlice, tmp_path: Path) -> None:
    for beat in range(4):
        make_slice(f"{3 - beat}", 5.0, TriggerTime=40 * beat, InstanceNumber=beat)
    (series,) = scan([tmp_path]).series
    assert _names(series) == ["3", "2", "1", "0"]
    assert (series.duplicates, series.slice_spacing_mm) == (3, None)
    assert "one_place" in {said.kind for said in series.cautions}


def test_frames_of_a_mosaic_and_of_a_grid_stand_in_order(dicom_cases: Path) -> None:
    names = {
        "neurolabusc+dcm_qa_ts/In/1.dcm": (35, 3.6),
        "neurolabusc+dcm_qa_mosaic/In/cmrr_Asc_6/IM-0005-0001.dcm": (40, 3.6),
        "neurolabusc+dcm_qa_stc/In/UIH/R002/12_dti_tra_dir16_PA_rot/0005.dcm": (20, 4.2),
    }
    for name, (tiles, distance) in names.items():
        (series,) = scan([dicom_cases / name]).series
        assert len(series.instances) == tiles
        assert series.slice_spacing_mm == pytest.approx(distance, abs=0.001)
        assert not series.gaps
        last = read_instance(series.instances[-1])
        assert last.geometry == series.instances[-1].geometry
        assert last.pixels.shape == (series.instances[-1].rows, series.instances[-1].columns)


def test_volumes_that_share_a_series_of_mosaics_are_parted(dicom_cases: Path) -> None:
    found = scan([dicom_cases / "neurolabusc+dcm_qa_ts/In"]).series
    assert [len(series.instances) for series in found] == [35] * 9
    assert len({series.part for series in found}) == 9


@pytest.mark.parametrize(
    ("image_type", "kind"),
    [
        (["ORIGINAL", "PRIMARY", "M_SE", "M", "SE"], SeriesKind.IMAGES),
        (["DERIVED", "SECONDARY"], SeriesKind.IMAGES),  # a face was taken away
        (["DERIVED", "PRIMARY", "M_FFE", "M", "FFE"], SeriesKind.IMAGES),  # compressed anew
        (["DERIVED", "PRIMARY", "MPR", "NORM"], SeriesKind.DERIVED),
        (["DERIVED", "PRIMARY", "DIFFUSION", "ADC"], SeriesKind.DERIVED),
        (["DERIVED", "PRIMARY", "PROJECTION IMAGE"], SeriesKind.DERIVED),
        (["ORIGINAL", "PRIMARY", "PHASE MAP", "P", "FFE"], SeriesKind.PHASE),
        (["ORIGINAL", "PRIMARY", "P", "ND"], SeriesKind.PHASE),
        (["ORIGINAL", "PRIMARY", "SW_P_FFE"], SeriesKind.PHASE),
        (["ORIGINAL", "PRIMARY", "LOCALIZER"], SeriesKind.LOCALIZER),
    ],
)
def test_kinds_of_series_stand_apart(
    image_type: list[str], kind: SeriesKind, make_slice: MakeSlice, tmp_path: Path
) -> None:
    for place in range(2):
        make_slice(f"{place}", 5.0 * place, ImageType=image_type)
    (series,) = scan([tmp_path]).series
    assert series.kind is kind
    assert ("derived" in {said.kind for said in series.cautions}) == (image_type[0] == "DERIVED")


def test_one_of_two_echoes_that_is_not_said_is_a_part(
    make_slice: MakeSlice, tmp_path: Path
) -> None:
    make_slice("a", 0.0, EchoTime=20)
    make_slice("b", 0.0, EchoTime=None)
    assert [series.part for series in scan([tmp_path]).series] == ["TE 20 ms", "TE not said"]


def test_another_file_under_the_same_name_is_not_shown_as_the_first(
    make_slice: MakeSlice, tmp_path: Path
) -> None:
    first = make_slice("disc/IM1", PatientName="Test^One")
    (one,) = scan([first]).series
    with InstanceReader() as reader:
        assert reader.read(one.middle).source.identifiers is not None
        shutil.copy(make_slice("other/IM1", PatientName="Test^Two"), first)
        (two,) = scan([first]).series
        read = reader.read(two.middle)
        assert read.source.identifiers is not None
        assert read.source.identifiers.patient_name == "Test^Two"
        with pytest.raises(BraintumorError, match="another picture than when it was found"):
            reader.read(one.middle)


def test_tilted_stacks_are_no_localiser_and_crossing_slices_are(
    make_slice: MakeSlice, tmp_path: Path
) -> None:
    for number, tilt in enumerate((0.0, 0.1, 0.2)):
        across, along = math.cos(tilt), math.sin(tilt)
        make_slice(f"s/{number}", ImageOrientationPatient=[1, 0, 0, 0, across, along])
    found = scan([tmp_path / "s"]).series
    assert [series.kind for series in found] == [SeriesKind.IMAGES] * 3
    crossing = ([1, 0, 0, 0, 1, 0], [1, 0, 0, 0, 0, -1], [0, 1, 0, 0, 0, -1])
    for number, directions in enumerate(crossing):
        make_slice(f"x/{number}", series_name="x", ImageOrientationPatient=directions)
    found = scan([tmp_path / "x"]).series
    assert [series.kind for series in found] == [SeriesKind.LOCALIZER] * 3


def test_positions_that_are_not_relative_to_one_place_are_said(
    make_slice: MakeSlice, tmp_path: Path
) -> None:
    for place in range(3):
        make_slice(f"{place}", 5.0 * place, FrameOfReferenceUID=f"1.2.{place // 2}")
    (series,) = scan([tmp_path]).series
    assert "frames_of_reference" in {said.kind for said in series.cautions}
    assert series_affine(series) is None
