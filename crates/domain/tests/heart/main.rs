//! The heart seen from outside: what is due, who hears, and when.

mod actions;
mod audience;
mod bugs;
mod cycles;
mod first;
mod properties;
mod standing;
mod steps;
mod surface;
mod truth;
mod world;
