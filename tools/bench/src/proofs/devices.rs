//! Devices, registered one by one by the runtime's own calls: bytes that each takes on chain, and whether to register
//! one, to rotate its lottery key or to read it costs more when there are many.
//!
//! Each has an ed25519 key, an sr25519 key for lotteries that it enrols, an address, and an owner of its own, who had
//! an account before. Calls are executed natively over a state in memory, without what every transaction takes besides
//! its call; signatures are made beforehand, and verified. A lottery key is rotated as the registry has it: the device
//! is offered and accepted, with another key. Rotations are undone when they are measured, so that bytes are those of
//! devices as they were registered.
//!
//! Most of what a call takes is two signatures, which are as dear for the last device as for the first. What grows is
//! the depth of the trie: it shows in reads, and in root and nodes at the end of a block. A database adds to each of
//! these; the part `database` measures that.

use super::{
	chain::{genesis, set_time},
	micros,
};
use crate::{progress::Progress, report::Row};
use codec::Encode;
use device_primitives::{
	DeviceId, DeviceKey, DeviceSignature, DidResolution, Endpoint, Endpoints, Enrolment, EnrolmentProof, Host,
	Registration, Transfer, Transport,
};
use frame_support::{dispatch::GetDispatchInfo, traits::fungible::Mutate};
use pallet_device_registry::Call;
use sc_client_api::StateBackend;
use smartchain_runtime::{
	constants::currency::UNITS, AccountId, Balances, DeviceRegistry, Runtime, RuntimeCall, RuntimeOrigin, System,
};
use smartchain_tests::{ensure, Error, Result};
use sp_core::{ed25519, sr25519, Pair, H256};
use sp_io::{
	hashing::{blake2_256, twox_128},
	TestExternalities,
};
use sp_runtime::traits::Dispatchable;
use std::{
	ops::Range,
	time::{Duration, Instant},
};

/// The block in which everything happens, and its slot.
const HEIGHT: u32 = 1_000;
const SLOT: u64 = 12_000_000;
/// Devices that are registered in one block, and those whose cost is told: the first so many, and the last.
const PART: u32 = 1_000;
/// What each owner has, in planck: more than two deposits and four keys.
const FUNDS: u128 = 10 * UNITS;
/// Bytes of the hash by which a database finds a node of the trie.
const HASH: usize = 32;
/// How long a device takes by estimate, for the bar.
const EACH: Duration = Duration::from_micros(500);

/// A machine and whose it is.
struct Machine {
	number: u32,
	key: ed25519::Pair,
	lottery: sr25519::Pair,
}

fn seed(what: &str, number: u32) -> [u8; 32] {
	(what, number).using_encoded(blake2_256)
}

/// Who registers the device of this number.
fn owner(number: u32) -> AccountId {
	AccountId::new(seed("owner", number))
}

impl Machine {
	fn new(number: u32) -> Self {
		Self {
			number,
			key: ed25519::Pair::from_seed(&seed("device", number)),
			lottery: sr25519::Pair::from_seed(&seed("lottery", number)),
		}
	}

	fn key(&self) -> DeviceKey {
		DeviceKey::Ed25519(self.key.public())
	}

	fn id(&self) -> DeviceId {
		self.key().device_id()
	}

	fn signs(&self, payload: &[u8]) -> DeviceSignature {
		DeviceSignature::Ed25519(self.key.sign(payload))
	}

	fn enrols(&self, lottery: &sr25519::Pair, owner: AccountId, genesis: &H256) -> EnrolmentProof {
		let enrolment = Enrolment {
			device: self.id(),
			owner,
			lottery: lottery.public(),
		};
		EnrolmentProof {
			lottery: lottery.public(),
			signature: lottery.sign(&enrolment.payload(genesis)),
		}
	}

	/// What its owner registers it by.
	fn register(&self, genesis: &H256) -> RuntimeCall {
		let registration = Registration {
			device: self.key(),
			owner: owner(self.number),
			lottery: self.lottery.public(),
		};
		let endpoint = Endpoint {
			transport: Transport::Quic,
			host: Host::V4([192, 0, 2, 1]),
			port: 4_433,
		};
		Call::<Runtime>::register {
			key: self.key(),
			possession: self.signs(&registration.payload(genesis)),
			enrolment: Some(self.enrols(&self.lottery, owner(self.number), genesis)),
			attestation: None,
			endpoints: Endpoints::truncate_from(vec![endpoint]),
		}
		.into()
	}

	/// What its owner offers it by, and what the new one accepts it by, with another lottery key.
	fn rotate(&self, to: &AccountId, genesis: &H256) -> [RuntimeCall; 2] {
		let next = sr25519::Pair::from_seed(&seed("next lottery", self.number));
		let device = self.id();
		let transfer = Transfer {
			device,
			from: owner(self.number),
			to: to.clone(),
			transfers: 0,
			lottery: next.public(),
		};
		let offer = Call::<Runtime>::offer_transfer { device, to: to.clone() };
		let accept = Call::<Runtime>::accept_transfer {
			device,
			consent: self.signs(&transfer.payload(genesis)),
			enrolment: Some(self.enrols(&next, to.clone(), genesis)),
		};
		[offer.into(), accept.into()]
	}
}

