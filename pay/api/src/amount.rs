//! Amounts, as texts: programs that read JSON have no numbers of 128 bits.

use serde::{de::Error, Deserialize, Deserializer, Serialize, Serializer};

/// An amount, in planck.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Planck(pub u128);

impl Serialize for Planck {
	fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
		serializer.serialize_str(&self.0.to_string())
	}
}

impl<'de> Deserialize<'de> for Planck {
	fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
		let text = String::deserialize(deserializer)?;
		text.parse()
			.map(Self)
			.map_err(|_| D::Error::custom("an amount is a text of digits"))
	}
}
