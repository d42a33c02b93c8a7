//! The weights of this pallet.
//!
//! Derived by hand, not measured: the numbers below are an upper estimate of the work, in terms of the storage items touched and
//! of the time to decode and encode them, until a benchmark run on reference hardware replaces them. Those of the sorted list
//! are for `pallet_bags_list`: an insertion or a removal reads and writes a node, its two neighbours, up to two bags and the
//! count; moving a node is both.

use core::marker::PhantomData;
use frame_support::{
	traits::Get,
	weights::{constants::WEIGHT_REF_TIME_PER_NANOS, Weight},
};

/// What this pallet's calls and hooks cost.
pub trait WeightInfo {
	/// A candidate that comes first into the list.
	fn register() -> Weight;
	/// More bond.
	fn bond_more() -> Weight;
	/// A candidate in the middle of the list leaves, with `b` ballots open.
	fn leave(b: u32) -> Weight;
	/// A bond is released.
	fn withdraw_bond() -> Weight;
	/// A vote that moves its candidate in the list, of a holder with as many votes as it may have.
	fn vote() -> Weight;
	/// Votes taken back, so that the candidate moves in the list.
	fn unvote() -> Weight;
	/// As many chunks as there may be are due.
	fn unlock() -> Weight;
	/// The deciding vote to admit, with `b` lapsed ballots to drop.
	fn admit(b: u32) -> Weight;
	/// The deciding vote to remove a director that the last standby replaces, with `b` lapsed ballots to drop.
	fn eliminate(b: u32) -> Weight;
	/// A report of `l` latencies.
	fn report_latencies(l: u32) -> Weight;
	/// A heartbeat of the last of as many absent as there may be.
	fn heartbeat() -> Weight;
	/// Checking that heartbeat, its signature among others.
	fn authorize_heartbeat() -> Weight;
	/// The parameters.
	fn set_parameters() -> Weight;
	/// An election that looks at `n` nodes, with all seats taken, all latencies reported, as many absent removed as may be and points
	/// of an era dropped.
	fn era_started(n: u32) -> Weight;
	/// A director is isolated, and the last standby takes its seat.
	fn turns_missed() -> Weight;
	/// A block of a director that was on probation.
	fn authored() -> Weight;
	/// A director equivocated, and the last standby takes its seat.
	fn offended() -> Weight;
}

/// By hand; see the head of this file.
pub struct HandDerived<T>(PhantomData<T>);

/// Nanoseconds as weight.
fn nanos(nanos: u64) -> Weight {
	Weight::from_parts(nanos.saturating_mul(WEIGHT_REF_TIME_PER_NANOS), 0)
}

impl<T: crate::Config> HandDerived<T> {
	fn db(reads: u64, writes: u64) -> Weight {
		T::DbWeight::get().reads_writes(reads, writes)
	}

	/// An insertion into the list or a removal from it.
	fn list() -> Weight {
		nanos(15_000).saturating_add(Self::db(6, 6))
	}

	/// Directors and standby signers, decoded.
	fn offices() -> Weight {
		let nodes = u64::from(T::MaxDirectors::get()).saturating_mul(2);
		nanos(nodes.saturating_mul(40)).saturating_add(Self::db(2, 0))
	}

	/// A candidacy that ends: Candidates, TotalVotes, VotesOn, Absences, Ballots, the votes of two; the list.
	fn stop_standing() -> Weight {
		let absences = u64::from(T::MaxAbsences::get());
		let ballots = u64::from(T::MaxBallots::get());
		nanos(20_000u64.saturating_add(absences.saturating_add(ballots).saturating_mul(100)))
			.saturating_add(Self::db(7, 6))
			.saturating_add(Self::list())
	}

	/// A seat that is handed over, after all standbys but the last were found unfit: for each its candidacy and its keys. Absences
	/// are decoded for each: 40 ns an entry. Writes the seats and their followers, the standbys, the latencies.
	fn hand_over_seat() -> Weight {
		let standbys = u64::from(T::MaxDirectors::get());
		let absences = u64::from(T::MaxAbsences::get());
		let each = absences.saturating_mul(40).saturating_add(4_000);
		nanos(standbys.saturating_mul(each).saturating_add(30_000))
			.saturating_add(Self::db(standbys.saturating_mul(2).saturating_add(6), 6))
			.saturating_add(Self::offices())
	}

	/// `b` ballots that lapsed: each its votes. And the deciding ballot: 99 accounts decoded, sorted and encoded.
	fn motion(b: u32) -> Weight {
		let directors = u64::from(T::MaxDirectors::get());
		nanos(20_000u64.saturating_add(directors.saturating_mul(200)))
			.saturating_add(nanos(2_000).saturating_add(Self::db(0, 1)).saturating_mul(b.into()))
			.saturating_add(Self::db(6, 4))
			.saturating_add(Self::offices())
	}
}

impl<T: crate::Config> WeightInfo for HandDerived<T> {
	fn register() -> Weight {
		// Candidates and their count, Sanctions, Parameters, keys, the account and its holds, TotalVotes, VotesOn, the competence and
		// its total; two divisions of 256 bits.
		nanos(40_000)
			.saturating_add(Self::db(11, 6))
			.saturating_add(Self::list())
	}

	fn bond_more() -> Weight {
		// Candidates, the account and its holds.
		nanos(25_000).saturating_add(Self::db(3, 3))
	}

	fn leave(b: u32) -> Weight {
		nanos(10_000)
			.saturating_add(nanos(100).saturating_mul(b.into()))
			.saturating_add(Self::stop_standing())
	}

