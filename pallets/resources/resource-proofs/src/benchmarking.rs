//! What calls and hooks cost, each at its worst.

use crate::{pallet::EntryOf, *};
use alloc::{vec, vec::Vec};
use device_primitives::DeviceId;
use frame_benchmarking::v2::*;
use frame_support::{
	assert_ok,
	pallet_prelude::{Authorize, InvalidTransaction, TransactionSource, TransactionValidityError},
	traits::{
		fungible::{Inspect, Unbalanced},
		tokens::Precision,
		EnsureOrigin, Get, Hooks, UnfilteredDispatchable,
	},
	weights::Weight,
};
use frame_system::{pallet_prelude::BlockNumberFor, RawOrigin};
use pallet_traits::{Beacon, CompetenceHook};
use proof_lottery_primitives::{LotteryKey, LotterySignature, Pulse, Resource, SegmentDraw, SegmentWin, Threshold};
use proof_of_compute_primitives::{is_lie, scratchpad, Kernel};
use proof_of_space_primitives::{pos2::Pos2Proof, Plot, SpaceProof};
use sp_core::{crypto::KeyTypeId, sr25519};
use sp_runtime::traits::{One, Zero};

/// What a runtime does for these benchmarks.
pub trait BenchmarkHelper<AccountId> {
	/// Registers an active device with this lottery key, or gives one another key, which it has had since slot 0. It
	/// takes as much of the state as a device can.
	fn register(device: &DeviceId, owner: &AccountId, lottery: sr25519::Public);

	/// An account for which it costs the most that its competence changes.
	fn candidate() -> AccountId;

	/// From now on [`Config::Beacon`] says that the current block is of this slot, and its parent of that.
	fn set_slot(parent: u64, slot: u64);
}

/// Where keys are kept that sign here.
const KEYSTORE: KeyTypeId = KeyTypeId(*b"lotb");

/// A proof that Chia's crate found and solved, of size 18 and strength 2: group, challenge, proof.
const PROVEN: [&str; 3] = [
	"cb77feac6f462ac2f7fa5c232a377ab59e0115de2189b630c2dc3630f2323c54",
	"da4de40980204eaba75a1869aa2bc49b485b5041350450f3a139fc7139ee9af8",
	concat!(
		"2988603ec438a53927d4ee8742aaeceda87964dfa9f4927f3b9309ec82210b917d0db2f7202034db9d34c6b8f1df25c7",
		"4457308bdadb657f20ee03ab8bee1e49a68cf890f660ba92fa5470e11014afd93cb257e8d8adbf3216bafec0d3d550c5",
		"16a91a0b946c83311d45a3a107da20063c99df2b575567f119850270ee39e39c69e69085b94c89f5849360b8e7a6c169",
		"5779074b0b2a11f125e8b535bb388cb340dc7b6cce97cd6191b41fa72e76e5015dacd5e11645bf6d5762370f90365b10",
		"c92c07d5f06449af80550831c46fbd542b89b71a791c8f0d771b801dc2fe16d76902fb48b9d579fe0eccba05bcc0737c",
		"7c42bc6e6bb3829fbd09e9d117a88f6c2836a770f37d008f1a7950e4845cf25abff2327193931b2a5ce0eadee59a78aa",
	),
];

/// The golden pulse of `proof_lottery_primitives`: challenge, key, output, proof.
const PULSE: [&str; 4] = [
	"70605e9060cdaf56ea676a4520ffbf671e303df2964a9c5d23ed03e7c33ad3e2",
	"189dac29296d31814dc8c56cf3d36a0543372bba7538fa322a4aebfebc39e056",
	"badc98a5ccb324e5c493cdf7bfb4c623b1e0bde143ed22502eea4d603256813f",
	concat!(
		"5f42cb3ef9cf9944b05c27fee1c1ed37ef55109f240fed383847a71c3638900c",
		"bc11a8ba0aefc4cd7bcb61c71b52aaa80240675ed937ba101e2291be05693a03",
	),
];

