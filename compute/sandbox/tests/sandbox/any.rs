//! Any bytes as frames: nothing panics, and what is understood is written back as it was. By itself, so that a fuzzer
//! can lead it, too.

use smartchain_sandbox::wire::{from_child, from_parent, Message};

fn written(message: &Message) -> Vec<u8> {
	let mut out = Vec::new();
	message.write(&mut out).unwrap();
	out
}

/// Whatever comes: what is read is written back as it was, and takes no byte behind it.
pub fn drive(bytes: &[u8]) {
	for parents in [true, false] {
		let mut rest = bytes;
		let found = match parents {
			true => from_parent(&mut rest),
			false => from_child(&mut rest, 1 << 10),
		};
		if let Ok(message) = found {
			let used = bytes.len() - rest.len();
			assert_eq!(written(&message), bytes[..used]);
			if let Message::Answer(answer) = message {
				assert!(answer.output.length() <= 1 << 10);
			}
		}
	}
}
