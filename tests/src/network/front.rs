//! What stands before a device's port for slots and gives it bad manners, while the device behind it is honest: it
//! never answers, answers slowly, lies, or loses connections.
//!
//! The chain sees an honest device, which holds its slots and answers challenges: these are providers that take pay and
//! give readers nothing, and lines that break. [`Manners::Torn`] does what packet loss does to programs: pieces come
//! late, and connections break. It needs no `netem`, which not every kernel has.

use crate::{node::ports, rng::Rng, Result};
use std::{
	net::{Ipv4Addr, SocketAddr},
	sync::{Arc, Mutex, MutexGuard},
	time::Duration,
};
use tokio::{
	io::{AsyncReadExt, AsyncWriteExt},
	net::{
		tcp::{OwnedReadHalf, OwnedWriteHalf},
		TcpListener, TcpStream,
	},
	task::JoinSet,
};

const PIECE: usize = 16 * 1024;
/// Pieces of so many bytes are what was asked for, not what is said of it.
const LONG: usize = 4 * 1024;
/// Of a torn line, one in so many pieces is its last,
const LAST: u64 = 200;
/// one in so many comes late,
const LATE: u64 = 20;
/// by so many milliseconds at most: what it takes until something lost is sent again.
const LATE_MILLIS: u64 = 200;

/// How a front behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manners {
	/// It passes everything on.
	Honest,
	/// It takes connections and requests, and says nothing.
	Silent,
	/// It gives out so many bytes a second.
	Slow(u32),
	/// It flips a bit of each piece that it gives out.
	Lies,
	/// Connections break, and pieces come late, both ways.
	Torn,
}

/// Which way something goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
	/// To the device.
	In,
	/// Out of it.
	Out,
}

/// What is done with a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deed {
	/// It goes on, after a while.
	Pass(Duration),
	/// It is gone.
	Drop,
	/// It is gone, and the connection with it.
	Cut,
}

/// What all connections of a front share.
struct State {
	manners: Manners,
	rng: Rng,
	spoilt: u64,
}

impl State {
	/// What is done with a piece, which may be changed.
	fn treat(&mut self, way: Way, piece: &mut [u8]) -> Deed {
		let deed = match (self.manners, way) {
			(Manners::Silent, _) => Deed::Drop,
			(Manners::Slow(rate), Way::Out) => {
				let nanos = (piece.len() as u64).saturating_mul(1_000_000_000) / u64::from(rate.max(1));
				Deed::Pass(Duration::from_nanos(nanos))
			}
			(Manners::Lies, Way::Out) if piece.len() >= LONG => {
				// The head of an answer is at the beginning.
				if let Some(last) = piece.last_mut() {
					*last ^= 1;
				}
				self.spoilt += 1;
				return Deed::Pass(Duration::ZERO);
			}
			(Manners::Torn, _) if self.rng.below(LAST) == 0 => Deed::Cut,
			(Manners::Torn, _) if self.rng.below(LATE) == 0 => {
				Deed::Pass(Duration::from_millis(self.rng.below(LATE_MILLIS)))
			}
			_ => Deed::Pass(Duration::ZERO),
		};
		self.spoilt += u64::from(deed != Deed::Pass(Duration::ZERO));
		deed
	}
}

type Shared = Arc<Mutex<State>>;

fn lock(shared: &Shared) -> MutexGuard<'_, State> {
	shared.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// A port that leads to a device. It ends, with all of its connections, when it is dropped.
pub struct Front {
	port: u16,
	shared: Shared,
	_tasks: JoinSet<()>,
}

impl Front {
	/// Listens on a free port of the loopback interface and passes everything on to `target`. What is by chance follows
	/// from the seed.
	///
	/// # Errors
	/// When no port can be had.
	pub async fn start(target: SocketAddr, seed: u64) -> Result<Self> {
		let port = ports::free()?;
		let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
		let shared = Arc::new(Mutex::new(State {
			manners: Manners::Honest,
			rng: Rng::new(seed),
			spoilt: 0,
		}));
		let mut tasks = JoinSet::new();
		tasks.spawn(accept(listener, target, shared.clone()));
		Ok(Self {
			port,
			shared,
			_tasks: tasks,
		})
	}

	/// The port to connect to.
	pub fn port(&self) -> u16 {
		self.port
	}

	/// It behaves so from now on, on connections that there are as well.
	pub fn behave(&self, manners: Manners) {
		lock(&self.shared).manners = manners;
	}

