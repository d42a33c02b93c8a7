//! All connections of programs, in a network in memory.

use crate::{limits, me};
use smart_pay_wire::{Bye, Dropped, Frame, MemoryNetwork, NodeKey, NotSent, Tcp, Told, Wire, WireError};
use std::time::Duration;
use tokio::{sync::mpsc, time::timeout};

struct Program {
	wire: Wire,
	told: mpsc::Receiver<Told>,
	key: NodeKey,
}

fn program(network: &MemoryNetwork, secret: u8, writer: u64, name: &str) -> Program {
	let me = me(secret, writer);
	let key = me.identity.key();
	let (wire, told) = Wire::start(me, limits(), network.clone(), Some(network.listen(name)));
	Program { wire, told, key }
}

impl Program {
	async fn next(&mut self) -> Told {
		let told = timeout(Duration::from_secs(20), self.told.recv()).await;
		told.expect("something is told in time").expect("the hub lives")
	}

	async fn up(&mut self, key: NodeKey) -> u64 {
		loop {
			if let Told::Up { key: who, number } = self.next().await {
				assert_eq!(who, key);
				assert_ne!(number, 0);
				return number;
			}
		}
	}

	async fn down(&mut self) -> WireError {
		loop {
			if let Told::Down { why, .. } = self.next().await {
				return why;
			}
		}
	}

	async fn frame(&mut self) -> Frame {
		loop {
			if let Told::Frame { frame, .. } = self.next().await {
				return frame;
			}
		}
	}
}

fn own(number: u64) -> Frame {
	Frame::Own {
		kind: 64,
		body: number.to_le_bytes().to_vec(),
	}
}

#[tokio::test]
async fn partners_talk_in_order() {
	let network = MemoryNetwork::default();
	let (mut a, mut b) = (program(&network, 1, 1, "a"), program(&network, 2, 2, "b"));
	assert_eq!(a.wire.send(&b.key, own(0)), Err(NotSent::NotConnected));
	a.wire.keep(b.key, "b").await;
	a.up(b.key).await;
	b.up(a.key).await;
	assert_eq!((a.wire.connected(), b.wire.connected()), (vec![b.key], vec![a.key]));
	for number in 0..500 {
		a.wire.send(&b.key, own(number)).unwrap();
	}
	for number in 0..500 {
		assert_eq!(b.frame().await, own(number));
	}
	b.wire.send(&a.key, own(7)).unwrap();
	assert_eq!(a.frame().await, own(7));
	assert_eq!([a.wire.dropped(), b.wire.dropped()], [Dropped::default(); 2]);
	a.wire.forget(b.key).await;
	assert!(matches!(
		b.down().await,
		WireError::Bye(Bye::Leaving) | WireError::Closed
	));
	a.down().await;
	assert!(a.wire.connected().is_empty());
}

/// Both call each other at once, and are left with one connection that works both ways.
#[tokio::test]
async fn two_that_call_each_other_have_one_connection() {
	let network = MemoryNetwork::default();
	let (mut a, mut b) = (program(&network, 1, 1, "a"), program(&network, 2, 2, "b"));
	a.wire.keep(b.key, "b").await;
	b.wire.keep(a.key, "a").await;
	a.up(b.key).await;
	b.up(a.key).await;
	// Until it settles, what is sent may be lost: it is said again, as machines do.
	let wires = (a.wire.clone(), b.wire.clone());
	for (from, to) in [(wires.0, &mut b), (wires.1, &mut a)] {
		let key = to.key;
		let saying = async {
			loop {
				let _ = from.send(&key, own(5));
				tokio::time::sleep(Duration::from_millis(20)).await;
			}
		};
		tokio::select! {
			() = saying => (),
			frame = to.frame() => assert_eq!(frame, own(5)),
		}
	}
	assert_eq!((a.wire.connected().len(), b.wire.connected().len()), (1, 1));
}

/// A killed partner is called again until it is back, with a number that was never told before.
#[tokio::test]
async fn whoever_is_killed_is_called_again() {
	let network = MemoryNetwork::default();
	let mut a = program(&network, 1, 1, "a");
	let mut numbers = Vec::new();
	let key = me(2, 0).identity.key();
	a.wire.keep(key, "b").await;
	for writer in 1..=5 {
		let mut b = program(&network, 2, writer, "b");
		numbers.push(a.up(b.key).await);
		numbers.push(b.up(a.key).await);
		network.close("b");
		drop(b);
		a.down().await;
	}
	let count = numbers.len();
	numbers.sort_unstable();
	numbers.dedup();
	assert_eq!(numbers.len(), count, "each connection has its own number on each end");
}

/// Double: a second program with the same key, from a copy of the store, say. The first keeps its connection.
#[tokio::test]
async fn a_second_program_with_one_key_is_refused() {
	let network = MemoryNetwork::default();
	let (mut hub, mut first) = (program(&network, 1, 1, "hub"), program(&network, 2, 2, "first"));
	first.wire.keep(hub.key, "hub").await;
	hub.up(first.key).await;
	first.up(hub.key).await;
	let mut second = program(&network, 2, 3, "second");
	second.wire.keep(hub.key, "hub").await;
	second.up(hub.key).await;
	let why = second.down().await;
	assert!(matches!(why, WireError::Bye(Bye::SecondWriter)), "{why}");
	assert!(why.to_string().contains("another program with this key"), "{why}");
	first.wire.send(&hub.key, own(1)).unwrap();
	assert_eq!(hub.frame().await, own(1));
}

#[tokio::test]
async fn whoever_answers_with_another_key_is_no_partner() {
	let network = MemoryNetwork::default();
	let (a, mut b) = (program(&network, 1, 1, "a"), program(&network, 2, 2, "b"));
	let other = me(3, 0).identity.key();
	a.wire.keep(other, "b").await;
	let told = timeout(Duration::from_millis(500), b.told.recv()).await;
	assert!(told.is_err(), "the caller said who it is to the wrong one");
	assert!(a.wire.connected().is_empty());
	assert!(b.wire.dropped().handshakes > 0);
}

#[tokio::test]
async fn the_internet_is_a_network_too() {
	let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
	let address = listener.local_addr().unwrap().to_string();
	let b = me(2, 2);
	let key = b.identity.key();
	let (_b, mut told_b) = Wire::start(b, limits(), Tcp, Some(smart_pay_wire::Listener::Tcp(listener)));
	let (a, mut told_a) = Wire::start(me(1, 1), limits(), Tcp, None);
	a.keep(key, &address).await;
	assert!(matches!(told_a.recv().await, Some(Told::Up { .. })));
	assert!(matches!(told_b.recv().await, Some(Told::Up { .. })));
	a.send(&key, own(3)).unwrap();
	match told_b.recv().await {
		Some(Told::Frame { frame, .. }) => assert_eq!(frame, own(3)),
		other => panic!("{other:?}"),
	}
}
