//! A bundle, byte for byte as another hand made it: `tests/golden/bundle.py`.

use smartchain_bundle::{Index, Writer};

const GOLDEN: &str = include_str!("../golden/bundle-v1.txt");

#[test]
fn the_bundle_of_version_1_stays() {
	let index = Index::parts(&[3, 0, 5]).unwrap();
	let mut writer = Writer::new(&index, Vec::new(), Vec::new()).unwrap();
	writer.write(b"onethree").unwrap();
	let (contents, bundle, outboard) = writer.finish().unwrap();
	let hex: String = bundle.iter().map(|byte| format!("{byte:02x}")).collect();
	assert_eq!(hex, GOLDEN.trim());
	assert_eq!((contents.bytes, outboard.len()), (bundle.len() as u64, 0));
	assert_eq!(contents.root, *blake3::hash(&bundle).as_bytes());
	assert_eq!(Index::decode(&bundle, contents.bytes), Ok(index));
}
