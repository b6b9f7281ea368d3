//! An extension module of Python: a function with a thread behind it, and an error that becomes an exception.
use pyo3::{exceptions::PyValueError, prelude::*};

#[pyfunction]
fn total(py: Python<'_>, numbers: Vec<i64>) -> PyResult<i64> {
    if numbers.is_empty() {
        return Err(PyValueError::new_err("no numbers"));
    }
    py.allow_threads(|| std::thread::spawn(move || numbers.iter().sum()).join())
        .map_err(|_| PyValueError::new_err("the thread failed"))
}

#[pymodule]
fn pinned_module(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(total, module)?)
}
