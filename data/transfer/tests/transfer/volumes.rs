//! Whole volumes over several devices, some of which fail.

use crate::{
	kit::{bytes, identity, key, patience, paying, slot, Host, Key, KIB},
	raw::silent,
};
use smartchain_slots::{
	edge::{MemoryLog, Sink, SlotSink, SlotSource, Source},
	get,
	manifest::{Entry, Kind, Meta},
	meter::Meter,
	put, repair, verify, Error, Geometry, Get, Put, Repair, Selection, SlotFault, Stored, VolumeKey,
};
use smartchain_transfer::client::{BestSlots, EachSlot, Free, Holder, Outcome, Paths, Patience, RemoteError, Sight};
use std::{io, net::TcpListener, sync::Arc, time::Duration};

/// One file in memory.
struct One(Vec<u8>, usize);

impl Source for One {
	fn entry(&mut self) -> Result<Option<Meta>, Error> {
		if self.1 > 0 {
			return Ok(None);
		}
		self.1 = 1;
		Ok(Some(Meta {
			path: b"file".to_vec(),
			kind: Kind::File,
			mode: 0o640,
			seconds: 1_700_000_000,
			nanos: 0,
			size: Some(self.0.len() as u64),
		}))
	}

	fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
		let rest = &self.0[self.1 - 1..];
		let count = rest.len().min(buffer.len());
		buffer[..count].copy_from_slice(&rest[..count]);
		self.1 += count;
		Ok(count)
	}
}

/// A file that comes back into memory.
#[derive(Default)]
struct Back(Vec<u8>);

impl Sink for Back {
	fn begin(&mut self, _: &Entry, have: u64) -> io::Result<u64> {
		Ok(have.min(self.0.len() as u64))
	}

	fn read_back(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
		buffer.copy_from_slice(&self.0[offset as usize..][..buffer.len()]);
		Ok(())
	}

	fn write(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
		self.0.truncate(offset as usize);
		self.0.extend_from_slice(bytes);
		Ok(())
	}

	fn finish(&mut self, _: &Entry) -> io::Result<()> {
		Ok(())
	}

	fn sync(&mut self) -> io::Result<()> {
		Ok(())
	}

	fn end(&mut self) -> io::Result<()> {
		Ok(())
	}
}

/// Devices, and what is stored with them.
struct Deal {
	hosts: Vec<Option<Host>>,
	holders: Vec<Holder>,
	stored: Stored,
	data: Vec<u8>,
	owner: Arc<Key>,
}

const VOLUME: [u8; 32] = [5; 32];

/// Stores so many bytes with n devices.
fn stored(geometry: Geometry, length: usize) -> Deal {
	let (owner, data) = (key(100), bytes(length as u64, length));
	let meter = Meter::default();
	let hosts: Vec<Host> = (1..=geometry.n()).map(Host::start).collect();
	let slot_len = planned(geometry, &data);
	let mut holders = Vec::new();
	for (number, host) in (0..).zip(&hosts) {
		host.chain.grant(&owner, slot_len as usize, 0);
		holders.push(host.holder(number, slot_len as usize, None));
	}
	let mut sink = EachSlot::new(identity(&owner), holders.clone(), meter.clone());
	let stored = put(Put {
		source: &mut One(data.clone(), 0),
		key: &VolumeKey::new(VOLUME),
		geometry,
		sink: &mut sink,
		log: &mut MemoryLog::default(),
		meter: &meter,
	})
	.unwrap();
	assert!(meter.peak() <= smartchain_slots::meter::MEMORY);
	for (holder, root) in holders.iter_mut().zip(stored.roots()) {
		holder.root = Some(*root);
	}
	Deal {
		hosts: hosts.into_iter().map(Some).collect(),
		holders,
		stored,
		data,
		owner,
	}
}

/// Slots that only count: how long a slot will be.
struct Lengths(u64);

impl SlotSink for Lengths {
	fn durable(&mut self, _: u8) -> io::Result<u64> {
		Ok(0)
	}

