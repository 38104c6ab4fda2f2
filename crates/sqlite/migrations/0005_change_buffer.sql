-- The two indexes whose entries come in no order become tables, so that new entries can be held
-- back and merged many at a time (src/change_buffer). Each is filled in the order of the index that
-- it takes the place of.

CREATE TABLE user_by_name (
    account_id INTEGER NOT NULL,
    name_key TEXT NOT NULL,
    user_id INTEGER NOT NULL,
    role INTEGER NOT NULL,
    PRIMARY KEY (account_id, name_key, user_id)
) STRICT, WITHOUT ROWID;

INSERT INTO user_by_name (account_id, name_key, user_id, role)
    SELECT account_id, name_key, user_id, role FROM user INDEXED BY user_all_name_key
    WHERE account_id IS NOT NULL ORDER BY account_id, name_key, user_id;

DROP INDEX user_all_name_key;

CREATE TABLE identity_by_value (
    account_id INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    value_key TEXT NOT NULL,
    identity_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    PRIMARY KEY (account_id, kind, value_key)
) STRICT, WITHOUT ROWID;

INSERT INTO identity_by_value (account_id, kind, value_key, identity_id, user_id)
    SELECT account_id, kind, value_key, identity_id, user_id
    FROM identity INDEXED BY identity_value_key
    WHERE account_id IS NOT NULL ORDER BY account_id, kind, value_key;

DROP INDEX identity_value_key;

-- What users with lower numbers, and their identities, have in these tables is all there. Of later
-- ones it may be missing as long as the server that made them runs, or after it was killed.
CREATE TABLE change_buffer (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    merged_until INTEGER NOT NULL
) STRICT;

INSERT INTO change_buffer (id, merged_until) SELECT 1, next_user_id FROM allocation;

-- What changes or goes is changed at once. An entry that is still held back is not there to be
-- removed, and is made of the row as it is when it is merged.
CREATE TRIGGER user_by_name_changes AFTER UPDATE OF name_key, role ON user BEGIN
    DELETE FROM user_by_name WHERE account_id = old.account_id AND name_key = old.name_key
        AND user_id = old.user_id;
    INSERT INTO user_by_name (account_id, name_key, user_id, role)
        VALUES (new.account_id, new.name_key, new.user_id, new.role);
END;

CREATE TRIGGER user_by_name_goes AFTER DELETE ON user BEGIN
    DELETE FROM user_by_name WHERE account_id = old.account_id AND name_key = old.name_key
        AND user_id = old.user_id;
END;

CREATE TRIGGER identity_by_value_changes AFTER UPDATE OF value_key ON identity BEGIN
    DELETE FROM identity_by_value WHERE account_id = old.account_id AND kind = old.kind
        AND value_key = old.value_key AND identity_id = old.identity_id;
    INSERT INTO identity_by_value (account_id, kind, value_key, identity_id, user_id)
        VALUES (new.account_id, new.kind, new.value_key, new.identity_id, new.user_id);
END;

CREATE TRIGGER identity_by_value_goes AFTER DELETE ON identity BEGIN
    DELETE FROM identity_by_value WHERE account_id = old.account_id AND kind = old.kind
        AND value_key = old.value_key AND identity_id = old.identity_id;
END;
