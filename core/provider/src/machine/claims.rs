//! What to claim: never more than is held, and never nothing: to leave a lottery is its owner's word alone.

use super::Provider;
use crate::{
	events::Action,
	types::{Device, Each, RESOURCES},
};
use proof_lottery_primitives::{Claimed, LotteryState, Resource, SpaceScheme, MAX_CLAIM};

/// So many slots after a claim was refused, or nothing was heard of it, it is tried again: a minute. Each time after
/// that takes twice as long.
const RETRY: u64 = 120;

/// The longest of these waits doubles so many times: an hour.
const MOST_DOUBLINGS: u32 = 6;

/// A claim that the chain has cut is not raised before so many slots: ten minutes, twice as many with each cut. If the
/// cause is still there, it would be cut again, and each time costs a fee.
const AFTER_CUT: u64 = 1_200;

/// While more plots are being made a claim is raised if it grows by one in so many.
const GROWTH: u32 = 8;

/// What was proposed for a lottery, and what came of it.
#[derive(Clone, Copy, Debug, Default)]
struct Proposal {
	/// What is on its way.
	sent: Option<u32>,
	/// Nothing is proposed before this slot.
	not_before: u64,
	failures: u32,
	cuts: u32,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Claims {
	of: Each<Proposal>,
}

impl Claims {
	/// What the chain says now and said before: whether a proposal arrived, or a claim was cut.
	pub fn learn(&mut self, before: Option<&Device>, now: &Device) {
		for resource in RESOURCES {
			let claimed = |device: &Device| state_of(device, resource).map(|state| state.claimed);
			let (was, is) = (before.and_then(claimed), claimed(now));
			let proposal = self.of.of_mut(resource);
			if proposal.sent == Some(is.unwrap_or(0)) {
				*proposal = Proposal {
					cuts: proposal.cuts,
					..Proposal::default()
				};
			} else if proposal.sent.is_none() && is < was && is.is_some() {
				let wait = AFTER_CUT << proposal.cuts.min(MOST_DOUBLINGS);
				proposal.cuts = proposal.cuts.saturating_add(1);
				proposal.not_before = now.at.saturating_add(wait);
			}
		}
	}
}

fn state_of(device: &Device, resource: Resource) -> Option<&LotteryState> {
	device.lotteries.iter().find(|state| state.resource == resource)
}

impl Provider {
	/// How many plots are numbered from 0 on without a gap.
	pub(super) fn claimable(&self) -> u32 {
		let mut next = 0u32;
		for number in self.held.groups.keys() {
			if *number != next {
				break;
			}
			next = next.saturating_add(1);
		}
		next.min(MAX_CLAIM)
	}

	pub(super) fn on_declared(&mut self, resource: Resource, taken: bool) {
		let slot = self.slot().unwrap_or(0);
		let proposal = self.claims.of.of_mut(resource);
		if taken {
			// Until the chain's answer about the device shows it.
			proposal.not_before = slot.saturating_add(RETRY);
			return;
		}
		let wait = RETRY << proposal.failures.min(MOST_DOUBLINGS);
		proposal.sent = None;
		proposal.failures = proposal.failures.saturating_add(1);
		proposal.not_before = slot.saturating_add(wait);
	}

	pub(super) fn propose(&mut self, out: &mut Vec<Action>) {
		if !self.config.declares || self.stopping || self.node_lost {
			return;
		}
		let Some(slot) = self.slot() else { return };
		for resource in RESOURCES {
			let barred = match self.barred(resource) {
				None | Some(crate::Why::NoEntry) => false,
				Some(_) => true,
			};
			let Some(want) = self.wanted(resource, slot).filter(|_| !barred) else {
				// What failed was another claim: the next one does not wait for it.
				let proposal = self.claims.of.of_mut(resource);
				if proposal.sent.is_none() {
					proposal.failures = 0;
				}
				continue;
			};
			let proposal = self.claims.of.of_mut(resource);
			let lowers = self
				.device
				.as_ref()
				.and_then(|device| state_of(device, resource))
				.is_some_and(|state| want < state.claimed);
			// Nothing waits that makes a claim true; but what was sent is waited for.
			let waits = slot < proposal.not_before && (!lowers || proposal.sent.is_some() || proposal.failures > 0);
			if waits {
				continue;
			}
			proposal.sent = Some(want);
			proposal.not_before = slot.saturating_add(RETRY << proposal.failures.min(MOST_DOUBLINGS));
			out.push(Action::Declare(match resource {
				Resource::Space => Claimed::Space {
					scheme: SpaceScheme::Pos2,
					k: self.held.k,
					strength: self.held.strength,
					groups: want,
				},
				Resource::Compute => Claimed::Compute { segments: want },
				Resource::Uptime => Claimed::Uptime,
			}));
		}
	}

	/// What should be claimed of a lottery, if that is not what is claimed, and the chain would take it now.
	fn wanted(&self, resource: Resource, slot: u64) -> Option<u32> {
		let device = self.device.as_ref()?;
		let state = state_of(device, resource);
		let claimed = state.map_or(0, |state| state.claimed);
		let want = match resource {
			Resource::Space => self.wanted_plots(claimed)?,
			Resource::Compute => self.wanted_segments(claimed)?,
			Resource::Uptime => u32::from(self.config.uptime && state.is_none()),
		};
		// A disk that is not mounted looks like one without plots: with the entry the score of weeks would go.
		if want == claimed || want == 0 {
			return None;
		}
		let waiting = state.filter(|state| slot < state.claimed_from);
		let refused = match waiting {
			// A smaller claim that waits is not replaced; a larger one need not be, to grow again.
			Some(state) => state.claimed < state.units || want > claimed,
			None => false,
		};
		(!refused).then_some(want)
	}

	fn wanted_plots(&self, claimed: u32) -> Option<u32> {
		let held = &self.held;
		if !self.config.space || !held.listed {
			return None;
		}
		let want = match self.rules.held {
			true => self.claimable(),
			false => u32::try_from(held.groups.len()).unwrap_or(u32::MAX).saturating_add(1),
		};
		let enough = claimed.saturating_add(claimed.checked_div(GROWTH).unwrap_or(0).max(1));
		let wait = held.growing && want > claimed && claimed > 0 && want <= enough;
		(!wait).then_some(want)
	}

	/// As many segments as are configured: whether they can be run in time, rounds tell ([`crate::Why::Slow`]).
	fn wanted_segments(&self, claimed: u32) -> Option<u32> {
		let want = self.config.segments.min(MAX_CLAIM);
		// A lottery that the configuration does not name is left by the owner alone.
		(want > 0 && want != claimed).then_some(want)
	}
}
