//! Ways against a search through all of them, and letters against whoever opens, changes or repeats them.

mod learned;
mod letters;
mod ways;
