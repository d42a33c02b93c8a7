//! The half of whoever holds slots: it answers requests that are signed, as far as the chain lets their keys.
//!
//! | request | answer |
//! |---|---|
//! | `GET /v1/session` | [`Hello`](crate::wire::Hello): the number of the connection, the device, the tick |
//! | `HEAD /v1/slots/{deal}/{slot}` | how much is there, in headers |
//! | `GET /v1/slots/{deal}/{slot}` | a range as a stream that proves itself |
//! | `PUT /v1/slots/{deal}/{slot}` | takes a piece |
//!
//! A connection ends if it is idle, or if a request with what it carries takes too long. There is no TLS: what is read
//! is encrypted and proven, and what is asked is signed.

mod answer;
mod body;
mod disk;
mod heads;
mod limits;
mod pool;
mod pulse;
mod state;
mod write;

pub use crate::desk::{Balance, Device, Grant, Held, NoTill, Owed, Reading, Receiving, Rights, Shelf, Till};
pub use limits::Limits;
pub use state::Counts;

use device_primitives::DeviceKey;
use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use rand_core::{OsRng, RngCore};
use state::{count, Counting, Line, Shared};
use std::{
	cmp::Reverse,
	collections::BTreeMap,
	convert::Infallible,
	io,
	net::{IpAddr, Ipv6Addr, SocketAddr},
	sync::{atomic::Ordering, Arc},
	time::Duration,
};
use storage_proof_primitives::Hash;
use tokio::{
	net::{TcpListener, TcpStream},
	task::{AbortHandle, JoinSet},
};

/// After a failure to accept.
const PAUSE: Duration = Duration::from_millis(200);
/// Headers of a request, at most.
const HEADERS: usize = 32;
/// Bytes of a connection that are read ahead, at most: all headers have to be within them.
const AHEAD: usize = 64 << 10;

/// What listens for those that want slots.
pub struct Server<D, R, S, T> {
	listener: TcpListener,
	address: SocketAddr,
	shared: Arc<Shared<D, R, S, T>>,
}

/// Where counts are read while a server serves.
#[derive(Clone)]
pub struct Counter(Arc<Counting>);

impl Counter {
	/// What was counted so far.
	pub fn now(&self) -> Counts {
		self.0.now()
	}
}

impl<D: Device, R: Rights, S: Shelf, T: Till> Server<D, R, S, T> {
	/// Listens on an address, for a device of the chain with this genesis.
	///
	/// # Errors
	/// The operating system's: the address is in use, or not this machine's.
	pub async fn bind(
		address: SocketAddr,
		limits: Limits,
		genesis: Hash,
		device: D,
		rights: R,
		shelf: S,
		till: T,
	) -> io::Result<Self> {
		let listener = TcpListener::bind(address).await?;
		Ok(Self {
			address: listener.local_addr()?,
			listener,
			shared: Arc::new(Shared::new(limits, genesis, device, rights, shelf, till)),
		})
	}

	/// Where it listens.
	pub fn address(&self) -> SocketAddr {
		self.address
	}

	/// Where its counts are read.
	pub fn counter(&self) -> Counter {
		Counter(self.shared.counts.clone())
	}

	/// Answers until it is dropped.
	pub async fn serve(self) {
		let (mut connections, mut open) = (JoinSet::new(), Vec::new());
		loop {
			tokio::select! {
				Some(_) = connections.join_next() => {},
				accepted = self.listener.accept() => match accepted {
					Ok((stream, peer)) => {
						let peer = peer_of(peer.ip());
						if !self.make_room(&mut open, peer) {
							continue;
						}
						let mut session = [0; 16];
						OsRng.fill_bytes(&mut session);
						let line = Arc::new(Line::new(session, &self.shared.limits));
						let task = connections.spawn(serve_one(stream, self.shared.clone(), line.clone()));
						count(&self.shared.counts.connections, 1);
						open.push(Connection { task, peer, line });
					}
					Err(_) => tokio::time::sleep(PAUSE).await,
				},
			}
		}
	}