/// Sends a call, and returns how long it took.
fn send(who: AccountId, call: RuntimeCall) -> Result<Duration> {
	let begun = Instant::now();
	let outcome = call.dispatch(RuntimeOrigin::signed(who));
	let took = begun.elapsed();
	match outcome {
		Ok(_) => Ok(took),
		Err(refused) => Err(Error::new(format!("a call is refused: {:?}", refused.error))),
	}
}

fn charged(calls: &[RuntimeCall]) -> f64 {
	let weights = calls.iter().map(|call| call.get_dispatch_info().call_weight.ref_time());
	weights.sum::<u64>() as f64 / 1e6
}

/// How long one of a part of all devices took.
#[derive(Clone, Copy, Default)]
struct Took {
	registered: f64,
	/// To find root and nodes of the trie at the end of the block, for each that was registered in it.
	rooted: f64,
	rotated: f64,
	read: f64,
}

/// The chain.
struct Registry {
	state: TestExternalities,
	genesis: H256,
}

impl Registry {
	fn new() -> Result<Self> {
		let mut state = genesis()?;
		let genesis = state.execute_with(|| {
			set_time(HEIGHT, SLOT - 1, SLOT);
			System::block_hash(0)
		});
		let mut registry = Self { state, genesis };
		registry.commit()?;
		Ok(registry)
	}

	fn commit(&mut self) -> Result<()> {
		self.state
			.commit_all()
			.map_err(|error| Error::new(format!("the state cannot be kept: {error}")))
	}

	/// Registers these in one block; how long each took, and root and nodes for each.
	fn register(&mut self, numbers: Range<u32>) -> Result<(f64, f64)> {
		self.state.execute_with(|| {
			numbers.clone().try_for_each(|number| {
				let funded = Balances::mint_into(&owner(number), FUNDS);
				funded
					.map(|_| ())
					.map_err(|error| Error::new(format!("an owner has no account: {error:?}")))
			})
		})?;
		self.commit()?;
		let (count, genesis) = (numbers.len(), self.genesis);
		let took = self.state.execute_with(|| {
			let mut took = Duration::ZERO;
			for number in numbers {
				let call = Machine::new(number).register(&genesis);
				took += send(owner(number), call)?;
			}
			System::reset_events();
			Ok::<_, Error>(took)
		})?;
		let begun = Instant::now();
		self.commit()?;
		let each = |took: Duration| micros(took) / count.max(1) as f64;
		Ok((each(took), each(begun.elapsed())))
	}

	/// How long it takes to rotate the lottery key of each of these, which goes to the next one's owner. Nothing of it
	/// stays.
	fn rotate(&mut self, numbers: Range<u32>) -> Result<f64> {
		let (count, genesis) = (numbers.len(), self.genesis);
		let took = self.state.execute_with(|| {
			let mut took = Duration::ZERO;
			for number in numbers.clone() {
				let next = number.saturating_add(1);
				let to = owner(if numbers.contains(&next) { next } else { numbers.start });
				let [offer, accept] = Machine::new(number).rotate(&to, &genesis);
				took += send(owner(number), offer)?;
				took += send(to, accept)?;
			}
			Ok::<_, Error>(took)
		});
		self.state.reset_overlay();
		Ok(micros(took?) / count.max(1) as f64)
	}

	/// How long it takes to answer the document of each of these.
	fn read(&mut self, numbers: Range<u32>) -> Result<f64> {
		let count = numbers.len();
		let took = self.state.execute_with(|| {
			let mut took = Duration::ZERO;
			for number in numbers {
				let id = Machine::new(number).id();
				let begun = Instant::now();
				let found = DeviceRegistry::did_document(&id);
				took += begun.elapsed();
				ensure!(
					matches!(found, Some(DidResolution::Registered(_))),
					"device {number} is not there"
				);
			}
			Ok(took)
		})?;
		Ok(micros(took) / count.max(1) as f64)
	}

	/// All of the measures, of these devices as they are registered.
	fn measure(&mut self, numbers: Range<u32>) -> Result<Took> {
		let (registered, rooted) = self.register(numbers.clone())?;
		Ok(Took {
			registered,
			rooted,
			read: self.read(numbers.clone())?,
			rotated: self.rotate(numbers)?,
		})
	}
}

/// Bytes of a state.
#[derive(Clone, Copy, Default)]
struct Size {
	/// Keys and values of the registry,
	registry: usize,
	/// and all others.
	others: usize,
	/// Nodes of the trie, and the hashes by which they are found.
	nodes: usize,
}

