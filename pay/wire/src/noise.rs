//! Who is at the other end, and that nobody else reads or changes what is said: Noise, without a socket.

use crate::WireError;
use codec::{Decode, DecodeAll, Encode};
use snow::{
	params::{DHChoice, NoiseParams},
	resolvers::{CryptoResolver, DefaultResolver},
	Builder, HandshakeState, StatelessTransportState,
};
use std::{fmt, sync::Arc};
use zeroize::Zeroizing;

/// The public key of a node, X25519.
pub type NodeKey = [u8; 32];

/// Bytes of a seal.
pub const TAG: usize = 16;
/// Bytes of a message of a handshake, at most.
pub const MAX_HANDSHAKE: usize = 256;
/// Bytes by which an envelope is longer than what is in it: two keys and two seals.
pub const ENVELOPE_OVERHEAD: usize = 96;
/// Bytes of an envelope, at most.
pub const MAX_ENVELOPE: usize = 65_535;

const CONNECTION: &str = "Noise_XX_25519_ChaChaPoly_BLAKE2s";
const ENVELOPE: &str = "Noise_X_25519_ChaChaPoly_BLAKE2s";
/// What both sides have to agree on before anything else: what this is, its version, and the chain.
const CONNECTION_PROLOGUE: &[u8] = b"SmartChain/pay/wire/v1\0";
const ENVELOPE_PROLOGUE: &[u8] = b"SmartChain/pay/envelope/v1\0";

/// The key pair of a node.
#[derive(Clone)]
pub struct Identity {
	secret: Zeroizing<[u8; 32]>,
	key: NodeKey,
}

impl Identity {
	/// That of a secret.
	///
	/// # Errors
	/// If the library has no X25519, which is not so.
	pub fn new(secret: Zeroizing<[u8; 32]>) -> Result<Self, WireError> {
		let mut pair = DefaultResolver
			.resolve_dh(&DHChoice::Curve25519)
			.ok_or_else(|| WireError::Key("no X25519".into()))?;
		pair.set(&secret[..]);
		let key: NodeKey = pair
			.pubkey()
			.get(..32)
			.and_then(|key| key.try_into().ok())
			.ok_or_else(|| WireError::Key("no public key".into()))?;
		Ok(Self { secret, key })
	}

	/// The public key.
	pub fn key(&self) -> NodeKey {
		self.key
	}
}

/// It tells the public key alone.
impl fmt::Debug for Identity {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.debug_struct("Identity")
			.field("key", &self.key)
			.finish_non_exhaustive()
	}
}

/// Who this program is to others.
#[derive(Clone, Debug)]
pub struct Me {
	/// Its key.
	pub identity: Identity,
	/// The chain that its channels are on.
	pub genesis: [u8; 32],
	/// A number drawn when the program began: by it others see that two programs have one key.
	pub writer: u64,
}

/// Who somebody else is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
	/// Its key.
	pub key: NodeKey,
	/// The number of its program.
	pub writer: u64,
}

/// What both say in the handshake, sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
enum Greeting {
	#[codec(index = 1)]
	V1 { writer: u64 },
}

/// A handshake of three messages: the caller's, the answer, the caller's.
pub struct Handshake {
	state: HandshakeState,
	/// Whom the caller means to reach.
	expected: Option<NodeKey>,
	greeting: Vec<u8>,
	theirs: Option<u64>,
}

impl Handshake {
	/// The caller's end: it tells who it is to this key alone.
	///
	/// # Errors
	/// None, unless the library refuses.
	pub fn caller(me: &Me, expected: NodeKey) -> Result<Self, WireError> {
		Self::new(me, Some(expected), None)
	}

	/// The end that answers.
	///
	/// # Errors
	/// None, unless the library refuses.
	pub fn answerer(me: &Me) -> Result<Self, WireError> {
		Self::new(me, None, None)
	}

	fn new(me: &Me, expected: Option<NodeKey>, ephemeral: Option<&[u8; 32]>) -> Result<Self, WireError> {
		let prologue = prologue(CONNECTION_PROLOGUE, &me.genesis);
		let builder = builder(CONNECTION, &me.identity, &prologue, ephemeral)?;
		let state = match expected {
			Some(_) => builder.build_initiator(),
			None => builder.build_responder(),
		};
		Ok(Self {
			state: state.map_err(|_| WireError::Handshake("it cannot be begun"))?,
			expected,
			greeting: Greeting::V1 { writer: me.writer }.encode(),
			theirs: None,
		})
	}

	/// The next message of this end.
	///
	/// # Errors
	/// If it is the other end's turn.
	pub fn write(&mut self) -> Result<Vec<u8>, WireError> {
		// The first message is in clear: nothing is said in it.
		let first = self.state.is_initiator() && self.state.get_remote_static().is_none();
		let greeting: &[u8] = if first { &[] } else { &self.greeting };
		let mut bytes = vec![0; MAX_HANDSHAKE];
		let length = self
			.state
			.write_message(greeting, &mut bytes)
			.map_err(|_| WireError::Handshake("it is the other end's turn"))?;
		bytes.truncate(length);
		Ok(bytes)
	}

