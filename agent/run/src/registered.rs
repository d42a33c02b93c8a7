//! Why a device does not win or does not count, and what becomes of one that is not registered any more, in words.

use crate::{keys::address, status::DeviceState};
use proof_lottery_primitives::{DeviceProofs, Resource, WhyNot};
use smart_agent_chain::{AccountId, KeyUse};

/// What became of the key of a device that is not registered, and what to do; none if it may be registered. A key is
/// used once, and to try it again costs a fee.
pub fn used_up(used: Option<KeyUse>) -> Option<[&'static str; 2]> {
	let what = match used? {
		KeyUse::Device => return None,
		KeyUse::Retired => "the device was retired by its owner, and its key never registers again",
		KeyUse::Revoked => "the device was revoked, and its key never registers again",
		KeyUse::Lottery | KeyUse::Vendor => "the device's key was used for something else, and never registers",
	};
	let remedy = "`smart-agent device renew NAME` makes the key of a new device and keeps the old files, then \
	              `smart-agent init` registers it";
	Some([what, remedy])
}

/// How a status calls a device that is not registered.
pub fn unregistered(used: Option<KeyUse>) -> DeviceState {
	match used {
		Some(KeyUse::Retired) => DeviceState::Retired,
		Some(KeyUse::Revoked) => DeviceState::Revoked,
		_ => DeviceState::NotRegistered,
	}
}

/// All that keeps a device from winning or counting, each with what to do about it.
pub fn reasons(proofs: &DeviceProofs<AccountId>) -> Vec<(WhyNot, [String; 2])> {
	let told = |why: &WhyNot| match (&proofs.candidate, why) {
		(Some(candidate), WhyNot::NotLinked) => offered(candidate),
		_ => why_not(why),
	};
	proofs.why_not.iter().map(|why| (*why, told(why))).collect()
}

/// That a device counts for nobody yet, though it is offered.
fn offered(candidate: &AccountId) -> [String; 2] {
	let what = format!(
		"the device is offered to {}, and not accepted yet",
		address(candidate.as_ref())
	);
	let remedy = "the candidate accepts it by `smart-agent device link accept ID`; `smart-agent device link end` ends \
	              the offer";
	[what, remedy.into()]
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
			"`smart-agent plot claim` claims those that are there, `smart-agent plot create` makes some".into(),
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

fn name(resource: Resource) -> &'static str {
	match resource {
		Resource::Space => "space",
		Resource::Compute => "compute",
		Resource::Uptime => "uptime",
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_device_that_is_offered_is_not_said_to_be_offered_to_nobody() {
		let mut proofs = DeviceProofs {
			lotteries: Vec::new(),
			candidate: Some(AccountId::new([1; 32])),
			competence: 0,
			why_not: vec![WhyNot::NotLinked],
		};
		assert!(reasons(&proofs)[0].1[0].contains("not accepted yet"));
		proofs.candidate = None;
		assert!(reasons(&proofs)[0].1[1].contains("link offer ADDRESS"));
	}

	#[test]
	fn every_reason_has_a_remedy() {
		for why in [
			WhyNot::NotRegistered,
			WhyNot::Suspended,
			WhyNot::Struck,
			WhyNot::NotDeclared(Resource::Space),
			WhyNot::NotDeclared(Resource::Uptime),
			WhyNot::NotYet(Resource::Space),
			WhyNot::NoRound(Resource::Compute),
			WhyNot::TooFewWins(Resource::Uptime),
			WhyNot::Silent(Resource::Space),
			WhyNot::NotLinked,
			WhyNot::LinkedFromNextEra,
		] {
			let [what, remedy] = why_not(&why);
			assert!(!what.is_empty() && !remedy.is_empty());
		}
		let [_, remedy] = why_not(&WhyNot::NotDeclared(Resource::Space));
		assert!(
			remedy.starts_with("`smart-agent plot claim`"),
			"plots may be there: {remedy}"
		);
	}
}
