-- A job of a copy that was killed is taken over by another: what it needs to make the same files (JSON; none where an earlier build kept the
-- job), and the fencing token, which counts up with each copy that takes it. Files lie under the token by which they were made.
ALTER TABLE report_job ADD COLUMN resumption TEXT;
ALTER TABLE report_job ADD COLUMN fence INTEGER NOT NULL DEFAULT 0;
ALTER TABLE report_file ADD COLUMN fence INTEGER NOT NULL DEFAULT 0;

-- The check of a file that was asked for last, so that every copy finds the same: its number, whether what it finds is wanted, and, once a
-- copy has found something, against which data and under which options (JSON).
ALTER TABLE incoming ADD COLUMN check_number INTEGER NOT NULL DEFAULT 0;
ALTER TABLE incoming ADD COLUMN check_wanted INTEGER NOT NULL DEFAULT 0;
ALTER TABLE incoming ADD COLUMN check_revision TEXT;
ALTER TABLE incoming ADD COLUMN check_options TEXT;
