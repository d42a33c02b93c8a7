//! The commands' side.

use super::{server::TOKEN_FILE, Answer, Ask};
use std::{
	io::{self, Read, Write},
	net::{SocketAddr, TcpStream},
	path::Path,
	time::Duration,
};

/// How long is waited for an answer: opening a channel waits until it is final.
const PATIENCE: Duration = Duration::from_secs(100);
/// The longest answer that is read, in bytes.
const MOST_BYTES: u64 = 16 << 20;
/// Bytes of the token's file, at most.
const MOST_TOKEN: u64 = 1_024;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
	/// No daemon has run in this folder, or it is not to be reached.
	#[error("no daemon answers for {0}: start it with `smart-pay run`, or name its folder with --data")]
	NotRunning(String),
	/// It does not answer in time.
	#[error("the daemon does not answer ({0}): look at its log, and restart it if it hangs")]
	Silent(io::Error),
	/// It answers something else.
	#[error("the daemon answered: {0}")]
	Refused(String),
	/// Its answer is none.
	#[error("the answer cannot be read ({0}): another program may have the port, or the daemon is of another version")]
	Unreadable(String),
}

/// Asks the daemon of a data folder. It blocks.
///
/// # Errors
/// [`ClientError`].
pub fn ask(folder: &Path, ask: &Ask) -> Result<Answer, ClientError> {
	let not_running = || ClientError::NotRunning(folder.display().to_string());
	let file = smart_agent_keys::read_bounded(&folder.join(TOKEN_FILE), MOST_TOKEN).map_err(|_| not_running())?;
	let mut lines = file.lines();
	let address: SocketAddr = lines
		.next()
		.and_then(|line| line.parse().ok())
		.ok_or_else(not_running)?;
	let token = lines.next().unwrap_or_default();
	let mut stream = TcpStream::connect_timeout(&address, PATIENCE).map_err(|error| match error.kind() {
		io::ErrorKind::ConnectionRefused => not_running(),
		_ => ClientError::Silent(error),
	})?;
	stream.set_write_timeout(Some(PATIENCE)).map_err(ClientError::Silent)?;
	stream.set_read_timeout(Some(PATIENCE)).map_err(ClientError::Silent)?;
	let body = serde_json::to_string(ask).map_err(|error| ClientError::Unreadable(error.to_string()))?;
	let request = format!(
		"POST /v1 HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n\
		 Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
		body.len()
	);
	stream.write_all(request.as_bytes()).map_err(ClientError::Silent)?;
	let mut answer = Vec::new();
	stream
		.take(MOST_BYTES)
		.read_to_end(&mut answer)
		.map_err(ClientError::Silent)?;
	let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
	let Some((head, body)) = end.map(|end| answer.split_at(end.saturating_add(4))) else {
		return Err(ClientError::Unreadable("no HTTP".into()));
	};
	let head = String::from_utf8_lossy(head);
	if head.split(' ').nth(1) != Some("200") {
		let why: String = String::from_utf8_lossy(body).trim().chars().take(300).collect();
		return Err(ClientError::Refused(why));
	}
	serde_json::from_slice(body).map_err(|error| ClientError::Unreadable(error.to_string()))
}
