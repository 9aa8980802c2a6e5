//! The stories, told on the real handler and the real SDK clients.

mod readiness_document;