/// The slot at which everything happens: far from the first, and the first of a turn.
const SLOT: u64 = 12_000_000;

fn unhex<const N: usize>(text: &str) -> [u8; N] {
	let digit = |at: usize| match text.as_bytes().get(at) {
		Some(digit @ b'0'..=b'9') => digit - b'0',
		Some(digit) => digit - b'a' + 10,
		None => 0,
	};
	core::array::from_fn(|i| digit(2 * i) << 4 | digit(2 * i + 1))
}

/// An owner that has what all deposits of its device take.
fn rich<T: Config>(number: u32) -> T::AccountId {
	let who = account("owner", number, 0);
	let all = [
		T::SpaceDeposit::get(),
		T::ComputeDeposit::get(),
		T::UptimeDeposit::get(),
		T::LinkDeposit::get(),
		T::Currency::minimum_balance(),
	];
	let sum = all.into_iter().fold(1, Balance::saturating_add);
	assert_ok!(T::Currency::increase_balance(
		&who,
		sum.saturating_mul(100),
		Precision::Exact
	));
	who
}

fn now<T: Config>(slot: u64) {
	T::BenchmarkHelper::set_slot(slot - 1, slot);
}

/// The parameters of test chains: small plots, short proofs, and claims that count soon.
fn parameters<T: Config>() {
	Parameters::<T>::put(ParameterValues {
		space: SpaceParameters {
			min_k: 18,
			max_k: 28,
			..ParameterValues::real().space
		},
		..ParameterValues::real()
	});
}

fn device() -> DeviceId {
	DeviceId([0xbe; 32])
}

fn plots(groups: u32) -> Claimed {
	Claimed::Space {
		scheme: SpaceScheme::Pos2,
		k: 28,
		strength: 2,
		groups,
	}
}

/// A device that is registered, with its owner and key.
fn registered<T: Config>() -> (T::AccountId, sr25519::Public) {
	parameters::<T>();
	now::<T>(SLOT);
	let owner = rich::<T>(0);
	let key = sp_io::crypto::sr25519_generate(KEYSTORE, None);
	T::BenchmarkHelper::register(&device(), &owner, key);
	(owner, key)
}

/// Puts a device into all lotteries; its claims count soon. As many kinds of plots are known as there can be.
fn enter_all<T: Config>(device: &DeviceId, owner: &T::AccountId) {
	for claim in [plots(1), Claimed::Compute { segments: 4 }, Claimed::Uptime] {
		assert_ok!(Pallet::<T>::do_declare(owner, device, claim));
	}
	Sums::<T>::mutate(|sums| {
		for k in 0..MAX_KINDS as u8 {
			let kind = PlotKind {
				scheme: SpaceScheme::Pos2,
				k,
			};
			let plots = Default::default();
			// That of the device is there, so that one finds no place.
			let _ = sums.space.try_push(KindTotal { kind, plots });
		}
	});
}

/// Another device is linked with the candidate; somebody was told of it in this era last.
fn other_device<T: Config>(candidate: &T::AccountId, told: u32) {
	let sums = CandidateSums {
		devices: 1,
		told,
		..Default::default()
	};
	Candidates::<T>::insert(candidate, sums);
}

/// Somebody was told of the candidate in this era last, and what was to count counts.
fn told<T: Config>(candidate: &T::AccountId, era: u32) {
	Candidates::<T>::mutate(candidate, |sums| {
		if let Some(sums) = sums {
			(sums.told, sums.coming_from) = (era, 0);
		}
	});
}

/// Puts a device into all lotteries, and links it with a candidate that others are linked with, too, and of which
/// nobody was told: the next change of it costs the most. Returns the candidate.
pub fn engage<T: Config>(device: &DeviceId, owner: &T::AccountId) -> T::AccountId {
	enter_all::<T>(device, owner);
	let candidate = T::BenchmarkHelper::candidate();
	// Told now, it would have its place in the list by the time that is measured.
	other_device::<T>(&candidate, u32::MAX);
	assert_ok!(Pallet::<T>::do_offer_link(owner, device, candidate.clone()));
	assert_ok!(Pallet::<T>::do_accept_link(&candidate, device));
	told::<T>(&candidate, 0);
	candidate
}

