//! Bodies of answers: none, a text, or a range of a slot that is read while it is sent.

use super::pool::{Pool, FRAME};
use crate::{
	desk::Reading,
	stream::{fill, frames, Frame as Part, Walk},
};
use hyper::body::{Body, Bytes, Frame, SizeHint};
use std::{
	any::Any,
	future::Future,
	io,
	pin::Pin,
	sync::Arc,
	task::{ready, Context, Poll},
};
use tokio::task::{spawn_blocking, JoinHandle};

/// A body of an answer.
pub(super) enum Reply {
	/// A text, or nothing.
	Whole(Option<Bytes>),
	/// A range.
	Range(Box<Range>),
}

/// A range of a slot, of which one frame is read while the one before is sent.
pub(super) struct Range {
	slot: Arc<dyn Reading>,
	pool: Arc<Pool>,
	parts: Box<dyn Iterator<Item = Part> + Send>,
	/// The frame that is read, with how many bytes of the slot it has.
	next: Option<(JoinHandle<io::Result<Bytes>>, u64)>,
	left: u64,
	sent: Box<dyn FnMut(u64) + Send>,
	/// What is held until all is sent.
	_held: Box<dyn Any + Send>,
}

impl Range {
	/// The stream of a range. `sent` hears of the slot's bytes before they go out; `held` is kept until the end.
	pub(super) fn new(
		slot: Arc<dyn Reading>,
		pool: Arc<Pool>,
		walk: Walk,
		sent: Box<dyn FnMut(u64) + Send>,
		held: Box<dyn Any + Send>,
	) -> Self {
		let left: u64 = walk.clone().map(|item| item.bytes() as u64).sum();
		let mut range = Self {
			slot,
			pool,
			parts: Box::new(frames(walk, FRAME)),
			next: None,
			left,
			sent,
			_held: held,
		};
		range.read();
		range
	}

	/// Begins to read the next frame, if there is one.
	fn read(&mut self) {
		self.next = self.parts.next().map(|part| {
			let (data, slot, pool) = (part.data(), self.slot.clone(), self.pool.clone());
			let read = spawn_blocking(move || -> io::Result<Bytes> {
				let mut room = pool.take();
				let into = room.bytes.get_mut(..part.bytes()).ok_or(io::ErrorKind::InvalidInput)?;
				fill(&part, &*slot, into)?;
				Ok(room.sent(part.bytes()))
			});
			(read, data)
		});
	}

	fn poll_range(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
		let Some((read, data)) = &mut self.next else {
			return Poll::Ready(None);
		};
		let data = *data;
		let read = ready!(Pin::new(read).poll(cx));
		self.next = None;
		Poll::Ready(Some(match read {
			Ok(Ok(bytes)) => {
				self.read();
				self.left = self.left.saturating_sub(bytes.len() as u64);
				(self.sent)(data);
				Ok(bytes)
			}
			Ok(Err(error)) => Err(error),
			Err(error) => Err(io::Error::other(error)),
		}))
	}
}

impl Body for Reply {
	type Data = Bytes;
	type Error = io::Error;

	fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
		match self.get_mut() {
			Self::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
			Self::Range(range) => range.poll_range(cx).map_ok(Frame::data),
		}
	}

	fn is_end_stream(&self) -> bool {
		match self {
			Self::Whole(bytes) => bytes.as_ref().is_none_or(Bytes::is_empty),
			Self::Range(range) => range.left == 0,
		}
	}

	fn size_hint(&self) -> SizeHint {
		SizeHint::with_exact(match self {
			Self::Whole(bytes) => bytes.as_ref().map_or(0, |bytes| bytes.len() as u64),
			Self::Range(range) => range.left,
		})
	}
}
