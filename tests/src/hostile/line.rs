//! A connection to a node, as another implementation would open it.

use super::{
	greeting, prefix,
	words::{Heard, Word},
	Target,
};
use crate::{identity::Identity, Error, Result};
use futures::StreamExt;
use litep2p::{
	config::ConfigBuilder,
	crypto::ed25519::{Keypair, SecretKey},
	protocol::{
		notification::{
			Config, ConfigBuilder as NotificationConfig, NotificationEvent, NotificationHandle, NotificationSink,
			ValidationResult,
		},
		request_response::{ConfigBuilder as RequestConfig, DialOptions, RequestResponseHandle},
	},
	transport::tcp::config::Config as TcpConfig,
	Litep2p, PeerId, ProtocolName,
};
use std::time::Duration;
use tokio::task::JoinSet;

/// The largest message of any of the protocols.
const LARGEST: usize = 8 * 1024 * 1024;
/// Messages that wait to be sent.
const QUEUE: usize = 2_048;
/// What a full node says on every protocol but that of announcements.
const FULL_NODE: u8 = 1;

/// The protocols of one connection. Dropping it closes the connection.
pub struct Line {
	peer: PeerId,
	announces: NotificationHandle,
	votes: NotificationHandle,
	blocks: NotificationHandle,
	requests: RequestResponseHandle,
	say_vote: NotificationSink,
	say_block: NotificationSink,
	_driver: JoinSet<()>,
}

fn protocol(name: String, handshake: Vec<u8>) -> (Config, NotificationHandle) {
	NotificationConfig::new(ProtocolName::from(name))
		.with_max_size(LARGEST)
		.with_handshake(handshake)
		.with_auto_accept_inbound(true)
		.with_sync_channel_size(QUEUE)
		.build()
}

impl Line {
	/// Greets the node, and waits until it opens the protocols of votes and blocks; `None` if it does not.
	///
	/// # Errors
	/// If this side cannot be set up.
	pub async fn open(target: &Target, identity: &Identity, limit: Duration) -> Result<Option<Self>> {
		let failed = |error: litep2p::Error| Error::new(format!("a hostile peer cannot be set up: {error}"));
		let prefix = prefix(target.genesis);
		let greeted = protocol(format!("{prefix}/block-announces/1"), greeting(target.genesis));
		let voted = protocol(format!("{prefix}/poca/votes/1"), vec![FULL_NODE]);
		let pushed = protocol(format!("{prefix}/poca/blocks/1"), vec![FULL_NODE]);
		let (asked, requests) = RequestConfig::new(ProtocolName::from(format!("{prefix}/poca/certificates/1")))
			.with_max_size(LARGEST)
			.build();
		let mut secret = identity.secret();
		let secret = SecretKey::try_from_bytes(&mut secret).map_err(|error| Error::new(error.to_string()))?;
		let config = ConfigBuilder::new()
			.with_keypair(Keypair::from(secret))
			.with_tcp(TcpConfig {
				listen_addresses: Vec::new(),
				reuse_port: false,
				..TcpConfig::default()
			})
			.with_notification_protocol(greeted.0)
			.with_notification_protocol(voted.0)
			.with_notification_protocol(pushed.0)
			.with_request_response_protocol(asked);
		let mut litep2p = Litep2p::new(config.build()).map_err(failed)?;
		let peer: PeerId = target
			.peer_id
			.parse()
			.map_err(|error| Error::new(format!("{}: {error:?}", target.peer_id)))?;
		let (ip, port) = (target.address.ip(), target.address.port());
		let address = format!("/ip4/{ip}/tcp/{port}/p2p/{}", target.peer_id).parse()?;
		litep2p.add_known_address(peer, std::iter::once(address));
		let mut driver = JoinSet::new();
		driver.spawn(async move { while litep2p.next_event().await.is_some() {} });
		let (mut announces, mut votes, mut blocks) = (greeted.1, voted.1, pushed.1);
		let opened = async {
			announces.open_substream(peer).await.ok()?;
			let (mut say_vote, mut say_block) = (None, None);
			while say_vote.is_none() || say_block.is_none() {
				tokio::select! {
					event = announces.next() => {
						answer(&mut announces, event?)?;
					}
					event = votes.next() => if answer(&mut votes, event?)? {
						say_vote = votes.notification_sink(peer);
					},
					event = blocks.next() => if answer(&mut blocks, event?)? {
						say_block = blocks.notification_sink(peer);
					},
				}
			}
			say_vote.zip(say_block)
		};
		let Ok(Some((say_vote, say_block))) = tokio::time::timeout(limit, opened).await else {
			return Ok(None);
		};
		Ok(Some(Self {
			peer,
			announces,
			votes,
			blocks,
			requests,
			say_vote,
			say_block,
			_driver: driver,
		}))
	}

	/// Listens for so long; whether the node still listens, too.
	pub async fn listen(&mut self, lasts: Duration, heard: &mut Heard) -> bool {
		let end = tokio::time::sleep(lasts);
		tokio::pin!(end);
		loop {
			let event = tokio::select! {
				() = &mut end => return true,
				event = self.announces.next() => event,
				event = self.votes.next() => {
					if let Some(NotificationEvent::NotificationReceived { notification, .. }) = &event {
						heard.vote(notification);
					}
					event
				}
				event = self.blocks.next() => {
					if let Some(NotificationEvent::NotificationReceived { notification, .. }) = &event {
						heard.block(notification);
					}
					event
				}
				// What it answers is of no interest.
				event = self.requests.next() => match event {
					Some(_) => continue,
					None => None,
				},
			};
			if matches!(event, None | Some(NotificationEvent::NotificationStreamClosed { .. })) {
				return false;
			}
		}
	}

	/// Says something; whether there was room for it.
	pub async fn say(&mut self, word: Word) -> bool {
		match word {
			Word::Vote(bytes) => self.say_vote.send_sync_notification(bytes).is_ok(),
			Word::Block(bytes) => self.say_block.send_sync_notification(bytes).is_ok(),
			Word::Request(bytes) => {
				let sent = self.requests.send_request(self.peer, bytes, DialOptions::Reject);
				sent.await.is_ok()
			}
		}
	}
}

/// Answers what a protocol asks for while it is opened; whether it is open, `None` if it will not be.
fn answer(handle: &mut NotificationHandle, event: NotificationEvent) -> Option<bool> {
	match event {
		NotificationEvent::ValidateSubstream { peer, .. } => {
			handle.send_validation_result(peer, ValidationResult::Accept);
			Some(false)
		}
		NotificationEvent::NotificationStreamOpened { .. } => Some(true),
		NotificationEvent::NotificationStreamClosed { .. }
		| NotificationEvent::NotificationStreamOpenFailure { .. } => None,
		NotificationEvent::NotificationReceived { .. } => Some(false),
	}
}
