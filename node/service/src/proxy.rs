//! For whom a proxy in front of the RPC server speaks.

use jsonrpsee::server::HttpRequest;
use std::net::{IpAddr, SocketAddr};

/// The address that a proxy says it speaks for: in `Forwarded`, `X-Forwarded-For` or `X-Real-IP`, in this order; of
/// several in one of them the first, which is the farthest.
pub fn behind<B>(request: &HttpRequest<B>) -> Option<IpAddr> {
	let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
	let forwarded = || {
		let mut parts = header("forwarded")?.split([',', ';']).map(str::trim);
		address(parts.find_map(node)?)
	};
	let listed = || address(header("x-forwarded-for")?.split(',').next()?);
	forwarded().or_else(listed).or_else(|| address(header("x-real-ip")?))
}

/// The value of a `for=`, in upper or lower case.
fn node(part: &str) -> Option<&str> {
	let (name, value) = part.split_once('=')?;
	name.eq_ignore_ascii_case("for").then(|| value.trim_matches('"'))
}

/// An address with or without a port; in brackets if it is of IPv6 and has one.
fn address(text: &str) -> Option<IpAddr> {
	let text = text.trim();
	let bare = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
	let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
	text.parse().ok().or_else(with_port).or_else(bare)
}
