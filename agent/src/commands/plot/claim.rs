//! What of the plots can be claimed, and telling the chain.

use crate::{
	cli::Signing,
	commands::{signed, Context, Failure},
	ledger::{Ledger, Wait},
};
use device_primitives::DeviceId;
use proof_lottery_primitives::Resource;
use smart_agent_chain::{Call, Claimed, SpaceScheme};
use smart_agent_store::{Listed, State};
use std::collections::{BTreeMap, BTreeSet};

/// Plots that can be claimed together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Units {
	/// Their size.
	pub k: u8,
	/// Their strength.
	pub strength: u8,
	/// How many: those with numbers from 0 on, without a gap.
	pub groups: u32,
}

/// Of all plots those that are worth most: the chain takes one size and strength of a device, numbered from 0 on.
pub(super) fn units(listed: &[Listed]) -> Option<Units> {
	let mut kinds: BTreeMap<(u8, u8), BTreeSet<u32>> = BTreeMap::new();
	for header in listed
		.iter()
		.filter(|file| file.state == State::Sound)
		.filter_map(|file| file.header)
	{
		// Proofs are of a group's plot 0.
		if header.first == 0 {
			kinds
				.entry((header.k, header.strength))
				.or_default()
				.insert(header.number);
		}
	}
	let of_kind = |((k, strength), numbers): ((u8, u8), BTreeSet<u32>)| {
		let groups = (0..)
			.zip(&numbers)
			.take_while(|(expected, number)| expected == *number)
			.count();
		Units {
			k,
			strength,
			groups: u32::try_from(groups).unwrap_or(u32::MAX),
		}
	};
	let worth = |units: &Units| u64::from(units.groups) * ((2 * u64::from(units.k) + 1) << units.k.min(40));
	kinds
		.into_iter()
		.map(of_kind)
		.filter(|units| units.groups > 0)
		.max_by_key(worth)
}

/// Tells the chain of these plots, or that there are none. Nothing is sent if it knows already.
///
/// # Errors
/// If the chain refuses it, or the owner does not sign.
pub(super) async fn claim(
	context: &Context,
	ledger: &dyn Ledger,
	signing: &Signing,
	units: Option<Units>,
) -> Result<(), Failure> {
	let device = context.device()?;
	let proofs = ledger.proofs(&device.id).await?;
	let Some(proofs) = proofs else {
		return Err(Failure::new(
			crate::commands::Code::NotReady,
			"this device is not registered, so that it cannot claim plots; run `smart-agent init`, then \
			 `smart-agent plot claim`",
		));
	};
	let claimed = proofs
		.lotteries
		.iter()
		.find(|lottery| lottery.resource == Resource::Space);
	let (call, what) = match (units, claimed) {
		(None, None) => {
			context.terminal.done("No plots are claimed, and none are there.");
			return Ok(());
		}
		(Some(units), Some(state)) if state.claimed == units.groups => {
			context
				.terminal
				.done(&format!("{} plots are claimed already.", units.groups));
			return Ok(());
		}
		(Some(Units { k, strength, groups }), _) => {
			let claim = Claimed::Space {
				scheme: SpaceScheme::Pos2,
				k,
				strength,
				groups,
			};
			let device = DeviceId(device.id);
			(
				Call::Declare { device, claim },
				format!("Claiming {groups} plots of size {k}"),
			)
		}
		(None, Some(_)) => {
			let call = Call::Withdraw {
				device: DeviceId(device.id),
				resource: Resource::Space,
			};
			(call, "Leaving the lottery of space".to_owned())
		}
	};
	signed::carry_out(context, ledger, signing, &call, &what, Wait::Block)
		.await
		.map_err(|failure| match failure.message.contains("OtherPlots") {
			true => failure.with(
				"what is claimed is of another size: delete those plots first with `smart-agent plot delete`, or keep \
				 to their size",
			),
			false => failure,
		})?;
	Ok(())
}

#[cfg(test)]
mod tests {
	use super::*;
	use proof_of_space_primitives::Plot;
	use smart_agent_store::container::Header;

	fn file(k: u8, number: u32, state: State) -> Listed {
		let plot = Plot {
			group: [0; 32],
			index: 0,
			meta: 0,
			k,
			strength: 2,
		};
		Listed {
			name: String::new(),
			bytes: 1,
			header: Some(Header::new(&plot, number, 1)),
			state,
		}
	}

	#[test]
	fn what_is_claimed_has_no_gap() {
		assert_eq!(units(&[]), None);
		let of = |numbers: &[u32]| {
			let files: Vec<_> = numbers.iter().map(|number| file(18, *number, State::Sound)).collect();
			units(&files).map(|units| units.groups)
		};
		assert_eq!(of(&[0, 1, 2]), Some(3));
		assert_eq!(of(&[2, 0, 1, 4]), Some(3));
		assert_eq!(of(&[1, 2]), None);
	}

	#[test]
	fn what_is_worth_most_is_claimed_and_only_what_is_sound() {
		let files = [
			file(18, 0, State::Sound),
			file(18, 1, State::Sound),
			file(20, 0, State::Sound),
			file(20, 1, State::Foreign),
		];
		let best = units(&files).unwrap();
		assert_eq!((best.k, best.groups), (20, 1));
	}
}
