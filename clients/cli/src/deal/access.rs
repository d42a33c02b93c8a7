//! Who can open what: the secret that opens key boxes, what boxes are bound to, and the code by which others share.
//!
//! All derives from the phrase: `DeviceSecret` of the name `storage`, and of that the secret for `volume key boxes`.

use crate::failure::Failure;
use rand_core::{OsRng, RngCore};
use smart_agent_keys::{DeviceName, DeviceSecret, NameError, Owner, Phrase};
use smartchain_slots::{wrap_key, BoxSecret, VolumeKey, BOX};
use sp_core::{sr25519, Pair};
use zeroize::Zeroizing;

/// The name by which keys for storage derive.
const DEVICE: &str = "storage";
/// What the secret of boxes is derived for.
const PURPOSE: &[u8] = b"volume key boxes";
/// What boxes of deals are bound to, beside chain and reader.
const CONTEXT: &[u8] = b"SmartChain deal key v1";
/// What is signed of a code begins with this.
const CODE_DOMAIN: &[u8] = b"smart share code v1";
/// The version of a code, its first byte.
const CODE_VERSION: u8 = 1;

/// The keys of an account.
pub struct Access {
	/// That of its account.
	pub owner: Owner,
	boxes: BoxSecret,
	genesis: [u8; 32],
}

impl Access {
	/// Of a phrase, on the chain of a genesis.
	///
	/// # Errors
	/// None for a sound phrase.
	pub fn new(phrase: &Phrase, genesis: [u8; 32]) -> Result<Self, Failure> {
		let name: DeviceName = DEVICE
			.parse()
			.map_err(|error: NameError| Failure::other(error.to_string()))?;
		let secret = DeviceSecret::derive(phrase, &name)?.derived(PURPOSE);
		Ok(Self {
			owner: Owner::new(phrase)?,
			boxes: BoxSecret::derive(&secret),
			genesis,
		})
	}

	/// The account.
	pub fn account(&self) -> [u8; 32] {
		self.owner.account()
	}

	/// What others wrap keys for this account with, signed by it. It is another text each time, and each is as good.
	pub fn code(&self) -> String {
		let public = self.boxes.public();
		let signature = self
			.owner
			.pair()
			.sign(&code_payload(&self.genesis, &self.account(), &public));
		let bytes = [&[CODE_VERSION][..], &public, &signature.0].concat();
		bytes.iter().map(|byte| format!("{byte:02x}")).collect()
	}

	/// A key for a new volume, and the box in which it lies on chain for this account.
	///
	/// # Errors
	/// If the system gives no random numbers.
	pub fn new_key(&self) -> Result<(VolumeKey, [u8; BOX]), Failure> {
		let key = VolumeKey::new(*chance()?);
		let wrapped = self.wrap(&key, &self.account(), &self.boxes.public())?;
		Ok((key, wrapped))
	}

	/// Wraps a volume's key for a reader with this public key.
	///
	/// # Errors
	/// If the public key is none; if the system gives no random numbers.
	pub fn wrap(&self, key: &VolumeKey, reader: &[u8; 32], public: &[u8; 32]) -> Result<[u8; BOX], Failure> {
		Ok(wrap_key(key, public, &context(&self.genesis, reader), *chance()?)?)
	}

	/// Opens a box that is for this account.
	///
	/// # Errors
	/// If it is not, or is of another version.
	pub fn open(&self, wrapped: &[u8]) -> Result<VolumeKey, Failure> {
		let wrapped: &[u8; BOX] = wrapped
			.try_into()
			.map_err(|_| Failure::from(smartchain_slots::Error::KeyBox))?;
		Ok(self.boxes.open(wrapped, &context(&self.genesis, &self.account()))?)
	}
}

/// Bytes of the system's random numbers.
fn chance() -> Result<Zeroizing<[u8; 32]>, Failure> {
	let mut bytes = Zeroizing::new([0; 32]);
	OsRng.try_fill_bytes(&mut bytes[..]).map_err(|error| {
		Failure::other(format!(
			"the system gives no random numbers: {error}; do not make keys on it"
		))
	})?;
	Ok(bytes)
}

/// What a box is bound to: this chain, and who reads.
fn context(genesis: &[u8; 32], reader: &[u8; 32]) -> Vec<u8> {
	[CONTEXT, genesis, reader].concat()
}

/// What an account signs of its code, which is `version | key | signature` in hexadecimal digits: whoever carries it
/// cannot put a key of its own into it.
fn code_payload(genesis: &[u8; 32], account: &[u8; 32], public: &[u8; 32]) -> Vec<u8> {
	[CODE_DOMAIN, genesis, account, public].concat()
}

/// The public key in a code, if it is the code of this account on the chain of a genesis.
///
/// # Errors
/// What is wrong with it.
pub fn read_code(text: &str, account: &[u8; 32], genesis: &[u8; 32]) -> Result<[u8; 32], String> {
	let wrong = |why: &str| {
		Err(format!(
			"`{}` is no code of this address: {why}; copy both anew from `smart wallet address` on the other's machine",
			crate::plain(&text.chars().take(80).collect::<String>())
		))
	};
	let Ok(bytes) = sp_core::bytes::from_hex(&format!("0x{}", text.trim())) else {
		return wrong("it has other characters than hexadecimal digits");
	};
	let Some((version, rest)) = bytes.split_first() else {
		return wrong("it is empty");
	};
	if *version != CODE_VERSION {
		return wrong("it is of another version");
	}
	let Some((public, signature)) = rest.split_first_chunk::<32>() else {
		return wrong("it is too short");
	};
	let Ok(signature) = <[u8; 64]>::try_from(signature) else {
		return wrong("it is too short or too long");
	};
	let (signature, by) = (
		sr25519::Signature::from_raw(signature),
		sr25519::Public::from_raw(*account),
	);
	if !sr25519::Pair::verify(&signature, code_payload(genesis, account, public), &by) {
		return wrong("this address on this chain has not signed it");
	}
	Ok(*public)
}

