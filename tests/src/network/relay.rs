//! A TCP relay that delays what it forwards: slow links without the kernel's `netem`, which not every kernel has.
//!
//! Each byte leaves a fixed time after it came, in both directions; bandwidth is not limited. What a node sends in one
//! go may arrive in several pieces, as with any TCP connection.

use crate::Result;
use std::{
	collections::HashSet,
	net::{Ipv4Addr, SocketAddr},
	sync::{Arc, Mutex},
	time::Duration,
};
use tokio::{
	io::{AsyncReadExt, AsyncWriteExt},
	net::{
		tcp::{OwnedReadHalf, OwnedWriteHalf},
		TcpListener, TcpStream,
	},
	sync::mpsc,
	task::JoinSet,
	time::Instant,
};

const PIECE: usize = 16 * 1024;
/// Pieces under way in one direction, before the relay stops reading: 16 MiB, far above bandwidth times delay of any
/// test.
const UNDER_WAY: usize = 1_024;

/// One relay: a port that forwards to another address. It ends, with all of its connections, when it is dropped.
pub struct Relay {
	port: u16,
	links: Arc<Mutex<HashSet<u16>>>,
	_tasks: JoinSet<()>,
}

impl Relay {
	/// Listens on a free port of the loopback interface and forwards each connection to `target`, `delay` later each
	/// way.
	///
	/// # Errors
	/// When no port can be had.
	pub async fn start(target: SocketAddr, delay: Duration) -> Result<Self> {
		let port = crate::node::ports::free()?;
		let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
		let links: Arc<Mutex<HashSet<u16>>> = Arc::default();
		let mut tasks = JoinSet::new();
		tasks.spawn(accept(listener, target, delay, links.clone()));
		Ok(Self {
			port,
			links,
			_tasks: tasks,
		})
	}

	/// The port to connect to.
	pub fn port(&self) -> u16 {
		self.port
	}

	/// The local ports from which this relay is now connected to its target.
	pub fn links(&self) -> HashSet<u16> {
		self.links
			.lock()
			.unwrap_or_else(|poisoned| poisoned.into_inner())
			.clone()
	}
}

async fn accept(listener: TcpListener, target: SocketAddr, delay: Duration, links: Arc<Mutex<HashSet<u16>>>) {
	// Dropping the set ends the connections, so they live as long as this task.
	let mut connections = JoinSet::new();
	loop {
		tokio::select! {
			accepted = listener.accept() => match accepted {
				Ok((from, _)) => { connections.spawn(forward(from, target, delay, links.clone())); },
				// Out of file descriptors, or the like: the next one may succeed.
				Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
			},
			Some(_) = connections.join_next() => {},
		}
	}
}

async fn forward(from: TcpStream, target: SocketAddr, delay: Duration, links: Arc<Mutex<HashSet<u16>>>) {
	// A target that is down looks like one: the connection closes.
	let Ok(to) = TcpStream::connect(target).await else {
		return;
	};
	let _ = (from.set_nodelay(true), to.set_nodelay(true));
	let link = to.local_addr().map(|address| address.port()).ok();
	let lock = || links.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
	lock().extend(link);
	let ((from_read, from_write), (to_read, to_write)) = (from.into_split(), to.into_split());
	tokio::join!(one_way(from_read, to_write, delay), one_way(to_read, from_write, delay));
	if let Some(link) = link {
		lock().remove(&link);
	}
}

async fn one_way(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, delay: Duration) {
	let (sender, mut receiver) = mpsc::channel::<(Instant, Vec<u8>)>(UNDER_WAY);
	let read = async move {
		let mut buffer = vec![0; PIECE];
		while let Ok(length @ 1..) = from.read(&mut buffer).await {
			if sender
				.send((Instant::now() + delay, buffer[..length].to_vec()))
				.await
				.is_err()
			{
				break;
			}
		}
	};
	let write = async move {
		while let Some((due, piece)) = receiver.recv().await {
			tokio::time::sleep_until(due).await;
			if to.write_all(&piece).await.is_err() {
				// Dropping the receiver ends the reader at its next piece.
				return;
			}
		}
		tokio::time::sleep(delay).await;
		let _ = to.shutdown().await;
	};
	tokio::join!(read, write);
}

#[cfg(test)]
mod tests {
	use super::*;

	async fn echo() -> SocketAddr {
		let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
		let address = listener.local_addr().unwrap();
		tokio::spawn(async move {
			while let Ok((stream, _)) = listener.accept().await {
				let (mut read, mut write) = stream.into_split();
				tokio::spawn(async move { tokio::io::copy(&mut read, &mut write).await });
			}
		});
		address
	}

	#[tokio::test]
	async fn bytes_arrive_whole_in_order_and_late() {
		let delay = Duration::from_millis(50);
		let relay = Relay::start(echo().await, delay).await.unwrap();
		let mut stream = TcpStream::connect(("127.0.0.1", relay.port())).await.unwrap();
		let start = Instant::now();
		let sent: Vec<u8> = (0..300_000u32).map(|i| (i % 251) as u8).collect();
		let (mut read, mut write) = stream.split();
		let mut received = vec![0; sent.len()];
		let (written, got) = tokio::join!(write.write_all(&sent), read.read_exact(&mut received));
		written.unwrap();
		got.unwrap();
		assert!(received == sent);
		assert!(start.elapsed() >= 2 * delay, "there and back in {:?}", start.elapsed());
		assert_eq!(relay.links().len(), 1);
	}

	#[tokio::test]
	async fn a_closed_connection_closes_on_the_other_side() {
		let relay = Relay::start(echo().await, Duration::from_millis(5)).await.unwrap();
		let mut stream = TcpStream::connect(("127.0.0.1", relay.port())).await.unwrap();
		stream.write_all(b"last words").await.unwrap();
		stream.shutdown().await.unwrap();
		let mut all = Vec::new();
		stream.read_to_end(&mut all).await.unwrap();
		assert_eq!(all, b"last words");
		let gone = crate::wait::until("the link to go", Duration::from_secs(5), || async {
			Ok(relay.links().is_empty().then_some(()))
		});
		gone.await.unwrap();
	}

	#[tokio::test]
	async fn a_target_that_is_down_closes_the_connection() {
		let relay = Relay::start(
			([127, 0, 0, 1], crate::node::ports::free().unwrap()).into(),
			Duration::ZERO,
		)
		.await
		.unwrap();
		let mut stream = TcpStream::connect(("127.0.0.1", relay.port())).await.unwrap();
		assert!(matches!(stream.read(&mut [0; 1]).await, Ok(0) | Err(_)));
	}
}
