//! The machine's state as status, page and metrics show it.

mod repeat;

use super::{clock::ClockFault, plots::Inventory, LOG_TARGET};
use crate::{
	keys::address,
	registered::{unregistered, used_up},
	status::{
		unix_now, Competence, Connection, Decimal, Device, DeviceState, Link, LinkState as LinkShown, Lottery, Next,
		Outcome, Problem, Resource, Round, Sample, Severity, StatusHandle,
	},
};
use proof_lottery_primitives::{DeviceProofs, LotteryState, Resource as Which, WhyNot, CREDIT_BITS, WINS_BITS};
use repeat::{command, Say, Troubles};
use smart_agent_chain::{AccountId, Head, KeyUse, LinkState};
use smartchain_provider::{Claimed, Ending, Explanation, RoundKey, Stats, Why, RESOURCES};
use std::{
	collections::VecDeque,
	time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// How often a sample for the history is taken.
const SAMPLE_EVERY: Duration = Duration::from_secs(10);
/// Rounds whose beginning is remembered.
const MAX_BEGUN: usize = 32;

/// What nodes said of answers is remembered of so many.
const MAX_SAID: usize = 16;

/// A lottery, as a status calls it.
pub(super) fn resource(which: Which) -> Resource {
	match which {
		Which::Space => Resource::Space,
		Which::Compute => Resource::Compute,
		Which::Uptime => Resource::Uptime,
	}
}

/// Keeps the status up to date.
pub(super) struct Teller {
	status: StatusHandle,
	slot_ms: u64,
	/// Rounds that were seen: when, by both clocks.
	begun: VecDeque<(RoundKey, u64, Instant)>,
	/// Slots between the last two rounds of space and of uptime.
	opened: [Option<(u64, u64)>; 2],
	competence: Option<Competence>,
	/// Whether the chain knew the device when it was asked last; if not, what its key was used for.
	known: bool,
	used: Option<KeyUse>,
	sampled: Option<Instant>,
	/// Wins and expected ones when the last sample was taken.
	before: (u64, u64),
	/// What goes wrong, and when it was said last.
	troubles: Troubles,
	/// What a node said of answers that it did not take, in its own words.
	said: VecDeque<(RoundKey, String)>,
	/// Whether the log has that something is wrong with the clock.
	clock_logged: bool,
}

impl Teller {
	pub fn new(status: StatusHandle, slot_ms: u64, genesis: [u8; 32], device: [u8; 32]) -> Self {
		let id = device_primitives::DeviceId(device);
		let did = device_primitives::Did::new(&genesis, id).to_string();
		status.update(|status| {
			status.chain.slot_millis = slot_ms;
			status.chain.genesis = Some(sp_core::bytes::to_hex(&genesis, false));
			let owner = status.device.take().map_or(String::new(), |device| device.owner);
			status.device = Some(Device {
				id: sp_core::bytes::to_hex(&device, false),
				did,
				owner,
				state: DeviceState::Unknown,
			});
		});
		Self {
			status,
			slot_ms,
			begun: VecDeque::new(),
			opened: [None; 2],
			competence: None,
			known: false,
			used: None,
			sampled: None,
			before: (0, 0),
			troubles: Troubles::default(),
			said: VecDeque::new(),
			clock_logged: false,
		}
	}

	/// What is wrong, or is not any more.
	pub fn problem(&self, code: &str, problem: Option<(Severity, String, String)>) {
		match problem {
			Some((severity, what, remedy)) => self.status.problem(Problem::new(severity, code, what, remedy)),
			None => self.status.solved(code),
		}
	}

	pub fn link(&self, link: &LinkState) {
		let seconds = |time: &SystemTime| time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
		self.status.update(|status| match link {
			LinkState::Connected { url, since } => {
				status.chain.node = url.to_string();
				status.chain.connection = Connection::Connected { since: seconds(since) };
			}
			LinkState::Lost { since, why } => {
				let never = status.chain.connection == Connection::Never;
				if !never {
					status.chain.connection = Connection::Lost {
						since: seconds(since),
						why: why.clone(),
					};
				}
			}
		});
		match link {
			LinkState::Connected { url, .. } => tracing::info!(target: LOG_TARGET, "Node {url} is reached"),
			LinkState::Lost { why, .. } => {
				tracing::warn!(target: LOG_TARGET, "The node is lost: {why}; it is tried again, see whether it runs");
			}
		}
	}

	pub fn head(&self, head: &Head, skew: Option<i64>) {
		self.status.update(|status| {
			status.chain.best = Some(head.number.into());
			status.chain.slot = Some(head.slot);
			status.chain.clock_skew_millis = skew;
		});
	}

	pub fn clock(&mut self, fault: Option<ClockFault>) {
		let told =
			fault.map(|fault| {
				let (what, remedy) = match fault {
				ClockFault::Behind(ms) => (
					format!("this machine's clock is {} s behind the chain's slots", ms / 1_000),
					"set it by NTP: timedatectl set-ntp true",
				),
				ClockFault::Ahead(ms) => (
					format!("blocks are {} s old when they come: the clock is wrong, or the node behind", ms / 1_000),
					"set the clock by NTP: timedatectl set-ntp true; if it is right, see whether the node is in sync",
				),
			};
				(Severity::Warning, what, remedy.to_owned())
			});
		match (&told, self.clock_logged) {
			(Some((_, what, remedy)), false) => tracing::warn!(
				target: LOG_TARGET,
				"Clock: {what}; {remedy}. This program goes by the slots of blocks all the same"
			),
			(None, true) => tracing::info!(target: LOG_TARGET, "The clock and the slots of blocks agree again"),
			_ => (),
		}
		self.clock_logged = told.is_some();
		self.problem("clock", told);
	}

	pub fn finalized(&self, number: u32) {
		self.status
			.update(|status| status.chain.finalized = Some(number.into()));
	}

	pub fn owner(&self, device: Option<&smart_agent_chain::Device>) {
		let owner = device.map(|device| address(device.owner.as_ref()));
		self.status.update(|status| {
			if let (Some(shown), Some(owner)) = (status.device.as_mut(), owner) {
				shown.owner = owner;
			}
		});
	}

	/// Whether the device is registered; if not, what its key was used for.
	pub fn registered(&mut self, is: bool, used: Option<KeyUse>) {
		// What proofs the chain has of it is asked more often.
		let is = is || self.known;
		self.used = used.filter(|_| !is);
		let told = (!is).then(|| {
			let [what, remedy] = used_up(used).unwrap_or([
				"the chain does not know this device, so that it wins nothing",
				"run `smart-agent init`",
			]);
			(Severity::Error, what.to_owned(), remedy.to_owned())
		});
		if let Some(used) = self.used {
			let state = unregistered(Some(used));
			self.status.update(|status| {
				if let Some(device) = status.device.as_mut() {
					device.state = state;
				}
			});
		}
		self.problem("device", told);
	}

	pub fn plots(&self, inventory: &Inventory) {
		self.status
			.update(|status| status.plots.kinds.clone_from(&inventory.kinds));
		let damaged: u32 = inventory.kinds.iter().map(|kind| kind.damaged).sum();
		let told = (damaged > 0).then(|| {
			(
				Severity::Warning,
				format!("{} damaged, so that nothing is won there", plots_are(damaged)),
				"run `smart-agent plot verify`, which sets them aside, then `smart-agent plot create` as before".into(),
			)
		});
		self.problem("plots", told);
	}

	/// There is no store on this machine, of which so many plots are claimed.
	pub fn no_store(&self, claimed: u32) {
		let told = (claimed > 0).then(|| {
			let what = format!(
				"{} claimed, and there are none here, so that none wins",
				plots_are(claimed)
			);
			let remedy =
				"restart the agent if they were made since it began; if not, see whether their disk is mounted \
			              and plots.folder names it, and restart it then; or make them again by `plot create`";
			(Severity::Warning, what, remedy.to_owned())
		});
		self.problem("plots", told);
	}

	/// What the chain knows of the device.
	pub fn device(&mut self, proofs: Option<&DeviceProofs<AccountId>>) {
		let why_not = proofs.map_or(&[][..], |proofs| &proofs.why_not);
		let state = if proofs.is_none() || why_not.contains(&WhyNot::NotRegistered) {
			unregistered(self.used)
		} else if why_not.contains(&WhyNot::Struck) {
			DeviceState::Struck
		} else if why_not.contains(&WhyNot::Suspended) {
			DeviceState::Suspended
		} else {
			DeviceState::Active
		};
		self.known = matches!(
			state,
			DeviceState::Active | DeviceState::Suspended | DeviceState::Struck
		);
		// What became of the key is asked right after it, if it is not known.
		self.registered(self.known, self.used);
		self.problem("state", standing(state));
		let competence = proofs.map(|proofs| {
			let wins = proofs.lotteries.iter().filter(|state| state.resource != Which::Uptime);
			let fewest = wins.map(|state| state.wins.0).min().unwrap_or(0);
			Competence::new(proofs.competence, Decimal::from_bits(fewest.into(), WINS_BITS))
		});
		self.competence = competence;
		self.status.update(|status| {
			if let Some(device) = status.device.as_mut() {
				device.state = state;
			}
			status.competence = competence;
			status.link = proofs.and_then(|proofs| link(proofs, status.link.take()));
			let lotteries = proofs.map_or(&[][..], |proofs| &proofs.lotteries);
			let shown = lotteries.iter().map(|state| {
				let known = status
					.lotteries
					.iter()
					.find(|known| known.resource == resource(state.resource));
				lottery(state, why_not, known)
			});
			status.lotteries = shown.collect();
		});
	}

	/// Rounds that are open.
	pub fn rounds(&mut self, open: &[proof_lottery_primitives::OpenRound]) {
		for open in open {
			let key = RoundKey::of(open);
			if self.begun.iter().any(|(known, ..)| *known == key) {
				continue;
			}
			let now = unix_now();
			self.begun.push_back((key, now, Instant::now()));
			while self.begun.len() > MAX_BEGUN {
				self.begun.pop_front();
			}
			self.status.round(Round::new(
				resource(open.resource),
				open.round,
				now,
				Outcome::Open,
				"it is being answered",
			));
			self.next(open);
		}
	}

	/// When the next round comes, as the last two tell.
	fn next(&mut self, open: &proof_lottery_primitives::OpenRound) {
		let last = match open.resource {
			Which::Space => &mut self.opened[0],
			Which::Uptime => &mut self.opened[1],
			Which::Compute => return,
		};
		let length = last.and_then(|(round, opened)| {
			let rounds = open.round.checked_sub(round).filter(|rounds| *rounds > 0)?;
			open.opened.checked_sub(opened)?.checked_div(rounds)
		});
		*last = Some((open.round, open.opened));
		let Some(length) = length.filter(|length| *length > 0) else {
			return;
		};
		let next = Next {
			slot: open.opened.saturating_add(length),
			at: unix_now().saturating_add(length.saturating_mul(self.slot_ms) / 1_000),
		};
		self.status.update(|status| {
			let of = |lottery: &&mut Lottery| lottery.resource == resource(open.resource);
			if let Some(lottery) = status.lotteries.iter_mut().find(of) {
				lottery.next = Some(next);
			}
		});
	}

	fn begun(&self, key: &RoundKey) -> (u64, Option<Instant>) {
		let found = self.begun.iter().find(|(known, ..)| known == key);
		found.map_or((unix_now(), None), |(_, at, since)| (*at, Some(*since)))
	}

	/// A win was sent.
	pub fn sent(&self, key: &RoundKey) {
		let (at, since) = self.begun(key);
		let why = "a win was sent, and is in no block yet";
		let mut round = Round::new(resource(key.resource), key.round, at, Outcome::Sent, why);
		round.took_millis = since.map(|since| u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX));
		self.status.round(round);
	}

	/// A win was not taken, and the node said this of it.
	pub fn not_taken(&mut self, key: RoundKey, why: String) {
		self.said.retain(|(known, _)| *known != key);
		self.said.push_back((key, why));
		while self.said.len() > MAX_SAID {
			self.said.pop_front();
		}
	}

	/// What became of the key of a device that is not registered any more, if that is why.
	fn gone(&self, why: &Why) -> Option<[&'static str; 2]> {
		used_up(self.used).filter(|_| *why == Why::NotRegistered)
	}

	/// A reason in words: the node's own too, if this program has no better ones.
	fn in_words(&self, key: &RoundKey, why: &Why) -> String {
		if let Some(told) = self.gone(why) {
			return told.join("; ");
		}
		let words = match why {
			Why::Refused(refusal) if refusal.has_words() => self.said.iter().find(|(known, _)| known == key),
			_ => None,
		};
		match words {
			Some((_, said)) => format!("{why} ({said})"),
			None => why.to_string(),
		}
	}

	/// A round ended.
	pub fn explained(&mut self, explanation: &Explanation, block: Option<u32>) {
		let key = RoundKey {
			resource: explanation.resource,
			round: explanation.round,
			challenge: explanation.challenge,
		};
		let (outcome, mut why) = match &explanation.ending {
			Ending::Won(won) => (
				Some(Outcome::Won),
				format!("{won} of {} wins are in blocks", explanation.answers.max(*won)),
			),
			Ending::NotWon(why) => (outcome_of(why), self.in_words(&key, why)),
		};
		if let Some(besides) = &explanation.besides {
			why = format!("{why}; {}", self.in_words(&key, besides));
		}
		self.said.retain(|(known, _)| *known != key);
		self.log(explanation, &why);
		let Some(outcome) = outcome else { return };
		let number = explanation.round;
		let mut round = Round::new(resource(explanation.resource), number, self.begun(&key).0, outcome, why);
		round.block = block.map(u64::from);
		let known = self.status.get();
		let of = |known: &&Round| known.resource == round.resource && known.round == number;
		round.took_millis = known.rounds.iter().find(of).and_then(|known| known.took_millis);
		self.status.round(round);
	}

	/// Says how a round ended: what hinders round after round not each time.
	fn log(&mut self, explanation: &Explanation, text: &str) {
		let (which, number) = (explanation.resource, explanation.round);
		let name = resource(which).name();
		match &explanation.ending {
			Ending::NotWon(why) if !why.is_chance() => {
				let command = self.gone(why).map_or_else(|| command(which, why), |_| "");
				match self.troubles.hindered(which, why, Instant::now()) {
					Say::First => {
						tracing::warn!(target: LOG_TARGET, "Round {number} of {name} is not won: {text}{command}");
					}
					Say::Still { rounds, since } => tracing::warn!(
						target: LOG_TARGET,
						"{rounds} rounds of {name} in {} min, the last of them {number}, are not won: {text}{command}",
						since.as_secs() / 60,
					),
					Say::Quiet => tracing::debug!(target: LOG_TARGET, "Round {number} of {name} is not won: {text}"),
				}
				return;
			}
			Ending::Won(_) => tracing::info!(target: LOG_TARGET, "Round {number} of {name} is won: {text}"),
			Ending::NotWon(_) => tracing::debug!(target: LOG_TARGET, "Round {number} of {name} is not won: {text}"),
		}
		for over in self.troubles.well(which, matches!(explanation.ending, Ending::Won(_))) {
			let what = over.replace('_', " ");
			tracing::info!(target: LOG_TARGET, "Rounds of {name} go well again: `{what}` is over");
		}
	}

	/// What should be claimed, if nobody may do that here.
	pub fn claim(&self, claim: &Claimed) {
		let which = resource(claim.resource());
		let claimed = self.status.get().lottery(which).map_or(0, |lottery| lottery.claimed);
		let (what, remedy) = advice(claim, claimed);
		let problem = (Severity::Warning, what, remedy.to_owned());
		self.problem(&format!("claim-{}", which.name()), Some(problem));
	}

	/// A claim is as it should be.
	pub fn claimed(&self, which: Which) {
		self.problem(&format!("claim-{}", resource(which).name()), None);
	}

	/// Takes a sample for the history, if one is due.
	pub fn sample(&mut self, stats: &smartchain_provider::Each<Stats>) {
		let space = stats.of(Which::Space);
		self.status.set_luck(space.won, space.expected_thousandths());
		let due = self.sampled.is_none_or(|sampled| sampled.elapsed() >= SAMPLE_EVERY);
		let Some(competence) = self.competence.filter(|_| due) else {
			return;
		};
		let sum = |of: fn(&Stats) -> u64| {
			let all = RESOURCES.iter().map(|which| of(stats.of(*which)));
			all.fold(0, u64::saturating_add)
		};
		let now = (sum(|stats| stats.won), sum(|stats| stats.expected));
		let wins = now.0.saturating_sub(self.before.0);
		let expected = now.1.saturating_sub(self.before.1);
		(self.before, self.sampled) = (now, Some(Instant::now()));
		self.status.sample(Sample {
			at: unix_now(),
			competence,
			wins: u32::try_from(wins).unwrap_or(u32::MAX),
			expected: Decimal::from_bits(expected.into(), 32),
		});
	}

	pub fn handle(&self) -> &StatusHandle {
		&self.status
	}
}

