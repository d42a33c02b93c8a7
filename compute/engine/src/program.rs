//! A program: what is checked of it before anything runs, and what is made of it.

use crate::{
	abi::{Entry, MODULE},
	limits::{
		MAX_ELEMENTS, MAX_EXPORTS, MAX_FUNCTIONS, MAX_GLOBALS, MAX_IMPORTS, MAX_PARAMETERS, MAX_PROGRAM_BYTES,
		MAX_RESULTS, MAX_REWRITTEN_BYTES, MAX_SEGMENTS, MAX_TABLES, MAX_TABLE_ELEMENTS, MAX_TYPES,
	},
	pass::Pass,
	refusal::Refusal,
};
use wasm_encoder::{CodeSection, Module, RawSection};
use wasmparser::{
	ElementItems, ElementSectionReader, ExternalKind, FuncType, Parser, Payload, TypeRef, ValidPayload, Validator,
	WasmFeatures,
};

/// What programs may use: WebAssembly 2.0 without references to what is outside. All else of Wasm is refused.
const FEATURES: WasmFeatures = WasmFeatures::MUTABLE_GLOBAL
	.union(WasmFeatures::SATURATING_FLOAT_TO_INT)
	.union(WasmFeatures::SIGN_EXTENSION)
	.union(WasmFeatures::REFERENCE_TYPES)
	.union(WasmFeatures::MULTI_VALUE)
	.union(WasmFeatures::BULK_MEMORY)
	.union(WasmFeatures::SIMD)
	.union(WasmFeatures::FLOATS);

/// The numbers of the sections that the pass looks at.
const CUSTOM_SECTION: u8 = 0;
const CODE_SECTION: u8 = 10;

/// What a program is called from, and what the host finds its memory by.
pub(crate) const START: &str = "_start";
pub(crate) const MEMORY: &str = "memory";

/// A program that was checked and rewritten.
#[derive(Clone, Debug)]
pub struct Program {
	hash: [u8; 32],
	wasm: Vec<u8>,
	imports: Vec<&'static Entry>,
	memory_pages: u64,
}

impl Program {
	/// Checks a program and makes its NaNs canonical. What is accepted is the same on every machine.
	pub fn check(bytes: &[u8]) -> Result<Self, Refusal> {
		if bytes.len() > MAX_PROGRAM_BYTES {
			return Err(Refusal::TooLarge(bytes.len()));
		}
		let mut reading = Reading::default();
		let mut validator = Validator::new_with_features(FEATURES);
		for payload in Parser::new(0).parse_all(bytes) {
			let payload = payload?;
			match validator.payload(&payload)? {
				ValidPayload::Func(function, body) => {
					let written = reading.pass.function(bytes, function, &body)?;
					reading.function(&written)?;
				}
				_ => reading.section(bytes, &payload)?,
			}
		}
		reading.finish(bytes)
	}

	/// The BLAKE3 hash of the program as it was submitted: its name on the chain.
	pub fn hash(&self) -> [u8; 32] {
		self.hash
	}

	/// The module as it runs.
	pub fn rewritten(&self) -> &[u8] {
		&self.wasm
	}

	/// How many pages of 64 KiB its memory has at the start.
	pub fn memory_pages(&self) -> u64 {
		self.memory_pages
	}

	pub(crate) fn imports(&self) -> &[&'static Entry] {
		&self.imports
	}
}

/// Each run makes room for all elements of all segments anew, before it burns anything.
fn elements(reader: &ElementSectionReader<'_>) -> Result<(), Refusal> {
	Refusal::at_most("segments of elements", reader.count(), MAX_SEGMENTS)?;
	let mut sum = 0u32;
	for segment in reader.clone() {
		let count = match segment?.items {
			ElementItems::Functions(items) => items.count(),
			ElementItems::Expressions(_, items) => items.count(),
		};
		sum = sum.saturating_add(count);
	}
	Refusal::at_most("elements in segments", sum, MAX_ELEMENTS)
}

/// A module while it is read.
#[derive(Default)]
struct Reading {
	pass: Pass,
	types: Vec<FuncType>,
	/// The type of each function, imported ones first.
	functions: Vec<u32>,
	imports: Vec<&'static Entry>,
	memory_pages: u64,
	start: Option<u32>,
	memory: bool,
	module: Module,
	code: CodeSection,
	/// How many functions are still to come.
	open: u32,
	bytes: usize,
}

