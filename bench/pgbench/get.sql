\set n random(0, :users - 1)
SELECT user_id, end_user_id, role, external_id, first_name, last_name, display_name, avatar, email, language, metadata, organization_id, custom_role_id, support, created_at, updated_at, expires_at FROM "user" WHERE account_id = 1 AND external_key = 'customer-' || lpad(CAST(CAST(:n AS bigint) AS text), 12, '0');
