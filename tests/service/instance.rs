//! One process of the service.

use std::fs::{self, OpenOptions};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long a test waits for what must come: generous, because a busy machine is not a wrong one.
pub(crate) const WITHIN: Duration = Duration::from_mins(2);

/// Waits until there is something; `what` and `shown` say what was missing.
pub(crate) fn await_some<T>(what: &str, mut look: impl FnMut() -> Result<T, String>) -> T {
    let deadline = Instant::now() + WITHIN;
    loop {
        match look() {
            Ok(found) => return found,
            Err(shown) if Instant::now() >= deadline => panic!("not within {WITHIN:?}: {what}; {shown}"),
            Err(_) => thread::sleep(Duration::from_millis(50)),
        }
    }
}

/// The program, away from the settings of whoever runs the tests.
pub(crate) fn wirefold() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wirefold"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("WIREFOLD_")) {
        command.env_remove(name);
    }
    command.stdin(Stdio::null());
    command
}

/// A running process that logs to a file. It is killed when the test is done with it.
pub(crate) struct Process {
    child: Child,
    log: PathBuf,
    /// Where its own part of the log begins.
    begin: usize,
}

impl Process {
    pub(crate) fn spawn(mut command: Command, log: &Path) -> Self {
        let file = OpenOptions::new().create(true).append(true).open(log).expect("the log can be written");
        let begin = file.metadata().expect("the log has a size").len() as usize;
        let child = command.stderr(file).spawn().expect("the program starts");
        Self { child, log: log.to_owned(), begin }
    }

    /// Sends a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status();
        assert!(sent.expect("kill runs").success(), "the process is gone; its log ends:\n{}", tail(&self.log));
    }

    /// Ends it at once, as a power cut would.
    pub(crate) fn kill(mut self) {
        assert!(self.exited().is_none(), "it has ended before; its log ends:\n{}", tail(&self.log));
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it ends");
    }

    /// How it has ended, if it has.
    pub(crate) fn exited(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("the process can be asked")
    }

    /// Waits for its end.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        await_some("the end of a process", || self.exited().ok_or_else(|| "it runs".to_owned()))
    }

    /// Stops it in good order.
    pub(crate) fn stop(mut self) {
        self.signal("TERM");
        let status = self.wait();
        assert!(status.success(), "stopped by SIGTERM it ended with {status}; its log ends:\n{}", tail(&self.log));
    }

    /// What it has logged.
    pub(crate) fn logged(&self) -> String {
        let log = fs::read(&self.log).expect("the log can be read");
        String::from_utf8_lossy(&log[self.begin..]).into_owned()
    }

    /// Waits until it has logged this.
    pub(crate) fn await_logged(&self, text: &str) {
        await_some(text, || self.logged().contains(text).then_some(()).ok_or_else(|| tail(&self.log)));
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Says something that is heard although the test passes: what macros print is kept back then.
pub(crate) fn say(text: &str) {
    writeln!(std::io::stderr(), "{text}").expect("standard error can be written");
}

/// The end of a log.
pub(crate) fn tail(log: &Path) -> String {
    let text = String::from_utf8_lossy(&fs::read(log).unwrap_or_default()).into_owned();
    // While a broker is away the client says so over and over.
    let lines: Vec<&str> = text.lines().filter(|line| !line.contains("AllBrokersDown")).collect();
    lines[lines.len().saturating_sub(100)..].join("\n")
}

/// Status and body of a page on this port; none where nobody listens.
pub(crate) fn page(port: u16, path: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(WITHIN)).expect("a time-out can be set");
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned()))
}
