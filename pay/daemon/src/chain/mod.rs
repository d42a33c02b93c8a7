//! What the chain tells.

pub(super) mod known;

use crate::{arrive::unix_now, Daemon, OnChain, WAITING};
use channel_primitives::Hash;
use codec::{DecodeAll, Encode};
use known::waited_for;
use smart_pay_chain::{Follower, Ledger, LedgerError, Mark, Report, Submitter, Tale, Told};
use smart_pay_store::{Contact, Reach};
use smartchain_channel::{conditions_of, Event, Fact, Opened};
use std::{
	future::Future,
	path::{Path, PathBuf},
	sync::Arc,
	time::{Duration, Instant},
};
use tokio::sync::mpsc;

/// The file with the last mark, in the data folder.
const MARK_FILE: &str = "mark";
/// Bytes of it, at most.
const MOST_MARK: usize = 256;
/// After how many blocks it is written anew: it is behind by as many at most, and only the tick of a program without a
/// chain rests on it.
const MARK_EVERY: u32 = 120;
/// A block is a new one if no more than so many are final beyond it.
const MOST_LEFT: u32 = 4;
/// How long the chain may take to say what it is asked.
pub(super) const ASK_TIME: Duration = Duration::from_secs(10);
/// For how long it is not asked after it did not say it in time.
const NOT_ASKED: Duration = Duration::from_secs(30);

/// What is said of it then.
const SILENT: &str = "the node of the chain does not answer in time: see `smart-pay doctor`";

/// What a node of the chain says, if it does so in time.
///
/// # Errors
/// Why it does not.
pub(super) async fn in_time<T>(asked: impl Future<Output = Result<T, LedgerError>>) -> Result<T, String> {
	let said = tokio::time::timeout(ASK_TIME, asked).await;
	said.map_err(|_| SILENT)?.map_err(|error| error.to_string())
}

impl<L> OnChain<L> {
	/// Whether the node is to be asked. All else waits for its answer: one that is there and does not answer must not
	/// hold partners up.
	///
	/// # Errors
	/// If it did not answer in time a moment ago.
	pub(super) fn answers(&self) -> Result<(), String> {
		match self.silent {
			Some(since) if since.elapsed() < NOT_ASKED => Err(SILENT.into()),
			_ => Ok(()),
		}
	}
}

fn mark_file(folder: &Path) -> PathBuf {
	folder.join(MARK_FILE)
}

/// The last mark, if there is one, and when the chain was seen then, in seconds of Unix time: 0 if that was not kept.
pub(super) fn load_mark(folder: &Path) -> Option<(Mark, u64)> {
	let bytes = std::fs::read(mark_file(folder)).ok()?;
	read_mark(bytes.get(..bytes.len().min(MOST_MARK))?)
}

fn read_mark(bytes: &[u8]) -> Option<(Mark, u64)> {
	let timed = <(Mark, u64)>::decode_all(&mut &bytes[..]).ok();
	// As it was written before it had a time.
	timed.or_else(|| Some((Mark::decode_all(&mut &bytes[..]).ok()?, 0)))
}

impl<L: Ledger> Daemon<L> {
	/// A node of the chain is reached for the first time.
	pub(super) fn on_ledger(&mut self, ledger: Arc<L>) {
		if ledger.genesis() != self.genesis {
			self.trouble = Some("the node is of another chain than this store: name another, or another folder".into());
			return;
		}
		let (tales, receiver) = mpsc::channel(WAITING);
		let follower = Follower::new(
			ledger.clone(),
			self.account,
			self.interest.clone(),
			self.mark,
			self.told,
		);
		tokio::spawn(follower.run(tales));
		self.chain = Some(OnChain {
			submitter: Submitter::new(ledger.clone(), self.reports.0.clone()).with_tips(self.config.tips()),
			ledger,
			tales: receiver,
			silent: None,
		});
	}

