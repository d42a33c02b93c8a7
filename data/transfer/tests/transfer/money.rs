//! Reads that are paid, and receipts.

use crate::{
	kit::{bytes, key, patience, paying, slot, Host, Key, ERA, GENESIS, GOOD, KIB},
	raw::{request, signed, Raw},
};
use device_primitives::DeviceId;
use smartchain_slots::{edge::SlotSource, meter::Meter};
use smartchain_transfer::{
	client::{EachSlot, Free, Holder, Payer, Remote, RemoteError, Signer, Unwilling},
	server::Owed,
	wire::{cost, Cause, Deed, Hello, SlotId, Voucher, MIB, UNPAID},
};
use std::{
	io::{Read, Write},
	net::{SocketAddr, TcpListener},
	sync::{
		atomic::{AtomicU64, Ordering},
		mpsc, Arc, Mutex,
	},
	time::Duration,
};
use storage_market_primitives::{SlotId as At, PROBE_BYTES};

const PRICE: u128 = 1_000_003;

/// Pays up to a sum.
struct Purse {
	most: u128,
	promised: AtomicU64,
	good: bool,
	/// What reads cost as they began; what was owed as they ended, and what may be.
	heard: Mutex<Vec<(u128, Option<(u128, u128)>)>>,
	overcharged: AtomicU64,
}

impl Purse {
	fn of(most: u128) -> Arc<Self> {
		Self::with(most, true)
	}

	fn with(most: u128, good: bool) -> Arc<Self> {
		Arc::new(Self {
			most,
			promised: AtomicU64::new(0),
			good,
			heard: Mutex::default(),
			overcharged: AtomicU64::new(0),
		})
	}

	fn now(&self) -> u128 {
		self.promised.load(Ordering::SeqCst).into()
	}
}

impl Payer for Purse {
	fn voucher(&self, _: SlotId, _: DeviceId, total: u128) -> Result<Voucher, Unwilling> {
		if total > self.most {
			return Err(Unwilling::Spent(format!("{total} planck are too much")));
		}
		self.promised.store(total as u64, Ordering::SeqCst);
		let proof = if self.good { GOOD.to_vec() } else { b"bad".to_vec() };
		Ok(Voucher { total, proof })
	}

	fn owes(&self, _: SlotId, _: DeviceId) -> u128 {
		self.now()
	}

	fn begins(&self, _: SlotId, _: DeviceId, planck: u128) {
		self.heard.lock().unwrap().push((planck, None));
	}

	fn ended(&self, _: SlotId, _: DeviceId, begun: u128, owed: u128, lost: u128) {
		self.heard.lock().unwrap().push((begun, Some((owed, lost))));
	}

	fn overcharged(&self, _: SlotId, _: DeviceId, _: &str) {
		self.overcharged.fetch_add(1, Ordering::SeqCst);
	}
}

/// A host with a slot of so many MiB, and a reader that pays.
fn reader(mib: usize, who: &Arc<Key>, payer: Arc<dyn Payer>) -> (Host, Remote) {
	let host = Host::start(1);
	let data = bytes(3, mib << 20);
	let root = host.disk.put(slot(0), &data);
	host.chain.grant(who, data.len(), PRICE);
	let mut holder = host.holder(0, data.len(), Some(root));
	holder.price = PRICE;
	(host, Remote::new(paying(who, payer, patience()), holder))
}

#[test]
fn reads_are_paid_as_they_come() {
	let (who, purse) = (key(2), Purse::of(u128::MAX));
	let (host, mut reader) = reader(9, &who, purse.clone());
	let mut found = vec![0; 1 << 20];
	for mib in 0..9 {
		reader.read(mib * MIB, &mut found).unwrap();
		let owed = host.cash.of(&who, slot(0));
		assert_eq!(owed.total, (u128::from(mib) + 1) * PRICE);
		assert_eq!(owed.promised, u128::from(mib) * PRICE, "the last read is not paid yet");
	}
	assert!(found == bytes(3, 9 << 20)[8 << 20..]);
	assert_eq!(purse.now(), 8 * PRICE);
	assert_eq!(host.counter.now().unpaid, 0);
}

