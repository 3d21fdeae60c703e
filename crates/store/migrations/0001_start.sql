-- Each aggregate is one row: its document, and beside it what filters look at.
-- Instants are UTC microseconds.

CREATE TABLE credentials (
    id {text} PRIMARY KEY,
    doc {text} NOT NULL,
    version {i64} NOT NULL,
    source {text} NOT NULL,
    external_id {text} NOT NULL,
    kind {text} NOT NULL,
    name {text} NOT NULL,
    name_folded {text} NOT NULL,
    name_is_given {bool} NOT NULL,
    owner {text},
    issuer_owner {text},
    team {text},
    end_kind {text} NOT NULL,
    expires_at {i64},
    -- The end, or the highest number where none is known: sorts those last.
    end_order {i64} NOT NULL,
    revoked_at {i64},
    gone_at {i64},
    suspended {bool} NOT NULL,
    orphaned {bool} NOT NULL,
    created_at {i64},
    first_seen_at {i64} NOT NULL,
    -- The truth about use stands in these two, not in the document.
    last_used_at {i64},
    uses {i64} NOT NULL
) {strict};
CREATE INDEX credentials_by_first_seen ON credentials (first_seen_at, id);
CREATE INDEX credentials_by_end ON credentials (end_order, id);
CREATE INDEX credentials_by_name ON credentials (name_folded, id);
CREATE INDEX credentials_by_source ON credentials (source, name);
CREATE INDEX credentials_by_owner ON credentials (owner, name);
CREATE INDEX credentials_by_issuer_owner ON credentials (issuer_owner, name);
CREATE INDEX credentials_by_team ON credentials (team);

CREATE TABLE credential_scopes (
    credential {text} NOT NULL REFERENCES credentials (id) ON DELETE CASCADE,
    scope {text} NOT NULL,
    PRIMARY KEY (credential, scope)
) {strict};
CREATE INDEX credential_scopes_by_scope ON credential_scopes (scope, credential);

CREATE TABLE credential_roles (
    credential {text} NOT NULL REFERENCES credentials (id) ON DELETE CASCADE,
    role {text} NOT NULL,
    PRIMARY KEY (credential, role)
) {strict};
CREATE INDEX credential_roles_by_role ON credential_roles (role, credential);

CREATE TABLE tokens (
    id {text} PRIMARY KEY,
    doc {text} NOT NULL,
    version {i64} NOT NULL
) {strict};

-- The latest revision of everything that verifying depends on.
CREATE TABLE feed (
    kind {text} NOT NULL,
    id {text} NOT NULL,
    rev {revision},
    PRIMARY KEY (kind, id)
) {strict};
CREATE INDEX feed_by_revision ON feed (rev);

CREATE TABLE sources (
    id {text} PRIMARY KEY,
    doc {text} NOT NULL,
    version {i64} NOT NULL
) {strict};

CREATE TABLE roles (
    id {text} PRIMARY KEY,
    doc {text} NOT NULL,
    version {i64} NOT NULL
) {strict};

CREATE TABLE people (
    id {text} PRIMARY KEY,
    doc {text} NOT NULL,
    version {i64} NOT NULL
) {strict};

CREATE TABLE teams (
    id {text} PRIMARY KEY,
    doc {text} NOT NULL,
    version {i64} NOT NULL
) {strict};

CREATE TABLE service_accounts (
    id {text} PRIMARY KEY,
    doc {text} NOT NULL,
    version {i64} NOT NULL
) {strict};

-- When to look at a subject next; all that a sweep reads.
CREATE TABLE due (
    subject {text} PRIMARY KEY,
    due_at {i64} NOT NULL
) {strict};
CREATE INDEX due_in_order ON due (due_at, subject);

CREATE TABLE alerts (
    id {text} PRIMARY KEY,
    doc {text} NOT NULL,
    version {i64} NOT NULL,
    subject {text} NOT NULL,
    kind {text} NOT NULL,
    opened_at {i64} NOT NULL,
    resolved_at {i64},
    -- The state apart from a snooze, and until when a snooze hides it.
    state {text} NOT NULL,
    snoozed_until {i64}
) {strict};
CREATE INDEX alerts_by_opening ON alerts (opened_at, id);
CREATE INDEX alerts_by_subject ON alerts (subject);

CREATE TABLE notices (
    id {text} PRIMARY KEY,
    doc {text} NOT NULL,
    alert {text} NOT NULL,
    created_at {i64} NOT NULL,
    -- The truth about its state stands in these two, not in the document.
    state {text} NOT NULL,
    state_doc {text} NOT NULL
) {strict};
CREATE INDEX notices_by_alert ON notices (alert, created_at, id);
CREATE INDEX notices_by_age ON notices (created_at);

CREATE TABLE messages (
    id {text} PRIMARY KEY,
    doc {text} NOT NULL,
    channel {text} NOT NULL,
    sweep {text} NOT NULL,
    not_before {i64} NOT NULL,
    created_at {i64} NOT NULL,
    closed_at {i64},
    -- The truth about these three stands here, not in the document.
    state {text} NOT NULL,
    leased_until {i64},
    fence {i64} NOT NULL
) {strict};
CREATE INDEX messages_by_turn ON messages (state, not_before, id);
CREATE INDEX messages_by_age ON messages (created_at, id);
CREATE INDEX messages_by_closing ON messages (closed_at);

-- Which notices a message carries; the truth, the document holds none.
CREATE TABLE message_notices (
    message {text} NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    notice {text} NOT NULL,
    place {i64} NOT NULL,
    PRIMARY KEY (message, notice)
) {strict};
CREATE INDEX message_notices_by_notice ON message_notices (notice);

CREATE TABLE attempts (
    message {text} NOT NULL,
    number {i64} NOT NULL,
    doc {text} NOT NULL,
    PRIMARY KEY (message, number)
) {strict};

CREATE TABLE meta (
    name {text} PRIMARY KEY,
    value {text} NOT NULL
) {strict};

CREATE TABLE idempotent (
    id {text} PRIMARY KEY,
    request {text} NOT NULL,
    made {text} NOT NULL,
    until_at {i64} NOT NULL
) {strict};

CREATE TABLE audit (
    number {serial},
    at {i64} NOT NULL,
    actor {text} NOT NULL,
    action {text} NOT NULL,
    target {text} NOT NULL,
    details {text} NOT NULL,
    -- SHA-256 over the hash before and this row; absent until chained.
    hash {text}
) {strict};
CREATE INDEX audit_unchained ON audit (number) WHERE hash IS NULL;
