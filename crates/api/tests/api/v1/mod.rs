//! `/v1`.

mod alerts;
mod audit;
mod channels;
mod credentials;
mod feeds;
mod forecast;
mod messages;
mod monitors;
mod observations;
mod people;
mod policies;
mod reviews;
mod roles;
mod sources;
mod tokens;
mod watchers;
