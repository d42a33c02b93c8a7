//! The head of an answer. Pure.

/// Bytes of a head, at most.
pub(super) const MOST: usize = 16 << 10;
/// Headers of it, at most.
const HEADERS: usize = 64;

/// A head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
	pub(super) status: u16,
	/// Bytes of the body, if the head says so.
	pub(super) length: Option<u64>,
	/// Whether the connection ends after it.
	pub(super) closes: bool,
	headers: Vec<(String, String)>,
}

impl Head {
	/// A header's value; of several the first.
	pub(super) fn get(&self, name: &str) -> Option<&str> {
		let found = self.headers.iter().find(|(known, _)| known == name);
		found.map(|(_, value)| value.as_str())
	}

	/// A header's value as a number of decimal digits.
	pub(super) fn number<N: std::str::FromStr>(&self, name: &str) -> Option<N> {
		self.get(name)?.parse().ok()
	}
}

/// What is wrong with a head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NoHead;

/// The head that bytes begin with, and its length; `None` if more has to come.
pub(super) fn parse(bytes: &[u8]) -> Result<Option<(Head, usize)>, NoHead> {
	let looked = bytes.get(..MOST).unwrap_or(bytes);
	let Some(end) = looked.windows(4).position(|four| four == b"\r\n\r\n") else {
		return if bytes.len() >= MOST { Err(NoHead) } else { Ok(None) };
	};
	let text = bytes.get(..end).and_then(|head| std::str::from_utf8(head).ok());
	let mut lines = text.ok_or(NoHead)?.split("\r\n");
	let mut first = lines.next().ok_or(NoHead)?.split(' ');
	let version = first.next().ok_or(NoHead)?;
	let status = first.next().and_then(|status| status.parse().ok()).ok_or(NoHead)?;
	if !matches!(version, "HTTP/1.1" | "HTTP/1.0") || !(100..600).contains(&status) {
		return Err(NoHead);
	}
	let mut headers = Vec::new();
	for line in lines {
		let (name, value) = line.split_once(':').ok_or(NoHead)?;
		if headers.len() >= HEADERS {
			return Err(NoHead);
		}
		headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
	}
	let mut head = Head {
		status,
		length: None,
		closes: version == "HTTP/1.0",
		headers,
	};
	head.length = match head.get("content-length") {
		Some(digits) => Some(digits.parse().map_err(|_| NoHead)?),
		None => None,
	};
	// Nobody of this protocol sends a body whose length is not known.
	if head.get("transfer-encoding").is_some() {
		return Err(NoHead);
	}
	head.closes |= head
		.get("connection")
		.is_some_and(|value| value.eq_ignore_ascii_case("close"));
	Ok(Some((head, end + 4)))
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nSmartChain-Tick: 7\r\n\r\nhello";

	#[test]
	fn a_head_is_read_once_it_is_whole() {
		let (head, used) = parse(HEAD).unwrap().unwrap();
		assert_eq!((head.status, head.length, head.closes), (200, Some(5), false));
		assert_eq!(head.number::<u32>("smartchain-tick"), Some(7));
		assert_eq!(&HEAD[used..], b"hello");
		for short in 0..used {
			assert_eq!(parse(&HEAD[..short]), Ok(None), "{short} bytes");
		}
	}

	#[test]
	fn what_is_no_head_is_refused() {
		for wrong in [
			&b"SSH-2.0-OpenSSH\r\n\r\n"[..],
			b"HTTP/1.1 abc\r\n\r\n",
			b"HTTP/1.1 999\r\n\r\n",
			b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
			b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
			b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
			b"\xff\xff\r\n\r\n",
		] {
			assert_eq!(parse(wrong), Err(NoHead), "{}", String::from_utf8_lossy(wrong));
		}
		assert_eq!(parse(&vec![b'a'; MOST]), Err(NoHead), "a head without an end");
	}

	proptest! {
		#[test]
		fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), cut in 0..HEAD.len()) {
			let _ = parse(&bytes);
			let mut mixed = HEAD[..cut].to_vec();
			mixed.extend(&bytes);
			let _ = parse(&mixed);
		}
	}
}
