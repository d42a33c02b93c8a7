//! Slots that come, rot, are read, mended and deleted, on a disk that may lose what nobody said is durable.

mod checks;
mod coming;
mod crashes;
mod hostile;
mod kit;
