//! `/v1/tokens`

mod issue;
mod list;
mod revoke;
mod rotate;
mod self_;
