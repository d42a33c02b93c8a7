//! The device's key file: what the daemon wins with.

use super::{
	derive::{device_seed, possession, DeviceName},
	envelope::{from_file, to_text, Cost, OpenError, Sealed},
	files, KeyError, Phrase,
};
use device_primitives::{DeviceKey, DeviceSignature};
use serde::{Deserialize, Serialize};
use sp_core::{
	bytes::{from_hex, to_hex},
	sr25519, Pair,
};
use std::path::Path;
use zeroize::{Zeroize, Zeroizing};

/// What the file says that it is, and what its secret is bound to.
const KIND: &str = "smart-agent device key";
/// Keeps secrets for other purposes apart from all other hashes.
const DERIVED_DOMAIN: &[u8] = b"smart-agent derived v1";
/// How the device's password is given.
const REMEDY: &str = "write it to a file and set device.password_file, or give systemd's credential device-password";

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
	name: String,
	/// The public key, by which damage shows.
	public: String,
	/// The seed, if it lies open.
	#[serde(default, skip_serializing_if = "Option::is_none")]
	seed: Option<String>,
	/// The seed, if it lies under a password.
	#[serde(default, skip_serializing_if = "Option::is_none")]
	sealed: Option<Sealed>,
}

impl Drop for Body {
	fn drop(&mut self) {
		self.seed.zeroize();
	}
}

/// The key of this device: sr25519, and so its own lottery key.
pub struct DeviceSecret {
	name: DeviceName,
	pair: sr25519::Pair,
	seed: Zeroizing<[u8; 32]>,
}

impl DeviceSecret {
	/// That of a phrase's device.
	///
	/// # Errors
	/// None for a sound phrase.
	pub fn derive(phrase: &Phrase, name: &DeviceName) -> Result<Self, KeyError> {
		let seed = device_seed(phrase, name)?;
		Ok(Self {
			name: name.clone(),
			pair: sr25519::Pair::from_seed(&seed),
			seed,
		})
	}

	/// Writes it to a new file, under a password if there is one.
	///
	/// # Errors
	/// `Exists`; those of the operating system.
	pub fn create(&self, path: &Path, password: Option<&str>, cost: Cost) -> Result<(), KeyError> {
		let sealed = password.map(|password| Sealed::seal(KIND, &self.seed[..], password, cost));
		let body = Body {
			name: self.name.as_str().into(),
			public: to_hex(&self.pair.public().0, false),
			seed: password.is_none().then(|| to_hex(&self.seed[..], false)),
			sealed: sealed.transpose()?,
		};
		files::create_private(path, to_text(KIND, body)?.as_bytes())
	}

	/// Reads it.
	///
	/// # Errors
	/// `Missing`, `Exposed`, `Damaged`, `Version`, `Locked`, `WrongPassword`; those of the operating system.
	pub fn open(path: &Path, password: Option<&str>) -> Result<Self, KeyError> {
		let body: Body = from_file(KIND, path)?;
		let damaged = |cause: &str| KeyError::Damaged {
			path: path.into(),
			cause: cause.into(),
		};
		let bytes = match (&body.seed, &body.sealed, password) {
			(Some(seed), None, _) => Zeroizing::new(from_hex(seed).map_err(|_| damaged("its seed cannot be read"))?),
			(None, Some(_), None) => {
				return Err(KeyError::Locked {
					path: path.into(),
					remedy: REMEDY,
				})
			}
			(None, Some(sealed), Some(password)) => sealed.open(KIND, password).map_err(|error| match error {
				OpenError::WrongPassword => KeyError::WrongPassword { path: path.into() },
				OpenError::Damaged(cause) => damaged(&cause),
				OpenError::Derivation(cause) => KeyError::Derivation(cause),
			})?,
			_ => return Err(damaged("it has no seed, or two")),
		};
		let seed: [u8; 32] = bytes
			.as_slice()
			.try_into()
			.map_err(|_| damaged("its seed has another length"))?;
		let seed = Zeroizing::new(seed);
		let pair = sr25519::Pair::from_seed(&seed);
		if to_hex(&pair.public().0, false) != body.public {
			return Err(damaged("its seed is of another key"));
		}
		let name = body.name.parse().map_err(|_| damaged("its name is none"))?;
		Ok(Self { name, pair, seed })
	}

	/// The device that a key file is of, without its secret: its name and public key.
	///
	/// # Errors
	/// `Missing`, `Exposed`, `Damaged`, `Version`; those of the operating system.
	pub fn peek(path: &Path) -> Result<(DeviceName, DeviceKey), KeyError> {
		let body: Body = from_file(KIND, path)?;
		let damaged = |cause: &str| KeyError::Damaged {
			path: path.into(),
			cause: cause.into(),
		};
		let name = body.name.parse().map_err(|_| damaged("its name is none"))?;
		let public: [u8; 32] = from_hex(&body.public)
			.ok()
			.and_then(|bytes| bytes.try_into().ok())
			.ok_or_else(|| damaged("its public key cannot be read"))?;
		Ok((name, DeviceKey::Sr25519(sr25519::Public::from_raw(public))))
	}

