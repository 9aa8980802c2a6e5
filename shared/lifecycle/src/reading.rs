//! An answer of AWS, and how much it is worth.

/// An answer of AWS, or why there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading<T> {
    /// AWS was not asked yet.
    Unread,
    /// AWS was asked and did not answer: a throttle, a time-out, an error. This is never a verdict.
    Failed,
    /// A part of the answer: only the run of one command was read. A ready report in it completes the launch; nothing
    /// else may be concluded from it.
    Partial(T),
    /// An earlier answer, which the process remembers. It saves a read before something harmless.
    Remembered(T),
    /// The answer.
    Known(T),
}

impl<T> Reading<T> {
    /// The answer, if there is one: whole, partial or remembered.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) | Self::Partial(value) | Self::Remembered(value) => Some(value),
            Self::Unread | Self::Failed => None,
        }
    }

    /// Whether only a part of the answer was read.
    pub fn partial(&self) -> bool {
        matches!(self, Self::Partial(_))
    }

    /// Whether the answer is an earlier one.
    pub fn remembered(&self) -> bool {
        matches!(self, Self::Remembered(_))
    }

    /// Whether AWS was not asked yet.
    pub fn unread(&self) -> bool {
        matches!(self, Self::Unread)
    }

    /// Whether AWS was asked and did not answer.
    pub fn failed(&self) -> bool {
        matches!(self, Self::Failed)
    }

    /// The same reading of something that is made of the answer.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Reading<U> {
        match self {
            Self::Unread => Reading::Unread,
            Self::Failed => Reading::Failed,
            Self::Partial(value) => Reading::Partial(make(value)),
            Self::Remembered(value) => Reading::Remembered(make(value)),
            Self::Known(value) => Reading::Known(make(value)),
        }
    }
}
