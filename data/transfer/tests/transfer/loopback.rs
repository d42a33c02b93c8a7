//! A slot there and back.

use crate::kit::{bytes, identity, key, Host, KIB};
use smartchain_slots::{edge::SlotSink, meter::Meter};
use smartchain_transfer::{
	client::{EachSlot, Remote, RemoteError},
	wire::{Cause, GROUP, MOST},
};

fn cause(error: RemoteError) -> Cause {
	match error {
		RemoteError::Refused(fault) => fault.cause,
		other => panic!("{other}"),
	}
}

#[test]
fn what_is_written_is_read() {
	let (host, owner) = (Host::start(1), key(2));
	// More than a request carries, and no whole group at the end.
	let data = bytes(1, MOST as usize + 3 * GROUP as usize + 77);
	host.chain.grant(&owner, data.len(), 0);
	let mut writer = Remote::new(identity(&owner), host.holder(0, data.len(), None));
	let held = writer.look().unwrap();
	assert_eq!((held.length, held.written, held.root), (data.len() as u64, 0, None));
	assert_eq!(writer.write(0, &data[..100 * KIB]).unwrap(), 100 * KIB as u64);
	let from = 100 * KIB / GROUP as usize * GROUP as usize;
	assert_eq!(writer.write(from as u64, &data[from..]).unwrap(), data.len() as u64);
	assert_eq!(writer.look().unwrap().durable, 0);
	assert_eq!(writer.sync().unwrap(), data.len() as u64);
	// And again: an answer may be lost.
	assert_eq!(writer.sync().unwrap(), data.len() as u64);
	let root = writer.look().unwrap().root;
	assert_eq!(root, Some(blake3::hash(&data).into()));
	let mut reader = Remote::new(identity(&owner), host.holder(0, data.len(), root));
	for (from, length) in [
		(0, data.len()),
		(0, 1),
		(1, 16_383),
		(16_383, 2),
		(data.len() - 1, 1),
		(5_000, 3 * GROUP as usize),
		(data.len() - 40_000, 40_000),
		(GROUP as usize, GROUP as usize),
	] {
		let mut found = vec![0; length];
		reader.read(from as u64, &mut found).unwrap();
		assert!(found == data[from..from + length], "{length} from {from}");
	}
	let counts = host.counter.now();
	assert_eq!((counts.connections, counts.refused), (2, 0));
	assert!(counts.sent > data.len() as u64 && counts.received >= data.len() as u64);
}

#[test]
fn slots_of_all_small_lengths() {
	let (host, owner) = (Host::start(1), key(2));
	let lengths = [1, 63, 64, 1_023, 1_025, 16_383, 16_384, 16_385, 32_768, 49_153];
	for (number, length) in (0..).zip(lengths) {
		let data = bytes(length as u64, length);
		let mut reader = host.reader(number, &data, &owner);
		let mut found = vec![0; length];
		reader.read(0, &mut found).unwrap();
		assert_eq!(found, data, "{length} bytes");
		let beyond = reader.read(length as u64, &mut [0]);
		assert!(matches!(beyond, Err(RemoteError::Local(_))), "beyond {length}");
	}
}

#[test]
fn writing_goes_on_where_it_was_durable() {
	let (host, owner) = (Host::start(1), key(2));
	let data = bytes(5, 10 * GROUP as usize);
	host.chain.grant(&owner, data.len(), 0);
	let mut writer = Remote::new(identity(&owner), host.holder(0, data.len(), None));
	let half = 5 * GROUP as usize;
	writer.write(0, &data[..half]).unwrap();
	assert_eq!(writer.sync().unwrap(), half as u64);
	writer.write(half as u64, &data[half..8 * GROUP as usize]).unwrap();
	host.disk.lose();
	let held = writer.look().unwrap();
	assert_eq!((held.written, held.durable), (half as u64, half as u64));
	let gap = writer.write(8 * GROUP, &data[8 * GROUP as usize..]);
	let Err(RemoteError::Refused(fault)) = gap else {
		panic!("a gap");
	};
	assert_eq!((fault.cause, fault.written), (Cause::Gap, Some(half as u64)));
	writer.write(half as u64, &data[half..]).unwrap();
	writer.sync().unwrap();
	assert_eq!(writer.look().unwrap().root, Some(blake3::hash(&data).into()));
}

