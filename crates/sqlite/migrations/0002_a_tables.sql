-- Users of every role: identities, the deleted, and what the team arranges its users by. What is
-- computed of the users that are there already is filled in between this and the indexes.

-- When a user of the account last changed. The next change gets a later moment.
ALTER TABLE account ADD COLUMN last_change INTEGER NOT NULL DEFAULT 0;
-- How many deleted users there are of each role, and how many records of each kind.
ALTER TABLE account ADD COLUMN deleted_end_users INTEGER NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN deleted_agents INTEGER NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN deleted_admins INTEGER NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN organizations INTEGER NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN groups INTEGER NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN memberships INTEGER NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN custom_roles INTEGER NOT NULL DEFAULT 0;

-- What the user is sorted by when users are sorted by name.
ALTER TABLE user ADD COLUMN name_key TEXT NOT NULL DEFAULT '';
ALTER TABLE user ADD COLUMN organization_id INTEGER;
ALTER TABLE user ADD COLUMN custom_role_id INTEGER;
-- What else a support desk knows of them: compact JSON without what is as usual, or nothing.
ALTER TABLE user ADD COLUMN support TEXT;

-- Those who were deleted. They are in no list of users, and nothing that they had is taken.
CREATE TABLE deleted_user (
    account_id INTEGER NOT NULL,
    user_id INTEGER PRIMARY KEY,
    end_user_id BLOB NOT NULL,
    role INTEGER NOT NULL,
    -- 1 deleted, 2 erased.
    state INTEGER NOT NULL,
    external_id TEXT,
    first_name TEXT,
    last_name TEXT,
    display_name TEXT,
    avatar TEXT,
    email TEXT,
    language TEXT,
    metadata TEXT NOT NULL,
    organization_id INTEGER,
    custom_role_id INTEGER,
    support TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

-- By user, so that those of a user lie together and need no index to be found.
CREATE TABLE identity (
    account_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    identity_id INTEGER NOT NULL,
    -- The numbers of `IdentityKind`.
    kind INTEGER NOT NULL,
    -- As it was written, and folded for uniqueness and look-up.
    value TEXT NOT NULL,
    value_key TEXT NOT NULL,
    verified INTEGER NOT NULL,
    is_primary INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (account_id, user_id, identity_id)
) STRICT, WITHOUT ROWID;

-- Organizations, groups, memberships and custom roles.
CREATE TABLE record (
    account_id INTEGER NOT NULL,
    record_id INTEGER PRIMARY KEY,
    -- 1 organization, 2 group, 3 membership, 4 custom role.
    kind INTEGER NOT NULL,
    -- What no other record of the kind may have.
    unique_key TEXT,
    -- An organization's, as the caller wrote it, and folded.
    external_id TEXT,
    external_key TEXT,
    -- A membership's.
    user_id INTEGER,
    -- A membership's or an organization's.
    group_id INTEGER,
    -- Everything else, as JSON.
    body TEXT NOT NULL,
    -- How many users of each role an organization or a custom role has, kept up in the commit
    -- that changes them.
    end_users INTEGER NOT NULL,
    agents INTEGER NOT NULL,
    admins INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

-- What became of work on many users at once.
CREATE TABLE job (
    account_id INTEGER NOT NULL,
    job_id BLOB NOT NULL,
    -- 0 create, 1 create or update, 2 update, 3 delete.
    kind INTEGER NOT NULL,
    -- What became of each user, as JSON.
    outcomes TEXT NOT NULL,
    completed_at INTEGER NOT NULL,
    PRIMARY KEY (account_id, job_id)
) STRICT;
