//! A machine of a provider: its key, and what it sends.

use crate::chain::{signed, Chain, GENESIS_HASH};
use device_primitives::{DeviceId, DeviceKey, DeviceSignature, Registration};
use pallet_device_registry::{AttestationProof, Call as Registry};
use pallet_resource_proofs::{Call as Proofs, Claimed, SpaceScheme};
use proof_lottery_primitives::{LotteryPair, Pulse, Resource, SegmentDraw, SegmentWin};
use proof_of_compute_primitives::{is_lie, scratchpad, Kernel, Scratchpad};
use smartchain_runtime::{AccountId, Block, Runtime, RuntimeCall, System, UncheckedExtrinsic};
use smartchain_runtime_apis::runtime_decl_for_resource_proofs_api::ResourceProofsApiV1;
use sp_core::{crypto::VrfSecret, sr25519, Pair};
use sp_keyring::Sr25519Keyring as Key;

/// Segments that a machine claims.
pub const SEGMENTS: u32 = 4;
/// Groups that a machine claims: two plots of size 18.
pub const GROUPS: u32 = 2;

/// A machine whose key is sr25519, so that it is its lottery key, too.
pub struct Provider {
	seed: u8,
	pub pair: sr25519::Pair,
	pub owner: Key,
}

impl Provider {
	/// Its seed is a number, so that it is the same in each run.
	pub fn new(seed: u8, owner: Key) -> Self {
		Self {
			seed,
			pair: sr25519::Pair::from_seed(&[seed; 32]),
			owner,
		}
	}

	pub fn key(&self) -> DeviceKey {
		DeviceKey::Sr25519(self.pair.public())
	}

	pub fn id(&self) -> DeviceId {
		self.key().device_id()
	}

	pub fn owner(&self) -> AccountId {
		self.owner.to_account_id()
	}

	/// The call by which its owner registers it.
	pub fn register(&self, attestation: Option<AttestationProof>) -> RuntimeCall {
		let registration = Registration {
			device: self.key(),
			owner: self.owner(),
			lottery: self.pair.public(),
		};
		let possession = self.pair.sign(&registration.payload(&GENESIS_HASH));
		Registry::register {
			key: self.key(),
			possession: DeviceSignature::Sr25519(possession),
			enrolment: None,
			attestation,
			endpoints: Default::default(),
		}
		.into()
	}

	/// The call by which it enters a lottery.
	pub fn declare(&self, claim: Claimed) -> RuntimeCall {
		let device = self.id();
		Proofs::declare { device, claim }.into()
	}

	/// What it has: of each resource something.
	pub fn claims() -> [Claimed; 3] {
		[
			plots(2, 18, GROUPS),
			Claimed::Compute { segments: SEGMENTS },
			Claimed::Uptime,
		]
	}

	/// The same with plots as real chains take them.
	pub fn real_claims() -> [Claimed; 3] {
		let [_, compute, uptime] = Self::claims();
		[plots(2, 28, GROUPS), compute, uptime]
	}

	/// What it can win of uptime in the next block: its pulse, if a round is open that it wins and has not won.
	pub fn pulse(&self) -> Option<Pulse> {
		let round = pallet_resource_proofs::Rounds::<Runtime>::get(Resource::Uptime)?;
		let kept = pallet_resource_proofs::Entries::<Runtime>::get(self.id())?.uptime?;
		let units = kept.kept.estimator().units_at(round.opened);
		let pulse = Pulse::new(
			self.id().0,
			round.number,
			&self.pair.vrf_sign(&Pulse::input(&round.challenge)),
		);
		let wins = round.terms.threshold(units)?.wins(&pulse.hash());
		(wins && kept.won != Some(round.number)).then_some(pulse)
	}

	/// The window that is open in the next block, what its segments are run over, and how many it may announce there;
	/// which segments it claims, and which it has announced.
	fn window(&self) -> Option<Draw> {
		let open = api::open_rounds()
			.into_iter()
			.find(|round| round.resource == Resource::Compute)?;
		let window = pallet_resource_proofs::Windows::<Runtime>::get(open.round)?;
		let entry = pallet_resource_proofs::Entries::<Runtime>::get(self.id())?.compute?;
		let units = entry.kept.estimator().units_at(window.round.opened);
		let draw = SegmentDraw {
			kernel: Kernel::V1,
			challenge: window.round.challenge,
			threshold: window.round.terms.threshold(units)?,
		};
		let announced = if entry.window == open.round {
			entry.announced.to_vec()
		} else {
			Vec::new()
		};
		Some(Draw {
			window: open.round,
			draw,
			most: window.round.terms.most_announced(units) as usize,
			units,
			announced,
		})
	}

