//! Which kinds of problem there are; a closed list, so that callers can rely on it.

use http::StatusCode;

/// A kind of problem: what callers may branch on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The request cannot be read at all.
    BadRequest,
    /// No bearer token was sent.
    Unauthenticated,
    /// A bearer token was sent, and it is not valid.
    InvalidToken,
    /// The token is valid and does not allow this.
    InsufficientScope,
    /// Allowed in general, refused in this case.
    Forbidden,
    /// Nothing of this name is visible to the caller.
    NotFound,
    /// The path exists, the method does not.
    MethodNotAllowed,
    /// It contradicts what stands now.
    Conflict,
    /// `If-Match` names a version that no longer stands.
    PreconditionFailed,
    /// More bytes, items or levels than allowed.
    TooLarge,
    /// The body has a type that is not read here.
    UnsupportedMediaType,
    /// The request can be read, and a field of it cannot be accepted.
    Invalid,
    /// Failed too often in too short a time.
    TooManyFailures,
    /// A fault of ours.
    Internal,
    /// Works again later.
    Unavailable,
}

/// All kinds, for the documentation.
pub const ALL: [Kind; 15] = [
    Kind::BadRequest,
    Kind::Unauthenticated,
    Kind::InvalidToken,
    Kind::InsufficientScope,
    Kind::Forbidden,
    Kind::NotFound,
    Kind::MethodNotAllowed,
    Kind::Conflict,
    Kind::PreconditionFailed,
    Kind::TooLarge,
    Kind::UnsupportedMediaType,
    Kind::Invalid,
    Kind::TooManyFailures,
    Kind::Internal,
    Kind::Unavailable,
];

impl Kind {
    const fn facts(self) -> (StatusCode, &'static str, &'static str) {
        use StatusCode as S;
        match self {
            Self::BadRequest => (S::BAD_REQUEST, "bad-request", "The request cannot be read"),
            Self::Unauthenticated => (S::UNAUTHORIZED, "unauthenticated", "A token is needed"),
            Self::InvalidToken => (S::UNAUTHORIZED, "invalid-token", "The token is not valid"),
            Self::InsufficientScope => (
                S::FORBIDDEN,
                "insufficient-scope",
                "The token does not allow this",
            ),
            Self::Forbidden => (S::FORBIDDEN, "forbidden", "This is not allowed"),
            Self::NotFound => (S::NOT_FOUND, "not-found", "There is nothing here"),
            Self::MethodNotAllowed => (
                S::METHOD_NOT_ALLOWED,
                "method-not-allowed",
                "The method is not allowed here",
            ),
            Self::Conflict => (S::CONFLICT, "conflict", "It contradicts what stands now"),
            Self::PreconditionFailed => (
                S::PRECONDITION_FAILED,
                "precondition-failed",
                "It was changed meanwhile",
            ),
            Self::TooLarge => (
                S::PAYLOAD_TOO_LARGE,
                "too-large",
                "The request is too large",
            ),
            Self::UnsupportedMediaType => (
                S::UNSUPPORTED_MEDIA_TYPE,
                "unsupported-media-type",
                "The body has a type that is not read here",
            ),
            Self::Invalid => (
                S::UNPROCESSABLE_ENTITY,
                "invalid",
                "A value cannot be accepted",
            ),
            Self::TooManyFailures => (
                S::TOO_MANY_REQUESTS,
                "too-many-failures",
                "Too many failures from this address",
            ),
            Self::Internal => (
                S::INTERNAL_SERVER_ERROR,
                "internal",
                "Something went wrong here",
            ),
            Self::Unavailable => (
                S::SERVICE_UNAVAILABLE,
                "unavailable",
                "Not available right now",
            ),
        }
    }

    /// The HTTP status.
    pub const fn status(self) -> StatusCode {
        self.facts().0
    }

    /// The last part of `type`.
    pub const fn slug(self) -> &'static str {
        self.facts().1
    }

    /// The fixed title.
    pub const fn title(self) -> &'static str {
        self.facts().2
    }
}
