//! The daemon's own work: rounds, looks, wins, uptime.
