//! Rust source, cut into tokens: enough to tell code from comments and from text in quotes.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
	/// An identifier or a keyword; of `r#name` only the name.
	Word,
	/// A lifetime or a label of a loop, without its quote.
	Lifetime,
	/// What stands between the quotes of a string literal, with its escapes as they are written.
	Text,
	/// The same for a raw string.
	RawText,
	/// What stands between the quotes of a character literal.
	Character,
	/// A number; a sign in its exponent makes three tokens of it.
	Number,
	/// One character of punctuation.
	Sign,
	/// A comment with its marks; documentation is one, too.
	Comment,
}

/// A piece of source and the line, counted from 1, that it begins on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'a> {
	/// What it is.
	pub kind: Kind,
	/// The piece itself.
	pub text: &'a str,
	/// Where it begins.
	pub line: usize,
}

impl Token<'_> {
	/// Whether this is the identifier or keyword `word`.
	pub fn is_word(&self, word: &str) -> bool {
		self.kind == Kind::Word && self.text == word
	}

	/// Whether this is the punctuation `sign`.
	pub fn is_sign(&self, sign: char) -> bool {
		self.kind == Kind::Sign && self.text.starts_with(sign)
	}

	/// Whether this is a bracket that opens.
	pub fn opens(&self) -> bool {
		self.kind == Kind::Sign && ["(", "[", "{"].contains(&self.text)
	}

	/// Whether this is a string literal.
	pub fn is_text(&self) -> bool {
		matches!(self.kind, Kind::Text | Kind::RawText)
	}
}

/// All tokens of `source`. Source that does not compile gives some tokens, too: this never fails.
pub fn tokens(source: &str) -> Vec<Token<'_>> {
	let mut lexer = Lexer {
		source,
		bytes: source.as_bytes(),
		at: 0,
		line: 1,
		tokens: Vec::new(),
	};
	while lexer.at < lexer.bytes.len() {
		lexer.step();
	}
	lexer.tokens
}

/// All tokens of `source` but comments.
pub fn code(source: &str) -> Vec<Token<'_>> {
	let mut tokens = tokens(source);
	tokens.retain(|token| token.kind != Kind::Comment);
	tokens
}

/// The index of the bracket that closes the one at `open`; the end of the tokens if nothing does.
pub fn closing(tokens: &[Token<'_>], open: usize) -> usize {
	let mut depth = 0_usize;
	for (index, token) in tokens.iter().enumerate().skip(open) {
		if token.kind != Kind::Sign {
			continue;
		}
		match token.text {
			"(" | "[" | "{" => depth += 1,
			")" | "]" | "}" => depth = depth.saturating_sub(1),
			_ => {}
		}
		if depth == 0 {
			return index;
		}
	}
	tokens.len()
}

struct Lexer<'a> {
	source: &'a str,
	bytes: &'a [u8],
	at: usize,
	line: usize,
	tokens: Vec<Token<'a>>,
}

impl Lexer<'_> {
	fn byte(&self, ahead: usize) -> u8 {
		self.bytes.get(self.at + ahead).copied().unwrap_or(0)
	}

	fn step(&mut self) {
		match (self.byte(0), self.byte(1)) {
			(b'\n', _) => {
				self.line += 1;
				self.at += 1;
			}
			(b'/', b'/') => {
				let end = self.find(self.at, b'\n');
				self.push(Kind::Comment, self.at, end, end);
			}
			(b'/', b'*') => self.block_comment(),
			(b'"', _) => self.text(1),
			(b'\'', _) => self.quote(),
			(byte, _) if byte.is_ascii_whitespace() => self.at += 1,
			(byte, _) if byte.is_ascii_digit() => self.number(),
			(byte, _) if of_word(byte) => self.word(),
			_ => self.push(Kind::Sign, self.at, self.at + 1, self.at + 1),
		}
	}

	/// Adds what lies from `start` to `end`, and goes on at `next`.
	fn push(&mut self, kind: Kind, start: usize, end: usize, next: usize) {
		let line = self.line;
		let text = self.source.get(start..end).unwrap_or("");
		self.tokens.push(Token { kind, text, line });
		let passed = self.bytes.get(self.at..next).unwrap_or(&[]);
		self.line += passed.iter().filter(|byte| **byte == b'\n').count();
		self.at = next;
	}

	/// Where `wanted` is next, from `start`; the end of the source if it is not there.
	fn find(&self, start: usize, wanted: u8) -> usize {
		let rest = self.bytes.get(start..).unwrap_or(&[]);
		rest.iter()
			.position(|byte| *byte == wanted)
			.map_or(self.bytes.len(), |found| start + found)
	}

	fn block_comment(&mut self) {
		let mut depth = 1;
		let mut end = self.at + 2;
		while depth > 0 && end < self.bytes.len() {
			match self.bytes.get(end..end + 2) {
				Some(b"/*") => (depth, end) = (depth + 1, end + 2),
				Some(b"*/") => (depth, end) = (depth - 1, end + 2),
				_ => end += 1,
			}
		}
		self.push(Kind::Comment, self.at, end, end);
	}

	/// A string literal whose text begins `ahead` bytes from here.
	fn text(&mut self, ahead: usize) {
		let start = self.at + ahead;
		let end = self.unescaped(start, b'"');
		self.push(Kind::Text, start, end, (end + 1).min(self.bytes.len()));
	}

	/// Where `wanted` is next with no backslash before it.
	fn unescaped(&self, start: usize, wanted: u8) -> usize {
		let mut end = start;
		while end < self.bytes.len() && self.bytes[end] != wanted {
			end += if self.bytes[end] == b'\\' { 2 } else { 1 };
		}
		end.min(self.bytes.len())
	}

	/// A raw string literal whose hashes or quote begin `ahead` bytes from here.
	fn raw_text(&mut self, ahead: usize) {
		let hashes = self.bytes[self.at + ahead..]
			.iter()
			.take_while(|byte| **byte == b'#')
			.count();
		let start = self.at + ahead + hashes + 1;
		let close = format!("\"{}", "#".repeat(hashes));
		let rest = self.source.get(start..).unwrap_or("");
		let end = rest.find(&close).map_or(self.bytes.len(), |found| start + found);
		self.push(Kind::RawText, start, end, (end + close.len()).min(self.bytes.len()));
	}

	/// A character literal or a lifetime.
	fn quote(&mut self) {
		let start = self.at + 1;
		let rest = self.source.get(start..).unwrap_or("");
		let first = rest.chars().next().unwrap_or(' ');
		let after = start + first.len_utf8();
		if first == '\\' || self.bytes.get(after) == Some(&b'\'') {
			let end = self.unescaped(start, b'\'');
			self.push(Kind::Character, start, end, (end + 1).min(self.bytes.len()));
		} else {
			let length = self.bytes[start..].iter().take_while(|byte| of_word(**byte)).count();
			self.push(Kind::Lifetime, start, start + length, start + length);
		}
	}

	fn number(&mut self) {
		let mut end = self.at;
		while let Some(byte) = self.bytes.get(end) {
			let point = *byte == b'.' && self.bytes.get(end + 1).is_some_and(u8::is_ascii_digit);
			if !of_word(*byte) && !point {
				break;
			}
			end += 1;
		}
		self.push(Kind::Number, self.at, end, end);
	}

	fn word(&mut self) {
		let length = self.bytes[self.at..].iter().take_while(|byte| of_word(**byte)).count();
		let word = self.source.get(self.at..self.at + length).unwrap_or("");
		let next = self.byte(length);
		let hashes = self.bytes[self.at + length..]
			.iter()
			.take_while(|byte| **byte == b'#')
			.count();
		let quote_after_hashes = self.byte(length + hashes) == b'"';
		match word {
			"r" | "br" | "cr" if quote_after_hashes => self.raw_text(length),
			"b" | "c" if next == b'"' => self.text(length + 1),
			"b" if next == b'\'' => {
				self.at += 1;
				self.quote();
			}
			"r" if hashes == 1 => {
				let start = self.at + 2;
				let name = self.bytes[start..].iter().take_while(|byte| of_word(**byte)).count();
				self.push(Kind::Word, start, start + name, start + name);
			}
			_ => self.push(Kind::Word, self.at, self.at + length, self.at + length),
		}
	}
}

