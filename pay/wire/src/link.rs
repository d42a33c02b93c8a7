//! One connection: WebSocket over a pipe, Noise over that, frames over that.

use crate::{
	limits::random_number, noise::MAX_HANDSHAKE, BoxedPipe, Bucket, Bye, Frame, Handshake, Limits, Me, NodeKey, Opener,
	Peer, Sealer, WireError, MAX_FRAME, TAG,
};
use futures::{
	stream::{SplitSink, SplitStream},
	SinkExt, StreamExt,
};
use std::{
	sync::{
		atomic::{AtomicU64, Ordering},
		Arc,
	},
	time::Instant,
};
use tokio::{
	sync::mpsc,
	time::{interval, sleep, timeout, MissedTickBehavior},
};
use tokio_tungstenite::{
	accept_async_with_config, client_async_with_config,
	tungstenite::{protocol::WebSocketConfig, Message},
	WebSocketStream,
};

/// Bytes that are read at once.
const READ_BUFFER: usize = 16 << 10;
/// Bytes that wait until they are written, at most: a few frames.
const WRITE_BUFFER: usize = 512 << 10;
/// Pings that wait for their answer to go out, at most; more are not answered.
const WAITING_PONGS: usize = 4;
/// So many seconds' worth a partner may send at once before it has to wait.
const BURST_SECONDS: u32 = 2;
/// What the caller asks for.
const PATH: &str = "smart-pay/1";

type Socket = WebSocketStream<BoxedPipe>;

/// A connection whose two ends know each other.
pub struct Session {
	socket: Socket,
	sealer: Sealer,
	opener: Opener,
	peer: Peer,
	number: u64,
	called: bool,
	heard: Arc<AtomicU64>,
}

impl std::fmt::Debug for Session {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		f.debug_struct("Session")
			.field("peer", &self.peer)
			.field("called", &self.called)
			.finish_non_exhaustive()
	}
}

impl Session {
	/// Who is at the other end.
	pub fn peer(&self) -> Peer {
		self.peer
	}

	/// A number that nobody could foresee, and not 0: for `Event::Connected`.
	pub fn number(&self) -> u64 {
		self.number
	}

	/// Whether this end called.
	pub fn called(&self) -> bool {
		self.called
	}

	/// Counts the frames that came.
	pub(crate) fn heard(&self) -> Arc<AtomicU64> {
		Arc::clone(&self.heard)
	}

	/// Sends what comes out of `out`, and hands on what comes in, until the connection ends. Says why. When all senders
	/// of `out` are gone, it says goodbye and ends. Pings are its own affair.
	pub async fn run<T, F>(
		self,
		limits: &Limits,
		out: mpsc::Receiver<Frame>,
		taken: mpsc::Sender<T>,
		wrap: F,
	) -> WireError
	where
		F: Fn(Frame) -> T,
	{
		let (sink, stream) = self.socket.split();
		let (pongs, to_answer) = mpsc::channel(WAITING_PONGS);
		let reader = Reader {
			stream,
			opener: self.opener,
			heard: self.heard,
			pongs,
		};
		let writer = Writer {
			sink,
			sealer: self.sealer,
		};
		tokio::select! {
			why = reader.run(limits, &taken, wrap) => why,
			why = writer.run(limits, out, to_answer) => why,
		}
	}
}

struct Reader {
	stream: SplitStream<Socket>,
	opener: Opener,
	heard: Arc<AtomicU64>,
	pongs: mpsc::Sender<u64>,
}

impl Reader {
	async fn run<T, F>(mut self, limits: &Limits, taken: &mpsc::Sender<T>, wrap: F) -> WireError
	where
		F: Fn(Frame) -> T,
	{
		match self.take_all(limits, taken, wrap).await {
			Ok(()) => WireError::Closed,
			Err(why) => why,
		}
	}

	async fn take_all<T, F>(&mut self, limits: &Limits, taken: &mpsc::Sender<T>, wrap: F) -> Result<(), WireError>
	where
		F: Fn(Frame) -> T,
	{
		let now = Instant::now();
		let mut frames = Bucket::new(limits.frames, limits.frames.saturating_mul(BURST_SECONDS), now);
		let mut bytes = Bucket::new(limits.bytes, limits.bytes.saturating_mul(BURST_SECONDS), now);
		loop {
			let next = timeout(limits.silence, self.stream.next()).await;
			let Some(message) = next.map_err(|_| WireError::Silent(limits.silence))? else {
				return Ok(());
			};
			let message = message?;
			let length = u32::try_from(message.len()).unwrap_or(u32::MAX);
			let now = Instant::now();
			let wait = frames.take(1, now).max(bytes.take(length, now));
			if !wait.is_zero() {
				// Not read meanwhile: it waits in the buffers of who sends it, and then there.
				sleep(wait).await;
			}
			let sealed = match message {
				Message::Binary(sealed) => sealed,
				Message::Close(_) => return Ok(()),
				// WebSocket's own pings: the library answers them.
				Message::Ping(_) | Message::Pong(_) => continue,
				Message::Text(_) | Message::Frame(_) => return Err(WireError::Socket("it sends text".into())),
			};
			let frame = Frame::decode(&self.opener.open(&sealed)?)?;
			self.heard.fetch_add(1, Ordering::Relaxed);
			match frame {
				Frame::Ping(number) => drop(self.pongs.try_send(number)),
				Frame::Pong(_) => (),
				Frame::Bye(why) => return Err(WireError::Bye(why)),
				frame => {
					if taken.send(wrap(frame)).await.is_err() {
						return Ok(());
					}
				}
			}
		}
	}
}

