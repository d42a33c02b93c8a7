//! The daemon's side: one path for questions, and what programs read.
//!
//! | path | what |
//! |---|---|
//! | `POST /v1` | an [`Ask`] in JSON, with `Authorization: Bearer TOKEN`; answered by an [`Answer`] |
//! | `GET /metrics` | figures in Prometheus' text format, all named `smart_pay_*` |
//! | `GET /health` | 200 if the daemon does its work, else 503 and why not |
//!
//! It listens on loopback alone. Whoever has the token can spend what is in the channels: its file is for its owner.
//!
//! Figures and health take no token, on purpose: they change nothing, they name no partner, account or invoice, and
//! what collects them would else have the token, which spends. Pages in a browser are refused. Other people of this
//! machine can read them, sums among them: whoever shares it with strangers runs the daemon in a container of its own.
//!
//! A connection is for one question. If there are too many, the oldest on which nothing was asked makes room, so that
//! programs which connect and stay silent keep nobody out.

use super::{Answer, Ask};
use hyper::{
	body::{Body, Bytes, Frame, Incoming, SizeHint},
	header,
	server::conn::http1,
	service::service_fn,
	Method, Request, Response, StatusCode,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use rand_core::{OsRng, RngCore};
use smart_agent_page::page::guard;
use std::{
	convert::Infallible,
	future::poll_fn,
	io,
	net::SocketAddr,
	path::{Path, PathBuf},
	pin::Pin,
	sync::{
		atomic::{AtomicBool, Ordering},
		Arc,
	},
	task::{Context, Poll},
	time::Duration,
};
use tokio::{
	net::{TcpListener, TcpStream},
	sync::{mpsc, oneshot},
	task::{AbortHandle, JoinSet},
};

/// The file with the token, in the data folder.
pub const TOKEN_FILE: &str = "api.token";
/// The most connections at a time.
const MOST_CONNECTIONS: usize = 32;
/// The most bytes of a question: an envelope in hexadecimal digits, and room.
const MOST_BYTES: usize = 1 << 20;
/// How long a connection may stay.
const CONNECTION_TIME: Duration = Duration::from_secs(120);
/// How long a request's head may take.
const HEAD_TIME: Duration = Duration::from_secs(10);
/// How long is waited for an answer of the daemon's.
const ANSWER_TIME: Duration = Duration::from_secs(90);
/// After a failure to accept.
const PAUSE: Duration = Duration::from_millis(200);
/// Bytes of a token.
const TOKEN: usize = 32;

/// A question with where its answer goes.
#[derive(Debug)]
pub enum Asked {
	/// By a command.
	Ask(Ask, oneshot::Sender<Answer>),
	/// For the figures.
	Metrics(oneshot::Sender<String>),
	/// Whether the daemon does its work: what is wrong.
	Health(oneshot::Sender<Vec<String>>),
}

/// Why nobody can ask.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
	/// Others could reach it.
	#[error("the daemon answers on loopback alone, and {0} is not: set api.listen to 127.0.0.1 with a port")]
	NotLoopback(SocketAddr),
	/// Another program has the port.
	#[error("{0} is in use, perhaps by another smart-pay: end that one, or give this one another port by api.listen")]
	Taken(SocketAddr),
	/// The operating system refused otherwise.
	#[error("cannot listen on {address}: {source}; choose another port by api.listen")]
	Listen {
		/// Where.
		address: SocketAddr,
		/// What it said.
		source: io::Error,
	},
	/// The token cannot be kept.
	#[error("cannot write {path}: {why}; see to the disk and to who may write there")]
	Token {
		/// The file.
		path: PathBuf,
		/// Why.
		why: String,
	},
}

/// What listens.
pub struct Api {
	listener: TcpListener,
	address: SocketAddr,
	token: Arc<str>,
	asked: mpsc::Sender<Asked>,
}

impl Api {
	/// Listens on an address of loopback, with a new token in the data folder.
	///
	/// # Errors
	/// [`ApiError`].
	pub async fn bind(address: SocketAddr, folder: &Path, asked: mpsc::Sender<Asked>) -> Result<Self, ApiError> {
		if !address.ip().is_loopback() {
			return Err(ApiError::NotLoopback(address));
		}
		let listen = |source: io::Error| match source.kind() {
			io::ErrorKind::AddrInUse => ApiError::Taken(address),
			_ => ApiError::Listen { address, source },
		};
		let listener = TcpListener::bind(address).await.map_err(listen)?;
		let address = listener.local_addr().map_err(listen)?;
		let mut bytes = [0; TOKEN];
		OsRng.fill_bytes(&mut bytes);
		let token = sp_core::bytes::to_hex(&bytes, false);
		let path = folder.join(TOKEN_FILE);
		// With its address, so that commands need not read the configuration of the one that runs.
		let text = format!("{address}\n{token}\n");
		smart_agent_keys::replace(&path, text.as_bytes()).map_err(|error| ApiError::Token {
			path,
			why: error.to_string(),
		})?;
		Ok(Self {
			listener,
			address,
			token: token.into(),
			asked,
		})
	}

