"""What of the macOS bundle can be checked elsewhere. No Mac has run it: docs/macos.md."""

from __future__ import annotations

import os
import plistlib
import re
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from braintumor_desktop import __version__
from tests.installer.test_parts import INSTALLER, REPOSITORY, module

MACOS = INSTALLER / "macos"


@pytest.fixture
def plist() -> dict[str, object]:
    """The bundle's own keys as macOS will read them."""
    written = plistlib.dumps(module("mac_bundle").info_plist(f"{__version__}.dev7+local"))
    return dict(plistlib.loads(written))


def test_the_bundle_has_its_version_as_apple_wants_it(plist: dict[str, object]) -> None:
    assert plist["CFBundleShortVersionString"] == plist["CFBundleVersion"] == __version__
    assert plist["NSHighResolutionCapable"] is True
    folder = REPOSITORY / "resources" / "translations"
    languages = {path.parents[1].name for path in folder.glob("*/LC_MESSAGES/*.po")}
    assert set(plist["CFBundleLocalizations"]) == {"en", *languages}  # type: ignore[call-overload]


def test_the_bundle_asks_for_nothing_that_it_does_not_use(plist: dict[str, object]) -> None:
    assert not [key for key in plist if "UsageDescription" in key or "Transport" in key]
    rights = plistlib.loads((MACOS / "entitlements.plist").read_bytes())
    assert rights == {"com.apple.security.cs.allow-unsigned-executable-memory": True}


def test_the_bundle_offers_the_app_for_what_the_linux_package_does(
    plist: dict[str, object],
) -> None:
    entry = (INSTALLER / "linux" / "braintumor-desktop.desktop").read_text(encoding="utf-8")
    (types,) = re.findall(r"^MimeType=(.*);$", entry, re.M)
    known = module("mac_bundle").CONTENT_TYPES
    assert set(types.split(";")) == known.keys()
    files, folders = plist["CFBundleDocumentTypes"]  # type: ignore[misc]
    assert set(files["LSItemContentTypes"]) == set(known.values())
    assert files["LSHandlerRank"] == "Alternate", "it is nobody's default"
    assert folders["LSItemContentTypes"] == ["public.folder"]
    (declared,) = plist["UTImportedTypeDeclarations"]  # type: ignore[misc]
    assert declared["UTTypeIdentifier"] == known["application/dicom"]


def test_the_icon_is_one_of_macos(tmp_path: Path) -> None:
    code = "import sys, icons; from pathlib import Path; icons.write_icon(*map(Path, sys.argv[1:]))"
    svg, target = REPOSITORY / "resources" / "icons" / "app.svg", tmp_path / "app.icns"
    subprocess.run([sys.executable, "-c", code, svg, target], cwd=INSTALLER, check=True)
    data = target.read_bytes()
    assert struct.unpack(">4sI", data[:8]) == (b"icns", len(data))
    assert b"ic09" in data, "512 pixels"


@pytest.mark.skipif(sys.platform == "win32", reason="a script of sh")
@pytest.mark.parametrize("failing", ["", "notarytool"])
def test_the_image_is_signed_notarised_stapled_and_assessed_in_this_order(
    tmp_path: Path, failing: str
) -> None:
    """With stand-ins for Apple's tools: what they are asked, and that a refusal ends it."""
    for tool in ("codesign", "xcrun", "spctl"):
        stand_in = tmp_path / tool
        stand_in.write_text(
            f'#!/bin/sh\necho {tool} "$@" >> "{tmp_path}/asked"\n[ "$1" != "{failing}" ]\n'
        )
        stand_in.chmod(0o755)
    environment = {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "NOTARY_PROFILE": "a profile",
        "CODESIGN_IDENTITY": "Developer ID",
    }
    command = ["sh", str(MACOS / "notarise.sh"), "an app.dmg"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    asked = (tmp_path / "asked").read_text().splitlines()
    tools = [" ".join(line.split()[:2]).replace(" --force", "") for line in asked]
    whole = ["codesign", "xcrun notarytool", "xcrun stapler", "spctl --assess"]
    assert tools == (whole[:2] if failing else whole)
    assert (done.returncode == 0) is not bool(failing)
    assert all(line.count("an app.dmg") == 1 for line in asked)
    for name in ("NOTARY_PROFILE", "CODESIGN_IDENTITY"):
        without = {key: value for key, value in environment.items() if key != name}
        assert subprocess.run(command, env=without, capture_output=True).returncode != 0
    assert (tmp_path / "asked").read_text().splitlines() == asked, "nothing without a name"
