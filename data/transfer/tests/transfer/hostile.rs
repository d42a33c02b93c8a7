//! Those who ask a holder for what they should not get.

use crate::{
	kit::{bytes, identity, key, slot, Host, KIB},
	raw::{request, request_of, signed, silent, Raw},
};
use smartchain_slots::{edge::SlotSource, meter::Meter};
use smartchain_transfer::{
	client::{EachSlot, Holder, Remote, RemoteError, Signer, StopAll},
	server::Limits,
	wire::{digest, values, Cause, Claim, Deed, Hello, Signed, CLAIM_TICKS, GROUP, MOST},
};
use std::{
	io::{Read, Write},
	net::{SocketAddr, TcpListener},
	sync::atomic::Ordering,
	time::{Duration, Instant},
};

const LOOK: Deed = Deed::Look;
const FIRST: Deed = Deed::Read {
	from: 0,
	length: GROUP as u32,
};

fn piece(from: u64, piece: &[u8]) -> Deed {
	let mut found = Vec::new();
	values(from, piece, &mut found);
	Deed::Write {
		from,
		length: piece.len() as u32,
		digest: digest(&found),
		sync: false,
	}
}

/// Replayer: sends again what it heard.
#[test]
fn the_replayer_gets_nothing() {
	let (host, owner) = (Host::start(1), key(2));
	host.reader(0, &bytes(1, 100 * KIB), &owner);
	let mut line = Raw::connect(&host);
	let claim = line.claim(&host, &owner, slot(0), FIRST);
	let heard = request(&signed(claim, &owner), &[]);
	assert_eq!(line.send(&heard, true).unwrap().status, 200);
	// On the same connection, and on another one.
	let answer = line.send(&heard, true).unwrap();
	assert_eq!((answer.status, answer.fault().cause), (401, Cause::Replayed));
	assert!(answer.head.contains("connection: close"));
	let mut other = Raw::connect(&host);
	assert_eq!(other.send(&heard, true).unwrap().fault().cause, Cause::Replayed);
	assert_eq!(host.counter.now().replayed, 2);
}

/// Forger: signs for others, or changes what was signed.
#[test]
fn the_forger_is_refused() {
	let (host, owner, forger) = (Host::start(1), key(2), key(3));
	host.reader(0, &bytes(1, 100 * KIB), &owner);
	let altered: [fn(&mut Claim); 5] = [
		|claim| claim.slot.deal += 1,
		|claim| claim.slot.slot += 1,
		|claim| claim.deed = LOOK,
		|claim| claim.expires += 1,
		|claim| claim.count += 1,
	];
	for alter in altered {
		let mut line = Raw::connect(&host);
		let claim = line.claim(&host, &owner, slot(0), FIRST);
		let Signed { mut claim, signature } = signed(claim, &owner);
		alter(&mut claim);
		let changed = Signed { claim, signature };
		let has_body = changed.claim.deed != LOOK;
		let answer = line.send(&request(&changed, &[]), has_body).unwrap();
		assert_eq!(answer.status, 401);
		assert!(!has_body || answer.fault().cause == Cause::Claim);
	}
	let mut line = Raw::connect(&host);
	let mut claim = line.claim(&host, &owner, slot(0), FIRST);
	let by_another = signed(claim.clone(), &forger);
	assert_eq!(
		line.send(&request(&by_another, &[]), true).unwrap().fault().cause,
		Cause::Claim
	);
	// For another chain.
	let mut line = Raw::connect(&host);
	claim.session = line.session;
	let signature = owner.sign(&claim.payload(&[8; 32])).unwrap();
	let elsewhere = Signed { claim, signature };
	assert_eq!(
		line.send(&request(&elsewhere, &[]), true).unwrap().fault().cause,
		Cause::Claim
	);
}

