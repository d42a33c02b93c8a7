//! A chain with machines that offer space and keep slots, byte for byte.

use crate::{
	chain::{Chain, GENESIS_HASH},
	devices::machines::{next, quick, Provider},
};
use codec::{Compact, Decode, Encode};
use device_primitives::DeviceId;
use frame_support::BoundedVec;
use pallet_resource_proofs::{Entry, PlotKind, SpaceEntry, SpaceScheme};
use pallet_storage_market::Call as Market;
use proof_lottery_primitives::{Claim, Credit, Kept};
use smartchain_runtime::{
	genesis, AccountId, Block, Poca, Runtime, RuntimeCall, StorageMarket, System, UncheckedExtrinsic,
};
use smartchain_runtime_apis::runtime_decl_for_storage_market_api::StorageMarketApiV1;
use sp_core::Pair;
use sp_keyring::Sr25519Keyring as Key;
use sp_runtime::ApplyExtrinsicResult;
use storage_market_primitives::{
	Acceptance, DealId, Geometry, OpenChallenge, Order, PaidAsks, Price, SlotAt, SlotId, SlotOfDevice, Stage, Standing,
};
use storage_proof_primitives::{Answer, Confirmation, Contents, Opening, Shape, Streamed};

type Api = Runtime;

/// Who has the machines.
pub const OWNERS: [Key; 4] = [Key::Bob, Key::Charlie, Key::Dave, Key::Eve];
/// Whose deals there are.
pub const CUSTOMER: Key = Key::Ferdie;
/// What a GiB and era costs, in planck.
pub const ASK: Price = Price(1 << 30);

/// The bytes of a slot.
fn bytes(slot: SlotAt, length: u64) -> Vec<u8> {
	(0..length).map(|at| (at % 251) as u8 ^ (slot as u8 + 1)).collect()
}

/// What is in a slot, and openings of these chunks.
fn shown(slot: SlotAt, length: u64, chunks: &[u32]) -> (Contents, Vec<Opening>) {
	let mut outboard = Vec::new();
	let mut stream = Streamed::new(length, chunks).expect("the slot has these chunks");
	stream
		.push(&bytes(slot, length), &mut outboard)
		.expect("as long as it is");
	stream.finish(&mut outboard).expect("all of it has come")
}

fn answer(slot: SlotAt, length: u64, chunks: [u32; 2]) -> Answer {
	let (_, openings) = shown(slot, length, &chunks);
	openings.try_into().expect("as many as were asked for")
}

/// What a chain keeps of a device that has this many plots, and has shown it by wins up to this slot.
fn proven(plots: u32, slot: u64) -> Kept {
	let none = Compact(0u32);
	let credit = Compact(Credit::of(plots).0);
	let estimator = (
		Compact(plots),
		None::<Claim>,
		Compact(0u64),
		Compact(slot),
		credit,
		none,
		none,
		none,
	);
	Kept::decode(&mut &(1u8, estimator).encode()[..]).expect("an estimator")
}

/// The machines, and the chain that they are on.
pub struct Shop {
	pub chain: Chain,
	pub machines: Vec<Provider>,
}

impl Shop {
	/// Machines that have proven plots, and offer the space of these.
	pub fn open() -> Self {
		let machines: Vec<_> = (10..)
			.zip(OWNERS)
			.map(|(seed, owner)| Provider::new(seed, owner))
			.collect();
		let mut shop = Self {
			chain: Chain::with_change(genesis::LOCAL, quick()),
			machines,
		};
		shop.chain.grow_well(Vec::new);
		// Customers have always paid that.
		shop.chain.prepare(|| {
			let era = pallet_poca::EraLength::<Runtime>::get();
			let now = <Poca as pallet_traits::MarketClock>::tick();
			pallet_storage_market::MeanPrice::<Runtime>::put(PaidAsks::begin(ASK, now, era));
		});
		for at in 0..shop.machines.len() {
			let machine = &shop.machines[at];
			let (owner, device, call) = (machine.owner, machine.id(), machine.register(None));
			shop.send(owner, call);
			shop.prove_space(device, &owner.to_account_id());
			let offer = Market::set_offer {
				device,
				ask: ASK,
				egress: ASK,
				capacity: 1 << 40,
				max_slot: 1 << 36,
			};
			shop.send(owner, offer);
		}
		shop
	}

	fn prove_space(&mut self, device: DeviceId, owner: &AccountId) {
		self.chain.prepare(|| {
			let space = SpaceEntry {
				kind: PlotKind {
					scheme: SpaceScheme::Pos2,
					k: 28,
				},
				strength: 2,
				deposit: 0,
				kept: proven(1_000, *pallet_poca::CurrentSlot::<Runtime>::get()),
				round: 0,
				found: BoundedVec::new(),
			};
			let entry = Entry {
				space: Some(space),
				..Entry::new(owner.clone())
			};
			pallet_resource_proofs::Entries::<Runtime>::insert(device, entry);
		});
	}

	/// One transaction in a block of its own, which has to succeed.
	pub fn send(&mut self, who: Key, call: impl Into<RuntimeCall>) {
		let made = next(&mut self.chain, who, call);
		self.chain.grow_well(|| vec![made]);
	}

	/// The same, and what became of it.
	pub fn try_to(&mut self, who: Key, call: impl Into<RuntimeCall>) -> ApplyExtrinsicResult {
		let made = next(&mut self.chain, who, call);
		self.chain.grow(|| vec![made]).remove(0)
	}