	/// How many pieces were not passed on at once and unchanged.
	pub fn spoilt(&self) -> u64 {
		lock(&self.shared).spoilt
	}
}

async fn accept(listener: TcpListener, target: SocketAddr, shared: Shared) {
	// Dropping the set ends the connections, so they live as long as this task.
	let mut connections = JoinSet::new();
	loop {
		tokio::select! {
			accepted = listener.accept() => match accepted {
				Ok((from, _)) => { connections.spawn(connect(from, target, shared.clone())); },
				// Out of file descriptors, or the like: the next one may succeed.
				Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
			},
			Some(_) = connections.join_next() => {},
		}
	}
}

async fn connect(from: TcpStream, target: SocketAddr, shared: Shared) {
	// A device that is down looks like one: the connection closes.
	let Ok(to) = TcpStream::connect(target).await else {
		return;
	};
	let _ = (from.set_nodelay(true), to.set_nodelay(true));
	let ((from_read, from_write), (to_read, to_write)) = (from.into_split(), to.into_split());
	let mut ways = JoinSet::new();
	ways.spawn(carry(from_read, to_write, Way::In, shared.clone()));
	ways.spawn(carry(to_read, from_write, Way::Out, shared));
	while let Some(ended) = ways.join_next().await {
		// What breaks breaks both ways: the other one ends with the set.
		if !matches!(ended, Ok(true)) {
			return;
		}
	}
}

/// Whether it has come to its end in order.
async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, way: Way, shared: Shared) -> bool {
	let mut buffer = vec![0; PIECE];
	while let Ok(length @ 1..) = from.read(&mut buffer).await {
		let piece = &mut buffer[..length];
		let deed = lock(&shared).treat(way, piece);
		match deed {
			Deed::Pass(pause) => tokio::time::sleep(pause).await,
			Deed::Drop => continue,
			Deed::Cut => return false,
		}
		if to.write_all(piece).await.is_err() {
			return false;
		}
	}
	to.shutdown().await.is_ok()
}

#[cfg(test)]
mod tests {
	use super::*;

	/// A device that gives a million bytes to whoever says something.
	async fn device() -> SocketAddr {
		let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
		let address = listener.local_addr().unwrap();
		tokio::spawn(async move {
			while let Ok((mut stream, _)) = listener.accept().await {
				tokio::spawn(async move {
					let mut asked = [0; 1];
					if stream.read_exact(&mut asked).await.is_ok() {
						let _ = stream.write_all(&vec![7; 1_000_000]).await;
					}
				});
			}
		});
		address
	}

	/// What comes through a front within some seconds.
	async fn got(front: &Front, seconds: u64) -> Vec<u8> {
		let mut stream = TcpStream::connect(("127.0.0.1", front.port())).await.unwrap();
		stream.write_all(b"?").await.unwrap();
		let mut all = Vec::new();
		let _ = tokio::time::timeout(Duration::from_secs(seconds), stream.read_to_end(&mut all)).await;
		all
	}

	#[tokio::test]
	async fn each_has_its_manners() {
		let front = Front::start(device().await, 1).await.unwrap();
		assert!(got(&front, 10).await == vec![7; 1_000_000]);
		assert_eq!(front.spoilt(), 0);
		front.behave(Manners::Silent);
		assert!(got(&front, 1).await.is_empty());
		front.behave(Manners::Slow(100_000));
		let slow = got(&front, 1).await;
		assert!(
			slow.len() < 400_000 && slow.iter().all(|byte| *byte == 7),
			"{}",
			slow.len()
		);
		front.behave(Manners::Lies);
		let lies = got(&front, 10).await;
		assert_eq!(lies.len(), 1_000_000);
		assert!(lies.contains(&6) && lies.iter().filter(|byte| **byte == 6).count() < 500);
		assert!(front.spoilt() > 0);
	}

	#[tokio::test]
	async fn a_torn_line_breaks_now_and_then() {
		let front = Front::start(device().await, 2).await.unwrap();
		front.behave(Manners::Torn);
		let (mut whole, mut broken) = (0, 0);
		// One in four breaks.
		for _ in 0..80 {
			let all = got(&front, 10).await;
			assert!(all.iter().all(|byte| *byte == 7), "what comes is right");
			match all.len() {
				1_000_000 => whole += 1,
				_ => broken += 1,
			}
			if whole > 0 && broken > 0 {
				return;
			}
		}
		panic!("{whole} were whole, and {broken} broke");
	}
}
