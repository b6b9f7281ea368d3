// Runs a few lines of Python in this process: a database in memory, a hash, C data types.
use pyo3::ffi::c_str;
use pyo3::prelude::*;
use pyo3::types::PyDict;

fn main() -> PyResult<()> {
    pyo3::prepare_freethreaded_python();
    Python::with_gil(|python| {
        let names = PyDict::new(python);
        python.run(
            c_str!(
                "import ctypes, hashlib, platform, sqlite3, ssl\n\
                 rows = sqlite3.connect(':memory:').execute('select 6 * 7').fetchall()\n\
                 digest = hashlib.sha256(b'symver').hexdigest()[:8]\n\
                 text = f'Python {platform.python_version()}, {ssl.OPENSSL_VERSION.split()[1]}, '\\\n\
                 f'{rows[0][0]}, {digest}, {ctypes.sizeof(ctypes.c_long)}'"
            ),
            None,
            Some(&names),
        )?;
        println!("{}", names.get_item("text")?.unwrap());
        Ok(())
    })
}
