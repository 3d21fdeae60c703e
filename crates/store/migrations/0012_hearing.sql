-- Who was sent how much in the last hour is asked before each message.
CREATE INDEX messages_by_hearing ON messages (recipient, state, closed_at);

-- Each sweep asks for open alerts of a kind, and for those in one state; in order, without
-- looking at all that ever were.
CREATE INDEX alerts_by_kind ON alerts (kind, opened_at, id);
CREATE INDEX alerts_by_state ON alerts (state, opened_at, id);
