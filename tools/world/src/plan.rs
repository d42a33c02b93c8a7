//! What a run is made of.

/// Microseconds of simulated time, the unit of all times here.
pub type Us = u64;

/// A slot.
pub const SLOT_US: Us = 500_000;
/// Slots of a turn.
pub const TURN: u64 = 12;
/// Slots that follow those that are measured, so that the last of these become final.
pub const DRAIN_SLOTS: u64 = 48;

/// How long a message is on its way, beside its transmission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Links {
	/// By the table of the world's regions, with jitter and loss.
	World,
	/// So long, always.
	#[cfg_attr(not(test), expect(dead_code, reason = "for tests"))]
	Fixed(Us),
}

/// What a machine takes for its part, in microseconds. All of it is set down in [`Costs::NODE`].
#[derive(Clone, Copy, Debug)]
pub struct Costs {
	/// A message that was seen before: decryption, the way to the voter's task, a hash, a look-up.
	pub known: Us,
	/// A vote that is new: the same, and its signature.
	pub vote: Us,
	/// A certificate: a batch of signatures.
	pub certificate: Us,
	/// Writing the voter's state for a Prevote.
	pub write_prevote: Us,
	/// The same for a Commit, with the block and the certificate of the lock.
	pub write_commit: Us,
	/// The check of a block's header and seal.
	pub header: Us,
	/// Building or executing a block without transfers.
	pub block: Us,
	/// For each transfer in it, more.
	pub transfer: Us,
	/// Importing one's own block, which is executed already.
	pub own_import: Us,
	/// Reading a block for a peer that asks for it.
	pub serve: Us,
}

impl Costs {
	/// A node like that of docs/benchmarks.md.
	///
	/// - `vote`: the check of a signature takes 49 us on the machine of docs/benchmarks.md (`cargo test -p
	///   bft-finality-primitives --test wire_lengths -- --ignored --nocapture`), and `known` besides.
	/// - `known`: the way of a message through the network's tasks is not measured; 10 us are an assumption.
	/// - `certificate`: sixty-six signatures one by one. The node checks them as a batch, which is quicker.
	/// - `write_*`: `fdatasync` of a record takes 0.23 ms there (median of 200; p99 0.4 ms); a Commit writes two files
	///   more.
	/// - `block`: docs/benchmarks.md has 8 ms from the slot's start until another node has imported an (almost) empty
	///   block over loopback, p50; half of it for building, half for importing.
	/// - `transfer`: 2,098 transfers a second, built in at most 80 % of each slot: 0.38 ms at most for each, on two
	///   cores that the load generator and the pool shared. Executing takes the same here, though it validates nothing:
	///   an upper bound.
	/// - `header`, `own_import`, `serve`: assumptions.
	pub const NODE: Self = Self {
		known: 10,
		vote: 60,
		certificate: 3_300,
		write_prevote: 500,
		write_commit: 1_000,
		header: 500,
		block: 4_000,
		transfer: 380,
		own_import: 1_000,
		serve: 1_000,
	};

	/// A machine that takes no time.
	#[cfg(test)]
	pub const NONE: Self = Self {
		known: 0,
		vote: 0,
		certificate: 0,
		write_prevote: 0,
		write_commit: 0,
		header: 0,
		block: 0,
		transfer: 0,
		own_import: 0,
		serve: 0,
	};

	/// Building or executing a block with so many transfers.
	pub fn execution(&self, transfers: u64) -> Us {
		self.block + self.transfer * transfers
	}
}

/// A run.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
	/// Everything random comes from it.
	pub seed: u64,
	/// Voters, all of whom are directors too.
	pub voters: usize,
	/// How many of them are down all the time.
	pub offline: usize,
	/// Slots that are measured.
	pub slots: u64,
	/// Peers of each node; as many as there are others, and all are connected to all.
	pub peers: usize,
	/// To how many of its peers a node passes a pushed block on, once its header is checked and before it is executed.
	pub relay: usize,
	/// Transfers of each block, as far as they can be built in time.
	pub transfers: u64,
	/// Each node's uplink, in megabits a second.
	pub uplink_mbit: u64,
	/// TCP's window starts small for every message: what does not fit into ten segments takes more round trips.
	pub slow_start: bool,
	/// How long messages are on their way.
	pub links: Links,
	/// What machines take.
	pub costs: Costs,
}

impl Plan {
	/// The default network of so many voters: all connected up to 26 of them, else 25 peers each.
	pub fn new(voters: usize) -> Self {
		Self {
			seed: 1,
			voters,
			offline: 0,
			slots: 600,
			peers: 25,
			relay: 0,
			transfers: 100,
			uplink_mbit: 100,
			slow_start: false,
			links: Links::World,
			costs: Costs::NODE,
		}
	}

	/// One voter less than a third: the most that may be down with one to spare.
	pub fn third_less_one(&self) -> usize {
		(self.voters / 3).saturating_sub(1)
	}

	/// Peers that a node really has.
	pub fn degree(&self) -> usize {
		self.peers.min((self.voters - self.offline).saturating_sub(1))
	}
}