#[test]
fn a_sink_goes_on_within_a_group() {
	let (host, owner) = (Host::start(1), key(2));
	let data = bytes(7, 3 * GROUP as usize + 1_000);
	host.chain.grant(&owner, data.len(), 0);
	for number in [0, 1] {
		let sink = || {
			let holder = host.holder(number, data.len(), None);
			EachSlot::new(identity(&owner), vec![holder], Meter::default())
		};
		let mut first = sink();
		assert_eq!(first.durable(number).unwrap(), 0);
		// In pieces that are no groups, and synced within one.
		first.write(number, 0, &data[..10_000]).unwrap();
		first.write(number, 10_000, &data[10_000..40_000]).unwrap();
		first.sync().unwrap();
		first.sync().unwrap();
		if number == 0 {
			// By the same sink, in the middle of the group.
			first.write(number, 40_000, &data[40_000..]).unwrap();
			first.sync().unwrap();
		} else {
			// By another one, after the first has ended: from the group on.
			drop(first);
			let mut second = sink();
			let from = second.durable(number).unwrap() as usize;
			assert_eq!(from, 2 * GROUP as usize);
			second.write(number, from as u64, &data[from..]).unwrap();
			second.sync().unwrap();
			assert_eq!(second.durable(number).unwrap(), data.len() as u64);
		}
		let mut reader = Remote::new(identity(&owner), host.holder(number, data.len(), None));
		assert_eq!(
			reader.look().unwrap().root,
			Some(blake3::hash(&data).into()),
			"slot {number}"
		);
	}
	let refused = EachSlot::new(
		identity(&owner),
		vec![host.holder(2, data.len(), None)],
		Meter::default(),
	)
	.write(2, 5, &data);
	assert!(refused.is_err(), "in the middle of a group that the sink does not have");
}

#[test]
fn each_refusal_says_why() {
	let (host, owner, stranger) = (Host::start(1), key(2), key(3));
	let data = bytes(1, 100 * KIB);
	let mut reader = host.reader(0, &data, &owner);
	let mut byte = [0];
	reader.read(0, &mut byte).unwrap();
	// Nobody's right.
	let root = reader.holder().root;
	let mut other = Remote::new(identity(&stranger), host.holder(0, data.len(), root));
	assert_eq!(cause(other.read(0, &mut byte).unwrap_err()), Cause::NotYours);
	assert_eq!(cause(other.look().unwrap_err()), Cause::NotYours, "without a body");
	assert_eq!(cause(other.write(0, &data).unwrap_err()), Cause::NotYours);
	// No such slot, and one that is not whole.
	let mut none = Remote::new(identity(&owner), host.holder(1, data.len(), root));
	assert_eq!(cause(none.read(0, &mut byte).unwrap_err()), Cause::NoSuchSlot);
	none.write(0, &data[..GROUP as usize]).unwrap();
	assert_eq!(cause(none.read(0, &mut byte).unwrap_err()), Cause::Incomplete);
	// A whole one is not written again.
	let mut again = Remote::new(identity(&owner), host.holder(0, data.len(), None));
	assert_eq!(cause(again.write(0, &data).unwrap_err()), Cause::Sealed);
	// Of another length than the chain says.
	let mut longer = Remote::new(identity(&owner), host.holder(2, 2 * data.len(), None));
	assert_eq!(cause(longer.write(0, &bytes(1, 200 * KIB)).unwrap_err()), Cause::Range);
	// The same connections go on.
	reader.read(0, &mut byte).unwrap();
	assert!(host.counter.now().refused >= 7);
}

#[test]
fn a_key_for_another_device_finds_that_it_is_not_there() {
	let (host, owner) = (Host::start(1), key(2));
	host.chain.grant(&owner, 64, 0);
	let mut holder = host.holder(0, 64, None);
	holder.device = key(9).id();
	let error = Remote::new(identity(&owner), holder).look().unwrap_err();
	assert!(
		matches!(&error, RemoteError::Gone(why) if why.contains("another device")),
		"{error}"
	);
}

#[test]
fn a_connection_that_the_device_ended_is_no_fault() {
	let limits = smartchain_transfer::server::Limits {
		idle: std::time::Duration::from_millis(50),
		..Default::default()
	};
	let (host, owner) = (Host::with(1, limits), key(2));
	let mut reader = host.reader(0, &bytes(1, 64), &owner);
	let mut found = [0; 64];
	reader.read(0, &mut found).unwrap();
	// Another connection ends likewise: so that it is known that the first one did.
	let mut idle = crate::raw::silent(host.address);
	assert_eq!(std::io::Read::read(&mut idle, &mut [0]).unwrap_or(0), 0);
	reader.read(0, &mut found).unwrap();
	assert_eq!(found.to_vec(), bytes(1, 64));
	assert!(host.counter.now().connections >= 3);
}

#[test]
fn a_stopped_remote_ends_at_once() {
	let (host, owner) = (Host::start(1), key(2));
	let mut reader = host.reader(0, &bytes(1, 64), &owner);
	reader.read(0, &mut [0]).unwrap();
	reader.stopper().stop();
	assert!(reader.read(0, &mut [0]).is_err());
}
