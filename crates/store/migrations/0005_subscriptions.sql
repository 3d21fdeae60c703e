-- Secret addresses under which calendars and feeds are read; only their HMACs.
CREATE TABLE subscriptions (
    id {text} PRIMARY KEY,
    doc {text} NOT NULL,
    version {i64} NOT NULL
) {strict};
