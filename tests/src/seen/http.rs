//! What a program of this machine answers over HTTP.

use crate::{Error, Result};
use std::{net::SocketAddr, time::Duration};
use tokio::{
	io::{AsyncReadExt, AsyncWriteExt},
	net::TcpStream,
};

/// How long an answer may take.
const LIMIT: Duration = Duration::from_secs(10);

/// What is answered at a path.
///
/// # Errors
/// When nothing is within ten seconds, or something other than 200.
pub async fn get(address: SocketAddr, path: &str) -> Result<String> {
	// Of this version the answer ends with the connection.
	let request = format!("GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n");
	let exchange = async {
		let mut stream = TcpStream::connect(address).await?;
		stream.write_all(request.as_bytes()).await?;
		let mut answer = Vec::new();
		stream.read_to_end(&mut answer).await?;
		Ok::<_, std::io::Error>(String::from_utf8_lossy(&answer).into_owned())
	};
	let answer = tokio::time::timeout(LIMIT, exchange)
		.await
		.map_err(|_| Error::new(format!("no answer from {address}{path} within {LIMIT:?}")))??;
	let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
	crate::ensure!(
		head.lines().next().is_some_and(|line| line.contains(" 200 ")),
		"{address}{path} answers {}",
		head.lines().next().unwrap_or_default()
	);
	Ok(body.to_string())
}
