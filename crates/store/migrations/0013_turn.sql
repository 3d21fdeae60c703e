-- What waits with a message is asked for before each that goes: in order, out of the index.
-- Without the id SQLite went through all that waits, of whomever.
DROP INDEX messages_by_recipient;
CREATE INDEX messages_by_recipient ON messages (recipient, channel, state, not_before, id);

-- A claim passes over the channels that are busy; which those are stands in the index.
DROP INDEX messages_by_turn;
CREATE INDEX messages_by_turn ON messages (state, not_before, id, channel);
