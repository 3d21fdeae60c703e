-- Who is signed in with a browser, and what proves a password; only hashes of either.
CREATE TABLE sessions (
    id {text} PRIMARY KEY,
    doc {text} NOT NULL,
    version {i64} NOT NULL,
    person {text} NOT NULL,
    ends_at {i64} NOT NULL
) {strict};
CREATE INDEX sessions_by_person ON sessions (person);
CREATE INDEX sessions_by_end ON sessions (ends_at);

CREATE TABLE passwords (
    id {text} PRIMARY KEY,
    doc {text} NOT NULL
) {strict};