/// What keeps a device that is registered from winning, and what to do.
fn standing(state: DeviceState) -> Option<(Severity, String, String)> {
	let (severity, what, remedy) = match state {
		DeviceState::Suspended => (
			Severity::Warning,
			"the device is suspended, so that it wins nothing",
			"`smart-agent device resume` lifts that, if its owner suspended it; else ask its vendor",
		),
		DeviceState::Struck => (
			Severity::Error,
			"the device told of a win that was none, and is out for good",
			"test the machine's memory, then `smart-agent device renew NAME`, then `smart-agent init`",
		),
		_ => return None,
	};
	Some((severity, what.into(), remedy.into()))
}

/// So many plots, with what they do: `1 plot is`.
fn plots_are(count: u32) -> String {
	match count {
		1 => "1 plot is".into(),
		count => format!("{count} plots are"),
	}
}

/// What differs between what should be claimed and what is, and what to do.
fn advice(claim: &Claimed, claimed: u32) -> (String, &'static str) {
	match claim {
		Claimed::Space { groups: 0, .. } => (
			format!(
				"{} claimed, and the one with number 0 is missing or damaged",
				plots_are(claimed)
			),
			"see whether the disk of the plots is mounted; if it is, run `smart-agent plot verify`, then `smart-agent \
			 plot create` with the same count as before",
		),
		Claimed::Space { groups, k, .. } if *groups < claimed => (
			format!(
				"{} claimed, and of size {k} there is no sound one with number {groups}",
				plots_are(claimed)
			),
			"make it again by `smart-agent plot create` with the same count; `smart-agent plot claim` claims those \
			 before it alone",
		),
		Claimed::Space { groups, k, .. } => (
			format!("{groups} plots of size {k} are there, and {claimed} are claimed"),
			"claim them by `smart-agent plot claim`, which asks for the owner's password",
		),
		Claimed::Compute { segments } => (
			format!("{segments} segments a window are configured, and {claimed} are claimed"),
			"run `smart-agent init` again, which asks for the owner's password",
		),
		Claimed::Uptime => (
			"the device does not take part in uptime".into(),
			"run `smart-agent init` again, which asks for the owner's password",
		),
	}
}