impl Size {
	fn of(state: TestExternalities) -> Result<Self> {
		let registry = twox_128(b"DeviceRegistry");
		let mut size = Self::default();
		let unread = |error: String| Error::new(format!("the state cannot be read: {error}"));
		for pair in state.backend.pairs(Default::default()).map_err(unread)? {
			let (key, value) = pair.map_err(unread)?;
			let bytes = key.len().saturating_add(value.len());
			if key.starts_with(&registry) {
				size.registry += bytes;
			} else {
				size.others += bytes;
			}
		}
		let (nodes, _) = state.into_raw_snapshot();
		size.nodes = nodes.iter().map(|(_, (node, _))| node.len() + HASH).sum();
		Ok(size)
	}

	/// What there is more than before, for each of so many devices.
	fn each(self, before: Self, devices: u32) -> [f64; 3] {
		[
			(self.registry, before.registry),
			(self.others, before.others),
			(self.nodes, before.nodes),
		]
		.map(|(after, before)| after.saturating_sub(before) as f64 / f64::from(devices.max(1)))
	}
}

/// So many devices, rounded down to whole parts.
pub fn rows(devices: u32) -> Result<Vec<Row>> {
	ensure!(
		devices >= 4,
		"the first devices are to be compared with the last, and change hands: register four at least"
	);
	let part = PART.min(devices / 2);
	let devices = devices - devices % part;
	let before = Size::of(Registry::new()?.state)?;
	let mut registry = Registry::new()?;
	let mut progress = Progress::new("devices", EACH.saturating_mul(devices));
	let first = registry.measure(0..part)?;
	for number in (part..devices - part).step_by(part as usize) {
		registry.register(number..number + part)?;
		progress.show_share(f64::from(number) / f64::from(devices), "registering");
	}
	let last = registry.measure(devices - part..devices)?;
	progress.done(&format!("{devices} registered"));
	let bytes = Size::of(registry.state)?.each(before, devices);
	Ok(report(devices, part, bytes, [first, last]))
}

fn report(devices: u32, part: u32, bytes: [f64; 3], [first, last]: [Took; 2]) -> Vec<Row> {
	let name = |what: &str| format!("{devices} devices, each with an enrolled key and an owner of its own: {what}");
	let [registry, others, nodes] = bytes;
	let grows = |first: f64, last: f64| {
		let times = last / first.max(f64::MIN_POSITIVE);
		format!("{first:.1} us of the first {part}, {last:.1} of the last: {times:.2} x")
	};
	let machine = Machine::new(0);
	let genesis = H256::zero();
	let registered = charged(&[machine.register(&genesis)]);
	let rotated = charged(&machine.rotate(&owner(1), &genesis));
	vec![
		Row::new(
			name("bytes on chain a device, keys and values of the registry"),
			"< 1 KiB",
			format!(
				"{registry:.0}; its owner's account and hold, which are there once for all of its devices: {others:.0}"
			),
		),
		Row::new(
			name("both as nodes of the trie, with the hashes that they are found by"),
			"",
			format!(
				"{nodes:.0} bytes a device, {:.0} more than keys and values",
				nodes - registry - others
			),
		),
		Row::new(
			name("a registration, natively, two signatures verified"),
			"",
			format!(
				"{}; its call is charged {registered:.0} us, database included, for every one",
				grows(first.registered, last.registered)
			),
		),
		Row::new(
			name("root and nodes at the end of a block, a registration"),
			"",
			grows(first.rooted, last.rooted),
		),
		Row::new(
			name("a lottery key rotated: the device offered and accepted, two signatures verified"),
			"",
			format!(
				"{}; both calls are charged {rotated:.0} us, database included",
				grows(first.rotated, last.rotated)
			),
		),
		Row::new(name("the document of a device read"), "", grows(first.read, last.read)),
	]
}

#[cfg(test)]
mod tests {
	use super::*;

	/// Bytes are those that the registry's own test counts, of a device with an enrolled key and one address: what it
	/// keeps of a plain one, a lottery key and its tombstone more.
	#[test]
	fn a_few_devices_are_registered_rotated_and_read() {
		let rows = rows(40).unwrap();
		assert_eq!(rows.len(), 6);
		let bytes: f64 = rows[0].measured.split(';').next().unwrap().parse().unwrap();
		// Counters are there once, and are little for each of 40.
		assert!((300.0..330.0).contains(&bytes), "{bytes}");
		for row in &rows[2..] {
			assert!(row.measured.contains(" of the first 20, "), "{}", row.measured);
		}
	}

	/// What was rotated to be measured is as it was.
	#[test]
	fn a_rotation_leaves_no_trace() {
		let mut registry = Registry::new().unwrap();
		registry.register(0..4).unwrap();
		let root = *registry.state.backend.root();
		registry.rotate(0..4).unwrap();
		registry.commit().unwrap();
		assert_eq!(*registry.state.backend.root(), root);
		// With the first rotation in the state a second of the same key would be refused.
		registry.rotate(0..4).unwrap();
	}
}
