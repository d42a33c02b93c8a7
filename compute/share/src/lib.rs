#![doc = include_str!("../README.md")]

mod client;
mod folder;
mod http;
mod server;
mod shelf;
mod timed;

pub use client::{fetch, Ask, Body, FetchError, Halt, Peer, MOST_ADDRESSES};
pub use folder::Folder;
pub use server::{Counts, Server, Serving, MOST_CONNECTIONS};
pub use shelf::{Shelf, Stock};
pub use storage_proof_primitives::Hash;
