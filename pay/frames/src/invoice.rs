//! Invoices: what a payee gives to a payer, as a text; and what travels with a payment.
//!
//! An invoice is made of a secret of the payee's, and the payee keeps nothing of it: each of its payments is locked
//! by a
//! hash whose preimage is a hash of that secret and of all that the invoice says. Who changes anything in it gets
//! another
//! hash, which the payee can not meet.

use crate::wire::{InvoiceTerms, NodeKey};
use channel_primitives::{Account, Condition, Hash, LeafWitness, Node, Witness};
use codec::{Decode, DecodeAll, Encode};
use sp_crypto_hashing::{blake2_256, sha2_256};

/// What an invoice begins with.
const PREFIX: &str = "scinv1";
/// Bytes of the checksum.
const SUM: usize = 4;
/// The most characters of an invoice.
const MOST: usize = 1_024;
/// The most bytes of its text.
pub const MAX_TEXT: usize = 64;

/// What a payee asks for.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Invoice {
	/// The first bytes of the chain's genesis: it is paid on no other.
	pub chain: [u8; 4],
	/// Who is paid.
	pub payee: Account,
	/// The key of its node.
	pub node: NodeKey,
	/// Where that listens; empty if nowhere.
	pub url: String,
	/// What it asks for.
	pub terms: InvoiceTerms,
	/// What its first payment is locked by. Those of others are asked for.
	pub first: Hash,
	/// What it is for, to be read by people.
	pub text: String,
}

impl Invoice {
	/// As a text without blanks.
	pub fn write(&self) -> String {
		let mut bytes = self.encode();
		bytes.extend_from_slice(&blake2_256(&bytes)[..SUM]);
		format!("{PREFIX}{}", bs58::encode(bytes).into_string())
	}

	/// From a text.
	///
	/// # Errors
	/// What is wrong with it.
	pub fn read(text: &str) -> Result<Self, String> {
		let text = text.trim();
		let bare = text
			.strip_prefix(PREFIX)
			.filter(|_| text.len() <= MOST)
			.ok_or_else(|| format!("this is no invoice: one begins with {PREFIX}; `smart-pay invoice` makes one"))?;
		let damaged = || "the invoice is damaged: a character is wrong or missing; copy it anew".to_owned();
		let bytes = bs58::decode(bare).into_vec().map_err(|_| damaged())?;
		let end = bytes.len().checked_sub(SUM).ok_or_else(damaged)?;
		let (body, sum) = bytes.split_at(end);
		if blake2_256(body).get(..SUM) != Some(sum) {
			return Err(damaged());
		}
		let invoice = Self::decode_all(&mut &body[..])
			.map_err(|_| "the invoice is of a newer program: update smart-pay".to_owned())?;
		if invoice.text.len() > MAX_TEXT || invoice.terms.amount == 0 {
			return Err(damaged());
		}
		Ok(invoice)
	}

	/// What payments of it name it by.
	pub fn memo(&self) -> Hash {
		memo(&self.terms)
	}
}

/// What payments of an invoice name it by.
pub fn memo(terms: &InvoiceTerms) -> Hash {
	(b"smart-pay invoice v1", terms).using_encoded(blake2_256)
}

/// The payee's secret.
#[derive(Clone)]
pub struct InvoiceSecret(Hash);

impl InvoiceSecret {
	/// Of 32 secret bytes that are used for nothing else.
	pub fn new(secret: Hash) -> Self {
		Self(secret)
	}

	/// What meets the lock of one payment.
	pub fn preimage(&self, terms: &InvoiceTerms, index: u32) -> Hash {
		(b"smart-pay preimage v1", self.0, terms, index).using_encoded(blake2_256)
	}

	/// The last value of the chain of hashes under one lock of a stream that this program pays. `drawn` is a random
	/// number of that stream alone: whoever had a chain twice would be paid by the second one for what it knows of the
	/// first.
	pub fn seed(&self, drawn: &[u8; 16], leg: u32) -> Hash {
		(b"smart-pay stream v1", self.0, drawn, leg).using_encoded(blake2_256)
	}

	/// What that payment is locked by.
	pub fn hash(&self, terms: &InvoiceTerms, index: u32) -> Hash {
		sha2_256(&self.preimage(terms, index))
	}
}

