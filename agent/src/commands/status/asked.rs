//! The status as chain and disk tell it, while no agent runs.

use crate::{
	commands::{plot, Context, Failure},
	keys::address,
	ledger::{unregistered, used_up, Ledger},
	run::{kinds, reasons, why_not},
	status::{
		unix_now, Competence, Connection, Decimal, Device, DeviceState, Funds, Link, LinkState, Lottery, Making,
		Problem, Resource, Severity, Status,
	},
	storage::unsold_problem,
};
use device_primitives::DeviceId;
use proof_lottery_primitives::{DeviceProofs, LotteryState, Resource as Proven, WhyNot};
use smart_agent_chain::{AccountId, KeyUse};
use smart_agent_store::{
	capacity::{Measure, ThisMachine},
	Store,
};

/// Bits after the point of a credit and of wins.
const CREDIT_BITS: u32 = 32;
const WINS_BITS: u32 = 16;

/// Asks both.
///
/// # Errors
/// If this folder was not set up, or no node is reached.
pub(super) async fn status(context: &Context) -> Result<Status, Failure> {
	let (known, keystore) = (context.device()?, context.keystore()?);
	let chain = context.connect().await?;
	let ledger: &dyn Ledger = &chain;
	let facts = ledger.facts();
	let mut status = Status::new(unix_now());
	status.agent.started = 0;
	let (best, registered) = (ledger.best().await?, ledger.device(&known.id).await?);
	let proofs = ledger.proofs(&known.id).await?;
	let used = match &registered {
		Some(_) => None,
		None => ledger.key_use(&known.id).await?,
	};
	let account = ledger.account(&keystore.account()).await?;
	status.chain = crate::status::Chain {
		name: facts.chain.clone(),
		genesis: Some(format!("{:?}", facts.genesis)),
		node: facts.url.to_string(),
		connection: Connection::Connected { since: status.at },
		best: Some(best.number.into()),
		finalized: Some(ledger.finalized().await?.number.into()),
		slot: Some(best.slot),
		slot_millis: facts.slot_ms,
		clock_skew_millis: None,
	};
	let mut all = proofs.iter().flat_map(|proofs| &proofs.why_not);
	let struck = all.any(|why| *why == WhyNot::Struck);
	status.device = Some(Device {
		id: known.id_text(),
		did: known.did(&facts.genesis.into()),
		owner: keystore.address().into(),
		state: match &registered {
			_ if struck => DeviceState::Struck,
			None => unregistered(used),
			Some(device) if device.is_active() => DeviceState::Active,
			Some(_) => DeviceState::Suspended,
		},
	});
	status.funds = Some(Funds {
		free: account.spendable(ledger.prices()?.existential_deposit),
		held: account.reserved,
	});
	if let Some(proofs) = proofs {
		of_chain(&mut status, &proofs);
	}
	if registered.is_none() {
		not_registered(&mut status, used);
	}
	match crate::earnings::at_once(context, ledger, keystore.account()).await {
		Ok(earnings) => status.earnings = Some(earnings),
		Err(failure) => {
			let what = format!("what is earned is not known: {}", failure.message);
			let remedy = "see `smart-agent doctor`";
			let problem = Problem::new(Severity::Warning, "earnings", what, remedy);
			status.problems.push(problem);
		}
	}
	of_disk(context, &mut status);
	let unsold = crate::storage::unsold(&chain, &DeviceId(known.id)).await;
	status.problems.extend(unsold_problem(unsold.ok().flatten()));
	status.problems.push(Problem::new(
		Severity::Error,
		"notRunning",
		"the agent does not run on this machine, so that it wins nothing",
		"`smart-agent run` starts it",
	));
	status.problems.sort_by_key(|problem| problem.severity);
	Ok(status)
}

/// Why it is not, and what to do.
fn not_registered(status: &mut Status, used: Option<KeyUse>) {
	let [what, remedy] = match used_up(used) {
		Some(told) => told.map(str::to_owned),
		None => why_not(&WhyNot::NotRegistered),
	};
	let code = format!("{:?}", WhyNot::NotRegistered);
	status.problems.retain(|problem| problem.code != code);
	status.problems.push(Problem::new(Severity::Error, &code, what, remedy));
}

fn of_chain(status: &mut Status, proofs: &DeviceProofs<AccountId>) {
	status.lotteries = proofs
		.lotteries
		.iter()
		.map(|state| lottery(state, &proofs.why_not))
		.collect();
	// As the agent that runs does it.
	let wins = proofs.lotteries.iter().filter(|state| state.resource != Proven::Uptime);
	let fewest = wins.map(|state| state.wins.0).min().unwrap_or(0);
	let fewest = Decimal::from_bits(fewest.into(), WINS_BITS);
	status.competence = Some(Competence::new(proofs.competence, fewest));
	status.link = proofs.candidate.as_ref().map(|candidate| Link {
		candidate: address(candidate.as_ref()),
		state: if proofs.why_not.contains(&WhyNot::NotLinked) {
			LinkState::Offered
		} else if proofs.why_not.contains(&WhyNot::LinkedFromNextEra) {
			LinkState::NextEra
		} else {
			LinkState::Counts
		},
		cluster: None,
		rank: None,
	});
	for (why, [what, remedy]) in reasons(proofs) {
		let severity = match why {
			WhyNot::Struck | WhyNot::NotRegistered => Severity::Error,
			WhyNot::Suspended | WhyNot::Silent(_) => Severity::Warning,
			_ => Severity::Info,
		};
		status
			.problems
			.push(Problem::new(severity, &format!("{why:?}"), what, remedy));
	}
}

