-- Counting ends looks at this index alone, however many credentials there are.
CREATE INDEX credentials_ends ON credentials
    (expires_at, end_order, end_kind, revoked_at, gone_at, suspended, orphaned, owner, team);