	/// Takes a message of the other end.
	///
	/// # Errors
	/// [`WireError::OtherKey`]; [`WireError::Handshake`] if it is of another chain or version, or nonsense.
	pub fn read(&mut self, bytes: &[u8]) -> Result<(), WireError> {
		if bytes.len() > MAX_HANDSHAKE {
			return Err(WireError::Handshake("a message of it is too long"));
		}
		let mut greeting = vec![0; MAX_HANDSHAKE];
		let length = self
			.state
			.read_message(bytes, &mut greeting)
			.map_err(|_| WireError::Handshake("a message of it does not fit"))?;
		let mut greeting = greeting.get(..length).unwrap_or_default();
		let Some(key) = self.state.get_remote_static() else {
			// The caller's first message.
			return match greeting {
				[] => Ok(()),
				_ => Err(WireError::Handshake("its first message says something")),
			};
		};
		if self.expected.is_some_and(|expected| expected != key) {
			return Err(WireError::OtherKey);
		}
		let Greeting::V1 { writer } =
			Greeting::decode_all(&mut greeting).map_err(|_| WireError::Handshake("its greeting is not known"))?;
		self.theirs = Some(writer);
		Ok(())
	}

	/// Whether all three messages went through.
	pub fn is_finished(&self) -> bool {
		self.state.is_handshake_finished()
	}

	/// Both directions, and who the other end is.
	///
	/// # Errors
	/// If it is not finished.
	pub fn finish(self) -> Result<(Sealer, Opener, Peer), WireError> {
		let unfinished = WireError::Handshake("it is not finished");
		let key: Option<NodeKey> = self.state.get_remote_static().and_then(|key| key.try_into().ok());
		let (Some(key), Some(writer)) = (key, self.theirs) else {
			return Err(unfinished);
		};
		let Ok(state) = self.state.into_stateless_transport_mode() else {
			return Err(unfinished);
		};
		let state = Arc::new(state);
		let sealer = Sealer {
			state: Arc::clone(&state),
			next: 0,
		};
		Ok((sealer, Opener { state, next: 0 }, Peer { key, writer }))
	}
}

/// Seals what goes out, in order.
pub struct Sealer {
	state: Arc<StatelessTransportState>,
	next: u64,
}

impl Sealer {
	/// The next message.
	///
	/// # Errors
	/// If it is longer than [`MAX_FRAME`](crate::MAX_FRAME).
	pub fn seal(&mut self, frame: &[u8]) -> Result<Vec<u8>, WireError> {
		let mut bytes = vec![0; frame.len() + TAG];
		let length = self
			.state
			.write_message(self.next, frame, &mut bytes)
			.map_err(|_| WireError::Frame(crate::FrameError::TooLong))?;
		bytes.truncate(length);
		self.next = self.next.checked_add(1).ok_or(WireError::Broken)?;
		Ok(bytes)
	}
}

/// Opens what comes in, in order: what is doubled, left out or put elsewhere does not open.
pub struct Opener {
	state: Arc<StatelessTransportState>,
	next: u64,
}

impl Opener {
	/// What the next message holds.
	///
	/// # Errors
	/// [`WireError::Broken`].
	pub fn open(&mut self, sealed: &[u8]) -> Result<Vec<u8>, WireError> {
		// The library writes what it decrypts before it looks at the seal: so much room it needs.
		let mut bytes = vec![0; sealed.len()];
		let length = self
			.state
			.read_message(self.next, sealed, &mut bytes)
			.map_err(|_| WireError::Broken)?;
		bytes.truncate(length);
		self.next = self.next.checked_add(1).ok_or(WireError::Broken)?;
		Ok(bytes)
	}
}

/// Seals a frame for whoever has this key, to be left at a mailbox. It says who sent it to its reader alone. It can be
/// doubled, and come late.
///
/// # Errors
/// If it is longer than an envelope holds: [`MAX_ENVELOPE`] less [`ENVELOPE_OVERHEAD`].
pub fn seal_envelope(me: &Me, to: &NodeKey, frame: &[u8]) -> Result<Vec<u8>, WireError> {
	seal_with(me, to, frame, None)
}