/// Freeloader: reads as much as is sent unpaid, and no more.
#[test]
fn the_freeloader_gets_what_may_be_unpaid() {
	let who = key(2);
	let (host, mut reader) = reader(9, &who, Arc::new(Free));
	let mut found = vec![0; 1 << 20];
	assert!(reader.read(0, &mut found).is_ok());
	let error = reader.read(MIB, &mut found).unwrap_err();
	assert!(
		matches!(error, RemoteError::Local(_)),
		"our own client does not even try"
	);
	// By hand: without vouchers.
	let mut raw = Raw::connect(&host);
	let mut got = 1;
	let fault = loop {
		let deed = Deed::Read {
			from: got * MIB,
			length: 1 << 20,
		};
		let claim = raw.claim(&host, &who, slot(0), deed);
		let answer = raw.send(&request(&signed(claim, &who), &[]), true).unwrap();
		if answer.status != 200 {
			break answer.fault();
		}
		got += 1;
	};
	assert_eq!((fault.cause, got), (Cause::Unpaid, UNPAID / MIB));
	assert_eq!(fault.owed, Some((4 * PRICE).to_string()));
}

/// Crowd of freeloaders: asks on many connections at once, before anything of it is charged.
#[test]
fn the_crowd_of_freeloaders_gets_what_one_may() {
	let who = key(2);
	let (host, _) = reader(9, &who, Arc::new(Free));
	let mut crowd: Vec<Raw> = (0..8).map(|_| Raw::connect(&host)).collect();
	for one in &mut crowd {
		let deed = Deed::Read {
			from: 0,
			length: UNPAID as u32,
		};
		let claim = one.claim(&host, &who, slot(0), deed);
		one.stream.write_all(&request(&signed(claim, &who), &[])).unwrap();
	}
	let mut served = 0;
	for one in &mut crowd {
		let answer = one.send(&[], true).unwrap();
		if answer.status == 200 {
			served += 1;
			continue;
		}
		// While the others are under way they are waited for; what is owed then is to be paid.
		let cause = answer.fault().cause;
		assert!(matches!(cause, Cause::TooMany | Cause::Unpaid), "{cause:?}");
	}
	assert_eq!(served, 1);
	assert_eq!(host.cash.of(&who, slot(0)).total, 4 * PRICE);
}

/// Forger: shows vouchers that prove nothing.
#[test]
fn the_forger_of_vouchers_is_refused() {
	let who = key(2);
	let purse = Purse::with(u128::MAX, false);
	let (host, mut reader) = reader(9, &who, purse);
	let mut found = vec![0; 1 << 20];
	reader.read(0, &mut found).unwrap();
	let error = reader.read(MIB, &mut found).unwrap_err();
	assert!(matches!(error, RemoteError::Refused(fault) if fault.cause == Cause::Voucher));
	assert_eq!(host.cash.of(&who, slot(0)).promised, 0);
}

/// Overcharger: says that more was read than was.
#[test]
fn the_overcharger_is_not_believed() {
	let (who, purse) = (key(2), Purse::of(u128::MAX));
	let (host, mut reader) = reader(9, &who, purse.clone());
	let owed = Owed {
		total: cost(PRICE, UNPAID) + 1,
		promised: 0,
	};
	host.cash.set(&who, slot(0), owed);
	let error = reader.read(0, &mut [0]).unwrap_err();
	assert!(matches!(error, RemoteError::Overcharged(_)), "{error}");
	assert_eq!((purse.now(), purse.overcharged.load(Ordering::SeqCst)), (0, 1));
	// What it could have sent unpaid, it is believed: the answers may have been lost.
	let owed = Owed {
		total: cost(PRICE, UNPAID),
		promised: 0,
	};
	host.cash.set(&who, slot(0), owed);
	reader.read(0, &mut [0]).unwrap();
	assert_eq!(purse.now(), cost(PRICE, UNPAID));
}

/// Usurer: asks more than its price on chain.
#[test]
fn the_usurer_is_not_paid() {
	let (who, purse) = (key(2), Purse::of(u128::MAX));
	let (host, mut reader) = reader(1, &who, purse.clone());
	host.chain.grant(&who, 1 << 20, PRICE + 1);
	let error = reader.read(0, &mut [0]).unwrap_err();
	assert!(
		matches!(&error, RemoteError::Overcharged(why) if why.contains("on chain")),
		"{error}"
	);
	assert_eq!(purse.now(), 0);
}

