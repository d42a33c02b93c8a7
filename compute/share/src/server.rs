//! Serves what is on a shelf: a thread a connection, so many at most.

use crate::{
	http::{answer, asked, Asked, Refused, LENGTH, MOST_HEAD},
	shelf::Shelf,
	timed::{head, Timed},
};
use smartchain_bundle::send;
use smartchain_transfer::{stream::Walk, wire::MOST};
use std::{
	collections::BTreeMap,
	io::{self, Write},
	net::{IpAddr, SocketAddr, TcpListener, TcpStream},
	sync::{
		atomic::{AtomicBool, AtomicU64, Ordering},
		Arc, Mutex, PoisonError,
	},
	thread::{self, JoinHandle},
	time::Duration,
};

/// Connections at a time, of all and of one address.
pub const MOST_CONNECTIONS: usize = 64;
const MOST_OF_ONE: usize = 32;
/// How long a head may take, and an answer.
const HEAD_PATIENCE: Duration = Duration::from_secs(10);
const PATIENCE: Duration = Duration::from_secs(60);
/// How long is waited if no connection can be taken: the process may have too many files open.
const PAUSE: Duration = Duration::from_millis(100);

/// What was served since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
	/// Requests that were answered,
	pub requests: u64,
	/// and refused.
	pub refused: u64,
	/// Bytes of what was asked for, without what proves them.
	pub sent: u64,
}

/// What all connections share.
struct Shared {
	shelf: Arc<dyn Shelf>,
	hello: String,
	open: Mutex<BTreeMap<IpAddr, usize>>,
	ends: AtomicBool,
	requests: AtomicU64,
	refused: AtomicU64,
	sent: AtomicU64,
}

/// A server that listens.
pub struct Server {
	listener: TcpListener,
	shared: Arc<Shared>,
}

/// A server that serves, until this is dropped.
pub struct Serving {
	address: SocketAddr,
	shared: Arc<Shared>,
	thread: Option<JoinHandle<()>>,
}

impl Server {
	/// One at this address. `hello` is what whoever asks for a session is told.
	///
	/// # Errors
	/// If nothing can listen there.
	pub fn bind(address: SocketAddr, hello: impl Into<String>, shelf: impl Shelf) -> io::Result<Self> {
		Ok(Self {
			listener: TcpListener::bind(address)?,
			shared: Arc::new(Shared {
				shelf: Arc::new(shelf),
				hello: hello.into(),
				open: Mutex::default(),
				ends: AtomicBool::new(false),
				requests: AtomicU64::new(0),
				refused: AtomicU64::new(0),
				sent: AtomicU64::new(0),
			}),
		})
	}

	/// Where it listens.
	///
	/// # Errors
	/// The system's.
	pub fn address(&self) -> io::Result<SocketAddr> {
		self.listener.local_addr()
	}

	/// Serves from now on, in threads of its own.
	///
	/// # Errors
	/// If there is no thread.
	pub fn serve(self) -> io::Result<Serving> {
		let (address, shared) = (self.address()?, self.shared.clone());
		let accepting = shared.clone();
		let listener = self.listener;
		let thread = thread::Builder::new()
			.name("share".into())
			.spawn(move || accept(&listener, &accepting))?;
		Ok(Serving {
			address,
			shared,
			thread: Some(thread),
		})
	}
}

impl Serving {
	/// Where it listens.
	pub fn address(&self) -> SocketAddr {
		self.address
	}

	/// What was served so far.
	pub fn counts(&self) -> Counts {
		Counts {
			requests: self.shared.requests.load(Ordering::Relaxed),
			refused: self.shared.refused.load(Ordering::Relaxed),
			sent: self.shared.sent.load(Ordering::Relaxed),
		}
	}
}

