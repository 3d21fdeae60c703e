//! The binary: command line, configuration, wiring. Nothing imports it.

mod check;
mod cli;
mod config;
mod demo;
mod serve;
mod system;

fn main() -> std::process::ExitCode {
    cli::main()
}
