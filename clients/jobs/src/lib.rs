#![doc = include_str!("../README.md")]

pub mod cli;
mod commands;
#[cfg(test)]
mod fake;
mod flow;
mod market;
#[cfg(test)]
mod tests;
mod trouble;
mod units;
pub mod words;

pub use commands::{carry_out, Desk, Payer};
pub use flow::{
	follow::{follow, Finished, Follow},
	plan::{asks, endpoint, max_price, plan, Measured, Order, Plan},
	record::{Kept, Record, Step},
};
pub use market::{
	acts::{Act, PALLET},
	all_jobs, all_units,
	net::Net,
	Answer, Deposits, JobView, Jobs, Known, Sent, UnitView, WorkerView,
};
pub use smartchain_unit::Runner;
pub use trouble::Trouble;
pub use units::{
	home::{at_home, checked, compared, run_at_home, Checked, HomeUnit, Second},
	outputs::{fetch_all, Fetched},
	parcel::{Inputs, Parcel, Served},
};