/// What a round is counted as; none of those that this program came too late to, which says nothing of it.
fn outcome_of(why: &Why) -> Option<Outcome> {
	match why {
		Why::Before => None,
		Why::NoneUp => Some(Outcome::NotUp),
		Why::NoFind { .. } | Why::Lost { .. } => Some(Outcome::Nothing),
		Why::Refused(_) => Some(Outcome::Refused),
		_ => Some(Outcome::Missed),
	}
}

fn link(proofs: &DeviceProofs<AccountId>, known: Option<Link>) -> Option<Link> {
	let candidate = address(proofs.candidate.as_ref()?.as_ref());
	let state = if proofs.why_not.contains(&WhyNot::NotLinked) {
		LinkShown::Offered
	} else if proofs.why_not.contains(&WhyNot::LinkedFromNextEra) {
		LinkShown::NextEra
	} else {
		LinkShown::Counts
	};
	// Rank and cluster are others' to find out.
	let known = known.filter(|known| known.candidate == candidate);
	Some(Link {
		cluster: known.as_ref().and_then(|known| known.cluster),
		rank: known.as_ref().and_then(|known| known.rank),
		candidate,
		state,
	})
}

fn lottery(state: &LotteryState, why_not: &[WhyNot], known: Option<&Lottery>) -> Lottery {
	let credit = |credit: proof_lottery_primitives::Credit| Decimal::from_bits(credit.0.into(), CREDIT_BITS);
	let wins = |wins: proof_lottery_primitives::Wins| Decimal::from_bits(wins.0.into(), WINS_BITS);
	let estimate = credit(state.estimate);
	Lottery {
		resource: resource(state.resource),
		claimed: state.claimed,
		counting: state.units,
		counts_from: (state.units != state.claimed).then_some(state.claimed_from),
		estimate,
		error: estimate.deviation(wins(state.wins)),
		assured: credit(state.assured),
		wins: wins(state.wins),
		expected: wins(state.expected),
		pending: state.pending,
		why_not: why_not.iter().find_map(|why| words(why, state.resource)),
		last: known.and_then(|known| known.last.clone()),
		next: known.and_then(|known| known.next),
	}
}

