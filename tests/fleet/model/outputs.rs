//! How much of an output SSM keeps, and where it keeps it.

/// What `ListCommandInvocations` shows: standard output, then standard error, as the SSM Agent cuts them
/// (aws-facts 6.4). Newer agents send 2,500 bytes. Older ones send 2,400, and so does this one: where both outputs are
/// long each keeps half, so that even a report at the head may be cut.
pub(super) fn plugin_output(stdout: &str, stderr: &str) -> String {
    let title = if stderr.is_empty() { "" } else { "\n----------ERROR-------\n" };
    let room = 2_400 - title.len();
    let (out, error) = (stdout.len(), stderr.len());
    let (out, error) = match (out > room / 2, error > room / 2) {
        _ if out + error < room => (out, error),
        (true, true) => ((room - 2 * CUT_MARK) / 2, (room - 2 * CUT_MARK) / 2),
        (true, false) => (room - CUT_MARK - error, error),
        (false, _) => (out, room - CUT_MARK - out),
    };
    format!("{}{title}{}", head(stdout, out), head(stderr, error))
}

/// What the agent writes where it cut, which counts too.
const CUT_MARK: usize = 23;

pub(super) fn head(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}
