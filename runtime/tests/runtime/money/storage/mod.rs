//! The storage market in whole blocks: deals with real bytes, what they are to the rest of the chain, and what is kept
//! free for audits.

mod deals;
mod facts;
mod limits;
mod shop;