/// A device that is registered and [engaged](engage); its owner, candidate and key.
fn full_device<T: Config>() -> (T::AccountId, T::AccountId, sr25519::Public) {
	let (owner, key) = registered::<T>();
	let candidate = engage::<T>(&device(), &owner);
	(owner, candidate, key)
}

/// So many devices in all lotteries, each of another owner and linked with another candidate, of which somebody was
/// told already. A round of each lottery is open, in which each of them wins.
fn winners<T: Config>(count: u32) -> Vec<DeviceId> {
	parameters::<T>();
	now::<T>(SLOT);
	let numbered = |number: u32| {
		let mut id = [0xbe; 32];
		id.iter_mut()
			.zip(number.to_le_bytes())
			.for_each(|(byte, of)| *byte = of);
		(number, DeviceId(id))
	};
	let devices: Vec<(u32, DeviceId)> = (0..count).map(numbered).collect();
	for (number, device) in &devices {
		let owner = rich::<T>(*number);
		let key = sp_io::crypto::sr25519_generate(KEYSTORE, None);
		T::BenchmarkHelper::register(device, &owner, key);
		enter_all::<T>(device, &owner);
		let candidate: T::AccountId = account("candidate", *number, 0);
		other_device::<T>(&candidate, u32::MAX);
		assert_ok!(Pallet::<T>::do_offer_link(&owner, device, candidate.clone()));
		assert_ok!(Pallet::<T>::do_accept_link(&candidate, device));
		told::<T>(&candidate, u32::MAX);
	}
	let devices: Vec<DeviceId> = devices.into_iter().map(|(_, device)| device).collect();
	open_for::<T>(&devices);
	let_all_win::<T>();
	devices
}

/// Each is looked at as a block looks at it: for its authorization, which fails at what is measured apart, and when it
/// is dispatched. Returns how many of them win.
fn win_all<T: Config>(calls: Vec<Call<T>>) -> u32 {
	let mut won = 0;
	for call in calls {
		let answer = call.authorize(TransactionSource::InBlock);
		let unproven = matches!(
			answer,
			Some(Err(TransactionValidityError::Invalid(InvalidTransaction::BadProof)))
		);
		let outcome = call.dispatch_bypass_filter(RawOrigin::<T::AccountId>::Authorized.into());
		won += u32::from(unproven && outcome.is_ok());
	}
	won
}

/// Opens a round of each lottery some time later, by hand: windows are drawn. The device is in all of them.
fn open<T: Config>() {
	open_for::<T>(&[device()]);
}

/// The same for these devices, which are in all lotteries.
fn open_for<T: Config>(devices: &[DeviceId]) {
	let slot = SLOT + 400_000;
	now::<T>(slot);
	let parameters = Parameters::<T>::get();
	// They have won often enough to count, and long enough ago to have decayed.
	for device in devices {
		Entries::<T>::mutate(device, |entry| {
			let entry = entry.as_mut().expect("is in all lotteries");
			for resource in [Resource::Space, Resource::Compute, Resource::Uptime] {
				let terms = parameters.lottery(resource, T::Beacon::turn_length()).with(1);
				let kept = entry.kept_mut(resource).expect("is in all lotteries");
				for _ in 0..16 {
					kept.estimator_mut().win(&terms, SLOT + 20_000, &mut Default::default());
				}
			}
		});
	}
	open_rounds::<T>(slot);
	now::<T>(slot + 1);
}

