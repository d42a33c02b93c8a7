//! The page on loopback that shows the status, and what programs read there.
//!
//! | path | what |
//! |---|---|
//! | `/` | the page; with its style, its scripts and its icon all that a browser loads |
//! | `/status.json` | the [`Status`](crate::status::Status) |
//! | `/events` | the same as server-sent events named `status`, when it changes, once a second at most; of the history the last point alone |
//! | `/metrics` | figures in Prometheus' text format, all named `smart_agent_*` |
//! | `/health` | 200 if the agent does its work, else 503 and why not |
//!
//! It answers this machine alone: it listens on loopback, and whoever asks has to call it by a name of loopback, since
//! a page from elsewhere may have its own name lead to this machine. It answers no page of another origin, changes
//! nothing, and bounds how many ask, how much and for how long.

mod ask;
mod body;
pub mod guard;
mod metrics;
mod routes;
mod storage;
#[cfg(test)]
mod tests;
mod text;
mod work;

pub use ask::{ask, AskError, MAX_ANSWER};
pub use body::{EVENT_PAUSE, STILL_HERE};
pub use metrics::metrics;

use crate::status::StatusHandle;
use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use routes::Site;
use std::{convert::Infallible, future::Future, io, net::SocketAddr, time::Duration};
use tokio::{
	net::{TcpListener, TcpStream},
	task::JoinSet,
};

/// The port, if the configuration names none.
pub const DEFAULT_PORT: u16 = 9955;

/// The most connections at a time; further ones are told to come again.
pub const MAX_CONNECTIONS: usize = 32;

/// The most of them on which events are sent.
pub const MAX_STREAMS: usize = 8;

/// How long a connection may stay; browsers then open another.
pub const CONNECTION_TIME: Duration = Duration::from_secs(600);

/// How long a request's head may take, and how long a connection may wait for the next one.
pub const HEAD_TIME: Duration = Duration::from_secs(10);

/// The most bytes of a request's head. Cookies of other programs on this machine are sent here, too.
pub const MAX_HEAD: usize = 16 * 1024;

/// The most lines of a request's head.
pub const MAX_HEADERS: usize = 64;

/// After a failure to accept, which is mostly that no more files can be opened.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

const BUSY: &[u8] =
	b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
	/// Others could reach it.
	#[error(
		"the page may listen on loopback alone, and {0} is not: name 127.0.0.1 or [::1]; for other machines, use ssh -L"
	)]
	NotLoopback(SocketAddr),
	/// Another program has the port.
	#[error(
		"{0} is in use, perhaps by another smart-agent: a device has one agent, so end that one if it serves the same \
		 device; else give this one another port for its page"
	)]
	Taken(SocketAddr),
	/// The operating system refused otherwise.
	#[error("the page cannot listen on {address}: {source}; choose another port for it")]
	Listen {
		/// Where.
		address: SocketAddr,
		/// What it said.
		source: io::Error,
	},
}

/// A page that listens, and answers as long as it is served.
#[derive(Debug)]
pub struct PageServer {
	listener: TcpListener,
	address: SocketAddr,
	site: Site,
}

impl PageServer {
	/// Listens on an address of loopback; on port 0, on one that is free.
	///
	/// # Errors
	/// [`PageError`]: the address is none of loopback, or another program has it.
	pub async fn bind(address: SocketAddr, status: StatusHandle) -> Result<Self, PageError> {
		if !address.ip().is_loopback() {
			return Err(PageError::NotLoopback(address));
		}
		let listen = |source: io::Error| match source.kind() {
			io::ErrorKind::AddrInUse => PageError::Taken(address),
			_ => PageError::Listen { address, source },
		};
		let listener = TcpListener::bind(address).await.map_err(listen)?;
		let address = listener.local_addr().map_err(listen)?;
		Ok(Self {
			listener,
			address,
			site: Site::new(status),
		})
	}

	/// Where it listens.
	pub fn address(&self) -> SocketAddr {
		self.address
	}

	/// Answers until `stop` is there; then all connections are closed.
	pub async fn serve(self, stop: impl Future<Output = ()>) {
		let mut connections = JoinSet::new();
		tokio::pin!(stop);
		loop {
			tokio::select! {
				biased;
				() = &mut stop => return,
				Some(_) = connections.join_next() => {},
				accepted = self.listener.accept() => match accepted {
					Ok((stream, _)) if connections.len() < MAX_CONNECTIONS => {
						connections.spawn(serve_one(stream, self.site.clone()));
					},
					// Best effort: whoever does not read it sees the connection closed.
					Ok((stream, _)) => drop(stream.try_write(BUSY)),
					Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
				},
			}
		}
	}
}

async fn serve_one(stream: TcpStream, site: Site) {
	let service = service_fn(move |request| {
		let answer = site.answer(&request);
		async move { Ok::<_, Infallible>(answer) }
	});
	let connection = http1::Builder::new()
		.timer(TokioTimer::new())
		.header_read_timeout(HEAD_TIME)
		.max_headers(MAX_HEADERS)
		.max_buf_size(MAX_HEAD)
		.serve_connection(TokioIo::new(stream), service);
	// A connection that ends early, or breaks, is nobody's fault here.
	let _ = tokio::time::timeout(CONNECTION_TIME, connection).await;
}