	fn write(&mut self, _: u8, offset: u64, bytes: &[u8]) -> io::Result<()> {
		self.0 = self.0.max(offset + bytes.len() as u64);
		Ok(())
	}

	fn sync(&mut self) -> io::Result<()> {
		Ok(())
	}
}

fn planned(geometry: Geometry, data: &[u8]) -> u64 {
	let mut lengths = Lengths(0);
	put(Put {
		source: &mut One(data.to_vec(), 0),
		key: &VolumeKey::new(VOLUME),
		geometry,
		sink: &mut lengths,
		log: &mut MemoryLog::default(),
		meter: &Meter::default(),
	})
	.unwrap();
	lengths.0
}

impl Deal {
	fn best(&self, paths: Paths, patience: Patience) -> BestSlots {
		let identity = paying(&self.owner, Arc::new(Free), patience);
		BestSlots::new(
			identity,
			self.stored.clone(),
			self.holders.clone(),
			paths,
			Meter::default(),
		)
	}

	fn get(&self, slots: &mut dyn SlotSource) -> Result<Vec<u8>, Error> {
		let mut back = Back::default();
		get(Get {
			stored: &self.stored,
			key: &VolumeKey::new(VOLUME),
			slots,
			selection: Selection::All,
			sink: &mut back,
			log: &mut MemoryLog::default(),
			meter: &Meter::default(),
		})?;
		Ok(back.0)
	}

	/// A device is gone.
	fn kill(&mut self, number: usize) {
		self.hosts[number] = None;
	}

	fn host(&self, number: usize) -> &Host {
		self.hosts[number].as_ref().unwrap()
	}
}

fn geometry() -> Geometry {
	Geometry::new(3, 6, 16 * KIB as u32).unwrap()
}

#[test]
fn a_volume_comes_back_from_any_k_devices() {
	let mut deal = stored(geometry(), 5 << 20);
	let verified = verify(
		&deal.stored,
		&mut EachSlot::new(identity(&deal.owner), deal.holders.clone(), Meter::default()),
		&Meter::default(),
	);
	assert!(verified.unwrap().0.is_empty());
	for dead in [None, Some(0), Some(4), Some(2)] {
		if let Some(dead) = dead {
			deal.kill(dead);
		}
		let mut best = deal.best(Paths::default(), patience());
		assert!(deal.get(&mut best).unwrap() == deal.data, "without {dead:?}");
	}
	deal.kill(1);
	let error = deal.get(&mut deal.best(Paths::default(), patience())).unwrap_err();
	assert!(matches!(error, Error::TooFew { .. }), "{error}");
}

#[test]
fn large_units_and_windows() {
	let mut deal = stored(Geometry::new(2, 4, 256 << 10).unwrap(), 9 << 20);
	deal.kill(1);
	let mut best = deal.best(Paths::default(), patience());
	assert!(deal.get(&mut best).unwrap() == deal.data);
}

#[test]
fn a_lost_slot_is_rebuilt_from_devices_onto_another() {
	let mut deal = stored(geometry(), 2 << 20);
	deal.kill(2);
	let other = Host::start(50);
	let slot_len = deal.stored.slot_len() as usize;
	other.chain.grant(&deal.owner, slot_len, 0);
	let root = deal.stored.roots()[2];
	let mut own = EachSlot::new(
		identity(&deal.owner),
		vec![other.holder(2, slot_len, Some(root))],
		Meter::default(),
	);
	let mut others = EachSlot::new(identity(&deal.owner), deal.holders.clone(), Meter::default());
	let repaired = repair(Repair {
		stored: &deal.stored,
		slot: 2,
		others: &mut others,
		own: &mut own,
		meter: &Meter::default(),
	});
	assert_eq!(repaired.unwrap().from, [0, 1, 3]);
	assert_eq!(SlotSource::length(&mut own, 2), Ok(slot_len as u64));
	let held = smartchain_transfer::server::Shelf::held(&other.disk, slot(2))
		.unwrap()
		.unwrap();
	assert_eq!(held.root, Some(root));
}

