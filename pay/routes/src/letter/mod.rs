//! The letter that travels with a lock: a layer for each hop, of which nobody sees more than its own. It is Sphinx
//! (Danezis and Goldberg, 2009), as Lightning's BOLT 4 has it, with X25519 and ChaCha20Poly1305.

mod fault;
mod keys;
mod seen;

pub use fault::{Fault, FaultKey, SealedFault};
pub use keys::node_key;
pub use seen::{Seen, MAX_SEEN};

use crate::{NodeKey, MAX_HOPS};
use channel_primitives::{Balance, ChannelId, Hash, Tick};
use keys::{agree, agree_all, derive, open as unseal, seal as seal_in_place, stream, Derived, Label, MAC};
use x25519_dalek::x25519;
use zeroize::Zeroizing;

/// Bytes of each letter, however many hops it has left.
pub const LETTER: usize = 512;
/// Its version.
const VERSION: u8 = 1;
/// Bytes of a point.
const POINT: usize = 32;
/// Bytes of all layers.
const BODY: usize = LETTER - 1 - POINT - MAC;
/// Bytes of what a mediator is told: a kind, a channel, an amount, an expiry.
const TOLD: usize = 1 + 8 + 16 + 4;
/// Bytes by which the layers move up at each mediator.
const CELL: usize = TOLD + MAC;
/// The most bytes that the payee is told.
pub const MAX_LAST: usize = BODY - (MAX_HOPS - 1) * CELL - 2;

const KIND_ON: u8 = 0;
const KIND_LAST: u8 = 1;

/// What a mediator is told: how the lock goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct On {
	/// In which channel; another one with the same partner does as well.
	pub channel: ChannelId,
	/// How much, in planck.
	pub amount: Balance,
	/// The last tick at which meeting the condition counts there.
	pub expiry: Tick,
}

/// What is wrong with a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LetterError {
	/// It is not of this length and version.
	#[error("the letter is none of this version")]
	Version,
	/// A key with which everybody shares the same.
	#[error("a key in the letter is none that a program makes")]
	Key,
	/// It was sealed for another key, another condition or another chain, or was changed on the way.
	#[error("the letter is not for this node and this lock, or was changed on the way")]
	Foreign,
	/// Its layer says nothing that is known.
	#[error("the letter says something that this program does not know")]
	Unknown,
	/// More hops than [`MAX_HOPS`], or no payee.
	#[error("a way has 1 to 8 hops")]
	Hops,
	/// The payee is told more than [`MAX_LAST`] bytes.
	#[error("too much is said to the payee")]
	TooLong,
}

/// A letter on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
	point: [u8; POINT],
	mac: [u8; MAC],
	body: Vec<u8>,
}

/// What a hop finds in a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
	/// It goes on, with this letter.
	On(On, Letter),
	/// It ends here.
	Last(Vec<u8>),
}

/// A letter that was opened.
#[derive(Debug)]
pub struct Opened {
	/// What it says.
	pub found: Found,
	/// What the payer is told by why it came to nothing.
	pub fault: FaultKey,
	/// What it is remembered by: no other letter has the same.
	pub mark: Hash,
}

/// The keys of a hop.
struct Secrets {
	body: Derived,
	pad: Derived,
	blind: Derived,
	fault: Derived,
	mark: Derived,
}

impl Secrets {
	fn new(genesis: &Hash, point: &[u8; 32], shared: &[u8; 32]) -> Self {
		let key = |label| derive(genesis, label, point, shared);
		Self {
			body: key(Label::Body),
			pad: key(Label::Pad),
			blind: key(Label::Blind),
			fault: key(Label::Fault),
			mark: key(Label::Mark),
		}
	}

	fn cover(&self) -> Result<Vec<u8>, LetterError> {
		stream(&self.body, BODY).ok_or(LetterError::TooLong)
	}

