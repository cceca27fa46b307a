"""Every window in both languages and themes, at 100 and 200 %, on a screen of 1366x768.

For each of the eight combinations a process of its own, as the scale holds for a process. Made are
the pictures, a sheet of them for each combination, and a list of the texts that have less room than
they need; the last is printed, and the exit status is 1 where there is one.

    python tests/benchmarks/picture_windows.py FOLDER [LANGUAGE THEME PERCENT]
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

SCREEN = 1366, 768
LANGUAGES, THEMES, PERCENTS = ("en", "es"), ("dark", "light"), ("100", "200")
HERE = Path(__file__).resolve()


def main() -> int:
    """Make all of them, or those of one combination."""
    target = Path(sys.argv[1]).absolute()
    target.mkdir(parents=True, exist_ok=True)
    if len(sys.argv) == 5:
        return one(target, *sys.argv[2:])
    failed = 0
    for language, theme, percent in product(LANGUAGES, THEMES, PERCENTS):
        screen = {"name": "main", "x": 0, "y": 0, "width": SCREEN[0], "height": SCREEN[1]}
        config = target / "screen.json"
        config.write_text(json.dumps({"screens": [{**screen, "logicalDpi": 96, "dpr": 1}]}))
        environment = {
            **os.environ,
            "QT_QPA_PLATFORM": f"offscreen:configfile={config}",
            "QT_SCALE_FACTOR": str(int(percent) / 100),
            "PYTHONPATH": str(HERE.parents[2]),
        }
        command = [sys.executable, str(HERE), str(target), language, theme, percent]
        failed += subprocess.run(command, env=environment, check=False).returncode != 0
    return int(failed > 0)


def one(target: Path, language: str, look: str, percent: str) -> int:
    """Make the pictures of one combination; 1 where a text is cut off."""
    from PySide6.QtWidgets import QApplication

    from braintumor_desktop.ui import theme
    from braintumor_desktop.ui.system.translator import Translator
    from tests.ui.fitting import cut_off

    run = QApplication(sys.argv[:1])
    theme.apply(run, look)
    Translator(run).speak(language)
    named = f"{language}-{look}-{percent}"
    folder = target / named
    folder.mkdir(exist_ok=True)
    short = []
    with tempfile.TemporaryDirectory() as made:
        for number, (name, shown) in enumerate(windows(run, Path(made), target)):
            path = folder / f"{number:02} {name}.png"
            shown.grab().save(str(path))
            short += [f"{named} {name}: {words}" for words in sorted(cut_off(shown))]
            room = run.primaryScreen().availableGeometry()
            if shown.width() > room.width() or shown.height() > room.height():
                size = f"{shown.width()}x{shown.height()}"
                short.append(f"{named} {name}: {size} is larger than the screen")
    sheet(folder, target / f"{named}.png")
    print("\n".join(short) or f"{named}: nothing is cut off", flush=True)
    return int(bool(short))


def windows(run: object, folder: Path, target: Path) -> Iterator[tuple[str, object]]:
    """Give every window by its name, as it is to be grabbed."""
    from picture_features import wait, write_study
    from PySide6.QtCore import QSettings
    from PySide6.QtWidgets import QApplication, QInputDialog

    from braintumor_desktop import paths
    from braintumor_desktop.network.cache import Cache
    from braintumor_desktop.sources.demo import write_demo
    from braintumor_desktop.store.records import Records
    from braintumor_desktop.text.language import translated
    from braintumor_desktop.ui import app
    from braintumor_desktop.ui.archive.answers_dialog import AnswersDialog
    from braintumor_desktop.ui.archive.archive_form import ArchiveForm
    from braintumor_desktop.ui.archive.query_dialog import QueryDialog
    from braintumor_desktop.ui.browser.slice_model import State
    from braintumor_desktop.ui.dialogs import about
    from braintumor_desktop.ui.dialogs.crash_report import CrashReport, compose

    assert isinstance(run, QApplication)
    settings = QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat)
    window = app.build_window(
        settings,
        lambda: app.load_engine(paths.model_bundle()),
        lambda: Records(folder / "records.sqlite", "pictures"),
    )
    window.show()
    actions, viewer, bench = window.actions_, window.views, window.bench
    settled: Callable[[], bool] = lambda: not bench.scans.going and bench.loaded is not None  # noqa: E731
    wait(run, lambda: bench.model_settled)
    yield "welcome", window
    lesion, healthy = write_demo(folder / "demo", translated)
    window.open_paths([lesion, healthy])
    wait(run, lambda: settled() and actions.agree.isEnabled(), 0.5)
    viewer.actions_.outline.setChecked(True)
    viewer.actions_.heat.setChecked(True)
    wait(run, settled, 0.2)
    yield "answer", window
    window.answer._limits.setChecked(True)
    window.deciding.decide("agree")
    wait(run, settled, 0.2)
    area = window.answer.verticalScrollBar()
    area.setValue(area.maximum())
    wait(run, settled, 0.2)
    yield "limits and decision", window
    area.setValue(0)
    window.answer._limits.setChecked(False)
    bench.step_series(-1)
    wait(run, settled, 0.3)
    yield "withheld", window
    letter = folder / "letter.png"
    letter.write_text("Dear colleague")
    window.open_paths([letter])
    wait(run, lambda: not bench.scans.going and bench.selected is not None, 0.3)
    yield "refused", window
    bench.close_all()
    write_study(folder / "phantom")
    window.open_paths([folder / "phantom"])
    wait(run, lambda: not bench.scans.going and len(bench.shelf.series) == 3)
    bench.select(bench.shelf.series[0].middle)
    wait(run, lambda: settled() and not bench.slices.count(State.WAITING), 0.5)
    yield "series", window
    list(viewer.actions_.layouts.values())[2].trigger()
    viewer.shared.update(network_view=True)
    wait(run, settled, 0.3)
    yield "four panes", window
    next(iter(viewer.actions_.layouts.values())).trigger()
    window.reviewing.start([folder / "demo", folder / "phantom" / "AX T1", letter])
    wait(run, lambda: window.reviewing.dock is not None and window.reviewing.dock.page.settled, 0.5)
    assert window.reviewing.dock is not None
    yield "worklist of series", window
    window.reviewing.dock.page.view.bar.grouping.setCurrentIndex(0)
    window.reviewing.dock.page.view.bar.needs_look.setChecked(True)
    wait(run, settled, 0.5)
    yield "worklist of slices", window
    actions.beside.setChecked(True)
    wait(run, settled, 0.5)
    yield "worklist beside", window
    for menu in (
        actions.file_menu, actions.view_menu, actions.image_menu, actions.review_menu,
        window.archive.menu, actions.help_menu, viewer.menu(),
    ):  # fmt: skip
        menu.popup(window.pos())
        wait(run, lambda: True, 0.1)
        yield f"menu {menu.title().replace('&', '') or 'of the picture'}", menu
        menu.hide()
    network = window.session.classifier
    groups = {**actions.by_group(), **viewer.actions_.list.groups}
    try:
        raise ValueError
    except ValueError as error:
        report = compose(error, bench.model)
    window.open_paths([lesion])
    wait(run, lambda: settled() and actions.agree.isEnabled(), 0.5)
    for name, make in (
        ("settings", lambda: about_settings(window)),
        ("keys", lambda: about.shortcuts(window, {translated(n): g for n, g in groups.items()})),
        ("model card", lambda: about.model_card(window, paths.model_bundle(), bench.model)),
        ("about", lambda: about.about(window, bench.model)),
        ("losing", lambda: about.losing(window, [("slice.dcm", "Comment")], lambda: None)),
        ("report of a fault", lambda: CrashReport(window, report)),
        ("search", lambda: QueryDialog(folder / "a.json", Cache(folder / "cache"), window)),
        ("archive", lambda: ArchiveForm(None, window)),
        ("answers as DICOM", lambda: AnswersDialog([lesion], folder / "a.json", network, window)),
        ("comment", lambda: (window.deciding.comment(), window.findChild(QInputDialog))[1]),
    ):
        dialog = make()
        dialog.open()
        wait(run, lambda: True, 0.2)
        yield name, dialog
        dialog.done(0)
    window.close()


def about_settings(window: object) -> object:
    """The settings of a window."""
    from braintumor_desktop.ui.dialogs.settings_dialog import SettingsDialog
    from braintumor_desktop.ui.main_window import MainWindow

    assert isinstance(window, MainWindow)
    return SettingsDialog(window, window.preferences)


def sheet(folder: Path, target: Path) -> None:
    """Lay a folder's pictures side by side, each with its name."""
    from PIL import Image, ImageDraw

    across, width, height = 4, 683, 400
    files = sorted(folder.glob("*.png"))
    page = Image.new("RGB", (across * width, -(-len(files) // across) * height), "grey")
    for place, file in enumerate(files):
        picture = Image.open(file).convert("RGB")
        picture.thumbnail((width - 6, height - 20))
        corner = place % across * width, place // across * height
        page.paste(picture, (corner[0], corner[1] + 16))
        ImageDraw.Draw(page).text((corner[0] + 4, corner[1] + 2), file.stem, "white")
    page.save(target, optimize=True)


if __name__ == "__main__":
    sys.exit(main())
