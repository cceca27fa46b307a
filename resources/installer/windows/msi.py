"""The frozen Windows app as an MSI for the machine, made by wixl (Debian: wixl) on Linux.

    python resources/installer/windows/msi.py FROZEN ICON VERSION TARGET.msi

For distribution by policy: `msiexec /i FILE /qn`. What the setup program offers is offered here as
well: the file types under "Open with", an entry in the start menu, and records that stay.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path
from xml.sax.saxutils import quoteattr

NAME = "Braintumor Desktop"
PROGRAM = "braintumor-desktop.exe"
TYPE = "BraintumorDesktop.Slice"
# Never changed: by it a later version finds, and replaces, an earlier one.
UPGRADE_CODE = uuid.UUID("3f3cf1b0-5f43-4d52-9a3c-5c1b9f1c6a2e")
HERE = Path(__file__).resolve().parent


def endings() -> list[str]:
    """The endings that the setup program offers the app for."""
    script = (HERE / "installer.iss").read_text(encoding="utf-8")
    return re.findall(r"Classes\\(\.\w+)\\OpenWithProgids", script)


def source(frozen: Path, version: str) -> str:
    """The package's description in WiX's language, for what lies in `frozen`.

    Every identifier follows from the file's path, the product's from the version, so that the same
    folder gives the same description.
    """
    components: list[str] = []
    return f"""<?xml version="1.0" encoding="utf-8"?>
<Wix xmlns="http://schemas.microsoft.com/wix/2006/wi">
<Product Id="{uuid.uuid5(UPGRADE_CODE, version)}" Name="{NAME}" Language="1033"
  Version="{version}" Manufacturer="The {NAME} developers" UpgradeCode="{UPGRADE_CODE}">
<Package InstallerVersion="500" Compressed="yes" InstallScope="perMachine"/>
<MajorUpgrade DowngradeErrorMessage="A newer version is installed."/>
<Media Id="1" Cabinet="app.cab" EmbedCab="yes"/>
<Icon Id="app.ico" SourceFile="app.ico"/>
<Property Id="ARPPRODUCTICON" Value="app.ico"/>
<Directory Id="TARGETDIR" Name="SourceDir">
<Directory Id="ProgramFiles64Folder"><Directory Id="INSTALLDIR" Name="{NAME}">
{_folder(frozen, frozen, components)}</Directory></Directory>
<Directory Id="ProgramMenuFolder">{_shortcut(components)}</Directory>
</Directory>
<DirectoryRef Id="INSTALLDIR">{_file_types(components)}</DirectoryRef>
<Feature Id="Whole" Level="1">
{"".join(f'<ComponentRef Id="{one}"/>{chr(10)}' for one in components)}</Feature>
</Product>
</Wix>
"""


def build(frozen: Path, icon: Path, version: str, target: Path) -> None:
    """Write the MSI; raises `subprocess.CalledProcessError` where wixl does not make it."""
    with tempfile.TemporaryDirectory() as name:
        description = Path(name, "app.wxs")
        description.write_text(source(frozen, version), encoding="utf-8")
        Path(name, "frozen").symlink_to(frozen)  # wixl looks for files beside the description
        Path(name, "app.ico").symlink_to(icon)
        command = ["wixl", "--arch", "x64", "--output", str(target), str(description)]
        subprocess.run(command, check=True)


def _folder(folder: Path, top: Path, components: list[str]) -> str:
    """The files of a folder, one component each as Windows Installer wants it, and its folders."""
    lines = []
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            inside = _folder(path, top, components)
            lines.append(
                f'<Directory Id="{_id("d", path, top)}" Name={quoteattr(path.name)}>\n'
                f"{inside}</Directory>\n"
            )
            continue
        file = f'<File Id="{_id("f", path, top)}" Name={quoteattr(path.name)} KeyPath="yes"'
        place = Path("frozen", path.relative_to(top)).as_posix()
        file += f" Source={quoteattr(place)}/>"
        lines.append(_component(_id("c", path, top), file, components))
    return "".join(lines)


def _shortcut(components: list[str]) -> str:
    shortcut = f'<Shortcut Id="menu" Name="{NAME}" Target="[INSTALLDIR]{PROGRAM}"/>'
    key = _value(rf"Software\{NAME}", "installed", "1", "yes")
    return _component("start_menu", shortcut + key, components)


def _file_types(components: list[str]) -> str:
    opened = f'"[INSTALLDIR]{PROGRAM}" open "%1"'
    classes = r"Software\Classes"
    values = [
        _value(rf"{classes}\{TYPE}", "", "MRI slice", "yes"),
        _value(rf"{classes}\{TYPE}\DefaultIcon", "", f"[INSTALLDIR]{PROGRAM},0"),
        _value(rf"{classes}\{TYPE}\shell\open\command", "", opened),
        *(_value(rf"{classes}\{end}\OpenWithProgids", TYPE, "") for end in endings()),
    ]
    return _component("file_types", "".join(values), components)


def _component(name: str, inside: str, components: list[str]) -> str:
    components.append(name)
    return f'<Component Id="{name}" Guid="{uuid.uuid5(UPGRADE_CODE, name)}">{inside}</Component>\n'


def _value(key: str, name: str, value: str, key_path: str = "no") -> str:
    named = f'Name="{name}" ' if name else ""
    return (
        f'<RegistryValue Root="HKLM" Key={quoteattr(key)} {named}Type="string"'
        f' Value={quoteattr(value)} KeyPath="{key_path}"/>\n'
    )


def _id(kind: str, path: Path, top: Path) -> str:
    return f"{kind}{uuid.uuid5(UPGRADE_CODE, path.relative_to(top).as_posix()).hex}"


if __name__ == "__main__":
    build(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve(), sys.argv[3], Path(sys.argv[4]))
