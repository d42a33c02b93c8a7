//! Two that are never awake at the same time.

use crate::me;
use channel_primitives::{ChannelKey, ChannelSignature, Hash};
use ed25519_zebra::{SigningKey, VerificationKey};
use smart_pay_wire::{
	mailbox::{MailClient, MailError, MailLimits, MailServer, Mailbox, Refusal, MAIL_PATH, MAX_MAIL_BODY},
	open_envelope, seal_envelope, Frame,
};
use tokio::{
	io::{AsyncReadExt, AsyncWriteExt},
	net::{TcpListener, TcpStream},
};

const GENESIS: Hash = [9; 32];

async fn server(limits: MailLimits) -> String {
	let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
	let host = listener.local_addr().unwrap().to_string();
	let server = MailServer::new(Mailbox::new(GENESIS, limits), |key| *key == owner(1));
	tokio::spawn(server.serve(listener));
	host
}

fn owner(secret: u8) -> ChannelKey {
	ChannelKey(VerificationKey::from(&SigningKey::from([secret; 32])).into())
}

fn sign(secret: u8) -> impl Fn(&Hash) -> ChannelSignature {
	move |payload| ChannelSignature(SigningKey::from([secret; 32]).sign(payload).into())
}

#[tokio::test]
async fn what_is_left_for_a_sleeper_reaches_it() {
	let host = server(MailLimits::default()).await;
	let client = MailClient::new(&host, GENESIS);
	let (sender, sleeper) = (me(1, 1), me(2, 2));
	let token = [7; 16];
	let frame = Frame::Own {
		kind: 64,
		body: vec![5; 50_000],
	};
	let frame = frame.encode().unwrap();
	let envelope = seal_envelope(&sender, &sleeper.identity.key(), &frame).unwrap();

	let refused = client.put(owner(1), token, envelope.clone()).await;
	assert!(matches!(refused, Err(MailError::Refused(Refusal::NoBox))));
	client.open(owner(1), vec![token], sign(1)).await.unwrap();
	for _ in 0..2 {
		client.put(owner(1), token, envelope.clone()).await.unwrap();
	}
	let letters = client.take(owner(1), 0, sign(1)).await.unwrap();
	assert_eq!(letters.len(), 2);
	let (from, opened) = open_envelope(&sleeper, &letters[0].envelope).unwrap();
	assert_eq!((from, &opened), (sender.identity.key(), &frame));
	let last = letters[1].number;
	assert!(client.take(owner(1), last, sign(1)).await.unwrap().is_empty());
	assert!(client.take(owner(1), 0, sign(1)).await.unwrap().is_empty());

	let thief = client.take(owner(1), 0, sign(2)).await;
	assert!(matches!(thief, Err(MailError::Refused(Refusal::Unsigned))));
	let other = client.open(owner(2), vec![token], sign(2)).await;
	assert!(matches!(other, Err(MailError::Refused(Refusal::NotServed))));
}

/// Babbler, at the mailbox: each answer comes, and says what is wrong.
#[tokio::test]
async fn nonsense_is_answered_and_bounded() {
	let host = server(MailLimits::default()).await;
	let ask = |head: String, body: Vec<u8>| {
		let host = host.clone();
		async move {
			let mut stream = TcpStream::connect(host).await.unwrap();
			stream.write_all(head.as_bytes()).await.unwrap();
			// The server may have answered and closed before it has read all.
			let _ = stream.write_all(&body).await;
			let mut answer = vec![0; 12];
			stream.read_exact(&mut answer).await.unwrap();
			String::from_utf8(answer).unwrap()
		}
	};
	let post = |length: usize| format!("POST {MAIL_PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n");
	assert_eq!(ask(post(3), vec![9; 3]).await, "HTTP/1.1 200");
	assert_eq!(ask(post(0), Vec::new()).await, "HTTP/1.1 200");
	let large = MAX_MAIL_BODY + 1;
	assert_eq!(ask(post(large), vec![0; large]).await, "HTTP/1.1 413");
	let get = format!("GET {MAIL_PATH} HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_eq!(ask(get, Vec::new()).await, "HTTP/1.1 405");
	let other = "GET / HTTP/1.1\r\nHost: x\r\n\r\n".to_owned();
	assert_eq!(ask(other, Vec::new()).await, "HTTP/1.1 404");
}
