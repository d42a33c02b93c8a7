//! Machines, and deals of as many of the longest slots as there can be, without a byte of what they keep.

use crate::{pallet::DealOf, *};
use alloc::{vec, vec::Vec};
use device_primitives::{DeviceId, NetworkGroup};
use frame_benchmarking::v2::*;
use frame_support::{
	assert_ok,
	traits::{
		fungible::{Inspect, Unbalanced},
		tokens::Precision,
		Get,
	},
	BoundedVec,
};
use market_primitives::Purse;
use sp_core::{crypto::KeyTypeId, sr25519};
use sp_runtime::{
	traits::{IdentifyAccount, Verify},
	AccountId32, MultiSignature, MultiSigner, Perbill,
};
use storage_market_primitives::{
	Acceptance, Balance, DealError, DealId, Geometry, Hash, Moment, Order, PlotOrder, Price, ProbeReport, Receipt,
	Report, Scores, Served, SlotAt, SlotId, Tick, ERRANDS, MAX_CHALLENGES, MAX_SLOTS, PROBE_BYTES,
};
use storage_proof_primitives::{sample::samples, Answer, Confirmation, Shape, MAX_BYTES};

/// What a runtime does for these benchmarks.
pub trait BenchmarkHelper<AccountId, Signature> {
	/// An account of the kind that takes the longest to verify, and how it signs what `payload` says for it.
	fn wallet(payload: &dyn Fn(&AccountId) -> Vec<u8>) -> (AccountId, Signature);

	/// Turns the markets' clock to this tick.
	fn set_tick(tick: Tick);

	/// A device with this number and lottery key, which has proven so much space that it has all tickets, and its
	/// owner.
	fn machine(number: u32, lottery: sr25519::Public) -> (DeviceId, AccountId);
}

/// Where keys are kept that sign here.
const KEYSTORE: KeyTypeId = KeyTypeId(*b"strb");

/// The tick of all benchmarks.
pub(super) const NOW: Tick = 10_000_000;

/// For how many eras deals are: as long as anything here takes.
pub(super) const ERAS: u32 = 10_000;

/// What a GiB and era costs here.
pub(super) const ASK: Price = Price(1_000);

/// What a device offers: as much as it has tickets for, four times.
pub(super) const SPACE: u64 = 4 * MAX_BYTES * MAX_SLOTS as u64;

/// Output and proof of a VRF that are of no report: to find that out takes as long as to find that they are.
const PULSE: [&str; 2] = [
	"badc98a5ccb324e5c493cdf7bfb4c623b1e0bde143ed22502eea4d603256813f",
	concat!(
		"5f42cb3ef9cf9944b05c27fee1c1ed37ef55109f240fed383847a71c3638900c",
		"bc11a8ba0aefc4cd7bcb61c71b52aaa80240675ed937ba101e2291be05693a03",
	),
];

fn unhex<const N: usize>(text: &str) -> [u8; N] {
	let digit = |at: usize| match text.as_bytes().get(at) {
		Some(digit @ b'0'..=b'9') => digit - b'0',
		Some(digit) => digit - b'a' + 10,
		None => 0,
	};
	core::array::from_fn(|i| digit(2 * i) << 4 | digit(2 * i + 1))
}

/// An account that signs with ECDSA: that takes the longest to verify.
pub fn wallet(payload: &dyn Fn(&AccountId32) -> Vec<u8>) -> (AccountId32, MultiSignature) {
	let public = sp_io::crypto::ecdsa_generate(KEYSTORE, None);
	let who = MultiSigner::Ecdsa(public).into_account();
	let signature = sp_io::crypto::ecdsa_sign(KEYSTORE, &public, &payload(&who)).expect("the keystore has the key");
	(who, MultiSignature::Ecdsa(signature))
}

/// A device of this account offers all that one can if it may, has been probed, and the chain has ordered its plots:
/// for those who tell this pallet of what becomes of devices.
pub fn engage<T: Config>(device: &DeviceId, owner: &T::AccountId) {
	fund::<T>(owner);
	// Of one that is suspended nothing is offered.
	let _ = Pallet::<T>::do_set_offer(owner.clone(), *device, [ASK, ASK], SPACE, MAX_BYTES);
	probed::<T>(device);
	// What moves when it goes.
	machine::<T>(0);
	let order = PlotOrder {
		due: NOW,
		until: NOW,
		units: 1,
	};
	Plots::<T>::insert(device, order);
	// And whom nobody is to be asked by any more.
	let prober = |number: u8| Prober {
		device: if number == 0 { *device } else { DeviceId([number; 32]) },
		owner: owner.clone(),
		group: None,
		reported: 0,
	};
	let probers: Vec<_> = (0..MAX_PROBERS as u8).rev().map(prober).collect();
	Probes::<T>::mutate(|probing| {
		probing.probers = BoundedVec::truncate_from(probers.clone());
		probing.next = BoundedVec::truncate_from(probers);
	});
}