/// Smuggler: asks for something else than it claims.
#[test]
fn the_smuggler_is_refused() {
	let (host, owner) = (Host::start(1), key(2));
	let data = bytes(1, 100 * KIB);
	host.reader(0, &data, &owner);
	let paths = [
		"/v1/slots/17/1",
		"/v1/slots/17/00",
		"/v1/slots",
		"/",
		"/v1/slots/17/0?x",
	];
	for path in paths {
		let mut line = Raw::connect(&host);
		let claim = line.claim(&host, &owner, slot(0), FIRST);
		let header = signed(claim, &owner).to_header();
		let status = line.send(&request_of("GET", path, &header, &[]), true).unwrap().status;
		// What follows a question mark is nobody's business.
		let expected = match path {
			"/v1/slots/17/0?x" => 200,
			"/v1/slots/17/1" => 401,
			_ => 400,
		};
		assert_eq!(status, expected, "{path}");
	}
	let mut line = Raw::connect(&host);
	let claim = line.claim(&host, &owner, slot(0), FIRST);
	let header = signed(claim, &owner).to_header();
	let answer = line.send(&request_of("PUT", "/v1/slots/17/0", &header, &data[..100]), true);
	assert_eq!(answer.unwrap().fault().cause, Cause::Claim, "another method");
	for header in ["", "Bearer x", "SmartChain-Slot-1 00", "SmartChain-Slot-1 zz"] {
		let mut line = Raw::connect(&host);
		let answer = line.send(&request_of("GET", "/v1/slots/17/0", header, &[]), true);
		assert_eq!(answer.unwrap().fault().cause, Cause::Claim, "{header}");
	}
}

/// Latecomer: shows a claim after its time, or for a time that is far off.
#[test]
fn the_latecomer_is_told_which_tick_it_is() {
	let (host, owner) = (Host::start(1), key(2));
	host.reader(0, &bytes(1, 100 * KIB), &owner);
	host.chain.tick.store(500, Ordering::Relaxed);
	let mut line = Raw::connect(&host);
	for (expires, good) in [
		(499, false),
		(500, true),
		(500 + 2 * CLAIM_TICKS, true),
		(501 + 2 * CLAIM_TICKS, false),
	] {
		let mut claim = line.claim(&host, &owner, slot(0), FIRST);
		claim.expires = expires;
		let answer = line.send(&request(&signed(claim, &owner), &[]), true).unwrap();
		assert_eq!(answer.status == 200, good, "{expires}");
		assert!(answer.head.contains("smartchain-tick: 500"));
	}
	// Our client takes the tick from there.
	host.chain.tick.store(100_000, Ordering::Relaxed);
	let mut reader = Remote::new(
		identity(&owner),
		host.holder(0, 100 * KIB, Some(blake3::hash(&bytes(1, 100 * KIB)).into())),
	);
	reader.read(0, &mut [0]).unwrap();
	host.chain.tick.store(200_000, Ordering::Relaxed);
	reader.read(0, &mut [0]).unwrap();
}

/// Glutton: asks for more than a request may have, or for what is no range.
#[test]
fn the_glutton_is_refused() {
	let (host, owner) = (Host::start(1), key(2));
	let length = MOST as usize + 3 * GROUP as usize + 5;
	host.reader(0, &bytes(1, length), &owner);
	let most = MOST as u32;
	for (from, length, cause) in [
		(0, most + 1, Cause::TooLarge),
		(0, u32::MAX, Cause::TooLarge),
		(1, GROUP as u32, Cause::Range),
		(0, 5, Cause::Range),
		(0, 0, Cause::Range),
		(u64::MAX - GROUP + 1, GROUP as u32, Cause::Range),
		(4 * GROUP, most, Cause::Range),
	] {
		let mut line = Raw::connect(&host);
		let claim = line.claim(&host, &owner, slot(0), Deed::Read { from, length });
		let answer = line.send(&request(&signed(claim, &owner), &[]), true).unwrap();
		assert_eq!(answer.fault().cause, cause, "{length} from {from}");
	}
	let mut line = Raw::connect(&host);
	let huge = Deed::Write {
		from: 0,
		length: most + 1,
		digest: [0; 32],
		sync: false,
	};
	let claim = line.claim(&host, &owner, slot(1), huge);
	let header = signed(claim, &owner).to_header();
	let head = format!(
		"PUT /v1/slots/17/1 HTTP/1.1\r\nauthorization: {header}\r\ncontent-length: {}\r\n\r\n",
		most + 1
	);
	let mut bytes = head.into_bytes();
	bytes.resize(bytes.len() + most as usize + 1, 0);
	assert_eq!(line.send(&bytes, true).unwrap().fault().cause, Cause::TooLarge);
}

