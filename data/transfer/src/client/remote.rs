//! One slot at one device: looked at, read, written. All calls wait.

use super::{
	http::Head,
	link::{Asked, Link},
	Holder, Identity, RemoteError, Stopper, Unwilling,
};
use crate::{
	desk::Held,
	stream::{encoded_len, Decoder, Lie, Piece},
	wire::{
		cost, digest, from_hex, receipt_of, receipt_of_header, values, Caller, Cause, Deed, Fault, Receipt, DURABLE,
		LENGTH, MOST, OWED, PRICE, PROMISED, RECEIPT, ROOT, VOUCHER, WRITTEN,
	},
};
use device_primitives::DeviceSignature;
use std::{
	mem,
	sync::Arc,
	thread,
	time::{Duration, Instant},
};
use storage_proof_primitives::{Contents, Hash};

/// What is verified at once: it stays in the processor's cache between the socket and its place.
const BATCH: usize = 256 << 10;

/// A slot at a device. It connects when it is first used, and again when the connection breaks.
pub struct Remote {
	identity: Arc<Identity>,
	holder: Holder,
	link: Option<Link>,
	stopper: Stopper,
	bill: Bill,
	/// Whether the device may send what was asked for last.
	asked: bool,
	batch: Vec<u8>,
}

/// What is owed and promised for reads, in planck.
#[derive(Default)]
struct Bill {
	/// Whether the device was asked what it thinks of it.
	known: bool,
	/// For all that was read.
	spent: u128,
	/// By the best voucher that the device took.
	promised: u128,
	/// What the device said that it sent, and did not come.
	lost: u128,
}

/// How a probe went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probed {
	/// From the question to the last verified byte.
	pub took: Duration,
	/// Bytes of the slot that came.
	pub bytes: u64,
	/// The device's receipt with its signature, if it gave one: what the market takes for a probe. Whoever hands it on
	/// checks the signature by the device's lottery key; everything else in it was compared.
	pub receipt: Option<(Receipt, DeviceSignature)>,
}

impl Remote {
	/// Of a slot at a device.
	pub fn new(identity: Arc<Identity>, holder: Holder) -> Self {
		Self {
			identity,
			holder,
			link: None,
			stopper: Stopper::default(),
			bill: Bill::default(),
			asked: false,
			batch: Vec::new(),
		}
	}

	/// Which slot, and where.
	pub fn holder(&self) -> &Holder {
		&self.holder
	}

	/// What ends a call from another thread. It is for good.
	pub fn stopper(&self) -> Stopper {
		self.stopper.clone()
	}

	/// How much of the slot is there.
	///
	/// # Errors
	/// [`RemoteError`].
	pub fn look(&mut self) -> Result<Held, RemoteError> {
		self.again(Self::look_once)
	}

	/// Fills the buffer with bytes of the slot from an offset on. Each group was compared with the root.
	///
	/// # Errors
	/// [`RemoteError`]; nothing in the buffer counts then.
	pub fn read(&mut self, from: u64, into: &mut [u8]) -> Result<(), RemoteError> {
		if from.saturating_add(into.len() as u64) > self.holder.length {
			return Err(RemoteError::Local("the slot has no such bytes".into()));
		}
		let (mut wanted, mut rest) = (from, into);
		while !rest.is_empty() {
			let (mut piece, more) = Piece::first(self.holder.length, wanted, rest);
			self.again(|remote| remote.read_once(&mut piece, None).map(|_| ()))?;
			(wanted, rest) = (piece.end(), more);
		}
		Ok(())
	}

	/// Reads a range, whole groups of at most [`MOST`] bytes, times it and asks for a receipt of this era of the
	/// probes. Once: it is not tried again.
	///
	/// # Errors
	/// [`RemoteError`].
	pub fn probe(&mut self, from: u64, length: u32, era: u32) -> Result<Probed, RemoteError> {
		let mut piece = Piece::unwanted(from, length.into());
		let began = Instant::now();
		let receipt = self.read_once(&mut piece, Some(era))?;
		Ok(Probed {
			took: began.elapsed(),
			bytes: length.into(),
			receipt,
		})
	}