	pub(super) async fn on_tale(&mut self, tale: Option<Tale>) {
		match tale {
			Some(Tale::Final(told)) => self.on_final(told).await,
			Some(Tale::Best {
				channel,
				dispute,
				claim_locks,
			}) => {
				self.watched(channel, &dispute, claim_locks.as_ref()).await;
				let event = Event::Best {
					channel,
					dispute,
					claim_locks,
				};
				if self.party.sheet(channel).is_some() {
					// It is answered in any case: what is not known of its locks is asked again with the final block.
					let conditions = conditions_of(&event, &self.party);
					if let Err(why) = self.learn(conditions).await {
						tracing::warn!("Channel {channel}: locks of a claim are not looked at yet: {why}");
					}
					let _ = self.step(event, None);
				}
			}
			Some(Tale::Trouble(trouble)) => {
				let said = trouble.to_string();
				if self.trouble.as_ref() != Some(&said) {
					tracing::warn!("The chain is not followed: {said}");
				}
				self.trouble = Some(said);
			}
			None => {
				self.chain = None;
				self.trouble = Some("the chain's client has ended: restart smart-pay".into());
			}
		}
	}

	async fn on_final(&mut self, told: Told) {
		let Told {
			mark,
			mut block,
			jumped,
			left,
		} = told;
		if jumped {
			self.known.forget();
		}
		// Blocks may have been passed over without us, or the chain was not reached when it was asked about them.
		let first = self.told_at.is_none();
		let asks = jumped || first || self.unasked;
		self.mark = Some(mark);
		// While others follow at once, its tick is an old one.
		if first || left <= MOST_LEFT {
			self.told_at = Some(Instant::now());
			self.told_unix = unix_now();
		}
		if left <= MOST_LEFT {
			self.seen_unix = unix_now();
		}
		self.known.make_room(block.facts.len());
		for fact in &block.facts {
			if let Fact::Revealed { condition, reveal } = fact {
				self.known.learn(*condition, Some(*reveal));
			}
		}
		if asks {
			// What was revealed in blocks that were passed over is told with this one, or else with the next.
			let waited = waited_for(&self.party);
			let learned = self.learn(waited.clone()).await;
			self.unasked = learned.is_err();
			if let Err(why) = learned {
				tracing::warn!("What was revealed meanwhile is asked again with the next block: {why}");
			}
			let known = waited.into_iter().filter_map(|condition| {
				let reveal = smartchain_channel::Checks::revealed(&self.known, &condition)?;
				Some(Fact::Revealed { condition, reveal })
			});
			let known: Vec<Fact> = known.collect();
			block.facts.extend(known);
		}
		let (facts, lost) = self.sort(std::mem::take(&mut block.facts));
		block.facts = facts;
		self.watch_facts(&block).await;
		let event = Event::Final(block);
		let conditions = conditions_of(&event, &self.party);
		if let Err(why) = self.learn(conditions).await {
			tracing::warn!("Conditions of a claim are not looked at: {why}");
		}
		let number = mark.number;
		if self.step(event, Some(number)).is_ok() {
			self.told = number;
			self.trouble = None;
		}
		for opened in lost {
			self.recover(opened, mark.hash).await;
		}
		// The first one, too: a program that is started again without a chain has no other clock.
		if number % MARK_EVERY == 0 || jumped || first {
			self.save_mark();
		}
		self.greet_new();
	}

	/// Channels whose keys this store has not given out were opened by an older one: they are not begun anew.
	fn sort(&mut self, facts: Vec<Fact>) -> (Vec<Fact>, Vec<Opened>) {
		let (mut sound, mut lost) = (Vec::new(), Vec::new());
		for fact in facts {
			let Fact::Opened(opened) = &fact else {
				sound.push(fact);
				continue;
			};
			let (id, side) = (opened.context.channel, opened.context.side);
			if self.party.sheet(id).is_some() {
				continue;
			}
			let own = opened.terms.keys.get(side);
			match self.records.key(own) {
				Ok(Some(of)) => {
					let reach = self.openings.take(own);
					self.meet(id, of.partner, reach);
					sound.push(fact);
				}
				Ok(None) => lost.push(opened.clone()),
				Err(error) => tracing::error!("{error}"),
			}
		}
		(sound, lost)
	}

