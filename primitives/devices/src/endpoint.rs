//! How a device is reached, and names.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt::{self, Display, Formatter};
use scale_info::TypeInfo;
use sp_core::{bounded::BoundedVec, ConstU32};

/// How many endpoints a device may have.
pub const MAX_ENDPOINTS: u32 = 4;
/// How many bytes the name of a host may have. DNS allows 253; agents have short ones.
pub const MAX_HOST_NAME: u32 = 64;
/// How many bytes the name of a vendor or model may have.
pub const MAX_NAME: u32 = 64;

/// The name of a host.
pub type HostName = BoundedVec<u8, ConstU32<MAX_HOST_NAME>>;
/// The name of a vendor or model, in UTF-8.
pub type Name = BoundedVec<u8, ConstU32<MAX_NAME>>;
/// The endpoints of a device.
pub type Endpoints = BoundedVec<Endpoint, ConstU32<MAX_ENDPOINTS>>;

/// Whether these bytes are a name: text, of which something is seen, without control characters.
pub fn is_name(bytes: &[u8]) -> bool {
	core::str::from_utf8(bytes)
		.is_ok_and(|text| !text.trim().is_empty() && text.trim() == text && !text.chars().any(char::is_control))
}

/// What an agent speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Transport {
	/// TCP.
	#[codec(index = 0)]
	Tcp,
	/// QUIC, over UDP.
	#[codec(index = 1)]
	Quic,
	/// WebSocket over TLS.
	#[codec(index = 2)]
	WebSocket,
	/// HTTP over TLS.
	#[codec(index = 3)]
	Https,
}

/// Where an agent is.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Host {
	/// An address of IPv4.
	#[codec(index = 0)]
	V4([u8; 4]),
	/// An address of IPv6.
	#[codec(index = 1)]
	V6([u8; 16]),
	/// A name of DNS.
	#[codec(index = 2)]
	Name(HostName),
}

/// One way to reach a device's agent.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Endpoint {
	/// What it speaks.
	pub transport: Transport,
	/// Where it is.
	pub host: Host,
	/// The port.
	pub port: u16,
}

/// Addresses that count as one network: a /24 of IPv4, a /48 of IPv6.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum NetworkGroup {
	/// The first three bytes.
	#[codec(index = 0)]
	V4([u8; 3]),
	/// The first six bytes.
	#[codec(index = 1)]
	V6([u8; 6]),
}

impl Endpoint {
	/// Whether it can be one: it has a port, a name is one of DNS, and an address of IPv4 is not written as one of
	/// IPv6, by which it would be in two networks.
	pub fn is_sound(&self) -> bool {
		let host = match &self.host {
			Host::V4(address) => *address != [0; 4],
			Host::V6(address) => {
				let (start, rest) = address.split_at(10);
				let embedded = start.iter().all(|byte| *byte == 0) && matches!(rest, [0xff, 0xff, ..] | [0, 0, ..]);
				!embedded
			}
			Host::Name(name) => is_host_name(name),
		};
		host && self.port != 0
	}

	/// The network that it is in; `None` if it is given by name.
	pub fn network_group(&self) -> Option<NetworkGroup> {
		match self.host {
			Host::V4([a, b, c, _]) => Some(NetworkGroup::V4([a, b, c])),
			Host::V6([a, b, c, d, e, f, ..]) => Some(NetworkGroup::V6([a, b, c, d, e, f])),
			Host::Name(_) => None,
		}
	}
}

/// Labels of letters, digits and hyphens with dots between them.
fn is_host_name(name: &[u8]) -> bool {
	!name.is_empty()
		&& name.split(|byte| *byte == b'.').all(|label| {
			let plain = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-';
			!label.is_empty() && label.iter().all(plain) && !label.starts_with(b"-") && !label.ends_with(b"-")
		})
}

/// As a URI.
impl Display for Endpoint {
	fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
		let scheme = match self.transport {
			Transport::Tcp => "tcp",
			Transport::Quic => "quic",
			Transport::WebSocket => "wss",
			Transport::Https => "https",
		};
		write!(f, "{scheme}://")?;
		match &self.host {
			Host::V4(address) => write!(f, "{}", core::net::Ipv4Addr::from(*address))?,
			Host::V6(address) => write!(f, "[{}]", core::net::Ipv6Addr::from(*address))?,
			Host::Name(name) => {
				for byte in name.iter().filter(|byte| byte.is_ascii_graphic()) {
					write!(f, "{}", char::from(*byte))?;
				}
			}
		}
		write!(f, ":{}", self.port)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use alloc::string::ToString;

	fn at(host: Host) -> Endpoint {
		Endpoint {
			transport: Transport::Quic,
			host,
			port: 4_433,
		}
	}

	fn named(name: &str) -> Endpoint {
		at(Host::Name(
			name.as_bytes().to_vec().try_into().expect("is short enough"),
		))
	}

	#[test]
	fn endpoints_read_as_uris() {
		assert_eq!(at(Host::V4([192, 0, 2, 7])).to_string(), "quic://192.0.2.7:4433");
		let mut address = [0; 16];
		(address[0], address[1], address[15]) = (0x20, 0x01, 7);
		assert_eq!(at(Host::V6(address)).to_string(), "quic://[2001::7]:4433");
		assert_eq!(named("agent.example").to_string(), "quic://agent.example:4433");
		for (transport, text) in [
			(Transport::Tcp, "tcp://"),
			(Transport::WebSocket, "wss://"),
			(Transport::Https, "https://"),
		] {
			let endpoint = Endpoint {
				transport,
				..at(Host::V4([1; 4]))
			};
			assert!(endpoint.to_string().starts_with(text));
		}
	}

	#[test]
	fn what_is_no_endpoint_is_refused() {
		assert!(at(Host::V4([192, 0, 2, 7])).is_sound());
		assert!(!at(Host::V4([0; 4])).is_sound());
		let portless = Endpoint {
			port: 0,
			..at(Host::V4([1; 4]))
		};
		assert!(!portless.is_sound());
		let mut address = [0; 16];
		assert!(!at(Host::V6(address)).is_sound());
		address[0] = 0x20;
		assert!(at(Host::V6(address)).is_sound());
		// 192.0.2.7, written as an address of IPv6.
		let mapped = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 7];
		assert!(!at(Host::V6(mapped)).is_sound());
		for name in ["a", "agent.example", "xn--nxasmq6b.example", "7.example"] {
			assert!(named(name).is_sound(), "{name}");
		}
		for name in ["", ".", "a..b", "a.", "-a", "a-", "a b", "Agent", "a/b", "ä", "a\"b"] {
			assert!(!named(name).is_sound(), "{name}");
		}
	}

	#[test]
	fn networks() {
		let network = |host| at(host).network_group();
		assert_eq!(network(Host::V4([1, 2, 3, 4])), network(Host::V4([1, 2, 3, 5])));
		assert_ne!(network(Host::V4([1, 2, 3, 4])), network(Host::V4([1, 2, 4, 4])));
		assert_eq!(network(Host::V6([7; 16])), Some(NetworkGroup::V6([7; 6])));
		assert_eq!(named("agent.example").network_group(), None);
	}

	#[test]
	fn names() {
		for name in ["Sensors & Sons", "智能", "X-1"] {
			assert!(is_name(name.as_bytes()), "{name}");
		}
		for name in ["", " ", " a", "a\n", "a\u{0}b"] {
			assert!(!is_name(name.as_bytes()), "{name:?}");
		}
		assert!(!is_name(&[0xff, 0xfe]));
	}
}