/// Swapper: brings other bytes than were signed.
#[test]
fn the_swapper_changes_nothing_that_counts() {
	let (host, owner) = (Host::start(1), key(2));
	let data = bytes(1, 8 * GROUP as usize);
	host.chain.grant(&owner, data.len(), 0);
	let mut writer = Remote::new(identity(&owner), host.holder(0, data.len(), None));
	writer.write(0, &data[..4 * GROUP as usize]).unwrap();
	writer.sync().unwrap();
	let other = bytes(2, 4 * GROUP as usize);
	for (from, claimed, brought, cause) in [
		(4 * GROUP, &data[4 * GROUP as usize..], &other[..], Cause::Digest),
		(4 * GROUP, &data[4 * GROUP as usize..], &other[..100], Cause::Claim),
		(
			5 * GROUP,
			&data[5 * GROUP as usize..],
			&data[5 * GROUP as usize..],
			Cause::Gap,
		),
	] {
		let mut line = Raw::connect(&host);
		let claim = line.claim(&host, &owner, slot(0), piece(from, claimed));
		let answer = line.send(&request(&signed(claim, &owner), brought), true).unwrap();
		assert_eq!(answer.fault().cause, cause);
		assert_eq!(writer.look().unwrap().written, 4 * GROUP);
	}
	writer.write(4 * GROUP, &data[4 * GROUP as usize..]).unwrap();
	writer.sync().unwrap();
	assert_eq!(writer.look().unwrap().root, Some(blake3::hash(&data).into()));
}

/// Flooder: holds all connections, and says nothing.
#[test]
fn the_flooder_keeps_nobody_out() {
	let limits = Limits {
		connections: 8,
		of_peer: 8,
		..Limits::default()
	};
	let (host, owner) = (Host::with(1, limits), key(2));
	let mut reader = host.reader(0, &bytes(1, 64), &owner);
	reader.read(0, &mut [0]).unwrap();
	let flood: Vec<_> = (0..40).map(|_| silent(host.address)).collect();
	// Who was there is served on, and who comes too.
	reader.read(0, &mut [0]).unwrap();
	let root = reader.holder().root;
	let mut second = Remote::new(identity(&owner), host.holder(0, 64, root));
	second.read(0, &mut [0]).unwrap();
	assert!(host.counter.now().crowded_out >= 30);
	drop(flood);
}

/// Hoarders: keys that have a right to a slot, each of which holds one connection and asks nothing on it.
#[test]
fn the_hoarders_of_connections_keep_nobody_out() {
	let limits = Limits {
		connections: 4,
		of_peer: 4,
		..Limits::default()
	};
	let (host, owner) = (Host::with(1, limits), key(2));
	let root = host.reader(0, &bytes(1, 64), &owner).holder().root;
	let mut lines: Vec<_> = (10..14).map(|seed| (Raw::connect(&host), key(seed))).collect();
	for (line, hoarder) in &mut lines {
		host.chain.grant(hoarder, 64, 0);
		let claim = line.claim(&host, hoarder, slot(0), LOOK);
		let answer = line.send(&request(&signed(claim, hoarder), &[]), false);
		assert_eq!(answer.unwrap().status, 200);
	}
	let mut reader = Remote::new(identity(&owner), host.holder(0, 64, root));
	reader.read(0, &mut [0]).unwrap();
	assert!(host.counter.now().crowded_out >= 1);
}

/// Answers whatever it is asked with the same, in the name of a device.
fn impostor(device: &crate::kit::Key, answer: &'static str) -> SocketAddr {
	let listener = TcpListener::bind("127.0.0.1:0").unwrap();
	let address = listener.local_addr().unwrap();
	let hello = serde_json::to_string(&Hello::new(&[7; 16], &device.id(), 0)).unwrap();
	let hello = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{hello}", hello.len());
	std::thread::spawn(move || {
		for stream in listener.incoming() {
			let Ok(mut stream) = stream else { return };
			for said in [hello.as_str(), answer] {
				let mut head = Vec::new();
				while !head.ends_with(b"\r\n\r\n") {
					let mut byte = [0];
					if stream.read_exact(&mut byte).is_err() {
						break;
					}
					head.push(byte[0]);
				}
				let _ = stream.write_all(said.as_bytes());
			}
		}
	});
	address
}

