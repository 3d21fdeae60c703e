-- How often somebody asked that a subject be looked at: what was asked while it was being
-- planned is not taken for answered.
ALTER TABLE due ADD COLUMN asked {i64} NOT NULL DEFAULT 0;