/// Opens a round of each lottery in this slot, and goes on to the next block.
fn open_rounds<T: Config>(slot: u64) {
	let height = frame_system::Pallet::<T>::block_number();
	let parameters = Parameters::<T>::get();
	let round = |resource| Round {
		number: 1,
		opened: slot,
		block: height,
		until: slot + 24,
		challenge: [7; 32],
		terms: parameters.lottery(resource, T::Beacon::turn_length()).with(1),
		devices: 1,
	};
	Rounds::<T>::insert(Resource::Space, round(Resource::Space));
	Rounds::<T>::insert(Resource::Uptime, round(Resource::Uptime));
	let window = Window {
		round: round(Resource::Compute),
		kernel: Kernel::V1,
		pending: 0,
	};
	Windows::<T>::insert(1, window);
	NextWindow::<T>::put(2);
	frame_system::Pallet::<T>::set_block_number(height + One::one());
}

/// Every hash wins, and no filter holds any back.
fn let_all_win<T: Config>() {
	let change = |round: &mut Round<BlockNumberFor<T>>| {
		let lottery = &mut round.terms.lottery;
		(lottery.rounds, lottery.filter) = (8, 1);
	};
	for resource in [Resource::Space, Resource::Uptime] {
		Rounds::<T>::mutate(resource, |round| change(round.as_mut().expect("was opened")));
	}
	Windows::<T>::mutate(1, |window| change(&mut window.as_mut().expect("was opened").round));
}

fn entry<T: Config>() -> EntryOf<T> {
	Entries::<T>::get(device()).expect("is in a lottery")
}

/// The longest proof; it is read, and its quality found, as any other.
fn long_proof() -> ProofBytes {
	ProofBytes::truncate_from(vec![0x5a; MAX_PROOF as usize])
}

/// An announcement that nobody has signed.
fn unsigned(device: &DeviceId, segment: u32) -> SegmentWin {
	SegmentWin {
		device: device.0,
		window: 1,
		segment,
	}
}

/// What the device's segments are run over in the window.
fn draw<T: Config>() -> SegmentDraw<Kernel> {
	let window = Windows::<T>::get(1).expect("was opened");
	let kept = entry::<T>().compute.expect("is in the lottery").kept;
	Pallet::<T>::draw(&window, &kept).expect("some win")
}

/// An announcement of the window, signed.
fn announcement<T: Config>(key: &sr25519::Public, segment: u32) -> (SegmentWin, LotterySignature) {
	let win = unsigned(&device(), segment);
	let genesis = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
	let payload = win.payload(&genesis, &draw::<T>());
	let signature = sp_io::crypto::sr25519_sign(KEYSTORE, key, &payload).expect("the keystore has it");
	(win, signature.into())
}

#[benchmarks]
mod benchmarks {
	use super::*;

	/// A round of each lottery is open: all of them are looked at.
	#[benchmark]
	fn on_initialize() {
		parameters::<T>();
		now::<T>(SLOT);
		open_rounds::<T>(SLOT);
		now::<T>(SLOT + 1);
		let height = frame_system::Pallet::<T>::block_number();

		#[block]
		{
			Pallet::<T>::on_initialize(height);
		}

		assert!(Rounds::<T>::iter_values().all(|round| round.number == 1));
	}

	/// Two are opened, which are charged as one each.
	#[benchmark]
	fn open_round() {
		parameters::<T>();
		// Turns without blocks: of both lotteries a round is due.
		T::BenchmarkHelper::set_slot(SLOT - 61, SLOT);
		let height = frame_system::Pallet::<T>::block_number();

		#[block]
		{
			Pallet::<T>::on_initialize(height);
		}

		assert_eq!(
			Rounds::<T>::iter_values().filter(|round| round.opened == SLOT).count(),
			2
		);
	}

	#[benchmark]
	fn on_idle() {
		#[block]
		{
			Pallet::<T>::verify_announced(Weight::MAX);
		}

		assert!(WaitingFor::<T>::get().is_empty());
	}