	pub fn stage(&mut self, id: DealId) -> Stage {
		let deal = self
			.chain
			.query(|| <Api as StorageMarketApiV1<Block, AccountId>>::deal(id));
		deal.expect("there is one").deal.stage
	}

	/// A small order of one slot that suffices, of so many.
	pub fn order(slots: u8, eras: u32) -> Order {
		Order {
			geometry: Geometry {
				enough: 1,
				slots,
				volume_len: 40_000,
			},
			max_ask: ASK,
			eras,
			factor: 1,
		}
	}

	/// The customer has a deal of so many slots, whose devices were drawn, and has committed the roots.
	pub fn uploaded(&mut self, slots: u8, eras: u32) -> DealId {
		let order = Self::order(slots, eras);
		let open = Market::open_deal {
			order,
			chosen: false,
			egress: 0,
			key_box: None,
		};
		self.send(CUSTOMER, open);
		let id = self.chain.query(pallet_storage_market::LastDeal::<Runtime>::get);
		for _ in 0..200 {
			if matches!(self.stage(id), Stage::Uploading { .. }) {
				break;
			}
			self.chain.grow_well(Vec::new);
		}
		assert!(
			matches!(self.stage(id), Stage::Uploading { .. }),
			"all slots are placed"
		);
		let length = order.geometry.slot_len();
		let roots = (0..u32::from(slots)).map(|slot| shown(slot, length, &[]).0.root);
		let roots = BoundedVec::truncate_from(roots.collect());
		self.send(CUSTOMER, Market::commit_roots { deal: id, roots });
		id
	}

	/// A deal that is held.
	pub fn held(&mut self, slots: u8, eras: u32) -> DealId {
		let id = self.uploaded(slots, eras);
		let mut last = Vec::new();
		for _ in 0..60 {
			if self.stage(id) == Stage::Active {
				break;
			}
			let made = self.confirmations();
			// What one prepared when the beacon turned is made anew.
			last = self.chain.grow(|| made);
		}
		assert_eq!(self.stage(id), Stage::Active, "{last:?}");
		id
	}

	/// What machines can confirm in the next block.
	pub fn confirmations(&mut self) -> Vec<UncheckedExtrinsic> {
		let of = |machine: &Provider| {
			let slots = <Api as StorageMarketApiV1<Block, AccountId>>::slots_of(machine.id(), None);
			let drawn = slots.into_iter().filter_map(|slot| confirmation(machine, &slot));
			drawn.collect::<Vec<_>>()
		};
		let machines = &self.machines;
		self.chain.query(|| machines.iter().flat_map(of).collect())
	}

	/// The challenges that machines can answer in the next block: of which machine, for which slot, and the answer.
	pub fn answers(&mut self) -> Vec<(DeviceId, SlotId, UncheckedExtrinsic)> {
		let of = |machine: &Provider| {
			let open = <Api as StorageMarketApiV1<Block, AccountId>>::challenges_of(machine.id());
			let made = |asked: OpenChallenge| {
				let answer = answer(asked.slot, asked.bytes, asked.chunks);
				let made = <Api as StorageMarketApiV1<Block, AccountId>>::answer(asked.until, asked.index, answer);
				(machine.id(), SlotId::new(asked.deal, asked.slot), made)
			};
			open.into_iter().map(made).collect::<Vec<_>>()
		};
		let machines = &self.machines;
		self.chain.query(|| machines.iter().flat_map(of).collect())
	}

	/// So many blocks, in which all is answered.
	pub fn keep(&mut self, blocks: u32) {
		for _ in 0..blocks {
			let made = self.answers().into_iter().map(|(_, _, made)| made).collect::<Vec<_>>();
			self.chain.grow_well(|| made);
		}
	}

	pub fn check(&mut self) {
		self.chain.query(|| assert_eq!(StorageMarket::do_try_state(), Ok(())));
	}

	/// The markets' clock shows this from now on.
	pub fn turn_clock_to(&mut self, tick: u32) {
		self.chain.prepare(move || {
			pallet_poca::Clock::<Runtime>::put(pallet_poca::rules::clock::Ticks { tick, waited: 0 });
		});
	}

	pub fn tick(&mut self) -> u32 {
		self.chain.query(|| <Poca as pallet_traits::MarketClock>::tick())
	}
}

/// What shows that a machine has a slot that it was drawn for.
fn confirmation(machine: &Provider, slot: &SlotOfDevice) -> Option<UncheckedExtrinsic> {
	let Standing::Drawn { chunk, attempt, .. } = slot.standing else {
		return None;
	};
	let (root, shape) = (slot.root?, Shape::of(slot.bytes).ok()?);
	let (_, openings) = shown(slot.slot, slot.bytes, &[shape.last(), chunk]);
	let [last, random] = <[Opening; 2]>::try_from(openings).ok()?;
	let acceptance = Acceptance {
		device: machine.id(),
		at: SlotId::new(slot.deal, slot.slot),
		attempt,
		root,
	};
	assert_eq!(System::block_hash(0), GENESIS_HASH);
	let signature = machine.pair.sign(&acceptance.payload(&GENESIS_HASH));
	Some(<Api as StorageMarketApiV1<Block, AccountId>>::confirm(
		slot.deal,
		slot.slot,
		Confirmation { last, random },
		signature,
	))
}
