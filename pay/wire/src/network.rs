//! What connections go through: TCP, or memory.

use futures::{future::BoxFuture, FutureExt};
use std::{
	collections::HashMap,
	io,
	net::IpAddr,
	sync::{Arc, Mutex, PoisonError},
};
use tokio::{
	io::{duplex, AsyncRead, AsyncWrite},
	net::{TcpListener, TcpStream},
	sync::mpsc,
};

/// Connections that wait in memory until they are accepted, at most.
const WAITING: usize = 64;
/// Bytes that a connection in memory holds in each direction.
const IN_MEMORY: usize = 64 << 10;

/// Bytes in both directions.
pub trait Pipe: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Pipe for T {}

/// Bytes in both directions, wherever they go.
pub type BoxedPipe = Box<dyn Pipe>;

/// How others are called.
pub trait Network: Send + Sync + 'static {
	/// Connects to a host, such as `203.0.113.7:9956`.
	fn connect(&self, host: String) -> BoxFuture<'static, io::Result<BoxedPipe>>;
}

/// The internet.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tcp;

impl Network for Tcp {
	fn connect(&self, host: String) -> BoxFuture<'static, io::Result<BoxedPipe>> {
		async move {
			let stream = TcpStream::connect(host).await?;
			stream.set_nodelay(true)?;
			Ok::<BoxedPipe, io::Error>(Box::new(stream))
		}
		.boxed()
	}
}

/// Where others call.
#[derive(Debug)]
pub enum Listener {
	/// At an address.
	Tcp(TcpListener),
	/// At a name of a [`MemoryNetwork`].
	Memory(MemoryListener),
}

/// A name of a [`MemoryNetwork`] at which somebody listens.
pub struct MemoryListener(mpsc::Receiver<BoxedPipe>);

impl std::fmt::Debug for MemoryListener {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		f.write_str("MemoryListener")
	}
}

impl Listener {
	/// The next call, and where it comes from, as far as that is known; none if nobody can call any more.
	///
	/// # Errors
	/// Those of the operating system: mostly too many open files, which passes.
	pub async fn accept(&mut self) -> io::Result<Option<(BoxedPipe, Option<IpAddr>)>> {
		match self {
			Self::Tcp(listener) => {
				let (stream, from) = listener.accept().await?;
				stream.set_nodelay(true)?;
				Ok(Some((Box::new(stream) as BoxedPipe, Some(from.ip()))))
			}
			Self::Memory(calls) => Ok(calls.0.recv().await.map(|pipe| (pipe, None))),
		}
	}
}

/// A network in memory, of names. Copies are the same one.
#[derive(Clone, Default)]
pub struct MemoryNetwork {
	names: Arc<Mutex<HashMap<String, mpsc::Sender<BoxedPipe>>>>,
}

impl MemoryNetwork {
	/// Listens at a name, instead of whoever did.
	pub fn listen(&self, name: &str) -> Listener {
		let (calls, listener) = mpsc::channel(WAITING);
		let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
		names.insert(name.to_owned(), calls);
		Listener::Memory(MemoryListener(listener))
	}

	/// Nobody listens there any more.
	pub fn close(&self, name: &str) {
		let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
		names.remove(name);
	}
}

impl Network for MemoryNetwork {
	fn connect(&self, host: String) -> BoxFuture<'static, io::Result<BoxedPipe>> {
		let names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
		let calls = names.get(&host).cloned();
		async move {
			let refused = || io::Error::from(io::ErrorKind::ConnectionRefused);
			let (near, far) = duplex(IN_MEMORY);
			let calls = calls.ok_or_else(refused)?;
			calls.send(Box::new(far)).await.map_err(|_| refused())?;
			Ok::<BoxedPipe, io::Error>(Box::new(near))
		}
		.boxed()
	}
}
