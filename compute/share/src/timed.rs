//! A connection that nobody holds for longer than it may take.

use std::{
	io::{self, ErrorKind, Read, Write},
	net::TcpStream,
	time::{Duration, Instant},
};

/// A connection with its end.
pub(crate) struct Timed {
	stream: TcpStream,
	until: Instant,
}

impl Timed {
	/// One that may take so long from now on.
	pub fn new(stream: TcpStream, most: Duration) -> Self {
		let _ = stream.set_nodelay(true);
		Self {
			stream,
			until: Instant::now() + most,
		}
	}

	/// It may take so long from now on.
	pub fn allow(&mut self, most: Duration) {
		self.until = Instant::now() + most;
	}

	fn left(&self) -> io::Result<Duration> {
		let left = self.until.saturating_duration_since(Instant::now());
		if left.is_zero() {
			return Err(ErrorKind::TimedOut.into());
		}
		Ok(left)
	}
}

impl Read for Timed {
	fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
		self.stream.set_read_timeout(Some(self.left()?))?;
		self.stream.read(into)
	}
}

impl Write for Timed {
	fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
		self.stream.set_write_timeout(Some(self.left()?))?;
		self.stream.write(bytes)
	}

	fn flush(&mut self) -> io::Result<()> {
		self.stream.flush()
	}
}

/// Reads a head, and nothing behind it: byte for byte, for a body may follow. `None` if it is longer than `most`.
pub(crate) fn head(from: &mut impl Read, most: usize) -> io::Result<Option<Vec<u8>>> {
	let mut head = Vec::new();
	let mut byte = [0];
	while head.len() < most {
		match from.read(&mut byte) {
			Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
			Ok(_) => head.extend(byte),
			Err(error) if error.kind() == ErrorKind::Interrupted => continue,
			Err(error) => return Err(error),
		}
		if head.ends_with(b"\r\n\r\n") {
			return Ok(Some(head));
		}
	}
	Ok(None)
}
