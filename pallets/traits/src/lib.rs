#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod beacon;
mod blocks;
mod conduct;
mod devices;
mod earnings;
mod eras;
mod history;
mod markets;
mod resources;
mod seats;

pub use beacon::Beacon;
pub use blocks::{BlockFull, SlotOfBlock};
pub use conduct::{AttendanceHook, Competence, OffenceKind, Punish, VoteHook};
pub use devices::{DeviceHook, DeviceInfo, Devices};
pub use earnings::{Earnings, PlotHook, UsageOfMarkets, WorkKind};
pub use eras::{EraClock, EraHook, EraOfSlot};
pub use history::{AuthorHistory, VoterHistory, VotersInForce, MAX_SETS_IN_FORCE};
pub use markets::{MarketClock, Pace, Predicates, ProvenSpace};
pub use resources::{Bandwidth, CompetenceHook, Computed, Qualification, Stored};
pub use seats::{KeyOf, MotionVoters, SeatVoters, Seats, SeatsError};