pub(super) fn key() -> sr25519::Public {
	sp_io::crypto::sr25519_generate(KEYSTORE, None)
}

pub(super) fn sign(key: &sr25519::Public, payload: &[u8]) -> sr25519::Signature {
	sp_io::crypto::sr25519_sign(KEYSTORE, key, payload).expect("the keystore has the key")
}

pub(super) fn unit<T: Config>() -> Balance {
	T::Currency::minimum_balance().max(1)
}

/// An account with so much that it suffices for everything.
pub(super) fn rich<T: Config>(name: &'static str, index: u32) -> T::AccountId {
	let who = account(name, index, 0);
	fund::<T>(&who);
	who
}

pub(super) fn fund<T: Config>(who: &T::AccountId) {
	let much = unit::<T>().saturating_mul(1_000_000_000_000);
	assert_ok!(T::Currency::increase_balance(who, much, Precision::Exact));
}

/// A device that offers all that one can, its owner, and its lottery key.
pub(super) fn machine<T: Config>(number: u32) -> (DeviceId, T::AccountId, sr25519::Public) {
	let lottery = key();
	let (device, owner) = T::BenchmarkHelper::machine(number, lottery);
	fund::<T>(&owner);
	let offered = Pallet::<T>::do_set_offer(owner.clone(), device, [ASK, ASK], SPACE, MAX_BYTES);
	assert_ok!(offered);
	(device, owner, lottery)
}

/// A device was probed as often as counts, and has a neighbour on its uplink.
pub(super) fn probed<T: Config>(device: &DeviceId) {
	let reports = [1, 2, 3].map(|by| Report {
		by: DeviceId([by; 32]),
		score: Perbill::one(),
	});
	let reports = BoundedVec::truncate_from(reports.to_vec());
	Reports::<T>::insert(device, Scores { reports });
	let uplink = Uplink {
		devices: 2,
		sum: 2 << 32,
	};
	Scored::<T>::insert(device, (Perbill::one(), None::<NetworkGroup>));
	Uplinks::<T>::insert(None::<NetworkGroup>, uplink);
	AllUplinks::<T>::put(1 << 32);
}

pub(super) fn order(slots: u32, bytes: u64) -> Order {
	Order {
		geometry: Geometry {
			enough: 1,
			slots: slots as u8,
			volume_len: bytes,
		},
		max_ask: ASK,
		eras: ERAS,
		factor: 1,
	}
}

/// The root of a slot of a deal: no two are the same.
pub(super) fn root(id: DealId, at: SlotAt) -> Hash {
	let mut root = [7; 32];
	root[..8].copy_from_slice(&id.to_le_bytes());
	root[8..12].copy_from_slice(&at.to_le_bytes());
	root
}

pub(super) fn key_box() -> KeyBox {
	BoundedVec::truncate_from(vec![7; MAX_BOX as usize])
}

/// Devices, and deals that they have slots of.
pub(super) struct Shop<T: Config> {
	pub(super) owner: T::AccountId,
	pub(super) machines: Vec<(DeviceId, T::AccountId, sr25519::Public)>,
}

impl<T: Config> Shop<T> {
	pub(super) fn open(machines: u32) -> Self {
		Self::of(rich::<T>("customer", 0), machines)
	}

	pub(super) fn of(owner: T::AccountId, machines: u32) -> Self {
		T::BenchmarkHelper::set_tick(NOW);
		// What was prepared in the turn before counts too.
		Beacons::<T>::put(([1; 32], [2; 32]));
		let machines = (1..=machines).map(machine::<T>).collect();
		let there = (TicketCount::<T>::get(), ListedCount::<T>::get());
		Drawable::<T>::put((there, there));
		Self { owner, machines }
	}

	pub(super) fn device(&self, at: SlotAt) -> DeviceId {
		self.machines[at as usize].0
	}

	pub(super) fn keeper(&self, at: SlotAt) -> T::AccountId {
		self.machines[at as usize].1.clone()
	}

