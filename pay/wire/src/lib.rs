#![doc = include_str!("../README.md")]

mod desk;
mod error;
mod frame;
mod hub;
mod limits;
mod link;
pub mod mailbox;
mod network;
mod noise;

pub use desk::{Desk, Newcomer, Verdict};
pub use error::{NotSent, WireError};
pub use frame::{Bye, Frame, FrameError, FIRST_OWN_KIND, FRAME_VERSION, HEAD, MAX_FRAME};
pub use hub::{Dropped, Told, Wire, MAX_TOLD};
pub use limits::{Backoff, Bucket, Doors, Limits};
pub use link::{answer, dial, Session};
pub use network::{BoxedPipe, Listener, MemoryNetwork, Network, Pipe, Tcp};
pub use noise::{
	open_envelope, seal_envelope, Handshake, Identity, Me, NodeKey, Opener, Peer, Sealer, ENVELOPE_OVERHEAD,
	MAX_ENVELOPE, MAX_HANDSHAKE, TAG,
};
