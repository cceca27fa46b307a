"""Volumes: those of NIfTI files as series, and series read as a whole."""

from __future__ import annotations

import re
from pathlib import Path

from braintumor_desktop.domain.geometry import Plane
from braintumor_desktop.domain.study import Instance, Series, SeriesKind
from braintumor_desktop.domain.volume import Volume, series_affine
from braintumor_desktop.imaging.nifti import about
from braintumor_desktop.imaging.nifti_header import NiftiHeader
from braintumor_desktop.sources.instances import InstanceReader

_DERIVED_WORDS = re.compile(
    r"(^|[^a-z])(seg|aseg|aparc|lesions?|rois?|parc|"
    r"adc|e?adcmap|fa|md|cbf|cbv|mtt|ttp|tmax|ktrans|phase|fieldmap|t[12]map)([^a-z]|$)|"
    r"mask(?!ed)|label|segment|parcellat|tissue",
    re.I,
)


def read_volume(series: Series) -> Volume:
    """Read all slices of a series, in its order; raises what reading one raises."""
    with InstanceReader() as reader:
        slices = tuple(map(reader.read, series.instances))
    return Volume(series, slices, series_affine(series))


def nifti_series(path: Path, header: NiftiHeader) -> list[Series]:
    """A series for each volume of a NIfTI file, its slices in order of position.

    What by intent or by its name holds labels, or a computed map, is taken for derived.
    """
    derived = header.labels or bool(_DERIVED_WORDS.search(path.name))
    geometries = [header.geometry(index) for index in range(header.slices)]
    places = [0.0 if place is None else place.position_mm for place in geometries]
    order = sorted(range(header.slices), key=places.__getitem__)
    volumes, rows, columns = header.shape[3], header.rows, header.columns
    first = geometries[order[0]]
    found = []
    for volume in range(volumes):
        instances = tuple(
            Instance(
                path,
                volume * header.slices + index,
                geometry=geometries[index],
                rows=rows,
                columns=columns,
                spacing_mm=header.spacing_mm,
            )
            for index in order
        )
        several = f" [{volume + 1}]" if volumes > 1 else ""
        found.append(
            Series(
                "",
                instances,
                part=f"{path}{several}",
                description=f"{path.name}{several}",
                plane=Plane.UNKNOWN if first is None else first.plane,
                kind=SeriesKind.DERIVED if derived else SeriesKind.IMAGES,
                slice_spacing_mm=header.thickness_mm if first and header.slices > 1 else None,
                slice_thickness_mm=header.thickness_mm,
                cautions=tuple(about(header)),
            )
        )
    return found
