//! Adversaries on one connection. Each has a name, and ends its own connection at most.

use crate::{limits, me};
use futures::{SinkExt, StreamExt};
use smart_pay_wire::{
	answer, BoxedPipe, Bye, Frame, FrameError, Handshake, Limits, Sealer, Session, WireError, MAX_FRAME, TAG,
};
use smartchain_rng::Rng;
use std::time::{Duration, Instant};
use tokio::{
	io::{duplex, AsyncReadExt, AsyncWriteExt, DuplexStream},
	sync::mpsc,
};
use tokio_tungstenite::{client_async, tungstenite::Message, WebSocketStream};

type Socket = WebSocketStream<DuplexStream>;

/// Both ends of a pipe.
fn pipe() -> (DuplexStream, BoxedPipe) {
	let (hostile, honest) = duplex(64 << 10);
	(hostile, Box::new(honest))
}

/// A handshake that is as it should be; what comes after it is not.
async fn shaken(limits: &Limits) -> (Socket, Sealer, Session) {
	let (hostile, honest) = pipe();
	let victim = me(2, 2);
	let answering = answer(honest, &victim, limits);
	let calling = async {
		let (mut socket, _) = client_async("ws://victim/smart-pay/1", hostile).await.unwrap();
		let mut handshake = Handshake::caller(&me(1, 1), victim.identity.key()).unwrap();
		socket.send(Message::binary(handshake.write().unwrap())).await.unwrap();
		let second = socket.next().await.unwrap().unwrap().into_data();
		handshake.read(&second).unwrap();
		socket.send(Message::binary(handshake.write().unwrap())).await.unwrap();
		let (sealer, _, _) = handshake.finish().unwrap();
		(socket, sealer)
	};
	let (session, (socket, sealer)) = tokio::join!(answering, calling);
	(socket, sealer, session.unwrap())
}

/// Runs the victim's end until it ends, and counts the frames that came through.
async fn ends(session: Session, limits: &Limits) -> (WireError, usize) {
	let (_out, frames) = mpsc::channel(16);
	let (taken, mut taking) = mpsc::channel(16);
	let counting = async {
		let mut count = 0;
		while taking.recv().await.is_some() {
			count += 1;
		}
		count
	};
	tokio::join!(session.run(limits, frames, taken, |frame| frame), counting)
}

fn own(length: usize) -> Vec<u8> {
	let frame = Frame::Own {
		kind: 64,
		body: vec![7; length],
	};
	frame.encode().unwrap()
}

/// Babbler: says anything instead of a handshake.
#[tokio::test]
async fn garbage_ends_before_it_began() {
	let mut rng = Rng::new(3);
	for length in [1_usize, 31, 32, 100, 5_000] {
		let (mut hostile, honest) = pipe();
		hostile.write_all(&rng.bytes(length)).await.unwrap();
		hostile.shutdown().await.unwrap();
		assert!(answer(honest, &me(2, 2), &limits()).await.is_err());
	}
	// WebSocket, and then garbage instead of Noise.
	for length in [0_usize, 31, 33, 300, 70_000] {
		let (hostile, honest) = pipe();
		let victim = me(2, 2);
		let (limits, garbage) = (limits(), rng.bytes(length));
		let calling = async {
			let (mut socket, _) = client_async("ws://victim/smart-pay/1", hostile).await.unwrap();
			let _ = socket.send(Message::binary(garbage)).await;
			// Kept open: it must not need to be closed.
			let _ = socket.next().await;
		};
		let answering = async {
			let answered = answer(honest, &victim, &limits).await;
			assert!(answered.is_err(), "{length}");
		};
		tokio::join!(answering, calling);
	}
}

