-- Integrations that report in, and on which days tokens were used.

CREATE TABLE monitors (
    id {text} PRIMARY KEY,
    doc {text} NOT NULL,
    version {i64} NOT NULL,
    ping_key {text} NOT NULL,
    -- The truth about what was heard stands in these three, not in the document.
    last_ping_at {i64},
    failed_at {i64},
    pings {i64} NOT NULL
) {strict};
CREATE UNIQUE INDEX monitors_by_key ON monitors (ping_key);

-- The latest day of use (days since 1970-01-01, UTC), and a bit for each of the 63 days
-- up to it, the latest lowest.
ALTER TABLE credentials ADD COLUMN used_day {i64};
ALTER TABLE credentials ADD COLUMN used_days {i64};