/// What our client says of an answer to a look at a slot of 64 bytes.
fn looked_at(answer: &'static str) -> RemoteError {
	let device = key(1);
	let holder = Holder {
		device: device.id(),
		addresses: vec![impostor(&device, answer).to_string()],
		slot: slot(0),
		length: 64,
		root: None,
		price: 0,
	};
	Remote::new(identity(&key(2)), holder).look().unwrap_err()
}

/// Boaster: says that it has more than there is, so that it is brought nothing.
#[test]
fn the_boaster_is_not_believed() {
	for answer in [
		"HTTP/1.1 200 OK\r\nsmartchain-length: 64\r\nsmartchain-written: 128\r\nsmartchain-durable: 64\r\n\r\n",
		"HTTP/1.1 200 OK\r\nsmartchain-length: 64\r\nsmartchain-written: 0\r\nsmartchain-durable: 64\r\n\r\n",
		"HTTP/1.1 200 OK\r\nsmartchain-length: 99\r\nsmartchain-written: 99\r\nsmartchain-durable: 99\r\n\r\n",
	] {
		let error = looked_at(answer);
		assert!(
			matches!(&error, RemoteError::Gone(why) if why.contains("more than there is")),
			"{error}"
		);
	}
}

/// Painter: a device whose reason for refusing paints over what stands on the reader's terminal.
#[test]
fn the_painter_of_reasons_paints_nothing() {
	let error = looked_at(concat!(
		"HTTP/1.1 403 Forbidden\r\nsmartchain-fault: ",
		r#"{"cause":"not_yours","message":"no\u001b[2J\r\n\u202edeal 1 active 8/8"}"#,
		"\r\n\r\n"
	));
	let RemoteError::Refused(fault) = error else {
		panic!("{error}");
	};
	assert_eq!(fault.cause, Cause::NotYours);
	assert!(fault.message.ends_with("deal 1 active 8/8"), "{}", fault.message);
	assert!(!fault.message.contains(['\u{1b}', '\r', '\n', '\u{202e}']));
}

/// Dawdler: brings a byte, and then nothing, and holds the slot.
#[test]
fn the_dawdler_is_cut_off() {
	let limits = Limits {
		request: Duration::from_millis(300),
		idle: Duration::from_millis(300),
		..Limits::default()
	};
	let (host, owner) = (Host::with(1, limits), key(2));
	let data = bytes(1, 4 * GROUP as usize);
	host.chain.grant(&owner, data.len(), 0);
	let mut line = Raw::connect(&host);
	let claim = line.claim(&host, &owner, slot(0), piece(0, &data));
	let bytes = request(&signed(claim, &owner), &data);
	line.stream.write_all(&bytes[..bytes.len() - data.len() + 1]).unwrap();
	// The connection ends by itself, and the slot is free again.
	let mut rest = Vec::new();
	let _ = line.stream.read_to_end(&mut rest);
	let mut writer = Remote::new(identity(&owner), host.holder(0, data.len(), None));
	writer.write(0, &data).unwrap();
	assert_eq!(writer.sync().unwrap(), data.len() as u64);
}

/// Crowd: one key asks for more at a time than its share.
#[test]
fn a_crowd_of_one_key_waits() {
	let limits = Limits {
		of_caller: 1,
		..Limits::default()
	};
	let (host, owner) = (Host::with(1, limits), key(2));
	let length = 64 << 20;
	host.chain.grant(&owner, length, 0);
	// One that stays under way: its body does not come.
	let mut first = Raw::connect(&host);
	let data = bytes(1, 2 * GROUP as usize);
	let claim = first.claim(&host, &owner, slot(0), piece(0, &data));
	let all = request(&signed(claim, &owner), &data);
	first.stream.write_all(&all[..all.len() - 1]).unwrap();
	// Until it has come there.
	let began = Instant::now();
	while host.counter.now().requests == 0 {
		assert!(began.elapsed() < Duration::from_secs(20));
		std::thread::yield_now();
	}
	let mut second = Raw::connect(&host);
	let claim = second.claim(&host, &owner, slot(1), FIRST);
	let answer = second.send(&request(&signed(claim, &owner), &[]), true);
	let refused = answer.unwrap().fault();
	assert_eq!((refused.cause, refused.cause.status()), (Cause::TooMany, 429));
	first.stream.write_all(&all[all.len() - 1..]).unwrap();
	let mut head = [0; 12];
	first.stream.read_exact(&mut head).unwrap();
	assert_eq!(&head, b"HTTP/1.1 200");
}

