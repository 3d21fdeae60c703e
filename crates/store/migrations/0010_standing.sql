-- What works, in the order of its end, without a look at what is over or at any document.
CREATE INDEX credentials_living ON credentials (end_order, id, revoked_at, gone_at, suspended)
    WHERE revoked_at IS NULL AND gone_at IS NULL AND NOT suspended;
CREATE INDEX credentials_orphaned ON credentials (end_order, id)
    WHERE orphaned AND revoked_at IS NULL AND gone_at IS NULL AND NOT suspended;
-- What stands, however much is over.
CREATE INDEX alerts_standing ON alerts (opened_at, id, kind) WHERE resolved_at IS NULL;
