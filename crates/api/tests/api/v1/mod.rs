//! `/v1`.

mod alerts;
mod audit;
mod credentials;
mod people;
mod roles;
mod tokens;
