//! Free TCP ports, chosen when they are needed.
//!
//! Nodes bind with SO_REUSEPORT, so that two of them on one port would silently share it: every port is handed out once
//! in a process, after a plain bind has shown that nobody listens there. Ports lie below the kernel's ephemeral range,
//! where an outgoing connection could take them between the check and their use.
//!
//! The check binds and never listens. A process that another thread starts meanwhile holds a copy of each open socket
//! until it runs its own program; a copy of a listener would keep the port taken for these milliseconds, whereas a
//! socket that only is bound, with SO_REUSEADDR as all of ours, stands in nobody's way.

use crate::{rng::Rng, Error, Result};
use std::{
	collections::HashSet,
	net::Ipv4Addr,
	sync::{Mutex, OnceLock},
};
use tokio::net::TcpSocket;

const LOWEST: u16 = 20_000;
const TRIES: usize = 1_000;

fn highest() -> u16 {
	std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range")
		.ok()
		.and_then(|range| range.split_whitespace().next()?.parse::<u16>().ok())
		.filter(|lowest_ephemeral| *lowest_ephemeral > LOWEST + 1_000)
		.unwrap_or(32_000)
}

/// A socket bound to `port` on every address; an error if somebody listens there.
fn bound(port: u16) -> std::io::Result<TcpSocket> {
	let socket = TcpSocket::new_v4()?;
	socket.set_reuseaddr(true)?;
	socket.bind((Ipv4Addr::UNSPECIFIED, port).into())?;
	Ok(socket)
}

/// A TCP port of the loopback interface on which nobody listens, never handed out twice.
///
/// # Errors
/// When a thousand tries found none.
pub fn free() -> Result<u16> {
	static TAKEN: OnceLock<Mutex<(Rng, HashSet<u16>)>> = OnceLock::new();
	let taken = TAKEN.get_or_init(|| {
		// Two runs at once must not walk through the same ports in the same order.
		let seed =
			u64::from(std::process::id()) << 32 ^ std::time::UNIX_EPOCH.elapsed().map_or(0, |t| t.as_nanos() as u64);
		Mutex::new((Rng::new(seed), HashSet::new()))
	});
	let mut taken = taken.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
	let span = u64::from(highest() - LOWEST);
	for _ in 0..TRIES {
		let port = LOWEST + taken.0.below(span) as u16;
		if taken.1.contains(&port) || bound(port).is_err() {
			continue;
		}
		taken.1.insert(port);
		return Ok(port);
	}
	Err(Error::new(format!("no free TCP port in {TRIES} tries")))
}

#[cfg(test)]
mod tests {
	#[test]
	fn ports_are_free_and_never_handed_out_twice() {
		let ports: Vec<u16> = (0..50).map(|_| super::free().unwrap()).collect();
		assert_eq!(ports.iter().collect::<std::collections::HashSet<_>>().len(), 50);
		for port in ports {
			std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
		}
	}

	#[test]
	fn a_copy_of_the_checking_socket_stands_in_nobodys_way() {
		let port = super::free().unwrap();
		let _copy = super::bound(port).unwrap();
		let _listener = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
		assert!(super::bound(port).is_err(), "somebody listens");
	}
}
