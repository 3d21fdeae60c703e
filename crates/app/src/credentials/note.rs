//! What people want each other to know of a credential: one text, with who wrote it when.

use domain::kernel::{CredentialId, Instant};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::visible;
use crate::ports::{StoreError, Write};
use crate::sight::reaches;
use crate::unit::{Unit, until_settled};
use crate::{AppError, Context, Principal};

const BYTES_MAX: usize = 4_000;

/// What people want each other to know of a credential.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Several lines are fine.
    pub text: String,
    /// Who wrote it, as the audit log spells actors.
    pub by: String,
    /// When.
    pub at: Instant,
}

/// Writes the note of a credential; an empty text takes it away. Allowed to owner and team,
/// or with `credentials:write`.
///
/// # Errors
/// [`AppError::Invalid`] for more than 4,000 bytes, control characters, or a token's value.
pub async fn write_note(
    ctx: &Context,
    principal: &Principal,
    id: &str,
    text: &str,
) -> Result<(), AppError> {
    let text = checked(text)?;
    until_settled!(attempt(ctx, principal, id, &text))
}

fn checked(text: &str) -> Result<String, AppError> {
    let text = text.trim().replace("\r\n", "\n");
    let odd = |c: char| c.is_control() && c != '\n' && c != '\t';
    if text.len() > BYTES_MAX || text.chars().any(odd) {
        let problem = format!("at most {BYTES_MAX} bytes without control characters");
        return Err(AppError::invalid("note", problem));
    }
    // A token pasted here by mistake would be kept and shown for ever (P4).
    if domain::token::scan(text.as_bytes()).next().is_some() {
        let problem =
            "holds a token's value, which is never kept; take it out, and rotate that token";
        return Err(AppError::invalid("note", problem));
    }
    Ok(text)
}

async fn attempt(
    ctx: &Context,
    principal: &Principal,
    id: &str,
    text: &str,
) -> Result<(), AppError> {
    let item = visible(
        ctx,
        principal,
        id,
        &["credentials:read", "credentials:write"],
    )
    .await?;
    let credential = &item.credential;
    if !reaches(ctx, principal, &["credentials:write"], credential).await? {
        let to_do = "to write notes on credentials of others";
        return Err(AppError::lacks("credentials:write", to_do));
    }
    let name = key(&credential.id);
    let from = ctx.store.meta(&name).await?;
    let note = Note {
        text: text.to_owned(),
        by: principal.actor(),
        at: ctx.now(),
    };
    let to = (!text.is_empty()).then(|| json!(note).to_string());
    let mut unit = Unit::of(principal, ctx.now());
    unit.write(Write::SwapMeta { name, from, to }).audit(
        "credential.note",
        format!("credential:{}", credential.id),
        json!({ "bytes": text.len() }),
    );
    unit.commit(ctx).await
}

fn key(id: &CredentialId) -> String {
    format!("note:{id}")
}

/// The note of a credential.
pub(super) async fn note_of(ctx: &Context, id: &CredentialId) -> Result<Option<Note>, StoreError> {
    let text = ctx.store.meta(&key(id)).await?;
    let corrupt = |_| StoreError::Corrupt {
        table: "meta",
        row: key(id),
    };
    text.map(|text| serde_json::from_str(&text).map_err(corrupt))
        .transpose()
}