#[test]
fn storing_goes_on_without_those_that_may_fail() {
	let (owner, data) = (key(100), bytes(1, 2 << 20));
	let slot_len = planned(geometry(), &data) as usize;
	let hosts: Vec<Host> = (1..=6).map(Host::start).collect();
	let holders: Vec<Holder> = (0..)
		.zip(&hosts)
		.map(|(number, host)| host.holder(number, slot_len, None))
		.collect();
	// The fifth does not take it.
	for host in hosts.iter().take(4).chain(hosts.last()) {
		host.chain.grant(&owner, slot_len, 0);
	}
	for (may_fail, ends) in [(0, false), (1, true)] {
		let mut sink = EachSlot::new(identity(&owner), holders.clone(), Meter::default());
		sink.may_fail(may_fail);
		let put = put(Put {
			source: &mut One(data.clone(), 0),
			key: &VolumeKey::new(VOLUME),
			geometry: geometry(),
			sink: &mut sink,
			log: &mut MemoryLog::default(),
			meter: &Meter::default(),
		});
		assert_eq!(put.is_ok(), ends);
		let failed: Vec<u8> = sink.failed().into_iter().map(|(slot, _)| slot).collect();
		assert_eq!(failed, [4]);
	}
}

/// Liar: serves other bytes than it was given.
#[test]
fn the_liar_is_seen_at_the_first_group_and_asked_no_more() {
	let deal = stored(geometry(), 2 << 20);
	deal.host(0).disk.rot(slot(0), 70_000);
	let mut each = EachSlot::new(identity(&deal.owner), deal.holders.clone(), Meter::default());
	let faults = verify(&deal.stored, &mut each, &Meter::default()).unwrap();
	assert_eq!(faults.0, [(0, SlotFault::Wrong)]);
	let mut best = deal.best(Paths::default(), patience());
	assert!(deal.get(&mut best).unwrap() == deal.data);
	let faults = best.faults();
	assert!(
		matches!(faults.as_slice(), [(0, RemoteError::Lied { at: 65_536 })]),
		"{faults:?}"
	);
}

/// The dear one: asks a hundred times what others ask, and has bytes that need not be decoded.
#[test]
fn the_dear_one_is_read_from_last() {
	let mut deal = stored(geometry(), 2 << 20);
	for (holder, price) in deal.holders.iter_mut().zip([100, 1, 1, 1, 1, 1]) {
		holder.price = price;
	}
	let mut best = deal.best(Paths::default(), patience());
	assert!(deal.get(&mut best).unwrap() == deal.data);
	assert_eq!(deal.host(0).counter.now().sent, 0);
}

/// Truncator: keeps a part of the slot, and breaks off.
#[test]
fn the_truncator_is_left_out() {
	let deal = stored(geometry(), 2 << 20);
	deal.host(1).disk.cut(slot(1), 100_000);
	let mut best = deal.best(Paths::default(), patience());
	assert!(deal.get(&mut best).unwrap() == deal.data);
	assert!(matches!(best.faults().as_slice(), [(1, RemoteError::Gone(_)), ..]));
}

/// Never-server: takes connections, and says nothing.
#[test]
fn the_never_server_costs_one_wait() {
	let mut deal = stored(geometry(), 2 << 20);
	let never = TcpListener::bind("127.0.0.1:0").unwrap();
	deal.holders[0].addresses = vec![never.local_addr().unwrap().to_string()];
	let mut paths = Paths::default();
	// It is known when one is late: so that the others are asked soon.
	for host in 1..6 {
		for _ in 0..4 {
			paths.see(deal.host(host).device.id(), fine());
		}
	}
	let patience = Patience {
		answer: Duration::from_secs(2),
		..patience()
	};
	let mut best = deal.best(paths, patience);
	assert!(deal.get(&mut best).unwrap() == deal.data);
	assert!(best.hedged() >= 1);
}