	fn padding(&self) -> Result<Vec<u8>, LetterError> {
		stream(&self.pad, CELL).ok_or(LetterError::TooLong)
	}
}

/// What a letter is bound to: with another lock it does not open.
fn bound(condition: &Hash) -> Vec<u8> {
	[&[VERSION][..], condition].concat()
}

fn lay(bytes: &mut [u8], over: &[u8]) {
	for (byte, by) in bytes.iter_mut().zip(over) {
		*byte ^= by;
	}
}

impl On {
	fn write(&self) -> [u8; TOLD] {
		let mut bytes = [0; TOLD];
		bytes[0] = KIND_ON;
		bytes[1..9].copy_from_slice(&self.channel.to_le_bytes());
		bytes[9..25].copy_from_slice(&self.amount.to_le_bytes());
		bytes[25..].copy_from_slice(&self.expiry.to_le_bytes());
		bytes
	}

	fn read(bytes: &[u8]) -> Option<Self> {
		Some(Self {
			channel: ChannelId::from_le_bytes(bytes.get(1..9)?.try_into().ok()?),
			amount: Balance::from_le_bytes(bytes.get(9..25)?.try_into().ok()?),
			expiry: Tick::from_le_bytes(bytes.get(25..TOLD)?.try_into().ok()?),
		})
	}
}

impl Letter {
	/// Seals a letter, of 32 secret bytes that are used for nothing else.
	///
	/// - `condition`: of the lock that it travels with; each hop has to see the same.
	/// - `mediators`: the key of each, and how the lock goes on from there.
	/// - `last`: what the payee is told, at most [`MAX_LAST`] bytes.
	///
	/// Returns by what the payer opens why it came to nothing, for each mediator and the payee.
	///
	/// # Errors
	/// [`LetterError::Hops`], [`LetterError::TooLong`], [`LetterError::Key`].
	pub fn seal(
		genesis: &Hash,
		condition: &Hash,
		session: &Zeroizing<[u8; 32]>,
		mediators: &[(NodeKey, On)],
		payee: &NodeKey,
		last: &[u8],
	) -> Result<(Self, Vec<FaultKey>), LetterError> {
		if mediators.len() >= MAX_HOPS {
			return Err(LetterError::Hops);
		}
		if last.len() > MAX_LAST {
			return Err(LetterError::TooLong);
		}
		let keys: Vec<NodeKey> = mediators.iter().map(|(key, _)| *key).chain([*payee]).collect();
		let (points, secrets) = shared(genesis, session, &keys)?;
		let room = derive(genesis, Label::Room, &points[0], session);
		let mut inner = innermost(&secrets, &room, last)?;
		let mut mac = [0; MAC];
		let bound = bound(condition);
		for (at, secret) in secrets.iter().enumerate().rev() {
			if let Some((_, on)) = mediators.get(at) {
				inner.truncate(BODY - CELL);
				inner = [&on.write()[..], &mac, &inner].concat();
			}
			mac = seal_in_place(&secret.body, &bound, &mut inner).ok_or(LetterError::TooLong)?;
		}
		let faults = secrets.iter().map(|secret| FaultKey::new(&secret.fault)).collect();
		let letter = Self {
			point: points[0],
			mac,
			body: inner,
		};
		Ok((letter, faults))
	}

	/// As it travels: [`LETTER`] bytes.
	pub fn write(&self) -> Vec<u8> {
		[&[VERSION][..], &self.point, &self.mac, &self.body].concat()
	}

	/// From what came.
	///
	/// # Errors
	/// [`LetterError::Version`].
	pub fn read(bytes: &[u8]) -> Result<Self, LetterError> {
		let wrong = LetterError::Version;
		if bytes.len() != LETTER || bytes.first() != Some(&VERSION) {
			return Err(wrong);
		}
		let part = |from: usize, to: usize| bytes.get(from..to).ok_or(wrong);
		Ok(Self {
			point: part(1, 1 + POINT)?.try_into().map_err(|_| wrong)?,
			mac: part(1 + POINT, LETTER - BODY)?.try_into().map_err(|_| wrong)?,
			body: part(LETTER - BODY, LETTER)?.to_vec(),
		})
	}

