//! A program as JavaScript would be one: it stores, signs, and carries bytes from one desk to the other.

use channel_primitives::{ChannelKey, ChannelSignature, ChannelState, Hash, PerSide, Side, Stage, Stake, Terms};
use codec::{Decode, Encode};
use smartchain_channel::Message;
use smartchain_channel_wasm::{ChannelView, Deed, Desk, Fault, Kept, Reply, Request, Told, Want};
use std::collections::{BTreeMap, VecDeque};

/// The channel of these tests.
pub const CHANNEL: u64 = 7;
/// The chain of these tests.
pub const GENESIS: Hash = [9; 32];

/// One side's program.
pub struct Program {
	/// The machine.
	pub desk: Desk,
	/// The secret of the channel's key.
	pub secret: [u8; 32],
	/// The secret of the key that is taken next.
	pub next: Option<[u8; 32]>,
	/// What is stored.
	pub sheets: BTreeMap<u64, Vec<u8>>,
	/// What is to be sent.
	pub out: VecDeque<Vec<u8>>,
	/// What is to be brought to the chain: whether it needs no account, and the call.
	pub calls: Vec<(bool, Vec<u8>)>,
}

/// The key of a secret.
pub fn key(secret: [u8; 32]) -> ChannelKey {
	match Desk::new().answer(Request::KeyOf(secret)) {
		Reply::Bytes(bytes) => ChannelKey(bytes.try_into().expect("a key")),
		other => panic!("{other:?}"),
	}
}

/// How the channel stands on chain: each side has put in 1,000.
pub fn state() -> ChannelState {
	ChannelState {
		accounts: PerSide {
			low: [1; 32],
			high: [2; 32],
		},
		keys: PerSide {
			low: key([11; 32]),
			high: key([12; 32]),
		},
		asset: 0,
		stake: Stake {
			deposited: PerSide {
				low: 1_000,
				high: 1_000,
			},
			withdrawn: PerSide::default(),
		},
		window: 20,
		stage: Stage::Open,
	}
}

/// The terms of the channel.
pub fn terms() -> Terms {
	let state = state();
	Terms {
		keys: state.keys,
		window: state.window,
	}
}

impl Program {
	/// The program of a side, to which the channel was told.
	pub fn new(side: Side) -> Self {
		let mut program = Self {
			desk: Desk::new(),
			secret: match side {
				Side::Low => [11; 32],
				Side::High => [12; 32],
			},
			next: None,
			sheets: BTreeMap::new(),
			out: VecDeque::new(),
			calls: Vec::new(),
		};
		program.restart();
		let opened = Told::Opened {
			genesis: GENESIS,
			channel: CHANNEL,
			account: *state().accounts.get(side),
			state: state(),
		};
		let told = vec![opened];
		program.step(Want::Final { tick: 100, told }).expect("it is ours");
		program
	}

	/// Begins anew from what is stored.
	pub fn restart(&mut self) {
		let sheets = self.sheets.clone().into_iter().collect();
		self.desk = Desk::new();
		assert_eq!(self.desk.answer(Request::Start { options: None, sheets }), Reply::Done);
	}

	/// Takes a step, stores what comes of it, and does what is to be done.
	pub fn step(&mut self, want: Want) -> Result<(), String> {
		// By bytes, as JavaScript does.
		let reply = self.desk.call(&Request::Step(want).encode());
		match Reply::decode(&mut reply.as_slice()).expect("a reply") {
			Reply::Writes(writes) => self.store(writes),
			Reply::Fault(Fault::Refused, why) => return Err(why),
			other => panic!("{other:?}"),
		}
		let Reply::Deeds(deeds) = self.desk.answer(Request::Stored) else {
			panic!("it was stored");
		};
		for deed in deeds {
			self.act(&deed);
		}
		Ok(())
	}

	fn store(&mut self, writes: Vec<Kept>) {
		for write in writes {
			match write {
				Kept::Sheet { channel, bytes } => drop(self.sheets.insert(channel, bytes)),
				Kept::Forget(channel) => drop(self.sheets.remove(&channel)),
				Kept::Note(_) => (),
			}
		}
	}

	fn act(&mut self, deed: &Deed) {
		match deed {
			Deed::Send { ticket, payload, .. } | Deed::Submit { ticket, payload, .. } => {
				let ticket = *ticket;
				let signature = payload.map(|payload| {
					let secret = self.signer(ticket);
					self.signed_by(secret, payload)
				});
				match self.desk.answer(Request::Sign { ticket, signature }) {
					Reply::Bytes(message) => self.out.push_back(message),
					Reply::Call { free, call } => self.calls.push((free, call)),
					other => panic!("{other:?}"),
				}
			}
			_ => (),
		}
	}

	/// The secret of the key that signs under a ticket.
	fn signer(&mut self, ticket: u32) -> [u8; 32] {
		let Reply::Bytes(wanted) = self.desk.answer(Request::Signer(ticket)) else {
			panic!("it is signed");
		};
		let mut ours = [self.secret].into_iter().chain(self.next);
		let found = ours.find(|secret| key(*secret).0[..] == wanted[..]);
		found.expect("a key of ours")
	}

	/// Signs 32 bytes by the key of the channel.
	pub fn signature(&mut self, payload: Hash) -> ChannelSignature {
		self.signed_by(self.secret, payload)
	}

	fn signed_by(&mut self, secret: [u8; 32], payload: Hash) -> ChannelSignature {
		match self.desk.answer(Request::SignWith { secret, payload }) {
			Reply::Bytes(bytes) => ChannelSignature(bytes.try_into().expect("a signature")),
			other => panic!("{other:?}"),
		}
	}

	/// How the channel stands.
	pub fn view(&mut self) -> ChannelView {
		match self.desk.answer(Request::View(CHANNEL)) {
			Reply::View(view) => view,
			other => panic!("{other:?}"),
		}
	}

	/// Takes a message of the partner's.
	pub fn hear(&mut self, message: &[u8]) -> Result<(), String> {
		let message = Message::decode(&mut &*message).expect("a message");
		self.step(Want::Received(CHANNEL, message))
	}

	/// Is told the next final block, which says nothing.
	pub fn block(&mut self, tick: u32) {
		let told = Vec::new();
		self.step(Want::Final { tick, told }).expect("a block");
	}

	/// Meets the partner anew.
	pub fn greet(&mut self, number: u64) {
		let channel = CHANNEL;
		self.step(Want::Connected { channel, number }).expect("it is there");
	}
}

/// Carries all that both have to say.
pub fn talk(one: &mut Program, other: &mut Program) {
	while !one.out.is_empty() || !other.out.is_empty() {
		while let Some(message) = one.out.pop_front() {
			let _ = other.hear(&message);
		}
		while let Some(message) = other.out.pop_front() {
			let _ = one.hear(&message);
		}
	}
}
