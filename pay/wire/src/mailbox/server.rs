//! The server of a mailbox: HTTP, bounded in all that it takes.

use super::{MailAnswer, MailRequest, Mailbox, Refusal, MAIL_PATH};
use crate::{Bucket, Doors};
use channel_primitives::ChannelKey;
use codec::{DecodeAll, Encode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::{
	body::{Bytes, Incoming},
	server::conn::http1,
	service::service_fn,
	Method, Request, Response, StatusCode,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::{
	convert::Infallible,
	fmt,
	sync::{Arc, Mutex, PoisonError},
	time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use tokio::{
	net::{TcpListener, TcpStream},
	sync::Semaphore,
	time::{interval, sleep, timeout},
};

/// Bytes of a request's body, at most: an envelope, or tokens.
pub const MAX_MAIL_BODY: usize = 72 << 10;
/// How long the head of a request may take.
const HEAD_TIME: Duration = Duration::from_secs(10);
/// How long a connection may stay.
const CONNECTION_TIME: Duration = Duration::from_secs(60);
/// Bytes of a head, and its lines, at most.
const MAX_HEAD: usize = 16 << 10;
const MAX_HEADERS: usize = 32;
/// Connections at a time.
const MAX_CONNECTIONS: usize = 256;
/// Connections a second from one address, and ten times as many at once.
const PER_ADDRESS: u32 = 10;
/// Requests a second of all, and ten times as many at once: each costs a signature's check.
const REQUESTS: u32 = 2_000;
/// So often what has expired goes.
const SWEEP: Duration = Duration::from_secs(60);
/// After a failure to accept.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

type Serves = Arc<dyn Fn(&ChannelKey) -> bool + Send + Sync>;

/// A mailbox that others reach by HTTP. Copies are the same one.
#[derive(Clone)]
pub struct MailServer {
	mailbox: Arc<Mutex<Mailbox>>,
	requests: Arc<Mutex<Bucket>>,
	serves: Serves,
}

impl fmt::Debug for MailServer {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str("MailServer")
	}
}

impl MailServer {
	/// One that gives boxes to the keys of which `serves` says so: those of partners, say.
	pub fn new(mailbox: Mailbox, serves: impl Fn(&ChannelKey) -> bool + Send + Sync + 'static) -> Self {
		let bucket = Bucket::new(REQUESTS, REQUESTS.saturating_mul(10), Instant::now());
		Self {
			mailbox: Arc::new(Mutex::new(mailbox)),
			requests: Arc::new(Mutex::new(bucket)),
			serves: Arc::new(serves),
		}
	}

	/// Answers for ever. Whoever drops the future ends it, and connections within a minute.
	pub async fn serve(self, listener: TcpListener) {
		let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
		let mut doors = Doors::new(PER_ADDRESS);
		let mut sweep = interval(SWEEP);
		loop {
			let accepted = tokio::select! {
				accepted = listener.accept() => accepted,
				_ = sweep.tick() => {
					self.lock().sweep(unix_seconds());
					continue;
				},
			};
			let Ok((stream, from)) = accepted else {
				sleep(ACCEPT_PAUSE).await;
				continue;
			};
			if !doors.may_come(from.ip(), Instant::now()) {
				continue;
			}
			let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
				continue;
			};
			let server = self.clone();
			tokio::spawn(async move {
				server.serve_one(stream).await;
				drop(place);
			});
		}
	}

	async fn serve_one(self, stream: TcpStream) {
		let service = service_fn(move |request| {
			let server = self.clone();
			async move { Ok::<_, Infallible>(server.answer(request).await) }
		});
		let connection = http1::Builder::new()
			.timer(TokioTimer::new())
			.header_read_timeout(HEAD_TIME)
			.max_headers(MAX_HEADERS)
			.max_buf_size(MAX_HEAD)
			.serve_connection(TokioIo::new(stream), service);
		// A connection that ends early, or breaks, is nobody's fault here.
		let _ = timeout(CONNECTION_TIME, connection).await;
	}

	/// Whether one more request may come now. The lock is let go of before anything is waited for.
	fn may_ask(&self) -> bool {
		let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
		requests.try_take(1, Instant::now())
	}

	async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
		if request.uri().path() != MAIL_PATH {
			return respond(StatusCode::NOT_FOUND, Vec::new());
		}
		if request.method() != Method::POST {
			return respond(StatusCode::METHOD_NOT_ALLOWED, Vec::new());
		}
		if !self.may_ask() {
			return respond(StatusCode::TOO_MANY_REQUESTS, Vec::new());
		}
		let body = Limited::new(request.into_body(), MAX_MAIL_BODY).collect();
		let Ok(Ok(body)) = timeout(HEAD_TIME, body).await else {
			return respond(StatusCode::PAYLOAD_TOO_LARGE, Vec::new());
		};
		let answer = match MailRequest::decode_all(&mut &body.to_bytes()[..]) {
			Ok(request) => self.lock().answer(request, unix_seconds(), |key| (self.serves)(key)),
			Err(_) => MailAnswer::Refused(Refusal::Unreadable),
		};
		respond(StatusCode::OK, answer.encode())
	}

	fn lock(&self) -> std::sync::MutexGuard<'_, Mailbox> {
		self.mailbox.lock().unwrap_or_else(PoisonError::into_inner)
	}
}

fn respond(status: StatusCode, body: Vec<u8>) -> Response<Full<Bytes>> {
	let mut response = Response::new(Full::new(Bytes::from(body)));
	*response.status_mut() = status;
	response
}

pub(super) fn unix_seconds() -> u64 {
	SystemTime::now()
		.duration_since(UNIX_EPOCH)
		.map_or(0, |since| since.as_secs())
}