fn of_word(byte: u8) -> bool {
	byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii()
}

#[cfg(test)]
mod tests {
	use super::*;

	fn kinds(source: &str) -> Vec<(Kind, &str)> {
		tokens(source).iter().map(|token| (token.kind, token.text)).collect()
	}

	#[test]
	fn code_and_comments() {
		let source = "let a = 1; // b\n/* c /* d */ e */ f";
		let comments: Vec<_> = tokens(source)
			.into_iter()
			.filter(|token| token.kind == Kind::Comment)
			.map(|token| (token.text, token.line))
			.collect();
		assert_eq!(comments, [("// b", 1), ("/* c /* d */ e */", 2)]);
		assert!(code(source)
			.last()
			.is_some_and(|token| token.is_word("f") && token.line == 2));
	}

	#[test]
	fn strings_of_all_kinds() {
		assert_eq!(kinds(r#""a \" {""#), [(Kind::Text, r#"a \" {"#)]);
		assert_eq!(kinds(r##"r#"a " \"#"##), [(Kind::RawText, r#"a " \"#)]);
		assert_eq!(kinds(r##"br"x""##), [(Kind::RawText, "x")]);
		assert_eq!(kinds(r#"b"x" c"y""#), [(Kind::Text, "x"), (Kind::Text, "y")]);
		assert_eq!(kinds("\"//\" // \"")[0], (Kind::Text, "//"));
	}

	#[test]
	fn characters_are_no_lifetimes() {
		assert_eq!(kinds("'{'"), [(Kind::Character, "{")]);
		assert_eq!(kinds(r"'\''"), [(Kind::Character, r"\'")]);
		assert_eq!(kinds(r"'\u{1f600}'"), [(Kind::Character, r"\u{1f600}")]);
		assert_eq!(kinds("b'\"'"), [(Kind::Character, "\"")]);
		assert_eq!(kinds("'ä'"), [(Kind::Character, "ä")]);
		assert_eq!(kinds("&'a str")[1], (Kind::Lifetime, "a"));
		assert_eq!(kinds("'outer: loop")[0], (Kind::Lifetime, "outer"));
	}

	#[test]
	fn numbers_and_raw_names() {
		assert_eq!(kinds("0..1_000u64")[0], (Kind::Number, "0"));
		assert_eq!(kinds("1.5")[0], (Kind::Number, "1.5"));
		assert_eq!(kinds("r#type"), [(Kind::Word, "type")]);
	}

	#[test]
	fn lines_are_counted_through_strings() {
		let found = tokens("\"a\n b\" c\nd");
		assert_eq!(found.iter().map(|token| token.line).collect::<Vec<_>>(), [1, 2, 3]);
	}

	#[test]
	fn what_does_not_end_ends_with_the_source() {
		for broken in ["\"a", "r#\"a\"", "'", "/* a", "b'", "\"a\\", "r#", "'\\"] {
			tokens(broken);
		}
	}

	#[test]
	fn brackets_are_closed_by_their_own() {
		let found = tokens("{ a[1] ( \"}\" ) } b");
		assert!(found[closing(&found, 0) + 1].is_word("b"));
		assert_eq!(closing(&tokens("{ ("), 0), 2);
	}
}