	/// The device's name.
	pub fn name(&self) -> &DeviceName {
		&self.name
	}

	/// For lotteries.
	pub fn pair(&self) -> &sr25519::Pair {
		&self.pair
	}

	/// The public key, as the chain knows it.
	pub fn key(&self) -> DeviceKey {
		DeviceKey::Sr25519(self.pair.public())
	}

	/// The device's id.
	pub fn id(&self) -> [u8; 32] {
		self.key().device_id().0
	}

	/// A secret for another purpose, such as the keys of payment channels: it tells nothing of the device's own, nor of
	/// those for other purposes.
	pub fn derived(&self, purpose: &[u8]) -> Zeroizing<[u8; 32]> {
		let length = DERIVED_DOMAIN.len() + self.seed.len() + purpose.len();
		// At once as large as it gets: what grows leaves copies of itself.
		let mut text = Zeroizing::new(Vec::with_capacity(length));
		text.extend_from_slice(DERIVED_DOMAIN);
		text.extend_from_slice(&self.seed[..]);
		text.extend_from_slice(purpose);
		Zeroizing::new(sp_crypto_hashing::blake2_256(&text))
	}

	/// What it signs to be registered for an owner on the chain of a genesis.
	pub fn possession(&self, genesis: &[u8; 32], owner: [u8; 32]) -> DeviceSignature {
		DeviceSignature::Sr25519(possession(&self.pair, genesis, owner))
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::envelope::tests::CHEAP;
	use device_primitives::Registration;
	use std::fs;

	const WORDS: &str = "legal winner thank year wave sausage worth useful legal winner thank yellow";

	fn device() -> DeviceSecret {
		DeviceSecret::derive(&Phrase::parse(WORDS).unwrap(), &"laptop".parse().unwrap()).unwrap()
	}

	/// BLAKE2b of the domain, the seed and the purpose.
	#[test]
	fn secrets_for_other_purposes_stay() {
		let seed = *device().derived(b"pay node");
		assert_eq!(seed, *device().derived(b"pay node"));
		let expected = [DERIVED_DOMAIN, &device().seed[..], b"pay node"].concat();
		assert_eq!(seed, sp_crypto_hashing::blake2_256(&expected));
		assert_ne!(seed, *device().derived(b"pay backup"));
		assert_ne!(seed, *device().seed);
	}

	#[test]
	fn a_key_comes_back() {
		let folder = tempfile::tempdir().unwrap();
		let (open, locked) = (folder.path().join("a"), folder.path().join("b"));
		device().create(&open, None, CHEAP).unwrap();
		device().create(&locked, Some("pass"), CHEAP).unwrap();
		for (path, password) in [(&open, None), (&open, Some("unused")), (&locked, Some("pass"))] {
			let read = DeviceSecret::open(path, password).unwrap();
			assert_eq!(read.id(), device().id());
			assert_eq!(read.name().as_str(), "laptop");
			assert_eq!(DeviceSecret::peek(path).unwrap(), (read.name().clone(), read.key()));
		}
		assert!(matches!(
			DeviceSecret::open(&locked, None),
			Err(KeyError::Locked { .. })
		));
		assert!(matches!(
			DeviceSecret::open(&locked, Some("")),
			Err(KeyError::WrongPassword { .. })
		));
		assert!(matches!(
			device().create(&open, None, CHEAP),
			Err(KeyError::Exists { .. })
		));
	}

	#[test]
	fn a_damaged_key_is_none() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("key");
		device().create(&path, None, CHEAP).unwrap();
		let whole = fs::read_to_string(&path).unwrap();
		for (old, new) in [
			("laptop", "laptos"),
			("fcfe", "fcff"),
			("\"seed\": \"0x", "\"seed\": \"0x00"),
		] {
			assert!(whole.contains(old), "{old}");
			fs::write(&path, whole.replacen(old, new, 1)).unwrap();
			assert!(
				matches!(DeviceSecret::open(&path, None), Err(KeyError::Damaged { .. })),
				"{old}"
			);
		}
	}

	#[test]
	fn what_it_signs_registers_it() {
		let (device, genesis, owner) = (device(), [1; 32], [2; 32]);
		let registration = Registration {
			device: device.key(),
			owner,
			lottery: device.pair().public(),
		};
		let signature = device.possession(&genesis, owner);
		assert!(device.key().verify(&registration.payload(&genesis), &signature));
		assert!(!device.key().verify(&registration.payload(&[3u8; 32]), &signature));
	}
}
