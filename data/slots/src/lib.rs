#![doc = include_str!("../README.md")]

mod coder;
pub mod edge;
mod error;
mod flow;
mod geometry;
mod journal;
mod keybox;
pub mod manifest;
pub mod meter;
mod plan;
mod seal;

pub use coder::{Encoder, Rebuilder};
pub use error::{Error, Faults, ManifestError, SlotFault};
pub use flow::{
	get, put, repair, told, verify, verify_slot, Get, Put, Reader, Repair, Repaired, Restored, Selection, SPAN, STEP,
	SYNC_BYTES, SYNC_ENTRIES,
};
pub use geometry::{Geometry, Profile, Stored, COLUMN, MAX_SLOTS, MAX_SLOT_LEN, SMALL_SLOT, SMALL_UNIT, UNIT};
pub use keybox::{wrap_key, BoxSecret, BOX};
pub use plan::Plan;
pub use seal::{plain_len, sealed_len, Frames, VolumeKey, FRAME, PLAIN, TAG};
