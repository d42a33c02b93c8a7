//! What a program and a run may come to at most. All of these belong to the engine's version: a worker with other ones
//! gives other outcomes. What a job may be is the market's word.

use compute_market_primitives as market;

/// The most bytes of a program, as it is submitted.
pub const MAX_PROGRAM_BYTES: usize = market::MAX_PROGRAM_BYTES as usize;

/// The most bytes of a program once it is rewritten: a program in which all is visible grows some thirtyfold.
pub const MAX_REWRITTEN_BYTES: usize = 32 << 20;

/// The most bytes of one function's body. What compilers of native code need grows faster than a function does.
pub const MAX_BODY_BYTES: usize = 1 << 20;

/// The most bytes of one function's body once it is rewritten: what is charged for takes much more room then.
pub const MAX_REWRITTEN_BODY_BYTES: usize = 4 << 20;

/// The most targets of one `br_table`, the last one not counted. Wasmtime compiles no more.
pub const MAX_TARGETS: u32 = 65_520;

/// The most edges of a function's graph, times its locals: a compiler may carry each local along each edge.
pub const MAX_EDGES: u32 = 1 << 24;

/// The most locals of a function, parameters included.
pub const MAX_LOCALS: u32 = 20_000;

/// The most locals of all functions together: each is looked at, though it takes no byte of the program.
pub const MAX_ALL_LOCALS: u32 = 1 << 22;

/// The most types of functions.
pub const MAX_TYPES: u32 = 65_536;

/// The most parameters of a type.
pub const MAX_PARAMETERS: u32 = 255;

/// The most results of a type. One call in two bytes puts so many values on the stack, for one unit of fuel.
pub const MAX_RESULTS: u32 = 16;

/// The most values on a function's stack.
pub const MAX_HEIGHT: u32 = 16_384;

/// The most imports. The interface has 46 functions; each may be imported several times.
pub const MAX_IMPORTS: u32 = 256;

/// The most functions that a program defines.
pub const MAX_FUNCTIONS: u32 = 100_000;

/// The most globals.
pub const MAX_GLOBALS: u32 = 65_536;

/// The most exports.
pub const MAX_EXPORTS: u32 = 65_536;

/// The most tables.
pub const MAX_TABLES: u32 = 16;

/// The most elements of one table, at the start and grown.
pub const MAX_TABLE_ELEMENTS: u32 = 1 << 18;

/// The most segments of elements, and of data.
pub const MAX_SEGMENTS: u32 = 100_000;

/// The most elements of all segments together.
pub const MAX_ELEMENTS: u32 = 1 << 18;

/// The most pages of 64 KiB that a unit's memory may be allowed: 4 GiB.
pub const MAX_MEMORY_PAGES: u32 = market::MAX_MEMORY_PAGES;

/// The most bytes of a unit's input.
pub const MAX_INPUT_BYTES: usize = market::MAX_INPUT_BYTES as usize;

/// The most bytes of a unit's output.
pub const MAX_OUTPUT_BYTES: usize = market::MAX_OUTPUT_BYTES as usize;

/// How many bytes of what a program says on its second stream are kept, for people; the rest is dropped.
pub const MAX_REMARK_BYTES: usize = 64 << 10;

/// The highest fuel limit: more than any machine burns in a week.
pub const MAX_FUEL: u64 = market::MAX_FUEL;

/// The bytes of stack that a program has on each back end. Whoever needs more gets a fault, and no outcome.
pub const STACK_BYTES: usize = 4 << 20;

/// The bytes of stack beyond these, for what the host does on behalf of the program.
pub(crate) const HOST_STACK_BYTES: usize = 1 << 20;

/// What a call of the host costs, in fuel, whatever it does.
pub(crate) const CALL_FUEL: u64 = 100;

/// How many bytes are read for one unit of fuel.
pub(crate) const READ_BYTES_PER_FUEL: u64 = 16;

/// How many bytes are written for one unit of fuel. They are hashed, too.
pub(crate) const WRITE_BYTES_PER_FUEL: u64 = 8;

/// What a buffer or a subscription of a call costs besides, in fuel: it is looked at, though it be empty.
pub(crate) const VECTOR_FUEL: u64 = 16;

/// What a page of memory costs, in fuel, from the start or grown, besides what asks for it: one for each byte. The
/// machine finds room for it and clears it, once it is touched.
pub const PAGE_FUEL: u64 = 1 << 16;

/// The most buffers of one call that reads or writes, and the most subscriptions of one that waits.
pub(crate) const MAX_VECTORS: u32 = 1_024;
