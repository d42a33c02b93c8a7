//! What goes wrong round after round is said once, then at growing intervals, and once when it is over.

use proof_lottery_primitives::Resource;
use smartchain_provider::Why;
use std::time::{Duration, Instant};

/// How long after it was said first it is said again.
const FIRST_PAUSE: Duration = Duration::from_secs(60);
/// Each pause is so many times as long as the one before,
const LONGER: u32 = 4;
/// up to this.
const LONGEST_PAUSE: Duration = Duration::from_secs(4 * 60 * 60);
/// After so many rounds that went as a lottery goes, what hindered work now and then is over.
const QUIET_ROUNDS: u32 = 10;
/// What is remembered, at most.
const MOST: usize = 16;

/// What is to be said of a round that was hindered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Say {
	/// All of it.
	First,
	/// That it goes on.
	Still {
		/// In how many rounds so far.
		rounds: u32,
		/// For how long.
		since: Duration,
	},
	/// Nothing.
	Quiet,
}

/// One thing that goes wrong in a lottery.
#[derive(Debug)]
struct Trouble {
	resource: Resource,
	label: &'static str,
	standing: bool,
	began: Instant,
	said: Instant,
	pause: Duration,
	rounds: u32,
	/// Rounds since then that were not hindered.
	quiet: u32,
}

/// All that goes wrong.
#[derive(Debug, Default)]
pub(super) struct Troubles(Vec<Trouble>);

impl Troubles {
	/// A round was hindered.
	pub fn hindered(&mut self, resource: Resource, why: &Why, now: Instant) -> Say {
		let (label, standing) = (why.label(), is_standing(why));
		if let Some(known) = self
			.0
			.iter_mut()
			.find(|known| (known.resource, known.label) == (resource, label))
		{
			known.rounds = known.rounds.saturating_add(1);
			known.quiet = 0;
			if now.saturating_duration_since(known.said) < known.pause {
				return Say::Quiet;
			}
			known.said = now;
			known.pause = known.pause.saturating_mul(LONGER).min(LONGEST_PAUSE);
			return Say::Still {
				rounds: known.rounds,
				since: now.saturating_duration_since(known.began),
			};
		}
		if standing {
			// What stands in the way now is another thing than before.
			self.0.retain(|known| known.resource != resource || !known.standing);
		}
		if self.0.len() >= MOST {
			self.0.remove(0);
		}
		self.0.push(Trouble {
			resource,
			label,
			standing,
			began: now,
			said: now,
			pause: FIRST_PAUSE,
			rounds: 1,
			quiet: 0,
		});
		Say::First
	}

	/// A round went as a lottery goes, and was won or not: the labels of what is over with it.
	pub fn well(&mut self, resource: Resource, won: bool) -> Vec<&'static str> {
		let mut over = Vec::new();
		self.0.retain_mut(|known| {
			if known.resource != resource {
				return true;
			}
			known.quiet = known.quiet.saturating_add(1);
			let is_over = won || known.standing || known.quiet >= QUIET_ROUNDS;
			if is_over {
				over.push(known.label);
			}
			!is_over
		});
		over
	}
}

/// Whether it hinders every round as long as it is so: one round without it shows that it is over. What hinders work
/// or an answer does not show in a round that had none.
fn is_standing(why: &Why) -> bool {
	matches!(
		why,
		Why::Unasked
			| Why::NotRegistered
			| Why::Suspended
			| Why::Struck
			| Why::NoEntry
			| Why::Unclear
			| Why::NoPlots
			| Why::NodeLost
	)
}

/// The command that mends it, beside what the reason itself says.
pub(super) fn command(resource: Resource, why: &Why) -> &'static str {
	match (why, resource) {
		(Why::NotRegistered, _) => "; run `smart-agent init`",
		(Why::Suspended, _) => "; `smart-agent device resume` lifts it, if its owner suspended it",
		(Why::Struck, _) => "; run `smart-agent device renew NAME`, then `smart-agent init`",
		(Why::NoEntry, Resource::Space) => {
			"; `smart-agent plot claim` claims plots, `smart-agent plot create` makes some"
		}
		(Why::NoEntry, _) => "; run `smart-agent init`",
		(Why::NoPlots, _) => "; run `smart-agent plot list`, and `smart-agent plot create` if none are there",
		(Why::Failed | Why::Refused(_), Resource::Space) => "; `smart-agent plot verify` looks for damage",
		(Why::Slow { .. } | Why::Unfinished, _) => "; `smart-agent benchmark` measures what this machine can run",
		(Why::NotKept | Why::NodeLost | Why::NotIncluded | Why::Refused(_) | Why::Late { .. }, _) => {
			"; run `smart-agent doctor`"
		}
		_ => "",
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn what_goes_on_is_said_at_growing_intervals_and_once_when_it_is_over() {
		let (mut troubles, begin) = (Troubles::default(), Instant::now());
		let mut said = Vec::new();
		// Two hours of rounds of six seconds.
		for round in 0..1_200u64 {
			let now = begin + Duration::from_secs(6 * round);
			match troubles.hindered(Resource::Uptime, &Why::NotRegistered, now) {
				Say::Quiet => (),
				_ => said.push(6 * round),
			}
		}
		assert_eq!(said, [0, 60, 300, 1_260, 5_100], "not a line every six seconds");
		assert!(troubles.well(Resource::Space, true).is_empty(), "another lottery's");
		assert_eq!(troubles.well(Resource::Uptime, false), ["not_registered"]);
		assert!(troubles.well(Resource::Uptime, false).is_empty());
		assert_eq!(
			troubles.hindered(Resource::Uptime, &Why::NotRegistered, begin),
			Say::First
		);
	}

	#[test]
	fn a_round_without_work_does_not_end_what_hinders_work() {
		let (mut troubles, now) = (Troubles::default(), Instant::now());
		troubles.hindered(Resource::Space, &Why::Failed, now);
		for _ in 1..QUIET_ROUNDS {
			assert!(troubles.well(Resource::Space, false).is_empty());
		}
		assert_eq!(troubles.hindered(Resource::Space, &Why::Failed, now), Say::Quiet);
		for _ in 1..QUIET_ROUNDS {
			assert!(troubles.well(Resource::Space, false).is_empty());
		}
		assert_eq!(troubles.well(Resource::Space, false), ["failed"]);
		troubles.hindered(Resource::Space, &Why::Failed, now);
		assert_eq!(troubles.well(Resource::Space, true), ["failed"]);
	}

	#[test]
	fn one_standing_reason_takes_the_place_of_another() {
		let (mut troubles, now) = (Troubles::default(), Instant::now());
		troubles.hindered(Resource::Space, &Why::NotRegistered, now);
		assert_eq!(troubles.hindered(Resource::Space, &Why::NoEntry, now), Say::First);
		assert_eq!(troubles.well(Resource::Space, false), ["no_entry"]);
	}

	#[test]
	fn who_is_not_registered_is_told_the_command() {
		assert!(command(Resource::Uptime, &Why::NotRegistered).contains("smart-agent init"));
		assert!(command(Resource::Space, &Why::NoEntry).contains("smart-agent plot claim"));
	}
}