	/// Writes bytes at an offset, a multiple of 16 KiB that is no more than what is written. They are not durable yet.
	/// Says how many bytes are written now.
	///
	/// # Errors
	/// [`RemoteError`]. [`Cause::Gap`] says where to go on.
	pub fn write(&mut self, from: u64, bytes: &[u8]) -> Result<u64, RemoteError> {
		let mut written = from;
		for (piece, at) in bytes.chunks(MOST as usize).zip((from..).step_by(MOST as usize)) {
			let mut found = Vec::new();
			values(at, piece, &mut found);
			let deed = Deed::Write {
				from: at,
				length: piece.len() as u32,
				digest: digest(&found),
				sync: false,
			};
			let wait = self.identity.patience.of(piece.len());
			written = self.again(|remote| remote.write_once(deed, piece, wait))?.written;
		}
		Ok(written)
	}

	/// Makes durable what is written. Says how many bytes are.
	///
	/// # Errors
	/// [`RemoteError`].
	pub fn sync(&mut self) -> Result<u64, RemoteError> {
		let deed = Deed::Write {
			from: 0,
			length: 0,
			digest: digest(&[]),
			sync: true,
		};
		let wait = self.identity.patience.sync;
		Ok(self.again(|remote| remote.write_once(deed, &[], wait))?.durable)
	}

	/// Tries something, and again if that may help.
	fn again<V>(&mut self, mut what: impl FnMut(&mut Self) -> Result<V, RemoteError>) -> Result<V, RemoteError> {
		let mut pause = self.identity.patience.pause;
		let mut tried = 1;
		loop {
			match what(self) {
				Err(error) if error.passes() && tried < self.identity.patience.tries => {}
				done => return done,
			}
			tried += 1;
			thread::sleep(pause);
			pause = pause.saturating_mul(2);
		}
	}

	/// Asks for a deed. The connection comes back with the answer's head: it is kept once the body was read.
	fn ask(&mut self, deed: Deed, asked: &Asked<'_>, wait: Duration) -> Result<(Link, Head), RemoteError> {
		self.stopper.go_on()?;
		if let Some(link) = self.link.take() {
			match self.ask_on(link, deed, asked, wait) {
				// It was idle for so long that the device has ended it: no fault.
				Err(RemoteError::Gone(_)) => {}
				done => return done,
			}
		}
		let link = Link::open(&self.identity, &self.holder, &self.stopper)?;
		self.ask_on(link, deed, asked, wait)
	}

	fn ask_on(
		&mut self,
		mut link: Link,
		deed: Deed,
		asked: &Asked<'_>,
		wait: Duration,
	) -> Result<(Link, Head), RemoteError> {
		let answer = link.ask(&self.identity, &self.holder, deed, asked, wait);
		self.asked = link.went_out();
		match answer {
			Ok(head) => Ok((link, head)),
			Err(error) => {
				if let RemoteError::Refused(fault) = &error {
					self.asked = false;
					if !fault.cause.ends() {
						self.link = Some(link);
					}
				}
				Err(error)
			}
		}
	}

	fn keep(&mut self, link: Link, head: &Head) {
		if !head.closes {
			self.link = Some(link);
		}
	}

	fn look_once(&mut self) -> Result<Held, RemoteError> {
		let (link, head) = self.ask(Deed::Look, &Asked::default(), self.identity.patience.answer)?;
		self.keep(link, &head);
		self.bill_of(&head)?;
		held(&head, self.holder.length)
	}

	fn write_once(&mut self, deed: Deed, body: &[u8], wait: Duration) -> Result<Held, RemoteError> {
		let asked = Asked {
			body,
			..Asked::default()
		};
		let (link, head) = self.ask(deed, &asked, wait)?;
		self.keep(link, &head);
		held(&head, self.holder.length)
	}

