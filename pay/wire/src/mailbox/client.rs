//! Who leaves envelopes at a mailbox, and takes them.

use super::{server::unix_seconds, Ask, Letter, MailAnswer, MailRequest, Refusal, Token, Wish, MAIL_PATH};
use channel_primitives::{ChannelKey, ChannelSignature, Hash};
use codec::{DecodeAll, Encode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::{
	body::Bytes,
	client::conn::http1,
	header::{CONTENT_TYPE, HOST},
	Method, Request, StatusCode,
};
use hyper_util::rt::TokioIo;
use std::{io, time::Duration};
use tokio::{net::TcpStream, time::timeout};

/// How long a request may take in all.
const TIME: Duration = Duration::from_secs(20);
/// For how many seconds a signature is valid.
const VALID: u64 = 120;
/// Bytes of an answer, at most.
const MAX_ANSWER: usize = 1 << 20;

/// Why a mailbox did not do it.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
	/// The network.
	#[error("cannot reach the mailbox: {0}; look at its address")]
	Io(#[from] io::Error),
	/// HTTP.
	#[error("the mailbox does not answer as it should: {0}")]
	Http(String),
	/// It took too long.
	#[error("the mailbox did not answer within {:?}", TIME)]
	Silent,
	/// It refused.
	#[error(transparent)]
	Refused(#[from] Refusal),
}

/// Whoever uses a mailbox at `host:port`.
#[derive(Clone, Debug)]
pub struct MailClient {
	host: String,
	genesis: Hash,
}

impl MailClient {
	/// One of a chain's programs.
	pub fn new(host: &str, genesis: Hash) -> Self {
		Self {
			host: host.to_owned(),
			genesis,
		}
	}

	/// Leaves an envelope that was sealed for the owner of the box.
	///
	/// # Errors
	/// [`MailError`]: the box is full, or there is none.
	pub async fn put(&self, owner: ChannelKey, token: Token, envelope: Vec<u8>) -> Result<(), MailError> {
		let request = MailRequest::Put { owner, token, envelope };
		done(self.ask(&request).await?)
	}

	/// Has a box, and says which tokens open it from now on. `sign` is the owner's key.
	///
	/// # Errors
	/// [`MailError`]: the server gives no box to this key.
	pub async fn open(
		&self,
		owner: ChannelKey,
		tokens: Vec<Token>,
		sign: impl FnOnce(&Hash) -> ChannelSignature,
	) -> Result<(), MailError> {
		done(self.signed(owner, Wish::Open(tokens), sign).await?)
	}

	/// Takes what came after a number, which is to be the highest that was taken and worked off; what has it or a lower
	/// one is thrown away. If something comes, there may be more.
	///
	/// # Errors
	/// [`MailError`].
	pub async fn take(
		&self,
		owner: ChannelKey,
		after: u64,
		sign: impl FnOnce(&Hash) -> ChannelSignature,
	) -> Result<Vec<Letter>, MailError> {
		match self.signed(owner, Wish::Take(after), sign).await? {
			MailAnswer::Letters(letters) => Ok(letters),
			other => Err(unexpected(&other)),
		}
	}

	async fn signed(
		&self,
		owner: ChannelKey,
		what: Wish,
		sign: impl FnOnce(&Hash) -> ChannelSignature,
	) -> Result<MailAnswer, MailError> {
		let ask = Ask {
			genesis: self.genesis,
			owner,
			until: unix_seconds().saturating_add(VALID),
			what,
		};
		let signature = sign(&ask.payload());
		self.ask(&MailRequest::Ask(ask, signature)).await
	}

	async fn ask(&self, request: &MailRequest) -> Result<MailAnswer, MailError> {
		let answer = timeout(TIME, self.exchange(request.encode())).await;
		match answer.map_err(|_| MailError::Silent)?? {
			MailAnswer::Refused(why) => Err(why.into()),
			answer => Ok(answer),
		}
	}

	async fn exchange(&self, body: Vec<u8>) -> Result<MailAnswer, MailError> {
		let stream = TcpStream::connect(self.host.as_str()).await?;
		let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(http)?;
		// It ends with this request: dropped, the sender closes it.
		let driver = tokio::spawn(connection);
		let request = Request::builder()
			.method(Method::POST)
			.uri(MAIL_PATH)
			.header(HOST, self.host.as_str())
			.header(CONTENT_TYPE, "application/octet-stream")
			.body(Full::new(Bytes::from(body)))
			.map_err(|error| MailError::Http(error.to_string()))?;
		let answered = async {
			let response = sender.send_request(request).await.map_err(http)?;
			let status = response.status();
			if status != StatusCode::OK {
				return Err(MailError::Http(status.to_string()));
			}
			let body = Limited::new(response.into_body(), MAX_ANSWER).collect().await;
			let body = body.map_err(|error| MailError::Http(error.to_string()))?.to_bytes();
			MailAnswer::decode_all(&mut &body[..]).map_err(|_| MailError::Http("an answer that is none".into()))
		};
		let answered = answered.await;
		driver.abort();
		answered
	}
}

fn done(answer: MailAnswer) -> Result<(), MailError> {
	match answer {
		MailAnswer::Done => Ok(()),
		other => Err(unexpected(&other)),
	}
}

fn unexpected(answer: &MailAnswer) -> MailError {
	let kind = match answer {
		MailAnswer::Done => "done",
		MailAnswer::Letters(_) => "letters",
		MailAnswer::Refused(_) => "a refusal",
	};
	MailError::Http(format!("it says {kind} to another question"))
}

fn http(error: hyper::Error) -> MailError {
	MailError::Http(error.to_string())
}
