//! What the owner has earned, as a status shows it.

use super::{
	decimal::{planck, planck_or_none},
	parts::cut,
	Decimal,
};
use serde::{Deserialize, Serialize};

/// The most eras that are told.
pub const MAX_EARNED: usize = 36;

/// The most pots of an era.
const MAX_POTS: usize = 8;

/// What the owner has earned. Amounts are in planck.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Earnings {
	/// The era that runs, as of the last final block that was looked at.
	pub era: u32,
	/// The owner's account.
	pub account: String,
	/// What the last era brought that is over.
	#[serde(with = "planck")]
	pub last: u128,
	/// What the eras of the last day brought.
	#[serde(with = "planck")]
	pub day: u128,
	/// What can be claimed and is in no claim.
	#[serde(with = "planck")]
	pub claimable: u128,
	/// Of how many eras.
	pub claimable_eras: u32,
	/// What is in claims that may be on their way.
	#[serde(with = "planck")]
	pub on_its_way: u128,
	/// What of all that can be claimed is lost soon.
	#[serde(with = "planck")]
	pub expiring: u128,
	/// Of how many eras.
	pub expiring_eras: u32,
	/// What was claimed, of the eras that are remembered.
	#[serde(with = "planck")]
	pub claimed: u128,
	/// What nobody claimed in time, likewise.
	#[serde(with = "planck")]
	pub lost: u128,
	/// Whether the agent claims by itself: `never` or `daily`, as it is configured.
	pub claims: String,
	/// The latest eras, the newest first. At most [`MAX_EARNED`].
	pub eras: Vec<Earned>,
}

/// What an era brought.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Earned {
	/// The era.
	pub era: u32,
	/// When it was first seen to be over.
	pub at: u64,
	/// What might be created in it at most; none if that is not known.
	#[serde(with = "planck_or_none")]
	pub ceiling: Option<u128>,
	/// How much of what is proven customers used, in per cent; none if that is not known.
	pub usage: Option<Decimal>,
	/// All of it.
	#[serde(with = "planck")]
	pub earned: u128,
	/// By pot, those that brought something.
	pub pots: Vec<PotShare>,
	/// How far it is: `running`, `nothing`, `claimable`, `claiming`, `claimed`, `expired` or `unknown`.
	pub state: String,
	/// Why it brought that, in a sentence.
	pub why: String,
}

/// What a pot brought.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PotShare {
	/// Its name, such as `plots`.
	pub pot: String,
	/// How much, in planck.
	#[serde(with = "planck")]
	pub amount: u128,
}

impl Earnings {
	pub(super) fn bound(&mut self) {
		self.eras.truncate(MAX_EARNED);
		cut(&mut self.account);
		for era in &mut self.eras {
			era.pots.truncate(MAX_POTS);
			cut(&mut era.why);
			cut(&mut era.state);
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn lists_and_texts_are_bounded() {
		let long = Earned {
			why: "x".repeat(10_000),
			pots: vec![PotShare::default(); 100],
			..Earned::default()
		};
		let mut earnings = Earnings {
			eras: vec![long; 1_000],
			..Earnings::default()
		};
		earnings.bound();
		assert_eq!(earnings.eras.len(), MAX_EARNED);
		assert_eq!(earnings.eras[0].pots.len(), MAX_POTS);
		assert!(earnings.eras[0].why.chars().count() <= super::super::MAX_TEXT);
	}

	#[test]
	fn an_amount_that_is_not_known_is_none_and_not_0() {
		let json = serde_json::to_value(Earned::default()).expect("it is written");
		assert!(json["ceiling"].is_null() && json["earned"] == "0");
		let again: Earned = serde_json::from_value(json).expect("it is read");
		assert_eq!(again, Earned::default());
	}
}
