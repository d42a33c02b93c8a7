//! Whatever bytes come, as entries, index or footer, as a key box, as a volume, or as a journal: nothing panics, what
//! decodes encodes back, nothing comes back that is not there, and nothing is sealed but what is stored. The ordinary
//! tests run the driver on bytes by chance; `data/slots/fuzz` has coverage lead it further.

use crate::kit::{entry, fetched, file, folder, key, link, sealed, slot, volume, Item, Items, Power, Slots, Tree};
use smartchain_rng::{runs, seeds, Rng};
use smartchain_slots::{
	edge::MemoryLog,
	get,
	manifest::{Entry, Footer, Index, Kind, Order, PAGE, PAGE_ITEM},
	meter::Meter,
	put, wrap_key, BoxSecret, Geometry, Get, Put, Selection, Stored, BOX,
};
use std::sync::OnceLock;

/// Bytes of a journal's header, of a record, and of a record's checksum.
const HEADER: usize = 48;
const RECORD: usize = 49;
const SUM: usize = 8;
/// So many kinds of records there are.
const TAGS: u8 = 5;
/// Where entries, their index or a footer are said to end.
const END: u64 = 1 << 40;
/// What a key box is bound to.
const CONTEXT: &[u8] = b"a chain and a reader";

/// The first byte says what the others are taken for.
pub fn drive(bytes: &[u8]) {
	let Some((what, bytes)) = bytes.split_first() else {
		return;
	};
	match what % 6 {
		0 => manifest(bytes),
		1 => key_box(bytes),
		2 => restored(bytes),
		3 => entries(bytes),
		4 => storing(bytes),
		_ => restoring(bytes),
	}
}

/// Some bytes of a whole are others: two for the place and one for the value of each.
fn damaged(whole: &[u8], bytes: &[u8]) -> Vec<u8> {
	let mut damaged = whole.to_vec();
	for change in bytes.chunks_exact(3) {
		let at = usize::from(u16::from_le_bytes([change[0], change[1]])) % damaged.len();
		damaged[at] = change[2];
	}
	damaged
}

/// As many entries as can be read.
fn read(mut page: &[u8], end: u64) -> Vec<Entry> {
	std::iter::from_fn(|| Entry::decode_from(&mut page, end).ok()).collect()
}

fn manifest(bytes: &[u8]) {
	let (mut page, mut order) = (Vec::new(), Order::default());
	for entry in read(bytes, END) {
		entry.encode_to(&mut page);
		let _ = order.take(&entry);
		assert!(!entry.shown().contains(char::is_control), "{entry:?}");
	}
	assert!(bytes.starts_with(&page), "one encoding for one entry");
	if let Ok(index) = Index::decode(bytes, END) {
		assert_eq!(index.encode(), bytes);
	}
	let number = |at: usize| {
		let four = bytes.get(at..).and_then(|rest| rest.first_chunk::<4>());
		four.map_or(0, |four| u64::from(u32::from_le_bytes(*four)))
	};
	// The length of a volume in which it could be right.
	let plain = number(8) + number(16) * PAGE_ITEM + bytes.len() as u64;
	if let Ok(footer) = Footer::decode(bytes, plain) {
		assert_eq!(footer.encode(), bytes);
	}
}

/// Who has a box that was changed has nothing.
fn key_box(bytes: &[u8]) {
	static TRUTH: OnceLock<(BoxSecret, [u8; BOX])> = OnceLock::new();
	let (secret, truth) = TRUTH.get_or_init(|| {
		let secret = BoxSecret::derive(&[7; 32]);
		let wrapped = wrap_key(&key(), &secret.public(), CONTEXT, [9; 32]).unwrap();
		(secret, wrapped)
	});
	let forged: [u8; BOX] = damaged(truth, bytes).try_into().unwrap();
	if let Ok(opened) = secret.open(&forged, CONTEXT) {
		assert_eq!((&forged, opened.secret()), (truth, key().secret()));
	}
	if let Some(any) = bytes.first_chunk::<BOX>() {
		assert!(secret.open(any, CONTEXT).is_err() || any == truth);
	}
}

/// A volume with this plaintext, whoever made it.
fn restored(plain: &[u8]) {
	if plain.is_empty() {
		return;
	}
	let (stored, mut slots) = slot(sealed(plain));
	let mut tree = Tree::default();
	let _ = fetched(&stored, &mut slots, &mut tree);
	assert!(tree.written <= plain.len() as u64, "more comes back than there is");
	for path in tree.items.keys() {
		let mut names = path.split(|byte| *byte == b'/');
		assert!(names.all(|name| !matches!(name, b"" | b"." | b"..")), "{path:?}");
	}
}

/// A volume whose frame is sound, and whose page of entries is this: their bytes are those of a file behind it, and
/// their hashes are right, as far as that can be.
fn entries(page: &[u8]) {
	let data: Vec<u8> = (0..600_u32).map(|i| (i * i) as u8).collect();
	let mut entries = read(&page[..page.len().min(PAGE)], 2 * data.len() as u64);
	for entry in &mut entries {
		let range = entry.offset as usize..(entry.offset + entry.size) as usize;
		if let Some(bytes) = data.get(range) {
			entry.hash = *blake3::hash(bytes).as_bytes();
		}
	}
	if !entries.is_empty() {
		restored(&volume(&data, &entries));
	}
}

