//! Why a connection is none, or ended.

use crate::{Bye, FrameError};
use std::{io, time::Duration};

/// Why a connection is none, or ended.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
	/// The network refused.
	#[error("cannot reach the partner: {0}; look at its address, and whether it runs")]
	Io(#[from] io::Error),
	/// WebSocket.
	#[error("the partner does not speak WebSocket as it should: {0}")]
	Socket(String),
	/// Noise.
	#[error("the handshake failed: {0}; the partner may be on another chain, or speak another version")]
	Handshake(&'static str),
	/// Somebody else answered.
	#[error("another key answers at the partner's address: it has moved, or somebody stands between")]
	OtherKey,
	/// A message that nobody sealed for this place: damaged, replayed, or left out before it.
	#[error("a message was damaged, doubled or left out on its way")]
	Broken,
	/// A frame that is none.
	#[error(transparent)]
	Frame(#[from] FrameError),
	/// Nothing came for too long.
	#[error("nothing came for {0:?}")]
	Silent(Duration),
	/// Nothing could be sent for too long.
	#[error("the partner took nothing for {0:?}")]
	Stuck(Duration),
	/// The partner said why it ends the connection.
	#[error("the partner ended the connection: {0}")]
	Bye(Bye),
	/// It ended without a word.
	#[error("the connection ended")]
	Closed,
	/// The system gives no random numbers.
	#[error("the system gives no random numbers: {0}; do not use keys on it")]
	Random(String),
	/// A key that is none.
	#[error("a node's secret has 32 bytes, and this is none: {0}")]
	Key(String),
}

impl From<tokio_tungstenite::tungstenite::Error> for WireError {
	fn from(error: tokio_tungstenite::tungstenite::Error) -> Self {
		use tokio_tungstenite::tungstenite::Error;
		match error {
			Error::ConnectionClosed | Error::AlreadyClosed => Self::Closed,
			Error::Io(error) => Self::Io(error),
			Error::Capacity(_) => Self::Frame(FrameError::TooLong),
			other => Self::Socket(other.to_string()),
		}
	}
}

/// Why something was not sent. What a machine says is said again: it may be dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSent {
	/// There is no connection to it now.
	#[error("there is no connection to this partner now")]
	NotConnected,
	/// It takes less than is sent.
	#[error("the partner takes less than is sent")]
	Full,
}
