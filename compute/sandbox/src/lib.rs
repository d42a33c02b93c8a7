#![doc = include_str!("../README.md")]

mod answer;
mod child;
mod confine;
mod ended;
mod limits;
mod parent;
mod policy;
mod read;
mod request;
pub mod wire;

pub use answer::{Answer, Cause, Ending, Fault, Output, EMPTY_ROOT, MAX_REMARK_BYTES, MAX_WORDS};
pub use child::{serve, serve_on, Broken};
pub use confine::{alone, confine, limited, Confined, Layer, Unconfined};
pub use ended::{verdict, Ended, Exit, Heard, Seen};
pub use limits::{
	Bound, Limits, OutOfRange, Resources, ENGINE_BYTES, MAX_MEMORY, MAX_OUTPUT, MAX_STACK, MAX_WALL, MIN_MEMORY,
	MIN_STACK, RESERVED_BYTES,
};
pub use parent::{Stop, Worker};
pub use policy::{Allowed, Argument, Policy, Verdict};
pub use request::{Request, Want, MAX_FUEL, MAX_INPUT, MAX_PAGES, MAX_PROGRAM, MAX_UNITS, PAGE_BYTES};
