//! The store as a whole: what is durable when, what a power cut leaves, what it takes.

mod crash;
mod disk;
mod group;
mod newest;
mod records;
mod size;

use channel_primitives::ChannelId;
use smart_pay_store::{measure, Options};
use smartchain_channel::Write;

/// Those of all tests.
pub fn options() -> Options {
	Options {
		history: 64,
		..Options::new([1; 32], [2; 32])
	}
}

/// A sheet of a channel.
pub fn sheet(channel: ChannelId) -> Write {
	Write::Sheet {
		channel,
		bytes: measure::sheet(&options(), channel),
	}
}
