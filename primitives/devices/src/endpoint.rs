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

/// Characters that are not seen, or change how others are read: two names that differ by one look the same, or one
/// reads backwards. Blanks and control characters are known to `char` itself.
const UNSEEN: [(char, char); 17] = [
	// Soft hyphen, combining grapheme joiner, Arabic letter mark.
	('\u{ad}', '\u{ad}'),
	('\u{34f}', '\u{34f}'),
	('\u{61c}', '\u{61c}'),
	// Fillers of Hangul and Khmer, separators and variants of Mongolian.
	('\u{115f}', '\u{1160}'),
	('\u{17b4}', '\u{17b5}'),
	('\u{180b}', '\u{180f}'),
	// Of no width, and marks of direction; separators of lines, and embeddings; word joiner and isolates.
	('\u{200b}', '\u{200f}'),
	('\u{2028}', '\u{202e}'),
	('\u{2060}', '\u{206f}'),
	// An empty pattern of Braille, another filler of Hangul, variation selectors, the mark of byte order.
	('\u{2800}', '\u{2800}'),
	('\u{3164}', '\u{3164}'),
	('\u{fe00}', '\u{fe0f}'),
	('\u{feff}', '\u{feff}'),
	// A filler of half width, annotations, tags and more variation selectors.
	('\u{ffa0}', '\u{ffa0}'),
	('\u{fff0}', '\u{fffb}'),
	('\u{1d173}', '\u{1d17a}'),
	('\u{e0000}', '\u{e0fff}'),
];

fn is_seen(character: char) -> bool {
	!character.is_control() && !UNSEEN.iter().any(|(first, last)| (*first..=*last).contains(&character))
}

/// Whether these bytes are a name: text without blanks around it, all of which is seen as it stands there, but for
/// blanks within.
pub fn is_name(bytes: &[u8]) -> bool {
	core::str::from_utf8(bytes).is_ok_and(|text| !text.is_empty() && text.trim() == text && text.chars().all(is_seen))
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

/// Addresses that count as one network: a /24 of IPv4, a /48 of IPv6. An address of the one is in no network of the
/// other, for those of IPv6 that stand for one of IPv4 are no endpoints.
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
	/// Whether it can be one: it has a port, its address is of one machine that others may reach, or its name is one of
	/// DNS. Private addresses are sound, for whole chains live in such networks.
	pub fn is_sound(&self) -> bool {
		let host = match &self.host {
			Host::V4(address) => is_host_v4(address),
			Host::V6(address) => is_host_v6(address),
			Host::Name(name) => is_host_name(name),
		};
		host && self.port != 0
	}

	/// The network that it is in; `None` if it is given by name. Nothing is known of the network of a name, which may
	/// lead anywhere, and to many places: whoever counts networks counts all names as one.
	pub fn network_group(&self) -> Option<NetworkGroup> {
		match self.host {
			Host::V4([a, b, c, _]) => Some(NetworkGroup::V4([a, b, c])),
			Host::V6([a, b, c, d, e, f, ..]) => Some(NetworkGroup::V6([a, b, c, d, e, f])),
			Host::Name(_) => None,
		}
	}
}

/// Not this machine itself (0/8, 127/8), its link alone (169.254/16), many at once (224/4), or nobody (240/4): whoever
/// probes an endpoint would knock at its own door, or at many.
fn is_host_v4(address: &[u8; 4]) -> bool {
	!matches!(address, [0 | 127 | 224..=255, ..] | [169, 254, ..])
}

/// Of the addresses that are given out (2000::/3), or private (fc00::/7). No other names one machine: among them are
/// the machine itself, its link alone, many at once, and addresses of IPv4 that are written as ones of IPv6 (::/96,
/// ::ffff/96, 64:ff9b::/96), by which one machine would be in two networks. Of those given out 6to4 (2002::/16) and
/// Teredo (2001::/32) are likewise: each address of IPv4 has a network of its own there.
fn is_host_v6(address: &[u8; 16]) -> bool {
	match address {
		[0x20, 0x02, ..] | [0x20, 0x01, 0, 0, ..] => false,
		[first, ..] => matches!(*first, 0x20..=0x3f | 0xfc..=0xfd),
	}
}

