//! Heads of requests and answers. Pure.

use storage_proof_primitives::Hash;

/// Bytes of a head, at most.
pub(crate) const MOST_HEAD: usize = 4 << 10;
/// Says how many bytes there are of what a root is of.
pub(crate) const LENGTH: &str = "smartchain-length";
/// How paths begin.
const ROOTS: &str = "/v1/roots/";
/// Where one asks who serves there.
const SESSION: &str = "/v1/session";

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
	/// Who serves there.
	Session,
	/// How long something is.
	Look(Hash),
	/// A range of it: from which byte on, and how many.
	Read(Hash, u64, u64),
}

/// Why nothing comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
	Request,
	Missing,
	Range,
	Busy,
}

impl Refused {
	pub fn line(self) -> &'static str {
		match self {
			Self::Request => "400 Bad Request",
			Self::Missing => "404 Not Found",
			Self::Range => "416 Range Not Satisfiable",
			Self::Busy => "503 Service Unavailable",
		}
	}
}

/// 64 small digits.
pub(crate) fn digits(root: &Hash) -> String {
	root.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The root of 64 small digits.
pub(crate) fn root_of(digits: &str) -> Option<Hash> {
	let small = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
	if digits.len() != 64 || !digits.bytes().all(small) {
		return None;
	}
	let mut root = [0; 32];
	for (at, byte) in root.iter_mut().enumerate() {
		*byte = u8::from_str_radix(digits.get(2 * at..2 * at + 2)?, 16).ok()?;
	}
	Some(root)
}

/// The lines of a head: the first one, and a header's value by its name.
fn lines<'a>(head: &'a [u8]) -> Option<(&'a str, impl Fn(&str) -> Option<&'a str>)> {
	let text = std::str::from_utf8(head).ok()?;
	let (first, rest) = text.split_once("\r\n")?;
	let value = move |name: &str| {
		rest.split("\r\n").find_map(|line| {
			let (known, value) = line.split_once(':')?;
			known.trim().eq_ignore_ascii_case(name).then_some(value.trim())
		})
	};
	Some((first, value))
}

/// What a request's head asks.
pub(crate) fn asked(head: &[u8]) -> Result<Asked, Refused> {
	let (first, header) = lines(head).ok_or(Refused::Request)?;
	let mut words = first.split(' ');
	let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
	if !matches!(words.next(), Some("HTTP/1.1" | "HTTP/1.0")) {
		return Err(Refused::Request);
	}
	if method == "GET" && path == SESSION {
		return Ok(Asked::Session);
	}
	let root = path.strip_prefix(ROOTS).ok_or(Refused::Missing)?;
	let root = root_of(root).ok_or(Refused::Request)?;
	match method {
		"HEAD" => Ok(Asked::Look(root)),
		"GET" => {
			let (from, length) = header("range").and_then(range).ok_or(Refused::Range)?;
			Ok(Asked::Read(root, from, length))
		}
		_ => Err(Refused::Request),
	}
}

/// `bytes=a-b`, of which both ends count.
fn range(text: &str) -> Option<(u64, u64)> {
	let (from, last) = text.strip_prefix("bytes=")?.split_once('-')?;
	let (from, last): (u64, u64) = (from.parse().ok()?, last.parse().ok()?);
	let length = last.checked_sub(from)?.checked_add(1)?;
	Some((from, length))
}

/// A request's head.
pub(crate) fn request(root: &Hash, range: Option<(u64, u64)>) -> String {
	let method = if range.is_some() { "GET" } else { "HEAD" };
	let mut head = format!(
		"{method} {ROOTS}{} HTTP/1.1\r\nhost: smartchain\r\nconnection: close\r\n",
		digits(root)
	);
	if let Some((from, length)) = range {
		let last = from.saturating_add(length).saturating_sub(1);
		head += &format!("range: bytes={from}-{last}\r\n");
	}
	head + "\r\n"
}

/// An answer's head.
pub(crate) fn answer(line: &str, headers: &[(&str, String)]) -> String {
	let mut head = format!("HTTP/1.1 {line}\r\nconnection: close\r\n");
	for (name, value) in headers {
		head += &format!("{name}: {value}\r\n");
	}
	head + "\r\n"
}

/// What an answer's head says: its status, how many bytes follow, and how long what was asked for is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Told {
	pub status: u16,
	pub body: Option<u64>,
	pub length: Option<u64>,
}

pub(crate) fn told(head: &[u8]) -> Option<Told> {
	let (first, header) = lines(head)?;
	let mut words = first.split(' ');
	if !matches!(words.next(), Some("HTTP/1.1" | "HTTP/1.0")) {
		return None;
	}
	let number = |name: &str| header(name).and_then(|value| value.parse().ok());
	Some(Told {
		status: words.next()?.parse().ok()?,
		body: number("content-length"),
		length: number(LENGTH),
	})
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn what_is_asked_is_understood() {
		let root = [0xa5; 32];
		assert_eq!(asked(request(&root, None).as_bytes()), Ok(Asked::Look(root)));
		let read = request(&root, Some((16_384, 40_000)));
		assert_eq!(asked(read.as_bytes()), Ok(Asked::Read(root, 16_384, 40_000)));
		assert_eq!(asked(b"GET /v1/session HTTP/1.1\r\n\r\n"), Ok(Asked::Session));
		assert_eq!(root_of(&digits(&root)), Some(root));
	}

	#[test]
	fn what_is_told_is_understood() {
		let head = answer("200 OK", &[("content-length", "7".into()), (LENGTH, "9".into())]);
		let expected = Told {
			status: 200,
			body: Some(7),
			length: Some(9),
		};
		assert_eq!(told(head.as_bytes()), Some(expected));
		assert_eq!(told(b"SSH-2.0\r\n\r\n"), None);
	}

	#[test]
	fn no_head_panics() {
		let root = "a".repeat(64);
		for (head, why) in [
			(String::new(), Refused::Request),
			("GET".into(), Refused::Request),
			("GET / HTTP/1.1\r\n\r\n".into(), Refused::Missing),
			("GET / HTTP/2\r\n\r\n".into(), Refused::Request),
			(format!("PUT /v1/roots/{root} HTTP/1.1\r\n\r\n"), Refused::Request),
			(format!("GET /v1/roots/{root} HTTP/1.1\r\n\r\n"), Refused::Range),
			(
				format!("GET /v1/roots/{root} HTTP/1.1\r\nrange: bytes=9-1\r\n\r\n"),
				Refused::Range,
			),
			(
				format!("GET /v1/roots/{root} HTTP/1.1\r\nrange: bytes=0-{}\r\n\r\n", u64::MAX),
				Refused::Range,
			),
			(format!("HEAD /v1/roots/{root}a HTTP/1.1\r\n\r\n"), Refused::Request),
			(
				format!("HEAD /v1/roots/{} HTTP/1.1\r\n\r\n", "A".repeat(64)),
				Refused::Request,
			),
			(
				format!("HEAD /v1/roots/{} HTTP/1.1\r\n\r\n", "ä".repeat(32)),
				Refused::Request,
			),
		] {
			assert_eq!(asked(head.as_bytes()), Err(why), "{head}");
			let _ = told(head.as_bytes());
		}
		assert_eq!(asked(&[0xff; 40]), Err(Refused::Request));
	}
}
