#![doc = include_str!("../README.md")]

pub mod access;
pub mod expiry;
pub mod inventory;
pub mod kernel;
pub mod notice;
pub mod people;
pub mod token;
