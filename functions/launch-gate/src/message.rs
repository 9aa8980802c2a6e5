//! The messages of a batch, as far as they decide what comes back.

/// A message that asked for a look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    /// The message id, which names it in the response.
    pub(crate) id: String,
    pub(crate) kind: MessageKind,
}

/// What kind of message asked for a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MessageKind {
    /// The event of the lifecycle action itself. It is the timer: while the action is open it comes back every tick.
    Launch {
        /// How often it has been received, this time included.
        receives: u32,
    },
    /// It only says "look at this instance now".
    Nudge,
    /// It says that a deployment has succeeded. It comes back until it is known whether the gate is on the group that the
    /// deployment has copied.
    Deployed,
    /// It says "look at everything that waits".
    Sweep {
        /// How often it has been received, this time included.
        receives: u32,
    },
}