fn items() -> Vec<Item> {
	let bytes: Vec<u8> = (0..900_u32).map(|i| (i * 7) as u8).collect();
	vec![
		folder("a"),
		file("a/b", bytes[..700].to_vec()),
		link("c", "a/b"),
		file("d", bytes),
	]
}

/// What was stored in all honesty, its slot, and the journals of that and of bringing it back.
struct Truth {
	stored: Stored,
	slot: Vec<u8>,
	storing: Vec<u8>,
	restoring: Vec<u8>,
}

fn truth() -> &'static Truth {
	static TRUTH: OnceLock<Truth> = OnceLock::new();
	TRUTH.get_or_init(|| {
		let (mut storing, mut restoring, mut slots) = (MemoryLog::default(), MemoryLog::default(), Slots::new(1));
		let stored = again(&mut storing, &mut slots).expect("it is stored");
		assert!(back(&stored, &mut slots, &mut restoring, &mut Tree::default()));
		Truth {
			stored,
			slot: slots.slot(0).clone(),
			storing: storing.0,
			restoring: restoring.0,
		}
	})
}

/// Stores the items with a journal: what the chain would keep.
fn again(log: &mut MemoryLog, sink: &mut Slots) -> Option<Stored> {
	let done = put(Put {
		source: &mut Items::new(&items(), &Power::endless()),
		key: &key(),
		geometry: Geometry::new(1, 1, 64).unwrap(),
		sink,
		log,
		meter: &Meter::default(),
	});
	done.ok()
}

/// Brings them back with a journal. Whether that came to its end.
fn back(stored: &Stored, slots: &mut Slots, log: &mut MemoryLog, sink: &mut Tree) -> bool {
	let done = get(Get {
		stored,
		key: &key(),
		slots,
		selection: Selection::All,
		sink,
		log,
		meter: &Meter::default(),
	});
	done.is_ok()
}

/// A journal that was changed, or one of records that nobody wrote, with sums as they are to be: whoever has the disk
/// can make such a one.
fn journal(honest: &[u8], bytes: &[u8]) -> MemoryLog {
	let Some((how, bytes)) = bytes.split_first() else {
		return MemoryLog(honest.to_vec());
	};
	if how % 2 == 0 {
		let mut changed = damaged(honest, bytes);
		changed.truncate(changed.len() - usize::from(*how / 2) % HEADER);
		return MemoryLog(changed);
	}
	let mut log = honest[..HEADER].to_vec();
	for said in bytes.chunks_exact(4) {
		let mut record = vec![said[0] % TAGS];
		record.extend(u64::from(said[1]).to_le_bytes());
		let known = HEADER + usize::from(said[2]) % 8 * RECORD + 9;
		match honest.get(known..known + 32) {
			// What is right in another record, and perhaps in this one.
			Some(value) if said[3] % 2 == 0 => record.extend(value),
			_ => record.extend([said[3]; 32]),
		}
		let sum = blake3::Hasher::new()
			.update(&(log.len() as u64).to_le_bytes())
			.update(&record)
			.finalize();
		log.extend(record);
		log.extend(&sum.as_bytes()[..SUM]);
	}
	MemoryLog(log)
}

/// Whatever a journal says, no frame is sealed but those of what is stored: else a nonce would have two texts.
fn storing(bytes: &[u8]) {
	let (truth, mut sink) = (truth(), Slots::new(1));
	let done = again(&mut journal(&truth.storing, bytes), &mut sink);
	if let Some(written) = &sink.bytes[0] {
		assert!(truth.slot.starts_with(written), "other bytes were sealed");
	}
	assert!(done.is_none_or(|stored| stored == truth.stored));
}

/// Whatever a journal says, what comes back is what was stored, or is left out.
fn restoring(bytes: &[u8]) {
	let (truth, mut tree) = (truth(), Tree::default());
	let mut slots = Slots::of(vec![truth.slot.clone()]);
	back(
		&truth.stored,
		&mut slots,
		&mut journal(&truth.restoring, bytes),
		&mut tree,
	);
	for (meta, content) in items() {
		let found = tree.items.get(&meta.path);
		assert!(found.is_none_or(|found| *found == (meta, content)));
	}
	assert!(tree.items.len() <= items().len());
}

/// Sound bytes of a kind, if chance would hardly make any.
fn sound(what: u64) -> Vec<u8> {
	let (data, mut page) = (items()[3].1.clone(), Vec::new());
	let all = [
		entry("a", Kind::Folder, 0, b""),
		entry("a/b", Kind::File, 0, &data[..500]),
		entry("c", Kind::Link, 500, &data[500..520]),
	];
	all.iter().for_each(|entry| entry.encode_to(&mut page));
	let whole = volume(&data[..600], &all);
	let end = whole.len();
	match (what % 6, what / 6 % 3) {
		(0, 1) => whole[end - 36..].to_vec(),
		(0, 2) => whole[end - 52..end - 36].to_vec(),
		(0 | 3, _) => page,
		(2, _) => whole,
		_ => Vec::new(),
	}
}

#[test]
fn no_bytes_panic_come_back_from_nowhere_or_have_others_sealed() {
	for seed in seeds(1_800 * runs()) {
		let mut rng = Rng::new(seed);
		let changes = rng.below(4) as usize;
		let bytes = match sound(seed) {
			sound if sound.is_empty() || seed % 7 == 0 => {
				let length = rng.below(400) as usize;
				rng.bytes(length)
			}
			sound => damaged(&sound, &rng.bytes(3 * changes)),
		};
		drive(&[&[(seed % 6) as u8][..], &bytes].concat());
	}
}
