//! What of the plots can be claimed, and telling the chain.

use crate::{
	cli::Signing,
	commands::{signed, Code, Context, Failure},
	keys::Owner,
	ledger::{Ledger, Wait},
	run::kind,
	terminal::counted,
};
use device_primitives::DeviceId;
use proof_lottery_primitives::{LotteryState, Resource};
use smart_agent_chain::{Call, Claimed, SpaceScheme};
use smart_agent_store::Listed;

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

/// Of all plots those that can be claimed, by a device of which so many are claimed.
pub(super) fn units(listed: &[Listed], claimed: u32) -> Option<Units> {
	let kind = kind(listed, claimed)?;
	let units = Units {
		k: kind.k,
		strength: kind.strength,
		groups: kind.groups(),
	};
	(units.groups > 0).then_some(units)
}

/// What the device has in the lottery of space; none if it is not in it.
///
/// # Errors
/// `NotReady` if the chain does not know the device.
pub(super) async fn state(context: &Context, ledger: &dyn Ledger) -> Result<Option<LotteryState>, Failure> {
	let Some(proofs) = ledger.proofs(&context.device()?.id).await? else {
		return Err(Failure::new(
			Code::NotReady,
			"this device is not registered, so that it cannot claim plots; run `smart-agent init`, then \
			 `smart-agent plot claim`",
		));
	};
	let mut lotteries = proofs.lotteries.into_iter();
	Ok(lotteries.find(|lottery| lottery.resource == Resource::Space))
}

/// What is to be claimed; none if that is claimed already. To leave the lottery is never the answer: all score of space
/// would go because one file cannot be read, or a disk is not mounted.
fn wanted(listed: &[Listed], claimed: Option<u32>) -> Result<Option<Units>, Failure> {
	match (units(listed, claimed.unwrap_or(0)), claimed) {
		(None, None) => Ok(None),
		(None, Some(claimed)) => Err(Failure::other(format!(
			"the chain was told of {}, and plot 0 is missing or damaged, so that none of those here can be claimed; \
			 see whether the disk is mounted, and make it again by `smart-agent plot create`. Nothing was sent",
			counted(claimed.into(), "plot")
		))),
		(Some(units), Some(claimed)) if claimed == units.groups => Ok(None),
		(units, _) => Ok(units),
	}
}

/// The call that claims plots.
///
/// # Errors
/// If this folder has no device.
pub(super) fn claim_call(context: &Context, Units { k, strength, groups }: Units) -> Result<Call, Failure> {
	Ok(Call::Declare {
		device: DeviceId(context.device()?.id),
		claim: Claimed::Space {
			scheme: SpaceScheme::Pos2,
			k,
			strength,
			groups,
		},
	})
}

/// Tells the chain of the plots of this list, by an owner that was unlocked before, if there is one. Nothing is sent if
/// it knows already.
///
/// # Errors
/// If none can be claimed and some are, the chain refuses it, or the owner does not sign.
pub(super) async fn claim(
	context: &Context,
	ledger: &dyn Ledger,
	signing: &Signing,
	owner: Option<&Owner>,
	listed: &[Listed],
	wait: Wait,
) -> Result<(), Failure> {
	let claimed = state(context, ledger).await?.map(|state| state.claimed);
	let Some(Units { k, strength, groups }) = wanted(listed, claimed)? else {
		context.terminal.done(&match claimed {
			None => "No plots are claimed, and none are there.".to_owned(),
			Some(1) => "1 plot is claimed already.".to_owned(),
			Some(claimed) => format!("{claimed} plots are claimed already."),
		});
		return Ok(());
	};
	let fewer = claimed
		.filter(|claimed| *claimed > groups)
		.map_or(String::new(), |claimed| {
			format!(" instead of {claimed}, for there is no sound one with number {groups}")
		});
	let call = claim_call(context, Units { k, strength, groups })?;
	let what = format!("Claiming {} of size {k}{fewer}", counted(groups.into(), "plot"));
	signed::carry_out_as(context, ledger, signing, owner, &call, &what, wait)
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

/// Leaves the lottery of space, if the device is in it.
///
/// # Errors
/// If the chain refuses it, or the owner does not sign.
pub(super) async fn leave(context: &Context, ledger: &dyn Ledger, signing: &Signing) -> Result<(), Failure> {
	if state(context, ledger).await?.is_none() {
		return Ok(());
	}
	context.terminal.warn(
		"All that this device has shown of space is lost when it leaves the lottery. If it enters again, that takes \
		 weeks to come back.",
	);
	let call = Call::Withdraw {
		device: DeviceId(context.device()?.id),
		resource: Resource::Space,
	};
	signed::carry_out(
		context,
		ledger,
		signing,
		&call,
		"Leaving the lottery of space",
		Wait::Final,
	)
	.await?;
	Ok(())
}

#[cfg(test)]
mod tests {
	use super::*;
	use proof_of_space_primitives::Plot;
	use smart_agent_store::{container::Header, Damage, State};

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
		assert_eq!(units(&[], 0), None);
		let of = |numbers: &[u32]| {
			let files: Vec<_> = numbers.iter().map(|number| file(18, *number, State::Sound)).collect();
			units(&files, 0).map(|units| units.groups)
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
		let best = units(&files, 0).unwrap();
		assert_eq!((best.k, best.groups), (20, 1));
	}

	/// A disk that is not mounted, or one bad file, must not cost what weeks have shown.
	#[test]
	fn to_leave_the_lottery_is_never_what_is_wanted() {
		let sound =
			|numbers: &[u32]| -> Vec<Listed> { numbers.iter().map(|number| file(18, *number, State::Sound)).collect() };
		assert_eq!(wanted(&[], None), Ok(None));
		for listed in [sound(&[]), sound(&[1, 2, 3])] {
			let said = wanted(&listed, Some(4)).unwrap_err().message;
			assert!(said.contains("plot 0") && said.contains("Nothing was sent"), "{said}");
		}
		let mut damaged = sound(&[1, 2]);
		damaged.push(file(18, 0, State::Damaged(Damage::Unreadable)));
		assert!(wanted(&damaged, Some(3)).is_err());
		assert_eq!(wanted(&sound(&[0, 1]), Some(2)), Ok(None));
		let fewer = wanted(&sound(&[0, 1, 3]), Some(4)).unwrap().unwrap();
		assert_eq!(fewer.groups, 2);
		// More of another size beside it are no reason to claim those.
		let mut both = sound(&[0, 1, 2]);
		both.extend((0..5).map(|number| file(20, number, State::Sound)));
		let same = wanted(&both, Some(2)).unwrap().unwrap();
		assert_eq!((same.k, same.groups), (18, 3));
	}
}
