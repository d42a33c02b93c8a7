//! How this machine does: what the agent that runs says, or else chain and disk.

mod asked;
mod shown;

use super::{Context, Failure};
use crate::page::AskError;
use proof_lottery_primitives::{Resource, WhyNot};

/// Carries out the command.
pub async fn run(context: &Context) -> Result<(), Failure> {
	let asking = context.clone();
	let asked = tokio::task::spawn_blocking(move || asking.ask_agent()).await;
	let asked = asked.map_err(|error| Failure::other(format!("cannot ask the agent: {error}; try again")))?;
	let (status, runs) = match asked {
		Ok(status) => (status, true),
		Err(AskError::NotRunning(_)) => (asked::status(context).await?, false),
		Err(error) => return Err(Failure::other(error.to_string())),
	};
	context
		.terminal
		.facts(&status, |terminal| shown::text(terminal, &status, runs));
	Ok(())
}

fn name(resource: Resource) -> &'static str {
	match resource {
		Resource::Space => "space",
		Resource::Compute => "compute",
		Resource::Uptime => "uptime",
	}
}

/// Why a device does not win or does not count, and what to do about it.
pub fn why_not(why: &WhyNot) -> [String; 2] {
	let (what, remedy) = match why {
		WhyNot::NotRegistered => (
			"the chain does not know this device".into(),
			"run `smart-agent init`".into(),
		),
		WhyNot::Suspended => (
			"the device is suspended".into(),
			"`smart-agent device resume` lifts that, if it was its owner".into(),
		),
		WhyNot::Struck => (
			"the device told of a win that was none, and is out for good".into(),
			"test the machine's memory, then `smart-agent device renew NAME` makes the key of a new device, and \
			 `smart-agent init` registers it"
				.into(),
		),
		WhyNot::NotDeclared(Resource::Space) => (
			"no plots are claimed".into(),
			"`smart-agent plot create --fill` makes some and claims them".into(),
		),
		WhyNot::NotDeclared(resource) => (
			format!("the device is not in the lottery of {}", name(*resource)),
			"run `smart-agent init` again to enter it".into(),
		),
		WhyNot::NotYet(resource) => (
			format!("the claim of {} does not count yet", name(*resource)),
			"wait for the second round after it; a round is one question of the chain, open for some slots".into(),
		),
		WhyNot::NoRound(resource) => (
			format!("no round of {} is open now", name(*resource)),
			"wait for the next".into(),
		),
		WhyNot::TooFewWins(resource) => (
			format!("the device has won too seldom in {} for it to count", name(*resource)),
			"let it run: four wins and a day are needed, a minute on test chains".into(),
		),
		WhyNot::Silent(resource) => (
			format!("the device has not won in {} for very long", name(*resource)),
			"see whether the agent runs, reaches a node, and reads its plots: `smart-agent doctor`".into(),
		),
		WhyNot::NotLinked => (
			"the device counts for no candidate".into(),
			"`smart-agent device link offer ADDRESS` offers it to one".into(),
		),
		WhyNot::LinkedFromNextEra => ("the device counts from the next era on".into(), "wait for that".into()),
	};
	[what, remedy]
}
