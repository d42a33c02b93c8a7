//! The wire as programs have it: Noise over WebSocket, by `smart-pay-wire`.

use codec::Encode;
use smart_pay_frames::wire::{Frame, NodeKey, Wire, WireEvent};
use smart_pay_wire::{
	open_envelope, seal_envelope, Frame as Sealed, Identity, Limits, Listener, Me, Tcp, Told, WireError, FIRST_OWN_KIND,
};
use std::{
	collections::BTreeMap,
	sync::{Mutex, PoisonError},
};
use tokio::sync::mpsc;
use zeroize::Zeroizing;

/// What is told and not yet taken, at most.
const WAITING: usize = 1_024;

/// Connections over the network.
pub struct NoiseWire {
	wire: smart_pay_wire::Wire,
	me: Me,
	wanted: Mutex<BTreeMap<NodeKey, String>>,
}

impl NoiseWire {
	/// Begins, and answers who calls if there is a listener. To be called within a runtime.
	///
	/// - `secret`: the node's.
	/// - `writer`: a number that this start of the program has alone, by which partners tell a second one.
	///
	/// # Errors
	/// If the secret makes no key.
	pub fn start(
		secret: Zeroizing<[u8; 32]>,
		genesis: [u8; 32],
		writer: u64,
		listener: Option<Listener>,
	) -> Result<(Self, mpsc::Receiver<WireEvent>), WireError> {
		let me = |secret| -> Result<Me, WireError> {
			Ok(Me {
				identity: Identity::new(secret)?,
				genesis,
				writer,
			})
		};
		let own = me(secret.clone())?;
		let (wire, mut telling) = smart_pay_wire::Wire::start(me(secret)?, Limits::default(), Tcp, listener);
		let (events, receiver) = mpsc::channel(WAITING);
		tokio::spawn(async move {
			while let Some(told) = telling.recv().await {
				let event = match told {
					Told::Up { key, .. } => WireEvent::Up(key),
					Told::Down { key, why } => {
						tracing::debug!("A partner is not connected any more: {why}");
						WireEvent::Down(key)
					}
					Told::Frame { key, frame } => match frame_of(frame) {
						Some(frame) => WireEvent::Said(key, Box::new(frame)),
						None => continue,
					},
				};
				if events.send(event).await.is_err() {
					return;
				}
			}
		});
		let this = Self {
			wire,
			me: own,
			wanted: Mutex::new(BTreeMap::new()),
		};
		Ok((this, receiver))
	}
}

/// Of what the wire brings; none if it is nothing that this program knows.
fn frame_of(frame: Sealed) -> Option<Frame> {
	match frame {
		Sealed::Channel(channel, message) => Some(Frame::Channel(channel, Box::new(message))),
		Sealed::Own { kind, body } if kind == FIRST_OWN_KIND => Frame::read(&body),
		_ => None,
	}
}

impl Wire for NoiseWire {
	fn want(&self, node: NodeKey, url: &str) {
		// The wire calls at HOST:PORT.
		let host = url
			.strip_prefix("ws://")
			.unwrap_or(url)
			.trim_end_matches('/')
			.to_owned();
		let mut wanted = self.wanted.lock().unwrap_or_else(PoisonError::into_inner);
		if wanted.get(&node) == Some(&host) {
			return;
		}
		wanted.insert(node, host.clone());
		let wire = self.wire.clone();
		tokio::spawn(async move { wire.keep(node, &host).await });
	}

	fn forget(&self, node: NodeKey) {
		let mut wanted = self.wanted.lock().unwrap_or_else(PoisonError::into_inner);
		if wanted.remove(&node).is_some() {
			let wire = self.wire.clone();
			tokio::spawn(async move { wire.forget(node).await });
		}
	}

	fn expect(&self, node: NodeKey) {
		let wire = self.wire.clone();
		tokio::spawn(async move { wire.expect(node).await });
	}

	fn send(&self, node: NodeKey, frame: Frame) -> bool {
		let sealed = match frame {
			Frame::Channel(channel, message) => Sealed::Channel(channel, *message),
			other => Sealed::Own {
				kind: FIRST_OWN_KIND,
				body: other.encode(),
			},
		};
		self.wire.send(&node, sealed).is_ok()
	}

	fn seal(&self, node: NodeKey, bytes: &[u8]) -> Option<Vec<u8>> {
		seal_envelope(&self.me, &node, bytes).ok()
	}

	fn open(&self, sealed: &[u8]) -> Option<(NodeKey, Vec<u8>)> {
		open_envelope(&self.me, sealed).ok()
	}

	fn key(&self) -> NodeKey {
		self.me.identity.key()
	}
}
