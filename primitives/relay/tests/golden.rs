//! What is signed, written down once by another program, and what its parts say.

use bounded_collections::BoundedVec;
use codec::{Decode, Encode, MaxEncodedLen};
use relay_primitives::{call_hash, wrapped, Chain, RelayAuth, Spend, STCI};

/// An authorization as it is sent.
const AUTH: &[&str] = &[
	"030303030303030303030303030303030303030303030303030303030303030304040404040404040404040404040404",
	"040404040404040404040404040404040000000000f2052a010000000000000000000000080000000007000000000000",
	"00000000000000000009000000ffffffffffffffffffffffffffffffff0600000000000000e8030000",
];

/// The hash of a call: `system.remark(0x2a)`.
const CALL: &str = "dfe809d48746cf12d8b9f3807f6c0bf0e19732a1fdad50990d426b1d50919fe0";

/// What is signed for it.
const PAYLOAD: &str = "98c9fea3f5fd50e72ba61efadb043ebf1ac6525deaf9b37ef41364fccb226257";

fn hex(bytes: &[u8]) -> String {
	bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn call() -> [u8; 32] {
	call_hash(&[0, 0, 4, 0x2a])
}

fn chain() -> Chain {
	Chain {
		genesis: [1; 32],
		transaction_version: 2,
	}
}

fn spend(list: &[(u32, u128)]) -> Vec<Spend> {
	list.iter().map(|&(asset, most)| Spend { asset, most }).collect()
}

fn auth() -> RelayAuth<[u8; 32]> {
	RelayAuth {
		signer: [3; 32],
		relayer: [4; 32],
		fee_asset: STCI,
		fee: 5_000_000_000,
		spend: BoundedVec::try_from(spend(&[(STCI, 7), (9, u128::MAX)])).expect("two of eight"),
		nonce: 6,
		valid_until: 1_000,
	}
}

#[test]
fn authorizations_have_these_bytes() {
	let bytes = auth().encode();
	assert_eq!(hex(&bytes), AUTH.concat());
	assert_eq!(RelayAuth::<[u8; 32]>::decode(&mut &bytes[..]), Ok(auth()));
	assert!(bytes.len() <= RelayAuth::<[u8; 32]>::max_encoded_len());
	assert_eq!(RelayAuth::<[u8; 32]>::max_encoded_len(), 257);
}

#[test]
fn what_is_signed_has_these_bytes() {
	assert_eq!(hex(&call()), CALL);
	assert_eq!(auth().preimage(&chain(), &call()).len(), 225);
	assert_eq!(hex(&auth().payload(&chain(), &call())), PAYLOAD);
	assert_eq!(wrapped(&[b'x'; 32]), b"<Bytes>xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx</Bytes>");
}

#[test]
fn nothing_can_be_changed_in_what_is_signed() {
	let payload = auth().payload(&chain(), &call());
	let change = |change: &dyn Fn(&mut RelayAuth<[u8; 32]>)| {
		let mut auth = auth();
		change(&mut auth);
		auth.payload(&chain(), &call())
	};
	let others = [
		change(&|auth| auth.signer = [4; 32]),
		change(&|auth| auth.relayer = [3; 32]),
		change(&|auth| auth.fee_asset = 1),
		change(&|auth| auth.fee += 1),
		change(&|auth| auth.spend = BoundedVec::truncate_from(spend(&[(STCI, 8), (9, u128::MAX)]))),
		change(&|auth| auth.spend = BoundedVec::default()),
		change(&|auth| auth.nonce += 1),
		change(&|auth| auth.valid_until += 1),
		auth().payload(
			&Chain {
				genesis: [2; 32],
				..chain()
			},
			&call(),
		),
		auth().payload(
			&Chain {
				transaction_version: 3,
				..chain()
			},
			&call(),
		),
		auth().payload(&chain(), &call_hash(&[0, 0, 4, 0x2b])),
	];
	for (number, other) in others.iter().enumerate() {
		assert_ne!(*other, payload, "change {number}");
	}
}

#[test]
fn an_asset_that_is_not_listed_may_not_become_less() {
	assert_eq!(auth().spend_of(STCI), 7);
	assert_eq!(auth().spend_of(9), u128::MAX);
	assert_eq!(auth().spend_of(1), 0);
}

#[test]
fn assets_are_listed_once_each_and_in_order() {
	for (list, expected) in [
		(&[][..], true),
		(&[(0, 1)][..], true),
		(&[(0, 1), (1, 1), (7, 1)][..], true),
		(&[(0, 1), (0, 1)][..], false),
		(&[(1, 1), (0, 1)][..], false),
		(&[(0, 1), (2, 1), (1, 1)][..], false),
	] {
		let mut auth = auth();
		auth.spend = BoundedVec::truncate_from(spend(list));
		assert_eq!(auth.is_ordered(), expected, "{list:?}");
	}
}

#[test]
fn no_more_than_eight_assets_are_listed() {
	let mut bytes = auth().encode();
	// The compact length of the list.
	bytes[84] = 9 << 2;
	bytes.extend([0; 9 * 20]);
	assert!(RelayAuth::<[u8; 32]>::decode(&mut &bytes[..]).is_err());
}
