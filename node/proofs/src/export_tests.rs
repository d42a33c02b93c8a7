use super::*;
use proptest::prelude::*;
use smartchain_node_testkit::past::{set, Past};
use std::sync::Arc;

const CHANGES: [u32; 3] = [10, 20, 40];

fn full() -> Arc<Past> {
	Past::known(60, &CHANGES, &[5, 13, 25, 33, 50])
}

fn genesis_trust(past: &Past) -> Trust {
	Trust::Genesis(LightClient::new(past.genesis(), set(0), 0))
}

fn check(past: &Past, exports: &[FinalityExport]) -> Result<Proven, (usize, ExportError)> {
	verify(exports, past.genesis(), genesis_trust(past), &mut |_, _| ())
}

fn exported(past: &Past, number: u32, from_set: SetId) -> FinalityExport {
	export(past, NumberOrHash::Number(number), from_set).expect("is exported")
}

#[test]
fn every_block_is_proven_from_genesis() {
	let past = full();
	for number in 0..=60 {
		let proven = check(&past, &[exported(&past, number, 0)]).expect("holds");
		let set_id = past.set_at(number);
		let expected = Proven {
			number,
			hash: past.hash(number),
			set_id,
			changes: set_id,
		};
		assert_eq!(proven, expected);
	}
}

#[test]
fn exports_continue_one_another() {
	let past = full();
	let mut first = exported(&past, 60, 0);
	let rest = exported(&past, 60, 2);
	(first.changes, first.block, first.next_set) = (first.changes[..2].to_vec(), None, Some(2));
	let proven = check(&past, &[first.clone(), rest.clone()]).expect("holds");
	assert_eq!((proven.number, proven.set_id, proven.changes), (60, 3, 3));
	assert!(matches!(check(&past, &[first]), Err((0, ExportError::NoBlock(2)))));
	assert!(matches!(
		check(&past, &[rest]),
		Err((0, ExportError::Start { found: 2, known: 0 }))
	));
	assert!(matches!(check(&past, &[]), Err((0, ExportError::NoBlock(0)))));
}

#[test]
fn a_trusted_change_stands_in_for_genesis_and_no_other_block_does() {
	let past = full();
	let export = exported(&past, 60, 2);
	let from = |hash, export: &FinalityExport| {
		verify(
			std::slice::from_ref(export),
			past.genesis(),
			Trust::Block(hash),
			&mut |_, _| (),
		)
	};
	let proven = from(past.hash(20), &export).expect("holds");
	assert_eq!((proven.number, proven.changes), (60, 1));
	for hash in [past.hash(10), past.hash(21)] {
		assert!(matches!(from(hash, &export), Err((0, ExportError::NotTrusted(_)))));
	}
	let whole = exported(&past, 60, 0);
	assert!(matches!(
		from(past.hash(20), &whole),
		Err((0, ExportError::NotTrusted(_)))
	));
	let mut plain = export;
	plain.start = Some(Bytes(past.blocks[21].encode()));
	assert!(matches!(
		from(past.hash(21), &plain),
		Err((0, ExportError::NotTrusted(_)))
	));
}

#[test]
fn the_first_broken_link_is_named() {
	let past = full();
	let good = exported(&past, 60, 0);
	let said = |export: FinalityExport| check(&past, &[export]).expect_err("is refused").1.to_string();

	let mut forged = good.clone();
	forged.changes[1].certificate = forged.changes[0].certificate.clone();
	forged.changes[2].header = Bytes(Vec::new());
	let text = said(forged);
	assert!(
		text.starts_with("change 2 of 3, which ends voter set 1:") && text.contains("export it again"),
		"{text}"
	);

	let mut left_out = good.clone();
	left_out.changes.remove(0);
	assert!(said(left_out).starts_with("change 1 of 2"));

	let mut cut = good.clone();
	cut.changes[0].header.0.pop();
	assert!(said(cut).contains("does not decode"));

	let mut longer = good.clone();
	longer.changes[0].header.0.push(0);
	assert!(said(longer).contains("does not decode"));

	let mut other = exported(&past, 55, 0);
	other.block.as_mut().expect("there is one").headers.remove(2);
	assert!(said(other).contains("as its parent"));

	let mut none = good.clone();
	none.block.as_mut().expect("there is one").headers.clear();
	assert!(said(none).contains("proves no block"));

	let mut newer = good.clone();
	newer.version = 2;
	assert!(said(newer).contains("version 2"));

	let text = check(&Past::new(60, &CHANGES, 9), &[good])
		.expect_err("another chain")
		.1
		.to_string();
	assert!(text.contains("give the specification of"), "{text}");
}

#[test]
fn the_genesis_that_a_file_names_is_not_believed() {
	// A whole chain by the same voters with another genesis, in a file that says it is of this one.
	let other = Past::known(60, &CHANGES, &[]);
	let past = Past::new(60, &CHANGES, 9);
	let mut export = exported(&other, 60, 0);
	export.genesis = past.genesis();
	assert!(matches!(check(&past, &[export]), Err((0, ExportError::Broken { .. }))));
}

#[test]
fn what_is_missing_is_said() {
	let past = full();
	assert!(matches!(
		export(&*past, NumberOrHash::Number(13), 3),
		Err(Error::EarlierSet {
			number: 13,
			set_id: 1,
			from_set: 3
		})
	));
	past.stored.lock().ends.remove(&1);
	assert!(matches!(
		export(&*past, NumberOrHash::Number(60), 0),
		Err(Error::NoChangeProof(1))
	));
	assert!(matches!(
		export(&*past, NumberOrHash::Number(60), 2),
		Err(Error::NoChangeProof(1))
	));
}

#[test]
fn progress_counts_all_changes() {
	let past = full();
	let mut heard = Vec::new();
	let export = exported(&past, 60, 0);
	verify(&[export], past.genesis(), genesis_trust(&past), &mut |done, total| {
		heard.push((done, total))
	})
	.expect("holds");
	assert_eq!(heard, [(1, 3), (2, 3), (3, 3)]);
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(64))]

	/// Whatever one byte of an export's data is changed, it is refused.
	#[test]
	fn a_damaged_export_is_refused(which in 0usize..5, at in any::<prop::sample::Index>(), flip in 1u8..) {
		let past = full();
		let mut export = exported(&past, 57, 0);
		let block = export.block.as_mut().expect("there is one");
		let bytes = match which {
			0 => &mut export.changes[0].header,
			1 => &mut export.changes[2].certificate,
			2 => &mut block.headers[0],
			3 => &mut block.headers[3],
			_ => &mut block.certificate,
		};
		let at = at.index(bytes.0.len());
		bytes.0[at] ^= flip;
		prop_assert!(check(&past, &[export]).is_err());
	}
}
