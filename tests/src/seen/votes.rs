//! Votes as an observer saw them on the wire.
//!
//! A node that runs with `-lvotes=trace` writes one line for each vote that it sends or receives, before any rule of
//! its own could drop it: `vote set=<id> phase=<prevote|commit> slot=<n> number=<n> hash=<0x..> voter=<index>
//! from=<peer|self>`.

use std::collections::BTreeMap;

/// The log filter that makes a node write those lines.
pub const LOG_FILTER: &str = "votes=trace";

/// One such line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoteLine {
	/// The voter set.
	pub set_id: u64,
	/// `prevote` or `commit`.
	pub phase: String,
	/// The slot of the block.
	pub slot: u64,
	/// Its height.
	pub number: u32,
	/// Its hash.
	pub hash: String,
	/// The voter's place in the set.
	pub voter: u16,
	/// Whether the node that wrote the line cast the vote itself.
	pub own: bool,
}

impl VoteLine {
	/// The vote that a line of a log tells of.
	pub fn parse(line: &str) -> Option<Self> {
		let (_, fields) = line.split_once("vote set=")?;
		let mut set_id = fields.split_whitespace().next()?.parse().ok();
		let (mut phase, mut slot, mut number, mut hash, mut voter, mut own) = (None, None, None, None, None, None);
		for field in fields.split_whitespace().skip(1) {
			// Other fields may follow.
			let Some((name, value)) = field.split_once('=') else {
				continue;
			};
			match name {
				"phase" => phase = Some(value.to_ascii_lowercase()),
				"slot" => slot = value.parse().ok(),
				"number" => number = value.parse().ok(),
				"hash" => hash = Some(value.to_string()),
				"voter" => voter = value.parse().ok(),
				"from" => own = Some(value == "self"),
				_ => {}
			}
		}
		Some(Self {
			set_id: set_id.take()?,
			phase: phase.filter(|phase| phase == "prevote" || phase == "commit")?,
			slot: slot?,
			number: number?,
			hash: hash?,
			voter: voter?,
			own: own?,
		})
	}
}

/// Every vote seen so far, one for each voter, set, phase and slot.
#[derive(Clone, Debug, Default)]
pub struct VoteBook {
	votes: BTreeMap<(u64, u16, String, u64), VoteLine>,
	conflicts: Vec<String>,
}

impl VoteBook {
	/// Writes a vote down.
	pub fn add(&mut self, vote: VoteLine) {
		let key = (vote.set_id, vote.voter, vote.phase.clone(), vote.slot);
		match self.votes.get(&key) {
			Some(first) if (first.number, &first.hash) != (vote.number, &vote.hash) => self.conflicts.push(format!(
				"voter {} of set {} signed two {}s in slot {}: block {} {} and block {} {}",
				vote.voter, vote.set_id, vote.phase, vote.slot, first.number, first.hash, vote.number, vote.hash,
			)),
			Some(_) => {}
			None => {
				self.votes.insert(key, vote);
			}
		}
	}

	/// Adds every vote that the text of a log tells of.
	pub fn add_log(&mut self, text: &str) {
		text.lines().filter_map(VoteLine::parse).for_each(|vote| self.add(vote));
	}

	/// Every pair of different votes by one voter in one slot and phase.
	pub fn conflicts(&self) -> &[String] {
		&self.conflicts
	}

	/// How many votes of how many voters there are.
	pub fn len(&self) -> usize {
		self.votes.len()
	}

	/// Whether there is none.
	pub fn is_empty(&self) -> bool {
		self.votes.is_empty()
	}

	/// The slots in which a voter cast a vote of a phase, in order.
	pub fn slots<'a>(&'a self, voter: u16, phase: &'a str) -> impl Iterator<Item = u64> + 'a {
		self.votes
			.values()
			.filter(move |vote| vote.voter == voter && vote.phase == phase)
			.map(|vote| vote.slot)
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn line(phase: &str, slot: u64, hash: &str, voter: u16, from: &str) -> String {
		let head = "2026-01-01 00:00:00.000 TRACE tokio-runtime-worker votes: vote set=0";
		format!("{head} phase={phase} slot={slot} number=9 hash={hash} voter={voter} from={from}")
	}

	#[test]
	fn lines_are_read_and_others_left() {
		let vote = VoteLine::parse(&line("commit", 77, "0xab", 3, "12D3KooWx")).unwrap();
		assert_eq!(
			(vote.set_id, vote.slot, vote.number, vote.voter, vote.own),
			(0, 77, 9, 3, false)
		);
		assert_eq!((vote.phase.as_str(), vote.hash.as_str()), ("commit", "0xab"));
		assert!(VoteLine::parse(&line("prevote", 1, "0x0", 0, "self")).unwrap().own);
		for bad in [
			"",
			"vote set=",
			"vote set=1 phase=commit",
			"vote set=x phase=commit slot=1",
			"a vote set=1 for",
		] {
			assert_eq!(VoteLine::parse(bad), None, "{bad}");
		}
	}

	#[test]
	fn two_votes_in_one_slot_and_phase_are_noticed_and_repeats_are_not() {
		let mut book = VoteBook::default();
		let mut add = |phase, slot, hash, voter| {
			book.add(VoteLine::parse(&line(phase, slot, hash, voter, "self")).unwrap());
			book.conflicts().len()
		};
		assert_eq!(add("prevote", 1, "0xa", 0), 0);
		assert_eq!(add("prevote", 1, "0xa", 0), 0, "the same vote again");
		assert_eq!(add("commit", 1, "0xb", 0), 0, "the other phase");
		assert_eq!(add("prevote", 2, "0xb", 0), 0, "another slot");
		assert_eq!(add("prevote", 1, "0xb", 1), 0, "another voter");
		assert_eq!(add("prevote", 1, "0xb", 0), 1);
		assert_eq!(book.slots(0, "prevote").collect::<Vec<_>>(), [1, 2]);
	}
}
