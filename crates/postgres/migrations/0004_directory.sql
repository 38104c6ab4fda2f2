-- The first schema on PostgreSQL, which is the fourth of the directory: what it says is what the
-- embedded store's has come to by then. Moments are microseconds since the Unix epoch, UTC.
--
-- Every table that grows begins its primary key and its unique indexes with the account that its
-- rows belong to, so that the tables can be spread over machines by account. `allocation`,
-- `sealing_key` and `token` belong to the whole store. There are no foreign keys, sequences,
-- triggers or procedures. Texts sort by their bytes, wherever the database stands.

CREATE TABLE allocation (
    id BIGINT PRIMARY KEY,
    next_user_id BIGINT NOT NULL
);
INSERT INTO allocation (id, next_user_id) VALUES (1, 1000000000001);

-- The keys that seal secrets, each with a known text that it sealed.
CREATE TABLE sealing_key (
    key_id BIGINT PRIMARY KEY,
    known_text BYTEA NOT NULL
);

CREATE TABLE token (
    account_id BIGINT NOT NULL,
    -- The order in which the tokens were made.
    position BIGINT NOT NULL,
    token_id BYTEA PRIMARY KEY,
    hash BYTEA NOT NULL UNIQUE,
    user_id BIGINT NOT NULL,
    label TEXT COLLATE "C" NOT NULL,
    scopes BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT
);

-- A row is locked by whoever changes anything of the account.
CREATE TABLE account (
    account_id BIGINT PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL,
    owner_user_id BIGINT NOT NULL,
    end_users BIGINT NOT NULL DEFAULT 0,
    agents BIGINT NOT NULL DEFAULT 0,
    admins BIGINT NOT NULL DEFAULT 0,
    next_event BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    last_change BIGINT NOT NULL DEFAULT 0,
    deleted_end_users BIGINT NOT NULL DEFAULT 0,
    deleted_agents BIGINT NOT NULL DEFAULT 0,
    deleted_admins BIGINT NOT NULL DEFAULT 0,
    organizations BIGINT NOT NULL DEFAULT 0,
    groups BIGINT NOT NULL DEFAULT 0,
    memberships BIGINT NOT NULL DEFAULT 0,
    custom_roles BIGINT NOT NULL DEFAULT 0,
    next_message BIGINT NOT NULL DEFAULT 1,
    message_types BIGINT NOT NULL DEFAULT 0
) WITH (fillfactor = 10);
CREATE INDEX account_name ON account (name);

CREATE TABLE "user" (
    account_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    end_user_id BYTEA NOT NULL,
    role BIGINT NOT NULL,
    external_id TEXT COLLATE "C",
    external_key TEXT COLLATE "C",
    first_name TEXT COLLATE "C",
    last_name TEXT COLLATE "C",
    display_name TEXT COLLATE "C",
    avatar TEXT COLLATE "C",
    email TEXT COLLATE "C",
    language TEXT COLLATE "C",
    metadata TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    expires_at BIGINT,
    name_key TEXT COLLATE "C" NOT NULL,
    organization_id BIGINT,
    custom_role_id BIGINT,
    support TEXT COLLATE "C",
    PRIMARY KEY (account_id, user_id)
);
CREATE UNIQUE INDEX user_end_user_id ON "user" (account_id, role, end_user_id);
CREATE UNIQUE INDEX user_external_key ON "user" (account_id, external_key)
    WHERE external_key IS NOT NULL;
CREATE INDEX user_expires_at ON "user" (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX user_all_name_key ON "user" (account_id, name_key, user_id);
CREATE INDEX user_all_created_at ON "user" (account_id, created_at, user_id);
CREATE INDEX user_all_updated_at ON "user" (account_id, updated_at, user_id);
CREATE INDEX user_team_user_id ON "user" (account_id, user_id) WHERE role > 0;
CREATE INDEX user_team_name_key ON "user" (account_id, name_key, user_id) WHERE role > 0;
CREATE INDEX user_team_created_at ON "user" (account_id, created_at, user_id) WHERE role > 0;
CREATE INDEX user_team_updated_at ON "user" (account_id, updated_at, user_id) WHERE role > 0;
CREATE INDEX user_organization_user_id ON "user" (account_id, organization_id, user_id)
    WHERE organization_id IS NOT NULL;
CREATE INDEX user_organization_name_key ON "user" (account_id, organization_id, name_key, user_id)
    WHERE organization_id IS NOT NULL;
CREATE INDEX user_organization_created_at
    ON "user" (account_id, organization_id, created_at, user_id) WHERE organization_id IS NOT NULL;
CREATE INDEX user_organization_updated_at
    ON "user" (account_id, organization_id, updated_at, user_id) WHERE organization_id IS NOT NULL;

-- The words of users, for the search: terms that begin with the account.
CREATE TABLE searched (
    account_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    terms TSVECTOR NOT NULL,
    PRIMARY KEY (account_id, user_id)
);
CREATE INDEX searched_terms ON searched USING GIN (terms);

CREATE TABLE deleted_user (
    account_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    end_user_id BYTEA NOT NULL,
    role BIGINT NOT NULL,
    state BIGINT NOT NULL,
    external_id TEXT COLLATE "C",
    first_name TEXT COLLATE "C",
    last_name TEXT COLLATE "C",
    display_name TEXT COLLATE "C",
    avatar TEXT COLLATE "C",
    email TEXT COLLATE "C",
    language TEXT COLLATE "C",
    metadata TEXT COLLATE "C" NOT NULL,
    organization_id BIGINT,
    custom_role_id BIGINT,
    support TEXT COLLATE "C",
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, user_id)
);
CREATE INDEX deleted_user_updated_at ON deleted_user (account_id, updated_at, user_id);

