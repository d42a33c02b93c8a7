//! What transactions of peers may cost, and what becomes of those that cost more.

use super::{millis, SECOND};
use codec::{Decode, Encode};
use sc_network_transactions::config::TransactionImport;
use sc_network_types::PeerId;
use sc_transaction_pool_api::error::Error as PoolError;
use smartchain_runtime::{Address, RuntimeCall, Signature, TxExtension, UncheckedExtrinsic};
use smartchain_service::net::budget::{
	charge, is_general, Bringers, Budget, Cost, Ledger, Shares, Spent, Verdict, FALSE_SIGNATURE, INVALID, IN_VAIN,
	OVER_BUDGET, REPEATED, SHORTEST, TOO_SHORT,
};
use sp_core::{sr25519, H256};
use sp_runtime::{
	transaction_validity::{InvalidTransaction, UnknownTransaction},
	OpaqueExtrinsic,
};
use std::time::{Duration, Instant};

/// One that is dear is paid for in the end, however little its peer may spend.
#[test]
fn what_was_spent_last_is_made_up_for() {
	let (mut spent, start) = (Spent::default(), Instant::now());
	let share = INVALID.anyway;
	spent.spend(share, SECOND, start);
	assert!(
		!spent.is_open(share, start + 490 * SECOND),
		"a second, at 2 in a thousand"
	);
	assert!(spent.is_open(share, start + 495 * SECOND), "less the burst");
}

/// What validating a transaction takes.
const EACH: Duration = Duration::from_micros(300);

/// What is spent in a minute if so many peers bring transactions in vain all the time, and one more peer, that is
/// known, brings one a second; and how many of the latter are looked at.
fn besieged(shares: Shares, peers: usize) -> (Duration, usize) {
	let (mut ledger, start) = (Ledger::new(shares), Instant::now());
	let (hostile, honest): (Vec<_>, _) = ((0..peers).map(|_| PeerId::random()).collect(), PeerId::random());
	assert!(ledger.admits(Some(&honest), start));
	let (mut spent, mut seen) = (Duration::ZERO, 0);
	for step in 0..60_000 {
		let now = start + 60 * SECOND + millis(step);
		let hurried = (step % 1000 == 500).then_some(honest);
		for peer in hostile.iter().copied().chain(hurried) {
			if ledger.admits(Some(&peer), now) {
				ledger.spend(Some(&peer), EACH, now);
				spent += EACH;
				seen += usize::from(peer == honest);
			}
		}
	}
	(spent, seen)
}

#[test]
fn what_is_in_vain_costs_what_it_may_and_shuts_out_nobody_else() {
	for (shares, peers, least, most) in [
		(INVALID, 1, 1_200, 1_400),
		(INVALID, 20, 3_200, 3_400),
		(INVALID, 50, 5_500, 6_400),
		(IN_VAIN, 1, 6_500, 6_900),
		(IN_VAIN, 20, 9_900, 10_200),
		(IN_VAIN, 50, 14_000, 16_500),
	] {
		let (spent, seen) = besieged(shares, peers);
		let expected = millis(least)..millis(most);
		assert!(expected.contains(&spent), "{peers} peers: {spent:?} of a minute");
		assert_eq!(seen, 60, "{peers} peers");
	}
}

/// To come under another name every time costs nothing.
#[test]
fn whoever_comes_in_a_siege_is_listened_to_after_a_while() {
	let (mut ledger, start) = (Ledger::new(INVALID), Instant::now());
	ledger.spend(None, SECOND, start);
	for _ in 0..1_000 {
		assert!(!ledger.admits(Some(&PeerId::random()), start));
	}
	let newcomer = PeerId::random();
	assert!(!ledger.admits(Some(&newcomer), start) && !ledger.admits(Some(&newcomer), start + 4 * SECOND));
	assert!(ledger.admits(Some(&newcomer), start + 5 * SECOND));
	assert!(
		!ledger.admits(None, start + 5 * SECOND),
		"there is still nothing left for all"
	);
}

#[test]
fn a_transaction_that_nobody_is_known_to_have_brought_needs_what_is_for_all() {
	let (mut ledger, now) = (Ledger::new(INVALID), Instant::now());
	let known = PeerId::random();
	assert!(ledger.admits(None, now) && ledger.admits(Some(&known), now));
	ledger.spend(None, millis(251), now + 9 * SECOND);
	assert!(!ledger.admits(None, now + 9 * SECOND));
	assert!(ledger.admits(Some(&known), now + 9 * SECOND));
}

