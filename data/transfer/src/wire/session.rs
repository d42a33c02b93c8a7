//! What a server says of itself at the beginning of a connection.

use super::{from_hex, to_hex, Session};
use device_primitives::DeviceId;
use serde::{Deserialize, Serialize};
use storage_proof_primitives::Tick;

/// The answer to `GET /v1/session`, in JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
	/// Of the protocol: 1.
	pub version: u8,
	/// The connection, in 32 hexadecimal digits.
	pub session: String,
	/// Which device answers, in 64 of them.
	pub device: String,
	/// The tick that it is there.
	pub tick: Tick,
	/// The most bytes that one request reads or writes.
	pub most: u64,
}

impl Hello {
	/// Of a connection.
	pub fn new(session: &Session, device: &DeviceId, tick: Tick) -> Self {
		Self {
			version: 1,
			session: to_hex(session),
			device: to_hex(&device.0),
			tick,
			most: super::MOST,
		}
	}

	/// The connection.
	pub fn session(&self) -> Option<Session> {
		from_hex(&self.session)?.try_into().ok()
	}

	/// Which device answers.
	pub fn device(&self) -> Option<DeviceId> {
		from_hex(&self.device)?.try_into().ok().map(DeviceId)
	}
}