/// The condition of a lock by this hash.
pub fn hash_lock(hash: Hash) -> Condition {
	// One leaf is a condition: this never fails.
	Condition::new(vec![Node::Preimage { hash }]).unwrap_or_default()
}

/// What meets it.
pub fn shown(preimage: Hash) -> Witness {
	Witness(vec![LeafWitness::Preimage(preimage)].try_into().unwrap_or_default())
}

/// What a letter says to the payee: which payment it is. It does not say whose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Due {
	/// Its invoice.
	pub terms: InvoiceTerms,
	/// Which payment of it.
	pub index: u32,
}

impl Due {
	/// From what a letter says; none if it is none.
	pub fn read(said: &[u8]) -> Option<Self> {
		Self::decode_all(&mut &said[..]).ok()
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn invoice() -> Invoice {
		Invoice {
			chain: [1, 2, 3, 4],
			payee: [5; 32],
			node: [6; 32],
			url: "ws://127.0.0.1:9956".into(),
			terms: InvoiceTerms {
				amount: 1_000_000_000,
				expires: 1_790_000_000,
				nonce: [7; 16],
			},
			first: [8; 32],
			text: "tea".into(),
		}
	}

	#[test]
	fn an_invoice_is_read_as_it_was_written() {
		let text = invoice().write();
		assert!(text.starts_with(PREFIX) && text.len() < 300, "{text}");
		assert_eq!(Invoice::read(&format!(" {text}\n")), Ok(invoice()));
	}

	#[test]
	fn any_character_that_is_wrong_is_found() {
		let text = invoice().write();
		for at in PREFIX.len()..text.len() {
			let mut other: Vec<u8> = text.bytes().collect();
			other[at] = if other[at] == b'2' { b'3' } else { b'2' };
			let other = String::from_utf8(other).expect("ASCII");
			assert!(Invoice::read(&other).is_err(), "{at}");
		}
		for text in ["", "scinv1", "scinv1!", "lnbc1", &text[..text.len() - 1]] {
			assert!(Invoice::read(text).is_err(), "{text}");
		}
	}

	#[test]
	fn whoever_changes_an_invoice_gets_another_lock() {
		let secret = InvoiceSecret::new([9; 32]);
		let terms = invoice().terms;
		let cheaper = InvoiceTerms { amount: 1, ..terms };
		let later = InvoiceTerms {
			expires: u64::MAX,
			..terms
		};
		let all = [
			secret.hash(&terms, 0),
			secret.hash(&terms, 1),
			secret.hash(&cheaper, 0),
			secret.hash(&later, 0),
			InvoiceSecret::new([8; 32]).hash(&terms, 0),
		];
		let distinct: std::collections::BTreeSet<_> = all.into_iter().collect();
		assert_eq!(distinct.len(), all.len());
		let condition = hash_lock(secret.hash(&terms, 0));
		assert!(condition.check().is_ok());
	}

	#[test]
	fn what_is_due_fits_a_letter() {
		let due = Due {
			terms: invoice().terms,
			index: u32::MAX,
		};
		assert!(due.encode().len() <= smart_pay_routes::letter::MAX_LAST);
		assert_eq!(Due::read(&due.encode()), Some(due));
		assert_eq!(Due::read(&[9]), None);
	}

	/// Whoever makes an invoice makes its checksum too.
	#[test]
	fn damage_under_a_true_checksum_is_no_panic() {
		let mut rng = smartchain_rng::Rng::new(1);
		let mut read = 0;
		for round in 0..20_000 {
			let mut bytes = if round % 4 == 0 {
				let length = rng.below(300) as usize;
				rng.bytes(length)
			} else {
				invoice().encode()
			};
			for _ in 0..rng.below(4) {
				let at = rng.below(bytes.len() as u64) as usize;
				if let Some(byte) = bytes.get_mut(at) {
					*byte = rng.next_u64() as u8;
				}
			}
			let _ = Due::read(&bytes);
			let sum = blake2_256(&bytes);
			bytes.extend_from_slice(&sum[..SUM]);
			let text = format!("{PREFIX}{}", bs58::encode(&bytes).into_string());
			if let Ok(invoice) = Invoice::read(&text) {
				read += 1;
				assert!(invoice.text.len() <= MAX_TEXT && invoice.terms.amount > 0);
				assert_eq!(invoice.write(), text, "one invoice has one text");
			}
		}
		assert!(read > 1_000, "{read}");
	}
}