/// Whatever is validated and is not one more that is ready was in vain.
#[test]
fn nothing_is_validated_for_nothing() {
	let judged = |error, is_general| {
		let Verdict { told, cost, is_false } = Verdict::of_refused(&error, is_general);
		(matches!(told, TransactionImport::Bad), cost, is_false)
	};
	let of = |error| judged(error, false);
	assert_eq!(
		of(PoolError::TooLowPriority { old: 1, new: 1 }),
		(false, Cost::InVain, false)
	);
	assert_eq!(of(PoolError::ImmediatelyDropped), (false, Cost::InVain, false));
	assert_eq!(of(PoolError::AlreadyImported(Box::new(()))), (false, Cost::None, false));
	assert_eq!(of(PoolError::TemporarilyBanned), (true, Cost::None, false));
	for (invalid, is_false) in [
		(InvalidTransaction::BadProof, true),
		(InvalidTransaction::BadSigner, true),
		(InvalidTransaction::Stale, false),
		(InvalidTransaction::Payment, false),
	] {
		let error = PoolError::InvalidTransaction(invalid);
		assert_eq!(of(error), (true, Cost::Invalid, is_false), "{invalid:?}");
		// What is false on this fork may be true on another, if no account has signed it.
		let error = PoolError::InvalidTransaction(invalid);
		assert_eq!(judged(error, true), (true, Cost::Invalid, false), "{invalid:?}");
	}
	// Nobody's fault: another block says.
	for unknown in [UnknownTransaction::CannotLookup, UnknownTransaction::Custom(1)] {
		let error = PoolError::UnknownTransaction(unknown);
		assert_eq!(of(error), (false, Cost::Invalid, false), "{unknown:?}");
	}
	for (first, expected) in [(0x45, true), (0x84, false), (0x44, false), (0x05, false)] {
		let transaction = OpaqueExtrinsic::from_blob(vec![first, 0x45, 0]);
		assert_eq!(is_general(&transaction), expected, "{first:#x}");
	}
	assert!(!is_general(&OpaqueExtrinsic::from_blob(Vec::new())));
	assert_eq!(Verdict::UNKNOWN.cost, Cost::Invalid);

	let hash = H256::repeat_byte(1);
	let cost = |is_ready, is_more| Verdict::of_valid(hash, is_ready, is_more).cost;
	assert_eq!(cost(true, true), Cost::None, "it pays fees");
	assert_eq!(cost(true, false), Cost::InVain, "the work for another was");
	assert_eq!(
		(cost(false, false), cost(false, true)),
		(Cost::Early(hash), Cost::Early(hash))
	);
}

/// Somebody's transactions for which there is no place are not listened to after a while; of each kind.
#[test]
fn each_kind_of_work_in_vain_ends() {
	for cost in [Cost::InVain, Cost::Early(H256::zero()), Cost::Invalid] {
		let (mut budget, now) = (Budget::default(), Instant::now());
		let (hostile, honest) = (PeerId::random(), PeerId::random());
		let looked_at = (0..10_000)
			.take_while(|_| {
				let is_open = budget.admits(Some(&hostile), now);
				budget.spend(Some(&hostile), cost, EACH, now);
				is_open
			})
			.count();
		let burst = if cost == Cost::Invalid { INVALID } else { IN_VAIN }.each.burst;
		let expected = (burst.as_micros() / EACH.as_micros()) as usize;
		assert!((expected..expected + 2).contains(&looked_at), "{cost:?}: {looked_at}");
		assert!(budget.admits(Some(&honest), now), "{cost:?}");
	}
	let (mut budget, now) = (Budget::default(), Instant::now());
	let peer = PeerId::random();
	for _ in 0..10_000 {
		budget.spend(Some(&peer), Cost::None, EACH, now);
	}
	assert!(budget.admits(Some(&peer), now));
}

/// Transactions of an account that sends many in a row overtake each other: for five seconds in ten, all of a busy
/// chain that one peer brings come early, and are ready half a second later.
#[test]
fn what_comes_early_and_is_ready_in_the_end_costs_nothing() {
	let (mut budget, start) = (Budget::default(), Instant::now());
	let peer = PeerId::random();
	let mut early = Vec::new();
	for step in 0..60_000_u32 {
		let now = start + millis(step);
		assert!(budget.admits(Some(&peer), now), "at {step} ms");
		if step % 10_000 < 5_000 {
			let hash = H256::from_low_u64_be(step.into());
			budget.spend(Some(&peer), Cost::Early(hash), EACH, now);
			early.push((step, hash));
		}
		let looked_after = budget.look_after(now);
		assert!(looked_after.len() <= 2_048);
		for hash in looked_after {
			if early.iter().any(|(since, ready)| *ready == hash && step >= since + 500) {
				budget.is_ready(&hash, now);
			}
		}
		early.retain(|(since, _)| step < since + 700);
	}
}

#[test]
fn the_early_are_looked_after_ten_times_a_second_and_given_back_once() {
	let (mut budget, now) = (Budget::default(), Instant::now());
	let (peer, hash) = (PeerId::random(), H256::repeat_byte(1));
	assert!(budget.look_after(now).is_empty());
	for cost in [Cost::InVain, Cost::Early(hash)] {
		budget.spend(Some(&peer), cost, millis(751), now);
	}
	assert!(!budget.admits(Some(&peer), now));
	assert_eq!(budget.look_after(now), [hash]);
	assert!(budget.look_after(now + millis(99)).is_empty());
	assert_eq!(budget.look_after(now + millis(100)), [hash]);
	budget.is_ready(&hash, now);
	budget.is_ready(&hash, now);
	assert!(!budget.admits(Some(&peer), now), "what was in vain stays so");
	assert!(budget.admits(Some(&peer), now + millis(11)) && budget.look_after(now + SECOND).is_empty());
}