	/// Where it listens.
	pub fn address(&self) -> SocketAddr {
		self.address
	}

	/// Answers until it is dropped.
	pub async fn serve(self) {
		let (mut connections, mut open) = (JoinSet::new(), Vec::new());
		loop {
			tokio::select! {
				Some(_) = connections.join_next() => {},
				accepted = self.listener.accept() => match accepted {
					Ok((stream, _)) if make_room(&mut open) => {
						let asks = Arc::new(AtomicBool::new(false));
						let served = serve_one(stream, self.token.clone(), self.asked.clone(), asks.clone());
						let task = connections.spawn(served);
						open.push(Connection { task, asks });
					}
					Ok(_) => (),
					Err(_) => tokio::time::sleep(PAUSE).await,
				},
			}
		}
	}
}

/// A connection that is served.
struct Connection {
	task: AbortHandle,
	/// Whether something was asked on it.
	asks: Arc<AtomicBool>,
}

/// Whether there is room for one more: if there is none, the oldest ends on which nothing was asked.
fn make_room(open: &mut Vec<Connection>) -> bool {
	open.retain(|one| !one.task.is_finished());
	if open.len() < MOST_CONNECTIONS {
		return true;
	}
	let silent = open.iter().position(|one| !one.asks.load(Ordering::Relaxed));
	silent.is_some_and(|at| {
		open.remove(at).task.abort();
		true
	})
}

async fn serve_one(stream: TcpStream, token: Arc<str>, asked: mpsc::Sender<Asked>, asks: Arc<AtomicBool>) {
	let service = service_fn(move |request| {
		asks.store(true, Ordering::Relaxed);
		let (token, asked) = (token.clone(), asked.clone());
		async move { Ok::<_, Infallible>(answer(request, &token, &asked).await) }
	});
	let connection = http1::Builder::new()
		.timer(TokioTimer::new())
		.header_read_timeout(HEAD_TIME)
		.keep_alive(false)
		.serve_connection(TokioIo::new(stream), service);
	// A connection that breaks is nobody's fault here.
	let _ = tokio::time::timeout(CONNECTION_TIME, connection).await;
}

async fn answer(request: Request<Incoming>, token: &str, asked: &mpsc::Sender<Asked>) -> Response<Whole> {
	if *request.method() == Method::POST && request.uri().path() == "/v1" {
		return question(request, token, asked).await;
	}
	if let Err((status, why)) = guard::check(&request) {
		return text(status, why);
	}
	match request.uri().path() {
		"/metrics" => match from_daemon(asked, Asked::Metrics).await {
			Some(figures) => text(StatusCode::OK, figures),
			None => text(StatusCode::SERVICE_UNAVAILABLE, "the daemon ends\n"),
		},
		"/health" => match from_daemon(asked, Asked::Health).await {
			Some(wrong) if wrong.is_empty() => text(StatusCode::OK, "ok\n"),
			Some(wrong) => text(StatusCode::SERVICE_UNAVAILABLE, wrong.join("\n") + "\n"),
			None => text(StatusCode::SERVICE_UNAVAILABLE, "the daemon ends\n"),
		},
		_ => text(
			StatusCode::NOT_FOUND,
			"there is no such path: /v1, /metrics and /health are\n",
		),
	}
}

async fn question(request: Request<Incoming>, token: &str, asked: &mpsc::Sender<Asked>) -> Response<Whole> {
	let given = request
		.headers()
		.get(header::AUTHORIZATION)
		.and_then(|value| value.to_str().ok());
	let given = given
		.and_then(|given| given.strip_prefix("Bearer "))
		.unwrap_or_default();
	if !is_same(given, token) {
		return text(
			StatusCode::UNAUTHORIZED,
			"the token is wrong or missing: it is the second line of api.token in the data folder\n",
		);
	}
	let Some(bytes) = read_all(request.into_body(), MOST_BYTES).await else {
		return text(
			StatusCode::PAYLOAD_TOO_LARGE,
			"the question is too long, or ended early\n",
		);
	};
	let ask: Ask = match serde_json::from_slice(&bytes) {
		Ok(ask) => ask,
		Err(error) => return text(StatusCode::BAD_REQUEST, format!("this is no question: {error}\n")),
	};
	let answer = from_daemon(asked, |reply| Asked::Ask(ask, reply)).await;
	let answer = answer.unwrap_or_else(|| {
		Answer::Failed(
			"the daemon ends, or has not answered in time: what was asked may be under way, so look at `smart-pay \
			 channels` and at the account before you try again"
				.into(),
		)
	});
	match serde_json::to_vec(&answer) {
		Ok(json) => text(StatusCode::OK, json),
		Err(error) => text(
			StatusCode::INTERNAL_SERVER_ERROR,
			format!("the answer cannot be written: {error}\n"),
		),
	}
}

