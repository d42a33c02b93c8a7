//! A piece that is brought: written as it comes, and counted once its digest is what was signed.

use super::{
	body::Reply,
	disk::{disk_fault, on_disk},
	heads::set_held,
	pool::{Room, FRAME},
	state::{count, Allowed, Shared, Writing},
};
use crate::{
	desk::{Device, Held, Receiving, Rights, Shelf, Till},
	wire::{digest, values, Cause, Deed, Fault, MOST},
};
use hyper::{
	body::{Body, Bytes, Incoming},
	Response,
};
use std::{future::poll_fn, io, pin::Pin, sync::Arc};
use storage_proof_primitives::Hash;
use tokio::task::spawn_blocking;

/// What goes to the threads for the disk and back; what is held goes along, for a thread may outlive its request.
struct Piece {
	receiving: Box<dyn Receiving>,
	room: Room,
	filled: usize,
	at: u64,
	values: Vec<Hash>,
	_writing: Writing,
}

impl Piece {
	/// Writes what came.
	fn write(&mut self) -> io::Result<()> {
		let bytes = self.room.bytes.get(..self.filled).unwrap_or_default();
		let before = self.values.len();
		values(self.at, bytes, &mut self.values);
		let new = self.values.get(before..).unwrap_or_default();
		self.receiving.write(self.at, bytes, new)?;
		self.at += self.filled as u64;
		self.filled = 0;
		Ok(())
	}
}

/// Takes a piece, and answers how much is there.
pub(super) async fn write<D: Device, R: Rights, S: Shelf, T: Till>(
	body: &mut Incoming,
	allowed: &Allowed,
	shared: &Arc<Shared<D, R, S, T>>,
) -> Result<Response<Reply>, Fault> {
	let held = take(body, allowed, shared).await?;
	let mut response = Response::new(Reply::Whole(None));
	set_held(response.headers_mut(), &held);
	Ok(response)
}

async fn take<D: Device, R: Rights, S: Shelf, T: Till>(
	body: &mut Incoming,
	allowed: &Allowed,
	shared: &Arc<Shared<D, R, S, T>>,
) -> Result<Held, Fault> {
	let Deed::Write {
		from,
		length,
		digest: claimed,
		sync,
	} = allowed.deed
	else {
		return Err(Fault::request("this is no write"));
	};
	let slot = allowed.slot;
	let writing = shared.write(slot)?;
	let _permit = shared.transfer(&allowed.caller).await?;
	if length == 0 {
		// Whoever asks again whether all is durable finds that it is, and nothing to write.
		let shelf = shared.shelf.clone();
		let held = on_disk(move || shelf.held(slot)).await?;
		if let Some(held) = held.filter(|held| held.root.is_some()) {
			return Ok(held);
		}
	}
	let mut piece = begin(from, allowed, shared, writing).await?;
	let mut came = 0_u64;
	while let Some(bytes) = next(body).await? {
		came += bytes.len() as u64;
		if came > u64::from(length) {
			return Err(Fault::request("more came than was claimed"));
		}
		piece = put(piece, bytes).await?;
	}
	if came != u64::from(length) {
		return Err(Fault::request("less came than was claimed"));
	}
	let end = move || -> io::Result<Option<Held>> {
		if piece.filled > 0 {
			piece.write()?;
		}
		if digest(&piece.values) != claimed {
			return Ok(None);
		}
		if came > 0 {
			piece.receiving.keep(from + came)?;
		}
		let held = if sync {
			piece.receiving.sync()?
		} else {
			piece.receiving.held()
		};
		Ok(Some(held))
	};
	let held = on_disk(end).await?;
	let why = "what came is not what was signed; send it again";
	let held = held.ok_or_else(|| Fault::new(Cause::Digest, why))?;
	count(&shared.counts.received, came);
	Ok(held)
}

/// A piece of a slot that goes on, or is begun, at an offset.
async fn begin<D: Device, R: Rights, S: Shelf, T: Till>(
	from: u64,
	allowed: &Allowed,
	shared: &Arc<Shared<D, R, S, T>>,
	writing: Writing,
) -> Result<Piece, Fault> {
	let (slot, slot_len) = (allowed.slot, allowed.grant.length);
	let (shelf, room) = (shared.shelf.clone(), shared.pool.take());
	let receive = move || -> io::Result<Piece> {
		Ok(Piece {
			receiving: shelf.receive(slot, slot_len)?,
			room,
			filled: 0,
			at: from,
			values: Vec::new(),
			_writing: writing,
		})
	};
	let piece = on_disk(receive).await?;
	let written = piece.receiving.held().written;
	if from > written {
		return Err(Fault::gap(written));
	}
	Ok(piece)
}

/// Puts bytes into the piece's room, and writes that when it is full.
async fn put(mut piece: Piece, mut bytes: Bytes) -> Result<Piece, Fault> {
	while !bytes.is_empty() {
		let count = bytes.len().min(FRAME - piece.filled);
		let now = bytes.split_to(count);
		let into = piece.room.bytes.get_mut(piece.filled..piece.filled + count);
		into.unwrap_or_default().copy_from_slice(&now);
		piece.filled += count;
		if piece.filled == FRAME {
			let write = spawn_blocking(move || piece.write().map(|()| piece));
			piece = match write.await {
				Ok(Ok(piece)) => piece,
				Ok(Err(error)) => return Err(disk_fault(&error)),
				Err(_) => return Err(Fault::new(Cause::Busy, "this device ends; ask another one")),
			};
		}
	}
	Ok(piece)
}

/// What comes next of a body.
async fn next(body: &mut Incoming) -> Result<Option<Bytes>, Fault> {
	loop {
		match poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await {
			None => return Ok(None),
			Some(Ok(frame)) => {
				if let Ok(bytes) = frame.into_data() {
					return Ok(Some(bytes));
				}
			}
			Some(Err(_)) => return Err(Fault::request("the body broke off")),
		}
	}
}

/// Takes what is left, to where a piece may reach.
pub(super) async fn drain(body: &mut Incoming) {
	let mut came = 0;
	while let Ok(Some(bytes)) = next(body).await {
		came += bytes.len() as u64;
		if came > MOST {
			return;
		}
	}
}
