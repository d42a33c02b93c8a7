//! What `earnings` says of slots.

use crate::node::{claimable, slots};
use device_primitives::DeviceId;
use serde::Serialize;
use smart_agent_chain::{Chain, ChainError, Result};
use smart_agent_page::status::Storage;
use smart_agent_terminal::{bytes, counted, money::Currency};
use storage_market_primitives::Standing;

/// What slots have earned, for `--json`. Amounts are in planck.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EarnedByStorage {
	/// Slots that are held.
	pub slots: u64,
	/// Bytes of them.
	pub bytes: u64,
	/// What they have earned and nobody has claimed, before it is split.
	pub earned: String,
	/// What of it the owner gets when it is claimed: what the device's score leaves.
	pub claimable: String,
	/// The two, as numbers.
	#[serde(skip)]
	amounts: (u128, u128),
}

/// What a device's slots have earned; none if the runtime has no such market.
///
/// # Errors
/// If the node is not reached.
pub async fn earned(chain: &Chain, device: &[u8; 32]) -> Result<Option<EarnedByStorage>> {
	let best = chain.best().await?;
	let all = match slots(chain, &DeviceId(*device), best.hash).await {
		Ok(all) => all,
		Err(ChainError::Missing { .. }) => return Ok(None),
		Err(error) => return Err(error),
	};
	let mut found = EarnedByStorage::default();
	for slot in &all {
		if let Standing::Held { accrued, .. } = slot.standing {
			found.slots = found.slots.saturating_add(1);
			found.bytes = found.bytes.saturating_add(slot.bytes);
			found.amounts.0 = found.amounts.0.saturating_add(accrued);
		}
	}
	if found.amounts.0 > 0 {
		let all = claimable(chain, &DeviceId(*device), best.hash).await?;
		found.amounts.1 = all.iter().fold(0, |sum: u128, slot| sum.saturating_add(slot.pays));
	}
	(found.earned, found.claimable) = (found.amounts.0.to_string(), found.amounts.1.to_string());
	Ok(Some(found))
}

impl EarnedByStorage {
	/// In a line; nothing if there are no slots.
	pub fn words(&self, currency: &Currency) -> Option<String> {
		if self.slots == 0 {
			return None;
		}
		let slots = counted(self.slots, "slot");
		let kept = bytes(self.bytes);
		Some(match self.amounts {
			(0, _) => format!("{slots} of storage deals, {kept}: nothing to be claimed"),
			(earned, pays) => {
				let (amount, left) = (
					currency.show(pays),
					match pays == earned {
						true => String::new(),
						false => format!(" (what the score leaves of {})", currency.show(earned)),
					},
				);
				format!("{slots} of storage deals, {kept}: {amount} to be claimed{left}, by `smart-agent slots claim`")
			}
		})
	}
}

/// A line for `status`; nothing if no storage is sold.
pub fn line(storage: &Storage, currency: &Currency) -> String {
	let held = ["held", "suspect", "leaving"].map(|state| storage.in_state(state));
	let held = held.iter().fold(0_u64, |sum, count| sum.saturating_add(*count));
	let (taken, offered) = (bytes(storage.used_bytes), bytes(storage.offered_bytes));
	let mut parts = vec![
		format!("{} held, {taken} of {offered} taken", counted(held, "slot")),
		format!(
			"{} challenges answered, {} missed",
			storage.answered,
			storage.all_missed()
		),
	];
	let lost = storage.in_state("missing");
	if lost > 0 {
		parts.push(format!("{} not on the disk", counted(lost, "slot")));
	}
	if storage.claimable > 0 {
		parts.push(format!("{} to be claimed", currency.show(storage.claimable)));
	}
	parts.join("; ")
}

#[cfg(test)]
mod tests {
	use super::*;
	use smart_agent_page::status::Count;

	#[test]
	fn slots_are_told_in_a_line() {
		let currency = Currency::new("STCI", 12);
		let mut earned = EarnedByStorage {
			slots: 2,
			bytes: 1 << 29,
			earned: "2000000000000".into(),
			claimable: "1500000000000".into(),
			amounts: (2_000_000_000_000, 1_500_000_000_000),
		};
		let said = earned.words(&currency).unwrap();
		assert!(
			said.contains("2 slots") && said.contains("512.0 MiB: 1.5 STCI to be claimed"),
			"{said}"
		);
		assert!(said.contains("what the score leaves of 2 STCI"), "{said}");
		earned.amounts = (1_500_000_000_000, 1_500_000_000_000);
		let said = earned.words(&currency).unwrap();
		assert!(said.contains("1.5 STCI to be claimed, by"), "{said}");
		earned.slots = 0;
		assert!(earned.words(&currency).is_none());
		let storage = Storage {
			states: vec![Count {
				name: "held".into(),
				count: 3,
			}],
			answered: 7,
			..Storage::default()
		};
		let said = line(&storage, &currency);
		assert!(
			said.starts_with("3 slots held") && said.contains("7 challenges answered, 0 missed"),
			"{said}"
		);
	}
}
