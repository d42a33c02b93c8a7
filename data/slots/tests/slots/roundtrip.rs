//! Every byte comes back from any k of n, whatever the sizes.

use crate::kit::{file, folder, key, link, masks, restored, stored, tree, Item, Items, Power, Slots, Tree};
use smartchain_rng::{runs, seeds, Rng};
use smartchain_slots::{
	edge::{MemoryLog, Stream},
	get,
	manifest::{Kind, Order},
	meter::Meter,
	plain_len, put, sealed_len, verify, Geometry, Get, Plan, Profile, Put, Reader, Selection, FRAME, PLAIN, SPAN,
};

fn geometry(k: u8, n: u8, unit: u32) -> Geometry {
	Geometry::new(k, n, unit).unwrap()
}

fn plan(items: &[Item]) -> Plan {
	Plan::of(&mut Items::new(items, &Power::endless())).unwrap()
}

/// One file such that the sealed volume has so many bytes; none if it has always more.
fn of_length(volume: u64, rng: &mut Rng) -> Option<Vec<Item>> {
	let empty = plain_len(plan(&[file("f", Vec::new())]).volume_len?)?;
	let bytes = plain_len(volume)?.checked_sub(empty)?;
	Some(vec![file("f", rng.bytes(bytes as usize))])
}

#[test]
fn every_byte_comes_back_from_any_k() {
	let mut rng = Rng::new(1);
	let geometry = geometry(2, 4, 64);
	for size in [0, 1, 63, 64, 65, 127, 128, 129, 1_000] {
		let items = [file("f", rng.bytes(size))];
		let (stored, slots) = stored(&items, geometry);
		assert!(verify(&stored, &mut slots.clone(), &Meter::default())
			.unwrap()
			.0
			.is_empty());
		for mask in masks(4, 2) {
			restored(&items, &stored, &mut slots.only(mask));
		}
	}
}

#[test]
fn at_the_edges_of_frames_and_stripes() {
	let mut rng = Rng::new(2);
	let geometry = geometry(3, 5, 1 << 14);
	let (frame, stripe, unit) = (FRAME as u64, geometry.stripe() as u64, geometry.unit() as u64);
	let mut tried = 0;
	for edge in [
		stripe,
		2 * stripe,
		3 * stripe,
		frame,
		2 * frame,
		3 * frame,
		stripe + unit,
		7 * stripe,
	] {
		for volume in [edge - 1, edge, edge + 1, edge + 17] {
			let Some(items) = of_length(volume, &mut rng) else {
				continue;
			};
			let (stored, slots) = stored(&items, geometry);
			assert_eq!(stored.volume_len(), volume);
			assert_eq!(stored.slot_len(), volume.div_ceil(stripe) * unit);
			tried += 1;
			for mask in [0b00111, 0b11100, 0b10101] {
				restored(&items, &stored, &mut slots.only(mask));
			}
		}
	}
	assert!(tried >= 24, "{tried} lengths");
}

#[test]
fn at_the_edges_of_spans() {
	let mut rng = Rng::new(3);
	for volume in [SPAN as u64 - 1, SPAN as u64, SPAN as u64 + 17, 2 * SPAN as u64] {
		let items = of_length(volume, &mut rng).unwrap();
		let (stored, slots) = stored(&items, geometry(1, 2, 1 << 18));
		assert_eq!(stored.volume_len(), volume);
		restored(&items, &stored, &mut slots.only(0b10));
	}
}

#[test]
fn any_tree_in_any_geometry() {
	for seed in seeds(60 * runs()) {
		let mut rng = Rng::new(seed);
		let items = tree(&mut rng);
		let n = rng.range(1, 12) as u8;
		let k = rng.range(1, u64::from(n)) as u8;
		let geometry = geometry(k, n, 64 << rng.below(9));
		let (stored, slots) = stored(&items, geometry);
		assert_eq!(plan(&items).volume_len, Some(stored.volume_len()), "seed {seed}");
		assert_eq!(plan(&items).slot_len(geometry).unwrap(), Some(stored.slot_len()));
		let mut mask = 0_u32;
		while mask.count_ones() < u32::from(k) {
			mask |= 1 << rng.below(u64::from(n));
		}
		restored(&items, &stored, &mut slots.only(mask));
	}
}

#[test]
fn many_small_files_share_the_slots() {
	let mut rng = Rng::new(4);
	let items: Vec<Item> = (0..600)
		.map(|i| file(&format!("{i:04}"), rng.bytes(10 << 10)))
		.collect();
	let plan = plan(&items);
	let geometry = plan.geometry(Profile::Standard);
	let (stored, mut slots) = stored(&items, geometry);
	let bytes = stored.slot_len() * 8;
	assert!(bytes < 12_700_000, "{bytes} bytes for 6 MB, twice");
	restored(&items, &stored, &mut slots);
}