#[cfg(test)]
mod tests {
	use super::*;

	const WORDS: &str = "legal winner thank year wave sausage worth useful legal winner thank yellow";

	fn access(words: &str, genesis: u8) -> Access {
		Access::new(&Phrase::parse(words).unwrap(), [genesis; 32]).unwrap()
	}

	#[test]
	fn a_phrase_opens_its_boxes_on_another_machine() {
		let (key, wrapped) = access(WORDS, 1).new_key().unwrap();
		let opened = access(WORDS, 1).open(&wrapped).unwrap();
		assert_eq!(opened.secret(), key.secret());
		assert!(access(WORDS, 2).open(&wrapped).is_err(), "of another chain");
		let other = Phrase::generate(12).unwrap();
		assert!(access(other.words(), 1).open(&wrapped).is_err(), "of another account");
		assert!(access(WORDS, 1).open(&wrapped[1..]).is_err());
		let (again, _) = access(WORDS, 1).new_key().unwrap();
		assert_ne!(again.secret(), key.secret(), "each volume has its own");
	}

	#[test]
	fn a_key_is_shared_by_the_others_code() {
		let (ours, theirs) = (access(WORDS, 1), access(Phrase::generate(12).unwrap().words(), 1));
		let (key, _) = ours.new_key().unwrap();
		let public = read_code(&theirs.code(), &theirs.account(), &[1; 32]).unwrap();
		let wrapped = ours.wrap(&key, &theirs.account(), &public).unwrap();
		assert_eq!(theirs.open(&wrapped).unwrap().secret(), key.secret());
		assert!(ours.open(&wrapped).is_err());
	}

	#[test]
	fn codes_belong_to_one_address() {
		let ours = access(WORDS, 1);
		assert_eq!(ours.code().len(), 194);
		assert!(read_code(&format!(" {}\n", ours.code()), &ours.account(), &[1; 32]).is_ok());
		let said = read_code(&ours.code(), &[9; 32], &[1; 32]).unwrap_err();
		assert!(
			said.contains("has not signed") && said.contains("smart wallet address"),
			"{said}"
		);
		assert!(
			read_code(&ours.code(), &ours.account(), &[2; 32]).is_err(),
			"of another chain"
		);
		for wrong in ["", "01", "zz", &ours.code()[2..], &format!("02{}", &ours.code()[2..])] {
			assert!(read_code(wrong, &ours.account(), &[1; 32]).is_err(), "{wrong}");
		}
		let mut flipped = ours.code().into_bytes();
		flipped[10] = if flipped[10] == b'0' { b'1' } else { b'0' };
		assert!(read_code(std::str::from_utf8(&flipped).unwrap(), &ours.account(), &[1; 32]).is_err());
	}

	#[test]
	fn a_code_that_was_changed_anywhere_is_refused() {
		let (ours, code) = (access(WORDS, 1), access(WORDS, 1).code());
		let public = read_code(&code, &ours.account(), &[1; 32]).unwrap();
		for at in 0..code.len() {
			for digit in ["0", "7", "f", "F", "g", " ", "ä", "\u{1b}", ""] {
				let text = format!("{}{digit}{}", &code[..at], &code[at + 1..]);
				match read_code(&text, &ours.account(), &[1; 32]) {
					// It was this digit already, or says the same.
					Ok(same) => assert_eq!(same, public, "{text}"),
					Err(why) => assert!(!why.contains(char::is_control), "{why}"),
				}
			}
		}
	}

	/// Carrier: brings the code of somebody, and puts a key of its own into it, so that keys are wrapped for it.
	#[test]
	fn the_carrier_of_codes_puts_no_key_of_its_own_into_them() {
		let (theirs, carrier) = (access(WORDS, 1), access(Phrase::generate(12).unwrap().words(), 1));
		let (code, own) = (theirs.code(), carrier.code());
		// Its key with their signature, its key with its own.
		let mixed = format!("{}{}", &own[..66], &code[66..]);
		for forged in [mixed, own] {
			assert!(read_code(&forged, &theirs.account(), &[1; 32]).is_err(), "{forged}");
		}
	}

	/// What is bound to boxes stays: else no box of before opens.
	#[test]
	fn the_bytes_of_version_1_stay() {
		let expected = [b"SmartChain deal key v1".to_vec(), vec![1; 32], vec![2; 32]].concat();
		assert_eq!(context(&[1; 32], &[2; 32]), expected);
		let signed = [b"smart share code v1".to_vec(), vec![1; 32], vec![2; 32], vec![3; 32]].concat();
		assert_eq!(code_payload(&[1; 32], &[2; 32], &[3; 32]), signed);
		let ours = access(WORDS, 1);
		let public: String = ours.boxes.public().iter().map(|byte| format!("{byte:02x}")).collect();
		assert!(ours.code().starts_with(&format!("01{public}")));
	}
}
