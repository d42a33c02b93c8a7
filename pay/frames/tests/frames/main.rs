//! What partners say about streams and orders keeps its bytes.

mod handed;

use channel_primitives::{ChannelKey, ChannelSignature};
use codec::Encode;
use smart_pay_frames::{
	invoice::{hash_lock, Due, Invoice, InvoiceSecret},
	wire::{deposit_of, forfeit, Bill, Frame, InvoiceTerms, OrderTerms, OrderWord, StreamTerms},
};

/// Made by another program, from the layout of SCALE and BLAKE2b.
const GOLDEN: &str = include_str!("../golden/partners-v1.txt");
/// The same of invoices.
const INVOICES: &str = include_str!("../golden/invoice-v1.txt");

fn line(file: &'static str, name: &str) -> &'static str {
	let line = file.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
	line.expect("it is in the file")
}

fn golden(name: &str) -> Vec<u8> {
	bytes(line(GOLDEN, name))
}

fn bytes(hex: &str) -> Vec<u8> {
	(0..hex.len() / 2)
		.map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).expect("digits"))
		.collect()
}

fn order() -> OrderTerms {
	OrderTerms {
		id: [1; 16],
		payee: [2; 32],
		unit: 50,
		most: 60,
		base: 100,
		deposit: 5_000,
		lasts: 14_400,
		arbiter: ChannelKey([3; 32]),
		what: "charging".into(),
	}
}

fn bill() -> Bill {
	Bill {
		order: order().hash(),
		units: 40,
		amount: 2_100,
	}
}

#[test]
fn frames_stay() {
	let signature = ChannelSignature([4; 64]);
	let steps = Frame::StepsCame {
		channel: 7,
		lock: 1,
		steps: 300,
	};
	let about = |word| Frame::Order(8, Box::new(word));
	for (name, frame) in [
		("steps-came", steps),
		("order-offer", about(OrderWord::Offer(order()))),
		("order-bill", about(OrderWord::Bill(bill(), signature))),
		("order-agreed", about(OrderWord::Agreed(bill().hash(), signature))),
		("order-counts", about(OrderWord::Counts(bill().hash(), 39))),
	] {
		assert_eq!(frame.encode(), golden(name), "{name}");
		assert_eq!(Frame::read(&golden(name)), Some(frame), "{name}");
	}
}

#[test]
fn what_is_signed_stays() {
	let accepted = order().accepted(ChannelKey([7; 32]), &[6; 16]);
	assert_eq!(order().hash().to_vec(), golden("order-hash"));
	assert_eq!(accepted.to_vec(), golden("order-accepted"));
	assert_eq!(forfeit(&accepted).to_vec(), golden("order-forfeit"));
	assert_eq!(bill().hash().to_vec(), golden("bill-hash"));
}

#[test]
fn what_travels_with_locks_stays() {
	let stream = StreamTerms {
		id: [5; 16],
		unit: 100_000_000,
		steps: 1_000,
		from: 64,
		every: 1_000,
		text: "light".into(),
	};
	assert_eq!(stream.packet().expect("it fits").to_vec(), golden("stream-packet"));
	assert_eq!(StreamTerms::read(&golden("stream-packet")), Some(stream));
	assert_eq!(order().packet(&[6; 16]).to_vec(), golden("deposit-packet"));
	assert_eq!(deposit_of(&golden("deposit-packet")), Some(([1; 16], [6; 16])));
	assert_eq!(deposit_of(&golden("stream-packet")), None);
}

/// An arbiter's word for one acceptance of an order is none for another one.
#[test]
fn an_order_that_is_offered_twice_is_accepted_as_another() {
	let (one, other) = (ChannelKey([7; 32]), ChannelKey([8; 32]));
	let accepted = order().accepted(one, &[6; 16]);
	assert_ne!(accepted, order().accepted(one, &[9; 16]));
	assert_ne!(accepted, order().accepted(other, &[6; 16]));
	assert_ne!(order().condition(one, &[6; 16]), order().condition(one, &[9; 16]));
}

#[test]
fn invoices_stay() {
	let terms = InvoiceTerms {
		amount: 1_000_000_000,
		expires: 1_790_000_000,
		nonce: [7; 16],
	};
	let secret = InvoiceSecret::new([9; 32]);
	for (name, chain) in [("invoice", [1, 2, 3, 4]), ("zeros", [0, 0, 3, 4])] {
		let invoice = Invoice {
			chain,
			payee: [5; 32],
			node: [6; 32],
			url: "ws://127.0.0.1:9956".into(),
			terms,
			first: secret.hash(&terms, 0),
			text: "tea".into(),
		};
		let text = line(INVOICES, name);
		assert_eq!(invoice.write(), text, "{name}");
		assert_eq!(Invoice::read(text), Ok(invoice), "{name}");
	}
	let of = |name| bytes(line(INVOICES, name));
	let due = Due { terms, index: 3 };
	assert_eq!(smart_pay_frames::invoice::memo(&terms).to_vec(), of("memo"));
	assert_eq!(secret.preimage(&terms, 0).to_vec(), of("preimage"));
	assert_eq!(secret.hash(&terms, u32::MAX).to_vec(), of("later"));
	assert_eq!(hash_lock(secret.hash(&terms, 0)).hash().to_vec(), of("condition"));
	assert_eq!(due.encode(), of("due"));
}