/// Loris: says all as it should, a byte at a time.
#[tokio::test]
async fn slow_handshakes_are_cut() {
	let (mut hostile, honest) = pipe();
	let began = Instant::now();
	let drip = async {
		let head = b"GET /smart-pay/1 HTTP/1.1\r\nHost: victim\r\nUpgrade: websocket\r\n".repeat(100);
		for byte in head {
			if hostile.write_all(&[byte]).await.is_err() {
				return;
			}
			tokio::time::sleep(Duration::from_millis(5)).await;
		}
	};
	let (limits, victim) = (limits(), me(2, 2));
	let answering = async {
		let why = answer(honest, &victim, &limits).await.unwrap_err();
		// Too late, or too small parts: WebSocket's library sees to that too.
		assert!(matches!(why, WireError::Silent(_) | WireError::Socket(_)), "{why}");
	};
	tokio::join!(drip, answering);
	assert!(began.elapsed() < Duration::from_secs(5));
}

/// Mute: shakes hands and says nothing more, not even that it is there.
#[tokio::test]
async fn silence_ends_a_connection() {
	let limits = Limits {
		silence: Duration::from_millis(200),
		..limits()
	};
	let (socket, _, session) = shaken(&limits).await;
	let (why, _) = ends(session, &limits).await;
	assert!(matches!(why, WireError::Silent(_)), "{why}");
	drop(socket);
}

/// Deaf: takes nothing, so that all that is sent to it piles up.
#[tokio::test]
async fn whoever_takes_nothing_is_left() {
	let limits = limits();
	let (socket, _, session) = shaken(&limits).await;
	let (out, frames) = mpsc::channel(64);
	let (taken, _taking) = mpsc::channel(16);
	let filling = async {
		let body = vec![7; 60_000];
		while out
			.send(Frame::Own {
				kind: 64,
				body: body.clone(),
			})
			.await
			.is_ok()
		{}
	};
	let running = async {
		let why = session.run(&limits, frames, taken, |frame| frame).await;
		assert!(matches!(why, WireError::Stuck(_)), "{why}");
	};
	tokio::join!(filling, running);
	drop(socket);
}

/// Giant: sends more than a frame may have.
#[tokio::test]
async fn huge_frames_end_a_connection() {
	for length in [MAX_FRAME + TAG + 1, 1 << 20] {
		let limits = limits();
		let (mut socket, _, session) = shaken(&limits).await;
		let sending = async {
			let _ = socket.send(Message::binary(vec![0; length])).await;
		};
		let ((why, count), ()) = tokio::join!(ends(session, &limits), sending);
		assert!(matches!(why, WireError::Frame(FrameError::TooLong)), "{why}");
		assert_eq!(count, 0);
	}
}

/// Replayer, and others who change what is on its way.
#[tokio::test]
async fn what_is_doubled_changed_or_out_of_order_ends_a_connection() {
	for trick in 0..4 {
		let limits = limits();
		let (mut socket, mut sealer, session) = shaken(&limits).await;
		let (first, second) = (sealer.seal(&own(10)).unwrap(), sealer.seal(&own(20)).unwrap());
		let mut changed = first.clone();
		changed[3] ^= 1;
		let (messages, through) = match trick {
			0 => (vec![first.clone(), first], 1),
			1 => (vec![second, first], 0),
			2 => (vec![changed], 0),
			_ => (vec![first, vec![]], 1),
		};
		let sending = async {
			for message in messages {
				// It may be over before all is said.
				let _ = socket.send(Message::binary(message)).await;
			}
		};
		let ((why, count), ()) = tokio::join!(ends(session, &limits), sending);
		assert!(matches!(why, WireError::Broken), "trick {trick}: {why}");
		assert_eq!(count, through, "trick {trick}");
	}
}

/// What is sealed as it should be, and is no frame.
#[tokio::test]
async fn frames_that_are_none_end_a_connection() {
	let bodies: [&[u8]; 5] = [&[], &[2, 1, 0, 0], &[1, 9, 0, 0], &[1, 1, 1, 0, 0], &[1, 64, 9, 0]];
	for body in bodies {
		let limits = limits();
		let (mut socket, mut sealer, session) = shaken(&limits).await;
		let sealed = sealer.seal(body).unwrap();
		let sending = async { socket.send(Message::binary(sealed)).await.unwrap() };
		let ((why, _), ()) = tokio::join!(ends(session, &limits), sending);
		assert!(matches!(why, WireError::Frame(_)), "{body:?}: {why}");
	}
	let limits = limits();
	let (mut socket, _, session) = shaken(&limits).await;
	let sending = async { socket.send(Message::text("hello")).await.unwrap() };
	let ((why, _), ()) = tokio::join!(ends(session, &limits), sending);
	assert!(matches!(why, WireError::Socket(_)), "{why}");
}

