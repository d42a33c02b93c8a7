//! What a person at a terminal sees: progress, questions, colours.