	/// Takes off the layer that is for the node with this secret.
	///
	/// # Errors
	/// [`LetterError::Key`], [`LetterError::Foreign`], [`LetterError::Unknown`].
	pub fn open(&self, genesis: &Hash, condition: &Hash, secret: &Zeroizing<[u8; 32]>) -> Result<Opened, LetterError> {
		let shared = agree(secret, &self.point).ok_or(LetterError::Key)?;
		let secrets = Secrets::new(genesis, &self.point, &shared);
		let mut body = self.body.clone();
		unseal(&secrets.body, &bound(condition), &mut body, &self.mac).ok_or(LetterError::Foreign)?;
		let found = match body.first() {
			Some(&KIND_ON) => {
				let on = On::read(&body).ok_or(LetterError::Unknown)?;
				let mac = body.get(TOLD..CELL).and_then(|mac| mac.try_into().ok());
				let rest = body.get(CELL..).unwrap_or_default();
				let letter = Self {
					point: x25519(*secrets.blind, self.point),
					mac: mac.ok_or(LetterError::Unknown)?,
					body: [rest, &secrets.padding()?].concat(),
				};
				Found::On(on, letter)
			}
			Some(&KIND_LAST) => {
				let length = body.get(1).copied().map(usize::from).ok_or(LetterError::Unknown)?;
				let last = (length <= MAX_LAST).then(|| body.get(2..2 + length)).flatten();
				Found::Last(last.ok_or(LetterError::Unknown)?.to_vec())
			}
			_ => return Err(LetterError::Unknown),
		};
		Ok(Opened {
			found,
			fault: FaultKey::new(&secrets.fault),
			mark: *secrets.mark,
		})
	}
}

/// The points that the hops get, and what the payer shares with each.
fn shared(
	genesis: &Hash,
	session: &Zeroizing<[u8; 32]>,
	keys: &[NodeKey],
) -> Result<(Vec<[u8; 32]>, Vec<Secrets>), LetterError> {
	let (mut points, mut secrets) = (Vec::new(), Vec::new());
	let mut factors: Vec<Derived> = vec![session.clone()];
	let mut point = node_key(session);
	for key in keys {
		let shared = agree_all(&factors, key).ok_or(LetterError::Key)?;
		let own = Secrets::new(genesis, &point, &shared);
		points.push(point);
		point = x25519(*own.blind, point);
		factors.push(own.blind.clone());
		secrets.push(own);
	}
	Ok((points, secrets))
}

/// What the payee finds, in clear, with the end that the layers before it will have made of it.
fn innermost(secrets: &[Secrets], room: &[u8; 32], last: &[u8]) -> Result<Vec<u8>, LetterError> {
	// What each mediator puts at the end, as the next ones will see it.
	let mut end: Vec<u8> = Vec::new();
	let (payee, mediators) = secrets.split_last().ok_or(LetterError::Hops)?;
	for secret in mediators {
		let cover = secret.cover()?;
		let from = cover.len() - end.len();
		lay(&mut end, &cover[from..]);
		end.extend(secret.padding()?);
	}
	let cover = payee.cover()?;
	let from = cover.len() - end.len();
	lay(&mut end, &cover[from..]);
	// What is left is filled with what looks like the rest: nobody counts hops by it.
	let mut inner = stream(room, BODY).ok_or(LetterError::TooLong)?;
	let length = u8::try_from(last.len()).map_err(|_| LetterError::TooLong)?;
	inner[0] = KIND_LAST;
	inner[1] = length;
	inner[2..2 + last.len()].copy_from_slice(last);
	inner[from..].copy_from_slice(&end);
	Ok(inner)
}
