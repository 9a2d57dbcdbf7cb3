//! The sentinel as a process: its configuration, its start, its end by a signal, and what it uses.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anchor_lang::prelude::Pubkey;
use hyper::StatusCode;
use tokio::{net::TcpListener, time::sleep};

use super::{BenchError, estate::Small, http::ask, proxy::Proxy};
use crate::node::HOST;

/// Longest time until it is ready.
const READY: Duration = Duration::from_secs(180);
/// Longest time from SIGTERM to its end. It gives what is in flight ten seconds.
const ENDING: Duration = Duration::from_secs(20);
const LOOK: Duration = Duration::from_millis(50);
/// Clock ticks of a second in `/proc/<pid>/stat`, on every Linux.
const TICKS: f64 = 100.0;

/// What the sentinel is started with.
pub(super) struct Wiring<'a> {
    /// The binary.
    pub binary: &'a Path,
    /// Where its files are.
    pub dir: PathBuf,
    /// The key files.
    pub payer: String,
    /// The same.
    pub guardian: String,
    /// The endpoints.
    pub proxies: &'a [Proxy],
    /// Port of the receiver of alarms.
    pub alarms: u16,
    /// Further lines of the configuration, before its tables.
    pub tables: &'a str,
}

/// A sentinel.
pub(super) struct Daemon {
    binary: PathBuf,
    config: PathBuf,
    log: PathBuf,
    port: u16,
    child: Option<Child>,
}

/// What a process has used.
#[derive(Clone, Copy, Debug)]
pub(super) struct Usage {
    /// Seconds of processor time.
    pub seconds: f64,
    /// Resident memory, in bytes.
    pub memory: u64,
}

/// The name of the rule that watches an account.
pub(super) fn rule(domain: usize, account: usize) -> String {
    format!("watch-{domain}-{account}")
}

impl Daemon {
    /// Writes the configuration of a sentinel that watches these domains, and those `besides` of which it only does the
    /// duties. A state that is there already is used.
    ///
    /// # Errors
    /// [`BenchError::File`]
    pub(super) async fn new(wiring: &Wiring<'_>, smalls: &[Small], besides: &[Pubkey]) -> Result<Self, BenchError> {
        let dir = &wiring.dir;
        fs::create_dir_all(dir).map_err(|error| BenchError::file(dir, error))?;
        let port = free_port().await.map_err(|error| BenchError::file(dir, error))?;
        let config = dir.join("sentinel.toml");
        let text = text(wiring, smalls, besides, port);
        fs::write(&config, text).map_err(|error| BenchError::file(&config, error))?;
        Ok(Self {
            binary: wiring.binary.to_path_buf(),
            config,
            log: dir.join("sentinel.log"),
            port,
            child: None,
        })
    }

    /// Starts it, and waits for nothing.
    ///
    /// # Errors
    /// [`BenchError::File`]
    pub(super) fn start(&mut self) -> Result<(), BenchError> {
        let log = File::options().create(true).append(true).open(&self.log);
        let log = log.map_err(|error| BenchError::file(&self.log, error))?;
        let child = Command::new(&self.binary)
            .arg("--config")
            .arg(&self.config)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .map_err(|error| BenchError::file(&self.binary, error))?;
        self.child = Some(child);
        Ok(())
    }

    /// Waits until a quorum answers and every domain is seen.
    ///
    /// # Errors
    /// [`BenchError::Sentinel`]
    pub(super) async fn ready(&mut self) -> Result<(), BenchError> {
        let since = Instant::now();
        loop {
            if let Ok((StatusCode::OK, _)) = ask(self.port, "/ready", None).await {
                return Ok(());
            }
            if since.elapsed() > READY {
                return Err(self.broken("it was not ready in three minutes"));
            }
            self.require_alive()?;
            sleep(LOOK).await;
        }
    }

    /// Refuses if it ended by itself.
    ///
    /// # Errors
    /// [`BenchError::Sentinel`]
    pub(super) fn require_alive(&mut self) -> Result<(), BenchError> {
        let ended = self.child.as_mut().and_then(|child| child.try_wait().ok().flatten());
        match ended {
            Some(status) => Err(self.broken(&format!("it ended by itself: {status}"))),
            None => Ok(()),
        }
    }

