-- Versions of the register. The row of the highest number is the current version; the register of the dataset folder is 0.
CREATE TABLE version (
    number      INTEGER PRIMARY KEY CHECK (number > 0),
    created     INTEGER NOT NULL, -- seconds since 1970-01-01T00:00:00Z
    actor       TEXT NOT NULL,
    file        TEXT,
    file_sha256 TEXT CHECK (length(file_sha256) = 64),
    note        TEXT NOT NULL,
    kind        TEXT NOT NULL CHECK (kind IN ('import', 'restore')),
    restored    INTEGER CHECK (restored >= 0 AND restored < number), -- number of the version whose content it has
    features    INTEGER NOT NULL,
    new         INTEGER NOT NULL,
    changed     INTEGER NOT NULL,
    moved       INTEGER NOT NULL,
    removed     INTEGER NOT NULL,
    unchanged   INTEGER NOT NULL,
    left_out    INTEGER NOT NULL,
    revision    TEXT NOT NULL,
    sha256      TEXT CHECK (length(sha256) = 64), -- names the folder of the content; none where that is the dataset folder's
    bytes       INTEGER NOT NULL,
    kept        INTEGER NOT NULL CHECK (kept IN (0, 1)), -- whether the folder is still needed
    CHECK ((kind = 'restore') = (restored IS NOT NULL))
) STRICT;
