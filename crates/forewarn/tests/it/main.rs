//! Forewarn as its users see it: the built program, and nothing of its inside. Files
//! mirror commands and paths.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test that cannot go on has failed"
)]

mod address;
mod alerts;
mod auth_verify;
mod channels;
mod check;
mod cli;
mod compress;
mod config;
mod credentials;
mod delivery;
mod demo;
mod forward_auth;
mod foundry;
mod foundry_fake;
mod health;
mod heartbeat;
mod house;
mod kill9;
mod lock;
mod lost;
mod mail;
mod million;
mod mocks;
mod nginx;
mod nodes;
mod oauth2;
mod oidc;
mod pages;
mod peer;
mod people;
mod ping;
mod policies;
mod probe;
mod push;
mod receiver;
mod restart;
mod roles;
mod scanner;
mod scim;
mod setup;
mod sources;
mod surface;
mod tokens;
mod watched;
mod wire;
