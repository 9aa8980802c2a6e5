//! Why a timeline could not be read or drawn.

use std::io;

/// Why a timeline could not be read or drawn.
#[derive(Debug, thiserror::Error)]
pub enum TimelineError {
    /// A file that cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// A file that is not a timeline.
    #[error("{path}: {key}: {cause}")]
    Content {
        /// Which.
        path: String,
        /// The key that is wrong, such as `lanes[0].rows[2].spans[1].state`.
        key: String,
        /// What is wrong with it.
        cause: String,
    },
    /// The library could not draw it.
    #[error("{path}: it could not be drawn: {cause}")]
    Drawing {
        /// The picture.
        path: String,
        /// What the library said.
        cause: String,
    },
}
