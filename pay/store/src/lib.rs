#![doc = include_str!("../README.md")]

mod backup;
mod commit;
mod error;
mod keys;
mod lock;
pub mod measure;
mod notes;
mod records;
mod store;
mod tables;

pub use backup::{Backup, BackupError, Content, Entry, MAX_BACKUP, MAX_ENTRIES};
pub use commit::{Committed, Committer, MAX_JOINED, QUEUE};
pub use error::StoreError;
pub use keys::{verify, ChannelSigner, HotKeys, KeyOf, NODE_KEY_BYTES};
pub use lock::LOCK_FILE;
pub use notes::{Contact, Note, Reach, MAX_URL};
pub use records::Records;
pub use store::{ChannelStore, Options};
pub use tables::{BlockNumber, OrderId, MAX_ORDER, STORE_FILE};
