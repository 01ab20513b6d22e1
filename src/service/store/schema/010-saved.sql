-- Areas, views and scenarios that readers keep under a name. `body` is JSON of the kind; figures are never kept.
CREATE TABLE saved (
    id       TEXT PRIMARY KEY,
    kind     TEXT NOT NULL CHECK (kind IN ('area', 'view', 'scenario')),
    title    TEXT NOT NULL,
    folder   TEXT NOT NULL,    -- names separated by slashes; empty for none
    note     TEXT NOT NULL,
    body     TEXT NOT NULL,    -- JSON
    owner    TEXT NOT NULL,
    shared   INTEGER NOT NULL CHECK (shared IN (0, 1)),
    position INTEGER NOT NULL, -- in its folder
    created  INTEGER NOT NULL, -- seconds since 1970-01-01T00:00:00Z
    changed  INTEGER NOT NULL,
    serial   INTEGER NOT NULL, -- rises with each change
    removed  INTEGER           -- when it was removed; it can be restored for a while
) STRICT;
CREATE INDEX saved_owner ON saved (owner);