CREATE TABLE identity (
    account_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    identity_id BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    value_key TEXT COLLATE "C" NOT NULL,
    verified BIGINT NOT NULL,
    is_primary BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, user_id, identity_id)
);
CREATE UNIQUE INDEX identity_value_key ON identity (account_id, kind, value_key);

CREATE TABLE record (
    account_id BIGINT NOT NULL,
    record_id BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    unique_key TEXT COLLATE "C",
    external_id TEXT COLLATE "C",
    external_key TEXT COLLATE "C",
    user_id BIGINT,
    group_id BIGINT,
    body TEXT COLLATE "C" NOT NULL,
    end_users BIGINT NOT NULL,
    agents BIGINT NOT NULL,
    admins BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, record_id)
);
CREATE UNIQUE INDEX record_unique_key ON record (account_id, kind, unique_key)
    WHERE unique_key IS NOT NULL;
CREATE UNIQUE INDEX record_external_key ON record (account_id, kind, external_key)
    WHERE external_key IS NOT NULL;
CREATE INDEX record_kind ON record (account_id, kind, record_id);
CREATE INDEX record_user_id ON record (account_id, user_id, record_id) WHERE user_id IS NOT NULL;
CREATE INDEX record_group_id ON record (account_id, kind, group_id, record_id)
    WHERE group_id IS NOT NULL;

CREATE TABLE job (
    account_id BIGINT NOT NULL,
    job_id BYTEA NOT NULL,
    kind BIGINT NOT NULL,
    outcomes TEXT COLLATE "C" NOT NULL,
    completed_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, job_id)
);
CREATE INDEX job_completed_at ON job (completed_at);

-- Secrets, sealed before they come here.
CREATE TABLE sensitive_value (
    account_id BIGINT NOT NULL,
    end_user_id BYTEA NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    key_id BIGINT NOT NULL,
    sealed BYTEA NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, end_user_id, key)
);
CREATE INDEX sensitive_value_expires_at ON sensitive_value (expires_at);
CREATE INDEX sensitive_value_key_id ON sensitive_value (key_id);

CREATE TABLE channel (
    account_id BIGINT NOT NULL,
    channel_id BYTEA NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    description TEXT COLLATE "C" NOT NULL,
    modality BIGINT NOT NULL,
    markdown BIGINT NOT NULL,
    metadata TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, channel_id)
);
CREATE INDEX channel_modality ON channel (account_id, modality, channel_id);

CREATE TABLE conversation (
    account_id BIGINT NOT NULL,
    conversation_id BYTEA NOT NULL,
    channel_id BYTEA NOT NULL,
    end_user_id BYTEA NOT NULL,
    status BIGINT NOT NULL,
    metadata TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, conversation_id)
);

CREATE TABLE event (
    account_id BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    at BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    end_user_id BYTEA NOT NULL,
    token_id BYTEA,
    PRIMARY KEY (account_id, sequence)
);

CREATE TABLE endpoint (
    account_id BIGINT NOT NULL,
    endpoint_id BYTEA NOT NULL,
    url TEXT COLLATE "C" NOT NULL,
    description TEXT COLLATE "C" NOT NULL,
    event_types TEXT COLLATE "C" NOT NULL,
    status BIGINT NOT NULL,
    failing_since BIGINT,
    last_failed_at BIGINT,
    key_id BIGINT NOT NULL,
    sealed BYTEA NOT NULL,
    former_key_id BIGINT,
    former_sealed BYTEA,
    former_until BIGINT,
    next_message BIGINT NOT NULL,
    paused_at BIGINT,
    resumed_at BIGINT,
    lease_holder BIGINT,
    lease_until BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, endpoint_id)
);
CREATE INDEX endpoint_key_id ON endpoint (key_id);
CREATE INDEX endpoint_former_key_id ON endpoint (former_key_id) WHERE former_key_id IS NOT NULL;

CREATE TABLE message (
    account_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    at BIGINT NOT NULL,
    event_type BIGINT NOT NULL,
    end_user_id BYTEA NOT NULL,
    content TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (account_id, number)
);

CREATE TABLE delivery (
    account_id BIGINT NOT NULL,
    endpoint_id BYTEA NOT NULL,
    message BIGINT NOT NULL,
    state BIGINT NOT NULL,
    next_attempt_at BIGINT,
    tries BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    last_at BIGINT,
    outcome BIGINT,
    reason TEXT COLLATE "C",
    latency_ms BIGINT,
    answer TEXT COLLATE "C",
    PRIMARY KEY (account_id, endpoint_id, message)
);
CREATE INDEX delivery_undelivered ON delivery (account_id, endpoint_id, state, message)
    WHERE state <> 1;
CREATE INDEX delivery_due ON delivery (account_id, endpoint_id, next_attempt_at, message)
    WHERE state = 0;

CREATE TABLE attempt (
    account_id BIGINT NOT NULL,
    endpoint_id BYTEA NOT NULL,
    message BIGINT NOT NULL,
    place BIGINT NOT NULL,
    at BIGINT NOT NULL,
    outcome BIGINT NOT NULL,
    reason TEXT COLLATE "C",
    latency_ms BIGINT NOT NULL,
    answer TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (account_id, endpoint_id, message, place)
);
