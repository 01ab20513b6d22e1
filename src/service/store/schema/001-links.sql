-- Addresses of the page kept under a short code: the query and fragment, nothing else.
CREATE TABLE link (
    code    TEXT PRIMARY KEY,
    target  TEXT NOT NULL UNIQUE CHECK (length(target) BETWEEN 2 AND 7500),
    created INTEGER NOT NULL -- seconds since 1970-01-01T00:00:00Z
) STRICT;
