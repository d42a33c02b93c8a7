//! The machine, asked in bytes: one request, one reply, one step at a time.

use crate::{
	chain, envelope,
	known::{verify, Known},
	ChannelView, Deed, Fault, Kept, Options, PartView, Reply, Request, Want,
};
use alloc::{
	collections::BTreeMap,
	string::{String, ToString},
	vec::Vec,
};
use channel_primitives::{
	Accept, ChannelId, ChannelKey, ChannelSignature, Context, Hash, Payload, Side, Tick, WatchV1, NO_CHANNEL, STCI,
};
use codec::{DecodeAll, Encode};
use core::convert::Infallible;
use ed25519_zebra::{SigningKey, VerificationKey};
use smartchain_channel::{
	conditions_of, Action, Block, Call, Config, Event, Fact, Message, Party, Phase, Signable, Step, Store, Tower,
	Unsigned, Write,
};

/// What waits for its signature.
enum Ticket {
	Message(Unsigned<Message>),
	Call(Unsigned<Call>),
	Watch(Unsigned<WatchV1>),
}

impl Ticket {
	fn payload(&self) -> Option<&Hash> {
		match self {
			Self::Message(unsigned) => unsigned.payload(),
			Self::Call(unsigned) => unsigned.payload(),
			Self::Watch(unsigned) => unsigned.payload(),
		}
	}

	/// Whose signature it is.
	fn key(&self) -> Option<&ChannelKey> {
		match self {
			Self::Message(unsigned) => unsigned.key(),
			Self::Call(unsigned) => unsigned.key(),
			Self::Watch(unsigned) => unsigned.key(),
		}
	}
}

/// Whoever asks for [`Request::Stored`] says that the writes are durable.
struct Durable;

impl Store for Durable {
	type Error = Infallible;

	fn commit(&mut self, _: &[Write]) -> Result<(), Infallible> {
		Ok(())
	}
}

/// The machine of one program, and what waits between its step and the store.
pub struct Desk {
	party: Option<Party>,
	config: Option<Config>,
	known: Known,
	pending: Option<Step>,
	tickets: BTreeMap<u32, (ChannelId, Ticket)>,
	next: u32,
}

impl Default for Desk {
	fn default() -> Self {
		Self::new()
	}
}

fn turn(why: &str) -> Reply {
	Reply::Fault(Fault::Turn, why.to_string())
}

fn refused(why: &impl ToString) -> Reply {
	Reply::Fault(Fault::Refused, why.to_string())
}

fn config(options: Option<Options>) -> Config {
	let Some(options) = options else {
		return Config::default();
	};
	Config {
		together: options.together,
		resubmit: options.resubmit,
		tower: options.tower.map(|tower| Tower {
			account: tower.account,
			key: tower.key,
			reward: tower.reward,
			strict: tower.strict,
		}),
		..Config::default()
	}
}

impl Desk {
	/// One that has not begun.
	pub const fn new() -> Self {
		Self {
			party: None,
			config: None,
			known: Known::new(),
			pending: None,
			tickets: BTreeMap::new(),
			next: 0,
		}
	}

	/// Answers a [`Request`] in SCALE by a [`Reply`] in SCALE.
	pub fn call(&mut self, request: &[u8]) -> Vec<u8> {
		let mut bytes = request;
		let reply = match Request::decode_all(&mut bytes) {
			Ok(request) => self.answer(request),
			Err(_) => Reply::Fault(
				Fault::Request,
				"the request cannot be read: package and module are of two versions, install both anew".to_string(),
			),
		};
		reply.encode()
	}

	/// Answers a request.
	pub fn answer(&mut self, request: Request) -> Reply {
		match request {
			Request::Start { options, sheets } => self.start(options, &sheets),
			Request::Step(want) => self.step(want),
			Request::Stored => self.stored(),
			Request::Sign { ticket, signature } => self.sign(ticket, signature),
			Request::View(channel) => self.view(channel),
			Request::Learn(known) => {
				for (condition, reveal) in known {
					self.known.learn(condition, reveal);
				}
				Reply::Done
			}
			Request::Forget => {
				self.known.forget();
				Reply::Done
			}
			Request::WriteEnvelope { channel, messages } => match envelope::write(channel, &messages) {
				Ok(bytes) => Reply::Bytes(bytes),
				Err(error) => Reply::Fault(Fault::Envelope, error.to_string()),
			},
			Request::ReadEnvelope(bytes) => match envelope::read(&bytes) {
				Ok((channel, messages)) => Reply::Envelope { channel, messages },
				Err(error) => Reply::Fault(Fault::Envelope, error.to_string()),
			},
			Request::KeyOf(secret) => {
				let key: [u8; 32] = VerificationKey::from(&SigningKey::from(secret)).into();
				Reply::Bytes(key.to_vec())
			}
			Request::SignWith { secret, payload } => {
				let signature: [u8; 64] = SigningKey::from(secret).sign(&payload).into();
				Reply::Bytes(signature.to_vec())
			}
			Request::Verify {
				key,
				payload,
				signature,
			} => Reply::Yes(verify(&key, &payload, &signature)),
			Request::Agreement {
				genesis,
				side,
				terms,
				opener,
				expiry,
			} => {
				let context = Context {
					genesis,
					channel: NO_CHANNEL,
					asset: STCI,
					side,
				};
				let accept = Accept { terms, opener, expiry };
				Reply::Bytes(accept.payload(&context).to_vec())
			}
			Request::Signer(ticket) => match self.tickets.get(&ticket).and_then(|(_, ticket)| ticket.key()) {
				Some(key) => Reply::Bytes(key.0.to_vec()),
				None => turn("there is no such ticket, or it needs no signature"),
			},
		}
	}

