-- Rounds: what is asked of participants by a day. A kind of round (`kind`) says what it is about (`subject`) and what answers are: of a
-- collection of figures, the id of a table and deliveries.
CREATE TABLE round (
    id         TEXT PRIMARY KEY,
    kind       TEXT NOT NULL,
    title      TEXT NOT NULL,
    subject    TEXT NOT NULL,
    note       TEXT NOT NULL,    -- what participants are told
    deadline   INTEGER NOT NULL, -- seconds since 1970-01-01T00:00:00Z
    grace      INTEGER NOT NULL CHECK (grace >= 0), -- seconds after the deadline in which what comes is late
    created    INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    closed     INTEGER
) STRICT;

-- Who comes by a link, of whose token only the SHA-256 is kept. Without one the link is revoked.
CREATE TABLE participant (
    id         TEXT PRIMARY KEY,
    round      TEXT NOT NULL REFERENCES round (id) ON DELETE CASCADE,
    position   INTEGER NOT NULL,
    name       TEXT NOT NULL,
    zones      TEXT NOT NULL,    -- JSON: ids of the zones that it answers for
    token      BLOB UNIQUE,
    created    INTEGER NOT NULL, -- when the link was made
    revoked    INTEGER,
    first_seen INTEGER,
    last_seen  INTEGER
) STRICT;
CREATE INDEX participant_round ON participant (round);

-- Files that participants sent. The highest number counts; earlier ones stay on record.
CREATE TABLE delivery (
    id          TEXT PRIMARY KEY,
    participant TEXT NOT NULL REFERENCES participant (id) ON DELETE CASCADE,
    number      INTEGER NOT NULL CHECK (number > 0),
    received    INTEGER NOT NULL,
    file        TEXT NOT NULL,    -- its name where it came from
    bytes       INTEGER NOT NULL,
    sha256      TEXT NOT NULL,
    content     BLOB NOT NULL,
    late        INTEGER NOT NULL CHECK (late IN (0, 1)),
    version     INTEGER NOT NULL, -- of the data that it was judged against
    verdict     TEXT NOT NULL CHECK (verdict IN ('accepted', 'faulty', 'refused')),
    report      TEXT NOT NULL,    -- JSON
    merged      INTEGER,          -- the version that it went into
    UNIQUE (participant, number)
) STRICT;
