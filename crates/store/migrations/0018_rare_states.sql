-- A list of one of the states that most inventories hold little of is read in its order;
-- without these all that works is walked through to find it. An ordinary row is in none.
CREATE INDEX credentials_revoked ON credentials (first_seen_at, id) WHERE revoked_at IS NOT NULL;
CREATE INDEX credentials_gone ON credentials (first_seen_at, id)
    WHERE revoked_at IS NULL AND gone_at IS NOT NULL;
CREATE INDEX credentials_suspended ON credentials (first_seen_at, id)
    WHERE revoked_at IS NULL AND gone_at IS NULL AND suspended;
CREATE INDEX credentials_unknown ON credentials (first_seen_at, id)
    WHERE revoked_at IS NULL AND gone_at IS NULL AND NOT suspended AND end_kind = 'unknown';
-- What a clock that ran ahead made after it was seen.
CREATE INDEX credentials_made_ahead ON credentials (first_seen_at) WHERE created_at > first_seen_at;
