//! The stories, told on the real handler and the real SDK clients.

// `cfg(test)` on each, so that the lints know the helpers beside the tests as test code too.
#[cfg(test)]
mod local_stack;
#[cfg(test)]
mod template;
