//! A process of the program.

use std::fs::{self, OpenOptions};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long a test waits for an expected event. Generous, because the machine may be busy.
pub(crate) const WITHIN: Duration = Duration::from_mins(2);

/// Waits until `look` succeeds. A time-out reports `what` was awaited and the last error of `look`.
pub(crate) fn wait_for<T>(what: &str, mut look: impl FnMut() -> Result<T, String>) -> T {
    let deadline = Instant::now() + WITHIN;
    loop {
        match look() {
            Ok(found) => return found,
            Err(last) if Instant::now() >= deadline => panic!("waited {WITHIN:?} for {what}; {last}"),
            Err(_) => thread::sleep(Duration::from_millis(50)),
        }
    }
}

/// The program, without the settings in the environment of the tests.
pub(crate) fn wirefold() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wirefold"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("WIREFOLD_")) {
        command.env_remove(name);
    }
    command.stdin(Stdio::null());
    command
}

/// A running process that logs to a file. It is killed when it is dropped.
pub(crate) struct Process {
    child: Child,
    log: PathBuf,
    /// Where the log of this process begins in the file.
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
        assert!(sent.expect("kill runs").success(), "the process has exited; the end of its log:\n{}", tail(&self.log));
    }

    /// Kills it with SIGKILL.
    pub(crate) fn kill(mut self) {
        assert!(self.exited().is_none(), "it had exited already; the end of its log:\n{}", tail(&self.log));
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it ends");
    }

    /// Its exit status; none while it runs.
    pub(crate) fn exited(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("the status of the process")
    }

    /// Waits until it exits.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        wait_for("a process to exit", || self.exited().ok_or_else(|| "it is still running".to_owned()))
    }

    /// Stops it by SIGTERM and expects success.
    pub(crate) fn stop(mut self) {
        self.signal("TERM");
        let status = self.wait();
        assert!(status.success(), "after SIGTERM it exited with {status}; the end of its log:\n{}", tail(&self.log));
    }

    /// Its log so far.
    pub(crate) fn logged(&self) -> String {
        let log = fs::read(&self.log).expect("the log can be read");
        String::from_utf8_lossy(&log[self.begin..]).into_owned()
    }

    /// Waits until its log contains this text.
    pub(crate) fn await_logged(&self, text: &str) {
        wait_for(text, || self.logged().contains(text).then_some(()).ok_or_else(|| tail(&self.log)));
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have exited already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Prints a line to standard error even if the test passes: the harness captures what macros print.
pub(crate) fn print(text: &str) {
    writeln!(std::io::stderr(), "{text}").expect("standard error can be written");
}

/// The end of a log.
pub(crate) fn tail(log: &Path) -> String {
    let text = String::from_utf8_lossy(&fs::read(log).unwrap_or_default()).into_owned();
    // While a broker is down the client repeats this message.
    let lines: Vec<&str> = text.lines().filter(|line| !line.contains("AllBrokersDown")).collect();
    lines[lines.len().saturating_sub(100)..].join("\n")
}

/// Status and body of a page on this port; none where nothing listens.
pub(crate) fn page(port: u16, path: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(WITHIN)).expect("a time-out can be set");
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned()))
}
