//! What befalls machines: death, parted networks, full disks, wrong clocks.

mod clocks;
mod disk;
mod kills;
mod partition;
