//! Streams: a partner is paid step by step, over chains of hashes.
//!
//! A stream is a chain of hashes after the other, each under one lock: a leg. A leg is paid up by a half once its steps
//! are given, and the next one begins. The payee says which steps have come; the payer gives no more than a few that
//! it has not said to have.

mod asking;
mod orders;
mod paying;
mod taking;

use crate::{answer::words::stci, Daemon};
use asking::Asking;
use channel_primitives::Balance;
use paying::{leg_steps, stored_ahead, Paying};
use rand_core::{OsRng, RngCore};
use smart_agent_keys::address;
use smart_agent_terminal::duration;
use smart_pay_api::{metrics::Running, Answer, Flow, Plan, Planck, StreamAsk, StreamView};
use smart_pay_chain::Ledger;
use smart_pay_store::OrderId;
use smartchain_channel::{Notice, Place};
use std::{
	collections::BTreeMap,
	time::{Duration, Instant},
};
use taking::Taking;

/// Tells a stream from others.
type StreamId = [u8; 16];

/// Streams of each kind that are remembered; the oldest that has ended is forgotten.
const MOST_STREAMS: usize = 256;
/// When is looked if there is nothing to do.
const LATER: Duration = Duration::from_secs(3_600);
/// The longest time between two steps, in milliseconds: an hour.
const LONGEST: u32 = 3_600_000;
/// Steps that may be given ahead at most.
const MOST_AHEAD: u16 = 1_024;

/// All streams. They end with the program; what was given is paid after its next start. Orders go on.
#[derive(Default)]
pub(super) struct Streams {
	paying: BTreeMap<StreamId, Paying>,
	taking: BTreeMap<StreamId, Taking>,
	/// Whose each lock is that we gave,
	given: BTreeMap<Place, StreamId>,
	/// and each that was given to us.
	taken: BTreeMap<Place, StreamId>,
	/// Locks of streams from before the start.
	left: Vec<Place>,
	/// Orders of both sides.
	orders: BTreeMap<StreamId, orders::Order>,
}

impl Streams {
	/// What is left of those before a start: orders.
	pub fn load(orders: Vec<(OrderId, Vec<u8>)>) -> Self {
		Self {
			orders: orders::load(orders),
			..Self::default()
		}
	}

	/// When something is to be done next.
	pub fn due(&self) -> tokio::time::Instant {
		let running = self.paying.values().filter(|stream| stream.ended.is_none());
		let next = running.map(|stream| stream.next).min();
		tokio::time::Instant::from_std(next.unwrap_or_else(|| Instant::now() + LATER))
	}

	/// How many there are that have not ended.
	pub fn running(&self) -> Running {
		let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
		let paying = self.paying.values().filter(|stream| stream.ended.is_none());
		let taking = self.taking.values().filter(|stream| stream.ended.is_none());
		let orders = self.orders.values().filter(|order| !order.has_ended());
		Running {
			paying: count(paying.count()),
			taking: count(taking.count()),
			orders: count(orders.count()),
		}
	}

	fn views(&self) -> Vec<StreamView> {
		let paying = self.paying.iter().map(|(id, stream)| stream.view(id));
		paying
			.chain(self.taking.iter().map(|(id, stream)| stream.view(id)))
			.collect()
	}

	/// One of them; both ends of it, if a program pays itself.
	fn one(&self, id: &StreamId) -> Vec<StreamView> {
		let paying = self.paying.get(id).map(|stream| stream.view(id));
		let taking = self.taking.get(id).map(|stream| stream.view(id));
		paying.into_iter().chain(taking).collect()
	}
}

/// Makes room for one more.
fn forget_oldest<V>(all: &mut BTreeMap<StreamId, V>, ended: impl Fn(&StreamId, &V) -> Option<Instant>) {
	if all.len() < MOST_STREAMS {
		return;
	}
	let oldest = all
		.iter()
		.filter_map(|(id, stream)| ended(id, stream).map(|at| (at, *id)))
		.min();
	if let Some((_, id)) = oldest {
		all.remove(&id);
	}
}

