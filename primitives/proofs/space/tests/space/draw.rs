//! The draw: ids, filter and win rule, with golden bytes that Python's hashlib made.

use proof_of_space_primitives::{
	group_id, is_up,
	pos2::Pos2Proof,
	vectors::{valid, Vector},
	wins, Hash, Plot, SpaceProof, MAX_FILTER_BITS, META_GROUP,
};

fn hex(hash: Hash) -> String {
	hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn golden_group_id() {
	let id = group_id(&[1; 32], &[2; 32], 2, 28, 0x0102_0304);
	assert_eq!(
		hex(id),
		"fde7e5bdf9c453cf9dd2b44c3ae803fe479ea3265529c30a36818a458bf4431c"
	);
}

#[test]
fn all_of_a_group_id_counts() {
	let id = |genesis, device, strength, k, number| group_id(&[genesis; 32], &[device; 32], strength, k, number);
	let mut ids = vec![
		id(1, 2, 2, 28, 0),
		id(0, 2, 2, 28, 0),
		id(1, 0, 2, 28, 0),
		id(1, 2, 3, 28, 0),
		id(1, 2, 2, 26, 0),
		id(1, 2, 2, 28, 1),
		id(1, 2, 2, 28, 1 << 31),
	];
	let all = ids.len();
	ids.sort_unstable();
	ids.dedup();
	assert_eq!(ids.len(), all);
}

#[test]
fn golden_filter() {
	let up = |bits: u8| {
		(0..=255)
			.filter(|i| is_up(&[3; 32], &[*i; 32], bits))
			.collect::<Vec<u8>>()
	};
	let of_four = [
		14, 34, 59, 83, 87, 124, 132, 138, 162, 166, 171, 180, 196, 210, 220, 224, 230, 238, 247,
	];
	assert_eq!(up(4), of_four);
	assert_eq!((up(0).len(), up(2).len(), up(MAX_FILTER_BITS).len()), (256, 60, 1));
	assert_eq!(up(MAX_FILTER_BITS + 1), []);
	assert!(
		up(4).iter().all(|group| up(2).contains(group)),
		"a weaker filter leaves all that a stronger one does"
	);
}

/// Of the first vector, its fragments taken from the file.
#[test]
fn golden_quality() {
	let Vector {
		plot, challenge, proof, ..
	} = &valid()[0];
	let quality = |plot: &Plot, challenge: &Hash| {
		let read = Pos2Proof::read(plot, challenge, proof).expect("the right length");
		hex(read.quality())
	};
	let golden = quality(plot, challenge);
	assert_eq!(
		golden,
		"8a7f148af9b0c9b2ea37c6b289b9185aa51f2a2f85e63a53d4e04ac4790206bd"
	);
	assert_ne!(golden, quality(&Plot { index: 1, ..*plot }, challenge));
	assert_ne!(
		golden,
		quality(
			&Plot {
				group: [0; 32],
				..*plot
			},
			challenge
		)
	);
	assert_ne!(golden, quality(plot, &[0; 32]));
}

#[test]
fn a_quality_wins_below_the_threshold_alone() {
	let number = |high: u8, low: u8| {
		let mut number = [0; 32];
		(number[0], number[31]) = (high, low);
		number
	};
	assert!(wins(&number(0, 1), &number(0, 2)) && wins(&number(0, 255), &number(1, 0)));
	assert!(!wins(&number(0, 2), &number(0, 2)) && !wins(&number(1, 0), &number(0, 255)));
	assert!(!wins(&[0; 32], &[0; 32]), "nobody wins with p = 0");
	assert!(wins(&number(255, 255), &[255; 32]));
	assert_eq!(META_GROUP, 0);
}

#[test]
fn pieces_are_what_plots_take() {
	use proof_of_space_primitives::pos2::pieces;
	// 0.934 and 0.218 GiB, as measured, in pieces of 32 KiB.
	for (k, thousandths) in [(28, 934u32), (26, 218)] {
		let measured = thousandths * 32_768 / 1_000;
		assert!(pieces(k).abs_diff(measured) * 100 < measured, "size {k}");
	}
	assert_eq!(
		(pieces(18), pieces(28), pieces(0), pieces(255)),
		(20, 30_720, 20, 30_720)
	);
}
