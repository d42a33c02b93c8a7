//! Secrets under a password: argon2id makes a key of it, XChaCha20-Poly1305 encrypts. A file of this shape is sealed by
//! a checksum, so that damage is told from a wrong password.

use super::{files, KeyError};
use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::{
	aead::{Aead, Payload},
	KeyInit, XChaCha20Poly1305, XNonce,
};
use rand_core::{OsRng, RngCore};
use serde::{de::DeserializeOwned, Deserialize, Serialize};
use sp_core::bytes::{from_hex, to_hex};
use sp_crypto_hashing::blake2_256;
use std::path::Path;
use zeroize::Zeroizing;

/// The version of files that this program writes.
const FILE_VERSION: u32 = 1;
/// Bytes of a file, at most: a keystore has less than one KiB.
const MOST_FILE_BYTES: u64 = 64 << 10;
/// Keeps what a password is recognized by apart from other hashes.
const CHECK_DOMAIN: &[u8] = b"smart-agent password check v1";
/// What is encrypted is bound to this, and to what it is.
const SEAL_DOMAIN: &[u8] = b"smart-agent sealed v1";
/// Bytes by which a password is recognized: too few to tell it, enough to know it.
const CHECK_BYTES: usize = 8;
/// Bytes of a checksum.
const CHECKSUM_BYTES: usize = 8;
const KEY_BYTES: usize = 32;
const SALT_BYTES: usize = 16;
const NONCE_BYTES: usize = 24;
/// The most that a file may ask for: a damaged one must not take all memory, or hours.
const MOST: Cost = Cost {
	memory_kib: 1 << 20,
	passes: 64,
	lanes: 16,
};

/// What it costs to try a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
	/// Memory, in KiB.
	pub memory_kib: u32,
	/// How often it is gone through.
	pub passes: u32,
	/// Parts of it that could be gone through at once.
	pub lanes: u32,
}

impl Default for Cost {
	/// 64 MiB three times: a fifth of a second on a small machine.
	fn default() -> Self {
		Self {
			memory_kib: 64 << 10,
			passes: 3,
			lanes: 1,
		}
	}
}

/// Something secret under a password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sealed {
	/// How a key is made of the password: always `argon2id`.
	kdf: String,
	memory_kib: u32,
	passes: u32,
	lanes: u32,
	salt: String,
	/// How it is encrypted: always `xchacha20poly1305`.
	cipher: String,
	nonce: String,
	/// By which the password is recognized.
	check: String,
	/// What is encrypted.
	sealed: String,
}

/// Why it does not open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum OpenError {
	/// The password is another one.
	WrongPassword,
	/// What is there was not written so.
	Damaged(String),
	/// The key cannot be computed.
	Derivation(String),
}

const KDF: &str = "argon2id";
const CIPHER: &str = "xchacha20poly1305";

impl Sealed {
	/// Puts a secret under a password. `what` it is belongs to it: it opens as nothing else.
	///
	/// # Errors
	/// If there are no random numbers, or no memory for the cost.
	pub fn seal(what: &str, secret: &[u8], password: &str, cost: Cost) -> Result<Self, KeyError> {
		let (mut salt, mut nonce) = ([0; SALT_BYTES], [0; NONCE_BYTES]);
		for bytes in [&mut salt[..], &mut nonce[..]] {
			OsRng
				.try_fill_bytes(bytes)
				.map_err(|error| KeyError::Random(error.to_string()))?;
		}
		Self::seal_with(what, secret, password, cost, &salt, &nonce).map_err(KeyError::Derivation)
	}

	fn seal_with(
		what: &str,
		secret: &[u8],
		password: &str,
		cost: Cost,
		salt: &[u8; SALT_BYTES],
		nonce: &[u8; NONCE_BYTES],
	) -> Result<Self, String> {
		let made = derive(password, salt, cost)?;
		let payload = Payload {
			msg: secret,
			aad: &bound_to(what),
		};
		let sealed = cipher(&made)
			.encrypt(XNonce::from_slice(nonce), payload)
			.map_err(|error| error.to_string())?;
		Ok(Self {
			kdf: KDF.into(),
			memory_kib: cost.memory_kib,
			passes: cost.passes,
			lanes: cost.lanes,
			salt: to_hex(salt, false),
			cipher: CIPHER.into(),
			nonce: to_hex(nonce, false),
			check: to_hex(&check(&made), false),
			sealed: to_hex(&sealed, false),
		})
	}