async fn from_daemon<T>(asked: &mpsc::Sender<Asked>, of: impl FnOnce(oneshot::Sender<T>) -> Asked) -> Option<T> {
	let (reply, answer) = oneshot::channel();
	asked.send(of(reply)).await.ok()?;
	tokio::time::timeout(ANSWER_TIME, answer).await.ok()?.ok()
}

/// Whether two texts are the same, in a time that does not say where they differ.
fn is_same(one: &str, other: &str) -> bool {
	let differ = one
		.bytes()
		.zip(other.bytes())
		.fold(0, |differ, (a, b)| differ | (a ^ b));
	one.len() == other.len() && differ == 0
}

/// All of a body; none if it has more than so many bytes, or breaks.
pub async fn read_all(mut body: Incoming, most: usize) -> Option<Vec<u8>> {
	let mut bytes = Vec::new();
	while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
		if let Ok(data) = frame.ok()?.into_data() {
			bytes.extend_from_slice(&data);
		}
		if bytes.len() > most {
			return None;
		}
	}
	Some(bytes)
}

/// An answer with this content.
pub fn text(status: StatusCode, content: impl Into<Bytes>) -> Response<Whole> {
	let mut response = Response::new(Whole(Some(content.into())));
	*response.status_mut() = status;
	guard::harden(response.headers_mut());
	response
}

/// A body that is there.
pub struct Whole(Option<Bytes>);

impl Body for Whole {
	type Data = Bytes;
	type Error = Infallible;

	fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
		Poll::Ready(self.get_mut().0.take().map(|bytes| Ok(Frame::data(bytes))))
	}

	fn is_end_stream(&self) -> bool {
		self.0.as_ref().is_none_or(Bytes::is_empty)
	}

	fn size_hint(&self) -> SizeHint {
		SizeHint::with_exact(self.0.as_ref().map_or(0, |bytes| bytes.len() as u64))
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{ask, ClientError, StatusView};

	/// One that answers how the daemon is. Where it listens.
	async fn answering(folder: &Path) -> SocketAddr {
		let (asked, mut questions) = mpsc::channel(4);
		let api = Api::bind("127.0.0.1:0".parse().expect("an address"), folder, asked).await;
		let api = api.expect("it listens");
		let address = api.address();
		tokio::spawn(api.serve());
		tokio::spawn(async move {
			while let Some(question) = questions.recv().await {
				if let Asked::Ask(Ask::Status, reply) = question {
					let _ = reply.send(Answer::Status(StatusView::default()));
				}
			}
		});
		address
	}

	/// Squatter, a program of this machine without the token, holds more connections than there are, and is silent.
	#[tokio::test(flavor = "multi_thread")]
	async fn squatter_keeps_nobody_out() {
		let folder = tempfile::tempdir().expect("a folder");
		let address = answering(folder.path()).await;
		let mut silent = Vec::new();
		for _ in 0..2 * MOST_CONNECTIONS {
			silent.push(TcpStream::connect(address).await.expect("it listens"));
		}
		let path = folder.path().to_owned();
		let answer = tokio::task::spawn_blocking(move || ask(&path, &Ask::Status)).await;
		let answer = answer.expect("it ends").expect("it is answered");
		assert_eq!(answer, Answer::Status(StatusView::default()));
		drop(silent);
	}

	#[tokio::test(flavor = "multi_thread")]
	async fn whoever_has_the_token_is_answered_and_nobody_else() {
		let folder = tempfile::tempdir().expect("a folder");
		answering(folder.path()).await;
		let path = folder.path().to_owned();
		let answer = tokio::task::spawn_blocking(move || ask(&path, &Ask::Status))
			.await
			.expect("it ends");
		assert_eq!(answer.expect("it is answered"), Answer::Status(StatusView::default()));
		// With another token.
		let file = folder.path().join(TOKEN_FILE);
		let text = std::fs::read_to_string(&file).expect("it is there");
		let address = text.lines().next().expect("the address").to_owned();
		smart_agent_keys::replace(&file, format!("{address}\nother\n").as_bytes()).expect("it is written");
		let path = folder.path().to_owned();
		let refused = tokio::task::spawn_blocking(move || ask(&path, &Ask::Status))
			.await
			.expect("it ends");
		assert!(matches!(refused, Err(ClientError::Refused(why)) if why.contains("token")));
	}

	#[tokio::test]
	async fn nothing_but_loopback_is_listened_on() {
		let folder = tempfile::tempdir().expect("a folder");
		let (asked, _questions) = mpsc::channel(1);
		let refused = Api::bind("0.0.0.0:0".parse().expect("an address"), folder.path(), asked).await;
		assert!(matches!(refused, Err(ApiError::NotLoopback(_))));
	}
}
