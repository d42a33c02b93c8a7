//! What calls and hooks cost, each at its worst.

use crate::{pallet::EntryOf, *};
use alloc::vec;
use device_primitives::DeviceId;
use frame_benchmarking::v2::*;
use frame_support::{
	assert_ok,
	pallet_prelude::{Authorize, TransactionSource},
	traits::{
		fungible::{Inspect, Unbalanced},
		tokens::Precision,
		EnsureOrigin, Get, Hooks,
	},
	weights::Weight,
};
use frame_system::{pallet_prelude::BlockNumberFor, RawOrigin};
use pallet_traits::Beacon;
use proof_lottery_primitives::{LotterySignature, Pulse, Resource, SegmentWin};
use proof_of_compute_primitives::{is_lie, scratchpad};
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

fn rich<T: Config>(name: &'static str) -> T::AccountId {
	let who = account(name, 0, 0);
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
	let owner = rich::<T>("owner");
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

/// Opens a round of each lottery some time later, by hand: windows are drawn. The device is in all of them.
fn open<T: Config>() {
	let slot = SLOT + 400_000;
	now::<T>(slot);
	let height = frame_system::Pallet::<T>::block_number();
	let parameters = Parameters::<T>::get();
	// It has won often enough to count, and long enough ago to have decayed.
	Entries::<T>::mutate(device(), |entry| {
		let entry = entry.as_mut().expect("is in all lotteries");
		for resource in [Resource::Space, Resource::Compute, Resource::Uptime] {
			let terms = parameters.lottery(resource, T::Beacon::turn_length()).with(1);
			let kept = entry.kept_mut(resource).expect("is in all lotteries");
			for _ in 0..16 {
				kept.estimator_mut().win(&terms, SLOT + 20_000, &mut Default::default());
			}
		}
	});
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
		kernel: proof_of_compute_primitives::Kernel::V1,
		pending: 0,
	};
	Windows::<T>::insert(1, window);
	NextWindow::<T>::put(2);
	frame_system::Pallet::<T>::set_block_number(height + One::one());
	now::<T>(slot + 1);
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

/// An announcement of the window, signed.
fn announcement<T: Config>(key: &sr25519::Public, segment: u32) -> (SegmentWin, LotterySignature) {
	let win = SegmentWin {
		device: device().0,
		window: 1,
		segment,
	};
	let genesis = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
	let (window, entry) = (Windows::<T>::get(1).expect("was opened"), entry::<T>());
	let kept = entry.compute.expect("is in the lottery").kept;
	let payload = win.payload(&genesis, &Pallet::<T>::draw(&window, &kept).expect("some win"));
	let signature = sp_io::crypto::sr25519_sign(KEYSTORE, key, &payload).expect("the keystore has it");
	(win, signature.into())
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn on_initialize() {
		parameters::<T>();
		now::<T>(SLOT + 1);
		let height = frame_system::Pallet::<T>::block_number();

		#[block]
		{
			Pallet::<T>::on_initialize(height);
		}

		assert!(Rounds::<T>::iter_values().all(|round| round.opened < SLOT));
	}

	/// Two are opened, which are charged as one each.
	#[benchmark]
	fn open_round() {
		parameters::<T>();
		T::BenchmarkHelper::set_slot(SLOT - 13, SLOT);
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

	/// A cut of its claim would cost an event more.
	#[benchmark]
	fn win_space() {
		full_device::<T>();
		open::<T>();
		let_all_win::<T>();
		let before = entry::<T>();

		#[extrinsic_call]
		_(RawOrigin::Authorized, device(), 1, 0, long_proof());

		assert_ne!(entry::<T>(), before);
	}

	#[benchmark]
	fn authorize_win_space() {
		full_device::<T>();
		open::<T>();
		let_all_win::<T>();
		let answer;

		// It is valid but for its pairs, so that all is looked at but these, and their first.
		#[block]
		{
			answer = Pallet::<T>::authorize_space(&device(), 1, 0, &long_proof());
		}

		assert!(answer.is_err());
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

	#[benchmark]
	fn win_compute() {
		let (_, _, key) = full_device::<T>();
		open::<T>();
		let (win, signature) = announcement::<T>(&key, 1);

		#[extrinsic_call]
		_(RawOrigin::Authorized, win, signature);

		assert_eq!(WaitingFor::<T>::get().len(), 1);
	}

	#[benchmark]
	fn authorize_win_compute() -> Result<(), BenchmarkError> {
		let (_, _, key) = full_device::<T>();
		open::<T>();
		let (win, signature) = announcement::<T>(&key, 1);
		let call = Call::<T>::win_compute { win, signature };

		#[block]
		{
			call.authorize(TransactionSource::External)
				.ok_or("it is authorized by its signature")??;
		}

		Ok(())
	}

	/// A lie, while another announcement of its device waits: the device leaves all lotteries, its link ends, and its
	/// deposits are slashed. A win is credited, which writes less.
	#[benchmark]
	fn verify_segment() {
		let (_, _, key) = full_device::<T>();
		open::<T>();
		Parameters::<T>::mutate(|parameters| parameters.compute.verified = 1);
		let window = Windows::<T>::get(1).expect("was opened");
		let kept = entry::<T>().compute.expect("is in the lottery").kept;
		let (draw, mut pad) = (Pallet::<T>::draw(&window, &kept).expect("some win"), scratchpad());
		let mut loses = |segment: &u32| {
			let win = SegmentWin {
				device: device().0,
				window: 1,
				segment: *segment,
			};
			is_lie(&win, &draw, &mut pad)
		};
		// One in 24 wins by chance.
		let losing = (0..4).find(&mut loses).expect("not all win");
		for segment in [losing, (losing + 1) % 4] {
			assert_ok!(Pallet::<T>::do_announce(&announcement::<T>(&key, segment).0));
		}

		#[block]
		{
			Pallet::<T>::verify_announced(Weight::MAX);
		}

		assert!(WaitingFor::<T>::get().len() == 1 && Struck::<T>::contains_key(device()));
	}

	/// The VRF of the keystore's key cannot be evaluated by the runtime: dispatching looks at the output alone, and
	/// here every output wins.
	#[benchmark]
	fn pulse() {
		full_device::<T>();
		open::<T>();
		let_all_win::<T>();
		let shown = Pulse {
			device: device().0,
			round: 1,
			pre_output: [1; 32],
			proof: [1; 64],
		};

		#[extrinsic_call]
		_(RawOrigin::Authorized, shown);

		assert_eq!(entry::<T>().uptime.and_then(|uptime| uptime.won), Some(1));
	}

	/// A pulse of a key that is written down, under a challenge that is, too: its proof is looked at and valid.
	#[benchmark]
	fn authorize_pulse() -> Result<(), BenchmarkError> {
		full_device::<T>();
		open::<T>();
		let_all_win::<T>();
		Rounds::<T>::mutate(Resource::Uptime, |round| {
			round.as_mut().expect("was opened").challenge = unhex(PULSE[0]);
		});
		let owner = entry::<T>().owner;
		T::BenchmarkHelper::register(&device(), &owner, sr25519::Public::from_raw(unhex(PULSE[1])));
		let shown = Pulse {
			device: device().0,
			round: 1,
			pre_output: unhex(PULSE[2]),
			proof: unhex(PULSE[3]),
		};
		let call = Call::<T>::pulse { pulse: shown };

		#[block]
		{
			call.authorize(TransactionSource::External)
				.ok_or("it is authorized by its output")??;
		}

		Ok(())
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