/// Labels of letters, digits and hyphens with dots between them; the last one is no number, for the name would be read
/// as an address of IPv4.
fn is_host_name(name: &[u8]) -> bool {
	let labels = || name.split(|byte| *byte == b'.');
	let number = |label: &[u8]| match label {
		[b'0', b'x', hexadecimal @ ..] => hexadecimal.iter().all(u8::is_ascii_hexdigit),
		_ => label.iter().all(u8::is_ascii_digit),
	};
	!labels().next_back().is_some_and(number)
		&& labels().all(|label| {
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
	use alloc::{format, string::ToString};

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
		for name in ["a", "agent.example", "xn--nxasmq6b.example", "7.example"] {
			assert!(named(name).is_sound(), "{name}");
		}
		for name in ["", ".", "a..b", "a.", "-a", "a-", "a b", "Agent", "a/b", "ä", "a\"b"] {
			assert!(!named(name).is_sound(), "{name}");
		}
		// What resolvers read as an address.
		for name in ["127.0.0.1", "2130706433", "0x7f000001", "a.1", "a.0x1", "0x"] {
			assert!(!named(name).is_sound(), "{name}");
		}
		assert!(named("1.a").is_sound() && named("0x7f.example").is_sound() && named("0xg").is_sound());
	}

	#[test]
	fn an_address_is_of_one_machine_that_others_reach() {
		let v4 = |text: &str| {
			let address: core::net::Ipv4Addr = text.parse().expect(text);
			at(Host::V4(address.octets())).is_sound()
		};
		for text in [
			"192.0.2.7",
			"10.0.0.1",
			"172.16.0.1",
			"192.168.0.1",
			"126.255.255.255",
			"128.0.0.1",
			"169.253.0.1",
			"223.255.255.255",
		] {
			assert!(v4(text), "{text}");
		}
		for text in [
			"0.0.0.1",
			"127.0.0.1",
			"127.1.2.3",
			"169.254.1.1",
			"224.0.0.1",
			"240.0.0.1",
			"255.255.255.255",
		] {
			assert!(!v4(text), "{text}");
		}
		let v6 = |text: &str| {
			let address: core::net::Ipv6Addr = text.parse().expect(text);
			at(Host::V6(address.octets())).is_sound()
		};
		for text in [
			"2001:db8::7",
			"2a00::1",
			"3fff::1",
			"fd00::1",
			"fc00::1",
			"2001:1::1",
			"2003::1",
		] {
			assert!(v6(text), "{text}");
		}
		for text in [
			"::1",
			// 192.0.2.7 in all ways to write it as an address of IPv6: each would be a network of its own.
			"::192.0.2.7",
			"::ffff:192.0.2.7",
			"::ffff:0:192.0.2.7",
			"64:ff9b::192.0.2.7",
			"64:ff9b:1::192.0.2.7",
			"2002:c000:207::1",
			"2001:0:c000:207::1",
			"fe80::1",
			"fec0::1",
			"ff02::1",
			"4000::1",
			"100::1",
		] {
			assert!(!v6(text), "{text}");
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
		// Nothing is seen of these, alone or between letters, or they turn what follows round.
		for unseen in [
			'\u{ad}',
			'\u{34f}',
			'\u{61c}',
			'\u{115f}',
			'\u{180e}',
			'\u{200b}',
			'\u{200f}',
			'\u{2028}',
			'\u{202e}',
			'\u{2060}',
			'\u{2066}',
			'\u{2800}',
			'\u{3164}',
			'\u{fe0f}',
			'\u{feff}',
			'\u{ffa0}',
			'\u{fffb}',
			'\u{e0061}',
			'\u{e01ef}',
		] {
			for name in [
				format!("{unseen}"),
				format!("Sensors{unseen} & Sons"),
				format!("{unseen}a"),
				format!("a{unseen}"),
			] {
				assert!(!is_name(name.as_bytes()), "{name:?}");
			}
		}
		assert!(!is_name(&[0xff, 0xfe]));
	}
}
