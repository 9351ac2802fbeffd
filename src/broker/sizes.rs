//! The most that the relay reads of a request.

/// Bytes of the head.
pub const HEAD: usize = 64 * 1024;
/// Fields of the head.
pub const FIELDS: usize = 100;
/// Bytes of the line before a chunk, and of all lines after the last one.
pub const CHUNK_LINE: usize = 4096;
/// Bytes of a body that is read to find its model.
pub const BODY: usize = 32 * 1024 * 1024;