	/// What it can announce of compute in the next block, signed.
	pub fn announcements(&self) -> Vec<UncheckedExtrinsic> {
		let Some(open) = self.window() else {
			return Vec::new();
		};
		let mut pad = scratchpad();
		(0..open.units)
			.filter(|segment| open.wins(self.id(), *segment, &mut pad))
			.take(open.most)
			.filter(|segment| !open.announced.contains(segment))
			.map(|segment| self.announce(open.window, segment, &open.draw))
			.collect()
	}

	/// An announcement that is false, if a window is open in which it can make one.
	pub fn losing_announcement(&self) -> Option<UncheckedExtrinsic> {
		let open = self.window()?;
		let mut pad = scratchpad();
		let segment = (0..open.units).find(|segment| !open.wins(self.id(), *segment, &mut pad))?;
		Some(self.announce(open.window, segment, &open.draw))
	}

	fn announce(&self, window: u64, segment: u32, draw: &SegmentDraw<Kernel>) -> UncheckedExtrinsic {
		let win = SegmentWin {
			device: self.id().0,
			window,
			segment,
		};
		let pair = LotteryPair::from_seed(&[self.seed; 32]);
		let signature = pair.sign(&win.payload(&GENESIS_HASH, draw));
		api::win_compute(win, signature)
	}
}

/// A compute window as a machine sees it.
struct Draw {
	window: u64,
	draw: SegmentDraw<Kernel>,
	most: usize,
	units: u32,
	announced: Vec<u32>,
}

impl Draw {
	fn wins(&self, device: DeviceId, segment: u32, pad: &mut Scratchpad) -> bool {
		let win = SegmentWin {
			device: device.0,
			window: self.window,
			segment,
		};
		!is_lie(&win, &self.draw, pad)
	}
}

/// A claim of so many plots.
pub fn plots(strength: u8, k: u8, groups: u32) -> Claimed {
	Claimed::Space {
		scheme: SpaceScheme::Pos2,
		k,
		strength,
		groups,
	}
}

/// What an agent asks the runtime.
pub mod api {
	use super::*;
	use proof_lottery_primitives::{DeviceProofs, LotterySignature, OpenRound};

	type Api = Runtime;

	pub fn open_rounds() -> Vec<OpenRound> {
		<Api as ResourceProofsApiV1<Block, AccountId>>::open_rounds()
	}

	pub fn device_proofs(device: DeviceId) -> Option<DeviceProofs<AccountId>> {
		<Api as ResourceProofsApiV1<Block, AccountId>>::device_proofs(device)
	}

	pub fn win_space(device: DeviceId, round: u64, group: u32, proof: Vec<u8>) -> Option<UncheckedExtrinsic> {
		<Api as ResourceProofsApiV1<Block, AccountId>>::win_space(device, round, group, proof)
	}

	pub fn win_compute(win: SegmentWin, signature: LotterySignature) -> UncheckedExtrinsic {
		<Api as ResourceProofsApiV1<Block, AccountId>>::win_compute(win, signature)
	}

	pub fn pulse(pulse: Pulse) -> UncheckedExtrinsic {
		<Api as ResourceProofsApiV1<Block, AccountId>>::pulse(pulse)
	}
}

/// The next transaction of an account.
pub fn next(chain: &mut Chain, who: Key, call: impl Into<RuntimeCall>) -> UncheckedExtrinsic {
	let nonce = chain.query(|| System::account_nonce(who.to_account_id()));
	let mut made = None;
	let call = call.into();
	// Its state knows the hash of genesis.
	chain.query(|| made = Some(signed(who, nonce, 0, call)));
	made.expect("was made")
}

/// A chain of the preset `local`, with the numbers of test chains: its directors are well-known accounts.
pub fn quick() -> serde_json::Value {
	let mut change = serde_json::json!({ "poca": {}, "resourceProofs": {} });
	for (path, value) in smartchain_runtime::genesis::Values::Test
		.formed()
		.expect("numbers have a form")
	{
		let (pallet, name) = path[1..].split_once('/').expect("a pallet and a name");
		change[pallet][name] = value;
	}
	change
}

/// What of each resource a device is assured of, in 2^-32 units.
pub fn assured(device: DeviceId) -> Vec<(Resource, u64)> {
	let proofs = api::device_proofs(device).expect("it is in lotteries");
	proofs
		.lotteries
		.iter()
		.map(|lottery| (lottery.resource, lottery.assured.0))
		.collect()
}
