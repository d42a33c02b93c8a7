//! Which keys derive from a phrase. The owner's is the phrase's own account, as polkadot.js and other wallets make it.
//! A device's is `//smart//device//NAME`, by hard junctions of plain text.

use super::{KeyError, Phrase};
use device_primitives::{DeviceKey, Registration};
use sp_core::{
	crypto::{AccountId32, Ss58AddressFormat, Ss58Codec},
	sr25519, Pair,
};
use std::{fmt, str::FromStr};
use zeroize::Zeroizing;

/// The prefix of addresses, as this chain's wallets write them.
const ADDRESS_PREFIX: u16 = 42;
/// Junctions of more bytes are hashed first, by which they are no plain text any more.
const MOST_NAME_BYTES: usize = 31;
/// The account of test chains that gives STCI to whoever asks; anybody can sign for it.
const FAUCET: &str = "//Faucet";

/// The address of an account, as wallets show it.
pub fn address(account: &[u8; 32]) -> String {
	AccountId32::new(*account).to_ss58check_with_version(Ss58AddressFormat::custom(ADDRESS_PREFIX))
}

/// An account by its address, of whatever chain's prefix, or by 64 hexadecimal digits after `0x`.
///
/// # Errors
/// What is wrong with it, and how it should be.
pub fn parse_address(text: &str) -> Result<[u8; 32], String> {
	if let Some(digits) = text.strip_prefix("0x") {
		let bytes = sp_core::bytes::from_hex(text).map_err(|error| format!("`{text}` is no account: {error}"))?;
		let count = digits.len();
		return bytes
			.try_into()
			.map_err(|_| format!("`{text}` has {count} digits; an account has 64 after 0x"));
	}
	AccountId32::from_ss58check_with_version(text)
		.map(|(account, _)| account.into())
		.map_err(|_| {
			format!("`{text}` is no address: a character is wrong or missing; copy it anew. One begins like 5Grwva")
		})
}

/// The well-known account that gives STCI away on test chains.
///
/// # Errors
/// None: the derivation is fixed.
pub fn faucet() -> Result<sr25519::Pair, KeyError> {
	sr25519::Pair::from_string(FAUCET, None).map_err(|error| KeyError::Derivation(error.to_string()))
}

/// The name of a device among those of one phrase: 1 to 31 lower-case letters, digits and hyphens, a letter first. So
/// every wallet reads it as text; a number would be another junction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceName(String);

/// A name that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
	"`{0}` is no name for a device: it has 1 to 31 lower-case letters, digits and hyphens, and begins with a letter; \
	 choose one such as laptop"
)]
pub struct NameError(String);

impl DeviceName {
	/// One made from the name of a machine: what does not fit is left out.
	pub fn from_host(host: &str) -> Self {
		let first = host.split('.').next().unwrap_or_default().to_ascii_lowercase();
		let fits: String = first.chars().filter(|c| is_part(*c)).collect();
		let name = fits.trim_start_matches(|c: char| !c.is_ascii_lowercase());
		let cut = name.get(..MOST_NAME_BYTES).unwrap_or(name);
		cut.parse().unwrap_or_else(|_| Self("device".into()))
	}

	/// The derivation path.
	pub fn path(&self) -> String {
		format!("//smart//device//{}", self.0)
	}

	/// The name.
	pub fn as_str(&self) -> &str {
		&self.0
	}
}

fn is_part(character: char) -> bool {
	character.is_ascii_lowercase() || character.is_ascii_digit() || character == '-'
}

impl FromStr for DeviceName {
	type Err = NameError;

	fn from_str(text: &str) -> Result<Self, NameError> {
		let fits = (1..=MOST_NAME_BYTES).contains(&text.len())
			&& text.chars().all(is_part)
			&& text.starts_with(|c: char| c.is_ascii_lowercase());
		fits.then(|| Self(text.into())).ok_or_else(|| NameError(text.into()))
	}
}

impl fmt::Display for DeviceName {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(&self.0)
	}
}

/// The owner's key pair.
pub struct Owner(sr25519::Pair);

impl Owner {
	/// Of a phrase.
	///
	/// # Errors
	/// None for a sound phrase.
	pub fn new(phrase: &Phrase) -> Result<Self, KeyError> {
		sr25519::Pair::from_string(phrase.words(), None)
			.map(Self)
			.map_err(|error| KeyError::Derivation(error.to_string()))
	}

	/// Its account.
	pub fn account(&self) -> [u8; 32] {
		self.0.public().0
	}

	/// Its address.
	pub fn address(&self) -> String {
		address(&self.account())
	}

	/// For transactions.
	pub fn pair(&self) -> &sr25519::Pair {
		&self.0
	}
}

