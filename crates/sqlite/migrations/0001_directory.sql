-- The first schema. Moments are microseconds since the Unix epoch, UTC.
--
-- Every table begins with the account that its rows belong to, except `allocation` and
-- `sealing_key`, which belong to the whole store. There are no foreign keys: an account is never
-- removed, the writer looks up what a new row refers to, and the check would cost a look-up in
-- every write.

CREATE TABLE allocation (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    next_user_id INTEGER NOT NULL
) STRICT;

CREATE TABLE account (
    account_id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    owner_user_id INTEGER NOT NULL,
    -- How many users there are of each role, kept up in the commit that changes them.
    end_users INTEGER NOT NULL,
    agents INTEGER NOT NULL,
    admins INTEGER NOT NULL,
    -- The place in the account's log that the next event takes.
    next_event INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE token (
    account_id INTEGER NOT NULL,
    -- The order in which the tokens were made.
    position INTEGER PRIMARY KEY,
    token_id BLOB NOT NULL UNIQUE,
    hash BLOB NOT NULL UNIQUE,
    user_id INTEGER NOT NULL,
    label TEXT NOT NULL,
    scopes INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;

CREATE TABLE user (
    account_id INTEGER NOT NULL,
    user_id INTEGER PRIMARY KEY,
    end_user_id BLOB NOT NULL,
    -- 0 end user, 1 agent, 2 admin.
    role INTEGER NOT NULL,
    -- As the caller wrote it, and folded for uniqueness and look-up.
    external_id TEXT,
    external_key TEXT,
    first_name TEXT,
    last_name TEXT,
    display_name TEXT,
    avatar TEXT,
    email TEXT,
    language TEXT,
    -- Compact JSON.
    metadata TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    expires_at INTEGER
) STRICT;

-- With the role in front, the list of an account's end users is one range of this index, however
-- many agents and admins there are.
CREATE UNIQUE INDEX user_end_user_id ON user (account_id, role, end_user_id);
CREATE UNIQUE INDEX user_external_key ON user (account_id, external_key)
    WHERE external_key IS NOT NULL;
CREATE INDEX user_expires_at ON user (expires_at) WHERE expires_at IS NOT NULL;

-- Secrets, sealed before they come here.
CREATE TABLE sensitive_value (
    account_id INTEGER NOT NULL,
    end_user_id BLOB NOT NULL,
    key TEXT NOT NULL,
    key_id INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (account_id, end_user_id, key)
) STRICT;

CREATE INDEX sensitive_value_expires_at ON sensitive_value (expires_at);
CREATE INDEX sensitive_value_key_id ON sensitive_value (key_id);

-- The keys that seal secrets, each with a known text that it sealed.
CREATE TABLE sealing_key (
    key_id INTEGER PRIMARY KEY,
    known_text BLOB NOT NULL
) STRICT;

CREATE TABLE channel (
    account_id INTEGER NOT NULL,
    channel_id BLOB NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    -- 0 messaging, 1 email, 2 voice, 3 sms.
    modality INTEGER NOT NULL,
    markdown INTEGER NOT NULL,
    metadata TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (account_id, channel_id)
) STRICT;

CREATE INDEX channel_modality ON channel (account_id, modality, channel_id);

CREATE TABLE conversation (
    account_id INTEGER NOT NULL,
    conversation_id BLOB NOT NULL,
    channel_id BLOB NOT NULL,
    end_user_id BLOB NOT NULL,
    -- 0 active, 1 ended.
    status INTEGER NOT NULL,
    metadata TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (account_id, conversation_id)
) STRICT;

CREATE TABLE event (
    account_id INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    at INTEGER NOT NULL,
    -- 1 created, 2 updated, 3 deleted because it expired, 4 secrets were read.
    kind INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    end_user_id BLOB NOT NULL,
    -- Who read the secrets.
    token_id BLOB,
    PRIMARY KEY (account_id, sequence)
) STRICT, WITHOUT ROWID;

INSERT INTO allocation (id, next_user_id) VALUES (1, 1000000000001);
