//! Whatever bytes come, as headers, as answers in JSON, as a stream, or as what was kept of devices: nothing panics,
//! what decodes encodes back, nobody asks who has not signed, and no group comes through that is not the slot's. The
//! ordinary tests run the driver on bytes by chance; `data/transfer/fuzz` has coverage lead it further.

use device_primitives::{DeviceId, DeviceKey, DeviceSignature, P256Pair};
use serde_json::json;
use smartchain_rng::{runs, seeds, Rng};
use smartchain_transfer::{
	client::Paths,
	stream::{encoded_len, Builder, Decoder, Item, Walk},
	wire::{Claim, Deed, Expected, Fault, Hello, Signed, SlotId, Voucher, GROUP, MOST},
};
use std::sync::OnceLock;
use storage_proof_primitives::{Contents, Hash, Streamed, Tick, PAIR_BYTES};

const GENESIS: Hash = [9; 32];
const DEVICE: DeviceId = DeviceId([1; 32]);
const SESSION: [u8; 16] = [3; 16];
const NOW: Tick = 1_000;
/// Groups of the slot; a part of one more is behind them.
const GROUPS: u64 = 5;
/// What items of a stream are taken together, at most.
const TAKEN: usize = 20_000;

/// The first byte says what the others are taken for.
pub fn drive(bytes: &[u8]) {
	let Some((what, bytes)) = bytes.split_first() else {
		return;
	};
	match what % 5 {
		0 => headers(&String::from_utf8_lossy(bytes)),
		1 => answers(bytes),
		2 => claims(bytes),
		3 => streams(bytes),
		_ => kept(bytes),
	}
}

/// Some bytes of a whole are others: two for the place and one for the value of each.
fn damage(whole: &mut [u8], bytes: &[u8]) {
	for change in bytes.chunks_exact(3) {
		let at = usize::from(u16::from_le_bytes([change[0], change[1]])) % whole.len();
		whole[at] = change[2];
	}
}

/// What is read of a header is written as it was.
fn headers(text: &str) {
	if let Ok(signed) = Signed::of_header(text) {
		assert_eq!(signed.to_header(), text);
		assert!(signed.check(&expected()).is_err() || signed.claim == truth().0);
	}
	if let Some(voucher) = Voucher::of_header(text) {
		assert_eq!(voucher.to_header(), text);
	}
	if let Some(slot) = SlotId::of_path(text) {
		assert_eq!(slot.path(), text);
	}
}

/// What a device says of itself and of refusals can be shown to people.
fn answers(bytes: &[u8]) {
	if let Ok(hello) = serde_json::from_slice::<Hello>(bytes) {
		if let (Some(session), Some(device)) = (hello.session(), hello.device()) {
			let again = Hello::new(&session, &device, hello.tick);
			assert_eq!((again.session, again.device), (hello.session, hello.device));
		}
	}
	if let Ok(fault) = serde_json::from_slice::<Fault>(bytes) {
		let said = fault.plain().message;
		assert!(!said.contains(char::is_control), "{said}");
		assert!(said.chars().count() <= 300, "{said}");
	}
}

fn expected() -> Expected<'static> {
	Expected {
		genesis: &GENESIS,
		device: DEVICE,
		session: SESSION,
		last: 4,
		now: NOW,
	}
}

/// A claim that counts, as its header has it.
fn truth() -> &'static (Claim, String) {
	static TRUTH: OnceLock<(Claim, String)> = OnceLock::new();
	TRUTH.get_or_init(|| {
		let pair = P256Pair::from_seed(&[5; 32]).expect("a seed that is a secret");
		let claim = Claim {
			device: DEVICE,
			key: DeviceKey::P256(pair.public()),
			slot: SlotId { deal: 17, slot: 3 },
			deed: Deed::Write {
				from: GROUP,
				length: 100,
				digest: [8; 32],
				sync: true,
			},
			session: SESSION,
			count: 5,
			expires: NOW + 10,
		};
		let signature = DeviceSignature::P256(pair.sign(&claim.payload(&GENESIS)));
		let signed = Signed {
			claim: claim.clone(),
			signature,
		};
		assert!(signed.check(&expected()).is_ok());
		(claim, signed.to_header())
	})
}

/// A claim that was changed is refused, or says what was signed.
fn claims(bytes: &[u8]) {
	let (claim, header) = truth();
	let mut header = header.clone().into_bytes();
	damage(&mut header, bytes);
	let Ok(signed) = Signed::of_header(&String::from_utf8_lossy(&header)) else {
		return;
	};
	assert!(signed.check(&expected()).is_err() || signed.claim == *claim);
	// Whatever is claimed, a range lies within the slot and within what one request may have.
	for slot_len in [1, GROUP, 5 * GROUP + 100] {
		if signed.claim.deed.check(slot_len).is_ok() {
			if let Deed::Read { from, length } | Deed::Write { from, length, .. } = signed.claim.deed {
				let length = u64::from(length);
				assert!(length <= MOST && from + length <= slot_len);
			}
		}
	}
}

