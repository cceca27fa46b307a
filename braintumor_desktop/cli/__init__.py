"""The command line: opens the window by default; `classify` and `info` need no screen."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from braintumor_desktop import __version__
from braintumor_desktop.cli import streams
from braintumor_desktop.cli.archive_arguments import (
    add_deidentify,
    add_export,
    add_pacs,
    add_records,
    add_screen,
)
from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.text import _, answers, language
from braintumor_desktop.text.reading import plain_sentence

COMMANDS = (
    *("open", "classify", "series", "batch", "info", "demo", "self-test"),
    *("export", "pacs", "deidentify", "screen", "records"),
)

MOST_CORES = 256
"""More than any machine that this runs on; above it a number is a slip."""

FAILED = 1
INTERRUPTED = 130
"""What shells report for a program that Ctrl-C ended."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line on `arguments` (default: the process's own); returns the exit status.

    0 where everything succeeded, 1 where something failed (the rest is still done), 2 for a
    command that cannot be understood, 130 after Ctrl-C.
    """
    streams.make_ready()
    given = list(sys.argv[1:] if arguments is None else arguments)
    asked_for = _take_language(given)
    language.use(language.Language.of(asked_for or language.system_tag()))
    language.use_for_argparse()
    if given[:1] == ["--self-test"]:
        given[0] = "self-test"
    if not given or not (given[0] in COMMANDS or given[0].startswith("-")):
        given.insert(0, "open")
    parser = _parser()
    if asked_for and not language.known(asked_for):
        parser.error(
            _("there is no {language}; there are: {languages}").format(
                language=repr(asked_for), languages=", ".join(language.LANGUAGES)
            )
        )
    options = parser.parse_args(given)
    options.language = asked_for
    try:
        return _run(options)
    except OSError as error:
        if not streams.reader_left(error):
            raise
        streams.drop_output()  # nothing is wrong, and nobody is left to tell
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    except BraintumorError as error:
        print(f"braintumor-desktop: {plain_sentence(error)}", file=sys.stderr)
        return FAILED


def _take_language(given: list[str]) -> str:
    """Take `--language` out of the arguments, wherever it stands; empty where it is not there."""
    for place, argument in enumerate(given):
        if argument == "--":
            break
        name, equals, value = argument.partition("=")
        if name == "--language" and (equals or place + 1 < len(given)):
            taken = value if equals else given[place + 1]
            del given[place : place + (1 if equals else 2)]
            return taken
    return ""


def _run(options: argparse.Namespace) -> int:
    # Each command imports what it needs itself: the window opens sooner without the others' things.
    match options.command:
        case "classify":
            from braintumor_desktop.cli import classify_command

            style = classify_command.as_json if options.json else classify_command.as_text
            failed = classify_command.run(
                options.paths, style, options.threads, debug=options.debug
            )
        case "series":
            from braintumor_desktop.cli import series_command

            failed = series_command.run(
                options.paths,
                as_json=options.json,
                every_kind=options.all,
                as_series=options.as_series,
            )
        case "batch":
            from braintumor_desktop.cli import batch_command

            failed = batch_command.run(options)
        case "info":
            from braintumor_desktop.cli import info_command

            if options.hash or options.json:
                failed = info_command.run_hashes(options.paths, as_json=options.json)
            else:
                failed = info_command.run(options.paths)
        case "export":
            from braintumor_desktop.cli import export_command

            failed = export_command.run(options)
        case "pacs":
            from braintumor_desktop.cli import pacs_command

            failed = pacs_command.run(options)
        case "deidentify":
            from braintumor_desktop.cli import deidentify_command

            failed = deidentify_command.run(options)
        case "screen":
            from braintumor_desktop.cli import screen_command

            failed = screen_command.run(options)
        case "records":
            from braintumor_desktop.cli import records_command

            failed = records_command.run(options)
        case "self-test":
            from braintumor_desktop.cli import self_test_command

            failed = self_test_command.run()
        case "demo":
            from braintumor_desktop.cli import window_command

            failed = window_command.demo(options.screenshot, options.language)
        case _:
            from braintumor_desktop.cli import window_command

            failed = window_command.open_window(options.paths, options.language)
    return FAILED if failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="braintumor-desktop",
        description=_(
            "Tells glioma, meningioma, pituitary tumour and no tumour apart on brain MRI slices, "
            "on this machine. Without a command it opens the window."
        ),
        epilog=answers.disclaimer(),
    )
    parser.add_argument(
        "--version",
        action="version",
        version=f"%(prog)s {__version__}",
        help=_("print the version and end"),
    )
    parser.add_argument(
        "--language",
        metavar="LANGUAGE",
        help=_("en or es, by its region too, as es_MX (default: the system's)"),
    )
    commands = parser.add_subparsers(dest="command", metavar=_("COMMAND"), required=True)

    command = commands.add_parser(
        "open", help=_("open the window, on these slices if any are given")
    )
    command.add_argument(
        "paths", type=Path, nargs="*", metavar=_("PATH"), help=_("a file or a folder")
    )

    command = commands.add_parser(
        "classify", help=_("print the network's answers"), epilog=answers.disclaimer()
    )
    command.add_argument(
        "paths", type=Path, nargs="+", metavar=_("PATH"), help=_("a file or a folder")
    )
    command.add_argument("--json", action="store_true", help=_("one JSON object a line"))
    command.add_argument(
        "--threads", type=_threads, default=1, metavar="N", help=_("cores to use (default: 1)")
    )
    command.add_argument(
        "--debug",
        action="store_true",
        help=_("print the traceback of what went wrong unexpectedly"),
    )

    command = commands.add_parser(
        "series",
        help=_("print what was found, series by series, with the answers"),
        epilog=answers.disclaimer(),
    )
    _add_series(command)

    command = commands.add_parser(
        "batch", help=_("answer a whole folder into a table, and go on where it was cut off")
    )
    _add_batch(command)

    command = commands.add_parser(
        "info", help=_("print versions, the model, and how files are read")
    )
    command.add_argument(
        "paths", type=Path, nargs="*", metavar=_("PATH"), help=_("a file or a folder")
    )
    command.add_argument(
        "--hash", action="store_true", help=_("print the values of each slice and their SHA-256")
    )
    command.add_argument("--json", action="store_true", help=_("with --hash: a JSON object a line"))

    add_export(commands.add_parser("export", help=_("write answers about series as DICOM objects")))
    add_pacs(
        commands.add_parser("pacs", help=_("test, search, retrieve from and send to an archive"))
    )
    add_deidentify(
        commands.add_parser("deidentify", help=_("write copies that do not name the patient"))
    )
    add_screen(commands.add_parser("screen", help=_("answer an archive on a cluster")))
    add_records(commands.add_parser("records", help=_("encrypt the records, or say how they are")))
    commands.add_parser("self-test", help=_("check this installation; also --self-test"))

    command = commands.add_parser("demo", help=_("open the window on a slice that is always there"))
    command.add_argument(
        "--screenshot", type=Path, metavar="PNG", help=_("save the window as a picture and end")
    )
    return parser


def _add_series(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "paths", type=Path, nargs="+", metavar=_("PATH"), help=_("folder, ZIP, DICOMDIR or file")
    )
    command.add_argument("--json", action="store_true", help=_("one JSON object a line"))
    command.add_argument(
        "--all", action="store_true", help=_("answer localisers, derived and phase images, too")
    )
    command.add_argument(
        "--as-series",
        action="store_true",
        help=_("take the numbered pictures of a folder for one series"),
    )


def _add_batch(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "paths", type=Path, nargs="+", metavar=_("FOLDER"), help=_("folder, ZIP, DICOMDIR or file")
    )
    command.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="CSV",
        help=_("the table; an .xlsx for spreadsheets goes beside it"),
    )
    command.add_argument(
        "--jsonl", type=Path, metavar=_("FILE"), help=_("the table as JSON Lines, too")
    )
    command.add_argument(
        "--report",
        type=Path,
        metavar="PDF",
        help=_("a page for every series, with its decisions"),
    )
    command.add_argument(
        "--slice-pages", action="store_true", help=_("add a page for every slice to the report")
    )
    command.add_argument(
        "--patient-data", action="store_true", help=_("let the report name the patient")
    )
    command.add_argument(
        "--jobs", type=_threads, default=1, metavar="N", help=_("cores to use (default: 1)")
    )
    command.add_argument(
        "--resume",
        action=argparse.BooleanOptionalAction,
        default=True,
        help=_("take answers that the records have (default); --no-resume answers everything anew"),
    )
    command.add_argument(
        "--records", type=Path, metavar=_("FILE"), help=_("the records (default: the user's own)")
    )


def _threads(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(
            _("{text} is not a number of cores").format(text=repr(text))
        )
    if not 0 < int(text[:9]) <= MOST_CORES:
        raise argparse.ArgumentTypeError(
            _("{text} is not from 1 to {most} cores").format(text=text[:20], most=MOST_CORES)
        )
    return int(text)