	fn withdraw_bond() -> Weight {
		// Candidates and their count, the era, the account and its holds.
		nanos(30_000)
			.saturating_add(Self::db(5, 4))
			.saturating_add(Self::offices())
	}

	fn vote() -> Weight {
		// Candidates, Voters, Parameters, the account and its holds, VotesOn, TotalVotes, the competence and its total. The list twice:
		// out and in.
		nanos(45_000)
			.saturating_add(Self::db(9, 5))
			.saturating_add(Self::list().saturating_mul(2))
	}

	fn unvote() -> Weight {
		Self::vote()
	}

	fn unlock() -> Weight {
		// Voters, the era, the account and its holds.
		nanos(35_000).saturating_add(Self::db(4, 3))
	}

	fn admit(b: u32) -> Weight {
		Self::motion(b)
			.saturating_add(nanos(15_000))
			.saturating_add(Self::db(4, 1))
			.saturating_add(Self::list().saturating_mul(2))
	}

	fn eliminate(b: u32) -> Weight {
		Self::motion(b)
			.saturating_add(nanos(15_000))
			.saturating_add(Self::db(2, 2))
			.saturating_add(Self::stop_standing())
			.saturating_add(Self::hand_over_seat())
	}

	fn report_latencies(l: u32) -> Weight {
		// Latencies and their count.
		nanos(20_000u64.saturating_add(u64::from(l).saturating_mul(500)))
			.saturating_add(Self::db(2, 2))
			.saturating_add(Self::offices())
	}

	fn heartbeat() -> Weight {
		// Absences, the block number, a hash.
		let absences = u64::from(T::MaxAbsences::get());
		nanos(15_000u64.saturating_add(absences.saturating_mul(100))).saturating_add(Self::db(3, 1))
	}

	fn authorize_heartbeat() -> Weight {
		// As above without the write; the node's keys; 60 us for an sr25519 signature.
		let absences = u64::from(T::MaxAbsences::get());
		nanos(80_000u64.saturating_add(absences.saturating_mul(50))).saturating_add(Self::db(4, 0))
	}

	fn set_parameters() -> Weight {
		nanos(15_000).saturating_add(Self::db(0, 1))
	}

	fn era_started(n: u32) -> Weight {
		// For each node looked at: Candidates, VotesOn, its competence, keys, a sanction, its entry in the list; 12 us for two divisions of
		// 256 bits, decoding, and its part of sorting three times.
		let node = nanos(12_000).saturating_add(Self::db(6, 0));
		// For each director: its latencies, which are as many as there are directors; its candidacy written; what it reported or
		// earned an era ago removed, and the same of its standby. The tour is quadratic: 30 ns for each pair.
		let directors = u64::from(T::MaxDirectors::get());
		let director = nanos(5_000u64.saturating_add(directors.saturating_mul(110))).saturating_add(Self::db(1, 6));
		// The bags that may be empty are read all the same. Fixed: Parameters, Absences, TotalVotes, total competence, the standbys of two
		// kinds, ErasWithPoints, the seats and their followers.
		let bags = u64::try_from(crate::rank::BAG_THRESHOLDS.len()).unwrap_or(u64::MAX);
		let removals = u64::from(crate::failover::MAX_REMOVALS);
		nanos(100_000)
			.saturating_add(node.saturating_mul(n.into()))
			.saturating_add(director.saturating_mul(directors))
			.saturating_add(Self::stop_standing().saturating_mul(removals))
			.saturating_add(Self::db(bags.saturating_add(12), 12))
	}

	fn turns_missed() -> Weight {
		// Parameters, Absences, Replacements, Candidates. Where there is no room, the earliest absent node is removed, which may hold a
		// seat.
		nanos(25_000)
			.saturating_add(Self::db(5, 3))
			.saturating_add(Self::hand_over_seat().saturating_mul(2))
			.saturating_add(Self::stop_standing())
	}

	fn authored() -> Weight {
		// Absences, ErasWithPoints, Points, TotalPoints.
		let absences = u64::from(T::MaxAbsences::get());
		nanos(15_000u64.saturating_add(absences.saturating_mul(80)))
			.saturating_add(Self::db(4, 3))
			.saturating_add(Self::offices())
	}

	fn offended() -> Weight {
		// Sanctions, Parameters, Candidates, the account and its holds, whoever gets the slash.
		nanos(50_000)
			.saturating_add(Self::db(6, 6))
			.saturating_add(Self::stop_standing())
			.saturating_add(Self::hand_over_seat())
	}
}

/// For tests.
impl WeightInfo for () {
	fn register() -> Weight {
		Weight::zero()
	}

	fn bond_more() -> Weight {
		Weight::zero()
	}

	fn leave(_: u32) -> Weight {
		Weight::zero()
	}

	fn withdraw_bond() -> Weight {
		Weight::zero()
	}

	fn vote() -> Weight {
		Weight::zero()
	}

	fn unvote() -> Weight {
		Weight::zero()
	}

	fn unlock() -> Weight {
		Weight::zero()
	}

	fn admit(_: u32) -> Weight {
		Weight::zero()
	}

	fn eliminate(_: u32) -> Weight {
		Weight::zero()
	}

	fn report_latencies(_: u32) -> Weight {
		Weight::zero()
	}

	fn heartbeat() -> Weight {
		Weight::zero()
	}

	fn authorize_heartbeat() -> Weight {
		Weight::zero()
	}

	fn set_parameters() -> Weight {
		Weight::zero()
	}

	fn era_started(_: u32) -> Weight {
		Weight::zero()
	}

	fn turns_missed() -> Weight {
		Weight::zero()
	}

	fn authored() -> Weight {
		Weight::zero()
	}

	fn offended() -> Weight {
		Weight::zero()
	}
}