/// 1-KiB-a-second server: sends its bytes one after the other, so slowly that each read comes in time.
#[test]
fn the_slow_server_is_overtaken() {
	let mut deal = stored(geometry(), 2 << 20);
	let slow = TcpListener::bind("127.0.0.1:0").unwrap();
	let to = deal.holders[0].addresses[0].parse().unwrap();
	deal.holders[0].addresses = vec![slow.local_addr().unwrap().to_string()];
	// Between its reader and its device, with which it talks as fast as it can.
	std::thread::spawn(move || {
		for reader in slow.incoming().take(4).flatten() {
			std::thread::spawn(move || slowly(reader, silent(to)));
		}
	});
	let mut paths = Paths::default();
	for number in 0..6 {
		for _ in 0..4 {
			paths.see(deal.host(number).device.id(), fine());
		}
	}
	let mut best = deal.best(paths, patience());
	assert!(deal.get(&mut best).unwrap() == deal.data);
	assert!(best.hedged() >= 1);
}

fn slowly(mut reader: std::net::TcpStream, mut device: std::net::TcpStream) -> Option<()> {
	let (mut asks, mut answers) = (reader.try_clone().ok()?, device.try_clone().ok()?);
	std::thread::spawn(move || io::copy(&mut asks, &mut device));
	// The first answer is the session's: a KiB goes at once.
	let mut kib = [0; KIB];
	while let Ok(count @ 1..) = io::Read::read(&mut answers, &mut kib) {
		io::Write::write_all(&mut reader, &kib[..count]).ok()?;
		std::thread::park_timeout(Duration::from_millis(if count == KIB { 1_000 } else { 0 }));
	}
	Some(())
}

fn fine() -> Sight {
	Sight {
		outcome: Outcome::Fine,
		bytes: 1 << 20,
		took: Duration::from_millis(10),
	}
}

#[test]
fn what_is_seen_of_devices_is_told() {
	let mut deal = stored(geometry(), 1 << 20);
	deal.kill(0);
	let told = Arc::new(std::sync::Mutex::new(Paths::default()));
	let mut best = deal.best(Paths::default(), patience());
	best.tell(told.clone());
	deal.get(&mut best).unwrap();
	let told = told.lock().unwrap();
	assert_eq!(*told, *best.paths());
	let dead = told.path(&deal.holders[0].device).unwrap();
	assert!(dead.success() < 1.0);
	// So the next reader does not ask it.
	let among: Vec<_> = deal.holders.iter().map(|holder| (holder.device, 1.0)).collect();
	assert!(!told.best(&among, 3).contains(&0));
}

#[test]
fn small_ranges_are_read_in_any_order() {
	let deal = stored(geometry(), 3 << 20);
	let length = deal.stored.slot_len();
	let whole: Vec<Vec<u8>> = (0..6)
		.map(|number| {
			let mut slot = vec![0; length as usize];
			let mut each = EachSlot::new(identity(&deal.owner), deal.holders.clone(), Meter::default());
			each.read(number, 0, &mut slot).unwrap();
			slot
		})
		.collect();
	let mut each = EachSlot::new(identity(&deal.owner), deal.holders.clone(), Meter::default());
	let mut best = deal.best(Paths::default(), patience());
	let mut rng = smartchain_rng::Rng::new(7);
	for _ in 0..60 {
		let (number, from) = (rng.below(6) as u8, rng.below(length));
		let count = rng.range(1, (length - from).min(700_000)) as usize;
		let expected = &whole[usize::from(number)][from as usize..][..count];
		let mut found = vec![0; count];
		each.read(number, from, &mut found).unwrap();
		assert!(found == expected, "{count} from {from} of {number}, its own device");
		let mut found = vec![0; count];
		best.read(number, from, &mut found).unwrap();
		assert!(found == expected, "{count} from {from} of {number}, any device");
	}
}