	/// A deal whose slots wait for draws.
	pub(super) fn ordered(&self, slots: u32, bytes: u64) -> DealId {
		let order = order(slots, bytes);
		assert_ok!(Pallet::<T>::do_open_deal(
			self.owner.clone(),
			order,
			false,
			unit::<T>(),
			Some(key_box())
		));
		LastDeal::<T>::get()
	}

	pub(super) fn change(&self, id: DealId, change: impl FnOnce(&mut DealOf<T>) -> Result<(), DealError>) {
		assert!(Pallet::<T>::change(id, change).is_ok());
	}

	/// One whose devices were drawn, and have not confirmed.
	pub(super) fn drawn(&self, slots: u32, bytes: u64) -> DealId {
		let (id, terms) = (self.ordered(slots, bytes), T::Terms::get());
		self.change(id, |deal| {
			(0..slots).try_for_each(|at| deal.place(at, self.device(at), ASK, true, NOW, &terms))
		});
		id
	}

	/// One that is kept.
	pub(super) fn active(&self, slots: u32, bytes: u64) -> DealId {
		let (id, terms) = (self.drawn(slots, bytes), T::Terms::get());
		let roots: Vec<Hash> = (0..slots).map(|at| root(id, at)).collect();
		self.change(id, |deal| {
			deal.commit_roots(&roots)?;
			(0..slots).try_for_each(|at| deal.confirm(at, &self.device(at), NOW, &terms).map(|_| ()))
		});
		let collateral = Deals::<T>::get(id).map_or(0, |deal| deal.collateral);
		for at in 0..slots {
			assert_ok!(Pallet::<T>::put_in(&self.keeper(at), collateral));
		}
		id
	}

	/// One whose holders have earned something each.
	pub(super) fn earned(&self, slots: u32, bytes: u64) -> DealId {
		let id = self.active(slots, bytes);
		let each = unit::<T>().saturating_mul(100);
		self.change(id, |deal| {
			for slot in &mut deal.slots {
				if let Some(holding) = &mut slot.holding {
					holding.accrued = Purse::holding(each);
				}
			}
			Ok(())
		});
		assert_ok!(Pallet::<T>::put_in(&self.owner, each.saturating_mul(slots.into())));
		id
	}

	/// All of its devices have missed what they were asked just now.
	pub(super) fn suspected(&self, id: DealId, slots: u32) {
		self.change(id, |deal| {
			(0..slots).try_for_each(|at| deal.miss(at, &self.device(at), NOW, NOW).map(|_| ()))
		});
	}
}

/// The chunks of the longest slot that are asked at a moment, openings of them, and their root.
pub(super) fn shown(moment: &Moment, at: SlotId) -> (Hash, Answer) {
	let shape = Shape::of(MAX_BYTES).expect("the longest one");
	let (contents, openings) = samples(MAX_BYTES, moment.asked(at, shape), 1).expect("the slot has them");
	(contents.root, openings)
}

pub(super) fn set_root<T: Config>(at: SlotId, root: Hash) {
	Deals::<T>::mutate(at.deal, |deal| {
		let slot = deal.as_mut().and_then(|deal| deal.slots.get_mut(at.slot as usize));
		slot.expect("there is one").root = root;
	});
}

/// What was asked at a moment, of one slot of each of these deals.
pub(super) fn asked<T: Config>(moment: Moment, until: Tick, places: Vec<Place>) {
	let challenges = places.into_iter().map(|place| Challenge { place, answered: false });
	let challenges = BoundedVec::truncate_from(challenges.collect());
	Challenges::<T>::insert(until, Batch { moment, challenges });
}

/// A report of a prober of the longest list, with a receipt.
pub(super) struct Errand<T: Config> {
	pub(super) report: ProbeReport<DeviceId>,
	pub(super) probing: Probing<T::AccountId>,
	/// What the device has signed, and with which key.
	payload: Vec<u8>,
	lottery: sr25519::Public,
	receipt: sr25519::Signature,
}