/// What comes over RPC is validated by the same workers.
#[test]
fn what_a_transaction_waits_is_not_its_peers_fault() {
	assert_eq!(charge(EACH, 150), EACH);
	assert_eq!(charge(SECOND, 150), millis(5));
	assert_eq!(
		charge(SECOND, 5 * 1024 * 1024),
		millis(517),
		"one of five megabytes is work"
	);
	let (mut budget, now) = (Budget::default(), Instant::now());
	let peer = PeerId::random();
	for _ in 0..10 {
		assert!(budget.admits(Some(&peer), now));
		budget.spend(Some(&peer), Cost::Invalid, charge(SECOND, 150), now);
	}
}

/// Whether a peer is banned within so many seconds in which it brings so many transactions each. The numbers are those
/// of the SDK: what any transaction costs, the threshold, and how much is forgiven each second.
fn is_banned(change: i32, each_second: i32, seconds: u32) -> bool {
	const ANY: i32 = 1 << 4;
	const THRESHOLD: i32 = 71 * (i32::MIN / 100);
	let mut balance = 0_i32;
	(0..seconds).any(|_| {
		balance = balance.saturating_add((change - ANY).saturating_mul(each_second));
		balance -= balance / 200;
		balance < THRESHOLD
	})
}

/// A flood that is not even looked at fills the queue of all others.
#[test]
fn a_flood_of_transactions_is_banned_and_a_busy_chain_is_not() {
	assert!(!is_banned(0, 200_000, 3_600), "without more than the SDK's, never");
	assert!(is_banned(OVER_BUDGET.value, 200_000, 2));
	assert!(is_banned(OVER_BUDGET.value, 20_000, 20));
	assert!(!is_banned(OVER_BUDGET.value, 1_000, 3_600));
	// One message has more of these.
	assert!(is_banned(REPEATED.value, 200_000, 2) && is_banned(TOO_SHORT.value, 1_500, 1));
	assert!(is_banned(FALSE_SIGNATURE.value, 1_500, 1));
	assert!(
		!is_banned(REPEATED.value, 8_192, 1),
		"a node that connects again brings its pool twice"
	);
}

/// A message could have millions of them: the handler takes those with one hash for one, and copies have no limit.
#[test]
fn no_two_transactions_that_are_too_short_are_taken_for_one() {
	let mut bringers = Bringers::default();
	let own = || H256::repeat_byte(1);
	assert_ne!(bringers.hash(1, own), bringers.hash(1, own));
	assert_ne!(bringers.hash(SHORTEST - 1, own), own());
	assert_eq!(bringers.hash(SHORTEST, own), own());
}

#[test]
fn the_shortest_transaction_is_longer_than_what_is_too_short() {
	// `System::remark` of nothing, and of all that a transaction carries the least.
	let call = RuntimeCall::decode(&mut &[0_u8; 3][..]).expect("a call");
	let extension = TxExtension::decode(&mut &[0_u8; 64][..]).expect("what it carries");
	let signature = Signature::Sr25519(sr25519::Signature::default());
	let address = Address::Id([0; 32].into());
	let shortest = UncheckedExtrinsic::new_signed(call, address, signature, extension);
	assert!(shortest.encoded_size() > SHORTEST);
	// Those that no account signs have a signature besides, and the call that it is in.
	assert!(SHORTEST <= sr25519::Signature::default().encoded_size());
}

/// The handler takes copies for one, all of which get what the first gets.
#[test]
fn whoever_brings_a_transaction_first_does_not_have_it_thrown_away_for_others() {
	let (mut bringers, hash) = (Bringers::default(), H256::repeat_byte(1));
	let (first, second, third) = (PeerId::random(), PeerId::random(), PeerId::random());
	let bring = |bringers: &mut Bringers, peer| {
		assert_eq!(bringers.hash(150, || hash), hash);
		bringers.reported(peer)
	};
	assert!(!bring(&mut bringers, first));
	assert_eq!(bringers.handed_over(), Some((hash, first)));
	assert_eq!(bringers.handed_over(), None, "once");
	bringers.wait(hash, first);
	assert!(!bring(&mut bringers, second) && !bring(&mut bringers, third));
	assert_eq!(bringers.handed_over(), None, "it waits already");
	assert_eq!(bringers.of(&hash), [first, second, third]);
	assert!(bring(&mut bringers, first) && bring(&mut bringers, third), "repeated");
	assert!(!bringers.reported(first), "for something else");
	for _ in 0..100 {
		bring(&mut bringers, PeerId::random());
	}
	assert_eq!(bringers.of(&hash).len(), 8);
	bringers.done(&hash);
	assert!(bringers.of(&hash).is_empty());
	assert!(!bring(&mut bringers, first));
	assert_eq!(bringers.handed_over(), Some((hash, first)), "again");
}
