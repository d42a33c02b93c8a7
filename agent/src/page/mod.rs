//! The page on loopback that shows the status.
