//! I7: a signature counts for no other chain, channel, side, asset or kind of message.

use crate::workbench::{half, lock, locks};
use channel_primitives::{
	Accept, BundleError, ChainWitness, ChannelKey, ChannelSignature, Claim, CloseTogether, Context, Half, Hash, Locks,
	Payload, PerSide, Receipt, Recovery, Rekey, Resync, Side, Signed, Statement, Submit, Terms, Watch, WatchV1,
	Withdraw, DOMAIN,
};
use codec::MaxEncodedLen;
use proptest::prelude::*;
use sp_core::{ed25519, Pair};
use std::collections::BTreeSet;

pub fn context() -> Context {
	Context {
		genesis: [7; 32],
		channel: 0x0102_0304_0506_0708,
		asset: 9,
		side: Side::High,
	}
}

pub fn pair(side: Side) -> ed25519::Pair {
	ed25519::Pair::from_seed(&[1 + side as u8; 32])
}

pub fn key(pair: &ed25519::Pair) -> ChannelKey {
	ChannelKey(pair.public().0)
}

pub fn sign<Body: Payload>(pair: &ed25519::Pair, context: &Context, body: Body) -> Signed<Body> {
	let signature = ChannelSignature(pair.sign(&body.payload(context)).0);
	Signed { body, signature }
}

pub fn verify(key: &ChannelKey, payload: &Hash, signature: &ChannelSignature) -> bool {
	let key = ed25519::Public::from_raw(key.0);
	ed25519::Pair::verify(&ed25519::Signature::from_raw(signature.0), payload, &key)
}

/// One message of each kind, as the bytes that are hashed.
pub fn all(context: &Context) -> Vec<(&'static str, Vec<u8>)> {
	let list = locks(&[lock(Side::High, 3, 5), lock(Side::High, 4, 6)]);
	let half = Half {
		memo: [8; 32],
		..half(1, 2, 3, &list)
	};
	let claim = Claim::new(3, &list);
	let submit = Submit {
		half: half.payload(&context.of_partner()),
		tower: Some([6; 32]),
		reward: 10,
	};
	let receipt = Receipt {
		side: Side::Low,
		nonce: 16,
		until: 17,
		cover: 18,
	};
	let resync = Resync {
		held: 21,
		resume: Resync::resume_at(22),
	};
	let chain_witness = ChainWitness {
		condition: [22; 32],
		steps: 23,
	};
	let mut all = vec![
		("half", half.preimage(context)),
		("submit", submit.preimage(context)),
		("receipt", receipt.preimage(context)),
		("claim", claim.preimage(context)),
		("resync", resync.preimage(context)),
		("recovery", Recovery(claim).preimage(context)),
		("chain-witness", chain_witness.preimage(context)),
		("statement", Statement { digest: [24; 32] }.preimage(context)),
	];
	all.extend(agreements(context));
	all.sort_by_key(|(_, bytes)| bytes[DOMAIN.len()]);
	all
}

