-- The plan as a process. A layout is a draft with a name that several may change (the owner of the draft is `layout:` and its id), until
-- it is put into force as a version.
CREATE TABLE layout (
    id         TEXT PRIMARY KEY,
    title      TEXT NOT NULL,
    note       TEXT NOT NULL,
    created    INTEGER NOT NULL, -- seconds since 1970-01-01T00:00:00Z
    created_by TEXT NOT NULL,
    editors    TEXT NOT NULL,    -- JSON: who changed it
    version    INTEGER           -- the version that put it into force
) STRICT;

-- The document by which a version was put into force, and its date.
ALTER TABLE version ADD COLUMN document TEXT;
ALTER TABLE version ADD COLUMN decided TEXT;

-- A participant may have an account and needs no link then; when it said that it has answered in full.
ALTER TABLE participant ADD COLUMN account TEXT;
ALTER TABLE participant ADD COLUMN answered INTEGER;

-- What the participants of a consultation see: the layouts as they were when it began.
CREATE TABLE consultation (
    round   TEXT PRIMARY KEY REFERENCES round (id) ON DELETE CASCADE,
    content TEXT NOT NULL -- JSON
) STRICT;

-- What participants say, and what becomes of it.
CREATE TABLE comment (
    id          TEXT PRIMARY KEY,
    participant TEXT NOT NULL REFERENCES participant (id) ON DELETE CASCADE,
    number      INTEGER NOT NULL CHECK (number > 0), -- among those of the participant
    made        INTEGER NOT NULL,
    changed     INTEGER NOT NULL,
    late        INTEGER NOT NULL CHECK (late IN (0, 1)),
    about       TEXT NOT NULL CHECK (about IN ('whole', 'feature', 'outline', 'figure', 'paragraph')),
    layout      TEXT,             -- the layout that it is about
    target      TEXT,             -- `collection:id` of a feature, the id of a figure, the number of a paragraph
    geometry    TEXT,             -- GeoJSON: the outline that it is about, or that is proposed for the feature
    text        TEXT NOT NULL,
    verdict     TEXT CHECK (verdict IN ('adopted', 'partly', 'declined')),
    reason      TEXT NOT NULL,
    version     INTEGER,          -- that carried it out
    decided     INTEGER,
    decided_by  TEXT,
    serial      INTEGER NOT NULL, -- rises with each change
    UNIQUE (participant, number)
) STRICT;

CREATE TABLE attachment (
    id      TEXT PRIMARY KEY,
    comment TEXT NOT NULL REFERENCES comment (id) ON DELETE CASCADE,
    file    TEXT NOT NULL, -- its name where it came from
    bytes   INTEGER NOT NULL,
    sha256  TEXT NOT NULL,
    content BLOB NOT NULL
) STRICT;
CREATE INDEX attachment_comment ON attachment (comment);