struct Writer {
	sink: SplitSink<Socket, Message>,
	sealer: Sealer,
}

impl Writer {
	async fn run(mut self, limits: &Limits, out: mpsc::Receiver<Frame>, pongs: mpsc::Receiver<u64>) -> WireError {
		match self.give_all(limits, out, pongs).await {
			Ok(()) => WireError::Closed,
			Err(why) => why,
		}
	}

	async fn give_all(
		&mut self,
		limits: &Limits,
		mut out: mpsc::Receiver<Frame>,
		mut pongs: mpsc::Receiver<u64>,
	) -> Result<(), WireError> {
		let mut ping = interval(limits.ping);
		ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
		let mut pings = 0_u64;
		loop {
			let frame = tokio::select! {
				frame = out.recv() => frame.unwrap_or(Frame::Bye(Bye::Leaving)),
				Some(number) = pongs.recv() => Frame::Pong(number),
				_ = ping.tick() => {
					pings = pings.wrapping_add(1);
					Frame::Ping(pings)
				},
			};
			let mut last = matches!(frame, Frame::Bye(_));
			self.put(&frame, limits).await?;
			// All that waits goes out with one flush.
			while !last {
				let Ok(frame) = out.try_recv() else {
					break;
				};
				last = matches!(frame, Frame::Bye(_));
				self.put(&frame, limits).await?;
			}
			let flushed = timeout(limits.write, self.sink.flush()).await;
			flushed.map_err(|_| WireError::Stuck(limits.write))??;
			if last {
				// It may be gone already.
				let _ = timeout(limits.write, self.sink.close()).await;
				return Ok(());
			}
		}
	}

	async fn put(&mut self, frame: &Frame, limits: &Limits) -> Result<(), WireError> {
		// What is too long is this program's own fault, and costs nobody the connection.
		let Ok(frame) = frame.encode() else {
			return Ok(());
		};
		let sealed = self.sealer.seal(&frame)?;
		let put = timeout(limits.write, self.sink.feed(Message::binary(sealed))).await;
		put.map_err(|_| WireError::Stuck(limits.write))??;
		Ok(())
	}
}

fn config() -> WebSocketConfig {
	WebSocketConfig::default()
		.read_buffer_size(READ_BUFFER)
		.write_buffer_size(READ_BUFFER)
		.max_write_buffer_size(WRITE_BUFFER)
		.max_message_size(Some(MAX_FRAME + TAG))
		.max_frame_size(Some(MAX_FRAME + TAG))
}

/// Makes a pipe a connection to whoever has this key. `host` is what the partner is called.
///
/// # Errors
/// [`WireError`]: whoever answers is somebody else, of another chain, or too slow.
pub async fn dial(
	pipe: BoxedPipe,
	host: &str,
	me: &Me,
	expected: &NodeKey,
	limits: &Limits,
) -> Result<Session, WireError> {
	let handshake = async {
		let url = format!("ws://{host}/{PATH}");
		let (mut socket, _) = client_async_with_config(url.as_str(), pipe, Some(config())).await?;
		let mut handshake = Handshake::caller(me, *expected)?;
		say(&mut socket, handshake.write()?).await?;
		handshake.read(&hear(&mut socket).await?)?;
		say(&mut socket, handshake.write()?).await?;
		session(socket, handshake, true)
	};
	let done = timeout(limits.handshake, handshake).await;
	done.map_err(|_| WireError::Silent(limits.handshake))?
}

/// Answers on a pipe, whoever calls.
///
/// # Errors
/// [`WireError`]: whoever calls speaks something else, is of another chain, or too slow.
pub async fn answer(pipe: BoxedPipe, me: &Me, limits: &Limits) -> Result<Session, WireError> {
	let handshake = async {
		let mut socket = accept_async_with_config(pipe, Some(config())).await?;
		let mut handshake = Handshake::answerer(me)?;
		handshake.read(&hear(&mut socket).await?)?;
		say(&mut socket, handshake.write()?).await?;
		handshake.read(&hear(&mut socket).await?)?;
		session(socket, handshake, false)
	};
	let done = timeout(limits.handshake, handshake).await;
	done.map_err(|_| WireError::Silent(limits.handshake))?
}

fn session(socket: Socket, handshake: Handshake, called: bool) -> Result<Session, WireError> {
	let (sealer, opener, peer) = handshake.finish()?;
	Ok(Session {
		socket,
		sealer,
		opener,
		peer,
		number: random_number()?,
		called,
		heard: Arc::new(AtomicU64::new(0)),
	})
}

async fn say(socket: &mut Socket, bytes: Vec<u8>) -> Result<(), WireError> {
	socket.send(Message::binary(bytes)).await?;
	Ok(())
}

async fn hear(socket: &mut Socket) -> Result<Vec<u8>, WireError> {
	match socket.next().await {
		Some(Ok(Message::Binary(bytes))) if bytes.len() <= MAX_HANDSHAKE => Ok(bytes.to_vec()),
		Some(Ok(Message::Close(_))) | None => Err(WireError::Closed),
		Some(Ok(_)) => Err(WireError::Handshake("it does not begin as it should")),
		Some(Err(error)) => Err(error.into()),
	}
}
