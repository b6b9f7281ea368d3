//! A shared library with a thread-local value that has a destructor, and a panic that it catches itself.
use std::cell::RefCell;
use std::panic::catch_unwind;

thread_local! {
    static SEEN: RefCell<Vec<u32>> = const { RefCell::new(Vec::new()) };
}

#[no_mangle]
pub extern "C" fn plugin_count(limit: u32) -> u64 {
    std::panic::set_hook(Box::new(|_| {}));
    let caught = catch_unwind(|| panic!("on purpose")).is_err();
    SEEN.with(|seen| {
        seen.borrow_mut().extend(0..limit);
        seen.borrow().iter().map(|&n| u64::from(n)).sum::<u64>() + u64::from(caught)
    })
}
