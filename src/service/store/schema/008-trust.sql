-- The districts to which whoever requested a job was limited: a JSON array of codes; none means the whole city.
ALTER TABLE report_job ADD COLUMN scope TEXT;

-- When a link was last made or followed; seconds since 1970-01-01T00:00:00Z.
ALTER TABLE link ADD COLUMN used INTEGER NOT NULL DEFAULT 0;
UPDATE link SET used = created;

-- The same event again within a day is counted. `at` is the first time, `last` the last; `rows` are those of the register that left.
ALTER TABLE audit ADD COLUMN times INTEGER NOT NULL DEFAULT 1;
ALTER TABLE audit ADD COLUMN last INTEGER NOT NULL DEFAULT 0;
ALTER TABLE audit ADD COLUMN rows INTEGER NOT NULL DEFAULT 0;
UPDATE audit SET last = at;
CREATE INDEX audit_actor ON audit (actor, what, at);
CREATE INDEX audit_peer ON audit (peer, what, at);
CREATE INDEX audit_what ON audit (what, at);

-- What each reader took on each day, by kind.
CREATE TABLE usage (
    name  TEXT NOT NULL,    -- of an account, or what stands for nobody's
    day   INTEGER NOT NULL, -- days since 1970-01-01
    kind  TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (day, name, kind)
) STRICT, WITHOUT ROWID;

-- The time by which what is too old is removed (`retention`). Seconds since 1970-01-01T00:00:00Z.
CREATE TABLE retention (
    one       INTEGER PRIMARY KEY CHECK (one = 1),
    confirmed INTEGER NOT NULL,
    ahead     INTEGER, -- since when the clock has been far ahead of that
    seen      INTEGER  -- when it was last seen so
) STRICT;
