-- Who asked to hear of all credentials of a kind, such as those with a label. There are few:
-- every pass reads them all.
CREATE TABLE watches (
    id {text} PRIMARY KEY,
    doc {text} NOT NULL,
    version {i64} NOT NULL
) {strict};
