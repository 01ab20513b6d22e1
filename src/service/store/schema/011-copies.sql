-- Which copy of the program makes a job, and until when it answers for it: seconds since 1970-01-01T00:00:00Z. None where another build made it.
ALTER TABLE report_job ADD COLUMN copy TEXT;
ALTER TABLE report_job ADD COLUMN lease INTEGER;

-- Counts up whenever sessions end or what an account may do changes: what other copies remember of it is no more true.
CREATE TABLE revocation (
    one    INTEGER PRIMARY KEY CHECK (one = 1),
    number INTEGER NOT NULL
) STRICT;
INSERT INTO revocation (one, number) VALUES (1, 0);

-- Wrong passwords of the last hours: of an address, and of a name from an address. Times are milliseconds since 1970-01-01T00:00:00Z.
CREATE TABLE wrong_password (
    whose TEXT PRIMARY KEY,
    times INTEGER NOT NULL,
    until INTEGER NOT NULL, -- when what was used is paid back, when the next is looked at
    last  INTEGER NOT NULL
) STRICT;
CREATE INDEX wrong_password_last ON wrong_password (last);
