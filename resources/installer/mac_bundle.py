"""What the macOS bundle says of itself (Info.plist), and with what it is signed."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
IDENTIFIER = "org.braintumor.desktop"
ENTITLEMENTS = HERE / "macos" / "entitlements.plist"

# Uniform Type Identifiers of what the Linux desktop entry names as media types.
CONTENT_TYPES = {
    "application/dicom": "org.nema.dicom",
    "image/png": "public.png",
    "image/jpeg": "public.jpeg",
    "image/bmp": "com.microsoft.bmp",
    "image/tiff": "public.tiff",
}


def signing_identity() -> str | None:
    """The certificate in the keychain (`CODESIGN_IDENTITY`); without one other Macs warn."""
    return os.environ.get("CODESIGN_IDENTITY") or None


def info_plist(version: str) -> dict[str, Any]:
    """The keys of Info.plist beside those that PyInstaller writes.

    The app asks for no camera, microphone, contacts or place, so that no sentence of use is there:
    macOS ends a program that asks without one. It is offered for files, and is nobody's default.
    """
    numbers = re.match(r"\d+(\.\d+){0,2}", version)
    assert numbers is not None, "Apple wants up to three numbers"
    return {
        "CFBundleShortVersionString": numbers[0],
        "CFBundleVersion": numbers[0],
        "CFBundleDisplayName": "Braintumor Desktop",
        "CFBundleDevelopmentRegion": "en",
        "CFBundleLocalizations": ["en", "es"],
        "NSHighResolutionCapable": True,
        "NSRequiresAquaSystemAppearance": False,  # dark where the system is
        "LSApplicationCategoryType": "public.app-category.medical",
        "LSMinimumSystemVersion": "14.0",  # ONNX Runtime 1.32's, which is for Apple silicon alone
        "CFBundleDocumentTypes": [
            {
                "CFBundleTypeName": "MRI slice",
                "CFBundleTypeRole": "Viewer",
                "LSHandlerRank": "Alternate",
                "LSItemContentTypes": list(CONTENT_TYPES.values()),
            },
            {
                "CFBundleTypeName": "Folder of slices",
                "CFBundleTypeRole": "Viewer",
                "LSHandlerRank": "None",  # only dropped on the icon
                "LSItemContentTypes": ["public.folder"],
            },
        ],
        "UTImportedTypeDeclarations": [
            {
                "UTTypeIdentifier": "org.nema.dicom",
                "UTTypeDescription": "DICOM file",
                "UTTypeConformsTo": ["public.data", "public.image"],
                "UTTypeTagSpecification": {
                    "public.filename-extension": ["dcm", "dicom"],
                    "public.mime-type": ["application/dicom"],
                },
            }
        ],
    }
