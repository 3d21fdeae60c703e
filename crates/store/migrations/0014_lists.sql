-- A list of one source (Forewarn's own tokens are one) or of one team is read in its order:
-- with the source alone all of its credentials were read and sorted for each page.
CREATE INDEX credentials_of_source ON credentials (source, first_seen_at, id);
CREATE INDEX credentials_of_source_by_end ON credentials (source, end_order, id);
DROP INDEX credentials_by_team;
CREATE INDEX credentials_of_team ON credentials (team, first_seen_at, id);