fn lottery(state: &LotteryState, reasons: &[WhyNot]) -> Lottery {
	let resource = match state.resource {
		Proven::Space => Resource::Space,
		Proven::Compute => Resource::Compute,
		Proven::Uptime => Resource::Uptime,
	};
	let estimate = Decimal::from_bits(state.estimate.0.into(), CREDIT_BITS);
	let wins = Decimal::from_bits(state.wins.0.into(), WINS_BITS);
	let of_it = |why: &&WhyNot| {
		matches!(why, WhyNot::NotYet(of) | WhyNot::NoRound(of) | WhyNot::TooFewWins(of) | WhyNot::Silent(of)
			if *of == state.resource)
	};
	Lottery {
		counting: state.units,
		counts_from: (state.units != state.claimed).then_some(state.claimed_from),
		estimate,
		error: estimate.deviation(wins),
		assured: Decimal::from_bits(state.assured.0.into(), CREDIT_BITS),
		wins,
		expected: Decimal::from_bits(state.expected.0.into(), WINS_BITS),
		pending: state.pending,
		why_not: reasons.iter().find(of_it).map(|why| why_not(why).join("; ")),
		..Lottery::new(resource, state.claimed)
	}
}

/// What cannot be read is among the problems: the rest is told all the same.
fn of_disk(context: &Context, status: &mut Status) {
	let folder = &context.config.plots.folder;
	status.plots.making = Making::read(context.folder.path(), status.at);
	if !context.has_store() {
		if let Some(what) = plot::lost(context) {
			let problem = Problem::new(Severity::Warning, "plots-folder", what, plot::REMEDY);
			status.problems.push(problem);
		}
		return;
	}
	match context.store(Store::read) {
		Ok(store) => {
			status.plots.kinds = kinds(&store.list());
			status.plots.free_bytes = ThisMachine.measure(folder).ok().map(|capacity| capacity.disk);
		}
		Err(failure) => {
			let remedy = "see `smart-agent doctor`";
			status
				.problems
				.push(Problem::new(Severity::Warning, "plots", failure.message, remedy));
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proof_lottery_primitives::{Credit, Wins};

	fn proofs() -> DeviceProofs<AccountId> {
		DeviceProofs {
			lotteries: vec![LotteryState {
				resource: Proven::Space,
				units: 20,
				claimed: 40,
				claimed_from: 77,
				estimate: Credit::of(20),
				corrected: Credit::of(20),
				assured: Credit::of(16),
				wins: Wins::of(50),
				expected: Wins::of(48),
				last_win: 5,
				pending: 0,
			}],
			candidate: Some(AccountId::new([1; 32])),
			competence: 1 << 40,
			why_not: vec![
				WhyNot::TooFewWins(Proven::Compute),
				WhyNot::NoRound(Proven::Space),
				WhyNot::LinkedFromNextEra,
			],
		}
	}

	#[test]
	fn what_the_chain_says_is_told_in_units_and_words() {
		let mut status = Status::new(1);
		of_chain(&mut status, &proofs());
		let space = status.lottery(Resource::Space).unwrap();
		assert_eq!(
			(space.estimate.to_string(), space.error.to_string()),
			("20".into(), "2".into())
		);
		assert_eq!(
			(space.wins.to_string(), space.expected.to_string()),
			("50".into(), "48".into())
		);
		assert_eq!(space.counts_from, Some(77));
		assert_eq!(
			space.why_not.as_deref(),
			Some("no round of space is open now; wait for the next")
		);
		assert_eq!(status.link.as_ref().unwrap().state, LinkState::NextEra);
		assert_eq!(status.problems.len(), 3);
	}

	#[test]
	fn a_device_that_is_no_more_is_not_sent_to_init() {
		let told = |used| {
			let mut status = Status::new(1);
			not_registered(&mut status, used);
			not_registered(&mut status, used);
			let [problem] = &status.problems[..] else {
				panic!("it is told once: {:?}", status.problems);
			};
			problem.remedy.clone()
		};
		assert_eq!(told(None), "run `smart-agent init`");
		assert!(told(Some(KeyUse::Retired)).contains("smart-agent device renew NAME"));
		assert!(told(Some(KeyUse::Revoked)).contains("smart-agent device renew NAME"));
		assert_eq!(unregistered(Some(KeyUse::Retired)), DeviceState::Retired);
		assert_eq!(unregistered(Some(KeyUse::Revoked)), DeviceState::Revoked);
	}
}