	/// A channel that this store does not know how to go on with: its partner says so, once it is reached.
	async fn recover(&mut self, opened: Opened, at: Hash) {
		let (id, side) = (opened.context.channel, opened.context.side);
		let Some(ledger) = self.chain.as_ref().map(|chain| chain.ledger.clone()) else {
			return;
		};
		// It is told again after the next start.
		let Ok(Some(state)) = ledger.channel(id, at).await else {
			return;
		};
		tracing::warn!(
			"Channel {id} was opened with a key that this store does not know: it is recovered from its partner; say \
			 where that is by `smart-pay reach {id}`"
		);
		self.meet(id, *state.accounts.get(side.partner()), None);
		let _ = self.step(Event::Recover(opened), None);
	}

	/// A channel is new: how its partner is reached is kept.
	fn meet(&mut self, id: channel_primitives::ChannelId, partner: channel_primitives::Account, reach: Option<Reach>) {
		let tower = self.config.tower().map(|tower| Reach {
			node: tower.node,
			url: tower.url,
		});
		// A daemon that was killed after this and before its step was stored is told the channel once more.
		let known = self.contacts.get(&id).filter(|known| known.partner == partner);
		let reach = reach.or_else(|| known.and_then(|known| known.reach.clone()));
		if let Some(reach) = &reach {
			self.wire.expect(reach.node);
		}
		let contact = Contact { partner, reach, tower };
		if let Err(error) = self.records.put_contact(id, &contact) {
			tracing::error!("How the partner of channel {id} is reached is not kept: {error}");
		}
		self.contacts.insert(id, contact);
		tracing::info!("Channel {id} is open");
	}

	fn save_mark(&self) {
		if let Some(mark) = self.mark {
			if let Err(error) = smart_agent_keys::replace(&mark_file(&self.folder), &(mark, self.seen_unix).encode()) {
				tracing::warn!("The last block is not kept: {error}");
			}
		}
	}

	/// What the chain knows of these conditions, as of the last block that was told.
	pub(super) async fn learn(&mut self, conditions: Vec<Hash>) -> Result<(), String> {
		self.known.make_room(conditions.len());
		let missing = self.known.missing(conditions);
		if missing.is_empty() {
			return Ok(());
		}
		let mark = self.mark.filter(|_| self.told_at.is_some());
		let (Some(chain), Some(mark)) = (&mut self.chain, mark) else {
			return Err("no node of the chain is reached: locks are neither given nor taken without it".into());
		};
		chain.answers()?;
		let found = tokio::time::timeout(ASK_TIME, chain.ledger.reveals(&missing, mark.hash)).await;
		chain.silent = found.is_err().then(Instant::now);
		let found = found.map_err(|_| SILENT)?.map_err(|error| error.to_string())?;
		for (condition, reveal) in missing.into_iter().zip(found) {
			self.known.learn(condition, reveal);
		}
		Ok(())
	}

	pub(super) fn on_report(&mut self, report: Report) {
		let result = match &report.result {
			Ok(()) => "taken",
			Err(_) => "refused",
		};
		*self.counts.calls.entry((report.call, result)).or_default() += 1;
		match report.result {
			Ok(()) => tracing::debug!("{} of channel {} is taken", report.call, report.channel),
			Err(error) => tracing::info!(
				"{} of channel {}: {error}; it is made again",
				report.call,
				report.channel
			),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	/// Written out by hand: number, hash, tick, newest channel, time.
	#[test]
	fn bytes_of_the_mark_stay() {
		let mark = Mark {
			number: 258,
			hash: [7; 32],
			tick: 3,
			last_id: 5,
		};
		let before = [&[2, 1, 0, 0][..], &[7; 32], &[3, 0, 0, 0], &[5, 0, 0, 0, 0, 0, 0, 0]].concat();
		assert_eq!(mark.encode(), before);
		assert_eq!(read_mark(&before), Some((mark, 0)));
		let now = [&before[..], &[9, 0, 0, 0, 0, 0, 0, 0]].concat();
		assert_eq!((mark, 9_u64).encode(), now);
		assert_eq!(read_mark(&now), Some((mark, 9)));
		for end in 0..now.len() {
			assert_eq!(read_mark(&now[..end]).is_some(), end == before.len(), "{end}");
		}
	}
}