#[test]
fn what_is_more_than_the_reader_means_to_pay_is_not_read() {
	let (who, purse) = (key(2), Purse::of(2 * PRICE));
	let (_host, mut reader) = reader(9, &who, purse);
	let mut found = vec![0; 1 << 20];
	for mib in 0..3 {
		reader.read(mib * MIB, &mut found).unwrap();
	}
	assert!(matches!(reader.read(3 * MIB, &mut found), Err(RemoteError::Local(_))));
}

/// Whoever pays hears of each read before it is asked for, and what is owed for it: nothing for one that was refused,
/// or that this side did not ask for in the end.
#[test]
fn reads_are_told_to_who_pays_before_and_after() {
	let (who, purse) = (key(2), Purse::of(u128::MAX));
	let (host, mut reader) = reader(2, &who, purse.clone());
	reader.read(0, &mut vec![0; 1 << 20]).unwrap();
	assert_eq!(*purse.heard.lock().unwrap(), [(PRICE, None), (PRICE, Some((PRICE, 0)))]);
	// One that is refused is owed nothing for.
	host.chain.grant(&who, 3 << 20, PRICE);
	assert!(reader.read(MIB, &mut vec![0; 1 << 20]).is_err());
	assert_eq!(purse.heard.lock().unwrap().last(), Some(&(PRICE, Some((0, 0)))));
	reader.stopper().stop();
	assert!(reader.read(MIB, &mut vec![0; 1 << 20]).is_err());
	assert_eq!(purse.heard.lock().unwrap().last(), Some(&(PRICE, Some((0, 0)))));
}

/// A device that says hello and how it stands, takes a read, tells that it did, and sends nothing.
fn staller(device: &Key, length: u64) -> (SocketAddr, mpsc::Receiver<()>) {
	let listener = TcpListener::bind("127.0.0.1:0").unwrap();
	let address = listener.local_addr().unwrap();
	let hello = serde_json::to_string(&Hello::new(&[7; 16], &device.id(), 0)).unwrap();
	let hello = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{hello}", hello.len());
	let stands = format!(
		"HTTP/1.1 200 OK\r\nsmartchain-length: {length}\r\nsmartchain-written: {length}\r\n\
		 smartchain-durable: {length}\r\nsmartchain-price: {PRICE}\r\nsmartchain-owed: 0\r\n\
		 smartchain-promised: 0\r\n\r\n"
	);
	let (tell, told) = mpsc::channel();
	std::thread::spawn(move || {
		let (mut stream, _) = listener.accept().unwrap();
		for said in [Some(hello), Some(stands), None] {
			let mut head = Vec::new();
			while !head.ends_with(b"\r\n\r\n") {
				let mut byte = [0];
				stream.read_exact(&mut byte).unwrap();
				head.push(byte[0]);
			}
			match said {
				Some(said) => stream.write_all(said.as_bytes()).unwrap(),
				None => tell.send(()).unwrap(),
			}
		}
		// Until the other side has had enough.
		let _ = stream.read(&mut [0]);
	});
	(address, told)
}

/// Staller: takes a request and sends nothing until this side breaks it off. Of what was asked for it may have sent
/// all; of what was never asked for nothing.
#[test]
fn what_was_asked_for_and_broken_off_may_have_been_sent() {
	let (who, device, purse) = (key(2), key(1), Purse::of(u128::MAX));
	let (address, asked) = staller(&device, MIB);
	let holder = Holder {
		device: device.id(),
		addresses: vec![address.to_string()],
		slot: slot(0),
		length: MIB,
		root: Some([1; 32]),
		price: PRICE,
	};
	let mut reader = Remote::new(paying(&who, purse.clone(), patience()), holder);
	let stopper = reader.stopper();
	let reading = std::thread::spawn(move || {
		let read = reader.read(0, &mut vec![0; 1 << 20]);
		(read, reader)
	});
	asked.recv_timeout(Duration::from_secs(20)).unwrap();
	stopper.stop();
	let (read, mut reader) = reading.join().unwrap();
	assert!(read.is_err());
	assert_eq!(
		purse.heard.lock().unwrap()[..2],
		[(PRICE, None), (PRICE, Some((0, PRICE)))]
	);
	for _ in 0..3 {
		assert!(reader.read(0, &mut vec![0; 1 << 20]).is_err());
	}
	let heard = purse.heard.lock().unwrap();
	let lost = heard.iter().filter_map(|(_, ended)| Some(ended.as_ref()?.1));
	assert_eq!(lost.sum::<u128>(), PRICE, "{heard:?}");
}

