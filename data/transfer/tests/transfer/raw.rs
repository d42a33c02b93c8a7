//! Requests by hand: what no client of ours would send.

use crate::kit::{Host, Key, GENESIS};
use smartchain_transfer::{
	client::Signer,
	wire::{Claim, Deed, Fault, Hello, Session, Signed, SlotId},
};
use std::{
	io::{Read, Write},
	net::{SocketAddr, TcpStream},
	time::Duration,
};

/// A connection.
pub struct Raw {
	pub stream: TcpStream,
	pub session: Session,
	count: u32,
}

/// An answer.
pub struct Answer {
	pub status: u16,
	pub head: String,
	pub body: Vec<u8>,
}

impl Answer {
	/// Why it is none.
	pub fn fault(&self) -> Fault {
		serde_json::from_slice(&self.body).expect("a fault")
	}
}

/// A connection on which nothing was said.
pub fn silent(address: SocketAddr) -> TcpStream {
	let stream = TcpStream::connect(address).unwrap();
	stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
	stream.set_write_timeout(Some(Duration::from_secs(20))).unwrap();
	stream
}

impl Raw {
	/// One that knows its session.
	pub fn connect(host: &Host) -> Self {
		let mut raw = Self {
			stream: silent(host.address),
			session: [0; 16],
			count: 0,
		};
		let answer = raw.send(b"GET /v1/session HTTP/1.1\r\nhost: x\r\n\r\n", true).unwrap();
		let hello: Hello = serde_json::from_slice(&answer.body).unwrap();
		assert_eq!(hello.device(), Some(host.device.id()));
		raw.session = hello.session().unwrap();
		raw
	}

	/// A claim for it.
	pub fn claim(&mut self, host: &Host, who: &Key, slot: SlotId, deed: Deed) -> Claim {
		self.count += 1;
		Claim {
			device: host.device.id(),
			key: who.key(),
			slot,
			deed,
			session: self.session,
			count: self.count,
			expires: 10,
		}
	}

	/// Sends bytes and reads the answer; none if the connection ended.
	pub fn send(&mut self, bytes: &[u8], has_body: bool) -> Option<Answer> {
		self.stream.write_all(bytes).ok()?;
		let mut head = Vec::new();
		while !head.ends_with(b"\r\n\r\n") {
			let mut byte = [0];
			self.stream.read_exact(&mut byte).ok()?;
			head.push(byte[0]);
		}
		let head = String::from_utf8(head).unwrap();
		let status = head.split(' ').nth(1).unwrap().parse().unwrap();
		let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
		let length: usize = length.map_or(0, |length| length.parse().unwrap());
		let mut body = vec![0; if has_body { length } else { 0 }];
		self.stream.read_exact(&mut body).ok()?;
		Some(Answer { status, head, body })
	}
}

/// A claim, signed.
pub fn signed(claim: Claim, who: &Key) -> Signed {
	let signature = who.sign(&claim.payload(&GENESIS)).unwrap();
	Signed { claim, signature }
}

/// A request with a claim, as bytes.
pub fn request(signed: &Signed, body: &[u8]) -> Vec<u8> {
	request_of(
		signed.claim.deed.method(),
		&signed.claim.slot.path(),
		&signed.to_header(),
		body,
	)
}

/// A request of these parts.
pub fn request_of(method: &str, path: &str, authorization: &str, body: &[u8]) -> Vec<u8> {
	let mut bytes = format!("{method} {path} HTTP/1.1\r\nhost: x\r\nauthorization: {authorization}\r\n").into_bytes();
	if method == "PUT" {
		bytes.extend(format!("content-length: {}\r\n", body.len()).into_bytes());
	}
	bytes.extend(b"\r\n");
	bytes.extend(body);
	bytes
}
