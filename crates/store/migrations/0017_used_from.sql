-- Where the last use of a token came from.
ALTER TABLE credentials ADD COLUMN last_used_from {text};
