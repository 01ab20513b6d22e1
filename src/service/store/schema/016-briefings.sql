-- When the service makes a briefing of movements by itself, once a month.
CREATE TABLE briefing_schedule (
    id         TEXT PRIMARY KEY,
    title      TEXT NOT NULL,
    day        INTEGER CHECK (day BETWEEN 1 AND 28), -- of the month; none: its last
    hour       INTEGER NOT NULL CHECK (hour BETWEEN 0 AND 23),
    languages  TEXT NOT NULL,    -- JSON
    kind       TEXT,             -- of the zones; none: the one that divides the whole
    zone       TEXT,             -- one zone instead of all of a kind
    active     INTEGER NOT NULL CHECK (active IN (0, 1)),
    changed    INTEGER NOT NULL, -- seconds since 1970-01-01T00:00:00Z; a moment before is not made up for
    changed_by TEXT NOT NULL
) STRICT;

-- A briefing of a schedule and a month: the row is the claim of the copy of the program that makes it, as of a report job.
CREATE TABLE briefing (
    schedule TEXT NOT NULL REFERENCES briefing_schedule (id) ON DELETE CASCADE,
    period   TEXT NOT NULL,    -- the month of the moment, YYYY-MM
    due      INTEGER NOT NULL, -- the moment, seconds since 1970-01-01T00:00:00Z
    since    TEXT NOT NULL,    -- the days that it is about, YYYY-MM-DD
    until    TEXT NOT NULL,
    late     INTEGER NOT NULL CHECK (late IN (0, 1)), -- whether it is made up for a moment that was missed
    state    TEXT NOT NULL CHECK (state IN ('running', 'made', 'failed')),
    attempts INTEGER NOT NULL CHECK (attempts > 0),
    copy     TEXT NOT NULL,
    lease    INTEGER NOT NULL, -- until when the copy answers for it
    fence    INTEGER NOT NULL, -- counts up with each attempt: what is done under a lower number comes too late
    retry    INTEGER,          -- when it is tried again
    ended    INTEGER,
    revision TEXT,             -- of the data that it is made of
    still    INTEGER CHECK (still IN (0, 1)), -- whether nothing has changed
    zh       TEXT,             -- why it failed
    en       TEXT,
    PRIMARY KEY (schedule, period),
    CHECK ((state = 'made') = (revision IS NOT NULL))
) STRICT;

CREATE TABLE briefing_file (
    schedule TEXT NOT NULL,
    period   TEXT NOT NULL,
    name     TEXT NOT NULL, -- language and format, as zh.docx
    title    TEXT NOT NULL, -- the name under which it is saved
    bytes    INTEGER NOT NULL,
    content  BLOB NOT NULL,
    PRIMARY KEY (schedule, period, name),
    FOREIGN KEY (schedule, period) REFERENCES briefing (schedule, period) ON DELETE CASCADE
) STRICT;

-- What lists show of the content of a consultation (JSON); none where an earlier build kept it.
ALTER TABLE consultation ADD COLUMN head TEXT;
