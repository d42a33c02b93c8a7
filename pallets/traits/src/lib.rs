#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod conduct;
mod eras;
mod history;
mod seats;

pub use conduct::{AttendanceHook, Competence, Punish, VoteHook};
pub use eras::{EraClock, EraHook, EraOfSlot};
pub use history::{AuthorHistory, VoterHistory};
pub use seats::{KeyOf, SeatVoters, Seats, SeatsError};