/// What speaks against a lottery, in words; that no round is open at the moment is nothing to tell.
fn words(why: &WhyNot, which: Which) -> Option<String> {
	let text = match why {
		WhyNot::NotRegistered => "the registry does not know the device; run `smart-agent init`",
		WhyNot::Suspended => "the device is suspended; whoever suspended it has to resume it",
		WhyNot::Struck => "the device told of a win that was none, and is out for good; register another key",
		WhyNot::NotYet(of) if *of == which => "the claim does not count yet; wait for the slot that is named",
		WhyNot::TooFewWins(of) if *of == which => {
			"it is too young, or has won fewer than four times; it goes on, and will count"
		}
		WhyNot::Silent(of) if *of == which => {
			"it has not won for very long; look at plots, clock and node, for anyone may put it out of the lottery"
		}
		_ => return None,
	};
	Some(text.into())
}

#[cfg(test)]
mod tests {
	use super::*;
	use smartchain_provider::SpaceScheme;

	#[test]
	fn claimed_plots_without_a_store_are_told() {
		let status = StatusHandle::in_memory(crate::status::Status::new(0));
		let teller = Teller::new(status.clone(), 500, [1; 32], [2; 32]);
		teller.no_store(0);
		assert!(status.get().problems.is_empty());
		teller.no_store(20);
		assert!(status.get().problems[0].what.starts_with("20 plots are claimed"));
		teller.no_store(0);
		assert!(status.get().problems.is_empty());
	}