/// The seed of a device's key.
pub(super) fn device_seed(phrase: &Phrase, name: &DeviceName) -> Result<Zeroizing<[u8; 32]>, KeyError> {
	let uri = Zeroizing::new(format!("{}{}", phrase.words(), name.path()));
	let (_, seed) =
		sr25519::Pair::from_string_with_seed(&uri, None).map_err(|error| KeyError::Derivation(error.to_string()))?;
	seed.map(Zeroizing::new)
		.ok_or_else(|| KeyError::Derivation("a soft junction has no seed".into()))
}

/// What a device's key signs when it is registered.
pub(super) fn possession(pair: &sr25519::Pair, genesis: &[u8; 32], owner: [u8; 32]) -> sr25519::Signature {
	let registration = Registration {
		device: DeviceKey::Sr25519(pair.public()),
		owner,
		lottery: pair.public(),
	};
	pair.sign(&registration.payload(genesis))
}

#[cfg(test)]
mod tests {
	use super::*;

	const DEVELOPMENT: &str = "bottom drive obey lake curtain smoke basket hold race lonely fit walk";
	const LEGAL: &str = "legal winner thank year wave sausage worth useful legal winner thank yellow";

	fn abandon() -> String {
		format!("{}art", "abandon ".repeat(23))
	}

	/// As polkadot.js derives them (`Keyring.createFromUri`, 14.0).
	#[test]
	fn accounts_are_those_of_other_wallets() {
		for (phrase, expected) in [
			(DEVELOPMENT, "5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV"),
			(LEGAL, "5EHgWw2Af1pnoc7f1A8bfmM97W3DAYW8xr82RfhLL9oAabAe"),
			(&abandon(), "5EPCUjPxiHAcNooYipQFWr9NmmXJKpNG5RhcntXwbtUySrgH"),
		] {
			assert_eq!(Owner::new(&Phrase::parse(phrase).unwrap()).unwrap().address(), expected);
		}
		assert_eq!(
			address(&faucet().unwrap().public().0),
			"5GyCxk6xuhpKY4KeZvWBwAVrvfn52Rwkmpi68RZk3zGpGF4L"
		);
	}

	/// As polkadot.js derives them.
	#[test]
	fn devices_are_those_of_other_wallets() {
		for (phrase, name, expected) in [
			(
				DEVELOPMENT,
				"laptop",
				"0c4feb0121737010613d35a8de7ed94a76fd8f70ca02df05a3a920defcb6c51a",
			),
			(
				DEVELOPMENT,
				"node-7",
				"7ef5794bc73c3495a867f65b9eb02034ebcfe228cc9aed729e1d0b9c679ed534",
			),
			(
				LEGAL,
				"laptop",
				"fcfe6d1722e16644a101a6ec6d423c0b6eec1257705db8ae115b1f08310bed7d",
			),
			(
				LEGAL,
				"node-7",
				"1c990a0d56eabf1b4b60316f6ec086d2cc0e3fd8d1c01c50a9f1ceaeb8bd0102",
			),
			(
				&abandon(),
				"laptop",
				"42ceb6262676bbf15906fabc396db251e9569afcab51a131eef4abdc7c090f0b",
			),
		] {
			let seed = device_seed(&Phrase::parse(phrase).unwrap(), &name.parse().unwrap()).unwrap();
			let public = sr25519::Pair::from_seed(&seed).public();
			assert_eq!(
				sp_core::bytes::to_hex(&public.0, false),
				format!("0x{expected}"),
				"{name}"
			);
		}
	}

	#[test]
	fn names_are_plain_text() {
		for name in ["a", "laptop", "node-7", "a234567890123456789012345678901"] {
			assert_eq!(name.parse::<DeviceName>().unwrap().as_str(), name);
		}
		for name in [
			"",
			"7",
			"7a",
			"-a",
			"Laptop",
			"a b",
			"a/b",
			"ä",
			"a2345678901234567890123456789012",
		] {
			let said = name.parse::<DeviceName>().unwrap_err().to_string();
			assert!(said.contains("choose one such as laptop"), "{said}");
		}
		for (host, name) in [
			("laptop", "laptop"),
			("Laptop.local", "laptop"),
			("7-up", "up"),
			("", "device"),
			("智能", "device"),
			(&"x".repeat(64), &"x".repeat(31)),
		] {
			assert_eq!(DeviceName::from_host(host).as_str(), name);
		}
	}

	#[test]
	fn addresses_are_read_in_all_forms() {
		let account = Owner::new(&Phrase::parse(DEVELOPMENT).unwrap()).unwrap().account();
		for text in [
			address(&account),
			sp_core::bytes::to_hex(&account, false),
			AccountId32::new(account).to_ss58check_with_version(Ss58AddressFormat::custom(0)),
		] {
			assert_eq!(parse_address(&text), Ok(account));
		}
		for text in ["", "0x12", "5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzW", "Alice"] {
			assert!(parse_address(text).is_err(), "{text}");
		}
	}
}