impl<T: Config> Errand<T> {
	pub(super) fn of() -> Self {
		let shop = Shop::<T>::open(MAX_SLOTS);
		let id = shop.active(MAX_SLOTS, MAX_BYTES);
		let (device, _, lottery) = shop.machines[0].clone();
		probed::<T>(&device);
		let prober = |number: u32| {
			let at = number.rem_euclid(MAX_SLOTS);
			Prober {
				device: shop.device(at),
				owner: shop.keeper(at),
				group: None,
				reported: 0,
			}
		};
		let probers: Vec<_> = (1..=MAX_PROBERS).map(prober).collect();
		let probing = Probing {
			era: 1,
			ends: NOW + 1,
			challenge: [4; 32],
			// Whatever is drawn, it is the first one.
			devices: 1,
			probers: BoundedVec::truncate_from(probers.clone()),
			next: BoundedVec::truncate_from(probers),
		};
		Probes::<T>::put(probing.clone());
		Listed::<T>::insert(0, device);
		let (by, at) = (shop.device(1), SlotId::new(id, 0));
		let receipt = Receipt {
			prober: by,
			device,
			at,
			era: 1,
			bytes: PROBE_BYTES,
		};
		let payload = receipt.payload(&Pallet::<T>::genesis());
		let receipt = sign(&lottery, &payload);
		let served = Served { millis: 1_000, receipt };
		let report = ProbeReport {
			era: 1,
			errand: ERRANDS - 1,
			prober: by,
			device,
			at,
			served: Some(served),
			pre_output: unhex(PULSE[0]),
			proof: unhex(PULSE[1]),
		};
		Self {
			report,
			probing,
			payload,
			lottery,
			receipt,
		}
	}

	pub(super) fn verify_receipt(&self) -> bool {
		self.receipt.verify(&self.payload[..], &self.lottery)
	}
}

/// A slot of which a device has been drawn in place of a suspect that leaves and has earned something, and what it
/// shows by what the turn before drew.
pub(super) struct Succession {
	pub(super) at: SlotId,
	pub(super) device: DeviceId,
	pub(super) shown: Confirmation,
	pub(super) signature: sr25519::Signature,
}

impl Succession {
	pub(super) fn of<T: Config>() -> Self {
		let shop = Shop::<T>::open(MAX_SLOTS + 1);
		let id = shop.earned(MAX_SLOTS, MAX_BYTES);
		let (device, _, lottery) = shop.machines[MAX_SLOTS as usize].clone();
		let (at, terms) = (SlotId::new(id, 0), T::Terms::get());
		shop.change(id, |deal| {
			deal.miss(0, &shop.device(0), NOW, NOW)?;
			deal.leave(0, &shop.device(0))?;
			deal.place(0, device, ASK, true, NOW, &terms)
		});
		let attempt = Deals::<T>::get(id).map_or(0, |deal| deal.slots[0].attempt);
		let shape = Shape::of(MAX_BYTES).expect("the longest one");
		let before = Moment {
			tick: 0,
			randomness: [2; 32],
		};
		let chunk = before.first(at, attempt.into(), shape);
		let (contents, [last, random]) = samples(MAX_BYTES, [shape.last(), chunk], 1).expect("the slot has them");
		set_root::<T>(at, contents.root);
		let acceptance = Acceptance {
			device,
			at,
			attempt,
			root: contents.root,
		};
		let signature = sign(&lottery, &acceptance.payload(&Pallet::<T>::genesis()));
		Self {
			at,
			device,
			shown: Confirmation { last, random },
			signature,
		}
	}
}

/// A challenge of a suspect that is none any more once it has answered, and whose deal is strained no more then, among
/// as many others as a tick can have.
pub(super) struct Asked {
	pub(super) at: SlotId,
	pub(super) until: Tick,
	/// Not by the name of a benchmark: each of these is a unit struct, which a pattern would mean.
	pub(super) openings: Answer,
}

impl Asked {
	pub(super) fn of<T: Config>() -> Self {
		let shop = Shop::<T>::open(MAX_SLOTS);
		let (id, other) = (shop.active(MAX_SLOTS, MAX_BYTES), shop.active(MAX_SLOTS, MAX_BYTES));
		shop.suspected(id, 1);
		shop.suspected(other, 1);
		let (device, until) = (shop.device(0), NOW + 2);
		let moment = Moment {
			tick: NOW + 1,
			randomness: [3; 32],
		};
		let place = |deal, slot| Place { deal, slot, device };
		let others = (1..MAX_CHALLENGES).map(|slot| place(other, slot));
		asked::<T>(moment, until, core::iter::once(place(id, 0)).chain(others).collect());
		let at = SlotId::new(id, 0);
		let (root, openings) = shown(&moment, at);
		set_root::<T>(at, root);
		T::BenchmarkHelper::set_tick(until);
		Self { at, until, openings }
	}
}
