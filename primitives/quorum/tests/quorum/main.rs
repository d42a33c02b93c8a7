//! Rules, by every path through them.
#![allow(missing_docs)]

mod golden;
mod odds;
mod verdicts;