	/// Opens it.
	pub(super) fn open(&self, what: &str, password: &str) -> Result<Zeroizing<Vec<u8>>, OpenError> {
		let damaged = |cause: &str| OpenError::Damaged(cause.into());
		if self.kdf != KDF || self.cipher != CIPHER {
			return Err(damaged("it names another cipher"));
		}
		let cost = Cost {
			memory_kib: self.memory_kib,
			passes: self.passes,
			lanes: self.lanes,
		};
		if cost.memory_kib > MOST.memory_kib || cost.passes > MOST.passes || cost.lanes > MOST.lanes {
			return Err(damaged("it asks for more memory or time than any password is worth"));
		}
		let bytes = |text: &str, cause| from_hex(text).map_err(|_| damaged(cause));
		let salt = bytes(&self.salt, "its salt cannot be read")?;
		let nonce: [u8; NONCE_BYTES] = bytes(&self.nonce, "its nonce cannot be read")?
			.try_into()
			.map_err(|_| damaged("its nonce has another length"))?;
		let sealed = bytes(&self.sealed, "what it holds cannot be read")?;
		let made = derive(password, &salt, cost).map_err(OpenError::Derivation)?;
		if bytes(&self.check, "its check cannot be read")? != check(&made) {
			return Err(OpenError::WrongPassword);
		}
		let payload = Payload {
			msg: &sealed,
			aad: &bound_to(what),
		};
		cipher(&made)
			.decrypt(XNonce::from_slice(&nonce), payload)
			.map(Zeroizing::new)
			.map_err(|_| damaged("the password is right, and what it holds is not"))
	}
}

/// A key, and what the password is recognized by.
type Derived = Zeroizing<[u8; 2 * KEY_BYTES]>;

fn derive(password: &str, salt: &[u8], cost: Cost) -> Result<Derived, String> {
	let mut made = Zeroizing::new([0; 2 * KEY_BYTES]);
	let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(made.len()));
	let params = params.map_err(|error| error.to_string())?;
	Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
		.hash_password_into(password.as_bytes(), salt, &mut made[..])
		.map_err(|error| error.to_string())?;
	Ok(made)
}

fn cipher(made: &Derived) -> XChaCha20Poly1305 {
	let (key, _) = made.split_at(KEY_BYTES);
	XChaCha20Poly1305::new(chacha20poly1305::Key::from_slice(key))
}

/// Of the half that encrypts nothing.
fn check(made: &Derived) -> [u8; CHECK_BYTES] {
	let (_, rest) = made.split_at(KEY_BYTES);
	let hash = blake2_256(&[CHECK_DOMAIN, rest].concat());
	std::array::from_fn(|i| hash[i])
}

fn bound_to(what: &str) -> Vec<u8> {
	[SEAL_DOMAIN, what.as_bytes()].concat()
}

/// A file: what it is, its version, what it holds, and a checksum over that.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File<Body> {
	kind: String,
	version: u32,
	body: Body,
	checksum: String,
}

/// What every version has.
#[derive(Deserialize)]
struct Head {
	kind: String,
	version: u32,
}

fn checksum<Body: Serialize>(kind: &str, body: &Body) -> Result<String, String> {
	// What is in it may be a secret in clear: it is written at once where it is wiped, and never grows, for that would
	// leave a copy behind.
	let mut text = Zeroizing::new(Vec::with_capacity(MOST_FILE_BYTES as usize));
	text.extend_from_slice(format!("{kind} {FILE_VERSION} ").as_bytes());
	serde_json::to_writer(&mut *text, body).map_err(|error| error.to_string())?;
	let hash = blake2_256(&text);
	Ok(to_hex(&hash[..CHECKSUM_BYTES], false))
}

