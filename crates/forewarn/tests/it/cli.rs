//! The command line: every command, its help, its exit codes, its sentences.

mod admin;
mod help;
mod tokens;