fn seal_with(me: &Me, to: &NodeKey, frame: &[u8], ephemeral: Option<&[u8; 32]>) -> Result<Vec<u8>, WireError> {
	let prologue = prologue(ENVELOPE_PROLOGUE, &me.genesis);
	let mut state = builder(ENVELOPE, &me.identity, &prologue, ephemeral)?
		.remote_public_key(to)
		.build_initiator()
		.map_err(|_| WireError::Handshake("it cannot be begun"))?;
	let mut bytes = vec![0; frame.len().saturating_add(ENVELOPE_OVERHEAD).min(MAX_ENVELOPE)];
	let length = state
		.write_message(frame, &mut bytes)
		.map_err(|_| WireError::Frame(crate::FrameError::TooLong))?;
	bytes.truncate(length);
	Ok(bytes)
}

/// Opens an envelope: who sent it, and the frame.
///
/// # Errors
/// [`WireError::Broken`] if it is not for this key, of another chain, or damaged.
pub fn open_envelope(me: &Me, envelope: &[u8]) -> Result<(NodeKey, Vec<u8>), WireError> {
	if envelope.len() > MAX_ENVELOPE {
		return Err(WireError::Frame(crate::FrameError::TooLong));
	}
	let prologue = prologue(ENVELOPE_PROLOGUE, &me.genesis);
	let mut state = builder(ENVELOPE, &me.identity, &prologue, None)?
		.build_responder()
		.map_err(|_| WireError::Handshake("it cannot be begun"))?;
	let mut frame = vec![0; envelope.len()];
	let length = state
		.read_message(envelope, &mut frame)
		.map_err(|_| WireError::Broken)?;
	frame.truncate(length);
	let from: Option<NodeKey> = state.get_remote_static().and_then(|key| key.try_into().ok());
	Ok((from.ok_or(WireError::Broken)?, frame))
}

fn prologue(domain: &[u8], genesis: &[u8; 32]) -> Vec<u8> {
	[domain, genesis].concat()
}

fn builder<'a>(
	pattern: &str,
	identity: &'a Identity,
	prologue: &'a [u8],
	ephemeral: Option<&'a [u8; 32]>,
) -> Result<Builder<'a>, WireError> {
	let params: NoiseParams = pattern.parse().map_err(|_| WireError::Handshake("no such pattern"))?;
	let builder = Builder::with_resolver(params, Box::new(DefaultResolver))
		.local_private_key(&identity.secret[..])
		.prologue(prologue);
	Ok(match ephemeral {
		// Tests with golden bytes: all others draw one.
		Some(key) => builder.fixed_ephemeral_key_for_testing_only(key),
		None => builder,
	})
}

#[cfg(test)]
mod tests {
	use super::*;

	/// Made by another program, from the specification of Noise and the layout in the crate's head.
	const GOLDEN: &str = include_str!("../tests/golden/noise-v1.txt");