impl Reading {
	/// A section other than that of code. The validator has it already.
	fn section(&mut self, bytes: &[u8], payload: &Payload<'_>) -> Result<(), Refusal> {
		match payload {
			Payload::TypeSection(reader) => {
				Refusal::at_most("types", reader.count(), MAX_TYPES)?;
				for ty in reader.clone().into_iter_err_on_gc_types() {
					let ty = ty?;
					Refusal::at_most("parameters of a type", ty.params().len() as u64, MAX_PARAMETERS)?;
					Refusal::at_most("results of a type", ty.results().len() as u64, MAX_RESULTS)?;
					self.types.push(ty);
				}
			}
			Payload::ImportSection(reader) => {
				Refusal::at_most("imports", reader.count(), MAX_IMPORTS)?;
				for import in reader.clone() {
					self.import(&import?)?;
				}
			}
			Payload::FunctionSection(reader) => {
				Refusal::at_most("functions", reader.count(), MAX_FUNCTIONS)?;
				for ty in reader.clone() {
					self.functions.push(ty?);
				}
			}
			Payload::TableSection(reader) => {
				Refusal::at_most("tables", reader.count(), MAX_TABLES)?;
				for table in reader.clone() {
					let initial = u32::try_from(table?.ty.initial).unwrap_or(u32::MAX);
					Refusal::at_most("elements in a table", initial, MAX_TABLE_ELEMENTS)?;
				}
			}
			Payload::MemorySection(reader) => {
				for memory in reader.clone() {
					self.memory_pages = memory?.initial;
				}
			}
			Payload::GlobalSection(reader) => Refusal::at_most("globals", reader.count(), MAX_GLOBALS)?,
			Payload::ElementSection(reader) => elements(reader)?,
			Payload::DataSection(reader) => Refusal::at_most("segments of data", reader.count(), MAX_SEGMENTS)?,
			Payload::ExportSection(reader) => {
				Refusal::at_most("exports", reader.count(), MAX_EXPORTS)?;
				for export in reader.clone() {
					let export = export?;
					match (export.name, export.kind) {
						(START, ExternalKind::Func) => self.start = Some(export.index),
						(MEMORY, ExternalKind::Memory) => self.memory = true,
						_ => (),
					}
				}
			}
			Payload::CodeSectionStart { count, .. } => self.open = *count,
			_ => (),
		}
		match payload.as_section() {
			// Nothing that runs is in a custom section, and names and offsets in there would be wrong now.
			Some((CUSTOM_SECTION | CODE_SECTION, _)) | None => Ok(()),
			Some((id, range)) => {
				let data = bytes.get(range).unwrap_or_default();
				self.module.section(&RawSection { id, data });
				Ok(())
			}
		}
	}

	fn import(&mut self, import: &wasmparser::Import<'_>) -> Result<(), Refusal> {
		let unknown = || Refusal::Import {
			module: import.module.into(),
			name: import.name.into(),
		};
		let TypeRef::Func(ty) = import.ty else {
			return Err(unknown());
		};
		let entry = match import.module {
			MODULE => Entry::find(import.name).ok_or_else(unknown)?,
			_ => return Err(unknown()),
		};
		if !self.types.get(ty as usize).is_some_and(|found| entry.fits(found)) {
			return Err(Refusal::ImportType(entry.name.into()));
		}
		self.functions.push(ty);
		self.imports.push(entry);
		Ok(())
	}

	fn function(&mut self, written: &[u8]) -> Result<(), Refusal> {
		self.bytes = self.bytes.saturating_add(written.len());
		if self.bytes > MAX_REWRITTEN_BYTES {
			return Err(Refusal::GrowsTooMuch);
		}
		self.code.raw(written);
		self.open = self.open.saturating_sub(1);
		if self.open == 0 {
			self.module.section(&self.code);
		}
		Ok(())
	}

	fn finish(self, bytes: &[u8]) -> Result<Program, Refusal> {
		let start = self.start.and_then(|function| self.functions.get(function as usize));
		let plain = start
			.and_then(|ty| self.types.get(*ty as usize))
			.is_some_and(|ty| ty.params().is_empty() && ty.results().is_empty());
		match (plain, self.memory) {
			(false, _) => Err(Refusal::NoStart),
			(_, false) => Err(Refusal::NoMemory),
			_ => Ok(Program {
				hash: blake3::hash(bytes).into(),
				wasm: self.module.finish(),
				imports: self.imports,
				memory_pages: self.memory_pages,
			}),
		}
	}
}