/// As people and programs write it.
fn digits_of(id: &StreamId) -> String {
	id.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn id_of(text: &str) -> Option<StreamId> {
	if text.len() != 32 {
		return None;
	}
	sp_core::bytes::from_hex(text).ok()?.try_into().ok()
}

fn millis(time: Duration) -> u64 {
	u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

impl<L: Ledger> Daemon<L> {
	/// What a command asks about streams.
	pub(super) fn ask_streams(&mut self, ask: StreamAsk) -> Answer {
		match ask {
			StreamAsk::Begin {
				to,
				unit,
				steps,
				every,
				ahead,
				text,
				dry_run,
			} => {
				let asking = Asking {
					to,
					unit: unit.0,
					steps,
					every,
					ahead,
					text,
				};
				self.ask_stream(asking, dry_run)
			}
			StreamAsk::List => Answer::Streams(self.streams.views()),
			StreamAsk::One { stream } => match id_of(&stream).map(|id| self.streams.one(&id)) {
				Some(views) if !views.is_empty() => Answer::Streams(views),
				_ => no_stream(&stream),
			},
			StreamAsk::Stop { stream } => {
				let Some(id) = id_of(&stream) else {
					return no_stream(&stream);
				};
				let stops = self.stop_paying(id, "it was ended here");
				let refuses = self.stop_taking(id);
				if !stops && !refuses {
					return no_stream(&stream);
				}
				Answer::Done(Flow {
					said: "the stream ends; what was given is paid".into(),
					envelope: None,
					number: None,
				})
			}
		}
	}

	fn ask_stream(&mut self, asking: Asking, dry_run: bool) -> Answer {
		if let Err(why) = asking.check() {
			return Answer::Failed(why);
		}
		let channel = match self.stream_channel(&asking.to, asking.unit) {
			Ok(channel) => channel,
			Err(why) => return Answer::Failed(why),
		};
		if dry_run {
			return self.plan_stream(channel, &asking);
		}
		let mut id = [0; 16];
		OsRng.fill_bytes(&mut id);
		match self.begin_stream(channel, asking, id, None) {
			Ok(()) => Answer::Streams(self.streams.one(&id)),
			Err(why) => Answer::Failed(why),
		}
	}

	fn plan_stream(&self, channel: u64, asking: &Asking) -> Answer {
		let (unit, all) = (asking.unit, Balance::from(asking.steps));
		let whole = unit.saturating_mul(all);
		let leg = unit.saturating_mul(Balance::from(leg_steps(asking.steps, asking.every)));
		let partner = self.contacts.get(&channel).map(|contact| address(&contact.partner));
		let after = stored_ahead(false, asking.every).max(asking.ahead);
		let mut worst = vec![
			format!(
				"the partner is given {} step(s), {}, before it has said to have them: so much is lost at most if it \
				 goes away, or gives nothing for it",
				asking.ahead,
				stci(unit.saturating_mul(asking.ahead.into()))
			),
			format!(
				"if this daemon is killed, up to {after} step(s) more are paid than were given, {}: it cannot know how \
				 many were on their way",
				stci(unit.saturating_mul(after.into()))
			),
			format!("up to {} of the channel are locked while the stream runs", stci(leg)),
		];
		let room = self.room(channel);
		if room < whole {
			worst.push(format!(
				"channel {channel} has {} to pay with: the stream ends there, if nothing is put in",
				stci(room)
			));
		}
		Answer::Plan(Plan {
			what: format!(
				"pays {} in channel {channel}: {} steps of {}, one each {}",
				partner.unwrap_or_else(|| "the partner".into()),
				asking.steps,
				stci(unit),
				duration(Duration::from_millis(asking.every.into()))
			),
			paid: Planck(whole),
			worst,
			..Plan::default()
		})
	}

	/// What a notice says of streams; whether it is about nothing else.
	pub(super) fn stream_notice(&mut self, notice: &Notice) -> bool {
		if self.order_notice(notice) {
			return true;
		}
		match notice {
			Notice::Paid {
				channel,
				lock: Some(id),
				amount,
				..
			} => self.leg_paid(
				Place {
					channel: *channel,
					id: *id,
				},
				*amount,
			),
			Notice::Failed { channel, lock, reason } => {
				let place = Place {
					channel: *channel,
					id: *lock,
				};
				self.leg_failed(place, *reason)
			}
			Notice::Received {
				channel,
				amount,
				lock: Some(id),
				..
			} => {
				self.leg_received(
					Place {
						channel: *channel,
						id: *id,
					},
					*amount,
				);
				false
			}
			_ => false,
		}
	}

	/// What is done once a second.
	pub(super) fn age_streams(&mut self) {
		self.pay_left_streams();
		self.settle_orders();
		self.age_taken();
	}
}

fn no_stream(name: &str) -> Answer {
	Answer::Failed(format!(
		"there is no stream `{name}` here: `smart-pay streams` shows those that are, by 32 hexadecimal digits"
	))
}
