//! `roster copy`.

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use roster_relational::copy::{Copied, Side, Target, copy as copy_all};

use crate::copy_args::{CopyArgs, Place};
use crate::copy_watch::Progress;
use crate::data_folder::DataFolder;
use crate::output;

/// `roster copy --from PLACE --to PLACE`. It waits on the thread that it is called on.
pub(crate) fn copy(args: &CopyArgs) -> anyhow::Result<()> {
    let CopyArgs { from, to, pooler } = args;
    let source = Source::open(from, *pooler)?;
    let target = Sink::open(to, *pooler, from)?;
    let mut progress = Progress::new();
    let copied = copy_all(&*source.side, &*target.side, &mut progress);
    progress.end();
    let copied = copied.with_context(|| format!("copying {from} to {to}"))?;
    let rows: Vec<_> = copied.iter().map(row).collect();
    output::print_table(["TABLE", "ROWS", "CHECKSUM"], &rows)?;
    output::print(&format!("copied {from} to {to}\n{}", about_the_key(from, to, &copied)))
}

/// What is copied, and what keeps servers off it meanwhile.
struct Source {
    side: Box<dyn Side>,
    _lock: Option<File>,
}

impl Source {
    fn open(place: &Place, pooler: bool) -> anyhow::Result<Self> {
        match place {
            Place::Folder(path) => {
                let folder = DataFolder::at(path);
                if !folder.is_there() {
                    bail!("there are no roster data in {place}, which --from names");
                }
                let lock = lock(&folder)?;
                let side = Box::new(roster_sqlite::CopySource::open(&folder.database())?);
                Ok(Self { side, _lock: Some(lock) })
            }
            Place::Database(url) => {
                let side = Box::new(roster_postgres::CopySource::open(url, pooler)?);
                Ok(Self { side, _lock: None })
            }
        }
    }
}

/// Where the copy is made, and what keeps servers off it meanwhile.
struct Sink {
    side: Box<dyn Target>,
    _lock: Option<File>,
}

impl Sink {
    fn open(place: &Place, pooler: bool, source: &Place) -> anyhow::Result<Self> {
        match place {
            Place::Folder(path) => {
                let folder = DataFolder::make(path)?;
                if is_same(&folder, source) {
                    bail!("--from and --to name the same folder, {place}");
                }
                let lock = lock(&folder)?;
                let side = Box::new(roster_sqlite::CopyTarget::open(&folder.database())?);
                Ok(Self { side, _lock: Some(lock) })
            }
            Place::Database(url) => {
                let side = Box::new(roster_postgres::CopyTarget::open(url, pooler)?);
                Ok(Self { side, _lock: None })
            }
        }
    }
}

/// Keeps servers off a folder.
fn lock(folder: &DataFolder) -> anyhow::Result<File> {
    match folder.try_lock()? {
        Some(lock) => Ok(lock),
        None => bail!(
            "another roster serves or copies the data folder {}; stop it, then copy",
            folder.name()
        ),
    }
}

fn is_same(folder: &DataFolder, source: &Place) -> bool {
    let Place::Folder(source) = source else { return false };
    let real = |path: &Path| path.canonicalize().ok();
    real(source).is_some_and(|source| Some(source) == real(folder.path()))
}

fn row(copied: &Copied) -> [String; 3] {
    [copied.table.to_owned(), copied.sum.rows.to_string(), "ok".to_owned()]
}

/// Where the key is that the copy is sealed with, if anything was ever sealed.
fn about_the_key(from: &Place, to: &Place, copied: &[Copied]) -> String {
    if !copied.iter().any(|copied| copied.table == "sealing_key" && copied.sum.rows > 0) {
        return String::new();
    }
    let file = match from {
        Place::Folder(path) => Some(DataFolder::at(path).key_file()).filter(|file| file.exists()),
        Place::Database(_) => None,
    };
    let file = file.map_or_else(
        || {
            "the file that its servers were given with --key-file, or sealing.key in their data \
            folder"
                .to_owned()
        },
        |file: PathBuf| file.display().to_string(),
    );
    let use_it = match to {
        Place::Folder(path) => {
            let own = DataFolder::at(path).key_file();
            format!("put it at {}, or name it with --key-file", own.display())
        }
        Place::Database(_) => "every server there needs it: name it with --key-file".to_owned(),
    };
    format!(
        "the key that opens sensitive values and signs webhooks is no part of the data and was not \
         copied. It is {file}; {use_it}\n"
    )
}
