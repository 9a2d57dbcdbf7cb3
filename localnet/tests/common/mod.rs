//! Runs the built command, as a newcomer would.
#![allow(dead_code, clippy::unwrap_used, clippy::panic)]

use std::{
    io::{BufRead, BufReader},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::Duration,
};

use bulkhead_localnet::{
    keys::{Keyring, PAYER},
    manifest::Manifest,
    place::Place,
    rpc::Rpc,
    sample::cast::Cast,
};

/// How long a line is waited for. A start takes seconds, on a busy machine many.
const PATIENCE: Duration = Duration::from_secs(180);

pub fn programs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/deploy")
}

/// A port that nobody listens on now.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The command, with a directory.
pub fn command(dir: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bulkhead-localnet"));
    command.arg("--dir").arg(dir).args(arguments);
    command
}

/// Runs a command that ends by itself.
pub fn answer(dir: &Path, arguments: &[&str]) -> Output {
    command(dir, arguments).output().unwrap()
}

/// The same, for one that succeeds.
pub fn text(dir: &Path, arguments: &[&str]) -> String {
    let output = answer(dir, arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The same, for one that fails.
pub fn refusal(dir: &Path, arguments: &[&str]) -> String {
    let output = answer(dir, arguments);
    assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stderr).unwrap()
}

/// A running localnet. It is killed when it is dropped.
pub struct Localnet {
    pub dir: PathBuf,
    pub ports: (u16, u16),
    child: Child,
    lines: Receiver<String>,
}

impl Localnet {
    /// Starts one, and waits until it is ready.
    pub fn start(dir: &Path, more: &[&str]) -> Self {
        let mut localnet = Self::begin(dir, more);
        localnet.wait_for("stop it with Ctrl-C");
        localnet
    }

    /// Starts one, and waits for nothing.
    pub fn begin(dir: &Path, more: &[&str]) -> Self {
        let ports = (free_port(), free_port());
        let mut command = command(dir, &["run"]);
        if !more.contains(&"--programs") {
            command.arg("--programs").arg(programs());
        }
        command
            .args(["--rpc-port", &ports.0.to_string(), "--ws-port", &ports.1.to_string()])
            .args(more)
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit());
        let mut child = command.spawn().unwrap();
        let (sender, lines) = mpsc::channel();
        let output = BufReader::new(child.stdout.take().unwrap());
        thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Self {
            dir: dir.to_path_buf(),
            ports,
            child,
            lines,
        }
    }

    /// Waits for a line that contains `part`, and returns all lines until then.
    pub fn wait_for(&mut self, part: &str) -> Vec<String> {
        let mut seen = Vec::new();
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => seen.push(line),
                Err(_) => panic!("{part:?} was not printed, only {seen:#?}"),
            }
            if seen.last().is_some_and(|line| line.contains(part)) {
                return seen;
            }
        }
    }

    pub fn place(&self) -> Place {
        Place::new(&self.dir)
    }

    pub fn manifest(&self) -> Manifest {
        Manifest::read(&self.place()).unwrap()
    }

    pub fn rpc(&self) -> Rpc {
        let payer = Keyring::open(&self.place()).unwrap().key(PAYER);
        Rpc::new(self.manifest().url, payer)
    }

    pub fn cast(&self) -> Cast {
        Cast::new(Keyring::open(&self.place()).unwrap(), self.manifest().positions.count)
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Ctrl-C, and waits for the end.
    pub fn stop(mut self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
        self.wait_for("stopped; the state is saved");
        assert!(self.child.wait().unwrap().success());
    }

    /// kill -9, and waits for the end.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Localnet {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