	fn golden(name: &str) -> Vec<u8> {
		let line = GOLDEN
			.lines()
			.find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
		let hex = line.unwrap();
		(0..hex.len() / 2)
			.map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap())
			.collect()
	}

	fn me(secret: u8, genesis: u8) -> Me {
		Me {
			identity: Identity::new(Zeroizing::new([secret; 32])).unwrap(),
			genesis: [genesis; 32],
			writer: u64::from(secret),
		}
	}

	fn shaken(caller: &Me, answerer: &Me) -> ((Sealer, Opener, Peer), (Sealer, Opener, Peer)) {
		let mut calls = Handshake::caller(caller, answerer.identity.key()).unwrap();
		let mut answers = Handshake::answerer(answerer).unwrap();
		answers.read(&calls.write().unwrap()).unwrap();
		calls.read(&answers.write().unwrap()).unwrap();
		answers.read(&calls.write().unwrap()).unwrap();
		assert!(calls.is_finished() && answers.is_finished());
		(calls.finish().unwrap(), answers.finish().unwrap())
	}

	#[test]
	fn the_bytes_stay() {
		let (caller, answerer) = (me(1, 9), me(2, 9));
		assert_eq!(caller.identity.key().to_vec(), golden("caller"));
		let mut calls = Handshake::new(&caller, Some(answerer.identity.key()), Some(&[3; 32])).unwrap();
		let mut answers = Handshake::new(&answerer, None, Some(&[4; 32])).unwrap();
		let first = calls.write().unwrap();
		assert_eq!(first, golden("first"));
		answers.read(&first).unwrap();
		let second = answers.write().unwrap();
		assert_eq!(second, golden("second"));
		calls.read(&second).unwrap();
		let third = calls.write().unwrap();
		assert_eq!(third, golden("third"));
		answers.read(&third).unwrap();
		let (mut seals, _, _) = calls.finish().unwrap();
		assert_eq!(seals.seal(b"frame").unwrap(), golden("sealed0"));
		assert_eq!(seals.seal(b"frame").unwrap(), golden("sealed1"));
		let envelope = seal_with(&caller, &answerer.identity.key(), b"frame", Some(&[3; 32])).unwrap();
		assert_eq!(envelope, golden("envelope"));
		let (from, frame) = open_envelope(&answerer, &envelope).unwrap();
		assert_eq!((from, frame.as_slice()), (caller.identity.key(), &b"frame"[..]));
	}

	#[test]
	fn both_know_each_other() {
		let (caller, answerer) = (me(1, 9), me(2, 9));
		let ((mut a_seals, mut a_opens, a_peer), (mut b_seals, mut b_opens, b_peer)) = shaken(&caller, &answerer);
		assert_eq!((a_peer.key, a_peer.writer), (answerer.identity.key(), 2));
		assert_eq!((b_peer.key, b_peer.writer), (caller.identity.key(), 1));
		let large = vec![7; crate::MAX_FRAME];
		for frame in [&b"one"[..], &b""[..], large.as_slice()] {
			assert_eq!(b_opens.open(&a_seals.seal(frame).unwrap()).unwrap(), frame);
			assert_eq!(a_opens.open(&b_seals.seal(frame).unwrap()).unwrap(), frame);
		}
		assert!(a_seals.seal(&vec![7; crate::MAX_FRAME + 1]).is_err());
	}

	/// Replayer: says again, leaves out, turns around, changes.
	#[test]
	fn what_is_doubled_left_out_or_changed_does_not_open() {
		let ((mut seals, mut own_opens, _), (_, mut opens, _)) = shaken(&me(1, 9), &me(2, 9));
		let messages: Vec<_> = (0..3).map(|i| seals.seal(&[i]).unwrap()).collect();
		assert_eq!(opens.open(&messages[0]).unwrap(), [0]);
		assert!(opens.open(&messages[0]).is_err(), "doubled");
		assert!(opens.open(&messages[2]).is_err(), "one is left out");
		assert!(own_opens.open(&messages[1]).is_err(), "sent back");
		for at in 0..messages[1].len() {
			let mut changed = messages[1].clone();
			changed[at] ^= 1;
			assert!(opens.open(&changed).is_err(), "byte {at}");
		}
		assert!(opens.open(&[]).is_err() && opens.open(&[0; 15]).is_err());
		assert_eq!(opens.open(&messages[1]).unwrap(), [1], "what was false does not count");
	}

	#[test]
	fn other_chains_other_keys_and_nonsense_end_the_handshake() {
		let mut calls = Handshake::caller(&me(1, 9), me(2, 9).identity.key()).unwrap();
		let mut answers = Handshake::answerer(&me(2, 8)).unwrap();
		answers.read(&calls.write().unwrap()).unwrap();
		let second = answers.write().unwrap();
		assert!(
			matches!(calls.read(&second), Err(WireError::Handshake(_))),
			"another chain"
		);

		let mut calls = Handshake::caller(&me(1, 9), me(2, 9).identity.key()).unwrap();
		let mut answers = Handshake::answerer(&me(3, 9)).unwrap();
		answers.read(&calls.write().unwrap()).unwrap();
		let second = answers.write().unwrap();
		assert!(matches!(calls.read(&second), Err(WireError::OtherKey)));

		let mut rng = smartchain_rng::Rng::new(5);
		for length in (0..=MAX_HANDSHAKE + 8).step_by(7) {
			let mut answers = Handshake::answerer(&me(2, 9)).unwrap();
			// Whatever is long enough for a key and says nothing begins a handshake, and gets no further.
			let first = answers.read(&rng.bytes(length));
			assert!(first.is_err() || length == 32);
			assert!(answers.finish().is_err());
		}
		let mut out_of_turn = Handshake::answerer(&me(2, 9)).unwrap();
		assert!(out_of_turn.write().is_err());
	}

	#[test]
	fn envelopes_open_for_their_reader_alone() {
		let (sender, reader) = (me(1, 9), me(2, 9));
		let envelope = seal_envelope(&sender, &reader.identity.key(), b"frame").unwrap();
		assert_eq!(envelope.len(), 5 + ENVELOPE_OVERHEAD);
		assert!(open_envelope(&me(3, 9), &envelope).is_err());
		assert!(open_envelope(&me(2, 8), &envelope).is_err(), "another chain");
		for at in 0..envelope.len() {
			let mut changed = envelope.clone();
			changed[at] ^= 1;
			assert!(open_envelope(&reader, &changed).is_err(), "byte {at}");
		}
		for end in 0..envelope.len() {
			assert!(open_envelope(&reader, &envelope[..end]).is_err());
		}
		let most = vec![1; MAX_ENVELOPE - ENVELOPE_OVERHEAD];
		let envelope = seal_envelope(&sender, &reader.identity.key(), &most).unwrap();
		assert_eq!(open_envelope(&reader, &envelope).unwrap().1, most);
		let more = vec![1; MAX_ENVELOPE - ENVELOPE_OVERHEAD + 1];
		assert!(seal_envelope(&sender, &reader.identity.key(), &more).is_err());
	}
}
