//! A chain of one node: its blocks are authored and executed by the runtime's Wasm, over a state in memory.

use crate::proofs::{chain::genesis, executor::Executor};
use codec::{Decode, Encode};
use frame_support::{dispatch::DispatchClass, weights::Weight};
use poca_primitives::{pre_digest_item, FinalizedRef, PreDigest, Slot};
use smartchain_runtime::{constants::time::SLOT_DURATION, Block, Header, Poca, Runtime, UncheckedExtrinsic};
use smartchain_tests::{ensure, Error, Result};
use sp_core::{crypto::VrfSecret, sr25519, Pair, H256};
use sp_io::TestExternalities;
use sp_runtime::{traits::Header as _, ApplyExtrinsicResult, Digest};
use std::{collections::BTreeMap, time::Duration};

/// What stands for the hash of genesis.
pub const GENESIS: H256 = H256::repeat_byte(1);
/// By what the time is named among what a block is told.
const TIME: [u8; 8] = *b"timstap0";

/// A block, executed: how long that takes, and what is charged.
pub struct Ran {
	header: Header,
	/// The shortest of all times, the root of the state included.
	pub took: Duration,
	/// What hooks at the start, the empty block and inherents are charged.
	pub start: Weight,
	/// What its transactions are charged.
	pub transactions: Weight,
	/// What all of it is charged, hooks at the end included.
	pub all: Weight,
}

/// The chain.
pub struct Machine {
	executor: Executor,
	state: TestExternalities,
	parent: Option<Header>,
	slot: u64,
}

impl Machine {
	/// One of the preset `dev`, whose first block lies in this slot.
	///
	/// # Errors
	/// If this was built without the Wasm runtime, or genesis does not build.
	pub fn new(slot: u64) -> Result<Self> {
		let mut machine = Self {
			executor: Executor::new()?,
			state: genesis()?,
			parent: None,
			slot,
		};
		machine.commit()?;
		Ok(machine)
	}

	/// Changes the state between two blocks.
	///
	/// # Errors
	/// That of the change, after which the state is as it was.
	pub fn prepare<R>(&mut self, change: impl FnOnce() -> Result<R>) -> Result<R> {
		let answer = self.query(change)?;
		self.commit()?;
		Ok(answer)
	}

	/// Looks into the state after the last block that was kept.
	pub fn query<R>(&mut self, look: impl FnOnce() -> R) -> R {
		self.state.reset_overlay();
		self.state.execute_with(look)
	}

	/// Authors the next block with these transactions, which have to succeed, and executes it so many times.
	///
	/// # Errors
	/// If a transaction is refused or fails, or the block cannot be executed.
	pub fn run(&mut self, transactions: Vec<UncheckedExtrinsic>, times: u32) -> Result<Ran> {
		self.state.reset_overlay();
		let header = self.header()?;
		self.call("Core_initialize_block", &header.encode())?;
		let told = BTreeMap::from([(TIME, self.slot.saturating_mul(SLOT_DURATION).encode())]);
		let (_, inherents) = self.call("BlockBuilder_inherent_extrinsics", &told.encode())?;
		let mut extrinsics = Vec::<UncheckedExtrinsic>::decode(&mut &inherents[..])?;
		self.apply(&extrinsics)?;
		let start = self.weight(None);
		self.apply(&transactions)?;
		extrinsics.extend(transactions);
		let (_, header) = self.call("BlockBuilder_finalize_block", &[])?;
		let header = Header::decode(&mut &header[..])?;
		let (transactions, all) = (self.weight(Some(DispatchClass::Normal)), self.weight(None));
		let block = Block {
			header: header.clone(),
			extrinsics,
		};
		let block = block.encode();
		let mut least = Duration::MAX;
		for _ in 0..times.max(1) {
			self.state.reset_overlay();
			least = self.call("Core_execute_block", &block)?.0.min(least);
		}
		Ok(Ran {
			header,
			took: least,
			start,
			transactions,
			all,
		})
	}

	/// The block that was executed last is kept, and others follow it.
	///
	/// # Errors
	/// If the state cannot be kept.
	pub fn keep(&mut self, ran: &Ran) -> Result<()> {
		self.commit()?;
		self.parent = Some(ran.header.clone());
		self.slot = self.slot.saturating_add(1);
		Ok(())
	}

	/// So many blocks without transactions are authored, executed and kept.
	///
	/// # Errors
	/// Those of [`Machine::run`].
	pub fn grow(&mut self, blocks: u32) -> Result<()> {
		for _ in 0..blocks {
			let ran = self.run(Vec::new(), 1)?;
			self.keep(&ran)?;
		}
		Ok(())
	}

	fn commit(&mut self) -> Result<()> {
		self.state
			.commit_all()
			.map_err(|error| Error::new(format!("the state cannot be kept: {error}")))
	}

	fn call(&mut self, method: &str, data: &[u8]) -> Result<(Duration, Vec<u8>)> {
		self.executor.call(&mut self.state, method, data)
	}

	fn apply(&mut self, extrinsics: &[UncheckedExtrinsic]) -> Result<()> {
		for extrinsic in extrinsics {
			let (_, answer) = self.call("BlockBuilder_apply_extrinsic", &extrinsic.encode())?;
			let outcome = ApplyExtrinsicResult::decode(&mut &answer[..])?;
			ensure!(
				matches!(outcome, Ok(Ok(()))),
				"a transaction is refused or fails: {outcome:?}"
			);
		}
		Ok(())
	}

	/// What the block has been charged so far, for one class or for all.
	fn weight(&mut self, class: Option<DispatchClass>) -> Weight {
		let charged = self.state.execute_with(|| frame_system::BlockWeight::<Runtime>::get());
		class.map_or_else(|| charged.total(), |class| *charged.get(class))
	}

	/// The header of the next block, by whoever has the turn. That its VRF output is that author's, nodes check and not
	/// the runtime.
	fn header(&mut self) -> Result<Header> {
		let slot = Slot::from(self.slot);
		let (parent_slot, schedule) = self
			.state
			.execute_with(|| (pallet_poca::CurrentSlot::<Runtime>::get(), Poca::schedule()));
		let author = schedule
			.director(slot)
			.ok_or_else(|| Error::new("the chain has no directors"))?;
		let vrf = match schedule.starts_turn(parent_slot, slot) {
			true => Some(sr25519::Pair::from_seed(&[9; 32]).vrf_sign(&schedule.vrf_input(slot)?)),
			false => None,
		};
		let finalized = FinalizedRef {
			number: 0,
			hash: GENESIS,
		};
		let said = PreDigest {
			slot,
			author,
			full: false,
			vrf,
			finalized,
		};
		let digest = Digest {
			logs: vec![pre_digest_item(&said)],
		};
		let (number, parent) = self
			.parent
			.as_ref()
			.map_or((1, GENESIS), |parent| (parent.number.saturating_add(1), parent.hash()));
		Ok(Header::new(
			number,
			Default::default(),
			Default::default(),
			parent,
			digest,
		))
	}
}
