#![doc = include_str!("../README.md")]

pub mod kernel;
pub mod people;
pub mod access;
pub mod token;
pub mod inventory;
pub mod expiry;
pub mod notice;
