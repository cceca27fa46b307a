#!/bin/sh
# Has Apple notarise the disk image that build.py made, and staples the ticket to it:
#     notarise.sh DMG
# NOTARY_PROFILE names what `xcrun notarytool store-credentials` has put into the keychain. The app
# must have been signed when it was built, with a Developer ID (CODESIGN_IDENTITY).
set -eu
image=$1
: "${NOTARY_PROFILE:?names no profile of notarytool in the keychain}"
: "${CODESIGN_IDENTITY:?names no Developer ID in the keychain}"
codesign --force --timestamp --sign "$CODESIGN_IDENTITY" "$image"
xcrun notarytool submit "$image" --keychain-profile "$NOTARY_PROFILE" --wait
xcrun stapler staple "$image"
# As Gatekeeper asks when a person opens it.
spctl --assess --type open --context context:primary-signature --verbose "$image"
