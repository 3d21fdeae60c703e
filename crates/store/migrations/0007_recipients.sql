-- To whom a message goes, so that what waits for one recipient can go together. Messages
-- from before have none, and go by themselves.
ALTER TABLE messages ADD COLUMN recipient {text};
CREATE INDEX messages_by_recipient ON messages (recipient, channel, state, not_before);
