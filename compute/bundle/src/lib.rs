#![doc = include_str!("../README.md")]

mod index;
mod keep;
mod outputs;
mod reader;
mod source;
mod tree;
mod write;

pub use index::{head, Head, Index, IndexError, Range, ENTRY_BYTES, HEAD_BYTES, MAX_RANGE, MAX_UNITS};
pub use keep::{send, Kept, Memory};
pub use outputs::{whole, Joined, OutputError, Outputs, MAX_OUTPUT};
pub use reader::{ReadError, Reader};
pub use source::{Among, AtDevice, Fetch, Source, SourceError, Streams};
pub use tree::Tree;
pub use write::{WriteError, Writer};
