//! What a chain keeps of jobs, units and workers, and what becomes of it: state machines without storage.

mod bits;
mod job;
mod turns;
mod unit;
mod worker;

pub use bits::{has_bit, set_bit, UnitBits};
pub use job::{Agreed, Board, Job, Purpose, Stage, UnitsOf};
pub use turns::{Turns, MAX_BEACONS};
pub use unit::{Copied, Phase, Replica, State, Step, Unit, UnitError, MAX_COPIES, MAX_REPLICAS};
pub use worker::{GroupOf, Member, PoolOf, Worker};

/// Units of a job that are out at a time at most.
pub const MAX_OPEN: u32 = 256;
