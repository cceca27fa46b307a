"""Which libraries a frozen Windows app needs and does not carry; a build with any is refused.

A machine that programs are built on has the C++ runtime in its system folder, a clinic's may not,
and Wine has one of its own: neither shows that a part of it was left out.
"""

from __future__ import annotations

from pathlib import Path

# Windows 10's own, from 1903 on (icuuc.dll). Names that begin with api-ms-win- are its, too.
WINDOWS = frozenset(
    f"{name}.dll"
    for name in [
        "advapi32",
        "authz",
        "bcrypt",
        "bcryptprimitives",
        "comctl32",
        "comdlg32",
        "crypt32",
        "d2d1",
        "d3d11",
        "d3d12",
        "d3d9",
        "dbghelp",
        "dnsapi",
        "dwmapi",
        "dwrite",
        "dxgi",
        "gdi32",
        "icuuc",
        "imm32",
        "iphlpapi",
        "kernel32",
        "mpr",
        "msvcrt",
        "ncrypt",
        "netapi32",
        "ntdll",
        "ole32",
        "oleaut32",
        "rpcrt4",
        "secur32",
        "setupapi",
        "shell32",
        "shlwapi",
        "uiautomationcore",
        "user32",
        "userenv",
        "uxtheme",
        "version",
        "winhttp",
        "winmm",
        "ws2_32",
        "wtsapi32",
    ]
) | {"winspool.drv"}
# Packages that tell Windows their own folders before they load what lies elsewhere in them.
_TOLD = {"pyside6": ("pyside6", "shiboken6"), "numpy": ("numpy.libs",)}


def missing(frozen: Path) -> list[str]:
    """The libraries that are found neither beside who needs them nor in `_internal`, with who does.

    `frozen` is the app's folder as PyInstaller leaves it. Needs `pefile`, as PyInstaller does.
    """
    import pefile

    files = [path for path in frozen.rglob("*") if path.suffix.lower() in (".dll", ".pyd", ".exe")]
    folders: dict[str, set[str]] = {}
    for path in files:
        place = path.parent.relative_to(frozen).as_posix().lower()
        folders.setdefault(path.name.lower(), set()).add(place)
    found = []
    for path in files:
        place = path.parent.relative_to(frozen).as_posix().lower()
        top = place.removeprefix("_internal").strip("/").split("/")[0]
        seen = {place, "_internal", *(f"_internal/{name}" for name in _TOLD.get(top, ()))}
        with pefile.PE(str(path), fast_load=True) as program:
            program.parse_data_directories([1, 13])  # imports, and those that wait for their use
            for kind in ("IMPORT", "DELAY_IMPORT"):
                for entry in getattr(program, f"DIRECTORY_ENTRY_{kind}", ()):
                    name = entry.dll.decode("ascii").lower()
                    windows = name in WINDOWS or name.startswith("api-ms-win-")
                    if not windows and not seen & folders.get(name, set()):
                        found.append(f"{name}, for {path.relative_to(frozen).as_posix()}")
    return sorted(found)