	#[test]
	fn what_the_node_said_of_a_win_is_told_if_nothing_better_is_known() {
		let status = StatusHandle::in_memory(crate::status::Status::new(0));
		let mut teller = Teller::new(status.clone(), 500, [1; 32], [2; 32]);
		let ended = |round, refusal| Explanation {
			resource: Which::Space,
			round,
			challenge: [3; 32],
			answers: 1,
			ending: Ending::NotWon(Why::Refused(refusal)),
			besides: None,
		};
		for (round, refusal, told) in [
			(1, smartchain_provider::Refusal::Other, true),
			(2, smartchain_provider::Refusal::Banned, false),
		] {
			let explanation = ended(round, refusal);
			teller.not_taken(
				RoundKey {
					resource: Which::Space,
					round,
					challenge: [3; 32],
				},
				"the moon is full".into(),
			);
			teller.explained(&explanation, None);
			let shown = status.get().rounds[0].clone();
			assert_eq!(
				(shown.round, shown.why.contains("the moon is full")),
				(round, told),
				"{}",
				shown.why
			);
		}
		assert!(teller.said.is_empty());
	}

	#[test]
	fn a_round_that_was_open_before_is_not_missed() {
		let status = StatusHandle::in_memory(crate::status::Status::new(0));
		let mut teller = Teller::new(status.clone(), 500, [1; 32], [2; 32]);
		for (round, why) in [(1, Why::Before), (2, Why::Slow { ran: 1, of: 2 }), (3, Why::Before)] {
			let explanation = Explanation {
				resource: Which::Compute,
				round,
				challenge: [3; 32],
				answers: 0,
				ending: Ending::NotWon(why),
				besides: None,
			};
			teller.explained(&explanation, None);
		}
		let told: Vec<_> = status
			.get()
			.rounds
			.iter()
			.map(|round| (round.round, round.outcome))
			.collect();
		assert_eq!(told, [(2, Outcome::Missed)]);
	}

