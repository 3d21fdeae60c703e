//! The API as callers see it, in process, over a real store. Files mirror URLs.

mod auth_verify;
mod house;
mod live;
mod matrix;
mod oauth2;
mod requests;
mod v1;