	#[benchmark]
	fn declare() {
		let (owner, _) = registered::<T>();
		for claim in [Claimed::Compute { segments: 4 }, Claimed::Uptime] {
			assert_ok!(Pallet::<T>::do_declare(&owner, &device(), claim));
		}

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), device(), plots(1));

		assert!(entry::<T>().space.is_some());
	}

	#[benchmark]
	fn withdraw() {
		let (owner, candidate, _) = full_device::<T>();
		open::<T>();
		// Nobody is told before it is measured. Uptime is left last.
		told::<T>(&candidate, u32::MAX);
		for resource in [Resource::Compute, Resource::Space] {
			assert_ok!(Pallet::<T>::do_withdraw(&owner, &device(), resource));
		}
		told::<T>(&candidate, 0);

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), device(), Resource::Uptime);

		assert!(!Entries::<T>::contains_key(device()));
	}

	/// Proofs are valid but for their pairs, so that all is looked at but these, and their first. A cut of a claim
	/// would cost an event more.
	#[benchmark]
	fn win_space(n: Linear<1, 8>) {
		let proof = long_proof();
		let win = |device: DeviceId| Call::<T>::win_space {
			device,
			round: 1,
			group: 0,
			proof: proof.clone(),
		};
		let calls: Vec<Call<T>> = winners::<T>(n).into_iter().map(win).collect();
		let won;

		#[block]
		{
			won = win_all::<T>(calls);
		}

		assert_eq!(won, n);
	}

	/// So many validations of the lowest strength.
	#[benchmark]
	fn verify_space(n: Linear<1, 16>) -> Result<(), BenchmarkError> {
		let plot = Plot {
			group: unhex(PROVEN[0]),
			index: 0,
			meta: 0,
			k: 18,
			strength: 2,
		};
		let proof: [u8; 288] = unhex(PROVEN[2]);
		let proof = Pos2Proof::read(&plot, &unhex(PROVEN[1]), &proof).map_err(|_| "it is a proof")?;
		let mut valid = 0;

		#[block]
		{
			for _ in 0..n {
				valid += u32::from(proof.verify().is_ok());
			}
		}

		assert_eq!(valid, n);
		Ok(())
	}

	/// Signatures of zeros are seen to be none before anything is computed.
	#[benchmark]
	fn win_compute(n: Linear<1, 16>) {
		let win = |device: DeviceId| Call::<T>::win_compute {
			win: unsigned(&device, 1),
			signature: LotterySignature::from(sr25519::Signature::from_raw([0; 64])),
		};
		let calls: Vec<Call<T>> = winners::<T>(n).into_iter().map(win).collect();
		let won;

		#[block]
		{
			won = win_all::<T>(calls);
		}

		assert_eq!((won, WaitingFor::<T>::get().len()), (n, u64::from(n)));
	}

	#[benchmark]
	fn verify_announcement() {
		let (_, _, key) = full_device::<T>();
		open::<T>();
		let (win, signature) = announcement::<T>(&key, 1);
		let (genesis, draw) = (
			frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero()),
			draw::<T>(),
		);
		let key = LotteryKey::from(key);
		let valid;

		#[block]
		{
			valid = win.verify(&genesis, &draw, &key, &signature);
		}

		assert!(valid);
	}

	/// It wins while another announcement of its device waits.
	#[benchmark]
	fn verify_segment() {
		let devices = winners::<T>(1);
		Parameters::<T>::mutate(|parameters| parameters.compute.verified = 1);
		for segment in [0, 1] {
			for device in &devices {
				assert_ok!(Pallet::<T>::do_announce(&unsigned(device, segment)));
			}
		}
		let before: Vec<_> = devices.iter().map(Entries::<T>::get).collect();

		#[block]
		{
			Pallet::<T>::verify_announced(Weight::MAX);
		}

		let after: Vec<_> = devices.iter().map(Entries::<T>::get).collect();
		assert!(WaitingFor::<T>::get().len() == 1 && after != before && after.iter().all(Option::is_some));
	}

	/// A lie, while another announcement of its device waits: the device leaves all lotteries, its link ends, its
	/// candidate is told, and its deposits are slashed.
	#[benchmark]
	fn strike() {
		full_device::<T>();
		open::<T>();
		Parameters::<T>::mutate(|parameters| parameters.compute.verified = 1);
		let (draw, mut pad) = (draw::<T>(), scratchpad());
		let mut loses = |segment: &u32| is_lie(&unsigned(&device(), *segment), &draw, &mut pad);
		// One in 24 wins by chance.
		let losing = (0..4).find(&mut loses).expect("not all win");
		for segment in [losing, (losing + 1) % 4] {
			assert_ok!(Pallet::<T>::do_announce(&unsigned(&device(), segment)));
		}

		#[block]
		{
			Pallet::<T>::verify_announced(Weight::MAX);
		}

		assert!(WaitingFor::<T>::get().len() == 1 && Struck::<T>::contains_key(device()));
	}

	/// The VRF of the keystore's keys cannot be evaluated by the runtime: these proofs are no numbers of the curve,
	/// which is seen before anything is computed. Dispatching looks at the output alone, and here every output wins.
	#[benchmark]
	fn pulse(n: Linear<1, 8>) {
		let shown = |device: DeviceId| Call::<T>::pulse {
			pulse: Pulse {
				device: device.0,
				round: 1,
				pre_output: [1; 32],
				proof: [0xff; 64],
			},
		};
		let calls: Vec<Call<T>> = winners::<T>(n).into_iter().map(shown).collect();
		let won;

		#[block]
		{
			won = win_all::<T>(calls);
		}

		assert_eq!(won, n);
	}

	/// A pulse of a key that is written down, under a challenge that is, too: its proof is looked at and valid.
	#[benchmark]
	fn verify_pulse() {
		let shown = Pulse {
			device: device().0,
			round: 1,
			pre_output: unhex(PULSE[2]),
			proof: unhex(PULSE[3]),
		};
		let (challenge, key) = (
			unhex(PULSE[0]),
			LotteryKey::from(sr25519::Public::from_raw(unhex(PULSE[1]))),
		);
		let answer;

		#[block]
		{
			answer = shown.verify(&key, &challenge, &Threshold::ALWAYS);
		}

		assert!(answer.is_ok());
	}

	/// A candidate that was not told of since it has a place in the list that is not its own any more.
	#[benchmark]
	fn tell() {
		let (_, candidate, _) = full_device::<T>();
		open::<T>();

		#[block]
		{
			T::CompetenceHook::competence_changed(&candidate);
		}

		assert!(Candidates::<T>::contains_key(&candidate));
	}

	#[benchmark]
	fn offer_link() {
		let (owner, _) = registered::<T>();
		enter_all::<T>(&device(), &owner);
		let candidate = T::BenchmarkHelper::candidate();

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), device(), candidate);

		assert!(entry::<T>().link.is_some());
	}

	#[benchmark]
	fn accept_link() {
		let (owner, _) = registered::<T>();
		enter_all::<T>(&device(), &owner);
		open::<T>();
		let candidate = T::BenchmarkHelper::candidate();
		other_device::<T>(&candidate, 0);
		assert_ok!(Pallet::<T>::do_offer_link(&owner, &device(), candidate.clone()));

		#[extrinsic_call]
		_(RawOrigin::Signed(candidate), device());

		assert!(entry::<T>().link.is_some_and(|link| link.from.is_some()));
	}

	#[benchmark]
	fn unlink() {
		let (owner, _, _) = full_device::<T>();
		open::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), device());

		assert!(entry::<T>().link.is_none());
	}

	#[benchmark]
	fn refresh() {
		let (owner, _, _) = full_device::<T>();
		open::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), device());

		assert!(entry::<T>().link.is_some());
	}

	#[benchmark]
	fn set_parameters() -> Result<(), BenchmarkError> {
		let origin = T::AdminOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		let parameters = Parameters::<T>::get();

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, parameters);

		assert_eq!(Parameters::<T>::get(), parameters);
		Ok(())
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::genesis(), crate::mock::Test);
}
