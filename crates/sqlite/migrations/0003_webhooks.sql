-- Webhooks: where the messages of an account go, the messages, and how far their delivery is.

-- The number that the account's next message takes.
ALTER TABLE account ADD COLUMN next_message INTEGER NOT NULL DEFAULT 1;
-- The types of messages that the account's enabled endpoints ask for: the bit of each type's
-- number, kept up in the commit that changes an endpoint. Where it is 0 no message is kept.
ALTER TABLE account ADD COLUMN message_types INTEGER NOT NULL DEFAULT 0;

CREATE TABLE endpoint (
    account_id INTEGER NOT NULL,
    endpoint_id BLOB NOT NULL,
    url TEXT NOT NULL,
    description TEXT NOT NULL,
    -- The names of the types that it asks for, with a space between two; none for the usual ones.
    event_types TEXT NOT NULL,
    -- 0 enabled, 1 disabled, 2 disabled because it had failed for too long, 3 gone.
    status INTEGER NOT NULL,
    failing_since INTEGER,
    -- The secret that signs, sealed, and the one before it.
    key_id INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    former_key_id INTEGER,
    former_sealed BLOB,
    former_until INTEGER,
    -- All messages before this one were tried, or are not for it.
    next_message INTEGER NOT NULL,
    -- The process that delivers to it, and until when.
    lease_holder INTEGER,
    lease_until INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (account_id, endpoint_id)
) STRICT;

CREATE INDEX endpoint_key_id ON endpoint (key_id);
CREATE INDEX endpoint_former_key_id ON endpoint (former_key_id) WHERE former_key_id IS NOT NULL;

-- Each is one entry at the end of its account's, for they are written in the commits of changes.
CREATE TABLE message (
    account_id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    -- The numbers of `EventType`.
    event_type INTEGER NOT NULL,
    end_user_id BLOB NOT NULL,
    -- Compact JSON.
    content TEXT NOT NULL,
    PRIMARY KEY (account_id, number)
) STRICT, WITHOUT ROWID;

-- With its last attempt, so that what is delivered at once is one row.
CREATE TABLE delivery (
    account_id INTEGER NOT NULL,
    endpoint_id BLOB NOT NULL,
    message INTEGER NOT NULL,
    -- 0 waiting, 1 delivered, 2 failed.
    state INTEGER NOT NULL,
    -- Only of one that waits.
    next_attempt_at INTEGER,
    -- How many attempts have failed since it was begun, or begun anew.
    tries INTEGER NOT NULL,
    -- How many attempts there were in all.
    attempts INTEGER NOT NULL,
    last_at INTEGER,
    -- The status of the answer; -1 no answer in time, -2 a forbidden address, -3 no connection.
    outcome INTEGER,
    -- Why there was no connection.
    reason TEXT,
    latency_ms INTEGER,
    answer TEXT,
    PRIMARY KEY (account_id, endpoint_id, message)
) STRICT, WITHOUT ROWID;

CREATE INDEX delivery_state ON delivery (account_id, endpoint_id, state, message);
CREATE INDEX delivery_due ON delivery (account_id, endpoint_id, next_attempt_at, message)
    WHERE state = 0;

-- The attempts that were followed by another one.
CREATE TABLE attempt (
    account_id INTEGER NOT NULL,
    endpoint_id BLOB NOT NULL,
    message INTEGER NOT NULL,
    -- 1 is the first one.
    place INTEGER NOT NULL,
    at INTEGER NOT NULL,
    outcome INTEGER NOT NULL,
    reason TEXT,
    latency_ms INTEGER NOT NULL,
    answer TEXT NOT NULL,
    PRIMARY KEY (account_id, endpoint_id, message, place)
) STRICT, WITHOUT ROWID;
