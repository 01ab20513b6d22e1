-- What answers over several cities are made of: what this city says to everybody of its current version, by what it is called. It is
-- written in the transaction that makes a version, and when the data are first loaded.
CREATE TABLE aggregate (
    name    TEXT PRIMARY KEY,
    version INTEGER NOT NULL, -- that it is of; 0 is the seed
    content BLOB NOT NULL
) STRICT, WITHOUT ROWID;
