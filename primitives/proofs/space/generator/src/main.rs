//! Makes the vectors with Chia's own crate, compares it with the validator, and measures the validator: `README.md`.

mod differ;
mod plotter;
mod prove;
mod vectors;
mod wasm;

use std::{path::Path, process::ExitCode};

/// The numbers of a proof as its bytes: `k` bits each, the highest first.
fn packed(k: u8, numbers: &[u32]) -> Vec<u8> {
	let (mut bits, mut held, mut bytes) = (0u64, 0, Vec::new());
	for number in numbers {
		bits = bits << k | u64::from(*number);
		held += u32::from(k);
		while held >= 8 {
			held -= 8;
			bytes.push((bits >> held) as u8);
			bits &= (1 << held) - 1;
		}
	}
	bytes
}

/// Bytes that are different for each name and number, and the same in each run.
fn bytes(name: &str, number: u64) -> [u8; 32] {
	let mut seed = [0; 32];
	for (place, byte) in seed.iter_mut().zip(name.bytes()) {
		*place = byte;
	}
	seed[24..].copy_from_slice(&number.to_le_bytes());
	proof_of_space_primitives::group_id(&seed, &[0; 32], 0, 0, 0)
}

fn main() -> ExitCode {
	let arguments: Vec<String> = std::env::args().skip(1).collect();
	let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
	match arguments[..] {
		["vectors", folder] => vectors::write(Path::new(folder)),
		["differ", seconds] => differ::differ(seconds.parse().expect("a number of seconds")),
		["drop"] => differ::drop_parts(),
		["prove"] => prove::prove(std::io::stdin().lock(), std::io::stdout().lock()).expect("pipes stay open"),
		["wasm", module] => wasm::measure(Path::new(module)),
		_ => {
			eprintln!("say vectors FOLDER, differ SECONDS, drop, prove, or wasm MODULE; README.md says what each does");
			return ExitCode::from(2);
		}
	}
	ExitCode::SUCCESS
}