/// Flooder: says more than it may. It waits, and nothing is lost.
#[tokio::test]
async fn a_flood_is_slowed_down() {
	let limits = Limits {
		frames: 200,
		..limits()
	};
	// Two seconds' worth comes at once, the rest at its rate.
	let frames = 500;
	let (mut socket, mut sealer, session) = shaken(&limits).await;
	let began = Instant::now();
	let sending = async {
		for _ in 0..frames {
			let sealed = sealer.seal(&own(8)).unwrap();
			socket.send(Message::binary(sealed)).await.unwrap();
		}
		let bye = Frame::Bye(Bye::Leaving).encode().unwrap();
		socket.send(Message::binary(sealer.seal(&bye).unwrap())).await.unwrap();
		// What the victim says is taken, so that it is not stuck.
		while socket.next().await.is_some_and(|message| message.is_ok()) {}
	};
	let ((why, count), ()) = tokio::join!(ends(session, &limits), sending);
	assert!(matches!(why, WireError::Bye(Bye::Leaving)), "{why}");
	assert_eq!(count, frames);
	assert!(began.elapsed() >= Duration::from_millis(450), "{:?}", began.elapsed());
}

/// What goes over the pipe says nothing of what is said.
#[tokio::test]
async fn nothing_goes_in_clear() {
	let (mut eavesdropper, honest) = pipe();
	let (far, near) = duplex(64 << 10);
	let (victim, limits) = (me(2, 2), limits());
	let caller = me(1, 1);
	let key = victim.identity.key();
	let calling = smart_pay_wire::dial(Box::new(near), "victim", &caller, &key, &limits);
	let relaying = async {
		let mut seen = Vec::new();
		let (mut reads, mut writes) = tokio::io::split(far);
		let (mut answers, mut asks) = tokio::io::split(&mut eavesdropper);
		let mut there = vec![0; 4_096];
		let mut back = vec![0; 4_096];
		loop {
			tokio::select! {
				read = reads.read(&mut there) => match read {
					Ok(length) if length > 0 => {
						seen.extend_from_slice(&there[..length]);
						if asks.write_all(&there[..length]).await.is_err() {
							return seen;
						}
					},
					_ => return seen,
				},
				read = answers.read(&mut back) => match read {
					Ok(length) if length > 0 => {
						seen.extend_from_slice(&back[..length]);
						if writes.write_all(&back[..length]).await.is_err() {
							return seen;
						}
					},
					_ => return seen,
				},
			}
		}
	};
	let talking = async {
		let (called, answered) = tokio::join!(calling, answer(honest, &victim, &limits));
		let (called, answered) = (called.unwrap(), answered.unwrap());
		let (out, frames) = mpsc::channel(4);
		let secret = Frame::Own {
			kind: 64,
			body: b"a secret of both".to_vec(),
		};
		out.send(secret.clone()).await.unwrap();
		drop(out);
		let (taken, mut taking) = mpsc::channel(4);
		let (_keep, none) = mpsc::channel(1);
		let (unused, _unused) = mpsc::channel::<Frame>(4);
		tokio::join!(
			called.run(&limits, frames, unused, |frame| frame),
			answered.run(&limits, none, taken, |frame| frame),
		);
		assert_eq!(taking.recv().await, Some(secret));
	};
	let (seen, ()) = tokio::join!(relaying, talking);
	assert!(seen.len() > 200);
	for secret in [&b"a secret of both"[..], &caller.identity.key(), &key] {
		assert!(!seen.windows(secret.len()).any(|window| window == secret));
	}
}
