//! The directory of a localnet.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{Read, Seek, Write},
    path::{Path, PathBuf},
};

use crate::error::LocalnetError;

/// The directory of a localnet, and the files in it.
#[derive(Clone, Debug)]
pub struct Place {
    dir: PathBuf,
}

/// Held while a localnet runs. The system releases it when the process ends, however it ends.
pub struct Lock {
    _file: File,
}

impl Place {
    /// The localnet in `dir`, which need not exist.
    #[must_use]
    pub fn new(dir: &Path) -> Self {
        Self { dir: dir.to_path_buf() }
    }

    /// Creates the directory. From here on, paths are absolute: they are written into files.
    ///
    /// # Errors
    /// [`LocalnetError::File`]
    pub fn create(mut self) -> Result<Self, LocalnetError> {
        fs::create_dir_all(self.keys()).map_err(|error| LocalnetError::file(&self.dir, error))?;
        self.dir = fs::canonicalize(&self.dir).map_err(|error| LocalnetError::file(&self.dir, error))?;
        Ok(self)
    }

    /// The directory.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// What the localnet consists of. Written when its set-up is complete.
    #[must_use]
    pub fn manifest(&self) -> PathBuf {
        self.dir.join("localnet.json")
    }

    /// The configuration file that Solana's tools take with `-C`.
    #[must_use]
    pub fn config(&self) -> PathBuf {
        self.dir.join("config.yml")
    }

    /// The folder of key files.
    #[must_use]
    pub fn keys(&self) -> PathBuf {
        self.dir.join("keys")
    }

    /// The key file with a name.
    #[must_use]
    pub fn key(&self, name: &str) -> PathBuf {
        self.keys().join(name).with_extension("json")
    }

    /// What every key is derived from.
    #[must_use]
    pub fn seed(&self) -> PathBuf {
        self.dir.join("seed")
    }

    /// The node's accounts, transactions and clock.
    #[must_use]
    pub fn state(&self) -> PathBuf {
        self.dir.join("state.sqlite")
    }

    /// What the node logs.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.dir.join("node.log")
    }

    /// Refuses if another process runs on this directory.
    ///
    /// # Errors
    /// [`LocalnetError::AlreadyRunning`], [`LocalnetError::File`]
    pub fn lock(&self) -> Result<Lock, LocalnetError> {
        let path = self.dir.join("lock");
        let refused = |error: std::io::Error| LocalnetError::file(&path, error);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(refused)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut pid = String::new();
                let _ = file.read_to_string(&mut pid);
                let pid = Some(pid.trim()).filter(|pid| !pid.is_empty()).unwrap_or("unknown");
                return Err(LocalnetError::AlreadyRunning {
                    dir: self.dir.clone(),
                    pid: pid.into(),
                });
            }
            Err(TryLockError::Error(error)) => return Err(refused(error)),
        }
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| writeln!(file, "{}", std::process::id()))
            .map_err(refused)?;
        Ok(Lock { _file: file })
    }

    /// Deletes the state and the keys. The caller holds the lock.
    ///
    /// # Errors
    /// [`LocalnetError::File`]
    pub fn clear(&self) -> Result<(), LocalnetError> {
        let state = self.state();
        let beside = |suffix: &str| {
            let mut path = state.clone().into_os_string();
            path.push(suffix);
            PathBuf::from(path)
        };
        // The manifest first: without it, the next start begins anew.
        let files = [
            self.manifest(),
            self.config(),
            beside("-wal"),
            beside("-shm"),
            state.clone(),
            self.seed(),
            self.log(),
        ];
        for path in files.into_iter().filter(|path| path.exists()) {
            fs::remove_file(&path).map_err(|error| LocalnetError::file(&path, error))?;
        }
        let keys = self.keys();
        let found = fs::read_dir(&keys).map_err(|error| LocalnetError::file(&keys, error))?;
        for entry in found
            .flatten()
            .filter(|entry| entry.path().extension().is_some_and(|end| end == "json"))
        {
            fs::remove_file(entry.path()).map_err(|error| LocalnetError::file(&entry.path(), error))?;
        }
        Ok(())
    }
}

/// Writes a file as a whole: whoever reads it sees the old one or the new one.
///
/// # Errors
/// [`LocalnetError::File`]
pub fn write(path: &Path, content: &str, is_secret: bool) -> Result<(), LocalnetError> {
    let refused = |error: std::io::Error| LocalnetError::file(path, error);
    let new = path.with_extension("new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    if is_secret {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(&new).map_err(refused)?;
    file.write_all(content.as_bytes()).map_err(refused)?;
    fs::rename(&new, path).map_err(refused)
}