/// The text of a file of this kind and content, as key files have it: with a version and a checksum.
///
/// # Errors
/// None for what can be written as JSON.
pub fn to_text<Body: Serialize>(kind: &str, body: Body) -> Result<Zeroizing<String>, KeyError> {
	let write = || -> Result<Zeroizing<String>, String> {
		let file = File {
			kind: kind.into(),
			version: FILE_VERSION,
			checksum: checksum(kind, &body)?,
			body,
		};
		let mut bytes = Zeroizing::new(Vec::with_capacity(MOST_FILE_BYTES as usize));
		serde_json::to_writer_pretty(&mut *bytes, &file).map_err(|error| error.to_string())?;
		bytes.push(b'\n');
		let text = std::str::from_utf8(&bytes).map_err(|error| error.to_string())?;
		Ok(Zeroizing::new(text.to_owned()))
	};
	write().map_err(KeyError::Derivation)
}

/// Reads a file of this kind, which its owner alone may read.
///
/// # Errors
/// `Missing`, `Exposed`, `Damaged`, `Version`; those of the operating system.
pub fn from_file<Body: Serialize + DeserializeOwned>(kind: &str, path: &Path) -> Result<Body, KeyError> {
	let text = files::read_private(path, MOST_FILE_BYTES)?;
	let damaged = |cause: String| KeyError::Damaged {
		path: path.into(),
		cause,
	};
	let head: Head = serde_json::from_str(&text).map_err(|error| damaged(error.to_string()))?;
	if head.kind != kind {
		return Err(damaged(format!("it is no {kind}")));
	}
	if head.version != FILE_VERSION {
		return Err(KeyError::Version {
			path: path.into(),
			version: head.version,
		});
	}
	let file: File<Body> = serde_json::from_str(&text).map_err(|error| damaged(error.to_string()))?;
	let expected = checksum(kind, &file.body).map_err(damaged)?;
	if file.checksum != expected {
		return Err(damaged("its checksum does not fit".into()));
	}
	Ok(file.body)
}

#[cfg(test)]
pub(super) mod tests {
	use super::*;

	/// A password is tried in no time.
	pub(crate) const CHEAP: Cost = Cost {
		memory_kib: 8,
		passes: 1,
		lanes: 1,
	};

	fn sealed() -> Sealed {
		Sealed::seal("thing", b"secret", "password", CHEAP).unwrap()
	}

	#[test]
	fn what_is_sealed_opens_with_its_password_alone() {
		let sealed = sealed();
		assert_eq!(sealed.open("thing", "password").unwrap().as_slice(), b"secret");
		for wrong in ["", "Password", "password "] {
			assert_eq!(sealed.open("thing", wrong), Err(OpenError::WrongPassword), "{wrong}");
		}
		assert!(matches!(sealed.open("other", "password"), Err(OpenError::Damaged(_))));
		assert_ne!(super::tests::sealed(), sealed, "salt and nonce are new each time");
	}

	#[test]
	fn damage_is_told_from_a_wrong_password() {
		let flip = |text: &str| {
			let last = if text.ends_with('0') { '1' } else { '0' };
			format!("{}{last}", &text[..text.len() - 1])
		};
		let whole = sealed();
		let mut damaged = whole.clone();
		damaged.sealed = flip(&whole.sealed);
		assert!(matches!(damaged.open("thing", "password"), Err(OpenError::Damaged(_))));
		let mut damaged = whole.clone();
		damaged.nonce = flip(&whole.nonce);
		assert!(matches!(damaged.open("thing", "password"), Err(OpenError::Damaged(_))));
		let mut greedy = whole.clone();
		greedy.memory_kib = u32::MAX;
		assert!(matches!(greedy.open("thing", "password"), Err(OpenError::Damaged(_))));
		let mut other = whole;
		other.cipher = "none".into();
		assert!(matches!(other.open("thing", "password"), Err(OpenError::Damaged(_))));
	}

	/// Written once: argon2id and the cipher agree with what other programs make of it.
	#[test]
	fn the_bytes_stay() {
		let sealed = Sealed::seal_with("thing", b"secret", "password", CHEAP, &[7; 16], &[9; 24]).unwrap();
		let text = serde_json::to_string(&sealed).unwrap();
		assert_eq!(text, include_str!("golden/sealed-v1.json").trim_end());
		let read: Sealed = serde_json::from_str(&text).unwrap();
		assert_eq!(read.open("thing", "password").unwrap().as_slice(), b"secret");
	}
}
