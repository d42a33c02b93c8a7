//! Bodies of answers: bytes that are there, and events that are still to come.

use super::CONNECTION_TIME;
use crate::status::Status;
use hyper::body::{Body, Bytes, Frame, SizeHint};
use std::{
	convert::Infallible,
	pin::Pin,
	sync::Arc,
	task::{Context, Poll},
	time::Duration,
};
use tokio::{
	sync::{mpsc, watch, OwnedSemaphorePermit},
	time::{sleep, sleep_until, Instant},
};

/// The shortest time between two events.
pub const EVENT_PAUSE: Duration = Duration::from_secs(1);

/// So often a comment is sent if there is nothing else, which shows both sides that the other is there.
pub const STILL_HERE: Duration = Duration::from_secs(15);

/// Events that wait until a slow reader takes them; more are not made meanwhile.
const WAITING_EVENTS: usize = 1;

/// A stream ends by itself before its connection is cut.
const STREAM_TIME: Duration = CONNECTION_TIME.saturating_sub(Duration::from_secs(60));

/// A body.
#[derive(Debug)]
pub enum PageBody {
	/// Bytes that are there.
	Whole(Option<Bytes>),
	/// Events as they come.
	Events(mpsc::Receiver<Bytes>),
}

impl PageBody {
	/// These bytes.
	pub fn whole(bytes: impl Into<Bytes>) -> Self {
		Self::Whole(Some(bytes.into()))
	}

	/// The status, now and whenever it changes, with the leave to have such a stream. To be called within a runtime.
	pub fn events(changes: watch::Receiver<Arc<Status>>, leave: OwnedSemaphorePermit) -> Self {
		let (out, events) = mpsc::channel(WAITING_EVENTS);
		tokio::spawn(async move {
			tell(changes, out).await;
			drop(leave);
		});
		Self::Events(events)
	}
}

impl Body for PageBody {
	type Data = Bytes;
	type Error = Infallible;

	fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
		match self.get_mut() {
			Self::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
			Self::Events(events) => events
				.poll_recv(cx)
				.map(|event| event.map(|bytes| Ok(Frame::data(bytes)))),
		}
	}

	fn is_end_stream(&self) -> bool {
		match self {
			Self::Whole(bytes) => bytes.as_ref().is_none_or(Bytes::is_empty),
			Self::Events(..) => false,
		}
	}

	fn size_hint(&self) -> SizeHint {
		match self {
			Self::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
			Self::Events(..) => SizeHint::default(),
		}
	}
}

/// Tells of each change until the reader has gone or the time is over.
async fn tell(mut changes: watch::Receiver<Arc<Status>>, out: mpsc::Sender<Bytes>) {
	let end = Instant::now() + STREAM_TIME;
	if out.send(Bytes::from_static(b"retry: 2000\n\n")).await.is_err() {
		return;
	}
	loop {
		let event = event(&changes.borrow_and_update().clone());
		if out.send(event).await.is_err() {
			return;
		}
		sleep(EVENT_PAUSE).await;
		loop {
			tokio::select! {
				changed = changes.changed() => match changed {
					Ok(()) => break,
					Err(_) => return,
				},
				() = out.closed() => return,
				() = sleep_until(end) => return,
				() = sleep(STILL_HERE) => if out.send(Bytes::from_static(b": still here\n\n")).await.is_err() {
					return;
				},
			}
		}
		if Instant::now() >= end {
			return;
		}
	}
}

/// The status without what the reader has already: of the history the last point alone.
fn event(status: &Status) -> Bytes {
	let shown = Status {
		history: status.history.latest(),
		..status.clone()
	};
	// No key of the status is anything but text, so that this does not fail; JSON has no line breaks here.
	let json = serde_json::to_string(&shown).unwrap_or_default();
	format!("event: status\ndata: {json}\n\n").into()
}
