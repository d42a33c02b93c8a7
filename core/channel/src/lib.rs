#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod answers;
mod calls;
mod channel;
mod config;
mod events;
mod messages;
mod newest;
mod party;
mod refused;
mod sheet;
mod step;

pub use answers::{answers, watch, Answer};
pub use calls::{Call, Signable, Unsigned};
pub use config::{Config, Tower};
pub use events::{Action, Block, Checks, Event, Fact, Guard, Notice};
pub use messages::{
	Got, Hello, Lost, Message, Packet, Parcel, Parcels, Reason, Renewed, Show, StepShown, Turned, Update, Word,
	MAX_PACKET, SEALED_REASON,
};
pub use newest::newest;
pub use party::{conditions_of, Party, RestoreError, STEPS_AHEAD};
pub use refused::Refused;
pub use sheet::{
	Agreed, Given, GivenStage, Opened, Phase, Place, Renewal, Said, Seen, Sheet, Stored, Taken, TakenStage, Theirs,
	Withdrawal,
};
pub use step::{NotStored, Step, Store, Write};
