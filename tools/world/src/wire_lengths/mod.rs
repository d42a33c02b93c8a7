//! The simulation counts bytes by constants: they are the lengths of what is sent.

mod headers;
mod votes;