impl Drop for Serving {
	fn drop(&mut self) {
		self.shared.ends.store(true, Ordering::Release);
		// Whoever listens wakes by this.
		let mut address = self.address;
		if address.ip().is_unspecified() {
			address.set_ip(match address {
				SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
				SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
			});
		}
		let woken = TcpStream::connect_timeout(&address, Duration::from_secs(1));
		if let (Ok(_), Some(thread)) = (woken, self.thread.take()) {
			let _ = thread.join();
		}
	}
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
	loop {
		let taken = listener.accept();
		if shared.ends.load(Ordering::Acquire) {
			return;
		}
		let Ok((stream, from)) = taken else {
			thread::sleep(PAUSE);
			continue;
		};
		let Some(place) = Place::take(shared, from.ip()) else {
			let mut stream = Timed::new(stream, PAUSE);
			let _ = stream.write_all(answer(Refused::Busy.line(), &[]).as_bytes());
			continue;
		};
		let serving = shared.clone();
		let started = thread::Builder::new().name("share-one".into()).spawn(move || {
			let _place = place;
			// Whoever does not listen is not told why.
			let _ = one(&mut Timed::new(stream, HEAD_PATIENCE), &serving);
		});
		if started.is_err() {
			thread::sleep(PAUSE);
		}
	}
}

/// A connection's place among those that there may be, until it is dropped.
struct Place {
	shared: Arc<Shared>,
	of: IpAddr,
}

impl Place {
	fn take(shared: &Arc<Shared>, of: IpAddr) -> Option<Self> {
		let mut open = shared.open.lock().unwrap_or_else(PoisonError::into_inner);
		let all: usize = open.values().sum();
		let own = open.get(&of).copied().unwrap_or(0);
		if all >= MOST_CONNECTIONS || own >= MOST_OF_ONE {
			return None;
		}
		open.insert(of, own + 1);
		Some(Self {
			shared: shared.clone(),
			of,
		})
	}
}

impl Drop for Place {
	fn drop(&mut self) {
		let mut open = self.shared.open.lock().unwrap_or_else(PoisonError::into_inner);
		if let Some(own) = open.get_mut(&self.of) {
			*own = own.saturating_sub(1);
			if *own == 0 {
				open.remove(&self.of);
			}
		}
	}
}

/// Serves one request.
fn one(stream: &mut Timed, shared: &Shared) -> io::Result<()> {
	let said = match head(stream, MOST_HEAD)? {
		Some(head) => asked(&head),
		None => Err(Refused::Request),
	};
	stream.allow(PATIENCE);
	let refused = match said {
		Ok(asked) => answered(stream, shared, asked)?,
		Err(refused) => Some(refused),
	};
	let Some(refused) = refused else {
		shared.requests.fetch_add(1, Ordering::Relaxed);
		return Ok(());
	};
	shared.refused.fetch_add(1, Ordering::Relaxed);
	stream.write_all(answer(refused.line(), &[("content-length", "0".into())]).as_bytes())
}

/// Answers; or says why not.
fn answered(stream: &mut Timed, shared: &Shared, asked: Asked) -> io::Result<Option<Refused>> {
	let (root, range) = match asked {
		Asked::Session => {
			let headers = [
				("content-type", "application/json".into()),
				("content-length", shared.hello.len().to_string()),
			];
			stream.write_all(answer("200 OK", &headers).as_bytes())?;
			stream.write_all(shared.hello.as_bytes())?;
			return Ok(None);
		}
		Asked::Look(root) => (root, None),
		Asked::Read(root, from, length) => (root, Some((from, length))),
	};
	let Some(found) = shared.shelf.find(&root)? else {
		return Ok(Some(Refused::Missing));
	};
	let length = (LENGTH, found.length().to_string());
	let Some((from, count)) = range else {
		stream.write_all(answer("200 OK", &[length]).as_bytes())?;
		return Ok(None);
	};
	let Some(walk) = Walk::new(found.length(), from, count).filter(|_| count <= MOST) else {
		return Ok(Some(Refused::Range));
	};
	let body: u64 = walk.map(|item| item.bytes() as u64).sum();
	let headers = [length, ("content-length", body.to_string())];
	stream.write_all(answer("200 OK", &headers).as_bytes())?;
	send(&*found, from, count, stream)?;
	shared.sent.fetch_add(count, Ordering::Relaxed);
	Ok(None)
}
