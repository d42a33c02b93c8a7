//! What need not be done: of what is stored at once the newest says all that the rest says.

use crate::{Action, Message, Unsigned};
use alloc::{
	collections::{BTreeMap, BTreeSet},
	vec::Vec,
};
use channel_primitives::{ChannelId, ChannelKey, Nonce, WatchV1};

/// Whose signature something gets, and the nonce of the half that it is about.
type ByKey = (ChannelKey, Nonce);

/// What is said of a channel later in the same commit.
#[derive(Default)]
struct Later {
	/// Our half that goes out next, if it says all that one before it says.
	half: Option<ByKey>,
	/// The newest half of the partner's that we say to hold.
	held: Option<Nonce>,
	/// The newest half of the partner's that the tower is given.
	watched: Option<ByKey>,
}

/// Leaves out what a later action says as well. What is left keeps its order: so a partner, and a tower, see what they
/// would see if messages were lost, and nothing else.
///
/// [`Step::commit`](crate::Step::commit) does so. An edge may, with those of several commits that follow each other.
pub fn newest(actions: Vec<Action>) -> Vec<Action> {
	let changing = changing(&actions);
	let mut channels: BTreeMap<ChannelId, Later> = BTreeMap::new();
	let mut kept: Vec<Action> = actions
		.into_iter()
		.rev()
		.filter(|action| match action {
			Action::Send(channel, unsigned) => channels.entry(*channel).or_default().sends(unsigned),
			Action::Watch(channel, unsigned) if !changing.contains(channel) => {
				channels.entry(*channel).or_default().watches(unsigned)
			}
			_ => true,
		})
		.collect();
	kept.reverse();
	kept
}

/// Channels whose towers are given one half more than once, under the keys that may come: all of that is given.
fn changing(actions: &[Action]) -> BTreeSet<ChannelId> {
	let one_half = |pair: &[Action]| match pair {
		[Action::Watch(channel, one), Action::Watch(other, two)] if channel == other => {
			let of = |unsigned: &Unsigned<WatchV1>| unsigned.what().half.body.nonce;
			(of(one) == of(two) && one != two).then_some(*channel)
		}
		_ => None,
	};
	actions.windows(2).filter_map(one_half).collect()
}

/// Whether something is said: not if what is said later is as new, by the same key.
fn goes(later: &mut Option<ByKey>, now: Option<ByKey>) -> bool {
	let pair = later.zip(now);
	let goes = pair.is_none_or(|((key, newest), (own, nonce))| key != own || newest < nonce);
	if goes {
		*later = now;
	}
	goes
}

impl Later {
	/// Whether a message goes out, which comes before all that was looked at.
	fn sends(&mut self, unsigned: &Unsigned<Message>) -> bool {
		match unsigned.what() {
			Message::Update(update) => {
				let half = &update.half.body;
				// What it pays is told to a person by this name, and nothing else is.
				if half.memo != [0; 32] {
					self.half = None;
					return true;
				}
				goes(&mut self.half, unsigned.key().map(|key| (*key, half.nonce)))
			}
			Message::Got(got) => {
				let goes = self.held.is_none_or(|held| held < got.held);
				self.held = self.held.max(Some(got.held));
				goes
			}
			// About locks of the partner's, which our halves do not have.
			Message::Show(_) | Message::GiveUp(_) => true,
			// These are read beside the half before them: it stays.
			Message::Hello(_)
			| Message::Step(_)
			| Message::Lost(_)
			| Message::Word(_)
			| Message::Together(_)
			| Message::Withdraw(_)
			| Message::Renewed(_)
			| Message::Rekey(_) => {
				self.half = None;
				true
			}
		}
	}

	/// Whether a tower is given this.
	fn watches(&mut self, unsigned: &Unsigned<WatchV1>) -> bool {
		let nonce = unsigned.what().half.body.nonce;
		goes(&mut self.watched, unsigned.key().map(|key| (*key, nonce)))
	}
}
