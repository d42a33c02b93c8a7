//! How much a block may hold: the one place to adapt when measurements say so.
//!
//! # What the numbers derive from
//! Weights are picoseconds of the SDK's reference machine: base weights and pallets' weights are those that the SDK
//! ships (stable2609), database weights the SDK's for ParityDB (8 us a read, 50 us a write). What is charged for a
//! `transfer_keep_alive` with its extensions, in microseconds:
//!
//! | | ref time | reads | writes |
//! |---|---:|---:|---:|
//! | extrinsic base (signature, dispatch) | 108.2 | | |
//! | nonce | 7.3 | 8 | 50 |
//! | mortality | 6.7 | 8 | |
//! | genesis, versions, sender, weight, reclaim | 12.8 | | |
//! | fee | 36.0 | | |
//! | the call | 39.1 | 8 | 50 |
//!
//! That is 333 us, so that 1,100 transfers come to 367 ms and [`MAX_NORMAL_MILLIS`] admits 1,160. It would admit 1,500
//! (500 ms) only at the price of blocks that the reference machine cannot execute within a slot. Extensions' database
//! accesses are charged where they can reach the database; see [`crate::weights`].
//!
//! Of these, 210 us are execution. On two idle EPYC cores (2026-11-21) the Wasm runtime executed blocks of 1,100
//! transfers in 216 us each and remarks in 153 us (charged: 171), the state root included and state in memory
//! (`tests/runtime/money/measure.rs`). So execution is charged what it takes. What the database takes is measured by
//! `scripts/bench proofs --only database`, on a state of a million devices and the machine that it runs on; whoever
//! finds that it is not 8 and 50 us sets [`DbWeight`] to what it is.
//!
//! Time is what limits a block in practice: the node stops adding to a block when its share of the slot is over. These
//! limits have to be above that for ordinary loads, and below a slot for the worst that one can put into a block.

use frame_support::{
	dispatch::DispatchClass,
	parameter_types,
	weights::{
		constants::{BlockExecutionWeight, ExtrinsicBaseWeight, ParityDbWeight, WEIGHT_REF_TIME_PER_MILLIS},
		Weight,
	},
};
use frame_system::limits::{BlockLength, BlockWeights};
use sp_runtime::Perbill;

/// Milliseconds of execution that all extrinsics of a block may take, operational ones included.
pub const MAX_BLOCK_MILLIS: u64 = 430;
/// Milliseconds of execution that ordinary extrinsics of a block may take.
pub const MAX_NORMAL_MILLIS: u64 = 387;
/// Milliseconds of execution that stay free for operational extrinsics in a block full of ordinary ones: a tenth of it.
/// These are reports of equivocations, upgrades, answers to closes of payment channels, what devices say of units of
/// jobs, and answers to audits of storage, which have half of it. None has a signer.
pub const OPERATIONAL_RESERVE_MILLIS: u64 = MAX_BLOCK_MILLIS - MAX_NORMAL_MILLIS;
/// Milliseconds of execution that operational extrinsics of a block may take: as much as a new runtime needs (167), and
/// not twice that.
pub const MAX_OPERATIONAL_MILLIS: u64 = 200;
/// The share of a block that hooks at its start are expected to take; no single extrinsic may need more than what they
/// leave. With 99 directors they take less than 6 ms; the first block of an era takes up to half a block more.
pub const AVERAGE_ON_INITIALIZE_RATIO: Perbill = Perbill::from_percent(2);

/// Bytes that a block's header and extrinsics may have.
pub const MAX_BLOCK_BYTES: u32 = 5 * 1024 * 1024;
/// Bytes that a block's ordinary extrinsics may have, with the header: 3.75 MiB. The rest is operational ones'.
pub const MAX_NORMAL_BYTES: u32 = MAX_BLOCK_BYTES / 4 * 3;
/// Bytes of a block that answers to audits of storage may take: 1 % of it, in what is kept free for operational ones.
pub const AUDIT_BYTES: u32 = MAX_BLOCK_BYTES / 100;
/// Milliseconds of execution that they may take: 5 % of a block, in what is kept free as well.
pub const AUDIT_MILLIS: u64 = MAX_BLOCK_MILLIS / 20;
/// Milliseconds of execution that hooks of the compute market take of what a block leaves over, at most: a fifth of it.
pub const COMPUTE_MILLIS: u64 = MAX_BLOCK_MILLIS / 5;
/// Bytes that a header may have. A change of 1,000 voters takes 32 KiB.
pub const MAX_HEADER_BYTES: u32 = 64 * 1024;

/// Proofs of execution are not part of this chain's blocks.
const ANY_PROOF_SIZE: u64 = u64::MAX;

const fn millis(millis: u64) -> Weight {
	Weight::from_parts(millis.saturating_mul(WEIGHT_REF_TIME_PER_MILLIS), ANY_PROOF_SIZE)
}

parameter_types! {
	/// How much execution a block may hold.
	pub RuntimeBlockWeights: BlockWeights = block_weights();

	/// What hooks of the compute market take of what a block leaves over, at most.
	pub const ComputeHooks: Weight = millis(COMPUTE_MILLIS);

	/// How many bytes a block may hold.
	pub RuntimeBlockLength: BlockLength = BlockLength::builder()
		.max_length(MAX_BLOCK_BYTES)
		.modify_max_length_for_class(DispatchClass::Normal, |bytes| *bytes = MAX_NORMAL_BYTES)
		.max_header_size(MAX_HEADER_BYTES)
		.build();
}

fn block_weights() -> BlockWeights {
	let mut weights = BlockWeights::builder()
		.base_block(BlockExecutionWeight::get())
		.for_class(DispatchClass::all(), |weights| {
			weights.base_extrinsic = ExtrinsicBaseWeight::get();
		})
		.for_class(DispatchClass::Normal, |weights| {
			weights.max_total = Some(millis(MAX_NORMAL_MILLIS));
		})
		.for_class(DispatchClass::Operational, |weights| {
			weights.max_total = Some(millis(MAX_OPERATIONAL_MILLIS));
			weights.reserved = Some(millis(OPERATIONAL_RESERVE_MILLIS));
		})
		.avg_block_initialization(AVERAGE_ON_INITIALIZE_RATIO)
		.build_or_panic();
	// The builder takes the largest class for the block. Here two classes share a block, and neither may have all of
	// it.
	weights.max_block = millis(MAX_BLOCK_MILLIS);
	weights
}

/// What reading and writing state costs: ParityDB, by the SDK's numbers.
pub type DbWeight = ParityDbWeight;
