-- What an endpoint is passed over with, how long it has failed, and a cheaper delivery.

-- The account's next message when the endpoint was last disabled, and when it was enabled again:
-- the messages in between are passed over.
ALTER TABLE endpoint ADD COLUMN paused_at INTEGER;
ALTER TABLE endpoint ADD COLUMN resumed_at INTEGER;
-- One that was disabled before was to begin with what comes once it is enabled.
UPDATE endpoint SET paused_at = next_message WHERE status <> 0;

-- When it failed last, if it has not taken anything since. Of earlier failures only the first one
-- is known, so that the next one may begin the count anew: nobody is disabled too early.
ALTER TABLE endpoint ADD COLUMN last_failed_at INTEGER;
UPDATE endpoint SET last_failed_at = failing_since;

-- What was delivered, which most was, is found by its number, and needs no index.
DROP INDEX delivery_state;
CREATE INDEX delivery_undelivered ON delivery (account_id, endpoint_id, state, message)
    WHERE state <> 1;