/// Flooder with a right: holds all connections by a key that the chain knows.
#[test]
fn the_flooder_with_a_right_keeps_nobody_out() {
	let limits = Limits {
		connections: 8,
		of_peer: 8,
		..Limits::default()
	};
	let (host, owner, other) = (Host::with(1, limits), key(2), key(3));
	let data = bytes(1, 64);
	let mut reader = host.reader(0, &data, &owner);
	reader.read(0, &mut [0]).unwrap();
	let root = reader.holder().root;
	host.chain.grant(&other, data.len(), 0);
	let flood = |count: usize| -> Vec<Raw> {
		let one = |_| {
			let mut line = Raw::connect(&host);
			let claim = line.claim(&host, &owner, slot(0), Deed::Look);
			let answer = line.send(&request(&signed(claim, &owner), &[]), false);
			assert_eq!(answer.unwrap().status, 200);
			line
		};
		(0..count).map(one).collect()
	};
	let first = flood(20);
	let mut second = Remote::new(identity(&other), host.holder(0, data.len(), root));
	second.read(0, &mut [0]).unwrap();
	let more = flood(20);
	second.read(0, &mut [0]).unwrap();
	drop((first, more));
}

/// Hogs: one key has all the transfers that it can have, and does nothing with them.
#[test]
fn the_hog_leaves_transfers_for_others() {
	let limits = Limits {
		transfers: 4,
		..Limits::default()
	};
	let (host, hog, other) = (Host::with(1, limits), key(2), key(3));
	let whole = bytes(1, 2 * GROUP as usize);
	let mut reader = host.reader(0, &whole, &other);
	host.chain.grant(&hog, whole.len(), 0);
	let begun: Vec<Raw> = (1..=8)
		.map(|number| {
			let mut line = Raw::connect(&host);
			let claim = line.claim(&host, &hog, slot(number), piece(0, &whole));
			let all = request(&signed(claim, &hog), &whole);
			line.stream.write_all(&all[..all.len() - 1]).unwrap();
			// The next one comes once this one is under way.
			let began = Instant::now();
			while host.counter.now().requests < u64::from(number) {
				assert!(began.elapsed() < Duration::from_secs(20));
				std::thread::yield_now();
			}
			line
		})
		.collect();
	let mut found = vec![0; whole.len()];
	reader.read(0, &mut found).unwrap();
	assert_eq!(found, whole);
	drop(begun);
}

/// What is stopped from another thread ends, and what comes later ends at once.
#[test]
fn all_that_is_stopped_ends() {
	let stop = StopAll::default();
	let (host, owner) = (Host::start(1), key(2));
	let data = bytes(1, 64);
	let mut reader = host.reader(0, &data, &owner);
	reader.read(0, &mut [0]).unwrap();
	stop.with(reader.stopper());
	reader.read(0, &mut [0]).unwrap();
	stop.stop();
	assert!(reader.read(0, &mut [0]).is_err());
	let root = reader.holder().root;
	let mut later = Remote::new(identity(&owner), host.holder(0, data.len(), root));
	stop.with(later.stopper());
	assert!(later.read(0, &mut [0]).is_err());
	// All devices of a deal.
	for stopped in [false, true] {
		let holders = vec![host.holder(0, data.len(), root)];
		let mut each = EachSlot::new(identity(&owner), holders, Meter::default());
		if stopped {
			each.stopper().stop();
		}
		assert_eq!(SlotSource::read(&mut each, 0, 0, &mut [0; 64]).is_err(), stopped);
	}
}

#[test]
fn what_is_no_http_ends_the_connection() {
	let host = Host::start(1);
	for nonsense in [
		&b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
		b"nonsense\r\n\r\n",
		&[b'a'; 1 << 20],
	] {
		let mut stream = silent(host.address);
		let _ = stream.write_all(nonsense);
		let _ = stream.shutdown(std::net::Shutdown::Write);
		let mut rest = Vec::new();
		let _ = stream.read_to_end(&mut rest);
		assert!(!rest.starts_with(b"HTTP/1.1 200"));
	}
	let owner = key(2);
	host.reader(0, &bytes(1, 64), &owner).read(0, &mut [0]).unwrap();
}
