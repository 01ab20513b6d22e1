-- Names of accounts that were removed. They are not given again: what the trail, versions and exports say of a name is said
-- of one person.
CREATE TABLE former (
    name    TEXT PRIMARY KEY
) STRICT;
