//! Whole answers of the operations, on a cloud in memory.
