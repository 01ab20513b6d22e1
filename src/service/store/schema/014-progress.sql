-- How far the items of the plan are: what was stated of each, in the order in which it was written down. Nothing is changed or removed; what
-- is written down later counts.
CREATE TABLE progress (
    number     INTEGER PRIMARY KEY AUTOINCREMENT,
    item       TEXT NOT NULL, -- list and code in the plan's file
    status     TEXT NOT NULL CHECK (status IN ('not_started', 'under_way', 'done', 'stopped')),
    as_of      TEXT NOT NULL, -- the day of which that is, YYYY-MM-DD
    evidence   TEXT NOT NULL, -- empty where there is none
    department TEXT NOT NULL, -- empty where it stays as it was
    deadline   TEXT NOT NULL, -- the same
    made       INTEGER NOT NULL, -- seconds since 1970-01-01T00:00:00Z
    made_by    TEXT NOT NULL
) STRICT;
CREATE INDEX progress_item ON progress (item, number);
