//! Stored bytes, written down once by another program: what is on chain stays readable.

use crate::{mock::*, Aftermath, Announced, Case, Channel, Endpoint, Paid, Phase, Revealed, Reward, Tower};
use channel_primitives::{
	ChannelKey, Claim, Dispute, Half, Pending, PerSide, Resync, Resyncs, Reveal, Side, Stake, STCI,
};
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::BoundedVec;

/// A channel.
const CHANNEL_BYTES: &[&str] = &[
	"010101010101010101010101010101010101010101010101010101010101010102020202020202020202020202020202",
	"020202020202020202020202020202020303030303030303030303030303030303030303030303030303030303030303",
	"0404040404040404040404040404040404040404040404040404040404040404000000000a0000000000000000000000",
	"000000001400000000000000000000000000000001000000000000000000000000000000020000000000000000000000",
	"0000000000a3020001f40100000000000000000000000000000000",
];

/// A close.
const CASE_BYTES: &[&str] = &[
	"006400000078000000050000000000000000000000000000000600000000000000000000000000000007070707070707",
	"070707070707070707070707070707070707070707070707070100000107000000000000000800000000000000090000",
	"000000000000000000000000000a0000000000000000000000000000000b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
	"0b0b0b0b0b0b0b0b0b0b0b0b0b0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c040300",
	"000000000000040000000000000000000109090909090909090909090909090909090909090909090909090909090909",
	"0919000000000000000000000000000000020003",
	"00000000000000000700000000000000",
];

/// What a settlement leaves.
const AFTERMATH_BYTES: &[&str] = &[
	"7900000001011e0000000000000000000000000000001f0000000000000000000000000000000505050505050505050505",
	"05050505050505050505050505050505050505050564000000c800000000050000000000000000000000000000000900",
	"000000000000000000000000000007000000000000000000000000000000040300000000000000040000000000000000",
	"0401080808080808080808080808080808080808080808080808080808080808080802",
];

/// A reveal.
const REVEALED_BYTES: &[&str] = &[
	"4d000000030000000a000000060606060606060606060606060606060606060606060606060606060606060632000000",
	"000000000000000000000000",
];

/// A tower.
const TOWER_BYTES: &[&str] = &[
	"0202020202020202020202020202020202020202020202020202020202020202e8030000000000000000000000000000",
	"0163000000",
];

/// An endpoint.
const ANNOUNCED_BYTES: &[&str] = &[
	"03030303030303030303030303030303030303030303030303030303030303030c613a313c0000000000000000000000",
	"00000000",
];

fn account(byte: u8) -> AccountId {
	AccountId::new([byte; 32])
}

fn is<V: Encode + Decode + PartialEq + std::fmt::Debug + MaxEncodedLen>(value: V, golden: &[&str]) {
	let bytes: String = value.encode().iter().map(|byte| format!("{byte:02x}")).collect();
	assert_eq!(bytes, golden.concat());
	assert_eq!(V::decode(&mut &value.encode()[..]), Ok(value));
	assert!(bytes.len() / 2 <= V::max_encoded_len());
}

fn resyncs() -> PerSide<Resyncs> {
	let mut resyncs = PerSide::<Resyncs>::default();
	resyncs.low.add(Resync { held: 3, resume: 4 }).expect("there is room");
	resyncs
}

#[test]
fn channels_have_these_bytes() {
	let channel = Channel {
		accounts: PerSide {
			low: account(1),
			high: account(2),
		},
		keys: PerSide {
			low: ChannelKey([3; 32]),
			high: ChannelKey([4; 32]),
		},
		asset: STCI,
		stake: Stake {
			deposited: PerSide { low: 10, high: 20 },
			withdrawn: PerSide { low: 1, high: 2 },
		},
		window: 172_800,
		opener: Side::High,
		deposit: 500,
		phase: Phase::Open,
		rekeyed: false,
	};
	is(channel, CHANNEL_BYTES);
	assert!(Channel::<AccountId>::max_encoded_len() <= 330, "a channel is small");
}

#[test]
fn closes_have_these_bytes() {
	let half = Half {
		nonce: 7,
		ack: 8,
		transferred: 9,
		locked: 10,
		locks: [11; 32],
		memo: [12; 32],
	};
	let dispute = Dispute {
		closer: Side::Low,
		closed: 100,
		deadline: 120,
		claim: Claim {
			transferred: 5,
			locked: 6,
			locks: [7; 32],
		},
		recovery: true,
		corrected: false,
		halves: PerSide {
			low: None,
			high: Some(half),
		},
		resyncs: resyncs(),
	};
	let case = Case {
		dispute,
		rewards: PerSide {
			low: None,
			high: Some(Reward {
				to: account(9),
				amount: 25,
			}),
		},
		free_used: PerSide { low: 2, high: 0 },
		free: 3,
		let_in: PerSide { low: 0, high: 7 },
	};
	is(case, CASE_BYTES);
}

#[test]
fn settlements_have_these_bytes() {
	let pending = Pending {
		reserved: 30,
		locked: 31,
		locks: [5; 32],
		closed: 100,
		due: 200,
	};
	let paid = Paid {
		side: Side::High,
		tower: account(8),
	};
	let aftermath = Aftermath {
		at: 121,
		closer: Side::High,
		pending: PerSide {
			low: Some(pending),
			high: None,
		},
		transferred: PerSide { low: 5, high: 9 },
		let_in: PerSide { low: 7, high: 0 },
		resyncs: resyncs(),
		paid: BoundedVec::truncate_from(vec![paid]),
		free: 2,
	};
	is(aftermath, AFTERMATH_BYTES);
}

#[test]
fn reveals_towers_and_endpoints_have_these_bytes() {
	let reveal = Reveal {
		tick: 77,
		value: 3,
		total: 10,
	};
	let revealed = Revealed {
		reveal,
		by: account(6),
		deposit: 50,
	};
	is(revealed, REVEALED_BYTES);
	let tower = Tower {
		key: ChannelKey([2; 32]),
		bond: 1_000,
		leaves: Some(99),
	};
	is(tower, TOWER_BYTES);
	let endpoint = Endpoint {
		node: [3; 32],
		url: BoundedVec::truncate_from(b"a:1".to_vec()),
	};
	is(Announced { endpoint, deposit: 60 }, ANNOUNCED_BYTES);
}
