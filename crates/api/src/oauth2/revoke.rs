//! Token revocation (RFC 7009).

use app::tokens::revoke_presented;
use axum::extract::State;
use http::StatusCode;

use crate::guard::Caller;
use crate::problem::Problem;
use crate::request::Form;
use crate::state::Api;

/// `POST /oauth2/revoke`
pub async fn revoke(
    State(api): State<Api>,
    Caller(caller): Caller,
    form: Form,
) -> Result<StatusCode, Problem> {
    revoke_presented(&api.ctx, &caller, form.required("token")?).await?;
    Ok(StatusCode::OK)
}
