-- What waits with a message is asked for before each that goes: in order, out of the index.
-- Without the id SQLite went through all that waits, of whomever.
DROP INDEX messages_by_recipient;
CREATE INDEX messages_by_recipient ON messages (recipient, channel, state, not_before, id);
