"""The lines in a view's corners: who, what, which slice, how it is shown."""

from __future__ import annotations

from datetime import date

from braintumor_desktop.domain.study import Patient, Series, Study
from braintumor_desktop.text import _, isolated, people
from braintumor_desktop.text.measuring import compact
from braintumor_desktop.text.numbers import day, significant
from braintumor_desktop.ui.viewer import words
from braintumor_desktop.ui.viewer.slices import Caption


def who_lines(caption: Caption, *, names: bool) -> tuple[str, ...]:
    """Return the patient's name and identifier, sex and age, and the study's date.

    Without `names` nothing that names the patient is said: name, identifier, birth date and the
    file's name, which may hold them, are left out, and so is the date.
    """
    patient, study = caption.patient, caption.study
    lines = []
    if names:
        if patient is not None and (patient.name or patient.patient_id):
            lines.append(_joined(isolated(person_name(patient.name)), isolated(patient.patient_id)))
        elif caption.name:
            lines.append(isolated(caption.name))
    if patient is not None:
        lines.append(_joined(people.sex(patient.sex), _age(patient, study, names=names)))
    if names and study is not None:
        lines.append(_joined(day(study.date), isolated(study.description)))
    return tuple(line for line in lines if line)


def series_lines(
    series: Series | None, index: int, count: int, *, sides_known: bool
) -> tuple[str, ...]:
    """Return the series, n of N, thickness and times, and a word where no side is marked."""
    place = _("{number} of {count}").format(number=index + 1, count=count)
    lines = [place] if count > 1 or series is not None else []
    if series is not None:
        name = isolated(series.description or series.sequence)
        lines.insert(0, name)
        thick, between = series.slice_thickness_mm, series.slice_spacing_mm
        if thick is not None:
            lines.append(_("Thickness {mm} mm").format(mm=significant(thick, 3)))
        elif between is not None:
            lines.append(_("Slices {mm} mm apart").format(mm=significant(between, 3)))
        times = [
            f"{name} {compact(value)}"
            for name, value in (
                (_("TR"), series.repetition_time_ms),
                (_("TE"), series.echo_time_ms),
            )
            if value is not None
        ]
        lines.append("  ".join(times))
    if not sides_known:
        lines.append(words.sides_unknown())
    return tuple(line for line in lines if line)


def person_name(name: str) -> str:
    """Return a DICOM person name as people write it: family name, then the others."""
    parts = [part.strip() for part in name.split("=")[0].split("^")]
    family, *others = parts
    rest = " ".join(part for part in others if part)
    return f"{family}, {rest}" if family and rest else family or rest


def age_in_years(birth: str, then: str) -> int | None:
    """Return the whole years between two DICOM dates; None where one is not a date."""
    try:
        born, seen = (date(int(v[:4]), int(v[4:6]), int(v[6:8])) for v in (birth, then))
    except ValueError:
        return None
    years = seen.year - born.year - ((seen.month, seen.day) < (born.month, born.day))
    return years if 0 <= years <= 130 else None


def _age(patient: Patient, study: Study | None, *, names: bool) -> str:
    years = age_in_years(patient.birth_date, study.date if study is not None else "")
    said = "" if years is None else _("{years} y").format(years=years)
    born = day(patient.birth_date)
    if not names or not born:
        return said
    return _joined(said, _("born {date}").format(date=born))


def _joined(*parts: str) -> str:
    return "  ".join(part for part in parts if part)
