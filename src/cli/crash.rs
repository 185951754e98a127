//! Crashing on purpose, for tests: the fail points named in `FAILPOINTS`.

/// Arms the fail points of the environment. With `FAILPOINTS_ABORT` a panic kills the process on the spot, as a lost
/// machine would; without it a panic takes the way that every panic takes.
pub(super) fn setup() -> fail::FailScenario<'static> {
    if std::env::var_os("FAILPOINTS_ABORT").is_some() {
        std::panic::set_hook(Box::new(|_| std::process::abort()));
    }
    fail::FailScenario::setup()
}
