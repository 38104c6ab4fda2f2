//! The shell script that keeps a server, and how it is told what to do.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// Longer than anything takes on a slow machine; a test that waits for this fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// A process that keeps one server in a folder of its own. It ends both when this value is dropped,
/// or when this process ends in any way.
pub(super) struct Keeper {
    process: Child,
    /// None while it is being dropped.
    orders: Option<ChildStdin>,
    lines: Mutex<Receiver<String>>,
}

impl Keeper {
    /// Of a server whose programs are in this folder.
    pub(super) fn new(programs: &Path) -> Self {
        let mut process = Command::new("sh")
            .args(["-c", include_str!("keeper.sh"), "keeper"])
            .arg(programs)
            .arg("QUIT")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // An interrupt from the terminal is for the tests; the keeper has to clear away.
            .process_group(0)
            .spawn()
            .unwrap();
        let (sender, receiver) = mpsc::channel();
        let output = BufReader::new(process.stdout.take().unwrap());
        // Read to its end, whether somebody waits for it or not, so that no server ever does.
        thread::spawn(move || {
            for line in output.split(b'\n').map_while(Result::ok) {
                // Nobody listens any more while the keeper ends.
                drop(sender.send(String::from_utf8_lossy(&line).into_owned()));
            }
        });
        let orders = process.stdin.take();
        let mut keeper = Self { process, orders, lines: Mutex::new(receiver) };
        keeper.wait_for(&["keeper: folder "]);
        keeper
    }

    /// Runs a command there.
    pub(super) fn run(&mut self, command: &str) {
        self.order(&format!("do {command}"));
        let (told, before) = self.wait_for(&["keeper: did "]);
        assert_eq!(told, "keeper: did 0", "{command} says:\n{before}");
    }

    /// Starts the server. True once it prints `ready`, false if it ends.
    pub(super) fn start(&mut self, command: &str, ready: &str) -> bool {
        self.order(&format!("start {command}"));
        self.wait_for(&[ready, "keeper: ended"]).0 != "keeper: ended"
    }

    /// Ends the server with this signal, and waits until nothing is left of it.
    pub(super) fn end(&mut self, signal: &str) {
        self.order(&format!("signal {signal}"));
        self.wait_for(&["keeper: ended"]);
    }

    fn order(&mut self, order: &str) {
        // What was printed before is no answer.
        let _: usize = self.lines.get_mut().try_iter().count();
        let orders = self.orders.as_mut().unwrap();
        orders.write_all(format!("{order}\n").as_bytes()).unwrap();
    }

    /// Waits for a line that holds one of these texts. That line, and those before it.
    fn wait_for(&mut self, texts: &[&str]) -> (String, String) {
        let deadline = Instant::now() + PATIENCE;
        let mut before = String::new();
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(line) = self.lines.get_mut().recv_timeout(left) else {
                panic!("none of {texts:?} came within {PATIENCE:?}, but:\n{before}");
            };
            if texts.iter().any(|text| line.contains(text)) {
                return (line, before);
            }
            before += &line;
            before.push('\n');
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.orders.take());
        // It has nothing to tell that could still be acted on.
        drop(self.process.wait());
    }
}
