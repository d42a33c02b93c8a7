//! The machine behind its bytes: two programs that know nothing but requests and replies.

mod desks;
mod envelopes;
mod program;
