//! What is in a volume: the bytes of its files in path order, pages of entries among them, an index of the pages, a
//! footer.
//!
//! A page follows the files that it describes, so that neither writing nor reading holds more than one. All of it lies
//! within the encrypted volume.

mod entry;
mod order;
mod pages;

pub use entry::{shown, Entry, Kind, Meta, MAX_LINK, MAX_PATH};
pub use order::Order;
pub(crate) use pages::Pager;
pub use pages::{Footer, Index, Page, FOOTER, MAX_PAGES, PAGE, PAGE_ITEM};
