//! Why a data folder cannot be used, in words.

use std::fs;
use std::io;
use std::path::Path;

use conversions_disk_log::OpenError;

/// Why a data folder cannot be used, in a sentence that says what to do.
pub(crate) fn sentence(folder: &Path, error: &OpenError) -> Option<String> {
    let shown = folder.display();
    Some(match error {
        OpenError::NoLog { .. } => no_log_sentence(folder),
        OpenError::Damaged { name, .. } if name.ends_with("status.json") => format!(
            "{name} cannot be read: it was written by another version, or is damaged; the next run of `send` or `serve` replaces it"
        ),
        OpenError::Folder { path, source } => match source.kind() {
            io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
                format!("{shown} is a file, and --data-dir takes a folder")
            }
            io::ErrorKind::PermissionDenied => format!(
                "permission denied for {}: let this user write there, name another folder with --data-dir, or run this as the \
                 user that `send` or `serve` runs as",
                path.display()
            ),
            io::ErrorKind::ReadOnlyFilesystem => format!(
                "{} cannot be written: the file system is read-only; name another folder with --data-dir",
                path.display()
            ),
            _ => format!("{} cannot be used: {source}", path.display()),
        },
        OpenError::Storage(source) if source.kind() == io::ErrorKind::PermissionDenied => format!(
            "permission denied for the files in {shown}: let this user read and write there, name another folder with \
             --data-dir, or run this as the user that `send` or `serve` runs as"
        ),
        OpenError::Storage(source) if source.kind() == io::ErrorKind::StorageFull => format!(
            "there is no space left on the disk of {shown}: make room there, or name another folder with --data-dir"
        ),
        OpenError::Storage(source) => format!("the files in {shown} cannot be used: {source}"),
        OpenError::InUse { name } => format!(
            "{name} is in use by another process that does not share it: wait until it ends, or stop it, then try again"
        ),
        _ => return None,
    })
}

/// A folder without a log is a misspelt name, a folder that was never used, or not a data folder at all.
fn no_log_sentence(folder: &Path) -> String {
    let shown = folder.display();
    match fs::read_dir(folder).map(|mut entries| entries.next()) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            format!("there is no folder {shown}: is --data-dir right?")
        }
        Ok(None) => {
            format!(
                "the folder {shown} is empty: nothing has been sent with --data-dir {shown} yet"
            )
        }
        _ => format!(
            "{shown} is not a data folder of segue: is --data-dir right? `send` and `serve` create one at their --data-dir"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_named_with_its_folder_and_a_remedy() {
        let error = OpenError::Storage(io::ErrorKind::StorageFull.into());
        let sentence = sentence(Path::new("data"), &error).unwrap_or_default();
        assert_eq!(
            sentence,
            "there is no space left on the disk of data: make room there, or name another folder with --data-dir"
        );
    }
}
