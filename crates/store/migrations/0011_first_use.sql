-- When a token was first used: shows after a rotation that the new value is in place. Absent
-- for what was used before this was kept.
ALTER TABLE credentials ADD COLUMN first_used_at {i64};
