//! QR codes, as text.

use qrcodegen::{QrCode, QrCodeEcc};

/// Modules of white around a code: readers want them.
const QUIET: i32 = 2;

/// A code of a text, two rows in a line, for light and dark terminals alike: the light is drawn, the dark is left. None
/// if the text is too long for any code.
pub fn code(text: &str) -> Option<String> {
	let code = QrCode::encode_text(text, QrCodeEcc::Low).ok()?;
	let light = |x: i32, y: i32| !code.get_module(x, y);
	let end = code.size() + QUIET;
	let mut lines = String::new();
	for y in (-QUIET..end).step_by(2) {
		for x in -QUIET..end {
			lines.push(match (light(x, y), light(x, y + 1)) {
				(true, true) => '█',
				(true, false) => '▀',
				(false, true) => '▄',
				(false, false) => ' ',
			});
		}
		lines.push('\n');
	}
	Some(lines)
}

#[cfg(test)]
mod tests {
	use super::*;

	/// The three finders of a code of version 3, with white around.
	#[test]
	fn an_address_fits_a_terminal() {
		let code = code("5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV").unwrap();
		let lines: Vec<&str> = code.lines().collect();
		assert!(
			lines.iter().all(|line| line.chars().count() == 33),
			"29 modules and 2 of white on each side"
		);
		assert_eq!(lines.len(), 17);
		assert!(lines[0].chars().all(|c| c == '█'));
		assert!(lines[1].starts_with("██ ▄▄▄▄▄ █"), "{}", lines[1]);
		assert!(super::code(&"x".repeat(10_000)).is_none());
	}
}