#[test]
fn manifests_of_many_pages() {
	let mut items = Vec::new();
	for i in 0..5_000 {
		let path = format!("{i:05}{}", "x".repeat(100));
		items.push(if i % 10 == 0 {
			folder(&path)
		} else {
			file(&path, vec![1])
		});
	}
	let (stored, mut slots) = stored(&items, geometry(2, 3, 1 << 14));
	let (meter, key) = (Meter::default(), key());
	let mut reader = Reader::open(&stored, &key, &mut slots, &meter).unwrap();
	assert!(reader.pages() >= 3);
	assert_eq!((reader.footer().entries, reader.footer().data), (5_000, 4_500));
	let (mut order, mut count) = (Order::default(), 0);
	for page in 0..reader.pages() {
		for entry in reader.page(page).unwrap() {
			order.check(&entry.path, entry.kind).unwrap();
			assert_eq!(entry.path, items[count].0.path);
			count += 1;
		}
	}
	assert_eq!(count, items.len());
	assert!(reader.page(reader.pages()).is_err());
	restored(&items, &stored, &mut slots);
}

#[test]
fn any_range_is_read() {
	let mut rng = Rng::new(5);
	let bytes = rng.bytes(300_000);
	let items = [file("f", bytes.clone())];
	let (stored, slots) = stored(&items, geometry(3, 6, 1 << 12));
	for mask in [0b000_111, 0b111_000, 0b010_101] {
		let mut some = slots.only(mask);
		let (meter, key) = (Meter::default(), key());
		let mut reader = Reader::open(&stored, &key, &mut some, &meter).unwrap();
		for _ in 0..50 {
			let from = rng.below(300_001) as usize;
			let to = rng.range(from as u64, 300_000) as usize;
			let mut buffer = vec![0; to - from];
			reader.read(from as u64, &mut buffer).unwrap();
			assert!(buffer == bytes[from..to], "{from}..{to}");
		}
		let end = plain_len(stored.volume_len()).unwrap();
		assert!(reader.read(end, &mut [0]).is_err());
		assert!(reader.read(u64::MAX, &mut [0; 2]).is_err());
		assert!(reader.read(end - 1, &mut [0]).is_ok());
	}
}

#[test]
fn a_path_alone_comes_back_with_the_way_to_it() {
	let items = [
		folder("a"),
		file("a/1", vec![1]),
		folder("a/b"),
		file("a/b/2", vec![2; 100]),
		link("a/b/3", "2"),
		folder("a/c"),
		file("d", vec![4]),
	];
	let (stored, mut slots) = stored(&items, geometry(1, 2, 64));
	let mut tree = Tree::default();
	let mut under = |path: &[u8]| {
		let restored = get(Get {
			stored: &stored,
			key: &key(),
			slots: &mut slots,
			selection: Selection::Under(path.to_vec()),
			sink: &mut tree,
			log: &mut MemoryLog::default(),
			meter: &Meter::default(),
		});
		restored.unwrap().entries
	};
	assert_eq!(under(b"a/b"), 3);
	// The way to nothing is nothing.
	assert_eq!(under(b"a/b/4"), 0);
	let paths: Vec<&[u8]> = tree.items.keys().map(Vec::as_slice).collect();
	assert_eq!(paths, [&b"a"[..], b"a/b", b"a/b/2", b"a/b/3"]);
}

#[test]
fn a_stream_needs_no_end_beforehand() {
	let bytes = Rng::new(6).bytes(200_000);
	let stream = || Stream::new(&bytes[..], "stdin", 0);
	assert_eq!(Plan::of(&mut stream()).unwrap().volume_len, None);
	let mut slots = Slots::new(8);
	let stored = put(Put {
		source: &mut stream(),
		key: &key(),
		geometry: Geometry::of(Profile::Standard, None),
		sink: &mut slots,
		log: &mut MemoryLog::default(),
		meter: &Meter::default(),
	})
	.unwrap();
	let mut tree = Tree::default();
	crate::kit::fetched(&stored, &mut slots, &mut tree).unwrap();
	let (meta, content) = &tree.items[&b"stdin"[..]];
	assert_eq!((meta.kind, meta.size), (Kind::File, Some(200_000)));
	assert!(*content == bytes);
}

#[test]
fn sealing_adds_sixteen_bytes_a_frame() {
	assert_eq!(sealed_len(PLAIN as u64), FRAME as u64);
	assert_eq!(sealed_len(PLAIN as u64 + 1), FRAME as u64 + 17);
}
