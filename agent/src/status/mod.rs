//! What a running agent says of itself, as JSON and metrics.
