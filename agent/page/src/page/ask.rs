//! How `smart-agent status` asks the agent that runs.

use crate::status::{Status, VERSION};
use std::{
	io::{self, Read, Write},
	net::{SocketAddr, TcpStream},
	time::{Duration, Instant},
};

/// The longest answer that is read, in bytes.
pub const MAX_ANSWER: u64 = 1024 * 1024;

/// How long is waited for the whole of it.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why the agent did not tell its status.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
	/// Nobody listens there.
	#[error("no agent answers at {0}: start it with `smart-agent run`, or name the port of its page")]
	NotRunning(SocketAddr),
	/// It listens, and does not answer in time.
	#[error("{address} does not answer: {source}; the agent may hang, so look at its log and restart it")]
	Silent {
		/// Who was asked.
		address: SocketAddr,
		/// What was seen.
		source: io::Error,
	},
	/// It answers something else.
	#[error(
		"{address} is not the page of this device's agent ({why}): another program has the port, so give this agent's \
		 page another one by status.listen, or name the other's folder with --data"
	)]
	NotOurs {
		/// Who was asked.
		address: SocketAddr,
		/// What was seen.
		why: String,
	},
	/// It is of another version.
	#[error(
		"the agent that runs tells its status in version {0}, and this program knows {VERSION}: restart the \
		 agent, so that both are the same program"
	)]
	OtherVersion(u32),
}

/// The status of the agent whose page is at this address. It blocks, five seconds at most.
///
/// # Errors
/// [`AskError`].
pub fn ask(address: SocketAddr) -> Result<Status, AskError> {
	let silent = |source| AskError::Silent { address, source };
	let mut stream = TcpStream::connect_timeout(&address, PATIENCE).map_err(|source| match source.kind() {
		io::ErrorKind::ConnectionRefused => AskError::NotRunning(address),
		_ => silent(source),
	})?;
	let until = Instant::now() + PATIENCE;
	stream.set_write_timeout(Some(PATIENCE)).map_err(silent)?;
	let request = format!("GET /status.json HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
	stream.write_all(request.as_bytes()).map_err(silent)?;
	let answer = read_all(&mut stream, until).map_err(silent)?;
	let not_ours = |why: String| AskError::NotOurs { address, why };
	let end = answer
		.windows(4)
		.position(|four| four == b"\r\n\r\n")
		.ok_or_else(|| not_ours("no HTTP".into()))?;
	let (head, body) = (String::from_utf8_lossy(&answer[..end]), &answer[end + 4..]);
	let first = head.lines().next().unwrap_or_default();
	if first.split(' ').nth(1) != Some("200") {
		return Err(not_ours(format!(
			"it answers {:?}",
			first.chars().take(60).collect::<String>()
		)));
	}
	#[derive(serde::Deserialize)]
	struct Version {
		version: u32,
	}
	let unreadable = |error: serde_json::Error| not_ours(error.to_string());
	let Version { version } = serde_json::from_slice(body).map_err(unreadable)?;
	if version != VERSION {
		return Err(AskError::OtherVersion(version));
	}
	serde_json::from_slice(body).map_err(unreadable)
}

/// All that comes until the other side closes, as much as may be, as long as may be.
fn read_all(stream: &mut TcpStream, until: Instant) -> io::Result<Vec<u8>> {
	let (mut answer, mut part) = (Vec::new(), [0; 16 * 1024]);
	loop {
		let left = until.saturating_duration_since(Instant::now());
		if left.is_zero() {
			return Err(io::ErrorKind::TimedOut.into());
		}
		stream.set_read_timeout(Some(left))?;
		match stream.read(&mut part) {
			Ok(0) => return Ok(answer),
			Ok(read) => answer.extend_from_slice(part.get(..read).unwrap_or_default()),
			Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
			Err(error) => return Err(error),
		}
		if answer.len() as u64 > MAX_ANSWER {
			return Err(io::Error::other("it says more than an agent has to say"));
		}
	}
}
