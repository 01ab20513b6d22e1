-- Files on their way in. The bytes lie in the folder `incoming` under the id.
CREATE TABLE incoming (
    id       TEXT PRIMARY KEY,
    file     TEXT NOT NULL,    -- its name where it came from
    bytes    INTEGER NOT NULL,
    sha256   TEXT NOT NULL,
    received INTEGER NOT NULL, -- seconds since 1970-01-01T00:00:00Z
    actor    TEXT NOT NULL,
    stage    TEXT NOT NULL DEFAULT 'received' CHECK (stage IN ('received', 'submitted', 'published')),
    options  TEXT,             -- JSON
    revision TEXT,             -- of the data that it was last checked against
    note     TEXT NOT NULL DEFAULT '',
    version  INTEGER           -- that it became
) STRICT;

-- What planners last said about files with these columns.
CREATE TABLE mapping (
    columns TEXT PRIMARY KEY, -- digest of the names in the head
    options TEXT NOT NULL,    -- JSON
    used    INTEGER NOT NULL  -- seconds since 1970-01-01T00:00:00Z
) STRICT;
