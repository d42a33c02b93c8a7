//! Units: run at home, what they read, what they wrote.

pub(crate) mod home;
pub(crate) mod outputs;
pub(crate) mod parcel;