	fn start(&mut self, options: Option<Options>, sheets: &[(ChannelId, Vec<u8>)]) -> Reply {
		let config = config(options);
		let stored = sheets.iter().map(|(channel, bytes)| (*channel, bytes.as_slice()));
		match Party::restore(config, stored) {
			Ok(party) => {
				*self = Self::new();
				(self.party, self.config) = (Some(party), Some(config));
				Reply::Done
			}
			Err(error) => Reply::Fault(Fault::Store, error.to_string()),
		}
	}

	fn step(&mut self, want: Want) -> Reply {
		if self.pending.is_some() {
			return turn("the last step is not stored yet");
		}
		let Some(party) = &mut self.party else {
			return turn("the machine has not begun");
		};
		let event = match event(want) {
			Ok(event) => event,
			Err(reply) => return reply,
		};
		let missing = self.known.missing(conditions_of(&event, party));
		if !missing.is_empty() {
			return Reply::Ask(missing);
		}
		let reveals = revealed(&event);
		match party.step(event, &self.known) {
			Ok(step) => {
				for (condition, reveal) in reveals {
					self.known.learn(condition, Some(reveal));
				}
				let kept = step.writes().iter().map(kept).collect();
				self.pending = Some(step);
				Reply::Writes(kept)
			}
			Err(why) => refused(&why),
		}
	}

	fn stored(&mut self) -> Reply {
		let Some(step) = self.pending.take() else {
			return turn("no step waits for the store");
		};
		let actions = match step.commit(&mut Durable) {
			Ok(actions) => actions,
			Err(never) => match never.error {},
		};
		self.tickets.clear();
		let deeds = actions.into_iter().map(|action| self.deed(action)).collect();
		Reply::Deeds(deeds)
	}

	fn ticket(&mut self, channel: ChannelId, ticket: Ticket) -> (u32, Option<Hash>) {
		let (number, payload) = (self.next, ticket.payload().copied());
		self.next = self.next.wrapping_add(1);
		self.tickets.insert(number, (channel, ticket));
		(number, payload)
	}

	fn deed(&mut self, action: Action) -> Deed {
		match action {
			Action::Send(channel, unsigned) => {
				let (ticket, payload) = self.ticket(channel, Ticket::Message(unsigned));
				Deed::Send {
					channel,
					ticket,
					payload,
				}
			}
			Action::Submit(channel, unsigned) => {
				let (ticket, payload) = self.ticket(channel, Ticket::Call(unsigned));
				Deed::Submit {
					channel,
					ticket,
					payload,
				}
			}
			Action::Watch(channel, unsigned) => {
				let (ticket, payload) = self.ticket(channel, Ticket::Watch(unsigned));
				Deed::Watch {
					channel,
					ticket,
					payload,
				}
			}
			Action::Guard(channel, guard) => Deed::Guard(channel, guard.encode()),
			Action::Unguard(channel, lock) => Deed::Unguard(channel, lock),
			Action::Notify(notice) => Deed::Notify(notice),
			Action::Progress { at, steps } => Deed::Progress(at, steps),
			Action::Watched(channel, nonce) => Deed::Watched(channel, nonce),
		}
	}

	fn sign(&mut self, number: u32, signature: Option<ChannelSignature>) -> Reply {
		let Some((channel, ticket)) = self.tickets.remove(&number) else {
			return turn("there is no such ticket: tickets count once, until the next step is stored");
		};
		let sheet = self.party.as_ref().and_then(|party| party.sheet(channel));
		let signed = match (ticket.key(), ticket.payload(), &signature) {
			(Some(key), Some(payload), Some(signature)) => verify(key, payload, signature),
			(Some(_), Some(_), None) => false,
			// It needs none.
			(None, _, _) | (_, None, _) => true,
		};
		if !signed {
			self.tickets.insert(number, (channel, ticket));
			return Reply::Fault(
				Fault::Signature,
				"the signature is missing, or not by the key that signs here".to_string(),
			);
		}
		let side = sheet.map_or(Side::Low, |sheet| sheet.side());
		match ticket {
			Ticket::Message(unsigned) => Reply::Bytes(put(unsigned, signature).encode()),
			Ticket::Call(unsigned) => chain::call(channel, side, &put(unsigned, signature)),
			Ticket::Watch(unsigned) => Reply::Bytes(put(unsigned, signature).encode()),
		}
	}