/// A slot, its pairs, and what is known of it.
fn slot() -> &'static (Vec<u8>, Vec<u8>, Contents) {
	static SLOT: OnceLock<(Vec<u8>, Vec<u8>, Contents)> = OnceLock::new();
	SLOT.get_or_init(|| {
		let data = Rng::new(1).bytes((GROUPS * GROUP) as usize + 100);
		let (mut streamed, mut pairs) = (Streamed::new(data.len() as u64, &[]).expect("a slot"), Vec::new());
		streamed.push(&data, &mut pairs).expect("no more than was said");
		let (contents, _) = streamed.finish(&mut pairs).expect("all has come");
		(data, pairs, contents)
	})
}

/// The stream of a range, item by item.
fn stream_of(from: u64, length: u64) -> Vec<u8> {
	let (data, pairs, contents) = slot();
	let mut stream = Vec::new();
	for item in Walk::new(contents.bytes, from, length).expect("a range") {
		match item {
			Item::Pair { number, .. } => stream.extend(&pairs[number as usize * PAIR_BYTES..][..PAIR_BYTES]),
			Item::Leaf { from, length } => stream.extend(&data[from as usize..][..length]),
		}
	}
	assert_eq!(Some(stream.len() as u64), encoded_len(contents.bytes, from, length));
	stream
}

/// Of a stream that was changed, cut short or goes on, groups come through that are the slot's, in their order, and no
/// others.
fn streams(bytes: &[u8]) {
	let Some(([first, count, cut, more], changes)) = bytes.split_first_chunk::<4>() else {
		return;
	};
	let (data, _, contents) = slot();
	let first = u64::from(*first) % (GROUPS + 1);
	let groups = 1 + u64::from(*count) % (GROUPS + 1 - first);
	let from = first * GROUP;
	let length = (groups * GROUP).min(contents.bytes - from);
	let mut stream = stream_of(from, length);
	let whole = stream.len();
	damage(&mut stream, changes);
	stream.truncate(whole - whole * usize::from(*cut % 8) / 16);
	stream.extend(vec![0; usize::from(*more % 3)]);

	let mut decoder = Decoder::new(contents, from, length).expect("a range");
	let (mut at, mut rest, mut lied) = (from, &stream[..], false);
	while !lied && !rest.is_empty() {
		// Behind the end the next items have none: what comes there is a lie, too.
		let count = decoder.next_bytes(TAKEN).clamp(1, rest.len());
		let (now, later) = rest.split_at(count);
		rest = later;
		let taken = decoder.take(now, |begins, group| {
			assert_eq!(begins, at, "in order");
			assert!(data[at as usize..].starts_with(group), "a group that is not the slot's");
			at += group.len() as u64;
		});
		lied = taken.is_err();
	}
	assert!(at <= from + length);
	if changes.len() < 3 && stream.len() >= whole {
		assert_eq!(at, from + length, "nothing was changed");
	}
	builders(changes);
}

/// An outboard of whatever values: a pair for each group but one.
fn builders(bytes: &[u8]) {
	let groups = bytes.len() as u64 % 40;
	let (mut builder, mut pairs) = (Builder::new(groups * GROUP), Vec::new());
	let mut root = None;
	for value in 0..groups {
		assert!(root.is_none());
		root = builder.push([value as u8; 32], &mut pairs);
	}
	assert_eq!(root.is_some(), groups > 1);
	assert_eq!(pairs.len() as u64, groups.saturating_sub(1) * PAIR_BYTES as u64);
	assert_eq!(builder.push([0; 32], &mut pairs), None);
}

/// Whatever lies in the file, devices can be compared.
fn kept(bytes: &[u8]) {
	let paths = Paths::load(bytes);
	for device in [DEVICE, DeviceId([0; 32])] {
		let judged = paths.judge(&device);
		assert!(judged.is_finite() && judged > 0.0, "{judged}");
	}
	assert!(!paths.late(1 << 20).is_zero());
	let _ = Paths::load(&paths.save());
}

#[test]
fn no_bytes_panic_or_come_through_unproven() {
	let path = json!({ "outcomes": [1.5, 0.0, 2.0, 0.5, 0.0], "ms": 7.5, "seen": 3 });
	let texts = [
		truth().1.clone(),
		"/v1/slots/17/3".to_owned(),
		json!({ "version": 1, "session": "ab".repeat(16), "device": "01".repeat(32), "tick": 7, "most": 1 })
			.to_string(),
		json!({ "cause": "gap", "message": "why", "written": 5 }).to_string(),
		json!({ "version": 1, "paths": { "01".repeat(32): path }, "recent": [7.5] }).to_string(),
	];
	let sound = Paths::load(texts[4].as_bytes());
	assert!(sound.path(&DEVICE).is_some(), "it is read as what it is");
	for seed in seeds(6_000 * runs()) {
		let mut rng = Rng::new(seed);
		let (what, changes) = (rng.next_u64() as u8, rng.below(4) as usize);
		let mut bytes = match what % 5 {
			2 | 3 => rng.bytes(4 + 3 * changes),
			_ => texts[rng.below(texts.len() as u64) as usize].clone().into_bytes(),
		};
		if matches!(what % 5, 0 | 1 | 4) {
			damage(&mut bytes, &rng.bytes(3 * changes));
		}
		bytes.insert(0, what);
		drive(&bytes);
	}
}