	fn read_once(
		&mut self,
		piece: &mut Piece<'_>,
		era: Option<u32>,
	) -> Result<Option<(Receipt, DeviceSignature)>, RemoteError> {
		let no_root =
			|| RemoteError::Local("the slot has no root on chain yet, so that nothing can be verified".into());
		let contents = Contents {
			root: self.holder.root.ok_or_else(no_root)?,
			bytes: self.holder.length,
		};
		let no_range = || RemoteError::Local("the slot has no such range of whole groups".into());
		let decoder = Decoder::new(&contents, piece.from(), piece.length()).ok_or_else(no_range)?;
		let length = u32::try_from(piece.length()).map_err(|_| no_range())?;
		let deed = Deed::Read {
			from: piece.from(),
			length,
		};
		if self.holder.price > 0 && !self.bill.known {
			self.look_once()?;
		}
		let begun = cost(self.holder.price, piece.length());
		self.begins(begun);
		self.asked = false;
		let (came, carried) = self.carry(piece, decoder, deed, era.is_some());
		self.ended(begun, came);
		let head = carried?;
		Ok(era.and_then(|era| self.receipt(&head, era, length)))
	}

	/// Has a piece come; how many bytes of it did and were verified, whatever became of the rest.
	fn carry(
		&mut self,
		piece: &mut Piece<'_>,
		decoder: Decoder,
		deed: Deed,
		receipt: bool,
	) -> (u64, Result<Head, RemoteError>) {
		let (mut link, head) = match self.ask_paying(deed, receipt) {
			Ok(answer) => answer,
			Err(error) => return (0, Err(error)),
		};
		if head.length != encoded_len(self.holder.length, piece.from(), piece.length()) {
			return (0, Err(RemoteError::Lied { at: piece.from() }));
		}
		let mut batch = mem::take(&mut self.batch);
		batch.resize(BATCH, 0);
		let (came, done) = fill(piece, decoder, &mut link, &mut batch);
		self.batch = batch;
		if done.is_ok() {
			self.keep(link, &head);
		}
		(came, done.map(|()| head))
	}

	/// Tells who pays of a read before it is asked for.
	fn begins(&self, planck: u128) {
		if planck > 0 {
			let (slot, device) = (self.holder.slot, self.holder.device);
			self.identity.payer.begins(slot, device, planck);
		}
	}

	/// And of its end. If this side broke it off, what was asked for and did not come may have been sent all the same.
	fn ended(&mut self, begun: u128, came: u64) {
		let owed = cost(self.holder.price, came);
		self.bill.spent = self.bill.spent.saturating_add(owed);
		if begun > 0 {
			let lost = match self.asked && self.stopper.is_stopped() {
				true => begun.saturating_sub(owed),
				false => 0,
			};
			let (slot, device) = (self.holder.slot, self.holder.device);
			self.identity.payer.ended(slot, device, begun, owed, lost);
		}
	}

	/// What the device is believed, in planck, that it sent and that did not come.
	fn unpaid(&self) -> u128 {
		let Holder {
			slot, device, price, ..
		} = self.holder;
		self.identity.payer.unpaid(slot, device, price)
	}

	/// The device is not believed.
	fn overcharged(&self, why: String) -> RemoteError {
		let (slot, device) = (self.holder.slot, self.holder.device);
		self.identity.payer.overcharged(slot, device, &why);
		RemoteError::Overcharged(why)
	}

	/// Asks for a range, and pays for what came before.
	fn ask_paying(&mut self, deed: Deed, receipt: bool) -> Result<(Link, Head), RemoteError> {
		let wait = match deed {
			Deed::Read { length, .. } => self.identity.patience.of(length as usize),
			_ => self.identity.patience.answer,
		};
		let mut settled = false;
		loop {
			let mut asked = Asked::default();
			let total = self.bill.spent;
			// Of who gives it out for nothing now, what was owed before is no matter.
			if self.holder.price > 0 && total > self.bill.promised {
				let voucher = self.identity.payer.voucher(self.holder.slot, self.holder.device, total);
				let voucher = voucher.map_err(|unwilling| match unwilling {
					Unwilling::Overcharged(why) => RemoteError::Overcharged(why),
					Unwilling::Spent(why) => RemoteError::Local(why),
				})?;
				asked.headers.push((VOUCHER, voucher.to_header()));
			}
			if receipt {
				asked.headers.push((RECEIPT, "1".into()));
			}
			match self.ask(deed, &asked, wait) {
				Err(RemoteError::Refused(fault)) if fault.cause == Cause::Unpaid && !settled => {
					self.settle(&fault)?;
					settled = true;
				}
				Ok(answer) => {
					self.bill.promised = self.bill.promised.max(total);
					return Ok(answer);
				}
				Err(error) => return Err(error),
			}
		}
	}