	/// Whether there is room for one more of a peer. If there is none, the oldest ends that has shown no right to
	/// anything, else of the key that has most of them the one that is idle for the longest time: of that peer, if it
	/// has its share.
	fn make_room(&self, open: &mut Vec<Connection>, peer: IpAddr) -> bool {
		open.retain(|one| !one.task.is_finished());
		let limits = &self.shared.limits;
		let of_peer = open.iter().filter(|one| one.peer == peer).count() >= limits.of_peer;
		if !of_peer && open.len() < limits.connections {
			return true;
		}
		count(&self.shared.counts.crowded_out, 1);
		let may_end = |one: &Connection| !of_peer || one.peer == peer;
		let stranger = |one: &Connection| may_end(one) && one.line.key.get().is_none();
		let Some(at) = open.iter().position(stranger).or_else(|| idlest(open, may_end)) else {
			return false;
		};
		open.remove(at).task.abort();
		true
	}
}

/// Where a connection is that answers nothing: of the key that has most of them, the one that is idle for longest.
fn idlest(open: &[Connection], may_end: impl Fn(&Connection) -> bool) -> Option<usize> {
	let all = open.iter().enumerate();
	let all: Vec<(usize, &Connection)> = all.filter(|&(_, one)| may_end(one)).collect();
	let mut counts: BTreeMap<DeviceKey, usize> = BTreeMap::new();
	for key in all.iter().filter_map(|(_, one)| one.line.key.get()) {
		*counts.entry(*key).or_default() += 1;
	}
	let count = |one: &Connection| one.line.key.get().and_then(|key| counts.get(key)).copied();
	let idle = all.iter().filter(|(_, one)| !one.line.busy.load(Ordering::Relaxed));
	let found = idle.max_by_key(|&&(_, one)| (count(one), Reverse(one.line.pulse.until())));
	found.map(|(at, _)| *at)
}

/// A connection that is served.
struct Connection {
	task: AbortHandle,
	peer: IpAddr,
	line: Arc<Line>,
}

/// Addresses that count as one: a /64 of IPv6.
fn peer_of(address: IpAddr) -> IpAddr {
	match address.to_canonical() {
		IpAddr::V6(address) => {
			let [a, b, c, d, ..] = address.segments();
			IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
		}
		address => address,
	}
}

async fn serve_one<D: Device, R: Rights, S: Shelf, T: Till>(
	stream: TcpStream,
	shared: Arc<Shared<D, R, S, T>>,
	line: Arc<Line>,
) {
	// Heads of answers are short, and what follows is in large pieces.
	let _ = stream.set_nodelay(true);
	let of_line = line.clone();
	let idle = shared.limits.idle;
	let service = service_fn(move |request| {
		let (shared, line) = (shared.clone(), of_line.clone());
		async move { Ok::<_, Infallible>(answer::answer(request, shared, line).await) }
	});
	let connection = http1::Builder::new()
		.timer(TokioTimer::new())
		.header_read_timeout(idle)
		.max_headers(HEADERS)
		.max_buf_size(AHEAD)
		.serve_connection(TokioIo::new(stream), service);
	// A connection that breaks is nobody's fault here.
	tokio::select! {
		_ = connection => {},
		() = line.pulse.ended() => {},
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn addresses_of_one_network_are_one_peer() {
		let peer = |text: &str| peer_of(text.parse().unwrap());
		assert_eq!(peer("2001:db8:0:1::5"), peer("2001:db8:0:1:9:9:9:9"));
		assert_ne!(peer("2001:db8:0:1::5"), peer("2001:db8:0:2::5"));
		assert_eq!(peer("::ffff:192.0.2.1"), peer("192.0.2.1"));
		assert_ne!(peer("192.0.2.1"), peer("192.0.2.2"));
	}
}
