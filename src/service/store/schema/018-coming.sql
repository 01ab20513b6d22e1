-- The version that a copy of the program is making, where it takes others long to read: they read it before it is current.
CREATE TABLE coming (
    id     TEXT PRIMARY KEY,
    copy   TEXT NOT NULL,    -- that makes it
    base   INTEGER NOT NULL, -- the version before
    since  INTEGER NOT NULL, -- seconds since 1970-01-01T00:00:00Z
    sha256 TEXT              -- of its content, once that is where others find it
) STRICT, WITHOUT ROWID;
-- Copies that read it.
CREATE TABLE coming_reader (
    coming TEXT NOT NULL,
    copy   TEXT NOT NULL,
    ready  INTEGER NOT NULL CHECK (ready IN (0, 1)),
    PRIMARY KEY (coming, copy)
) STRICT, WITHOUT ROWID;