	#[test]
	fn the_log_has_a_wrong_clock_once() {
		let status = StatusHandle::in_memory(crate::status::Status::new(0));
		let mut teller = Teller::new(status.clone(), 500, [1; 32], [2; 32]);
		for (fault, logged) in [
			(None, false),
			(Some(ClockFault::Ahead(3_600_000)), true),
			(Some(ClockFault::Behind(60_000)), true),
			(None, false),
		] {
			teller.clock(fault);
			assert_eq!(teller.clock_logged, logged);
			assert_eq!(status.get().problems.len(), usize::from(logged));
		}
	}

	#[test]
	fn a_device_that_is_no_more_is_told_with_what_to_do() {
		let status = StatusHandle::in_memory(crate::status::Status::new(0));
		let mut teller = Teller::new(status.clone(), 500, [1; 32], [2; 32]);
		teller.registered(false, Some(KeyUse::Revoked));
		// The device is asked about more often than the registry.
		teller.device(None);
		let told = status.get();
		assert_eq!(told.device.as_ref().unwrap().state, DeviceState::Revoked);
		assert!(told.problems[0].remedy.contains("smart-agent device renew NAME"));
		teller.registered(false, None);
		assert_eq!(status.get().problems[0].remedy, "run `smart-agent init`");
		let there = DeviceProofs {
			lotteries: Vec::new(),
			candidate: None,
			competence: 0,
			why_not: Vec::new(),
		};
		teller.device(Some(&there));
		assert!(status.get().problems.is_empty());
		// It is retired while the agent runs: that is told before the registry is asked again.
		teller.device(None);
		assert_eq!(status.get().problems[0].remedy, "run `smart-agent init`");
		teller.registered(false, Some(KeyUse::Retired));
		let round = Explanation {
			resource: Which::Uptime,
			round: 1,
			challenge: [3; 32],
			answers: 0,
			ending: Ending::NotWon(Why::NotRegistered),
			besides: None,
		};
		teller.explained(&round, None);
		let why = status.get().rounds[0].why.clone();
		assert!(
			why.contains("retired by its owner") && why.contains("device renew NAME"),
			"{why}"
		);
	}

