\set n random(0, :users - 1)
UPDATE "user" SET metadata = '{"seats": 13}', updated_at = updated_at + 1 WHERE account_id = 1 AND external_key = 'customer-' || lpad(CAST(CAST(:n AS bigint) AS text), 12, '0');
