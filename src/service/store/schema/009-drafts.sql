-- What an account is changing on the page: one draft for each, and its steps in their order. Those after `done` were undone.
CREATE TABLE draft (
    owner   TEXT PRIMARY KEY,
    id      TEXT NOT NULL UNIQUE,
    base    INTEGER NOT NULL CHECK (base >= 0), -- the version that it began from
    state   TEXT NOT NULL CHECK (state IN ('open', 'submitted')),
    note    TEXT NOT NULL,
    changed INTEGER NOT NULL,                   -- seconds since 1970-01-01T00:00:00Z
    serial  INTEGER NOT NULL,                   -- rises with each change
    done    INTEGER NOT NULL CHECK (done >= 0)
) STRICT;
CREATE TABLE draft_step (
    draft  TEXT NOT NULL REFERENCES draft (id) ON DELETE CASCADE,
    number INTEGER NOT NULL CHECK (number > 0),
    step   TEXT NOT NULL,                       -- JSON
    PRIMARY KEY (draft, number)
) STRICT, WITHOUT ROWID;

-- Whether a version was made by editing, and who released it where that was another than who made it.
ALTER TABLE version ADD COLUMN edited INTEGER NOT NULL DEFAULT 0 CHECK (edited IN (0, 1));
ALTER TABLE version ADD COLUMN released TEXT;