/// What is read ahead and not wanted in the end comes all the same, or was never asked for: a device is owed what it
/// counts itself.
#[test]
fn what_is_paid_and_read_ahead_is_not_broken_off() {
	let (who, purse, length) = (key(2), Purse::of(u128::MAX), 9 << 20);
	let host = Host::start(1);
	let root = host.disk.put(slot(0), &bytes(3, length));
	host.chain.grant(&who, length, PRICE);
	let mut holder = host.holder(0, length, Some(root));
	holder.price = PRICE;
	let identity = paying(&who, purse.clone(), patience());
	let mut each = EachSlot::new(identity, vec![holder], Meter::default());
	for mib in 0..2 {
		SlotSource::read(&mut each, 0, mib * MIB, &mut vec![0; 1 << 20]).unwrap();
	}
	drop(each);
	let heard = purse.heard.lock().unwrap();
	let begun = heard.iter().filter(|(_, ended)| ended.is_none()).count();
	let ended: Vec<_> = heard.iter().filter_map(|(_, ended)| *ended).collect();
	assert_eq!(begun, ended.len());
	assert!(ended.iter().all(|(_, lost)| *lost == 0), "{ended:?}");
	let owed: u128 = ended.iter().map(|(owed, _)| owed).sum();
	assert_eq!(owed, host.cash.of(&who, slot(0)).total);
}

/// Whoever gives it out for nothing now is not paid for what was owed before: it may be that nothing is left to pay
/// with.
#[test]
fn who_asks_nothing_any_more_is_paid_nothing() {
	let (who, purse) = (key(2), Purse::of(0));
	let (host, mut reader) = reader(1, &who, purse.clone());
	host.chain.grant(&who, 1 << 20, 0);
	let owed = Owed {
		total: PRICE,
		promised: 0,
	};
	host.cash.set(&who, slot(0), owed);
	reader.read(0, &mut vec![0; 1 << 20]).unwrap();
	assert_eq!(purse.now(), 0);
}

/// The receipt is the market's, byte for byte what a report of a probe shows the chain.
#[test]
fn a_prober_gets_the_receipt_that_the_chain_takes() {
	let (host, prober) = (Host::start(1), key(2));
	let mut reader = host.reader(0, &bytes(1, 600 * KIB), &prober);
	let probed = reader.probe(1 << 18, PROBE_BYTES, ERA).unwrap();
	assert_eq!(probed.bytes, u64::from(PROBE_BYTES));
	let (receipt, signature) = probed.receipt.unwrap();
	// As the pallet makes it of a report.
	let shown = storage_market_primitives::Receipt {
		prober: prober.id(),
		device: host.device.id(),
		at: At::new(17, 0),
		era: ERA,
		bytes: PROBE_BYTES,
	};
	assert_eq!(receipt, shown);
	assert!(host.device.key().verify(&shown.payload(&GENESIS), &signature));
	assert!(
		!host.device.key().verify(&shown.payload(&[8; 32]), &signature),
		"another chain"
	);
}

/// The borrower of receipts: wants one for another era, or for more than it fetches.
#[test]
fn the_borrower_of_receipts_gets_them_for_its_era_and_bytes_alone() {
	let (host, prober) = (Host::start(1), key(2));
	let mut reader = host.reader(0, &bytes(1, 600 * KIB), &prober);
	assert!(reader.probe(0, PROBE_BYTES, ERA + 1).unwrap().receipt.is_none());
	let (receipt, _) = reader.probe(0, 16 << 10, ERA).unwrap().receipt.unwrap();
	assert_eq!(receipt.bytes, 16 << 10, "the chain counts whole probes alone");
	host.chain.grant_reader(&prober, 600 * KIB);
	assert!(
		reader.probe(0, PROBE_BYTES, ERA).unwrap().receipt.is_none(),
		"it is no prober"
	);
}