	#[test]
	fn a_device_that_is_suspended_is_told_with_what_to_do() {
		let status = StatusHandle::in_memory(crate::status::Status::new(0));
		let mut teller = Teller::new(status.clone(), 500, [1; 32], [2; 32]);
		let mut proofs = DeviceProofs {
			lotteries: Vec::new(),
			candidate: None,
			competence: 0,
			why_not: vec![WhyNot::Suspended],
		};
		teller.device(Some(&proofs));
		assert!(status.get().problems[0].remedy.contains("smart-agent device resume"));
		proofs.why_not = vec![WhyNot::Struck];
		teller.device(Some(&proofs));
		assert!(status.get().problems[0].remedy.contains("device renew NAME"));
		proofs.why_not.clear();
		teller.device(Some(&proofs));
		assert!(status.get().problems.is_empty());
	}

	/// Who does as an advice says must not claim less than the plots that are there.
	#[test]
	fn more_that_is_claimed_is_told_as_more() {
		let space = Claimed::Space {
			scheme: SpaceScheme::Pos2,
			k: 28,
			strength: 2,
			groups: 3,
		};
		let (what, remedy) = advice(&space, 20);
		assert!(
			what.starts_with("20 plots are claimed") && what.ends_with("number 3"),
			"{what}"
		);
		assert!(
			remedy.starts_with("make it again by `smart-agent plot create`"),
			"{remedy}"
		);
		let (what, remedy) = advice(&space, 2);
		assert!(what.starts_with("3 plots of size 28 are there, and 2"), "{what}");
		assert!(remedy.starts_with("claim them by `smart-agent plot claim`"), "{remedy}");
	}
}
