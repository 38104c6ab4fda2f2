-- The indexes come last: over rows that are there, each is written in its order at once.

CREATE UNIQUE INDEX identity_value_key ON identity (account_id, kind, value_key);

-- A list of users is read from one of these indexes alone, entry by entry, and then each user by
-- number. They all end with what a list tells users apart by; `src/lists` says which list reads
-- which. First everybody:
CREATE INDEX user_all_user_id ON user (account_id, user_id, role);
CREATE INDEX user_all_name_key ON user (account_id, name_key, user_id, role);
CREATE INDEX user_all_created_at ON user (account_id, created_at, user_id, role);
CREATE INDEX user_all_updated_at ON user (account_id, updated_at, user_id, role);

-- The team: agents and admins.
CREATE INDEX user_team_user_id
    ON user (account_id, user_id, role, custom_role_id, organization_id) WHERE role > 0;
CREATE INDEX user_team_name_key
    ON user (account_id, name_key, user_id, role, custom_role_id, organization_id) WHERE role > 0;
CREATE INDEX user_team_created_at
    ON user (account_id, created_at, user_id, role, custom_role_id, organization_id)
    WHERE role > 0;
CREATE INDEX user_team_updated_at
    ON user (account_id, updated_at, user_id, role, custom_role_id, organization_id)
    WHERE role > 0;

-- The users of an organization.
CREATE INDEX user_organization_user_id
    ON user (account_id, organization_id, user_id, role) WHERE organization_id IS NOT NULL;
CREATE INDEX user_organization_name_key
    ON user (account_id, organization_id, name_key, user_id, role)
    WHERE organization_id IS NOT NULL;
CREATE INDEX user_organization_created_at
    ON user (account_id, organization_id, created_at, user_id, role)
    WHERE organization_id IS NOT NULL;
CREATE INDEX user_organization_updated_at
    ON user (account_id, organization_id, updated_at, user_id, role)
    WHERE organization_id IS NOT NULL;

-- The deleted, by number and in the order of the export.
CREATE INDEX deleted_user_user_id ON deleted_user (account_id, user_id);
CREATE INDEX deleted_user_updated_at ON deleted_user (account_id, updated_at, user_id);

CREATE UNIQUE INDEX record_unique_key ON record (account_id, kind, unique_key)
    WHERE unique_key IS NOT NULL;
CREATE UNIQUE INDEX record_external_key ON record (account_id, kind, external_key)
    WHERE external_key IS NOT NULL;
CREATE INDEX record_kind ON record (account_id, kind);
CREATE INDEX record_user_id ON record (account_id, user_id) WHERE user_id IS NOT NULL;
CREATE INDEX record_group_id ON record (account_id, kind, group_id) WHERE group_id IS NOT NULL;

CREATE INDEX job_completed_at ON job (completed_at);