	/// The device says that more is owed than is paid: it may have sent what did not come.
	fn settle(&mut self, fault: &Fault) -> Result<(), RemoteError> {
		if self.holder.price == 0 {
			// Whoever reads for nothing has no bill.
			return Err(RemoteError::Refused(fault.clone()));
		}
		let number = |text: &Option<String>| text.as_ref().and_then(|text| text.parse::<u128>().ok());
		let owed = number(&fault.owed).unwrap_or(0);
		self.bill.promised = number(&fault.promised).unwrap_or(0).min(self.bill.promised);
		let more = owed.saturating_sub(self.bill.spent);
		let lost = self.bill.lost.saturating_add(more);
		if lost > self.unpaid() {
			let known = self.bill.spent.saturating_sub(self.bill.lost);
			return Err(self.overcharged(format!("it says that {owed} planck are owed, and {known} are")));
		}
		self.bill.lost = lost;
		self.bill.spent = self.bill.spent.max(owed);
		Ok(())
	}

	/// What the device says of money when it is looked at. It is believed as far as it could have sent unpaid.
	fn bill_of(&mut self, head: &Head) -> Result<(), RemoteError> {
		if self.bill.known || self.holder.price == 0 {
			return Ok(());
		}
		let price: u128 = head.number(PRICE).unwrap_or(u128::MAX);
		if price > self.holder.price {
			let why = format!("{price} planck for a MiB, and on chain {}", self.holder.price);
			return Err(self.overcharged(why));
		}
		let (owed, promised) = (head.number(OWED).unwrap_or(0), head.number(PROMISED).unwrap_or(0));
		let known = self.identity.payer.owes(self.holder.slot, self.holder.device);
		if owed > known.saturating_add(self.unpaid()) {
			let why = format!("it says that {owed} planck are owed, and this reader knows of {known}");
			return Err(self.overcharged(why));
		}
		self.holder.price = price;
		self.bill.known = true;
		(self.bill.spent, self.bill.promised) = (owed, promised);
		Ok(())
	}

	/// The receipt of an answer, if it is the one for this era, length, reader and device.
	fn receipt(&self, head: &Head, era: u32, length: u32) -> Option<(Receipt, DeviceSignature)> {
		let reader = Caller {
			key: self.identity.signer.key(),
		};
		let expected = receipt_of(self.holder.device, &reader, self.holder.slot, era, length);
		let signature = receipt_of_header(head.get(RECEIPT)?, &expected)?;
		Some((expected, signature))
	}
}

/// Takes the stream of a piece; how many bytes of the slot came and were verified, and whether all did.
fn fill(
	piece: &mut Piece<'_>,
	mut decoder: Decoder,
	link: &mut Link,
	batch: &mut [u8],
) -> (u64, Result<(), RemoteError>) {
	let mut came = 0;
	loop {
		let count = decoder.next_bytes(batch.len());
		if count == 0 {
			return (came, Ok(()));
		}
		let part = batch.get_mut(..count).unwrap_or_default();
		if let Err(error) = link.body(part) {
			return (came, Err(error));
		}
		let taken = decoder.take(part, |at, group| {
			came += group.len() as u64;
			piece.put(at, group);
		});
		if let Err(Lie { at }) = taken {
			return (came, Err(RemoteError::Lied { at }));
		}
	}
}

/// How much there is of a slot of so many bytes, by an answer's head.
fn held(head: &Head, slot_len: u64) -> Result<Held, RemoteError> {
	let number = |name| head.number::<u64>(name);
	let (Some(length), Some(written), Some(durable)) = (number(LENGTH), number(WRITTEN), number(DURABLE)) else {
		return Err(RemoteError::Gone("its answer does not say how much it has".into()));
	};
	if length != slot_len || written > length || durable > written {
		let why = "it says that it has more than there is, or that the slot has another length";
		return Err(RemoteError::Gone(why.into()));
	}
	let root = head.get(ROOT).and_then(from_hex);
	Ok(Held {
		length,
		written,
		durable,
		root: root.and_then(|root| Hash::try_from(root).ok()),
	})
}
