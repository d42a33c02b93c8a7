#![doc = include_str!("../README.md")]

mod acts;
#[cfg(test)]
mod fake;
mod follow;
mod home;
mod market;
mod net;
mod outputs;
mod parcel;
mod plan;
mod record;
#[cfg(test)]
mod tests;
mod trouble;
pub mod words;

pub use acts::{Act, PALLET};
pub use follow::{follow, Finished, Follow};
pub use home::{at_home, checked, run_at_home, Checked, HomeUnit};
pub use market::{all_jobs, all_units, Answer, Deposits, JobView, Jobs, Known, Sent, UnitView, WorkerView};
pub use net::Net;
pub use outputs::{fetch_all, Fetched};
pub use parcel::{Inputs, Parcel, Served};
pub use plan::{asks, endpoint, max_price, plan, Measured, Order, Plan};
pub use record::{Kept, Record, Step};
pub use smartchain_unit::Runner;
pub use trouble::Trouble;