	fn view(&self, channel: ChannelId) -> Reply {
		let (Some(party), Some(config)) = (&self.party, &self.config) else {
			return turn("the machine has not begun");
		};
		let Some(sheet) = party.sheet(channel) else {
			return refused(&smartchain_channel::Refused::NoChannel(channel));
		};
		let now: Tick = party.now();
		let theirs = sheet.theirs.as_ref().map(|theirs| &theirs.half.body);
		let stopped: Option<String> = party.may_sign(channel).err().map(|why| why.to_string());
		Reply::View(ChannelView {
			side: sheet.side(),
			asset: sheet.opened.context.asset,
			keys: sheet.opened.terms.keys,
			window: sheet.opened.terms.window,
			stake: sheet.opened.stake,
			ours: PartView {
				paid: sheet.obligations.transferred(),
				locked: sheet.obligations.locks().total(),
				nonce: sheet.signed.map_or(0, |half| half.nonce),
			},
			theirs: theirs.map_or_else(PartView::default, |half| PartView {
				paid: half.transferred,
				locked: half.locked,
				nonce: half.nonce,
			}),
			room: sheet.obligations.room(&sheet.sight(now, config.is_strict())),
			acked: sheet.acked(false),
			confirmed: party.confirmed(channel),
			phase: phase(&sheet.phase),
			stopped,
			closing: sheet
				.seen
				.as_ref()
				.map(|seen| (seen.dispute.closer, seen.dispute.deadline)),
			now,
		})
	}
}

fn put<What: Signable>(unsigned: Unsigned<What>, signature: Option<ChannelSignature>) -> What {
	// It is asked for only if there is a payload, and then there is a signature.
	unsigned.signed(|_| signature.unwrap_or(ChannelSignature([0; 64])))
}

fn phase(phase: &Phase) -> u8 {
	match phase {
		Phase::Open => 0,
		Phase::Lost { .. } => 1,
		Phase::Parting { .. } => 2,
		Phase::Closing { .. } => 3,
		Phase::Settled { .. } => 4,
		Phase::Recovering { .. } => 5,
	}
}

fn kept(write: &Write) -> Kept {
	match write {
		Write::Sheet { channel, bytes } => Kept::Sheet {
			channel: *channel,
			bytes: bytes.clone(),
		},
		Write::Forget(channel) => Kept::Forget(*channel),
		Write::Note(notice) => Kept::Note(notice.clone()),
	}
}

/// The conditions that a block says are met.
fn revealed(event: &Event) -> Vec<(Hash, channel_primitives::Reveal)> {
	let Event::Final(block) = event else {
		return Vec::new();
	};
	let of = |fact: &Fact| match fact {
		Fact::Revealed { condition, reveal } => Some((*condition, *reveal)),
		_ => None,
	};
	block.facts.iter().filter_map(of).collect()
}

fn event(want: Want) -> Result<Event, Reply> {
	Ok(match want {
		Want::Final { tick, told } => Event::Final(Block {
			tick,
			facts: told.into_iter().flat_map(chain::facts).collect(),
		}),
		Want::Best {
			channel,
			state,
			claim_locks,
		} => match state.stage {
			channel_primitives::Stage::Closing(dispute) => Event::Best {
				channel,
				claim_locks: chain::fitting(&dispute, claim_locks),
				dispute,
			},
			_ => return Err(turn("the channel is not being closed in that block")),
		},
		Want::Connected { channel, number } => Event::Connected { channel, number },
		Want::Disconnected(channel) => Event::Disconnected(channel),
		Want::Received(channel, message) => Event::Received(channel, message),
		Want::Receipt(channel, receipt) => Event::Receipt(channel, receipt),
		Want::Wake => Event::Wake,
		Want::Pay { channel, amount, memo } => Event::Pay { channel, amount, memo },
		Want::Lock {
			channel,
			amount,
			expiry,
			condition,
			packet,
		} => Event::Lock {
			channel,
			amount,
			expiry,
			condition,
			packet,
		},
		Want::Show { at, witness } => Event::Show { at, witness },
		Want::GiveUp { at, reason } => Event::GiveUp { at, reason },
		Want::Withdraw { channel, amount } => Event::Withdraw { channel, amount },
		Want::Together(channel) => Event::Together(channel),
		Want::Close { channel, sure } => Event::Close { channel, sure },
		Want::CloseRecovery(channel) => Event::CloseRecovery(channel),
		Want::Rekey { channel, key } => Event::Rekey { channel, key },
		Want::Recover {
			genesis,
			channel,
			account,
			state,
		} => match chain::opened(genesis, channel, &account, &state) {
			Some(opened) => Event::Recover(opened),
			None => return Err(turn("the channel is none of this account's")),
		},
	})
}
