//! Reads the bundle of analytics.js that the settings name.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use conversions_ingest::BrowserBundle;
use segue_settings::Endpoint;

use crate::error::AppError;

/// Bytes that the scripts may have together; they are held in memory.
const MOST_BYTES: u64 = 20_000_000;

/// The file that the settings name, if they do, and the scripts beside it, which it may load.
pub(super) fn read(endpoint: &Endpoint) -> Result<Option<Arc<BrowserBundle>>, AppError> {
    let Some(path) = &endpoint.analytics_js else {
        return Ok(None);
    };
    let failed = |path: &Path, error: &std::io::Error| {
        AppError::Configuration(format!(
            "`analytics_js` ({}) cannot be read: {error}",
            path.display()
        ))
    };
    let mut room = MOST_BYTES;
    let mut load = |path: &Path| {
        let size = fs::metadata(path)
            .map_err(|error| failed(path, &error))?
            .len();
        room = room.checked_sub(size).ok_or_else(|| {
            AppError::Configuration(format!(
                "`analytics_js`: the scripts of its folder have more than {} MB together; give the bundle a folder of its own",
                MOST_BYTES / 1_000_000
            ))
        })?;
        fs::read(path).map_err(|error| failed(path, &error))
    };
    let mut bundle = BrowserBundle::new(load(path)?);
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    for entry in fs::read_dir(folder).map_err(|error| failed(folder, &error))? {
        let entry = entry.map_err(|error| failed(folder, &error))?.path();
        let is_script = entry.extension().is_some_and(|extension| extension == "js");
        let name = entry.file_name().and_then(|name| name.to_str());
        if let Some(name) = name.filter(|_| is_script && entry.is_file()) {
            bundle = bundle.with_chunk(name, load(&entry)?);
        }
    }
    Ok(Some(Arc::new(bundle)))
}
