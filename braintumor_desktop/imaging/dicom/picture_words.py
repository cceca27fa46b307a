"""The words by which headers say that a picture is no plain slice of a head: the one list."""

from __future__ import annotations

import re
import unicodedata


def plain(text: str) -> str:
    """A text in capitals without accents, its parts divided by one space: FA_MAP is FA MAP."""
    parts = unicodedata.normalize("NFKD", text.upper())
    bare = "".join(sign for sign in parts if not unicodedata.combining(sign))
    return " ".join(re.split(r"[\s_.\-]+", bare)).strip()


# All are held against what `plain` makes of a word. Of ImageType, by the standard (PS3.3,
# C.8.3.1.1.1, C.8.13.3.1.1, C.8.16.1.4 and C.8.16.2.1.3), then by vendors: P, R and I are the parts
# of a complex image, which Philips and Siemens name so. Some cut off the last letter of a
# projection.
_DIFFUSION = (
    r"(.* )?E?ADC( UNSPECIFIED)?|E ADC|EXP(ONENTIAL)?|APPARENT DIFF.*|(COL(OU?R)? ?)?D?FA|"
    r"(FRACT?|FRACTIONAL|REL|RELATIVE|VOLUME) (ANISO\w*|RATIO)|TRACE( .*)?|TRACEW|ISODWI|"
    r"ISOTROPIC|TENSOR( .*)?|CALC BVALUE"
)
_PERFUSION = (
    r"PERFUSION( .*)?|(R|REL)?(CBF|CBV|MTT|TTP|TMAX)((UN)?CORR| .*)?|PBP|R?LEAKAGE|K2|K ?TRANS|KEP|"
    r"VE|VP|I?AUC\w*|WASH ?(IN|OUT)|(OEF|RCMRO2)( MODEL BASED)?"
)
_ARITHMETIC = (
    r".*MAP|(.* )?SUBTRACT(ION|ED)?|SUB|DIFFERENCE|.*ADDITION|DIVISION|MULTIPLICATION|MAXIMUM|"
    r"MINIMUM|MEAN|STD( DEVIATION)?|STDDEV( .*)?|QUANTITY|SNR|CORRELATION|T ?TEST|GLM( .*)?|"
    r".*SYNTHETIC.*|SYMRI|QSM|R2 ?(STAR|\*)?|STIFFNESS|ELASTO\w*"
)
_PROJECTED = (
    r"PROJECTION IMAGE?|MAX IP|MIN IP|(CSA |HD )?(MIP|MINIP|MNIP)( .*)?|VOLUME RENDER.*|VRT?|SSD|"
    r"SURFACE RENDER.*"
)
_COMPLEX = r"PHASE( .*)?|REAL|IMAGINARY|(SW )?[PRI]( (FFE|SE|IR|TSE|TFE|EPI|GRE))?|VELOCITY.*"

COMPUTED = re.compile("|".join((_DIFFUSION, _PERFUSION, _ARITHMETIC, _PROJECTED, _COMPLEX)))
"""A map, a difference, a projection or a part of a complex image."""

REFORMATTED = re.compile(r"CSA MPR( THICK)?")
"""Siemens calls these plain slices projections, too."""

COMPUTED_BY_NAME = re.compile(
    r"\b(E?ADC|APPARENT DIFFUSION|(COL(OU?R)? ?)FA|FA MAP|(FRACTIONAL|RELATIVE) ANISOTROPY|TRACEW?|"
    r"R?(CBF|CBV)|MTT|TTP|TMAX|K ?TRANS|MIP|MINIP|SUBTRACTION)\b"
)
"""In the description of a series whose pictures were derived: some vendors say it there alone."""

SAVED_SCREEN = re.compile(r"SCREEN ?(SAVE|SHOT|CAPTURE|DUMP|GRAB)")
"""Somebody's screen, with what stood on it."""

_HEADS = (
    r"(?<!FEMORAL )(?<!HUMERAL )(?<!RADIAL )(?<!FIBULAR )(?<!FIBULA )(?<!METATARSAL )"
    r"(?<!METACARPAL )(?<!PANCREAS )(?<!PANCREATIC )HEAD(?! OF )",
    r"BRAIN|SKULL|CRANI|CRANE|KRANI|CEREB|NEURO|ENCEPH|ENCEF|MENING|PITUIT|\bSELLA|HYPOPH|\bIACS?\b",
    r"KOPF|SCHA?E?DEL|HIRN|TETE|CERVEAU|CABEZA|\bTESTA\b|CERVELL|CABECA|HOOFD|HERSEN",
    r"\bHODE\b|HJERN|HJARN|\bHUVUD|\bHOVED|\bPAA\b|\bAIVO|G[LŁ]OWA|\bMOZ(G|EK|K)|\bHLAV|KOPONYA",
    r"\bFEJ\b|\bAGY\b|\bKAFA\b|\bBEYIN|\bKEPALA\b|\bOTAK\b|ГОЛОВ|МОЗГ|ΚΕΦΑΛ|头|頭|颅|脑|腦|脳",
    r"머리|뇌|رأس|دماغ|ראש|מוח",
)
HEAD = re.compile("|".join(unicodedata.normalize("NFKD", part) for part in _HEADS))
"""Of BodyPartExamined (PS3.16, annex L) and of what else stands there, in several languages."""