    /// kill -9.
    ///
    /// # Errors
    /// [`BenchError::Sentinel`] if it had ended by itself.
    pub(super) fn kill(&mut self) -> Result<(), BenchError> {
        self.require_alive()?;
        self.end();
        Ok(())
    }

    fn end(&mut self) {
        if let Some(mut child) = self.child.take() {
            drop(child.kill());
            drop(child.wait());
        }
    }

    /// SIGTERM, and waits for the end.
    ///
    /// # Errors
    /// [`BenchError::Sentinel`] if it does not end with success.
    pub(super) async fn stop(&mut self) -> Result<(), BenchError> {
        self.require_alive()?;
        let Some(mut child) = self.child.take() else {
            return Ok(());
        };
        let asked = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
        asked.map_err(|error| BenchError::file(Path::new("kill"), error))?;
        let since = Instant::now();
        loop {
            match child.try_wait() {
                Ok(Some(status)) if status.success() => return Ok(()),
                Ok(None) if since.elapsed() < ENDING => sleep(LOOK).await,
                other => {
                    drop(child.kill());
                    drop(child.wait());
                    return Err(self.broken(&format!("it did not stop as asked: {other:?}")));
                }
            }
        }
    }

    /// What it has used, if it runs.
    pub(super) fn usage(&self) -> Option<Usage> {
        let pid = self.child.as_ref()?.id();
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // Behind the name, which is in brackets and may contain anything.
        let fields: Vec<&str> = stat.rsplit(')').next()?.split_whitespace().collect();
        let ticks = |at: usize| fields.get(at)?.parse::<f64>().ok();
        let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        let resident = status.lines().find(|line| line.starts_with("VmRSS:"))?;
        let kilobytes: u64 = resident.split_whitespace().nth(1)?.parse().ok()?;
        Some(Usage {
            seconds: (ticks(11)? + ticks(12)?) / TICKS,
            memory: kilobytes * 1_024,
        })
    }

    fn broken(&self, reason: &str) -> BenchError {
        BenchError::Sentinel {
            reason: reason.into(),
            log: self.log.clone(),
        }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.end();
    }
}

async fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind((HOST, 0)).await?.local_addr()?.port())
}

fn text(wiring: &Wiring<'_>, smalls: &[Small], besides: &[Pubkey], port: u16) -> String {
    let domains = smalls.iter().map(|small| small.domain).chain(besides.iter().copied());
    let domains: Vec<String> = domains.map(|domain| format!("\"{domain}\"")).collect();
    let state = wiring.dir.join("state.db");
    let mut text = format!(
        "domains = [{}]\nstate = \"sqlite://{}\"\nlisten = \"{HOST}:{port}\"\n\n[keys]\npayer = \"{}\"\nguardian = \
         \"{}\"\n\n[pausing]\nmargin = \"1s\"\nclear_after = \"2s\"\n\n{}\n",
        domains.join(", "),
        state.display(),
        wiring.payer,
        wiring.guardian,
        wiring.tables,
    );
    for (number, proxy) in wiring.proxies.iter().enumerate() {
        text += &format!(
            "[[endpoint]]\nname = \"e{number}\"\nhttp = \"http://{HOST}:{}\"\nws = \"ws://{HOST}:{}\"\n\n",
            proxy.http, proxy.ws
        );
    }
    text += &format!(
        "[[webhook]]\nname = \"bench\"\nkind = \"generic\"\nurl = \"http://{HOST}:{}/\"\nsecret = \"bench\"\nleast = \
         \"info\"\n\n",
        wiring.alarms
    );
    for (domain, small) in smalls.iter().enumerate() {
        for (place, account) in small.accounts.iter().enumerate() {
            text += &format!(
                "[[rule]]\nname = \"{}\"\nkind = \"authority\"\ndomains = [\"{}\"]\naccounts = [\"{account}\"]\nact = \
                 \"pause\"\nscope = {place}\n\n",
                rule(domain, place),
                small.domain
            );
        }
    }
    text
}