/// What both sides sign, and what the account of one does.
fn agreements(context: &Context) -> [(&'static str, Vec<u8>); 4] {
	let key = ChannelKey([4; 32]);
	let withdraw = Withdraw {
		side: Side::Low,
		total: 11,
		expiry: 12,
	};
	let together = CloseTogether {
		pay: PerSide { low: 13, high: 14 },
		expiry: 15,
	};
	let rekey = Rekey { side: Side::High, key };
	let terms = Terms {
		keys: PerSide {
			low: key,
			high: ChannelKey([5; 32]),
		},
		window: 172_800,
	};
	let accept = Accept {
		terms,
		opener: [19; 32],
		expiry: 20,
	};
	[
		("withdraw", withdraw.preimage(context)),
		("close-together", together.preimage(context)),
		("rekey", rekey.preimage(context)),
		("accept", accept.preimage(context)),
	]
}

#[test]
fn each_kind_has_a_number_of_its_own_behind_the_domain() {
	let all = all(&context());
	let kinds: BTreeSet<u8> = all.iter().map(|(_, bytes)| bytes[DOMAIN.len()]).collect();
	assert_eq!(kinds, (1..=12).collect::<BTreeSet<u8>>());
	assert!(all.iter().all(|(_, bytes)| bytes.starts_with(DOMAIN)));
}

#[test]
fn a_signature_is_of_one_context_and_one_key() {
	let (low, high) = (pair(Side::Low), pair(Side::High));
	let here = context();
	let signed = sign(&high, &here, Resync { held: 4, resume: 9 });
	assert!(signed.is_by(&key(&high), &here, verify));
	assert!(!signed.is_by(&key(&low), &here, verify));
	let others = [
		Context {
			genesis: [8; 32],
			..here
		},
		Context { channel: 1, ..here },
		Context { asset: 0, ..here },
		here.of_partner(),
		Context::of_chain(here.genesis),
	];
	for other in others {
		assert!(!signed.is_by(&key(&high), &other, verify), "{other:?}");
	}
	let mut changed = signed;
	changed.body.held += 1;
	assert!(!changed.is_by(&key(&high), &here, verify));
	assert_eq!(here.of_partner().of_partner(), here);
}

/// If a withdrawal did not name who takes out, a side that consents to its partner's would have signed one of its own,
/// and the other way round: whoever gets both signatures first takes out instead.
#[test]
fn consent_to_a_withdrawal_is_no_withdrawal_of_ones_own() {
	let of = |side| Withdraw {
		side,
		total: 10,
		expiry: 50,
	};
	assert_ne!(of(Side::Low).payload(&context()), of(Side::High).payload(&context()));
	// The context alone says who signs.
	assert_ne!(
		of(Side::Low).payload(&context()),
		of(Side::Low).payload(&context().of_partner())
	);
}

#[test]
fn a_tower_looks_at_what_it_is_given() {
	let keys = PerSide::from_fn(|side| key(&pair(side)));
	let here = context();
	let (own, partner) = (pair(Side::High), pair(Side::Low));
	let list = locks(&[lock(Side::Low, 1, 5)]);
	let newest = half(4, 0, 9, &list);
	let word = Submit {
		half: newest.payload(&here.of_partner()),
		tower: None,
		reward: 1,
	};
	let watch = WatchV1 {
		context: here,
		half: sign(&partner, &here.of_partner(), newest),
		submit: sign(&own, &here, word),
		locks: list.clone(),
	};
	assert_eq!(watch.check(&keys, &verify), Ok(()));
	let mut wrong = watch.clone();
	wrong.locks = Locks::default();
	assert_eq!(wrong.check(&keys, &verify), Err(BundleError::OtherLocks));
	let mut wrong = watch.clone();
	wrong.submit.body.half = newest.payload(&here);
	assert_eq!(wrong.check(&keys, &verify), Err(BundleError::OtherHalf));
	let mut wrong = watch.clone();
	wrong.half = sign(&own, &here.of_partner(), newest);
	assert_eq!(wrong.check(&keys, &verify), Err(BundleError::BadSignature));
	let mut wrong = watch.clone();
	wrong.submit = sign(&partner, &here, word);
	assert_eq!(wrong.check(&keys, &verify), Err(BundleError::BadSignature));
	assert!(Watch::max_encoded_len() < 4_300, "{}", Watch::max_encoded_len());
}

/// What was signed for a word about lost data lets no half in, nor one side's the other's.
#[test]
fn what_may_be_brought_is_one_thing() {
	let here = context();
	let (newest, word) = (half(4, 0, 9, &Locks::default()), Resync { held: 4, resume: 9 });
	let submit = |half| Submit {
		half,
		tower: None,
		reward: 0,
	};
	let (of_half, of_word) = (
		submit(newest.payload(&here.of_partner())),
		submit(word.payload(&here.of_partner())),
	);
	assert!(of_half.is_for(&newest, &here) && of_word.is_for(&word, &here));
	assert!(!of_half.is_for(&word, &here) && !of_word.is_for(&newest, &here));
	assert!(!of_word.is_for(&word, &here.of_partner()));
}

fn any_context() -> impl Strategy<Value = Context> {
	(0..3_u8, 0..3_u64, 0..3_u32, any::<bool>()).prop_map(|(genesis, channel, asset, high)| Context {
		genesis: [genesis; 32],
		channel,
		asset,
		side: if high { Side::High } else { Side::Low },
	})
}

proptest! {
	/// Two messages have the same bytes only if they are one: kind, context and body.
	#[test]
	fn no_two_messages_have_the_same_bytes(one in any_context(), other in any_context()) {
		for (a, (_, first)) in all(&one).iter().enumerate() {
			for (b, (_, second)) in all(&other).iter().enumerate() {
				prop_assert_eq!(first == second, a == b && one == other);
				// Nor does one begin another, so that none can be read as another with something behind it.
				prop_assert!(first == second || !first.starts_with(second));
			}
		}
	}

	#[test]
	fn each_number_of_a_half_is_signed(which in 0..6_usize, bit in 0..64_u32) {
		let list = locks(&[lock(Side::High, 3, 5)]);
		let one = half(1, 2, 3, &list);
		let mut other = one;
		let place = (bit / 8) as usize;
		match which {
			0 => other.nonce ^= 1 << bit,
			1 => other.ack ^= 1 << bit,
			2 => other.transferred ^= 1 << bit,
			3 => other.locked ^= 1 << bit,
			4 => other.locks[place] ^= 1 << (bit % 8),
			_ => other.memo[place] ^= 1 << (bit % 8),
		}
		prop_assert_ne!(one.payload(&context()), other.payload(&context()));
	}
}
