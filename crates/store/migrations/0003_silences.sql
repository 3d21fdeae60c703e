-- Who asked to hear nothing about which credentials, and until when. There are few:
-- every pass reads them all.
CREATE TABLE silences (
    id {text} PRIMARY KEY,
    doc {text} NOT NULL,
    version {i64} NOT NULL,
    ends_at {i64} NOT NULL
) {strict};
