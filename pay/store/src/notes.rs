//! What lies in the store beside the sheets, byte by byte.

use channel_primitives::Account;
use codec::{Decode, DecodeAll, Encode};
use smartchain_channel::Notice;

/// Bytes of a URL, at most: as many as the chain takes.
pub const MAX_URL: usize = 128;
/// The version of all values that are encoded here.
const VERSION: u8 = 1;

/// How somebody is reached: a partner, or a tower.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Reach {
	/// The key of its node.
	pub node: [u8; 32],
	/// Where it listens, such as `ws://203.0.113.7:9956`; empty if it calls and is never called. [`MAX_URL`] bytes at
	/// most.
	pub url: String,
}

impl Reach {
	/// Whether it has the length that it may have.
	pub fn is_sound(&self) -> bool {
		self.url.len() <= MAX_URL
	}
}

/// What is known of a channel that the machine does not need.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Contact {
	/// The partner's account.
	pub partner: Account,
	/// How it is reached, if that is known.
	pub reach: Option<Reach>,
	/// How the tower is reached, if there is one.
	pub tower: Option<Reach>,
}

impl Contact {
	pub(crate) fn is_sound(&self) -> bool {
		[&self.reach, &self.tower].into_iter().flatten().all(Reach::is_sound)
	}

	pub(crate) fn to_bytes(&self) -> Vec<u8> {
		(VERSION, self).encode()
	}

	pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
		let contact: Self = versioned(bytes)?;
		contact.is_sound().then_some(contact)
	}
}

/// Whose key it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub(crate) struct KeyRecord {
	/// The partner's account.
	pub partner: Account,
	/// The number of the key among those with this partner.
	pub number: u32,
}

impl KeyRecord {
	pub(crate) fn to_bytes(self) -> Vec<u8> {
		(VERSION, self).encode()
	}

	pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
		versioned(bytes)
	}
}

/// A notice as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
	/// Its number; the next one has the next.
	pub number: u64,
	/// When it was stored, in seconds of Unix time.
	pub unix: u64,
	/// What happened.
	pub notice: Notice,
}

impl Note {
	pub(crate) fn to_bytes(unix: u64, notice: &Notice) -> Vec<u8> {
		(VERSION, unix, notice).encode()
	}

	pub(crate) fn from_bytes(number: u64, bytes: &[u8]) -> Option<Self> {
		let (unix, notice) = versioned(bytes)?;
		Some(Self { number, unix, notice })
	}
}

fn versioned<Value: Decode>(bytes: &[u8]) -> Option<Value> {
	let (version, mut rest) = bytes.split_first()?;
	if *version != VERSION {
		return None;
	}
	Value::decode_all(&mut rest).ok()
}

#[cfg(test)]
mod tests {
	use super::*;

	fn hex(bytes: &[u8]) -> String {
		bytes.iter().map(|byte| format!("{byte:02x}")).collect()
	}

	/// Written out by hand from the layout in the crate's head.
	#[test]
	fn bytes_stay() {
		let contact = Contact {
			partner: [7; 32],
			reach: Some(Reach {
				node: [9; 32],
				url: "ws://a:1".into(),
			}),
			tower: None,
		};
		let expected = format!("01{}01{}20{}00", "07".repeat(32), "09".repeat(32), hex(b"ws://a:1"));
		assert_eq!(hex(&contact.to_bytes()), expected);
		assert_eq!(Contact::from_bytes(&contact.to_bytes()), Some(contact));

		let key = KeyRecord {
			partner: [7; 32],
			number: 258,
		};
		assert_eq!(hex(&key.to_bytes()), format!("01{}02010000", "07".repeat(32)));
		assert_eq!(KeyRecord::from_bytes(&key.to_bytes()), Some(key));

		let notice = Notice::DataLost(3);
		let bytes = Note::to_bytes(1_700_000_000, &notice);
		assert_eq!(hex(&bytes), "0100f1536500000000040300000000000000");
		let note = Note::from_bytes(5, &bytes).unwrap();
		assert_eq!((note.number, note.unix, note.notice), (5, 1_700_000_000, notice));
	}

	#[test]
	fn what_is_cut_short_too_long_or_newer_is_not_read() {
		let bytes = Note::to_bytes(1, &Notice::Gone(1));
		for end in 0..bytes.len() {
			assert_eq!(Note::from_bytes(0, &bytes[..end]), None);
		}
		let more = [bytes.as_slice(), &[0]].concat();
		assert_eq!(Note::from_bytes(0, &more), None);
		let mut newer = bytes;
		newer[0] = 2;
		assert_eq!(Note::from_bytes(0, &newer), None);
		let long = Contact {
			partner: [0; 32],
			reach: Some(Reach {
				node: [0; 32],
				url: "x".repeat(MAX_URL + 1),
			}),
			tower: None,
		};
		assert_eq!(Contact::from_bytes(&long.to_bytes()), None);
	}

	#[test]
	fn damaged_records_are_read_or_refused() {
		let contact = Contact {
			partner: [7; 32],
			reach: Some(Reach {
				node: [9; 32],
				url: "ws://a:1".into(),
			}),
			tower: None,
		};
		let key = KeyRecord {
			partner: [7; 32],
			number: 258,
		};
		let all = [
			contact.to_bytes(),
			key.to_bytes(),
			Note::to_bytes(1_700_000_000, &Notice::DataLost(3)),
		];
		let mut rng = smartchain_rng::Rng::new(1);
		let mut read = 0;
		for round in 0..20_000 {
			let mut bytes = all[round % all.len()].clone();
			for _ in 0..rng.below(4) {
				let at = rng.below(bytes.len() as u64) as usize;
				bytes[at] = rng.next_u64() as u8;
			}
			bytes.truncate(bytes.len() - usize::from(rng.percent(10)));
			if let Some(contact) = Contact::from_bytes(&bytes) {
				read += 1;
				assert_eq!(contact.to_bytes(), bytes);
			}
			if let Some(key) = KeyRecord::from_bytes(&bytes) {
				read += 1;
				assert_eq!(key.to_bytes(), bytes);
			}
			if let Some(note) = Note::from_bytes(0, &bytes) {
				read += 1;
				assert_eq!(Note::to_bytes(note.unix, &note.notice), bytes);
			}
		}
		assert!(read > 1_000, "{read}");
	}
}
