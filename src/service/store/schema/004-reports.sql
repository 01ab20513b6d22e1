-- Reports made in batches. The files lie in the folder `reports` under the id of their job.
CREATE TABLE report_job (
    id       TEXT PRIMARY KEY,
    actor    TEXT NOT NULL,
    whole    INTEGER NOT NULL CHECK (whole IN (0, 1)), -- whether it shows what only some may see
    asked    INTEGER NOT NULL,                         -- seconds since 1970-01-01T00:00:00Z
    ended    INTEGER,
    state    TEXT NOT NULL CHECK (state IN ('queued', 'running', 'finished', 'cancelled', 'failed', 'interrupted')),
    question TEXT NOT NULL,                            -- JSON
    revision TEXT NOT NULL,
    total    INTEGER NOT NULL CHECK (total > 0),       -- files
    zip      INTEGER,                                  -- bytes of the archive, once it is whole
    zh       TEXT,                                     -- why it failed
    en       TEXT,
    CHECK ((state IN ('queued', 'running')) = (ended IS NULL)),
    CHECK ((state = 'finished') = (zip IS NOT NULL))
) STRICT;

-- Files that are whole on the disk.
CREATE TABLE report_file (
    job    TEXT NOT NULL REFERENCES report_job (id) ON DELETE CASCADE,
    name   TEXT NOT NULL,
    zone   TEXT NOT NULL,
    format TEXT NOT NULL,
    query  TEXT NOT NULL, -- the code that asks the same again
    bytes  INTEGER NOT NULL,
    sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
    PRIMARY KEY (job, name)
) STRICT;
