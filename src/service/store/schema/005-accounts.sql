-- Who may do what. A scope is a JSON array of district codes; none means the whole city.
CREATE TABLE account (
    name     TEXT PRIMARY KEY,
    display  TEXT NOT NULL,
    role     TEXT NOT NULL CHECK (role IN ('viewer', 'editor', 'reviewer', 'administrator')),
    scope    TEXT,
    password TEXT,                       -- argon2id with its parameters and salt; none until it is claimed
    created  INTEGER NOT NULL            -- seconds since 1970-01-01T00:00:00Z
) STRICT;

-- Who is logged in: the SHA-256 of what the browser holds.
CREATE TABLE session (
    token   BLOB PRIMARY KEY,
    account TEXT NOT NULL REFERENCES account (name) ON DELETE CASCADE,
    created INTEGER NOT NULL,
    used    INTEGER NOT NULL
) STRICT;

-- One-time links: the SHA-256 of their token. Without an account: whoever has it becomes the first administrator.
CREATE TABLE claim (
    token   BLOB PRIMARY KEY,
    account TEXT REFERENCES account (name) ON DELETE CASCADE,
    until   INTEGER NOT NULL
) STRICT;

-- What was done: logins, exports, changes.
CREATE TABLE audit (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    at     INTEGER NOT NULL,
    actor  TEXT NOT NULL,
    peer   TEXT NOT NULL,
    what   TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
CREATE INDEX audit_at ON audit (at);
