//! Threads that step back for those that answer.

/// How far a thread steps back, as a nice value: each step takes about a tenth of its share of a
/// processor that others want, too.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Niceness {
    /// Somebody may have to wait for it later.
    Little = 5,
    /// It may fall behind.
    Much = 10,
}

/// Has the thread that calls this step back for others from now on.
#[cfg(target_os = "linux")]
pub(crate) fn step_back(niceness: Niceness) {
    use rustix::process::{getpriority_process, setpriority_process};

    // On Linux this is about the thread, not the process. One that is nicer already stays so.
    let stepped = getpriority_process(None)
        .and_then(|nice| setpriority_process(None, nice.max(niceness as i32)));
    if let Err(error) = stepped {
        tracing::debug!(%error, "a thread could not step back");
    }
}

/// Elsewhere a priority is that of the whole process.
#[cfg(not(target_os = "linux"))]
pub(crate) fn step_back(_: Niceness) {}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_thread_steps_back_alone() {
        let nice = || rustix::process::getpriority_process(None).unwrap();
        let before = nice();
        let other = std::thread::spawn(move || {
            step_back(Niceness::Much);
            nice()
        });
        assert_eq!(other.join().unwrap(), before.max(10));
        assert_eq!(nice(), before);
    }
}
