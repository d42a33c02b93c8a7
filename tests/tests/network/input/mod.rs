//! What comes from outside: garbage, and the largest that is allowed.

mod big_block;
mod garbage;
