"""What stands in the records' file, version by version, and what marks a row as whole."""

from __future__ import annotations

import hashlib
import json

from braintumor_desktop.domain.result import from_json

APPLICATION_ID = 0x42544D52
"""By which the file is told from other programs' (SQLite, `PRAGMA application_id`): "BTMR"."""

FIRST_TABLES = {"answer", "run", "audit"}
"""Those of version 0.1, whose files have no application id."""

MIGRATIONS = (
    """
    CREATE TABLE answer (
        content TEXT NOT NULL, key TEXT NOT NULL, outcome TEXT NOT NULL, thumbnail BLOB,
        PRIMARY KEY (content, key)
    );
    CREATE TABLE run (
        id INTEGER PRIMARY KEY, roots TEXT NOT NULL, key TEXT NOT NULL, started TEXT NOT NULL,
        ended TEXT
    );
    CREATE TABLE audit (
        id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, who TEXT NOT NULL,
        event TEXT NOT NULL, content TEXT, key TEXT, details TEXT NOT NULL, undoes INTEGER
    );
    CREATE INDEX audit_of_content ON audit (content, id) WHERE event IN ('decided', 'undone');
    CREATE TRIGGER audit_stays BEFORE UPDATE ON audit
        BEGIN SELECT RAISE(ABORT, 'the audit trail is only appended to'); END;
    CREATE TRIGGER audit_keeps BEFORE DELETE ON audit
        BEGIN SELECT RAISE(ABORT, 'the audit trail is only appended to'); END;
    """,
    # Frames and series; checksums. `frame` counts from 0, `frames` is how many the file has; an
    # event is about a slice (content and frame) or about a series.
    """
    CREATE TABLE framed (
        content TEXT NOT NULL, key TEXT NOT NULL, frame INTEGER NOT NULL, frames INTEGER NOT NULL,
        result TEXT NOT NULL, thumbnail BLOB, checksum BLOB,
        PRIMARY KEY (content, key, frame)
    );
    INSERT INTO framed SELECT content, key, 0, 1, outcome, thumbnail,
        migrated_answer(content, key, outcome, thumbnail) FROM answer;
    DROP TABLE answer;
    ALTER TABLE framed RENAME TO answer;
    DROP TRIGGER audit_stays;
    DROP INDEX audit_of_content;
    ALTER TABLE audit ADD COLUMN frame INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE audit ADD COLUMN series TEXT NOT NULL DEFAULT '';
    ALTER TABLE audit ADD COLUMN checksum BLOB;
    UPDATE audit SET checksum = migrated_event(at, who, event, content, key, details, undoes);
    CREATE INDEX audit_of_subject ON audit (content, frame, series, id)
        WHERE event IN ('decided', 'undone');
    CREATE TRIGGER audit_stays BEFORE UPDATE ON audit
        BEGIN SELECT RAISE(ABORT, 'the audit trail is only appended to'); END;
    """,
    # What is measured on slices stands in the audit and is looked for by file.
    """
    CREATE INDEX audit_of_notes ON audit (content, id) WHERE event = 'noted';
    """,
)
"""Each brings the file from the version of its index to the next; never edited once released."""


def checksum(*values: object) -> bytes:
    """Return 16 bytes that change with any of a row's values (BLAKE2b, RFC 7693)."""
    digest = hashlib.blake2b(digest_size=16)
    for value in values:
        data = value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")
        digest.update(f"{type(value).__name__}:{len(data)}:".encode())
        digest.update(data)
    return digest.digest()


def migrated_answer(content: str, key: str, outcome: str, thumbnail: bytes | None) -> bytes | None:
    """Return the checksum of an answer of version 0.1, None where it is not whole already.

    That version kept none: what can be said is whether the answer contradicts itself.
    """
    try:
        result = from_json(outcome)
        shares = dict(result.probabilities)
        sound = (result.reason is None) != (not result.label)
        if result.label:
            sound = (
                result.label in shares
                and abs(sum(shares.values()) - 1) < 0.01
                and shares[result.label] == max(shares.values())
                and set(result.possible) <= shares.keys()
            )
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    return checksum(content, key, 0, 1, outcome, thumbnail) if sound else None


def migrated_event(
    at: str,
    who: str,
    event: str,
    content: str | None,
    key: str | None,
    details: str,
    undoes: int | None,
) -> bytes | None:
    """Return the checksum of an event of version 0.1, None where it cannot be read any more."""
    try:
        json.loads(details)
    except (ValueError, TypeError):
        return None
    return checksum(at, who, event, content, 0, "", key, details, undoes)
